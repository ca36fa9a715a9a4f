"""Laws of scipy.stats and parameters at the ends of the floats: a number or a sentence."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from gdviz.probability import (
    DISTRIBUTIONS,
    ProbabilityError,
    expectation,
    importance_estimate,
    probability,
)

D = DISTRIBUTIONS
ONE, MANY = "needs its parameters", "make several distributions"
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "gamma, not frozen": (lambda: stats.gamma, ONE),
    "beta, not frozen": (lambda: stats.beta, ONE),
    "poisson, not frozen": (lambda: stats.poisson, ONE),
    "skellam, not frozen": (lambda: stats.skellam, ONE),
    "t, not frozen": (lambda: stats.t, ONE),
    "two normals": (lambda: stats.norm([0, 1], 1), MANY),
    "two scales": (lambda: stats.norm(0, scale=[1, 2]), MANY),
    "two rates": (lambda: stats.poisson([1, 2]), MANY),
    "a table of gammas": (lambda: stats.gamma(np.ones((2, 2))), MANY),
    "arrays of one": (lambda: stats.norm([0.0], [1.0]), MANY),
    "two tails": (lambda: stats.t(df=[1, 2]), MANY),
    "a normal of vectors": (lambda: stats.multivariate_normal([0, 0]), "A distribution is"),
    "a class": (lambda: object(), "A distribution is"),
    "poisson(1e300)": (lambda: D["poisson"](1e300), "too large"),
    "geometric(1e-300)": (lambda: D["geometric"](1e-300), "too large"),
    "as wide as floats": (lambda: D["uniform"](-1e308, 1e308), "wider than any float"),
    "a scale of nan": (lambda: stats.norm(0, np.nan), "out of range"),
    "a scale below 0": (lambda: stats.norm(0, -1), "out of range"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_one_law_is_refused_in_a_sentence(name: str):
    make, words = REFUSED[name]
    for ask in (
        lambda law: probability(law, 0, 1),
        lambda law: expectation("x", law),
        lambda law: importance_estimate("x", law, "normal", 100),
    ):
        with pytest.raises(ProbabilityError, match=words):
            ask(make())


HISTOGRAM = stats.rv_histogram(np.histogram([0.5, 1.5, 1.5, 2.5], bins=[0, 1, 2, 3]))
ACCEPTED: dict[str, tuple[Callable[[], Any], float, float, float]] = {  # law, a, b, P(a ≤ X ≤ b)
    "a histogram": (lambda: HISTOGRAM, 0, 1, 0.25),
    "a frozen histogram": (lambda: HISTOGRAM(), 1, 2, 0.5),
    "norm itself": (lambda: stats.norm, 0, np.inf, 0.5),
    "expon itself": (lambda: stats.expon, 0, np.log(2), 0.5),
    "uniform itself": (lambda: stats.uniform, 0.25, 0.5, 0.25),
    "skellam": (lambda: stats.skellam(3, 3), 0, 0, 0.16665743263981657),
    "dlaplace": (lambda: stats.dlaplace(np.log(2)), 0, 0, 1 / 3),
    "a table of masses": (
        lambda: stats.rv_discrete(values=([-1, 0, 5], [0.2, 0.3, 0.5])),
        -1,
        0,
        0.5,
    ),
    "weibull(0.01)": (lambda: D["weibull"](0.01), 0, 1, 1 - np.exp(-1)),
    "normal(1e308, 1e308)": (lambda: D["normal"](1e308, 1e308), -np.inf, 1e308, 0.5),
    "student_t(0.001)": (lambda: D["student_t"](0.001), 0, np.inf, 0.5),
    "beta(1e-300, 1e-300)": (lambda: D["beta"](1e-300, 1e-300), 0, 1, 1.0),
    "cauchy of scale 1e300": (lambda: D["cauchy"](0, 1e300), -1e300, 1e300, 0.5),
    "laplace of scale 1e300": (lambda: D["laplace"](0, 1e300), 0, np.inf, 0.5),
    "logistic of scale 1e300": (lambda: D["logistic"](0, 1e300), 0, np.inf, 0.5),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_odd_laws_have_their_probabilities(name: str):
    make, a, b, truth = ACCEPTED[name]
    assert probability(make(), a, b).value == pytest.approx(truth, rel=1e-9)


@pytest.mark.parametrize("power", [1.5, 2.4986, 3.4906])
def test_a_law_of_heavy_tails_on_whole_numbers_keeps_its_head_and_its_tail(power: float):
    law, zeta = stats.zipf(power), special.zeta(power)
    truths = {"1": 1.0, "1/x": special.zeta(power + 1) / zeta, "mod(x, 2)": 1 - 2.0**-power}
    for g, truth in truths.items():
        found = expectation(g, law)
        assert abs(found.value - truth) <= 3 * found.error + 1e-14, (g, found)
        assert found.error < 1e-4


def test_quantiles_that_scipy_would_search_for_ever_are_refused():
    with pytest.raises(ProbabilityError, match="out of range"):
        expectation("1", stats.zipf(1.036))


def test_an_error_knows_the_digits_that_scipy_loses():
    p = 0.0382275262
    found = expectation("x", stats.nbinom(2097, p, loc=319313))
    truth = 2097 * (1 - p) / p + 319313
    assert 0 < abs(found.value - truth) <= 10 * found.error
