"""How a text file writes a table: its separator, its decimal sign, its header, and broken rows."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gdviz.learn.column_types import Guess, TableError, quote, unique_names
from gdviz.learn.decimal_sign import decimal_sign
from gdviz.learn.headers import counts_rows, header_of
from gdviz.learn.numerals import NEITHER, decimal_of, is_number, is_plain, taken_apart
from gdviz.numerals import count_of

SAMPLE = 300  # lines that are looked at before pandas reads the rest
SAMPLE_SIZE = 1_000_000  # characters of them; the longest line that a table may begin with
HEADER_ROWS = 80  # rows with which the first one is compared
SAMPLE_CELLS = 20_000  # cells of them that are understood one by one
MOST_COLUMNS = 2000
FEWEST_COUNTED = 4  # lines that a table has whose rows are known to be counted
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", "::": "double colons"}
SPACES = r"\s+"
INNER = "\x1f"  # stands for a separator of two characters, which no parser takes


class TableReading(NamedTuple):
    """What a reader of a text file is told rather than left to guess; None is left to guess.

    `separator` is one of `SEPARATORS` or `SPACES`; `decimal` is a point or a comma; `header` tells
    whether the first row holds names; `thousands` is what groups digits, "" for nothing.
    """

    separator: str | None = None
    decimal: str | None = None
    header: bool | None = None
    thousands: str | None = None


class Layout(NamedTuple):
    """How a text file writes a table: separator, decimal sign, names of the columns.

    `has_header` tells whether the first row holds the names, `has_gaps` whether spaces follow the
    separators, `is_open` whether no cell of the sample could tell the decimal sign.
    """

    separator: str
    decimal: str
    names: list[str]
    has_header: bool
    has_gaps: bool
    is_open: bool = False


def check_reading(reading: TableReading) -> None:
    """Raise `TableError` for a separator, a decimal sign or a sign of thousands that is none."""
    for name, value, known in (
        ("separator", reading.separator, (*SEPARATORS, SPACES)),
        ("decimal", reading.decimal, (".", ",")),
        ("thousands", reading.thousands, ("", ",", ".", " ", "'")),
        ("header", reading.header, (True, False)),
    ):
        if value is not None and value not in known:
            raise TableError(f"{name} = {value!r} is none of {', '.join(map(repr, known))}.")
    if reading.decimal is not None and reading.decimal == reading.thousands:
        raise TableError(f"{reading.decimal!r} cannot be the decimal sign and group thousands.")


def sample_of(text: str) -> list[str]:
    """Return the first lines that are not blank; refuse a line that no row of a table is."""
    end = size = 0
    lines: list[str] = []
    while len(lines) < SAMPLE and size < SAMPLE_SIZE:
        start, end = end, text.find("\n", end) + 1
        line = text[start : end or None]
        size += len(line)
        if len(line) > SAMPLE_SIZE:
            raise TableError(
                f"A line among the first has {len(line):,} characters: that is no row of a table."
            )
        if line.strip(" \n"):
            lines.append(line)
        if not end:
            break
    return lines


def _rows(lines: Sequence[str], separator: str) -> list[list[str]]:
    """Return the cells of the lines that are not blank."""
    if separator == SPACES:
        return [[cell.strip('"') for cell in line.split()] for line in lines]
    if len(separator) > 1:
        lines, separator = [line.replace(separator, INNER) for line in lines], INNER
    csv.field_size_limit(2**31 - 1)
    try:
        rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    except csv.Error as error:
        raise TableError(f"The file cannot be taken apart into cells: {error}.") from None
    return [row for row in rows if row]


def layout_of(
    lines: Sequence[str],
    notes: list[str],
    reading: TableReading = TableReading(),  # noqa: B008
) -> Layout:
    """Return the layout of a table from its first lines; note guesses, refuse what is no table."""
    separator = _separator(lines) if reading.separator is None else reading.separator
    rows = _rows(lines, separator)
    if not rows:
        raise TableError("The file has no rows: there is nothing to read.")
    numbered = _with_row_numbers(rows, notes)
    _check_width(rows, separator)
    width = len(rows[0])
    if width > MOST_COLUMNS:
        raise TableError(f"{width} columns are too many, at most {MOST_COLUMNS}.")
    some = rows[: 2 + SAMPLE_CELLS // width]
    has_header = numbered or _has_header(some[:HEADER_ROWS], reading, notes)
    names = unique_names(rows[0] if has_header else [""] * width, notes if has_header else [])
    if separator != "," and reading.separator is None:
        notes.append(Guess(f"The cells are separated by {SEPARATORS.get(separator, 'spaces')}."))
    body = some[1:] if has_header else some
    told = reading.decimal or _other_sign(reading.thousands)
    decimal, is_open = (told, False) if told else decimal_sign(body, names, separator, notes)
    has_gaps = separator != SPACES and any(f"{separator} " in line for line in lines)
    return Layout(separator, decimal, names, has_header, has_gaps, is_open)


def note_gaps(text: str, layout: Layout, notes: list[str]) -> None:
    """Note the blank lines between the rows of one column, which may be missing values."""
    gaps = text.strip("\n").count("\n\n") if len(layout.names) == 1 else 0
    if gaps:
        where = count_of(gaps, "place")
        notes.append(f"Blank lines were left out, in {where}: if values are missing, write NA.")


def note_padded(
    lines: Sequence[str], layout: Layout, kept: Sequence[str], notes: list[str]
) -> None:
    """Note columns of numbers with zeros in front, which are often names: 01234 becomes 1234."""
    rows = _rows(lines, layout.separator)[layout.has_header :]
    columns = list(zip(*(row for row in rows if len(row) == len(layout.names)), strict=True))
    for name, cells in zip(layout.names, columns, strict=False):
        padded = next((c for c in cells if len(c) > 1 and c[0] == "0" and c.isdigit()), None)
        if padded and name not in kept and all(is_plain(c) for c in cells if c.strip()):
            notes.append(
                Guess(
                    f"Column {quote(name)}: {quote(padded)} was read as {int(padded)}. If these "
                    "are names with zeros in front, leave the column out."
                )
            )


def _other_sign(thousands: str | None) -> str | None:
    return {".": ",", ",": "."}.get(thousands or "")


def _has_header(rows: list[list[str]], reading: TableReading, notes: list[str]) -> bool:
    """Tell whether the first row holds the names, as told or as it looks; note a guess."""
    if reading.header is not None:
        return reading.header
    has_header, is_doubtful = header_of(rows)
    if not has_header:
        notes.append(
            Guess(
                "The first line holds numbers, or values like those below it: it was read as a "
                "row, and the columns are called “column 1”, “column 2” … If it is the header, "
                "say so."
            )
        )
    elif is_doubtful:
        notes.append(
            Guess(
                "The first line was read as the names of the columns, though it could be a row "
                "like the others. If it is one, say so."
            )
        )
    return has_header


# --- separator -----------------------------------------------------------------------------------


def _separator(lines: Sequence[str]) -> str:
    """Return the separator that cuts the lines into equally many cells, the clearest ones.

    Where none cuts all lines alike, that of the header: the check of widths will say what is wrong.
    """
    found = {}
    for separator in SEPARATORS:
        rows = _rows(lines, separator)
        width = len(rows[0]) if rows else 0
        alike = sum(len(row) == width for row in rows) / max(len(rows), 1)
        if width > 1:
            share = round(_clarity(rows[1 : min(HEADER_ROWS, 2 + SAMPLE_CELLS // (4 * width))]), 1)
            found[separator] = (alike == 1, alike > 0.9, share, alike, width)
    if found:
        return max(found, key=lambda separator: found[separator])
    spaced = _rows(lines, SPACES)
    width = len(spaced[0])
    all_numbers = all(is_number(cell, ".") for row in spaced[1:] for cell in row)
    widths = {len(row) for row in spaced[1:]}
    counted = len(spaced) >= FEWEST_COUNTED and counts_rows(spaced[1:])
    if all_numbers and (width > 1 and widths <= {width} or counted and widths == {width + 1}):
        return SPACES
    # A header of one name over rows of several cells: the check of widths explains it.
    counts = {s: sum(line.count(s) for line in lines[1:]) for s in SEPARATORS}
    best = max(counts, key=lambda separator: counts[separator])
    return best if counts[best] >= len(lines) - 1 > 0 else ","


def _clarity(rows: Sequence[Sequence[str]]) -> float:
    """Return the mean over cells: 1 for a number, ½ for a text, 0 for one that holds a separator.

    A comma cuts 3,5;Oslo into a number and a text that holds a semicolon; the semicolon cuts it
    into a number and a plain text.
    """
    cells = [cell for row in rows for cell in row]
    return sum(map(_clear, cells)) / max(len(cells), 1)


def _clear(cell: str) -> float:
    if is_plain(cell):
        return 1.0
    found = taken_apart(cell)
    if found and decimal_of(found.body) != NEITHER:
        return 1.0
    return 0.0 if any(separator in cell for separator in SEPARATORS) else 0.5


def _check_width(rows: list[list[str]], separator: str) -> None:
    """Refuse rows longer than the header: pandas would make an index of their first column.

    It does so by the first row alone; of a later one that is longer it complains by itself.
    """
    width = len(rows[0])
    longer = [row for row in rows[1:] if len(row) > width]
    if len(longer) == len(rows) - 1 and all(_ends_empty(row, width) for row in longer):
        rows[0] += [""] * bool(longer)  # a separator ends each line: a column dropped later
    elif longer and len(rows[1]) > width:
        many = len(rows[1])
        twice = separator == "," and many == 2 * width
        commas = " If these are decimal commas, separate the cells by semicolons." * twice
        title = ", and remove what stands above the table" if width == 1 else ""
        each = "Each row has" if len(longer) == len(rows) - 1 else "The first row has"
        raise TableError(
            f"{each} {many} values, but the header names {count_of(width, 'column')}: which name "
            f"belongs to which value cannot be told. Give every column a name{title}.{commas}"
        )


def _with_row_numbers(rows: list[list[str]], notes: list[str]) -> bool:
    """Give row numbers that have no name in the header one, as R writes them; tell if there are.

    Then the first row is the header, for it alone has no number.
    """
    width = len(rows[0]) + 1
    if width < 3 or len(rows) < FEWEST_COUNTED or any(len(row) != width for row in rows[1:]):
        return False
    if not counts_rows(rows[1:]):
        return False
    rows[0].insert(0, "")
    notes.append(
        Guess(
            "Each row begins with its number, which has no name in the first line: the names there "
            "were read as those of the columns after it. If they are not, give every column a name."
        )
    )
    return True


def _ends_empty(row: list[str], width: int) -> bool:
    return len(row) == width + 1 and not row[-1].strip()


# --- rows that are too long or too short ---------------------------------------------------------


def wrong_rows(
    text: str, layout: Layout, wrong: Callable[[int], bool]
) -> Iterator[tuple[int, int]]:
    """Yield (line, number of cells) of the rows whose number of cells is wrong."""
    if layout.separator == SPACES:
        for line, text_of in enumerate(text.split("\n"), 1):
            if text_of.split() and wrong(len(text_of.split())):
                yield line, len(text_of.split())
        return
    reader = csv.reader(io.StringIO(text), delimiter=layout.separator, skipinitialspace=True)
    for row in reader:
        if row and wrong(len(row)):
            yield reader.line_num, len(row)


def lines_named(lines: Sequence[int]) -> str:
    """Return "Line 3" or "Lines 3, 5 and 12 more"."""
    shown = ", ".join(map(str, lines[:5]))
    more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
    return f"Line {shown}" if len(lines) == 1 else f"Lines {shown}{more}"
