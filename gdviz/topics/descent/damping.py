"""What theory says of the heavy ball near a minimum: how it is damped, in words."""

from math import acos, pi, sqrt

import numpy as np

from gdviz.optimize import Run, local_minima
from gdviz.optimize.momentum_theory import radius


def damping_words(lr: float, beta: float, curvature: float) -> str:
    """Return how the heavy ball is damped where f″ is `curvature` > 0, with its numbers.

    The error obeys e₊ = (1 + β − ηf″)e − βe₋: it swings where (1 + β − ηf″)² < 4β, that is between
    the critical β = (1 − √(ηf″))² and 1.
    """
    a, factor = lr * curvature, float(radius(lr, beta, curvature))
    critical = (1 - sqrt(a)) ** 2
    half = (1 + beta - a) / 2
    at = f"ηf″ = {a:.3g}, β = {beta:.3g} (critical: (1 − √(ηf″))² = {critical:.3g})"
    if factor >= 1:
        return f"{at}: **not damped**, the error does not shrink; that needs ηf″ < 2(1 + β)."
    shrinks = f"in the end the error shrinks by the factor {factor:.3g} a step"
    if abs(half**2 - beta) <= 1e-9:
        return f"{at}: **critically damped**, {shrinks}, the least that any β gives at this η."
    if half**2 > beta:
        sides = "from one side" if half > 0 else "from side to side at every step"
        return f"{at}: **overdamped**, it comes {sides}, and {shrinks}."
    period = 2 * pi / acos(half / sqrt(beta))
    return (
        f"{at}: **underdamped**, it swings about the minimum, once in {period:.3g} steps, "
        f"and {shrinks}, √β whatever η is."
    )


def damping_of(run: Run) -> str:
    """Return the damping at the minimum nearest to the end of a run, "" without one."""
    minima = local_minima(run.problem, *run.problem.box[0])
    if minima.size == 0:
        return ""
    nearest = float(minima[np.argmin(np.abs(minima - run.x[-1, 0]))])
    curvature = float(run.problem.hess([nearest])[0, 0])
    if not curvature > 0:
        return f"At the minimum x* = {nearest:.4g} f″ = 0: there theory knows no damping."
    hyper = run.maker.hyper
    return f"Near x* = {nearest:.4g}: " + damping_words(hyper["lr"], hyper["momentum"], curvature)
