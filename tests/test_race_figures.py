"""The figures of the race show what they say: contours, overlays, maps, and the CSV."""

import base64
import csv
import functools
import io
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from cases import NO_WARNINGS
from PIL import Image

from gdviz.export.tables import csv_of
from gdviz.figures import landscape
from gdviz.figures.scene import Labels, Points, Polygon, Reading, Scene, Segments, Track
from gdviz.figures.static import static_figure
from gdviz.figures.style import OKABE_ITO, encode, looks_of
from gdviz.figures.wire_format import figure_json, pack
from gdviz.knobs import Range
from gdviz.optimize import LABELS, METHODS, SURFACES, Run, momentum_theory, race, surface
from gdviz.optimize.methods import can_run
from gdviz.optimize.racing import evaluations
from gdviz.topics.race import charts as race_charts
from gdviz.topics.race import settings as topic
from gdviz.topics.race.figure import REACH, race_scene
from gdviz.topics.race.rates import landmarks
from gdviz.topics.race.settings import HEADS, OVERLAYS, Race
from gdviz.topics.race.studies import KnobMap

pytestmark = NO_WARNINGS

CAMEL = SURFACES["three_hump_camel"]


def scene_of(
    runs: dict[str, Run],
    *overlays: str,
    hidden: bool = False,
    heads: str = "first",
) -> Scene:
    return race_scene(runs, Race(overlays=overlays, hidden=hidden, heads=heads))


def layers(scene: Scene, kind: type, name: str = "") -> list[Any]:
    return [layer for layer in scene.layers if type(layer) is kind and name in layer.name]


def raced(method: str, problem: Any = CAMEL, steps: int = 40, **own: float) -> dict[str, Run]:
    return race(problem, problem.start, {method: own}, steps=steps)


# --- the surface ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SURFACES)
def test_contours_show_all_of_a_surface(name: str):
    problem = SURFACES[name]
    figure = landscape.contour(problem)
    trace = figure.data[0]
    x, y, f = landscape.grid(problem)
    assert trace.z.shape == (landscape.GRID, landscape.GRID) == f.shape
    assert f[3, 5] == problem.f([x[5], y[3]]), "rows by y"
    z = np.asarray(trace.z, float)
    finite = np.isfinite(f)
    assert np.isfinite(z[finite]).all() and z[finite].min() == 0
    order = np.argsort(f[finite])
    assert (np.diff(z[finite][order]) >= 0).all(), "higher is higher"
    levels = trace.contours
    assert (levels.start, levels.end) == pytest.approx((z[finite].min(), z[finite].max()))
    assert (levels.end - levels.start) / levels.size == pytest.approx(landscape.LEVELS - 1)
    assert list(figure.layout.xaxis.range) == list(problem.box[0])
    assert list(figure.layout.yaxis.range) == list(problem.box[1])


def test_stars_at_minima_and_crosses_at_saddles():
    figure = landscape.contour(CAMEL, landmarks(CAMEL))
    stars, crosses = figure.data[1:]
    assert (stars.name, stars.marker.symbol) == ("minimum", "star")
    assert (crosses.name, crosses.marker.symbol) == ("saddle", "x-thin-open")
    drawn = sorted(zip(stars.x, stars.y, strict=True))
    np.testing.assert_allclose(drawn, sorted(CAMEL.minima), atol=1e-6)
    assert len(crosses.x) == 2
    for point in zip(crosses.x, crosses.y, strict=True):
        values = np.linalg.eigvalsh(CAMEL.hess(point))
        assert values[0] < 0 < values[1] and np.abs(CAMEL.grad(point)).max() < 1e-6


def test_a_lecture_has_larger_stars():
    marks = landmarks(CAMEL)
    small, large = (landscape.contour(CAMEL, marks, big).data[1].marker.size for big in (0, 1))
    assert large > small


@pytest.mark.parametrize("name", ["three_hump_camel", "rosenbrock", "goldstein_price", "ackley"])
def test_the_relief_is_the_surface(name: str):
    problem = SURFACES[name]
    figure = landscape.relief(problem)
    (shape,) = figure.data
    assert (np.nanmin(shape.z), np.nanmax(shape.z)) == pytest.approx((0, 1))
    _, _, f = landscape.grid(problem, 81)
    order = np.argsort(f.ravel())
    assert (np.diff(np.asarray(shape.z, float).ravel()[order]) >= 0).all()
    assert figure.layout.uirevision, "else the camera jumps back"


def test_paths_lie_on_the_relief_and_end_at_its_edge():
    x, y, f = landscape.grid(CAMEL, 81)
    corners = np.array([[x[7], y[60]], [x[0], y[0]], [9.0, 0.0], [0.0, -9.0]])
    z = landscape.on_relief(CAMEL, corners)
    shape = np.asarray(landscape.relief(CAMEL).data[0].z, float)
    np.testing.assert_allclose(z[:2], [shape[60, 7], shape[0, 0]], rtol=1e-6)
    assert np.isnan(z[2:]).all()


# --- the scene -----------------------------------------------------------------------------------


def test_paths_are_the_runs():
    runs = topic.run(Race())
    scene = scene_of(runs)
    tracks, looks = layers(scene, Track), looks_of(runs)
    assert [track.name for track in tracks] == [LABELS[name] for name in runs]
    for track, (name, run) in zip(tracks, runs.items(), strict=True):
        assert np.array_equal(track.x, run.x[:, 0]) and np.array_equal(track.y, run.x[:, 1])
        assert (track.color, track.dash, track.symbol) == looks[name]
    assert scene.steps == max(len(run.f) for run in runs.values()) - 1
    (handle,) = scene.handles
    assert (handle.id, handle.x, handle.y, handle.axes) == ("start", -1.9, -0.4, "xy")
    readings = {layer.name: layer.values for layer in layers(scene, Reading)}
    first = runs["gd"]
    assert np.array_equal(readings["f"], first.f)
    assert np.array_equal(readings["|∇f|"], np.hypot(*first.grad.T))


def test_hidden_paths_are_not_in_the_page():
    runs = topic.run(Race())
    assert len(layers(scene_of(runs), Track)) == len(runs)
    scene = scene_of(runs, *OVERLAYS, hidden=True)
    assert scene.layers == () and scene.steps == 0 and len(scene.handles) == 1
    assert "hidden" in scene.alt
    drawn = static_figure(landscape.contour(CAMEL), scene).data
    assert [len(trace.x) for trace in drawn[1:]] == [1] * (len(drawn) - 1)  # the start, no path


def test_gradient_arrows_point_downhill():
    run = raced("gd", lr=0.02)["gd"]
    (arrows,) = layers(scene_of({"gd": run}, "gradient"), Segments)
    assert arrows.arrow and arrows.x0.shape == (len(run.f), 1)
    start = np.stack([arrows.x0[:, 0], arrows.y0[:, 0]], 1)
    way = np.stack([arrows.x1[:, 0], arrows.y1[:, 0]], 1) - start
    assert np.array_equal(start, run.x)
    cosine = (way * -run.grad).sum(1) / np.hypot(*way.T) / np.hypot(*run.grad.T)
    np.testing.assert_allclose(cosine, 1)
    share = np.hypot(*(way / np.ptp(np.array(CAMEL.box), axis=1)).T)
    assert share.max() == pytest.approx(REACH)
    steep = np.hypot(*run.grad.T)  # the root of the gradient: a square window
    np.testing.assert_allclose(share, REACH * np.sqrt(steep / steep.max()))


@pytest.mark.parametrize(
    ("method", "slot", "own"),
    [
        ("heavy_ball", "v", {"lr": 0.01}),
        ("heavy_ball", "v", {"lr": 0.01, "momentum": 0.0}),
        ("nesterov", "v", {"lr": 0.01}),
        ("adam", "m", {"lr": 0.1}),
        ("lion", "m", {"lr": 0.01}),
        ("qhm", "m", {"lr": 0.01}),
        ("rmsprop", "m", {"lr": 0.01}),
    ],
)
def test_momentum_points_where_the_memory_pulls(method: str, slot: str, own: dict[str, float]):
    for problem in (CAMEL, SURFACES["bowl"]):
        run = race(problem, np.abs(problem.start), {method: own}, steps=40)[method]
        (arrows,) = layers(scene_of({method: run}, "momentum"), Segments, "momentum")
        way = np.stack([(arrows.x1 - arrows.x0)[:, 0], (arrows.y1 - arrows.y0)[:, 0]], 1)
        memory = getattr(run, slot)
        assert not way[0].any(), "there is none at the start"
        assert ((way[1:] * -memory[1:]).sum(1) > 0).all()


@pytest.mark.parametrize("method", ["gd", "adagrad", "signsgd", "bfgs", "adadelta"])
def test_no_momentum_no_arrow(method: str):
    assert layers(scene_of(raced(method), "momentum"), Segments) == []


@pytest.mark.parametrize("method", ["adam", "adagrad", "rmsprop", "amsgrad", "adadelta"])
@pytest.mark.parametrize("name", ["three_hump_camel", "bowl"])
def test_the_ellipse_has_the_axes_of_root_v(method: str, name: str):
    problem = SURFACES[name]
    run = raced(method, problem)[method]
    (ring,) = layers(scene_of({method: run}, "spread"), Polygon)
    width = np.ptp(np.array(problem.box), axis=1)
    half = np.stack([np.ptp(ring.x, axis=1), np.ptp(ring.y, axis=1)], 1) / 2 / width
    root = np.sqrt(run.v[1:])
    np.testing.assert_allclose(half[1:, 0] / half[1:, 1], root[:, 0] / root[:, 1], rtol=0.02)
    np.testing.assert_allclose(half[1:].max(1), REACH / 2, rtol=0.01)
    middle = np.stack([(ring.x[:, 0] + ring.x[:, 19]) / 2, ring.y[:, 0]], 1)
    np.testing.assert_allclose(middle, run.x, atol=0.01 * width.max())


@pytest.mark.parametrize("method", ["gd", "heavy_ball", "nesterov", "lion", "newton"])
@pytest.mark.parametrize("start", [[3.0, 1.5], [-3.0, 1.5], [-3.0, -1.5]])
def test_a_velocity_is_no_spread(method: str, start: list[float]):
    own = {"lr": 0.01, "momentum": 0.0} if method in ("heavy_ball", "nesterov") else {}
    run = race(SURFACES["bowl"], start, {method: own}, steps=20)
    assert layers(scene_of(run, "spread"), Polygon) == []


def test_the_axes_of_the_hessian_are_its_eigenvectors():
    run = raced("gd", lr=0.02)["gd"]
    (axes,) = layers(scene_of({"gd": run}, "curvature"), Segments)
    way = np.stack([axes.x1 - axes.x0, axes.y1 - axes.y0], -1)  # (steps, which, coordinate)
    middle = np.stack([axes.x1 + axes.x0, axes.y1 + axes.y0], -1) / 2
    np.testing.assert_allclose(middle, np.repeat(run.x[:, None], 2, 1), atol=1e-12)
    values = np.linalg.eigvalsh(CAMEL.hess(run.x))
    turned = np.einsum("kij,kwj->kwi", CAMEL.hess(run.x), way)
    np.testing.assert_allclose(turned, values[..., None] * way, atol=1e-9)
    length = np.hypot(way[..., 0], way[..., 1])
    flat = np.abs(values).argmin(1)
    assert (length.argmax(1) == flat)[length[:, 0] != length[:, 1]].all(), "flat is far"


@pytest.mark.parametrize("heads", HEADS)
def test_the_step_is_an_arrow_to_the_next_point(heads: str):
    runs = raced("gd", lr=0.02) | raced("adam", lr=0.1)
    arrows = layers(scene_of(runs, "step", heads=heads), Segments)
    assert len(arrows) == (2 if heads == "all" else 1)
    for drawn, (name, run) in zip(arrows, runs.items(), strict=False):
        assert drawn.arrow and drawn.color == looks_of(runs)[name].color
        start = np.stack([drawn.x0[:, 0], drawn.y0[:, 0]], 1)
        tip = np.stack([drawn.x1[:, 0], drawn.y1[:, 0]], 1)
        assert np.array_equal(start, run.x) and np.array_equal(tip[:-1], run.x[1:])
        assert np.isnan(tip[-1]).all(), "the last point takes no step"


def test_every_head_has_its_overlays_in_its_own_colour():
    runs = raced("gd", lr=0.02) | raced("adam", lr=0.1) | raced("bfgs") | raced("nelder_mead")
    scene = scene_of(runs, "gradient", "momentum", "curvature", heads="all")
    found = {
        kind: [layer.color for layer in layers(scene, kind)]
        for kind in (Segments, Labels, Points, Polygon)
    }
    color = {name: look.color for name, look in looks_of(runs).items()}
    assert len(found[Segments]) == 4 + 1 + 4  # Adam alone has a momentum
    assert set(found[Segments]) == set(color.values()) == set(found[Labels])
    assert (found[Points], found[Polygon]) == ([color["bfgs"]], [color["nelder_mead"]])
    # An overlay is told from another by its dash where the colour says whose it is.
    dashes = {layer.dash for layer in layers(scene, Segments) if layer.color == color["adam"]}
    assert dashes == {"dot", "dash"}
    assert len(layers(scene_of(runs, "gradient"), Segments)) == 1, "the first alone, by default"


def test_the_limit_of_the_rate_stands_at_the_head():
    bowl = SURFACES["rotated_bowl"]
    run = raced("gd", bowl, 5, lr=0.01)
    scene = scene_of(run, "curvature")
    (label,), reading = layers(scene, Labels), layers(scene, Reading, "2/λmax")[0]
    np.testing.assert_allclose(reading.values, 0.02)  # 2 / 100
    assert label.texts == 6 * (("2/λ = 0.02",),) and np.array_equal(
        label.x[:, 0], run["gd"].x[:, 0]
    )
    hill = race(surface("-x**2 - y**2"), [0.1, 0.1], {"gd": {"lr": 0.1}}, steps=2)
    assert layers(scene_of(hill, "curvature"), Labels)[0].texts[0] == ("",), "there is no limit"
    assert np.isnan(layers(scene_of(hill, "curvature"), Reading, "2/λmax")[0].values).all()


def test_a_search_shows_its_trials_ahead_and_a_simplex_its_corners():
    run = raced("bfgs")["bfgs"]
    (points,) = layers(scene_of({"bfgs": run}), Points)
    for k in range(len(run.f) - 1):
        assert np.isfinite(points.x[k]).sum() == run.tried[k + 1]
    assert np.isnan(points.x[-1]).all(), "after the last step nothing is tried"
    run = raced("nelder_mead")["nelder_mead"]
    (shape,) = layers(scene_of({"nelder_mead": run}), Polygon)
    assert shape.name == "simplex" and np.array_equal(shape.x, run.simplex[..., 0])


@pytest.mark.parametrize("method", [n for n in METHODS if can_run(n, SURFACES["himmelblau"])])
def test_every_method_has_a_scene_that_can_be_sent_and_drawn(method: str):
    scene = scene_of(raced(method, SURFACES["himmelblau"], 12), *OVERLAYS)
    assert len(pack(scene, key="race")) > 100
    for step in (0, 3, scene.steps):
        assert len(static_figure(landscape.contour(CAMEL), scene, step).data) >= 2


# --- charts --------------------------------------------------------------------------------------


def decoded(array: Any) -> np.ndarray:
    """Return the numbers of an array as Plotly sends it."""
    return np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"])


def test_the_curves_would_pass_plotlys_look():
    figure = race_charts.curves(raced("gd", lr=0.02) | raced("adam"), CAMEL.minima, False, True)
    looked_at = go.Figure(figure)
    assert json.loads(looked_at.to_json()) == json.loads(figure_json(figure))
    assert looked_at.layout.font.size == 20


def test_curves_are_gap_slope_distance_and_step():
    runs = raced("gd", lr=0.02) | raced("newton")
    traces = race_charts.curves(runs, CAMEL.minima, False)["data"]
    assert len(traces) == 10 and not any("x" in trace for trace in traces)  # Plotly counts steps
    run, minima = runs["gd"], np.array(CAMEL.minima)
    gap, slope, far, across, up = (decoded(trace["y"]) for trace in traces[:5])
    close = functools.partial(np.testing.assert_allclose, rtol=1e-6)
    close(gap, run.f - CAMEL.f(minima).min())
    close(slope, np.hypot(*run.grad.T))
    close(far, np.linalg.norm(run.x[:, None] - minima, axis=-1).min(1))
    for axis, moved in enumerate((across, up)):
        close(moved[:-1], np.abs(np.diff(run.x[:, axis])))
        assert np.isnan(moved[-1])
    paid = race_charts.curves(runs, CAMEL.minima, True)["data"]
    for trace, (name, done) in zip(paid[::5], runs.items(), strict=True):
        assert np.array_equal(decoded(trace["x"]), evaluations(name, done).sum(1))


@pytest.mark.parametrize("values", [[1.0, 1e300], [1.0, 1e-300], [1.0, -1e39, np.nan, np.inf]])
def test_what_single_precision_does_not_hold_is_sent_in_double(values: list[float]):
    assert encode(values)["dtype"] == "f8"
    np.testing.assert_array_equal(decoded(encode(values)), values)
    assert encode([1.0, 1e30, 0.0, np.nan, -np.inf])["dtype"] == "f4"


def test_without_a_minimum_f_itself_is_drawn_on_a_plain_axis():
    saddle = SURFACES["saddle"]
    layout = race_charts.curves(raced("gd", saddle, lr=0.1), (), False)["layout"]
    assert layout["yaxis"]["title"]["text"] == "f" and "type" not in layout["yaxis"]
    assert layout["yaxis2"]["type"] == "log"


def test_a_falling_f_below_zero_is_drawn_too():
    saddle = SURFACES["saddle"]
    runs = raced("gd", saddle, lr=0.1)
    assert runs["gd"].f[-1] < 0
    drawn = decoded(race_charts.curves(runs, (), False)["data"][0]["y"])
    np.testing.assert_allclose(drawn, runs["gd"].f, rtol=1e-6)


def pixels(figure: Any) -> np.ndarray:
    """The picture of a map as `(rows, columns, 3)`, its first row at the bottom."""
    source = figure.layout.images[0].source
    picture = Image.open(io.BytesIO(base64.b64decode(source.split(",")[1])))
    return np.asarray(picture)[::-1].astype(float)


def rgb(color: str) -> np.ndarray:
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], float)


def test_a_map_of_starts_has_a_colour_per_minimum():
    minimum = np.array([[0, 0, 1], [1, -1, -2]])
    steps = np.array([[3, 300, 3], [300, -1, 7]])
    image = pixels(race_charts.basin_image(CAMEL, minimum, steps, CAMEL.minima[:2]))
    assert image.shape == (2, 3, 3)
    np.testing.assert_allclose(image[0, 0], rgb(OKABE_ITO[0]), atol=1)
    np.testing.assert_allclose(image[0, 1], rgb(OKABE_ITO[0]) / 2, atol=2)
    np.testing.assert_allclose(image[0, 2], rgb(OKABE_ITO[1]), atol=1)
    np.testing.assert_allclose(image[1, 0], rgb(OKABE_ITO[1]) / 2, atol=2)
    np.testing.assert_allclose(image[1, 1], rgb("#B0B0B0"), atol=1)
    np.testing.assert_allclose(image[1, 2], rgb("#404040"), atol=1)


def test_a_map_lies_over_its_window():
    figure = race_charts.basin_image(
        CAMEL, np.zeros((4, 4), int), np.ones((4, 4)), CAMEL.minima[:1]
    )
    ((x0, x1), (y0, y1)), image = CAMEL.box, figure.layout.images[0]
    assert (image.x, image.y, image.sizex, image.sizey) == (x0, y1, x1 - x0, y1 - y0)
    assert (list(figure.layout.xaxis.range), list(figure.layout.yaxis.range)) == (
        [x0, x1],
        [y0, y1],
    )


@pytest.mark.parametrize("count", [0, 1, 7, 8, 30, 121])
def test_as_many_minima_as_there_are(count: int):
    """Rastrigin has 121: colours come round again, and none of them is the grey of no minimum."""
    minimum = np.arange(-2, count)[None, :]
    image = pixels(
        race_charts.basin_image(CAMEL, minimum, np.full(minimum.shape, 5), [(0.0, 0.0)] * count)
    )
    shades = {tuple(pixel) for pixel in image[0, 2:]}
    greys = {tuple(pixel) for pixel in image[0, :2]}
    assert len(shades) == min(count, len(OKABE_ITO)) and not shades & greys


KINDS = (Range(0.1, 1.0, "η", log=True), Range(0.0, 0.9, "momentum β"))


def test_a_map_of_knobs_holds_steps_and_divergence():
    steps, code = np.array([[1, 10], [-1, -1]]), np.array([[1, 1], [0, -1]])
    found = KnobMap(np.array([0.1, 1.0]), np.array([0.0, 0.9]), steps, code)
    figure = race_charts.knob_map(found, KINDS)
    under, over = figure.data
    np.testing.assert_array_equal(under.z, [[0, 0], [0, 1]])
    np.testing.assert_allclose(over.z, [[0, 1], [np.nan, np.nan]])
    assert list(over.x) == [0.1, 1.0] and list(over.y) == [0.0, 0.9]
    assert figure.layout.xaxis.type == "log" and figure.layout.yaxis.title.text == "momentum β"
    assert list(over.colorbar.ticktext) == [1, 3, 10]


def test_a_map_where_nothing_converges_is_drawn():
    nothing = np.full((2, 2), -1)
    found = KnobMap(np.array([1, 2]), np.array([0, 1]), nothing, nothing)
    figure = race_charts.knob_map(found, KINDS)
    assert np.isnan(figure.data[1].z).all() and (figure.data[0].z == 1).all()


def test_sensitivity_has_gaps_where_it_diverged():
    rates = np.array([0.1, 1.0, 10.0])
    figure = race_charts.sensitivity(rates, {"gd": np.array([1e-3, 0.5, np.inf]), "adam": rates})
    gd, adam = figure.data
    np.testing.assert_array_equal(gd.y, [1e-3, 0.5, np.nan])
    assert (gd.name, adam.name) == (LABELS["gd"], LABELS["adam"])
    assert list(gd.x) == rates.tolist() and figure.layout.xaxis.type == "log"


def test_the_phase_plane_is_the_exact_factor():
    values = [1.0, 10.0]
    rates, betas = np.linspace(0.01, 0.42, 12), np.linspace(0, 0.99, 9)
    factor = momentum_theory.rate(rates[None, :], betas[:, None], values)
    best = momentum_theory.optimum(values)
    figure = race_charts.phase_plane(rates, betas, factor, best)
    field, star = figure.data
    assert field.z.shape == (9, 12)
    assert np.array_equal(np.isnan(field.z), factor >= 1)
    np.testing.assert_allclose(field.z[factor < 1], factor[factor < 1], rtol=1e-6)
    assert (star.x[0], star.y[0]) == best[:2]


# --- the numbers that leave ----------------------------------------------------------------------


def test_csv_holds_every_number_of_every_step():
    spec = Race(methods=("gd", "adam", "bfgs", "nelder_mead"), steps=20, stop="none")
    runs = topic.run(spec)
    rows = list(csv.DictReader(io.StringIO(csv_of(runs).decode())))
    assert [row["series"] for row in rows] == [name for name in runs for _ in runs[name].f]
    for name, run in runs.items():
        own = [row for row in rows if row["series"] == name]
        columns = {
            key: [float(row[key]) for row in own]
            for key in own[0]
            if own[0][key] and key != "series"
        }
        assert columns["x0"] == run.x[:, 0].tolist() and columns["x1"] == run.x[:, 1].tolist()
        assert columns["f"] == run.f.tolist() and columns["grad1"] == run.grad[:, 1].tolist()
        if name == "adam":
            assert columns["m0"] == run.m[:, 0].tolist()
        if name in ("bfgs", "nelder_mead"):
            assert columns["tried"] == run.tried.tolist()
