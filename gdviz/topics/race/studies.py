"""Maps of the race: where each start ends, and how soon over any two knobs of a method."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Knob, Range, knobs
from gdviz.optimize import METHODS, Problem
from gdviz.optimize.map_ends import compiles, ends
from gdviz.optimize.racing import conditions
from gdviz.optimize.range_test import RangeTest, range_test
from gdviz.topics.race.loops import loop_of
from gdviz.topics.race.racers import Hyper
from gdviz.topics.race.rates import rate_window
from gdviz.topics.race.settings import Race, hyper_of, problem_of

STEPS = 300
FINE, COARSE = (96, 64), (20, 14)  # columns and rows: compiled, and one descent at a time in NumPy
PART = 32  # rows of a map between two looks at whether it has been cancelled


class KnobMap(NamedTuple):
    """`across (c,)` by `up (r,)`: `steps (r, c)` to converge or −1, `code (r, c)` as in `Ends`."""

    across: np.ndarray
    up: np.ndarray
    steps: np.ndarray
    code: np.ndarray


def basin_rows(
    problem: Problem,
    minima: Any,
    name: str,
    hyper: Mapping[str, float],
    size: int,
    loop: Mapping[str, Any],
) -> Iterator[tuple[float, Any]]:
    """Yield the share done and, at the end, the maps `(size, size)` of minimum and steps.

    `loop` is what stands around a rule: see `loop_of`.
    """
    from gdviz.optimize import maps  # numba is loaded by the first map, not by the page

    (x0, x1), (y0, y1) = problem.box
    x, y = np.linspace(x0, x1, size), np.linspace(y0, y1, size)
    parts, around = [], conditions(problem, STEPS, **loop)
    for rows in np.array_split(y, max(1, size // PART)):
        starts = np.stack(np.meshgrid(x, rows), axis=-1).reshape(-1, 2)
        parts.append(
            maps.basins(problem, starts, minima, name, steps=STEPS, conditions=around, **hyper)
        )
        yield sum(len(p.minimum) for p in parts) / size**2, None
    minimum = np.concatenate([p.minimum for p in parts]).reshape(size, size)
    yield 1.0, (minimum, np.concatenate([p.steps for p in parts]).reshape(size, size))


def range_tests(spec: Race, names: Sequence[str]) -> dict[str, RangeTest]:
    """Return the range test of each method from the start of the race, all over one window."""
    problem, hyper = problem_of(spec), [hyper_of(spec, name) for name in names]
    low = min(rate_window(problem, name)[0] for name in names)
    given = tuple((name, tuple(own.items())) for name, own in zip(names, hyper, strict=True))
    return _range_tests(problem, (spec.x0, spec.y0), given, low)


@cached
def _range_tests(
    problem: Problem, start: tuple[float, float], given: Hyper, low: float
) -> dict[str, RangeTest]:
    window = (low, 10.0)
    return {name: range_test(problem, start, name, dict(own), window) for name, own in given}


def free_knobs(name: str) -> dict[str, Knob]:
    """Return what a map of a method can have on its axes: its own numbers, and the start."""
    own = {k: knob for k, knob in knobs(METHODS[name]).items() if isinstance(knob.kind, Range)}
    return own | {k: knobs(Race)[k] for k in ("x0", "y0")}


def usual_axes(name: str) -> tuple[str, str]:
    """Return the two knobs that a map of a method begins with: η and its momentum, if it has."""
    free = list(free_knobs(name))
    first = "lr" if "lr" in free else free[0]
    return first, next(k for k in [*free, "x0"] if k not in (first, "eps"))


def values_of(spec: Race, name: str, knob: str, n: int) -> np.ndarray:
    """Return about n values of a knob worth looking at, in its own spacing."""
    if knob in ("x0", "y0"):
        return np.linspace(*problem_of(spec).box[knob == "y0"], n)
    declared = knobs(METHODS[name])[knob]
    kind: Any = declared.kind
    lo, hi = rate_window(problem_of(spec), name) if knob == "lr" else (kind.lo, kind.hi)
    values = np.geomspace(lo, hi, n) if kind.log else np.linspace(lo, hi, n)
    return np.unique(np.round(values)) if declared.type is int else values


def knob_rows(spec: Race, name: str, across: str, up: str) -> Iterator[tuple[float, Any]]:
    """Yield the share done and, at the end, the `KnobMap` of a method over two of its knobs."""

    problem = problem_of(spec)
    around = conditions(problem, STEPS, **loop_of(spec))
    columns, rows = FINE if compiles(problem, name) and around.calm else COARSE
    x, y = values_of(spec, name, across, columns), values_of(spec, name, up, rows)
    rest: dict[str, Any] = {**hyper_of(spec, name), "x0": spec.x0, "y0": spec.y0}
    parts = []
    for some in np.array_split(y, max(1, len(y) // (PART if rows == FINE[1] else 1))):
        table = rest | {across: np.tile(x, len(some)), up: np.repeat(some, len(x))}
        places = np.broadcast_arrays(table.pop("x0"), table.pop("y0"), np.empty(len(x) * len(some)))
        starts = np.stack(places[:2], -1)
        parts.append(
            ends(problem, starts, name, steps=STEPS, tol=spec.tol, conditions=around, **table)
        )
        yield sum(len(p.steps) for p in parts) / (len(x) * len(y)), None
    found = [np.concatenate([getattr(p, k) for p in parts]) for k in ("steps", "code")]
    yield 1.0, KnobMap(x, y, *(values.reshape(len(y), len(x)) for values in found))
