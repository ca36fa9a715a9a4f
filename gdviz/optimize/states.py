"""The states of the methods: everything that a picture of one step needs.

The first four fields are the same everywhere: the point `x`, `f` and `grad` there, the step `t`.
The state of an update rule follows from its arguments: see `elementwise`.
"""

from functools import lru_cache
from typing import Any, NamedTuple


class GradientState(NamedTuple):
    """No memory."""

    x: Any
    f: Any
    grad: Any
    t: Any


class LineSearchState(NamedTuple):
    """A line search: `trials` holds every point tried, not-a-number past the last `tried`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    trials: Any
    tried: Any


class QuasiNewtonState(NamedTuple):
    """A line search with the inverse Hessian `H` as it is believed to be."""

    x: Any
    f: Any
    grad: Any
    t: Any
    trials: Any
    tried: Any
    H: Any


class ConjugateState(NamedTuple):
    """A line search along a `direction` conjugate to the one before."""

    x: Any
    f: Any
    grad: Any
    t: Any
    trials: Any
    tried: Any
    direction: Any


class LBFGSState(NamedTuple):
    """A line search with the last `moves` and the `turns` of the gradient, newest last."""

    x: Any
    f: Any
    grad: Any
    t: Any
    trials: Any
    tried: Any
    moves: Any
    turns: Any


class BracketState(NamedTuple):
    """Golden section: the bracket `[lo, hi]` and its inner points `left < right`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    lo: Any
    left: Any
    right: Any
    hi: Any
    f_left: Any
    f_right: Any


class SimplexState(NamedTuple):
    """Nelder-Mead: the corners `simplex (..., d + 1, d)`, best first, f there, values `tried`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    simplex: Any
    f_simplex: Any
    tried: Any


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
    state = make("RuleState", fields)
    state.__reduce__ = _reduced
    state.__doc__ = "The state of an update rule: its memories after x, f, ∇f and t."
    return state


def _reduced(state: Any) -> Any:
    return _restored, (state._fields[len(GradientState._fields) :], tuple(state))


def _restored(memories: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    return state_of(memories)(*values)
