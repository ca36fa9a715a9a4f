"""Less variance from the same samples: control variates and antithetic pairs."""

from typing import Any

import numpy as np

from gdviz.probability.expectations import Estimate, expectation, function_of
from gdviz.probability.registry import distribution_of
from gdviz.probability.user_functions import values
from gdviz.probability.validation import count


def control_variate(h: Any, c: Any, target: Any, n: int = 10_000, seed: int = 0) -> Estimate:
    """Return E[h] as the mean of h − b(c − E[c]), b = cov(h, c)/var(c) from the samples.

    E[c] comes from quadrature. The slope is fitted to the same samples, so that the estimate has a
    bias of order 1/n. The note says by how much the variance fell.
    """
    p, n = distribution_of(target), count("n", n, 3, 10**7)
    x = np.asarray(p.draw(np.random.default_rng(seed), n), float)
    y, z = values(function_of(h), x), values(function_of(c), x) - expectation(c, p).value
    spread = z - z.mean()
    slope = float(spread @ y / (spread @ spread)) if np.any(spread) else 0.0
    rest = y - slope * z
    return _with_ratio(rest, y, n, f"slope {slope:.4g}")


def antithetic(h: Any, target: Any, n: int = 10_000, seed: int = 0) -> Estimate:
    """Return E[h] from n/2 pairs F⁻¹(u), F⁻¹(1 − u): opposite, so that their errors cancel."""
    p, n = distribution_of(target), 2 * count("n/2", int(n) // 2, 2, 10**7)
    u = np.random.default_rng(seed).random(n // 2)
    f = function_of(h)
    first, second = values(f, p.ppf(u)), values(f, p.isf(u))
    pairs = (first + second) / 2
    plain = np.concatenate([first, second])
    return _with_ratio(pairs, plain, n, f"{n // 2} pairs")


def _with_ratio(better: Any, plain: Any, n: int, note: str) -> Estimate:
    error = float(np.std(better, ddof=1) / np.sqrt(better.size))
    usual = float(np.std(plain, ddof=1) / np.sqrt(plain.size))
    times = (usual / error) ** 2 if error > 0 else float("inf")
    told = f"{note}; the variance is {times:.4g} times smaller; the error is one standard error"
    return Estimate(float(better.mean()), error, n, told)
