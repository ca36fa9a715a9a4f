"""The natural gradient: IRLS, invariance, singular and empirical Fisher matrices."""

import numpy as np
import pytest
from manifolds import NAMES, pair

from gdviz.geometry import (
    FAMILIES,
    GeometryError,
    empirical_fisher,
    fit,
    logistic,
    metric,
    mle,
    natural_step,
    plain_step,
    softmax,
)
from gdviz.geometry.fisher import differentiate
from gdviz.geometry.likelihoods import sigmoid
from gdviz.geometry.natural import fisher_of, natural_direction
from gdviz.geometry.networks import network
from gdviz.learn.network import flat, forward, init_params, unflat

RNG = np.random.default_rng(0)
X = np.column_stack([np.ones(200), RNG.normal(size=(200, 2))])
Y = (RNG.random(200) < sigmoid(X @ [0.3, 1.5, -1.0])).astype(float)


def draws(name, n=300):
    return FAMILIES[name].sample(pair(name)[0], n, np.random.default_rng(2))


def slope_of(loss, theta, h=1e-6):
    moves = h * np.eye(len(theta))
    return np.array([(loss(theta + m) - loss(theta - m)) / (2 * h) for m in moves])


@pytest.mark.parametrize("name", NAMES)
def test_loss_gradient_and_metric_of_a_family(name):
    family, x = FAMILIES[name], draws(name)
    problem, theta = mle(name, x), pair(name)[1]
    slope = differentiate(family, lambda t: -family.log_density(x, t[..., None, :]).mean(-1), theta)
    np.testing.assert_allclose(problem.grad(theta), slope, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(problem.fisher(theta), metric(name, theta))
    np.testing.assert_allclose(problem.gauss_newton(theta), metric(name, theta))
    scores = problem.scores(theta)
    np.testing.assert_allclose(scores.mean(0), problem.grad(theta))
    np.testing.assert_allclose(empirical_fisher(scores), scores.T @ scores / len(scores))


@pytest.mark.parametrize("name", NAMES)
def test_natural_gradient_finds_the_maximum_of_the_likelihood(name):
    x = draws(name)
    problem = mle(name, x)
    start = FAMILIES[name].start(x)
    run = fit(problem, start, steps=400, lr=0.5, natural=True)
    assert run.status == "converged", run.reason
    assert np.max(np.abs(problem.grad(run.theta[-1]))) < 1e-10
    assert run.loss[-1] <= run.loss[0] + 1e-12 and len(run.theta) == len(run.loss)


def test_maximum_is_scipys():
    from scipy import stats

    x = draws("gamma")
    k, _, s = stats.gamma.fit(x, floc=0)
    run = fit(mle("gamma", x), FAMILIES["gamma"].start(x), 200, 1.0)
    np.testing.assert_allclose(run.theta[-1], [k, s], rtol=1e-6)


def test_one_natural_step_finds_the_mean_exactly():
    x = np.array([1.0, 2.0, 6.0])
    assert natural_step(mle("normal", x), [0.0, 1.3])[0] == pytest.approx(3.0, rel=1e-15)
    # in expectation parameters one step is the whole fit, mean and variance
    moved = natural_step(mle("normal_expectation", x), [0.5, 1.3])
    np.testing.assert_allclose(moved, [3.0, (x**2).mean()], rtol=1e-13)


def test_a_small_natural_step_is_the_same_distribution_in_all_parameters():
    x = draws("normal")
    theta, lr = np.array([1.0, 0.8]), 1e-4
    after = natural_step(mle("normal", x), theta, lr)
    for name in ("normal_variance", "normal_log_sigma", "normal_natural", "normal_expectation"):
        chart = FAMILIES[name].chart
        other = chart.forward(natural_step(mle(name, x), chart.inverse(theta), lr))
        np.testing.assert_allclose(other - theta, after - theta, rtol=1e-3)
        plain = chart.forward(plain_step(mle(name, x), chart.inverse(theta), lr))
        if name != "normal_expectation":
            there = plain_step(mle("normal", x), theta, lr)
            assert np.abs(plain - there).max() > 0.05 * np.abs(there - theta).max()


# --- regressions ----------------------------------------------------------------------------------


def irls_step(w):
    """One step of iteratively reweighted least squares, by QR on the weighted rows."""
    p = 1 / (1 + np.exp(-(X @ w)))
    root = np.sqrt(p * (1 - p))
    working = X @ w + (Y - p) / (p * (1 - p))
    return np.linalg.lstsq(X * root[:, None], working * root, rcond=None)[0]


@pytest.mark.parametrize("fisher", ["true", "gauss_newton"])
def test_natural_step_of_logistic_regression_is_irls(fisher):
    w = np.zeros(3)
    for _ in range(6):
        after = natural_step(logistic(X, Y), w, fisher=fisher)
        np.testing.assert_allclose(after, irls_step(w), rtol=1e-12, atol=1e-13)
        w = after
    assert np.abs(logistic(X, Y).grad(w)).max() < 1e-12


@pytest.mark.parametrize("problem, d", [(logistic(X, Y), 3), (softmax(X, Y + (X[:, 1] > 1)), 9)])
def test_regressions_gradient_and_fisher(problem, d):
    w = np.linspace(-0.5, 0.7, d)
    np.testing.assert_allclose(problem.grad(w), slope_of(problem.loss, w), atol=1e-9)
    # both losses are linear in the labels up to a function of w: the Hessian is the Fisher matrix
    hessian = slope_of(problem.grad, w)
    np.testing.assert_allclose(problem.fisher(w), hessian, atol=1e-8)


def test_softmax_of_two_classes_is_logistic():
    w = np.array([0.2, -0.4, 0.3])
    two = softmax(X, Y)
    both = np.concatenate([-w / 2, w / 2])
    assert two.loss(both) == pytest.approx(logistic(X, Y).loss(w), rel=1e-14)
    step = natural_step(two, both) - both  # the shortest of many: opposite for the two classes
    np.testing.assert_allclose(step[3:], -step[:3], rtol=1e-10)
    np.testing.assert_allclose(step[3:] - step[:3], natural_step(logistic(X, Y), w) - w, rtol=1e-10)


def test_empirical_fisher_is_not_the_fisher_matrix():
    problem, w = logistic(X, Y), np.array([2.0, -2.0, 2.0])  # far from the fit
    true, seen = (fisher_of(problem, w, kind) for kind in ("true", "empirical"))
    assert np.abs(seen - true).max() > np.abs(true).max()
    fitted = fit(problem, np.zeros(3), 50, 1.0).theta[-1]
    true, seen = (fisher_of(problem, fitted, kind) for kind in ("true", "empirical"))
    assert np.abs(seen - true).max() < 0.15 * np.abs(true).max()


def test_a_doubled_feature_makes_it_singular_and_the_step_the_shortest():
    twice = np.column_stack([X, X[:, 2]])
    problem = logistic(twice, Y)
    w = natural_step(problem, np.zeros(4))
    single = natural_step(logistic(X, Y), np.zeros(3))
    np.testing.assert_allclose(w, [single[0], single[1], single[2] / 2, single[2] / 2], rtol=1e-9)
    assert natural_direction(problem.grad(w), problem.fisher(w)).unseen == 1
    assert fit(problem, np.zeros(4), 30, 1.0).status == "converged"
    damped = natural_step(problem, np.zeros(4), damping=10.0)
    assert np.abs(damped).max() < np.abs(w).max()


def test_separable_data_have_no_maximum():
    x = np.array([[1.0, -2], [1, -1], [1, 1], [1, 2]])
    y = np.array([0.0, 0, 1, 1])
    run = fit(logistic(x, y), np.zeros(2), 30, 1.0)
    size = np.linalg.norm(run.theta, axis=1)
    assert np.all(np.diff(size[:15]) > 0) and size[-1] > 10
    assert np.all(np.isfinite(run.theta))


def test_a_plain_step_crosses_zero_and_the_run_says_so():
    # σ small and data far away: the slope in σ is steep
    run = fit(mle("normal", [4.0, 6.0]), [0.0, 0.2], 20, 1.0, natural=False)
    assert run.theta[1, 1] > 1000  # thrown far off, where all is flat
    gone = fit(mle("exponential", [3.0, 5.0]), [4.0], 20, 2.0, natural=False)
    assert gone.status == "left" and "leaves the family" in gone.reason
    with pytest.raises(GeometryError, match="must be positive"):
        plain_step(mle("exponential", [3.0, 5.0]), [4.0], 2.0)


def test_zero_steps_and_the_start_at_the_maximum():
    x = np.array([1.0, 3.0])
    done = fit(mle("normal", x), [2.0, 1.0], 10)
    assert done.status == "converged" and len(done.theta) == 1
    assert fit(mle("normal", x), [0.0, 1.0], 0).status == "limit"


@pytest.mark.parametrize(
    "call",
    [
        lambda: mle("normal", []),
        lambda: mle("normal", [[1.0]]),
        lambda: mle("normal", [1.0, np.nan]),
        lambda: natural_step(mle("normal", [1.0]), [0.0, -1.0]),
        lambda: natural_step(mle("normal", [1.0]), [0.0, 1.0], fisher="some"),
        lambda: natural_step(mle("normal", [1.0]), [0.0, 1.0], damping=-1),
        lambda: logistic([[1.0]], [2.0]),
        lambda: logistic([1.0], [1.0]),
        lambda: logistic([[1.0], [2.0]], [1.0]),
        lambda: logistic(X, Y).check([1.0]),
        lambda: softmax([[1.0]], [0.5]),
        lambda: natural_direction([1.0], [[0.0]]),
        lambda: natural_direction([1.0, 2.0], [[0.0]]),
        lambda: mle("beta", [0.5, 2.0]).loss([1.0, 1.0]),
    ],
)
def test_bad_input_is_said(call):
    with pytest.raises(GeometryError, match=r"\w{3}"):
        call()


def test_columns_of_labels_are_flattened():
    np.testing.assert_array_equal(
        logistic(X, Y[:, None]).grad(np.zeros(3)), logistic(X, Y).grad(np.zeros(3))
    )


def test_sigmoid_does_not_overflow():
    with np.errstate(all="raise"):
        assert sigmoid(np.array([-700.0, 0.0, 700.0])).tolist() == [
            pytest.approx(9.86e-305, rel=1e-2),
            0.5,
            1.0,
        ]


# --- the small network ----------------------------------------------------------------------------

NET_X = RNG.normal(size=(12, 2))
LABELS = {
    "bce": (RNG.random(12) < 0.5).astype(float),
    "cross_entropy": RNG.integers(0, 3, 12),
    "mse": RNG.normal(size=(12, 2)),
}
OUTPUTS = {"bce": 1, "cross_entropy": 3, "mse": 2}


def net(loss, activation="tanh"):
    params = init_params([2, 4, OUTPUTS[loss]], "xavier", 1)
    return network(params, NET_X, LABELS[loss], activation, loss), flat(params)


@pytest.mark.parametrize("loss", LABELS)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_gradient_and_scores_of_a_network(loss, activation):
    problem, theta = net(loss, activation)
    np.testing.assert_allclose(problem.grad(theta), slope_of(problem.loss, theta), atol=1e-8)
    np.testing.assert_allclose(problem.scores(theta).mean(0), problem.grad(theta), atol=1e-12)


def test_fisher_of_a_network_is_the_expectation_over_its_labels():
    problem, theta = net("bce")
    params = unflat(theta, (2, 4, 1))
    p = sigmoid(forward(params, NET_X, "tanh"))[:, 0]
    expected = np.zeros((len(theta), len(theta)))
    for label in (0.0, 1.0):
        s = network(params, NET_X, np.full(12, label)).scores(theta)
        weight = p if label else 1 - p
        expected += (s * weight[:, None]).T @ s / 12
    np.testing.assert_allclose(problem.fisher(theta), expected, rtol=1e-10, atol=1e-14)


def test_fisher_of_a_classifier_is_the_expectation_over_its_classes():
    problem, theta = net("cross_entropy")
    params = unflat(theta, (2, 4, 3))
    z = forward(params, NET_X, "tanh")
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    expected = np.zeros((len(theta), len(theta)))
    for k in range(3):
        s = network(params, NET_X, np.full(12, k), loss="cross_entropy").scores(theta)
        expected += (s * p[:, k, None]).T @ s / 12
    np.testing.assert_allclose(problem.fisher(theta), expected, rtol=1e-10, atol=1e-14)


def test_natural_gradient_trains_a_network_faster():
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    params = init_params([2, 4, 1], "xavier", 0)
    problem = network(params, X, [0, 1, 1, 0])
    by_nature = fit(problem, flat(params), 30, 0.5, damping=0.01)
    plain = fit(problem, flat(params), 30, 1.0, natural=False)
    assert by_nature.loss[-1] < 0.05 < 0.3 < plain.loss[-1]


def test_a_loss_that_is_no_likelihood_has_no_fisher_matrix():
    params = init_params([2, 3, 1], "xavier", 0)
    with pytest.raises(GeometryError, match="likelihood"):
        network(params, NET_X, LABELS["bce"], "tanh", "sigmoid_mse")
    with pytest.raises(GeometryError, match="parameters are needed"):
        natural_step(network(params, NET_X, LABELS["bce"]), [0.0, 1.0])
