"""The texts of a column as numbers, by the one way of writing that fits them all."""

from typing import NamedTuple

import numpy as np

from gdviz.learn.column_types import quote
from gdviz.learn.csv_dialect import TableReading
from gdviz.learn.headers import MISSING, UNCLEAR
from gdviz.learn.numerals import (
    COMMA,
    EITHER,
    LONGEST,
    NEITHER,
    POINT,
    SHARES,
    Numeral,
    NumeralStyle,
    canonical,
    decimal_of,
    fits,
    is_infinite,
    parts_of,
    value_of,
)


class Numbers(NamedTuple):
    """What the distinct texts of a column are as numbers: nan where one is none."""

    values: np.ndarray
    is_number: np.ndarray
    is_missing: np.ndarray
    cells: list[Numeral | None]
    style: NumeralStyle
    is_scaled: bool
    mixed: str  # why the column is not one of numbers, though its cells are

    @property
    def is_word(self) -> np.ndarray:
        """Which texts are neither a number nor missing."""
        return ~self.is_number & ~self.is_missing


def numbers_of_texts(texts: np.ndarray, decimal: str, reading: TableReading) -> Numbers:
    """Return what distinct texts are as numbers, by the one way of writing that fits them all."""
    short = [canonical(text[: LONGEST + 1]) for text in texts]
    is_missing = np.array([w.lower() in MISSING or w.lower() in UNCLEAR for w in short])
    infinite = np.array([is_infinite(text) for text in texts])
    cells = [None if gone else parts_of(text) for text, gone in zip(short, is_missing, strict=True)]
    kinds = [decimal_of(cell.body) if cell else NEITHER for cell in cells]
    style = style_of(set(kinds), decimal, reading)
    cells = [
        cell if cell and _fits(cell, kind, style) else None
        for cell, kind in zip(cells, kinds, strict=True)
    ]
    scaled, mixed = _percents(cells, style)
    values = np.array([np.nan if c is None else _value(c, style, scaled) for c in cells])
    values[infinite] = np.inf
    is_number = np.array([cell is not None for cell in cells]) | infinite
    mixed = mixed or _too_long(cells)
    return Numbers(values, is_number, is_missing, cells, style, scaled, mixed)


def _fits(cell: Numeral, kind: str, style: NumeralStyle) -> bool:
    """Tell whether a cell is a number in a style, from the decimal sign that it can have."""
    own = POINT if style.decimal == "." else COMMA
    return kind in (EITHER, own) and (style.thousands is None or fits(cell.body, style))


def style_of(kinds: set[str], decimal: str, reading: TableReading) -> NumeralStyle:
    """Return how a column writes its numbers: as told, as its cells need it, or as the table."""
    if reading.decimal is not None or reading.thousands in (".", ","):
        return NumeralStyle(decimal, reading.thousands)
    if POINT in kinds and COMMA not in kinds:
        decimal = "."
    elif COMMA in kinds and POINT not in kinds:
        decimal = ","
    return NumeralStyle(decimal, reading.thousands)


def _value(cell: Numeral, style: NumeralStyle, scaled: bool) -> float:
    share = SHARES.get(cell.unit, 1.0) if scaled else 1.0
    return cell.sign * value_of(cell.body, style) * share


def _percents(cells: list[Numeral | None], style: NumeralStyle) -> tuple[bool, str]:
    """Tell whether percents stand beside shares of one, or why the two cannot be told apart."""
    known = [cell for cell in cells if cell]
    kinds = {cell.unit if cell.unit in SHARES else "" for cell in known}
    if len(kinds) < 2:
        return False, ""
    bare = [cell for cell in known if cell.unit not in SHARES]
    large = next((c for c in bare if value_of(c.body, style) > 1), None)
    if large is None:
        return True, ""
    percent = next(c for c in known if c.unit in SHARES)
    return False, (
        f"some of its numbers are shares, as “{percent.body} {percent.unit}”, and others are not, "
        f"as {quote(large.body)}. Write them alike."
    )


def _too_long(cells: list[Numeral | None]) -> str:
    """Return why integers are words: as numbers, some that differ would be the same."""
    long = [c for c in cells if c and len(c.body) > 15 and c.body.isdigit()]
    whole = {cell.sign * int(cell.body) for cell in long}
    if len(whole) == len(set(map(float, whole))):
        return ""
    return (
        f"its integers, as {quote(long[0].body)}, have more digits than a number keeps, and "
        "different ones would become the same."
    )
