"""Planes through the space of a network's weights, and what they leave out of a path."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.network import flat, unflat
from gdviz.learn.network_losses import LOSSES

PARALLEL = 1e-9  # of a direction: what is left of it, where another one has nearly all


class WeightPlane(NamedTuple):
    """The weights origin + a u + b v; `origin (p,)`, `axes (2, p)` are u and v."""

    origin: np.ndarray
    axes: np.ndarray

    def at(self, a: Any, b: Any) -> np.ndarray:
        """Return the weights at coordinates of one shape `(...)`, as `(..., p)`."""
        a, b = np.asarray(a, float)[..., None], np.asarray(b, float)[..., None]
        return self.origin + a * self.axes[0] + b * self.axes[1]


class Projection(NamedTuple):
    """Weights against a plane: the nearest point's `places (..., 2)`, the `distances (...)` to it.

    `outside` is the share of the squared distances from the origin that lies outside the plane.
    """

    places: np.ndarray
    distances: np.ndarray
    outside: float


def project(plane: WeightPlane, thetas: Any) -> Projection:
    """Return where weights `(..., p)` lie against a plane, whose axes need not be orthogonal."""
    moves = np.asarray(thetas, float) - plane.origin
    places = moves @ np.linalg.pinv(plane.axes)
    distances = np.linalg.norm(moves - places @ plane.axes, axis=-1)
    whole = float(np.sum(moves**2))
    return Projection(places, distances, float(np.sum(distances**2)) / whole if whole else 0.0)


def plane_along(origin: np.ndarray, directions: Iterable[np.ndarray]) -> WeightPlane:
    """Return the plane through a point along the first two directions that are not parallel.

    Its axes are orthonormal, the first one along the first direction; where there are fewer than
    two, unit vectors stand in.
    """
    axes: list[np.ndarray] = []
    for direction in (*directions, *_unit_vectors(len(origin))):
        rest = np.asarray(direction, float)
        for axis in 2 * axes:  # once leaves the rounding errors of nearly parallel ones
            rest = rest - (rest @ axis) * axis
        length = np.linalg.norm(rest)
        if length > PARALLEL * np.linalg.norm(direction):
            axes.append(rest / length)
        if len(axes) == 2:
            break
    return WeightPlane(origin, np.array(axes))


def _unit_vectors(p: int) -> Iterator[np.ndarray]:
    for k in range(min(p, 3)):
        yield np.eye(1, p, k)[0]


def principal_directions(path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the main directions of a path `(steps, p)`, as rows, and the share of it in each.

    They are the right singular vectors of its moves from the end (Li et al. 2018, section 7); the
    share is that of the squared distances.
    """
    _, sizes, axes = np.linalg.svd(path - path[-1], full_matrices=False)
    return axes, sizes**2 / max(float(np.sum(sizes**2)), 1e-300)


def principal_plane(path: np.ndarray) -> WeightPlane:
    """Return the plane through the end of a path `(steps, p)` along its two main directions."""
    axes, shares = principal_directions(path)
    return plane_along(path[-1], axes[shares > 0][:2])


def filter_normalised_plane(theta: np.ndarray, sizes: tuple[int, ...], seed: int) -> WeightPlane:
    """Return a plane through weights `(p,)` along two random directions of their own scale.

    Of each normal direction the weights into a unit, its filter, get the length that they have in
    the network; biases stay (Li et al. 2018, section 4).
    """
    rng = np.random.default_rng(seed)
    axes = [_like_filters(rng.standard_normal(len(theta)), theta, sizes) for _ in range(2)]
    return WeightPlane(theta, np.array(axes))


def _like_filters(direction: np.ndarray, theta: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    pairs = zip(unflat(direction, sizes), unflat(theta, sizes), strict=True)
    scaled = [
        (D * (np.linalg.norm(W, axis=0) / np.linalg.norm(D, axis=0)), np.zeros_like(b))
        for (D, _), (W, b) in pairs
    ]
    return flat(scaled)


def losses_at(
    thetas: np.ndarray,
    sizes: tuple[int, ...],
    activations: tuple[str, ...],
    loss: str,
    X: np.ndarray,
    y: np.ndarray,
) -> np.ndarray:
    """Return the mean loss at weights `(m, p)`, `(m,)`; `activations` has one a hidden layer.

    `X (n, d)` are inputs, `y (n, k)` targets. The outputs are computed in single precision; where
    they are beyond it, the loss is infinite.
    """
    from gdviz.kernels import network_training

    z = network_training.scan(sizes, activations, thetas, X.T, sum(sizes[:-1]))
    with np.errstate(all="ignore"):
        each = LOSSES[loss].value(np.moveaxis(z.astype(float), 1, 2), y)
    return np.where(np.isnan(each), np.inf, each).mean(axis=(-1, -2))
