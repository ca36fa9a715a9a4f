"""When ratings were given: numbers that grow, or dates in one of the usual ways of writing them."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gdviz.learn.column_types import Guess, quote
from gdviz.learn.headers import is_missing
from gdviz.learn.numerals import LONGEST

if TYPE_CHECKING:
    import pandas as pd

MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m.%d.%Y")
DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%Y")
ONE_WAY = (
    "ISO8601", "%Y/%m/%d", "%Y.%m.%d", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y",
    "%d-%b-%Y", "%m %d, %Y", "%a %b %d %Y",
)  # fmt: skip
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S")
FEW = 50  # texts on which a way of writing is tried before all of them


class Times(NamedTuple):
    """Numbers that grow with time `(n,)`, −∞ where it is not known, and what is to be said."""

    values: np.ndarray
    notes: tuple[str, ...] = ()


def times_of(column: "pd.Series", day_first: bool | None = None) -> Times | None:
    """Return the times in a column, None where they cannot be read.

    `day_first` says whether 01/05/2020 is in May; where it is None, and both can be, the month is
    taken first, and that is noted.
    """
    import pandas as pd

    if column.dtype.kind in "iuf":
        return Times(_missing_first(column.to_numpy(dtype=float, na_value=np.nan)))
    if column.dtype.kind == "M" or isinstance(column.dtype, pd.DatetimeTZDtype):
        return Times(_as_floats(pd.to_datetime(column, utc=True)))
    codes, found = pd.factorize(column)
    read = _of_texts([str(text).strip()[:LONGEST] for text in found], day_first)
    if read is None:
        return None
    values = np.append(read.values, -np.inf)[codes]
    return read._replace(values=values)


def _of_texts(texts: list[str], day_first: bool | None) -> Times | None:
    """Return the times of different texts: numbers, or dates that are all written alike."""
    import pandas as pd

    given = np.array([not is_missing(text) for text in texts], bool)
    known = pd.Series([text for text, there in zip(texts, given, strict=True) if there], dtype=str)
    values, notes = np.full(len(texts), -np.inf), tuple[str, ...]()
    if len(known):
        numbers = pd.to_numeric(known, errors="coerce")
        found: Any = numbers.to_numpy(float) if numbers.notna().all() else None
        if found is None:
            found, notes = _dates(known, day_first)
        if found is None:
            return None
        values[given] = found
    return Times(_missing_first(values), notes)


def _dates(texts: "pd.Series", day_first: bool | None) -> tuple[Any, tuple[str, ...]]:
    """Return dates as numbers, None where no way of writing fits them all, and a note."""
    for way in ONE_WAY:
        found = _parsed(texts, way)
        if found is not None:
            return found, ()
    for ways in zip(MONTH_FIRST, DAY_FIRST, strict=True):
        by_month, by_day = (_parsed(texts, way) for way in ways)
        if by_month is None or by_day is None:
            if by_month is not None or by_day is not None:
                return (by_month if by_day is None else by_day), ()
            continue
        is_dotted = "." in ways[0]  # who writes points writes the day first
        first = is_dotted if day_first is None else day_first
        word = "day" if first else "month"
        note = Guess(f"In dates like {quote(texts.iloc[0])} the {word} was taken to come first.")
        told = day_first is None and not is_dotted and not (by_month == by_day).all()
        return (by_day if first else by_month), (note,) if told else ()
    return None, ()


def _parsed(texts: "pd.Series", way: str) -> np.ndarray | None:
    """Return texts as times if all are written in a way, with any clock behind it or none."""
    import pandas as pd

    for clock in CLOCKS if way != "ISO8601" else ("",):
        for part in (texts.iloc[:FEW], texts):
            found = pd.to_datetime(part, format=way + clock, errors="coerce", utc=True)
            if found.isna().any():
                break
        else:
            return _as_floats(found)
    return None


def _as_floats(times: "pd.Series") -> np.ndarray:
    seconds = times.astype("datetime64[us, UTC]").astype("int64").to_numpy(float)
    return np.where(times.isna().to_numpy(), -np.inf, seconds)


def _missing_first(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), -np.inf, values)
