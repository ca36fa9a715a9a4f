"""The order in which ratings are visited: random, or in cells whose rows stay in the cache."""

import numpy as np
from numba import njit

GROUP, BLOCK = 32, 8192  # users that take turns, and the items whose rows stay in the cache


@njit(cache=True, nogil=True)
def _shuffle(order, lo, hi, state):
    """Shuffle a part of `order` (Fisher and Yates) by a generator of Lehmer's kind."""
    for n in range(hi - 1, lo, -1):
        state *= np.uint64(6364136223846793005)
        other = lo + np.int64((state >> np.uint64(33)) % np.uint64(n - lo + 1))
        order[n], order[other] = order[other], order[n]
    return state


@njit(cache=True, nogil=True)
def _take_turns(users, order, lo, hi, seen, turn, at, out):
    """Write a cell to `out` so that each user has a first turn before any has a second one."""
    for n in range(lo, hi):
        seen[users[order[n]]] = 0
    for m in range(hi - lo + 1):
        at[m] = 0
    for n in range(lo, hi):
        u = users[order[n]]
        turn[n - lo] = seen[u]
        seen[u] += 1
        at[turn[n - lo] + 1] += 1
    for m in range(hi - lo):
        at[m + 1] += at[m]
    for n in range(lo, hi):
        out[lo + at[turn[n - lo]]] = order[n]
        at[turn[n - lo]] += 1


@njit(cache=True, nogil=True)
def in_cells_from(users, items, section, groups, block, state, out):
    """Do so from a state of the generator of shuffles, and return the one after it.

    Cells in turn, part by part, come out as if all of them were here at once.
    """
    count = groups.max() + 1
    blocks = items.max() // block + 1
    sections = section.max() + 1
    starts = np.zeros(sections * blocks * count + 1, np.int64)
    for n in range(users.size):
        starts[(section[n] * blocks + items[n] // block) * count + groups[users[n]] + 1] += 1
    largest = 0
    for c in range(1, starts.size):
        largest = max(largest, starts[c])
        starts[c] += starts[c - 1]
    place, sorted_ = starts[:-1].copy(), np.empty(users.size, np.int32)
    for n in range(users.size):
        c = (section[n] * blocks + items[n] // block) * count + groups[users[n]]
        sorted_[place[c]] = n
        place[c] += 1
    turn, at = np.empty(largest, np.int64), np.empty(largest + 1, np.int64)
    seen = np.zeros(users.max() + 1, np.int64)
    for c in range(starts.size - 1):
        # In plain Python a compiled function gives back an int; the next one wants its kind.
        state = np.uint64(_shuffle(sorted_, starts[c], starts[c + 1], state))
        _take_turns(users, sorted_, starts[c], starts[c + 1], seen, turn, at, out)
    return state


@njit(cache=True, nogil=True)
def in_cells(users, items, section, groups, block, seed, out):
    """Write to `out (n,)` the ratings' places by section, block of items and group of users.

    Within such a cell the ratings are shuffled, then the users take turns: two updates of the same
    row in a row would wait for each other. `section (n,)` and `groups` (users to shuffled groups)
    are given; a counting sort, then one of each cell, which is small.
    """
    in_cells_from(users, items, section, groups, block, np.uint64(2 * seed + 1), out)
