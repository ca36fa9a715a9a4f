"""The room *loss landscape*: planes, matching and barriers against definitions by hand."""

import io
import itertools
import json
import re
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cases import each

from gdviz.catalogue import lookup
from gdviz.catalogue.pitfall import output_of
from gdviz.learn import forward, init_params
from gdviz.learn.network import flat, loss_and_grads, unflat
from gdviz.learn.unit_matching import barrier_of, match_units, permute_units
from gdviz.learn.weight_planes import (
    filter_normalised_plane,
    losses_at,
    plane_along,
    principal_directions,
    principal_plane,
    project,
)
from gdviz.server.live_scene import live
from gdviz.topics.backprop.landscape.figure import live_scene, picture
from gdviz.topics.backprop.landscape.settings import (
    FAR,
    Landscape,
    LandscapeRun,
    T,
    alike,
    losses_of,
    mesh_of,
    passes_of,
    place_here,
    plane_of,
    run,
    task_of,
    training_of,
)
from gdviz.topics.backprop.landscape.verdict import (
    between_networks,
    off_the_plane,
    percent,
    verdict_on,
)

RECORD = Path(__file__).parent / "reference" / "torch_landscape.json"
QUICK = Landscape(passes=20, dots=30, wide=4)


def exact_loss(spec: Landscape, theta: np.ndarray) -> float:
    """Return the loss at weights `(p,)` in double precision, from the backward pass."""
    X, y = task_of(spec)
    sizes = (2, *[spec.wide] * spec.deep, 1)
    return float(loss_and_grads(unflat(theta, sizes), X, y, spec.squash, spec.aim)[0])


def test_the_distance_from_a_plane_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((7, 30))
    skew = filter_normalised_plane(rng.standard_normal(33), (2, 8, 1), 3)
    for plane in (plane_along(points[0], points[1:4]), skew):
        thetas = plane.origin + rng.standard_normal((5, len(plane.origin)))
        seen = project(plane, thetas)
        for k, theta in enumerate(thetas):
            moves = theta - plane.origin
            best, rest, *_ = np.linalg.lstsq(plane.axes.T, moves, rcond=None)
            np.testing.assert_allclose(seen.places[k], best, atol=1e-12)
            assert seen.distances[k] ** 2 == pytest.approx(rest[0], rel=1e-10)
        whole = ((thetas - plane.origin) ** 2).sum()
        assert seen.outside == pytest.approx((seen.distances**2).sum() / whole)
        inside = project(plane, plane.at([1.5, -2.0], [0.3, 4.0]))
        np.testing.assert_allclose(inside.places, [[1.5, 0.3], [-2.0, 4.0]], atol=1e-12)
        assert inside.distances.max() < 1e-12 and inside.outside < 1e-24


def test_axes_are_orthonormal_also_where_directions_are_parallel_or_none() -> None:
    u = np.array([3.0, 0.0, 4.0, 0.0])
    for directions in ([u, 2 * u, -u], [u, u + 1e-13], [], [0 * u], [u, np.ones(4)]):
        plane = plane_along(np.zeros(4), directions)
        np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-12)
    assert np.allclose(plane_along(np.zeros(4), [u]).axes[0], u / 5)


def test_the_main_plane_of_a_path_leaves_out_least() -> None:
    path = np.cumsum(np.random.default_rng(1).standard_normal((12, 9)), axis=0)
    best = project(principal_plane(path), path).outside
    _, shares = principal_directions(path)
    assert best == pytest.approx(1 - shares[:2].sum())
    rng = np.random.default_rng(2)
    others = [plane_along(path[-1], rng.standard_normal((2, 9))) for _ in range(200)]
    others.append(plane_along(path[-1], [path[0] - path[-1], path[5] - path[-1]]))
    assert min(project(plane, path).outside for plane in others) > best
    still = principal_plane(np.ones((3, 5)))
    assert project(still, np.ones((3, 5))).outside == 0.0


def test_a_random_walk_lies_in_its_main_plane_by_nine_tenths() -> None:
    """Of Brownian motion seen from its end the k-th direction holds 2/((k - 1/2)π)²."""
    walk = np.cumsum(np.random.default_rng(0).standard_normal((120, 2000)), axis=0)
    _, shares = principal_directions(walk)
    np.testing.assert_allclose(shares[:2], [8 / np.pi**2, 8 / (9 * np.pi**2)], rtol=0.03)
    assert shares[:2].sum() == pytest.approx(0.9, abs=0.01)


@each("sizes", [(2, 5, 1), (3, 4, 6, 2), (2, 1)])
def test_a_random_direction_has_the_length_of_each_filter_and_no_biases(sizes) -> None:
    theta = flat(init_params(sizes, seed=4)) + 0.1
    plane = filter_normalised_plane(theta, sizes, 7)
    for axis in plane.axes:
        for (D, d), (W, _) in zip(unflat(axis, sizes), unflat(theta, sizes), strict=True):
            for unit in range(W.shape[1]):
                length = sum(w**2 for w in W[:, unit]) ** 0.5
                assert sum(x**2 for x in D[:, unit]) ** 0.5 == pytest.approx(length)
            assert not d.any()
    assert np.abs(filter_normalised_plane(theta, sizes, 8).axes - plane.axes).max() > 0.1
    np.testing.assert_array_equal(filter_normalised_plane(theta, sizes, 7).axes, plane.axes)


def test_a_random_plane_and_its_losses_are_pytorchs() -> None:
    """By the rules of the method's authors, see reference/make_torch_landscape.py."""
    for case in json.loads(RECORD.read_text("utf-8"))["cases"]:
        sizes, theta = tuple(case["sizes"]), np.array(case["theta"])
        plane = filter_normalised_plane(theta, sizes, case["seed"])
        np.testing.assert_allclose(plane.axes, case["axes"], rtol=1e-9)
        kinds = (case["activation"],) * (len(sizes) - 2)
        thetas = plane.at(*np.array(case["places"]).T)
        found = losses_at(thetas, sizes, kinds, case["loss"], np.array(case["X"]),
                          np.array(case["y"]))  # fmt: skip
        np.testing.assert_allclose(found, case["losses"], rtol=1e-5)


def test_losses_over_a_plane_are_those_of_the_backward_pass() -> None:
    for spec in (QUICK, replace(QUICK, deep=2, squash="relu", aim="mse", plane="random")):
        done = run(spec)
        rows = [exact_loss(spec, theta) for theta in done.path]
        np.testing.assert_allclose(done.losses, rows, rtol=1e-5)
        for i, j in ((0, 0), (5, 20), (44, 3)):
            theta = (
                done.plane.origin + done.a[j] * done.plane.axes[0] + done.b[i] * done.plane.axes[1]
            )
            assert done.loss[i, j] == pytest.approx(exact_loss(spec, theta), rel=1e-5)
        k = len(done.path) // 2
        below = done.plane.at(*done.seen.places[k])
        assert done.flat_losses[k] == pytest.approx(exact_loss(spec, below), rel=1e-5)
        gap = np.linalg.norm(done.path[k] - below)
        assert done.seen.distances[k] == pytest.approx(gap) and done.seen.distances[-1] == 0


def test_a_loss_beyond_single_precision_is_infinite_and_not_undefined() -> None:
    X, y = np.ones((3, 2)), np.ones((3, 1))
    found = losses_at(np.full((1, 13), 1e30), (2, 3, 1), ("relu",), "bce", X, y)
    assert not np.isnan(found).any()


@each("sizes, activation", [((2, 5, 1), "tanh"), ((3, 6, 4, 5, 2), "gelu"), ((2, 1), "relu")])
def test_hidden_units_in_other_places_are_the_same_function(sizes, activation) -> None:
    rng = np.random.default_rng(5)
    params = [(W, b + rng.standard_normal(b.shape)) for W, b in init_params(sizes, seed=1)]
    orders = [rng.permutation(size) for size in sizes[1:-1]]
    moved = permute_units(params, orders)
    X = rng.standard_normal((50, sizes[0]))
    there, here = forward(moved, X, activation), forward(params, X, activation)
    np.testing.assert_allclose(there, here, rtol=0, atol=1e-12)
    assert len(sizes) == 2 or np.abs(flat(moved) - flat(params)).max() > 0.1
    assert np.sort(flat(moved)).tolist() == np.sort(flat(params)).tolist()
    noisy = [(W + 1e-3 * rng.standard_normal(W.shape), b) for W, b in params]
    found = match_units(moved, noisy)
    assert all(a.tolist() == b.tolist() for a, b in zip(found, orders, strict=True))


def test_with_one_hidden_layer_no_order_of_units_is_nearer() -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        one, other = (
            [(W, rng.standard_normal(b.shape)) for W, b in init_params((2, 5, 2), seed=s)]
            for s in (seed, seed + 50)
        )
        found = permute_units(other, match_units(one, other))
        # The last biases are the same in any order.
        gaps = [
            np.linalg.norm(flat(permute_units(other, [np.array(order)])) - flat(one))
            for order in itertools.permutations(range(5))
        ]
        assert np.linalg.norm(flat(found) - flat(one)) == pytest.approx(min(gaps), rel=1e-12)
        assert min(gaps) < gaps[0]


def test_a_barrier_is_measured_above_the_line_of_the_ends() -> None:
    t = np.linspace(0, 1, 101)
    found = barrier_of(t, 2 + 3 * t + 4 * t * (1 - t))
    assert found.height == pytest.approx(1.0) and found.t == pytest.approx(0.5)
    assert barrier_of(t, 1 + t**2).height == pytest.approx(0.0, abs=1e-12)


def test_the_line_between_networks_has_their_losses_at_its_ends() -> None:
    spec = replace(QUICK, plane="pair", deep=2)
    done = run(spec)
    twin = done.twin
    assert twin is not None and len(twin.before) == len(T)
    other = training_of(spec, spec.second_seed).path[-1]
    for losses, end in ((twin.before, other), (twin.after, twin.matched)):
        for t in (0.0, 0.3, 1.0):
            theta = (1 - t) * done.path[-1] + t * end
            assert losses[np.abs(T - t).argmin()] == pytest.approx(
                exact_loss(spec, theta), rel=1e-5
            )
    assert twin.before[-1] == pytest.approx(twin.after[-1], rel=1e-5), "the same function"
    near, far = (np.linalg.norm(theta - done.path[-1]) for theta in (twin.matched, twin.theta))
    assert near < far
    seen = project(done.plane, np.array([twin.theta, twin.matched]))
    assert seen.distances.max() < 1e-9 and np.allclose(seen.places, twin.places)
    assert twin.places[0] == pytest.approx([far, 0.0], abs=1e-9), "the first axis leads to B"


def test_the_same_seed_twice_is_one_network() -> None:
    done = run(replace(QUICK, plane="pair", second_seed=QUICK.first_seed))
    assert "they are one" in between_networks(done)
    assert done.twin is not None and done.twin.moved == 0
    assert max(b.height for b in done.twin.barriers) < 1e-6
    assert np.isfinite(done.loss).all()


def test_the_hand_walks_to_the_network_with_those_weights() -> None:
    done = run(QUICK)
    a, b = float(done.a[10]), float(done.b[30])
    spec = replace(QUICK, at_a=a, at_b=b)
    scene = live_scene(f"passes=20&dots=30&wide=4&at_a={a!r}&at_b={b!r}")
    (chip,) = [chip for chip in scene.chips if chip.name == "hand"]
    assert float(chip.verdict.split()[1]) == pytest.approx(float(done.loss[30, 10]), rel=1e-2)
    (image,) = [layer for layer in scene.layers if layer.kind == "image"]
    theta = done.plane.at(a, b)
    z = forward(unflat(theta, (2, 4, 1)), np.array([[5.9, 5.9]]) / 3, "tanh")[0, 0]
    assert image.pixels[0, -1, -1] == pytest.approx(np.tanh(z / 2), abs=1e-5)
    assert scene.handles[0].knobs == ("at_a", "at_b") and run(spec) is run(QUICK)
    assert place_here(replace(QUICK, at_a=FAR, at_b=-FAR), done) == (done.a[-1], done.b[0])
    assert live("backprop_landscape", "passes=9&at_a=1e999&hand=here,1,2").status_code == 200


def test_pinned_paths_are_drawn_only_in_their_own_plane() -> None:
    assert alike(QUICK, replace(QUICK, at_a=3.0, reach=2.0))
    for other in ({"pace": 0.1}, {"plane": "random"}, {"first_seed": 4}, {"wide": 5}):
        assert not alike(QUICK, replace(QUICK, **other))


def test_what_is_said_of_a_plane_is_what_it_leaves_out() -> None:
    done = run(QUICK)
    far = int(done.seen.distances.argmax())
    told = off_the_plane(done)
    assert told.startswith(
        f"Of the path's squared distances from its end {percent(done.seen.outside)}"
    )
    assert f"At step {int(done.epochs[far])}" in told
    flat_path = done._replace(seen=done.seen._replace(distances=0 * done.seen.distances))
    assert (
        off_the_plane(flat_path) == "The path lies in the plane." and between_networks(done) == ""
    )
    pair = run(replace(QUICK, plane="pair"))
    assert pair.twin is not None

    def of(before: float, after: float, moved: int = 2) -> str:
        hill = 4 * T * (1 - T) * pair.losses[0]
        twin = pair.twin._replace(before=1 + before * hill, after=1 + after * hill, moved=moved)
        return between_networks(pair._replace(twin=twin))

    assert "hardly rises" in of(0.01, 0.0) and "no barrier to speak of" in of(2.0, 0.01)
    assert "2 of B's 4 hidden units" in of(2.0, 1.0) and "No other places" in of(2.0, 2.0, 0)
    assert [percent(s) for s in (0.0, 1e-5, 0.25, 0.99995, 1.0)] == [
        "0 %", "less than 0.1 %", "25 %", "more than 99.9 %", "100 %",
    ]  # fmt: skip


@each("plane", ["path", "random", "pair"])
def test_the_program_prints_the_numbers_of_the_page(plane) -> None:
    spec = replace(QUICK, plane=plane, at_a=0.5)
    told = io.StringIO()
    with redirect_stdout(told):
        exec(compile(lookup.as_python(spec), "page", "exec"), {})
    rows = [line.split() for line in told.getvalue().splitlines()]
    done = run(spec)
    assert dict((name, float(v)) for name, v in rows[:4]) == {
        "outside": pytest.approx(done.seen.outside),
        "loss": pytest.approx(done.losses[-1]),
        "farthest": pytest.approx(done.seen.distances.max()),
        "here": pytest.approx(losses_of(spec, done.plane.at(*place_here(spec, done))[None])[0]),
    }
    barriers = [float(v) for name, v in rows[4:]]
    assert barriers == [pytest.approx(b.height) for b in (done.twin.barriers if done.twin else ())]


def test_work_is_bounded_and_a_lost_training_is_told() -> None:
    large = Landscape(wide=32, deep=3, dots=300, passes=1000, squash="gelu")
    assert passes_of(large) < 1000 and mesh_of(large) < 45 and passes_of(Landscape()) == 200
    lost = run(replace(QUICK, walker="gd", pace=10.0, aim="mse", squash="relu", passes=200))
    assert lost.lost and verdict_on(lost).startswith("Lost. Diverged")


def test_every_picture_is_finite() -> None:
    lost = replace(QUICK, walker="gd", pace=10.0, aim="mse", squash="relu", passes=200)
    specs = [
        replace(QUICK, plane=plane, wide=1, passes=2, dots=20)
        for plane in ("path", "random", "pair")
    ] + [lost, replace(lost, plane="pair"), replace(QUICK, cloud="bumps", reach=10.0, at_a=-FAR)]
    for spec in specs:
        drawn = picture(spec)
        for layer in drawn.scene.layers:
            for name in ("x", "y", "pixels", "values"):
                if (found := getattr(layer, name, None)) is not None:
                    assert np.isfinite(np.asarray(found, float)).all(), (spec, layer.name)
        assert np.isfinite(drawn.background.data[0].z).all()
        assert not re.search("nan|undefined|inf", drawn.scene.alt + str(drawn.scene.chips))


def test_the_planes_of_a_spec_are_where_they_are_said_to_be() -> None:
    done: LandscapeRun = run(replace(QUICK, plane="random"))
    np.testing.assert_array_equal(plane_of(QUICK).origin, training_of(QUICK).path[-1])
    assert done.a[0] <= -1 and done.a[-1] >= 1, "as far as the filters are long"
    assert done.seen.outside > run(QUICK).seen.outside


def test_the_pitfall_of_the_room_prints_what_it_says() -> None:
    (row,) = lookup.pitfalls("backprop_landscape")
    rises = [
        [float(v) for v in re.findall(r"by (\S+)", output_of(p))] for p in (row.wrong, row.right)
    ]
    assert max(rises[0]) > 1.3 * min(rises[0]) and rises[1][0] == pytest.approx(
        rises[1][1], rel=1e-3
    )
