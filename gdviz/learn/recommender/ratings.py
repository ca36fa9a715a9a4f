"""Ratings: who rated what how, with ids of any type mapped to places, checked once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gdviz.learn.recommender.columns import (
    ITEM_NAMES,
    RATING_NAMES,
    TIME_NAMES,
    USER_NAMES,
    RatingsError,
    column_of,
    numbers_of,
    places,
)
from gdviz.learn.recommender.times import times_of
from gdviz.numerals import count_of


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings `values (n,)` by the users `user_ids[users]` of the items `item_ids[items]`.

    Every user and every item of the tables has at least one rating. `scale` is the lowest and the
    highest rating there can be, `notes` says in words what was done to the data, `titles` names
    the items where that is known.
    """

    users: np.ndarray
    items: np.ndarray
    values: np.ndarray
    user_ids: np.ndarray
    item_ids: np.ndarray
    scale: tuple[float, float]
    notes: tuple[str, ...] = ()
    titles: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def n_users(self) -> int:
        """The number of users."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """The number of items."""
        return len(self.item_ids)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        user: str | None = None,
        item: str | None = None,
        rating: str | None = None,
        time: str | None = None,
        scale: tuple[float, float] | None = None,
        day_first: bool | None = None,
    ) -> "Ratings":
        """Return the ratings of a table with a column each for user, item and rating.

        The columns are found by their usual names (user, userId, item, movieId, rating …) or
        named. Of several ratings of one item by one user the latest counts: by the column of time,
        numbers or dates (`day_first` says how to read 01/05/2020), or the order of the rows; one
        without a time is older than all others. Raises `RatingsError` for columns that are missing,
        ids that are missing, and ratings that are no finite numbers or outside a given `scale`.
        """
        frame = _as_frame(frame)
        taken = (
            column_of(frame.columns, user, USER_NAMES, "user"),
            column_of(frame.columns, item, ITEM_NAMES, "item"),
        )
        values = numbers_of(frame[column_of(frame.columns, rating, RATING_NAMES, "rating")])
        bounds = _scale(values, scale)
        (users, user_ids), (items, item_ids) = (places(frame[name]) for name in taken)
        when = column_of(frame.columns, time, TIME_NAMES, "time", needed=time is not None)
        keep, notes = _latest(
            users, items, len(item_ids), frame[when] if when is not None else None, day_first
        )
        found = cls(users, items, values, user_ids, item_ids, bounds, notes, _titles(frame, items))
        return found if keep is None else replace(found.take(keep), notes=notes)

    def take(self, chosen: Any) -> "Ratings":
        """Return the ratings at some places, with tables of those users and items only."""
        chosen = np.asarray(chosen)
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        users, user_ids, _ = _compact(self.users[chosen], self.user_ids)
        items, item_ids, left = _compact(self.items[chosen], self.item_ids)
        titles = None if self.titles is None else self.titles[left]
        return replace(
            self,
            users=users,
            items=items,
            values=self.values[chosen],
            user_ids=user_ids,
            item_ids=item_ids,
            titles=titles,
        )

    def split(self, share: float = 0.2, seed: int = 0) -> tuple["Ratings", "Ratings"]:
        """Return a training part and a test part, drawn at random; `share` goes to the test."""
        if not 0 < share < 1:
            raise RatingsError("The share of the test part must lie between 0 and 1.")
        if len(self) < 2:
            raise RatingsError("One rating cannot be split into a training and a test part.")
        order = np.random.default_rng(seed).permutation(len(self))
        size = min(max(1, int(np.ceil(share * len(self)))), len(self) - 1)
        return self.take(np.sort(order[:-size])), self.take(np.sort(order[-size:]))

    def folds(self, count: int = 5, seed: int = 0) -> Iterator[tuple["Ratings", "Ratings"]]:
        """Yield `count` pairs of training and test part; each rating is tested once."""
        if not 2 <= count <= len(self):
            raise RatingsError(f"{len(self)} ratings cannot be cut into {count} parts.")
        part = np.random.default_rng(seed).permutation(len(self)) % count
        for k in range(count):
            yield self.take(part != k), self.take(part == k)

    def frame(self) -> Any:
        """Return the ratings as a pandas table of user, item, rating."""
        import pandas as pd

        columns = {"user": self.user_ids[self.users], "item": self.item_ids[self.items]}
        return pd.DataFrame(columns | {"rating": self.values})


def positions(table: np.ndarray, ids: Any) -> np.ndarray:
    """Return the place of each id in a table of ids, or len(table) for one that is not there."""
    import pandas as pd

    wanted = np.atleast_1d(np.asarray(ids, dtype=None if _plain(ids) else object)).ravel()
    if wanted.dtype.kind in "OUST":
        wanted = np.array([_tidied(value) for value in wanted], object)
    elif wanted.dtype.kind not in "iuf":
        wanted = wanted.astype(object)
    places = pd.Index(table).get_indexer(pd.Index(wanted))
    return np.where(places < 0, len(table), places).astype(np.int32)


def _plain(ids: Any) -> bool:
    """Tell whether NumPy makes an array of ids without turning numbers among texts to texts."""
    if isinstance(ids, np.ndarray | str | bytes) or np.isscalar(ids):
        return True
    kinds = {type(value) for value in ids} if isinstance(ids, Sequence) else set()
    return not (kinds & {str, bytes}) or len(kinds) == 1


def _tidied(value: Any) -> Any:
    """Return NumPy's scalars as Python's, for these compare equal to what a table holds."""
    return value.item() if isinstance(value, np.generic) else value


def as_ratings(data: Any) -> Ratings:
    """Return ratings as they are, or those of a table; raise `RatingsError` for anything else."""
    if isinstance(data, Ratings):
        return data
    if hasattr(data, "columns"):
        return Ratings.from_frame(data)
    raise RatingsError("Ratings are made by `Ratings.from_frame(table)` or `read_ratings(path)`.")


# --- what a table says ----------------------------------------------------------------------------


def _as_frame(frame: Any) -> Any:
    import pandas as pd

    try:
        frame = frame if isinstance(frame, pd.DataFrame) else pd.DataFrame(frame)
    except (TypeError, ValueError):
        raise RatingsError("That is not a table of user, item and rating.") from None
    if not len(frame):
        raise RatingsError("There is not a single rating in the table.")
    if not frame.columns.is_unique:
        raise RatingsError("Two columns of the table have the same name.")
    return frame


def _scale(values: np.ndarray, scale: tuple[float, float] | None) -> tuple[float, float]:
    if scale is None:
        return float(values.min()), float(values.max())
    low, high = map(float, scale)
    if not low < high:
        raise RatingsError("The scale needs its lowest rating first.")
    outside = np.flatnonzero((values < low) | (values > high))
    if len(outside):
        raise RatingsError(
            f"{len(outside):,} ratings lie outside the scale {low:g} to {high:g}, the first in "
            f"row {outside[0] + 1}: {values[outside[0]]:g}."
        )
    return low, high


def _latest(
    users: np.ndarray, items: np.ndarray, n_items: int, column: Any, day_first: bool | None
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Return the rows that count, or None for all of them, and what is to be said of the others."""
    import pandas as pd

    pair = users.astype(np.int64) * n_items + items
    twice = pd.Series(pair).duplicated(keep=False).to_numpy()
    if not twice.any():
        return None, ()
    when = None if column is None else times_of(column, day_first)
    order = np.arange(len(pair))
    if when is not None:
        order = np.argsort(when.values, kind="stable")
    last = ~pd.Series(pair[order]).duplicated(keep="last").to_numpy()
    keep = np.sort(order[last])
    several = count_of(len(pair) - len(keep), "rating")
    said = f"{several} of the same item by the same user: "
    said += "the latest of each counts" if when or column is None else "the last row of each counts"
    if column is not None and when is None:
        said += f", for the times in “{column.name}” cannot be read"
    unknown = 0 if when is None else int(np.isneginf(when.values[twice]).sum())
    if unknown:
        said += f"; {unknown:,} of them have no time, and count as the oldest"
    return keep, (said + ".", *(when.notes if when else ()))


def _titles(frame: Any, items: np.ndarray) -> np.ndarray | None:
    """Return the title of each item, where the table has a column of that name."""
    if "title" not in frame.columns:
        return None
    first = np.unique(items, return_index=True)[1]
    return frame["title"].astype(str).to_numpy(dtype=object)[first]


def _compact(places: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the places in the table of those ids that occur, that table, and which they are."""
    there = np.zeros(len(ids), bool)
    there[places] = True
    new = np.cumsum(there, dtype=np.int32) - 1
    return new[places], ids[there], np.flatnonzero(there)
