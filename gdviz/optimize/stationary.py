"""What a stationary point is, by curvature or by looking at f on rings around it."""

from typing import Any

import numpy as np

from gdviz.optimize.bending import DEGENERATE, Bend, bend, bend_farther_in, is_bent
from gdviz.optimize.linalg import norm
from gdviz.optimize.noise import EPS, has_step, noise, wiggle
from gdviz.optimize.underflow import may_underflow

MINIMUM, WEAK_MINIMUM = "minimum", "weak minimum"
MAXIMUM, WEAK_MAXIMUM = "maximum", "weak maximum"
SADDLE, FLAT, ELSEWHERE = "saddle", "flat", "elsewhere"
EDGE, UNKNOWN = "edge of the domain", "not known"

NARROW, WIDE = 1e-9, 0.1  # radii of the rings, in units of the scale
TOO_FAR = 0.25  # a way this long, in units of the scale, leads to another point
POLISHES, SHRINKS = 12, 0.96  # rounds of Newton's method; |x|^25 still shrinks by this ratio
# Where f behaves as |x|^p, a Newton step is 1/(p − 1) of the way; twice the way is seen to rise.
NEWTON_STEPS = 32
APART = 5.0  # one radius over the one before
ANGLES = 96  # directions of a ring, before it is looked at more closely
CLOSER_LOOKS = 24  # each narrows the angle by 0.3: 3e-13 of the first in the end
VALLEYS = 3  # so many lowest places of a ring are looked at closely
BESIDE = 1e-13  # of the rise on a ring: what an angle found so closely can hide
UNDERFLOW = 1e-290  # below it float64 loses digits


def stationary_kind(problem: Any, x: Any, within: float = 0.0, scale: float = 0.0) -> str:
    """Return what the stationary point near x `(d,)` is, one of the words of this module.

    A minimum has every neighbour higher, a weak one none lower and some as high; a saddle (or an
    inflection) has lower and higher ones. "Flat" is level as far as float64 can tell, "elsewhere"
    is no stationary point; beyond the "edge of the domain" f is not defined, and "not known" is
    what it says. With `within` the gradient is not asked: x is looked at from that distance on.
    `scale` is a length over which f bends, max(1, |x|) where none is known.
    """
    point = np.asarray(x, float)
    size = scale or max(1.0, float(norm(point)))
    with np.errstate(all="ignore"):
        bent = bend(problem, point)
        if not within:
            found = _polished(problem, point, bent, size)
            if found is None:
                return ELSEWHERE
            fall = problem.f(point) - problem.f(found[0])
            if fall > 0 and has_step(problem, point, found[0][None])[0]:
                return SADDLE  # f is lower across a step
            point, bent = found if np.isfinite(fall) else (point, bent)
        near = within or NEWTON_STEPS * float(norm(bent.step))
        start = max(near, NARROW * size)
        reach = WIDE * max(1.0, size)
        many = int(np.ceil(np.log(max(reach / start, 64.0)) / np.log(APART)))
        radii = start * APART ** np.arange(many + 1)
        kind = None if within else _by_curvature(problem, point, bent, max(start, 1e-6 * size))
        if kind:
            return kind
        left = fall_within(problem, point, within) if within else 2 * bent.fall
        kind = _by_rings(problem, point, bent, left, radii, not within)
        return kind if within else _unless_narrow(problem, point, bent, start, kind)


def fall_within(problem: Any, x: np.ndarray, radius: float) -> float:
    """Return how much lower than at x `(d,)` f is somewhere within a radius."""
    with np.errstate(all="ignore"):
        radii = radius * APART ** -np.arange(12.0)
        lowest = problem.f(_extremes(problem, x, np.eye(len(x)), radii, 1))
        return max(0.0, float(problem.f(x) - np.nanmin(lowest, initial=np.inf)))


def _polished(
    problem: Any, x: np.ndarray, at_first: Bend, size: float
) -> tuple[np.ndarray, Bend] | None:
    """Return the stationary point that Newton's method finds from x, None if it is not near.

    With it comes how f bends there; `at_first` is how it bends at x.

    Where f behaves as |x|^p its steps shrink by one ratio, and the rest of the way is their sum;
    down a slope that only flattens out they do not shrink. Where they do neither, x is returned.
    """
    at, bent, first = x, at_first, None
    for _ in range(POLISHES):
        step, length = bent.step, float(norm(bent.step))
        first = length if first is None else first
        if length <= max(1e-3 * first, 1e-12 * size, _step_noise(bent, size)):
            return at, bent  # what is left is rounding
        if float(norm(at + step - x)) > TOO_FAR * size:
            return None
        next_bent = bend(problem, at + step)
        after = next_bent.step
        ratio = float(norm(after)) / length
        if SHRINKS < ratio < 1.5:
            return None
        if 0.1 < ratio < 1:
            at = at + step + after / (1 - ratio)
            bent = bend(problem, at)
        else:
            at, bent = at + step, next_bent
    return x, at_first


def _step_noise(bent: Bend, size: float) -> float:
    """Return how long a Newton step is that comes from rounding alone: ε |x| times condition."""
    bends = np.abs(bent.curvature)
    known = bends[bends > 16 * EPS * bends.max()]
    return 8 * EPS * size * float(bends.max() / known.min()) if len(known) else 0.0


# --- by curvature, where f is seen to follow it ---------------------------------------------------


def _by_curvature(problem: Any, x: np.ndarray, bent: Bend, start: float) -> str | None:
    """Return the kind by the signs of the curvatures, None where they, or f, do not decide."""
    if not is_bent(bent):
        return None
    radii = start * 8.0 ** np.arange(4)
    steps = radii[:, None, None] * bent.directions.T
    sides = np.stack([x + steps, x - steps], axis=1)  # (radii, 2, d, d)
    here = float(problem.f(x))
    rises = problem.f(sides) - here
    expected = 0.5 * bent.curvature * radii[:, None, None] ** 2
    seen = (np.abs(rises) > 64 * EPS * abs(here)).all(axis=(1, 2))
    if not seen.any():
        return None
    first = int(seen.argmax())
    ratio = rises[first : first + 3] / expected[first : first + 3]  # beside x, one may agree
    return _by_signs(bent.curvature) if ((ratio > 0.5) & (ratio < 2.0)).all() else None


def _by_signs(curvature: np.ndarray) -> str:
    if (curvature > 0).all():
        return MINIMUM
    return MAXIMUM if (curvature < 0).all() else SADDLE


def _unless_narrow(problem: Any, x: np.ndarray, bent: Bend, start: float, found: str) -> str:
    """Return the kind found on rings, unless f bends another way within the nearest of them."""
    by_curvature = _by_signs(bent.curvature)
    if found == by_curvature or found not in (MINIMUM, MAXIMUM, SADDLE, WEAK_MAXIMUM):
        return found
    seen = bend_farther_in(problem, x, bent, start) if is_bent(bent) else False
    return {True: by_curvature, False: found, None: UNKNOWN}[seen]


# --- by looking -----------------------------------------------------------------------------------


def _by_rings(
    problem: Any, x: np.ndarray, bent: Bend, left: float, radii: np.ndarray, is_level: bool
) -> str:
    """Return the kind by the lowest and the highest f on rings around x, nearest first.

    `left` is what is left to fall from x to the stationary point; at a kink x `is_level` nowhere.
    """
    bottom, top = (_extremes(problem, x, bent.directions, radii, sign) for sign in (1, -1))
    if _is_plateau(problem, x, bent.directions, radii[0]):
        return FLAT
    steps = has_step(problem, x, bottom) | has_step(problem, x, top)
    near = slice(int(steps.argmax()) or None)  # what lies beyond a step of f says nothing of x
    bottom, top = bottom[near], top[near]
    low = _sure_signs(problem, x, bottom, top, left)
    high = -_sure_signs(problem, x, top, bottom, left, -1)
    (at_low, lowest), (at_high, highest) = _first_sure(low), _first_sure(high)
    if _is_cut(problem, x, bent.directions, radii[max(at_low, at_high)]):
        return EDGE
    if lowest == 0 and highest >= 0:
        hidden = highest <= 0 or may_underflow(problem.formula.expression)
        weak = FLAT if hidden else WEAK_MINIMUM
        return _by_curvature_alone(bent, float(problem.f(x)), radii[-1]) or weak
    if lowest < 0 and highest > 0 and _rises_farther_out(low) and bent.fall > 0:
        return UNKNOWN  # lower places beside x, and higher ones around these
    if lowest < 0 < highest and is_level and _is_slope(problem, x, bent, bottom, low):
        return ELSEWHERE
    if lowest < 0:
        return {1: SADDLE, 0: WEAK_MAXIMUM, -1: MAXIMUM}[highest]
    return MINIMUM


def _is_slope(problem: Any, x: np.ndarray, bent: Bend, bottom: np.ndarray, low: np.ndarray) -> bool:
    """Tell whether f falls beside x by the gradient alone, or by the rounding of it.

    Then x is on a slope, and f rises the other way: at a saddle f falls faster and faster.
    """
    least = 64 * EPS * float(np.abs(bent.curvature).max() * norm(x))
    lower = bottom[(low < 0).argmax() :][:2]
    pace = (problem.f(x) - problem.f(lower)) / norm(lower - x)
    rise = float(problem.f(2 * x - lower[0]) - problem.f(x)) / float(norm(lower[0] - x))
    slow = pace[0] <= 4 * max(float(norm(problem.grad(x))), least)
    return bool(slow and pace[-1] <= 2 * pace[0] <= 4 * rise)


def _is_plateau(problem: Any, x: np.ndarray, axes: np.ndarray, radius: float) -> bool:
    """Tell whether f is the same all around x, and has no slope there at all: a step, say."""
    beside = x + radius * _spread(axes)
    return bool((problem.f(beside) == problem.f(x)).all() and not problem.grad(beside).any())


def _is_cut(problem: Any, x: np.ndarray, axes: np.ndarray, radius: float) -> bool:
    """Tell whether f is not defined in some direction at the radius that decides."""
    return bool(np.isnan(problem.f(x + radius * _spread(axes))).any())


def _by_curvature_alone(bent: Bend, here: float, reach: float) -> str | None:
    """Return "minimum" where curvature says so, and f is too large to show its rise."""
    bends = bent.curvature
    rise = 0.5 * float(bends.max()) * reach**2
    hidden = rise <= 64 * EPS * abs(here)
    return MINIMUM if hidden and bends.min() > DEGENERATE * bends.max() else None


def _first_sure(signs: np.ndarray) -> tuple[int, int]:
    """Return the first sign that the next ring confirms, and its ring: a single one may be chance.

    Where none is, it is the last sign, and the first ring with any.
    """
    confirmed = np.flatnonzero((signs[:-1] != 0) & (signs[1:] == signs[:-1]))
    if len(confirmed):
        return int(confirmed[0]), int(signs[confirmed[0]])
    return int((signs != 0).argmax()), int(signs[-1])


def _rises_farther_out(signs: np.ndarray) -> bool:
    return bool((signs[(signs < 0).argmax() :] > 0).any())


def _extremes(
    problem: Any, x: np.ndarray, axes: np.ndarray, radii: np.ndarray, sign: int
) -> np.ndarray:
    """Return the point of each ring `(rings, d)` where sign · f is lowest."""

    def value(points: np.ndarray) -> np.ndarray:
        return np.nan_to_num(sign * problem.f(points), nan=np.inf, posinf=np.inf, neginf=-np.inf)

    if len(x) != 2:
        return _best(value, x + radii[:, None, None] * _spread(axes))
    turn = np.arctan2(axes[1, 0], axes[0, 0])
    angles = np.broadcast_to(turn + np.arange(ANGLES) * (2 * np.pi / ANGLES), (len(radii), ANGLES))
    f = value(_on_rings(x, radii, angles))
    valley = (f <= np.roll(f, 1, axis=1)) & (f <= np.roll(f, -1, axis=1))
    order = np.argsort(np.where(valley, f, np.inf), axis=1, kind="stable")[:, :VALLEYS]
    centre, half = np.take_along_axis(angles, order, axis=1), 2 * np.pi / ANGLES
    for _ in range(CLOSER_LOOKS):
        near = centre[..., None] + half * np.linspace(-1, 1, 9)
        best = value(_on_rings(x, radii, near)).argmin(axis=-1)
        centre = np.take_along_axis(near, best[..., None], axis=-1)[..., 0]
        half *= 0.3
    found = _on_rings(x, radii, np.concatenate([centre, angles], axis=1))
    exact = x + radii[:, None, None] * _spread(axes)[:4]  # an angle of π/2 has a cosine of 6e-17
    return _best(value, np.concatenate([exact, found], axis=1))


def _on_rings(x: np.ndarray, radii: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Return the points at `angles (rings, ...)` on rings around x, `(rings, ..., 2)`."""
    r = radii.reshape(-1, *(1 for _ in angles.shape[1:]), 1)
    return x + r * np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _best(value: Any, points: np.ndarray) -> np.ndarray:
    """Return that of the points `(rings, n, d)` of each ring at which `value` is lowest."""
    best = value(points).argmin(axis=1)
    return points[np.arange(len(points)), best]


def _spread(axes: np.ndarray) -> np.ndarray:
    """Return directions `(n, d)`: both ways along the axes and, beyond one, at random too."""
    both = np.concatenate([axes.T, -axes.T])
    if len(axes) == 1:
        return both
    drawn = np.random.default_rng(0).standard_normal((64 * len(axes), len(axes)))
    return np.concatenate([both, drawn / norm(drawn)[:, None]])


# --- what is a rise, and what is rounding ---------------------------------------------------------


def _sure_signs(
    problem: Any,
    x: np.ndarray,
    points: np.ndarray,
    opposite: np.ndarray,
    left: float,
    sign: int = 1,
) -> np.ndarray:
    """Return the sign of sign · (f(point) − f(x)) of each of `points (n, d)`, 0 if not sure.

    `points` are the lowest of their rings, `opposite` the highest. A rise must be more than
    rounding and than a lower place that lies between two angles; a fall is one wherever it is, if
    it is more than what is `left` to fall from x.
    """
    here, there = float(problem.f(x)), problem.f(points)
    with np.errstate(invalid="ignore"):
        rise, most = sign * (there - here), sign * (problem.f(opposite) - here)
    shaking = np.maximum.accumulate(noise(problem, x, points))  # it does not shrink farther out
    rounding = 10 * shaking + 4 * EPS * np.maximum(abs(here), np.abs(there))
    rounding = np.maximum(rounding, max(UNDERFLOW, 4 * wiggle(problem, x)))
    between = BESIDE * np.nan_to_num(most) if len(x) > 1 else 0.0
    hidden = np.maximum(rounding, np.where(rise > 0, between, left))
    return np.where(np.isnan(rise) | (np.abs(rise) <= hidden), 0, np.sign(rise))
