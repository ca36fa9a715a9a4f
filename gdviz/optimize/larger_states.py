"""The states of methods that remember more than Adam: a second path, a second mean, an estimate.

The first four fields are those of every state: see `states`.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from gdviz.optimize.states import GradientState


class AveragedState(NamedTuple):
    """Schedule-Free: the point `z` that steps, and the `average` of its points."""

    x: Any
    f: Any
    grad: Any
    t: Any
    z: Any
    average: Any


class AveragedAdamState(NamedTuple):
    """Schedule-Free AdamW: `z`, the `average` of its points, and a mean square `v` of gradients."""

    x: Any
    f: Any
    grad: Any
    t: Any
    z: Any
    average: Any
    v: Any


class SlowState(NamedTuple):
    """Lookahead: Adam's `m` and `v`, and the `slow` point that the path returns towards."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    v: Any
    slow: Any


class TwoMeansState(NamedTuple):
    """AdEMAMix: a quick mean `m` and a `slow_mean` of gradients, and a mean square `v`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    slow_mean: Any
    v: Any


class DifferenceState(NamedTuple):
    """A mean `m`, a mean square `v`, a mean `u` of differences, and the gradient `before`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    u: Any
    v: Any
    before: Any


class CorrectedState(NamedTuple):
    """A mean `m` and a mean square `v` of corrected gradients, and the gradient `before`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    v: Any
    before: Any


class DistanceState(NamedTuple):
    """Prodigy: Adam's memory, and an estimate `distance` of the way from the `first` point.

    `s` sums gradients and `r` how far they have led; the estimate is r/‖s‖₁. A number of the whole
    point stands once for each coordinate.
    """

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    v: Any
    s: Any
    first: Any
    r: Any
    distance: Any


class AdaptedState(NamedTuple):
    """D-Adaptation: Adam's memory, a sum `s` of steps, their agreement `r`, the `distance`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    v: Any
    s: Any
    r: Any
    distance: Any


class SecantState(NamedTuple):
    """The `point` and the `slope` before."""

    x: Any
    f: Any
    grad: Any
    t: Any
    point: Any
    slope: Any


class AscentState(NamedTuple):
    """SAM: the point `ascent`, uphill, at which the gradient of the next step is taken."""

    x: Any
    f: Any
    grad: Any
    t: Any
    ascent: Any


class DiagonalState(NamedTuple):
    """Sophia: a mean `m` of gradients, a mean `h` of Hessian diagonals, and if H was `tried`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    h: Any
    tried: Any


class RegionState(NamedTuple):
    """A trust region: the `radius` that is trusted next, and what was tried."""

    x: Any
    f: Any
    grad: Any
    t: Any
    trials: Any
    tried: Any
    radius: Any


class DampedState(NamedTuple):
    """Levenberg-Marquardt: the `damping` that is added next, and what was tried."""

    x: Any
    f: Any
    grad: Any
    t: Any
    trials: Any
    tried: Any
    damping: Any


class PopulationState(NamedTuple):
    """CMA-ES: a normal law with mean x and covariance `sigma`²`C`, and the `population` drawn last.

    `path_c` and `path_s` are the two evolution paths, `seen` the C that candidates are drawn with,
    which is C or that of a generation before.
    """

    x: Any
    f: Any
    grad: Any
    t: Any
    population: Any
    tried: Any
    sigma: Any
    C: Any
    seen: Any
    path_c: Any
    path_s: Any


@lru_cache(maxsize=512)
def state_of(memories: tuple[str, ...]) -> Any:
    """Return the state with these memories after x, f, ∇f and t; copies of it can be pickled."""
    fields = [(name, Any) for name in (*GradientState._fields, *memories)]
    make: Any = NamedTuple  # mypy would ask for fields that it can read
    state = make("MadeState", fields)
    state.__reduce__ = _reduced
    state.__doc__ = "The state of a rule that was put together: its memories after x, f, ∇f and t."
    return state


def _reduced(state: Any) -> Any:
    return _restored, (state._fields[len(GradientState._fields) :], tuple(state))


def _restored(memories: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    return state_of(memories)(*values)
