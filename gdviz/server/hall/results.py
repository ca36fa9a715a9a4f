"""How a hall has guessed: counts, a histogram, a sentence, and a table."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gdviz.catalogue import lookup
from gdviz.catalogue.question import Guess, Question, distance, score, shares
from gdviz.queries import from_query

BINS = 20
NEAR = 0.1  # parts of the range; such a guess scores 60 at least


def questions_at(page: str, query: str) -> tuple[Question, ...]:
    """Return the questions of a page at the settings of a query, with their answers."""
    return lookup.questions(from_query(lookup.settings(page), query))


def told_of(question: Question, guesses: Sequence[Guess]) -> dict[str, Any]:
    """Return what everybody is told at the reveal: the answer, the counts, a sentence on them."""
    return {
        "answers": question.answers,
        "text": question.told,
        "words": in_words(question, guesses),
        "counts": counts_of(question, guesses),
    }


def counts_of(question: Question, guesses: Sequence[Guess]) -> list[int]:
    """Return how many chose each choice; for a value, how many lie in each of `BINS` equal parts.

    The parts are equal as they look on its axis. For a point they are of its distance from the
    nearest answer, from 0 to 1.
    """
    if question.kind == "choice":
        chosen = [int(guess[0]) for guess in guesses]
        return np.bincount(chosen, minlength=len(question.choices)).tolist()
    one = len(question.low) == 1
    parts = [shares(question, guess)[0] if one else distance(question, guess) for guess in guesses]
    return np.histogram(parts, BINS, (0.0, 1.0))[0].tolist()


def in_words(question: Question, guesses: Sequence[Guess]) -> str:
    """Return a sentence on the guesses."""
    n = len(guesses)
    if not n:
        return "Nobody has guessed."
    if question.kind == "choice":
        counts = counts_of(question, guesses)
        most = max(counts)
        names = [c for c, count in zip(question.choices, counts, strict=True) if count == most]
        right = sum(distance(question, guess) == 0 for guess in guesses)
        said = f"{most} of {n} said {names[0]}" if len(names) == 1 else f"{n} are of divided minds"
        return f"{said}; {right} of {n} {'is' if right == 1 else 'are'} right."
    near = sum(distance(question, guess) <= NEAR for guess in guesses)
    where = "window" if question.kind == "point" else "axis"
    return f"{near} of {n} {'is' if near == 1 else 'are'} off by a tenth of the {where} or less."


def as_csv(question: Mapping[str, Any], told: Mapping[str, Any], guesses: Sequence[Guess]) -> str:
    """Return a table of the guesses after the reveal: each with its distance and its score."""
    whole = Question(**question, answers=tuple(map(tuple, told["answers"])), told=told["text"])
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    names = ["x", "y"] if whole.kind == "point" else [whole.kind]
    write(["guess", *names, "distance", "score"])
    for number, guess in enumerate(guesses, 1):
        said = [whole.choices[int(guess[0])]] if whole.kind == "choice" else list(guess)
        write([number, *map(_harmless, said), distance(whole, guess), score(whole, guess)])
    return text.getvalue()


def _harmless(cell: str | float) -> str | float:
    """Return a cell that no spreadsheet takes for a formula: a choice may be a visitor's text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell
