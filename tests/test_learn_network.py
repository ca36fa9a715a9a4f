"""Networks against PyTorch, the tape, high precision, finite differences, and bad input."""

import json
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from gdviz.kernels import network, network_training, vector_math
from gdviz.kernels.block_kernels import rule_kernel
from gdviz.learn import activations as act
from gdviz.learn import forward, init_params, loss_and_grads, train
from gdviz.learn.activations import ACTIVATIONS
from gdviz.learn.autograd import Value, activate, exp, gradients, log
from gdviz.learn.network import SCHEMES, flat, sizes_of, unflat
from gdviz.learn.network_losses import CLASSIFIES, LOSSES, log_sum_exp, softmax, targets
from gdviz.learn.network_metrics import accuracy
from gdviz.learn.network_objective import NetworkProblem
from gdviz.learn.network_task import visiting_orders
from gdviz.optimize.elementwise import is_elementwise
from gdviz.optimize.methods import METHODS, SUMS_OF_SQUARES

TORCH = json.loads((Path(__file__).parent / "reference" / "torch_network.json").read_text())
GRADIENTS, TRAINING = TORCH["gradients"], TORCH["training"]
ELEMENTWISE = [name for name, make in METHODS.items() if is_elementwise(make)]


def arrays(params: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(np.array(W), np.array(b)) for W, b in params]


def case(n: int = 9, hidden: tuple[int, ...] = (4, 3), outputs: int = 1, loss: str = "bce") -> Any:
    rng = np.random.default_rng(3)
    params = [
        (rng.standard_normal((i, o)), 0.5 * rng.standard_normal(o))
        for i, o in zip((2, *hidden), (*hidden, outputs), strict=True)
    ]
    y = rng.integers(0, max(2, outputs), n) if loss == "cross_entropy" else rng.random((n, outputs))
    return params, rng.standard_normal((n, 2)), y


# --- gradients ----------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", ["shallow", "deep", "deeper"])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_and_gradients_are_pytorchs(loss: str, depth: str):
    cases = [c for c in GRADIENTS if (c["loss"], c["depth"]) == (loss, depth)]
    assert [c["activation"] for c in cases] == list(ACTIVATIONS)
    for c in cases:
        y = np.array(c["y"])
        value, grads = loss_and_grads(arrays(c["params"]), c["X"], y, c["activation"], loss)
        assert value == pytest.approx(c["value"], abs=1e-12)
        for ours, theirs in zip(grads, arrays(c["grads"]), strict=True):
            np.testing.assert_allclose(ours[0], theirs[0], atol=1e-10, rtol=0)
            np.testing.assert_allclose(ours[1], theirs[1], atol=1e-10, rtol=0)


@pytest.mark.parametrize("loss", ["bce", "cross_entropy", "mse"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_those_of_the_tape(activation: str, loss: str):
    params, X, y = case(outputs=3, loss=loss)
    value, grads = loss_and_grads(params, X, y, activation, loss)
    leaves = [(Value(W), Value(b)) for W, b in params]
    a = Value(X)
    for W, b in leaves[:-1]:
        a = activate(activation, a @ W + b)
    z = a @ leaves[-1][0] + leaves[-1][1]
    t = targets(y, loss, len(X), 3)
    if loss == "mse":
        total = ((z - t) ** 2).mean()
    elif loss == "bce":
        total = (log(1 + exp(z)) - t * z).mean()
    else:
        total = log(exp(z).sum(axis=1)).mean() - (t * z).sum() / len(X)
    found = gradients(total)
    assert value == pytest.approx(float(total.data), abs=1e-12)
    for (dW, db), (W, b) in zip(grads, leaves, strict=True):
        np.testing.assert_allclose(dW, found[W], atol=1e-12)
        np.testing.assert_allclose(db, found[b], atol=1e-12)


def test_penalties_and_masks_are_in_the_gradient():
    params, X, y = case()
    masks = [np.random.default_rng(0).integers(0, 2, (9, w)) / 0.5 for w in (4, 3)]
    terms: dict[str, Any] = {"l1": 0.03, "l2": 0.2, "masks": masks}
    _, grads = loss_and_grads(params, X, y, **terms)
    theta, h = flat(params), 1e-6
    for i in range(len(theta)):
        ends = []
        for sign in (1, -1):
            moved = theta.copy()
            moved[i] += sign * h
            ends.append(loss_and_grads(unflat(moved, (2, 4, 3, 1)), X, y, **terms)[0])
        assert flat(grads)[i] == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=1e-8)
    bias_free = loss_and_grads(params, X, y, l2=5.0)[1][0][1]
    np.testing.assert_array_equal(bias_free, loss_and_grads(params, X, y)[1][0][1])


def test_nothing_is_changed_in_place_and_twice_is_the_same():
    params, X, y = case()
    before = flat(params).copy()
    first, second = loss_and_grads(params, X, y), loss_and_grads(params, X, y)
    train(params, X, y, lr=0.1, epochs=5)
    np.testing.assert_array_equal(flat(params), before)
    np.testing.assert_array_equal(flat(first[1]), flat(second[1]))


@pytest.mark.parametrize("n", [10, 250, 1000])
def test_the_gradient_does_not_grow_with_the_batch(n: int):
    params, X, y = case(5)
    _, once = loss_and_grads(params, X, y)
    _, often = loss_and_grads(params, np.tile(X, (n // 5, 1)), np.tile(y, (n // 5, 1)))
    np.testing.assert_allclose(flat(often), flat(once), atol=1e-13)


def test_wrong_deltas_of_the_tutorial_are_not_ours():
    """Row 3b: with sigmoid + squared error, a − y is not δ; ours has the slope in it."""
    rng = np.random.default_rng(0)
    X, y, W = rng.standard_normal((5, 3)), rng.random(5), rng.standard_normal((3, 1))
    _, grads = loss_and_grads([(W, np.array([0.2]))], X, y, loss="sigmoid_mse")
    a = act.sigmoid(X @ W + 0.2)
    tutorial = X.T @ (a - y[:, None]) / 5
    right = X.T @ (2 * (a - y[:, None]) * a * (1 - a)) / 5
    np.testing.assert_allclose(grads[0][0], right, atol=1e-15)
    assert np.abs(tutorial - grads[0][0]).max() > 0.05


# --- values that must be stable ------------------------------------------------------------------


def test_golden_values_of_the_numerics():
    with np.errstate(all="raise", under="ignore"):
        assert act.sigmoid(-745.0) == 5e-324 and act.sigmoid(-1000.0) == 0.0
        assert -act.softplus(1000.0) == -1000.0  # log σ(−1000)
        assert act.softplus(-40.0) == pytest.approx(4.248354255291589e-18, rel=1e-14)
        np.testing.assert_allclose(softmax(np.array([1000.0, 1001, 1002])),
                                   [0.09003057, 0.24472847, 0.66524096], rtol=1e-7)  # fmt: skip
        assert log_sum_exp(np.array([-1000.0, -1001.0]))[0] == pytest.approx(-999.6867383124818)
        bce = LOSSES["bce"].value
        assert bce(1000.0, 0.0) == 1000.0
        assert bce(40.0, 1.0) == pytest.approx(4.248354255291589e-18, rel=1e-14)
        slope = ACTIVATIONS["tanh"].slope(np.array([19.0, -19.0, 400.0]))
        assert (slope >= 0).all() and slope[0] == pytest.approx(1.2556e-16, rel=1e-4)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_slopes_in_forty_digits(name: str):
    exact = {
        "identity": lambda z: z,
        "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
        "tanh": mpmath.tanh,
        "relu": lambda z: max(z, mpmath.mpf(0)),
        "leaky_relu": lambda z: z if z > 0 else z / 100,
        "gelu": lambda z: z * mpmath.erfc(-z / mpmath.sqrt(2)) / 2,
        "silu": lambda z: z / (1 + mpmath.exp(-z)),
        "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    }[name]
    points = [-30.0, -3.5, -1e-9, 1e-9, 0.3, 2.0, 18.0]
    with mpmath.workdps(40):
        values = [float(exact(mpmath.mpf(z))) for z in points]
        slopes = [float(mpmath.diff(exact, mpmath.mpf(z), h=mpmath.mpf("1e-18"))) for z in points]
    z = np.array(points)
    np.testing.assert_allclose(ACTIVATIONS[name].value(z), values, rtol=1e-13)
    np.testing.assert_allclose(ACTIVATIONS[name].slope(z), slopes, rtol=1e-10, atol=1e-25)


# --- initialisation ------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
def test_initial_weights_have_the_spread_of_their_paper(scheme: str):
    (W, b), (W2, _) = init_params([400, 300, 2], scheme, seed=4)
    spread = {
        "zeros": 0.0,
        "normal": 0.01,
        "uniform": (1 / 1200) ** 0.5,
        "xavier": (2 / 700) ** 0.5,
        "he": (2 / 400) ** 0.5,
        "lecun": (1 / 400) ** 0.5,
    }[scheme]
    assert W.shape == (400, 300) and W2.shape == (300, 2) and not b.any() and b.shape == (300,)
    assert W.std() == pytest.approx(spread, rel=0.02)
    assert np.abs(W.mean()) <= 5 * spread / W.size**0.5
    np.testing.assert_array_equal(W, init_params([400, 300, 2], scheme, seed=4)[0][0])
    assert scheme == "zeros" or (W != init_params([400, 300, 2], scheme, seed=5)[0][0]).any()


def test_the_signal_survives_six_layers_only_with_xavier():
    """Row 4c: 0.01 regardless of fan-in leaves nothing; Xavier leaves the spread as it was."""
    X = np.random.default_rng(0).standard_normal((500, 10))
    tiny = forward(init_params([10] * 7, "normal"), X, "identity").std()
    fine = forward(init_params([10] * 7, "xavier"), X, "identity").std()
    assert tiny < 1e-8 and 0.2 < fine < 5


# --- training ------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("method", sorted({c["method"] for c in TRAINING["cases"]}))
def test_a_thousand_steps_end_where_pytorchs_do(method: str, batch_size: int | None):
    X, y, params = TRAINING["X"], TRAINING["y"], arrays(TRAINING["params"])
    assert visiting_orders(24, 25, TRAINING["seed"]).tolist() == TRAINING["order"]
    per_epoch = 1 if batch_size is None else 4
    compared = 0
    for c in TRAINING["cases"]:
        if (c["method"], c["batch_size"]) != (method, batch_size):
            continue
        done = train(
            params, X, y, activation=c["activation"], loss="bce", method=method,
            epochs=1000 // per_epoch, batch_size=batch_size, seed=TRAINING["seed"],
            keep=[100, 1000], **c["knobs"],
        )  # fmt: skip
        for row, k in enumerate(("100", "1000")):
            if c["moved"][k] < 1e-10:  # else rounding alone decides where it goes
                np.testing.assert_allclose(done.path[row], c["ends"][k], atol=1e-8, rtol=0)
                compared += 1
    assert compared >= 2


@pytest.mark.parametrize("rate", [1e-4, 0.03, 1.0, 100.0, 1e4, 1e6])
@pytest.mark.parametrize("method", ["gd", "heavy_ball", "adam", "rmsprop"])
def test_a_loss_that_rises_is_not_called_trained(method: str, rate: float):
    params, X, y = case(12, (3,))
    done = train(params, X, y, method=method, lr=rate, epochs=30)
    start, end = (loss_and_grads(p, X, y)[0] for p in (params, done.params))
    assert (done.status == "trained") == (end < start) or done.status == "diverged"
    if done.status == "not trained":
        assert f"rose from {start:.3g} to {end:.3g}" in done.reason


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("method", ["gd", "adam", "bfgs"])
def test_a_loss_that_stays_where_it_was_is_not_called_trained(method: str, activation: str):
    params, X, _ = case(12, (3,))
    y = np.arange(len(X)) % 2.0
    dead = [(0 * W, 0 * b) for W, b in params]
    done = train(dead, X - X.mean(axis=0), y, activation=activation, method=method, epochs=30)
    if activation == "relu":
        assert done.status == "not trained" and "the loss stayed at 0.693" in done.reason
        assert "gradient is 0" in done.reason
    level = train(params, X, y, method="gd", lr=1e-18, epochs=3)
    assert level.status == "not trained" and "gradient is 0" not in level.reason
    none = train(params, X, y, method=method, epochs=0)
    assert none.status == "not trained" and none.reason.startswith("In 0 epochs")


def test_complex_numbers_are_refused():
    params, X, y = case(12, (3,))
    for odd in (X * 1j, X + 0j, X.astype("datetime64[s]")):
        with pytest.raises(ValueError, match="X is not an array of numbers"):
            train(params, odd, y)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_trains(method: str):
    params, X, y = case(12, (3,))
    refused = {"golden_section": "one parameter", "natural_gradient": "a Fisher information"}
    if method in refused:
        with pytest.raises(ValueError, match=refused[method]):
            train(params, X, y, method=method, epochs=2)
        return
    loss = "mse" if method in SUMS_OF_SQUARES else "bce"
    rate = None if method in ("newton", "gauss_newton", "adadelta") else 0.01
    done = train(params, X, y, loss=loss, method=method, lr=rate, epochs=12)
    assert done.losses.shape == (13,)
    start = loss_and_grads(params, X, y, loss=loss)[0]
    end = loss_and_grads(done.params, X, y, loss=loss)[0]
    assert done.losses[[0, -1]] == pytest.approx([start, end], rel=1e-9)
    assert end < start or method == "newton_plain"  # which climbs to a saddle as gladly
    assert done.status == ("trained" if end <= start else "not trained")
    np.testing.assert_array_equal(done.path[-1], flat(done.params))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_compiled_loop_is_the_plain_one(activation: str, loss: str):
    """The loop in numba against the same steps by `loss_and_grads`: batches, penalties, clip."""
    params, X, y = case(11, (5, 3), 3 if loss == "cross_entropy" else 2, loss)
    terms: dict[str, Any] = {"l1": 0.01, "l2": 0.1}
    done = train(params, X, y, activation=activation, loss=loss, lr=0.05, epochs=3, batch_size=4,
                 seed=2, clip=0.7, keep=range(10), **terms)  # fmt: skip
    theta, rows = flat(params), [flat(params)]
    table = targets(y, loss, 11, sizes_of(params)[-1])
    for epoch in visiting_orders(11, 3, 2):
        for at in range(0, 11, 4):
            batch = epoch[at : at + 4]
            _, grads = loss_and_grads(unflat(theta, sizes_of(params)), X[batch], table[batch],
                                      activation, loss, **terms)  # fmt: skip
            g = flat(grads)
            g *= min(1.0, 0.7 / np.linalg.norm(g))
            theta = theta - 0.05 * g
            rows.append(theta)
    np.testing.assert_allclose(done.path, rows, atol=1e-12)
    ends = [unflat(rows[i], sizes_of(params)) for i in (0, 3, 6, 9)]
    losses = [loss_and_grads(p, X, y, activation, loss, **terms)[0] for p in ends]
    np.testing.assert_allclose(done.losses, losses, atol=1e-12)


def test_dropout_leaves_units_out_and_keeps_the_mean():
    params, X, y = case(40, (8,))
    done = train(params, X, y, lr=0.3, epochs=1, dropout=0.5, seed=6)
    masks = (np.random.default_rng([6, 1]).random((2 + 8 + 1, 40)) >= 0.5) / 0.5
    _, grads = loss_and_grads(params, X, y, masks=[masks[2:10].T])
    np.testing.assert_allclose(flat(done.params), flat(params) - 0.3 * flat(grads), atol=1e-14)
    assert done.losses[0] == pytest.approx(loss_and_grads(params, X, y)[0])


def test_training_goes_on_as_if_it_had_never_stopped():
    params, X, y = case()
    whole = train(params, X, y, method="adam", lr=0.02, epochs=30)
    half = train(params, X, y, method="adam", lr=0.02, epochs=12)
    rest = train(half.params, X, y, method="adam", lr=0.02, epochs=18, memory=half.memory)
    np.testing.assert_array_equal(flat(rest.params), flat(whole.params))
    fresh = train(half.params, X, y, method="adam", lr=0.02, epochs=18)
    assert (flat(fresh.params) != flat(whole.params)).any()


def test_a_lost_training_ends_before_and_says_where():
    params, X, y = case()
    done = train(params, X, 1e3 * y, loss="mse", lr=2.0, epochs=50)
    assert done.status == "diverged" and "layer" in done.reason and "epoch" in done.reason
    assert np.isfinite(done.losses).all() and np.isfinite(flat(done.params)).all()
    assert done.steps[-1] == done.lost - 1 and len(done.path) == len(done.steps)
    np.testing.assert_array_equal(done.path[-1], flat(done.params))
    tiny = train(params, X, y, loss="mse", lr=1e300, epochs=3, batch_size=4)
    assert tiny.status == "diverged" and np.isfinite(flat(tiny.params)).all()


def test_plateau_of_small_weights_and_sigmoids():
    """Row 8a, 8c: 0.01 weights under a sigmoid stay at ln 2 where Xavier's learn."""
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([0.0, 1, 1, 0])
    ends = {}
    for scheme in ("normal", "xavier"):
        params = init_params([2, 4, 1], scheme, seed=1)
        done = train(params, X, y, activation="sigmoid", lr=1.0, epochs=5000)
        ends[scheme] = done.losses[-1]
    assert ends["normal"] == pytest.approx(np.log(2), abs=1e-3) and ends["xavier"] < 0.1


def test_the_last_batch_counts_and_a_large_one_is_the_whole():
    params, X, y = case(10)
    whole = train(params, X, y, lr=0.1, epochs=1)
    large = train(params, X, y, lr=0.1, epochs=1, batch_size=999)
    np.testing.assert_allclose(flat(large.params), flat(whole.params), atol=1e-15)
    assert train(params, X, y, lr=0.1, epochs=2, batch_size=4).per_epoch == 3


def test_randomness_is_its_own():
    params, X, y = case()
    np.random.seed(0)
    expected = np.random.RandomState(0).random()
    one = train(params, X, y, lr=0.1, epochs=3, batch_size=2, seed=1)
    assert np.random.random() == expected
    again = train(params, X, y, lr=0.1, epochs=3, batch_size=2, seed=1)
    np.testing.assert_array_equal(flat(one.params), flat(again.params))


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_curvature_and_jacobian_by_differences(loss: str):
    params, X, y = case(6, (3,), 2, loss)
    problem = NetworkProblem(sizes_of(params), X, targets(y, loss, 6, 2), "tanh", loss)
    theta = flat(params)
    assert problem.d == len(theta)
    H = problem.hess(theta)
    v = np.random.default_rng(0).standard_normal(len(theta))
    ahead, behind = problem.f(theta + 1e-3 * v), problem.f(theta - 1e-3 * v)
    bend = (ahead - 2 * problem.f(theta) + behind) / 1e-6
    assert v @ H @ v == pytest.approx(bend, rel=1e-3, abs=1e-4)
    if loss == "mse":
        r = ((forward(params, X) - y) / np.sqrt(12)).T.ravel()
        J = problem.jacobian(theta)
        assert problem.f(theta) == pytest.approx(r @ r)
        np.testing.assert_allclose(2 * J.T @ r, problem.grad(theta), atol=1e-13)


def test_accuracy_counts_the_right_ones():
    params = [(np.array([[1.0], [0.0]]), np.zeros(1))]
    X = [[2.0, 0], [-1.0, 0], [3.0, 0], [-4.0, 0]]
    assert accuracy(params, X, [1, 0, 0, 0], "tanh", "bce") == 0.75


# --- bad input -----------------------------------------------------------------------------------

BAD: list[tuple[str, Any, str]] = [
    ("X", [[1.0, np.nan]] * 9, "not finite in row 0"),
    ("X", np.ones((9, 3)), "2"),
    ("X", np.ones((0, 2)), "shape"),
    ("X", "words", "numbers"),
    ("y", np.ones((8,)), "9 samples"),
    ("y", np.ones((9, 2)), r"\(9, 1\)"),
    ("y", np.full(9, 2.0), "between 0 and 1"),
    ("y", np.full(9, np.inf), "not finite"),
    ("activation", "no", "unknown activation"),
    ("loss", "no", "unknown loss"),
    ("params", [], "no layer"),
    ("params", [(np.ones((2, 3)), np.ones(2))], "do not fit"),
    ("params", [(np.ones((2, 3)), np.ones(3)), (np.ones((2, 1)), np.ones(1))], "arrive"),
]
BAD_TRAINING: list[tuple[str, Any, str]] = [
    ("method", "no", "unknown method"),
    ("epochs", -1, "epochs"),
    ("epochs", 1.5, "epochs"),
    ("batch_size", 0, "batch_size"),
    ("dropout", 1.0, "dropout"),
    ("l2", -1.0, "l2"),
    ("clip", np.nan, "clip"),
    ("lr", -0.1, "lr"),
    ("lr", np.nan, "lr"),
    ("rates", [1.0], "rates"),
    ("no_such_knob", 1.0, "no knob"),
]


@pytest.mark.parametrize("name, value, words", BAD)
def test_bad_input_is_refused_in_words(name: str, value: Any, words: str):
    params, X, y = case()
    given = {"params": params, "X": X, "y": y, name: value}
    with pytest.raises(ValueError, match=words):
        loss_and_grads(**given)
    with pytest.raises(ValueError, match=words):
        train(**given, lr=0.1, epochs=1)


@pytest.mark.parametrize("name, value, words", BAD_TRAINING)
def test_bad_training_is_refused_in_words(name: str, value: Any, words: str):
    params, X, y = case()
    with pytest.raises(ValueError, match=words):
        train(params, X, y, **{"lr": 0.1, "epochs": 2, name: value})


def test_a_search_needs_the_whole_set():
    params, X, y = case()
    with pytest.raises(ValueError, match="whole set"):
        train(params, X, y, method="bfgs", epochs=2, batch_size=4)
    with pytest.raises(ValueError, match="sum of squares"):
        train(params, X, y, method="gauss_newton", epochs=2)


@pytest.mark.parametrize("sizes", [[], [2], [2, 0], [2, 1.5], [2, True]])
def test_sizes_that_are_no_layers_are_refused(sizes: Any):
    with pytest.raises(ValueError, match="sizes"):
        init_params(sizes)


def test_labels_of_classes_are_checked():
    with pytest.raises(ValueError, match="0 to 2"):
        targets([0, 3], "cross_entropy", 2, 3)
    with pytest.raises(ValueError, match="sum to 1"):
        targets(np.ones((2, 3)), "cross_entropy", 2, 3)
    assert {"bce", "cross_entropy"} < CLASSIFIES


# --- the kernels' own functions ------------------------------------------------------------------


def test_vectorised_functions_are_those_of_libm():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.uniform(-40, 40, 2000), 10 ** rng.uniform(-12, 0, 1000), [0.0, -700.0]])
    u = np.abs(x) / np.abs(x).max()
    for ours, theirs, at in (
        (vector_math.exp64, np.exp, x),
        (vector_math.tanh64, np.tanh, x),
        (vector_math.sigmoid64, act.sigmoid, x),
        (vector_math.log1p64, np.log1p, u),
    ):
        values = np.array([ours(float(v)) for v in at])
        np.testing.assert_allclose(values, theirs(at), rtol=1e-15, atol=0)
        plain = np.array([ours.py_func(np.float64(v)) for v in at[:50]])
        np.testing.assert_allclose(plain, values[:50], rtol=1e-15)


def all_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the Python source of every compiled function of the network in its place."""
    for module in (vector_math, network, network_training):
        for name, found in list(vars(module).items()):
            if hasattr(found, "py_func"):
                monkeypatch.setattr(module, name, found.py_func)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_loop_is_the_same_compiled_and_plain(
    activation: str, loss: str, monkeypatch: pytest.MonkeyPatch
):
    outputs = 2 if loss == "cross_entropy" else 1
    params, X, y = case(5, (5,), outputs, loss)
    table = targets(y, loss, 5, outputs)
    sizes, batch, theta = sizes_of(params), 2, flat(params)
    order, rates = visiting_orders(5, 2, 1), np.full(6, 0.1)
    terms = network_training.Penalties(0.01, 0.02, 0.5, 0.3, np.random.default_rng(4))
    task = network_training.Network(sizes, (activation,), loss, X.T.copy(), table.T.copy())
    rule = rule_kernel(METHODS["gd"].__wrapped__, 0)
    none, keep = np.zeros(0), np.arange(7)
    memory = np.zeros((0, 1, len(theta)))
    compiled = network_training.train_steps(
        task, rule, theta, memory, rates, none, order, batch, keep, terms
    )

    def descend(x, g, lr, t, slots, knobs, new):
        new[:] = x - lr * g

    all_plain(monkeypatch)
    path, losses = np.empty((7, len(theta))), np.empty(3)
    kinds = np.array([vector_math.ACTIVATIONS.index(activation)])
    number = network_training.LOSSES.index(loss)
    with np.errstate(over="ignore"):  # the bits of an exponent are shifted out on purpose
        lost = network_training._run(
            descend, np.array(sizes), kinds, number, task.X, task.Y, order, batch, rates,
            np.ones(len(theta)), none, *terms[:4], np.random.default_rng(4), 0,
            theta[None].copy(), memory, keep, path, losses,
        )  # fmt: skip
    assert lost == compiled.lost == -1
    np.testing.assert_allclose(path, compiled.path, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(losses, compiled.losses, rtol=1e-12)


def test_a_scan_shows_every_unit_at_every_step():
    params, X, y = case(700)
    done = train(params, X, y, lr=0.1, epochs=3)
    seen = network_training.scan((2, 4, 3, 1), ("tanh", "tanh"), done.path, X.T, 2)
    assert seen.shape == (4, 8, 700) and seen.dtype == np.float32
    np.testing.assert_allclose(seen[2, 7], forward(unflat(done.path[2], (2, 4, 3, 1)), X)[:, 0],
                               atol=1e-5)  # fmt: skip
