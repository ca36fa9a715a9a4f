"""Formulas with poles, jumps, kinks, holes and overflow, drawn at random; most are legal."""

import random

LAWS = "sin cos tan exp log sqrt abs sign floor ceil heaviside tanh asin acosh gamma erf".split()
SHAPES = [
    "1/({u})",
    "1/({u})**2",
    "{k}/sin({u})",
    "tan({k}*{u})",
    "log(abs({u}))",
    "log({u})",
    "sqrt({u})",
    "({u})**({v})",
    "abs({u})**(-0.5)",
    "{law}(1/({u}))",
    "abs(sin({k}/({u})))",
    "floor({k}*{u})",
    "mod({u}, {k})",
    "heaviside({u})",
    "heaviside({u})/({v})",
    "sign({u})*{v}",
    "exp({k}*({u})**2)",
    "exp(-{k}*({u})**2)",
    "exp(exp({u}))",
    "gamma({u})",
    "atan2({u}, {v})",
    "acosh({u})",
    "asin({k}*{u})",
    "max({u}, 1/({v}))",
    "min({u}, {k})",
    "({u})/({u})",
    "0*({u})",
    "{big}*({u})",
    "({u})**{n}",
    "{k}",
    "{law}({u})",
    "{law}({u}) + {law}({v})",
    "({u})*({v})",
    "({u}) - ({v})",
]


def jagged(rng: random.Random, variables: str = "x", deep: int = 2) -> str:
    """Return a formula of at most 120 characters in some of the variables, each one letter."""
    while True:
        text = _grown(rng, variables, deep)
        if len(text) <= 120:
            return text


def _grown(rng: random.Random, variables: str, deep: int) -> str:
    if deep == 0:
        shift = rng.choice(["", "", f" - {rng.choice([0, 1, 0.5, -2, 1e-9, 1e6])}"])
        return rng.choice(variables) + shift
    return rng.choice(SHAPES).format(
        u=_grown(rng, variables, rng.randrange(deep)),
        v=_grown(rng, variables, rng.randrange(deep)),
        k=rng.choice(["1", "2", "0.5", "10", "1e-6", "1e6", "pi"]),
        n=rng.choice(["2", "3", "-3", "0.5", "-0.5", "64", "(1/3)"]),
        big=rng.choice(["1e300", "1e-300", "1e20", "-1e150"]),
        law=rng.choice(LAWS),
    )
