"""From an update rule to a method, and the conditions under which its gradients arrive."""

import inspect
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, NamedTuple

import numpy as np

from gdviz.core import Method
from gdviz.knobs import bind_defaults
from gdviz.optimize import linalg


class GradientConditions(NamedTuple):
    """What stands between the problem and a rule: a schedule, noise, clipping.

    `factors (steps,)` multiply the learning rate of each step; `noise (steps, d)` is added to the
    gradient; then the gradient is shortened to the length `clip`. None leaves things as they are.
    """

    factors: Any = None
    noise: Any = None
    clip: float | None = None


NO_CONDITIONS = GradientConditions()


def perturbed_gradient(conditions: GradientConditions, grad: Any, t: int) -> Any:
    """Return the gradient that the rule sees at step t."""
    if conditions.noise is not None:
        noise = conditions.noise[t - 1]
        grad = grad + (noise if np.ndim(grad) else float(noise[0]))
    if conditions.clip is not None:
        length = linalg.norm(grad)
        # The guard avoids 0/0: a gradient of zero is not clipped.
        grad = linalg.scale(np.minimum(1.0, conditions.clip / np.maximum(length, 1e-300)), grad)
    return grad


def elementwise(state: Any) -> Callable[[Callable[..., Any]], Callable[..., Method]]:
    """Turn an update rule `(x, g, t, *slots, **knobs) -> (x, *slots)` into a method factory.

    The slots are the fields of `state` after `x, f, grad, t`; they start at zero.
    """

    def decorate(rule: Callable[..., Any]) -> Callable[..., Method]:
        def make(
            problem: Any, conditions: GradientConditions = NO_CONDITIONS, **given: Any
        ) -> Method:
            hyper = bind_defaults(rule, given)
            calm = all(part is None for part in conditions)

            def init(x: Any) -> Any:
                slots = (x * 0.0 for _ in state._fields[4:])
                return state(x, problem.f(x), problem.grad(x), 0, *slots)

            def step(s: Any) -> Any:
                t = s.t + 1
                grad, knobs = s.grad, hyper
                if not calm:
                    grad = perturbed_gradient(conditions, grad, t)
                    knobs = with_schedule(hyper, conditions, t)
                x, *slots = rule(s.x, grad, t, *s[4:], *knobs.values())
                return state(x, problem.f(x), problem.grad(x), t, *slots)

            return Method(init, step)

        update_wrapper(make, rule).state = state  # type: ignore[attr-defined]
        return make

    return decorate


def with_schedule(hyper: dict[str, Any], conditions: GradientConditions, t: int) -> dict[str, Any]:
    """Return the knobs of step t, the learning rate by its schedule."""
    if conditions.factors is None:
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


def update(factory: Callable[..., Method], **given: Any) -> Update:
    """Return the update of an elementwise method with the `given` knobs.

    Raises `ValueError` for a method that asks its problem for more than a gradient, and for knobs
    that the method does not have.
    """
    if not hasattr(factory, "state"):
        name = getattr(factory, "__name__", str(factory))
        raise ValueError(f"`{name}` needs more than a gradient: only elementwise rules fit here.")
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
