"""Methods compared on many problems: the same starts, the same budget, the same trials of rates."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.knobs import bind_defaults, knobs
from gdviz.optimize.descend import descend, require_count
from gdviz.optimize.elementwise import GradientConditions
from gdviz.optimize.map_ends import compiles
from gdviz.optimize.methods import METHODS, require_method, why_not
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


class Terms(NamedTuple):
    """What all runs on a surface are held to.

    `floor` is f*, `loop` what stands around each rule; the rest is as in `compare_on`. `draw` is
    the seed, `TUNING` or `TESTED`, and which repeat it is: what is random follows from it and the
    place of the start.
    """

    problem: Problem
    floor: float
    budget: int
    noise: float
    loop: GradientConditions
    draw: tuple[int, int, int]

    def luck(self, at: int) -> int:
        """Return the seed of the runs from start `at`."""
        return int(np.random.SeedSequence([*self.draw, at]).generate_state(1)[0])

    def gap(self, x: np.ndarray, f: np.ndarray) -> np.ndarray:
        """Return f − f* of points in the window; infinite outside, where f may be lower still."""
        low, high = np.transpose(self.problem.box)
        with np.errstate(invalid="ignore"):
            inside = ((x >= low) & (x <= high)).all(axis=-1)
        return np.where(inside & np.isfinite(f), f - self.floor, np.inf)

    def hits(self, ways: Ways, targets: np.ndarray) -> np.ndarray:
        """Return the evaluations at which targets `(runs, m)` are met, infinite if too many."""
        found = first_hits(ways.gap, ways.cost, targets)
        return np.where(found <= self.budget, found, np.inf)


def why_not_compared(name: str, problem: Problem, noise: float = 0.0, loop: bool = False) -> str:
    """Return why a method cannot be compared on a problem, empty if it can.

    With a `loop` something stands around each rule. Raises `ValueError` for an unknown method.
    """
    require_method(name)
    if not problem.minima:
        return "no minimum of it is known, and no target"
    if reason := why_not(name, problem):
        return reason
    if hasattr(METHODS[name], "state"):
        if noise and not compiles(problem, name):
            return "a rule meets noise compiled, and no more are compiled here"
        return ""
    if noise:
        return "the method asks f for more than gradients, which noise does not reach"
    if loop:
        return "the method asks f for more than gradients, and nothing stands around it"
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
    sam: float | None = None,
    lookahead: tuple[int, float] | None = None,
) -> SurfaceOutcome:
    """Run methods from random starts of a surface until the budget of evaluations is spent.

    Of every method with an η the best of so many `trials` is used, by the area under its runtime
    distribution from `TUNING_STARTS` other starts; with one trial its default is. `noise` is that
    of gradients, drawn anew for each start and seed, and the same for all methods; `sam` or
    `lookahead` stands around each rule, as in `race`. An evaluation is one of f, ∇f or a Hessian,
    the start's included. Points outside the window do not count. `ValueError` tells misuse.
    """
    _check_asked(starts, seeds, budget, trials, noise, seed)
    loop = conditions(problem, 0, sam=sam, lookahead=lookahead)
    for name in names:
        if reason := why_not_compared(name, problem, noise, not loop.calm):
            raise ValueError(f"{name} is not compared on {problem.name or problem.text}: {reason}.")
    floor = min(float(problem.f(m)) for m in problem.minima)
    terms = Terms(problem, floor, budget, noise, loop, (seed, TESTED, 0))
    tuned = _tuned(terms, names, trials)
    points = draw_starts(problem, starts, seed)
    targets = np.tile(TARGETS, (starts, 1)), (problem.f(points) - floor)[:, None] * SHARES
    met: tuple[list[Any], list[Any]] = [], []
    for draw in range(seeds):
        ways = _ways(terms._replace(draw=(seed, TESTED, draw)), tuned, points)
        for found, wanted in zip(met, targets, strict=True):
            found.append([terms.hits(way, wanted) for way in ways])
    hits, solved = (np.moveaxis(np.array(found), 0, 2) for found in met)
    rates = [own.get("lr", np.nan) if tunable(name) else np.nan for name, own in tuned]
    return SurfaceOutcome(hits, solved, np.array(rates))


def _check_asked(starts: Any, seeds: Any, budget: Any, trials: Any, noise: Any, seed: Any) -> None:
    for name, count in {"starts": starts, "seeds": seeds, "trials": trials}.items():
        require_count(name, count, 1)
    require_count("seed", seed, 0)
    require_count("budget", budget, 2)  # with one evaluation only the start is seen
    if not (np.isfinite(noise) and noise >= 0):
        raise ValueError(f"noise = {noise!r} is not a number of 0 or more.")


def _tuned(terms: Terms, names: Sequence[str], trials: int) -> list[tuple[str, dict[str, float]]]:
    """Return the methods with all their knobs, η the best of those tried."""
    usual = [(name, bind_defaults(METHODS[name], {})) for name in names]
    if trials < 2:
        return usual
    seed = terms.draw[0]
    terms = terms._replace(draw=(seed, TUNING, 0))
    tried = [
        (name, own | {"lr": float(rate)})
        for name, own in usual
        if tunable(name)
        for rate in rates_tried(trials)
    ]
    points = draw_starts(terms.problem, TUNING_STARTS, seed, TUNING)
    targets = np.tile(TARGETS, (len(points), 1))
    best: dict[str, tuple[float, dict[str, float]]] = {}
    for (name, own), way in zip(tried, _ways(terms, tried, points), strict=True):
        score = float(area(terms.hits(way, targets), terms.budget).mean())
        if name not in best or score > best[name][0]:
            best[name] = score, own
    return [(name, best[name][1] if name in best else own) for name, own in usual]


def _ways(terms: Terms, entries: Entries, points: np.ndarray) -> list[Ways]:
    """Return the ways of each of `entries` from all points; rules of gradients walk together."""
    fast = [compiles(terms.problem, name) for name, _ in entries]
    walked = iter(_walked(terms, [e for e, f in zip(entries, fast, strict=True) if f], points))
    return [
        next(walked) if f else _descended(terms, *entry, points)
        for entry, f in zip(entries, fast, strict=True)
    ]


def _walked(terms: Terms, entries: Entries, points: np.ndarray) -> list[Ways]:
    """Return the ways of rules of gradients: the start is one evaluation, as is each gradient."""
    if not entries:
        return []
    sam, lookahead = terms.loop.sam, terms.loop.lookahead
    each = 1 if sam is None else 2
    steps = (terms.budget - 1) // each
    gap = np.empty((len(entries), len(points), steps + 1))
    for at, start in enumerate(points):
        around = conditions(
            terms.problem, steps, noise=terms.noise, seed=terms.luck(at), sam=sam,
            lookahead=lookahead,
        )  # fmt: skip
        paths = walk_together(terms.problem, start, entries, around, steps)
        for i, path in enumerate(paths):
            gap[i, at] = terms.gap(path.x, path.f)
    cost = np.broadcast_to(1.0 + each * np.arange(steps + 1), gap.shape[1:])
    return [Ways(rows, cost) for rows in gap]


def _descended(terms: Terms, name: str, own: Mapping[str, float], points: np.ndarray) -> Ways:
    """Return the ways of a method that is not compiled, all starts in one batch.

    One that draws has draws of its own from each start.
    """
    declared = knobs(METHODS[name])
    tried = 0 if "every" in declared else 1  # one that looks now and then has steps without a look
    steps = terms.budget // int(sum(costs_of(name, tried)))

    def ways(start: np.ndarray, **more: float) -> Ways:
        """Return the ways of a batch; what ended early stays where it is."""
        hyper: dict[str, Any] = dict(own) | more
        run = descend(
            terms.problem, start, name, steps=steps, stop=None, conditions=terms.loop, **hyper
        )
        cost = 1.0 + evaluations(name, run).sum(axis=-1)
        rest = ((0, steps + 1 - len(cost)), (0, 0))
        return Ways(*(np.pad(v, rest, mode="edge").T for v in (terms.gap(run.x, run.f), cost)))

    if "draws" not in declared:
        return ways(points)
    alone = [ways(x[None], draws=terms.luck(at) % 10_000) for at, x in enumerate(points)]
    return Ways(*(np.concatenate(parts) for parts in zip(*alone, strict=True)))
