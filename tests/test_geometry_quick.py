"""Many normals at once: the compiled way gives what the careful way gives, or lets it answer."""

import mpmath as mp
import numpy as np
import pytest

from gdviz.geometry import FAMILIES, GeometryError, distance, geodesic
from gdviz.kernels import half_plane as kernels

SPACE = FAMILIES["normal"].space
T = np.linspace(0, 1, 7)


def pairs(count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs from 1e-12 to 1e12 apart, of σ from 1e-6 to 1e6."""
    rng = np.random.default_rng(1)
    a = np.stack([rng.normal(size=count), 10 ** rng.uniform(-6, 6, count)], -1)
    step = 10 ** rng.uniform(-12, 12, count) * rng.choice([-1, 1], count)
    b = np.stack([a[:, 0] + step, a[:, 1] * 10 ** rng.uniform(-3, 3, count)], -1)
    b[::3, 1] = a[::3, 1] * (1 + 10 ** rng.uniform(-12, -3, len(b[::3])))
    return a, b


def test_distances_are_those_of_fifty_digits():
    a, b = pairs()
    found = SPACE.quick_distance(a, b)
    with mp.workdps(50):
        for i in range(0, len(a), 10):
            (m, s), (n, t) = map(lambda p: [mp.mpf(float(v)) for v in p], (a[i], b[i]))
            ratio = ((n - m) ** 2 / 2 + (t - s) ** 2) / (4 * s * t)
            assert abs(found[i] / (2 * mp.sqrt(2) * mp.asinh(mp.sqrt(ratio))) - 1) < 1e-14


def test_distances_and_geodesics_are_those_of_the_careful_way():
    a, b = pairs()
    with np.errstate(all="ignore"):
        careful = SPACE.geodesic(a[:, None], b[:, None], T)
        np.testing.assert_allclose(distance("normal", a, b), SPACE.distance(a, b), rtol=4e-15)
    quick = geodesic("normal", a, b, T)
    scale = np.abs(b - a)[:, None, 0] + np.maximum(np.abs(a), np.abs(b))[:, None, 0]
    assert np.max(np.abs(quick - careful)[..., 0] / scale) < 1e-13
    np.testing.assert_allclose(quick[..., 1], careful[..., 1], rtol=1e-12)


def test_the_ends_of_a_geodesic_are_the_points():
    a, b = pairs()
    path = SPACE.quick_geodesic(a, b, T)
    assert np.array_equal(path[:, 0], a) and np.array_equal(path[:, -1], b)


def test_shapes_are_kept():
    a, b = (x[:12].reshape(3, 4, 2) for x in pairs())
    assert SPACE.quick_distance(a, b).shape == (3, 4)
    assert SPACE.quick_geodesic(a, b, T[:6].reshape(2, 3)).shape == (3, 4, 2, 3, 2)
    assert SPACE.quick_distance(a[0, 0], b[0, 0]).shape == ()


ODD = {
    "equal points": ([[0.0, 1.0], [1.0, 2.0]], [[1.0, 1.0], [1.0, 2.0]]),
    "a vanishing sigma": ([[0.0, 1e-300]], [[0.0, 1.0]]),
    "far beyond squares": ([[0.0, 1.0]], [[1e200, 1.0]]),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_not_ordinary_goes_the_careful_way(name: str):
    a, b = map(np.array, ODD[name])
    assert SPACE.quick_distance(a, b) is None and SPACE.quick_geodesic(a, b, T) is None
    assert np.all(np.isfinite(distance("normal", a, b)))
    assert np.all(np.isfinite(geodesic("normal", a, b, T)))


@pytest.mark.parametrize(
    "bad", [[0.0, -1.0], [0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0], [0, np.inf]]
)
def test_what_is_no_normal_is_refused(bad: list[float]):
    a, b = np.array([[0.0, 1.0], [0.5, 2.0]]), np.array([[1.0, 1.0], bad])
    for first, second in ((a, b), (b, a), (b, b)):
        with pytest.raises(GeometryError):
            distance("normal", first, second)
        with pytest.raises(GeometryError):
            geodesic("normal", first, second, T)


def test_times_beyond_the_ends_go_on():
    a, b = np.array([0.0, 1.0]), np.array([1.0, 2.0])
    assert SPACE.quick_geodesic(a, b, np.array([0.5, 1.5])) is None
    on = geodesic("normal", a, b, np.array([1.0, 1.5]))
    assert distance("normal", on[0], on[1]) == pytest.approx(
        distance("normal", a, b) / 2, rel=1e-12
    )


def test_plain_python_gives_the_same_numbers():
    a, b = (x[:20] for x in pairs())
    compiled, plain, scratch = np.empty((20, 7, 2)), np.empty((20, 7, 2)), np.empty(20)
    assert kernels.geodesics(a, b, T, scratch, compiled)
    assert kernels.geodesics.py_func(a, b, T, scratch, plain)
    np.testing.assert_allclose(plain, compiled, rtol=1e-14)
    assert kernels.distances(a, b, scratch)
    again = np.empty(20)
    assert kernels.distances.py_func(a, b, again)
    np.testing.assert_allclose(again, scratch, rtol=1e-15)
