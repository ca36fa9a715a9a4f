"""Sophia: the diagonal of the Hessian, looked at now and then, under a mean of gradients."""

from typing import Annotated, Any

import numpy as np

from gdviz.core import Method
from gdviz.knobs import Range
from gdviz.optimize.rules import Beta1, Beta2, Decay, Epsilon, Rate
from gdviz.optimize.states import DiagonalState

Trusted = Annotated[float, Range(1e-3, 10.0, "share γ", "The divisor is h times this.", log=True)]
Every = Annotated[int, Range(1, 50, "period k", "Steps between two looks at the Hessian.")]


def sophia(
    problem: Any,
    lr: Rate = 0.02,
    beta1: Beta1 = 0.965,
    beta2: Beta2 = 0.99,
    trusted: Trusted = 0.01,
    eps: Epsilon = 1e-12,
    weight_decay: Decay = 0.0,
    every: Every = 10,
) -> Method:
    """Sophia: x ← x − η clip(m/max(γh, ε)), each coordinate's step η long at most.

    Liu et al. 2024 (arXiv 2305.14342), Algorithm 3; h is a mean of diagonals of the Hessian, taken
    at every k-th step. The paper estimates the diagonal from random vectors or labels, as that of a
    network is too dear; here it is exact. Where h is not positive the step is η long.
    """

    def state(x: Any, t: int, m: Any, h: Any, tried: int) -> DiagonalState:
        f = problem.f(x)
        return DiagonalState(x, f, problem.grad(x), t, m, h, np.full(np.shape(f), tried))

    def step(s: DiagonalState) -> DiagonalState:
        looks = s.t % every == 0
        h = s.h
        if looks:
            diagonal = np.diagonal(problem.hess(s.x), axis1=-2, axis2=-1)
            h = beta2 * h + (1 - beta2) * diagonal
        m = beta1 * s.m + (1 - beta1) * s.grad
        move = np.clip(m / np.maximum(trusted * h, eps), -1.0, 1.0)
        return state(s.x * (1 - lr * weight_decay) - lr * move, s.t + 1, m, h, int(looks))

    return Method(lambda x: state(x, 0, x * 0.0, x * 0.0, 0), step)
