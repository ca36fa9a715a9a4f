"""A visitor's table of a few features and two classes, for the playground."""

import csv
import re
from typing import NamedTuple

import numpy as np

from gdviz.learn.toy_datasets import COLUMNS, MOST, DataError

MOST_BYTES = 1_000_000  # of a file
LONGEST = 20  # letters of a name
_DECIMAL = re.compile(r"\s*([-+]?\d*),(\d+(?:[eE][-+]?\d+)?)\s*")  # a decimal comma
_UNFIT = re.compile(r"[^\w .%()/-]")  # in a name, which will stand in a link and on a page


class PointTable(NamedTuple):
    """Points `x (n, d)` scaled to ±5, their classes `y (n,)`, 0 or 1, and what each column is.

    `names (d,)` are those of the columns, `ends (d, 2)` their least and largest value in the file;
    `told` is a sentence on what was done.
    """

    x: np.ndarray
    y: np.ndarray
    names: tuple[str, ...]
    ends: np.ndarray
    told: str


def read_csv(data: bytes, most: int = MOST) -> PointTable:
    """Return the table of a file: two to six columns of numbers, and the class in the last one.

    The two columns before the class come first, then those before them, the last four at most;
    columns of words are left out. Of more than `most` rows some are taken evenly, the fewer the
    more columns there are. Commas, semicolons and tabs separate, the first row may be a heading.
    Raises `DataError` saying which row cannot be read.
    """
    if len(data) > MOST_BYTES:
        raise DataError(f"the file is larger than {MOST_BYTES // 1000} kB.")
    rows, decimal = _rows(data)
    if not rows:
        raise DataError("the file is empty.")
    heading = [] if any(map(_is_number, rows[0][1][:-1])) else rows[0][1]
    rows = rows[1:] if heading else rows
    if len(rows) < 2:
        raise DataError("at least two rows of numbers are needed to learn from.")
    _check_cells(rows)
    places, left = _features(rows)
    table = _numbers_of(rows, places)
    classes = sorted({cells[-1].strip() for _, cells in rows})
    if len(classes) != 2:
        raise DataError(f"the last column has {len(classes)} different values; 2 are needed.")
    y = np.array([float(cells[-1].strip() == classes[1]) for _, cells in rows])
    names = tuple(_name(heading, place, k) for k, place in enumerate(places))
    ends = np.stack([table.min(axis=0), table.max(axis=0)], axis=1)
    few = max(2, 3 * most // (len(places) + 1))
    kept = np.unique(np.linspace(0, len(table) - 1, min(few, len(table))).astype(int))
    told = f"{len(table)} rows, {f'{few} of them taken evenly, ' if few < len(table) else ''}"
    told += f"{len(places)} features scaled to the window; 1 means “{classes[1][:LONGEST]}”."
    if decimal:
        told += " Commas in numbers are decimal."
    if left:
        told += f" Left out: {', '.join(_name(heading, place, -1) for place in left)[:80]}."
    return PointTable(_scaled(table)[kept], y[kept], names, ends, told)


def _rows(data: bytes) -> tuple[list[tuple[int, list[str]]], bool]:
    """Return the rows that are not empty, with their numbers in the file.

    Also whether some have a decimal comma, which is a point in what is returned.
    """
    text = data.decode("utf-8-sig", errors="replace").replace("\0", "")
    first = text.split("\n", 1)[0]
    separator = max(";\t,", key=first.count)
    try:
        table = list(csv.reader(text.splitlines(), delimiter=separator))
    except csv.Error:
        raise DataError("the file cannot be read as a table.") from None
    rows = [(i + 1, cells) for i, cells in enumerate(table) if any(c.strip() for c in cells)]
    decimal = separator != "," and any(_DECIMAL.fullmatch(c) for _, cells in rows for c in cells)
    if decimal:
        rows = [(i, [_with_point(cell) for cell in cells]) for i, cells in rows]
    return rows, decimal


def _with_point(cell: str) -> str:
    found = _DECIMAL.fullmatch(cell)
    return f"{found[1]}.{found[2]}" if found else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _check_cells(rows: list[tuple[int, list[str]]]) -> None:
    """Raise `DataError` for a row with too few cells, or with others than the first."""
    whole = len(rows[0][1])
    for number, cells in rows:
        if len(cells) < 3:
            raise DataError(
                f"row {number} has {len(cells)} cells; two features and a class make 3."
            )
        if len(cells) != whole:
            raise DataError(f"row {number} has {len(cells)} cells; the first has {whole}.")


def _features(rows: list[tuple[int, list[str]]]) -> tuple[list[int], list[int]]:
    """Return the columns that are features, those for the plane first, and those left out."""
    columns = range(len(rows[0][1]) - 1)
    numeric = [
        c for c in columns if 2 * sum(_is_number(cells[c]) for _, cells in rows) >= len(rows)
    ]
    if len(numeric) < 2:
        raise DataError("fewer than two columns before the last one hold numbers.")
    used = numeric[-COLUMNS:]
    chosen = used[-2:] + used[:-2]
    return chosen, [c for c in columns if c not in chosen]


def _numbers_of(rows: list[tuple[int, list[str]]], places: list[int]) -> np.ndarray:
    """Return the features as numbers `(n, d)`."""
    found = []
    for number, cells in rows:
        picked = [cells[place] for place in places]
        if not all(map(_is_number, picked)) or not np.isfinite([float(c) for c in picked]).all():
            raise DataError(f"row {number}: a feature is not a finite number.")
        found.append([float(cell) for cell in picked])
    return np.array(found)


def _name(heading: list[str], place: int, k: int) -> str:
    """Return the name of a column, made fit for a page; a number where it has none."""
    text = _UNFIT.sub("", heading[place]).strip()[:LONGEST] if place < len(heading) else ""
    return text or (f"x{k + 1}" if k >= 0 else f"column {place + 1}")


def _scaled(x: np.ndarray) -> np.ndarray:
    """Return the columns moved and stretched to ±5; a column that does not vary becomes zero."""
    lo, hi = x.min(axis=0) / 2, x.max(axis=0) / 2  # halves: the difference of two may overflow
    flat = hi - lo <= 1e-12 * np.maximum(np.abs(lo), np.abs(hi))
    return np.where(flat, 0.0, 10 * ((x / 2 - lo) / np.where(flat, 1.0, hi - lo)) - 5)
