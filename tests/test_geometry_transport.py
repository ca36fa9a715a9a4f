"""Parallel transport: golden values, inner products, ladders, and what a loop leaves behind."""

import numpy as np
import pytest
from manifolds import CLOSED, NAMES, PLANES, pair, vectors

from gdviz.geometry import (
    FAMILIES,
    GeometryError,
    ball,
    geodesic,
    holonomy,
    inner,
    ladder,
    log_map,
    parallel_transport,
    transport_along,
    transported_along,
)


def test_golden_values():
    moved = parallel_transport("normal", [0, 1], [1, 2], [[1, 0], [0, 1]])
    np.testing.assert_allclose(moved, [[34 / 19, -12 / 19], [24 / 19, 34 / 19]], rtol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_transport_keeps_inner_products_and_the_tangent(name):
    a, b = pair(name)
    u, v = vectors(name)
    p, q = parallel_transport(name, a, b, u), parallel_transport(name, a, b, v)
    for one, other, before in ((p, q, (u, v)), (p, p, (u, u))):
        assert inner(name, b, one, other) == pytest.approx(inner(name, a, *before), rel=1e-10)
    tangent = parallel_transport(name, a, b, log_map(name, a, b))
    np.testing.assert_allclose(tangent, -log_map(name, b, a), rtol=1e-9, atol=1e-11)
    back = parallel_transport(name, b, a, p)
    np.testing.assert_allclose(back, u, rtol=1e-10)
    np.testing.assert_allclose(parallel_transport(name, a, a, u), u, rtol=1e-14)


@pytest.mark.parametrize("name", CLOSED)
def test_closed_form_and_equation_agree(name):
    a, b = pair(name)
    u, _ = vectors(name)
    closed = parallel_transport(name, a, b, u)
    np.testing.assert_allclose(parallel_transport(name, a, b, u, generic=True), closed, rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_along_a_fine_polyline_it_is_the_geodesics_own(name):
    a, b = pair(name)
    u, _ = vectors(name)
    errors = []
    for n in (20, 40):
        curve = geodesic(name, a, b, np.linspace(0, 1, n + 1))
        carried = transport_along(name, curve, u)
        assert carried.shape == (n + 1, FAMILIES[name].d)
        before, after = (inner(name, curve[i], carried[i], carried[i]) for i in (0, -1))
        assert after == pytest.approx(before, rel=1e-10)
        errors.append(np.abs(carried[-1] - parallel_transport(name, a, b, u)).max())
    assert errors[1] < max(errors[0] / 3.5, 1e-11)  # chords for arcs: second order


def test_along_a_straight_line_of_normals_it_is_known():
    # In the frame (σ√2 ∂μ, σ ∂σ)/√2 the vector turns by ∫ dμ/(√2 σ), clockwise going right.
    a, b = np.array([0.0, 1e-3]), np.array([2.0, 3.0])
    turn = 2 / np.sqrt(2) * np.log(b[1] / a[1]) / (b[1] - a[1])
    moved = transport_along("normal", [a, b], [1.0, 0.0])[-1]
    x, y = moved[0] / np.sqrt(2), moved[1]
    assert np.hypot(x, y) == pytest.approx(b[1] / a[1] / np.sqrt(2), rel=1e-10)
    assert np.angle((x + 1j * y) / np.exp(-1j * turn)) == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("name", PLANES)
def test_a_loop_turns_by_the_curvature_inside(name):
    centre = pair(name)[0]
    rim = ball(name, centre, 0.4, 40)
    for loop in (rim, rim[::-1], rim[[0, 10, 15, 30]]):
        found = holonomy(name, loop)
        assert found.angle == pytest.approx(found.curvature, abs=1e-8)
    # the two directions give opposite angles
    assert holonomy(name, rim).angle == pytest.approx(-holonomy(name, rim[::-1]).angle, rel=1e-9)


def test_area_of_a_hyperbolic_disk():
    loop = ball("normal", [0, 1], 1.0, 2000)
    K = -0.5
    area = 2 * np.pi / -K * (np.cosh(np.sqrt(-K)) - 1)
    found = holonomy("normal", loop)
    assert found.area == pytest.approx(area, rel=1e-5)
    assert found.angle == pytest.approx(K * area, rel=1e-5)


def test_a_flat_loop_changes_nothing():
    there_and_back = [[0, 1], [1, 2], [0, 1]]
    assert holonomy("normal", there_and_back).angle == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", [n for n in CLOSED if FAMILIES[n].d > 1])
def test_the_pole_ladder_is_exact_in_symmetric_spaces(name):
    a, b = pair(name)
    u, _ = vectors(name)
    u = 0.2 * u  # the simplex ends near
    for rungs in (1, 3):
        built = ladder(name, a, b, u, rungs)
        np.testing.assert_allclose(built.vector, parallel_transport(name, a, b, u), rtol=1e-8)
        assert built.points.shape == built.tips.shape == (rungs + 1, FAMILIES[name].d)
        assert len(built.middles) == rungs


@pytest.mark.parametrize(
    "name, kind", [("gamma", "pole"), ("gamma", "schild"), ("normal", "schild")]
)
def test_other_ladders_come_closer_by_the_square(name, kind):
    a, b = pair(name)
    u, _ = vectors(name)
    exact = parallel_transport(name, a, b, u)
    errors = [np.abs(ladder(name, a, b, u, n, kind).vector - exact).max() for n in (3, 6)]
    assert 3 < errors[0] / errors[1] < 12


def test_vectors_along_the_way():
    t = np.linspace(0, 1, 5)
    way = transported_along("normal", [0, 1], [1, 2], [1, 0], t)
    np.testing.assert_allclose(way[-1], [34 / 19, -12 / 19], rtol=1e-14)
    assert way.shape == (5, 2) and np.array_equal(way[0], [1, 0])


@pytest.mark.parametrize("name", ["normal", "gamma"])
def test_batches(name):
    a, b = pair(name)
    u, v = vectors(name)
    both = parallel_transport(name, a, np.stack([b, a]), np.stack([u, v]))
    np.testing.assert_allclose(both, [parallel_transport(name, a, b, u), v], rtol=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: parallel_transport("normal", [0, 1], [1, 2], [1, 0, 0]),
        lambda: parallel_transport("normal", [0, 1], [1, 2], [np.nan, 0]),
        lambda: parallel_transport("normal", [0, 1], [1, 0], [1, 0]),
        lambda: transport_along("normal", [[0, 1]], [1, 0]),
        lambda: holonomy("poisson", [[1], [2]]),
        lambda: ladder("normal", [0, 1], [1, 2], [1, 0], 0),
        lambda: ladder("normal", [0, 1], [1, 2], [1, 0], 3, "rope"),
    ],
)
def test_what_cannot_be_carried_is_said(call):
    with pytest.raises(GeometryError, match=r"\w{3}"):
        call()
