"""Exact draws from the targets that have them."""

import math
from typing import Any

import numpy as np

Rng = np.random.Generator


def draw_banana(rng: Rng, n: int) -> np.ndarray:
    """Draw a correlated normal whose second variable is bent, `(n, 2)`."""
    a, b = rng.standard_normal((2, n))
    x, tilt = 2 * a, 0.5 * a + math.sqrt(0.75) * b
    return np.stack([x, (tilt - 0.4 * x**2 + 2.4) / 2], axis=-1)


def draw_twisted(rng: Rng, n: int) -> np.ndarray:
    """Draw a long normal that is bent along a parabola, `(n, 2)`."""
    x, y = 10 * rng.standard_normal(n), rng.standard_normal(n)
    return np.stack([x, y - 0.03 * x**2 + 3], axis=-1)


def draw_rosenbrock(rng: Rng, n: int) -> np.ndarray:
    """Draw exp(−Rosenbrock/20), `(n, 2)`."""
    x = 1 + math.sqrt(10) * rng.standard_normal(n)
    return np.stack([x, x**2 + math.sqrt(0.1) * rng.standard_normal(n)], axis=-1)


def draw_donut(rng: Rng, n: int) -> np.ndarray:
    """Draw the radius from its density ∝ r exp(−(r − 2.6)²/0.033) by rejection."""
    spread, most = math.sqrt(0.0165), 4.0
    found = np.empty(0)
    while len(found) < n:
        r = 2.6 + spread * rng.standard_normal(2 * n + 16)
        found = np.append(found, r[(r > 0) & (most * rng.random(len(r)) < r)])
    angle = 2 * math.pi * rng.random(n)
    return found[:n, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def draw_funnel(rng: Rng, n: int) -> np.ndarray:
    """Draw Neal's funnel, `(n, 2)`: y ~ N(0, 3²), x ~ N(0, e^y)."""
    y = 3 * rng.standard_normal(n)
    return np.stack([np.exp(y / 2) * rng.standard_normal(n), y], axis=-1)


def draw_squiggle(rng: Rng, n: int) -> np.ndarray:
    """Draw a correlated normal with a sine taken off its second variable, `(n, 2)`."""
    a, b = rng.standard_normal((2, n))
    x = math.sqrt(2) * a
    return np.stack([x, 0.125 * x + math.sqrt(0.46875) * b - np.sin(5 * x)], axis=-1)


def draw_student(rng: Rng, n: int) -> np.ndarray:
    """Draw Student's t of 5 degrees of freedom, `(n, 2)`."""
    return rng.standard_normal((n, 2)) / np.sqrt(rng.chisquare(5, (n, 1)) / 5)


def draw_box(rng: Rng, n: int) -> np.ndarray:
    """Draw densities ∝ e^{2x} and e^{y} on [0, 1] by their inverse distribution functions."""
    rates = np.array([2.0, 1.0])
    return np.log1p(rng.random((n, 2)) * np.expm1(rates)) / rates


def box_moments() -> dict[str, Any]:
    """Return the mean, the covariance and log Z of the density of `draw_box`."""
    rates = np.array([2.0, 1.0])
    mean = -1 / np.expm1(-rates) - 1 / rates
    variance = 1 / rates**2 - np.exp(rates) / np.expm1(rates) ** 2
    cov = np.diag(variance)
    return {
        "mean": tuple(mean.tolist()),
        "cov": tuple(map(tuple, cov.tolist())),
        "log_z": float(np.sum(np.log(np.expm1(rates) / rates))),
    }
