"""A small network, compiled: the loss of a set of samples, and its gradient.

Units are rows and samples columns, so that every inner loop runs along samples and vectorises. The
parameters are one flat vector, layer after layer: W (in, out) by rows, then b (out,).
"""

import numpy as np
from numba import njit

from gdviz.kernels.vector_math import (
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

# Sums may be reordered, which vectorises them; infinities and not-a-number stay what they are.
_SUMS = {"contract", "reassoc", "arcp", "nsz"}
_fast = njit(fastmath=_SUMS, error_model="numpy")


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
def forward(sizes, kinds, theta, Z, A, M, start, n):
    """Fill the first n columns of Z and A from A's first rows; M, if any, is the dropout.

    `kinds` are the activations of the hidden layers.
    """
    at, lo = 0, 0
    for layer in range(sizes.size - 1):
        fan_in, fan_out = sizes[layer], sizes[layer + 1]
        to = lo + fan_in
        out = IDENTITY if layer + 2 == sizes.size else kinds[layer]
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
def _backward(sizes, kinds, theta, Z, A, M, D, start, n, g):
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
                activate(kinds[layer - 1], Z, A, row, n)  # as it was before the dropout
            multiply_by_slope(kinds[layer - 1], Z, A, D, row, n)


@_fast
def objective(sizes, kinds, loss, theta, X, Y, count, Z, A, M, D, g, want):
    """Return the mean loss over the first samples, and add its gradient to g if it is wanted."""
    k, d = Y.shape[0], X.shape[0]
    total, share, last = 0.0, 1.0 / (count * k), Z.shape[0] - k
    for start in range(0, count, LANES):
        n = min(LANES, count - start)
        for i in range(d):
            for s in range(n):
                A[i, s] = X[i, start + s]
        forward(sizes, kinds, theta, Z, A, M, start, n)
        total += _loss(loss, Z, last, Y, D, start, n, share)
        if want:
            _backward(sizes, kinds, theta, Z, A, M, D, start, n, g)
    return total


@_fast
def penalty(sizes, theta, l1, l2, g):
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
