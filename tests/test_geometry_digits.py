"""Divergences, metrics and geodesics where the textbook's formulas lose their digits."""

import mpmath as mp
import numpy as np
import pytest
from cases import each

from gdviz.geometry import (
    FAMILIES,
    GeometryError,
    distance,
    expected_metric,
    frechet_mean,
    hellinger,
    kl,
    metric,
    shoot,
    straight_length,
    wasserstein,
)
from gdviz.geometry.bregman import gamma_bregman, kl_terms, phi_bregman

# --- against mpmath, at the edges of the families -------------------------------------------------

HELLINGER = [  # √(1 − B(midpoint)/√(B B)) and its kin, by mpmath with 50 digits
    ("beta", (0.01, 0.01), (0.02, 0.05)),
    ("beta", (1e-6, 2e-6), (3e-6, 1e-6)),
    ("beta", (1e6, 2e6), (1.001e6, 2e6)),
    ("beta", (0.5, 1e5), (0.6, 1e5)),
    ("beta", (3.0, 4.0), (3.0 + 1e-9, 4.0)),
]


def _log_beta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


@pytest.mark.parametrize("name, a, b", HELLINGER)
def test_hellinger_of_betas_is_mpmaths(name, a, b):
    with mp.workdps(50):
        p, q = [mp.mpf(x) for x in a], [mp.mpf(x) for x in b]
        middle = [(x + y) / 2 for x, y in zip(p, q, strict=True)]
        overlap = mp.exp(_log_beta(*middle) - (_log_beta(*p) + _log_beta(*q)) / 2)
        truth = float(mp.sqrt(1 - overlap))
    assert hellinger(name, a, b) == pytest.approx(truth, rel=1e-11)


@pytest.mark.parametrize("k, m", [(1e5, 1.01e5), (1e-5, 3e-5), (1e9, 1.00001e9), (2.0, 2.0 + 1e-9)])
def test_hellinger_of_gammas_is_mpmaths(k, m):
    with mp.workdps(50):
        half = (mp.mpf(k) + mp.mpf(m)) / 2
        overlap = mp.exp(mp.loggamma(half) - (mp.loggamma(k) + mp.loggamma(m)) / 2)
        truth = float(mp.sqrt(1 - overlap))
    assert hellinger("gamma", [k, 1.0], [m, 1.0]) == pytest.approx(truth, rel=1e-11)


@pytest.mark.parametrize("k, m", [(0.1, 0.2), (0.1, 0.101), (1.0, 50.0), (30.0, 2.0)])
def test_hellinger_of_weibulls_is_mpmaths(k, m):
    def product(y):
        first, second = k * y, m * y
        return mp.exp((mp.log(k * m) + first - mp.exp(first) + second - mp.exp(second)) / 2)

    with mp.workdps(30):
        reach = 60 / min(k, m)
        overlap = mp.quad(product, [-reach, -reach / 8, -1 / k, -1 / m, 0, 5 / max(k, m), 60 / k])
        truth = float(mp.sqrt(1 - overlap))
    assert hellinger("weibull", [k, 1.0], [m, 1.0]) == pytest.approx(truth, rel=1e-7)


def test_hellinger_of_a_batch_is_its_members():
    a, b = np.array([[2.0, 3.0], [0.1, 5.0]]), np.array([[1.0, 1.0], [4.0, 0.2]])
    for name in ("beta", "gamma", "weibull", "normal"):
        together = hellinger(name, a, b)
        assert together == pytest.approx([hellinger(name, *p) for p in zip(a, b, strict=True)])


@pytest.mark.parametrize("k", [1e-3, 0.01, 0.5, 10.0, 1e5])
@pytest.mark.parametrize("name", ["gamma", "weibull"])
def test_the_expected_metric_is_the_metric_far_out(name, k):
    theta = [k, 1.0]
    closed, found = metric(name, theta), expected_metric(FAMILIES[name], theta)
    np.testing.assert_allclose(found, closed, rtol=1e-7, atol=1e-9 * np.abs(closed).max())


@pytest.mark.parametrize("theta", [(0.01, 0.01), (1e-3, 5.0), (100.0, 0.02), (1e4, 2e4)])
def test_the_expected_metric_of_betas_is_the_metric(theta):
    closed, found = metric("beta", theta), expected_metric(FAMILIES["beta"], theta)
    np.testing.assert_allclose(found, closed, rtol=1e-6)
    assert closed[0, 1] < 0  # the shares of a beta compete


@pytest.mark.parametrize("theta", [(1e-6, 1.0), (1.0, 1e6), (1e6, 1e6), (1e-9, 1e9)])
def test_the_metric_of_betas_is_mpmaths(theta):
    with mp.workdps(50):
        a, b = map(mp.mpf, theta)
        both = mp.psi(1, a + b)
        truth = [
            [float(mp.psi(1, a) - both), -float(both)],
            [-float(both), float(mp.psi(1, b) - both)],
        ]
    np.testing.assert_allclose(metric("beta", theta), truth, rtol=1e-12)


def test_a_density_too_narrow_for_floats_is_said():
    with pytest.raises(GeometryError, match="too narrow for quadrature"):
        expected_metric(FAMILIES["normal"], [1e10, 1e-8])


@pytest.mark.parametrize("k, m", [(0.1, 0.1), (0.1, 0.2), (0.03, 0.05), (3.0, 3.0 + 1e-9), (5, 90)])
def test_wasserstein_of_weibulls_is_mpmaths(k, m):
    with mp.workdps(60):
        p, q = 1 / mp.mpf(k), 1 / mp.mpf(m)
        truth = mp.gamma(1 + 2 * p) + 4 * mp.gamma(1 + 2 * q) - 4 * mp.gamma(1 + p + q)
        truth = float(mp.sqrt(truth))
    assert wasserstein("weibull", [k, 1.0], [m, 2.0]) == pytest.approx(truth, rel=1e-12)


@pytest.mark.parametrize("k", [0.01, 0.5, 3.0, 1e4])
@pytest.mark.parametrize("scale", [1.5, 1 + 1e-9, 1e6])
def test_wasserstein_of_a_scaled_gamma(k, scale):
    truth = abs(scale - 1) * np.sqrt(k * (k + 1))
    assert wasserstein("gamma", [k, 1.0], [k, scale]) == pytest.approx(truth, rel=1e-7)


@pytest.mark.parametrize("a, b", [(0.01, 0.02), (1.0, 50.0), (2.0, 2.0 + 1e-7), (1e3, 1e-2)])
def test_wasserstein_of_powers(a, b):
    """Beta(a, 1) has the quantiles u^(1/a)."""
    truth = np.sqrt(float((mp.mpf(a) ** -1 - mp.mpf(b) ** -1) ** 2 * _powers(mp.mpf(a), mp.mpf(b))))
    assert wasserstein("beta", [a, 1.0], [b, 1.0]) == pytest.approx(truth, rel=1e-8)


def _powers(a, b):
    """Return ∫ (u^(1/a) − u^(1/b))² du over (1/a − 1/b)²."""
    p, q = 1 / a, 1 / b
    return 2 / ((1 + 2 * p) * (1 + 2 * q) * (1 + p + q))


CLOSE = {
    "bernoulli": ([0.3], [0.3 + 1e-8], 2.38095234e-16),
    "exponential": ([1.0], [1 + 1e-9], 5e-19),
    "poisson": ([2.0], [2 + 2e-9], 1e-18),
    "geometric": ([0.5], [0.5 + 5e-10], 1e-18),
    "normal": ([0.0, 1.0], [1e-9, 1.0], 5e-19),
    "normal_variance": ([0.0, 1.0], [1e-9, 1.0], 5e-19),
    "gamma": ([2.0, 1.0], [2.0, 1 + 1e-9], 1e-18),
    "weibull": ([1.0, 1.0], [1.0, 1 + 1e-9], 5e-19),
    "centred_normal": ([1.0, 0.0, 1.0], [1 + 2e-9, 0.0, 1.0], 1e-18),
    "diagonal_normal": ([0.0, 0.0, 1.0, 1.0], [1e-9, 1e-9, 1.0, 1.0], 1e-18),
    "beta": ([1.0, 1.0], [1 + 1e-9, 1.0], 5e-19),
}


@pytest.mark.parametrize("name", CLOSE)
def test_the_divergence_of_close_laws_keeps_its_digits(name):
    """½ dθ² g up to the third order."""
    a, b, truth = CLOSE[name]
    assert kl(name, a, b) == pytest.approx(truth, rel=1e-6)
    assert kl(name, b, a) == pytest.approx(truth, rel=1e-6)


@each("k", [1e-9, 1e-3, 0.7, 5.0, 9.99, 10.01, 1e3, 1e9])
@each("ratio", [1e-6, 0.4, 1 - 1e-6, 1 + 1e-10, 1.5, 2.5, 1e6])
def test_bregman_differences_are_mpmaths(k, ratio):
    m = k * ratio
    with mp.workdps(60):
        p, q = mp.mpf(m), mp.mpf(k)
        log_gamma = mp.loggamma(p) - mp.loggamma(q) - (p - q) * mp.digamma(q)
        log = q * mp.log(q / p) - q + p
        phi = log_gamma - (p * mp.log(p / q) - p + q)
        truths = [float(x) for x in (log_gamma, log, phi)]
    found = [gamma_bregman(m, k), kl_terms(k, m), phi_bregman(m, k)]
    np.testing.assert_allclose(found, truths, rtol=1e-12)


@each("total", [1e-5, 1.0, 30.0, 1e6])
@each("least", [1e-9, 1e-4, 0.4])
@each("ratio", [1e-6, 1 - 1e-10, 1 + 1e-6, 1.3, 1e3])
def test_the_divergence_of_betas_of_which_one_part_is_nearly_all_is_mpmaths(total, least, ratio):
    """The Bregman divergence of the large α is nearly that of the total."""
    a = np.array([total, least * total])
    others = [(a[0], a[1] * ratio), (a[0] * ratio, a[1]), (a[0] * 1.7, a[1] * ratio)]
    for b in others:
        with mp.workdps(60):
            p, q = ([mp.mpf(float(x)) for x in t] for t in (a, b))
            slopes = [mp.digamma(x) - mp.digamma(sum(p)) for x in p]
            change = sum((y - x) * s for x, y, s in zip(p, q, slopes, strict=True))
            truth = float(_log_beta(*q) - _log_beta(*p) - change)
        assert kl("beta", a, b) == pytest.approx(truth, rel=1e-12)


# --- geodesics that end ---------------------------------------------------------------------------


@each("p, q", [(1e5, 1.0), (1e3, 1e-3)])
def test_a_far_pair_of_betas_has_a_symmetric_distance(p, q):
    """Longer than the chord 2 arccos ∫ √(pq) in the space of densities, shorter than a line."""
    from gdviz.geometry import midpoint

    far = distance("beta", (p, q), (q, p))
    assert far == pytest.approx(distance("beta", (q, p), (p, q)), rel=1e-10)
    chord = 2 * np.arccos(1 - hellinger("beta", (p, q), (q, p)) ** 2)
    assert chord * (1 - 1e-9) < far < straight_length("beta", (p, q), (q, p))
    middle = midpoint("beta", (p, q), (q, p))
    assert middle[0] == pytest.approx(middle[1], rel=1e-6)
    assert 2 * distance("beta", (p, q), middle) == pytest.approx(far, rel=1e-9)


@pytest.mark.parametrize("name, a", [("gamma", [1.0, 1.0]), ("beta", [1.0, 1.0])])
@pytest.mark.parametrize("velocity", [(-5.0, 0.0), (5.0, 0.0), (-1.0, 3.0)])
def test_a_long_shot_ends_in_a_point_or_a_sentence(name, a, velocity):
    try:
        end = shoot(name, a, velocity, 5.0)
    except GeometryError as error:
        assert len(str(error)) > 20
    else:
        assert np.all(np.isfinite(end)) and end.min() > 0


@pytest.mark.parametrize(
    "points", [[[1, 1], [2, 5], [7, 3]], [[0.1, 0.1], [20, 5], [7, 30]]], ids=["near", "far"]
)
def test_a_mean_of_betas_is_where_the_logarithms_cancel(points):
    from gdviz.geometry import log_map, norm

    mean = frechet_mean("beta", points)
    logs = log_map("beta", np.broadcast_to(mean, (3, 2)), np.array(points, float))
    assert norm("beta", mean, logs.mean(0)) < 1e-9


def test_a_mean_of_far_normals_is_found():
    """By symmetry on the axis, where the outer two pull up as the inner one pulls down."""
    mean = frechet_mean("normal", [[0, 1e-3], [1e3, 1e-3], [-1e3, 1e-3]])
    assert abs(mean[0]) < 1e-6 and 100 < mean[1] < 1000
