"""From an update rule to a method, and the conditions under which its gradients arrive."""

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, NamedTuple

import numpy as np

from gdviz.core import Method
from gdviz.kernels.coupled_kernels import couples
from gdviz.knobs import bind_defaults
from gdviz.optimize import linalg
from gdviz.optimize.outer_loops import pull_back, state_under, uphill
from gdviz.optimize.states import state_of


class GradientConditions(NamedTuple):
    """What stands between the problem and a rule: a schedule, noise, clipping, an outer loop.

    `factors (steps,)` multiply the learning rate of each step; `noise (steps, d)` is added to the
    gradient; then the gradient is shortened to the length `clip`. With `sam` the gradient is that
    of a point so far uphill, with the same noise; `lookahead` is (k, α): every k steps the point
    returns to a slow one, which has followed it by the share α. None leaves things as they are.
    """

    factors: Any = None
    noise: Any = None
    clip: float | None = None
    sam: float | None = None
    lookahead: tuple[int, float] | None = None

    @property
    def calm(self) -> bool:
        """Whether nothing stands between them."""
        return all(part is None for part in self)


NO_CONDITIONS = GradientConditions()


def noisy(conditions: GradientConditions, grad: Any, t: int) -> Any:
    """Return a gradient with the noise of step t; there is none after the last step."""
    if conditions.noise is None or t > len(conditions.noise):
        return grad
    noise = conditions.noise[t - 1]
    return grad + (noise if np.ndim(grad) else float(noise[0]))


def perturbed_gradient(conditions: GradientConditions, grad: Any, t: int) -> Any:
    """Return the gradient that the rule sees at step t: that of f, with noise and clipping."""
    grad = noisy(conditions, grad, t)
    if conditions.clip is not None:
        length = linalg.norm(grad)
        # The guard avoids 0/0: a gradient of zero is not clipped.
        grad = linalg.scale(np.minimum(1.0, conditions.clip / np.maximum(length, 1e-300)), grad)
    return grad


def total(u: Any) -> Any:
    """Return the sum Σᵢuᵢ over the coordinates of each point, `(..., 1)`; a float is its own."""
    return u if np.ndim(u) == 0 else np.sum(u, axis=-1, keepdims=True)


def average(u: Any) -> Any:
    """Return the mean of the coordinates of each point, `(..., 1)`; a float is its own."""
    return u if np.ndim(u) == 0 else np.mean(u, axis=-1, keepdims=True)


def is_elementwise(factory: Any) -> bool:
    """Tell whether a method is a rule for each coordinate by itself."""
    return hasattr(factory, "state") and not factory.couples


def elementwise(rule: Callable[..., Any]) -> Callable[..., Method]:
    """Turn an update rule `(x, g, t, *memory, **knobs) -> (x, *memory)` into a method factory.

    The memory are the arguments without a default; it starts at zero, and is what the state of
    the method holds after `x, f, grad, t`. A rule that calls `total` or `average` couples its
    coordinates: it takes points `(..., d)` whole.
    """

    def make(problem: Any, conditions: GradientConditions = NO_CONDITIONS, **given: Any) -> Method:
        return _method(made, rule, problem, conditions, bind_defaults(rule, given))

    made: Any = update_wrapper(make, rule)
    made.state, made.couples = state_of(_memory(rule)), couples(rule)
    return make


def _memory(rule: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of what a rule remembers: its arguments after x, g and t, but the knobs."""
    arguments = inspect.signature(rule).parameters.values()
    return tuple(a.name for a in arguments if a.default is a.empty)[3:]


def _method(
    factory: Any,
    rule: Callable[..., Any],
    problem: Any,
    conditions: GradientConditions,
    hyper: dict[str, Any],
) -> Method:
    own = len(factory.state._fields)
    calm, kind = conditions.calm, state_under(factory.state, conditions)

    def at(x: Any, t: int, slots: Any, slow: Any) -> Any:
        f, grad = problem.f(x), problem.grad(x)
        if calm:
            return kind(x, f, grad, t, *slots)
        return kind(x, f, grad, t, *slots, *_outer(conditions, x, grad, t, slow))

    def step(s: Any) -> Any:
        t, grad, knobs, slow = s.t + 1, s.grad, hyper, None
        if not calm:
            grad = problem.grad(s.ascent) if conditions.sam is not None else grad
            grad = perturbed_gradient(conditions, grad, t)
            knobs = with_schedule(hyper, conditions, t)
        x, *slots = rule(s.x, grad, t, *s[4:own], *knobs.values())
        if conditions.lookahead is not None:
            x, slow = pull_back(x, s.outer_slow, t, conditions.lookahead)
        if factory.couples:
            slots = [np.broadcast_to(slot, np.shape(x)) for slot in slots]
        return at(x, t, slots, slow)

    return Method(lambda x: at(x, 0, [x * 0.0 for _ in factory.state._fields[4:]], x), step)


def _outer(conditions: GradientConditions, x: Any, grad: Any, t: int, slow: Any) -> list[Any]:
    """Return what a state holds of the outer loops: see `outer_loops.outer_fields`."""
    found = []
    if conditions.sam is not None:
        found.append(uphill(x, noisy(conditions, grad, t + 1), conditions.sam))
    return found if conditions.lookahead is None else [*found, slow]


def with_schedule(hyper: dict[str, Any], conditions: GradientConditions, t: int) -> dict[str, Any]:
    """Return the knobs of step t, the learning rate by its schedule."""
    if conditions.factors is None or "lr" not in hyper:
        return hyper
    return {**hyper, "lr": hyper["lr"] * float(conditions.factors[t - 1])}


class Update(NamedTuple):
    """A rule with its knobs: `step(x, g, t, memory, factor) -> (x, memory)`, arrays of any shape.

    For whoever has gradients that are no function of the point alone: those of mini-batches, those
    of the layers of a network. `t` counts 1, 2, ...; `memory` starts as `rest(x)` and belongs to
    this x; `factor` is that of a schedule.
    """

    rest: Callable[[Any], tuple[Any, ...]]
    step: Callable[..., tuple[Any, tuple[Any, ...]]]


def update(factory: Any, **given: Any) -> Update:
    """Return the update of an elementwise method with the `given` knobs.

    Raises `ValueError` for a method that asks its problem for more than a gradient, and for knobs
    that the method does not have.
    """
    if not is_elementwise(factory):
        name = getattr(factory, "__name__", str(factory))
        raise ValueError(
            f"`{name}` needs more than a gradient for each coordinate: only elementwise rules fit "
            "here."
        )
    rule: Any = inspect.unwrap(factory)
    hyper = bind_defaults(rule, given)
    slots = len(factory.state._fields) - 4
    rest_of_knobs = {name: value for name, value in hyper.items() if name != "lr"}
    rate = hyper["lr"]

    def rest(x: Any) -> tuple[Any, ...]:
        return tuple(x * 0.0 for _ in range(slots))

    def step(x: Any, g: Any, t: int, memory: Any, factor: float = 1.0) -> Any:
        x, *after = rule(x, g, t, *memory, lr=rate * factor, **rest_of_knobs)
        return x, tuple(after)

    return Update(rest, step)
