"""The race page says what it shows: its links, its presets, its rates and its copied program."""

import contextlib
import dataclasses
import io
import random
from typing import Any

import numpy as np
import pytest
from browser import ROOT
from cases import NO_WARNINGS, each, sampled
from streamlit.testing.v1 import AppTest
from test_pages import open_page

from gdviz.expressions import FormulaError
from gdviz.knobs import Range, Switch, knobs, replace, validate
from gdviz.optimize import METHODS, SURFACES, Run, race, surface
from gdviz.optimize.outcomes import STOPS
from gdviz.optimize.schedules import SCHEDULES
from gdviz.optimize.typed_rules import RULE_TEXT
from gdviz.queries import from_query, to_query
from gdviz.topics.race.presets import PRESETS
from gdviz.topics.race.racers import METHODS_HERE, knobs_of
from gdviz.topics.race.rates import good_rate, landmarks, minima_of, rate_marks, zoom_window
from gdviz.topics.race.settings import (
    HEADS,
    NO_STOP,
    OVERLAYS,
    RACERS,
    SHAPES,
    TYPED,
    Race,
    alike,
    as_python,
    changed_knobs,
    entrants,
    hyper_of,
    problem_of,
    race_rules,
    run,
)

pytestmark = NO_WARNINGS

PRESET = {preset.label: preset for preset in PRESETS}


def spec_of(label: str) -> Race:
    return Race(**PRESET[label].values)  # type: ignore[arg-type]


def any_value(rng: random.Random, knob: Any) -> Any:
    kind = knob.kind
    if isinstance(kind, Switch):
        return rng.random() < 0.5
    assert isinstance(kind, Range)
    if knob.type is int:
        return rng.randint(int(kind.lo), int(kind.hi))
    if kind.log:
        return float(np.exp(rng.uniform(np.log(kind.lo), np.log(kind.hi))))
    return rng.uniform(kind.lo, kind.hi)


def any_hyper(rng: random.Random, methods: tuple[str, ...]) -> Any:
    found = []
    for name in methods:
        declared = knobs_of(name, RULE_TEXT)
        chosen = rng.sample(list(declared), rng.randint(0, len(declared)))
        found.append((name, tuple((key, any_value(rng, declared[key])) for key in chosen)))
    return changed_knobs(methods, found)


def any_spec(seed: int) -> Race:
    rng = random.Random(seed)
    formulas = ["x**2 + y**2", "  x^2 - sin(3*y) ", "abs(x) + e*y**2", "log(x) + y", "(x-1)**4/7"]
    methods = tuple(rng.sample(list(RACERS), rng.randint(1, 4)))
    return Race(
        surface=rng.choice(["bowl", "rosenbrock", "himmelblau", "saddle", TYPED, TYPED]),
        formula=rng.choice(formulas),
        left=rng.uniform(-9, 9),
        right=rng.uniform(10, 20),
        bottom=rng.uniform(-9, 9),
        top=-rng.uniform(10, 20),
        a=rng.uniform(-1.5, 1.5),
        b=rng.choice([100.0, rng.uniform(1, 300)]),
        condition=rng.choice([10.0, rng.uniform(1, 500)]),
        angle=rng.choice([0.0, rng.uniform(-90, 90)]),
        methods=methods,
        x0=rng.uniform(-3, 3),
        y0=rng.uniform(-3, 3),
        steps=rng.randint(1, 80),
        stop=rng.choice([*STOPS, NO_STOP]),
        tol=10 ** rng.uniform(-12, -1),
        schedule=rng.choice(list(SCHEDULES)),
        noise=rng.choice([0.0, rng.uniform(0, 3)]),
        seed=rng.randint(0, 9999),
        clip=rng.choice([0.0, rng.uniform(0.1, 9)]),
        overlays=tuple(rng.sample([*OVERLAYS, "none"], rng.randint(1, 4))),
        heads=rng.choice(list(HEADS)),
        hidden=rng.random() < 0.5,
        hyper=any_hyper(rng, methods),
    )


# --- runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", list(PRESET))
def test_a_race_is_the_same_with_what_was_kept_and_without(label: str):
    spec = Race(**PRESET[label].values)
    entries = {name: hyper_of(spec, name) for name in entrants(spec)}
    fresh = race(problem_of(spec), [spec.x0, spec.y0], entries, **race_rules(spec))
    for runs in (run(spec), run(spec)):
        assert list(runs) == list(fresh)
        for name, found in runs.items():
            for kept, made in zip(found.trace, fresh[name].trace, strict=True):
                np.testing.assert_array_equal(kept, made)
            assert found.verdict == fresh[name].verdict


def test_only_what_has_moved_is_run_again():
    spec = Race(methods=("gd", "adam", "bfgs", "nelder_mead"), steps=50)
    before = run(spec)
    after = run(dataclasses.replace(spec, hyper=(("adam", (("lr", 0.3),)),)))
    assert [after[name] is before[name] for name in before] == [True, False, True, True]
    after = run(dataclasses.replace(spec, hyper=(("bfgs", (("c1", 1e-3),)),)))
    assert [after[name] is before[name] for name in before] == [True, True, False, False]
    after = run(replace(spec, x0=0.5))
    assert not any(after[name] is before[name] for name in before)


# --- links ---------------------------------------------------------------------------------------


@each("seed", range(150))
def test_a_link_brings_everything_back(seed: int):
    spec = any_spec(seed)
    assert from_query(Race, to_query(spec)) == spec
    assert hash(spec) == hash(from_query(Race, to_query(spec)))


def test_defaults_need_no_words():
    assert to_query(Race()) == "surface=three_hump_camel", "an empty link opens the first preset"
    assert from_query(Race, "") == Race()
    own = changed_knobs(("gd",), [("gd", (("lr", 0.1),))])  # its default
    assert own == () and to_query(Race(methods=("gd",), hyper=own)) == "methods=gd"


def test_own_knobs_stand_in_the_link_by_method():
    own = (("gd", (("lr", 0.25),)), ("rmsprop", (("centered", True),)))
    spec = Race(methods=("gd", "rmsprop"), hyper=own)
    assert to_query(spec) == "methods=gd&methods=rmsprop&gd_lr=0.25&rmsprop_centered=true"
    assert from_query(Race, to_query(spec)) == spec
    assert hyper_of(spec, "gd") == {"lr": 0.25}
    assert hyper_of(spec, "rmsprop")["centered"] is True


def test_told_keeps_one_order_and_only_the_racing():
    given = [("adam", (("beta1", 0.5), ("lr", 0.3))), ("gd", (("lr", 0.2),)), ("lion", ())]
    assert changed_knobs(("gd", "adam", "lion"), given) == (
        ("gd", (("lr", 0.2),)),
        ("adam", (("lr", 0.3), ("beta1", 0.5))),
    )


@pytest.mark.parametrize(
    "query",
    [
        "methods=",
        "methods=sgd&methods=gd",
        "methods=golden_section",
        "surface=moon&x0=nan&y0=inf&steps=2.5&seed=-1",
        "gd_lr=0.1&gd_lr=0.2",
        "gd_lr=fast&adam_beta1=2&heavy_ball_momentum=",
        "methods=rmsprop&rmsprop_centered=maybe",
        "gd_lr=1e999&adam_lr=-0.1",
        "hyper=((('gd',),),)",
        "gd__wrapped__=1&gd_problem=1",
        "overlays=all",
        "=&&&%ff%fe=%00",
        "methods=" + "gd&methods=" * 400,
        "formula=" + "x" * 5000,
    ],
)
def test_garbage_in_a_link_becomes_the_default(query: str):
    spec = from_query(Race, query)
    assert spec.hyper == () and spec.methods in (Race().methods, ("rmsprop",), ("gd",))
    assert replace(spec, x0=spec.x0) == spec


@each("seed", range(100))
def test_a_garbled_link_never_raises(seed: int):
    rng = random.Random(seed)
    text = list(to_query(any_spec(seed)))
    for _ in range(rng.randint(1, 12)):
        text[rng.randrange(len(text))] = rng.choice("&=%+.-e1_é\x00")
    spec = from_query(Race, "".join(text))
    for name, knob in knobs(Race).items():
        assert validate(knob, getattr(spec, name)) == getattr(spec, name)
    for name, pairs in spec.hyper:
        for key, value in pairs:
            assert validate(knobs_of(name, spec.rule)[key], value) == value


def test_a_forged_pin_with_an_empty_window_is_left_out():
    page = AppTest.from_file(str(ROOT / "pages" / "race.py"), default_timeout=60)
    page.query_params["race_surface"] = TYPED
    page.query_params["race_pin"] = ["surface=typed&left=1&right=1", "surface=typed&gd_lr=0.05"]
    page.run()
    assert not page.exception


# --- copy as Python ------------------------------------------------------------------------------


def printed(program: str) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "copied", "exec"), {"__name__": "__main__"})
    return out.getvalue().splitlines()


def shown(spec: Race) -> list[str]:
    return [
        f"{name}: {ended.x[-1, 0]:.10g} {ended.x[-1, 1]:.10g} {ended.verdict}"
        for name, ended in run(spec).items()
    ]


@pytest.mark.parametrize("label", PRESET)
def test_the_copied_program_prints_the_preset(label: str):
    assert printed(as_python(spec_of(label))) == shown(spec_of(label))


@pytest.mark.parametrize("seed", sampled(range(15), 4))
def test_the_copied_program_prints_any_page(seed: int):
    spec = any_spec(seed)
    assert printed(as_python(spec)) == shown(spec)
    assert max(map(len, as_python(spec).splitlines())) < 200


@pytest.mark.parametrize("text", ["x'); print('no", 'x"""', "x\\", "{x}", "f(x)", "", "😀 y"])
def test_odd_text_stays_text(text: str):
    spec = Race(surface=TYPED, formula=text)
    program = as_python(replace(spec, methods=("gd",))) if _valid(spec) else None
    if program is None:
        with pytest.raises(FormulaError):
            run(spec)
    else:
        assert printed(program)


def _valid(spec: Race) -> bool:
    try:
        problem_of(spec)
    except FormulaError:
        return False
    return True


# --- what runs -----------------------------------------------------------------------------------


def test_a_typed_window_may_be_turned_round_but_not_empty():
    spec = Race(surface=TYPED, left=3.0, right=-1.0, bottom=2.0, top=-2.0)
    assert problem_of(spec).box == ((-1.0, 3.0), (-2.0, 2.0))
    with pytest.raises(FormulaError, match="window is empty"):
        problem_of(replace(spec, right=3.0))
    with pytest.raises(FormulaError, match="finite nowhere"):
        problem_of(replace(spec, formula="log(-1 - x**2 - y**2)"))


def test_without_a_turn_of_its_knobs_a_surface_is_the_declared_one():
    for name in ("rosenbrock", "bowl"):
        assert problem_of(Race(surface=name)) == SURFACES[name]


def test_a_surface_has_its_own_knobs():
    valley = problem_of(Race(surface="rosenbrock", a=-0.5, b=7.0))
    assert valley.f([0.25, 2.0]) == pytest.approx((-0.5 - 0.25) ** 2 + 7 * (2 - 0.25**2) ** 2)
    assert valley.minima == ((-0.5, 0.25),)
    bowl = problem_of(Race(surface="bowl", condition=40.0, angle=25.0))
    values, vectors = np.linalg.eigh(bowl.hess([0.3, -0.2]))
    np.testing.assert_allclose(values, [1, 40], rtol=1e-12)
    turn = np.radians(25)
    np.testing.assert_allclose(abs(vectors[:, 0] @ [np.cos(turn), np.sin(turn)]), 1, rtol=1e-12)
    assert (bowl.box, bowl.start) == (SURFACES["bowl"].box, SURFACES["bowl"].start)


def test_pins_know_their_surface_by_its_own_knobs():
    for name, own in SHAPES.items():
        spec = Race(surface=name)
        for other in sorted({k for keys in SHAPES.values() for k in keys}):
            changed = replace(spec, **{other: "x**2" if other == "formula" else 1.5})
            assert alike(spec, changed) == (other not in own), (name, other)
    assert not alike(Race(surface="bowl"), Race(surface="rosenbrock"))


def test_every_end_of_the_knobs_of_a_surface_can_be_raced_on():
    for name in ("rosenbrock", "bowl"):
        for knob in SHAPES[name]:
            kind: Any = knobs(Race)[knob].kind
            for end in (kind.lo, kind.hi):
                ended = run(replace(Race(surface=name, methods=("bfgs", "newton")), **{knob: end}))
                assert {done.status for done in ended.values()} == {"converged"}, (knob, end)


def test_what_cannot_race_stands_aside():
    spec = Race(surface="ackley", methods=("gauss_newton", "adam"))
    assert entrants(spec) == ["adam"]
    assert entrants(replace(spec, methods=("gauss_newton",))) == ["gd"]
    assert list(run(replace(spec, methods=("gauss_newton",)))) == ["gd"]
    assert entrants(replace(spec, surface="beale")) == ["gauss_newton", "adam"]


def test_the_run_is_the_race_of_its_knobs():
    own = (("adam", (("lr", 0.3), ("beta1", 0.5))),)
    spec = Race(methods=("adam",), noise=1.0, seed=5, clip=2.0, schedule="cosine", hyper=own)
    expected = race(SURFACES[spec.surface], [spec.x0, spec.y0],
                    {"adam": {"lr": 0.3, "beta1": 0.5}}, steps=150, noise=1.0, seed=5, clip=2.0,
                    schedule="cosine")["adam"]  # fmt: skip
    assert np.array_equal(run(spec)["adam"].x, expected.x)
    assert not np.array_equal(run(replace(spec, clip=0.0))["adam"].x, expected.x)


# --- presets -------------------------------------------------------------------------------------


def runs_of(label: str) -> dict[str, Run]:
    return run(spec_of(label))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.label)
def test_presets_set_every_knob_within_bounds(preset: Any):
    assert preset.values.keys() == {*knobs(Race), "hyper"}
    for name, knob in knobs(Race).items():
        assert validate(knob, preset.values[name]) == preset.values[name]
    spec = Race(**preset.values)
    for name, pairs in spec.hyper:
        assert name in spec.methods
        for key, value in pairs:
            assert validate(knobs_of(name, spec.rule)[key], value) == value
    for (lo, hi), at in zip(problem_of(spec).box, (spec.x0, spec.y0), strict=True):
        assert lo <= at <= hi, "the start is out of sight"
    assert preset.reason.endswith(".") and from_query(Race, to_query(spec)) == spec


def test_preset_labels_are_distinct():
    assert len(PRESET) == len(PRESETS)


def test_the_banana():
    """What the page opens with: each method does what the sentence says, within one play."""
    ended = runs_of("The banana")
    gd, ball, adam, newton = (ended[n] for n in ("gd", "heavy_ball", "adam", "newton"))
    far = {name: np.hypot(*(done.x[-1] - 1)) for name, done in ended.items()}
    assert gd.f[20] < 0.3 * gd.f[0] and far["gd"] > 1.5, "it finds the valley, and crawls"
    assert ball.x[:, 0].max() > 1.3 and far["heavy_ball"] < 0.1, "past the minimum, and back"
    assert far["adam"] < far["gd"] / 3 and (np.diff(adam.f[60:]) < 0).mean() > 0.9
    assert newton.status == "converged" and newton.last < 30
    assert all(done.status != "diverged" for done in ended.values())
    assert max(len(done.f) for done in ended.values()) <= 201, "played in six seconds"


@pytest.mark.parametrize(
    ("query", "surface"),
    [
        ({}, "rosenbrock"),
        ({"lecture": "1"}, "rosenbrock"),
        ({"race_x0": "1"}, "three_hump_camel"),
        ({"race_gd_lr": "0.01"}, "three_hump_camel"),
        ({"race_surface": "three_hump_camel"}, "three_hump_camel"),
        ({"race_surface": "booth"}, "booth"),
    ],
)
def test_an_empty_link_opens_the_story_and_any_other_what_it_says(query: Any, surface: str):
    at = open_page("race", query, menus=False)
    assert not at.exception and at.session_state["race_surface"] == surface
    if surface == "rosenbrock":
        assert at.session_state["race_heavy_ball_momentum"] == 0.95
        assert any("crawls along it" in said.value for said in at.markdown)


def test_four_valleys():
    ended = runs_of("Four valleys")
    minima = np.array(SURFACES["himmelblau"].minima)
    far = {name: np.hypot(*(minima - done.x[-1]).T) for name, done in ended.items()}
    assert all(distance.min() < 0.01 for distance in far.values())
    assert len({int(distance.argmin()) for distance in far.values()}) > 1


def test_ill_conditioned():
    ended = runs_of("Ill-conditioned")
    H = problem_of(spec_of("Ill-conditioned")).hess([0.0, 0.0])
    values, vectors = np.linalg.eigh(H)
    assert values[1] / values[0] == pytest.approx(100)
    steep = ended["gd"].x[:30] @ vectors[:, 1]
    assert (steep[1:] * steep[:-1] < 0).all(), "gradient descent zigzags"
    f = {name: done.f[min(100, len(done.f) - 1)] for name, done in ended.items()}
    assert f["heavy_ball"] < f["gd"] and f["heavy_ball"] < f["adam"]
    assert ended["conjugate_gradient"].status == "converged"
    assert ended["conjugate_gradient"].last < 10


def test_saddle():
    for ended in runs_of("Saddle").values():
        assert ended.status == "stationary" and ended.verdict.endswith("saddle")
        assert not ended.x[:, 1].any(), "it never leaves the ridge"


def test_too_fast():
    ended = runs_of("Too fast")
    assert ended["gd"].status == ended["heavy_ball"].status == "diverged"
    assert ended["adam"].status != "diverged" and ended["adam"].f[-1] < ended["adam"].f[0]
    (_, limit), *_ = [m for m in [(x, y) for y, x in rate_marks(spec_of("Too fast"), "gd")]
                      if m[0] == "2/λ"]  # fmt: skip
    wall = np.linalg.eigvalsh(SURFACES["rosenbrock"].hess([-1.5, 2.0])).max()
    assert 2 / wall < 0.003 and limit == pytest.approx(2 / 1001.6006390, rel=1e-6)


def test_adamw_is_not_adam_with_l2():
    spec = spec_of("AdamW is not Adam + L2")
    ended = run(spec)
    assert {tuple(pairs) for _, pairs in spec.hyper} == {(("lr", 0.05), ("weight_decay", 0.1))}
    assert np.hypot(*(ended["adam"].x[-1] - ended["adamw"].x[-1])) > 0.05
    free = run(replace(spec, methods=["adam"]).__class__(**{**spec.__dict__, "hyper": ()}))
    assert np.hypot(*(free["adam"].x[50] - free["adamw"].x[50])) < np.hypot(
        *(ended["adam"].x[50] - ended["adamw"].x[50])
    )


def test_noise():
    spec = spec_of("Noise")
    decaying, constant = run(spec), run(replace(spec, schedule="constant"))
    for name in ("gd", "adam"):
        moves = [np.hypot(*np.diff(runs[name].x[-20:], axis=0).T).mean()
                 for runs in (decaying, constant)]  # fmt: skip
        assert moves[0] < 0.02 * moves[1]


def test_no_derivatives():
    ended = runs_of("No derivatives")
    assert ended["nelder_mead"].status == "converged"
    assert "simplex" in ended["nelder_mead"].trace._fields
    far = [np.hypot(*(np.array(m) - ended["nelder_mead"].x[-1])) for m in
           SURFACES["himmelblau"].minima]  # fmt: skip
    assert min(far) < 1e-4


# --- rates and marks -----------------------------------------------------------------------------

BOUNDED = [name for name, problem in SURFACES.items() if problem.minima]


@pytest.mark.parametrize("name", BOUNDED)
def test_a_good_rate_does_not_diverge(name: str):
    problem = SURFACES[name]
    entries = {}
    for method in ("gd", "heavy_ball", "nesterov", "adam", "rprop", "radam", "qhm", "lion"):
        rate = good_rate(problem, method)
        assert rate is not None
        entries[method] = {"lr": rate}
    for method, ended in race(problem, problem.start, entries, steps=300).items():
        assert ended.status != "diverged", method
        assert ended.f.min() < ended.f[0], method


@pytest.mark.parametrize("name", SURFACES)
def test_a_good_rate_is_a_value_of_the_knob(name: str):
    for method in METHODS_HERE:
        rate = good_rate(SURFACES[name], method)
        if rate is not None:
            assert validate(knobs(METHODS[method])["lr"], rate) == rate
            assert float(f"{rate:.0e}") == rate, "one digit"


@pytest.mark.parametrize(
    "method", ["newton", "newton_plain", "backtracking", "bfgs", "nelder_mead", "adadelta"]
)
def test_who_chooses_for_itself_is_given_no_rate(method: str):
    assert good_rate(SURFACES["bowl"], method) is None


def test_rates_by_hand():
    assert good_rate(SURFACES["bowl"], "gd") == 0.1
    assert good_rate(SURFACES["rotated_bowl"], "heavy_ball") == 0.002
    assert good_rate(SURFACES["bowl"], "adam") == 0.1  # 0.015 of a window of 8


@pytest.mark.parametrize("name", ["rosenbrock", "bowl", "rotated_bowl", "himmelblau", "booth"])
def test_marks_are_the_curvature_of_the_nearest_minimum(name: str):
    problem = SURFACES[name]
    for at in problem.minima:
        spec = Race(surface=name, x0=at[0] + 0.1, y0=at[1] - 0.1)
        steepest = np.linalg.eigvalsh(problem.hess(at))[-1]
        assert rate_marks(spec, "gd") == [
            (pytest.approx(1 / steepest), "1/λ"),
            (pytest.approx(2 / steepest), "2/λ"),
        ]


def test_no_mark_where_theory_has_none():
    assert rate_marks(Race(), "adam") == []
    assert rate_marks(Race(surface="saddle"), "gd") == []
    assert rate_marks(Race(surface=TYPED), "gd") == []


def test_landmarks_are_where_the_slope_vanishes():
    for name in ("three_hump_camel", "himmelblau", "saddle"):
        problem = SURFACES[name]
        found = landmarks(problem)
        assert landmarks(problem) is found
        for point, kind in found:
            assert np.abs(problem.grad(point)).max() < 1e-6
            positive = int((np.linalg.eigvalsh(problem.hess(point)) > 0).sum())
            assert kind == ("maximum", "saddle", "minimum")[positive]
        assert sum(kind == "minimum" for _, kind in found) == len(problem.minima)


def test_minima_are_the_declared_ones_or_those_found():
    himmelblau = SURFACES["himmelblau"]
    assert minima_of(himmelblau) == [tuple(m) for m in himmelblau.minima]
    typed = surface("(x**2 - 1)**2 + y**2", box=((-2.0, 2.0), (-1.0, 1.0)))
    np.testing.assert_allclose(sorted(minima_of(typed)), [(-1, 0), (1, 0)], atol=1e-9)
    assert minima_of(SURFACES["saddle"]) == []


def test_a_zoom_keeps_its_centre_and_divides_the_window() -> None:
    box = ((-2.0, 2.0), (-1.0, 3.0))
    assert zoom_window(box, (0.5, 0.5), 1) == box
    (x0, x1), (y0, y1) = zoom_window(box, (0.5, -0.25), 16)
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == (0.5, -0.25)
    assert (x1 - x0, y1 - y0) == (0.25, 0.25)
