"""Matrix factorisation, one rating at a time: epochs of SGD, adagrad and SVD++, and predictions.

Each loop is written once. Compiled, its rows are vectors (`gdviz.kernels.simd_rows`). Its
`.py_func` is the plain Python that it is tested against.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit

from gdviz.kernels.simd_rows import dot, move

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True, "cache": True}


@njit(**_OPTIONS)
def sgd(users, items, values, mean, bu, bi, P, Q, rates, keeps, lo, hi, lanes):
    """Visit the ratings lo to hi with Funk's updates; `rates` η and `keeps` 1 − ηλ per group.

    e = r − (μ + b_u + b_i + p·q);  b ← b + η(e − λb);  p ← p + η(e q − λp);  q ← q + η(e p − λq)
    """
    for n in range(lo, hi):
        u, i = users[n], items[n]
        a, b = bu[u], bi[i]
        e = values[n] - (mean + a + b + dot(P, u, Q, i, lanes))
        move(P, u, Q, i, keeps[2], rates[2] * e, keeps[3], rates[3] * e, lanes)
        bu[u] = keeps[0] * a + rates[0] * e
        bi[i] = keeps[1] * b + rates[1] * e


@njit(**_OPTIONS)
def adagrad(
    users, items, values, mean, bu, bi, P, Q, squares, rates, penalties, share, lo, hi, lanes
):
    """Visit the ratings lo to hi with a rate per row, η/√G, where G sums the row's mean squares.

    G starts at 1 (Chin et al. 2015, "A Learning-rate Schedule for Stochastic Gradient Methods to
    Matrix Factorization", eq. 10); `squares (4 arrays)` holds it, `share` is 1/k.
    """
    Gbu, Gbi, Gp, Gq = squares
    for n in range(lo, hi):
        u, i = users[n], items[n]
        a, b = bu[u], bi[i]
        pq, pp, qq = dot(P, u, Q, i, lanes), dot(P, u, P, u, lanes), dot(Q, i, Q, i, lanes)
        e = values[n] - (mean + a + b + pq)
        hp, hq = rates[2] / np.sqrt(Gp[u]), rates[3] / np.sqrt(Gq[i])
        # |e q − λ p|² from the three products, without the vector itself.
        cross = (e + e) * pq
        Gp[u] += share * (e * e * qq - penalties[2] * (cross - penalties[2] * pp))
        Gq[i] += share * (e * e * pp - penalties[3] * (cross - penalties[3] * qq))
        move(P, u, Q, i, 1 - hp * penalties[2], hp * e, 1 - hq * penalties[3], hq * e, lanes)
        ga, gb = e - penalties[0] * a, e - penalties[1] * b
        bu[u] = a + rates[0] / np.sqrt(Gbu[u]) * ga
        bi[i] = b + rates[1] / np.sqrt(Gbi[i]) * gb
        Gbu[u] += ga * ga
        Gbi[i] += gb * gb


@njit(**_OPTIONS)
def predictions(users, items, mean, bu, bi, P, Q, lanes, out):
    """Write μ + b_u + b_i + p·q of each pair to `out (n,)`."""
    for n in range(users.size):
        u, i = users[n], items[n]
        out[n] = mean + bu[u] + bi[i] + dot(P, u, Q, i, lanes)


@njit(**_OPTIONS)
def squared_errors(users, items, values, mean, bu, bi, P, Q, low, high, lanes):
    """Return the sums of squared errors of the predictions, and of those cut to [low, high]."""
    plain = clipped = 0.0
    for n in range(users.size):
        u, i = users[n], items[n]
        found = np.float64(mean + bu[u] + bi[i] + dot(P, u, Q, i, lanes))
        plain += (found - values[n]) ** 2
        clipped += (min(max(found, low), high) - values[n]) ** 2
    return plain, clipped


@njit(**_OPTIONS)
def svdpp(starts, items, values, mean, bu, bi, P, Q, Y, rates, keeps):
    """Visit the ratings user by user with the updates of SVD++ (Koren 2008, section 4.1).

    p·q becomes (p + |N|^−½ Σ_N y_j)·q. All y_j of a user take the same step y ← κy + d at each of
    their ratings, so it is kept as one factor and one shift, and applied once at the end: each
    rating costs O(k), and the result is that of the sum taken anew each time.
    """
    k = P.shape[1]
    total, shift = np.empty(k), np.empty(k)
    for u in range(starts.size - 1):
        lo, hi = starts[u], starts[u + 1]
        size = float(hi - lo)
        if size == 0:
            continue
        norm, kept = 1 / np.sqrt(size), 1.0
        for f in range(k):
            total[f] = shift[f] = 0.0
        for n in range(lo, hi):
            for f in range(k):
                total[f] += Y[items[n], f]
        for n in range(lo, hi):
            i = items[n]
            a, b, s = bu[u], bi[i], 0.0
            for f in range(k):
                s += (P[u, f] + norm * total[f]) * Q[i, f]
            e = values[n] - (mean + a + b + s)
            bu[u] = keeps[0] * a + rates[0] * e
            bi[i] = keeps[1] * b + rates[1] * e
            for f in range(k):
                p, q, t = P[u, f], Q[i, f], total[f]
                P[u, f] = keeps[2] * p + rates[2] * e * q
                Q[i, f] = keeps[3] * q + rates[3] * e * (p + norm * t)
                total[f] = keeps[4] * t + rates[4] * e * size * norm * q
                shift[f] = keeps[4] * shift[f] + rates[4] * e * norm * q
            kept *= keeps[4]
        for n in range(lo, hi):
            for f in range(k):
                Y[items[n], f] = kept * Y[items[n], f] + shift[f]


@njit(**_OPTIONS)
def normal_equations(starts, others, targets, features, first, gram, right):
    """Write Σ x xᵀ and Σ x y of the rows first, first + 1, … to `gram (m, k, k)`, `right (m, k)`.

    Row r has the ratings starts[r] to starts[r + 1], of x = features[others[n]], y = targets[n].
    """
    k = features.shape[1]
    for m in range(gram.shape[0]):
        for n in range(starts[first + m], starts[first + m + 1]):
            j, y = others[n], targets[n]
            for a in range(k):
                x = features[j, a]
                right[m, a] += x * y
                for b in range(a + 1):
                    gram[m, a, b] += x * features[j, b]
        for a in range(k):
            for b in range(a):
                gram[m, b, a] = gram[m, a, b]


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="gdviz-factors")


def in_blocks(kernel: Any, before: tuple, after: tuple, edges: tuple[int, ...]) -> None:
    """Run `kernel(*before, lo, hi, *after)` over all blocks; t² blocks are shared by t threads.

    The blocks of one round share no user and no item, so that the result does not depend on which
    thread is faster (Gemulla et al. 2011, "Large-scale Matrix Factorization with Distributed SGD").
    """
    spans = list(zip(edges[:-1], edges[1:], strict=True))
    threads = round(len(spans) ** 0.5)
    for first in range(0, len(spans), threads):
        rounds = spans[first : first + threads]
        list((_pool().map if threads > 1 else map)(lambda s: kernel(*before, *s, *after), rounds))
