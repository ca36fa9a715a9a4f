"""The curvature of a linear model's loss: its eigenvalues say which rates are stable, and how slow.

For a squared loss the Hessian is H = AᵀA/n + l2; along its eigenvector i the error of gradient
descent shrinks by 1 − ηλᵢ a step. Everything is stable below η = 2/λmax, best at 2/(λmax + λmin).
"""

from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.objective import Objective, as_design, objective

RANK = 1e-12  # an eigenvalue this small against the largest one is a direction that data ignore


class Spectrum(NamedTuple):
    """`values (d,)`, ascending, and `vectors (d, d)`, in columns, of the Hessian (or its bound)."""

    values: np.ndarray
    vectors: np.ndarray

    @property
    def largest(self) -> float:
        """L, the largest curvature."""
        return float(self.values[-1])

    @property
    def smallest(self) -> float:
        """μ, the smallest curvature along which the loss changes at all."""
        seen = self.values[self.values > RANK * max(self.largest, 0.0)]
        return float(seen[0]) if len(seen) else 0.0

    @property
    def condition(self) -> float:
        """κ = L/μ over all directions: infinite if along one of them nothing changes."""
        flat = self.values[0] <= RANK * self.largest
        return float("inf") if flat else self.largest / float(self.values[0])

    @property
    def edge(self) -> float:
        """2/L, from which on gradient descent does not converge; infinite if nothing is curved."""
        return 2 / self.largest if self.largest > 0 else float("inf")

    @property
    def best(self) -> float:
        """2/(L + μ), for which the slowest direction is as fast as it can be."""
        return 2 / (self.largest + self.smallest) if self.largest > 0 else float("inf")


def spectrum(objective: Objective) -> Spectrum:
    """Return the spectrum of the Hessian of an objective; for a logistic loss, of its bound."""
    bound = objective.loss.curvature or 1.0
    values, vectors = np.linalg.eigh(
        bound * objective.gram + objective.l2 * np.diag(objective.penalised)
    )
    return Spectrum(np.maximum(values, 0.0), vectors)


def largest_stable_rate(X: Any, *, l2: float = 0.0, fit_bias: bool = True) -> float:
    """Return 2/L, the rate from which on full-batch gradient descent no longer converges.

    L is the largest eigenvalue of AᵀA/n + l2, with A = (X, 1), or X without a bias: that of the
    squared loss, Σ(ŷ − y)²/2n. Raises `FitError` as `fit_linear` does.
    """
    n = len(as_design(X))
    return spectrum(objective(X, np.zeros(n), l2=l2, fit_bias=fit_bias)).edge


def batch_curvature(objective: Objective, batch_size: int | None) -> float:
    """Return the smoothness that a batch of this size feels on average (Gower et al. 2019, eq. 13).

    Between L for the full batch and the largest |aᵢ|² for single rows; its inverse is a safe rate.
    """
    bound = objective.loss.curvature or 1.0
    full = spectrum(objective).largest
    n = len(objective.y)
    if batch_size is None or batch_size >= n:
        return full
    single = bound * float((objective.A**2).sum(axis=1).max()) + objective.l2
    share = n * (batch_size - 1) / (batch_size * (n - 1))
    return share * full + (n - batch_size) / (batch_size * (n - 1)) * single


def steps_to(spectrum: Spectrum, rate: float, shrink: float = 1e-2) -> np.ndarray:
    """Return the steps in which gradient descent shrinks the error of each direction to `shrink`.

    log(shrink)/log|1 − ηλ|, infinite where it never does, 0 where one step is enough, `(d,)`.
    """
    factor = np.abs(1 - rate * spectrum.values)
    with np.errstate(divide="ignore"):
        steps = np.log(shrink) / np.log(factor)
    return np.where(factor < 1 - 1e-15, np.where(factor > 0, steps, 0.0), np.inf)
