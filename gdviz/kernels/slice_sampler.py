"""Slice sampling: a level under the density, and a point of the slice above it.

The arguments are those of `gradient_free_samplers`.
"""

import math

from numba import njit

from gdviz.kernels.gradient_free_samplers import (
    HEAD,
    LOG_DENSITY,
    POINT,
    PROPOSAL,
    density_at,
    write_head,
)

FAR = 64  # how many widths a slice may grow
TINY = 1e-12  # an interval this small beside the point is the point itself


@njit(error_model="numpy", inline="always")
def _step_out(value, Z, d, j, level, width, u, v):
    """Grow an interval around coordinate j until both ends are outside the slice, or too far.

    Return its ends, and how often the density was asked.
    """
    left = Z[POINT, j] - width * u
    right = left + width
    outward = int(FAR * v)
    inward = FAR - 1 - outward
    asked = 2.0
    Z[PROPOSAL, j] = left
    while outward > 0 and density_at(value, Z, PROPOSAL, d) > level:
        outward -= 1
        asked += 1.0
        left -= width
        Z[PROPOSAL, j] = left
    Z[PROPOSAL, j] = right
    while inward > 0 and density_at(value, Z, PROPOSAL, d) > level:
        inward -= 1
        asked += 1.0
        right += width
        Z[PROPOSAL, j] = right
    return left, right, asked


@njit(error_model="numpy", inline="always")
def _shrink(value, Z, m, rng, d, j, level, left, right):
    """Draw coordinate j from the slice, shrinking the interval at each point outside it.

    Return the log-density there, and how often it was asked. A slice that is the point itself
    gives the point.
    """
    asked = 0.0
    while True:
        Z[PROPOSAL, j] = left + (right - left) * rng.random()
        asked += 1.0
        found = density_at(value, Z, PROPOSAL, d)
        if level < found < math.inf:
            return found, asked
        if Z[PROPOSAL, j] < Z[POINT, j]:
            left = Z[PROPOSAL, j]
        else:
            right = Z[PROPOSAL, j]
        if right - left <= TINY * abs(Z[POINT, j]) + 1e-300:
            Z[PROPOSAL, j] = Z[POINT, j]
            return m[LOG_DENSITY], asked


def slice_sampler(value, flow, Z, m, rng, knobs, out, paths):
    """Slice sampling, one coordinate after the other, stepping out and shrinking (Neal 2003, 4)."""
    d = Z.shape[1] // 3
    k = d + HEAD
    for t in range(out.shape[0]):
        asked = 0.0
        for j in range(d):
            Z[PROPOSAL, j] = Z[POINT, j]
        for j in range(d):
            level = m[LOG_DENSITY] - rng.standard_exponential()
            u, v = rng.random(), rng.random()
            left, right, more = _step_out(value, Z, d, j, level, knobs[0], u, v)
            asked += more
            out[t, 0, k + j] = level
            out[t, 0, k + d + j] = left
            out[t, 0, k + 2 * d + j] = right
            m[LOG_DENSITY], more = _shrink(value, Z, m, rng, d, j, level, left, right)
            asked += more
            Z[POINT, j] = Z[PROPOSAL, j]
            for i in range(d):
                out[t, 0, k + 3 * d + i * d + j] = Z[POINT, i]
        write_head(out, t, 0, Z, POINT, d, m[LOG_DENSITY], True, asked)
