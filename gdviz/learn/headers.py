"""Does the first row of a table hold the names of its columns, or is it a row like the others?

Each column votes: a word over numbers is a name, a number over numbers is a value.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from gdviz.learn.numerals import LONGEST, canonical, decimal_of, is_infinite, is_plain, taken_apart

MISSING = {"", "na", "n/a", "n.a.", "nan", "-nan", "null", "<na>", "#n/a", "#na", "missing"}
UNCLEAR = {
    "none", "nil", "-", "--", "?", ".", "..", "...", ":", "*", "#div/0!", "#value!", "#ref!",
    "#num!", "#n/d", "unknown", "nd", "n/d", "n.d.", "k.a.", "k. a.",
}  # fmt: skip
DATE = re.compile(
    r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[ T].*)?"
    r"|[0-9]{1,2}[-./][0-9]{1,2}[-./](?:[0-9]{4}|[0-9]{2})(?: .*)?"
)
YEARS = (1500, 2200)
MOSTLY = 0.5  # the share of a column's cells that says what the column holds

NUMBER, DATED, ABSENT, WORD = "number", "date", "missing", "word"


class HeaderGuess(NamedTuple):
    """Whether the first row holds names, and whether that can be doubted."""

    has_header: bool
    is_doubtful: bool


def is_date(cell: str) -> bool:
    """Tell whether a cell is a date in figures."""
    return len(cell) <= LONGEST and bool(DATE.fullmatch(cell.strip()))


def is_missing(cell: str) -> bool:
    """Tell whether a cell stands for a missing value."""
    word = canonical(cell[: LONGEST + 1]).lower()
    return word in MISSING or word in UNCLEAR


def kind_of(cell: str) -> str:
    """Tell what a cell is: a number, a date, missing, or a word."""
    if is_plain(cell):
        return NUMBER
    if is_missing(cell):
        return ABSENT
    if is_date(cell):
        return DATED
    found = taken_apart(cell)
    if (found and decimal_of(found.body) != "neither") or is_infinite(cell.strip()):
        return NUMBER
    return WORD


def header_of(rows: Sequence[Sequence[str]]) -> HeaderGuess:
    """Tell whether the first of some rows holds the names of the columns."""
    first, below = rows[0], rows[1:]
    if len(below) > 1 and not first[0].strip() and counts_rows(below) and _counts(first[1:]):
        return HeaderGuess(True, True)  # as pandas writes columns that have numbers for names
    if not below:
        values = sum(kind_of(cell) in (NUMBER, DATED) for cell in first)
        return HeaderGuess(values < max(len(first) / 2, 1), bool(values))
    votes = [_vote(cell, [row[i] for row in below if i < len(row)]) for i, cell in enumerate(first)]
    has_header = sum(votes) >= 0 and (max(votes) > 0 or min(votes) == 0)
    return HeaderGuess(has_header, min(votes) < 0 or max(votes) <= 0)


def counts_rows(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether each row begins with its own number."""
    return _counts([row[0] for row in rows])


def _counts(cells: Sequence[str]) -> bool:
    """Tell whether cells are 0, 1, 2 … or 1, 2, 3 …"""
    said = [cell.strip() for cell in cells]
    return any(said == [str(start + i) for i in range(len(said))] for start in (0, 1))


def _vote(cell: str, below: Sequence[str]) -> int:
    """Return +1 for a cell that names its column, −1 for one of its values, 0 where both can be."""
    own, theirs = kind_of(cell), _common([kind_of(value) for value in below])
    if theirs == WORD:
        return -1 if own == WORD and cell.strip() in {value.strip() for value in below} else 0
    if theirs == ABSENT or not cell.strip():
        return 0
    if own == WORD:
        return 1
    if theirs == NUMBER and own == DATED:
        return 1  # a column for each day
    if own == NUMBER and theirs == NUMBER:
        return 0 if _is_year(cell) and not all(map(_is_year, below)) else -1
    return -1 if own in (theirs, ABSENT) else 0


def _common(kinds: Sequence[str]) -> str:
    """Return the kind of most cells that are not missing; words where no other has the most."""
    known = [kind for kind in kinds if kind != ABSENT]
    if not known:
        return ABSENT
    return next((k for k in (NUMBER, DATED) if known.count(k) > MOSTLY * len(known)), WORD)


def _is_year(cell: str) -> bool:
    text = cell.strip()
    return len(text) == 4 and text.isdigit() and YEARS[0] <= int(text) <= YEARS[1]
