"""Lookahead and SAM around any rule of gradients, and Sophia: against others, and on the page."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import NO_WARNINGS, each

from gdviz.figures.scene import Points, Segments, Track
from gdviz.optimize import METHODS, SURFACES, Run, descend, function, race
from gdviz.optimize.linalg import norm
from gdviz.optimize.racing import conditions, evaluations
from gdviz.optimize.walkthrough import walkthrough
from gdviz.topics.race.figure import race_scene
from gdviz.topics.race.rates import rate_marks
from gdviz.topics.race.settings import Race, as_python, run

pytestmark = NO_WARNINGS
RUNS = json.loads((Path(__file__).parent / "reference" / "race_outer.json").read_text())["runs"]
OUTER = ("sam", "lookahead")


@each("case", RUNS)
def test_the_same_points_as_the_reference(case: dict[str, Any]):
    """Compiled in the race and in NumPy; Sophia's share γ is 1 there."""
    problem, knobs, steps = SURFACES[case["problem"]], dict(case["knobs"]), case["steps"]
    assert steps == [1, 10, 100, 200] or case["short"]
    around = {name: knobs.pop(name) for name in OUTER if name in knobs}
    own = knobs | ({"trusted": 1.0} if case["method"] == "sophia" else {})
    method, last = case["method"], steps[-1]
    plain = descend(problem, case["start"], method, steps=last, stop=None, **own,
                    conditions=conditions(problem, last, **around))  # fmt: skip
    raced = race(problem, case["start"], {method: own}, steps=last, stop=None, **around)[method]
    for done in (plain, raced):
        apart = norm(done.x[steps] - case["x"])
        assert (apart <= 1e-10 * np.maximum(1.0, norm(np.array(case["x"])))).all(), apart


def test_each_was_compared_for_two_hundred_steps_on_three_surfaces():
    kinds = {(c["method"], *(n for n in OUTER if n in c["knobs"])) for c in RUNS}
    assert len(kinds) == 11
    for kind in kinds:
        whole = {c["problem"] for c in RUNS if c["steps"][-1] == 200
                 and (c["method"], *(n for n in OUTER if n in c["knobs"])) == kind}  # fmt: skip
        assert len(whole) >= 3, kind


def test_around_adam_and_around_descent_they_are_the_methods_of_these_names():
    problem = SURFACES["himmelblau"]
    pairs = [("adam", {"lookahead": (4, 0.3)}, "lookahead", {"period": 4, "pull": 0.3}),
             ("gd", {"sam": 0.2}, "sam", {"climb": 0.2})]  # fmt: skip
    for inner, around, whole, knobs in pairs:
        one = race(problem, problem.start, {inner: {"lr": 0.01}}, stop=None, **around)[inner]
        other = race(problem, problem.start, {whole: {"lr": 0.01, **knobs}}, stop=None)[whole]
        np.testing.assert_allclose(one.x, other.x, rtol=0, atol=1e-9)
        assert (evaluations(inner, one) == evaluations(whole, other)).all()


def test_every_rule_goes_inside_both_and_the_walkthrough_ends_where_the_run_goes():
    problem, around = SURFACES["bowl"], {"sam": 0.1, "lookahead": (3, 0.4)}
    met = conditions(problem, 6, **around)
    for name in (n for n, make in METHODS.items() if hasattr(make, "state")):
        done = race(problem, problem.start, {name: {}}, steps=6, stop=None, **around)[name]
        assert done.title.startswith("Lookahead · SAM · ")
        assert (np.linalg.norm(done.ascent - done.x, axis=1) < 0.1 + 1e-9).all()
        np.testing.assert_array_equal(done.outer_slow[[2, 3, 5, 6]], done.x[[0, 3, 3, 6]])
        for k in (1, 2):
            last = walkthrough(name, done, k, done.maker.hyper, 1, met)[-1]
            if k == 2:
                assert last.sentence.startswith("Return")
                assert float(last.numbers.split("= ")[-1].strip("()")) == pytest.approx(
                    done.x[3, 1], rel=1e-3
                )


def test_on_a_line_and_in_a_batch_it_is_the_same():
    problem, met = (
        function("x**2/2 + cos(x)"),
        conditions(function("x"), 30, noise=0.1, sam=0.2, lookahead=(4, 0.5)),
    )
    single = descend(problem, [2.0], "adam", steps=30, stop=None, conditions=met, lr=0.1)
    batch = descend(problem, [[2.0], [1.0]], "adam", steps=30, stop=None, conditions=met, lr=0.1)
    np.testing.assert_allclose(single.x, batch.x[:, 0], rtol=0, atol=1e-12)
    with pytest.raises(ValueError, match="whole number"):
        conditions(problem, 3, lookahead=(0, 0.5))


def test_sophia_steps_by_eta_at_most_and_looks_now_and_then():
    problem = SURFACES["himmelblau"]
    done = descend(problem, problem.start, "sophia", steps=24, stop=None, lr=0.03, every=8)
    assert np.abs(np.diff(done.x, axis=0)).max() <= 0.03 * (1 + 1e-12)
    assert done.tried.tolist() == [0] + [int(k % 8 == 0) for k in range(24)]
    assert evaluations("sophia", done)[-1].tolist() == [0, 24, 3]
    told = [line.sentence for k in (0, 1) for line in walkthrough("sophia", done, k, {})]
    assert sum("does not look" in words for words in told) == 1


# --- on the page ----------------------------------------------------------------------------------


def shown(spec: Race) -> tuple[dict[str, Run], Any]:
    runs = run(spec)
    return runs, race_scene(runs, spec)


def test_the_stage_names_and_draws_what_stands_around():
    methods = ("gd", "adam", "newton")
    plain = Race(methods=methods, stop="none", steps=20)
    runs, scene = shown(Race(methods=methods, stop="none", steps=20, outer="sam", heads="all"))
    (gd, _) = arrows = [s for s in scene.layers if isinstance(s, Segments) and "uphill" in s.name]
    assert len(arrows) == 2, "Newton asks for more, and sees f as it is"
    np.testing.assert_allclose(np.hypot(gd.x1 - gd.x0, gd.y1 - gd.y0), 0.05, rtol=1e-6)
    names = [layer.name for layer in scene.layers if isinstance(layer, Track)]
    assert names == ["SAM · Gradient descent", "SAM · Adam", "Newton, safeguarded"]
    assert [chip.name for chip in scene.chips] == names
    assert (runs["newton"].x == run(plain)["newton"].x).all()
    assert (runs["adam"].x != run(plain)["adam"].x).any()

    ahead = Race(methods=("heavy_ball",), stop="none", steps=20, outer="lookahead", outer_period=6)
    runs, scene = shown(ahead)
    (slow,) = [layer for layer in scene.layers if isinstance(layer, Points)]
    assert slow.name == "slow point" and (slow.x[6, 0], slow.x[11, 0]) == (slow.x[7, 0],) * 2
    assert slow.x[7, 0] == runs["heavy_ball"].x[6, 0]
    assert rate_marks(plain, "gd") and not rate_marks(ahead, "gd"), "the edge is of the rule alone"
    assert "lookahead=(6, 0.5)" in as_python(ahead) and "sam" not in as_python(plain)


def test_what_is_known_of_a_method_is_not_said_of_it_inside_another():
    """A rate beyond 2/λ is blamed on the edge for descent alone: inside Lookahead it may hold."""
    bowl = SURFACES["bowl"]
    wide = {"gd": {"lr": 0.25}}  # the steepest curvature is 10
    alone = race(bowl, bowl.start, wide, steps=400, stop="gradient")["gd"]
    inside = race(bowl, bowl.start, wide, steps=400, lookahead=(3, 0.3))["gd"]
    assert alone.status == "diverged" and "η·λmax" in alone.reason
    assert inside.status == "converged"
    lost = race(bowl, bowl.start, {"gd": {"lr": 3.0}}, steps=400, lookahead=(3, 0.3))["gd"]
    assert lost.status == "diverged" and "η·λmax" not in lost.reason
