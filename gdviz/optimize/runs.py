"""A run: the trace of a descent, what made it, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gdviz.optimize.linalg import norm
from gdviz.optimize.methods import LABELS
from gdviz.optimize.outcomes import Course, Outcome
from gdviz.optimize.problems import Problem
from gdviz.optimize.verdicts import classify


class Maker(NamedTuple):
    """Which method made a run, with its knobs and the `factors (steps,)` of its rate, if any.

    `outer` names the loops around it, the outermost first.
    """

    method: str
    hyper: Mapping[str, Any]
    factors: Any = None
    outer: tuple[str, ...] = ()

    def rates(self, n: int) -> np.ndarray | None:
        """Return η at each of the first n points, `(n,)`; None for a method without a rate."""
        if "lr" not in self.hyper:
            return None
        rate = float(self.hyper["lr"])
        if self.factors is None or not len(self.factors):
            return np.full(n, rate)
        return rate * np.asarray(self.factors)[np.minimum(np.arange(n), len(self.factors) - 1)]


def _extent(corners: np.ndarray) -> np.ndarray:
    """Return how far the corners `(k + 1, d + 1, d)` of a simplex lie from its best, `(k + 1,)`."""
    return norm(corners - corners[:, :1]).max(axis=1)


@dataclass(frozen=True, eq=False)  # a run is the same as itself only: arrays do not compare
class Run:
    """The trace of a descent, with how it ended.

    Every field of the method's state is there by its name with a leading time axis: `x` of shape
    `(k + 1, ..., d)`, `f (k + 1, ...)`, `grad`, and the method's own (Adam: `m`, `v`). In a batch a
    run that ended stays where it ended; `last (...)` is its last step. A run also ends at a kink,
    where f has a value but no gradient: there `grad` is 0, and `kink (...)` is true.
    """

    problem: Problem
    trace: Any
    last: np.ndarray
    fired: np.ndarray
    lost: np.ndarray
    f_lost: np.ndarray
    kink: np.ndarray
    stop: str | None
    maker: Maker
    spent: bool = False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "trace":
            raise AttributeError(name)
        return getattr(self.trace, name)

    @property
    def title(self) -> str:
        """The name of its method, with what stands around it."""
        return " · ".join((*self.maker.outer, LABELS[self.maker.method]))

    @property
    def status(self) -> Any:
        """How it ended, a word; an array of words for a batch."""
        return self._each("status")

    @property
    def reason(self) -> Any:
        """Why it ended, a sentence; an array of sentences for a batch."""
        return self._each("reason")

    @property
    def verdict(self) -> Any:
        """How it went, in a few words; an array for a batch."""
        return self._each("verdict")

    @cached_property
    def outcomes(self) -> dict[tuple[int, ...], Outcome]:
        """The outcome of each run of the batch by its index, `()` for a single run."""
        return {index: self._outcome(index) for index in np.ndindex(self.last.shape)}

    def _outcome(self, index: tuple[int, ...]) -> Outcome:
        with np.errstate(all="ignore"):
            return self._classified(index)

    def _classified(self, index: tuple[int, ...]) -> Outcome:
        k = int(self.last[index]) + 1
        at = (slice(k), *index)
        step = int(self.lost[index])
        corners = getattr(self.trace, "simplex", None)
        course = Course(
            "" if self.maker.outer else self.maker.method,  # what is known is of the method alone
            self.maker.hyper,
            self.maker.rates(k),
            None if corners is None else _extent(corners[at]),
            self.stop if self.fired[index] else None,
            (step, float(self.f_lost[index])) if step >= 0 else None,
            bool(self.kink[index]),
            self.spent,
        )
        return classify(self.problem, self.x[at], self.f[at], self.grad[at], course)

    def _each(self, what: str) -> Any:
        if () in self.outcomes:
            return getattr(self.outcomes[()], what)
        words = np.empty(self.last.shape, object)
        for index, outcome in self.outcomes.items():
            words[index] = getattr(outcome, what)
        return words


class Endings(NamedTuple):
    """How each run of a batch ended, arrays `(...)`: see `Run`."""

    last: np.ndarray
    fired: np.ndarray
    lost: np.ndarray
    f_lost: np.ndarray
    kink: np.ndarray
