"""Random questions about laws, samples and chains: an answer that is given is right."""

import mpmath as mp
import numpy as np
import pytest
from cases import NO_WARNINGS
from gauge import Gauge, amounts
from laws import DIGITS, Question, Rng, some_event, some_expectation, some_sum
from samples import some_chains, some_typed, some_weighed

from gdviz.probability import (
    ProbabilityError,
    ess_bulk,
    expectation,
    importance_estimate,
    log_probability,
    mcse_mean,
    rhat,
    target,
)
from gdviz.probability.density_check import check_density
from gdviz.probability.target_moments import moments

pytestmark = NO_WARNINGS

SMALLEST = 1e-300
REFUSED = 0.01  # of all, in a sentence that claims no more than it knows
VAGUE = 0.03


@amounts(some=120, whole=12_000)
def test_an_expectation_is_right_within_ten_times_its_error(amount: int) -> None:
    _judge_expectations(some_expectation, 31, amount)


@amounts(some=120, whole=8_000)
def test_a_sum_over_whole_numbers_is_right_within_ten_times_its_error(amount: int) -> None:
    _judge_expectations(some_sum, 32, amount)


def _judge_expectations(some, seed: int, amount: int) -> None:
    rng, gauge, wrong, refused = np.random.default_rng(seed), Gauge(amount > 1000), [], []
    vague = 0
    with mp.workdps(DIGITS):
        for _ in range(amount):
            asked: Question = some(rng)
            with gauge.one((asked.law, asked.g)):
                try:
                    found = expectation(asked.g, asked.law)
                except ProbabilityError as error:
                    if asked.truth is not None:
                        refused.append((asked, str(error)))
                    continue
            if asked.truth is None or not _is_right(found, asked):
                wrong.append((asked, found))
            vague += bool(found.error > 1e-3 * float(asked.size or 1))
    gauge.report(f"expectations ({len(refused)} refused, {vague} vague)")
    assert not wrong, f"{len(wrong)} of {amount}: {wrong[:4]}"
    assert not [words for _, words in refused if "does not exist" in words], refused[:4]
    assert len(refused) <= REFUSED * amount + 1 and vague <= VAGUE * amount + 4


def _is_right(found, asked: Question) -> bool:
    if abs(asked.truth) < SMALLEST and abs(found.value) < SMALLEST:
        return True
    if np.isinf(found.value):
        return bool(abs(asked.truth) > 1e308)
    return bool(abs(found.value - asked.truth) <= 10 * found.error + 1e-13 * asked.size)


@amounts(some=150, whole=15_000)
def test_a_probability_is_right_in_logs(amount: int) -> None:
    rng, gauge, wrong = np.random.default_rng(33), Gauge(amount > 1000), []
    with mp.workdps(DIGITS):
        for _ in range(amount):
            asked = some_event(rng)
            with gauge.one(asked[:3]):
                found = log_probability(*asked[:3])
            if not asked.truth > 0:
                continue
            off = abs(found.value - mp.log(asked.truth))
            if off > 10 * found.error + 1e-13 * max(1, abs(found.value)) + _of_ends(*asked[:3]):
                wrong.append((asked, found))
    gauge.report("probabilities")
    assert not wrong, f"{len(wrong)} of {amount}: {wrong[:4]}"


def _of_ends(law, a: float, b: float) -> float:
    """Return what a rounding of the ends does to the logarithm of a probability."""
    log = log_probability(law, a, b).value
    ends = np.array([end for end in (a, b) if np.isfinite(end)])
    moved = np.abs(ends) * np.exp(np.minimum(law.logpdf(ends) - log, 300.0))
    return 10 * float(np.finfo(float).eps * moved.max(initial=0.0))


@amounts(some=100, whole=4_000)
def test_importance_sampling_warns_where_it_must_and_only_there(amount: int) -> None:
    rng, gauge, wrong = np.random.default_rng(34), Gauge(amount > 1000), []
    for seed in range(amount):
        asked = some_weighed(rng)
        with gauge.one(asked):
            found = importance_estimate("x", asked.target, asked.proposal, 1000, seed)
        if fault := _misjudged(found, asked):
            wrong.append((fault, asked, found.warning))
    gauge.report("importance sampling")
    assert not wrong, f"{len(wrong)} of {amount}: {wrong[:4]}"


def _misjudged(found, asked) -> str:
    if asked.truth is None:
        return "" if "does not exist" in found.warning else "no mean, and nothing said"
    if not asked.finite:
        return "" if found.warning else "an infinite variance, and nothing said"
    if "infinite" in found.warning or "not exist" in found.warning:
        return "a false warning"
    far = abs(found.value - asked.truth) > 8 * found.std_error
    return "far from the truth, and nothing said" if far and not found.warning else ""


@amounts(some=24, whole=1_500)
def test_the_truth_of_a_typed_density_is_true_or_not_known(amount: int) -> None:
    rng, gauge, wrong, unknown = np.random.default_rng(35), Gauge(amount > 1000), [], 0
    for _ in range(amount):
        asked = some_typed(rng)
        aim = target(asked.text, bounds=asked.bounds)
        with gauge.one(asked.text):
            status, found = check_density(aim).status, moments(aim)
        if status != "ok" or (found.known and not _is_true(found, asked)):
            wrong.append((asked, status, found))
        unknown += not found.known
    gauge.report(f"typed densities ({unknown} not known)")
    assert not wrong, f"{len(wrong)} of {amount}: {wrong[:4]}"
    assert unknown <= 0.03 * amount + 1


def _is_true(found, asked) -> bool:
    sd, spread = np.array(asked.sd), np.sqrt(np.diag(found.cov))
    known = np.isfinite(spread)
    near = np.abs(found.mean - asked.mean) <= 2e-3 * sd
    return bool(near.all() and (np.abs(spread / sd - 1)[known] < 2e-2).all())


@amounts(some=60, whole=5_000)
def test_the_diagnostics_of_chains_are_what_theory_says(amount: int) -> None:
    rng, wrong = np.random.default_rng(36), []
    for _ in range(amount):
        asked = some_chains(rng)
        x, alike = asked.x, not asked.apart
        share = ess_bulk(x) * asked.time / x.size
        off = abs(x.mean() - asked.mean) / mcse_mean(x)
        least = 0.3 if rhat(x) < 1.05 else 0.1  # chains that differ by chance count for fewer
        if (rhat(x) < 1.1) != alike or (alike and not (least < share < 3 and off < 6)):
            wrong.append((asked[1:], rhat(x), share, off))
    assert not wrong, f"{len(wrong)} of {amount}: {wrong[:4]}"


@pytest.mark.parametrize("some", [some_expectation, some_sum])
def test_the_judge_finds_a_wrong_digit(some) -> None:
    rng: Rng = np.random.default_rng(37)
    with mp.workdps(DIGITS):
        asked = next(q for q in iter(lambda: some(rng), None) if q.truth and abs(q.truth) > 1e-3)
        found = expectation(asked.g, asked.law)
        assert _is_right(found, asked)
        broken = found._replace(value=found.value + 1e3 * found.error + 1e-9 * float(asked.size))
        assert not _is_right(broken, asked)
