"""Every optimizer on the same problem, from the same point, under the same conditions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gdviz.kernels.block_kernels import gradient_kernel, other_knobs, rule_kernel
from gdviz.knobs import bind_defaults
from gdviz.optimize.descend import descend, is_finished, validate_stop
from gdviz.optimize.elementwise import GradientConditions
from gdviz.optimize.map_ends import compiles
from gdviz.optimize.methods import METHODS
from gdviz.optimize.outer_loops import ASCENT, outer_columns, outer_names, state_under
from gdviz.optimize.problems import Problem, as_points
from gdviz.optimize.runs import Maker, Run
from gdviz.optimize.schedules import factors
from gdviz.optimize.typed_rules import is_rule

PATIENCE = 3000  # steps and trials of those that do not run compiled: less than a second in all


def conditions(
    problem: Problem,
    steps: int,
    schedule: str = "constant",
    noise: float = 0.0,
    seed: int = 0,
    clip: float | None = None,
    sam: float | None = None,
    lookahead: tuple[int, float] | None = None,
) -> GradientConditions:
    """Return the conditions of a race: a schedule by name, gradient noise of sd `noise`, clipping.

    `sam` and `lookahead` are those of `GradientConditions`. Raises `ValueError` for a Lookahead
    without a whole number of steps.

    The noise of step t is the same for every method, so that luck does not decide.
    """
    if lookahead is not None and not (lookahead[0] >= 1 and lookahead[0] == int(lookahead[0])):
        raise ValueError(f"Lookahead returns after a whole number of steps, not {lookahead[0]!r}.")
    table = None
    if noise:
        table = noise * np.random.default_rng(seed).standard_normal((steps, problem.d))
    curve = None if schedule == "constant" else factors(schedule, steps)
    return GradientConditions(curve, table, clip, sam, lookahead)


def race(
    problem: Problem,
    x0: Any,
    entries: Mapping[str, Mapping[str, Any]],
    *,
    steps: int = 300,
    stop: str | None = "gradient",
    tol: float = 1e-6,
    schedule: str = "constant",
    noise: float = 0.0,
    seed: int = 0,
    clip: float | None = None,
    sam: float | None = None,
    lookahead: tuple[int, float] | None = None,
) -> dict[str, Run]:
    """Run each of `entries`, method names to knobs, from `x0 (d,)` and return their runs by name.

    Elementwise methods run compiled. The others run in NumPy and share `PATIENCE` steps and trials,
    and a run whose share is spent ends at the step it has reached. `schedule`, `noise`, `clip`,
    `sam` and `lookahead` are for the rules of gradients: see `conditions`. Raises `ValueError` as
    `descend` does.

    >>> runs = race(surface("x**2 + 5*y**2"), [2.0, 1.0], {"gd": {"lr": 0.1}, "bfgs": {}})
    >>> {name: run.status for name, run in runs.items()}
    {'gd': 'converged', 'bfgs': 'converged'}
    """
    if not isinstance(entries, Mapping):
        raise ValueError("entries are method names with their knobs, such as {'gd': {'lr': 0.1}}.")
    validate_stop(steps, stop, tol)
    around = conditions(problem, steps, schedule, noise, seed, clip, sam, lookahead)
    rules: dict[str, Any] = {"steps": steps, "stop": stop, "tol": tol}
    fast = [
        name for name in entries if (name in METHODS or is_rule(name)) and compiles(problem, name)
    ]
    walked = _together(problem, x0, {name: entries[name] for name in fast}, around, rules)
    rules |= {"patience": PATIENCE // max(len(entries) - len(walked), 1), "conditions": around}
    return {
        name: walked.get(name) or descend(problem, x0, name, **rules, **entries[name])
        for name in entries
    }


def _together(
    problem: Problem,
    x0: Any,
    entries: Mapping[str, Mapping[str, float]],
    around: GradientConditions,
    rules: Mapping[str, Any],
) -> dict[str, Run]:
    """Return the runs of elementwise methods, walked in one compiled call."""
    if not entries:
        return {}
    start = as_points(x0, problem)
    if start.ndim > 1:
        raise ValueError(f"a race starts from one point, not from points of shape {start.shape}.")
    hyper = {name: bind_defaults(METHODS[name], given) for name, given in entries.items()}
    t, runs = np.arange(rules["steps"] + 1), {}
    paths = walk_together(problem, start, list(hyper.items()), around, t.size - 1)
    for name, path in zip(hyper, paths, strict=True):
        factory: Any = METHODS[name]
        memory = [path.slots[:, i] for i in range(_slots_of(factory))]
        memory += outer_columns(path.x, _noisy_path(path.grad, around), around)
        trace = state_under(factory.state, around)(path.x, path.f, path.grad, t, *memory)
        maker = Maker(name, hyper[name], around.factors, outer_names(around))
        runs[name] = is_finished(problem, trace, rules["stop"], rules["tol"], path.sound, maker)
    return runs


def _noisy_path(grad: np.ndarray, around: GradientConditions) -> np.ndarray:
    """Return the gradients of a path `(n + 1, d)` with their noise: the last has none."""
    if around.noise is None:
        return grad
    return grad + np.concatenate([around.noise, np.zeros_like(grad[:1])])


def _slots_of(factory: Any) -> int:
    """Return how many numbers a coordinate's memory has: what its state holds after x, f, ∇f, t."""
    return len(factory.state._fields) - 4


def walk_together(
    problem: Problem,
    start: Any,
    entries: Sequence[tuple[str, Mapping[str, float]]],
    around: GradientConditions,
    steps: int,
) -> list[Any]:
    """Return the compiled path from `start (d,)` of each elementwise method with all its knobs."""
    from gdviz.kernels import race_walk

    gradient = gradient_kernel(problem.formula.source, problem.variables, problem.ready)
    curve = np.ones(steps) if around.factors is None else around.factors
    paths = []
    for name, own in entries:
        factory: Any = METHODS[name]
        slots, rule = _slots_of(factory), factory.__wrapped__
        others = [own[knob] for knob in other_knobs(rule, slots)]
        rates, kernel = own.get("lr", 0.0) * curve, rule_kernel(rule, slots)
        paths.append(race_walk.walk(gradient, kernel, slots, start, rates, others, around))
    return paths


def evaluations(name: str, run: Run) -> np.ndarray:
    """Return how many values of f, gradients and Hessians each step has cost, `(k + 1, ..., 3)`.

    An elementwise method asks for one gradient a step, and for a second inside SAM; a search for a
    value per trial besides; a Wolfe search for a gradient per trial. A Hessian counts as one
    evaluation of its own kind, as does a Fisher information.
    """
    shape = run.f.shape
    each = costs_of(name, getattr(run.trace, "tried", np.ones(shape, int)))
    each = (0, 2, 0) if ASCENT in run.trace._fields else each
    cost = np.stack([np.broadcast_to(c, shape) for c in each], axis=-1).astype(int)
    cost[0] = 0
    return np.cumsum(cost, axis=0)


def costs_of(name: str, tried: Any) -> tuple[Any, Any, Any]:
    """Return how many values of f, gradients and Hessians a step with so many trials costs."""
    return {
        "newton": (tried, 1, 1),
        "newton_plain": (0, 1, 1),
        "natural_gradient": (0, 1, 1),
        "gauss_newton": (tried, 1, 0),
        "backtracking": (tried, 1, 0),
        "bfgs": (tried, tried, 0),
        "lbfgs": (tried, tried, 0),
        "conjugate_gradient": (tried, tried, 0),
        "nelder_mead": (tried, 0, 0),
        "golden_section": (1, 0, 0),
        "sam": (0, 2, 0),
        "polyak": (1, 1, 0),
        "sophia": (0, 1, tried),
        "trust_region": (tried, 1, 1),
        "levenberg_marquardt": (tried, 1, 0),
        "cma_es": (tried, 0, 0),
    }.get(name, (0, 1, 0))
