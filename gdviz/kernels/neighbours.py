"""Predictions by the most similar items that a user has rated, without a table of all pairs."""

import numpy as np
from numba import njit


@njit(error_model="numpy", nogil=True, cache=True)
def _likeness(of_item, j, spread, there, mark, shrink):
    """Return the similarity of item j to the one that is spread out, 0 if they have nothing common.

    Whoever rated that one has `there[v] == mark` and the residual `spread[v]`.
    """
    starts, raters, left = of_item
    xy = xx = yy = 0.0
    common = 0
    for r in range(starts[j], starts[j + 1]):
        v = raters[r]
        if there[v] == mark:
            x, y = spread[v], left[r]
            xy, xx, yy, common = xy + x * y, xx + x * x, yy + y * y, common + 1
    if xy <= 0 or common < 2:
        return 0.0
    return xy / np.sqrt(xx * yy) * (common - 1) / (common - 1 + shrink)


@njit(error_model="numpy", nogil=True, cache=True)
def item_knn(users, items, of_user, of_item, most, shrink, out):
    """Add to `out (n,)` the weighted residual of the `most` nearest items of each pair.

    `of_user` and `of_item` are (starts, other side, residuals) by user and by item. The similarity
    of two items is the correlation of their residuals over their common users, shrunk by
    (n − 1)/(n − 1 + shrink) (Koren 2010, "Factor in the Neighbors", section 2.2); only positive
    ones count, and never the item itself. The pairs come sorted by item, spread out once.
    """
    user_starts, rated, user_left = of_user
    item_starts, raters, item_left = of_item
    spread, there = np.zeros(user_starts.size - 1), np.zeros(user_starts.size - 1, np.int64)
    near, left = np.empty(most), np.empty(most)
    item = -1
    for n in range(users.size):
        u, i = users[n], items[n]
        if i != item:
            item = i
            for m in range(item_starts[i], item_starts[i + 1]):
                spread[raters[m]], there[raters[m]] = item_left[m], n + 1
            first = n + 1
        kept = 0
        for m in range(user_starts[u], user_starts[u + 1]):
            j = rated[m]
            likeness = _likeness(of_item, j, spread, there, first, shrink) if j != i else 0.0
            # The nearest so far, the farthest of them last.
            place = min(kept, most - 1)
            if likeness <= 0 or (kept == most and likeness <= near[place]):
                continue
            while place > 0 and near[place - 1] < likeness:
                near[place], left[place] = near[place - 1], left[place - 1]
                place -= 1
            near[place], left[place] = likeness, user_left[m]
            kept = min(kept + 1, most)
        total = weight = 0.0
        for m in range(kept):
            total, weight = total + near[m] * left[m], weight + near[m]
        if weight > 0:
            out[n] += total / weight
