"""Which column of a table says the user, the item, the rating and the time, and what ids are."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

USER_NAMES = (
    "user", "userid", "uid", "username", "reviewer", "reviewerid", "customer", "customerid",
    "person", "member", "memberid", "u",
)  # fmt: skip
ITEM_NAMES = (
    "item", "itemid", "iid", "movie", "movieid", "film", "filmid", "book", "bookid", "isbn",
    "product", "productid", "asin", "song", "songid", "track", "artist", "artistid", "game",
    "gameid", "businessid", "recipeid", "jokeid", "i", "title",
)  # fmt: skip
RATING_NAMES = (
    "rating", "ratings", "stars", "score", "value", "overall", "bookrating", "movierating",
    "userrating", "reviewscore", "r",
)  # fmt: skip
TIME_NAMES = ("timestamp", "time", "date", "unixreviewtime", "reviewtime", "reviewdate", "datetime")
BY_PLACE = ("user", "item", "rating", "timestamp")  # the columns of a table without a header
LARGEST_WHOLE = 2.0**53  # above it a float does not know its last digit


class RatingsError(ValueError):
    """Ratings that cannot be used as they are; the message is fit for a page."""


def column_of(
    columns: Iterable[Any],
    given: str | None,
    names: Sequence[str],
    what: str,
    needed: bool = True,
) -> Any:
    """Return the column that is given, or that one of the usual names means.

    Case, gaps, hyphens and underscores do not count: “User-ID” is userid. Raises `RatingsError`
    where there is none, unless it is not needed.
    """
    columns = list(columns)
    if given is not None:
        if given not in columns:
            raise RatingsError(f"There is no column “{given}”; there is {_listed(columns)}.")
        return given
    plain = {_plain(column): column for column in reversed(columns)}
    for name in names:
        if name in plain:
            return plain[name]
    if needed:
        raise RatingsError(
            f"No column says the {what}: it should be called {what}; there is {_listed(columns)}."
        )
    return None


def _plain(name: Any) -> str:
    return "".join(c for c in str(name).lower() if c.isalnum())


def _listed(columns: Sequence[Any]) -> str:
    names = [str(column)[:30] for column in columns]
    return ", ".join(names[:8]) + (" …" if len(names) > 8 else "")


def id_columns(names: Sequence[str], user: str | None, item: str | None) -> list[str]:
    """Return the columns of ids, which are read as they are written: 007 is not 7."""
    if all(name == f"column {i}" for i, name in enumerate(names, 1)):
        usual = list(names[:2])
    else:
        usual = [
            column_of(names, None, known, "", needed=False) for known in (USER_NAMES, ITEM_NAMES)
        ]
    wanted = [given or own for given, own in zip((user, item), [*usual, None, None], strict=False)]
    return [name for name in wanted if name is not None and name in names]


def as_ids(column: Any) -> Any:
    """Return a column of ids as whole numbers, if all are written as such, or as texts."""
    texts = column.str.strip()
    known = texts.dropna().unique()
    if not len(known) or not all(map(_is_whole, known)) or texts.isna().any():
        return texts
    return texts.astype(np.int64)


def _is_whole(text: str) -> bool:
    """Tell whether a text is a whole number in the only way that Python writes it."""
    digits = text.removeprefix("-")
    return len(digits) < 16 and digits.isascii() and digits.isdigit() and str(int(text)) == text


def numbers_of(column: Any) -> np.ndarray:
    """Return the ratings in a column as floats; raise `RatingsError` for what is no number."""
    import pandas as pd

    if column.dtype.kind not in "iuf":
        found = pd.to_numeric(column, errors="coerce")
        bad = found.isna() & column.notna()
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise RatingsError(
                f"{int(bad.sum()):,} ratings are no numbers, the first in row {row + 1}: "
                f"“{str(column.iloc[row])[:40]}”."
            )
        column = found
    values = column.to_numpy(dtype=float, na_value=np.nan)
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        raise RatingsError(
            f"{len(wrong):,} ratings are missing or infinite, the first in row {wrong[0] + 1}."
        )
    if np.abs(values).max() > 1e6:
        raise RatingsError("Ratings beyond a million are no ratings: is that the right column?")
    return values


def places(column: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's place in the table of the column's ids, and that table."""
    import pandas as pd

    values = column.to_numpy()
    if values.dtype.kind == "f":
        if np.isinf(values).any():
            raise RatingsError(f"An id in “{column.name}” is infinite.")
        known = values[np.isfinite(values)]
        if len(known) == len(values) and (known == np.floor(known)).all():
            if np.abs(known).max() < LARGEST_WHOLE:
                values = values.astype(np.int64)
    try:
        found, ids = pd.factorize(values, sort=True)
    except TypeError:  # texts and numbers have no order
        found, ids = pd.factorize(values)
    if (found < 0).any():
        row = int(np.flatnonzero(found < 0)[0])
        raise RatingsError(f"Row {row + 1} has no id in the column “{column.name}”.")
    return found.astype(np.int32), np.asarray(ids)
