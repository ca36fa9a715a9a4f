"""The descent page says what it shows: presets keep their word, the copied program its numbers."""

import contextlib
import io
import random
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from cases import NO_WARNINGS, sampled

from gdviz.expressions import FormulaError
from gdviz.knobs import knobs, replace, validate
from gdviz.optimize import FUNCTIONS, Run
from gdviz.optimize.outcomes import STOPS
from gdviz.topics.descent.presets import PRESETS
from gdviz.topics.descent.settings import (
    NO_STOP,
    ON_A_LINE,
    TYPED,
    Descent,
    as_python,
    best_value,
    hyper,
    problem_of,
    rate_marks,
    run,
)

pytestmark = NO_WARNINGS

PRESET = {preset.label: preset for preset in PRESETS}


def spec_of(label: str) -> Descent:
    return Descent(**PRESET[label].values)  # type: ignore[arg-type]


def runs_of(label: str) -> dict[str, Run]:
    return run(spec_of(label))


def printed(program: str) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "copied", "exec"), {"__name__": "__main__"})
    return out.getvalue().splitlines()


def shown(spec: Descent) -> list[str]:
    return [
        f"{name}: {ended.x[-1, 0]:.10g} {ended.f[-1]:.10g} {ended.verdict}"
        for name, ended in run(spec).items()
    ]


def any_spec(rng: random.Random) -> Descent:
    formulas = ["x**2", "  x^2 - sin(3*x) ", "abs(x) + e", "log(x)", "(x - 1)**4 / 7"]
    return Descent(
        function=rng.choice([*FUNCTIONS, TYPED, TYPED]),
        formula=rng.choice(formulas),
        left=rng.uniform(-9, 9),
        right=rng.uniform(10, 20),
        methods=tuple(rng.sample(list(ON_A_LINE), rng.randint(1, 4))),
        x0=rng.uniform(-3, 3),
        lr=10 ** rng.uniform(-3, 0.5),
        momentum=rng.uniform(0, 0.99),
        beta1=rng.uniform(0, 0.99),
        beta2=rng.uniform(0, 0.999),
        steps=rng.randint(1, 200),
        stop=rng.choice([*STOPS, NO_STOP]),
        tol=10 ** rng.uniform(-12, -1),
    )


# --- copy as Python ------------------------------------------------------------------------------


@pytest.mark.parametrize("label", PRESET)
def test_the_copied_program_prints_the_preset(label: str) -> None:
    assert printed(as_python(spec_of(label))) == shown(spec_of(label))


@pytest.mark.parametrize("seed", sampled(range(25), 6))
def test_the_copied_program_prints_any_page(seed: int) -> None:
    spec = any_spec(random.Random(seed))
    assert printed(as_python(spec)) == shown(spec)


@pytest.mark.parametrize(
    "text",
    [
        "x'); print('no",
        'x"""',
        "x\\",
        "x\n+ 1",
        "{x}",
        "x²",
        "__import__('os')",
        "f(x)",
        "",
        "😀 x",
    ],
)
def test_odd_text_stays_text(text: str) -> None:
    """What is no formula is refused by the program as by the page, with the same words."""
    spec = Descent(function=TYPED, formula=text)
    program = as_python(spec)
    compile(program, "copied", "exec")
    try:
        expected = shown(spec)
    except FormulaError as refused:
        with pytest.raises(FormulaError) as again:
            printed(program)
        assert str(again.value) == str(refused)
    else:
        assert printed(program) == expected


# --- presets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.label)
def test_presets_set_every_knob_within_bounds(preset: Any) -> None:
    assert preset.values.keys() == knobs(Descent).keys()
    for name, knob in knobs(Descent).items():
        assert validate(knob, preset.values[name]) == preset.values[name]
    lo, hi = problem_of(Descent(**preset.values)).box[0]
    assert lo <= preset.values["x0"] <= hi, "the start is out of sight"
    assert preset.reason.endswith(".")


def test_preset_labels_are_distinct() -> None:
    assert len(PRESET) == len(PRESETS)


def test_a_safe_rate() -> None:
    (ended,) = runs_of("A safe rate").values()
    assert ended.verdict.endswith("monotone") and ended.status == "converged"
    np.testing.assert_allclose(ended.x[1:] / ended.x[:-1], 1 - 2 * spec_of("A safe rate").lr)


def test_one_step() -> None:
    (ended,) = runs_of("One step").values()
    assert ended.verdict == "converged in 1 step" and ended.x[-1, 0] == 0
    newton = run(replace(spec_of("One step"), methods=["newton_plain"]))["newton_plain"]
    assert np.array_equal(newton.x, ended.x)


def test_two_cycle() -> None:
    (ended,) = runs_of("2-cycle").values()
    assert (ended.status, ended.verdict) == ("oscillating", "2-cycle")
    assert np.ptp(ended.f) == 0, "f never changes"
    fooled = run(replace(spec_of("2-cycle"), stop="value"))["gd"]
    assert len(fooled.x) == 2 and fooled.status == "stopped early"


def test_divergence() -> None:
    (ended,) = runs_of("Divergence").values()
    assert ended.status == "diverged" and "diverg" in ended.verdict
    steps = np.abs(np.diff(ended.x[:, 0]))
    assert np.all(np.diff(steps) > 0), "every step is longer than the last"
    lo, hi = FUNCTIONS["parabola"].box[0]
    assert lo < ended.x[0, 0] < hi and not lo < ended.x[-1, 0] < hi, "it leaves the window"


def test_chaos_is_named() -> None:
    assert runs_of("Chaos")["gd"].verdict == "chaotic"


def test_chaos_is_chaos() -> None:
    """By definition: bounded, and two starts 1e-12 apart part exponentially."""
    spec = spec_of("Chaos")
    (ended,) = run(spec).values()
    assert len(ended.x) == spec.steps + 1 and np.abs(ended.x).max() < 2
    near = run(replace(spec, x0=spec.x0 + 1e-12))["gd"]
    apart = np.abs(near.x - ended.x)[:, 0]
    assert apart[0] < 2e-12 and apart[100:].max() > 0.1
    x = ended.x[20:, 0]
    assert np.log(np.abs(1 - spec.lr * (12 * x**2 - 6))).mean() > 0.2, "Lyapunov exponent"


def test_wrong_valley() -> None:
    ended = runs_of("Wrong valley")
    shallow, deep = 1.1309011226299859, -1.3008395659415772
    assert ended["gd"].status == "converged"
    assert ended["gd"].x[-1, 0] == pytest.approx(shallow, abs=1e-5)
    well = problem_of(spec_of("Wrong valley"))
    assert well.f([deep]) < well.f([shallow])
    assert ended["heavy_ball"].x[-1, 0] == pytest.approx(deep, abs=1e-3)


def test_newton_climbs() -> None:
    ended = runs_of("Newton climbs")
    assert ended["newton_plain"].status == "stationary"
    assert ended["newton_plain"].verdict.endswith("maximum")
    assert ended["newton"].status == "converged"
    assert np.all(np.diff(ended["newton"].f) <= 0)


def test_flat_fools() -> None:
    (ended,) = runs_of("Flat fools |Δf|").values()
    assert ended.verdict == "stopped early at step 1" and ended.x[-1, 0] == pytest.approx(
        5, abs=1e-3
    )


def test_four_at_once() -> None:
    """Only the heavy ball leaves the valley below the start."""
    spec = spec_of("Four at once")
    assert spec.methods == ("gd", "heavy_ball", "nesterov", "adam")
    ends = {name: ended.x[-1, 0] for name, ended in run(spec).items()}
    valley = 3.584751822
    for name in ("gd", "nesterov", "adam"):
        assert ends[name] == pytest.approx(valley, abs=0.02), name
    assert abs(ends["heavy_ball"] - valley) > 1


# --- what theory says ----------------------------------------------------------------------------


def test_rate_marks_by_hand() -> None:
    everything = ("gd", "heavy_ball", "nesterov", "adam")
    assert rate_marks(Descent(function="parabola", methods=everything, momentum=0.5)) == [
        (0.5, "1/f″"),
        (1.0, "2/f″"),
        (1.5, "2(1+β)/f″"),
        (0.75, "2(1+β)/((1+2β)f″)"),
    ]
    for function, curvature in (("shifted", 2.0), ("flat", 2e-4), ("log_cosh", 1.0)):
        marks = rate_marks(Descent(function=function))
        np.testing.assert_allclose([at for at, _ in marks], [1 / curvature, 2 / curvature])


@pytest.mark.parametrize(("x0", "root"), [(2.0, 1.13), (-2.0, -1.30)])
def test_rate_marks_belong_to_the_nearest_minimum(x0: float, root: float) -> None:
    with mp.workdps(30):
        at = mp.findroot(lambda x: 4 * x**3 - 6 * x + 1, root)
        second = float(12 * at**2 - 6)
    marks = dict((label, at) for at, label in rate_marks(Descent(x0=x0)))
    assert marks == {"1/f″": pytest.approx(1 / second), "2/f″": pytest.approx(2 / second)}


@pytest.mark.parametrize("function", ["absolute", "cubic"])
def test_no_curvature_no_mark(function: str) -> None:
    assert rate_marks(Descent(function=function)) == []


def test_marks_are_for_methods_with_a_limit() -> None:
    assert rate_marks(Descent(function="parabola", methods=("newton", "golden_section"))) == []


def test_rate_marks_at_a_kink() -> None:
    assert rate_marks(Descent(function=TYPED, formula="sqrt(abs(x))")) == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_best_value_is_the_least_on_a_fine_grid(name: str) -> None:
    problem = FUNCTIONS[name]
    best = best_value(problem)
    if name == "cubic":
        assert best is None
        return
    f = problem.f(np.linspace(*problem.box[0], 100_001)[:, None])
    inside = f[1:-1][(f[1:-1] <= f[:-2]) & (f[1:-1] <= f[2:])]  # x sin x is lowest at the edge
    assert best == pytest.approx(inside.min(), abs=1e-5) and best <= inside.min() + 1e-15


# --- odds and ends -------------------------------------------------------------------------------


def test_a_method_gets_only_its_own_knobs() -> None:
    spec = Descent(lr=0.3, momentum=0.4, beta1=0.5, beta2=0.6)
    assert hyper(spec, "gd") == {"lr": 0.3}
    assert hyper(spec, "nesterov") == {"lr": 0.3, "momentum": 0.4}
    assert hyper(spec, "adam") == {"lr": 0.3, "beta1": 0.5, "beta2": 0.6}
    for method in ("newton", "newton_plain", "backtracking", "golden_section"):
        assert hyper(spec, method) == {}


def test_a_typed_window_may_be_turned_round_but_not_empty() -> None:
    spec = Descent(function=TYPED, left=3.0, right=-1.0)
    assert problem_of(spec).box == ((-1.0, 3.0),)
    with pytest.raises(FormulaError, match="window is empty"):
        problem_of(replace(spec, right=3.0))
