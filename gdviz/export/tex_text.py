"""Words of a figure as TeX: letters that TeX takes for commands, and the signs of mathematics."""

import re
import unicodedata
from html import unescape

from gdviz.export.typesetting import plain

ESCAPES = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
ESCAPES |= {mark: "\\" + mark for mark in "&%$#_{}"}
# The fonts that LaTeX begins with have other signs in the places of these three.
ESCAPES |= {"|": r"\textbar{}", "<": r"\textless{}", ">": r"\textgreater{}"}
_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot"}
_SIGNS = {
    "−": "-", "×": r"\times", "·": r"\cdot", "÷": r"\div", "±": r"\pm", "√": r"\surd",
    "∇": r"\nabla", "∂": r"\partial", "∞": r"\infty", "∑": r"\sum", "∏": r"\prod", "∫": r"\int",
    "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≈": r"\approx", "≡": r"\equiv", "∝": r"\propto",
    "→": r"\rightarrow", "←": r"\leftarrow", "↑": r"\uparrow", "↓": r"\downarrow",
    "↔": r"\leftrightarrow", "⇒": r"\Rightarrow", "∈": r"\in", "∉": r"\notin", "∀": r"\forall",
    "∃": r"\exists", "∪": r"\cup", "∩": r"\cap", "⊂": r"\subset", "ℓ": r"\ell", "′": "'",
    "″": "''", "‖": r"\Vert", "⟨": r"\langle", "⟩": r"\rangle", "°": r"^{\circ}", "∥": r"\Vert",
    "●": r"\bullet", "•": r"\bullet", "○": r"\circ", "∘": r"\circ", "◆": r"\diamond",
    "◇": r"\diamond", "▲": r"\triangle", "△": r"\triangle", "■": r"\blacksquare",
    "□": r"\square", "▦": r"\boxplus", "│": r"\vert", "┆": r"\vdots",
    "✕": r"\times", "✓": r"\checkmark", "★": r"\star", "☆": r"\star",
    "⟂": r"\perp", "⊥": r"\perp", "∼": r"\sim", "≪": r"\ll", "≫": r"\gg", "ϕ": r"\phi",
    "ϵ": r"\epsilon", "½": r"\tfrac12", "¼": r"\tfrac14", "¾": r"\tfrac34", "ⁿ": "^n",
}  # fmt: skip
_WORDS = {
    "€": "EUR", "–": "--", "—": "---", "…": r"\dots{}", "“": "``", "”": "''", "‘": "`", "’": "'",
    "\u00a0": "~", "\u2009": r"\,", "\u202f": r"\,", "\u2002": r"\enspace{}",
    "\u2003": r"\quad{}", "━": r"\rule[.5ex]{1.2em}{.3ex}", "─": r"\rule[.5ex]{1.2em}{.1ex}",
    "┅": r"\rule[.5ex]{.3em}{.3ex}\,\rule[.5ex]{.3em}{.3ex}\,\rule[.5ex]{.3em}{.3ex}",
    "╍": r"\rule[.5ex]{.5em}{.3ex}\,\rule[.5ex]{.5em}{.3ex}",
}  # fmt: skip
_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))  # they have no command


def tex_text(text: str) -> str:
    r"""Return words of a figure as TeX, without their markup.

    >>> tex_text("η = 0.1, x₁² <b>50%</b>")
    '$\\eta$ = 0.1, x$_{1}$$^{2}$ 50\\%'
    """
    found: list[str] = []
    for letter in unescape(plain(re.sub(r"<br ?/?>", " ", text))):
        if letter in _ACCENTS:
            below = found.pop().strip("$") if found else ""
            found.append(rf"$\{_ACCENTS[letter]}{{{below}}}$")
        else:
            found.append(_letter(letter))
    return "".join(found)


def _letter(letter: str) -> str:
    if letter.isascii():
        return ESCAPES.get(letter, letter)
    if letter in _SIGNS or letter in _WORDS:
        return f"${_SIGNS[letter]}$" if letter in _SIGNS else _WORDS[letter]
    kind, _, base = unicodedata.decomposition(letter).partition(" ")
    if kind in ("<sub>", "<super>"):
        inner = _letter(chr(int(base.split()[0], 16))).strip("$")
        return f"${'_' if kind == '<sub>' else '^'}{{{inner}}}$"
    name = unicodedata.name(letter, "")
    if greek := re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", name):
        command = greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
        command = {"lamda": "lambda", "Lamda": "Lambda"}.get(command, command)
        return f"${_LATIN.get(letter) or chr(92) + command}$"
    return letter  # a letter of a language, which TeX reads as UTF-8
