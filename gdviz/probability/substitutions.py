"""Named changes of variable that carry an infinite range to a finite one, and the end points."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.probability.validation import ProbabilityError

INSIDE = 2.0**-40  # closed rules ask just inside an end at infinity
FAR = 1e150


class Substitution(NamedTuple):
    """x = x(u), u on [−1, 1]: `point(u)` is x, `slope(u)` is dx/du, `latex` its formula."""

    label: str
    latex: str
    point: Callable[[Any], Any]
    slope: Callable[[Any], Any]


def finite_substitution(a: float, b: float) -> Substitution:
    """Return the affine map of [−1, 1] to [a, b]."""
    middle, half = a / 2 + b / 2, b / 2 - a / 2
    latex = r"x = \tfrac{a+b}{2} + \tfrac{b-a}{2}\,u"
    return Substitution("none", latex, lambda u: middle + half * u, lambda u: half + 0 * u)


def rational_line(u: Any) -> Any:
    """x = u/(1 − u²)."""
    return u / ((1 - u) * (1 + u))


def _rational_line_slope(u: Any) -> Any:
    return (1 + u * u) / ((1 - u) * (1 + u)) ** 2


def _sinh(u: Any) -> Any:
    return np.sinh(np.pi / 2 * np.sinh(4.5 * u))


def _sinh_slope(u: Any) -> Any:
    return np.cosh(np.pi / 2 * np.sinh(4.5 * u)) * np.pi / 2 * np.cosh(4.5 * u) * 4.5


LINE = {
    "rational": Substitution(
        "rational", r"x = \frac{u}{1-u^2}", rational_line, _rational_line_slope
    ),
    "tangent": Substitution(
        "tangent",
        r"x = \tan\tfrac{\pi u}{2}",
        lambda u: np.tan(np.pi / 2 * u),
        lambda u: np.pi / 2 / np.cos(np.pi / 2 * u) ** 2,
    ),
    "logit": Substitution(
        "logit",
        r"x = \operatorname{artanh} u",
        np.arctanh,
        lambda u: 1 / ((1 - u) * (1 + u)),
    ),
    "double_exponential": Substitution(
        "double_exponential",
        r"x = \sinh(\tfrac{\pi}{2}\sinh 4.5u)",
        _sinh,
        _sinh_slope,
    ),
}
# On a half line [0, ∞); v = (1 + u)/2.
HALF = {
    "rational": Substitution(
        "rational",
        r"x = a + \frac{1+u}{1-u}",
        lambda u: (1 + u) / (1 - u),
        lambda u: 2 / (1 - u) ** 2,
    ),
    "tangent": Substitution(
        "tangent",
        r"x = a + \tan\tfrac{\pi(1+u)}{4}",
        lambda u: np.tan(np.pi / 4 * (1 + u)),
        lambda u: np.pi / 4 / np.cos(np.pi / 4 * (1 + u)) ** 2,
    ),
    "logit": Substitution(
        "logit",
        r"x = a - \ln\tfrac{1-u}{2}",
        lambda u: -np.log((1 - u) / 2),
        lambda u: 1 / (1 - u),
    ),
    "double_exponential": Substitution(
        "double_exponential",
        r"x = a + \exp(\tfrac{\pi}{2}\sinh 4.5u)",
        lambda u: np.exp(np.pi / 2 * np.sinh(4.5 * u)),
        lambda u: np.exp(np.pi / 2 * np.sinh(4.5 * u)) * np.pi / 2 * np.cosh(4.5 * u) * 4.5,
    ),
}
SUBSTITUTIONS = {
    "rational": "rational: u/(1 − u²)",
    "tangent": "tangent: tan(πu/2)",
    "logit": "logarithmic: artanh u",
    "double_exponential": "double exponential: sinh(π/2 sinh 4.5u)",
}


def substitution_of(a: float, b: float, name: str = "rational") -> Substitution:
    """Return the change of variable that carries [−1, 1] to a < b, of which either is infinite."""
    if name not in SUBSTITUTIONS:
        raise ProbabilityError(
            f"There is no change of variable of that name; there are {', '.join(SUBSTITUTIONS)}."
        )
    if np.isfinite(a) and np.isfinite(b):
        return finite_substitution(a, b)
    if np.isfinite(a):
        base = HALF[name]
        return base._replace(point=lambda u: a + base.point(u))
    if np.isfinite(b):
        base = HALF[name]
        mirrored = base.latex.replace("a +", "b -").replace("a -", "b +").replace("u", "u'")
        return base._replace(
            latex=mirrored + r",\; u' = -u",
            point=lambda u: b - base.point(-u),
            slope=lambda u: base.slope(-u),
        )
    return LINE[name]


def clamp_inside(u: Any, a: float, b: float) -> Any:
    """Return nodes of [−1, 1] with those at an end that lies at infinity moved just inside."""
    lo = -1.0 if np.isfinite(a) else -1 + INSIDE
    hi = 1.0 if np.isfinite(b) else 1 - INSIDE
    return np.clip(u, lo, hi)


def place_of(change: Substitution, x: Any, a: float, b: float) -> Any:
    """Return the u of [−1, 1] that a change of variable carries to x, by halving."""
    x = np.asarray(x, float)
    if np.isfinite(b - a):
        return (x - a / 2 - b / 2) / (b / 2 - a / 2)
    lo, hi = np.full(x.shape, -1.0), np.full(x.shape, 1.0)
    with np.errstate(all="ignore"):
        for _ in range(60):
            middle = (lo + hi) / 2
            before = change.point(clamp_inside(middle, a, b)) < x
            lo, hi = np.where(before, middle, lo), np.where(before, hi, middle)
    return (lo + hi) / 2
