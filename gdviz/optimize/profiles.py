"""Summaries of many runs: profiles, runtime distributions, and bands over starts.

Everywhere a time is a number of evaluations, infinite where a run never got there.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtrit


class MeanBand(NamedTuple):
    """A mean over repetitions, and the ends of its interval of confidence."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def first_hits(gaps: np.ndarray, costs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the least cost at which a run is as low as each target, `(runs, m)`.

    `gaps` and `costs` are `(runs, n)`, `targets (runs, m)`; a gap that is no number hits nothing.
    """
    best = np.minimum.accumulate(np.where(np.isnan(gaps), np.inf, gaps), axis=1)
    found = np.full(targets.shape, np.inf)
    for run, (low, cost, wanted) in enumerate(zip(-best, costs, targets, strict=True)):
        at = np.searchsorted(low, -wanted)
        found[run] = np.append(cost, np.inf)[at]
    return found


def performance_profile(times: np.ndarray, ratios: Any) -> np.ndarray:
    """Return the share of problems solved within each of `ratios (r,)` of the best time, `(m, r)`.

    `times` is `(m, p)`, methods by problems; a problem that none solves counts against all (Dolan
    and Moré 2002).
    """
    best = times.min(axis=0)
    with np.errstate(invalid="ignore"):
        ratio = np.where(np.isfinite(times), times / best, np.inf)
    return np.mean(ratio[:, :, None] <= np.asarray(ratios, float), axis=1)


def data_profile(times: np.ndarray, groups: Any, d: int) -> np.ndarray:
    """Return the share of problems solved within κ groups of d + 1 evaluations, `(m, k)`.

    `times` is `(m, p)`, `groups` the κ, `(k,)` (Moré and Wild 2009, Section 2).
    """
    return runtime_distribution(times, np.asarray(groups, float) * (d + 1))


def runtime_distribution(times: np.ndarray, budgets: Any) -> np.ndarray:
    """Return the share of `times (..., k)` within each of `budgets (b,)`, `(..., b)`.

    With a time for every pair of a problem and a target it is what COCO draws (Hansen et al. 2021).
    """
    within = np.sort(times, axis=-1)
    flat = within.reshape(-1, within.shape[-1])
    counts = np.array([np.searchsorted(row, budgets, side="right") for row in flat])
    return (counts / within.shape[-1]).reshape(*within.shape[:-1], -1)


def area(times: np.ndarray, budget: float) -> np.ndarray:
    """Return the area under the runtime distribution of `times (..., k)`, a part of 1, `(...)`.

    Over log evaluations from 1 to the budget: 1 if every target is met at the start, 0 if none is
    met.
    """
    left = 1 - np.log(np.clip(times, 1, budget)) / np.log(budget)
    return np.where(np.isfinite(times), left, 0.0).mean(axis=-1)


def mean_band(values: np.ndarray, level: float = 0.95) -> MeanBand:
    """Return the mean over the first axis, `(n, ...)`, and Student's interval for it.

    Of one repetition alone nothing is known: the interval is unbounded.
    """
    n, mean = len(values), np.mean(values, axis=0)
    if n < 2:
        return MeanBand(mean, mean - np.inf, mean + np.inf)
    half = stdtrit(n - 1, (1 + level) / 2) * np.std(values, axis=0, ddof=1) / np.sqrt(n)
    return MeanBand(mean, mean - half, mean + half)


def paired_bands(scores: np.ndarray, level: float = 0.95) -> MeanBand:
    """Return how far each method is ahead of each other one, `(m, m)`, from `scores (m, n)`.

    The scores are paired: column i is one repetition, the same for all. All m(m − 1)/2 intervals
    hold together with the level (Bonferroni), so that whoever leads may be picked afterwards.
    """
    m = len(scores)
    pairs = max(m * (m - 1) // 2, 1)
    ahead = scores[:, None, :] - scores[None, :, :]
    return mean_band(np.moveaxis(ahead, -1, 0), 1 - (1 - level) / pairs)
