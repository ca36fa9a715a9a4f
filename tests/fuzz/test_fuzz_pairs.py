"""Forty thousand pairs of laws over twelve orders of magnitude, judged by mpmath."""

import mpmath as mp
import pytest
from gauge import Gauge, amounts
from pairs import DIGITS, off, pairs, true_bhattacharyya, true_kl, true_wasserstein

from gdviz.geometry import GeometryError, kl, wasserstein
from gdviz.geometry.divergences import bhattacharyya

# Covariances of condition 10⁶ and more lose digits as their eigenvalues do.
LEAST = {"centred_normal": 1e-7, "categorical": 1e-9}
USUAL, MOST_FLOAT = 1e-11, 1e300


@amounts(some=150, whole=40_000)
def test_divergences_keep_their_digits(amount: int) -> None:
    gauge = Gauge(amount > 10_000, megabytes=512)
    worst, count = (0.0, ""), 0
    with mp.workdps(DIGITS):
        for name, a, b in pairs(1, amount):
            with gauge.one((name, a, b)):
                error = judged(name, a, b)
            if error is not None:
                count += 1
                worst = max(worst, (error, f"{name} {a} {b}"))
                assert error < LEAST.get(name, USUAL), (name, a.tolist(), b.tolist(), error)
    gauge.report(f"pairs ({count} judged, worst relative error {worst[0]:.1e}: {worst[1]})")
    assert count > 0.9 * amount


def judged(name, a, b) -> float | None:
    """Return the largest relative error of the divergences, None where no float holds them."""
    truth = true_kl(name, a, b)
    try:
        errors = [off(kl(name, a, b), truth)]
    except GeometryError:
        assert truth > MOST_FLOAT, "a refusal needs a reason"
        return None
    if name != "weibull":
        errors.append(off(bhattacharyya(name, a, b), true_bhattacharyya(name, a, b)))
    if (distance := true_wasserstein(name, a, b)) is not None:
        errors.append(off(wasserstein(name, a, b), distance))
    return max(errors)


@pytest.mark.parametrize("name", ["gamma", "beta", "poisson"])
def test_the_judge_finds_a_wrong_digit(name: str) -> None:
    found = next((a, b) for family, a, b in pairs(1, 100) if family == name)
    with mp.workdps(DIGITS):
        truth = true_kl(name, *found)
        assert off(float(truth) * (1 + 1e-9), truth) > 1e-11
