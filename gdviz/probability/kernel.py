"""A Markov kernel from a compiled loop: one source, one draw at a time or thousands at once.

Every chain has a Generator of its own, so a chain is the same alone and among others. `step` runs
the loop as plain Python, `run` runs it compiled: the same Generators give the same bits.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from gdviz.probability.states import ChainMemory
from gdviz.probability.target import SamplerError, Target

INLINE_DRAWS = 4000  # draws a chain below which a second thread does not pay

Rngs = Sequence[np.random.Generator]


class Kernel(NamedTuple):
    """A Markov kernel closed over its target.

    `init(x (points, d), chains)` gives the first state and `step(state, rngs)` the next;
    `run(state, rngs, n, warm, pictures)` takes n steps, compiled, and returns the states with a
    leading axis of draws, and the last of them. While `warm` is true a sampler that adapts does so;
    the first `pictures` draws keep their pictures. `points(chains)` says how many points `init`
    needs: an ensemble has more than are shown. `loop` names its source in the kernels.
    """

    init: Callable[..., Any]
    step: Callable[..., Any]
    run: Callable[..., tuple[Any, Any]]
    points: Callable[[int], int]
    loop: str


class ChainPlan(NamedTuple):
    """What a loop needs: its name, its state, its columns after the common ones, its knobs.

    `remember(points) -> Memory` lays out its memory; `picture` is the field of varying size, its
    rows and columns; an ensemble of at least `together` points shares a memory and a Generator;
    a sampler with `gradient` is given the flow.
    """

    loop: str
    state: Any
    columns: tuple[tuple[str, tuple[int, ...]], ...]
    knobs: Any
    remember: Callable[[np.ndarray], ChainMemory]
    picture: tuple[str, int, int] | None = None
    together: int = 0
    gradient: bool = False


def kernel(target: Target, plan: ChainPlan) -> Kernel:
    """Return the kernel that a plan says."""

    def init(x: Any, chains: int | None = None) -> Any:
        points = np.atleast_2d(np.asarray(x, float))
        shown = points[:chains]
        fields: dict[str, Any] = {
            "x": shown,
            "log_density": target.log_density(shown),
            "accepted": np.ones(len(shown), bool),
            "evaluations": np.ones(len(shown)),
        }
        nothing = {name: np.full((len(shown), *shape), np.nan) for name, shape in plan.columns}
        pictures = {}
        if plan.picture:
            pictures = {plan.picture[0]: np.full((len(shown), *plan.picture[1:]), np.nan)}
        return plan.state(**fields, **nothing, **pictures, memory=plan.remember(points))

    def step(state: Any, rngs: Rngs, warm: bool = False) -> Any:
        return _run(target, plan, state, rngs, 1, warm, 1, compiled=False)[1]

    def run(
        state: Any, rngs: Rngs, n: int, warm: bool = False, pictures: int = 0
    ) -> tuple[Any, Any]:
        return _run(target, plan, state, rngs, n, warm, min(pictures, n), compiled=True)

    def points(chains: int) -> int:
        least = max(chains, plan.together)
        return least + least % 2 if plan.together else chains

    return Kernel(init, step, run, points, plan.loop)


def _run(
    target: Target,
    plan: ChainPlan,
    state: Any,
    rngs: Rngs,
    n: int,
    warm: bool,
    pictures: int,
    compiled: bool,
) -> tuple[Any, Any]:
    """Return the states of n draws and the last of them; the given state stays as it was."""
    Z, m = (array.copy() for array in state.memory)
    m[:, 1] = float(warm)
    groups, group = len(Z), len(state.x) // len(Z)
    d = target.d
    width = d + 3 + sum(int(np.prod(shape)) for _, shape in plan.columns)
    rows, columns = plan.picture[1:] if plan.picture else (0, 0)
    out = np.empty((groups, n, group, width))
    paths = np.full((groups, pictures, 1, rows, columns), np.nan)
    loop, value, flow = _functions(target, plan, compiled)
    knobs = np.array(plan.knobs, float)

    def chain(c: int) -> None:
        loop(value, flow, Z[c], m[c], rngs[c], knobs, out[c], paths[c])

    several = compiled and groups > 1 and n >= INLINE_DRAWS
    list((_pool().map if several else map)(chain, range(groups)))
    states = _states(plan, d, out, paths, ChainMemory(Z, m))
    fields = [field[-1] for field in states[: 4 + len(plan.columns)]]
    if plan.picture:
        seen = states[-2]
        none = np.full((groups * group, rows, columns), np.nan)
        fields.append(seen[-1] if pictures == n else none)
    return states, plan.state(*fields, ChainMemory(Z, m))


def _functions(target: Target, plan: ChainPlan, compiled: bool) -> tuple[Any, Any, Any]:
    """Return the loop, the value and the flow, compiled or for plain Python."""
    from gdviz.kernels import mcmc  # numba takes a quarter of a second to import

    about = target.formula.source, target.variables, target.bounds, target.ready
    if not (target.ready or mcmc.may_compile(*about[:3])):
        raise SamplerError(
            "This server has compiled as many typed densities as it keeps: take one of the list."
        )
    value = mcmc.value_of(*about)
    flow = mcmc.flow_of(*about) if plan.gradient else mcmc.no_flow()
    if compiled:
        return mcmc.loop(plan.loop), value, flow
    return mcmc.plain(plan.loop), mcmc.for_python(value), mcmc.for_python(flow)


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="gdviz-chains")


def _states(
    plan: ChainPlan, d: int, out: np.ndarray, paths: np.ndarray, memory: ChainMemory
) -> Any:
    """Return the columns of `out (groups, n, group, width)` as fields `(n, chains, ...)`."""
    groups, n, group, width = out.shape
    table = out[:, :, 0] if group == 1 else out[0].swapaxes(0, 1)
    table = table.swapaxes(0, 1)
    fields = [table[..., :d], table[..., d], table[..., d + 1] != 0, table[..., d + 2]]
    at = d + 3
    for _, shape in plan.columns:
        size = int(np.prod(shape))
        part = table[..., at : at + size]
        fields.append(part.reshape(*part.shape[:2], *shape) if shape != (size,) else part)
        at += size
    if plan.picture:  # an ensemble has one for all its chains
        fields.append(np.repeat(paths[:, :, 0].swapaxes(0, 1), group, axis=1))
    return plan.state(*fields, memory)
