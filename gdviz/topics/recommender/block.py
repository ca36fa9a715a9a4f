"""The block of the table of ratings that is shown."""

import numpy as np

from gdviz.topics.recommender.ratings_source import Data
from gdviz.topics.recommender.settings import Recommender


def cell_of(spec: Recommender, data: Data) -> tuple[int, int]:
    """Return the chosen cell of the block, its user from above and its item from the left."""
    rows, columns = len(data.users), len(data.items)
    return rows - 1 - min(int(spec.cell_user), rows - 1), min(int(spec.cell_item), columns - 1)


def block_of(data: Data) -> np.ndarray:
    """Return the ratings of the block in the training part, `(users, items)`, else not-a-number."""
    table = np.full((len(data.users), len(data.items)), np.nan)
    where = [np.full(n, -1) for n in (data.train.n_users, data.train.n_items)]
    where[0][data.users] = np.arange(len(data.users))
    where[1][data.items] = np.arange(len(data.items))
    u, i = where[0][data.train.users], where[1][data.train.items]
    inside = (u >= 0) & (i >= 0)
    table[u[inside], i[inside]] = data.train.values[inside]
    return table


def shades(data: Data) -> tuple[float, float]:
    """Return between which stars the colours of a table are spread: most of the ratings."""
    low, high = np.quantile(data.train.values, [0.03, 0.97])
    return float(low), float(max(high, low + 1e-3))


def title_of(data: Data, item: int) -> str:
    """Return the title of an item of the training part, or its id."""
    if data.train.titles is not None:
        return str(data.train.titles[item])[:60]
    return str(data.train.item_ids[item])[:40]
