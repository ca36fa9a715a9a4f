"""Questions about laws, samples and typed densities that once got false answers."""

import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from cases import NO_WARNINGS

from gdviz.geometry import expected_metric, metric
from gdviz.probability import (
    DISTRIBUTIONS,
    ProbabilityError,
    expectation,
    importance_estimate,
    integrate,
    log_probability,
    target,
)
from gdviz.probability.target_moments import marginal, moments, reach_of

pytestmark = NO_WARNINGS

D = DISTRIBUTIONS
INF = math.inf


# --- what is known by values only ----------------------------------------------------------------


@pytest.mark.parametrize("width", [1e-3, 1e-4, 3e-5, 1e-5])
def test_a_spike_of_a_callable_on_a_background_is_found(width: float):
    for place in (0.3, 0.7321, 0.5123456, math.sqrt(0.5), 0.97):
        found = integrate(
            lambda x, c=place: 1 + np.exp(-(((x - c) / width) ** 2) / 2) / width,
            0, 1, "adaptive_gauss_kronrod", 256,
        )  # fmt: skip
        assert found.value == pytest.approx(1 + math.sqrt(2 * math.pi), rel=1e-9), place


def test_a_result_that_rests_on_values_says_so():
    words = "values only: what is hidden between them is missed"
    for rule in ("adaptive_gauss_kronrod", "adaptive_simpson", "simpson", "tanh_sinh"):
        assert words in integrate(lambda x: 1 + 0 * x, 0, 1, rule, 64).note
        assert words not in integrate("1 + 0*x", 0, 1, rule, 64).note
        assert words not in integrate(D["normal"]().pdf, 0, 1, rule, 64).note
    assert words in expectation(np.square, "normal").note
    assert words not in expectation("x**2", "normal").note


# --- expectations --------------------------------------------------------------------------------


def beta_power(a: float, b: float, p: float) -> Any:
    with mp.workdps(40):
        a, b, p = mp.mpf(a), mp.mpf(b), mp.mpf(p)
        return mp.gammaprod([a + p, a + b], [a, a + b + p])


def beta_log(a: float, b: float) -> Any:
    return mp.digamma(mp.mpf(a)) - mp.digamma(mp.mpf(a) + mp.mpf(b))


BETAS = [
    (9866.3222, 1242.41627), (5307.72021, 107.034998), (3.07539545, 2028.28598), (0.139, 663.4),
    (6.34118711, 0.152641687), (0.0772551989, 0.172454398), (0.183357182, 0.0273645725),
    (1021.47699, 0.0368546315), (2.42725527, 0.020297438), (1e5, 1e5), (1.0, 1e6), (1e-3, 1e3),
    (31.9699651, 0.346995853), (30.0803184, 0.217772272),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), BETAS)
def test_expectations_of_beta_laws_are_right_within_their_error(a: float, b: float):
    law = D["beta"](a, b)
    questions = [("x", beta_power(a, b, 1)), ("x**2.5", beta_power(a, b, 2.5)), ("1", 1)]
    if a > 0.02:
        questions.append(("log(x)", beta_log(a, b)))
    if a > 2:
        questions.append(("x**(-1.033)", beta_power(a, b, -1.033)))
    for g, truth in questions:
        found = expectation(g, law)
        assert abs(found.value - truth) <= 10 * found.error + 1e-14 * abs(truth), (g, found)
        assert found.error <= 1e-4 * abs(truth), (g, found)


@pytest.mark.parametrize(
    ("law", "g", "truth"),
    [
        (D["normal"](56.8647003, 0.00221419426), "x**2", 56.8647003**2 + 0.00221419426**2),
        (D["normal"](439.077663, 0.0541499866), "x**2", 439.077663**2 + 0.0541499866**2),
        (D["lognormal"](2.5454, 0.000147241854), "x**2",
         float(mp.exp(2 * mp.mpf(2.5454) + 2 * mp.mpf(0.000147241854) ** 2))),
        (D["laplace"](898864.609, 8.29e-4), "heaviside(x - 898864.609)", 0.5),
    ],
)  # fmt: skip
def test_an_error_knows_how_coarse_floats_are_where_the_law_lies(law, g: str, truth: float):
    found = expectation(g, law)
    assert abs(found.value - truth) <= 10 * found.error
    assert found.error > 1e-15 * abs(truth)


def test_waves_under_a_heavy_tail_are_not_said_to_have_no_expectation():
    for m, s, w in (
        (-2.05205331, 1.35103504, 0.761121899),
        (-0.0007423, 0.00013606, 1931.97),
        (-0.01507485, 0.00238307, 399.1546),
        (-3.41e-05, 8.47e-06, 640053.4),
    ):
        found = expectation(f"cos({w}*x)", D["cauchy"](m, s))
        assert abs(found.value - math.exp(-s * w) * math.cos(m * w)) <= 10 * found.error < 0.05


def test_what_grows_beyond_a_pole_does_not_exist_still():
    for a, p in ((0.0253, -0.8198), (0.0185, -1.192), (0.5, -0.5), (2.0, -2.0)):
        with pytest.raises(ProbabilityError):
            expectation(f"x**({p})", D["beta"](a, 2.0))


@pytest.mark.parametrize("name, given", [("student_t", (2.8,)), ("student_t", (30.0,)),
                                         ("beta", (2.8, 0.3)), ("f", (5.0, 8.0))])  # fmt: skip
def test_quantiles_reach_as_far_down_as_floats(name: str, given: tuple[float, ...]):
    law, p = D[name](*given), np.array([1e-300, 1e-200, 1e-60, 1e-20, 1e-9, 1e-3, 0.2])
    np.testing.assert_allclose(law.logcdf(law.ppf(p)), np.log(p), rtol=1e-12)
    if name != "beta":
        np.testing.assert_allclose(law.logsf(law.isf(p)), np.log(p), rtol=1e-12)


def test_neighbouring_floats_hold_a_probability():
    for name, m, s in (("logistic", -3167.2637, 2.4e-6), ("laplace", -1155.53387, 7.5e-6)):
        law, a = D[name](m, s), m + 3 * s
        found = log_probability(law, a, np.nextafter(a, INF))
        assert found.value == pytest.approx(float(law.logpdf(a) + np.log(np.spacing(abs(a)))), 1e-6)


# --- whole numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [1e-6, 3.84e-6, 1e-5, 1e-8, 0.3])
def test_a_sum_finds_the_mass_that_g_has_moved_to_the_first_numbers(p: float):
    for s in (0.3, 0.46, 0.9, 0.999):
        truth = p * s / (1 - (1 - p) * s)
        found = expectation(f"{s}**x", D["geometric"](p))
        assert found.value == pytest.approx(truth, rel=1e-9)
        assert abs(found.value - truth) <= 10 * found.error + 1e-13 * truth


def test_no_term_is_counted_twice_and_none_is_left_out():
    for p, k in ((6.10950275e-05, 9988), (2.67218793e-05, 38967), (1e-6, 3), (1e-6, 250_000)):
        tail = expectation(f"heaviside(x - {k + 0.5})", D["geometric"](p))
        assert abs(tail.value - math.exp(k * math.log1p(-p))) <= 10 * tail.error <= 1e-2
        single = f"heaviside(x - {k - 0.5})*heaviside({k + 0.5} - x)"
        truth = p * math.exp((k - 1) * math.log1p(-p))
        assert expectation(single, D["geometric"](p)).value == pytest.approx(truth, rel=1e-9)


def test_single_masses_of_middling_laws_keep_their_digits():
    for rate, k in ((27.2680691, 28), (27.7861237, 30), (26.0919542, 30), (11.0, 11), (10.5, 12)):
        with mp.workdps(30):
            truth = mp.exp(k * mp.log(mp.mpf(rate)) - mp.mpf(rate) - mp.loggamma(k + 1))
        assert float(D["poisson"](rate).pdf(k)) == pytest.approx(float(truth), rel=3e-15)


# --- importance sampling -------------------------------------------------------------------------


def test_an_error_that_quadrature_knows_to_be_larger_is_not_believed():
    warned = 0
    for seed in range(40):
        found = importance_estimate("x", D["normal"](), D["normal"](2.0, 1.06), 1000, seed)
        assert found.warning or abs(found.value) <= 8 * found.std_error
        warned += "understated" in found.warning
    assert warned
    fair = importance_estimate("x", D["normal"](), D["normal"](0.0, 1.3), 1000)
    assert fair.warning == ""


def test_a_finite_variance_of_a_discrete_proposal_is_not_called_infinite():
    for p, q in ((0.203223, 0.354625), (0.00142482, 0.00284625), (0.00909172, 0.017997)):
        found = importance_estimate("x", D["geometric"](p), D["geometric"](q), 1000)
        assert "infinite" not in found.warning
    for p, q in ((0.2, 0.37), (0.01, 0.021)):
        assert importance_estimate("x", D["geometric"](p), D["geometric"](q), 1000).warning


# --- typed log-densities -------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.01, 1.0, 30.0])
def test_the_truth_of_a_typed_density_has_its_far_humps(share: float):
    for gap, s in ((55366.5, 0.036), (40.0, 1.0), (1077.8, 0.0015), (12535.3, 2.6)):
        weight = share * s / (1 + share * s)
        text = f"log(exp(-x**2/2) + {share}*exp(-((x - {gap})/{s})**2/2))"
        assert moments(target(text)).mean[0] == pytest.approx(weight * gap, rel=1e-6)
        weight = share * s * s / (1 + share * s * s)
        far = f"((x - {gap})**2 + (y + {gap / 2})**2)/{2 * s * s}"
        two = moments(target(f"log(exp(-(x**2 + y**2)/2) + {share}*exp(-{far}))"))
        assert two.mean[0] == pytest.approx(weight * gap, rel=1e-6)
        assert two.mean[1] == pytest.approx(-weight * gap / 2, rel=1e-6)


def test_humps_far_apart_have_their_marginals_too():
    aim = target("log(exp(-(x**2 + y**2)/2) + exp(-((x - 300)**2 + (y - 3)**2)/2))")
    (lo, hi), _ = reach_of(aim)
    assert lo < -5 and hi > 305
    for centre in (0.0, 300.0):
        side = centre + np.linspace(-6, 6, 300)
        assert np.trapezoid(marginal(aim, 0, side), side) == pytest.approx(0.5, abs=1e-3)


def test_the_truth_behind_walls_and_on_a_ring_is_known():
    corner = moments(target("-x - y/3", bounds=((0, INF), (0, INF))))
    np.testing.assert_allclose(corner.mean, [1, 3], rtol=1e-4)
    quarter = moments(target("-x**2/2 - y**2/2", bounds=((0, INF), (0, INF))))
    np.testing.assert_allclose(quarter.mean, [math.sqrt(2 / math.pi)] * 2, rtol=1e-4)
    ring = moments(target("-(x**2 + y**2 - 100)**2/2"))
    np.testing.assert_allclose(ring.mean, [0, 0], atol=1e-6)
    np.testing.assert_allclose(ring.cov, np.eye(2) * 50, rtol=1e-6, atol=1e-6)


def test_a_family_is_asked_for_its_expected_metric_by_name():
    np.testing.assert_allclose(expected_metric("gamma", [0.01, 1]), metric("gamma", [0.01, 1]))
