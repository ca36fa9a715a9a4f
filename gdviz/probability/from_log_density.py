"""A distribution made of nothing but an unnormalised log-density: a typed one, or the best |h|p."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.expressions import formula
from gdviz.knobs import Range, Text
from gdviz.probability.distributions import Distribution, on_support
from gdviz.probability.log_quadrature import integral
from gdviz.probability.user_functions import SignedLog, signed_log
from gdviz.probability.validation import DoesNotExist, ProbabilityError, real

_X, _W = np.polynomial.legendre.leggauss(20)
DEEP = 750.0  # panels are kept for as long as their share can be written as a float
GRID = 513


class Table(NamedTuple):
    """A normalised log-density and its panels: `edges`, the log of their shares, and the sums."""

    log_density: Any
    edges: Any
    log_below: Any
    log_above: Any


def from_log_density(
    name: str,
    parameters: tuple[tuple[str, Any], ...],
    log_density: SignedLog,
    support: tuple[float, float] = (-np.inf, np.inf),
    centers: Sequence[tuple[float, float]] = (),
    points: Any = (),
) -> Distribution:
    """Return the distribution whose density is proportional to exp(log_density) on the support.

    Raises `DoesNotExist` if it cannot be normalised, `ProbabilityError` if no mass is found.
    """
    lo, hi = support
    points = points if centers else _search(log_density, lo, hi)
    around = centers or _widths(points)
    places = tuple(around)
    panels, tail = integral(log_density, lo, hi, around, points, keep=DEEP, local=True)
    total = float(panels.value.sum()) + tail.value
    if not total > 0:
        raise ProbabilityError("No mass was found: give the window in which the density lives.")
    log_total = panels.scale + np.log(total)
    with np.errstate(divide="ignore"):
        shares = np.log(panels.value / total)
        rest = np.log(max(tail.value / total / 2, 0.0))

    def logpdf(x: Any) -> Any:
        x = np.asarray(x, float)
        held = np.where(np.isfinite(x), np.clip(x, lo, hi), places[0][0])
        found = on_support(x, lo, hi, log_density(held)[1] - log_total, -np.inf, -np.inf)
        return np.where(np.isinf(x), -np.inf, found)[()]

    edges = np.append(panels.lo, panels.hi[-1])
    log_below = np.logaddexp.accumulate(np.concatenate([[rest], shares]))
    log_above = np.logaddexp.accumulate(np.concatenate([[rest], shares[::-1]]))[::-1]
    table = Table(logpdf, edges, log_below, log_above)
    quartiles = quantile(table, np.array([0.25, 0.5, 0.75]), True)
    width = float(quartiles[2] - quartiles[0]) / 1.35
    places = tuple(centers) or ((float(quartiles[1]), width),)
    return Distribution(
        name,
        parameters,
        support,
        logpdf,
        lambda x: tail_of(table, x, True),
        lambda x: tail_of(table, x, False),
        lambda p: quantile(table, p, True),
        lambda p: quantile(table, p, False),
        lambda rng, size: quantile(table, rng.random(size), True),
        places,
        _moments(logpdf, support, places),
    )


def _search(log_density: SignedLog, lo: float, hi: float) -> Any:
    """Return points between which an unknown density is looked for, where it is not zero."""
    if np.isfinite(hi - lo):
        grid = np.linspace(lo, hi, GRID)[1:-1]
    else:
        spread = 2.0 ** np.arange(-10, 30)
        line = np.linspace(0.0, 50.0, GRID)
        if np.isfinite(lo):
            grid = lo + np.unique(np.concatenate([spread, line[1:]]))
        elif np.isfinite(hi):
            grid = hi - np.unique(np.concatenate([spread, line[1:]]))
        else:
            grid = np.unique(np.concatenate([-spread, spread, -line, line]))
    logs = log_density(grid)[1]
    if not np.any(logs > -np.inf):
        raise ProbabilityError("No mass was found: give the window in which the density lives.")
    return grid


def _widths(points: Any) -> tuple[tuple[float, float], ...]:
    middle = float(points[len(points) // 2])
    return ((middle, max(float(np.ptp(points)) / 64, 1e-3)),)


def _moments(
    logpdf: Any, support: tuple[float, float], places: Sequence[tuple[float, float]]
) -> tuple[float | None, float | None]:
    """Return mean and variance, None where they do not exist."""
    center = places[0][0]

    def moment(k: int, around: float) -> float | None:
        def log_h(x: Any) -> tuple[Any, Any]:
            with np.errstate(divide="ignore"):
                return np.sign(x - around) ** k, k * np.log(np.abs(x - around)) + logpdf(x)

        try:
            panels, tail = integral(log_h, *support, places, (around,))
        except DoesNotExist:
            return None
        return float((panels.value.sum() + tail.value) * np.exp(panels.scale))

    first = moment(1, center)
    if first is None:
        return None, None
    mean = center + first
    return mean, moment(2, mean)


def _part(table: Table, start: Any, stop: Any) -> Any:
    """Return the log of the share between two points of one panel, elementwise."""
    half = (stop - start) / 2
    x = (start + half)[..., None] + half[..., None] * _X
    logs = table.log_density(x)
    top = logs.max(axis=-1)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore", over="ignore"):
        return np.log(half * (np.exp(logs - top[..., None]) @ _W)) + top


def tail_of(table: Table, x: Any, below: bool) -> Any:
    """Return log P(X ≤ x) or log P(X > x): whole panels beyond x and the part of the one at x."""
    x = np.asarray(x, float)
    edges = table.edges
    held = np.clip(x, edges[0], edges[-1])
    i = np.clip(np.searchsorted(edges, held, "right") - 1, 0, len(edges) - 2)
    found = _one_tail(table, held, i, below)
    near = found > np.log(0.5)  # close to one: known by what is missing from it
    if np.any(near):
        with np.errstate(divide="ignore"):
            rest = np.log1p(-np.exp(np.minimum(_one_tail(table, held, i, not below), -1e-17)))
        found = np.where(near, rest, found)
    out, into = (x < edges[0], x > edges[-1]) if below else (x > edges[-1], x < edges[0])
    result = np.where(out, -np.inf, np.where(into, 0.0, np.minimum(found, 0.0)))
    return np.where(np.isnan(x), np.nan, result)[()]


def _one_tail(table: Table, x: Any, i: Any, below: bool) -> Any:
    edges = table.edges
    if below:
        return np.logaddexp(table.log_below[i], _part(table, edges[i], x))
    return np.logaddexp(table.log_above[i + 1], _part(table, x, edges[i + 1]))


def quantile(table: Table, p: Any, below: bool) -> Any:
    """Return where P(X ≤ x), or P(X > x), is p: Newton's steps kept within a shrinking bracket."""
    p = np.asarray(p, float)
    with np.errstate(divide="ignore"):
        goal = np.log(p)
    sums = table.log_below if below else table.log_above[::-1]
    i = np.clip(np.searchsorted(sums, goal) - 1, 0, len(table.edges) - 2)
    i = i if below else len(table.edges) - 2 - i
    lo, hi = table.edges[i], table.edges[i + 1]
    x = lo / 2 + hi / 2
    for _ in range(60):
        with np.errstate(invalid="ignore", over="ignore"):
            now = tail_of(table, x, below)
            ahead = now > goal if below else now < goal
            lo, hi = np.where(ahead, lo, x), np.where(ahead, x, hi)
            step = np.expm1(goal - now) * np.exp(now - table.log_density(x))
            new = x + (step if below else -step)
        new = np.where((new > lo) & (new < hi), new, lo / 2 + hi / 2)
        if np.all(np.abs(new - x) <= 4e-16 * np.abs(x)):
            break
        x = new
    return x[()]


@lru_cache(maxsize=32)
def typed_density(
    text: Annotated[str, Text("p(x) ∝", "Any formula that is nowhere negative.")] = (
        "exp(-x**4 + 3*x**2 + x)"
    ),
    lo: Annotated[float, Range(-1e3, 1e3, "from")] = -np.inf,
    hi: Annotated[float, Range(-1e3, 1e3, "to")] = np.inf,
) -> Distribution:
    """A density typed as a formula in x, up to a constant, on the range from `lo` to `hi`.

    Raises `FormulaError` for the text, `ProbabilityError` where it is negative or not a number.
    """
    lo, hi = real("The lower end", lo), real("The upper end", hi)
    if not lo < hi:
        raise ProbabilityError(f"The range from {lo:g} to {hi:g} is empty.")
    logs = signed_log(formula(text, ("x",)).value)

    def log_density(x: Any) -> tuple[Any, Any]:
        sign, log = logs(x)
        for wrong, word in ((np.isnan(log), "not a number"), (sign < 0, "negative")):
            if np.any(wrong):
                where = np.asarray(x)[wrong].ravel()[0]
                raise ProbabilityError(f"The density is {word} at x = {where:g}.")
        return np.ones_like(log), log

    return from_log_density(
        "typed", (("text", text), ("lo", lo), ("hi", hi)), log_density, (lo, hi)
    )
