"""A distribution made of nothing but an unnormalised log-density: a typed one, or the best |h|p."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.expressions import Formula, formula
from gdviz.knobs import Range, Text
from gdviz.probability.distributions import Distribution, on_support
from gdviz.probability.humps import (
    WHOLE_LINE,
    Hump,
    Landmarks,
    jumps_between,
    landmarks_between,
    maxima,
)
from gdviz.probability.log_quadrature import Panels, integral
from gdviz.probability.user_functions import SignedLog, signed_log
from gdviz.probability.validation import DoesNotExist, ProbabilityError, real

_X, _W = np.polynomial.legendre.leggauss(20)
DEEP = 750.0  # panels are kept for as long as their share can be written as a float
GRID = 513
MOST_CENTERS = 8  # humps that octaves are laid around; the others are split at only
MOST_POINTS = 400
LEAST_SHARE = 1e-17
ROUNDS, FEW = 60, 8  # of Newton's steps to a quantile; to a draw of a law that is hardly known
UNSURE = 1e-3
AT_REST = 1e-15  # of log P: nearer than that, Newton's steps follow rounding
NOTHING = "No mass was found: give the window in which the density lives."


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
    jumps: Any = (),
) -> Distribution:
    """Return the distribution whose density is proportional to exp(log_density) on the support.

    `points` are places to split its integral at; at `jumps` every integral of it is split. Raises
    `DoesNotExist` if it cannot be normalised, `ProbabilityError` if no mass is found.
    """
    found, more = _search(log_density, *support) if not centers else (tuple(centers), ())
    points = np.concatenate([np.ravel(points), np.ravel(more), np.ravel(jumps)])
    panels, tail = integral(log_density, *support, found, points, keep=DEEP, local=True)
    total = float(panels.value.sum()) + tail.value
    if not total > 0:
        raise ProbabilityError(NOTHING)
    table = _tabulated(log_density, support, panels, tail.value, total)
    places = _places(table, panels, found, total) if not centers else tuple(centers)
    doubt = float(panels.error.sum() + tail.error) / total
    rounds = ROUNDS if doubt < UNSURE else FEW
    kept = np.union1d(_kept_edges(panels, total), jumps)
    return Distribution(
        name,
        parameters,
        support,
        table.log_density,
        lambda x: tail_of(table, x, True),
        lambda x: tail_of(table, x, False),
        lambda p: quantile(table, p, True),
        lambda p: quantile(table, p, False),
        lambda rng, size: quantile(table, rng.random(size), True, rounds),
        places,
        _moments(table.log_density, support, places, kept),
        points=tuple(kept.tolist()),
        doubt=doubt,
    )


def _tabulated(
    log_density: SignedLog,
    support: tuple[float, float],
    panels: Panels,
    beyond: float,
    total: float,
) -> Table:
    """Return the normalised log-density and the sums over its panels."""
    (lo, hi), log_total = support, panels.scale + np.log(total)
    somewhere = float(panels.lo[np.argmax(panels.value)])

    def logpdf(x: Any) -> Any:
        x = np.asarray(x, float)
        held = np.where(np.isfinite(x), np.clip(x, lo, hi), somewhere)
        found = on_support(x, lo, hi, log_density(held)[1] - log_total, -np.inf, -np.inf)
        return np.where(np.isinf(x), -np.inf, found)[()]

    with np.errstate(divide="ignore"):
        shares = np.log(panels.value / total)
        rest = np.log(max(beyond / total / 2, 0.0))
    log_below = np.logaddexp.accumulate(np.concatenate([[rest], shares]))
    log_above = np.logaddexp.accumulate(np.concatenate([[rest], shares[::-1]]))[::-1]
    return Table(logpdf, np.append(panels.lo, panels.hi[-1]), log_below, log_above)


def _places(
    table: Table, panels: Panels, found: Sequence[tuple[float, float]], total: float
) -> tuple[tuple[float, float], ...]:
    """Return the humps that carry mass, the heaviest first; where there is none, the quartiles."""
    middle = (panels.lo + panels.hi) / 2
    held = [
        (float(panels.value[np.abs(middle - c) <= 4 * w].sum()) / total, (c, w)) for c, w in found
    ]
    heavy = [place for share, place in sorted(held, reverse=True) if share > 1e-12]
    left, center, right = quantile(table, np.array([0.25, 0.5, 0.75]), True)
    width = max(float(right - left) / 1.35, 1e-300)
    return tuple(heavy[:MOST_CENTERS]) or ((float(center), width),)


def _kept_edges(panels: Panels, total: float) -> Any:
    """Return the edges of the panels that carry mass, the heaviest where they are very many."""
    heavy = np.flatnonzero(panels.value > LEAST_SHARE * total)
    heavy = heavy[np.argsort(-panels.value[heavy], kind="stable")][: MOST_POINTS // 2]
    return np.unique(np.concatenate([panels.lo[heavy], panels.hi[heavy]]))


def _search(
    log_density: SignedLog, lo: float, hi: float
) -> tuple[tuple[tuple[float, float], ...], Any]:
    """Return the humps of an unknown density, and points at which it is not zero."""
    grid = _grid(lo, hi)
    with np.errstate(all="ignore"):
        logs = log_density(grid)[1]
    if not np.any(logs > -np.inf):
        raise ProbabilityError(NOTHING)
    humps = maxima(lambda x: log_density(np.clip(x, lo, hi))[1], grid, known=logs)
    places = [(h.center, _width(h)) for h in humps]
    if not places:
        top = int(np.argmax(logs))
        gap = np.diff(grid)[max(top - 1, 0) : top + 1].max()
        places = [(float(grid[top]), float(gap))]
    points = Landmarks(np.zeros(0), tuple(humps)).cuts(lo, hi)
    return tuple(places[:MOST_CENTERS]), points


def _width(hump: Hump) -> float:
    return float(np.sqrt(hump.left) * np.sqrt(hump.right))


def _grid(lo: float, hi: float) -> Any:
    """Return places to look for an unknown density at: evenly and by octaves."""
    if np.isfinite(hi - lo):
        ends = 2.0 ** -np.arange(2, 40) * (hi - lo)
        return np.unique(np.concatenate([np.linspace(lo, hi, GRID)[1:-1], lo + ends, hi - ends]))
    around = lo if np.isfinite(lo) else hi if np.isfinite(hi) else 0.0
    grid = np.unique(np.concatenate([around + WHOLE_LINE, WHOLE_LINE]))
    return grid[(grid > lo) & (grid < hi)]


def _moments(
    logpdf: Any, support: tuple[float, float], places: Sequence[tuple[float, float]], points: Any
) -> tuple[float | None, float | None]:
    """Return mean and variance, None where they do not exist."""
    center = places[0][0]

    def moment(k: int, around: float) -> float | None:
        def log_h(x: Any) -> tuple[Any, Any]:
            with np.errstate(divide="ignore"):
                return np.sign(x - around) ** k, k * np.log(np.abs(x - around)) + logpdf(x)

        try:
            panels, tail = integral(log_h, *support, places, [*points, around])
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
    x, edges, half = np.asarray(x, float), table.edges, np.log(0.5)
    held = np.clip(x, edges[0], edges[-1]).ravel()
    i = np.clip(np.searchsorted(edges, held, "right") - 1, 0, len(edges) - 2)
    found = np.array(table.log_below[i] if below else table.log_above[i + 1])
    far = found <= half
    found[far] = _one_tail(table, held[far], i[far], below)
    near = found > half  # close to one: known by what is missing from it
    with np.errstate(divide="ignore"):
        rest = np.minimum(_one_tail(table, held[near], i[near], not below), -1e-17)
        found[near] = np.log1p(-np.exp(rest))
    found = found.reshape(x.shape)
    out, into = (x < edges[0], x > edges[-1]) if below else (x > edges[-1], x < edges[0])
    result = np.where(out, -np.inf, np.where(into, 0.0, np.minimum(found, 0.0)))
    return np.where(np.isnan(x), np.nan, result)[()]


def _one_tail(table: Table, x: Any, i: Any, below: bool) -> Any:
    edges = table.edges
    if below:
        return np.logaddexp(table.log_below[i], _part(table, edges[i], x))
    return np.logaddexp(table.log_above[i + 1], _part(table, x, edges[i + 1]))


def quantile(table: Table, p: Any, below: bool, rounds: int = ROUNDS) -> Any:
    """Return where P(X ≤ x), or P(X > x), is p: Newton's steps kept within a shrinking bracket."""
    shape, p = np.shape(p), np.ravel(np.asarray(p, float))
    with np.errstate(divide="ignore"):
        goal = np.log(p)
    sums = table.log_below if below else table.log_above[::-1]
    i = np.clip(np.searchsorted(sums, goal) - 1, 0, len(table.edges) - 2)
    with np.errstate(all="ignore"):
        before = np.exp(sums[i] - sums[i + 1])
        share = np.clip((np.exp(goal - sums[i + 1]) - before) / (1 - before), 0.02, 0.98)
    share = np.where(np.isnan(share), 0.5, share)
    i, share = (i, share) if below else (len(table.edges) - 2 - i, 1 - share)
    lo, hi = table.edges[i], table.edges[i + 1]
    x = lo * (1 - share) + hi * share
    on = np.arange(x.size)  # those that have not come to rest
    for _ in range(rounds):
        at = x[on]
        with np.errstate(invalid="ignore", over="ignore"):
            now = tail_of(table, at, below)
            ahead = now > goal[on] if below else now < goal[on]
            lo[on], hi[on] = np.where(ahead, lo[on], at), np.where(ahead, at, hi[on])
            step = np.expm1(goal[on] - now) * np.exp(now - table.log_density(at))
            new = at + (step if below else -step)
        new = np.where((new > lo[on]) & (new < hi[on]), new, lo[on] / 2 + hi[on] / 2)
        off = np.abs(now - goal[on]) > AT_REST * np.maximum(np.abs(goal[on]), 1.0)
        moves = off & (np.abs(new - at) > 4e-16 * np.abs(at))
        on = on[moves]
        x[on] = new[moves]
        if not on.size:
            break
    return x.reshape(shape)[()]


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
    density = formula(text, ("x",))
    marks = landmarks_between(density, lo, hi)
    return from_log_density(
        "typed",
        (("text", text), ("lo", lo), ("hi", hi)),
        _checked(density),
        (lo, hi),
        points=marks.cuts(lo, hi),
        jumps=jumps_between(density, lo, hi),
    )


def _checked(density: Formula) -> SignedLog:
    """Return the logarithm of a density; raise `ProbabilityError` where it cannot be one."""
    logs = signed_log(density)

    def log_density(x: Any) -> tuple[Any, Any]:
        sign, log = logs(x)
        for wrong, word in ((np.isnan(log), "not a number"), (sign < 0, "negative")):
            if np.any(wrong):
                where = np.asarray(x)[wrong].ravel()[0]
                raise ProbabilityError(f"The density is {word} at x = {where:g}.")
        return np.ones_like(log), log

    return log_density
