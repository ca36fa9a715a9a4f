"""The pages *integration* and *importance* say what they show: links, presets, frames, programs."""

import contextlib
import dataclasses
import io
import random
from typing import Any

import numpy as np
import pytest
from cases import each

from gdviz.catalogue import lookup
from gdviz.catalogue.lookup import picture_of
from gdviz.figures.hand import Hand
from gdviz.figures.scene import Cells, Line, Points
from gdviz.figures.static import static_figure
from gdviz.figures.wire_format import pack
from gdviz.knobs import Range, Switch, Text, knobs
from gdviz.probability import DISTRIBUTIONS, RULES, integrate
from gdviz.probability.curse_of_dimension import cost
from gdviz.probability.importance import degeneracy, repeat_estimate
from gdviz.probability.substitutions import SUBSTITUTIONS
from gdviz.queries import from_query, to_query
from gdviz.topics.importance import charts as importance_charts
from gdviz.topics.importance import figure as importance_figures
from gdviz.topics.importance import settings as weighing
from gdviz.topics.importance.presets import PRESETS as WEIGHING_PRESETS
from gdviz.topics.importance.settings import Weighing, tail, tail_ratio
from gdviz.topics.integration import charts as integration_charts
from gdviz.topics.integration import figure as figures
from gdviz.topics.integration import settings as topic
from gdviz.topics.integration.frames import frames
from gdviz.topics.integration.integrands import GALLERY
from gdviz.topics.integration.presets import PRESETS
from gdviz.topics.integration.program import as_python
from gdviz.topics.integration.question import answer, check, estimate, law_of, question
from gdviz.topics.integration.settings import DENSITIES, TYPED, Integration, changed_knobs
from gdviz.topics.integration.studies import law_study

BOTH = [(Integration, PRESETS), (Weighing, WEIGHING_PRESETS)]
EVERY = [(kind, preset) for kind, presets in BOTH for preset in presets]


def any_value(rng: random.Random, knob: Any) -> Any:
    kind = knob.kind
    if isinstance(kind, Text):
        return rng.choice(["x**2", "exp(-x**2/3)", " 1 + abs(x)", "heaviside(x - 1)"])
    if isinstance(kind, Switch):
        return rng.random() < 0.5
    if isinstance(kind, Range):
        return (
            rng.randint(int(kind.lo), int(min(kind.hi, 99)))
            if knob.type is int
            else rng.uniform(kind.lo, kind.hi)
        )
    return rng.choice(list(kind.options))


@each("seed", range(40))
@pytest.mark.parametrize("kind", [Integration, Weighing])
def test_a_link_brings_everything_back(kind: Any, seed: int):
    rng = random.Random(seed)
    spec = kind(**{name: any_value(rng, knob) for name, knob in knobs(kind).items()})
    if kind is Integration and spec.density != TYPED:
        own = {k: any_value(rng, knob) for k, knob in knobs(DISTRIBUTIONS[spec.density]).items()}
        spec = dataclasses.replace(spec, hyper=changed_knobs(spec.density, own))
    assert from_query(kind, to_query(spec)) == spec
    assert to_query(kind()) == "" and from_query(kind, "") == kind()


def test_parameters_of_a_density_stand_in_the_link_by_its_name():
    own = changed_knobs("gamma", {"shape": 5.0, "scale": 1.0})
    spec = Integration(quantity="probability", density="gamma", hyper=own)
    assert to_query(spec) == "quantity=probability&density=gamma&gamma_shape=5.0"
    assert law_of(spec) == DISTRIBUTIONS["gamma"](5.0)
    assert from_query(Integration, "density=beta&gamma_shape=5").hyper == ()
    assert from_query(Integration, "density=gamma&gamma_shape=-5").hyper == ()


@pytest.mark.parametrize(("kind", "preset"), EVERY, ids=lambda p: getattr(p, "label", ""))
def test_presets_can_be_drawn_and_printed(kind: Any, preset: Any):
    spec = kind(**preset.values)
    (check if kind is Integration else weighing.check)(spec)
    drawn = picture_of(spec)
    scene = drawn.scene
    assert pack(scene) and static_figure(*drawn).data
    assert scene.steps > 0 and scene.alt and preset.reason.endswith(".")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(lookup.as_python(spec), {})
    said = out.getvalue()
    if kind is Integration:
        assert float(said.split()[0]) == estimate(spec).value
        truth = answer(spec).truth
        if spec.quantity == "probability":
            assert repr(truth.value) in said
        if spec.reach == "line" and spec.quantity == "expectation":
            assert (repr(truth.value) if truth else answer(spec).reason) in said
    else:
        found = weighing.run(spec).found
        assert [float(word) for word in said.split()[:4]] == [
            found.value,
            found.std_error,
            found.self_normalised,
            found.self_normalised_error,
        ]
        assert said.splitlines()[3] == found.warning


@pytest.mark.parametrize("rule", RULES)
def test_the_program_prints_what_the_stage_shows(rule: str):
    reach = {"line": "line", "half": "right"}.get(RULES[rule].range, "ab")
    spec = Integration(function="bell", a=-1.0, b=2.0, reach=reach, rule=rule, n=9, seed=3)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(as_python(spec), {})
    shown = figures.integration_scene(spec)
    assert float(out.getvalue()) == pytest.approx(layer(shown, "estimate").values[-1], rel=1e-14)


def test_what_the_known_bad_presets_show_is_so():
    by = {p.label: p for p in PRESETS}
    missed = Integration(**by["Spike missed"].values)
    assert abs(estimate(missed).value - answer(missed).truth.value) > 2e-4
    # Half the nodes would change nothing, but the formula tells of a peak that no node is near.
    assert "peaks or breaks where no node is near" in estimate(missed).note
    assert estimate(missed).error > 2e-4
    cut = Integration(**by["E[X²] cut short"].values)
    assert estimate(cut).value == pytest.approx(5.1555, abs=1e-4)
    assert figures.whole_line(cut) == "9"
    none = Integration(**by["No mean at all"].values)
    assert answer(none).truth is None and answer(none).reason.startswith("It is +∞: ")
    assert figures.integration_scene(none).chips[1].verdict == "∞"
    odd = answer(dataclasses.replace(none, g="x"))
    assert np.isnan(odd.infinite) and odd.reason.startswith("It does not exist")
    for label, bad in (("Too light tails", True), ("A fair proposal", False)):
        spec = Weighing(**{p.label: p for p in WEIGHING_PRESETS}[label].values)
        assert ("infinite" in weighing.run(spec).found.warning) is bad
        assert (weighing.exact_error(spec) is None) is bad


# --- frames --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
def test_frames_are_the_rule_for_every_n(rule: str):
    reach = {"line": "line", "half": "right"}.get(RULES[rule].range, "ab")
    spec = Integration(function="bell", a=-1.0, b=2.0, reach=reach, rule=rule, n=12)
    found, asked = frames(spec), question(spec)
    for k in (0, len(found.n) // 2, len(found.n) - 1):
        n = int(found.n[k])
        own = integrate(asked.f, asked.lo, asked.hi, rule, n)
        if rule != "monte_carlo":  # whose frames are the first points of the last one
            assert found.estimate[k] == pytest.approx(own.value, rel=1e-12)
        shown = np.isfinite(found.nodes[k])
        assert shown.any() and np.isfinite(found.heights[k][shown]).all()
    if RULES[rule].kind != "random" and reach == "ab":
        errors = np.nansum(found.errors, axis=1)
        off = found.estimate - answer(spec).truth.value
        np.testing.assert_allclose(errors, off, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("rule", ["left", "trapezoid", "simpson", "gauss_legendre", "tanh_sinh"])
def test_the_pieces_tile_the_range_and_hold_the_estimate(rule: str):
    spec = Integration(function="smooth", rule=rule, n=9)
    found = frames(spec)
    left, right = (part[-1][np.isfinite(part[-1])] for part in (found.left, found.right))
    assert left[0] == 0 and right[-1] == pytest.approx(4) and np.allclose(left[1:], right[:-1])
    x, y = found.shape_x[-1], found.shape_y[-1]
    whole = np.where(np.isnan(x[1:] + x[:-1]), 0.0, np.diff(x) * (y[1:] + y[:-1]) / 2)
    rough = 1e-2 if rule == "simpson" else 1e-9 if rule != "tanh_sinh" else 0.05
    assert np.nansum(whole) == pytest.approx(found.estimate[-1], rel=rough)


def test_a_reversed_range_is_drawn_the_right_way_round_with_its_sign():
    there, back = Integration(a=1.0, b=3.0), Integration(a=3.0, b=1.0)
    assert answer(back).truth.value == -answer(there).truth.value
    assert estimate(back).value == -estimate(there).value
    np.testing.assert_array_equal(frames(back).estimate, -frames(there).estimate)
    sorted_ = Integration(quantity="probability", a=1.0, b=-1.0)
    assert answer(sorted_).truth.value == pytest.approx(0.6826894921370859, rel=1e-14)


@pytest.mark.parametrize("name", GALLERY)
def test_every_integrand_of_the_gallery_has_a_truth_or_none(name: str):
    spec = Integration(function=name, **topic.gallery_values(name))
    truth = answer(spec).truth
    expected = {
        "polynomial": 2.625,
        "periodic": 7.954926521012845,
        "bell": np.sqrt(np.pi),
        "kink": (2 - np.exp(-3.9) - np.exp(-2.1)) / 3,
        "jump": 0.7,
        "spike": 0.1 + np.sqrt(np.pi / 5e7),
        "runge": 2 * np.arctan(5) / 5,
        "oscillation": 3 + (1 - np.cos(120)) / 40,
        "endpoint": 2.0,
    }
    if name == "heavy":
        assert truth is None
    else:
        assert truth.value == pytest.approx(expected.get(name, truth.value), rel=1e-11)
        assert truth.error < 1e-9


@pytest.mark.parametrize("name", DENSITIES)
def test_every_density_can_be_asked_everything(name: str):
    for quantity in ("probability", "expectation"):
        for reach in ("ab", "right", "line"):
            spec = Integration(
                quantity=quantity, density=name, a=0.2, b=0.9, reach=reach, g="cos(x)"
            )
            check(spec)
            scene = figures.integration_scene(spec)
            assert pack(scene) and figures.background(spec).to_json()
            truth = answer(spec).truth
            if quantity == "probability" and reach == "line":
                assert truth.value == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("rule", RULES)
@each("function", ["smooth", "endpoint", "heavy", "spike"])
def test_every_rule_is_drawn_or_says_why_not(rule: str, function: str):
    spec = Integration(function=function, rule=rule, **topic.gallery_values(function))
    for change in SUBSTITUTIONS if spec.reach != "ab" else ["rational"]:
        spec = dataclasses.replace(spec, change=change)
        scene = figures.integration_scene(spec)
        assert static_figure(figures.background(spec), scene).data and scene.chips
        assert scene.chips[0].verdict


@pytest.mark.parametrize("b", [1e-8, 1e-100, 1e-249])
def test_a_range_as_narrow_as_floats_allow_has_its_integral(b: float):
    for formula, truth in (("exp(x)", np.expm1(b)), ("1/sqrt(x)", 2 * np.sqrt(b))):
        found = answer(Integration(function=TYPED, formula=formula, a=0.0, b=b)).truth
        assert found and found.value == pytest.approx(truth, rel=1e-9, abs=0)
        assert abs(found.value - truth) <= found.error + 1e-14 * truth


def test_bad_questions_are_refused_in_words():
    for spec in (
        Integration(function=TYPED, formula="open('x')"),
        Integration(function=TYPED, formula="sqrt(-1 - x**2)"),
        Integration(function=TYPED, formula="exp(x)", a=0.0, b=1e-320),
        Integration(quantity="expectation", g="nonsense(x)"),
        Integration(quantity="expectation", g="sqrt(x)", reach="line"),
        Integration(quantity="probability", density=TYPED, density_text="sin(x)"),
        Integration(quantity="probability", density=TYPED, low=5.0, high=-5.0),
        Integration(
            quantity="probability", density="uniform", hyper=changed_knobs("uniform", {"lo": 2.0})
        ),
    ):
        with pytest.raises(ValueError):
            check(spec)
    for h in ("sqrt(x)", "import os", "1e300*x", "1/0"):
        with pytest.raises(ValueError):
            weighing.check(Weighing(h=h))


# --- scenes --------------------------------------------------------------------------------------


def layer(scene: Any, name: str) -> Any:
    return next(each for each in scene.layers if each.name == name)


def test_the_scene_of_a_hand_is_that_of_the_settings():
    live = figures.live_scene("a=0.5&b=2.5&rule=midpoint&n=5")
    still_ = figures.integration_scene(Integration(a=0.5, b=2.5, rule="midpoint", n=5))
    assert pack(live) == pack(still_)
    assert [(h.id, h.x, h.knobs) for h in live.handles] == [("a", 0.5, ("a",)), ("b", 2.5, ("b",))]


def test_the_background_stays_while_a_hand_moves_an_end():
    a, b = (figures.background(Integration(a=a)).to_json() for a in (0.0, 1.7))
    assert a == b


def test_errors_are_coloured_by_their_sign_and_nodes_lie_on_the_curve():
    scene = figures.integration_scene(Integration(function="smooth", rule="left", n=6))
    cells, nodes, curve = (layer(scene, name) for name in (figures.ERROR, "nodes", "f"))
    assert isinstance(cells, Cells) and isinstance(nodes, Points) and isinstance(curve, Line)
    found = frames(Integration(function="smooth", rule="left", n=6))
    np.testing.assert_array_equal(np.sign(found.errors[-1]), cells.values[-1])
    np.testing.assert_allclose(
        np.interp(nodes.x[-1], curve.x[0], curve.y[0]), nodes.y[-1], atol=1e-3
    )


def test_a_hand_on_the_curves_moves_and_scales_them():
    spec = Weighing()
    assert weighing.apply_hand(spec, Hand("p_top", -3.0, 0.1)).mu == -3.0
    assert weighing.apply_hand(spec, Hand("q_side", 5.0, 0.1)).tau == 5.0
    assert weighing.apply_hand(spec, Hand("p_side", 2.0, 0.1)).sigma == weighing.NARROWEST
    assert weighing.apply_hand(spec, Hand("q_top", 1e9, 0.1)).nu == 50.0
    assert weighing.apply_hand(spec, Hand("nobody", 1.0, 1.0)) == spec
    live = importance_figures.live_scene("tau=3", Hand("q_top", 1.0, 0.2, True))
    own = importance_figures.importance_scene(
        Weighing(nu=1.0, tau=3.0),
        weighing.window_of(Weighing(tau=3.0)),
        importance_figures.top_of(Weighing(tau=3.0)),
    )
    assert pack(live) == pack(own)


def test_stems_are_the_weights_of_the_first_samples():
    spec = Weighing(n=300)
    scene, found = importance_figures.importance_scene(spec), weighing.run(spec).found
    stems = layer(scene, "weights")
    few = stems.x1.shape[1]
    w = np.exp(found.log_weights[:few])
    np.testing.assert_allclose(stems.x1[-1], found.samples[:few])
    np.testing.assert_allclose(stems.y1[-1] / stems.y1[-1].max(), w / w.max())
    assert np.isfinite(stems.x1[0]).sum() == 2
    assert layer(scene, "mean of w·h").y[-1][-1] == pytest.approx(found.value)


def test_the_best_proposal_is_drawn_where_it_exists():
    assert weighing.best_curve(Weighing()) is not None
    assert weighing.best_curve(Weighing(target="cauchy", h="x**2")) is None
    assert weighing.run(Weighing(target="cauchy", h="x")).truth is None


def test_the_tail_view_has_the_exact_variance_ratio():
    row = tail(3.0, 20_000, 1)
    assert abs(row.shifted.value - row.truth) < 4 * row.shifted.std_error
    crude, shifted = (
        repeat_estimate(lambda x: x > 2, "normal", q, 500, 2000)[0]
        for q in (DISTRIBUTIONS["normal"](), DISTRIBUTIONS["normal"](2.0, 1.0))
    )
    measured = np.var(crude) / np.var(shifted)
    assert measured == pytest.approx(float(tail_ratio(2.0)), rel=0.15)
    assert tail_ratio(0.0) == pytest.approx(1.0) and tail_ratio(12.0) > 1e30


def test_charts_can_be_drawn():
    counts = np.array([4.0, 8, 16, 32])
    rows = {"simpson": (counts, counts**-4.0), "boole": (np.zeros(0), np.zeros(0))}
    chart = integration_charts.error_curves(rows, "simpson", True)
    assert chart.data[0].name == "Simpson −4.0" and len(chart.data) == 1
    assert integration_charts.slope(counts, counts**-2.0) == pytest.approx(-2)
    assert integration_charts.dimensions(cost(range(1, 4), 64, 2)).data
    assert integration_charts.running_means({"a": np.ones(50)}).data[0].y[-1] == 1
    plain = np.random.default_rng(0).standard_normal(200)
    assert len(importance_charts.repeats(plain, plain + 1, 0.0, 1.0).data) == 3
    assert importance_charts.repeats(plain * 0, plain * 0, None, 0.0).data
    dims = np.array([1, 2])
    assert importance_charts.degeneracy(dims, [(1.2, *degeneracy(1.2, dims, 100))]).data


def test_a_true_value_that_is_hardly_known_is_shown_with_its_error():
    """A density of two hundred thousand jumps: the truth is about 333 333."""
    spec = Integration(
        quantity="expectation", reach="line", density="typed", density_text="mod(x, 0.01)",
        low=-999, high=999, g="x**2",
    )  # fmt: skip
    true_value = next(c for c in figures.integration_scene(spec).chips if c.name == "true value")
    assert "±" in true_value.verdict
    assert law_study(spec).mean is None and "is not known" in law_study(spec).reason
    sharp = dataclasses.replace(spec, density_text="mod(x, 1)")
    assert law_study(sharp).mean == pytest.approx(332_667, rel=1e-9)
    endless = dataclasses.replace(
        spec, low=-1000, high=1000
    )  # the whole line, over which it has no integral
    for density in ("mod(x, 0.01)", "mod(x, 1)", "ceil(abs(x))"):
        with pytest.raises(ValueError, match="not exist|cannot be told|not known"):
            found = law_study(dataclasses.replace(endless, density_text=density))
            assert found.mean is None
            raise ValueError(found.reason)
