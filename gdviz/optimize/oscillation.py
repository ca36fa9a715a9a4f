"""How a run ends that does not settle: in a cycle, slowly damped, or in neither way."""

from typing import Any

import numpy as np

from gdviz.optimize.linalg import norm

LONGEST_CYCLE = 16


def scale_of(x: Any) -> float:
    """Return how large the last point of a run `x (k + 1, d)`, or its way there, is.

    It takes part in a change of unit, as no fixed length does. A run that never left 0 has none: 1.
    """
    return max(float(norm(x[-1])), float(norm(x - x[-1]).max())) or 1.0


def cycle(x: Any, tol: float = 1e-3) -> int:
    """Return the period (2 to 16) in which the end of a run repeats itself, 0 if it does not."""
    end = x[-3 * LONGEST_CYCLE :]
    if len(end) < 2:
        return 0
    # One look rules most periods out: the last point alone is farther off than any drift may be.
    longest = norm(np.diff(end, axis=0)).max()
    near = norm(x[-1] - x[-2 : -2 - LONGEST_CYCLE : -1]) <= tol * longest
    for period in np.flatnonzero(near) + 1:
        if period < 2:
            continue
        tail = x[-3 * period :]
        if len(tail) < 3 * period:
            return 0
        drift = norm(tail[period:] - tail[:-period]).max()
        travel = norm(np.diff(tail, axis=0)).max()
        if travel > 1e-9 * scale_of(x) and drift <= tol * travel:
            return int(period)
    return 0


def is_unsettled(x: Any, window: int = 32) -> bool:
    """Tell whether the last steps turn about and shrink by less than half."""
    if len(x) < window:
        return False
    moves = np.diff(x[-window:], axis=0)
    size = norm(moves)
    half = len(size) // 2
    turns = (np.sum(moves[1:] * moves[:-1], axis=-1) < 0).sum()
    before, least = size[:half].max(), 1e-9 * scale_of(x)
    return turns > len(moves) // 4 and size[half:].max() > 0.5 * before > least


def slowest_mode(x: Any, window: int = 16) -> float:
    """Return the modulus of the slowest mode if the end of a run is linear of order two, else inf.

    Near a minimum every method with a fixed step obeys x_{k+1} = a x_k + b x_{k-1} + c: it is
    damped, however slowly, when both roots of r^2 = a r + b lie inside the unit circle.
    """
    if x.shape[1] > 1 or len(x) < window:
        return np.inf
    tail = x[-window:, 0]
    terms = np.stack([tail[1:-1], tail[:-2], np.ones(window - 2)], axis=1)
    fit = np.linalg.lstsq(terms, tail[2:], rcond=None)[0]
    if np.abs(terms @ fit - tail[2:]).max() > 1e-9 * np.ptp(tail):
        return np.inf
    return float(np.abs(np.roots([1, -fit[0], -fit[1]])).max())


def lyapunov_exponent(problem: Any, x: Any, rates: Any) -> float:
    """Return the mean of log|1 − ηf″| over the second half of a run of gradient descent.

    It is the rate at which neighbours part under x − ηf′(x): above zero the orbit is chaotic. Only
    for one variable; zero for more.
    """
    if x.shape[1] > 1 or rates is None:
        return 0.0
    half = len(x) // 2
    factors = np.abs(1 - np.asarray(rates)[half:] * problem.hess(x[half:])[:, 0, 0])
    return float(np.mean(np.log(np.maximum(factors, 1e-300))))


def rising_since(f: Any, least: int = 5) -> int | None:
    """Return the first step of an unbroken rise of f to the run's highest value, at its end."""
    if len(f) <= least or f[-1] < f.max() or not np.all(np.diff(f[-least - 1 :]) > 0):
        return None
    falls = np.flatnonzero(np.diff(f) <= 0)
    return int(falls[-1]) + 2 if len(falls) else 1
