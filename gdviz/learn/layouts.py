"""How a text file says a table: its separator, its decimal sign, its header, and broken rows."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from gdviz.learn.columns import (
    TableError,
    as_number,
    is_number,
    named,
    quoted,
    separates_thousands,
)

SAMPLE = 300  # lines that are looked at before pandas reads the rest
SAMPLE_SIZE = 1_000_000  # characters of them; the longest line that a table may begin with
MOST_COLUMNS = 2000
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SPACES = r"\s+"


class Layout(NamedTuple):
    """How a text file says a table: separator, decimal sign, names of the columns.

    `has_header` tells whether the first row holds the names, `has_gaps` whether spaces follow the
    separators.
    """

    separator: str
    decimal: str
    names: list[str]
    has_header: bool
    has_gaps: bool


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


def _rows(lines: Any, separator: str) -> list[list[str]]:
    """Return the cells of the lines that are not blank."""
    if separator == SPACES:
        return [line.split() for line in lines]
    csv.field_size_limit(2**31 - 1)
    try:
        rows = list(csv.reader(lines, delimiter=separator, skipinitialspace=True))
    except csv.Error as error:
        raise TableError(f"The file cannot be taken apart into cells: {error}.") from None
    return [row for row in rows if row]


def layout_of(lines: Sequence[str], notes: list[str]) -> Layout:
    """Return how the first lines of a file say a table; note the guesses, refuse what is none."""
    separator = _separator(lines)
    rows = _rows(lines, separator)
    if not rows:
        raise TableError("The file has no rows: there is nothing to read.")
    _check_width(rows, separator)
    width = len(rows[0])
    if width > MOST_COLUMNS:
        raise TableError(f"{width} columns are too many, at most {MOST_COLUMNS}.")
    decimal = _decimal(rows[1:], separator)
    has_header = not all(is_number(cell, decimal) for cell in rows[0])
    if not has_header:
        notes.append(
            "The first line holds numbers, so the columns have no names; they are “column 1”, "
            "“column 2” … If it was the header, name the columns in words."
        )
    names = named(rows[0] if has_header else [""] * width, notes if has_header else [])
    if separator != ",":
        word = SEPARATORS.get(separator, "spaces")
        notes.append(f"The cells are separated by {word}.")
    if decimal == ",":
        notes.append(_of_commas(rows[1:]))
    has_gaps = separator != SPACES and any(f"{separator} " in line for line in lines)
    return Layout(separator, decimal, names, has_header, has_gaps)


def _of_commas(rows: Sequence[Sequence[str]]) -> str:
    """Say that commas are decimal, and that they may be meant otherwise where all could be."""
    cells = [cell for row in rows for cell in row if "," in cell]
    example = next(cell for cell in cells if is_number(cell, ","))
    said = f"Numbers have a decimal comma: {quoted(example)} was read as {as_number(example):g}."
    if all(separates_thousands(cell) for cell in cells):
        said += " If the comma separates thousands, write the numbers without it."
    return said


def _separator(lines: Sequence[str]) -> str:
    """Return the separator that cuts the lines into equally many cells, of the most numbers.

    Where none cuts all lines alike, that of the header: the check of widths will say what is wrong.
    """
    found = {}
    for separator in SEPARATORS:
        rows = _rows(lines, separator)
        width = len(rows[0]) if rows else 0
        alike = sum(len(row) == width for row in rows) / max(len(rows), 1)
        body = [cell for row in rows[1:] for cell in row]
        numbers = sum(is_number(cell, ".") or is_number(cell, ",") for cell in body)
        if width > 1:
            found[separator] = (alike > 0.9, round(numbers / max(len(body), 1), 1), alike, width)
    if found:
        return max(found, key=lambda separator: found[separator])
    spaced = _rows(lines, SPACES)
    width = len(spaced[0])
    all_numbers = all(is_number(cell, ".") for row in spaced[1:] for cell in row)
    if width > 1 and all_numbers and all(len(row) == width for row in spaced):
        return SPACES
    # A header of one name over rows of several cells: the check of widths explains it.
    counts = {s: sum(line.count(s) for line in lines[1:]) for s in SEPARATORS}
    best = max(counts, key=lambda separator: counts[separator])
    return best if counts[best] >= len(lines) - 1 > 0 else ","


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
        each = "Each row has" if len(longer) == len(rows) - 1 else "The first row has"
        raise TableError(
            f"{each} {many} values, but the header names {count_of(width, 'column')}: which name "
            f"belongs to which value cannot be told. Give every column a name.{commas}"
        )


def _ends_empty(row: list[str], width: int) -> bool:
    return len(row) == width + 1 and not row[-1].strip()


def count_of(n: int, word: str) -> str:
    """Return a number with its word in the singular or the plural."""
    return f"{n} {word}" + ("" if n == 1 else "s")


def _decimal(rows: Sequence[Sequence[str]], separator: str) -> str:
    """Return the decimal sign: a comma where more cells say so than say a point."""
    if separator == ",":
        return "."
    cells = [cell for row in rows for cell in row]
    commas = sum("," in cell and is_number(cell, ",") for cell in cells)
    points = sum("." in cell and is_number(cell, ".") for cell in cells)
    return "," if commas > points else "."


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
