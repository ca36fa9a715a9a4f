"""Every family: density, score, samples, metric and divergence against their definitions."""

import inspect

import numpy as np
import pytest
from manifolds import EXPONENTIAL, NAMES, PAIRS, REFERENCE, batch, pair
from scipy import stats

from gdviz.geometry import FAMILIES, GeometryError, expected_metric, family_of, kl, metric
from gdviz.geometry.expectations import expected_value
from gdviz.geometry.fisher import differentiate, metric_slope

SCIPY = {
    "normal": lambda m, s: stats.norm(m, s),
    "normal_variance": lambda m, v: stats.norm(m, v**0.5),
    "normal_log_sigma": lambda m, s: stats.norm(m, np.exp(s)),
    "normal_natural": lambda a, b: stats.norm(-a / (2 * b), (-0.5 / b) ** 0.5),
    "normal_expectation": lambda a, b: stats.norm(a, (b - a * a) ** 0.5),
    "centred_normal": lambda a, b, c: stats.multivariate_normal([0, 0], [[a, b], [b, c]]),
    "diagonal_normal": lambda m, n, s, t: stats.multivariate_normal(
        [m, n], np.diag([s * s, t * t])
    ),
    "gamma": lambda k, s: stats.gamma(k, scale=s),
    "beta": lambda a, b: stats.beta(a, b),
    "weibull": lambda k, s: stats.weibull_min(k, scale=s),
    "exponential": lambda r: stats.expon(scale=1 / r),
    "poisson": lambda r: stats.poisson(r),
    "geometric": lambda p: stats.geom(p),
    "bernoulli": lambda p: stats.bernoulli(p),
    "categorical": lambda p, q: stats.rv_discrete(values=([0, 1, 2], [p, q, 1 - p - q])),
    "dirichlet": lambda *a: stats.dirichlet(a),
}


def draws(name, n=400):
    return FAMILIES[name].sample(pair(name)[0], n, np.random.default_rng(1))


@pytest.mark.parametrize("name", NAMES)
def test_density_is_scipys(name):
    law, x = SCIPY[name](*PAIRS[name][0]), draws(name)
    if name == "dirichlet":
        theirs = np.array([law.logpdf(row) for row in x])
    else:
        theirs = (
            law.logpdf(x)
            if hasattr(law.dist if hasattr(law, "dist") else law, "logpdf")
            else (law.logpmf(x))
        )
    np.testing.assert_allclose(FAMILIES[name].log_density(x, pair(name)[0]), theirs, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_score_is_the_derivative_of_the_log_density(name):
    family, (a, _), x = FAMILIES[name], pair(name), draws(name, 20)
    slope = differentiate(family, lambda t: family.log_density(x, t[..., None, :]), a)
    np.testing.assert_allclose(family.score(x, a), slope, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_metric_is_the_expected_square_of_the_score(name):
    a, b = pair(name)
    for theta in (a, b):
        closed = metric(name, theta)
        np.testing.assert_allclose(expected_metric(FAMILIES[name], theta), closed, atol=1e-8)
        assert np.linalg.eigvalsh(closed).min() > 0


@pytest.mark.parametrize("name", REFERENCE["mpmath"]["metric"])
def test_metric_is_mpmaths(name):
    theta, theirs = REFERENCE["mpmath"]["metric"][name]
    np.testing.assert_allclose(metric(name, theta), theirs, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_slope_of_the_metric_is_its_derivative(name):
    theta = batch(name)
    closed, numeric = (metric_slope(name, theta, generic=g) for g in (False, True))
    np.testing.assert_allclose(closed, numeric, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_samples_have_the_moments_of_the_family(name):
    family, (a, _) = FAMILIES[name], pair(name)
    x = family.sample(a, 40_000, np.random.default_rng(3))
    score = family.score(x, a)  # mean 0, covariance the metric
    error = np.sqrt(np.diag(metric(name, a)) / len(x))
    assert np.all(np.abs(score.mean(0)) < 5 * error)
    assert np.allclose(np.cov(score.T).reshape(family.d, -1), metric(name, a), rtol=0.2, atol=0.05)
    many = family.sample(np.stack([a, a]), 7, np.random.default_rng(3))
    assert many.shape[:2] == (2, 7)


@pytest.mark.parametrize("name", NAMES)
def test_divergence_is_the_expected_log_ratio(name):
    family, (a, b) = FAMILIES[name], pair(name)

    def ratio(x, t):
        return family.log_density(x, a) - family.log_density(x, b)

    assert kl(name, a, b) == pytest.approx(float(expected_value(family, a, ratio)), rel=1e-9)
    assert kl(name, a, a) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("name", REFERENCE["mpmath"]["kl"])
def test_divergence_is_mpmaths(name):
    a, b, theirs = REFERENCE["mpmath"]["kl"][name]
    assert kl(name, a, b) == pytest.approx(theirs, rel=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_divergence_is_half_the_squared_length_nearby(name):
    a, b = pair(name)
    for share, within in ((1e-1, 0.1), (1e-3, 1e-3)):
        step = share * (b - a)
        half = 0.5 * step @ metric(name, a) @ step
        assert kl(name, a, a + step) == pytest.approx(half, rel=within * 3)


def test_divergence_of_close_normals_keeps_its_digits():
    assert kl("normal", [0, 1], [0, 1 + 1e-9]) == pytest.approx(1e-18, rel=1e-6)


@pytest.mark.parametrize("name", EXPONENTIAL)
def test_flat_coordinates_and_their_inverses(name):
    family, (a, _) = FAMILIES[name], pair(name)
    duals = family.duals
    np.testing.assert_allclose(duals.from_natural(duals.natural(a)), a, rtol=1e-13)
    if duals.from_expectation:
        np.testing.assert_allclose(duals.from_expectation(duals.expectation(a)), a, rtol=1e-13)
    slope = differentiate(family, duals.natural, a)
    np.testing.assert_allclose(duals.slope(a), slope, rtol=1e-9, atol=1e-10)
    # ∂m/∂η is the metric in natural parameters
    means = differentiate(family, duals.expectation, a)
    np.testing.assert_allclose(duals.slope(a).T @ means, metric(name, a), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_start_of_a_fit_comes_near(name):
    family, (a, _) = FAMILIES[name], pair(name)
    x = family.sample(a, 20_000, np.random.default_rng(5))
    found = family.start(x)
    far = (found - a) @ metric(name, a) @ (found - a)
    assert far < 0.02
    family.read(found)


@pytest.mark.parametrize("name", [n for n, f in FAMILIES.items() if f.quantile])
def test_quantiles_are_scipys(name):
    u = np.array([1e-6, 0.1, 0.5, 0.9, 1 - 1e-6])
    theirs = SCIPY[name](*PAIRS[name][0]).ppf(u)
    np.testing.assert_allclose(FAMILIES[name].quantile(u, pair(name)[0]), theirs, rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_its_members_bit_for_bit(name):
    family, points = FAMILIES[name], batch(name)
    for function in (family.metric, family.metric_slope):
        for i, point in enumerate(points):
            assert np.array_equal(function(points)[i], function(point))
    assert np.array_equal(family.metric(points.reshape(1, 5, -1))[0], family.metric(points))


# --- bad input ------------------------------------------------------------------------------------

BAD = {
    "σ = 0": ("normal", [0.0, 0.0], "σ = 0 must be positive"),
    "σ < 0": ("normal", [0.0, -1.0], "σ = -1 must be positive"),
    "one in a batch": ("normal", [[0.0, 1.0], [0.0, -2.0]], "σ = -2"),
    "nan": ("normal", [np.nan, 1.0], "not all finite"),
    "inf": ("gamma", [1.0, np.inf], "not all finite"),
    "words": ("normal", ["a", "b"], "not numbers"),
    "None": ("normal", None, "not all finite|not numbers"),
    "complex": ("normal", [1j, 1.0], "not numbers"),
    "ragged": ("normal", [[1.0], [1.0, 2.0]], "not numbers"),
    "one short": ("normal", [1.0], "2 parameter"),
    "a number": ("normal", 1.0, "2 parameter"),
    "natural": ("normal_natural", [0.0, 0.5], "must be negative"),
    "no variance": ("normal_expectation", [2.0, 4.0], "variance"),
    "not definite": ("centred_normal", [1.0, 1.0, 1.0], "positive definite"),
    "p = 0": ("bernoulli", [0.0], "between 0 and 1"),
    "too much": ("categorical", [0.6, 0.4], "must make 1"),
    "no sum": ("categorical", [0.5, 0.4, 0.2], "must make 1"),
    "negative shape": ("beta", [-1.0, 1.0], "must be positive"),
    "metric overflows": ("normal", [0.0, 1e-200], "range"),
}


@pytest.mark.parametrize("name, theta, words", BAD.values(), ids=BAD)
def test_points_outside_are_refused_in_words(name, theta, words):
    with pytest.raises(GeometryError, match=words):
        metric(name, theta)


def test_unknown_families_and_data():
    with pytest.raises(GeometryError, match="no family"):
        family_of("cauchy")
    with pytest.raises(GeometryError, match="not numbers"):
        FAMILIES["normal"].log_density(["x"], [0, 1])
    assert family_of(FAMILIES["beta"]) is FAMILIES["beta"]
    assert FAMILIES["gamma"].log_density(-1.0, [2, 1]) == -np.inf


def test_integers_are_numbers_too():
    assert np.array_equal(metric("normal", np.array([0, 1])), [[1, 0], [0, 2]])
    assert metric("normal", (0, 1)).dtype == float


def test_names_are_keys_and_all_is_said():
    for name, family in FAMILIES.items():
        assert family.name == name and len(family.bounds) == family.d == len(PAIRS[name][0])
        assert family.label and inspect.isfunction(family.metric)
