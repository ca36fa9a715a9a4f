"""Pareto k̂: how heavy the tail of importance weights is."""

from typing import Any

import numpy as np

PRIOR_K, PRIOR_WEIGHT, PRIOR_B = 0.5, 10, 3
TINY = np.log(np.finfo(float).tiny)


def pareto_k(log_weights: Any) -> float:
    """Return the shape k̂ of a generalised Pareto distribution fitted to the largest weights.

    The variance of the weights is finite where k < 1/2; up to `largest_usable_k` estimates are of
    use. Infinite if fewer than five weights stand out; negative where the largest weights are
    equal, as on a few whole numbers: they are bounded.
    """
    logs = np.asarray(log_weights, float).ravel()
    count = int(np.ceil(min(0.2 * logs.size, 3 * np.sqrt(logs.size))))
    if count < 5:
        return float("inf")
    top = np.sort(largest(logs, count + 1))
    if top[-1] == -np.inf:
        return float("inf")
    cutoff = max(_cutoff(logs, top) - top[-1], TINY)
    top = top - top[-1]
    tail = np.exp(top[top > cutoff]) - np.exp(cutoff)
    return float("inf") if tail.size < 5 else generalised_pareto(tail)


def largest_usable_k(n: int) -> float:
    """Return the k̂ up to which n smoothed weights are of use, min(1 − 1/log₁₀ n, 0.7).

    (Vehtari, Simpson, Gelman, Yao and Gabry 2024, eq. 13.)
    """
    return min(1 - 1 / np.log10(n), 0.7)


def _cutoff(logs: Any, top: Any) -> float:
    """Return the weight above which the tail begins: below a value that most of the tail shares."""
    if np.sum(top > top[0]) >= 5 or top[0] == -np.inf:
        return float(top[0])
    return float(np.max(logs, where=logs < top[0], initial=-np.inf))


def largest(values: Any, count: int) -> Any:
    """Return the `count` largest values in any order, guided by a sample where there are many."""
    if values.size > 50_000:
        guess = np.sort(values[::64])[-max(2, int(count / 64 * 1.5) + 8)]
        few = values[values >= guess]
        if few.size >= count:
            values = few
    return np.partition(values, values.size - count)[values.size - count :]


def generalised_pareto(tail: Any) -> float:
    """Return the posterior mean of k for sorted excesses (Zhang and Stephens 2009), k > 0 heavy.

    The likelihood is averaged over a grid of b = −k/σ; k is drawn towards ½ as if ten more
    excesses had said so.
    """
    n = tail.size
    m = 30 + int(np.sqrt(n))
    quartile = tail[int(n / 4 + 0.5) - 1]
    b = 1 / tail[-1] + (1 - np.sqrt(m / (np.arange(1, m + 1) - 0.5))) / (PRIOR_B * quartile)
    k = np.log1p(-b[:, None] * tail).mean(axis=1)
    log_likelihood = n * (np.log(-b / k) - k - 1)
    weights = np.exp(log_likelihood - log_likelihood.max())
    weights /= weights.sum()
    kept = weights >= 10 * np.finfo(float).eps
    mean = (b[kept] * weights[kept]).sum() / weights[kept].sum()
    shape = float(np.log1p(-mean * tail).mean())
    return (n * shape + PRIOR_WEIGHT * PRIOR_K) / (n + PRIOR_WEIGHT)
