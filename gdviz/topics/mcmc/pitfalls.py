"""The mistakes of the tutorial's Metropolis, live: its own algorithm beside the right one."""

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from gdviz.catalogue.pitfall import Pitfall
from gdviz.probability import Target, sample, summary, target
from gdviz.probability.targets import TARGETS

DRAWS, BURN = 10_000, 1000


class Walked(NamedTuple):
    """What the tutorial's walk came to: its draws and how many proposals it accepted."""

    draws: np.ndarray
    acceptance: float


def tutorial_metropolis(
    pdf: Callable[[float], float],
    proposal_std: float,
    n_samples: int = DRAWS,
    n_burnin: int = BURN,
    seed: int = 0,
) -> Walked:
    """Run the tutorial's chain, mistakes kept: a ratio of densities, one chain, no diagnostic."""
    rng = np.random.RandomState(seed)
    current, taken, draws = rng.randn(), 0, np.zeros(n_samples)
    here = pdf(current)
    for i in range(-n_burnin, n_samples):
        proposal = current + rng.normal(0, proposal_std)
        there = pdf(proposal)
        ratio = there / here if here else math.nan if there == 0 else math.inf
        if rng.rand() < ratio:
            current, here = proposal, there
            taken += i >= 0
        if i >= 0:
            draws[i] = current
    return Walked(draws, taken / n_samples)


def normal_pdf(mean: float, sd: float) -> Callable[[float], float]:
    """Return a normal density, which underflows beyond 38 standard deviations."""
    scale = 1 / (sd * math.sqrt(2 * math.pi))
    return lambda x: scale * math.exp(-0.5 * ((x - mean) / sd) ** 2)


def product_pdf(data: np.ndarray) -> Callable[[float], float]:
    """Return the likelihood of a mean as a product of densities, which is 0 for many data."""

    def density(mean: float) -> float:
        return float(np.prod(np.exp(-0.5 * (data - mean) ** 2) / math.sqrt(2 * math.pi)))

    return density


def thousand() -> np.ndarray:
    """Return a thousand observations of a normal of mean 2."""
    return 2 + np.random.default_rng(7).standard_normal(1000)


@cache
def slow_walk() -> Walked:
    """Return the tutorial's own example: N(2, 1.5) with a step of 0.5."""
    return tutorial_metropolis(normal_pdf(2, 1.5), 0.5)


def _far() -> tuple[str, str]:
    lost = tutorial_metropolis(normal_pdf(50, 1), 0.5)
    far = target("-(x - 50)**2/2", box=((40.0, 60.0),))
    trace = sample(far, "rwm", step=2.4, draws=2500, warmup=500, start=[1.764])
    return (
        f"{len(np.unique(lost.draws))} different draw in {DRAWS:,}, mean {lost.draws.mean():.3f}: "
        "0/0 accepts nothing",
        f"in log space from the same start: mean {trace.x.mean():.2f}",
    )


def _posterior() -> tuple[str, str]:
    data = thousand()
    lost = tutorial_metropolis(product_pdf(data), 0.5, 2000, 200)
    right = target(f"-{len(data)}*(x - {data.mean():.12g})**2/2")
    trace = sample(right, "rwm", step=0.08, draws=2500, warmup=500, start=[1.764])
    return (
        f"{len(np.unique(lost.draws))} different draw, mean {lost.draws.mean():.3f}: a product of "
        "a thousand densities is 0",
        f"the sum of logarithms: mean {trace.x.mean():.3f}, exact {data.mean():.3f}",
    )


def _silent() -> tuple[str, str]:
    walk = slow_walk()
    found = summary(walk.draws)
    naive = walk.draws.std() / math.sqrt(DRAWS)
    return (
        f"10,000 draws, mean {walk.draws.mean():.3f}, and as error sd/√n = {naive:.3f}",
        f"acceptance {walk.acceptance:.3f}, ESS {found.ess_bulk:.0f} of {DRAWS:,}: "
        f"the error is {found.mcse_mean:.3f}",
    )


def steps() -> list[tuple[float, float, float]]:
    """Return for four steps the acceptance and the ESS of 20,000 draws of N(2, 1.5)."""
    found = []
    for step in (0.05, 0.5, 3.6, 100.0):
        trace = sample("normal", "rwm", step=step, chains=1, draws=20_000, warmup=1000, start=[2.0])
        found.append((step, float(trace.accepted.mean()), summary(trace.chains[0]).ess_bulk))
    return found


def _steps() -> tuple[str, str]:
    told = [f"σ {step:g}: accepts {rate:.2g}, ESS {ess:.0f}" for step, rate, ess in steps()]
    return f"a step out of the air. {told[0]}; {told[3]}", f"{told[1]}; {told[2]}: best near 0.44"


def one_mode(seed: int) -> float:
    """Return the mean of the tutorial's one chain on two modes at ±4."""
    left, right = normal_pdf(-4, 1), normal_pdf(4, 1)
    return float(
        tutorial_metropolis(lambda x: left(x) + right(x), 0.5, 4000, 500, seed).draws.mean()
    )


def two_modes() -> Target:
    """Return the target on which one chain is not enough."""
    return TARGETS["bimodal"]


def _one_chain() -> tuple[str, str]:
    means = [one_mode(seed) for seed in range(6)]
    four = sample(two_modes(), "rwm", step=0.5, draws=3000, start=[[-6.0], [-2.0], [2.0], [6.0]])
    told = ", ".join(f"{mean:+.1f}" for mean in means)
    return (
        f"means of six single chains: {told}; the truth is 0",
        f"four chains from apart: R̂ = {summary(four.chains[0]).rhat:.2f} says that they disagree",
    )


ROWS = (
    Pitfall(
        "11c",
        "A ratio of densities that are both 0",
        _far,
        "Compare log u with log p(x′) − log p(x): a logarithm does not underflow.",
    ),
    Pitfall(
        "11d",
        "A posterior as a product of densities",
        _posterior,
        "Add the logarithms of a thousand observations; their product is below 10⁻³⁰⁸.",
    ),
    Pitfall(
        "11e",
        "Draws without acceptance rate or effective size",
        _silent,
        "Neighbouring draws are alike: divide the sd by √ESS, not by √n.",
    ),
    Pitfall(
        "11f",
        "A step size out of the air",
        _steps,
        "Tune it while the chain warms up, then leave it: in one dimension to accept 44 %.",
    ),
    Pitfall(
        "11g",
        "One chain",
        _one_chain,
        "It sees one mode and looks perfect. Run four, from apart, and look at R̂.",
    ),
)
