"""Markov chains: the knobs of the page, its presets, what it runs, and that as Python."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.figures.hand import Hand
from gdviz.knobs import NUMBER, PAIRS, Choice, Range, Text, clamp, needs
from gdviz.numerals import count_of
from gdviz.probability import SAMPLERS, TARGETS, SamplerError, Target, Trace, sample
from gdviz.probability import target as typed_target
from gdviz.probability.diagnostics import Summary
from gdviz.probability.diagnostics import summary as summary_of_draws
from gdviz.probability.samplers import SAMPLER_LABELS
from gdviz.probability.sampling import join_draws, starts

TYPED = "typed"
PICTURES = 300  # steps of the stage
PACES = {"slow": f"every draw, {PICTURES} of them", "fast": "the whole run"}
SWARM_DRAWS = 1500  # of Stein's particles, whose draws cost a hundred times one of the others
MOST_GRADIENTS = 20_480_000  # of all chains together, if every tree grows to its depth

# The page's knob, and what it is called by the sampler.
OWN: dict[str, dict[str, str]] = {
    "rwm": {"sigma": "step"},
    "adaptive": {"sigma": "step", "after": "after"},
    "independence": {"scale": "scale"},
    "gibbs": {},
    "slice": {"width": "width"},
    "mala": {"leap": "step"},
    "hmc": {"leap": "step", "leaps": "leaps"},
    "nuts": {"delta": "delta", "leap": "step", "depth": "depth"},
    "stretch": {"stretch": "stretch"},
    "tempering": {"sigma": "step", "rungs": "rungs", "hottest": "hottest"},
    "svgd": {"leap": "step"},
}


def _having(knob: str) -> list[str]:
    """Return the samplers that have a knob of the page."""
    return [name for name, own in OWN.items() if knob in own]


@dataclass(frozen=True)
class Mcmc:
    """Everything that the page *mcmc* can be asked; `starts` is `x,y;x,y;…`, empty for random."""

    target: Annotated[
        str,
        Choice({k: t.name for k, t in TARGETS.items()} | {TYPED: "Type a log-density …"}, "target"),
    ] = "three_modes"
    formula: Annotated[
        str,
        Text("log p(x, y) =", "Up to a constant. In x alone it has one variable."),
        needs("target", TYPED),
    ] = "-(x**2 + y**2 - 4)**2/4"
    left: Annotated[float, Range(-1e3, 1e3, "x from"), needs("target", TYPED)] = -4.0
    right: Annotated[float, Range(-1e3, 1e3, "x to"), needs("target", TYPED)] = 4.0
    bottom: Annotated[float, Range(-1e3, 1e3, "y from"), needs("target", TYPED)] = -4.0
    top: Annotated[float, Range(-1e3, 1e3, "y to"), needs("target", TYPED)] = 4.0
    sampler: Annotated[str, Choice(SAMPLER_LABELS, "sampler")] = "rwm"
    sigma: Annotated[
        float,
        Range(1e-3, 100.0, "step σ", "Sd of a proposal, each way.", log=True),
        needs("sampler", *_having("sigma")),
    ] = 2.2
    leap: Annotated[
        float, Range(1e-3, 10.0, "leapfrog step ε", log=True), needs("sampler", *_having("leap"))
    ] = 0.25
    leaps: Annotated[int, Range(1, 100, "leapfrogs L"), needs("sampler", *_having("leaps"))] = 12
    delta: Annotated[
        float,
        Range(0.5, 0.99, "target acceptance δ", "The burn-in tunes ε to it."),
        needs("sampler", *_having("delta")),
    ] = 0.8
    depth: Annotated[int, Range(1, 8, "greatest depth"), needs("sampler", *_having("depth"))] = 8
    width: Annotated[
        float,
        Range(0.01, 100.0, "width w", "First guess at a slice's width.", log=True),
        needs("sampler", *_having("width")),
    ] = 3.0
    scale: Annotated[
        float, Range(0.01, 100.0, "proposal's sd", log=True), needs("sampler", *_having("scale"))
    ] = 3.0
    after: Annotated[
        int, Range(10, 1000, "adapt after", "Draws."), needs("sampler", *_having("after"))
    ] = 100
    stretch: Annotated[
        float, Range(1.05, 10.0, "stretch a"), needs("sampler", *_having("stretch"))
    ] = 2.0
    rungs: Annotated[
        int, Range(2, 12, "rungs of the ladder"), needs("sampler", *_having("rungs"))
    ] = 5
    hottest: Annotated[
        float, Range(1.5, 1000.0, "hottest T", log=True), needs("sampler", *_having("hottest"))
    ] = 20.0
    chains: Annotated[int, Range(1, 8, "chains")] = 4
    draws: Annotated[int, Range(100, 20_000, "draws per chain", "The burn-in is among them.")] = (
        5000
    )
    burn: Annotated[
        int, Range(0, 19_900, "burn-in", "Draws set apart; samplers that adapt do so in them.")
    ] = 200
    seed: Annotated[int, Range(0, 9999, "seed")] = 1
    pace: Annotated[str, Choice(PACES, "the stage plays")] = "slow"
    watched: Annotated[
        int, Range(1, 8, "chain watched", "Whose test and path are told in numbers.")
    ] = 1
    first: Annotated[
        int,
        Range(0, 19_900, "from draw", "Where the stage begins, so that any draw can be seen."),
        needs("pace", "slow"),
    ] = 0
    starts: Annotated[
        str,
        Text(
            "starts",
            "x,y;x,y; … one a chain; empty for random ones. Or drag them.",
            form=rf"{PAIRS}|{NUMBER}(?:;{NUMBER})*",
        ),
    ] = ""

    def unread(self) -> dict[str, str]:
        """Return why the starts are not those of the chains, which then start at random."""
        if not self.starts or start_points(self) is not None:
            return {}
        d = target_of(self).d
        what = f"{count_of(self.chains, 'start')} of {count_of(d, 'number')}"
        return {"starts": f"these settings take {what}, apart by semicolons, one start a chain."}


def target_of(spec: Mcmc) -> Target:
    """Return the target; raise `FormulaError` or `SamplerError` if the typed one says none."""
    if spec.target != TYPED:
        return TARGETS[spec.target]
    found = typed_target(spec.formula)
    x, y = sorted((spec.left, spec.right)), sorted((spec.bottom, spec.top))
    if min(x[1] - x[0], y[1] - y[0]) < 1e-6:
        raise SamplerError("The window is empty: give it two different ends each way.")
    box = ((x[0], x[1]), (y[0], y[1]))[: found.d]
    return replace(found, box=box)


def burn_of(spec: Mcmc) -> int:
    """Return the burn-in, which leaves at least fifty draws."""
    return max(0, min(spec.burn, draws_of(spec) - 50))


def first_of(spec: Mcmc) -> int:
    """Return after which draw the stage begins, so that a draw is left to be seen."""
    return min(spec.first, draws_of(spec) - 1) if spec.pace == "slow" else 0


def draws_of(spec: Mcmc) -> int:
    """Return the draws per chain, fewer for Stein's particles and for many deep trees."""
    if spec.sampler == "svgd":
        return min(spec.draws, SWARM_DRAWS)
    gradients = {"nuts": 2**spec.depth, "hmc": spec.leaps}.get(spec.sampler, 1)
    return min(spec.draws, MOST_GRADIENTS // (spec.chains * gradients))


def watched_of(spec: Mcmc) -> int:
    """Return the index of the chain that is watched, the last one where there are fewer."""
    return min(spec.watched, spec.chains) - 1


def draws_shown(spec: Mcmc, draws: int) -> np.ndarray:
    """Return the draw at each step of the stage: every one from `first`, or the run in leaps."""
    first = first_of(spec)
    steps = min(PICTURES, draws - first)
    last = first + steps if spec.pace == "slow" else draws
    return np.rint(np.linspace(first, last, steps + 1)).astype(int)


def knobs_of(spec: Mcmc, sampler: str | None = None) -> dict[str, Any]:
    """Return the knobs of the page's sampler, or of another, as the sampler names them."""
    return {own: getattr(spec, name) for name, own in OWN[sampler or spec.sampler].items()}


def start_points(spec: Mcmc) -> np.ndarray | None:
    """Return the starts that the text says, `(chains, d)`; None unless it says all of them."""
    target = target_of(spec)
    try:
        rows = [[float(v) for v in part.split(",")] for part in spec.starts.split(";")]
    except ValueError:
        return None
    sound = len(rows) == spec.chains and all(len(row) == target.d for row in rows)
    return np.array(rows) if sound and np.isfinite(rows).all() else None


class McmcResult(NamedTuple):
    """A run as the page shows it: the trace, all draws with the burn-in, summaries by coordinate.

    `x (draws, chains, d)`; `states` are those of all draws; paths and trees among them are those of
    `PICTURES` draws after draw `first`.
    """

    trace: Trace
    states: Any
    x: np.ndarray
    burn: int
    summaries: tuple[Summary, ...]
    first: int


def run(spec: Mcmc) -> McmcResult:
    """Return the run of a spec; raise `ValueError` in a sentence where there is none."""
    # What only the stage asks runs nothing anew.
    return _run(replace(spec, pace="slow", watched=1, first=first_of(spec)))


@cached
def _run(spec: Mcmc) -> McmcResult:
    burn, first = burn_of(spec), first_of(spec)
    trace = sample(
        target_of(spec),
        spec.sampler,
        chains=spec.chains,
        draws=draws_of(spec) - burn,
        warmup=burn,
        seed=spec.seed,
        start=start_points(spec),
        pictures=range(first, first + PICTURES),
        **knobs_of(spec),
    )
    states = trace.states if trace.warm is None else join_draws([trace.warm, trace.states])
    found = tuple(summary_of_draws(x) for x in trace.chains)
    return McmcResult(trace, states, states.x, burn, found, first)


def numbers(seen: McmcResult) -> dict[str, dict[str, Any]]:
    """Return the draws of each chain, with the burn-in, `x (draws, d)`."""
    draws = np.arange(1, len(seen.x) + 1)
    chains = range(seen.x.shape[1])
    return {f"chain {c + 1}": {"draw": draws, "x": seen.x[:, c]} for c in chains}


def summary(seen: McmcResult) -> dict[str, dict[str, Any]]:
    """Return how a run ended: the worst diagnostics of its coordinates, and each one's moments."""
    trace, found = seen.trace, seen.summaries
    told: dict[str, Any] = {"verdict": trace.status, "accepted": float(trace.accepted.mean())}
    told["rhat"] = float(np.max([s.rhat for s in found]))
    told |= {k: float(np.min([getattr(s, k) for s in found])) for k in ("ess_bulk", "ess_tail")}
    for n, (name, s) in enumerate(zip(trace.target.variables, found, strict=True)):
        told |= {f"mean_{name}": s.mean, f"sd_{name}": s.sd, f"mcse_{name}": s.mcse_mean}
        if trace.target.mean is not None:
            told[f"off_{name}"] = s.mean - trace.target.mean[n]
    return {"chains": told}


def apply_hand(spec: Mcmc, hand: Hand) -> Mcmc:
    """Return the spec after a hand has moved a start (`start0`, …) or the burn-in."""
    if hand.id == "burn":
        return replace(spec, burn=round(clamp(Mcmc, "burn", hand.x)))
    name, number = hand.id[:5], hand.id[5:]
    if name != "start" or not (number.isascii() and number.isdigit()) or int(number) >= spec.chains:
        return spec
    target = target_of(spec)
    points = start_points(spec)
    if points is None:
        kernel = SAMPLERS[spec.sampler](target, **knobs_of(spec))
        points = starts(target, kernel, spec.chains, spec.seed)[: spec.chains]
    points = points.copy()
    points[int(number)] = [hand.x, hand.y][: target.d]
    rows = [",".join(f"{v:.4g}" for v in point) for point in points]
    return replace(spec, starts=";".join(rows))


# --- code and data --------------------------------------------------------------------------------


# --- knobs that suit a target ---------------------------------------------------------------------
