"""Studies of the page *mcmc*: the step swept, the samplers compared, the error against n."""

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from gdviz.probability import SAMPLERS, Target, Trace, sample, summary
from gdviz.probability.diagnostics import Summary
from gdviz.probability.samplers import SAMPLER_LABELS, can_sample
from gdviz.probability.target_law import law_of_target
from gdviz.probability.target_moments import marginal, moments, reach_of
from gdviz.topics.mcmc.settings import OWN, Mcmc, knobs_of, target_of
from gdviz.topics.mcmc.step_sizes import good_step_sizes
from gdviz.topics.mcmc.verdicts import least_ess

SWEPT = {"sigma": (0.02, 30.0), "leap": (0.01, 3.0), "width": (0.1, 60.0), "scale": (0.3, 60.0)}
POINTS, DRAWS, WARM, CHAINS = 25, 1500, 300, 4
LENGTHS = np.unique(np.geomspace(16, 8192, 19).astype(int))


class StepSweep(NamedTuple):
    """By value of a knob: acceptance, ESS per evaluation and second, R-hat, each `(values,)`."""

    knob: str
    values: np.ndarray
    acceptance: np.ndarray
    per_evaluation: np.ndarray
    per_second: np.ndarray
    rhat: np.ndarray


class Score(NamedTuple):
    """How one sampler did: its draws' worth per evaluation and second, and its error."""

    sampler: str
    ess: float
    per_evaluation: float
    per_second: float
    rhat: float
    acceptance: float
    error: float


class ErrorsByLength(NamedTuple):
    """Against the number of draws `n`: RMS error of the mean, KS distance, by coordinate."""

    n: np.ndarray
    mean: np.ndarray
    distance: np.ndarray


def swept_knob(spec: Mcmc) -> str | None:
    """Return the page's knob that is swept for its sampler, None where there is none."""
    return next((name for name in OWN[spec.sampler] if name in SWEPT), None)


def _timed(target: Target, sampler: str, seed: int, **knobs: Any) -> tuple[Trace, float]:
    """Return a run and the seconds of the second of two, when all is compiled."""
    question: dict[str, Any] = {"chains": CHAINS, "warmup": WARM, "seed": seed, **knobs}
    sample(target, sampler, draws=1, **question)
    start = perf_counter()
    trace = sample(target, sampler, draws=DRAWS, **question)
    return trace, perf_counter() - start


def _worth(trace: Trace) -> tuple[list[Summary], float, float]:
    """Return the summaries, the least ESS and the evaluations of a run."""
    found = [summary(x) for x in trace.chains]
    return found, min(map(least_ess, found)), float(np.sum(trace.states.evaluations))


def sweep(spec: Mcmc) -> Iterator[tuple[float, StepSweep]]:
    """Yield the share done and the sweep so far; the sampler's step over three decades."""
    knob = swept_knob(spec)
    assert knob is not None
    target, own = target_of(spec), OWN[spec.sampler][knob]
    values = np.geomspace(*SWEPT[knob], POINTS)
    table = np.full((4, POINTS), np.nan)
    for i, value in enumerate(values):
        knobs = knobs_of(spec) | {own: float(value)}
        trace, seconds = _timed(target, spec.sampler, spec.seed, **knobs)
        found, size, asked = _worth(trace)
        rhat = max(s.rhat for s in found)
        rate = trace.accepted.mean()
        if "acceptance" in trace.states._fields:
            rate = trace.states.acceptance.mean()
        table[:, i] = rate, size / asked, size / seconds, rhat
        yield (i + 1) / POINTS, StepSweep(knob, values, *table)


def compare(spec: Mcmc) -> Iterator[tuple[float, list[Score]]]:
    """Yield the share done and the scores so far: the page's sampler at its knobs, all others.

    The others have steps that suit the target.
    """
    target = target_of(spec)
    exact = moments(target)
    own = OWN[spec.sampler]
    steps: dict[str, Any] = {k: v for k, v in good_step_sizes(spec.target).items() if k not in own}
    fair = replace(spec, **steps)
    names = [name for name in SAMPLERS if name != "svgd" and can_sample(target, name)]
    scores = []
    for i, name in enumerate(names):
        trace, seconds = _timed(target, name, spec.seed, **knobs_of(fair, name))
        found, size, asked = _worth(trace)
        off = [
            abs(s.mean - m) / np.sqrt(v)
            for s, m, v in zip(found, exact.mean, np.diag(exact.cov), strict=True)
        ]
        rhat = max(s.rhat for s in found)
        rate = float(trace.accepted.mean())
        score = Score(name, size, size / asked, size / seconds, rhat, rate, float(max(off)))
        scores.append(score)
        yield (i + 1) / len(names), sorted(scores, key=lambda s: -s.per_evaluation)


def rows_of(scores: list[Score]) -> list[dict[str, Any]]:
    """Return scores as the rows of a table."""
    return [
        {
            "sampler": SAMPLER_LABELS[s.sampler],
            "ESS": round(s.ess),
            "ESS per 1000 evaluations": float(f"{1000 * s.per_evaluation:.3g}"),
            "ESS per second": float(f"{s.per_second:.3g}"),
            "R̂": float(f"{s.rhat:.4g}"),
            "accepted": float(f"{s.acceptance:.3g}"),
            "error of the mean / sd": float(f"{s.error:.2g}"),
        }
        for s in scores
    ]


def errors(spec: Mcmc) -> ErrorsByLength:
    """Return the error of averages over the first n draws, over 16 chains of the page's sampler."""
    target, exact = target_of(spec), moments(target_of(spec))
    trace = sample(
        target,
        spec.sampler,
        chains=16,
        draws=int(LENGTHS[-1]) if spec.sampler != "svgd" else 512,
        warmup=WARM,
        seed=spec.seed,
        **knobs_of(spec),
    )
    lengths = LENGTHS[LENGTHS <= len(trace.x)]
    mean = np.empty((target.d, len(lengths)))
    distance = np.empty((target.d, len(lengths)))
    for j, x in enumerate(trace.chains):
        averages = np.cumsum(x, axis=1)[:, lengths - 1] / lengths
        mean[j] = np.sqrt(np.mean((averages - exact.mean[j]) ** 2, axis=0))
        below = distribution(target, j, x)
        distance[j] = [np.mean([_ks(row[:n]) for row in below]) for n in lengths]
    return ErrorsByLength(lengths, mean, distance)


def distribution(target: Target, axis: int, x: np.ndarray) -> np.ndarray:
    """Return the true distribution function of a coordinate at values of any shape."""
    if target.d == 1 and target.reach is None and target.log_z is None:
        return np.asarray(law_of_target(target).cdf(x))
    lo, hi = reach_of(target)[axis]
    rough = np.linspace(lo, hi, 301)
    density = marginal(target, axis, rough)
    inside = np.flatnonzero(density > 1e-6 * density.max())
    side = np.linspace(rough[max(inside[0] - 1, 0)], rough[min(inside[-1] + 1, 300)], 801)
    density = marginal(target, axis, side)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(side))])
    return np.interp(x, side, below / below[-1])


def _ks(below: np.ndarray) -> float:
    """Return the Kolmogorov-Smirnov distance of draws, given their true distribution function."""
    n = len(below)
    ordered = np.sort(below)
    steps = np.arange(n + 1) / n
    return float(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])))
