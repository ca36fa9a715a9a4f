"""The room *a line*: points under a hand, exact minima, its scene, its presets, its code."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Line as Curve
from gdviz.figures.scene import Points, Polygon, Segments, Track
from gdviz.figures.static import static_figure
from gdviz.figures.wire_format import pack
from gdviz.knobs import knobs
from gdviz.learn.linear_training import batches
from gdviz.queries import from_query, to_query
from gdviz.topics.regression import figure as figures
from gdviz.topics.regression import settings as topic
from gdviz.topics.regression.fit import run, size_of
from gdviz.topics.regression.points import apply_hand, cloud, ends, parse_points
from gdviz.topics.regression.presets import PRESETS
from gdviz.topics.regression.program import as_python
from gdviz.topics.regression.settings import OWN, STATISTICS, LineSettings


def layer(scene, name):
    return next(part for part in scene.layers if part.name == name)


def seen(spec: LineSettings):
    return figures.line_scene(spec, run(spec))


# --- the hand ------------------------------------------------------------------------------------


def test_a_point_follows_the_hand_and_the_fit_follows_the_point():
    spec = LineSettings()
    x, y = cloud(spec)
    after = apply_hand(spec, Hand("p3", 9.0, -4.0, True))
    moved_x, moved_y = cloud(after)
    assert (moved_x[3], moved_y[3]) == (9.0, -4.0) and after.data == OWN
    others = np.arange(len(x)) != 3
    assert moved_y[others] == pytest.approx(y[others], rel=1e-3)
    assert run(after).best[0] < run(spec).best[0] - 0.1
    truth = np.polyfit(moved_x, moved_y, 1)
    assert run(after).raw(run(after).best) == pytest.approx(truth)


def test_points_are_added_and_removed():
    spec = LineSettings()
    more = apply_hand(spec, Hand("add", 4.0, 7.0))
    assert len(cloud(more)[0]) == spec.n + 1 and cloud(more)[1][-1] == 7.0
    less = apply_hand(more, Hand("add", 4.01, 7.01, shift=True))
    assert cloud(less)[1] == pytest.approx(cloud(spec)[1], rel=1e-3)
    gone = apply_hand(spec, Hand("p0", 0.0, 0.0, shift=True))
    assert len(cloud(gone)[0]) == spec.n - 1
    few = LineSettings(data=OWN, points="0,0;1,1;2,3")
    assert apply_hand(few, Hand("p0", 0, 0, shift=True)) == few
    many = LineSettings(n=60)
    assert apply_hand(many, Hand("add", 1.0, 1.0)) == many


@pytest.mark.parametrize("scale", [False, True])
def test_the_line_is_dragged_at_either_end_and_in_the_bowl(scale: bool):
    spec = LineSettings(scale=scale)
    (lo, _), (hi, height) = ends(spec)
    after = apply_hand(spec, Hand("left", lo + 0.5, 2.0))
    assert after.w0 * (lo + 0.5) + after.b0 == pytest.approx(2.0, abs=2e-2)
    assert after.w0 * hi + after.b0 == pytest.approx(height, abs=2e-2)
    theta = np.array([1.5, 3.0])
    there = apply_hand(spec, Hand("start", *theta))
    assert run(there).start == pytest.approx(theta, abs=2e-2)


@pytest.mark.parametrize(
    "w0, b0", [(0.0, 5.0), (1.0, 5.0), (-3.0, 20.0), (0.0, 900.0), (99.0, -500.0)]
)
def test_the_ends_of_the_line_stay_within_reach(w0: float, b0: float):
    spec = LineSettings(w0=w0, b0=b0)
    x, y = cloud(spec)
    for at, height in ends(spec):
        assert x.min() <= at <= x.max() and y.min() <= height <= y.max()
        if abs(b0) < 100:
            assert w0 * at + b0 == pytest.approx(height)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        ["p0", "p5", "p59", "p99", "add", "left", "right", "start", "", "p", "p-1", "p²"]
    ),
    st.floats(-1e300, 1e300),
    st.floats(-1e300, 1e300),
    st.booleans(),
)
def test_no_hand_breaks_the_room(name: str, x: float, y: float, shift: bool):
    after = apply_hand(LineSettings(steps=5), Hand(name, x, y, True, 1, shift))
    done = run(after)
    assert np.isfinite(done.best).all() and len(done.x) >= topic.FEWEST
    assert from_query(LineSettings, to_query(after)) == after


@pytest.mark.parametrize(
    "text", ["", "1,2", "1,2;3,4", "a,b;c,d;e,f", "1,2,3;4,5,6;7,8,9", "1,nan;2,3;4,5",
             "1,1e9;2,3;4,5", "1,2;3;4,5", ";".join(["1,2"] * 61), "1,2;" * 30],
)  # fmt: skip
def test_points_of_a_link_that_are_none_give_way_to_a_line(text: str):
    assert parse_points(text) is None
    x, _ = cloud(LineSettings(data=OWN, points=text))
    assert len(x) == LineSettings().n


def test_points_on_one_vertical_are_no_trouble():
    for scale in (False, True):
        done = run(LineSettings(data=OWN, points="2,0;2,1;2,5", scale=scale, steps=20))
        assert np.isfinite(done.best).all()
        assert done.scores_of(done.best).mse == pytest.approx(14 / 3)
        pack(seen(LineSettings(data=OWN, points="2,0;2,1;2,5", scale=scale, steps=20)))


# --- exact minima --------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["squared", "huber", "absolute"]))
def test_nothing_near_the_best_line_is_better(seed: int, loss: str):
    done = run(LineSettings(seed=seed % 9999, n=12, noise=4.0, loss=loss, steps=1))
    least = done.goal.f(done.best)
    around = done.best + np.random.default_rng(seed).standard_normal((400, 2)) * [0.05, 0.3]
    assert done.goal.f(around).min() >= least - 1e-9


def test_huber_and_absolute_resist_the_outliers_that_drag_the_square():
    truth = np.array([0.8, 1.0])
    far = {
        loss: np.abs(
            run(LineSettings(data="outliers", loss=loss, noise=0.3, steps=1)).best - truth
        ).max()
        for loss in ("squared", "huber", "absolute")
    }
    assert far["squared"] > 3 * far["huber"] and far["squared"] > 3 * far["absolute"]


def test_standardising_makes_the_bowl_round():
    raw, standard = (run(LineSettings(scale=scale)).eigen for scale in (False, True))
    assert standard.condition == pytest.approx(1) and raw.condition > 50
    assert standard.edge == pytest.approx(2)


# --- the scene -----------------------------------------------------------------------------------


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("loss", ["squared", "huber", "absolute"])
def test_every_statistic_is_drawn_for_every_loss(statistic: str, loss: str):
    spec = LineSettings(statistic=statistic, loss=loss, kinds=("mini", "batch"), steps=30)
    done = run(spec)
    scene = figures.line_scene(spec, done)
    assert scene.steps == 30 and len(scene.handles) == spec.n + 4
    pack(scene)
    static_figure(figures.background(done), scene)
    for part in scene.layers:
        if isinstance(part, Track | Curve) and part.panel == 0:
            assert np.isfinite(part.y).all(), part.name


def test_the_squares_have_the_areas_of_the_mean_squared_error():
    spec = LineSettings(statistic="mse", steps=20)
    done = run(spec)
    squares = layer(seen(spec), "squared residuals")
    assert isinstance(squares, Polygon)
    corners = squares.y.reshape(21, -1, 5)
    heights = np.abs(corners[..., 2] - corners[..., 1])
    for k in (0, 20):
        assert np.mean(heights[k] ** 2) == pytest.approx(
            done.scores_of(done.fits["batch"].theta[k]).mse
        )


def test_the_mean_of_the_arrows_is_the_step():
    for kinds in (("batch",), ("mini",), ("sgd",)):
        spec = LineSettings(statistic="gradients", kinds=kinds, steps=12, size=5)
        done = run(spec)
        arrows, mean = (layer(seen(spec), n) for n in ("−η∇ of each row", "their mean: the step"))
        assert isinstance(arrows, Segments) and isinstance(mean, Segments)
        theta = done.fits[kinds[0]].theta
        ends = np.stack(
            [np.nanmean(arrows.x1[:12], axis=1), np.nanmean(arrows.y1[:12], axis=1)], axis=1
        )
        assert ends == pytest.approx(theta[1:]) == np.stack([mean.x1, mean.y1], axis=-1)[:12, 0]
        rows = layer(seen(spec), "rows of the step")
        assert isinstance(rows, Points)
        size = size_of(spec, kinds[0], spec.n)
        first = next(batches(spec.n, size, spec.seed)) if size else np.arange(spec.n)
        assert set(np.flatnonzero(np.isfinite(rows.x[0]))) == set(first.tolist())


def test_the_rings_are_level_lines():
    done = run(LineSettings())
    rings = layer(seen(LineSettings()), "level lines")
    points = np.stack([rings.x[0], rings.y[0]], axis=-1).reshape(figures.RINGS, -1, 2)
    for ring in points:
        values = done.goal.f(ring[:-1])
        assert np.ptp(values) < 1e-9 * values.max()


def test_the_live_scene_is_that_of_the_moved_point():
    spec = LineSettings(seed=3)
    hand = Hand("p1", 5.0, 1.0, True)
    assert pack(figures.live_scene(to_query(spec), hand)) == pack(seen(apply_hand(spec, hand)))
    pack(figures.live_scene("data=own&points=x&lr=nan&kinds=batch&kinds=oops", None))


# --- links, presets, code ------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.label)
def test_presets_keep_what_they_promise(preset):
    spec = LineSettings(**preset.values)
    assert set(preset.values) == set(knobs(LineSettings)) and preset.reason.endswith(".")
    done = run(spec)
    assert from_query(LineSettings, to_query(spec)) == spec
    fit = next(iter(done.fits.values()))
    if preset.label == "The 2/L edge":
        assert spec.lr > done.eigen.edge and fit.status == "diverged"
    else:
        least = done.goal.f(done.best)
        assert spec.lr < done.eigen.edge
        assert fit.loss[-1] - least < 0.05 * (fit.loss[0] - least)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.label)
def test_the_code_prints_the_numbers_of_the_page(preset):
    spec = apply_hand(LineSettings(**preset.values), Hand("p2", 3.25, 4.5))
    for case in (LineSettings(**preset.values), spec):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(as_python(case), {})
        lines = [line for line in out.getvalue().splitlines() if "polynomial" not in line]
        for line, (kind, fit) in zip(lines, run(case).fits.items(), strict=True):
            name, w, b = line.split()[:3]
            assert name == f"{kind}:" and line.endswith(fit.status)
            assert float(w) == pytest.approx(fit.weights[-1, 0], rel=1e-8, abs=1e-8)
            assert float(b) == pytest.approx(fit.bias[-1], rel=1e-8, abs=1e-8)
