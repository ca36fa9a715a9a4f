"""Linear models against scikit-learn, PyTorch, linear programming and the slides' own mistakes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import each
from hypothesis import given, settings
from hypothesis import strategies as st

from gdviz.learn import FitError, closed_form, fit_linear, largest_stable_rate, scores
from gdviz.learn.linear import FITTERS
from gdviz.learn.linear_training import BY_GRADIENTS, COORDINATE, WITH_SEARCH, batches, epochs_after
from gdviz.learn.objective import objective
from gdviz.learn.regression_losses import LOSSES
from gdviz.learn.spectrum import spectrum, steps_to
from gdviz.optimize import METHODS
from gdviz.optimize.elementwise import update

TRUTH = json.loads((Path(__file__).parent / "reference" / "linear.json").read_text())
X = np.array(TRUTH["data"]["X"])
Y = np.array(TRUTH["data"]["y"])
CLASSES = np.array(TRUTH["data"]["classes"])
PENALTIES: dict[str, dict[str, Any]] = {
    "ols": {},
    "ridge 0.3": {"l2": 0.3},
    "lasso 0.2": {"l1": 0.2},
    "elastic 0.2 0.1": {"l1": 0.2, "l2": 0.1},
    "logistic 0.05": {"loss": "logistic", "l2": 0.05},
    "huber 1": {"loss": "huber", "delta": 1.0},
    "huber 0.5 0.1": {"loss": "huber", "delta": 0.5, "l2": 0.1},
}


@pytest.fixture(scope="module")
def diabetes() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's diabetes with standardised columns."""
    from sklearn.datasets import load_diabetes

    table, target = load_diabetes(return_X_y=True)
    return (table - table.mean(axis=0)) / table.std(axis=0), target


# --- minima --------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", PENALTIES)
def test_gradient_descent_ends_at_the_minimum_of_scikit_learn(case: str):
    y = CLASSES if "logistic" in case else Y
    fit = fit_linear(X, y, steps=4000, **PENALTIES[case])
    assert fit.theta[-1] == pytest.approx(TRUTH["small"]["closed"][case], abs=1e-8)
    assert fit.status == "converged"


@pytest.mark.parametrize("case", [c for c in PENALTIES if "loss" not in PENALTIES[c]])
def test_coordinate_descent_ends_there_too(case: str, diabetes: Any):
    for data, truth in (((X, Y), TRUTH["small"]), (diabetes, TRUTH["diabetes"])):
        fit = fit_linear(*data, method=COORDINATE, steps=6000, tol=1e-14, **PENALTIES[case])
        assert fit.theta[-1] == pytest.approx(truth["closed"][case], rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("case", ["ols", "ridge 0.3"])
def test_the_closed_form_is_that_of_scikit_learn(case: str, diabetes: Any):
    l2 = PENALTIES[case].get("l2", 0.0)
    for data, truth in (((X, Y), TRUTH["small"]), (diabetes, TRUTH["diabetes"])):
        weights, bias = closed_form(*data, l2=l2)
        assert [*weights, bias] == pytest.approx(truth["closed"][case], rel=1e-10)


def test_lasso_sets_weights_to_zero_exactly():
    fit = fit_linear(X, Y, l1=0.2, steps=2000)
    truth = np.array(TRUTH["small"]["closed"]["lasso 0.2"])
    assert ((fit.theta[-1] == 0) == (truth == 0)).all() and (truth == 0).any()


def test_the_absolute_loss_comes_as_low_as_the_linear_program():
    goal = objective(X, Y, "absolute")
    least = goal.f(np.array(TRUTH["small"]["closed"]["absolute"]))
    fit = fit_linear(X, Y, loss="absolute", steps=6000, lr=0.5, schedule="exponential")
    assert least <= fit.loss[-1] <= least * (1 + 1e-3)


@pytest.mark.parametrize("method", [m for m in FITTERS if m != COORDINATE])
def test_every_method_comes_down(method: str):
    """All of them, on the objective as on any problem; in far fewer than 2000 steps a search."""
    rate = {"lr": {"adadelta": 1.0, "adagrad": 0.2}.get(method, 0.02)}
    rate = rate if method in BY_GRADIENTS else {}
    steps = 60 if method in WITH_SEARCH else 2000
    fit = fit_linear(X, Y, method=method, steps=steps, **rate)
    weights, bias = closed_form(X, Y)
    least = objective(X, Y).f(np.append(weights, bias))
    assert fit.loss[-1] < least + 0.05 * (fit.loss[0] - least), fit.reason
    if method in WITH_SEARCH:
        near = 1e-4 if method == "backtracking" else 1e-6  # it crawls as gradient descent does
        assert fit.theta[-1] == pytest.approx([*weights, bias], abs=near)


# --- paths ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", TRUTH["diabetes"]["steps"])
def test_full_batch_steps_are_those_of_torch(case: str, diabetes: Any):
    method, lr = case.split()
    fit = fit_linear(*diabetes, method=method, lr=float(lr), steps=1000)
    for k, truth in TRUTH["diabetes"]["steps"][case].items():
        assert fit.theta[int(k)] == pytest.approx(truth, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("case", TRUTH["small"]["steps"])
def test_mini_batches_are_those_of_torch_step_by_step(case: str):
    loss, method, lr = case.split()
    y = CLASSES if loss == "logistic" else Y
    truth = TRUTH["small"]["steps"][case]
    fit = fit_linear(
        X, y, loss=loss, method=method, lr=float(lr), steps=len(truth), batch_size=16, seed=3
    )
    expected = np.array([np.zeros(5), *truth.values()])
    assert np.abs(fit.theta - expected).max() < 1e-10


def test_the_rows_of_each_batch_are_those_that_numpy_draws():
    stream = batches(60, 16, seed=3)
    for rows in TRUTH["small"]["rows"]:
        assert next(stream).tolist() == rows


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 200), st.integers(1, 250), st.integers(0, 2**31))
def test_every_epoch_sees_every_row_once(n: int, size: int, seed: int):
    each = -(-n // size)
    stream = batches(n, size, seed)
    for _ in range(2):
        seen = np.concatenate([next(stream) for _ in range(each)])
        assert sorted(seen) == list(range(n))
    assert epochs_after(n, size, 2 * each)[[0, each, 2 * each]] == pytest.approx([0, 1, 2])
    assert (np.diff(epochs_after(n, size, 3 * each)) > 0).all()


def test_a_batch_of_all_rows_or_more_is_full_batch():
    full = fit_linear(X, Y, steps=50)
    for size in (60, 61, 10**6):
        np.testing.assert_array_equal(fit_linear(X, Y, steps=50, batch_size=size).theta, full.theta)


def test_the_seed_decides_and_nothing_global_moves():
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    one, same, other = (
        fit_linear(X, Y, batch_size=8, steps=40, lr=0.05, seed=s).weights for s in (4, 4, 5)
    )
    assert (one == same).all() and (one != other).any()
    assert (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("l2, l1", [(0.0, 0.0), (0.3, 0.0), (0.3, 0.1)])
def test_the_gradient_is_that_of_the_loss_it_reports(loss: str, l2: float, l1: float):
    y = CLASSES if loss == "logistic" else Y
    goal = objective(X, y, loss, l2, l1, 0.7)
    theta = np.random.default_rng(2).standard_normal(5)
    h = 1e-6
    both = np.concatenate([theta + h * np.eye(5), theta - h * np.eye(5)])
    slope = (goal.total(both)[:5] - goal.total(both)[5:]) / (2 * h)
    assert goal.grad(theta) + goal.kink(theta) == pytest.approx(slope, abs=1e-7)
    rows = goal.per_row(theta).mean(axis=0) + l2 * goal.penalised * theta
    assert goal.grad(theta) == pytest.approx(rows, abs=1e-12)
    assert goal.total(theta[None]) - l1 * np.abs(theta[:4]).sum() == pytest.approx(goal.f(theta))


def test_the_loss_of_a_path_is_exact_where_it_is_tiny():
    """Around the minimum nothing cancels: 1e-30 is 1e-30, though y² is 1e10."""
    table = np.random.default_rng(0).standard_normal((50, 3))
    y = table @ [1e5, -2e5, 5e4] + 7e4
    fit = fit_linear(table, y, steps=400)
    direct = ((table @ fit.weights.T + fit.bias - y[:, None]) ** 2).mean(axis=0) / 2
    big = direct > 1e-12
    assert fit.loss[big] == pytest.approx(direct[big], rel=1e-6)
    assert (fit.loss >= 0).all() and fit.loss[-1] < 1e-9


def test_more_columns_than_rows():
    rng = np.random.default_rng(3)
    table, y = rng.standard_normal((10, 25)), rng.standard_normal(10)
    fit = fit_linear(table, y, steps=3000)
    assert scores(y, fit.predict(table)).r2 == pytest.approx(1, abs=1e-9)
    assert fit.loss[-1] == pytest.approx(objective(table, y).f(fit.theta[-1]), abs=1e-15)


def test_without_a_bias():
    fit = fit_linear(X, Y, fit_bias=False, steps=3000)
    assert fit.weights[-1] == pytest.approx(np.linalg.lstsq(X, Y, rcond=None)[0], abs=1e-8)
    assert closed_form(X, Y, fit_bias=False)[0] == pytest.approx(fit.weights[-1], abs=1e-8)
    assert (fit.bias == 0).all() and fit.bias.shape == (3001,)


def test_shapes_and_the_start():
    fit = fit_linear(X, Y, steps=7)
    assert fit.weights.shape == (8, 4) and fit.bias.shape == (8,) and fit.loss.shape == (8,)
    assert (fit.weights[0] == 0).all() and fit.bias[0] == 0
    assert fit.loss[0] == pytest.approx(np.mean(Y**2) / 2)
    none = fit_linear(X, Y, steps=0)
    assert none.weights.shape == (1, 4) and none.status == "step limit"


def test_tol_ends_a_fit_early_and_a_schedule_changes_it():
    assert len(fit_linear(X, Y, steps=10_000, tol=1e-8).loss) < 2000
    plain, slower = (fit_linear(X, Y, steps=20, schedule=s).weights for s in ("constant", "cosine"))
    np.testing.assert_array_equal(plain[1], slower[1])
    assert (plain[-1] != slower[-1]).all()


# --- the edge 2/L --------------------------------------------------------------------------------


def test_the_largest_stable_rate_of_diabetes(diabetes: Any):
    table, y = diabetes
    edge = largest_stable_rate(table)
    assert edge == pytest.approx(2 / TRUTH["diabetes"]["eigenvalues"][-1], rel=1e-12)
    assert edge == pytest.approx(2 * 0.24850, rel=1e-4)  # 9c, whose loss is twice ours
    eigen = spectrum(objective(table, y))
    assert eigen.condition == pytest.approx(470, abs=1)


@pytest.mark.parametrize(
    "share, status", [(0.99, "step limit"), (1.01, "diverged"), (1.1, "diverged")]
)
def test_the_edge_divides_what_converges_from_what_does_not(
    share: float, status: str, diabetes: Any
):
    table, y = diabetes
    edge = largest_stable_rate(table)
    fit = fit_linear(table, y, lr=share * edge, steps=1000)
    assert fit.status == status
    if share < 1:
        assert fit.loss[-1] == pytest.approx(1429.85, abs=0.01)  # PITFALLS part 3
    else:
        assert "beyond 2/L" in fit.reason and np.isfinite(fit.weights).all()
        assert np.isfinite(fit.loss).all() and len(fit.loss) <= 1001


def test_at_the_edge_it_never_converges(diabetes: Any):
    table, y = diabetes
    fit = fit_linear(table, y, lr=largest_stable_rate(table), steps=20_000)
    assert fit.loss[1000] == pytest.approx(2344, abs=1)
    assert fit.status == "oscillating"


def test_steps_to_converge_by_direction():
    """On a diagonal quadratic the error of each direction is (1 − ηλ)^k exactly."""
    goal = objective(np.diag([2.0, 6.0, 10.0]) * np.sqrt(3), np.ones(3), fit_bias=False)
    eigen = spectrum(goal)
    assert eigen.values == pytest.approx([4, 36, 100])
    fit = fit_linear(goal.A, goal.y, lr=0.01, steps=200, fit_bias=False)
    best = closed_form(goal.A, goal.y, fit_bias=False)[0]
    error = np.abs(fit.weights - best) / np.abs(best)
    for i, steps in enumerate(steps_to(eigen, 0.01)):
        k = int(np.ceil(steps))
        assert error[k, i] <= 1e-2 and (k < 2 or error[k - 2, i] > 1e-2 * 0.9)
    assert steps_to(eigen, 0.02)[-1] == np.inf


def test_the_default_rate_is_stable_for_every_loss_and_batch():
    for loss in LOSSES:
        y = CLASSES if loss == "logistic" else Y
        for size in (None, 1, 7):
            fit = fit_linear(X * 30, y, loss=loss, batch_size=size, steps=400)
            assert fit.status != "diverged" and fit.loss[-1] < fit.loss[0], (loss, size)


# --- what is refused -----------------------------------------------------------------------------

GOOD = np.arange(10.0)[:, None]
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a vector for X": ({"X": np.arange(10.0)}, r"X has the shape \(10,\)"),
    "a cube for X": ({"X": np.zeros((10, 1, 1))}, r"shape \(10, 1, 1\)"),
    "no features": ({"X": np.zeros((10, 0))}, r"shape \(10, 0\)"),
    "no rows": ({"X": np.zeros((0, 1)), "y": []}, "no rows"),
    "one row": ({"X": [[1.0]], "y": [1.0]}, "only one row"),
    "two targets": ({"y": np.zeros((10, 2))}, r"y has the shape \(10, 2\)"),
    "a row for y": ({"y": np.zeros((1, 10))}, r"y has the shape \(1, 10\)"),
    "a number for y": ({"y": 3.0}, r"y has the shape \(\)"),
    "a short y": ({"y": np.zeros(9)}, "y has 9 values, but there are 10 rows"),
    "nan in X": ({"X": np.where(GOOD == 4, np.nan, GOOD)}, "X is not finite in row 4, column 0"),
    "inf in y": ({"y": [*range(9), np.inf]}, "y is not finite in row 9"),
    "words": ({"X": [["a"]] * 10}, "X holds something that is not a real number"),
    "complex": ({"y": np.zeros(10, complex)}, "y holds something"),
    "ragged": ({"X": [[1], [1, 2]] * 5}, "X holds something"),
    "a loss": ({"loss": "hinge"}, "unknown loss 'hinge'"),
    "a method": ({"method": "magic"}, "unknown method 'magic'"),
    "no rate": ({"lr": 0.0}, "lr = 0.0"),
    "a negative rate": ({"lr": -1}, "lr = -1"),
    "nan rate": ({"lr": float("nan")}, "lr = nan"),
    "a word for a rate": ({"lr": "fast"}, "lr = 'fast'"),
    "a negative l2": ({"l2": -0.1}, "l2 = -0.1"),
    "infinite l1": ({"l1": float("inf")}, "l1 = inf"),
    "half a step": ({"steps": 1.5}, "steps = 1.5"),
    "true steps": ({"steps": True}, "steps = True"),
    "minus one step": ({"steps": -1}, "steps = -1"),
    "no batch": ({"batch_size": 0}, "batch_size = 0"),
    "half a batch": ({"batch_size": 2.5}, "batch_size = 2.5"),
    "a seed": ({"seed": -1}, "seed = -1"),
    "a schedule": ({"schedule": "weekly"}, "unknown schedule"),
    "a knob": ({"momentum": 0.5}, "no knob `momentum`"),
    "delta": ({"loss": "huber", "delta": 0.0}, "delta = 0.0"),
    "classes": ({"loss": "logistic"}, "classes 0 and 1"),
    "a search in batches": ({"method": "bfgs", "batch_size": 2}, "needs all rows"),
    "a search with a kink": ({"method": "bfgs", "l1": 0.1}, "does not take l1"),
    "coordinates of another loss": (
        {"method": COORDINATE, "loss": "huber"},
        "coordinate descent is for the squared loss",
    ),
}


@each("case", BAD)
def test_what_makes_no_sense_is_refused_with_a_sentence(case: str):
    given, words = BAD[case]
    with pytest.raises(ValueError, match=words):
        fit_linear(given.get("X", GOOD), given.get("y", np.arange(10.0)), **_rest(given))


def _rest(given: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in given.items() if k not in ("X", "y")}


def test_a_column_is_flattened_and_inputs_are_left_alone():
    table, column = X.copy(), Y[:, None].copy()
    flat, tall = fit_linear(X, Y, steps=30), fit_linear(table, column, steps=30)
    np.testing.assert_array_equal(flat.weights, tall.weights)
    assert (table == X).all() and (column == Y[:, None]).all()
    np.testing.assert_array_equal(closed_form(X, Y)[0], closed_form(X, column)[0])


def test_whole_numbers_and_truth_values_are_numbers():
    fit = fit_linear([[0], [1], [2]], [True, False, True], steps=5)
    assert fit.weights.dtype == float and np.isfinite(fit.loss).all()


def test_columns_that_say_nothing_do_no_harm():
    same = np.column_stack([X[:, 0], X[:, 0], np.full(60, 3.0)])
    fit = fit_linear(same, Y, steps=3000)
    assert fit.weights[-1, 0] == pytest.approx(fit.weights[-1, 1])
    weights, bias = closed_form(same, Y)
    assert weights[0] == pytest.approx(weights[1])
    assert same @ weights + bias == pytest.approx(fit.predict(same), abs=1e-6)
    nothing = fit_linear(np.zeros((5, 2)), np.arange(5.0), steps=200, fit_bias=False)
    assert (nothing.weights == 0).all() and nothing.status == "converged"
    assert largest_stable_rate(np.zeros((5, 2)), fit_bias=False) == np.inf


def test_separable_classes_have_no_end_and_say_so():
    table = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    fit = fit_linear(table, [0, 0, 1, 1], loss="logistic", lr=50.0, steps=3000)
    assert np.isfinite(fit.weights).all() and fit.status in ("step limit", "converged")
    far = fit_linear(table * 1e3, [0, 0, 1, 1], loss="logistic", lr=10.0, steps=50)
    assert np.isfinite(far.loss).all() and far.loss[-1] < 1e-6


# --- scores --------------------------------------------------------------------------------------


def test_scores_are_those_of_scikit_learn():
    from sklearn import metrics

    rng = np.random.default_rng(0)
    y, found = rng.standard_normal((2, 100))
    ours = scores(y, found)
    assert ours.mse == pytest.approx(metrics.mean_squared_error(y, found), rel=1e-14)
    assert ours.rmse == pytest.approx(metrics.root_mean_squared_error(y, found), rel=1e-14)
    assert ours.mae == pytest.approx(metrics.mean_absolute_error(y, found), rel=1e-14)
    assert ours.r2 == pytest.approx(metrics.r2_score(y, found), rel=1e-14)
    assert scores(y[:, None], found) == ours == scores(y, found[:, None])


@pytest.mark.parametrize("y", [[3.0, 3.0, 3.0], [7.0], [1e10 + 0.1] * 4])
def test_r2_is_undefined_where_nothing_varies(y: list[float]):
    assert scores(y, np.zeros(len(y))).r2 is None


@pytest.mark.parametrize(
    "y, found",
    [([], []), (1.0, 1.0), ([1, 2], [1, 2, 3]), (np.zeros((3, 2)), np.zeros((3, 2))),
     ([1, 2], [np.nan, 1]), ([1, 2], ["a", "b"]), (np.zeros(3), np.zeros((1, 3)))],
)  # fmt: skip
def test_scores_refuse_what_they_would_have_to_broadcast(y: Any, found: Any):
    with pytest.raises(FitError):
        scores(y, found)


# --- a rule on parameters of any shape -----------------------------------------------------------


@pytest.mark.parametrize("name", BY_GRADIENTS)
def test_an_update_is_the_step_of_its_method(name: str):
    """The same bits as the method on a problem, for a matrix of parameters."""
    start = np.random.default_rng(1).standard_normal((3, 4))

    class Bowl:
        f = staticmethod(lambda x: (x**2).sum(axis=-1))
        grad = staticmethod(lambda x: 2 * x)
        d = 4

    method = METHODS[name](Bowl(), lr=0.05)
    state = method.init(start)
    rule = update(METHODS[name], lr=0.05)
    x, memory = start, rule.rest(start)
    for t in range(1, 6):
        state = method.step(state)
        x, memory = rule.step(x, 2 * x, t, memory)
        np.testing.assert_array_equal(x, state.x)


@pytest.mark.parametrize("name", [n for n in METHODS if n not in BY_GRADIENTS])
def test_an_update_is_refused_to_methods_that_ask_for_more(name: str):
    with pytest.raises(ValueError, match="more than a gradient"):
        update(METHODS[name])
