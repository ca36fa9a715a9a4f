"""Sweeps: many fits of the same data, over rates and batch sizes, or over the penalty."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.linear import closed_form, fit_linear
from gdviz.learn.linear_training import COORDINATE
from gdviz.learn.objective import objective
from gdviz.learn.spectrum import spectrum


class FitGrid(NamedTuple):
    """The loss above the least, `excess (sizes, rates, seeds)`, where a fit has settled.

    It is the mean over the last third of the updates, infinite where the fit left for infinity;
    a size of 0 is the full batch.
    """

    sizes: tuple[int, ...]
    rates: np.ndarray
    excess: np.ndarray


def fit_grid(
    X: Any,
    y: Any,
    sizes: Sequence[int],
    rates: Any,
    *,
    seeds: int = 4,
    steps: int = 300,
    l2: float = 0.0,
) -> Iterator[tuple[float, FitGrid]]:
    """Yield the share done and the sweep so far, of gradient descent on the squared loss."""
    weights, bias = closed_form(X, y, l2)
    least = float(objective(X, y, l2=l2).total(np.append(weights, bias)[None])[0])
    table = np.asarray(rates, float)
    found = np.full((len(sizes), len(table), seeds), np.nan)
    for i, size in enumerate(sizes):
        for j, rate in enumerate(table):
            for seed in range(seeds if size else 1):
                fit = fit_linear(
                    X, y, l2=l2, lr=float(rate), steps=steps, batch_size=size or None, seed=seed
                )
                lost = fit.status == "diverged"
                tail = float(np.mean(fit.loss[-max(1, steps // 3) :])) - least
                found[i, j, seed] = np.inf if lost else max(tail, 0.0)
            yield (
                (i * len(table) + j + 1) / (len(sizes) * len(table)),
                FitGrid(tuple(sizes), table, found),
            )


class PenaltyPath(NamedTuple):
    """The weights of each penalty, `weights (penalties, p)`, strongest penalty first."""

    penalties: np.ndarray
    weights: np.ndarray
    kind: str


def penalty_path(X: Any, y: Any, kind: str = "l2", n: int = 40) -> PenaltyPath:
    """Return the weights over ridge's l2 or lasso's l1, from all but zero to no penalty.

    Lasso is solved by coordinates, from 1.0 to 1e-4 of the l1 that sets all weights to zero.
    """
    goal = objective(X, y)
    centred = goal.A[:, :-1] - goal.A[:, :-1].mean(axis=0)
    if kind == "l1":
        most = float(np.abs(centred.T @ goal.y).max()) / len(goal.y) or 1.0
        penalties = most * np.geomspace(1, 1e-4, n)
        fits = [
            fit_linear(X, y, l1=float(p), method=COORDINATE, steps=1000, tol=1e-9).weights[-1]
            for p in penalties
        ]
    else:
        penalties = spectrum(goal).largest * np.geomspace(1e2, 1e-6, n)
        fits = [closed_form(X, y, float(p))[0] for p in penalties]
    return PenaltyPath(penalties, np.array(fits), kind)
