"""Random problems whose stationary point, and its kind, are known, and what else a judge needs."""

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from gdviz.optimize import Problem, function, surface
from gdviz.optimize.linalg import norm

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


@dataclass(frozen=True)
class Placed:
    """A shape of u and v in other coordinates: s F(A (x − c)) + lift. No formula is derived for it.

    `shape` is F, `turn (2, 2)` is A.
    """

    shape: Problem
    turn: np.ndarray
    centre: np.ndarray
    size: float
    lift: float
    d: int = 2
    variables: tuple[str, ...] = ("x", "y")

    @property
    def formula(self) -> Any:
        return self.shape.formula

    @property
    def text(self) -> str:
        at = self.turn.tolist(), self.centre.tolist()
        return f"{self.size:g}*F(A(x - c)) + {self.lift:g}, F = {self.shape.text}, (A, c) = {at}"

    @cached_property
    def steepness(self) -> float:
        around = np.random.default_rng(0).uniform(-2, 2, (81, 2))
        return min(1.0, float(np.nanmax(norm(self.grad(around)))))

    def f(self, x: Any) -> Any:
        return self.size * self.shape.f(self._inside(x)) + self.lift

    def grad(self, x: Any) -> Any:
        return self.size * (self.shape.grad(self._inside(x)) @ self.turn)

    def hess(self, x: Any) -> Any:
        return self.size * (self.turn.T @ self.shape.hess(self._inside(x)) @ self.turn)

    def _inside(self, x: Any) -> np.ndarray:
        moved = np.asarray(x, float) - self.centre
        a = self.turn
        return np.stack([moved[..., 0] * a[i, 0] + moved[..., 1] * a[i, 1] for i in (0, 1)], -1)


@cache
def _shape(text: str) -> Problem:
    return surface(text.format(u="x", v="y", k="1"))


def placed(rng: Rng) -> Posed:
    """Return a random problem like those of `posed`, at a tenth of the price."""
    shape = list(SHAPES)[rng.integers(len(SHAPES))]
    centre, size, k, lift, kinds = _drawn(rng, shape)
    angle = rng.choice([0.0, rng.uniform(0, 3)])
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turn[1] *= np.sqrt(k)
    start = centre + rng.uniform(-1, 1, 2)
    problem: Any = Placed(_shape(shape), turn, centre, size, lift)
    return Posed(problem, centre, kinds, start, 2 * size * max(k, 1.0))


def posed(rng: Rng) -> Posed:
    """Return a random problem of two variables as text: scaled, moved, turned and lifted."""
    shape = list(SHAPES)[rng.integers(len(SHAPES))]
    centre, size, k, lift, kinds = _drawn(rng, shape)
    u, v = _axes(rng, centre)
    text = f"{_number(size)}*({shape.format(u=u, v=v, k=_number(k))}) + {_number(lift)}"
    start = centre + rng.uniform(-1, 1, 2)
    return Posed(surface(text), centre, kinds, start, 2 * size * max(k, 1.0))


def _drawn(rng: Rng, shape: str) -> tuple[np.ndarray, float, float, float, frozenset[str]]:
    """Return a centre, a size, a condition number, a lift, and the kinds that are right then."""
    kinds = set(SHAPES[shape])
    centre, size = _place(rng, 2), _size(rng)
    k = float(10.0 ** rng.integers(0, 17 if "{k}" in shape else 1))
    if k > 1e12:  # the flat direction is level to float64 then
        kinds |= {"weak minimum", "weak maximum"} & {f"weak {kind}" for kind in kinds}
        kinds |= {"weak minimum", "weak maximum"} if "saddle" in kinds else set()
    lift = float(rng.choice([0.0, 0.0, 1.0, -1e3, 1e6])) * size
    if lift or np.abs(centre).max() > 10:  # what is small is lost in the rounding of x and f
        kinds |= {"flat", "not known", "weak minimum", "weak maximum"} if _is_flat(shape) else set()
    return centre, size, k, lift, frozenset(kinds)


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


@lru_cache(maxsize=512)
def _line(text: str) -> Problem:
    return function(text)


def on_a_line(rng: Rng) -> tuple[Problem, float, str]:
    """Return a random problem of one variable, its stationary point at 0, and its kind."""
    text = list(LINES)[rng.integers(len(LINES))]
    return _line(f"{_number(_size(rng))}*({text})"), 0.0, LINES[text]


def lowest_on_rings(problem: Problem, x: Any, radii: Any, n: int = 4000) -> np.ndarray:
    """Return how much lower than f(x) the lowest of n points on each ring is, `(rings,)`."""
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    if problem.d == 1:
        ring = np.array([[1.0], [-1.0]])
    f = problem.f(np.asarray(x) + np.asarray(radii)[:, None, None] * ring)
    return float(problem.f(x)) - np.nanmin(f, axis=1)
