"""Surfaces that are likelihoods of a family: they have a Fisher information."""

import math

from gdviz.optimize.problems import Problem


def normal_likelihood(mean: float = 1.0, deviation: float = 0.5) -> Problem:
    """Return −log p of a sample of a normal law, per datum, over x = μ and y = log σ.

    f = y + (s² + (x − m)²)e^{−2y}/2 for a sample of mean m and deviation s, without the constant
    log √(2π). Its Fisher information is diag(e^{−2y}, 2) (Amari 2016, section 2.2). Raises
    `ValueError` unless the deviation is positive.
    """
    if not deviation > 0:
        raise ValueError(f"a sample has a deviation > 0, not {deviation:g}.")
    return Problem(
        f"y + ({deviation**2!r} + (x - {mean!r})**2)*exp(-2*y)/2",
        ("x", "y"),
        name="Normal likelihood",
        box=((-4.0, 4.0), (-1.5, 2.0)),
        start=(-3.0, 1.0),
        minima=((mean, math.log(deviation)),),
        teaches="−log p over μ and log σ: where σ is large the slope is flat, though the law is as "
        "far from the sample. The natural gradient measures by laws, and does not slow down.",
        information=("exp(-2*y)", "0*x", "2 + 0*x"),
    )
