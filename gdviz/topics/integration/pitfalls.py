"""The mistakes of the tutorial's integration, live: its own algorithm beside the corrected one."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.catalogue.pitfall import Pitfall
from gdviz.probability import (
    DISTRIBUTIONS,
    DoesNotExist,
    ProbabilityError,
    expectation,
    log_probability,
    probability,
)


def tutorial_probability(mu: float, sigma: float, a: float, b: float) -> float:
    """Return what the tutorial takes for P(a ≤ X ≤ b): quad of a density that checks nothing."""
    from scipy.integrate import quad

    def normal_pdf(x: float) -> Any:
        return (1 / (sigma * np.sqrt(2 * np.pi))) * np.exp(-0.5 * ((x - mu) / sigma) ** 2)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return float(quad(normal_pdf, a, b)[0])


def tutorial_expectation(
    func: Callable[[Any], Any], distribution: Any, lower: float, upper: float
) -> float:
    """Return what the tutorial takes for E[func(X)]: quad over limits of the caller's choice."""
    from scipy.integrate import quad

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return float(quad(lambda x: func(x) * distribution.pdf(x), lower, upper)[0])


def _square(x: Any) -> Any:
    return x * x


def cut_short() -> list[tuple[str, float, float]]:
    """Return E[X²] by the tutorial's ±5 and by ours, for five distributions (7a)."""
    from scipy import stats

    make = DISTRIBUTIONS
    pairs = (
        ("N(0, 1)", stats.norm(0, 1), make["normal"](0, 1)),
        ("N(0, 2)", stats.norm(0, 2), make["normal"](0, 2)),
        ("N(0, 3)", stats.norm(0, 3), make["normal"](0, 3)),
        ("t(3)", stats.t(3), make["student_t"](3)),
        ("N(10, 1)", stats.norm(10, 1), make["normal"](10, 1)),
    )
    return [
        (name, tutorial_expectation(_square, theirs, -5, 5), expectation("x**2", ours).value)
        for name, theirs, ours in pairs
    ]


def missed_peaks() -> list[tuple[str, float, float]]:
    """Return three integrals whose peak quad steps over, and ours (7b)."""
    from scipy import stats

    normal = DISTRIBUTIONS["normal"]
    return [
        (
            "E[X²], N(0, 1) on ±1000",
            tutorial_expectation(_square, stats.norm(0, 1), -1000, 1000),
            expectation("x**2", normal(0, 1)).value,
        ),
        (
            "P(−1 ≤ X ≤ 1), N(0.3, 0.0001)",
            tutorial_probability(0.3, 1e-4, -1, 1),
            probability(normal(0.3, 1e-4), -1, 1).value,
        ),
        (
            "P of everything, N(10000, 1)",
            tutorial_probability(1e4, 1.0, -np.inf, np.inf),
            probability(normal(1e4, 1.0)).value,
        ),
    ]


def growing_estimates() -> tuple[float, float]:
    """Return E[e^X] of the normal, over the whole line: ∞ · 0, and in logs (7c)."""
    from scipy import stats

    wrong = tutorial_expectation(np.exp, stats.norm(0, 1), -np.inf, np.inf)
    return wrong, expectation("exp(x)", "normal").value


def no_mean() -> tuple[float, str]:
    """Return E|X| of the Cauchy distribution: a number, and that there is none (7d)."""
    from scipy import stats

    wrong = tutorial_expectation(np.abs, stats.cauchy(), -np.inf, np.inf)
    try:
        return wrong, f"{expectation('abs(x)', 'cauchy').value:.4g}"
    except DoesNotExist:
        return wrong, "does not exist"


def nonsense() -> list[tuple[str, str, str]]:
    """Return what becomes of σ < 0, a > b and σ = 0 (7e)."""
    rows = []
    for words, sigma, a, b in (("σ = −1", -1, -1, 1), ("a > b", 1, 1, -1), ("σ = 0", 0, -1, 1)):
        try:
            wrong = f"{tutorial_probability(0, sigma, a, b):.4f}"
        except ZeroDivisionError:
            wrong = "ZeroDivisionError"
        try:
            right = f"{probability(DISTRIBUTIONS['normal'](0, sigma), a, b).value:.4f}"
        except ProbabilityError as error:
            right = str(error)
        rows.append((words, wrong, right))
    return rows


def far_tail() -> tuple[float, float]:
    """Return P(Z > 40) by quad and its logarithm by the tail function (7f)."""
    return tutorial_probability(0, 1, 40, np.inf), log_probability("normal", 40, np.inf).value


def _cut() -> tuple[str, str]:
    rows = cut_short()
    return (
        "; ".join(f"{name}: {wrong:.5g}" for name, wrong, _ in rows),
        "; ".join(f"{name}: {right:.5g}" for name, _, right in rows),
    )


def _missed() -> tuple[str, str]:
    rows = missed_peaks()
    return (
        "; ".join(f"{name}: {wrong:.3g}" for name, wrong, _ in rows),
        "; ".join(f"{name}: {right:.6g}" for name, _, right in rows),
    )


def _growing() -> tuple[str, str]:
    wrong, right = growing_estimates()
    return f"E[e^X] = {wrong}", f"E[e^X] = {right:.11g}"


def _no_mean() -> tuple[str, str]:
    wrong, right = no_mean()
    return f"E|X| = {wrong:.3g}", f"E|X| {right}: the integral grows like 2/π · log x"


def _nonsense() -> tuple[str, str]:
    rows = nonsense()
    return (
        "; ".join(f"{words}: {wrong}" for words, wrong, _ in rows),
        " ".join(right for _, _, right in rows),
    )


def _far() -> tuple[str, str]:
    wrong, right = far_tail()
    return f"P(Z > 40) = {wrong}", f"log P(Z > 40) = {right:.12f}"


ROWS = (
    Pitfall(
        "7a",
        "An expectation over limits of one's own",
        _cut,
        "E[X²] is integrated from −5 to 5, whatever the distribution: take the whole support.",
    ),
    Pitfall(
        "7b",
        "A narrow peak that adaptive quadrature steps over",
        _missed,
        "Where the mass is, is known: split at the centre ± 2ᵏ widths, or use the tails.",
    ),
    Pitfall("7c", "∞ · 0", _growing, "Add the logarithms first: exp(log g + log p)."),
    Pitfall(
        "7d",
        "A number for what does not exist",
        _no_mean,
        "The error estimate was thrown away, and nobody looked at the tail.",
    ),
    Pitfall("7e", "Arguments that make no sense", _nonsense, "Check them, and say what is wrong."),
    Pitfall(
        "7f",
        "Tails that underflow",
        _far,
        "A probability of e^−804 has a logarithm, if not a float.",
    ),
)
