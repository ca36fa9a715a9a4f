"""The range test: one run whose learning rate grows at each step by the same factor."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gdviz.knobs import knobs
from gdviz.numerals import number
from gdviz.optimize.descend import descend
from gdviz.optimize.elementwise import GradientConditions
from gdviz.optimize.methods import METHODS, require_method
from gdviz.optimize.problems import Problem


class RangeTest(NamedTuple):
    """`rates (n,)`, and `f (n,)` after the step with each of them, inf once the run was lost."""

    rates: np.ndarray
    f: np.ndarray

    @property
    def lowest(self) -> float:
        """The rate after whose step f was lowest."""
        return float(self.rates[np.argmin(self.f)])

    def in_words(self) -> str:
        """Say where the value was lowest, and what that is good for."""
        if not np.isfinite(self.f).any():
            return "it was lost at its first step."
        return (
            f"it is lowest after the step with η = {number(self.lowest, 3)}. A useful η is where "
            "it falls fast, well before."
        )


def growing_rates(window: tuple[float, float], steps: int) -> np.ndarray:
    """Return rates `(steps,)` from one end of a window to the other, by equal factors."""
    return np.geomspace(*window, steps)


def range_test(
    problem: Problem,
    x0: Any,
    method: str,
    hyper: Mapping[str, float],
    window: tuple[float, float],
    steps: int = 150,
) -> RangeTest:
    """Run a method from `x0 (d,)` with rates that grow from one end of a window to the other.

    Smith 2017 (arXiv 1506.01186), Section 3.3, with equal factors in place of equal steps. Raises
    `ValueError` for a method without a learning rate that a schedule moves.
    """
    require_method(method)
    if not hasattr(METHODS[method], "state") or "lr" not in knobs(METHODS[method]):
        raise ValueError(f"A range test needs a method whose rate is set; that of {method} is not.")
    rates = growing_rates(window, steps)
    around = GradientConditions(rates)
    own: dict[str, Any] = {**hyper, "lr": 1.0}
    run = descend(problem, x0, method, steps=steps, stop=None, conditions=around, **own)
    f = np.full(steps, np.inf)
    f[: len(run.f) - 1] = run.f[1:]
    return RangeTest(rates, f)
