"""The mistakes of the tutorial's importance sampling, live, beside the corrected way."""

from typing import Any

import numpy as np

from gdviz.catalogue.pitfall import Pitfall
from gdviz.probability import DISTRIBUTIONS, importance_estimate

SAMPLES, RUNS = 10_000, 200


class TutorialImportance:
    """The tutorial's estimator, mistakes kept: a mean of weights, without an integrand."""

    def __init__(self, n_samples: int = SAMPLES, seed: int = 0) -> None:
        self.n_samples, self.rng = n_samples, np.random.default_rng(seed)

    def importance_sampling(self, target_dist: Any, proposal_dist: Any) -> dict[str, float]:
        """Return the mean of the weights, called the expectation, and its standard error."""
        samples = proposal_dist.rvs(self.n_samples, self.rng)
        weights = target_dist.pdf(samples) / proposal_dist.pdf(samples)
        variance = float(np.var(weights))
        return {
            "expectation": float(np.mean(weights)),
            "std_error": float(np.sqrt(variance / self.n_samples)),
        }


def no_integrand() -> tuple[dict[str, float], Any]:
    """Return the tutorial's “expectation” of N(2, 1.5) from N(0, 2), and ours of X (11a)."""
    target, proposal = DISTRIBUTIONS["normal"](2.0, 1.5), DISTRIBUTIONS["normal"](0.0, 2.0)
    wrong = TutorialImportance().importance_sampling(target, proposal)
    return wrong, importance_estimate("x", target, proposal, SAMPLES)


def light_tails(runs: int = RUNS) -> tuple[float, float, float]:
    """Return the median reported error, the true spread, and how often the interval holds 1 (11b).

    The target is N(0, 1.5), the proposal N(0, 0.5): the variance of the weights is infinite.
    """
    target, proposal = DISTRIBUTIONS["normal"](0.0, 1.5), DISTRIBUTIONS["normal"](0.0, 0.5)
    found = [TutorialImportance(seed=s).importance_sampling(target, proposal) for s in range(runs)]
    values = np.array([row["expectation"] for row in found])
    errors = np.array([row["std_error"] for row in found])
    inside = np.abs(values - 1) <= 1.96 * errors
    return float(np.median(errors)), float(values.std()), float(inside.mean())


def our_warning() -> str:
    """Return what we say of the same target and proposal."""
    target, proposal = DISTRIBUTIONS["normal"](0.0, 1.5), DISTRIBUTIONS["normal"](0.0, 0.5)
    return importance_estimate("1", target, proposal, SAMPLES).warning


def _no_integrand() -> tuple[str, str]:
    wrong, right = no_integrand()
    return (
        f"“expectation” {wrong['expectation']:.3f} ± {wrong['std_error']:.3f}: the mean of the "
        "weights, which is 1 for any target",
        f"E[X] = {right.self_normalised:.3f} ± {right.self_normalised_error:.3f} (true 2), "
        f"weight ESS {right.ess:.0f} of {right.n}",
    )


def _light_tails() -> tuple[str, str]:
    error, spread, inside = light_tails()
    return (
        f"median reported error {error:.3f}; the estimates really spread by {spread:.2f}; the 95 % "
        f"interval holds the truth in {inside:.0%} of {RUNS} runs",
        our_warning(),
    )


ROWS = (
    Pitfall(
        "11a",
        "No integrand",
        _no_integrand,
        "Take h(x), weigh in logs, and say how many samples it was worth.",
    ),
    Pitfall(
        "11b",
        "A proposal with lighter tails than the target",
        _light_tails,
        "The variance is infinite, so that the reported error is only what has not happened yet.",
    ),
)
