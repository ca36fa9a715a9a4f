"""Random problems whose stationary point, and its kind, are known, and what else a judge needs."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.optimize import Problem, function, surface

Rng = np.random.Generator


class Posed(NamedTuple):
    """A problem with a stationary point (or a kink) at `x`, and the `kinds` that it may be called.

    More than one kind is right where float64 cannot tell two of them apart.
    """

    problem: Problem
    x: np.ndarray
    kinds: frozenset[str]
    start: np.ndarray
    curvature: float


def _number(value: float) -> str:
    return f"({value:.9g})"


def _axes(rng: Rng, centre: np.ndarray) -> tuple[str, str]:
    """Return two orthogonal coordinates about the centre as texts, turned or not."""
    dx, dy = (f"({name} - {_number(c)})" for name, c in zip("xy", centre.tolist(), strict=True))
    if rng.random() < 0.4:
        return dx, dy
    angle = rng.uniform(0, 3)
    c, s = _number(round(float(np.cos(angle)), 3)), _number(round(float(np.sin(angle)), 3))
    return f"({c}*{dx} + {s}*{dy})", f"({c}*{dy} - {s}*{dx})"


def _size(rng: Rng) -> float:
    return float(10.0 ** rng.integers(-12, 13))


def _place(rng: Rng, d: int) -> np.ndarray:
    return np.round(rng.choice([0.0, 1.0, 1.0, 10.0, 1000.0]) * rng.uniform(-1, 1, d), 3)


SHAPES = {  # of u and v at (0, 0), k a condition number: the kinds that are right
    "{u}**2 + {k}*{v}**2": {"minimum"},
    "-{u}**2 - {k}*{v}**2": {"maximum"},
    "{u}**2 - {k}*{v}**2": {"saddle"},
    "{u}**4 + {v}**2": {"minimum"},
    "{u}**4 + {v}**4": {"minimum"},
    "{u}**6 + {v}**2": {"minimum"},
    "{u}**3 + {v}**2": {"saddle"},
    "{u}**3 - 3*{u}*{v}**2": {"saddle"},
    "{v}**2 - {u}**4": {"saddle"},
    "{u}**4 - {v}**4": {"saddle"},
    "-{u}**4 - {v}**2": {"maximum"},
    "{u}**2 + 0*{v}": {"weak minimum"},
    "{u}**4 + 0*{v}": {"weak minimum"},
    "-{u}**2 + 0*{v}": {"weak maximum"},
    "({v} - {u}**2)**2": {"weak minimum"},
    "({v} - {u}**2)*({v} - 2*{u}**2)": {"saddle"},
    "({v} - {u}**2)*({v} - 3*{u}**2)": {"saddle"},
    "({v} - {u}**2)**2 + {u}**4": {"minimum"},
    "abs({u}) + abs({v})": {"minimum"},
    "abs({u}) + {v}**2": {"minimum"},
    "max(abs({u}), 2*abs({v}))": {"minimum"},
    "abs({u}) - abs({v})": {"saddle"},
    "-abs({u}) - {v}**2": {"maximum"},
    "abs({u}) + 0*{v}": {"weak minimum"},
    "max({u}, 0)**2 + {v}**2": {"weak minimum"},
    "sqrt({u}**2 + {v}**2)": {"minimum"},
    "-sqrt({u}**2 + {v}**2)": {"maximum"},
}


def posed(rng: Rng) -> Posed:
    """Return a random problem of two variables: scaled, moved, turned, lifted."""
    shape = list(SHAPES)[rng.integers(len(SHAPES))]
    kinds = set(SHAPES[shape])
    centre, size = _place(rng, 2), _size(rng)
    u, v = _axes(rng, centre)
    k = float(10.0 ** rng.integers(0, 17 if "{k}" in shape else 1))
    if k > 1e12:  # the flat direction is level to float64 then
        kinds |= {"weak minimum", "weak maximum"} & {f"weak {kind}" for kind in kinds}
        kinds |= {"weak minimum", "weak maximum"} if "saddle" in kinds else set()
    lift = float(rng.choice([0.0, 0.0, 1.0, -1e3, 1e6])) * size
    text = f"{_number(size)}*({shape.format(u=u, v=v, k=_number(k))}) + {_number(lift)}"
    if lift or np.abs(centre).max() > 10:  # what is small is lost in the rounding of x and f
        kinds |= {"flat", "not known", "weak minimum", "weak maximum"} if _is_flat(shape) else set()
    start = centre + rng.uniform(-1, 1, 2)
    return Posed(surface(text), centre, frozenset(kinds), start, 2 * size * max(k, 1.0))


def _is_flat(shape: str) -> bool:
    """Tell whether f is so level in some direction that an offset can hide it."""
    return any(power in shape for power in ("**3", "**4", "**6", "{u}**2)"))


LINES = {
    "x**2": "minimum",
    "x**4": "minimum",
    "x**10": "minimum",
    "abs(x)": "minimum",
    "max(x, -3*x)": "minimum",
    "sqrt(x**2)": "minimum",
    "x**2 + abs(x)": "minimum",
    "-x**2": "maximum",
    "-abs(x)": "maximum",
    "x**3": "saddle",
    "x**5": "saddle",
    "x*abs(x)": "saddle",
    "relu(x)": "weak minimum",
    "min(x, 0)": "weak maximum",
    "0*x + 3": "flat",
    "cosh(x)": "minimum",
    "x**2 - 3*abs(x)": "maximum",
    "1 - exp(-x**2)": "minimum",
}


def on_a_line(rng: Rng) -> tuple[Problem, float, str]:
    """Return a random problem of one variable, its stationary point at 0, and its kind."""
    text = list(LINES)[rng.integers(len(LINES))]
    return function(f"{_number(_size(rng))}*({text})"), 0.0, LINES[text]


def lowest_on_rings(problem: Problem, x: Any, radii: Any, n: int = 4000) -> np.ndarray:
    """Return how much lower than f(x) the lowest of n points on each ring is, `(rings,)`."""
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    if problem.d == 1:
        ring = np.array([[1.0], [-1.0]])
    f = problem.f(np.asarray(x) + np.asarray(radii)[:, None, None] * ring)
    return float(problem.f(x)) - np.nanmin(f, axis=1)
