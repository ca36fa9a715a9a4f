"""A small network, trained in one compiled loop: forward, backward, update, and what is kept.

Units are rows and samples columns, so that every inner loop runs along samples and vectorises. The
parameters are one flat vector, layer after layer: W (in, out) by rows, then b (out,). The update
is a compiled rule of `blocks.rule_kernel`, whose lanes are the parameters.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import f4, f8, i8, njit, typeof, types, void

from gdviz.kernels.blocks import _CUBE, _LINE, _LOCK, _PLANE, _RULE
from gdviz.kernels.elementary import (
    ACTIVATIONS,
    IDENTITY,
    activate,
    exp64,
    log1p64,
    multiply_by_slope,
    sigmoid64,
)

LOSSES = ("bce", "cross_entropy", "mse", "sigmoid_mse")
BCE, CROSS_ENTROPY, MSE, SIGMOID_MSE = range(4)
LANES = 512  # samples of a block: its rows stay in the second-level cache
FAR = 1e9  # a loss this many times above the first one, or above 1, is lost

# Sums may be reordered, which vectorises them; infinities and not-a-number stay what they are.
_SUMS = {"contract", "reassoc", "arcp", "nsz"}
_fast = njit(fastmath=_SUMS, error_model="numpy")
_WHOLE = i8[::1]


@_fast
def _weighted(to, row, start, theta, at, stride, rows, first, count, n):
    """Write start + Σᵢ theta[at + i·stride]·rows[first + i] to to[row], four rows at a time."""
    for s in range(n):
        to[row, s] = start
    i = 0
    while i + 4 <= count:
        w0, w1 = theta[at + i * stride], theta[at + (i + 1) * stride]
        w2, w3 = theta[at + (i + 2) * stride], theta[at + (i + 3) * stride]
        r = first + i
        for s in range(n):
            low = w0 * rows[r, s] + w1 * rows[r + 1, s]
            to[row, s] += low + (w2 * rows[r + 2, s] + w3 * rows[r + 3, s])
        i += 4
    while i < count:
        w, r = theta[at + i * stride], first + i
        for s in range(n):
            to[row, s] += w * rows[r, s]
        i += 1


@_fast
def _dots(g, at, stride, rows, first, count, D, row, n):
    """Add Σₛ rows[first + i, s]·D[row, s] to g[at + i·stride] for each i, four rows at a time."""
    i = 0
    while i + 4 <= count:
        t0 = t1 = t2 = t3 = 0.0
        r = first + i
        for s in range(n):
            d = D[row, s]
            t0 += rows[r, s] * d
            t1 += rows[r + 1, s] * d
            t2 += rows[r + 2, s] * d
            t3 += rows[r + 3, s] * d
        g[at + i * stride] += t0
        g[at + (i + 1) * stride] += t1
        g[at + (i + 2) * stride] += t2
        g[at + (i + 3) * stride] += t3
        i += 4
    while i < count:
        r, t = first + i, 0.0
        for s in range(n):
            t += rows[r, s] * D[row, s]
        g[at + i * stride] += t
        i += 1


@_fast
def _total(D, row, n):
    total = 0.0
    for s in range(n):
        total += D[row, s]
    return total


@_fast
def _masked(A, M, row, start, n):
    """Multiply A[row] by the dropout of the samples from `start` on."""
    for s in range(n):
        A[row, s] *= M[row, start + s]


@_fast
def _forward(sizes, kind, theta, Z, A, M, start, n):
    """Fill the first n columns of Z and A from A's first rows; M, if any, is the dropout."""
    at, lo = 0, 0
    for layer in range(sizes.size - 1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        to = lo + fan_in
        out = IDENTITY if layer + 2 == sizes.size else kind
        for j in range(fan_out):
            bias = theta[at + fan_in * fan_out + j]
            _weighted(Z, to + j, bias, theta, at + j, fan_out, A, lo, fan_in, n)
            activate(out, Z, A, to + j, n)
            if M.shape[0] and layer + 2 < sizes.size:
                _masked(A, M, to + j, start, n)
        at += (fan_in + 1) * fan_out
        lo = to


@_fast
def _loss(loss, Z, last, Y, D, start, n, share):
    """Return the loss of the logits Z[last:], and write its slope to D; `share` is 1/(n·k)."""
    total, k = 0.0, Y.shape[0]
    if loss == CROSS_ENTROPY:
        return _cross_entropy(Z, last, Y, D, start, n, share * k)
    for j in range(k):
        row = last + j
        if loss == BCE:
            for s in range(n):
                z = Z[row, s]
                total += max(z, 0.0) - z * Y[j, start + s] + log1p64(exp64(-abs(z)))
            for s in range(n):
                D[row, s] = (sigmoid64(Z[row, s]) - Y[j, start + s]) * share
        elif loss == MSE:
            for s in range(n):
                off = Z[row, s] - Y[j, start + s]
                total += off * off
                D[row, s] = 2 * share * off
        else:
            for s in range(n):
                p = sigmoid64(Z[row, s])
                off = p - Y[j, start + s]
                total += off * off
                D[row, s] = 2 * share * off * p * (1 - p)
    return total * share


@_fast
def _cross_entropy(Z, last, Y, D, start, n, share):
    total, k = 0.0, Y.shape[0]
    for s in range(n):
        top = Z[last, s]
        for j in range(1, k):
            top = max(top, Z[last + j, s])
        mass, right = 0.0, 0.0
        for j in range(k):
            D[last + j, s] = exp64(Z[last + j, s] - top)
            mass += D[last + j, s]
            right += Y[j, start + s] * (Z[last + j, s] - top)
        total += np.log(mass) - right
        for j in range(k):
            D[last + j, s] = (D[last + j, s] / mass - Y[j, start + s]) * share
    return total * share


@_fast
def _backward(sizes, kind, theta, Z, A, M, D, start, n, g):
    """Add the gradients to g, from the slope of the loss in the last rows of D."""
    at, to = theta.size, Z.shape[0]
    for layer in range(sizes.size - 2, -1, -1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        at -= (fan_in + 1) * fan_out
        to -= fan_out
        lo = to - fan_in
        for j in range(fan_out):
            g[at + fan_in * fan_out + j] += _total(D, to + j, n)
            _dots(g, at + j, fan_out, A, lo, fan_in, D, to + j, n)
        for i in range(fan_in if layer else 0):
            row = lo + i
            _weighted(D, row, 0.0, theta, at + i * fan_out, 1, D, to, fan_out, n)
            if M.shape[0]:
                _masked(D, M, row, start, n)
                activate(kind, Z, A, row, n)  # as it was before the dropout
            multiply_by_slope(kind, Z, A, D, row, n)


@_fast
def _objective(sizes, kind, loss, theta, X, Y, count, Z, A, M, D, g, want):
    """Return the mean loss over the first samples, and add its gradient to g if it is wanted."""
    k, d = Y.shape[0], X.shape[0]
    total, share, last = 0.0, 1.0 / (count * k), Z.shape[0] - k
    for start in range(0, count, LANES):
        n = min(LANES, count - start)
        for i in range(d):
            for s in range(n):
                A[i, s] = X[i, start + s]
        _forward(sizes, kind, theta, Z, A, M, start, n)
        total += _loss(loss, Z, last, Y, D, start, n, share)
        if want:
            _backward(sizes, kind, theta, Z, A, M, D, start, n, g)
    return total


@_fast
def _penalty(sizes, theta, l1, l2, g):
    """Return l1·Σ|w| + l2/2·Σw² over the weights, biases left out, and add its gradient to g."""
    total, at = 0.0, 0
    for layer in range(sizes.size - 1):
        weights = sizes[layer] * sizes[layer + 1]
        for i in range(at, at + weights):
            w = theta[i]
            total += l1 * abs(w) + 0.5 * l2 * w * w
            g[i] += l1 * np.sign(w) + l2 * w
        at += weights + sizes[layer + 1]
    return total


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


def _run(
    rule, sizes, kind, loss, X, Y, order, batch, rates, knobs, l1, l2, clip, dropout, rng, first,
    theta, slots, keep, path, losses,
):  # fmt: skip
    """Train theta in place for as many steps as there are rates; return the step it was lost at.

    `order (epochs, n)` names the samples of each epoch in turn; no rows means the whole set, as it
    stands. theta is kept at the steps `keep`. `losses[e]` is the loss after epoch e, of all
    samples and without dropout, with its penalty. −1 is returned for a run that kept its loss below
    the wall; a lost run leaves theta at its last point there. `first` steps were taken before.
    """
    n, k, p, units = X.shape[1], Y.shape[0], theta.shape[1], _units(sizes)
    wall = np.inf
    whole, row = order.shape[0] == 0, 0
    per_epoch = 1 if whole else (n + batch - 1) // batch
    Z, A, D = np.empty((units, LANES)), np.empty((units, LANES)), np.empty((units, LANES))
    M, none = np.empty((units if dropout > 0 else 0, n)), np.empty((0, n))
    XB, YB = np.empty((X.shape[0], n)), np.empty((k, n))
    here, new, g, lr = np.empty((1, p)), np.empty((1, p)), np.empty((1, p)), np.empty(p)
    _copy(theta, here, 0)
    for t in range(rates.size + 1):
        if row < keep.size and keep[row] == t:
            _copy(here, path, row)
            row += 1
        # The loss of the whole set comes with its gradient where that is what the step uses.
        told = whole and dropout == 0 and t < rates.size
        value = length = 0.0
        for learns in range(2):
            if (learns and t == rates.size) or (not learns and (t % per_epoch or told)):
                continue
            for i in range(p):
                g[0, i] = 0.0
            XS, YS, width, mask = X, Y, n, none
            if learns:
                mask = M
                for i in range(M.shape[0]):
                    for s in range(n):
                        M[i, s] = (rng.random() >= dropout) / (1 - dropout)
                if not whole:
                    width = _gather(
                        X, Y, order[t // per_epoch], t % per_epoch * batch, batch, XB, YB
                    )
                    XS, YS = XB, YB
            value = _objective(
                sizes, kind, loss, here[0], XS, YS, width, Z, A, mask, D, g[0], learns == 1
            )
            value += _penalty(sizes, here[0], l1, l2, g[0])
            if not learns or told:
                losses[t // per_epoch] = value
        length = _square(g)
        if t == 0:
            wall = FAR * max(1.0, value)
        if not (value <= wall and np.isfinite(length)):
            return t
        _copy(here, theta, 0)
        if t < rates.size:
            if clip > 0 and length > clip * clip:
                for i in range(p):
                    g[0, i] *= clip / np.sqrt(length)
            for i in range(p):
                lr[i] = rates[t]
            rule(here, g, lr, float(first + t + 1), slots, knobs, new)
            if not np.isfinite(_square(new)):
                return t + 1
            here, new = new, here
    return -1


_GENERATOR = typeof(np.random.default_rng())
_RUN = i8(
    types.FunctionType(_RULE), _WHOLE, i8, i8, _PLANE, _PLANE, i8[:, ::1], i8, _LINE, _LINE, f8, f8,
    f8, f8, _GENERATOR, i8, _PLANE, _CUBE, _WHOLE, _PLANE, _LINE,
)  # fmt: skip


def _scan(sizes, kind, path, X, first, out):
    """Write the activations of the units from `first` on, at each row of path, to out (f, u, n)."""
    n, d = X.shape[1], X.shape[0]
    units = _units(sizes)
    Z, A, M = np.empty((units, LANES)), np.empty((units, LANES)), np.empty((0, LANES))
    for row in range(path.shape[0]):
        for start in range(0, n, LANES):
            width = min(LANES, n - start)
            A[:d, :width] = X[:, start : start + width]
            _forward(sizes, kind, path[row], Z, A, M, start, width)
            for u in range(first, units):
                for s in range(width):
                    out[row, u - first, start + s] = A[u, s]


_SCAN = void(_WHOLE, i8, _PLANE, _PLANE, i8, f4[:, :, ::1])


@lru_cache(maxsize=1)
def _runner() -> Any:
    with _LOCK:
        return njit(_RUN, error_model="numpy", nogil=True, cache=True)(_run)


@lru_cache(maxsize=1)
def _scanner() -> Any:
    with _LOCK:
        return njit(_SCAN, error_model="numpy", nogil=True, cache=True)(_scan)


class Lap(NamedTuple):
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
    """What is trained on what: layer sizes, names of activation and loss, X (d, n) and Y (k, n)."""

    sizes: tuple[int, ...]
    activation: str
    loss: str
    X: np.ndarray
    Y: np.ndarray


class Terms(NamedTuple):
    """The terms of a training: penalties, clipping, dropout, and its randomness."""

    l1: float = 0.0
    l2: float = 0.0
    clip: float = 0.0
    dropout: float = 0.0
    rng: Any = None


def lap(
    network: Network,
    rule: Any,
    theta: np.ndarray,
    slots: np.ndarray,
    rates: np.ndarray,
    knobs: np.ndarray,
    order: np.ndarray | None,
    batch: int,
    keep: np.ndarray,
    terms: Terms = Terms(),
    first: int = 0,
) -> Lap:
    """Train from `theta (p,)` and the rule's `slots (slots, 1, p)` by as many steps as `rates`.

    `order (epochs, n)` names the samples of each epoch, None takes them whole; `keep` are the steps
    to be kept, ascending; `first` steps were taken before.
    """
    steps = len(rates)
    per_epoch = 1 if order is None else -(-network.X.shape[1] // batch)
    end, memory = np.array(theta, float)[None], np.array(slots, float)
    path = np.full((len(keep), end.size), np.nan)
    losses = np.full(steps // per_epoch + 1, np.nan)
    lost = _runner()(
        rule,
        np.array(network.sizes),
        ACTIVATIONS.index(network.activation),
        LOSSES.index(network.loss),
        network.X,
        network.Y,
        np.empty((0, 0), np.int64) if order is None else order,
        batch,
        np.ascontiguousarray(rates, float),
        np.ascontiguousarray(knobs, float),
        *terms[:4],
        terms.rng or np.random.default_rng(0),
        first,
        end,
        memory,
        np.ascontiguousarray(keep, np.int64),
        path,
        losses,
    )
    return Lap(end[0], memory, path, losses, int(lost))


def scan(sizes: tuple[int, ...], activation: str, path: Any, X: Any, first: int) -> np.ndarray:
    """Return the activations of the units from `first` on, `(rows of path, units, n)`, float32.

    `path (f, p)` are parameters, `X (d, n)` inputs; the last units are the logits.
    """
    units = sum(sizes) - first
    out = np.empty((len(path), units, X.shape[1]), np.float32)
    rows = np.ascontiguousarray(path, float), np.ascontiguousarray(X, float)
    _scanner()(np.array(sizes), ACTIVATIONS.index(activation), *rows, first, out)
    return out
