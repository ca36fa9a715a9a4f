"""Samplers that follow the gradient: Hamiltonian Monte Carlo, NUTS, and Stein's particles.

The arguments are those of `moves`; a row of `Z (rows, 3 d)` holds position, momentum, gradient.
"""

import math

import numpy as np
from numba import njit

from gdviz.kernels.gradient_free_samplers import _at, _head, _test

LOST = 1000.0  # an energy error beyond which a trajectory has diverged (Stan's figure)
GAMMA, T0, KAPPA = 0.05, 10.0, 0.75  # dual averaging (Hoffman and Gelman 2014, 3.2)


@njit(error_model="numpy", inline="always")
def _copy(Z, a, b):
    """Copy row a to row b."""
    for j in range(Z.shape[1]):
        Z[b, j] = Z[a, j]


@njit(error_model="numpy", inline="always")
def _kinetic(Z, row, d):
    """Return half the square of a row's momentum."""
    total = 0.0
    for j in range(d):
        total += Z[row, d + j] * Z[row, d + j]
    return 0.5 * total


@njit(error_model="numpy", inline="always")
def _lost(gap, found, Z, row, d):
    """Tell whether the energy is lost; a path that ends beyond a wall is refused, not lost."""
    near = True
    for j in range(d):
        near = near and abs(Z[row, j]) < 1e8
    return not gap > -LOST and not (found == -math.inf and near)


def hamiltonian(value, flow, Z, m, rng, knobs, out, paths):
    """Hamiltonian Monte Carlo: knobs are the step and the number of leapfrogs.

    One leapfrog is the Langevin proposal of MALA, with the same test.
    """
    d = Z.shape[1] // 3
    k = d + 3
    eps, leaps = knobs[0], int(knobs[1])
    flow(Z, 0, 0, 0.0, False)
    for t in range(out.shape[0]):
        for j in range(d):
            Z[0, d + j] = rng.standard_normal()
        before = _kinetic(Z, 0, d) - m[0]
        _copy(Z, 0, 1)
        keep = t < paths.shape[0]
        found = flow(Z, 1, leaps, eps, keep)
        energy = _kinetic(Z, 1, d) - found
        lost = _lost(before - energy, found, Z, 1, d)
        if keep:
            for j in range(d):
                paths[t, 0, 0, j] = Z[0, j]
                for i in range(1, leaps):
                    paths[t, 0, i, j] = Z[1 + i, j]
                paths[t, 0, leaps, j] = Z[1, j]
        alpha = before - energy
        log_u = -rng.standard_exponential()
        accepted = log_u < alpha and found < math.inf
        _test(out, t, 0, k, Z, 1, d, found, alpha, log_u)
        for j in range(d):
            out[t, 0, k + d + 3 + j] = Z[0, d + j]
        if accepted:
            m[0] = found
            _copy(Z, 1, 0)
        _head(out, t, 0, Z, 0, d, m[0], accepted, 1.0 * leaps)
        k2 = k + 2 * d + 3
        out[t, 0, k2] = energy if accepted else before
        out[t, 0, k2 + 1] = 1.0 if lost else 0.0
        out[t, 0, k2 + 2] = eps


@njit(error_model="numpy")
def _log_sum(a, b):
    """Return log(eᵃ + eᵇ)."""
    top = max(a, b)
    return top if top == -math.inf else top + math.log(math.exp(a - top) + math.exp(b - top))


@njit(error_model="numpy", inline="always")
def _turns(Z, a, b, s, d):
    """Tell whether the sum of momenta in row s points against the momentum at either end."""
    left, right = 0.0, 0.0
    for j in range(d):
        left += Z[s, j] * Z[a, d + j]
        right += Z[s, j] * Z[b, d + j]
    return left <= 0.0 or right <= 0.0


@njit(error_model="numpy")
def _turned(Z, leaf, d):
    """Tell whether a finished balanced subtree that ends in this leaf has turned.

    The first leaf of each open subtree waits in a row from 9 on, with the sum of momenta so far
    (Phan and Pradhan, "Iterative NUTS", 2019): as many rows as the leaf's number has bits set.
    """
    top, n = 0, leaf >> 1
    while n:
        top += n & 1
        n >>= 1
    n = leaf
    i = top
    while n & 1:
        for j in range(d):  # row 8: the sum over the subtree
            Z[8, j] = Z[7, j] - Z[9 + i, j] + Z[9 + i, d + j]
        if _turns(Z, 9 + i, 3, 8, d):
            return True
        n >>= 1
        i -= 1
    return False


@njit(error_model="numpy")
def _wait(Z, leaf, d):
    """Put an even leaf among the rows of the open subtrees."""
    top, n = 0, leaf >> 1
    while n:
        top += n & 1
        n >>= 1
    for j in range(d):
        Z[9 + top, j] = Z[7, j]
        Z[9 + top, d + j] = Z[3, d + j]


@njit(error_model="numpy")
def _reasonable(flow, Z, m, d):
    """Double or halve the step until one leapfrog is accepted half the time (algorithm 4)."""
    direction = 0.0
    for _ in range(60):
        _copy(Z, 0, 3)
        gap = _kinetic(Z, 0, d) - m[0]
        found = flow(Z, 3, 1, m[2], False)
        gap -= _kinetic(Z, 3, d) - found
        up = 1.0 if gap > -math.log(2.0) else -1.0
        if direction == 0.0:
            direction = up
        if up != direction:
            break
        m[2] *= 2.0**direction
    m[3], m[4], m[5], m[6] = math.log(10.0 * m[2]), 0.0, 0.0, 0.0


@njit(error_model="numpy")
def _average(m, delta, accept):
    """Take one acceptance into the dual average of the log step."""
    m[6] += 1.0
    m[5] += (delta - accept - m[5]) / (m[6] + T0)
    log_step = m[3] - math.sqrt(m[6]) / GAMMA * m[5]
    share = m[6] ** -KAPPA
    m[4] += share * (log_step - m[4])
    m[2] = math.exp(log_step)


def nuts(value, flow, Z, m, rng, knobs, out, paths):
    """The no-U-turn sampler with multinomial weights (Betancourt 2017, A.3).

    knobs: target acceptance δ, greatest depth. m[2] is the step; m[3 ..] its dual average, used
    while m[1] is 1. Rows of Z: 0 the point, 1 and 2 the ends, 3 the leaf, 4 the tree's choice, 5
    the subtree's, 6 and 7 the sums of momenta, 8 and on the open subtrees.
    """
    d = Z.shape[1] // 3
    k = d + 3
    flow(Z, 0, 0, 0.0, False)
    for t in range(out.shape[0]):
        for j in range(d):
            Z[0, d + j] = rng.standard_normal()
        if m[1] > 0.0 and m[6] < 0.0:
            _reasonable(flow, Z, m, d)
        elif m[1] == 0.0 and m[6] > 0.0:
            m[2] = math.exp(m[4])
            m[6] = 0.0
        before = _kinetic(Z, 0, d) - m[0]
        for row in (1, 2, 4):
            _copy(Z, 0, row)
        for j in range(d):
            Z[6, j] = Z[0, d + j]
        energy, chosen = before, m[0]
        weight, accept, leaps, depth = 0.0, 0.0, 0, 0
        turned, ended, diverged = False, False, False
        while depth < int(knobs[1]) and not turned and not ended:
            forward = rng.random() < 0.5
            end = 2 if forward else 1
            _copy(Z, end, 3)
            for j in range(d):
                Z[7, j] = 0.0
            sub, sub_energy, sub_chosen = -math.inf, 0.0, 0.0
            for leaf in range(1 << depth):
                found = flow(Z, 3, 1, m[2] if forward else -m[2], False)
                here = _kinetic(Z, 3, d) - found
                gap = before - here
                if not (-math.inf < gap < math.inf):
                    gap = -math.inf
                if t < paths.shape[0] and leaps < paths.shape[2]:
                    for j in range(d):
                        paths[t, 0, leaps, j] = Z[3, j]
                    paths[t, 0, leaps, d] = depth + 1.0 if forward else -depth - 1.0
                leaps += 1
                accept += min(1.0, math.exp(gap))
                if gap < -LOST:
                    diverged, ended = _lost(gap, found, Z, 3, d), True
                    break
                sub = _log_sum(sub, gap)
                if -rng.standard_exponential() < gap - sub:
                    _copy(Z, 3, 5)
                    sub_energy, sub_chosen = here, found
                for j in range(d):
                    Z[7, j] += Z[3, d + j]
                if leaf % 2 == 0:
                    _wait(Z, leaf, d)
                elif _turned(Z, leaf, d):
                    turned = True
                    break
            if turned or ended:
                break
            _copy(Z, 3, end)
            if -rng.standard_exponential() < sub - weight:
                _copy(Z, 5, 4)
                energy, chosen = sub_energy, sub_chosen
            weight = _log_sum(weight, sub)
            for j in range(d):
                Z[6, j] += Z[7, j]
            depth += 1
            turned = _turns(Z, 1, 2, 6, d)
        accepted = False
        for j in range(d):
            accepted = accepted or Z[4, j] != Z[0, j]
            out[t, 0, k + j] = Z[3, j]
            out[t, 0, k + d + j] = Z[0, d + j]
        _copy(Z, 4, 0)
        m[0] = chosen
        _head(out, t, 0, Z, 0, d, m[0], accepted, 1.0 * leaps)
        k2 = k + 2 * d
        out[t, 0, k2] = energy
        out[t, 0, k2 + 1] = 1.0 if diverged else 0.0
        out[t, 0, k2 + 2] = m[2]
        out[t, 0, k2 + 3] = depth
        out[t, 0, k2 + 4] = accept / leaps
        if m[1] > 0.0:
            _average(m, knobs[0], accept / leaps)


def stein(value, flow, Z, m, rng, knobs, out, paths):
    """Stein variational gradient descent (Liu and Wang 2016, algorithm 1): no chain at all.

    Every particle climbs the log-density and is pushed away from its neighbours, by a kernel whose
    width is the median distance. knobs: the step. A draw shows the next particles in turn; m[2]
    counts them. The momentum of a row holds the running square of its direction.
    """
    d = Z.shape[1] // 3
    n, group = Z.shape[0], out.shape[1]
    squares = np.empty(n * (n - 1) // 2)
    push = np.empty((n, d))
    for t in range(out.shape[0]):
        pair = 0
        for i in range(n):
            flow(Z, i, 0, 0.0, False)
            for j in range(d):
                push[i, j] = 0.0
            for o in range(i):
                total = 0.0
                for j in range(d):
                    total += (Z[i, j] - Z[o, j]) * (Z[i, j] - Z[o, j])
                squares[pair] = total
                pair += 1
        width = np.median(squares) / math.log(n + 1.0) + 1e-300
        pair = 0
        for i in range(n):
            for j in range(d):
                push[i, j] += Z[i, 2 * d + j] / n
            for o in range(i):
                near = math.exp(-squares[pair] / width) / n
                pair += 1
                for j in range(d):
                    apart = 2.0 / width * (Z[i, j] - Z[o, j])
                    push[i, j] += near * (Z[o, 2 * d + j] + apart)
                    push[o, j] += near * (Z[i, 2 * d + j] - apart)
        for i in range(n):
            for j in range(d):
                Z[i, d + j] = 0.9 * Z[i, d + j] + 0.1 * push[i, j] * push[i, j]
                Z[i, j] += knobs[0] * push[i, j] / (1e-6 + math.sqrt(Z[i, d + j]))
        for c in range(group):
            i = (int(m[2]) + c) % n
            _head(out, t, c, Z, i, d, _at(value, Z, i, d), True, n / group)
            for j in range(d):
                out[t, c, d + 3 + j] = push[i, j]
        m[2] += group
        if t < paths.shape[0]:
            for i in range(n):
                for j in range(d):
                    paths[t, 0, i, j] = Z[i, j]
