"""Which sign of a table is the decimal one, a point or a comma, by what its cells ask for."""

from collections.abc import Sequence

from gdviz.learn.column_types import Guess, quote
from gdviz.learn.numerals import (
    EITHER,
    NumeralStyle,
    Votes,
    decimal_of,
    fits,
    taken_apart,
    value_of,
    votes_of,
)

DEGREES = {"lat", "latitude", "lon", "lng", "long", "longitude", "breitengrad", "längengrad"}


def decimal_sign(
    rows: Sequence[Sequence[str]], names: Sequence[str], separator: str, notes: list[str]
) -> tuple[str, bool]:
    """Return the decimal sign that most cells ask for, and whether none asks; note a guess."""
    cells = [cell for row in rows for cell in row if "," in cell or "." in cell]
    votes = votes_of(cells)
    decimal = votes.decimal or _usual(rows, names, votes, separator)
    if decimal == "," and votes.comma + votes.either_comma:
        notes.append(Guess(_of_commas(cells, votes)))
    elif decimal == "." and votes.either_point and not votes.point:
        notes.append(Guess(_of_points(cells)))
    return decimal, votes.decimal is None


def _usual(
    rows: Sequence[Sequence[str]], names: Sequence[str], votes: Votes, separator: str
) -> str:
    """Return the decimal sign of cells that can be read with either.

    Degrees of latitude and longitude tell, and a column that groups digits. Else it is the comma
    where semicolons separate the cells, so that 250.000 is a quarter of a million: who writes a
    comma for the decimal sign needs them.
    """
    columns = list(zip(*rows, strict=False))
    for name, column in zip(names, columns, strict=False):
        if name.strip().lower() in DEGREES and any("." in cell for cell in column):
            return "."
    signs = {sign for column in columns if (sign := _grouped_by(column))}
    if len(signs) == 1:
        return "," if signs == {"."} else "."
    if separator == ";" and votes.either_comma + votes.either_point:
        return ","
    return "," if separator != "," and votes.either_comma > votes.either_point else "."


def _grouped_by(column: Sequence[str]) -> str | None:
    """Return the sign that can only group the digits of a column, None where it may be decimal.

    Beside whole numbers below a thousand all others have three digits behind the sign: decimals,
    cut to three places or not, would also have other lengths.
    """
    bodies = [found.body for found in map(taken_apart, column) if found]
    signed = [body for body in bodies if not body.isdigit()]
    whole = [body for body in bodies if body.isdigit()]
    signs = {sign for body in signed for sign in body if not sign.isdigit()}
    if len(signed) < 2 or not whole or len(signs) != 1 or max(map(len, whole)) > 3:
        return None
    sign = signs.pop()
    alike = sign in ".," and all(decimal_of(body) == EITHER for body in signed)
    return sign if alike else None


def _examples(cells: Sequence[str], sign: str, decimal: str) -> str:
    """Return a cell with a sign, and as what it was read, if there is one."""
    for cell in cells:
        found = taken_apart(cell)
        if found and sign in found.body and fits(found.body, NumeralStyle(decimal)):
            value = found.sign * value_of(found.body, NumeralStyle(decimal))
            return f": {quote(cell.strip())} was read as {value:.10g}"
    return ""


def _of_commas(cells: Sequence[str], votes: Votes) -> str:
    """Say that commas are decimal, and that they may be meant otherwise where all could be."""
    said = f"Numbers have a decimal comma{_examples(cells, ',', ',')}."
    if points := _examples(cells, ".", ","):
        said += f" The point separates thousands{points}."
    if not votes.comma:
        said += " If the comma separates thousands, choose the point for the decimal sign."
    return said


def _of_points(cells: Sequence[str]) -> str:
    return (
        f"Numbers have a decimal point{_examples(cells, '.', '.')}. If the point separates "
        "thousands, choose the comma for the decimal sign."
    )
