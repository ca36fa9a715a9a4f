"""The hyperbolic half-plane r² (dx² + dy²)/y²: the geometry of every family of location and scale.

All forms are chosen so that points 10⁻¹² apart and 10¹² apart keep all their digits: differences
come from the chart's `gap`, and hyperbolic functions of the distance from sums of positive terms.
"""

from typing import Any

import numpy as np

from gdviz.geometry.spaces import Chart, Space, asinh_ratio, solve

Gaps = tuple[Any, Any, Any, Any]  # both y, and the accurate differences of x and of y


def half_plane(chart: Chart, square: float) -> Space:
    """Return the half-plane of curvature −1/square, r² = square, in the coordinates of a family."""
    radius = np.sqrt(square)

    def pair(a: Any, b: Any) -> Gaps:
        gap = chart.gap(a, b)
        return chart.forward(a)[..., 1], chart.forward(b)[..., 1], gap[..., 0], gap[..., 1]

    def push(theta: Any, vector: Any) -> Any:
        return np.einsum("...ai,...i->...a", chart.jacobian(theta), vector)

    def transport(a: Any, b: Any, vector: Any) -> Any:
        return solve(chart.jacobian(b), parallel_transport(*pair(a, b), push(a, vector)))

    def shoot(a: Any, v: Any, t: Any) -> Any:
        return chart.inverse(exp_map(chart.forward(a), push(a, v), t))

    return Space(
        lambda a, b: radius * distance(*pair(a, b)),
        lambda a, b, t: chart.inverse(geodesic_between(chart.forward(a)[..., 0], *pair(a, b), t)),
        shoot,
        lambda a, b: solve(chart.jacobian(a), logarithm(*pair(a, b))),
        transport,
        -1 / square,
        chart,
    )


def distance(y0: Any, y1: Any, dx: Any, dy: Any) -> Any:
    """Return the distance in the half-plane of radius 1: 2 asinh(√((dx² + dy²)/(4 y₀ y₁)))."""
    return 2 * asinh_ratio(np.hypot(dx, dy), y0, y1)


def _shares(s: Any, t: Any) -> tuple[Any, Any]:
    """Return sinh((1 − t)s)/sinh s and sinh(ts)/sinh s for 0 ≤ t ≤ 1, of any s ≥ 0."""
    safe = np.where(s > 0, s, 1.0)

    def share(u: Any) -> Any:
        whole = np.exp((u - 1) * safe) * np.expm1(-2 * u * safe) / np.expm1(-2 * safe)
        return np.where(s > 0, whole, u)

    return share(1 - t), share(t)


def geodesic_between(x0: Any, y0: Any, y1: Any, dx: Any, dy: Any, t: Any) -> Any:
    """Return the point at the share t of the geodesic.

    On the hyperboloid a geodesic is (sinh((1−t)s) P + sinh(ts) Q)/sinh s; two of the three
    coordinates there are 1/y and x/y, which is all that is needed. t outside 0 ... 1 goes on.
    """
    t = np.asarray(t, float)
    inside = (0 <= t) & (t <= 1)
    s = distance(y0, y1, dx, dy)
    first, second = _shares(s, np.where(inside, t, 0.5))
    left, right = first / y0, second / y1
    y = 1 / (left + right)
    path = np.stack(np.broadcast_arrays(x0 + dx * (right * y), y), -1)
    if np.all(inside):
        return path
    start = np.stack(np.broadcast_arrays(x0, y0), -1)
    return np.where(inside[..., None], path, exp_map(start, logarithm(y0, y1, dx, dy), t))


def exp_map(start: Any, v: Any, t: Any) -> Any:
    """Return where the geodesic from `start` with velocity v is at time t.

    With α the angle of v above the x axis and s the arc length, y = y₀/(cosh s − sin α sinh s) and
    x = x₀ + y cos α sinh s; e^s is taken out, and 1 ∓ sin α is never a difference.
    """
    x0, y0 = start[..., 0], start[..., 1]
    speed = np.hypot(v[..., 0], v[..., 1]) / y0
    s = speed * np.asarray(t, float)
    unit = v / np.where(speed > 0, speed * y0, 1.0)[..., None]
    cosine, sine = unit[..., 0] * np.sign(s), unit[..., 1] * np.sign(s)
    s = np.abs(s)
    upper = 1 + np.abs(sine)
    lower = cosine**2 / upper
    minus, plus = np.where(sine > 0, lower, upper), np.where(sine > 0, upper, lower)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        bottom = minus + plus * np.exp(-2 * s)
        x = x0 + y0 * (cosine * -np.expm1(-2 * s) / bottom)
        y = y0 * 2 * np.exp(-s) / bottom
    moved = s > 0
    return np.stack(np.broadcast_arrays(np.where(moved, x, x0), np.where(moved, y, y0)), -1)


def _tangent(y0: Any, y1: Any, dx: Any, dy: Any) -> Any:
    """Return sinh(s) times the unit vector at the first point, in its orthonormal frame."""
    u, v, e = dx / y0, y1 / y0, dy / y0
    return np.stack(np.broadcast_arrays(u / v, (u * (u / v) + e * (1 + 1 / v)) / 2), -1)


def logarithm(y0: Any, y1: Any, dx: Any, dy: Any) -> Any:
    """Return the velocity at the first point whose geodesic arrives at time 1."""
    tangent = _tangent(y0, y1, dx, dy)
    size = np.hypot(tangent[..., 0], tangent[..., 1])
    s = distance(y0, y1, dx, dy)
    factor = np.where(size > 0, s / np.where(size > 0, size, 1.0), 0.0)
    return (y0 * factor)[..., None] * tangent


def parallel_transport(y0: Any, y1: Any, dx: Any, dy: Any, vector: Any) -> Any:
    """Return a vector carried along the geodesic: it keeps its angle with the tangent."""
    start, end = _tangent(y0, y1, dx, dy), -_tangent(y1, y0, -dx, -dy)
    size = np.hypot(start[..., 0], start[..., 1])
    apart = (size > 0) & (np.hypot(end[..., 0], end[..., 1]) > 0)
    turn = np.where(apart, _complex(end) / np.where(apart, _complex(start), 1.0), 1.0)
    turn = turn / np.abs(turn)
    moved = _complex(vector) * turn * (y1 / y0)
    return np.stack([moved.real, moved.imag], -1)


def _complex(vector: Any) -> Any:
    return vector[..., 0] + 1j * vector[..., 1]
