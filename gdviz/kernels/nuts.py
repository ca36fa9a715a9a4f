"""The no-U-turn sampler: a trajectory doubles until it turns back on itself.

The arguments are those of `gradient_free_samplers`; a row of `Z (rows, 3 d)` holds position,
momentum and gradient.
"""

import math

from numba import njit

from gdviz.kernels.gradient_free_samplers import HEAD, LOG_DENSITY, POINT, WARMUP, write_head
from gdviz.kernels.gradient_samplers import LOST, copy_row, is_lost, kinetic_energy

GAMMA, T0, KAPPA = 0.05, 10.0, 0.75  # dual averaging (Hoffman and Gelman 2014, 3.2)
# The memory m beyond log-density and warm-up: the step, and its dual average.
STEP, CENTRE, SMOOTH, DRIFT, COUNT = 2, 3, 4, 5, 6
# Rows of Z beyond the point: both ends, the newest leaf, the choice of the tree and of its newest
# subtree, sums of momenta of both, the sum over a finished subtree, and the open subtrees.
LEFT, RIGHT, LEAF, CHOICE, SUBTREE_CHOICE, SUM, SUBTREE_SUM, SPAN, OPEN = 1, 2, 3, 4, 5, 6, 7, 8, 9


@njit(error_model="numpy", inline="always")
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

    The first leaf of each open subtree waits in a row from OPEN on, with the sum of momenta so far
    (Phan and Pradhan, "Iterative NUTS", 2019): as many rows as the leaf's number has bits set.
    """
    top, n = 0, leaf >> 1
    while n:
        top += n & 1
        n >>= 1
    n = leaf
    i = top
    while n & 1:
        for j in range(d):
            Z[SPAN, j] = Z[SUBTREE_SUM, j] - Z[OPEN + i, j] + Z[OPEN + i, d + j]
        if _turns(Z, OPEN + i, LEAF, SPAN, d):
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
        Z[OPEN + top, j] = Z[SUBTREE_SUM, j]
        Z[OPEN + top, d + j] = Z[LEAF, d + j]


@njit(error_model="numpy")
def _reasonable(flow, Z, m, d):
    """Double or halve the step until one leapfrog is accepted half the time (algorithm 4)."""
    direction = 0.0
    for _ in range(60):
        copy_row(Z, POINT, LEAF)
        gap = kinetic_energy(Z, POINT, d) - m[LOG_DENSITY]
        found = flow(Z, LEAF, 1, m[STEP], False)
        gap -= kinetic_energy(Z, LEAF, d) - found
        up = 1.0 if gap > -math.log(2.0) else -1.0
        if direction == 0.0:
            direction = up
        if up != direction:
            break
        m[STEP] *= 2.0**direction
    m[CENTRE], m[SMOOTH], m[DRIFT], m[COUNT] = math.log(10.0 * m[STEP]), 0.0, 0.0, 0.0


@njit(error_model="numpy")
def _average(m, delta, accept):
    """Take one acceptance into the dual average of the log step."""
    m[COUNT] += 1.0
    m[DRIFT] += (delta - accept - m[DRIFT]) / (m[COUNT] + T0)
    log_step = m[CENTRE] - math.sqrt(m[COUNT]) / GAMMA * m[DRIFT]
    share = m[COUNT] ** -KAPPA
    m[SMOOTH] += share * (log_step - m[SMOOTH])
    m[STEP] = math.exp(log_step)


@njit(error_model="numpy")
def _tune(flow, Z, m, d):
    """Find a step at the first draw of the warm-up; take the averaged one after the last."""
    if m[WARMUP] > 0.0 and m[COUNT] < 0.0:
        _reasonable(flow, Z, m, d)
    elif m[WARMUP] == 0.0 and m[COUNT] > 0.0:
        m[STEP] = math.exp(m[SMOOTH])
        m[COUNT] = 0.0


@njit(error_model="numpy", inline="always")
def _keep_leaf(Z, paths, t, leaps, d, signed_depth):
    if t < paths.shape[0] and leaps < paths.shape[2]:
        for j in range(d):
            paths[t, 0, leaps, j] = Z[LEAF, j]
        paths[t, 0, leaps, d] = signed_depth


@njit(error_model="numpy", inline="always")
def _grow(flow, Z, m, rng, paths, t, d, depth, forward, before, leaps, accept):
    """Grow a subtree of 2^depth leaves from one end; its choice goes to row SUBTREE_CHOICE.

    Return its log-weight, the energy and log-density of its choice, the leaps and acceptances so
    far, and whether it turned, ended and diverged.
    """
    weight, energy, chosen = -math.inf, 0.0, 0.0
    eps = m[STEP] if forward else -m[STEP]
    signed_depth = depth + 1.0 if forward else -depth - 1.0
    for leaf in range(1 << depth):
        found = flow(Z, LEAF, 1, eps, False)
        here = kinetic_energy(Z, LEAF, d) - found
        gap = before - here
        if not (-math.inf < gap < math.inf):
            gap = -math.inf
        _keep_leaf(Z, paths, t, leaps, d, signed_depth)
        leaps += 1
        accept += min(1.0, math.exp(gap))
        if gap < -LOST:
            diverged = is_lost(gap, found, Z, LEAF, d)
            return weight, energy, chosen, leaps, accept, False, True, diverged
        weight = _log_sum(weight, gap)
        if -rng.standard_exponential() < gap - weight:
            copy_row(Z, LEAF, SUBTREE_CHOICE)
            energy, chosen = here, found
        for j in range(d):
            Z[SUBTREE_SUM, j] += Z[LEAF, d + j]
        if leaf % 2 == 0:
            _wait(Z, leaf, d)
        elif _turned(Z, leaf, d):
            return weight, energy, chosen, leaps, accept, True, False, False
    return weight, energy, chosen, leaps, accept, False, False, False


@njit(error_model="numpy", inline="always")
def _tree(flow, Z, m, rng, paths, t, d, deepest, before):
    """Double a trajectory until it turns, ends or is deep enough; its choice is in row CHOICE.

    Return the energy and log-density of the choice, leaps, acceptances, depth, and whether it
    diverged.
    """
    for row in (LEFT, RIGHT, CHOICE):
        copy_row(Z, POINT, row)
    for j in range(d):
        Z[SUM, j] = Z[POINT, d + j]
    energy, chosen = before, m[LOG_DENSITY]
    weight, accept, leaps, depth = 0.0, 0.0, 0, 0
    turned, diverged = False, False
    while depth < deepest and not turned:
        forward = rng.random() < 0.5
        end = RIGHT if forward else LEFT
        copy_row(Z, end, LEAF)
        for j in range(d):
            Z[SUBTREE_SUM, j] = 0.0
        sub, sub_energy, sub_chosen, leaps, accept, turned, ended, diverged = _grow(
            flow, Z, m, rng, paths, t, d, depth, forward, before, leaps, accept
        )
        if turned or ended:
            break
        copy_row(Z, LEAF, end)
        if -rng.standard_exponential() < sub - weight:
            copy_row(Z, SUBTREE_CHOICE, CHOICE)
            energy, chosen = sub_energy, sub_chosen
        weight = _log_sum(weight, sub)
        for j in range(d):
            Z[SUM, j] += Z[SUBTREE_SUM, j]
        depth += 1
        turned = _turns(Z, LEFT, RIGHT, SUM, d)
    return energy, chosen, leaps, accept, depth, diverged


def nuts(value, flow, Z, m, rng, knobs, out, paths):
    """The no-U-turn sampler with multinomial weights (Betancourt 2017, A.3).

    knobs: target acceptance δ, greatest depth. The memory m holds the step and its dual average,
    which is used while m[WARMUP] is 1.
    """
    d = Z.shape[1] // 3
    flow(Z, POINT, 0, 0.0, False)
    for t in range(out.shape[0]):
        for j in range(d):
            Z[POINT, d + j] = rng.standard_normal()
        _tune(flow, Z, m, d)
        before = kinetic_energy(Z, POINT, d) - m[LOG_DENSITY]
        energy, chosen, leaps, accept, depth, diverged = _tree(
            flow, Z, m, rng, paths, t, d, int(knobs[1]), before
        )
        accepted, column = False, d + HEAD
        for j in range(d):
            accepted = accepted or Z[CHOICE, j] != Z[POINT, j]
            out[t, 0, column + j] = Z[LEAF, j]
            out[t, 0, column + d + j] = Z[POINT, d + j]
        copy_row(Z, CHOICE, POINT)
        m[LOG_DENSITY] = chosen
        write_head(out, t, 0, Z, POINT, d, chosen, accepted, 1.0 * leaps)
        column += 2 * d
        out[t, 0, column] = energy
        out[t, 0, column + 1] = 1.0 if diverged else 0.0
        out[t, 0, column + 2] = m[STEP]
        out[t, 0, column + 3] = depth
        out[t, 0, column + 4] = accept / leaps
        if m[WARMUP] > 0.0:
            _average(m, knobs[0], accept / leaps)
