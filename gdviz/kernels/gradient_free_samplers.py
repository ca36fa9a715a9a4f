"""Samplers that ask for values of the log-density only: each is a loop over draws.

`Z (rows, 3 d)` and `m` are the memory that outlives a draw: row 0 of Z is the point, m[0] its
log-density, m[1] is 1 while the chain warms up. `out (draws, group, width)` is what a draw has to
say, column by column as the fields of its state in `probability.samplers`; pictures that vary in
size go to `paths (draws kept, group, rows, columns)`. A log-density that is not a number counts as
minus infinity, and plus infinity is refused: neither has a probability.
"""

import math

from numba import njit

FAR = 64  # how many widths a slice may grow
TINY = 1e-12


@njit(error_model="numpy", inline="always")
def _at(value, Z, row, d):
    """Return the log-density at the point in a row."""
    return value(Z[row, 0], Z[row, 1] if d == 2 else 0.0)


@njit(error_model="numpy", inline="always")
def _head(out, t, c, Z, row, d, log_density, accepted, evaluations):
    """Write the columns that every draw begins with."""
    for j in range(d):
        out[t, c, j] = Z[row, j]
    out[t, c, d] = log_density
    out[t, c, d + 1] = 1.0 if accepted else 0.0
    out[t, c, d + 2] = evaluations


@njit(error_model="numpy", inline="always")
def _test(out, t, c, k, Z, row, d, found, alpha, log_u):
    """Write a proposal and its test to the columns from k on."""
    for j in range(d):
        out[t, c, k + j] = Z[row, j]
    out[t, c, k + d] = found
    out[t, c, k + d + 1] = alpha
    out[t, c, k + d + 2] = log_u


def random_walk_metropolis(value, flow, Z, m, rng, knobs, out, paths):
    """Random-walk Metropolis with a normal proposal of factor L, rows 2 .. of Z.

    With knobs[0] > 0 L follows the covariance of the warm-up from that draw on, knobs[1] added to
    its diagonal (Haario et al. 2001, eq. 1): rows 4 and 5 .. hold the running mean and the sums of
    squares, m[2] their count.
    """
    d = Z.shape[1] // 3
    k = d + 3
    for t in range(out.shape[0]):
        for j in range(d):
            Z[1, 2 * d + j] = rng.standard_normal()
        for j in range(d):
            step = 0.0
            for i in range(j + 1):
                step += Z[2 + j, i] * Z[1, 2 * d + i]
            Z[1, j] = Z[0, j] + step
        found = _at(value, Z, 1, d)
        alpha = found - m[0]
        log_u = -rng.standard_exponential()
        accepted = log_u < alpha and found < math.inf
        if accepted:
            m[0] = found
            for j in range(d):
                Z[0, j] = Z[1, j]
        _head(out, t, 0, Z, 0, d, m[0], accepted, 1.0)
        _test(out, t, 0, k, Z, 1, d, found, alpha, log_u)
        for j in range(d):
            for i in range(d):
                out[t, 0, k + d + 3 + j * d + i] = Z[2 + j, i]
        if knobs[0] > 0.0 and m[1] > 0.0:
            _learn(Z, m, d, knobs[0], knobs[1])


@njit(error_model="numpy")
def _learn(Z, m, d, after, least):
    """Take the point into the running covariance, and its scaled factor into the proposal."""
    m[2] += 1.0
    for j in range(d):
        Z[1, d + j] = Z[0, j] - Z[4, j]
        Z[4, j] += Z[1, d + j] / m[2]
    for j in range(d):
        for i in range(j + 1):
            Z[5 + j, i] += Z[1, d + j] * (Z[0, i] - Z[4, i])
    if m[2] <= after:
        return
    scale = 5.6644 / d / (m[2] - 1.0)  # 2.38²/d
    a = math.sqrt(scale * Z[5, 0] + least)
    Z[2, 0] = a
    if d == 2:
        Z[3, 0] = scale * Z[6, 0] / a
        Z[3, 1] = math.sqrt(max(scale * Z[6, 1] + least - Z[3, 0] * Z[3, 0], 0.0))


def independence_metropolis(value, flow, Z, m, rng, knobs, out, paths):
    """Metropolis-Hastings whose proposals are normal around a centre, wherever the chain is.

    knobs: the scale, then the centre. m[2] is the log-density of the proposal at the point.
    """
    d = Z.shape[1] // 3
    k = d + 3
    for t in range(out.shape[0]):
        there = 0.0
        for j in range(d):
            noise = rng.standard_normal()
            there -= 0.5 * noise * noise
            Z[1, j] = knobs[1 + j] + knobs[0] * noise
        here = 0.0
        for j in range(d):
            gap = (Z[0, j] - knobs[1 + j]) / knobs[0]
            here -= 0.5 * gap * gap
        found = _at(value, Z, 1, d)
        alpha = found - m[0] + here - there
        log_u = -rng.standard_exponential()
        accepted = log_u < alpha and found < math.inf
        if accepted:
            m[0] = found
            for j in range(d):
                Z[0, j] = Z[1, j]
        _head(out, t, 0, Z, 0, d, m[0], accepted, 1.0)
        _test(out, t, 0, k, Z, 1, d, found, alpha, log_u)
        out[t, 0, k + d + 3] = here - there


def slice_sampler(value, flow, Z, m, rng, knobs, out, paths):
    """Slice sampling, one coordinate after the other, stepping out and shrinking (Neal 2003, 4)."""
    d = Z.shape[1] // 3
    k = d + 3
    for t in range(out.shape[0]):
        asked = 0.0
        for j in range(d):
            Z[1, j] = Z[0, j]
        for j in range(d):
            level = m[0] - rng.standard_exponential()
            left = Z[0, j] - knobs[0] * rng.random()
            right = left + knobs[0]
            outward = int(FAR * rng.random())
            inward = FAR - 1 - outward
            Z[1, j] = left
            asked += 2.0
            while outward > 0 and _at(value, Z, 1, d) > level:
                outward -= 1
                asked += 1.0
                left -= knobs[0]
                Z[1, j] = left
            Z[1, j] = right
            while inward > 0 and _at(value, Z, 1, d) > level:
                inward -= 1
                asked += 1.0
                right += knobs[0]
                Z[1, j] = right
            out[t, 0, k + j] = level
            out[t, 0, k + d + j] = left
            out[t, 0, k + 2 * d + j] = right
            while True:
                Z[1, j] = left + (right - left) * rng.random()
                asked += 1.0
                found = _at(value, Z, 1, d)
                if level < found < math.inf:
                    break
                if Z[1, j] < Z[0, j]:
                    left = Z[1, j]
                else:
                    right = Z[1, j]
                if right - left <= TINY * abs(Z[0, j]) + 1e-300:  # the slice is the point itself
                    Z[1, j] = Z[0, j]
                    found = m[0]
                    break
            Z[0, j] = Z[1, j]
            m[0] = found
            for i in range(d):
                out[t, 0, k + 3 * d + i * d + j] = Z[0, i]
        _head(out, t, 0, Z, 0, d, m[0], True, asked)


def gibbs(value, flow, Z, m, rng, knobs, out, paths):
    """Draw each coordinate from its conditional under a mixture of normals.

    knobs: for each component its log weight, mean (d) and covariance (d²).
    """
    d = Z.shape[1] // 3
    k = d + 3
    size = 1 + d + d * d
    parts = len(knobs) // size
    for t in range(out.shape[0]):
        for j in range(d):
            o = d - 1 - j
            most = -math.inf
            for c in range(parts):
                most = max(most, _weight(knobs, c * size, d, o, Z[0, o]))
            total = 0.0
            for c in range(parts):
                total += math.exp(_weight(knobs, c * size, d, o, Z[0, o]) - most)
            left = total * rng.random()
            chosen = 0
            for c in range(parts):
                chosen = c
                left -= math.exp(_weight(knobs, c * size, d, o, Z[0, o]) - most)
                if left < 0.0:
                    break
            at = chosen * size
            mean = knobs[at + 1 + j]
            spread = knobs[at + 1 + d + j * d + j]
            if d == 2:
                slope = knobs[at + 1 + d + 1] / knobs[at + 1 + d + o * d + o]
                mean += slope * (Z[0, o] - knobs[at + 1 + o])
                spread -= slope * knobs[at + 1 + d + 1]
            Z[0, j] = mean + math.sqrt(spread) * rng.standard_normal()
            for i in range(d):
                out[t, 0, k + i * d + j] = Z[0, i]
        m[0] = _at(value, Z, 0, d)
        _head(out, t, 0, Z, 0, d, m[0], True, 1.0 * d)


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

    Rows of Z are the walkers, m[2 + i] their log-densities; the last row holds the proposal.
    """
    d = Z.shape[1] // 3
    k = d + 3
    walkers = Z.shape[0] - 1
    half = walkers // 2
    for t in range(out.shape[0]):
        for c in range(walkers):
            other = half + int(half * rng.random()) if c < half else int(half * rng.random())
            root = (knobs[0] - 1.0) * rng.random() + 1.0
            factor = root * root / knobs[0]
            for j in range(d):
                Z[walkers, j] = Z[other, j] + factor * (Z[c, j] - Z[other, j])
            found = _at(value, Z, walkers, d)
            alpha = found - m[2 + c] + (d - 1) * math.log(factor)
            log_u = -rng.standard_exponential()
            accepted = log_u < alpha and found < math.inf
            if accepted:
                m[2 + c] = found
                for j in range(d):
                    Z[c, j] = Z[walkers, j]
            if c < out.shape[1]:
                _head(out, t, c, Z, c, d, m[2 + c], accepted, walkers / out.shape[1])
                _test(out, t, c, k, Z, walkers, d, found, alpha, log_u)
                for j in range(d):
                    out[t, c, k + d + 3 + j] = Z[other, j]
                out[t, c, k + 2 * d + 3] = factor


def tempering(value, flow, Z, m, rng, knobs, out, paths):
    """Parallel tempering: Metropolis on every rung at p^β, then a swap of two neighbours.

    knobs: the step, then β from 1 down. Rows of Z are the rungs, m[2 + i] their log-densities.
    """
    d = Z.shape[1] // 3
    k = d + 3
    rungs = len(knobs) - 1
    for t in range(out.shape[0]):
        for r in range(rungs):
            beta = knobs[1 + r]
            for j in range(d):
                Z[rungs, j] = Z[r, j] + knobs[0] / math.sqrt(beta) * rng.standard_normal()
            found = _at(value, Z, rungs, d)
            alpha = beta * (found - m[2 + r])
            log_u = -rng.standard_exponential()
            accepted = log_u < alpha and found < math.inf
            if r == 0:
                moved = accepted
                _test(out, t, 0, k, Z, rungs, d, found, alpha, log_u)
            if accepted:
                m[2 + r] = found
                for j in range(d):
                    Z[r, j] = Z[rungs, j]
        swapped = -1.0
        if rungs > 1:
            r = int((rungs - 1) * rng.random())
            alpha = (knobs[1 + r] - knobs[2 + r]) * (m[3 + r] - m[2 + r])
            if -rng.standard_exponential() < alpha:
                swapped = float(r)
                m[2 + r], m[3 + r] = m[3 + r], m[2 + r]
                for j in range(d):
                    Z[r, j], Z[r + 1, j] = Z[r + 1, j], Z[r, j]
        _head(out, t, 0, Z, 0, d, m[2], moved, 1.0 * rungs)
        out[t, 0, k + d + 3] = swapped
        if t < paths.shape[0]:
            for r in range(rungs):
                for j in range(d):
                    paths[t, 0, r, j] = Z[r, j]
