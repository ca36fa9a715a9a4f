"""Numbers as people write them: signs, groups of digits, decimal commas, currencies, percents.

A cell is taken apart once into sign, digits, unit and percent. What its digits mean depends on the
decimal sign, and that is decided by its column: “1,5” has only one meaning, “1,500” has two.
Every pattern here is linear in the length of a cell, and no cell of more than `LONGEST` characters
reaches one.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

LONGEST = 100  # characters of a cell that may be a number
SHARES = {"%": 0.01, "‰": 0.001}
THOUSANDS = {",": "commas", ".": "points", " ": "gaps", "'": "apostrophes"}

_CANONICAL = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\t", " "),
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"),
        **dict.fromkeys("\ufeff\u200b\u200e\u200f\u2066\u2069", None),
        "\uff0b": "+",
        "\uff05": "%",
        "\u066a": "%",
        "\u066b": ".",
        "\u066c": "'",
    }
)
_CODES = (
    "USD EUR GBP JPY CHF CAD AUD INR CNY SEK NOK DKK PLN CZK HUF BRL MXN ZAR RUB TRY KRW SGD HKD "
    "NZD RON BGN ISK UAH ILS THB US$ R$ kr kr. zł Kč Ft Fr. Fr Rs. Rs"
).split()
_UNIT = "|".join(["[$€£¥₹₽₩₺₴₫₪฿₦₱¢]", *map(re.escape, _CODES)])
_CELL = re.compile(
    rf"(?P<open>\(?) ?(?P<sign>[+-]?) ?(?P<unit>{_UNIT})? ?(?P<inner>\(?)(?P<second>[+-]?) ?"
    r"(?P<body>[0-9.,](?:[0-9., '_]*[0-9.,])?(?:[eE][+-]?[0-9]+)?)"
    rf" ?(?P<leave>\)?) ?(?P<after>{_UNIT}|[%‰])? ?(?P<tail>[+-]?)(?P<close>\)?)"
)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_FIGURE = re.compile(r"(?![0-9])\d")  # of another script
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class Numeral(NamedTuple):
    """A cell that may be a number: its sign, its digits with what groups them, and its unit."""

    sign: int
    body: str
    unit: str
    dressed: str  # how the sign was written, if not by a plain one in front


def canonical(text: str) -> str:
    """Return a cell with one kind of minus, gap, apostrophe and digit."""
    if text.isascii():
        return text.strip()
    text = text.translate(_CANONICAL)
    return _FIGURE.sub(lambda figure: str(unicodedata.decimal(figure[0])), text).strip()


def is_infinite(text: str) -> bool:
    """Tell whether a cell says infinity."""
    if text[-1:] not in "fFyY":
        return False
    return len(text) <= LONGEST and bool(_INFINITE.fullmatch(text))


def is_plain(text: str) -> bool:
    """Tell whether a cell is a number as a program writes it: 5, -2.5, 1e9."""
    return len(text) <= LONGEST and bool(_PLAIN.fullmatch(text))


def taken_apart(text: str) -> Numeral | None:
    """Return the parts of a cell that may be a number, None for any other cell."""
    return parts_of(canonical(text)) if len(text) <= LONGEST else None


def parts_of(cell: str) -> Numeral | None:
    """Return the parts of a canonical cell that may be a number, None for any other cell."""
    if is_plain(cell):  # most cells are: the other pattern takes ten times as long
        return Numeral(-1 if cell[0] == "-" else 1, cell.lstrip("+-"), "", "")
    found = _CELL.fullmatch(cell) if len(cell) <= LONGEST else None
    if found is None:
        return None
    opened, sign, unit, inner, second, body, leave, after, tail, closed = found.groups("")
    if tail == "-" and body[-1] in ".,":
        tail = ""  # “50.–” and “50,-” are prices without cents
    signs, brackets = sign + second + tail, opened + inner + leave + closed
    if len(signs) + len(brackets) > 1 and (signs or brackets != "()"):
        return None
    if len(brackets) == 1 or (unit and after and after not in SHARES):
        return None
    dressed = "brackets mean minus" if brackets else "the sign stands behind" if tail else ""
    minus = brackets or signs == "-"
    return Numeral(-1 if minus else 1, body, f"{unit} {after}".strip(), dressed)


class NumeralStyle(NamedTuple):
    """How numbers are written: the decimal sign, and the signs that may group the digits."""

    decimal: str = "."
    thousands: str | None = None  # one of ", . ' " or a gap; "" for none, None for any

    @property
    def groups(self) -> str:
        """The signs that may stand between thousands."""
        every = ("," if self.decimal == "." else ".") + " '_"
        return every if self.thousands is None else self.thousands


@lru_cache(maxsize=64)
def _pattern(style: NumeralStyle) -> re.Pattern[str]:
    grouped = []
    for sign in map(re.escape, style.groups):
        grouped.append(rf"[1-9][0-9]{{0,2}}(?:{sign}[0-9]{{3}})+")
        grouped.append(rf"[1-9][0-9]?(?:{sign}[0-9]{{2}})+{sign}[0-9]{{3}}")  # India: 12,34,567
    point = re.escape(style.decimal)
    # Nobody groups the digits of a number with an exponent: 1.234e5 has one meaning.
    plain = rf"(?:[0-9]+(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    return re.compile(rf"{plain}|(?:{'|'.join(grouped) or '(?!)'})(?:{point}[0-9]*)?")


def fits(body: str, style: NumeralStyle) -> bool:
    """Tell whether digits are a number in a style."""
    return bool(_pattern(style).fullmatch(body))


@lru_cache(maxsize=8)
def _to_point(decimal: str) -> dict[int, int | None]:
    other = "," if decimal == "." else "."
    return str.maketrans(decimal, ".", other + " '_")


def value_of(body: str, style: NumeralStyle) -> float:
    """Return the number that digits are in a style which they fit."""
    return float(body.translate(_to_point(style.decimal)))


def is_number(cell: str, decimal: str) -> bool:
    """Tell whether a cell is a number, written with this decimal sign, whatever its unit."""
    found = taken_apart(cell)
    return found is not None and fits(found.body, NumeralStyle(decimal))


class Votes(NamedTuple):
    """How many cells can only be read with a point, only with a comma, and with either."""

    point: int = 0
    comma: int = 0
    either_point: int = 0
    either_comma: int = 0

    @property
    def decimal(self) -> str | None:
        """The decimal sign that more cells ask for; None where none asks."""
        if self.point == self.comma:
            return None
        return "," if self.comma > self.point else "."


# A whole number, which has no vote, or one whose point can only be a decimal sign.
_CLEAR = re.compile(r"[+-]?[0-9]{1,40}(\.(?:[0-9]{1,2}|[0-9]{4,40}))?")
_POINTS, _COMMAS = NumeralStyle("."), NumeralStyle(",")
POINT, COMMA, EITHER, NEITHER = "point", "comma", "either", "neither"


def decimal_of(body: str) -> str:
    """Tell which decimal sign digits can have: a point, a comma, either or neither."""
    for sign, kind in ((".", POINT), (",", COMMA)):
        whole, found, rest = body.partition(sign)
        if found and len(rest) != 3 and (whole + rest).isdigit() and body.isascii():
            return kind  # as most cells: no pattern is needed
    by_point, by_comma = fits(body, _POINTS), fits(body, _COMMAS)
    if by_point and by_comma:
        return EITHER
    return POINT if by_point else COMMA if by_comma else NEITHER


def votes_of(cells: Sequence[str]) -> Votes:
    """Return how cells vote for the decimal sign of their table."""
    known = [_CLEAR.fullmatch(cell) for cell in cells]  # most cells are: in a tenth of the time
    clear = sum(1 for found in known if found and found[1])
    others = [cell for cell, found in zip(cells, known, strict=True) if not found]
    bodies = [found.body for found in map(taken_apart, others) if found]
    kinds = [decimal_of(body) for body in bodies]
    either = [body for body, kind in zip(bodies, kinds, strict=True) if kind == EITHER]
    return Votes(
        clear + kinds.count(POINT),
        kinds.count(COMMA),
        sum("." in body for body in either),
        sum("," in body for body in either),
    )
