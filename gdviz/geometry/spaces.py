"""What a space with a closed form offers, in the coordinates of a family, and the line.

All functions take points and vectors `(..., d)` and numbers t `(...)` that broadcast with them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Chart(NamedTuple):
    """Other coordinates y of a space: the map, its inverse and its derivatives.

    `forward(theta)` and `inverse(y)` are `(..., d)`; `jacobian(theta)[..., a, i]` = ∂yᵃ/∂θⁱ;
    `hessian(theta)[..., a, i, j]`; `gap(a, b)` is y(b) − y(a) without the rounding of y itself.
    """

    forward: Callable[[Any], Any]
    inverse: Callable[[Any], Any]
    jacobian: Callable[[Any], Any]
    hessian: Callable[[Any], Any]
    gap: Callable[[Any, Any], Any]


class Space(NamedTuple):
    """Closed forms of one geometry: distance, geodesics, logarithm, parallel transport.

    `geodesic` and `distance` take points of the closed domain, where `shoot` and `log` may have no
    answer; `curvature` is the sectional curvature where that is one number, `chart` leads to the
    coordinates of the model (the half-plane's x and y, a line's arc length). `quick_distance(a, b)`
    and `quick_geodesic(a, b, t)` take points that nobody has checked, and return None where all is
    not ordinary: then the careful way answers, or says what is wrong.
    """

    distance: Callable[[Any, Any], Any]
    geodesic: Callable[[Any, Any, Any], Any]
    shoot: Callable[[Any, Any, Any], Any]
    log: Callable[[Any, Any], Any]
    transport: Callable[[Any, Any, Any], Any]
    curvature: float | None = None
    chart: Chart | None = None
    quick_distance: Callable[[Any, Any], Any] | None = None
    quick_geodesic: Callable[[Any, Any, Any], Any] | None = None


def asinh_ratio(top: Any, p: Any, q: Any) -> Any:
    """Return asinh(top / (2 √(p q))), to rounding, also where the ratio itself overflows."""
    with np.errstate(divide="ignore", over="ignore"):
        ratio = top / (2 * np.sqrt(p) * np.sqrt(q))
        far = np.log(top) - 0.5 * (np.log(p) + np.log(q))
    near = ratio < 1e8  # beyond, asinh(r) = log(2r) to rounding
    return np.where(near, np.arcsinh(np.where(near, ratio, 0.0)), far)


def log_ratio(a: Any, b: Any) -> Any:
    """Return log(b / a) of positive numbers, exact to rounding for close ones and far ones."""
    return 2 * np.sign(b - a) * asinh_ratio(np.abs(b - a), a, b)


def scaled_space(chart: Chart, scale: Any) -> Chart:
    """Return the chart with its y divided by constants, one a coordinate."""
    scale = np.asarray(scale, float)
    return Chart(
        lambda theta: chart.forward(theta) / scale,
        lambda y: chart.inverse(y * scale),
        lambda theta: chart.jacobian(theta) / scale[:, None],
        lambda theta: chart.hessian(theta) / scale[:, None, None],
        lambda a, b: chart.gap(a, b) / scale,
    )


def solve(matrix: Any, vector: Any) -> Any:
    """Return matrix⁻¹ vector over the leading axes of both."""
    matrix, vector = np.asarray(matrix), np.asarray(vector)
    batch = np.broadcast_shapes(matrix.shape[:-2], vector.shape[:-1])
    matrix = np.broadcast_to(matrix, (*batch, *matrix.shape[-2:]))
    return np.linalg.solve(matrix, np.broadcast_to(vector, (*batch, vector.shape[-1]))[..., None])[
        ..., 0
    ]


def line(chart: Chart, reach: tuple[float, float] = (-np.inf, np.inf)) -> Space:
    """Return the space of a family with one parameter, whose chart is its arc length s(θ).

    `reach` are the ends of s; where a geodesic passes one, its points are not numbers.
    """

    def slope(theta: Any) -> Any:
        return chart.jacobian(theta)[..., 0]

    def back(s: Any) -> Any:
        return chart.inverse(np.where((s >= reach[0]) & (s <= reach[1]), s, np.nan))

    def geodesic(a: Any, b: Any, t: Any) -> Any:
        return back(chart.forward(a) + np.asarray(t)[..., None] * chart.gap(a, b))

    def shoot(a: Any, v: Any, t: Any) -> Any:
        return back(chart.forward(a) + np.asarray(t)[..., None] * slope(a) * v)

    return Space(
        lambda a, b: np.abs(chart.gap(a, b))[..., 0],
        geodesic,
        shoot,
        lambda a, b: chart.gap(a, b) / slope(a),
        lambda a, b, v: v * (slope(a) / slope(b)),
        0.0,
        chart,
    )


def product(first: Space, second: Space, split: Any, join: Any) -> Space:
    """Return the product of two spaces; `split(theta)` gives their coordinates, `join` joins."""

    def both(name: str) -> Callable[..., Any]:
        def call(*points: Any, t: Any = None) -> Any:
            parts = zip(*(split(point) for point in points), strict=True)
            more = () if t is None else (t,)
            return [
                getattr(space, name)(*part, *more)
                for space, part in zip((first, second), parts, strict=True)
            ]

        return call

    return Space(
        lambda a, b: np.hypot(*both("distance")(a, b)),
        lambda a, b, t: join(*both("geodesic")(a, b, t=t)),
        lambda a, v, t: join(*both("shoot")(a, v, t=t)),
        lambda a, b: join(*both("log")(a, b)),
        lambda a, b, v: join(*both("transport")(a, b, v)),
    )
