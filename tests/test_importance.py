"""Importance sampling: exact answers, unbiasedness, coverage, infinite variance, k̂ of ArviZ."""

import json
import math
from typing import Any

import numpy as np
import pytest
from browser import ROOT
from cases import NO_WARNINGS
from streamlit.testing.v1 import AppTest

from gdviz.probability import (
    DISTRIBUTIONS,
    DoesNotExist,
    ProbabilityError,
    expectation,
    importance_estimate,
    optimal_proposal,
    pareto_k,
)
from gdviz.probability.curse_of_dimension import SIDE, cost
from gdviz.probability.importance import (
    degeneracy,
    repeat_estimate,
    running_estimate,
    second_moment,
)
from gdviz.probability.pareto import largest
from gdviz.probability.variance_reduction import antithetic, control_variate

pytestmark = NO_WARNINGS

TRUTH = json.loads((ROOT / "tests" / "reference" / "integration.json").read_text())
NORMAL, STUDENT = DISTRIBUTIONS["normal"], DISTRIBUTIONS["student_t"]
TARGET, WIDE, NARROW = NORMAL(2.0, 1.5), NORMAL(0.0, 2.0), NORMAL(0.0, 0.5)


# --- the weights' tail ---------------------------------------------------------------------------


@pytest.mark.parametrize("row", TRUTH["pareto_k"], ids=lambda r: f"{r['kind']}{r['slope']}")
def test_k_is_that_of_arviz(row: dict[str, Any]):
    rng = np.random.default_rng(row["seed"])
    draw = {
        "exponential": rng.standard_exponential,
        "normal": rng.standard_normal,
        "uniform": rng.random,
    }[row["kind"]](row["n"])
    assert pareto_k(row["slope"] * draw) == pytest.approx(row["k"], abs=1e-9)
    assert pareto_k(row["slope"] * draw - 5000) == pytest.approx(row["k"], abs=1e-9)


def test_k_of_weights_of_a_known_tail_is_that_tail():
    """Weights e^(k·E) of an exponential E are Pareto with shape k."""
    draws = np.random.default_rng(1).standard_exponential(200_000)
    for k in (0.2, 0.5, 0.9):
        assert pareto_k(k * draws) == pytest.approx(k, abs=0.08)


def test_k_of_too_few_weights_is_infinite_and_of_equal_ones_negative():
    assert pareto_k(np.zeros(3)) == np.inf
    assert pareto_k(np.zeros(1000)) < 0  # no weight is larger than another


@pytest.mark.parametrize("n", [200, 10_000])
def test_k_of_weights_on_a_few_whole_numbers_is_not_infinite(n: int):
    """Weights that take few values are bounded."""
    rng = np.random.default_rng(4)
    for values in ([0.0, 1.0], [-3.0, 0.0, 0.5], [0.0, -1.0, -2.0, -40.0]):
        assert pareto_k(rng.choice(values, n)) < 0.5
    whole = importance_estimate(
        "x", DISTRIBUTIONS["binomial"](4, 0.5), DISTRIBUTIONS["binomial"](4, 0.4), n
    )
    assert whole.pareto_k < 0.7 and whole.warning == ""


@pytest.mark.parametrize("size", [10, 50_001, 300_000])
def test_the_largest_are_the_largest(size: int):
    x = np.random.default_rng(0).standard_normal(size)
    for special in (x, np.sort(x), np.zeros(size)):
        np.testing.assert_array_equal(np.sort(largest(special, 7)), np.sort(special)[-7:])


# --- estimates -----------------------------------------------------------------------------------


def test_the_tutorials_row_has_an_integrand_now():
    """11a: E[X] = 2 under N(2, 1.5) from N(0, 2); ESS/n is 1/E[w²], known by quadrature."""
    found = importance_estimate("x", TARGET, WIDE, 10_000, seed=0)
    assert abs(found.self_normalised - 2) < 4 * found.self_normalised_error
    assert abs(found.value - 2) < 4 * found.std_error
    assert found.ess == pytest.approx(10_000 / second_moment("1", TARGET, WIDE).value, rel=0.05)
    assert found.warning == "" and found.pareto_k < 0.5
    weights = importance_estimate("1", TARGET, WIDE, 10_000)
    assert weights.value == pytest.approx(1, abs=0.05) and weights.self_normalised == 1


def test_second_moments_are_exact():
    """E_q[w²] for two normals has a closed form."""
    s, r = 1.0, 1.4
    expected = r**2 / (s * math.sqrt(2 * r**2 - s**2))
    found = second_moment("1", NORMAL(0, s), NORMAL(0, r))
    assert found.value == pytest.approx(expected, rel=1e-12)
    with pytest.raises(DoesNotExist):
        second_moment("1", NORMAL(0, 1.5), NARROW)
    assert second_moment("1", NORMAL(0, 1), NORMAL(0, 0.72)).value > 1


@pytest.mark.parametrize(
    ("target", "proposal"),
    [(NORMAL(0, 1.5), NARROW), (DISTRIBUTIONS["cauchy"](), NORMAL()), (STUDENT(3), STUDENT(30))],
)
def test_too_light_tails_are_called_infinite_variance(target: Any, proposal: Any):
    """11b. No sample needs to have seen it: the tails are compared by quadrature."""
    for seed in range(3):
        assert (
            "variance is infinite" in importance_estimate("1", target, proposal, 5000, seed).warning
        )


MIXED = DISTRIBUTIONS["mixture"]
MISSES = [  # target, proposal: the samples lie in a part of the target only
    (MIXED(0.5, -10.0, 1.0, 10.0, 1.0), NORMAL(-10.0, 1.0)),
    (MIXED(0.3, -30.0, 1.0, 30.0, 1.0), NORMAL(-30.0, 1.5)),
    (MIXED(0.5, 0.0, 1.0, 25.0, 1.0), NORMAL(0.0, 2.0)),
    (MIXED(0.1, 5.0, 0.1, -5.0, 0.1), NORMAL(5.0, 0.2)),
]


@pytest.mark.parametrize(("target", "proposal"), MISSES)
def test_a_part_that_no_sample_reached_is_said(target: Any, proposal: Any):
    """The weights must have the mean 1; here it is the share of the part that was seen."""
    for seed in range(3):
        found = importance_estimate("x", target, proposal, 10_000, seed)
        assert "missed a part" in found.warning or "variance is infinite" in found.warning
        assert found.warning


def test_two_humps_seen_by_halves():
    found = importance_estimate("x", MISSES[0][0], MISSES[0][1], 10_000)
    assert found.value == pytest.approx(-5, abs=0.05) and found.warning


@pytest.mark.parametrize(
    ("h", "target"),
    [
        ("x", "cauchy"),
        ("abs(x)", "cauchy"),
        ("x", STUDENT(0.5)),
        ("x**2", STUDENT(1.5)),
        ("x**3", STUDENT(3)),
        ("exp(x)", STUDENT(5)),
        ("exp(x)", DISTRIBUTIONS["lognormal"]()),
        ("1/x", DISTRIBUTIONS["exponential"]()),
        ("x**3", DISTRIBUTIONS["f"](5.0, 6.0)),
        ("exp(2*x)", DISTRIBUTIONS["exponential"](1.0)),
        ("2**x", DISTRIBUTIONS["geometric"](0.5)),
    ],
)
def test_an_expectation_that_does_not_exist_is_said(h: str, target: Any):
    both_sides = h == "x" or target == STUDENT(3)
    said = "does not exist" if both_sides else "is infinite"
    assert f"The expectation {said}:" in importance_estimate(h, target, target, 2000).warning


@pytest.mark.parametrize(
    ("target", "proposal"),
    [
        (STUDENT(30), NORMAL(0, 1.2)),
        (STUDENT(30), NORMAL(0, 3)),
        (DISTRIBUTIONS["laplace"](), NORMAL(0, 5)),
        (DISTRIBUTIONS["logistic"](), NORMAL(0, 4)),
        (NORMAL(0, 1), NORMAL(0, 0.7)),
        (STUDENT(5), STUDENT(11)),
        (DISTRIBUTIONS["lognormal"](), DISTRIBUTIONS["gamma"](2.0)),
        (DISTRIBUTIONS["gamma"](1.0, 3.0), DISTRIBUTIONS["gamma"](1.0, 1.0)),
        (DISTRIBUTIONS["exponential"](0.4), DISTRIBUTIONS["exponential"](1.0)),
        (DISTRIBUTIONS["beta"](0.3, 1.0), DISTRIBUTIONS["beta"](0.7, 1.0)),
        (DISTRIBUTIONS["geometric"](0.2), DISTRIBUTIONS["geometric"](0.5)),
    ],
)
def test_an_infinite_variance_is_said_though_the_samples_look_well(target: Any, proposal: Any):
    warned = importance_estimate("1", target, proposal, 5000).warning
    assert "variance is infinite" in warned


def test_eleven_b_the_reported_error_is_a_fiction():
    """The median standard error is a hundredth of the spread of what is estimated."""
    runs = [importance_estimate("1", NORMAL(0.0, 1.5), NARROW, 10_000, s) for s in range(100)]
    values, errors = (np.array([run[i] for run in runs]) for i in (0, 1))
    assert np.mean(np.abs(values - 1) <= 1.96 * errors) < 0.6
    assert np.median(errors) < 0.1 < np.std(values)


def test_the_plain_estimate_is_unbiased_over_ten_thousand_runs():
    for h, target, proposal, truth in (
        ("x", TARGET, WIDE, 2.0),
        ("x**2", NORMAL(), STUDENT(3), 1.0),
        (
            "heaviside(x - 3)",
            NORMAL(),
            NORMAL(3, 1),
            expectation("heaviside(x - 3)", "normal").value,
        ),
    ):
        plain, ratio = repeat_estimate(h, target, proposal, 25, 10_000, seed=1)
        assert abs(plain.mean() - truth) < 4 * plain.std() / 100
    assert abs(ratio.mean() - truth) > 4 * ratio.std() / 100  # Σwh/Σw is not, and it shows


def test_the_interval_covers_where_the_variance_is_finite():
    """Two standard errors of 200 tries below 95 % are allowed."""
    for h, target, proposal, truth in (
        ("x", TARGET, WIDE, 2.0),
        ("x**2", NORMAL(), STUDENT(3), 1.0),
        ("exp(x)", NORMAL(), NORMAL(1.0, 1.3), math.exp(0.5)),
    ):
        hits = np.zeros(2)
        for seed in range(200):
            found = importance_estimate(h, target, proposal, 400, seed)
            assert "infinite" not in found.warning
            hits += [
                abs(found.value - truth) <= 1.96 * found.std_error,
                abs(found.self_normalised - truth) <= 1.96 * found.self_normalised_error,
            ]
        assert np.all(hits / 200 >= 0.92)


def test_repeated_runs_are_single_runs():
    plain, ratio = repeat_estimate("x", TARGET, WIDE, 500, 1, seed=9)
    one = importance_estimate("x", TARGET, WIDE, 500, seed=9)
    assert plain[0] == pytest.approx(one.value, rel=1e-12)
    assert ratio[0] == pytest.approx(one.self_normalised, rel=1e-12)
    spread = repeat_estimate("x", TARGET, WIDE, 500, 400, seed=9)[0].std()
    expected = math.sqrt((second_moment("x", TARGET, WIDE).value - 4) / 500)
    assert spread == pytest.approx(expected, rel=0.15)


def test_the_running_estimates_end_where_the_estimates_are():
    found = importance_estimate("x", TARGET, WIDE, 2000)
    plain, error, ratio = running_estimate(found, "x")
    assert plain[-1] == pytest.approx(found.value, rel=1e-12)
    assert error[-1] == pytest.approx(found.std_error, rel=1e-9)
    assert ratio[-1] == pytest.approx(found.self_normalised, rel=1e-12)
    first = found._replace(samples=found.samples[:100], log_weights=found.log_weights[:100])
    for short, long in zip(running_estimate(first, "x"), (plain, error, ratio), strict=True):
        np.testing.assert_allclose(short[-1], long[99], rtol=1e-12)


def test_weights_that_all_underflow_are_no_trouble_in_logs():
    """11c: pdf/pdf is 0/0 for N(50, 1) from N(0, 1); in logs the ratio of the weights is exact."""
    found = importance_estimate("x", NORMAL(50, 1), NORMAL(0, 1), 10_000)
    assert found.self_normalised == pytest.approx(found.samples.max(), abs=0.05)
    assert found.ess < 2 and "a few weights decide" in found.warning
    far = importance_estimate("x", NORMAL(1e4, 1), NORMAL(1e4, 2), 10_000)
    assert far.value == pytest.approx(1e4, rel=0.05) and far.ess > 3000


def test_a_target_that_is_not_normalised_is_normalised_by_its_weights():
    found = importance_estimate("x**2", lambda x: 700 - x**4, NORMAL(), 20_000)
    truth = DISTRIBUTIONS["typed"]("exp(-x**4)").var()
    assert abs(found.self_normalised - truth) < 4 * found.self_normalised_error
    assert found.value == found.self_normalised and found.std_error == found.self_normalised_error


def test_names_frozen_scipy_and_whole_numbers_are_distributions_too():
    from scipy import stats

    ours = importance_estimate("x", TARGET, WIDE, 4000, seed=2)
    theirs = importance_estimate("x", stats.norm(2, 1.5), stats.norm(0, 2), 4000, seed=2)
    assert theirs.value == pytest.approx(ours.value, rel=1e-12)
    assert abs(importance_estimate("x**2", "normal", "laplace").value - 1) < 0.1
    counts = importance_estimate("x", DISTRIBUTIONS["poisson"](4), DISTRIBUTIONS["geometric"](0.2))
    assert "does not reach" in counts.warning  # a geometric number is never 0
    whole = importance_estimate("x", DISTRIBUTIONS["poisson"](4), DISTRIBUTIONS["poisson"](5))
    assert abs(whole.value - 4) < 4 * whole.std_error and whole.warning == ""


def test_a_proposal_that_does_not_reach_the_target_is_said_to():
    found = importance_estimate("x", NORMAL(), DISTRIBUTIONS["exponential"]())
    assert "biased" in found.warning
    with pytest.raises(ProbabilityError, match="No sample"):
        importance_estimate("x", DISTRIBUTIONS["uniform"](5, 6), DISTRIBUTIONS["uniform"](0, 1))


def test_a_tail_probability_by_a_shifted_proposal():
    truth = NORMAL().sf(6.0)
    crude = importance_estimate(lambda x: x > 6, NORMAL(), NORMAL(), 100_000)
    shifted = importance_estimate(lambda x: x > 6, NORMAL(), NORMAL(6, 1), 100_000)
    assert crude.value == 0.0 and "says nothing" in crude.warning
    assert abs(shifted.value - truth) < 4 * shifted.std_error < 0.04 * truth
    assert "Only the plain estimate is sound" in shifted.warning
    exact = second_moment("heaviside(x - 6)", NORMAL(), NORMAL(6, 1)).value - truth**2
    assert exact / 100_000 == pytest.approx(shifted.std_error**2, rel=0.05)
    assert truth * (1 - truth) / exact > 1e7


def test_the_best_proposal_leaves_no_variance():
    for h, target in (("abs(x)", NORMAL()), ("x", DISTRIBUTIONS["gamma"](3.0))):
        best = optimal_proposal(h, target)
        found = importance_estimate(h, target, best, 200)
        truth = expectation(h, target).value
        assert found.value == pytest.approx(truth, rel=1e-10)
        assert found.std_error < 1e-9 * truth
        assert second_moment(h, target, best).value == pytest.approx(truth**2, rel=1e-9)


def test_control_variates_and_antithetic_pairs_take_variance_away():
    truth = math.exp(0.5)
    plain = math.sqrt((math.exp(2) - math.exp(1)) / 10_000)
    for found in (
        control_variate("exp(x)", "x", "normal", 10_000, seed=4),
        antithetic("exp(x)", "normal", 10_000, seed=4),
    ):
        assert abs(found.value - truth) < 4 * found.error
        assert found.error < plain / math.sqrt(1.3)
    perfect = control_variate("2*x + 1", "x", "normal", 100)
    assert perfect.value == pytest.approx(1.0, abs=1e-13) and perfect.error < 1e-14
    assert antithetic("x", "normal", 100).error < 1e-14
    assert control_variate("x", "3", "normal", 100).error > 0  # a constant explains nothing


def test_weights_degenerate_with_the_dimension_as_the_formula_says():
    sampled, limit = degeneracy(1.2, [1, 5, 20], n=100_000)
    np.testing.assert_allclose(sampled, limit, rtol=0.05)
    assert limit[0] == pytest.approx(1 / second_moment("1", NORMAL(0, 1), NORMAL(0, 1.2)).value)
    assert degeneracy(0.7, [1, 2], n=100)[1].tolist() == [0.0, 0.0]


def test_the_cost_of_dimensions():
    found = cost(range(1, 7), budget=1024, repeats=8)
    grid = np.mean(np.exp(-(((np.arange(32) + 0.5) / 32) ** 2))) ** 2
    assert found.grid[1] == pytest.approx(abs(grid / SIDE**2 - 1), rel=1e-9)
    assert np.all(np.diff(found.grid) > 0) and np.all(found.monte_carlo < 0.06)
    assert np.all(found.quasi_monte_carlo < found.monte_carlo / 5)
    assert found.per_axis.tolist() == [1024, 32, 10, 5, 4, 3]


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda: importance_estimate("x", TARGET, WIDE, 0),
        lambda: importance_estimate("x", TARGET, WIDE, 1.5),
        lambda: importance_estimate("x", TARGET, WIDE, "many"),
        lambda: importance_estimate("x", TARGET, WIDE, 100, seed=-1),
        lambda: importance_estimate(7.0, TARGET, WIDE),
        lambda: importance_estimate("sqrt(x)", TARGET, WIDE),
        lambda: importance_estimate("1/0.0**abs(x)", TARGET, WIDE),
        lambda: importance_estimate("x", lambda x: np.full_like(x, np.nan), WIDE),
        lambda: importance_estimate("x", "no such law", WIDE),
        lambda: importance_estimate("x", TARGET, None),
        lambda: importance_estimate("x", "poisson", WIDE),
    ],
)
def test_questions_without_sense_are_refused(call: Any):
    with pytest.raises(ValueError):
        call()


POLES = ("abs(sin(1/x))", "1/x**2", "log(x)", "tan(x)", "x/abs(x)", "exp(1/x)", "sin(1/x)/x")


@pytest.mark.parametrize("h", POLES)
def test_a_pole_or_a_jump_shows_the_page_or_a_sentence(h: str) -> None:
    page = AppTest.from_file(ROOT / "pages" / "importance.py", default_timeout=120)
    page.query_params["importance_h"] = h
    page.run()
    assert not page.exception


@pytest.mark.parametrize(
    ("h", "target", "proposal", "words"),
    [
        ("x", ("gamma", 0.1, 1.0), ("exponential", 1.0), "Only the plain estimate is sound"),
        ("x**-0.6", ("uniform", 0.0, 1.0), ("uniform", 0.0, 1.0), "too thin where |h| is large"),
        ("x", ("student_t", 30.0, 0.0, 1.0), ("normal", 0.0, 1.2), "its tails are too light"),
    ],
)
def test_an_infinite_variance_is_laid_to_what_makes_it(h, target, proposal, words):
    p, q = (DISTRIBUTIONS[name](*given) for name, *given in (target, proposal))
    assert words in importance_estimate(h, p, q, 2000).warning


def test_what_is_infinite_is_written_as_people_write_it() -> None:
    with pytest.raises(DoesNotExist, match="towards −∞"):
        expectation("x", "cauchy")
    found = importance_estimate("x", NORMAL(10.0, 1.0), NORMAL(0.0, 2.0), n=10, seed=9999)
    assert found.pareto_k == math.inf and "k̂ = ∞:" in found.warning
