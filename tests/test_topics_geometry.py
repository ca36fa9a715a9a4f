"""The pages *geometry* and *natural_gradient* say what they show: hands, links, code, pictures."""

import contextlib
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from cases import NO_WARNINGS

from gdviz.figures.hand import Hand
from gdviz.figures.static import static_figure
from gdviz.figures.wire_format import pack
from gdviz.geometry import (
    FAMILIES,
    distance,
    geodesic,
    norm,
    parallel_transport,
    path_length,
    shoot,
)
from gdviz.geometry.planes import PLANE_FAMILIES, clamp_to_plane, densities, outcomes
from gdviz.queries import from_query, to_query
from gdviz.topics.geometry import figure as figures
from gdviz.topics.geometry import results as rooms
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry.bound import bound
from gdviz.topics.geometry.charts import on_surface
from gdviz.topics.geometry.figure_background import background, ellipses_of
from gdviz.topics.geometry.figure_transport import transport_scene
from gdviz.topics.geometry.other import other_measures
from gdviz.topics.geometry.presets import PRESETS
from gdviz.topics.geometry.program import as_python
from gdviz.topics.geometry.settings import LADDERS, PATHS, ROOMS, WAYS, Geometry
from gdviz.topics.geometry.tables import csv, off_by, table
from gdviz.topics.natural_gradient import figure as natural_figures
from gdviz.topics.natural_gradient import settings as natural
from gdviz.topics.natural_gradient.figure_background import background as natural_background
from gdviz.topics.natural_gradient.nets import nets
from gdviz.topics.natural_gradient.presets import PRESETS as NATURAL_PRESETS
from gdviz.topics.natural_gradient.program import as_python as natural_program
from gdviz.topics.natural_gradient.settings import TRUTHS, NaturalGradient
from gdviz.topics.natural_gradient.tables import csv as natural_csv
from gdviz.topics.natural_gradient.tables import table as natural_table

pytestmark = NO_WARNINGS


def specs(room):
    return [Geometry(room=room, family=name, **topic.start_of(name)) for name in PLANE_FAMILIES]


def printed(code):
    """Run a program that a page offers; return what it prints, line by line."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    return out.getvalue()


# --- points and hands -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLANE_FAMILIES)
def test_no_hand_leaves_its_family(name):
    rng = np.random.default_rng(0)
    for x, y in rng.uniform(-30, 30, (60, 2)).tolist() + [(0, 0), (1e300, -1e300), (5, 5)]:
        point = clamp_to_plane(name, x, y)
        FAMILIES[name].read(point)
        assert clamp_to_plane(name, *point) == pytest.approx(point)
        spec = Geometry(family=name, ax=min(max(x, -20), 20), ay=min(max(y, -20), 20))
        FAMILIES[name].read(topic.point(spec, "a"))
        FAMILIES[name].read(topic.point(topic.apply_hand(spec, Hand("b", x, y)), "b"))
    plane = PLANE_FAMILIES[name]
    for point in (plane.a, plane.b):
        assert clamp_to_plane(name, *point) == pytest.approx(point)


def test_hands_move_what_they_hold():
    spec = Geometry(room="transport", way="loop")
    assert topic.apply_hand(spec, Hand("a", 1.0, 2.0)).ax == 1.0
    tip = topic.apply_hand(spec, Hand("tip", -1.0, 1.0))
    assert (tip.vx, tip.vy) == (0.5, 0.5)
    assert topic.apply_hand(spec, Hand("nobody", 1.0, 2.0)) == spec
    dragged = topic.apply_hand(spec, Hand("corner 2", 2.0, 2.0))
    assert topic.corners(dragged)[2].tolist() == [2.0, 2.0]
    added = topic.apply_hand(spec, Hand("corner new", -2.0, 1.0))
    assert len(topic.corners(added)) == len(topic.corners(spec)) + 1
    fewer = topic.apply_hand(spec, Hand("corner new", 0.6, 1.4, shift=True))
    assert topic.corners(fewer).tolist() == [[-1.5, 0.5], [0.4, 0.6], [-1.2, 1.5]]
    for _ in range(20):
        added = topic.apply_hand(added, Hand("corner new", -2.0, 1.0))
    assert len(topic.corners(added)) == topic.MOST_CORNERS
    assert (
        topic.apply_hand(spec, Hand("corner 99", 0, 0)).loop
        == topic.apply_hand(spec, Hand("x", 0, 0)).loop
    )


def test_a_loop_is_read_from_hostile_text():
    spec = Geometry(loop="1,2 nan,1 inf,2 1,2,3 <b> 1e400,2 3,-9")
    assert topic.corners(spec)[1:].tolist() == [[1.0, 2.0], [3.0, 0.12]]
    assert len(topic.corners(Geometry(loop="1,1 " * 500))) == topic.MOST_CORNERS


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.label)
def test_links_of_presets_come_back(preset):
    spec = Geometry(**preset.values)
    assert from_query(Geometry, to_query(spec)) == spec
    scene = figures.geometry_scene(spec)
    a = next(handle for handle in scene.handles if handle.id == "a")
    assert pack(figures.live_scene(to_query(spec), Hand("a", a.x, a.y))) == pack(scene)


# --- rooms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", specs("between"), ids=lambda s: s.family)
def test_paths_between(spec):
    run = rooms.geodesics_result(spec)
    name, a, b = spec.family, run.a, run.b
    assert run.lengths["fisher"] == pytest.approx(float(distance(name, a, b)), rel=1e-12)
    for path in run.paths.values():
        np.testing.assert_allclose(path[[0, -1]], [a, b], rtol=1e-12)
        FAMILIES[name].read(path)
        assert path_length(name, path) >= run.lengths["fisher"] * (1 - 1e-9)
    assert run.travelled[-1] == pytest.approx(run.lengths["fisher"], rel=1e-3)
    found = rooms.measures(spec)
    assert found["Fisher–Rao"] <= found["straight line"]
    assert all(value is None or value > 0 for value in found.values())
    np.testing.assert_allclose(run.p[-1], densities(name, b[None], outcomes(name))[0], rtol=1e-9)


def test_the_wasserstein_path_of_normals_is_straight_in_mu_and_sigma():
    for name in ("normal", "normal_variance", "normal_natural"):
        spec = Geometry(family=name, **topic.start_of(name))
        chart = FAMILIES[name].chart
        path = rooms.geodesics_result(spec).paths["wasserstein"]
        plain = path if chart is None else chart.forward(path)
        straight = plain[0] + rooms.T[:, None] * (plain[-1] - plain[0])
        np.testing.assert_allclose(plain, straight, rtol=1e-10, atol=1e-12)
    gamma = Geometry(family="gamma", path="wasserstein", **topic.start_of("gamma"))
    run = rooms.geodesics_result(gamma)
    assert run.chosen == "wasserstein" and "wasserstein" not in run.paths
    area = np.trapezoid(run.p, run.x, axis=1)
    np.testing.assert_allclose(area, 1, atol=0.01)


@pytest.mark.parametrize("spec", specs("shoot"), ids=lambda s: s.family)
def test_flights(spec):
    spec = replace(spec, overlays=("balls", "grid", "field"))
    run = rooms.shooting_result(spec)
    assert run.speed == pytest.approx(float(norm(spec.family, run.a, run.v)))
    np.testing.assert_allclose(run.path[0], run.a, rtol=1e-12)
    end = shoot(spec.family, run.a, run.v, float(run.t[-1]), tolerance=1e-9)
    np.testing.assert_allclose(run.path[-1], end, rtol=1e-4, atol=1e-6)
    for radius, rim in zip(rooms.RADII, run.balls, strict=False):
        far = distance(spec.family, run.a, rim[:48:12])
        np.testing.assert_allclose(far, radius, rtol=1e-4)
    at, pull = rooms.bending_terms(spec)
    assert len(at) > 20 and np.all(np.isfinite(pull))


def test_a_flight_ends_at_a_border_that_is_near():
    spec = Geometry(
        room="shoot",
        family="categorical",
        ax=0.2,
        ay=0.3,
        vx=0.2,
        vy=0.2,
        time=6,
        overlays=("none",),
    )
    run = rooms.shooting_result(spec)
    assert run.border is not None and 1 - run.path[-1].sum() < 1e-2
    assert "border" in figures.flight_scene(spec).alt


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("spec", specs("transport"), ids=lambda s: s.family)
def test_carried_vectors(spec, way):
    spec = replace(spec, way=way)
    run = rooms.transport_result(spec)
    sizes = norm(spec.family, run.path, run.vectors)
    np.testing.assert_allclose(sizes, sizes[0], rtol=1e-8)
    if way == "loop":
        assert run.angle[-1] == pytest.approx(run.expected, abs=1e-5)
        assert np.array_equal(run.path[0], run.path[-1])
    else:
        moved = parallel_transport(spec.family, run.path[0], run.path[-1], topic.vector(spec))
        np.testing.assert_allclose(run.vectors[-1], moved, rtol=1e-8)


@pytest.mark.parametrize("kind", [k for k in LADDERS if k != "none"])
def test_ladders_on_the_stage(kind):
    spec = Geometry(room="transport", ladder=kind, rungs=4)
    run = rooms.transport_result(spec)
    off = off_by(spec, run)
    assert off < (1e-9 if kind == "pole" else 0.5)
    names = [layer.name for layer in transport_scene(spec).layers]
    assert {"rungs", "rail", "middles"} <= set(names)
    *_, (share, errors) = rooms.ladder_errors(spec)
    assert share == 1 and len(errors["pole"]) == len(rooms.RUNGS)
    assert errors["schild"][0] > errors["schild"][-1] > errors["pole"][-1]


@pytest.mark.parametrize("spec", specs("bound"), ids=lambda s: s.family)
def test_estimates_fill_the_ellipse_of_the_bound(spec):
    run = bound(replace(spec, samples=400))
    assert run.inside[-1] == pytest.approx(0.9, abs=0.06)
    np.testing.assert_allclose(run.efficiency[-1], 1, atol=0.3)
    assert run.cloud.shape == (len(topic.SIZES), 400, 2)


@pytest.mark.parametrize("name", ["normal", "weibull", "categorical"])
def test_surfaces_are_isometric(name):
    a, b = (np.array(p) for p in (PLANE_FAMILIES[name].a, PLANE_FAMILIES[name].b))
    if name != "categorical":
        a, b = a + [0, 1.2] if name == "normal" else np.array([1.0, 1.0]), b + [0, 1.2]
        b = b if name == "normal" else np.array([0.8, 1.4])
    path = geodesic(name, a, b, np.linspace(0, 1, 2001))
    lifted = on_surface(name, path)
    assert np.all(np.isfinite(lifted))
    chords = np.linalg.norm(np.diff(lifted, axis=0), axis=1).sum()
    scale = 1.0 if name == "categorical" else np.sqrt(-1 / FAMILIES[name].space.curvature)
    assert scale * chords == pytest.approx(float(distance(name, a, b)), rel=1e-5)


def test_the_disk_shows_the_same_distances():
    spec = Geometry(room="shoot")
    run = rooms.shooting_result(spec)
    z = figures.in_model(spec, run.path) @ [1, 1j]
    assert np.all(np.abs(z) < 1)
    ends = 2 * np.arctanh(abs((z[0] - z[30]) / (1 - np.conj(z[0]) * z[30])))
    assert np.sqrt(2) * ends == pytest.approx(float(distance("normal", *run.path[[0, 30]])))


# --- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("name", PLANE_FAMILIES)
def test_every_room_of_every_family_is_a_picture(room, name):
    spec = Geometry(
        room=room, family=name, ladder="none", overlays=("balls", "grid", "field"),
        **topic.start_of(name),
    )  # fmt: skip
    scene = figures.geometry_scene(spec)
    figure = background(room, name, True, spec.way, False)
    drawn = static_figure(figure, scene)
    assert len(drawn.data) > len(figure.data) and scene.alt and scene.chips
    json.dumps(figure.to_plotly_json(), default=lambda a: a.tolist())
    packed = pack(scene)
    assert len(packed) < 400_000
    for handle in scene.handles:
        assert not handle.drawn or pack(
            figures.geometry_scene(topic.apply_hand(spec, Hand(handle.id, handle.x, handle.y)))
        )
    x, y = ellipses_of(name)
    assert np.isfinite(x).sum() > 500 and np.isnan(x).sum() == np.isnan(y).sum()


@pytest.mark.parametrize("path", PATHS)
def test_every_path_can_be_chosen(path):
    for name in ("normal", "weibull", "categorical"):
        spec = Geometry(path=path, family=name, **topic.start_of(name))
        run = rooms.geodesics_result(spec)
        assert run.chosen == (path if topic.has_path(name, path) else "fisher")
        assert figures.between_scene(spec).steps == rooms.STEPS


# --- code, tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize("room", ROOMS)
def test_the_copied_program_prints_the_numbers_of_the_page(room):
    spec = Geometry(room=room, ladder="schild", rungs=2)
    out = printed(as_python(spec))
    if room == "between":
        assert (
            f"Fisher-Rao {rooms.geodesics_result(spec).lengths['fisher']!r}".replace(
                "np.float64", ""
            )
            in out
        )
        assert f"{rooms.measures(spec)['straight line']!r}" in out
    elif room == "shoot":
        assert f"speed {rooms.shooting_result(spec).speed!r}" in out
    elif room == "transport":
        assert str(rooms.transport_result(spec).ladder.vector) in out
        assert str(rooms.transport_result(spec).exact) in out
    elif room == "other":
        assert f"Fisher-Rao {other_measures(spec)['Fisher–Rao']!r}\n" in out
    else:
        assert str(bound(spec).efficiency) in out


def test_the_program_of_a_loop():
    spec = Geometry(room="transport", way="loop")
    out = printed(as_python(spec))
    angle, inside = map(float, out.splitlines()[0].split())
    assert angle == pytest.approx(inside) == pytest.approx(rooms.transport_result(spec).expected)


@pytest.mark.parametrize("room", ROOMS)
def test_tables_and_files(room):
    spec = Geometry(room=room)
    columns = table(spec)
    assert len({len(column) for column in columns.values()}) == 1
    lines = csv(spec).decode().splitlines()
    assert (
        lines[0].split(",") == list(columns) and len(lines) == len(next(iter(columns.values()))) + 1
    )
    rows = np.array([line.split(",") for line in lines[1:]], float)
    np.testing.assert_array_equal(rows[:, 0], next(iter(columns.values())))


# --- the natural gradient -------------------------------------------------------------------------


@pytest.mark.parametrize("preset", NATURAL_PRESETS, ids=lambda p: p.label)
def test_natural_presets(preset):
    spec = NaturalGradient(**preset.values)
    assert from_query(NaturalGradient, to_query(spec)) == spec
    scene = natural_figures.natural_scene(spec)
    assert scene.alt and scene.chips
    hand = Hand("start", scene.handles[0].x, scene.handles[0].y) if scene.handles else None
    assert pack(natural_figures.live_scene(to_query(spec), hand)) == pack(scene)
    drawn = static_figure(natural_background(spec), scene)
    assert len(drawn.data) > 4
    lines = natural_csv(spec).decode().splitlines()
    assert len(lines) == len(natural_table(spec)["loss"]) + 1
    ends = {str(run.theta[-1]) for run in runs_of(spec)}
    assert all(end in printed(natural_program(spec)) for end in ends)


def runs_of(spec):
    rooms_of = {"families": natural.fits, "logistic": natural.weights, "network": nets}
    return rooms_of[spec.room](spec).paths.values()


@pytest.mark.parametrize("family", TRUTHS)
def test_natural_paths_part_less_with_smaller_steps(family):
    def apart(lr, steps):
        spec = NaturalGradient(
            family=family, coordinates=("own", "logs"), shown="natural", lr=lr, steps=steps,
            **natural.start_of(family),
        )  # fmt: skip
        one, other = (run.theta[-1] for run in natural.fits(spec).paths.values())
        return float(np.abs(one - other).max())

    few, many = apart(0.1, 10), apart(0.01, 100)
    assert many < 0.3 * few


def test_one_natural_step_in_expectations_is_the_fit():
    spec = NaturalGradient(coordinates=("expectation",), shown="natural", lr=1.0, steps=1)
    run = natural.fits(spec)
    np.testing.assert_allclose(run.paths["expectation", True].theta[-1], run.best, rtol=1e-10)


def test_the_page_says_that_it_is_irls():
    run = natural.weights(NaturalGradient(room="logistic"))
    assert run.apart < 1e-12 and len(run.irls) > 5
    assert np.isnan(natural.weights(NaturalGradient(room="logistic", damping=0.1)).apart)
    doubled = natural.weights(NaturalGradient(room="logistic", data="doubled", w0=2, w1=-2))
    assert doubled.apart < 1e-10 and doubled.paths["natural"].unseen == 1
    assert natural.weights(NaturalGradient(room="logistic", data="separable")).separable


def test_known_bad_is_bad():
    chosen = [p for p in NATURAL_PRESETS if p.values["room"] == "logistic"]
    runs = {p.label: natural.weights(NaturalGradient(**p.values)) for p in chosen}
    assert runs["It is IRLS"].paths["natural"].status == "converged"
    assert runs["Empirical misleads"].paths["natural"].status == "limit"
    assert runs["Too sure"].paths["natural"].status in ("left", "diverged")
    assert np.linalg.norm(runs["Separable"].paths["natural"].theta[-1]) > 50


def test_natural_hands_stay_in_their_windows():
    spec = NaturalGradient(room="logistic")
    assert natural.apply_hand(spec, Hand("start", 99, -99)).w0 == 4.0
    assert natural.apply_hand(spec, Hand("other", 1, 1)) == spec
    low = natural.apply_hand(NaturalGradient(), Hand("start", 0, -5))
    assert low.y0 == 0.12
