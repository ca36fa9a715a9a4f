"""The exact rate of momentum on a quadratic: what the phase plane of (η, β) shows.

Along an eigenvector with eigenvalue λ the heavy ball is a linear map of (x, v); it shrinks the
error by its spectral radius each step (Polyak 1964; Goh 2017, "Why momentum really works").
"""

from typing import Any

import numpy as np


def radius(lr: Any, beta: Any, curvature: Any) -> Any:
    """Return the spectral radius of the heavy ball for rate, momentum and eigenvalue, elementwise.

    The eigenvalues solve σ² − (1 + β − ηλ)σ + β = 0.
    """
    half = (1 + beta - np.multiply(lr, curvature)) / 2
    disc = half**2 - beta
    real = np.abs(half) + np.sqrt(np.maximum(disc, 0))
    return np.where(disc < 0, np.sqrt(np.maximum(beta, 0)), real)


def rate(lr: Any, beta: Any, eigenvalues: Any) -> Any:
    """Return the worst radius over all eigenvalues: the factor of the error per step in the end."""
    return np.max([radius(lr, beta, value) for value in eigenvalues], axis=0)


def optimum(eigenvalues: Any) -> tuple[float, float, float]:
    """Return the best rate η = (2/(√μ + √L))², β = ((√L − √μ)/(√L + √μ))², and the factor √β."""
    low, high = np.sqrt(np.min(eigenvalues)), np.sqrt(np.max(eigenvalues))
    beta = ((high - low) / (high + low)) ** 2
    return float((2 / (low + high)) ** 2), float(beta), float(np.sqrt(beta))


def regime(lr: float, beta: float, curvature: float) -> str:
    """Name what the heavy ball does along one eigenvector."""
    if radius(lr, beta, curvature) >= 1:
        return "diverges"
    half = (1 + beta - lr * curvature) / 2
    if half**2 < beta:
        return "ripples"
    return "monotone" if half >= 0 else "alternates"
