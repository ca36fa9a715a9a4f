"""A prediction of many features, and one update of them, as formulas with their numbers."""

from collections.abc import Sequence

import numpy as np

LARGEST = 3  # parts of a sum that are written out


def prediction_latex(names: Sequence[str], z: np.ndarray, w: np.ndarray, bias: float) -> str:
    """Return ŷ = b + Σ wⱼzⱼ of one row in LaTeX, with its largest parts; the rest is one number."""
    parts = w * z
    order = np.argsort(-np.abs(parts), kind="stable")
    terms = [
        rf"\underbrace{{{_signed(w[j])}\cdot{_bracketed(z[j])}}}_{{{_word(names[j])}}}"
        for j in order[:LARGEST]
    ]
    rest = float(parts[order[LARGEST:]].sum())
    end = [rf"\underbrace{{{_signed(rest)}}}_{{\text{{the others}}}}"] if len(w) > LARGEST else []
    total = float(bias + parts.sum())
    return (
        r"\hat y = b + \sum_j w_j z_j = "
        + " ".join([_number(bias), *terms, *end])
        + (rf" = {_number(total)}")
    )


def update_latex(name: str, before: float, after: float, slope: float) -> str:
    """Return one weight before and after an update, and the slope of the loss there, in LaTeX."""
    word = _word(name)
    return (
        rf"\frac{{\partial F}}{{\partial w_{{{word}}}}} = {_number(slope)},\qquad "
        rf"w_{{{word}}}:\ {_number(before)} \to {_number(after)}"
    )


def _number(value: float) -> str:
    text = f"{value:.4g}"
    if "e" not in text:
        return text
    digits, power = text.split("e")
    return rf"{digits}\cdot 10^{{{int(power)}}}"


def _signed(value: float) -> str:
    return f"+ {_number(value)}" if value >= 0 else f"- {_number(-value)}"


def _bracketed(value: float) -> str:
    return _number(value) if value >= 0 else rf"({_number(value)})"


def _word(name: str) -> str:
    """Return a name of a column as text of a formula; signs that mean something there are left."""
    plain = "".join(c if c.isalnum() or c in " .^²-" else " " for c in name)[:24].strip()
    return rf"\text{{{plain.replace('^', ' ')}}}"
