"""Hidden units in another order: the same function elsewhere, and the order nearest to a network.

The loss on the straight line between two networks may climb over a barrier only because their
hidden units stand in different places.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from gdviz.learn.network import Params

ROUNDS = 100  # over the layers, at most


def permute_units(params: Params, orders: Sequence[np.ndarray]) -> Params:
    """Return the same function with the hidden units in other places.

    `orders` has one array a hidden layer: which unit stands in each place.
    """
    found, before = [], np.arange(len(params[0][0]))
    for (W, b), order in zip(params, [*orders, np.arange(len(params[-1][1]))], strict=True):
        found.append((W[np.ix_(before, order)], b[order]))
        before = order
    return found


def match_units(goal: Params, params: Params, seed: int = 0) -> list[np.ndarray]:
    """Return the orders in which the units of a network come nearest to those of `goal`.

    One layer after another is assigned so that the sum of products with the goal's weights, in
    and out, is largest, until nothing changes (Ainsworth, Hayase and Srinivasa 2023, Algorithm 1).
    With one hidden layer no order is nearer; with more it may be a local optimum.
    """
    rng, orders = np.random.default_rng(seed), [np.arange(len(b)) for _, b in params[:-1]]
    for _ in range(ROUNDS):
        changed = False
        for layer in rng.permutation(len(orders)):
            gain, here = _gains(goal, params, orders, layer), np.arange(len(orders[layer]))
            _, better = linear_sum_assignment(gain, maximize=True)
            rise = gain[here, better].sum() - gain[here, orders[layer]].sum()
            if rise > 1e-12 * np.abs(gain).max():
                orders[layer], changed = better, True
        if not changed:
            break
    return orders


def _gains(goal: Params, params: Params, orders: list[np.ndarray], layer: int) -> np.ndarray:
    """Return what each unit of a layer, as columns, adds to the products in each place, as rows."""
    (A, a), (B, b) = goal[layer], params[layer]
    (C, _), (D, _) = goal[layer + 1], params[layer + 1]
    before = orders[layer - 1] if layer else np.arange(len(B))
    after = orders[layer + 1] if layer + 1 < len(orders) else np.arange(D.shape[1])
    return A.T @ B[before] + np.outer(a, b) + C @ D[:, after].T


class Barrier(NamedTuple):
    """The most by which losses on a line rise above the straight line of their ends, and where."""

    height: float
    t: float


def barrier_of(t: np.ndarray, losses: np.ndarray) -> Barrier:
    """Return the barrier of the losses at shares `t (m,)` of the way, 0 and 1 among them.

    max L(t) − (1 − t) L(0) − t L(1) (Entezari et al. 2022, equation 1).
    """
    above = losses - (1 - t) * losses[0] - t * losses[-1]
    top = int(np.argmax(above))
    return Barrier(float(above[top]), float(t[top]))
