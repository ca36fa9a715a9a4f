"""Integrals, sums and laws outside the textbook's range, each with its closed form."""

import math
from typing import Any

import numpy as np
import pytest
from cases import NO_WARNINGS, each
from scipy import special as sc
from scipy import stats

from gdviz.probability import DISTRIBUTIONS, ProbabilityError, expectation, integrate

pytestmark = NO_WARNINGS

FAR = "exp(-(x - 116)**2/(2*3.81**2))/(3.81*sqrt(2*pi))"
WINDOW = "heaviside(x - 0.303)*heaviside(0.313 - x)"
SPIKE = "exp(-((x - 0.3)/1e-5)**2/2)/(1e-5*sqrt(2*pi))"
INTEGRALS = [
    (FAR, 0, math.inf, 1.0),
    ("1 + cos(8*pi*x)", 0, 1, 1.0),
    (WINDOW, 0, 1, 0.01),
    (SPIKE, 0, 1, 1.0),
    (f"1 + {SPIKE}", 0, 1, 2.0),
    ("x**-0.99", 0, 1, 100.0),
    ("1/(x*log(x)**2)", 2, math.inf, 1 / math.log(2)),
    ("cos(x)*exp(-x/1000)", 0, math.inf, 1e-3 / (1 + 1e-6)),
]
RULES = ["simpson", "tanh_sinh", "quasi_monte_carlo", "adaptive_simpson", "adaptive_gauss_kronrod"]


@pytest.mark.parametrize("rule", RULES)
@each("f, a, b, truth", INTEGRALS)
def test_no_rule_is_confidently_wrong(rule: str, f: str, a: float, b: float, truth: float):
    try:
        found = integrate(f, a, b, rule, 64)
    except ProbabilityError as error:
        assert f == "x**-0.99" and "infinite at x = 0" in str(error)
        return
    assert abs(found.value - truth) <= 10 * found.error + 1e-13 * abs(truth)


@pytest.mark.parametrize("rule", ["simpson", "tanh_sinh", "monte_carlo", "adaptive_gauss_kronrod"])
def test_a_result_made_of_zeros_knows_nothing(rule: str):
    hidden = integrate(lambda x: np.exp(-((x - 1e6) ** 2) / 2), 0, math.inf, rule, 64)
    assert hidden.value == 0 and hidden.error == math.inf
    assert "only zeros were seen: the error is unknown" in hidden.note
    assert "within the tolerance" not in hidden.note.replace("not within the tolerance", "")


# --- whole numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize("k", range(60, 141, 3))
def test_every_single_value_of_a_poisson_law_is_met(k: int):
    found = expectation(lambda x: np.where(x == k, 1.0, 0.0), DISTRIBUTIONS["poisson"](100.0))
    truth = math.exp(k * math.log(100) - 100 - math.lgamma(k + 1))
    assert found.value == pytest.approx(truth, rel=1e-12)


@pytest.mark.parametrize(
    ("law", "k", "truth"),
    [
        (DISTRIBUTIONS["poisson"](20.0), 19, 0.08883531739208522),
        *((DISTRIBUTIONS["geometric"](0.01), k, 0.01 * 0.99 ** (k - 1)) for k in (1, 2, 77, 500)),
        *(
            (DISTRIBUTIONS["binomial"](1000, 0.5), k, sc.comb(1000, k, exact=True) / 2**1000)
            for k in (440, 473, 500, 511, 560)
        ),
    ],
)
def test_single_values_of_other_laws_are_met(law: Any, k: int, truth: float):
    found = expectation(lambda x: np.where(x == k, 1.0, 0.0), law)
    assert found.value == pytest.approx(truth, rel=1e-11)


@pytest.mark.parametrize("rate", [1e3, 1e6, 1e9, 1e12])
def test_a_sign_that_changes_at_every_number_is_not_skipped(rate: float):
    found = expectation("cos(pi*x)", DISTRIBUTIONS["poisson"](rate))
    assert abs(found.value) <= 10 * found.error + 1e-12 and found.error < 0.1


@pytest.mark.parametrize("rate", [1e3, 1e7, 1e10, 1e12])
def test_a_mean_of_very_many_terms_keeps_its_digits(rate: float):
    found = expectation("x", DISTRIBUTIONS["poisson"](rate))
    assert found.value == pytest.approx(rate, rel=1e-11)
    assert abs(found.value - rate) <= 10 * found.error + 1e-12 * rate


# --- humps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [3.0, 20.0, 800.0, 12345.678, 1e6])
@pytest.mark.parametrize("width", [1e-3, 1.0, 30.0])
def test_a_typed_density_keeps_both_humps(gap: float, width: float):
    text = f"exp(-x**2/2) + exp(-((x - {gap})/{width})**2/2)"
    law = DISTRIBUTIONS["typed"](text)
    share = width / (1 + width)
    mean = share * gap
    variance = (1 - share) + share * width**2 + share * (1 - share) * gap**2
    near = max(1e-9, 4e-16 * gap / width)  # how far apart floats are at the hump, in widths
    assert law.mean() == pytest.approx(mean, rel=near)
    assert law.var() == pytest.approx(variance, rel=10 * near)
    assert expectation("1", law).value == pytest.approx(1, abs=near)
    assert expectation("x", law).value == pytest.approx(mean, rel=near)


# --- what exists ---------------------------------------------------------------------------------

LAWS = [
    ("gamma", (0.005,)), ("gamma", (0.001,)), ("chi2", (0.001,)), ("chi2", (0.02,)),
    ("weibull", (0.005,)), ("weibull", (0.02,)), ("lognormal", (0.0, 100.0)),
    ("lognormal", (0.0, 27.0)), ("lognormal", (5.0, 40.0)), ("beta", (0.01, 0.01)),
    ("f", (0.01, 0.02)), ("student_t", (0.02,)), ("normal", (1e6, 1e-3)), ("cauchy", (0.0, 1e-9)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters"), LAWS)
def test_the_total_mass_of_a_known_law_never_fails(name: str, parameters: tuple[float, ...]):
    found = expectation("1", DISTRIBUTIONS[name](*parameters))
    assert found.value == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("shape", [0.005, 0.01, 0.1])
def test_bounded_functions_of_a_steep_law_are_right(shape: float):
    law = DISTRIBUTIONS["gamma"](shape)
    assert expectation("exp(-x)", law).value == pytest.approx(2**-shape, rel=1e-10)
    assert expectation("x", law).value == pytest.approx(shape, rel=1e-10)


@pytest.mark.parametrize("sigma", [30.0, 100.0, 1000.0])
def test_what_lies_beyond_all_floats_cannot_be_told(sigma: float):
    with pytest.raises(ProbabilityError, match="It cannot be told"):
        expectation("x", DISTRIBUTIONS["lognormal"](0.0, sigma))


@each(
    "law",
    [
        stats.dlaplace(0.5),
        stats.levy(),
        DISTRIBUTIONS["chi2"](0.0005),
        DISTRIBUTIONS["weibull"](0.003, 1.0),
        DISTRIBUTIONS["lognormal"](0.0, 150.0),
        DISTRIBUTIONS["gamma"](1e-5, 1e-200),
    ],
)
def test_what_overflows_on_the_way_says_nothing(law: Any):
    """Warnings are errors here: those of SciPy and of powers that overflow stay inside."""
    assert expectation("1", law).value == pytest.approx(1.0, rel=1e-9)
    assert integrate("exp(x)", 0, math.inf, "monte_carlo", 64).error == math.inf


def test_a_law_on_a_circle_is_refused():
    with pytest.raises(ProbabilityError, match="vonmises_line"):
        expectation("x", stats.vonmises(2))
    found = expectation("x**2", stats.vonmises_line(2))
    assert found.value == pytest.approx(float(stats.vonmises_line(2).var()), rel=1e-6)


def test_the_gamma_density_keeps_its_digits_for_a_tiny_shape():
    found = expectation("x", DISTRIBUTIONS["gamma"](1e-5, 1e-200))
    assert abs(found.value - 1e-205) <= 10 * found.error
