"""Samplers that follow the gradient: Hamiltonian Monte Carlo, and Stein's particles.

The arguments are those of `gradient_free_samplers`; a row of `Z (rows, 3 d)` holds position,
momentum and gradient. NUTS has a file of its own.
"""

import math

import numpy as np
from numba import njit

from gdviz.kernels.gradient_free_samplers import (
    HEAD,
    LOG_DENSITY,
    POINT,
    PROPOSAL,
    TEST,
    density_at,
    write_head,
    write_test,
)

LOST = 1000.0  # an energy error beyond which a trajectory has diverged (Stan's figure)
NEXT = 2  # of Stein's memory m: the particle that is shown next


@njit(error_model="numpy", inline="always")
def copy_row(Z, a, b):
    """Copy row a to row b."""
    for j in range(Z.shape[1]):
        Z[b, j] = Z[a, j]


@njit(error_model="numpy", inline="always")
def kinetic_energy(Z, row, d):
    """Return half the square of a row's momentum."""
    total = 0.0
    for j in range(d):
        total += Z[row, d + j] * Z[row, d + j]
    return 0.5 * total


@njit(error_model="numpy", inline="always")
def is_lost(gap, found, Z, row, d):
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
    eps, leaps = knobs[0], int(knobs[1])
    flow(Z, POINT, 0, 0.0, False)
    for t in range(out.shape[0]):
        for j in range(d):
            Z[POINT, d + j] = rng.standard_normal()
        before = kinetic_energy(Z, POINT, d) - m[LOG_DENSITY]
        copy_row(Z, POINT, PROPOSAL)
        keep = t < paths.shape[0]
        found = flow(Z, PROPOSAL, leaps, eps, keep)
        energy = kinetic_energy(Z, PROPOSAL, d) - found
        lost = is_lost(before - energy, found, Z, PROPOSAL, d)
        if keep:
            _keep_path(Z, paths, t, leaps, d)
        alpha = before - energy
        log_u = -rng.standard_exponential()
        accepted = log_u < alpha and found < math.inf
        column = d + HEAD
        write_test(out, t, 0, column, Z, PROPOSAL, d, found, alpha, log_u)
        column += d + TEST
        for j in range(d):
            out[t, 0, column + j] = Z[POINT, d + j]
        if accepted:
            m[LOG_DENSITY] = found
            copy_row(Z, PROPOSAL, POINT)
        write_head(out, t, 0, Z, POINT, d, m[LOG_DENSITY], accepted, 1.0 * leaps)
        column += d
        out[t, 0, column] = energy if accepted else before
        out[t, 0, column + 1] = 1.0 if lost else 0.0
        out[t, 0, column + 2] = eps


@njit(error_model="numpy", inline="always")
def _keep_path(Z, paths, t, leaps, d):
    """Keep the positions of a path, which `flow` has written from the proposal's row on."""
    for j in range(d):
        paths[t, 0, 0, j] = Z[POINT, j]
        for i in range(1, leaps):
            paths[t, 0, i, j] = Z[PROPOSAL + i, j]
        paths[t, 0, leaps, j] = Z[PROPOSAL, j]


def stein(value, flow, Z, m, rng, knobs, out, paths):
    """Stein variational gradient descent (Liu and Wang 2016, algorithm 1): no chain at all.

    Every particle climbs the log-density and is pushed away from its neighbours, by a kernel whose
    width is the median distance. knobs: the step. A draw shows the next particles in turn;
    m[NEXT] counts them. The momentum of a row holds the running square of its direction.
    """
    d = Z.shape[1] // 3
    n, group = Z.shape[0], out.shape[1]
    squares = np.empty(n * (n - 1) // 2)
    push = np.empty((n, d))
    for t in range(out.shape[0]):
        _distances(flow, Z, squares, push, d)
        width = np.median(squares) / math.log(n + 1.0) + 1e-300
        _forces(Z, squares, push, width, d)
        for i in range(n):
            for j in range(d):
                Z[i, d + j] = 0.9 * Z[i, d + j] + 0.1 * push[i, j] * push[i, j]
                Z[i, j] += knobs[0] * push[i, j] / (1e-6 + math.sqrt(Z[i, d + j]))
        for c in range(group):
            i = (int(m[NEXT]) + c) % n
            write_head(out, t, c, Z, i, d, density_at(value, Z, i, d), True, n / group)
            for j in range(d):
                out[t, c, d + HEAD + j] = push[i, j]
        m[NEXT] += group
        if t < paths.shape[0]:
            for i in range(n):
                for j in range(d):
                    paths[t, 0, i, j] = Z[i, j]


@njit(error_model="numpy")
def _distances(flow, Z, squares, push, d):
    """Set all gradients, no push, and the squared distances of all pairs of particles."""
    pair = 0
    for i in range(Z.shape[0]):
        flow(Z, i, 0, 0.0, False)
        for j in range(d):
            push[i, j] = 0.0
        for o in range(i):
            total = 0.0
            for j in range(d):
                total += (Z[i, j] - Z[o, j]) * (Z[i, j] - Z[o, j])
            squares[pair] = total
            pair += 1


@njit(error_model="numpy")
def _forces(Z, squares, push, width, d):
    """Add what each particle's gradient and nearness do to every other."""
    n, pair = Z.shape[0], 0
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
