"""Features of a number x between −1 and 1, as many as are asked for: the first ones stay the same.

Each map is `make(x (n,), p, seed)`, and returns a table `(n, p)` whose columns have the size 1/√p,
so that a penalty on the weights means the same at every p.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

BAND = 10.0  # of the random frequencies: half of them are below


class FeatureMap(NamedTuple):
    """A way to make features, what people call it, and the formula of the feature j."""

    label: str
    make: Callable[[Any, int, int], np.ndarray]
    latex: str


def legendre(x: Any, p: int, seed: int = 0) -> np.ndarray:
    """Return √(2j + 1) P_j(x)/√p, j < p: all polynomials of degree p − 1; they need no seed."""
    table = np.polynomial.legendre.legvander(np.asarray(x, float), p - 1)
    return table * np.sqrt((2 * np.arange(p) + 1) / p)


def waves(x: Any, p: int, seed: int = 0) -> np.ndarray:
    """Return √(2/p) cos(ωx + φ), ω from a Cauchy law, φ uniform (Rahimi & Recht 2007, figure 1).

    Their inner products are near the Laplace kernel e^(−10|x − x′|) when p is large.
    """
    turn, phase = _draws(p, seed)
    angle = BAND * np.tan(np.pi * (turn - 0.5))
    return np.sqrt(2 / p) * np.cos(
        np.multiply.outer(np.asarray(x, float), angle) + 2 * np.pi * phase
    )


def ramps(x: Any, p: int, seed: int = 0) -> np.ndarray:
    """Return tanh(ω(x − c))/√p, ω from a Cauchy law, c uniform: units left as they were drawn."""
    turn, place = _draws(p, seed)
    slope = BAND * np.tan(np.pi * (turn - 0.5))
    return np.tanh(slope * (np.asarray(x, float)[..., None] - (2 * place - 1))) / np.sqrt(p)


def _draws(p: int, seed: int) -> np.ndarray:
    """Return two uniform numbers for each feature, `(2, p)`; the first ones are those of any p."""
    return np.random.default_rng(seed).random((p, 2)).T


FEATURE_MAPS = {
    "waves": FeatureMap("random waves", waves, r"\sqrt{2/p}\,\cos(\omega_j x + \varphi_j)"),
    "ramps": FeatureMap("random tanh units", ramps, r"\tanh(\omega_j (x - c_j))/\sqrt{p}"),
    "legendre": FeatureMap("polynomials", legendre, r"\sqrt{(2j+1)/p}\,P_j(x)"),
}
