"""Columns of a table: what their cells mean, and what a reader of the table should know of them."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

LONGEST_NAME = 80
MOSTLY = 0.5  # share of numbers from which on the words among them are called mistakes
FLAT = 1e-12  # a range this small against the largest value is rounding, not information

# Words for a missing number. In a column of text the second group may be a word like any other.
_MISSING = {"", "na", "n/a", "n.a.", "nan", "-nan", "null", "<na>", "#n/a", "#na", "missing"}
_UNCLEAR = {"none", "nil", "-", "--", "?", ".", "#div/0!", "#value!", "#ref!", "#num!", "unknown"}
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_EXPONENT = r"(?:[eE][+-]?\d+)?"
_POINT = re.compile(rf"[+-]?(?:\d+\.?\d*|\.\d+){_EXPONENT}")
_COMMA = re.compile(rf"[+-]?(?:\d+|\d{{1,3}}(?:[. \u00a0']\d{{3}})+)(?:,\d+)?{_EXPONENT}")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f'_]\d{3})+(?:\.\d+)?")
_UNITS = "$€£¥%"
_DIGITS = re.compile(r"[+-]?\d[\d.,' \u00a0]*")
_TO_POINT = str.maketrans(",", ".", ". \u00a0'")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T].*)?|\d{1,2}[./]\d{1,2}[./](\d{2}|\d{4})( .*)?")
_IDENTIFIER = re.compile(r"(.*[_ ])?(id|index|key|uuid|guid|number|no\.?|nr\.?)", re.IGNORECASE)


class TableError(ValueError):
    """A table that cannot be read or used as it is; the message is fit for a page."""


def quoted(name: Any) -> str:
    """Return a name in quotation marks, cut to what fits a sentence."""
    text = str(name)
    return f"“{text[:40]}…”" if len(text) > 41 else f"“{text}”"


def is_number(cell: str, decimal: str) -> bool:
    """Tell whether a cell is a number, written with this decimal sign."""
    return bool((_POINT if decimal == "." else _COMMA).fullmatch(cell.strip()))


def as_number(cell: str) -> float:
    """Return the number in a cell with a decimal comma."""
    return float(cell.strip().translate(_TO_POINT))


def separates_thousands(cell: str) -> bool:
    """Tell whether the commas of a cell could as well separate thousands."""
    return bool(_THOUSANDS.fullmatch(cell.strip()))


def named(cells: Iterable[str], notes: list[str]) -> list[str]:
    """Return a name of its own for each column, and note the names that were made up."""
    names: list[str] = []
    for i, cell in enumerate(cells, 1):
        name = " ".join(cell.split())[:LONGEST_NAME]
        if not name:
            name = f"column {i}"
            notes.append(f"Column {i} has no name; it is called {quoted(name)}.")
        if name in names:
            first, k = name, 1
            while name in names:
                k += 1
                name = f"{first} ({k})"
            notes.append(f"Two columns are called {quoted(first)}; column {i} is now “{name}”.")
        names.append(name)
    return names


# --- what the cells mean -------------------------------------------------------------------------


class _Reading(NamedTuple):
    """The distinct texts of a column: their numbers (nan where none), and which are missing."""

    values: np.ndarray
    is_number: np.ndarray
    is_missing: np.ndarray
    how: str


def mended(column: "pd.Series", decimal: str, notes: list[str]) -> "pd.Series":
    """Return a column as numbers if that is what its cells mean, or as text; note what was done."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column.dtype):
        notes.append(f"Column {quoted(column.name)} is true or false: it counts as 1 or 0.")
        return column
    if pd.api.types.is_numeric_dtype(column.dtype):
        return _finite(column, notes)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    codes, found = pd.factorize(column)
    texts = np.array([str(value).strip() for value in found], dtype=object)
    if not len(texts):
        return column
    reading = _read(texts, decimal)
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    words = ~reading.is_number & ~reading.is_missing
    if not words.any():
        return _as_numbers(column, codes, texts, counts, reading, notes)
    numbers = counts[reading.is_number].sum()
    if numbers >= MOSTLY * max(counts[~reading.is_missing].sum(), 1):
        first = int(np.isin(codes, np.flatnonzero(words)).argmax())
        many = int(counts[words].sum())
        notes.append(
            f"Column {quoted(column.name)} is text: {quoted(texts[codes[first]])} in row "
            f"{first + 1} is not a number{_and_more(many)}. Correct or empty "
            f"{'it' if many == 1 else 'them'} to have a column of numbers."
        )
    elif all(map(_DIGITS.fullmatch, texts[words])):
        notes.append(
            f"Column {quoted(column.name)} is text: its numbers are written in more than one way, "
            f"as {quoted(texts[words][0])} and {quoted(texts[words][-1])}. Write them alike."
        )
    return _as_words(column, codes, texts, counts, notes)


def _and_more(many: int) -> str:
    return "" if many == 1 else f", nor {'is' if many == 2 else 'are'} {many - 1} more"


def _finite(column: "pd.Series", notes: list[str]) -> "pd.Series":
    """Return numbers with infinities as missing, noted."""
    if column.dtype.kind != "f":
        return column
    infinite = np.isinf(column.to_numpy(dtype=float, na_value=np.nan))
    if not infinite.any():
        return column
    notes.append(
        f"Column {quoted(column.name)}: infinite or too large for a number in "
        f"{rows_of(infinite)}; counted as missing. Correct the cells or leave the rows out."
    )
    return column.mask(infinite)


def _read(texts: np.ndarray, decimal: str) -> _Reading:
    """Read distinct texts as numbers by the one convention that fits the column."""
    lowered = [text.lower() for text in texts]
    missing = np.array([t in _MISSING or t in _UNCLEAR for t in lowered])
    bare = [text.strip(_UNITS + " ") for text in texts]
    how = "without the unit" if any(b != t for b, t in zip(bare, texts, strict=True)) else ""
    pattern, drop, sign = _POINT, "", "."
    with_comma = [b for b, gone in zip(bare, missing, strict=True) if "," in b and not gone]
    if with_comma and all(map(_THOUSANDS.fullmatch, with_comma)) and decimal == ".":
        pattern, drop = re.compile(f"{_POINT.pattern}|{_THOUSANDS.pattern}"), ","
        how = "the comma separates thousands"
    elif with_comma and all(map(_COMMA.fullmatch, with_comma)):
        pattern, drop, sign = _COMMA, ". \u00a0'", ","
        how = "with a decimal comma"
    elif any(map(_SPACED.fullmatch, bare)):
        pattern, drop = re.compile(f"{_POINT.pattern}|{_SPACED.pattern}"), " \u00a0\u202f'_"
        how = "the gap separates thousands"
    gone = str.maketrans(sign, ".", drop)
    numbers = np.array(
        [not m and bool(pattern.fullmatch(b)) for b, m in zip(bare, missing, strict=True)]
    )
    infinite = np.array([bool(_INFINITE.fullmatch(text)) for text in texts])
    values = np.full(len(texts), np.nan)
    values[numbers] = [
        float(b.translate(gone)) for b, yes in zip(bare, numbers, strict=True) if yes
    ]
    values[infinite] = np.inf
    return _Reading(values, numbers | infinite, missing, how)


def _as_numbers(
    column: "pd.Series",
    codes: np.ndarray,
    texts: np.ndarray,
    counts: np.ndarray,
    reading: _Reading,
    notes: list[str],
) -> "pd.Series":
    import pandas as pd

    name = quoted(column.name)
    gone = [i for i in np.flatnonzero(reading.is_missing) if texts[i]]
    if gone:
        words = ", ".join(quoted(texts[i]) for i in gone[:4])
        notes.append(f"Column {name}: {words} ({_cells(counts[gone])}) counted as missing.")
    example = next((i for i in np.flatnonzero(reading.is_number) if _odd(texts[i])), None)
    if reading.how and example is not None:
        notes.append(
            f"Column {name}: {quoted(texts[example])} was read as "
            f"{reading.values[example]:g} ({reading.how})."
        )
    if any(
        len(texts[i].lstrip("+-")) > 18 and texts[i].lstrip("+-").isdigit() for i in _first(texts)
    ):
        notes.append(
            f"Column {name}: integers too long to be kept exactly; if they are names of rows, "
            "leave the column out."
        )
    values = np.append(reading.values, np.nan)[codes]  # −1, a missing cell, takes the last
    return _finite(pd.Series(values, column.index, name=column.name), notes)


def _cells(counts: np.ndarray) -> str:
    many = int(counts.sum())
    return f"{many:,} cell" + ("" if many == 1 else "s")


def _first(texts: np.ndarray) -> range:
    return range(min(len(texts), 1000))


def _odd(text: str) -> bool:
    return not _POINT.fullmatch(text) and not _INFINITE.fullmatch(text)


def _as_words(
    column: "pd.Series", codes: np.ndarray, texts: np.ndarray, counts: np.ndarray, notes: list[str]
) -> "pd.Series":
    """Return a column of words; those that mean "missing" without a doubt are missing."""
    import pandas as pd

    lowered = np.array([text.lower() for text in texts], dtype=object)
    gone = np.isin(lowered, list(_MISSING))
    kept = np.isin(lowered, list(_UNCLEAR))
    name = quoted(column.name)
    said = [i for i in np.flatnonzero(gone) if texts[i]]
    if said:
        words = ", ".join(quoted(texts[i]) for i in said[:4])
        notes.append(f"Column {name}: {words} ({_cells(counts[said])}) counted as missing.")
    if kept.any():
        words = ", ".join(quoted(texts[i]) for i in np.flatnonzero(kept)[:4])
        notes.append(f"Column {name}: {words} was kept as a word like the others.")
    words_of = np.array(
        [*(None if g else t for g, t in zip(gone, texts, strict=True)), None], object
    )
    return pd.Series(words_of[codes], column.index, name=column.name, dtype="str")


# --- what a reader should know -------------------------------------------------------------------


def rows_of(mask: np.ndarray) -> str:
    """Return the rows, counted from 1 below the header, where a mask holds: "rows 3, 8"."""
    rows = (np.flatnonzero(mask) + 1).tolist()
    shown = ", ".join(map(str, rows[:5]))
    more = f" and {len(rows) - 5:,} more" if len(rows) > 5 else ""
    return f"row {shown}" if len(rows) == 1 else f"rows {shown}{more}"


def is_constant(values: Any) -> bool:
    """Tell whether numbers are all the same but for rounding: a spread of exactly zero is rare."""
    known = np.asarray(values, dtype=float)
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
    name, notes = quoted(column.name), []
    missing = int(column.isna().sum())
    if missing:
        notes.append(f"Column {name}: {missing:,} of {len(column):,} values are missing.")
    if len(column) > 1 and _says_nothing(column, is_numeric):
        notes.append(f"Column {name} is constant: it says nothing; leave it out.")
    elif is_identifier(column):
        notes.append(f"Column {name} names the rows, like an id: leave it out of the features.")
    elif column.dtype.kind == "M" or (not is_numeric and _holds_dates(column)):
        notes.append(
            f"Column {name} holds dates: turn them into numbers (years, days) to use them."
        )
    return notes


def _says_nothing(column: "pd.Series", is_numeric: bool) -> bool:
    if is_numeric:
        return is_constant(column.to_numpy(dtype=float, na_value=np.nan))
    return column.nunique() == 1


def _holds_dates(column: "pd.Series") -> bool:
    known = column.dropna().astype(str)
    return bool(len(known)) and all(map(_DATE.fullmatch, known.iloc[:50]))


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
                f"Columns {quoted(twin)} and {quoted(name)} hold the same numbers: leave one out, "
                "for no fit can share the weight between them in only one way."
            )
    return notes
