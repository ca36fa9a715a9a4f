"""Fisher–Rao distances and geodesics of many pairs of normals (μ, σ), checked as they are computed.

Both functions write to `out` and tell whether every pair was an ordinary one: of two valid points,
not equal, and not so far apart that a square leaves the range of numbers. If not, what they wrote
is not to be used. The forms are those of `gdviz.geometry.half_plane`, with x = μ/√2 and y = σ.
"""

import math
from typing import Any

from numba import njit

LEAST, MOST = 1e-140, 1e140  # no square and no quotient of two between them leaves the range
CURVED = 0.01  # below, the logarithm of asinh would lose digits
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True, "cache": True}


@njit(**_OPTIONS)
def _squares(a, b, out):
    """Write sinh²(s/2) = (dx² + dy²)/(4 y₀ y₁) of each pair, s the distance in the half-plane."""
    sound = True
    for i in range(len(out)):
        sigma, tau = a[i, 1], b[i, 1]
        across, up = b[i, 0] - a[i, 0], tau - sigma
        area = 4 * sigma * tau
        ratio = (0.5 * across * across + up * up) / area
        sound &= (sigma > 0) & (area > LEAST) & (area < MOST) & (ratio > LEAST) & (ratio < MOST)
        out[i] = ratio
    return sound


@njit(**_OPTIONS)
def distances(a, b, out):
    """Write the distance √2 · 2 asinh(√ratio) of each pair of points `(n, 2)` to `out (n,)`."""
    if not _squares(a, b, out):
        return False
    radius = 2 * math.sqrt(2.0)
    for i in range(len(out)):
        root = math.sqrt(out[i])
        if out[i] < CURVED:
            out[i] = radius * math.asinh(root)
        else:
            out[i] = radius * math.log(root + math.sqrt(1 + out[i]))
    return True


@njit(**_OPTIONS)
def geodesics(a, b, t, squares, out):
    """Write the points at the shares t `(m,)` of the geodesic of each pair to `out (n, m, 2)`.

    `squares (n,)` is scratch. A share outside 0 ... 1 is not an ordinary one.
    """
    sound = _squares(a, b, squares)
    for j in range(len(t)):
        sound &= (t[j] >= 0) & (t[j] <= 1)
    if not sound:
        return False
    for i in range(len(a)):
        s = 2 * math.asinh(math.sqrt(squares[i]))
        across, sigma, tau = b[i, 0] - a[i, 0], a[i, 1], b[i, 1]
        whole = math.expm1(-2 * s)
        for j in range(len(t)):
            if t[j] == 0 or t[j] == 1:
                out[i, j] = a[i] if t[j] == 0 else b[i]
                continue
            done, left = math.expm1(-t[j] * s), math.expm1((t[j] - 1) * s)
            # Each is e⁻ᵘ − 1; e⁻ᵘ itself keeps its digits in one of two ways.
            kept = 1 + done if done > -0.5 else math.exp(-t[j] * s)
            ahead = 1 + left if left > -0.5 else math.exp((t[j] - 1) * s)
            first = kept * (left * (left + 2) / whole) / sigma
            second = ahead * (done * (done + 2) / whole) / tau
            y = 1 / (first + second)
            out[i, j, 0] = a[i, 0] + across * (second * y)
            out[i, j, 1] = y
    return True
