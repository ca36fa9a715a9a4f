"""Gradient descent that asks for a little more: a gradient uphill, or the value of the least f."""

from typing import Annotated, Any

import numpy as np

from gdviz.core import Method
from gdviz.knobs import Range
from gdviz.optimize import linalg
from gdviz.optimize.outer_loops import uphill
from gdviz.optimize.rules import Rate
from gdviz.optimize.states import AscentState, GradientState

Climb = Annotated[float, Range(1e-4, 5.0, "climb ρ", "How far uphill it looks.", log=True)]
Lowest = Annotated[float, Range(-1e6, 1e6, "lowest f*", "The value that f is known to reach.")]


def sam(problem: Any, lr: Rate = 0.1, climb: Climb = 0.05) -> Method:
    """SAM around gradient descent: x ← x − η∇f(x + ρ∇f/|∇f|), away from sharp minima.

    Foret et al. 2021 (arXiv 2010.01412), Algorithm 1. The gradient is taken a step of length ρ
    uphill, at `ascent`. Beside a minimum that point changes sides with x, and x goes on jumping
    between ±ηλρ/(2 − ηλ) along an axis of curvature λ: it comes no nearer.
    """

    def state(x: Any, t: int) -> AscentState:
        grad = problem.grad(x)
        return AscentState(x, problem.f(x), grad, t, uphill(x, grad, climb))

    def step(s: AscentState) -> AscentState:
        return state(s.x - lr * problem.grad(s.ascent), s.t + 1)

    return Method(lambda x: state(x, 0), step)


def polyak(problem: Any, lr: Rate = 10.0, lowest: Lowest = 0.0) -> Method:
    """Polyak's step: gradient descent with the rate (f − f*)/|∇f|², but η at most.

    Polyak 1987. It needs the least value f*: one that is too low makes its steps too
    long, one that is too high ends the run where f falls below it. Where f ≤ f* it stands still.
    """

    def state(x: Any, t: int) -> GradientState:
        return GradientState(x, problem.f(x), problem.grad(x), t)

    def step(s: GradientState) -> GradientState:
        square = linalg.inner(s.grad, s.grad)
        rate = (s.f - lowest) / np.where(square > 0, square, 1.0)
        return state(s.x - linalg.scale(np.clip(rate, 0.0, lr), s.grad), s.t + 1)

    return Method(lambda x: state(x, 0), step)
