"""One step, slowly: every line has its words, and its numbers end where the run has gone."""

import ast
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from cases import NO_WARNINGS, each

from gdviz.optimize import METHODS, SURFACES, Run, descend, function, race, surface
from gdviz.optimize import walkthrough as drawn
from gdviz.optimize.elementwise import (
    NO_CONDITIONS,
    elementwise,
    perturbed_gradient,
    update,
    with_schedule,
)
from gdviz.optimize.latex import number
from gdviz.optimize.methods import can_run
from gdviz.optimize.racing import conditions
from gdviz.optimize.rules import Momentum, Rate
from gdviz.optimize.walkthrough import AXES, UpdateLine, _lines, walkthrough
from gdviz.optimize.walkthrough_words import SYMBOLS, sentence
from gdviz.topics.race.rates import good_rate

pytestmark = NO_WARNINGS

PLACE = SURFACES["himmelblau"]
STORMY = {"schedule": "warmup_cosine", "noise": 3.0, "seed": 2, "clip": 5.0}
WEATHER = {"calm": {}, "stormy": STORMY}
STEPS = 30
RACERS = [name for name in METHODS if can_run(name, PLACE)]
ELEMENTWISE = [name for name in RACERS if hasattr(METHODS[name], "state")]


def knobs_of(name: str) -> dict[str, Any]:
    from gdviz.knobs import bind_defaults

    rate = good_rate(PLACE, name)
    return bind_defaults(METHODS[name], {} if rate is None else {"lr": rate})


@cache
def ran(name: str, weather: str) -> Run:
    own = {name: knobs_of(name)}
    return race(PLACE, PLACE.start, own, steps=STEPS, stop=None, **WEATHER[weather])[name]


def moments(name: str, k: int, axis: int = 0, weather: str = "calm") -> list[UpdateLine]:
    met = conditions(PLACE, STEPS, **WEATHER[weather])
    return walkthrough(name, ran(name, weather), k, knobs_of(name), axis, met)


def result(moment: UpdateLine) -> float:
    """The number after the last equals sign."""
    return value(moment.numbers.rsplit("=", 1)[1])


def value(latex: str) -> float:
    text = latex.strip().strip("()")
    mantissa, _, power = text.partition(r" \cdot 10^{")
    return float(mantissa) * 10.0 ** int(power.rstrip("}") or 0)


def balanced(latex: str) -> bool:
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", latex):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return False
    pairs = (r"\\left(?![a-z])", r"\\right(?![a-z])"), (r"\\begin", r"\\end")
    return depth == 0 and all(len(re.findall(a, latex)) == len(re.findall(b, latex))
                              for a, b in pairs)  # fmt: skip


def steps_of(run: Run) -> list[int]:
    last = len(run.f) - 2
    return sorted({0, min(1, last), min(4, last), last})


@each("weather", WEATHER)
@pytest.mark.parametrize("name", RACERS)
def test_every_moment_has_words_and_sound_latex(name: str, weather: str):
    for k in steps_of(ran(name, weather)):
        for axis in (0, 1):
            found = moments(name, k, axis, weather)
            assert len(found) >= 2
            for moment in found:
                assert moment.sentence.endswith((".", "?")), moment
                assert moment.formula and balanced(moment.formula), moment
                assert moment.numbers and balanced(moment.numbers), moment
                assert "nan" not in moment.numbers and "None" not in moment.numbers


@each("weather", WEATHER)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_coordinate_ends_where_the_run_went(name: str, weather: str):
    run = ran(name, weather)
    for k in steps_of(run):
        for axis in (0, 1):
            found = moments(name, k, axis, weather)
            (step,) = [m for m in found if m.sentence == "Take the step."]
            assert step.formula.startswith(rf"{AXES[axis]} \leftarrow")
            assert step.numbers.endswith(f"= {number(run.x[k + 1, axis])}")
            assert result(step) == pytest.approx(run.x[k + 1, axis], rel=5.1e-4)


@pytest.mark.parametrize("weather", WEATHER)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_with_every_digit_it_is_the_run(name: str, weather: str, monkeypatch: Any):
    """Not rounded for the page, the results are those of the run and of the rule itself."""
    monkeypatch.setattr(drawn, "number", lambda v: repr(float(v)))
    run, met = ran(name, weather), conditions(PLACE, STEPS, **WEATHER[weather])
    factory: Any = METHODS[name]
    for k in steps_of(run):
        for axis in (0, 1):
            found = {m.formula.split(r" \leftarrow")[0]: result(m)
                     for m in moments(name, k, axis, weather)[1:]}  # fmt: skip
            assert found[AXES[axis]] == pytest.approx(run.x[k + 1, axis], rel=1e-9, abs=1e-12)
            at = slice(None) if factory.couples else axis  # a sum needs the whole point
            seen = perturbed_gradient(met, run.grad[k], k + 1)[at]
            slots = [getattr(run, slot)[k, at] for slot in factory.state._fields[4:]]
            own = with_schedule(knobs_of(name), met, k + 1)
            x, *_ = factory.__wrapped__(run.x[k, at], seen, k + 1, *slots, **own)
            assert found[AXES[axis]] == float(x[axis] if factory.couples else x)
            for slot in factory.state._fields[4:]:
                symbol = SYMBOLS.get(slot, drawn._word(slot))
                if symbol in found:  # Rprop hands its gradient on under another name
                    after = getattr(run, slot)[k + 1, axis]
                    assert found[symbol] == pytest.approx(after, rel=1e-9, abs=1e-12), slot


def test_the_first_moment_is_the_gradient_that_arrived():
    for k in (0, 3):
        calm, storm = moments("gd", k)[0], moments("gd", k, weather="stormy")[0]
        assert result(calm) == pytest.approx(ran("gd", "calm").grad[k, 0], rel=5.1e-4)
        run = ran("gd", "stormy")
        seen = perturbed_gradient(conditions(PLACE, STEPS, **STORMY), run.grad[k], k + 1)[0]
        assert result(storm) == pytest.approx(seen, rel=5.1e-4)
        assert "noise and clipping" in storm.sentence and "noise" not in calm.sentence


def test_gd_by_hand():
    run = race(SURFACES["bowl"], [-3.0, 1.5], {"gd": {"lr": 0.125}}, steps=2)["gd"]
    found = walkthrough("gd", run, 0, {"lr": 0.125}, 1, NO_CONDITIONS)
    assert found == [
        UpdateLine("Measure the slope along this axis.", r"g = \partial f / \partial y", "g = 15"),
        UpdateLine("Take the step.", r"y \leftarrow y - \eta \cdot g",
               r"y = 1.5 - 0.125 \cdot 15 = (-0.375)"),
    ]  # fmt: skip


def test_adam_tells_its_lines_in_order():
    symbols = [m.formula.split(" ")[0] for m in moments("adam", 2)]
    assert symbols == ["g", "g", "m", "v", r"\hat", r"\hat", "x"]
    assert [m.formula.split(r" \leftarrow")[0] for m in moments("adam", 2)[4:6]] == [
        r"\hat m",
        r"\hat v",
    ]


def test_lion_takes_its_step_before_it_remembers():
    assert [m.formula[0] for m in moments("lion", 2)[2:]] == ["x", "m"]


@pytest.mark.parametrize("name", [name for name in RACERS if name not in ELEMENTWISE])
def test_a_search_ends_where_the_run_went(name: str):
    run = ran(name, "calm")
    for k in steps_of(run):
        found = moments(name, k)
        ends = re.findall(r"\\left\((.*?)\\right\)", found[-1].numbers)[-1].split(r",\,")
        assert [value(end) for end in ends] == pytest.approx(run.x[k + 1], rel=5.1e-4, abs=1e-300)
        words = " ".join(m.sentence for m in found)
        if "trials" in run.trace._fields and run.tried[k + 1] > 1:
            assert f"{run.tried[k + 1]} trials" in words


def test_newton_shows_the_curvature_it_turns():
    run = race(SURFACES["saddle"], [1.5, 0.5], {"newton": {}}, steps=3, stop=None)["newton"]
    found = walkthrough("newton", run, 0, {})
    assert found[1].numbers == r"H = \begin{pmatrix} 2 & 0 \\ 0 & -2 \end{pmatrix}"
    assert "turned positive" in found[2].sentence
    assert found[2].numbers == r"\lambda = \left(-2,\, 2\right)"
    assert "turned" not in " ".join(m.sentence for m in moments("newton", len(ran("newton", "calm")
                                                                         .f) - 2))  # fmt: skip


def squares(node: ast.expr, known: set[str]) -> bool:
    """Tell whether an expression has a square: g·g, or a name that is one."""
    for part in ast.walk(node):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult):
            left, right = ast.unparse(part.left), ast.unparse(part.right)
            if left == right or left.endswith(f"* {right}"):
                return True
        if isinstance(part, ast.Name) and part.id in known:
            return True
    return False


@pytest.mark.parametrize("name", [n for n, f in METHODS.items() if hasattr(f, "state")])
def test_a_sentence_says_squared_only_where_something_is(name: str) -> None:
    known: set[str] = set()
    for target, node in _lines(METHODS[name].__wrapped__):  # type: ignore[attr-defined]
        is_square = squares(node, known)
        if is_square and target != "x":
            known.add(target)
        said = sentence(name, target, node)
        assert said.endswith((".", "?")) and not said.startswith("Compute"), (name, target)
        if "squared gradient" in said or "new square" in said:
            assert is_square, (name, target, said)


def said_of(rule: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setitem(METHODS, "new", rule)
    return [sentence("new", target, node) for target, node in _lines(rule.__wrapped__)]


STEP = "Take the step."


def test_a_new_method_is_described_by_its_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    @elementwise
    def signum(x: Any, g: Any, t: Any, v: Any, lr: Rate = 0.1, keep: Momentum = 0.9) -> Any:
        """Signum: a mean of gradients in the slot of a velocity, and a line nobody described."""
        v = keep * v + (1 - keep) * g
        direction = np.sign(v)
        return x - lr * direction, v

    mean = "Decay the mean of gradients, and mix in the new gradient."
    assert said_of(signum, monkeypatch) == [mean, "Compute direction.", STEP]


def test_a_name_that_means_something_else_gets_no_false_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Slots and lines have the names of Adam, AdaBound and Rprop, and none of their meanings."""

    @elementwise
    def other(x: Any, g: Any, t: Any, m: Any, v: Any, lr: Rate = 0.1, keep: Momentum = 0.9) -> Any:
        """Mean sizes of gradients, and the mean of the last two steps."""
        v = keep * v + (1 - keep) * np.abs(g)
        m_hat = lr / (1 - keep**t)
        rate = m_hat * g / v
        factor = m_hat + g * g  # a local is no memory
        m = (m + rate * factor) / 2
        return x - m, m, v

    said = said_of(other, monkeypatch)
    names = ["v", "m hat", "rate", "factor", "m"]
    assert said == [*(f"Compute {name}." for name in names), STEP]


def test_a_memory_may_start_from_the_first_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Floats, arrays, compiled code and mini-batches agree with the mean as it is defined."""

    @elementwise
    def averaged(x: Any, g: Any, t: Any, v: Any, lr: Rate = 0.1, keep: Momentum = 0.9) -> Any:
        """v ← βv + (1 − β)∇f from v = ∇f(x₀), x ← x − ηv."""
        v = np.where(t == 1, g, v)
        v = keep * v + (1 - keep) * g
        return x - lr * v, v

    x, v = [3.0], 6.0  # f = x², ∇f = 2x
    for _ in range(20):
        v = 0.9 * v + 0.1 * 2 * x[-1]
        x.append(x[-1] - 0.1 * v)
    said = said_of(averaged, monkeypatch)
    assert said[0] == "Start the memory at the first step, and keep it later."
    bowl = function("x**2")
    for start in ([3.0], [[3.0], [1.5]]):
        run = descend(bowl, start, "new", steps=20, stop=None)
        assert run.x.reshape(21, -1)[:, 0] == pytest.approx(x, rel=1e-13)
    wide = surface("x**2 + y**2")
    raced = race(wide, [3.0, 1.5], {"new": {}}, steps=20, stop=None)["new"]
    assert raced.x == pytest.approx(np.outer(x, [1, 0.5]), rel=1e-13)
    rule, point = update(averaged), np.array(3.0)
    memory = rule.rest(point)
    for t, wanted in enumerate(x[1:], 1):
        point, memory = rule.step(point, 2 * point, t, memory)
        assert float(point) == pytest.approx(wanted, rel=1e-13)
