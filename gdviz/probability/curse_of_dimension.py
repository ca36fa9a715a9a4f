"""What an integral costs in d dimensions: a grid, random points, and points that keep apart."""

from typing import Any, NamedTuple

import numpy as np
import scipy.special as sc

SIDE = np.sqrt(np.pi) / 2 * sc.erf(1.0)  # ∫ e^(−x²) over [0, 1]


class Cost(NamedTuple):
    """Relative errors `(dimensions,)` for the same number of evaluations of ∫ e^(−|x|²)."""

    dimensions: Any
    grid: Any
    monte_carlo: Any
    quasi_monte_carlo: Any
    per_axis: Any


def cost(
    dimensions: Any = range(1, 11), budget: int = 4096, repeats: int = 8, seed: int = 0
) -> Cost:
    """Return the relative errors of ∫ e^(−|x|²) over [0, 1]ᵈ, exactly (√π/2 erf 1)ᵈ.

    The grid has ⌊budget^(1/d)⌋ midpoints an axis; the random ones are root mean squares over
    `repeats` scramblings.
    """
    from scipy.stats import qmc

    dims = np.asarray(list(dimensions), int)
    per_axis = np.floor(budget ** (1 / dims) + 1e-9).astype(int)
    sides = np.array([np.mean(np.exp(-(((np.arange(m) + 0.5) / m) ** 2))) for m in per_axis])
    grid = np.abs((sides / SIDE) ** dims - 1)
    most = int(dims.max())
    rng = np.random.default_rng(seed)
    random = _relative(rng.random((repeats, budget, most)), dims)
    power = int(np.log2(budget))
    sobol = np.stack(
        [
            qmc.Sobol(most, rng=np.random.default_rng([seed, r])).random_base2(power)
            for r in range(repeats)
        ]
    )
    return Cost(dims, grid, random, _relative(sobol, dims), per_axis)


def _relative(points: Any, dims: Any) -> Any:
    """Return root mean square relative errors; the first d coordinates serve dimension d."""
    products = np.exp(-np.cumsum(points**2, axis=2))[:, :, dims - 1]
    off = products.mean(axis=1) / SIDE**dims - 1
    return np.sqrt((off**2).mean(axis=0))
