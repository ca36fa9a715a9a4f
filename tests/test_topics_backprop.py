"""The page *backprop* without a browser: links, history, hands, walks, views, code."""

import contextlib
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cases import each

from gdviz.figures.hand import Hand
from gdviz.figures.static import static_figure
from gdviz.figures.wire_format import pack
from gdviz.knobs import KnobError, knobs, well_formed
from gdviz.learn import forward, init_params, loss_and_grads, train
from gdviz.learn.autograd import Value, activate, gradients
from gdviz.learn.network import flat, unflat
from gdviz.learn.network_losses import LOSSES
from gdviz.queries import from_query, to_query
from gdviz.topics.backprop import settings as topic
from gdviz.topics.backprop import studies as views
from gdviz.topics.backprop.chain import settings as chain
from gdviz.topics.backprop.chain.figure import chain_stage
from gdviz.topics.backprop.chain.presets import PRESETS as CHAIN_PRESETS
from gdviz.topics.backprop.figure import live_scene, scene_of, stage_of, thumbnails
from gdviz.topics.backprop.figure_one_step import slow_stage
from gdviz.topics.backprop.hand import apply_hand
from gdviz.topics.backprop.history import extend_history, history_until, with_weight
from gdviz.topics.backprop.layer import settings as layer
from gdviz.topics.backprop.layer.figure import layer_stage
from gdviz.topics.backprop.link import Edit, Leg, legs_in, legs_text, points_in, sizes_in
from gdviz.topics.backprop.one_step import PACES, walk
from gdviz.topics.backprop.outputs import activity, grid, logits, signed_shade
from gdviz.topics.backprop.presets import PRESETS
from gdviz.topics.backprop.program import as_python
from gdviz.topics.backprop.settings import FIRST_POINTS, OWN, Playground
from gdviz.topics.backprop.training import run

SMALL = Playground(n=60, epochs=20, hidden="3")


def printed(code: str) -> list[float]:
    """Run a program and return the numbers it prints at the end of its lines."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    return [float(line.split()[-1]) for line in out.getvalue().splitlines()]


# --- links --------------------------------------------------------------------------------------


def test_a_link_says_everything():
    legs = (Leg(40, "gd", 0.3, 16, l2=0.01), Leg(0, lr=1e-3, edits=(Edit(0, 1, 2, -1.25),)))
    points = ((1.0, -2.5, 1.0), (0.5, 3.0, 0.0))
    spec = replace(
        SMALL, data=OWN, points=points, past=legs, unit=(1, 2), features=("x2", "product")
    )
    assert from_query(Playground, to_query(spec)) == spec
    assert to_query(Playground()) == ""


@pytest.mark.parametrize(
    "text",
    ["x", "40", "40,no,0.1,0,0,0,0,0", "40,gd,0.1,0,0,0,0,0,e9", "4e9,gd,0.1,0,0,0,0,0",
     "40,gd,nan,0,0,0,0,0", "40,golden_section,0.1,0,0,0,0,0", "40,natural_gradient,0.1,0,0,0,0,0",
     "40,gd,0.1,0,0,0,0,0,e0.0.0.1e9",
     "40,gd,0.1,0,0,0,0,0,e-1.0.0.1", "1,gd,0.1,0,0,0,0,0;" * 9, "9" * 5000],
)  # fmt: skip
def test_a_history_that_is_not_sound_is_left_out(text: str):
    assert legs_in(text) == ()


def test_texts_are_read_back():
    legs = (Leg(3, "bfgs", 0.1), Leg(5, clip=2.0, edits=(Edit(0, 0, 0, 0.1), Edit(1, 2, 0, -3.0))))
    assert legs_in(legs_text(legs)) == legs
    assert points_in("1,2,1;9,9,0;1,1,2;x;nan,0,1;0,nan,1;0,0,0") == (
        (1.0, 2.0, 1.0),
        (0.0, 0.0, 0.0),
    )
    assert (sizes_in("6, 4"), sizes_in("0"), sizes_in("")) == ((6, 4), (), ())


@each(
    "query",
    ["unit=1." + "9" * 5000, "unit=1", "unit=1.2.3", "unit=1.²",
     "past=2000,newton,0.1,0,0,0,0,0&hidden=8 8 8 8", "past=10,newton,0.1,5,0,0,0,0",
     "past=10,newton,0.1,0,0,0,0.1,0", "past=10,gauss_newton,0.1,0,0,0,0,0"],
)  # fmt: skip
def test_what_a_link_forges_is_left_out(query: str):
    spec = from_query(Playground, query)
    assert (spec.unit, spec.past) == ((), ())


def test_a_sound_history_of_any_method_is_kept_and_runs():
    spec = from_query(Playground, "data=plane&epochs=2&past=3,gauss_newton,0.1,0,0,0,0,0")
    assert spec.past == (Leg(3, "gauss_newton", 0.1),) and run(spec).epochs[-1] == 5


def test_a_list_of_layers_has_one_reading():
    for name, text in (("activations", "tanhrelu"), ("layer_rates", "1111"), ("layer_rates", "1 ")):
        with pytest.raises(KnobError, match="damaged"):
            well_formed(knobs(Playground)[name], text)
    for name, text in (("activations", "tanh, relu gelu"), ("layer_rates", "1,0.5 0")):
        assert well_formed(knobs(Playground)[name], text) == text


@pytest.mark.parametrize("text", ["9", "0, 4", "1 1 1 1 1 1 1", "a", "-2", "2.5", "²"])
def test_hidden_units_that_are_none_are_refused(text: str):
    with pytest.raises(ValueError, match="hidden"):
        sizes_in(text)


# --- what runs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.label)
def test_a_preset_does_what_it_says(preset: Any):
    spec = Playground(**preset.values)
    result = run(spec)
    health = views.health(spec, result)
    if preset.good:
        assert result.train_score[-1] > 0.97 and not result.lost
    elif preset.label == "Stuck at ln 2":
        assert result.train_loss[-1] == pytest.approx(np.log(2), abs=4e-3)
    elif preset.label == "The tutorial's own [3, 4, 1]":
        assert result.sizes == (3, 4, 1) and result.data.x.shape == (99, 3)
        assert result.train_loss[-1] == pytest.approx(np.log(2), abs=1e-2)
    elif preset.label == "Too deep for sigmoids":
        assert health.gradients[0, 0] < 1e-4 * health.gradients[0, -1]
        assert result.train_loss[-1] == pytest.approx(np.log(2), abs=2e-3)
        assert "vanishing" in views.diagnosis(spec, result, health, 0).lower()
    elif preset.label == "Dead ReLUs":
        assert health.still[-1].sum() >= 5
        assert "dead" in views.diagnosis(spec, result, health, len(result.epochs) - 1)
    else:
        assert result.test_loss[-1] > 1.5 * result.test_loss.min() > result.train_loss[-1]


def test_frames_are_those_of_a_plain_training():
    result = run(SMALL)
    data = topic.data_of(SMALL)
    X = topic.table_of(SMALL, data.x)
    done = train(init_params([2, 3, 1]), X, data.y, method="adam", lr=0.03, epochs=20)
    np.testing.assert_array_equal(result.path[-1], flat(done.params))
    assert result.train_loss == pytest.approx(done.losses[result.epochs], rel=1e-12)
    z = forward(done.params, topic.table_of(SMALL, data.x_test))
    assert result.test_score[-1] == np.mean((z[:, 0] > 0) == (data.y_test > 0.5))
    assert result.epochs[0] == 0 and result.epochs[-1] == 20


def test_a_change_goes_on_or_starts_again():
    last = replace(SMALL, epochs=20)
    later = replace(last, lr=0.2)
    went = extend_history(later, last, 12, True)
    assert went.past == (Leg(12),) and extend_history(later, last, 12, False).past == ()
    first, second = run(replace(last, epochs=12)), run(went)
    row = list(second.epochs).index(12) if 12 in second.epochs else None
    if row is not None:
        np.testing.assert_array_equal(second.path[row], first.path[-1])
    whole = run(replace(went, lr=0.03, epochs=8))  # the same rate again: as if nothing had happened
    np.testing.assert_array_equal(whole.path[-1], run(last).path[-1])
    assert extend_history(replace(went, seed=3), went, 20, True).past == ()
    assert extend_history(replace(went, epochs=9), went, 20, False).past == went.past
    assert extend_history(went, None, 0, True) is went
    assert history_until(went, 12) == went.past and history_until(went, 20)[-1] == Leg(8, lr=0.2)


def test_a_typed_weight_is_where_training_goes_on():
    spec = with_weight(SMALL, 7, Edit(0, 1, 2, 4.0))
    spec = with_weight(spec, 7, Edit(1, 3, 0, -2.0))  # the row below the weights: a bias
    assert [leg.epochs for leg in spec.past] == [7, 0] and len(spec.past[-1].edits) == 2
    result = run(replace(spec, lr=1e-5, method="gd", epochs=1))
    (W, _), (_, b) = unflat(result.path[-1], result.sizes)
    assert W[1, 2] == pytest.approx(4.0, abs=1e-3) and b[0] == pytest.approx(-2.0, abs=1e-3)
    far = replace(spec, past=(Leg(1, edits=(Edit(5, 9, 9, 1.0), Edit(0, 2, 3, 1.0))),))
    assert run(far).path.shape[1] == 13 and "params[" not in as_python(far)


def test_a_run_never_takes_longer_than_it_may():
    heavy = Playground(n=500, share=0.9, hidden="8, 8, 8, 8, 8, 8", activation="gelu", epochs=2000,
                       batch=1, features=tuple(topic.FEATURES))  # fmt: skip
    assert topic.epochs_of(heavy, 2000) < 400
    assert topic.epochs_of(Playground(), 300) == 300
    assert 1 <= topic.epochs_of(replace(heavy, method="newton"), 2000) < 10


def test_a_lost_run_shows_what_was_finite():
    spec = replace(SMALL, data="plane", method="gd", lr=10.0, activation="relu", scale=10.0)
    result = run(spec)
    assert result.lost and "layer" in result.reason
    assert np.isfinite(result.path).all() and np.isfinite(result.train_loss).all()
    assert "diverged" in [chip.name for chip in scene_of(spec, result).chips]


@pytest.mark.parametrize("method", ["bfgs", "newton", "gauss_newton", "nelder_mead", "gd"])
def test_other_methods_and_values_run(method: str):
    spec = replace(SMALL, method=method, data="plane", epochs=5)
    result = run(spec)
    assert result.loss == "mse" and result.train_loss[-1] <= result.train_loss[0]


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_has_a_picture_between_minus_one_and_one(loss: str):
    spec = replace(SMALL, loss=loss, epochs=3)
    result = run(spec)
    seen = activity(spec, result, grid(10))
    z = logits(spec, result.path, result.sizes, grid(10))
    outputs = result.sizes[-1]
    np.testing.assert_allclose(seen[:, -outputs:], np.moveaxis(z, 1, 2), atol=1e-4)
    picture = signed_shade(seen[:, -outputs:], loss)
    if loss != "mse":
        assert np.abs(picture).max() <= 1
        np.testing.assert_array_equal(picture > 0, (z[..., -1] > (z[..., 0] if outputs > 1 else 0)))


# --- hands --------------------------------------------------------------------------------------


def test_what_a_click_means():
    spec = SMALL
    assert apply_hand(spec, Hand("f_product", 0, 0)).features == ("x1", "x2", "product")
    assert apply_hand(replace(spec, features=("x1",)), Hand("f_x1", 0, 0)).features == ("x1",)
    assert apply_hand(spec, Hand("plus_0", 0, 0)).hidden == "4"
    assert apply_hand(replace(spec, hidden="1"), Hand("minus_0", 0, 0)).hidden == "1"
    assert apply_hand(spec, Hand("deeper", 0, 0)).hidden == "3, 3"
    assert apply_hand(spec, Hand("shallower", 0, 0)).hidden == "0"
    assert apply_hand(replace(spec, hidden="0"), Hand("deeper", 0, 0)).hidden == "4"
    shown = apply_hand(spec, Hand("u_1_2", 0, 0))
    assert shown.unit == (1, 2) and apply_hand(shown, Hand("u_1_2", 0, 0)).unit == ()
    past = replace(spec, past=(Leg(3),))
    assert (
        apply_hand(past, Hand("plus_0", 0, 0)).past == ()
        and apply_hand(past, Hand("u_1_1", 0, 0)).past
    )
    assert apply_hand(spec, Hand("nothing", 0, 0)) is spec


def test_points_come_and_go():
    own = replace(SMALL, data=OWN)
    more = apply_hand(own, Hand("point", 1.23456, -9.0), label=0.0)
    assert more.points == (*FIRST_POINTS, (1.23, -6.0, 0.0))
    less = apply_hand(more, Hand("point", 1.0, -6.0, shift=True))
    assert less.points == FIRST_POINTS
    assert apply_hand(own, Hand("point", 0.0, 0.0, shift=True)) == own  # nothing is near
    two = replace(own, points=FIRST_POINTS[:2])
    assert apply_hand(two, Hand("point", *FIRST_POINTS[0][:2], shift=True)) == two
    assert apply_hand(SMALL, Hand("point", 0, 0)) is SMALL


# --- figures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [{}, {"data": "bumps"}, {"data": OWN}, {"loss": "cross_entropy", "test": True}, {"hidden": "0"},
     {"hidden": "8, 8, 8, 8, 8, 8", "unit": (3, 2)}, {"unit": (1, 1)}, {"unit": (9, 9)}],
)  # fmt: skip
def test_every_scene_packs_and_stands_still(changes: dict[str, Any]):
    spec = replace(SMALL, **changes)
    result = run(spec)
    scene = scene_of(spec, result, 20)
    assert scene.steps == len(result.epochs) - 1 and len({h.id for h in scene.handles}) == len(
        scene.handles
    )
    assert len(pack(scene)) < 1_500_000
    assert len(static_figure(stage_of(spec), scene, 3).data) > 10
    picture = next(layer for layer in scene.layers if layer.name == "picture")
    assert picture.pixels.shape == (len(result.epochs), 20, 20)


def test_the_default_scene_is_a_packed_megabyte_at_most():
    spec = Playground()
    assert len(pack(scene_of(spec, run(spec)))) < 1_200_000
    live = live_scene(to_query(spec), None)
    assert len(pack(live)) < 600_000 and live.steps == scene_of(spec, run(spec)).steps
    figure, scene = thumbnails("xor")
    assert len(scene.handles) == len(topic.DATA) and len(pack(scene)) < 60_000


def test_slopes_on_the_lines_are_the_gradients():
    result = run(SMALL)
    data = result.data
    _, grads = loss_and_grads(
        unflat(result.path[4], (2, 3, 1)), topic.table_of(SMALL, data.x), data.y
    )
    np.testing.assert_allclose(views.slopes(SMALL, result)[4], flat(grads), atol=1e-15)


# --- views --------------------------------------------------------------------------------------


@pytest.mark.parametrize("pace", PACES)
def test_a_slow_step_ends_with_the_gradient(pace: str):
    spec = replace(SMALL, batch=8)
    result = run(spec)
    frames = walk(spec, result, 5, pace, 2)
    figure, scene = slow_stage(frames, result.sizes, False)
    assert scene.steps == len(frames.words) - 1 and len(pack(scene)) > 0
    X, y = topic.table_of(spec, result.data.x), result.data.y
    params = unflat(result.path[5], result.sizes)
    if pace == "sample":
        _, grads = loss_and_grads(params, X[2:3], y[2:3])
        np.testing.assert_allclose(frames.gradients[-1], flat(grads), atol=1e-15)
        assert np.isnan(frames.values[0]).sum() == 4 and np.isnan(frames.gradients[4]).sum() == 9
    if pace == "batch":
        batch = np.random.default_rng(0).permutation(len(y))[:8]
        _, grads = loss_and_grads(params, X[batch], y[batch])
        np.testing.assert_allclose(frames.gradients[-1], flat(grads), atol=1e-15)
    if pace == "epoch":
        assert len(frames.words) == 5
        np.testing.assert_array_equal(frames.weights[0], result.path[5])


def test_hidden_spaces_are_the_activations():
    spec = replace(SMALL, hidden="2, 3, 1")
    result = run(spec)
    found = views.spaces(spec, result)
    seen = activity(spec, result, result.data.x)
    np.testing.assert_allclose(found.samples[0], np.moveaxis(seen[:, :2], 1, 2), atol=1e-6)
    np.testing.assert_allclose(found.samples[2][..., 0], seen[:, 5], atol=1e-6)
    assert found.share[0] == 1.0 and 0 < found.share[1] <= 1 + 1e-12
    spread = np.var(np.moveaxis(seen[-1, 2:5], 0, 1), axis=0).sum()
    kept = np.var(found.samples[1][-1], axis=0).sum()
    assert kept == pytest.approx(found.share[1] * spread, rel=1e-4)


def test_a_slice_through_the_path_has_its_losses():
    result = run(SMALL)
    found = views.loss_slice(SMALL, result, 31)
    np.testing.assert_allclose(
        views.losses_over(SMALL, result, result.path), result.train_loss, rtol=1e-5
    )
    assert found.loss.shape == (31, 31) and found.path[-1] == pytest.approx([0, 0])
    assert found.a[0] < found.path[:, 0].min() and found.b[-1] > found.path[:, 1].max()
    i, j = np.abs(found.b).argmin(), np.abs(found.a).argmin()
    assert found.loss[i, j] == pytest.approx(result.train_loss[-1], rel=0.5)


def test_a_map_pixel_is_a_training():
    spec = replace(SMALL, method="gd")
    *_, (share, found) = views.trainability(spec, 1.0, 6)
    (low, high), (least, most) = views.window(spec, 1.0)
    rate, scale = np.geomspace(low, high, 6)[3], np.geomspace(least, most, 6)[2]
    data = topic.data_of(spec)
    X = topic.table_of(spec, data.x)
    done = train(init_params([2, 3, 1], scale=scale), X, data.y, lr=rate, epochs=views.MAP_EPOCHS)
    assert share == 1.0 and found[2, 3] == pytest.approx(
        1 - done.losses[-1] / done.losses[0], abs=1e-9
    )
    assert np.isfinite(found).all() and np.abs(found).max() <= 1
    zoomed = views.window(replace(spec, lr=0.5), 16.0)[0]
    assert np.sqrt(zoomed[0] * zoomed[1]) == pytest.approx(0.5)


def test_health_counts_dead_units():
    spec = replace(SMALL, activation="relu", past=(Leg(0, edits=(Edit(0, 2, 1, -99.0),)),))
    result = run(spec)
    found = views.health(spec, result)
    assert found.still[-1, 0] >= 1 and found.word == "dead" and len(found.activations) == 1
    assert found.gradients.shape == (len(result.epochs), 2)


# --- code, other rooms --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data": "curve", "formula": "x**2 - 3", "batch": 16, "schedule": "cosine", "l2": 0.01},
        {"data": OWN, "points": (*FIRST_POINTS, (0.0, 1.0, 1.0)), "loss": "cross_entropy"},
        {"past": (Leg(4, lr=0.1), Leg(0, edits=(Edit(0, 2, 1, 0.5), Edit(1, 0, 0, 1.0))))},
        {"method": "lbfgs", "epochs": 6},
    ],
)
def test_the_program_prints_the_losses_of_the_page(changes: dict[str, Any]):
    spec = replace(SMALL, **changes)
    result = run(spec)
    found = printed(as_python(spec))
    assert found[0] == pytest.approx(result.train_loss[-1], rel=1e-12)
    if len(result.data.y_test):
        assert found[1] == pytest.approx(result.test_loss[-1], rel=1e-12)


@pytest.mark.parametrize("preset", CHAIN_PRESETS, ids=lambda p: p.label)
def test_the_chain_rule_is_drawn_and_written(preset: Any):
    spec = chain.Chain(**preset.values)
    graph = chain.run(spec)
    figure, scene = chain_stage(graph, chain.moments(graph), False)
    assert scene.steps == len(chain.moments(graph)) - 1 and len(pack(scene)) > 0
    assert len(static_figure(figure, scene).data) > 3
    assert printed(chain.as_python(spec)) == [node.grad for node in graph]
    assert from_query(chain.Chain, to_query(spec)) == spec


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_one_layer_against_the_tape(activation: str, reduction: str):
    spec = layer.OneLayer(layer_activation=activation, reduction=reduction, repeats=3)
    found = layer.run(spec)
    X, W, b = Value(found.X), Value(found.W), Value(found.b)
    square = (activate(activation, X @ W + b) - found.Y) ** 2
    loss = square.mean() if reduction == "mean" else square.sum() * 3
    slopes = gradients(loss)
    assert found.loss == pytest.approx(float(loss.data))
    for ours, value in ((found.dW, W), (found.db, b), (found.dX, X)):
        np.testing.assert_allclose(ours, slopes[value], atol=1e-14)
    figure, scene = layer_stage(spec, found, False)
    assert scene.steps == 7 and len(scene.handles) == W.data.size and len(pack(scene)) > 0


def test_a_mean_does_not_see_the_copies_and_a_sum_does():
    plain = layer.OneLayer(layer_activation="identity")
    many = replace(plain, repeats=16)
    assert layer.run(many).after == layer.run(plain).after < 0.2
    assert np.isinf(layer.run(replace(many, reduction="sum")).after)


@pytest.mark.parametrize("text", ["", "a", "1, 2; 3", "1,2,3,4,5", "1e9", "nan", "inf"])
def test_a_matrix_that_is_none_is_refused(text: str):
    with pytest.raises(ValueError, match="W|weights"):
        layer.run(layer.OneLayer(weights=text))


def test_the_layer_as_a_program():
    spec = layer.OneLayer(repeats=2, reduction="sum")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(layer.as_python(spec), {})
    lines = out.getvalue().splitlines()
    found = layer.run(spec)
    assert float(lines[0].split()[1]) == pytest.approx(found.loss)
    np.testing.assert_allclose(eval(lines[1].removeprefix("dW ")), found.dW)
    assert layer.weights_in(layer.with_weight(spec, 1, 2, -7.5))[1, 2] == -7.5
