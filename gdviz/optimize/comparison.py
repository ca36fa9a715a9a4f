"""Methods compared on many problems: the same starts, the same budget, the same trials of rates."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.knobs import bind_defaults, knobs
from gdviz.optimize.descend import descend
from gdviz.optimize.map_ends import compiles
from gdviz.optimize.methods import METHODS, why_not
from gdviz.optimize.problems import Problem
from gdviz.optimize.profiles import area, first_hits
from gdviz.optimize.racing import conditions, costs_of, evaluations, walk_together
from gdviz.optimize.tuning import tunable

TARGETS = np.logspace(2, -8, 51)  # f − f*, those of COCO
SHARES = np.array([1e-1, 1e-3, 1e-5, 1e-7])  # τ of Moré and Wild: what is left of f(x₀) − f*
RATES = (1e-6, 10.0)  # the window in which every η is sought
TUNING_STARTS = 5
TUNING, TESTED = 0, 1  # which draws of a seed: rates are tried on starts of their own

# Seconds: of an evaluation in compiled code, and of one by a method that draws; of a step in NumPy,
# and what each start more in a batch adds to it.
COMPILED, DRAWN, LIGHT_STEP, BESIDE = 1e-6, 2.2e-4, 6e-5, 2e-6
STEP = {"bfgs": 4e-4, "lbfgs": 5e-4, "conjugate_gradient": 2.5e-4, "levenberg_marquardt": 2e-4}
STEP |= {"trust_region": 1.2e-4, "nelder_mead": 1.3e-4}

Entries = Sequence[tuple[str, Mapping[str, float]]]


class SurfaceOutcome(NamedTuple):
    """What methods came to on a surface, in evaluations, infinite where they never got there.

    `hits (m, starts, seeds, 51)` of f − f* ≤ `TARGETS`; `solved (m, starts, seeds, 4)` of what is
    left of f(x₀) − f* ≤ `SHARES`; `rate (m,)` is the η that was used, not-a-number without one.
    """

    hits: np.ndarray
    solved: np.ndarray
    rate: np.ndarray


class Ways(NamedTuple):
    """Runs: how far above f* each point is and what it took to get there, both `(runs, n)`."""

    gap: np.ndarray
    cost: np.ndarray


def why_not_compared(name: str, problem: Problem, noise: float = 0.0) -> str:
    """Return why a method cannot be compared on a problem; empty if it can."""
    if not problem.minima:
        return "no minimum of it is known, and no target"
    if reason := why_not(name, problem):
        return reason
    if noise and not compiles(problem, name) and hasattr(METHODS[name], "state"):
        return "a rule meets noise compiled, and no more are compiled here"
    if noise and not compiles(problem, name):
        return "the method asks f for more than gradients, which noise does not reach"
    return ""


def seconds_asked(
    problem: Problem, name: str, starts: int, seeds: int, budget: int, trials: int
) -> float:
    """Return about how long `compare_on` takes for one method, in seconds of one core.

    Rules walk compiled, by the evaluation; the others step in NumPy, all starts of a trial at once;
    one that draws does so from each start alone.
    """
    tried = trials if trials > 1 and tunable(name) else 0
    runs = starts * seeds + TUNING_STARTS * tried
    if compiles(problem, name):
        return COMPILED * runs * budget
    if "draws" in knobs(METHODS[name]):
        return DRAWN * runs * budget
    batches = 1 + tried
    return budget * (STEP.get(name, LIGHT_STEP) * batches + BESIDE * runs)


def draw_starts(problem: Problem, count: int, seed: int, which: int = TESTED) -> np.ndarray:
    """Return points `(count, d)` uniform in the window of a problem; more begin with the same."""
    low, high = np.transpose(problem.box)
    return np.random.default_rng([seed, which]).uniform(low, high, (count, problem.d))


def rates_tried(trials: int) -> np.ndarray:
    """Return the η that each method tries, by equal factors over one window."""
    return np.geomspace(*RATES, trials)


def compare_on(
    problem: Problem,
    names: Sequence[str],
    *,
    starts: int = 20,
    seeds: int = 1,
    budget: int = 200,
    trials: int = 15,
    noise: float = 0.0,
    seed: int = 0,
) -> SurfaceOutcome:
    """Run methods from random starts of a surface until the budget of evaluations is spent.

    Of every method with an η the best of so many `trials` is used, by the area under its runtime
    distribution from `TUNING_STARTS` other starts; with one trial its default is. `noise` is that
    of gradients, drawn anew for each start and seed, and the same for all methods. An evaluation is
    one of f, ∇f or a Hessian, that of the start included. Points outside the window do not count.
    """
    for name in names:
        if reason := why_not_compared(name, problem, noise):
            raise ValueError(f"{name} is not compared on {problem.name or problem.text}: {reason}.")
    floor = min(float(problem.f(m)) for m in problem.minima)
    tuned = _tuned(problem, names, floor, budget, trials, noise, seed)
    points = draw_starts(problem, starts, seed)
    hits = np.full((len(names), starts, seeds, len(TARGETS)), np.inf)
    solved = np.full((*hits.shape[:3], len(SHARES)), np.inf)
    above = problem.f(points) - floor
    for draw in range(seeds):
        ways = _ways(problem, tuned, points, floor, budget, noise, (seed, TESTED, draw))
        for method, way in enumerate(ways):
            hits[method, :, draw] = _within(way, np.tile(TARGETS, (starts, 1)), budget)
            solved[method, :, draw] = _within(way, above[:, None] * SHARES, budget)
    rates = [own.get("lr", np.nan) if tunable(name) else np.nan for name, own in tuned]
    return SurfaceOutcome(hits, solved, np.array(rates))


def _within(way: Ways, targets: np.ndarray, budget: int) -> np.ndarray:
    """Return the evaluations at which targets `(runs, m)` are met, infinite beyond the budget."""
    found = first_hits(way.gap, way.cost, targets)
    return np.where(found <= budget, found, np.inf)


def _tuned(
    problem: Problem,
    names: Sequence[str],
    floor: float,
    budget: int,
    trials: int,
    noise: float,
    seed: int,
) -> list[tuple[str, dict[str, float]]]:
    """Return the methods with all their knobs, η the best of those tried."""
    usual = [(name, bind_defaults(METHODS[name], {})) for name in names]
    if trials < 2:
        return usual
    tried = [
        (name, own | {"lr": float(rate)})
        for name, own in usual
        if tunable(name)
        for rate in rates_tried(trials)
    ]
    points = draw_starts(problem, TUNING_STARTS, seed, TUNING)
    ways = _ways(problem, tried, points, floor, budget, noise, (seed, TUNING, 0))
    targets = np.tile(TARGETS, (len(points), 1))
    worth: dict[str, list[tuple[float, dict[str, float]]]] = {}
    for (name, own), way in zip(tried, ways, strict=True):
        score = float(area(_within(way, targets, budget), budget).mean())
        worth.setdefault(name, []).append((score, own))
    best = {name: max(found, key=lambda one: one[0])[1] for name, found in worth.items()}
    return [(name, best.get(name, own)) for name, own in usual]


def _ways(
    problem: Problem,
    entries: Entries,
    points: np.ndarray,
    floor: float,
    budget: int,
    noise: float,
    draw: tuple[int, int, int],
) -> list[Ways]:
    """Return the ways of each of `entries` from all points; rules of gradients walk together."""
    fast = [i for i, (name, _) in enumerate(entries) if compiles(problem, name)]
    found: dict[int, Ways] = {}
    if fast:
        walked = _walked(problem, [entries[i] for i in fast], points, floor, budget, noise, draw)
        found = dict(zip(fast, walked, strict=True))
    for i, (name, own) in enumerate(entries):
        if i not in found:
            found[i] = _descended(problem, name, own, points, floor, budget, draw)
    return [found[i] for i in range(len(entries))]


def _walked(
    problem: Problem,
    entries: Entries,
    points: np.ndarray,
    floor: float,
    budget: int,
    noise: float,
    draw: tuple[int, int, int],
) -> list[Ways]:
    """Return the ways of rules of gradients: each step, and the start, is one evaluation."""
    steps = budget - 1
    gap = np.empty((len(entries), len(points), steps + 1))
    for at, start in enumerate(points):
        luck = int(np.random.SeedSequence([*draw, at]).generate_state(1)[0])
        around = conditions(problem, steps, noise=noise, seed=luck)
        paths = walk_together(problem, start, entries, around, steps)
        for i, path in enumerate(paths):
            gap[i, at] = _gap(problem, path.x, path.f, floor)
    cost = np.broadcast_to(np.arange(1.0, steps + 2), gap.shape[1:])
    return [Ways(rows, cost) for rows in gap]


def _descended(
    problem: Problem,
    name: str,
    own: Mapping[str, float],
    points: np.ndarray,
    floor: float,
    budget: int,
    draw: tuple[int, int, int],
) -> Ways:
    """Return the ways of a method that asks for more than a gradient, all starts in one batch.

    One that draws has draws of its own from each start.
    """
    pauses = name == "sophia"  # in most steps it does not look at the Hessian
    steps = budget // int(sum(costs_of(name, 0 if pauses else 1)))
    rules: dict[str, Any] = {"steps": steps, "stop": None, **own}
    if "draws" not in knobs(METHODS[name]):
        return _ways_of(problem, name, descend(problem, points, name, **rules), floor, steps)
    alone = []
    for at, start in enumerate(points):
        luck = int(np.random.SeedSequence([*draw, at]).generate_state(1)[0]) % 10_000
        run = descend(problem, start[None], name, **(rules | {"draws": luck}))
        alone.append(_ways_of(problem, name, run, floor, steps))
    return Ways(*(np.concatenate(parts) for parts in zip(*alone, strict=True)))


def _ways_of(problem: Problem, name: str, run: Any, floor: float, steps: int) -> Ways:
    """Return the ways of a batch of runs; what ended early stays where it is."""
    gap = _gap(problem, run.x, run.f, floor)
    cost = 1.0 + evaluations(name, run).sum(axis=-1)
    rest = ((0, steps + 1 - len(gap)), (0, 0))
    return Ways(np.pad(gap, rest, mode="edge").T, np.pad(cost, rest, mode="edge").T)


def _gap(problem: Problem, x: np.ndarray, f: np.ndarray, floor: float) -> np.ndarray:
    """Return f − f* of points in the window; infinite outside, where f may be lower still."""
    low, high = np.transpose(problem.box)
    with np.errstate(invalid="ignore"):
        inside = ((x >= low) & (x <= high)).all(axis=-1)
    return np.where(inside & np.isfinite(f), f - floor, np.inf)
