"""Geodesics from a point along a velocity, by Dormand and Prince's method of order 8."""

from itertools import count
from typing import Any

import numpy as np

from gdviz.geometry.family import Family, OutOfReach, finite
from gdviz.geometry.unconstrained import (
    acceleration,
    from_unconstrained,
    to_unconstrained,
)

MOST_CALLS = 6000  # of the acceleration by the integrator: half a second


def integrate(
    family: Family,
    a: Any,
    v: Any,
    t: Any,
    alpha: float = 0.0,
    tolerance: float = 1e-12,
    most: int = MOST_CALLS,
) -> Any:
    """Return the geodesics from points a with velocities v `(..., d)` at times t `(n,)`.

    The shape is `(..., n, d)`; Dormand and Prince's method of order 8. Raises `OutOfReach` if one
    cannot be followed so far, or asks for the acceleration more than `most` times.
    """
    u = to_unconstrained(family, a)
    w = v / from_unconstrained(family, u).slope
    state, d = np.concatenate([u, w], -1), family.d
    asked = count()

    def flow(now: float, y: Any) -> Any:
        if next(asked) >= most:
            words = f"The geodesic of “{family.label}” bends too much to be followed."
            raise OutOfReach(words, now)
        both = y.reshape(state.shape)
        u, w = both[..., :d], both[..., d:]
        return np.concatenate([w, acceleration(family, u, w, alpha)], -1).ravel()

    times = np.asarray(t, float)
    out = np.empty((len(times), *state.shape))
    for side in (times >= 0, times < 0):
        if side.any():
            out[side] = _followed(family, flow, state, times[side], tolerance)
    path = np.moveaxis(out[..., :d], 0, -2)
    return finite(from_unconstrained(family, path).theta, "The geodesic")


def _followed(family: Family, flow: Any, state: Any, times: Any, tolerance: float) -> Any:
    """Return the states at times of one sign, `(n, *state.shape)`."""
    from scipy.integrate import solve_ivp

    end = times[np.argmax(np.abs(times))]
    if end == 0:
        return np.broadcast_to(state, (len(times), *state.shape))
    accuracy = {"rtol": tolerance, "atol": 0.1 * tolerance}
    with np.errstate(all="ignore"):
        run = solve_ivp(flow, (0, end), state.ravel(), "DOP853", dense_output=True, **accuracy)
    if not run.success:
        words = f"The geodesic of “{family.label}” cannot be followed so far."
        raise OutOfReach(words, float(run.t[-1]))
    return np.moveaxis(run.sol(times), -1, 0).reshape(-1, *state.shape)
