"""Integrals of ±exp(log h) by Gauss–Kronrod panels, where log h is all that floats can hold.

The panels start as octaves: the line is cut at each centre ± width·2ᵏ and towards each finite end
by halves, so that a peak of any width at a known place is met by panels of its own size. What lies
beyond the last octave is added by its power law, or found not to be integrable.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.probability.adaptive import INSIDE, SHARE, interpolate
from gdviz.probability.humps import STEEP, Landmarks, maxima
from gdviz.probability.kronrod import GAUSS, KRONROD, NODES
from gdviz.probability.octaves import octaves
from gdviz.probability.tails import NEGLIGIBLE, Probed, Tail, tail_beyond
from gdviz.probability.user_functions import SignedLog
from gdviz.probability.validation import DoesNotExist, ProbabilityError

MOST_EVALUATIONS = 300_000
PROBES = np.array([0.02, 0.2, 0.4, 0.6, 0.8, 0.98])
JITTER = 0.1  # most of the roundings cancel
NARROWEST = 1e-250  # narrower, and floats end before the octaves towards an end have
ROUNDS = 128
MOST_CUTS = 400


class Panels(NamedTuple):
    """Panels from `lo` to `hi` with ∫h, its error and ∫|h| in units of e^`scale`, sorted.

    `heights` is h at the nodes of each.
    """

    lo: Any
    hi: Any
    value: Any
    error: Any
    absolute: Any
    heights: Any
    scale: float
    evaluations: int


def integral(
    log_h: SignedLog,
    lo: float,
    hi: float,
    centers: Sequence[tuple[float, float]],
    points: Any = (),
    keep: float = NEGLIGIBLE,
    local: bool = False,
    most: int = MOST_EVALUATIONS,
) -> tuple[Panels, Tail]:
    """Return the panels of ∫h over (lo, hi) and its tails; `local` resolves each panel by itself.

    Panels are no more halved after about `most` evaluations; their errors say what that leaves.

    Raises `DoesNotExist` where ∫|h| is infinite, `ProbabilityError` for too narrow a range.
    """
    if hi - lo < NARROWEST:
        raise ProbabilityError(f"The ends of the range must be at least {NARROWEST:g} apart.")
    edges, signs, logs, evaluations = _probe(log_h, octaves(lo, hi, centers, points))
    height = np.where(np.isnan(logs), np.inf, logs).max(axis=1)
    with np.errstate(invalid="ignore"):
        mass = height + np.log(np.diff(edges))
    usable = height < np.inf
    if not np.any(usable & (mass > -np.inf)):
        if np.any(usable):
            return _nothing(evaluations), Tail(0.0, 0.0)
        raise DoesNotExist("The integrand is infinite wherever it was looked at.")
    first, last = _whole_stretch(usable, mass)
    probed = Probed(edges, height, signs, mass, mass[first : last + 1].max())
    tails = [tail_beyond(log_h, probed, *side) for side in ((first, lo, -1), (last, hi, 1))]
    panels = refine(log_h, _heavy(probed, first, last, lo, hi, keep), probed.best, local, most)
    _check_inside(log_h, panels)
    tail = Tail(sum(t.value for t in tails), sum(t.error for t in tails))
    return panels._replace(evaluations=panels.evaluations + evaluations), tail


def _probe(log_h: SignedLog, edges: Any) -> tuple[Any, Any, Any, int]:
    """Return edges, signs and logs at six places of each panel, and the count of evaluations.

    Where those betray a hump that is narrower than they are apart, edges around it are added.
    """
    x = edges[:-1, None] + np.diff(edges)[:, None] * PROBES
    signs, logs = log_h(x)
    humps = maxima(lambda at: log_h(at)[1], x.ravel(), STEEP, logs.ravel())
    if not humps:
        return edges, signs, logs, x.size
    more = Landmarks(np.zeros(0), tuple(humps)).cuts(edges[0], edges[-1], MOST_CUTS)
    edges = np.unique(np.concatenate([edges, more]))
    finer = edges[:-1, None] + np.diff(edges)[:, None] * PROBES
    return edges, *log_h(finer), x.size + finer.size


def _heavy(probed: Probed, first: int, last: int, lo: float, hi: float, keep: float) -> Any:
    """Return the edges between the outermost octaves that matter, without those at an end."""
    first, last = first + int(np.isfinite(lo)), last - int(np.isfinite(hi))
    kept = np.flatnonzero(probed.mass[first : last + 1] >= probed.best - keep) + first
    ends = (kept.min(), kept.max()) if len(kept) else (first, last)
    return probed.edges[ends[0] : ends[1] + 2]


def _nothing(evaluations: int) -> Panels:
    zero = np.zeros(1)
    return Panels(zero, zero, zero, zero, zero, np.zeros((1, NODES.size)), 0.0, evaluations)


def _whole_stretch(usable: Any, mass: Any) -> tuple[int, int]:
    """Return the octaves around the heaviest usable one up to where the integrand overflows."""
    middle = int(np.argmax(np.where(usable, np.where(np.isnan(mass), -np.inf, mass), -np.inf)))
    broken = np.flatnonzero(~usable)
    left, right = broken[broken < middle], broken[broken > middle]
    first = int(left.max()) + 1 if len(left) else 0
    last = int(right.min()) - 1 if len(right) else len(usable) - 1
    return first, last


def refine(
    log_h: SignedLog, edges: Any, scale: float, local: bool = False, most: int = MOST_EVALUATIONS
) -> Panels:
    """Halve the panels whose error matters until none does, all that need it at once."""
    done = _measure(log_h, edges[:-1], edges[1:], scale)
    evaluations, fresh = done.evaluations, np.ones(done.lo.size, bool)
    for _ in range(ROUNDS):
        bad = _in_doubt(done, local)
        if not bad.any() or evaluations > most:
            done = _looked_into(log_h, done, fresh)
            evaluations, fresh = evaluations + int(fresh.sum()) * INSIDE.size, fresh & False
            bad = _in_doubt(done, local)
        if not bad.any() or evaluations > most:
            break
        done = _halved(log_h, done, bad)
        fresh = np.append(fresh[~bad], np.ones(2 * int(bad.sum()), bool))
        evaluations += 2 * int(bad.sum()) * NODES.size
    order = np.argsort(done.lo)
    found = Panels._make([*(part[order] for part in done[:6]), scale, evaluations])
    missed = np.isposinf(found.error)  # the pole lies between two floats; it is cut out
    error = np.where(missed, 2 * found.absolute, found.error + _jitter(found))
    return found._replace(error=error)


def _jitter(panels: Panels) -> Any:
    """Return what the rounding of the nodes does: it moves each up or down its flank."""
    return JITTER * _spacing(panels) * np.abs(np.diff(panels.heights, axis=1)).sum(axis=1)


def _in_doubt(panels: Panels, local: bool) -> Any:
    """Tell which panels have an error that matters, and can be halved."""
    total = max(float(panels.absolute.sum()), 1e-300)
    floor = 5e-14 * panels.absolute if local else np.full(len(panels.lo), 3e-15 * total)
    grain = _grain(panels) * panels.absolute
    return _wide(panels) & (panels.error > np.maximum(floor, grain))


def _looked_into(log_h: SignedLog, panels: Panels, fresh: Any) -> Panels:
    """Return panels, the fresh ones of which are compared with h where no node has been.

    Where the polynomial through the nodes misses h by far more than the error says, that is it.
    """
    lo, width = panels.lo[fresh], (panels.hi - panels.lo)[fresh]
    signs, logs = log_h(lo[:, None] + width[:, None] * INSIDE)
    with np.errstate(over="ignore", invalid="ignore"):
        h = signs * np.exp(logs - panels.scale)
        expected = interpolate(NODES, panels.heights[fresh][:, None], 2 * INSIDE[None] - 1)
        missed = np.nan_to_num(np.abs(h - expected) @ SHARE * width, nan=0.0, posinf=0.0)
    error = np.array(panels.error)
    floor = np.maximum(100 * error[fresh], 1e-12 * float(panels.absolute.sum()))
    error[fresh] = np.where(missed > floor, missed, error[fresh])
    return panels._replace(error=error)


def _halved(log_h: SignedLog, panels: Panels, bad: Any) -> Panels:
    """Return the panels with the bad ones replaced by their halves."""
    lo, hi = panels.lo[bad], panels.hi[bad]
    middle = lo / 2 + hi / 2
    ends = np.concatenate([lo, middle]), np.concatenate([middle, hi])
    fresh = _measure(log_h, *ends, panels.scale)
    both = zip(panels[:6], fresh[:6], strict=True)
    parts = [np.concatenate([old[~bad], new]) for old, new in both]
    return Panels._make([*parts, *panels[6:]])


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
    return Panels(lo, hi, value, error, size, h, scale, lo.size * NODES.size)


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
    steps = (hi - lo) * 2.0 ** np.arange(24, -1, -1)
    for place in (lo, hi):
        for side in (-1, 1):
            signs, logs = log_h(place + side * steps)
            if not np.all(np.isfinite(logs)) or np.ptp(signs):
                continue  # waves change their sign
            slopes = np.diff(logs[::8]) / np.log(2.0**8)
            if slopes.min() >= 1 - 1e-3:
                raise DoesNotExist(
                    f"It does not exist: |g|·p is not integrable around x = {place:.6g}."
                )
