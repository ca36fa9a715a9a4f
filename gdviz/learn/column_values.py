"""What the cells of a column mean: numbers, if all of them are some, or words."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gdviz.learn.column_numbers import Numbers, numbers_of_texts
from gdviz.learn.column_types import LARGEST_WHOLE, Guess, quote, rows_of
from gdviz.learn.csv_dialect import TableReading
from gdviz.learn.headers import MISSING, MOSTLY, UNCLEAR, is_date
from gdviz.learn.numerals import (
    EITHER,
    LONGEST,
    SHARES,
    THOUSANDS,
    Numeral,
    decimal_of,
    is_plain,
    taken_apart,
)

if TYPE_CHECKING:
    import pandas as pd

MOST_LOOKED_AT = 2000  # texts of a column among which examples are looked for
MOST_EXAMPLES = 3  # cells of a column that a note quotes


class Texts(NamedTuple):
    """The distinct texts of a column: `codes (n,)` say which one each row has, −1 for none."""

    codes: np.ndarray
    texts: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """How many rows have each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))


def numbers_in(
    column: "pd.Series",
    decimal: str,
    notes: list[str],
    reading: TableReading = TableReading(),  # noqa: B008
) -> "pd.Series":
    """Return a column as numbers if that is what its cells mean, or as text; note what was done.

    `decimal` is the sign of the table, for cells that can be read with either.
    """
    import pandas as pd

    if pd.api.types.is_bool_dtype(column.dtype):
        notes.append(f"Column {quote(column.name)} is true or false: it counts as 1 or 0.")
        return column
    if pd.api.types.is_numeric_dtype(column.dtype):
        return _without_infinite(column, notes)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    codes, found = pd.factorize(column)
    texts = np.array([str(value).strip() for value in found.tolist()], dtype=object)
    if not len(texts):
        return column
    seen = Texts(codes, texts)
    numbers = numbers_of_texts(texts, decimal, reading)
    if numbers.mixed or numbers.is_word.any():
        _note_numbers_among_words(column, seen, numbers, notes)
        return _as_words(column, seen, notes)
    return _as_numbers(column, seen, numbers, notes)


def _without_infinite(column: "pd.Series", notes: list[str]) -> "pd.Series":
    """Return numbers with infinities as missing, noted."""
    if column.dtype.kind != "f":
        return column
    infinite = np.isinf(column.to_numpy(dtype=float, na_value=np.nan))
    if not infinite.any():
        return column
    notes.append(
        f"Column {quote(column.name)}: infinite or too large for a number in "
        f"{rows_of(infinite)}; counted as missing. Correct the cells or leave the rows out."
    )
    return column.mask(infinite)


# --- a column of numbers -------------------------------------------------------------------------


def _as_numbers(
    column: "pd.Series", seen: Texts, numbers: Numbers, notes: list[str]
) -> "pd.Series":
    import pandas as pd

    name = quote(column.name)
    gone = [i for i in np.flatnonzero(numbers.is_missing).tolist() if seen.texts[i]]
    if gone:
        notes.append(f"Column {name}: {_listed(seen, gone)} counted as missing.")
    _note_examples(name, seen.texts, numbers, notes)
    values = np.append(numbers.values, np.nan)[seen.codes]  # −1, a missing cell, takes the last
    whole = np.abs(values[np.isfinite(values)])
    if len(whole) and whole.max() > LARGEST_WHOLE and _are_whole(seen.texts, numbers):
        notes.append(
            f"Column {name}: integers too long to be kept exactly; if they are names of rows, "
            "leave the column out."
        )
    return _without_infinite(pd.Series(values, column.index, name=column.name), notes)


def _are_whole(texts: np.ndarray, numbers: Numbers) -> bool:
    return all(cell.body.isdigit() for cell in numbers.cells if cell)


def _listed(seen: Texts, places: list[int]) -> str:
    """Return texts with the number of their cells: “NA”, “-” (2 cells)."""
    words = ", ".join(quote(seen.texts[i]) for i in places[:4])
    many = int(seen.counts[places].sum())
    return f"{words} ({many:,} cell{'' if many == 1 else 's'})"


def _note_examples(name: str, texts: np.ndarray, numbers: Numbers, notes: list[str]) -> None:
    """Note, by an example of each kind, how cells that no program would write were read."""
    found: dict[str, str] = {}
    is_guess = False
    some = slice(MOST_LOOKED_AT)
    rows = zip(texts[some], numbers.cells[some], numbers.values[some], strict=True)
    for text, cell, value in rows:
        if cell is None or (is_plain(text) and float(text) == value):
            continue
        for why, guessed in _reasons(cell, numbers):
            is_guess |= guessed
            if why not in found and len(found) < MOST_EXAMPLES:
                found[why] = f"{quote(text)} was read as {value:.10g} ({why})"
    if found:
        said = f"Column {name}: {', '.join(dict.fromkeys(found.values()))}."
        notes.append(Guess(said) if is_guess else said)
    units = sorted({cell.unit for cell in numbers.cells if cell and cell.unit} - set(SHARES))
    if len(units) > 1:
        notes.append(
            Guess(f"Column {name}: amounts in {' and '.join(units[:4])} stand beside each other.")
        )


def _reasons(cell: Numeral, numbers: Numbers) -> list[tuple[str, bool]]:
    """Return why a cell is the number that it is, and whether that is a guess."""
    decimal, reasons = numbers.style.decimal, []
    is_either = decimal_of(cell.body) == EITHER
    for sign, word in THOUSANDS.items():
        if sign in cell.body and sign != decimal:
            said = word.removesuffix("s")
            reasons.append((f"the {said} separates thousands", is_either and sign in ".,"))
    if decimal == "," and "," in cell.body:
        reasons.append(("with a decimal comma", is_either))
    if cell.unit in SHARES and numbers.is_scaled:
        reasons.append(
            ("a percent is a hundredth" if cell.unit == "%" else "by the thousand", True)
        )
    elif cell.unit:
        reasons.append(("without the unit", False))
    if cell.dressed:
        reasons.append((cell.dressed, False))
    return reasons or [("as a number", False)]


# --- a column of words ---------------------------------------------------------------------------


def _note_numbers_among_words(
    column: "pd.Series", seen: Texts, numbers: Numbers, notes: list[str]
) -> None:
    """Say why a column with numbers in it is one of words."""
    name, counts, words = quote(column.name), seen.counts, numbers.is_word
    many = int(counts[numbers.is_number].sum())
    if numbers.mixed:
        notes.append(f"Column {name} is text: {numbers.mixed}")
    elif _two_ways(seen.texts[words]):
        first, last = seen.texts[words][0], seen.texts[~numbers.is_missing][-1]
        last = last if last != first else seen.texts[numbers.is_number | words][0]
        notes.append(
            f"Column {name} is text: its numbers are written in more than one way, "
            f"as {quote(first)} and {quote(last)}. Write them alike."
        )
    elif many >= MOSTLY * max(counts[~numbers.is_missing].sum(), 1):
        first = int(np.isin(seen.codes, np.flatnonzero(words)).argmax())
        others = int(counts[words].sum())
        notes.append(
            f"Column {name} is text: {quote(seen.texts[seen.codes[first]])} in row "
            f"{first + 1} is not a number{_and_more(others)}. Correct or empty "
            f"{'it' if others == 1 else 'them'} to have a column of numbers."
        )
    elif many:
        notes.append(f"Column {name} is text, though {many:,} of its cells are numbers.")
    elif all(_begins_like_a_number(text) for text in seen.texts[words]):
        notes.append(
            f"Column {name} is text, as {quote(seen.texts[words][0])}: write plain numbers to have "
            "a column of numbers."
        )


def _begins_like_a_number(text: str) -> bool:
    """Tell whether a text that is no number begins like one, as 5k, ½ or 12:30; not a date."""
    return text.lstrip("'+-$€£(~<>≈")[:1].isnumeric() and not is_date(text)


def _two_ways(texts: np.ndarray) -> bool:
    """Tell whether all words are numbers in another way of writing."""
    found = [taken_apart(text) for text in texts]
    return all(cell is not None and decimal_of(cell.body) != "neither" for cell in found)


def _and_more(many: int) -> str:
    return "" if many == 1 else f", nor {'is' if many == 2 else 'are'} {many - 1} more"


def _as_words(column: "pd.Series", seen: Texts, notes: list[str]) -> "pd.Series":
    """Return a column of words; those that mean "missing" without a doubt are missing."""
    import pandas as pd

    lowered = [text[: LONGEST + 1].lower() for text in seen.texts]
    gone = [i for i, word in enumerate(lowered) if word in MISSING]
    kept = [i for i, word in enumerate(lowered) if word in UNCLEAR]
    name = quote(column.name)
    said = [i for i in gone if seen.texts[i]]
    if said:
        notes.append(f"Column {name}: {_listed(seen, said)} counted as missing.")
    if kept:
        words = ", ".join(quote(seen.texts[i]) for i in kept[:4])
        notes.append(f"Column {name}: {words} was kept as a word like the others.")
    words_of = np.array([*seen.texts, None], dtype=object)
    words_of[gone] = None
    return pd.Series(words_of[seen.codes], column.index, name=column.name, dtype="str")
