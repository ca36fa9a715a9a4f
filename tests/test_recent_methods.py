"""The methods of the last years: against their authors' packages, SciPy, pycma, and by theory."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import NO_WARNINGS, each
from registries import check_same_keys
from scipy import optimize
from streamlit.testing.v1 import AppTest

from gdviz.figures.scene import Points, Polygon, Segments, Track
from gdviz.kernels.block_kernels import other_knobs
from gdviz.kernels.coupled_kernels import coupled_kernel_text
from gdviz.knobs import bind_defaults
from gdviz.optimize import LABELS, METHODS, SURFACES, Run, descend, function, race, surface
from gdviz.optimize.elementwise import is_elementwise
from gdviz.optimize.linalg import norm
from gdviz.optimize.method_notes import NOTES, find_methods, method_order
from gdviz.optimize.racing import conditions, evaluations
from gdviz.optimize.surfaces import quadratic
from gdviz.optimize.walkthrough import walkthrough
from gdviz.topics.race.figure import race_scene
from gdviz.topics.race.racers import METHODS_HERE
from gdviz.topics.race.settings import Race

pytestmark = NO_WARNINGS
ROOT = Path(__file__).parents[1]
MADE = json.loads((Path(__file__).parent / "reference" / "race_recent.json").read_text())
RUNS = [run for made in MADE.values() if isinstance(made, dict) for run in made["runs"]]
COUPLED = [n for n, make in METHODS.items() if hasattr(make, "state") and not is_elementwise(make)]


@each("run", RUNS)
def test_the_same_points_as_the_reference(run: dict[str, Any]):
    assert run["steps"] == [1, 10, 100, 200] or run["short"]
    assert run["steps"][-1] >= 3
    problem, knobs = SURFACES[run["problem"]], dict(run["knobs"])
    field = "average" if knobs.pop("average", False) else "x"
    done = descend(problem, run["start"], run["method"], steps=run["steps"][-1], stop=None, **knobs)
    apart = getattr(done, field)[run["steps"]] - run["x"]
    assert (norm(apart) <= 1e-10 * np.maximum(1.0, norm(np.array(run["x"])))).all(), apart


def test_every_recent_method_was_compared_for_two_hundred_steps_on_three_surfaces():
    """But for two whose rates are ratios of small differences: rounding soon decides their way."""
    for method in {run["method"] for run in RUNS} - {"barzilai_borwein", "polyak"}:
        whole = {r["problem"] for r in RUNS if r["method"] == method and r["steps"][-1] == 200}
        assert len(whole) >= 3, (method, whole)


# --- with curvature -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rosenbrock", "matyas", "booth", "bowl"])
def test_the_trust_region_takes_the_steps_of_scipy(name: str):
    """Where H is positive definite all along, |H| is H, and SciPy's dogleg must agree."""
    problem, accepted = SURFACES[name], [np.array(SURFACES[name].start)]
    optimize.minimize(
        problem.f, problem.start, jac=problem.grad, hess=problem.hess, method="dogleg",
        callback=lambda x: accepted.append(x.copy()), options={"gtol": 1e-7, "maxiter": 60},
    )  # fmt: skip
    theirs = np.array([x for i, x in enumerate(accepted) if not i or (x != accepted[i - 1]).any()])
    ours = descend(problem, problem.start, "trust_region", steps=len(theirs) - 1, stop=None)
    assert len(theirs) > 2
    np.testing.assert_allclose(ours.x, theirs, rtol=0, atol=1e-9)


def test_a_step_of_the_trust_region_stays_in_the_disk_and_pays():
    problem = SURFACES["himmelblau"]
    starts = np.random.default_rng(2).uniform(-5, 5, (20, 2))
    run = descend(problem, starts, "trust_region", steps=15)
    moved = norm(np.diff(run.x, axis=0))
    assert (moved <= run.radius[:-1] * (1 + 1e-12)).all()
    assert (np.diff(run.f, axis=0) <= 0).all()
    assert (run.status == "converged").all()


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "himmelblau", "narrow_canyon"])
def test_levenberg_marquardt_solves_the_damped_least_squares(name: str):
    """The same step as least squares of the stacked system [J; √λ I] p = −[r; 0], by lstsq."""
    problem = SURFACES[name]
    run = descend(problem, problem.start, "levenberg_marquardt", steps=12, stop=None)
    x, damping = np.array(problem.start), 1e-3
    for k in range(12):
        for _ in range(30):
            stacked = np.vstack([problem.jacobian(x), np.sqrt(damping) * np.eye(2)])
            goal = np.append(problem.residual(x), [0.0, 0.0])
            p = -np.linalg.lstsq(stacked, goal, rcond=None)[0]
            if problem.f(x + p) < problem.f(x):
                break
            damping *= 10
        if norm(problem.grad(x)) < 1e-6:
            return
        x, damping = x + p, damping / 10
        np.testing.assert_allclose(run.x[k + 1], x, rtol=1e-7, atol=1e-8)
        assert run.damping[k + 1] == pytest.approx(damping, rel=1e-9)


def test_levenberg_marquardt_needs_residuals():
    with pytest.raises(ValueError, match="sum of squares"):
        descend(SURFACES["trid"], [0.0, 0.0], "levenberg_marquardt")


# --- what theory promises -------------------------------------------------------------------------


def test_barzilai_borwein_is_newton_on_a_line():
    """In one variable its rate is one over the mean curvature: exact at the third point."""
    run = descend(function("3*x**2 - 2*x"), [5.0], "barzilai_borwein", steps=2, stop=None, lr=0.01)
    assert run.x[2, 0] == pytest.approx(1 / 3, rel=1e-13)
    wide = descend(quadratic(1e4, 30.0), [-2.0, 1.3], "barzilai_borwein", steps=200, lr=1e-4)
    plain = descend(quadratic(1e4, 30.0), [-2.0, 1.3], "gd", steps=200, lr=1e-4)
    assert wide.status == "converged" and plain.status == "step limit"


def test_sam_jumps_between_the_points_that_theory_says():
    """x ← x − ηλ(x ± ρ) has the cycle ±ηλρ/(2 − ηλ)."""
    lr, curvature, climb = 0.1, 4.0, 0.3
    run = descend(function("2*x**2"), [1.0], "sam", steps=400, stop=None, lr=lr, climb=climb)
    expected = lr * curvature * climb / (2 - lr * curvature)
    np.testing.assert_allclose(np.abs(run.x[-4:, 0]), expected, rtol=1e-9)
    assert run.status == "oscillating" and "uphill" in run.reason


def test_polyak_halves_the_way_on_a_parabola_and_stands_below_its_floor():
    run = descend(function("x**2"), [8.0], "polyak", steps=5, stop=None)
    np.testing.assert_allclose(run.x[:, 0], 8.0 * 0.5 ** np.arange(6), rtol=1e-14)
    above = descend(function("x**2"), [8.0], "polyak", steps=40, stop=None, lowest=1.0)
    assert abs(above.x[-1, 0]) == pytest.approx(1.0, abs=1e-6)


@each("name", ["prodigy", "d_adaptation"])
def test_the_guess_of_the_distance_never_falls_and_stays_below_it(name: str):
    """Both papers prove a lower bound for convex f, here a bowl whose minimum is known."""
    run = descend(SURFACES["bowl"], [-3.0, 2.0], name, steps=300, stop=None)
    guess = run.distance[1:, 0]
    assert (np.diff(guess) >= 0).all() and guess[-1] > 0.01
    assert guess[-1] <= np.abs([-3.0, 2.0]).max() * 2


def test_a_cautious_step_never_goes_against_the_gradient():
    run = descend(
        SURFACES["rosenbrock"], [-1.5, 2.0], "cautious_adamw", steps=150, stop=None,
        weight_decay=0.0,
    )  # fmt: skip
    moved = np.diff(run.x, axis=0)
    assert (moved * run.grad[:-1] <= 0).all() and (moved == 0).any()


def test_lookahead_returns_to_its_slow_point():
    knobs = {"lr": 0.05, "period": 4, "pull": 0.5}
    run = descend(SURFACES["himmelblau"], [-0.15, 0.67], "lookahead", steps=20, stop=None, **knobs)
    for k in range(4, 21, 4):
        np.testing.assert_array_equal(run.x[k], run.slow[k])
    kept = descend(SURFACES["himmelblau"], [-0.15, 0.67], "adam", steps=3, stop=None, lr=0.05).x
    np.testing.assert_allclose(run.x[:4], kept, rtol=1e-13)


def test_the_average_of_schedule_free_is_the_mean_of_its_points():
    run = descend(SURFACES["bowl"], [-3.0, 2.0], "schedule_free_sgd", steps=50, stop=None, lr=0.05)
    means = np.cumsum(run.z[1:], axis=0) / np.arange(1, 51)[:, None]
    np.testing.assert_allclose(run.average[1:], means, rtol=1e-12, atol=1e-14)


def test_lars_and_lamb_do_not_feel_the_size_of_f():
    for method in ("lars", "lamb"):
        knobs = {} if method == "lars" else {"eps": 1e-30}
        paths = [
            descend(surface(f"{s}*(x**2 + 3*y**2)"), [2.0, 1.0], method, steps=20, **knobs).x
            for s in (1, 16)
        ]
        np.testing.assert_allclose(*paths, rtol=1e-10)


def test_cma_finds_the_minimum_and_learns_the_shape():
    """On a quadratic C comes near to the inverse Hessian, up to a factor (Hansen 2016)."""
    problem = quadratic(100.0, 30.0)
    run = descend(problem, [-2.0, 1.3], "cma_es", steps=150, stop=None)
    assert norm(run.x[-1]) < 1e-5
    shape = run.C[60] @ problem.hess([0.0, 0.0])
    values = np.linalg.eigvals(shape).real
    assert values.max() / values.min() < 20, "a ratio of 100 before it has learnt anything"
    assert (run.tried[1:] == 6).all() and evaluations("cma_es", run)[-1].tolist() == [900, 0, 0]
    again = descend(problem, [-2.0, 1.3], "cma_es", steps=150, stop=None, draws=1)
    assert np.abs(again.x[5] - run.x[5]).max() > 1e-3, "other draws, another path"


# --- under the conditions of a race, and in pictures ----------------------------------------------


BLIND = ("lamb", "lars", "cautious_adamw", "adafactor")  # they hardly feel a gradient's length


@each("method", COUPLED)
def test_a_coupled_rule_obeys_the_schedule_the_noise_and_the_clip(method: str):
    problem = SURFACES["himmelblau"]
    calm = race(problem, problem.start, {method: {}}, steps=30, stop=None)[method]
    for around in ({"noise": 3.0}, {"clip": 1.0}, {"schedule": "cosine"}):
        run = race(problem, problem.start, {method: {}}, steps=30, stop=None, **around)[method]
        same = np.array_equal(run.x, calm.x)
        assert not same or ("clip" in around and method in BLIND), around
    met = conditions(problem, 30, noise=3.0)
    stormy = race(problem, problem.start, {method: {}}, steps=30, stop=None, noise=3.0)[method]
    for k in (0, 7):
        found = walkthrough(method, stormy, k, stormy.maker.hyper, 1, met)
        assert found[-1].numbers.count("=") >= 1 and "nan" not in found[-1].numbers


@each("method", COUPLED)
def test_the_kernel_of_a_coupled_rule_is_the_rule(method: str):
    rule, slots = METHODS[method].__wrapped__, len(METHODS[method].state._fields) - 4
    text = coupled_kernel_text(rule, slots)
    names: dict[str, Any] = {"np": np}
    exec(text, names)  # the text that numba compiles, as plain Python
    rng = np.random.default_rng(3)
    X, G, S = rng.normal(size=(3, 5)), rng.normal(size=(3, 5)), rng.random((slots, 3, 5))
    lr, own = rng.random(5), bind_defaults(rule, {})
    for t in (1, 2, 40):
        lanes = [S[k].T.copy() for k in range(slots)]
        whole = rule(X.T, G.T, t, *lanes, **{**own, "lr": lr[:, None]})
        Y, after = np.empty_like(X), S.copy()
        h = np.array([own[name] for name in other_knobs(rule, slots)])
        names["coupled_kernel"](X, G, lr, float(t), after, h, Y)
        np.testing.assert_allclose(Y, whole[0].T, rtol=1e-13, atol=1e-14)
        for k in range(slots):
            right = np.broadcast_to(whole[1 + k], (5, 3)).T
            np.testing.assert_allclose(after[k], right, rtol=1e-13, atol=1e-300)


def shown(run: Run, name: str) -> list[Any]:
    scene = race_scene({name: run}, Race(methods=(name,), overlays=("none",)))
    return list(scene.layers)


def test_each_shows_what_only_it_has():
    problem = SURFACES["himmelblau"]

    def ran(name: str, **own: float) -> Run:
        return race(problem, problem.start, {name: own}, steps=12, stop=None)[name]

    run = ran("schedule_free_sgd", lr=0.01)
    paths = [layer for layer in shown(run, "schedule_free_sgd") if isinstance(layer, Track)]
    assert [path.name for path in paths][1] == "Schedule-Free SGD: average"
    assert np.array_equal(paths[1].x[1:], run.average[1:, 0]) and paths[1].x[0] == run.x[0, 0]
    run = ran("sam", lr=0.005)
    (arrow,) = [layer for layer in shown(run, "sam") if isinstance(layer, Segments)]
    length = np.hypot(arrow.x1 - arrow.x0, arrow.y1 - arrow.y0)
    np.testing.assert_allclose(length, 0.05, rtol=1e-9)
    run = ran("trust_region")
    (disk,) = [layer for layer in shown(run, "trust_region") if isinstance(layer, Polygon)]
    away = np.hypot(disk.x - run.x[:, :1], disk.y - run.x[:, 1:])
    np.testing.assert_allclose(away, run.radius[:, None] * np.ones(away.shape[1]), rtol=1e-9)
    run = ran("cma_es")
    layers = shown(run, "cma_es")
    (ring,) = [layer for layer in layers if isinstance(layer, Polygon)]
    (drawn,) = [layer for layer in layers if isinstance(layer, Points)]
    for k in (0, 5, 12):  # every point of the ring is one σ away by C
        off = np.stack([ring.x[k], ring.y[k]], -1) - run.x[k]
        reach = np.einsum("ni,ij,nj->n", off, np.linalg.inv(run.C[k]), off) / run.sigma[k] ** 2
        np.testing.assert_allclose(reach, 1.0, rtol=1e-9)
    assert np.array_equal(drawn.x[:-1], run.population[1:, :, 0]) and np.isnan(drawn.x[-1]).all()


# --- the list of methods --------------------------------------------------------------------------


def test_every_method_has_a_sentence_and_a_year():
    noted = {name: note for notes in NOTES.values() for name, note in notes.items()}
    check_same_keys({"NOTES (gdviz/optimize/method_notes.py)": noted, "METHODS": METHODS})
    assert len(noted) == sum(map(len, NOTES.values())), "no method stands in two groups"
    assert method_order()[: len(noted)] == list(noted)
    for name, note in noted.items():
        assert 1600 < note.year < 2027 and note.sentence.endswith("."), name
        assert len(note.sentence) <= 80, name


def test_the_year_of_a_method_is_that_of_the_paper_it_cites():
    """But for those that cite a book or a later paper on what is older."""
    older = {"newton_plain", "gauss_newton", "trust_region", "bfgs", "lbfgs", "cma_es"}
    for notes in NOTES.values():
        for name, note in notes.items():
            assert (str(note.year) in METHODS[name].__doc__) == (name not in older), name


def test_a_search_finds_by_name_year_and_word():
    for name, label in LABELS.items():
        assert any(name in names for names in find_methods(label).values()), name
    assert find_methods("") == {group: list(notes) for group, notes in NOTES.items()}
    assert find_methods("zzz") == {} and find_methods("TRUST disk") == {
        "By curvature": ["trust_region"]
    }
    assert all(
        "2024" in str(NOTES[g][n]) for g, names in find_methods("2024").items() for n in names
    )


def test_the_list_finds_a_method_lets_it_run_and_keeps_one():
    """Words narrow the list, a box adds a method to the link's list, the last one stays."""
    page = AppTest.from_file(str(ROOT / "pages" / "race.py"), default_timeout=240)
    page.query_params["race_methods"] = ["gd"]
    page.session_state["race_menu_all_methods"] = True
    page.run()
    boxes = {box.key: box for box in page.checkbox}
    assert len([key for key in boxes if key.startswith("race_runs_")]) == len(METHODS_HERE)
    assert boxes["race_runs_gd"].value and boxes["race_runs_gd"].disabled, "the only one stays"
    reasons = {"natural_gradient": "Fisher information", "gauss_newton": "sum of squares"}
    assert all(why in boxes[f"race_runs_{name}"].label for name, why in reasons.items())
    page.text_input(key="race_find").input("2024 squares before").run()
    (box,) = [box for box in page.checkbox if box.key.startswith("race_runs_")]
    assert box.key == "race_runs_adopt" and not box.value
    box.check().run()
    assert not page.exception
    assert list(page.session_state["race_methods"]) == ["gd", "adopt"]
    page.text_input(key="race_find").input("<b>*zzz*</b>").run()
    assert not [box for box in page.checkbox if box.key.startswith("race_runs_")]
