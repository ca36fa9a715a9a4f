"""Texts that somebody may type as an update rule: good ones, spoiled ones, and attacks."""

import random
from collections.abc import Callable, Iterator

from inputs import NAMES, formulas, unicode
from test_expressions import ALPHABET, NASTY, grown, mutated

from gdviz.optimize.typed_rules import KNOWN, OTHERS, RULE_EXAMPLES, TAKEN

WORDS = [*"xgtvmeklx", *KNOWN, *NAMES, *sorted(OTHERS), *sorted(TAKEN), "X", "rule", "n0_", "h_lr"]
MARKS = ["=", "=", "==", "+=", ":=", "<-", " = ", "=\n", "= =", ""]


def good(rng: random.Random) -> str:
    """A rule that is one, of lines that some of which have memories and knobs."""
    names = rng.sample(["v", "m", "u", "s", "w"], rng.randint(0, 4))
    knobs = {f"k{i}": rng.choice(["0.5", "1e-3", "-2", "3/4"]) for i in range(rng.randint(0, 3))}
    known = rng.sample(sorted(KNOWN), 2)
    lines = [f"{name} = {value}" for name, value in knobs.items()]
    for name in [*names, "x"]:
        side = grown(rng, rng.randint(1, 2)).replace("y", rng.choice(["g", *names, *known]))
        own = rng.choice([f"{name} - {known[0]}*g", f"{known[1]}*{name} + g", name])
        lines.append(f"{name} = {own} + {side}" + "".join(f" + {k}" for k in knobs))
    return rng.choice(["\n", "; ", ";", "\r\n"]).join(lines)


def assignments(rng: random.Random) -> str:
    """Lines of any names, marks and formulas."""
    sides = list(formulas(rng.randrange(10**9), rng.randint(1, 6)))
    lines = [f"{rng.choice(WORDS)}{rng.choice(MARKS)}{side}" for side in sides]
    return rng.choice(["\n", ";"]).join(lines)


def large(rng: random.Random) -> str:
    """More of something than fits."""
    count = rng.choice([5, 17, 100, 10_000])
    piece = rng.choice(
        ["x = x - g;", "m{i} = m{i} + g;", "k{i} = {i};", "x=x;", ";", "\n", "#", "x = x*x*x*x;"]
    )
    return "".join(piece.replace("{i}", str(i)) for i in range(count)) + "x = x - lr*g"


def powers(rng: random.Random) -> str:
    """Powers of powers over several lines, and numbers that have no end."""
    base = rng.choice(["x", "9", "g", "(x+g)", "1e9", "-x", "lr", "t"])
    ups = "".join(f"**{rng.choice(['2', '8', '9', '-1', '0.5', 't', '1e9', 'x'])}" for _ in "123")
    lines = [f"a{i} = a{i - 1 if i else 0}*a{i - 1 if i else 0} + g" for i in range(3)]
    return "\n".join([*lines[: rng.randint(0, 3)], f"x = x - {base}{ups}"])


def spoiled(rng: random.Random) -> str:
    """An example with a few characters of something else in it."""
    return mutated(rng, rng.choice(list(RULE_EXAMPLES.values())))


def nasty(rng: random.Random) -> str:
    """An attack on an interpreter as a line, as a right side, or as a name."""
    attack = rng.choice(NASTY)[: rng.choice([60, 2000])]
    form = rng.choice(["x = {a}", "{a} = x", "{a}", "x = x - lr*g; {a}", "v = {a}\nx = x - v"])
    return form.replace("{a}", attack)


def junk(rng: random.Random) -> str:
    """Signs of a rule in any order."""
    return "".join(rng.choice([*ALPHABET, "=", "\n", "x = "]) for _ in range(rng.randint(1, 80)))


KINDS: list[tuple[int, Callable[[random.Random], str]]] = [
    (20, good),
    (20, lambda rng: mutated(rng, good(rng))),
    (12, spoiled),
    (16, assignments),
    (6, large),
    (8, powers),
    (10, nasty),
    (4, unicode),
    (4, junk),
]


def rule_texts(seed: int, amount: int) -> Iterator[str]:
    """Yield texts of every kind."""
    rng = random.Random(seed)
    weights, kinds = zip(*KINDS, strict=True)
    for _ in range(amount):
        yield rng.choices(kinds, weights)[0](rng)
