"""Text to tokens: numbers, names and signs, each with its column; the first stranger is named."""

import re
from typing import NamedTuple

from gdviz.expressions.spelling import FRACTIONS, HINTS, SIGNS, SUPERSCRIPTS, exponent, fraction

TOKEN = re.compile(
    r" *(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*|π)|(?P<op>\*\*|//|[-+*/^(),])"
    rf"|(?P<exponent>[⁺⁻]?[{SUPERSCRIPTS}]+)|(?P<fraction>[{FRACTIONS}]))",
    re.ASCII,
)


class FormulaError(ValueError):
    """A formula that cannot be used; the message is one sentence for the person who typed it."""


class Token(NamedTuple):
    """A word of the formula: `kind` is number, name or op; `column` counts from 1."""

    kind: str
    text: str
    column: int


def tokenize(text: str) -> list[Token]:
    """Split `text` into tokens; raise FormulaError at the first character outside the grammar.

    Typographic signs are read as the plain ones, `x²` as `x**2` and `½` as `(1/2)`.
    """
    plain = text.translate(SIGNS)
    tokens: list[Token] = []
    position, end = len(plain) - len(plain.lstrip(" ")), len(plain.rstrip(" "))
    while position < end:
        match = TOKEN.match(plain, position, end)
        if match is None or match.lastgroup is None:
            raise unexpected_text(plain, position)
        kind = match.lastgroup
        tokens += written_out(kind, match[kind], match.start(kind) + 1, tokens)
        position = match.end()
    return tokens


def written_out(kind: str, text: str, column: int, before: list[Token]) -> list[Token]:
    """Return the tokens that one match stands for, all at its column."""
    if kind == "exponent":
        digits = exponent(text)
        sign = [Token("op", "-", column)] if digits[0] == "-" else []
        power = Token("number", digits.removeprefix("-"), column)
        return [Token("op", "**", column), *sign, power]
    if kind == "fraction":
        above, below = fraction(text)
        if before and before[-1].kind == "number":
            value = float(before[-1].text) + int(above) / int(below)
            raise FormulaError(
                f"`{text}` at column {column} stands next to a number: write {value:g}"
            )
        parts = (("op", "("), ("number", above), ("op", "/"), ("number", below), ("op", ")"))
        return [Token(part, word, column) for part, word in parts]
    return [Token(kind, text, column)]


def unexpected_text(text: str, position: int) -> FormulaError:
    """Describe the first character after `position` that is not a space."""
    while text[position] == " ":
        position += 1
    character = text[position]
    shown = f"`{character}`" if character.isprintable() else "an invisible character"
    if not character.isascii() or not character.isprintable():
        shown += f" (U+{ord(character):04X})"
    hint = HINTS.get(character, "use plain letters, digits, + - * / ** ( ) and commas")
    return FormulaError(f"{shown} at column {position + 1} is not part of a formula: {hint}")
