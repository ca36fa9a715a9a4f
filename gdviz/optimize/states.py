"""The states of the methods: everything that a picture of one step needs.

The first four fields are the same everywhere: the point `x`, `f` and `grad` there, the step `t`.
"""

from typing import Any, NamedTuple


class GradientState(NamedTuple):
    """No memory."""

    x: Any
    f: Any
    grad: Any
    t: Any


class MomentumState(NamedTuple):
    """A velocity (or momentum) `v`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    v: Any


class AdagradState(NamedTuple):
    """A sum or mean `v` of squared gradients."""

    x: Any
    f: Any
    grad: Any
    t: Any
    v: Any


class AdamState(NamedTuple):
    """A mean `m` and a mean square `v` of gradients."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    v: Any


class SignState(NamedTuple):
    """A mean `m` of gradients."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any


class RMSpropState(NamedTuple):
    """A mean `m` and a mean square `v` of gradients, and a velocity `b`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    v: Any
    m: Any
    b: Any


class AdadeltaState(NamedTuple):
    """A mean square `v` of gradients and a mean square `u` of steps."""

    x: Any
    f: Any
    grad: Any
    t: Any
    v: Any
    u: Any


class AMSGradState(NamedTuple):
    """A mean `m`, a mean square `v`, and the largest mean square `v_max` so far."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    v: Any
    v_max: Any


class NadamState(NamedTuple):
    """A mean `m`, a mean square `v`, and one minus the product of the momenta, `decayed`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    v: Any
    decayed: Any


class RpropState(NamedTuple):
    """The gradient before, `before`, and the length of step of each coordinate, `stride`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    before: Any
    stride: Any


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
