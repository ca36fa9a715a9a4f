"""Expectations of laws on whole numbers: every term where they fit, strata of them where not.

Where they do not fit, one term stands for a stratum of neighbours. A second one, at random in each,
tells whether it may: g may be different at every other number.
"""

from typing import Any, NamedTuple

import numpy as np

from gdviz.probability.distributions import Distribution
from gdviz.probability.estimate import Estimate, scaled_estimate
from gdviz.probability.user_functions import SignedLog
from gdviz.probability.validation import DoesNotExist

EPS = np.finfo(float).eps
MOST_TERMS = 2**20
STRATA = 2**17
NEGLIGIBLE = 60.0
TALL = 5.0
NARROW = 1e-2  # of all numbers: a bulk so narrow lies within few strata of one width
FARTHEST = 1e15
SEED = 19680


class TermRange(NamedTuple):
    """The whole numbers from `first` to `last` that matter, and what lies beyond them.

    From `low` to `high` are those where g·p alone seems to; its largest term is at `top`, and over
    `bulk` numbers around that it falls by little.
    """

    first: float
    last: float
    low: float
    high: float
    rest: float
    best: float
    evaluations: int
    top: float
    bulk: float


def sum_over(log_h: SignedLog, law: Distribution, points: Any = ()) -> Estimate:
    """Return Σ g(k) p(k); `log_h` gives sign and logarithm of a term, `points` where g changes.

    Raises `DoesNotExist` where Σ |g| p is infinite.
    """
    found = _range(log_h, law, points)
    if found.last - found.first < MOST_TERMS:
        return _every_term(log_h, found)
    if found.rest > 0:
        return _head_and_power_law(log_h, found)
    if found.best > -np.inf and found.high - found.low < MOST_TERMS:
        return _core_and_strata(log_h, found)
    if found.bulk < NARROW * (found.last - found.first):
        return _head_and_growing_strata(log_h, found)
    return _strata(log_h, found)


def _range(log_h: SignedLog, law: Distribution, points: Any) -> TermRange:
    """Return the numbers where p, or g·p, is within e^−60 of its largest."""
    rungs = _rungs(law, points)
    log_p = np.asarray(law.logpdf(rungs), float)
    logs = log_h(rungs)[1]
    broken = np.flatnonzero(logs == np.inf)
    whole = slice(0, broken[0] if len(broken) else len(rungs))
    rungs, logs, log_p = rungs[whole], logs[whole], log_p[whole]
    gaps = np.diff(rungs)
    open_ended = len(gaps) > 0 and np.isinf(law.support[1])
    widths = np.log(np.append(gaps, gaps[-1] if open_ended else 1.0))
    mass, own = logs + widths, log_p + widths
    best = float(mass.max(initial=-np.inf))
    if len(broken) and not (len(mass) > 1 and mass[-1] < min(best - NEGLIGIBLE, mass[-2])):
        raise DoesNotExist("It does not exist, as far as floats can tell: g overflows.")
    rest = 0.0 if len(broken) else _beyond(rungs, logs, mass, best, law.support[1])
    matters = mass > best - NEGLIGIBLE
    sides = _reach(rungs, matters | (own > own.max() - NEGLIGIBLE)) + _reach(rungs, matters)
    tall = rungs[logs > logs.max() - TALL] if np.isfinite(logs.max()) else rungs
    top = float(rungs[np.argmax(logs)])
    return TermRange(*sides, rest, best, 2 * rungs.size, top, float(np.ptp(tall)))


def _reach(rungs: Any, kept: Any) -> tuple[float, float]:
    """Return the rungs before the first and after the last that are kept."""
    at = np.flatnonzero(kept)
    if not len(at):
        return float(rungs[0]), float(rungs[0])
    return float(rungs[max(at[0] - 1, 0)]), float(rungs[min(at[-1] + 1, len(rungs) - 1)])


def _rungs(law: Distribution, places: Any) -> Any:
    """Return whole numbers, ever farther apart from the middle of a law and the ends it has.

    Those around the places where g is known to change are among them.
    """
    first, last = law.support
    parts: list[Any] = [[end for end in (first, last) if np.isfinite(end)]]
    parts += [np.ravel(places) + step for step in (-1, 0, 1)]
    for center, width in law.centers:
        steps = width * 2.0 ** np.linspace(-2, 49, 409)
        parts += [[center], center - steps, center + steps]
    near = 2.0 ** np.linspace(0, 49, 393)
    parts += [end + side * near for end, side in ((first, 1), (last, -1)) if np.isfinite(end)]
    points = np.floor(np.concatenate(parts))
    return np.unique(points[(points >= first) & (points <= min(last, max(FARTHEST, first)))])


def _beyond(rungs: Any, logs: Any, mass: Any, best: float, last: float) -> float:
    """Return what lies beyond the last rung, over e^best, or raise `DoesNotExist`."""
    if np.isfinite(last) or not mass[-1] > best - NEGLIGIBLE:
        return 0.0
    late, early = (int(np.argmax(logs[-k - 8 : -k])) - k - 8 for k in (1, 80))  # among zeros, too
    slope = (logs[late] - logs[early]) / np.log(rungs[late] / rungs[early])
    if slope >= -1 - 1e-6:
        raise DoesNotExist("It does not exist: the sum of |g|·p grows without bound.")
    return float(np.exp(logs[-1] - best) * rungs[-1] / (-1 - slope))


def _every_term(log_h: SignedLog, found: TermRange) -> Estimate:
    k = np.arange(found.first, found.last + 1)
    signs, logs = log_h(k)
    scale = float(logs.max())
    if scale == -np.inf:
        return Estimate(0.0, 0.0, k.size, "g is zero wherever the law has mass")
    terms = signs * np.exp(logs - scale)
    beyond = found.rest * np.exp(found.best - scale) if found.rest else 0.0
    error = 4 * EPS * float(np.abs(terms).sum()) + beyond
    count = k.size + found.evaluations
    return scaled_estimate(float(terms.sum()), error, scale, count, f"the sum of {k.size} terms")


def _head_and_power_law(log_h: SignedLog, found: TermRange) -> Estimate:
    """Return a sum whose terms fall so slowly that all but the first follow their power law."""
    k = np.arange(found.first, found.first + MOST_TERMS)
    signs, logs = log_h(k)
    scale = float(logs.max())
    terms = signs * np.exp(logs - scale)
    middle, end = len(k) // 2, len(k) - 1
    slope = (logs[end] - logs[middle]) / np.log(k[end] / k[middle])
    if np.unique(signs[middle:]).size > 1 or not slope < -1 - 1e-6:
        rest = found.rest * float(np.exp(found.best))
        return _head_and_growing_strata(log_h, found).with_doubt("beyond 10¹⁵ by a bound", rest)
    start = k[-1] + 0.5
    rest = float(terms[-1]) * (start / k[-1]) ** slope * start / (-1 - slope)
    error = abs(rest) / len(k) + 4 * EPS * float(np.abs(terms).sum())
    note = f"the sum of {k.size} terms, and the power law of the rest"
    value = float(terms.sum()) + rest
    return scaled_estimate(value, error, scale, k.size + found.evaluations, note)


def _core_and_strata(log_h: SignedLog, found: TermRange) -> Estimate:
    """Return a sum with every term where g·p seems to lie, and strata of the rest of p.

    What is left over by strata of equal width is summed too, so that no term is counted twice.
    """
    core = _every_term(log_h, found._replace(first=found.low, last=found.high, rest=0.0))
    value, error, count, note = core
    for first, last in ((found.first, found.low - 1), (found.high + 1, found.last)):
        terms = last - first + 1
        width = np.ceil(terms / STRATA)
        end = first + width * (terms // width) - 1 if terms > STRATA else first - 1
        for part, start, stop in ((_strata, first, end), (_every_term, end + 1, last)):
            if start <= stop:
                more = part(log_h, found._replace(first=start, last=stop, rest=0.0))
                error += more.error if more.value else 0.0
                value, count = value + more.value, count + more.evaluations
                note = f"{core.note}, and {more.note}" if part is _strata else note
    return Estimate(value, error, count, note)


def _head_and_growing_strata(log_h: SignedLog, found: TermRange) -> Estimate:
    """Return a sum with every term around the largest, and of the rest one of a stratum, at random.

    The strata grow with their distance from it, as those of a power law must.
    """
    half, chance = MOST_TERMS // 4, np.random.default_rng(SEED)
    low, high = max(found.top - half, found.first), min(found.top + half, found.last)
    head = _every_term(log_h, found._replace(first=low, last=high, rest=0.0))
    value, error, count = head[:3]
    for inner, outer, side in ((low - 1, found.first, -1.0), (high + 1, found.last, 1.0)):
        room = side * (outer - inner) + 1
        if room < 1:
            continue
        steps = np.unique(np.floor(half * (1 + room / half) ** np.linspace(0, 1, STRATA))) - half
        widths = np.diff(np.append(steps[steps < room], room))
        terms = [
            _in_floats(log_h(inner + side * np.floor(steps[: len(widths)] + widths * share)))
            for share in (chance.random(len(widths)), chance.random(len(widths)))
        ]
        one, other = (widths * part for part in terms)
        value += float((one + other).sum()) / 2
        error += 2 * float(np.sqrt(np.square(one - other).sum())) + 4 * EPS * abs(value)
        count += 2 * len(widths)
    note = (
        f"{head.note}, and two of each of {STRATA} growing strata; the error is two standard ones"
    )
    return Estimate(value, error, count, note)


def _in_floats(pair: tuple[Any, Any]) -> Any:
    return pair[0] * np.exp(pair[1])


def _strata(log_h: SignedLog, found: TermRange) -> Estimate:
    """Return a sum by strata: their middles stand for them if they foretell a term at random."""
    width = float(np.ceil((found.last - found.first + 1) / STRATA))
    strata = int(np.ceil((found.last - found.first + 1) / width))
    start = found.first + width * np.arange(strata)
    middle = start + np.floor(width / 2)
    drawn = start + np.floor(width * np.random.default_rng(SEED).random(strata))
    (signs, logs), (other_signs, other_logs) = log_h(middle), log_h(drawn)
    scale = float(max(logs.max(), other_logs.max()))
    if scale == -np.inf:
        note = f"only zeros were seen among {2 * strata} terms: the error is unknown"
        return Estimate(0.0, float("inf"), 2 * strata, note)
    h, other = signs * np.exp(logs - scale), other_signs * np.exp(other_logs - scale)
    foretold = _cubic(h, (drawn - middle) / width)
    missed = width * float(np.abs(other - foretold).sum())
    size = width * float(np.abs(h).sum())
    count = 2 * strata + found.evaluations
    if missed <= 1e-6 * size:
        note = f"every {width:.0f}th of {found.last - found.first:.0f} terms"
        return scaled_estimate(width * float(h.sum()), missed + 4 * EPS * size, scale, count, note)
    spread = width * float(np.sqrt(((other - foretold) ** 2).sum()))
    note = f"{strata} terms at random, one of every {width:.0f}; the error is two standard errors"
    return scaled_estimate(width * float(other.sum()), 2 * spread, scale, count, note)


def _cubic(h: Any, t: Any) -> Any:
    """Return the cubic through four neighbouring middles, t strata from the second or third."""
    padded = np.concatenate([[0.0], h, [0.0, 0.0]])
    before, here, after, later = (padded[i : i + len(h)] for i in range(4))
    return (
        -t * (t - 1) * (t - 2) / 6 * before
        + (t + 1) * (t - 1) * (t - 2) / 2 * here
        - (t + 1) * t * (t - 2) / 2 * after
        + (t + 1) * t * (t - 1) / 6 * later
    )
