"""Training a small network in one compiled loop: forward, backward, update, and what is kept.

The update is a compiled rule of `blocks.rule_kernel`, whose lanes are the parameters.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import f4, f8, i8, njit, typeof, types, void

from gdviz.kernels.block_kernels import CUBE, LINE, PLANE, RULE
from gdviz.kernels.compile_cache import compiled_once
from gdviz.kernels.network import LANES, LOSSES, forward, objective, penalty
from gdviz.kernels.vector_math import ACTIVATIONS

FAR = 1e9  # a loss this many times above the first one, or above 1, is lost
_WHOLE = i8[::1]


@njit(error_model="numpy")
def _square(rows):
    total = 0.0
    for i in range(rows.shape[1]):
        total += rows[0, i] * rows[0, i]
    return total


# Array expressions would take numba seconds to compile; loops take it none.


@njit(error_model="numpy")
def _copy(row, to, at):
    for i in range(row.shape[1]):
        to[at, i] = row[0, i]


@njit(error_model="numpy")
def _units(sizes):
    total = 0
    for i in range(sizes.size):
        total += sizes[i]
    return total


@njit(error_model="numpy")
def _gather(X, Y, turn, first, batch, XB, YB):
    """Copy the samples turn[first : first + batch] side by side; return how many there are."""
    width = min(batch, turn.size - first)
    for i in range(X.shape[0]):
        for s in range(width):
            XB[i, s] = X[i, turn[first + s]]
    for i in range(Y.shape[0]):
        for s in range(width):
            YB[i, s] = Y[i, turn[first + s]]
    return width


@njit(error_model="numpy")
def _draw_mask(M, dropout, rng):
    """Draw which units are left out, and how much larger the others are for it."""
    for i in range(M.shape[0]):
        for s in range(M.shape[1]):
            M[i, s] = (rng.random() >= dropout) / (1 - dropout)


@njit(error_model="numpy")
def _update(rule, here, new, g, lr, shares, rate, clip, length, number, slots, knobs):
    """Take a step from `here` to `new` along the clipped gradient; tell whether it is finite."""
    if clip > 0 and length > clip * clip:
        for i in range(lr.size):
            g[0, i] *= clip / np.sqrt(length)
    for i in range(lr.size):
        lr[i] = rate * shares[i]
    rule(here, g, lr, number, slots, knobs, new)
    return np.isfinite(_square(new))


@njit(error_model="numpy")
def _loss_and_slope(
    sizes, kinds, loss, X, Y, order, batch, steps, l1, l2, dropout, rng, t, per_epoch, here, g,
    losses, Z, A, D, M, none, XB, YB,
):  # fmt: skip
    """Write the loss of an epoch that ends at step t, and the gradient that the step takes.

    Return the loss that was computed last, and the square of the gradient's length. The loss of
    the whole set comes with its gradient where that is what the step uses.
    """
    n, whole = X.shape[1], order.shape[0] == 0
    told = whole and dropout == 0 and t < steps
    value = 0.0
    for learns in range(2):
        if (learns and t == steps) or (not learns and (t % per_epoch or told)):
            continue
        for i in range(g.shape[1]):
            g[0, i] = 0.0
        XS, YS, width, mask = X, Y, n, none
        if learns:
            mask = M
            _draw_mask(M, dropout, rng)
            if not whole:
                width = _gather(X, Y, order[t // per_epoch], t % per_epoch * batch, batch, XB, YB)
                XS, YS = XB, YB
        value = objective(
            sizes, kinds, loss, here[0], XS, YS, width, Z, A, mask, D, g[0], learns == 1
        )
        value += penalty(sizes, here[0], l1, l2, g[0])
        if not learns or told:
            losses[t // per_epoch] = value
    return value, _square(g)


def _run(
    rule, sizes, kinds, loss, X, Y, order, batch, rates, shares, knobs, l1, l2, clip, dropout, rng,
    first, theta, slots, keep, path, losses,
):  # fmt: skip
    """Train theta in place for as many steps as there are rates; return the step it was lost at.

    `order (epochs, n)` names the samples of each epoch, none is the whole set. theta is kept at
    the steps `keep`. `losses[e]` is the loss after epoch e, of all samples, without dropout, with
    its penalty. Parameter i moves at `shares[i]` times the rate. `first` steps were taken before.
    −1 is a run that kept its loss below the wall; a lost one leaves theta at its last point there.
    """
    n, p, units = X.shape[1], theta.shape[1], _units(sizes)
    wall, row, whole = np.inf, 0, order.shape[0] == 0
    per_epoch = 1 if whole else (n + batch - 1) // batch
    Z, A, D = np.empty((units, LANES)), np.empty((units, LANES)), np.empty((units, LANES))
    M, none = np.empty((units if dropout > 0 else 0, n)), np.empty((0, n))
    XB, YB = np.empty((X.shape[0], n)), np.empty((Y.shape[0], n))
    here, new, g, lr = np.empty((1, p)), np.empty((1, p)), np.empty((1, p)), np.empty(p)
    _copy(theta, here, 0)
    for t in range(rates.size + 1):
        if row < keep.size and keep[row] == t:
            _copy(here, path, row)
            row += 1
        value, length = _loss_and_slope(
            sizes, kinds, loss, X, Y, order, batch, rates.size, l1, l2, dropout, rng, t, per_epoch,
            here, g, losses, Z, A, D, M, none, XB, YB,
        )  # fmt: skip
        if t == 0:
            wall = FAR * max(1.0, value)
        if not (value <= wall and np.isfinite(length)):
            return t
        _copy(here, theta, 0)
        if t < rates.size:
            number = float(first + t + 1)
            if not _update(
                rule, here, new, g, lr, shares, rates[t], clip, length, number, slots, knobs
            ):
                return t + 1
            here, new = new, here
    return -1


_GENERATOR = typeof(np.random.default_rng())
_RUN = i8(
    types.FunctionType(RULE), _WHOLE, _WHOLE, i8, PLANE, PLANE, i8[:, ::1], i8, LINE, LINE, LINE,
    f8, f8, f8, f8, _GENERATOR, i8, PLANE, CUBE, _WHOLE, PLANE, LINE,
)  # fmt: skip


def _scan(sizes, kinds, path, X, first, out):
    """Write the activations of the units from `first` on, at each row of path, to out (f, u, n)."""
    n, d = X.shape[1], X.shape[0]
    units = _units(sizes)
    Z, A, M = np.empty((units, LANES)), np.empty((units, LANES)), np.empty((0, LANES))
    for row in range(path.shape[0]):
        for start in range(0, n, LANES):
            width = min(LANES, n - start)
            A[:d, :width] = X[:, start : start + width]
            forward(sizes, kinds, path[row], Z, A, M, start, width)
            for u in range(first, units):
                for s in range(width):
                    out[row, u - first, start + s] = A[u, s]


_READ = types.Array(f8, 2, "C", readonly=True)  # takes what can be written, too
_SCAN = void(_WHOLE, _WHOLE, _READ, _READ, i8, f4[:, :, ::1])


@compiled_once(maxsize=1)
def _runner() -> Any:
    return njit(_RUN, error_model="numpy", nogil=True, cache=True)(_run)


@compiled_once(maxsize=1)
def _scanner() -> Any:
    return njit(_SCAN, error_model="numpy", nogil=True, cache=True)(_scan)


class TrainedSteps(NamedTuple):
    """A stretch of training: the end, the rule's memory there, what was kept, and how it ended.

    `theta (p,)`, `slots (slots, 1, p)`, `path (kept, p)`, `losses (epochs + 1,)`; `lost` is the
    step at which the loss was beyond all bounds, or −1.
    """

    theta: np.ndarray
    slots: np.ndarray
    path: np.ndarray
    losses: np.ndarray
    lost: int


class Network(NamedTuple):
    """What is trained on what: layer sizes, activations of the hidden ones, the loss, X and Y.

    X is `(d, n)`, Y `(k, n)`.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    X: np.ndarray
    Y: np.ndarray


class Penalties(NamedTuple):
    """The terms of a training: penalties, clipping, dropout, and its randomness."""

    l1: float = 0.0
    l2: float = 0.0
    clip: float = 0.0
    dropout: float = 0.0
    rng: Any = None


PLAIN = Penalties()


def train_steps(
    network: Network,
    rule: Any,
    theta: np.ndarray,
    slots: np.ndarray,
    rates: np.ndarray,
    knobs: np.ndarray,
    order: np.ndarray | None,
    batch: int,
    keep: np.ndarray,
    terms: Penalties = PLAIN,
    first: int = 0,
    shares: np.ndarray | None = None,
) -> TrainedSteps:
    """Train from `theta (p,)` and the rule's `slots (slots, 1, p)` by as many steps as `rates`.

    `order (epochs, n)` names the samples of each epoch, None takes them whole. `keep` are the steps
    to keep, ascending; `first` steps were taken before. A parameter moves at its one of `shares`
    times the rate.
    """
    steps = len(rates)
    per_epoch = 1 if order is None else -(-network.X.shape[1] // batch)
    end, memory = np.array(theta, float)[None], np.array(slots, float)
    path = np.full((len(keep), end.size), np.nan)
    losses = np.full(steps // per_epoch + 1, np.nan)
    lost = _runner()(
        rule,
        np.array(network.sizes),
        *(_kinds(network.activations), LOSSES.index(network.loss)),
        *(network.X, network.Y, np.empty((0, 0), np.int64) if order is None else order, batch),
        np.ascontiguousarray(rates, float),
        np.ones(end.size) if shares is None else np.ascontiguousarray(shares, float),
        np.ascontiguousarray(knobs, float),
        *terms[:4],
        terms.rng or np.random.default_rng(0),
        *(first, end, memory, np.ascontiguousarray(keep, np.int64), path, losses),
    )
    return TrainedSteps(end[0], memory, path, losses, int(lost))


def _kinds(activations: tuple[str, ...]) -> np.ndarray:
    return np.array([ACTIVATIONS.index(name) for name in activations], np.int64)


def scan(
    sizes: tuple[int, ...], activations: tuple[str, ...], path: Any, X: Any, first: int
) -> np.ndarray:
    """Return the activations of the units from `first` on, `(rows of path, units, n)`, float32.

    `path (f, p)` are parameters, `X (d, n)` inputs; the last units are the logits.
    """
    units = sum(sizes) - first
    out = np.empty((len(path), units, X.shape[1]), np.float32)
    rows = np.ascontiguousarray(path, float), np.ascontiguousarray(X, float)
    _scanner()(np.array(sizes), _kinds(activations), *rows, first, out)
    return out
