"""The shapes that a rule lays under a curve: strips, and the tops of its panels."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.probability.substitutions import Substitution


class Integrand(NamedTuple):
    """The integrand that the rule sees: `f` on [`lo`, `hi`], and the change of variable behind."""

    f: Callable[[Any], Any]
    lo: float
    hi: float
    change: Substitution
    infinite: bool


TOPS = {  # points along the top of a panel, from the values at its nodes
    "trapezoid": 1,
    "simpson": 2,
    "boole": 4,
}


def panel_outlines(rule: str, n: int, x: Any, y: Any, w: Any, ground: Integrand) -> tuple[Any, ...]:
    """Return left and right ends, values, and the outline of the pieces that a rule lays down.

    A composite rule has its strips. Any other is drawn as rectangles as wide as its weights: of
    Gauss's rule each holds its own node (Chebyshev, Markov, Stieltjes).
    """
    if rule in TOPS:
        step = TOPS[rule]
        left, right = x[:-1:step], x[step::step]
        blocks = np.stack([y[i : len(y) - step + i : step] for i in range(step + 1)], axis=1)
        coefficients = {1: [1 / 2, 1 / 2], 2: [1 / 6, 4 / 6, 1 / 6]}.get(
            step, [7 / 90, 32 / 90, 12 / 90, 32 / 90, 7 / 90]
        )
        return (
            left,
            right,
            (right - left) * (blocks @ coefficients),
            *polynomial_tops(left, right, blocks),
        )
    if rule in ("left", "right", "midpoint"):
        edges = np.linspace(ground.lo, ground.hi, n + 1)
    else:
        edges = ground.lo + np.concatenate([[0.0], np.cumsum(w)])
        edges = ground.lo + (edges - ground.lo) * (ground.hi - ground.lo) / (edges[-1] - ground.lo)
    left, right = edges[:-1], edges[1:]
    return (left, right, w * y, *polynomial_tops(left, right, np.stack([y, y], axis=1)))


def polynomial_tops(left: Any, right: Any, blocks: Any) -> tuple[Any, Any]:
    """Return outlines of panels whose top is the polynomial through the values of each block."""
    degree = blocks.shape[1] - 1
    t = np.linspace(0, 1, 2 if degree == 1 else 4 * degree + 1)
    at = np.linspace(0, 1, degree + 1)
    lagrange = np.stack(
        [
            np.prod([(t - at[j]) / (at[i] - at[j]) for j in range(degree + 1) if j != i], axis=0)
            for i in range(degree + 1)
        ]
    )
    top = blocks @ lagrange
    x = left[:, None] + (right - left)[:, None] * t
    gap = np.full((len(left), 1), np.nan)
    shape_x = np.concatenate([left[:, None], x, right[:, None], gap], axis=1)
    shape_y = np.concatenate([0 * left[:, None], top, 0 * right[:, None], gap], axis=1)
    return shape_x.ravel(), shape_y.ravel()


def as_table(rows: list[Any]) -> Any:
    """Return rows of different lengths as one table, filled up with not-a-number."""
    table = np.full((len(rows), max(len(row) for row in rows)), np.nan)
    for i, row in enumerate(rows):
        table[i, : len(row)] = row
    return table
