"""Two ideas at the base: a method is `init` and `step`; a trace is a state with a time axis."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

# NumPy's own error state, as a decorator for the ways into the package: its numbers are right where
# they underflow, also for a caller who has asked NumPy to raise.
usual_errors = np.errstate(divide="warn", over="warn", under="ignore", invalid="warn")


class Method(NamedTuple):
    """An iteration, with its problem inside.

    `init(x)` gives the first state; `step(state)` gives the next one and changes nothing.
    A state is a NamedTuple that holds everything a picture of it needs.
    """

    init: Callable[[Any], Any]
    step: Callable[[Any], Any]


def iterate(method: Method, state: Any) -> Iterator[Any]:
    """Yield `state` and, without end, the states that follow it."""
    while True:
        yield state
        state = method.step(state)


def stack(states: list[Any]) -> Any:
    """Return one state whose every field has a leading time axis, `(len(states), ...)`."""
    return type(states[0])(*(np.array(field) for field in zip(*states, strict=True)))


def trace(method: Method, x: Any, n: int, keep: Callable[[Any], Any] = lambda state: state) -> Any:
    """Run `n` steps from `x`; return the states with a leading time axis of length n + 1.

    `keep` maps a state to what is recorded of it, for states that are too big to record whole.
    """
    states = islice(iterate(method, method.init(x)), n + 1)
    return stack([keep(state) for state in states])
