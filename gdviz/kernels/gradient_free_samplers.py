"""Samplers that ask for values of the log-density only: each is a loop over draws.

`Z (rows, 3 d)` and `m` are the memory that outlives a draw: row POINT of Z is the point,
m[LOG_DENSITY] its log-density, and m[WARMUP] is 1 while the chain warms up. `out (draws, group,
width)` is what a draw has to say, column by column as the fields of its state in
`probability.samplers`. Pictures that vary in size go to `paths (draws kept, group, rows,
columns)`. A log-density that is not a number counts as minus infinity, and plus infinity is
refused: neither has a probability.
"""

import math

from numba import njit

LOG_DENSITY, WARMUP, OWN = 0, 1, 2  # the memory m; from OWN on a sampler's own
POINT, PROPOSAL = 0, 1  # rows of Z
HEAD, TEST = 3, 3  # columns of a draw beside its point: those that all have, and those of a test
# Rows of the adaptive walk: the factor of the proposal, the running mean, the sums of squares.
FACTOR, MEAN, SQUARES = 2, 4, 5


@njit(error_model="numpy", inline="always")
def density_at(value, Z, row, d):
    """Return the log-density at the point in a row."""
    return value(Z[row, 0], Z[row, 1] if d == 2 else 0.0)


@njit(error_model="numpy", inline="always")
def write_head(out, t, c, Z, row, d, log_density, accepted, evaluations):
    """Write the columns that every draw begins with."""
    for j in range(d):
        out[t, c, j] = Z[row, j]
    out[t, c, d] = log_density
    out[t, c, d + 1] = 1.0 if accepted else 0.0
    out[t, c, d + 2] = evaluations


@njit(error_model="numpy", inline="always")
def write_test(out, t, c, k, Z, row, d, found, alpha, log_u):
    """Write a proposal and its test to the columns from k on."""
    for j in range(d):
        out[t, c, k + j] = Z[row, j]
    out[t, c, k + d] = found
    out[t, c, k + d + 1] = alpha
    out[t, c, k + d + 2] = log_u


@njit(error_model="numpy", inline="always")
def _accept_or_stay(value, Z, m, rng, out, t, d, here, there):
    """Test the proposal with log q(x) `here` and log q(x′) `there`, and write draw t."""
    found = density_at(value, Z, PROPOSAL, d)
    alpha = found - m[LOG_DENSITY] + here - there
    log_u = -rng.standard_exponential()
    accepted = log_u < alpha and found < math.inf
    if accepted:
        m[LOG_DENSITY] = found
        for j in range(d):
            Z[POINT, j] = Z[PROPOSAL, j]
    write_head(out, t, 0, Z, POINT, d, m[LOG_DENSITY], accepted, 1.0)
    write_test(out, t, 0, d + HEAD, Z, PROPOSAL, d, found, alpha, log_u)


@njit(error_model="numpy", inline="always")
def _walk_on(value, Z, m, rng, out, t, d):
    """Propose a normal step of factor L, rows FACTOR .. of Z, test it, and write draw t."""
    k = d + HEAD
    for j in range(d):
        Z[PROPOSAL, 2 * d + j] = rng.standard_normal()
    for j in range(d):
        step = 0.0
        for i in range(j + 1):
            step += Z[FACTOR + j, i] * Z[PROPOSAL, 2 * d + i]
        Z[PROPOSAL, j] = Z[POINT, j] + step
    _accept_or_stay(value, Z, m, rng, out, t, d, 0.0, 0.0)
    for j in range(d):
        for i in range(d):
            out[t, 0, k + d + TEST + j * d + i] = Z[FACTOR + j, i]


def random_walk_metropolis(value, flow, Z, m, rng, knobs, out, paths):
    """Random-walk Metropolis with a normal proposal of one factor."""
    d = Z.shape[1] // 3
    for t in range(out.shape[0]):
        _walk_on(value, Z, m, rng, out, t, d)


def adaptive_metropolis(value, flow, Z, m, rng, knobs, out, paths):
    """Random-walk Metropolis whose factor follows the covariance of the warm-up's draws.

    From draw knobs[0] on it does, knobs[1] added to the diagonal (Haario et al. 2001, eq. 1): rows
    MEAN and SQUARES .. of Z hold the running mean and the sums of squares, m[OWN] their count.
    """
    d = Z.shape[1] // 3
    for t in range(out.shape[0]):
        _walk_on(value, Z, m, rng, out, t, d)
        if knobs[0] > 0.0 and m[WARMUP] > 0.0:
            _learn(Z, m, d, knobs[0], knobs[1])


@njit(error_model="numpy")
def _learn(Z, m, d, after, least):
    """Take the point into the running covariance, and its scaled factor into the proposal."""
    m[OWN] += 1.0
    for j in range(d):
        Z[PROPOSAL, d + j] = Z[POINT, j] - Z[MEAN, j]
        Z[MEAN, j] += Z[PROPOSAL, d + j] / m[OWN]
    for j in range(d):
        for i in range(j + 1):
            Z[SQUARES + j, i] += Z[PROPOSAL, d + j] * (Z[POINT, i] - Z[MEAN, i])
    if m[OWN] <= after:
        return
    scale = 5.6644 / d / (m[OWN] - 1.0)  # 2.38²/d
    a = math.sqrt(scale * Z[SQUARES, 0] + least)
    Z[FACTOR, 0] = a
    if d == 2:
        slope = scale * Z[SQUARES + 1, 0] / a
        Z[FACTOR + 1, 0] = slope
        Z[FACTOR + 1, 1] = math.sqrt(max(scale * Z[SQUARES + 1, 1] + least - slope * slope, 0.0))


def independence_metropolis(value, flow, Z, m, rng, knobs, out, paths):
    """Metropolis-Hastings whose proposals are normal around a centre, wherever the chain is.

    knobs: the scale, then the centre. A draw says the correction, log q(x) − log q(x′).
    """
    d = Z.shape[1] // 3
    k = d + HEAD
    for t in range(out.shape[0]):
        there = 0.0
        for j in range(d):
            noise = rng.standard_normal()
            there -= 0.5 * noise * noise
            Z[PROPOSAL, j] = knobs[1 + j] + knobs[0] * noise
        here = 0.0
        for j in range(d):
            gap = (Z[POINT, j] - knobs[1 + j]) / knobs[0]
            here -= 0.5 * gap * gap
        _accept_or_stay(value, Z, m, rng, out, t, d, here, there)
        out[t, 0, k + d + TEST] = here - there


def gibbs(value, flow, Z, m, rng, knobs, out, paths):
    """Draw each coordinate from its conditional under a mixture of normals.

    knobs: for each component its log weight, mean (d) and covariance (d²).
    """
    d = Z.shape[1] // 3
    k = d + HEAD
    size = 1 + d + d * d
    parts = len(knobs) // size
    for t in range(out.shape[0]):
        for j in range(d):
            o = d - 1 - j
            most = -math.inf
            for c in range(parts):
                most = max(most, _weight(knobs, c * size, d, o, Z[POINT, o]))
            total = 0.0
            for c in range(parts):
                total += math.exp(_weight(knobs, c * size, d, o, Z[POINT, o]) - most)
            left = total * rng.random()
            chosen = 0
            for c in range(parts):
                chosen = c
                left -= math.exp(_weight(knobs, c * size, d, o, Z[POINT, o]) - most)
                if left < 0.0:
                    break
            at = chosen * size
            mean = knobs[at + 1 + j]
            spread = knobs[at + 1 + d + j * d + j]
            if d == 2:
                slope = knobs[at + 1 + d + 1] / knobs[at + 1 + d + o * d + o]
                mean += slope * (Z[POINT, o] - knobs[at + 1 + o])
                spread -= slope * knobs[at + 1 + d + 1]
            Z[POINT, j] = mean + math.sqrt(spread) * rng.standard_normal()
            for i in range(d):
                out[t, 0, k + i * d + j] = Z[POINT, i]
        m[LOG_DENSITY] = density_at(value, Z, POINT, d)
        write_head(out, t, 0, Z, POINT, d, m[LOG_DENSITY], True, 1.0 * d)


@njit(error_model="numpy")
def _weight(knobs, at, d, o, other):
    """Return the log of a component's weight times its marginal density at the other coordinate."""
    if d == 1:
        return knobs[at]
    spread = knobs[at + 1 + d + o * d + o]
    gap = other - knobs[at + 1 + o]
    return knobs[at] - 0.5 * gap * gap / spread - 0.5 * math.log(spread)


def stretch_move(value, flow, Z, m, rng, knobs, out, paths):
    """The affine-invariant ensemble (Goodman and Weare 2010, algorithm 2), one half at a time.

    Rows of Z are the walkers, m[OWN + i] their log-densities; the last row holds the proposal.
    """
    d = Z.shape[1] // 3
    k = d + HEAD
    walkers = Z.shape[0] - 1
    half = walkers // 2
    for t in range(out.shape[0]):
        for c in range(walkers):
            other = half + int(half * rng.random()) if c < half else int(half * rng.random())
            root = (knobs[0] - 1.0) * rng.random() + 1.0
            factor = root * root / knobs[0]
            for j in range(d):
                Z[walkers, j] = Z[other, j] + factor * (Z[c, j] - Z[other, j])
            found = density_at(value, Z, walkers, d)
            alpha = found - m[OWN + c] + (d - 1) * math.log(factor)
            log_u = -rng.standard_exponential()
            accepted = log_u < alpha and found < math.inf
            if accepted:
                m[OWN + c] = found
                for j in range(d):
                    Z[c, j] = Z[walkers, j]
            if c < out.shape[1]:
                write_head(out, t, c, Z, c, d, m[OWN + c], accepted, walkers / out.shape[1])
                write_test(out, t, c, k, Z, walkers, d, found, alpha, log_u)
                for j in range(d):
                    out[t, c, k + d + TEST + j] = Z[other, j]
                out[t, c, k + 2 * d + TEST] = factor


def tempering(value, flow, Z, m, rng, knobs, out, paths):
    """Parallel tempering: Metropolis on every rung at p^(1/T), then a swap of two neighbours.

    knobs: the step, then 1/T from 1 down. Rows of Z are the rungs, m[OWN + i] their log-densities.
    """
    d = Z.shape[1] // 3
    k = d + HEAD
    rungs = len(knobs) - 1
    for t in range(out.shape[0]):
        for r in range(rungs):
            cold = knobs[1 + r]
            for j in range(d):
                Z[rungs, j] = Z[r, j] + knobs[0] / math.sqrt(cold) * rng.standard_normal()
            found = density_at(value, Z, rungs, d)
            alpha = cold * (found - m[OWN + r])
            log_u = -rng.standard_exponential()
            accepted = log_u < alpha and found < math.inf
            if r == 0:
                moved = accepted
                write_test(out, t, 0, k, Z, rungs, d, found, alpha, log_u)
            if accepted:
                m[OWN + r] = found
                for j in range(d):
                    Z[r, j] = Z[rungs, j]
        swapped = -1.0
        if rungs > 1:
            r = int((rungs - 1) * rng.random())
            alpha = (knobs[1 + r] - knobs[2 + r]) * (m[OWN + r + 1] - m[OWN + r])
            if -rng.standard_exponential() < alpha:
                swapped = float(r)
                m[OWN + r], m[OWN + r + 1] = m[OWN + r + 1], m[OWN + r]
                for j in range(d):
                    Z[r, j], Z[r + 1, j] = Z[r + 1, j], Z[r, j]
        write_head(out, t, 0, Z, POINT, d, m[OWN], moved, 1.0 * rungs)
        out[t, 0, k + d + TEST] = swapped
        if t < paths.shape[0]:
            for r in range(rungs):
                for j in range(d):
                    paths[t, 0, r, j] = Z[r, j]
