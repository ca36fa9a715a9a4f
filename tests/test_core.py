"""A trace is the states that `step` gives, with a leading time axis, and nothing is changed."""

from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import pytest
from cases import NO_WARNINGS

from gdviz.core import Method, iterate, stack, trace

pytestmark = NO_WARNINGS


class Pair(NamedTuple):
    x: Any
    t: Any


def doubling() -> Method:
    """x_k = 2^k x_0, exact in float64."""
    return Method(lambda x: Pair(x, 0), lambda s: Pair(2 * s.x, s.t + 1))


@pytest.mark.parametrize("n", [0, 1, 7])
def test_trace_has_n_plus_one_states(n: int) -> None:
    path = trace(doubling(), 3.0, n)
    assert type(path) is Pair
    assert path.x.tolist() == [3.0 * 2**k for k in range(n + 1)]
    assert path.t.tolist() == list(range(n + 1))


def test_batch_axes_follow_the_time_axis() -> None:
    start = np.arange(6.0).reshape(2, 3)
    path = trace(doubling(), start, 4)
    assert path.x.shape == (5, 2, 3)
    assert np.array_equal(path.x[4], 16 * start)
    assert np.array_equal(start, np.arange(6.0).reshape(2, 3))


def test_keep_chooses_what_is_kept() -> None:
    path = trace(doubling(), np.ones(1000), 3, keep=lambda s: Pair(s.x.sum(), s.t))
    assert path.x.tolist() == [1000, 2000, 4000, 8000]


def test_iterate_takes_no_step_that_is_not_asked_for() -> None:
    steps = []

    def step(s: Pair) -> Pair:
        steps.append(s.t)
        return Pair(s.x, s.t + 1)

    seen = list(islice(iterate(Method(lambda x: Pair(x, 0), step), Pair(1.0, 0)), 3))
    assert [s.t for s in seen] == [0, 1, 2]
    assert steps == [0, 1]


def test_stack_copies() -> None:
    point = np.zeros(2)
    kept = stack([Pair(point, 0), Pair(point, 1)])
    point += 1
    assert not kept.x.any()
