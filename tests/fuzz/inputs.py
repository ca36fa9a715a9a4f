"""Hostile input, made by code from a seed: formulas, links, states of components."""

import math
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from test_expressions import ALPHABET, NASTY, grown, mutated

from gdviz.expressions.parse import ARITY
from gdviz.knobs import Choice, Choices, Range, Switch, Text, knobs

# --- formulas --------------------------------------------------------------------------------

ATOMS = ["x", "y", "2", "0.5", "9" * 30, "1e300", "1e-300", "pi", "e", "0", "-1", "64", "0x10"]
NAMES = ["__import__", "eval", "exec", "open", "getattr", "globals", "__class__", "lambda", "self"]
NAMES += ["np", "os", "sys", "vars", "dir", "type", "object", "print", "breakpoint", "nan", "inf"]


def powers(rng: random.Random) -> str:
    """Powers of powers, with brackets or without."""
    base = rng.choice(["x", "9", "(x+y)", "exp(x)", "1e9", "-x"])
    ups = [
        rng.choice(["2", "9", "64", "65", "x", "y", "1e9", "0.5", "-1", "(1/3)"]) for _ in "1234"
    ]
    count = rng.randint(1, 60)
    if rng.random() < 0.5:
        return base + "".join(f"**{rng.choice(ups)}" for _ in range(count))
    return "(" * count + base + "".join(f")**{rng.choice(ups)}" for _ in range(count))


def chain(rng: random.Random) -> str:
    """A long chain of one sign."""
    return rng.choice(["+", "-", "*", "/", "**", ",", "^", " "]).join(
        rng.choice(ATOMS) for _ in range(rng.randint(2, 120))
    )


def nest(rng: random.Random) -> str:
    """Functions or brackets in each other."""
    deep = rng.choice([3, 8, 11, 12, 13, 60])
    heads = [f"{rng.choice([*ARITY, *NAMES, ''])}(" for _ in range(deep)]
    tails = [rng.choice([")", f",{rng.choice(ATOMS)})", ")**2", "*x)"]) for _ in range(deep)]
    return "".join(heads) + rng.choice(ATOMS) + "".join(tails)


def call(rng: random.Random) -> str:
    """Something that a formula has no business to call or to read."""
    name = rng.choice(NAMES)
    form = "{n}({a}) x.{n} {n} {n}.{n}({a}) ({n}:={a}) {n}=x {n}*x x[{n}] {{{n}}} @{n} {n}!".split(
        " "
    )
    return rng.choice(form).format(n=name, a=rng.choice([*ATOMS, "'a'", '"id"']))


def unicode(rng: random.Random) -> str:
    """Any characters, also those that no file could hold."""
    planes = [(0, 128), (128, 0x800), (0x2000, 0x2100), (0xD800, 0xE000), (0x1F600, 0x1F650)]
    low, high = rng.choice(planes)
    size = rng.choice([1, 5, 40, 301, 3000])
    return "".join(chr(rng.randrange(low, high)) for _ in range(size))


def junk(rng: random.Random) -> str:
    """Bytes read as Latin-1, or signs of a formula in any order."""
    if rng.random() < 0.5:
        return rng.randbytes(rng.randint(1, 200)).decode("latin-1")
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(1, 80)))


def tokens(rng: random.Random) -> str:
    """Valid tokens in any order."""
    words = [*ATOMS[:8], *ARITY, *"+-*/(),", "**", "^", "(", ")"]
    return rng.choice(["", " "]).join(rng.choice(words) for _ in range(rng.randint(1, 40)))


KINDS: list[tuple[int, Callable[[random.Random], str]]] = [
    (14, lambda rng: grown(rng, rng.randint(1, 3))),
    (30, lambda rng: mutated(rng, grown(rng, rng.randint(1, 3)))),
    (12, lambda rng: mutated(rng, rng.choice(NASTY))),
    (8, powers),
    (6, chain),
    (8, nest),
    (8, call),
    (4, unicode),
    (6, junk),
    (14, tokens),
]


def formulas(seed: int, amount: int) -> Iterator[str]:
    """Yield formulas of every kind."""
    rng = random.Random(seed)
    weights, kinds = zip(*KINDS, strict=True)
    for _ in range(amount):
        yield rng.choices(kinds, weights)[0](rng)


# --- values and links ----------------------------------------------------------------------------

WORDS = ["", "nan", "inf", "-inf", "1e999", "-1e300", "9" * 400, "0", "-0.0", "1e-320", "1_0", "¹"]
WORDS += [
    "abc",
    "true",
    "None",
    "[]",
    "{}",
    "null",
    "x" * 3000,
    "(" * 900,
    "<script>alert(1)</script>",
]
WORDS += [
    "__import__('os')",
    "../../etc/passwd",
    "\x00",
    "\u202e",
    "%s%n",
    "=1+1",
    "${7*7}",
    "1,2;3,4",
]
HANDS = [
    "start",
    "a",
    "b",
    "point0",
    "p3",
    "start0",
    "start9",
    "burn",
    "you",
    "w",
    "q",
    "x" * 40,
    "",
]


def corner(kind: Any, rng: random.Random) -> Any:
    """Return a value at the edge of what a knob takes, the dearest more often."""
    if isinstance(kind, Range):
        value = kind.lo if rng.random() < 0.35 else kind.hi
        return str(int(value) if float(value).is_integer() else value)
    if isinstance(kind, Choice):
        return rng.choice(list(kind.options))
    if isinstance(kind, Choices):
        return rng.sample(list(kind.options), min(kind.most, len(kind.options)))
    if isinstance(kind, Switch):
        return rng.choice(["true", "false"])
    return ""


def text_for(kind: Text, rng: random.Random) -> str:
    """Return a text that looks like what some page reads: a formula, numbers, points."""
    makers = [
        lambda: grown(rng, 2).replace("y", "x"),
        lambda: next(formulas(rng.randrange(10**6), 1)),
        lambda: rng.choice(WORDS),
        lambda: ";".join(f"{rng.uniform(-9, 9):.3g},{rng.uniform(-9, 9):.3g}" for _ in range(9)),
        lambda: ",".join(str(rng.choice([0, 1, -1, 1e300, 8, 1e-9])) for _ in range(12)),
    ]
    return rng.choice(makers)()[: kind.most + rng.choice([0, 0, 0, 1])]


def garbled(owner: type, rng: random.Random, prefix: str = "") -> str:
    """Return a query for settings: edges, garbage, doubles and strangers, some of it not UTF-8."""
    pairs: list[tuple[str, Any]] = []
    spoiled = rng.choice([0.0, 0.1, 0.5, 1.0])
    for name, knob in knobs(owner).items():
        if rng.random() < 0.2:
            continue
        value = text_for(knob.kind, rng) if isinstance(knob.kind, Text) else corner(knob.kind, rng)
        if rng.random() < spoiled:
            value = rng.choice([rng.choice(WORDS), [rng.choice(WORDS), rng.choice(WORDS)]])
        pairs.append((prefix + name, value))
    for _ in range(rng.randint(0, 3)):
        pairs.append(
            (rng.choice([*WORDS[:20], "points", "past", "unit", "adam_lr", "lecture"]), "1")
        )
    if rng.random() < 0.5:
        where = [
            rng.choice(["1", "-3", "1e299", "nan", "inf", "0", "abc", "9" * 400]) for _ in "xy"
        ]
        pairs.append(("hand", ",".join([rng.choice(HANDS), *where])))
    rng.shuffle(pairs)
    query = urlencode(pairs, doseq=True, errors="replace")
    if rng.random() < 0.1:
        query = mutated(rng, query).encode("utf-8", "replace").decode()
    return query if rng.random() < 0.9 else query + "&" + quote(rng.randbytes(20))


# --- what a component may say --------------------------------------------------------------------

NUMBERS = [
    0,
    1,
    -1,
    0.5,
    1e300,
    -1e300,
    1e308,
    10**400,
    math.nan,
    math.inf,
    -math.inf,
    True,
    None,
    "1",
]


def forged(rng: random.Random, deep: int = 3) -> Any:
    """Return anything that JSON, or a forger, can put where a component's state is read."""
    kind = rng.randrange(9 if deep else 5)
    if kind < 3:
        return rng.choice(NUMBERS)
    if kind == 3:
        return rng.choice([*WORDS, *HANDS])
    if kind == 4:
        return "x" * rng.choice([0, 41, 1_000_000]) if rng.random() < 0.02 else rng.choice(HANDS)
    if kind == 5:
        return [forged(rng, deep - 1) for _ in range(rng.choice([0, 1, 3, 50]))]
    names = ["hand", "step", "x", "y", "v", "n", "id", "down", "shift", "k", "of", "value", ""]
    chosen = rng.sample(names, rng.randint(0, len(names)))
    return {name: forged(rng, deep - 1) for name in chosen}


def likely(rng: random.Random) -> dict[str, Any]:
    """Return a forged state of the right shape, with wrong or huge numbers in it."""
    number = lambda: rng.choice([*NUMBERS, rng.uniform(-1e3, 1e3), rng.uniform(-2, 2)])  # noqa: E731
    hand = {
        "id": rng.choice(HANDS),
        "x": number(),
        "y": number(),
        "n": rng.choice([1, 2, number()]),
    }
    hand |= {
        "v": number(),
        "down": rng.choice([True, False, None, 1]),
        "shift": rng.choice([0, True]),
    }
    step = {"k": rng.choice([0, 5, 10**9, number()]), "of": rng.choice([0, 60, number()])}
    return {"hand": hand, "step": step}


def nested(deep: int) -> Any:
    """Return lists in lists."""
    value: Any = 1
    for _ in range(deep):
        value = [value]
    return value
