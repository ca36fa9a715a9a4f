"""Integrals of ±exp(log h) by Gauss–Kronrod panels, where log h is all that floats can hold.

The panels start as octaves: the line is cut at each centre ± width·2ᵏ and towards each finite end
by halves, so that a peak of any width at a known place is met by panels of its own size. What lies
beyond the last octave is added by its power law, or found not to be integrable.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.probability.kronrod import GAUSS, KRONROD, NODES
from gdviz.probability.user_functions import SignedLog
from gdviz.probability.validation import DoesNotExist, ProbabilityError

OCTAVES = 340  # 2³⁴⁰ widths: the square of a float still fits
NEGLIGIBLE = 60.0
MOST_EVALUATIONS = 300_000
PROBES = np.array([0.02, 0.2, 0.4, 0.6, 0.8, 0.98])
NARROWEST = 1e-250  # narrower, and floats end before the octaves towards an end have
EXACT = 1e-9  # how well a slope is known that was read off a hundred octaves


class Panels(NamedTuple):
    """Panels from `lo` to `hi` with ∫h, its error and ∫|h| in units of e^`scale`, sorted."""

    lo: Any
    hi: Any
    value: Any
    error: Any
    absolute: Any
    scale: float
    evaluations: int


class Probed(NamedTuple):
    """Octaves between `edges`: the envelope of log|h|, its signs, the log of ∫|h|, the heaviest."""

    edges: Any
    height: Any
    signs: Any
    mass: Any
    best: float


class Tail(NamedTuple):
    """What lies beyond the last octave: its integral and how far that is to be trusted."""

    value: float
    error: float


def octaves(lo: float, hi: float, centers: Sequence[tuple[float, float]], points: Any = ()) -> Any:
    """Return sorted edges between lo and hi: each centre ± width·2ᵏ, finite ends by halves."""
    powers = 2.0 ** np.arange(-2, OCTAVES)
    parts = [np.asarray(points, float).ravel()]
    for center, width in centers:
        steps = np.concatenate([-powers, [0.0], powers]) * width
        parts.append(center + steps[np.abs(steps) < 1e307])
    for end, sign in ((lo, 1.0), (hi, -1.0)):
        if np.isfinite(end):
            parts.append(end + sign * halves(end, reach(end, lo, hi, centers)))
    edges = np.unique(np.concatenate(parts))
    edges = edges[(edges > lo) & (edges < hi)]
    ends = [end for end in (lo, hi) if np.isfinite(end)]
    return np.unique(np.concatenate([edges, ends]))


def reach(end: float, lo: float, hi: float, centers: Sequence[tuple[float, float]]) -> float:
    """Return the distance over which a finite end is approached by halves."""
    far = max((abs(center - end) for center, _ in centers), default=0.0)
    whole = hi - lo if np.isfinite(hi - lo) else np.inf
    return min(far or centers[0][1], whole)


def halves(end: float, width: float) -> Any:
    """Return width·2⁻ᵏ for as long as floats near the end can tell the points apart."""
    least = max(2.0**22 * np.spacing(abs(end)), 1e-290 * max(width, 1.0))
    count = int(np.clip(np.log2(width / least), 1, 1000))
    return width * 2.0 ** -np.arange(count + 1)


def integral(
    log_h: SignedLog,
    lo: float,
    hi: float,
    centers: Sequence[tuple[float, float]],
    points: Any = (),
    keep: float = NEGLIGIBLE,
    local: bool = False,
) -> tuple[Panels, Tail]:
    """Return the panels of ∫h over (lo, hi) and its tails; `local` resolves each panel by itself.

    Raises `DoesNotExist` where ∫|h| is infinite, `ProbabilityError` for too narrow a range.
    """
    if hi - lo < NARROWEST:
        raise ProbabilityError(f"The ends of the range must be at least {NARROWEST:g} apart.")
    edges = octaves(lo, hi, centers, points)
    x = edges[:-1, None] + np.diff(edges)[:, None] * PROBES
    signs, logs = log_h(x)
    height = np.where(np.isnan(logs), np.inf, logs).max(axis=1)
    with np.errstate(invalid="ignore"):
        mass = height + np.log(np.diff(edges))
    usable = height < np.inf
    if not np.any(usable & (mass > -np.inf)):
        if np.any(usable):
            return _nothing(x.size), Tail(0.0, 0.0)
        raise DoesNotExist("The integrand is infinite wherever it was looked at.")
    first, last = _whole_stretch(usable, mass)
    best = mass[first : last + 1].max()
    probed = Probed(edges, height, signs, mass, best)
    tails = [_tail(log_h, probed, first, lo, -1), _tail(log_h, probed, last, hi, 1)]
    first, last = first + np.isfinite(lo), last - np.isfinite(hi)  # those touch an end
    kept = np.flatnonzero(mass[first : last + 1] >= best - keep) + first
    if not len(kept):
        kept = np.array([first, last])
    panels = refine(log_h, edges[kept.min() : kept.max() + 2], best, local)
    _check_inside(log_h, panels)
    more = panels.evaluations + x.size
    tail = Tail(sum(t.value for t in tails), sum(t.error for t in tails))
    return panels._replace(evaluations=more), tail


def _nothing(evaluations: int) -> Panels:
    zero = np.zeros(1)
    return Panels(zero, zero, zero, zero, zero, 0.0, evaluations)


def _whole_stretch(usable: Any, mass: Any) -> tuple[int, int]:
    """Return the octaves around the heaviest usable one up to where the integrand overflows."""
    middle = int(np.argmax(np.where(usable, np.where(np.isnan(mass), -np.inf, mass), -np.inf)))
    broken = np.flatnonzero(~usable)
    left, right = broken[broken < middle], broken[broken > middle]
    first = int(left.max()) + 1 if len(left) else 0
    last = int(right.min()) - 1 if len(right) else len(usable) - 1
    return first, last


def _tail(log_h: SignedLog, probed: Probed, last: int, end: float, side: int) -> Tail:
    """Judge what lies between the last octave on one side and the end of the range.

    The integrand goes as distance^slope there. A slope of −1 is the border: towards infinity it
    must be below it, towards a finite end above.
    """
    edges, height, signs, mass, best = probed
    if last not in (0, len(mass) - 1):
        return _overflow(probed, last, side)
    if not mass[last] >= best - NEGLIGIBLE:
        return _small_end(probed, last) if np.isfinite(end) else Tail(0.0, 0.0)
    finite = np.isfinite(end)
    edge = last + (side > 0) - (side if finite else 0)
    near = finite and end != 0  # where floats are coarse, the last octaves are not far from the end
    back = edge - side * np.arange(4 if near else 100)
    points = edges[np.clip(back, 0, len(edges) - 1)]
    distances = np.abs(points - end) if finite else np.abs(points)
    steady = np.unique(signs[np.clip(back[:20], 0, len(mass) - 1)]).size == 1
    if finite or steady:
        logs, sureness = log_h(points)[1], 1e-6 if near else EXACT
    else:  # it oscillates: only its envelope has a slope
        logs, sureness = height[np.clip(back - (side > 0), 0, len(mass) - 1)], 0.05
    slope = (logs[0] - logs[-1]) / np.log(distances[0] / distances[-1])
    if (slope <= -1 + sureness) if finite else (slope >= -1 - sureness):
        raise DoesNotExist(
            f"It does not exist: the integral of |g|·p grows without bound towards {end:g}."
        )
    far = np.log(distances)
    half = len(back) // 2  # a slope that changes with the logarithm of the distance: log x, say
    bend = 0.0
    if steady and far[0] != far[half] != far[-1]:
        bend = slope - (logs[half] - logs[-1]) / (far[half] - far[-1])
        bend /= (far[0] - far[half]) / 2
        bend = 0.0 if abs(bend) < EXACT else float(bend)  # less is rounding
    off = abs(1 + slope)
    rest = float(np.exp(logs[0] - best + far[0]) / off)
    with np.errstate(over="ignore"):
        more = float(np.clip(bend / off**2, -0.5, 0.5))
    value = rest * (1 + more) * float(signs[last, 0]) if steady else 0.0
    return Tail(value, rest * (1e-7 + 1e-14 / off + abs(more) if steady else 1.0))


def _small_end(probed: Probed, last: int) -> Tail:
    """Return a bound for the octave that touches an end and was found negligible."""
    return Tail(0.0, float(np.exp(np.minimum(probed.mass[last] - probed.best, 0.0))))


def _overflow(probed: Probed, last: int, side: int) -> Tail:
    """Judge a tail whose values overflowed before it had died away: only a steepening one ends."""
    edges, height, _, mass, best = probed
    near, before = (int(np.clip(last - side * k, 0, len(mass) - 1)) for k in (1, 2))
    late, early = height[last] - height[near], height[near] - height[before]
    if mass[last] < best - NEGLIGIBLE and late < 0:
        return Tail(0.0, 0.0)
    if not late < 0 or late >= -np.log(2) * (1 + EXACT) or late > 1.5 * early:
        raise DoesNotExist(
            "It does not exist, as far as floats can tell: |g|·p still grows where g overflows."
        )
    width = abs(edges[last + 1] - edges[last])
    return Tail(0.0, float(np.exp(height[last] + late - best) * width / -late))


def refine(log_h: SignedLog, edges: Any, scale: float, local: bool = False) -> Panels:
    """Halve the panels whose error matters until none does, all that need it at once."""
    lo, hi = edges[:-1], edges[1:]
    done = _measure(log_h, lo, hi, scale)
    evaluations = lo.size * NODES.size
    for _ in range(64):
        total = max(float(done.absolute.sum()), 1e-300)
        floor = 5e-14 * done.absolute if local else np.full(len(done.lo), 3e-15 * total)
        bad = _wide(done) & (done.error > np.maximum(floor, _grain(done) * done.absolute))
        if not bad.any() or evaluations > MOST_EVALUATIONS:
            break
        done = _halved(log_h, done, bad)
        evaluations += 2 * int(bad.sum()) * NODES.size
    order = np.argsort(done.lo)
    found = Panels._make([*(part[order] for part in done[:5]), scale, evaluations])
    missed = np.isposinf(found.error)  # the pole lies between two floats; it is cut out
    return found._replace(error=np.where(missed, 2 * found.absolute, found.error))


def _halved(log_h: SignedLog, panels: Panels, bad: Any) -> Panels:
    """Return the panels with the bad ones replaced by their halves."""
    lo, hi = panels.lo[bad], panels.hi[bad]
    middle = lo / 2 + hi / 2
    ends = np.concatenate([lo, middle]), np.concatenate([middle, hi])
    fresh = _measure(log_h, *ends, panels.scale)
    both = zip(panels[:5], fresh[:5], strict=True)
    parts = [np.concatenate([old[~bad], new]) for old, new in both]
    return Panels._make([*parts, *panels[5:]])


def _wide(panels: Panels) -> Any:
    """Tell which panels hold enough floats to be halved."""
    return panels.hi - panels.lo > 8 * _spacing(panels)


def _grain(panels: Panels) -> Any:
    """Return how well a panel can be known whose points are rounded to floats."""
    return np.maximum(1e-14, 0.5 * _spacing(panels) / (panels.hi - panels.lo))


def _spacing(panels: Panels) -> Any:
    return np.spacing(np.maximum(np.abs(panels.lo), np.abs(panels.hi)))


def _measure(log_h: SignedLog, lo: Any, hi: Any, scale: float) -> Panels:
    half = hi / 2 - lo / 2
    signs, logs = log_h((lo / 2 + hi / 2)[:, None] + half[:, None] * NODES)
    poles: Any = np.isposinf(logs)
    singular = poles.sum(axis=1) > 0  # halved, the pole becomes an edge, which is not asked
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        h = np.where(poles, 0.0, signs * np.exp(logs - scale))
        value, size = half * (h @ KRONROD), half * (np.abs(h) @ KRONROD)
        error = _error(half, h, value, size)
        rough = np.abs(half * (np.abs(h) @ GAUSS) - size)
    error = np.where(singular, np.inf, np.maximum(error, np.where(rough > 1e-3 * size, rough, 0)))
    return Panels(lo, hi, value, error, size, scale, lo.size * NODES.size)


def _error(half: Any, h: Any, value: Any, size: Any) -> Any:
    """Return QUADPACK's error of a panel (Piessens et al. 1983, section 2.2.1)."""
    gap = np.abs(half * (h @ GAUSS) - value)
    spread = half * (np.abs(h - (value / (2 * half))[:, None]) @ KRONROD)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = spread * np.minimum(1.0, (200 * gap / spread) ** 1.5)
    error = np.where((spread > 0) & (gap > 0), scaled, gap)
    return np.where(error < 1e-15 * size, 1e-15 * size, error)


def _check_inside(log_h: SignedLog, panels: Panels) -> None:
    """Raise `DoesNotExist` if the integrand has a pole that is not integrable inside a panel."""
    total = panels.absolute.sum()
    worst = int(np.argmax(panels.error))
    if not panels.error[worst] > 1e-6 * total:
        return
    lo, hi = panels.lo[worst], panels.hi[worst]
    span = panels.hi[-1] - panels.lo[0]
    if hi - lo > 1e-9 * span:
        return  # out of evaluations, not out of digits: the error says so
    steps = span * 2.0 ** -np.arange(8, 36)
    for place in (lo, hi):
        for side in (-1, 1):
            logs = log_h(place + side * steps)[1]
            if not np.all(np.isfinite(logs)):
                continue
            slope = (logs[0] - logs[-1]) / np.log(steps[0] / steps[-1])
            if slope <= -1 + 1e-3:
                raise DoesNotExist(
                    f"It does not exist: |g|·p is not integrable around x = {place:.6g}."
                )
