"""Distributions: tails against 60 digits, densities against scipy.stats, bad parameters."""

import json
from typing import Any

import numpy as np
import pytest
from browser import ROOT
from cases import NO_WARNINGS, each

from gdviz.knobs import Range, knobs
from gdviz.probability import (
    DISTRIBUTIONS,
    Distribution,
    DoesNotExist,
    ProbabilityError,
    log_probability,
    probability,
)
from gdviz.probability.mixtures import mixture_of
from gdviz.probability.registry import DISTRIBUTION_LABELS, distribution_of

pytestmark = NO_WARNINGS

TRUTH = json.loads((ROOT / "tests" / "reference" / "integration.json").read_text())
EVERY = {name: make() for name, make in DISTRIBUTIONS.items()}


def same(a: Distribution) -> Any:
    """Return the frozen distribution of scipy.stats with the same default parameters."""
    from scipy import stats

    return {
        "normal": stats.norm(0, 1),
        "student_t": stats.t(3),
        "cauchy": stats.cauchy(),
        "laplace": stats.laplace(),
        "logistic": stats.logistic(),
        "gamma": stats.gamma(2),
        "exponential": stats.expon(),
        "chi2": stats.chi2(3),
        "weibull": stats.weibull_min(1.5),
        "lognormal": stats.lognorm(0.5),
        "f": stats.f(5, 8),
        "beta": stats.beta(2, 3),
        "uniform": stats.uniform(),
        "poisson": stats.poisson(4),
        "binomial": stats.binom(20, 0.3),
        "geometric": stats.geom(0.3),
    }[a.name]


@each("row", TRUTH["tails"])
def test_tails_in_logs_hold_where_the_functions_have_underflowed(row: dict[str, Any]):
    """1e-12 of the probability down to 1e-300 is 1e-12 in its log; beyond, 1e-13 of the log."""
    law = DISTRIBUTIONS[row["name"]](*row["parameters"])
    for got, text in ((law.logcdf(row["x"]), row["below"]), (law.logsf(row["x"]), row["above"])):
        truth = float(text)
        assert got == truth or abs(got - truth) <= max(1e-12, 1e-13 * abs(truth))


@pytest.mark.parametrize("x", [-3.0, 0.0, 0.5, 20.0])
def test_a_frozen_scipy_distribution_is_taken_as_it_is(x: float):
    for name in ("normal", "student_t", "poisson"):
        ours = log_probability(EVERY[name], x)
        theirs = log_probability(same(EVERY[name]), x)
        assert theirs.value == pytest.approx(ours.value, rel=1e-10, abs=1e-15)


@pytest.mark.parametrize("name", [n for n in DISTRIBUTIONS if n not in ("typed", "mixture")])
def test_densities_are_those_of_scipy(name: str):
    law, frozen = EVERY[name], same(EVERY[name])
    q = np.linspace(0.001, 0.999, 41)
    x = frozen.ppf(q)
    log = frozen.logpmf if law.discrete else frozen.logpdf
    np.testing.assert_allclose(law.logpdf(x), log(x), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(law.cdf(x), frozen.cdf(x), rtol=1e-11)
    np.testing.assert_allclose(law.sf(x), frozen.sf(x), rtol=1e-9)
    np.testing.assert_allclose(law.ppf(q), x, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(law.isf(q), frozen.isf(q), rtol=1e-10, atol=1e-14)
    mean, variance = frozen.stats("mv")
    if np.isfinite(mean):
        assert law.mean() == pytest.approx(float(mean), rel=1e-12)
    if np.isfinite(variance):
        assert law.var() == pytest.approx(float(variance), rel=1e-12)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_samples_follow_the_distribution_function(name: str):
    """Kolmogorov and Smirnov: sup |Fₙ − F| √n is below 2.2 but once in ten thousand."""
    law, n = EVERY[name], 4000
    x = np.sort(law.rvs(n, 5))
    below = np.arange(1, n + 1) / n
    last = np.append(x[1:] != x[:-1], True)  # of a discrete distribution, the top of each step
    assert np.abs(law.cdf(x[last]) - below[last]).max() * np.sqrt(n) < 2.2
    if not law.discrete:
        assert np.abs(law.cdf(x + 0.3 * law.centers[0][1])[:-1] - below[:-1]).max() > 0.05


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_quantiles_undo_the_distribution_function(name: str):
    law = EVERY[name]
    q = np.array([1e-6, 0.01, 0.3, 0.5, 0.9, 0.9999])
    x = law.ppf(q)
    if law.discrete:
        assert np.all(law.cdf(x) >= q * (1 - 1e-12)) and np.all(law.cdf(x - 1) < q * (1 + 1e-12))
    else:
        np.testing.assert_allclose(law.cdf(x), q, rtol=1e-9)
        np.testing.assert_allclose(law.sf(law.isf(q)), q, rtol=1e-9)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_outside_the_support_nothing_is_missing_and_nan_stays(name: str):
    law = EVERY[name]
    lo, hi = law.support
    for x in (lo - 1, -np.inf) if np.isfinite(lo) else (-np.inf,):
        assert (law.logpdf(x), law.logcdf(x), law.logsf(x)) == (-np.inf, -np.inf, 0.0)
    for x in (hi + 1, np.inf) if np.isfinite(hi) else (np.inf,):
        assert (law.logpdf(x), law.logcdf(x), law.logsf(x)) == (-np.inf, 0.0, -np.inf)
    with np.errstate(invalid="ignore"):
        assert np.isnan(law.logpdf(np.nan)) and np.isnan(law.logcdf(np.nan))


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_knobs_have_defaults_within_their_bounds_and_a_label(name: str):
    assert DISTRIBUTION_LABELS.get(name), (
        f"{name} has no label: add it to DISTRIBUTION_LABELS in gdviz/probability/registry.py"
    )
    declared = knobs(DISTRIBUTIONS[name])
    assert declared
    for knob in declared.values():
        if isinstance(knob.kind, Range) and name != "typed":
            assert knob.kind.lo <= knob.default <= knob.kind.hi


@each("bad", [0.0, -1.0, np.nan, np.inf, "x", None])
@pytest.mark.parametrize(
    ("name", "which"),
    [("normal", 1), ("student_t", 0), ("student_t", 2), ("cauchy", 1), ("gamma", 0), ("gamma", 1)]
    + [("exponential", 0), ("beta", 0), ("beta", 1), ("lognormal", 1), ("laplace", 1), ("f", 1)]
    + [("logistic", 1), ("weibull", 0), ("chi2", 0), ("poisson", 0), ("geometric", 0)]
    + [("binomial", 0), ("binomial", 1), ("mixture", 0), ("mixture", 2)],
)
def test_parameters_without_sense_are_refused_in_words(name: str, which: int, bad: Any):
    given: list[Any] = [0.5] * (which + 1)
    if name == "binomial":
        given = [20, 0.5][: which + 1]
    given[which] = bad
    with pytest.raises(ProbabilityError, match=r"\.$"):
        DISTRIBUTIONS[name](*given)


def test_ranges_and_names_without_sense_are_refused():
    for lo, hi in ((1.0, 1.0), (2.0, 1.0), (np.nan, 1.0), (0.0, np.inf)):
        with pytest.raises(ProbabilityError):
            DISTRIBUTIONS["uniform"](lo, hi)
    for thing in ("no such law", 3.0, None, object()):
        with pytest.raises(ProbabilityError):
            distribution_of(thing)
    with pytest.raises(ProbabilityError):
        mixture_of([1.0], [0.0, 1.0], [1.0, 1.0])


def test_a_scipy_distribution_with_a_bad_scale_is_refused():
    from scipy import stats

    with np.errstate(all="ignore"), pytest.raises(ProbabilityError):
        distribution_of(stats.norm(0, -1))


def test_means_that_do_not_exist_are_said_not_to():
    for law in (DISTRIBUTIONS["cauchy"](), DISTRIBUTIONS["student_t"](1.0)):
        for moment in (law.mean, law.var, law.std):
            with pytest.raises(DoesNotExist):
                moment()
    with pytest.raises(DoesNotExist):
        DISTRIBUTIONS["student_t"](2.0).var()
    assert DISTRIBUTIONS["student_t"](2.0).mean() == 0.0
    with pytest.raises(DoesNotExist):
        DISTRIBUTIONS["f"](5.0, 4.0).var()


# --- probabilities -------------------------------------------------------------------------------


def test_golden_rows_of_the_tutorial():
    assert probability("normal", -1, 1).value == pytest.approx(0.6826894921370859, rel=1e-15)
    assert log_probability("normal", 40).value == pytest.approx(-804.6084420137538, rel=1e-15)
    assert log_probability("normal", -np.inf, -40).value == pytest.approx(-804.6084420137538)
    assert probability("normal", 8, 9).value == pytest.approx(6.219831985865767e-16, rel=1e-12)
    assert EVERY["normal"].logpdf(50.0) == pytest.approx(-1250.9189385332047, rel=1e-15)
    for sigma in (-1.0, 0.0):
        with pytest.raises(ProbabilityError, match="σ must be positive"):
            DISTRIBUTIONS["normal"](0.0, sigma)
    with pytest.raises(ProbabilityError, match="reversed"):
        probability("normal", 1, -1)


def test_a_probability_below_every_float_is_zero_and_says_so():
    found = probability("normal", 40)
    assert found.value == 0.0 and "smaller than any float: e^-804.608" in found.note
    assert probability(DISTRIBUTIONS["normal"](0, 1), -np.inf, -37.5).value > 0


def test_where_even_the_logarithm_is_no_float_it_is_minus_infinity_and_not_nan():
    assert log_probability("normal", 1e155).value == -np.inf
    assert log_probability("normal", -np.inf, -1e200).value == -np.inf
    assert log_probability("student_t", 1e155).value == pytest.approx(-1070.604344803187)


def test_empty_infinite_and_impossible_ranges():
    assert probability("normal").value == 1.0
    assert probability("normal", -np.inf, np.inf).value == 1.0
    assert probability("normal", 1, 1).value == 0.0
    assert log_probability("normal", 1, 1).value == -np.inf
    assert probability("gamma", -5, -1).value == 0.0
    assert probability("beta", 2, 3).value == 0.0
    assert probability("beta", -7, 9).value == 1.0
    for a, b in ((np.nan, 1.0), (0.0, np.nan), ("x", 1.0)):
        with pytest.raises(ProbabilityError):
            probability("normal", a, b)


@pytest.mark.parametrize("name", [n for n in DISTRIBUTIONS if not EVERY[n].discrete])
def test_intervals_add_up_and_narrow_ones_keep_their_digits(name: str):
    law = EVERY[name]
    a, b, c = (float(law.ppf(q)) for q in (0.2, 0.45, 0.97))
    parts = probability(law, a, b).value + probability(law, b, c).value
    assert parts == pytest.approx(probability(law, a, c).value, rel=1e-12)
    x = float(law.ppf(0.7))
    width = 1e-7 * law.centers[0][1]
    narrow = probability(law, x, x + width)
    expected = law.pdf(x + width / 2) * (x + width - x)
    assert narrow.value == pytest.approx(expected, rel=1e-9)
    assert 0 <= narrow.error < 1e-12 * narrow.value


def test_whole_numbers_count_both_ends():
    law, masses = EVERY["poisson"], EVERY["poisson"].pdf(np.arange(0, 40.0))
    assert probability(law, 2, 5).value == pytest.approx(masses[2:6].sum(), rel=1e-13)
    assert probability(law, 1.5, 5.9).value == pytest.approx(masses[2:6].sum(), rel=1e-13)
    assert probability(law, 3, 3).value == pytest.approx(masses[3], rel=1e-14)
    assert probability(law, 3.2, 3.8).value == 0.0
    assert probability(law, -5, -1).value == 0.0
    assert probability(law).value == pytest.approx(1.0, rel=1e-15)
    wide = DISTRIBUTIONS["binomial"](10_000, 0.5)
    assert probability(wide, 4900, 5100).value == pytest.approx(0.9555742, rel=1e-6)
    deep = log_probability(DISTRIBUTIONS["poisson"](4.0), 400)
    assert deep.value == pytest.approx(-1449.8, abs=0.2)


# --- typed densities and mixtures ----------------------------------------------------------------


def test_a_typed_density_is_normalised_and_agrees_with_the_one_it_is():
    law = DISTRIBUTIONS["typed"]("exp(-x**2/2)")
    normal = EVERY["normal"]
    x = np.linspace(-36.0, 36.0, 25)
    np.testing.assert_allclose(law.logpdf(x), normal.logpdf(x), rtol=1e-12)
    np.testing.assert_allclose(law.logcdf(x), normal.logcdf(x), rtol=1e-11, atol=1e-300)
    np.testing.assert_allclose(law.logsf(x), normal.logsf(x), rtol=1e-11, atol=1e-300)
    assert law.mean() == pytest.approx(0.0, abs=1e-14) and law.var() == pytest.approx(1.0)
    far = DISTRIBUTIONS["typed"]("7*exp(-(x - 500)**2)", 0.0, 1000.0)
    assert far.mean() == pytest.approx(500.0, rel=1e-13) and far.var() == pytest.approx(0.5)


def test_typed_densities_that_are_none_are_refused_in_words():
    make = DISTRIBUTIONS["typed"]
    with pytest.raises(ProbabilityError, match="negative at x ="):
        make("sin(x)", 0.0, 6.0)
    with pytest.raises(ProbabilityError, match="not a number at x ="):
        make("sqrt(x)", -1.0, 1.0)
    with pytest.raises(ProbabilityError, match="No mass was found"):
        make("heaviside(-x)*heaviside(x - 1)")
    with pytest.raises(ProbabilityError, match="empty"):
        make("exp(-x**2)", 3.0, 3.0)
    with pytest.raises(ProbabilityError):
        make("0*x", 0.0, 1.0)
    for text in ("1/(1 + abs(x))", "1", "exp(x)"):
        with pytest.raises(DoesNotExist):
            make(text)
    with pytest.raises(DoesNotExist):
        make("1/x", 0.0, 1.0)
    with pytest.raises(ValueError):
        make("__import__('os')")


def test_a_typed_cauchy_has_no_mean():
    law = DISTRIBUTIONS["typed"]("1/(1 + x**2)")
    assert law.moments == (None, None)
    assert law.cdf(1.0) == pytest.approx(0.75, rel=1e-12)


def test_mixtures_of_far_and_narrow_parts():
    law = mixture_of((2, 1, 1), (-1e4, 0.0, 1e4), (1e-3, 1.0, 1e-2))
    assert law.cdf(-5000.0) == pytest.approx(0.5, rel=1e-14)
    assert law.ppf(0.625) == pytest.approx(0.0, abs=1e-9)
    assert law.mean() == pytest.approx(-2500.0)
    assert law.logsf(1e4) == pytest.approx(np.log(0.125), rel=1e-14)


def test_equal_parameters_make_equal_distributions():
    assert DISTRIBUTIONS["normal"](1, 2) == DISTRIBUTIONS["normal"](1.0, 2.0)
    assert DISTRIBUTIONS["normal"](1, 2) != DISTRIBUTIONS["normal"](1, 3)
    assert hash(DISTRIBUTIONS["gamma"](2)) == hash(DISTRIBUTIONS["gamma"](2.0))
    assert repr(DISTRIBUTIONS["normal"](1, 2)) == "normal(mu=1.0, sigma=2.0)"
