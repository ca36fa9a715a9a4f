"""Methods compared, a room of *race*: its knobs, what it runs, and the same as Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Choice, Choices, KnobError, Range, needs
from gdviz.optimize import LABELS, SURFACES
from gdviz.optimize.comparison import (
    SHARES,
    SurfaceOutcome,
    compare_on,
    seconds_asked,
    why_not_compared,
)
from gdviz.optimize.method_notes import method_order
from gdviz.optimize.methods import ONE_VARIABLE
from gdviz.optimize.profiles import (
    MeanBand,
    area,
    mean_band,
    performance_profile,
    runtime_distribution,
)
from gdviz.optimize.typed_rules import RULE, RULE_LABEL, RULE_TEXT, RuleText, rule_name
from gdviz.topics.race.loops import (
    OUTER,
    OuterClimb,
    OuterLoop,
    OuterPeriod,
    OuterPull,
    loop_of,
)

METHODS_HERE = {n: LABELS[n] for n in method_order() if n not in ONE_VARIABLE}
COMPARABLE = METHODS_HERE | {RULE: f"{RULE_LABEL} …"}
SURFACES_HERE = {n: p.name for n, p in SURFACES.items() if p.minima}
LEFT = {
    f"{share:g}": f"at most 10⁻{power} of f(x₀) − f* is left"
    for share, power in zip(SHARES, "¹³⁵⁷", strict=True)
}
AT_ONCE = 1.0  # seconds of work, about, that a page does without a bar
MOST = 90.0  # seconds that are begun at all; the queue of the app ends a job in any case


@dataclass(frozen=True)
class Compare:
    """Everything that the room *compare* can be asked."""

    compared: Annotated[
        tuple[str, ...],
        Choices(COMPARABLE, "methods compared", most=len(COMPARABLE)),
    ] = ("gd", "heavy_ball", "nesterov", "rmsprop", "adam", "bfgs")
    surfaces: Annotated[
        tuple[str, ...],
        Choices(SURFACES_HERE, "surfaces", "Those with a known minimum.", len(SURFACES_HERE)),
    ] = ("rosenbrock", "bowl", "rotated_bowl", "beale", "booth", "three_hump_camel")
    starts: Annotated[
        int, Range(2, 100, "starts on each", "Drawn in the window of each surface.")
    ] = 12
    budget: Annotated[
        int, Range(10, 2000, "evaluations each", "Of f, ∇f and H together.", log=True)
    ] = 200
    trials: Annotated[
        int,
        Range(1, 40, "trials of η", "The same for each method, on other starts. 1: its default η."),
    ] = 12
    left: Annotated[
        str, Choice(LEFT, "solved when", "The accuracy τ of Moré and Wild, for the profiles.")
    ] = "1e-05"
    noise: Annotated[float, Range(0.0, 100.0, "gradient noise σ", "Stochastic gradients.")] = 0.0
    repeats: Annotated[int, Range(1, 10, "repeats with new noise"), needs("noise")] = 1
    seed: Annotated[int, Range(0, 9999, "seed", "Of starts, noise and draws.")] = 0
    outer: OuterLoop = "none"
    outer_period: OuterPeriod = 5
    outer_pull: OuterPull = 0.5
    outer_climb: OuterClimb = 0.05
    rule: Annotated[RuleText, needs("compared", RULE)] = RULE_TEXT


class Compared(NamedTuple):
    """What methods came to, in evaluations: infinite where they never got there.

    `hits (m, surfaces, starts, repeats, 51)` of the targets of COCO, `solved (m, surfaces, starts,
    repeats)` of the accuracy asked for, `rate (m, surfaces)`; `scores (m, starts)` are the areas
    under the runtime distributions. `loop` is what stands around each rule, in a word; empty: none.
    """

    methods: tuple[str, ...]
    surfaces: tuple[str, ...]
    budget: int
    hits: np.ndarray
    solved: np.ndarray
    rate: np.ndarray
    scores: np.ndarray
    loop: str = ""


def methods_asked(spec: Compare) -> tuple[str, ...]:
    """Return the methods that are asked for; a typed rule has its text as its name."""
    return tuple(rule_name(spec.rule) if n == RULE else n for n in spec.compared)


def left_out(spec: Compare) -> dict[str, str]:
    """Return the methods that are not compared, each with the reason: all solve the same."""
    found = {}
    for name in methods_asked(spec):
        for surface in spec.surfaces:
            if reason := why_not_compared(name, SURFACES[surface], spec.noise, bool(loop_of(spec))):
                found[name] = f"{SURFACES_HERE[surface]}: {reason}"
                break
    return found


def entrants(spec: Compare) -> tuple[str, ...]:
    """Return the methods that are compared, gradient descent if none can be."""
    out = left_out(spec)
    return tuple(name for name in methods_asked(spec) if name not in out) or ("gd",)


def work_asked(spec: Compare) -> float:
    """Return about how many seconds of one core a comparison takes."""
    how = spec.starts, spec.repeats if spec.noise else 1, spec.budget, spec.trials
    names = entrants(spec)
    return sum(seconds_asked(SURFACES[s], name, *how) for s in spec.surfaces for name in names)


def check_size(spec: Compare) -> None:
    """Raise `KnobError` for a comparison that would take minutes."""
    if work_asked(spec) > MOST:
        raise KnobError(
            f"This would take about {work_asked(spec):,.0f} seconds, and at most {MOST:.0f} are "
            "begun: take a smaller budget, or fewer methods, surfaces, starts or trials. A "
            "sweep on the command line does it in parts."
        )


def work(spec: Compare) -> Iterator[tuple[float, Compared | None]]:
    """Yield the share done and, at the end, what came of it; what was run before is not again."""
    check_size(spec)
    methods, parts = entrants(spec), []
    how = tuple(rules_of(spec).items())
    for surface in spec.surfaces:
        for name in methods:
            parts.append(_outcome(surface, name, how))
            yield len(parts) / (len(methods) * len(spec.surfaces)), None
    yield 1.0, _together(spec, methods, parts)


def rules_of(spec: Compare) -> dict[str, Any]:
    """Return what holds for all methods, as `compare_on` takes it."""
    return {
        "starts": spec.starts,
        "seeds": spec.repeats if spec.noise else 1,
        "budget": spec.budget,
        "trials": spec.trials,
        "noise": spec.noise,
        "seed": spec.seed,
        **loop_of(spec),
    }


@cached
def _outcome(surface: str, name: str, rules: tuple[tuple[str, Any], ...]) -> SurfaceOutcome:
    """Return what one method comes to on one surface."""
    return compare_on(SURFACES[surface], [name], **dict(rules))


def _together(spec: Compare, methods: tuple[str, ...], parts: list[SurfaceOutcome]) -> Compared:
    """Return the outcomes of surfaces by methods as one table each."""
    tables = []
    for field in zip(*parts, strict=True):
        table = np.concatenate(field)
        tables.append(
            table.reshape(len(spec.surfaces), len(methods), *table.shape[1:]).swapaxes(0, 1)
        )
    hits, solved, rate = tables
    scores = area(hits, spec.budget).mean(axis=(1, 3))
    place = list(LEFT).index(spec.left)
    loop = OUTER[spec.outer] if loop_of(spec) else ""
    return Compared(
        methods, spec.surfaces, spec.budget, hits, solved[..., place], rate, scores, loop
    )


def run(spec: Compare) -> Compared:
    """Return what the methods of a spec come to; raise `KnobError` if it would take minutes."""
    *_, (_, found) = work(spec)
    assert found is not None
    return found


def label_of(done: Compared, name: str) -> str:
    """Return what people call a method, behind what stands around it."""
    return f"{done.loop} · {LABELS[name]}" if done.loop else LABELS[name]


def budgets_of(done: Compared) -> np.ndarray:
    """Return the budgets that the curves are drawn at, from 1 on by about equal factors."""
    return np.unique(np.geomspace(1, done.budget, 60).round())


def runtime_band(done: Compared, method: int) -> MeanBand:
    """Return the runtime distribution of a method over `budgets_of`, and its band over starts."""
    by_start = np.moveaxis(done.hits[method], 1, 0).reshape(done.hits.shape[2], -1)
    band = mean_band(runtime_distribution(by_start, budgets_of(done)))
    return MeanBand(band.mean, np.clip(band.low, 0, 1), np.clip(band.high, 0, 1))


def times_of(done: Compared) -> np.ndarray:
    """Return the evaluations to solve each problem, `(m, problems)`: a surface from a start."""
    return done.solved.reshape(len(done.methods), -1)


def ratios_of(done: Compared) -> np.ndarray:
    """Return the ratios α that performance profiles are drawn at, as many as there are budgets."""
    return np.geomspace(1, done.budget, len(budgets_of(done)))


def numbers(done: Compared) -> dict[str, dict[str, np.ndarray]]:
    """Return the curves of each method as a table."""
    profiles, shown = performance_profile(times_of(done), ratios_of(done)), {}
    solved = runtime_distribution(times_of(done), budgets_of(done))
    for i, name in enumerate(done.methods):
        band = runtime_band(done, i)
        shown[name] = {
            "evaluations": budgets_of(done),
            "targets_met": band.mean,
            "targets_met_low": band.low,
            "targets_met_high": band.high,
            "problems_solved": solved[i],
            "ratio": ratios_of(done),
            "within_ratio_of_best": profiles[i],
        }
    return shown


def summary(done: Compared) -> dict[str, dict[str, np.ndarray]]:
    """Return the score of each method with its band over starts, and the share it solved."""
    bands = mean_band(done.scores.T)
    solved = np.isfinite(times_of(done)).mean(axis=1)
    return {
        name: {
            "score": bands.mean[[i]],
            "score_low": bands.low[[i]],
            "score_high": bands.high[[i]],
            "solved": solved[[i]],
        }
        for i, name in enumerate(done.methods)
    }


def as_python(spec: Compare) -> str:
    """Return a short program on the public API that prints the score of each method."""
    return "\n".join(
        [
            "import numpy as np",
            "",
            "from gdviz.optimize import SURFACES",
            "from gdviz.optimize.comparison import compare_on",
            "from gdviz.optimize.profiles import area",
            "",
            "methods = [",
            *(f"    {name!r}," for name in entrants(spec)),
            "]",
            "surfaces = [",
            *(f"    {name!r}," for name in spec.surfaces),
            "]",
            f"rules = {rules_of(spec)!r}",
            "found = [compare_on(SURFACES[name], methods, **rules) for name in surfaces]",
            f"areas = [area(one.hits, {spec.budget}).mean(axis=(1, 2)) for one in found]",
            "scores = np.mean(areas, axis=0)",
            "for name, score in zip(methods, scores.tolist(), strict=True):",
            "    print(name, score)",
        ]
    )
