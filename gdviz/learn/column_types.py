"""Columns of a table: their names, and what a reader of the table should know of each."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gdviz.learn.headers import is_date

if TYPE_CHECKING:
    import pandas as pd

LONGEST_NAME = 80
FLAT = 1e-12  # a range this small against the largest value is rounding, not information
LARGEST_WHOLE = 2**53  # above it a float does not know its last digit

_IDENTIFIER = re.compile(r"(.*[_ ])?(id|index|key|uuid|guid|number|no\.?|nr\.?)", re.IGNORECASE)


class TableError(ValueError):
    """A table that cannot be read or used as it is; the message is fit for a page."""


class Guess(str):
    """A note on a guess that changes numbers: it is told in plain sight, and can be overruled."""


def quote(name: Any) -> str:
    """Return a name in quotation marks, cut to what fits a sentence."""
    text = str(name)
    return f"“{text[:40]}…”" if len(text) > 41 else f"“{text}”"


def unique_names(cells: Iterable[str], notes: list[str]) -> list[str]:
    """Return a name of its own for each column, and note the names that were made up."""
    names: list[str] = []
    taken: set[str] = set()
    used: dict[str, int] = {}  # the last number that was put behind a name
    for i, cell in enumerate(cells, 1):
        name = " ".join(cell.split())[:LONGEST_NAME]
        if not name:
            name = f"column {i}"
            notes.append(f"Column {i} has no name; it is called {quote(name)}.")
        if name in taken:
            first, k = name, used.get(name, 1)
            while name in taken:
                k += 1
                name = f"{first} ({k})"
            used[first] = k
            notes.append(f"Two columns are called {quote(first)}; column {i} is now “{name}”.")
        taken.add(name)
        names.append(name)
    return names


# --- what a reader should know -------------------------------------------------------------------


def rows_of(mask: np.ndarray) -> str:
    """Return the rows, counted from 1 below the header, where a mask holds: "rows 3, 8"."""
    rows = (np.flatnonzero(mask) + 1).tolist()
    shown = ", ".join(map(str, rows[:5]))
    more = f" and {len(rows) - 5:,} more" if len(rows) > 5 else ""
    return f"row {shown}" if len(rows) == 1 else f"rows {shown}{more}"


def is_constant(values: Any) -> bool:
    """Tell whether numbers are all the same but for rounding: a spread of exactly zero is rare."""
    known = np.asarray(values)
    if known.dtype.kind in "iub":  # whole numbers are exact
        return not known.size or bool(known.min() == known.max())
    known = known.astype(float)
    known = known[np.isfinite(known)]
    return not known.size or bool(np.ptp(known) <= FLAT * np.abs(known).max())


def counts_rows(column: "pd.Series") -> bool:
    """Tell whether a column only numbers the rows: 0, 1, 2 … or 1, 2, 3 …"""
    if column.dtype.kind not in "iu" or len(column) < 3:
        return False
    values = column.to_numpy()
    return bool(values[0] in (0, 1) and np.all(np.diff(values) == 1))


def is_identifier(column: "pd.Series") -> bool:
    """Tell whether a column names its rows: a counter, an id, or different words."""
    if counts_rows(column):
        return True
    if column.dtype.kind == "f" or len(column) < 3 or not column.is_unique:
        return False
    is_text = column.dtype.kind not in "iubM"
    return (is_text and len(column) > 20) or bool(_IDENTIFIER.fullmatch(str(column.name)))


def numbers_in(column: "pd.Series") -> np.ndarray:
    """Return a column of numbers as an array; whole numbers stay whole, missing ones are nan."""
    if column.dtype.kind in "iub" and not column.isna().any():
        return column.to_numpy(dtype=column.dtype.kind + "8" if column.dtype.kind != "b" else bool)
    return column.to_numpy(dtype=float, na_value=np.nan)


def column_notes(frame: "pd.DataFrame") -> list[str]:
    """Return a sentence for every column that a model would stumble over."""
    import pandas as pd

    notes = []
    if len(frame) == 1:
        notes.append("There is only one row: nothing can be learned from it, nothing held out.")
    numbers = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name].dtype)]
    if not numbers:
        notes.append("No column holds numbers: choose a file with a number to predict.")
    for name in frame.columns:
        notes += _notes_of(frame[name], name in numbers)
    return notes + _same_columns(frame, numbers)


def _notes_of(column: "pd.Series", is_numeric: bool) -> list[str]:
    name, notes = quote(column.name), []
    missing = int(column.isna().sum())
    if missing:
        notes.append(f"Column {name}: {missing:,} of {len(column):,} values are missing.")
    if len(column) > 1 and _says_nothing(column, is_numeric):
        notes.append(f"Column {name} is constant: it says nothing; leave it out.")
    elif is_numeric and _is_inexact(column):
        notes.append(
            f"Column {name}: integers too long to be kept exactly; if they are names of rows, "
            "leave the column out."
        )
    elif is_identifier(column):
        notes.append(f"Column {name} names the rows, like an id: leave it out of the features.")
    elif column.dtype.kind == "M" or (not is_numeric and _holds_dates(column)):
        notes.append(
            f"Column {name} holds dates: turn them into numbers (years, days) to use them."
        )
    return notes


def _says_nothing(column: "pd.Series", is_numeric: bool) -> bool:
    return is_constant(numbers_in(column)) if is_numeric else column.nunique() == 1


def _is_inexact(column: "pd.Series") -> bool:
    """Tell whether whole numbers are so large that a model cannot tell neighbours apart."""
    if column.dtype.kind not in "iu":
        return False
    values = numbers_in(column)
    return bool(max(abs(int(values.min())), abs(int(values.max()))) > LARGEST_WHOLE)


def _holds_dates(column: "pd.Series") -> bool:
    known = column.dropna().astype(str)
    return bool(len(known)) and all(map(is_date, known.iloc[:50]))


def _same_columns(frame: "pd.DataFrame", numbers: Sequence[str]) -> list[str]:
    """Return a sentence for each column of numbers that repeats an earlier one."""
    seen: dict[bytes, str] = {}
    notes = []
    for name in numbers:
        values = frame[name].to_numpy(dtype=float, na_value=np.nan)
        some = np.nan_to_num(values[:1000])
        twin = seen.setdefault(some.tobytes(), name)
        same = np.array_equal(values, frame[twin].to_numpy(dtype=float, na_value=np.nan), True)
        if twin != name and same and not is_constant(values):
            notes.append(
                f"Columns {quote(twin)} and {quote(name)} hold the same numbers: leave one out, "
                "for no fit can share the weight between them in only one way."
            )
    return notes
