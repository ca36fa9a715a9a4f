"""How a hall has guessed: counts, a histogram, a sentence, and a table."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.catalogue import lookup
from gdviz.catalogue.question import Guess, Question, distance, score, shares
from gdviz.queries import from_query

BINS = 20
NEAR = 0.1  # parts of the range; such a guess scores 60 at least
LIMITS = (0.05, NEAR, 0.25)  # parts of the window between which points are counted
APART = ("off by 5 % of the window or less", "by 5 to 10 %", "by 10 to 25 %", "by more")
SAME = 1e-9  # parts of the range by which no place is nearer than another
BETWEEN, OTHERS = "halfway between two", "others"
MOST_GROUPS = 6  # places that are told one by one


def questions_at(page: str, query: str) -> tuple[Question, ...]:
    """Return the questions of a page at the settings of a query, with their answers."""
    return lookup.questions(from_query(lookup.settings(page), query))


def told_of(question: Question, guesses: Sequence[Guess]) -> dict[str, Any]:
    """Return what everybody is told at the reveal: the answer, the counts, a sentence on them."""
    return {
        "answers": question.answers,
        "text": question.told,
        "words": in_words(question, guesses),
        "groups": groups_of(question, guesses),
        "counts": counts_of(question, guesses),
    }


class Group(NamedTuple):
    """Guesses that say the same: in which words, how many there are, whether it is the answer."""

    name: str
    size: int
    right: bool


def groups_of(question: Question, guesses: Sequence[Guess]) -> list[Group]:
    """Return how many said what: the choice, the nearest place, or how near a point is.

    Nothing is said of values on an axis without places: `counts_of` has them.
    """
    if question.kind == "choice":
        names = list(question.choices)
        right = {int(answer[0]) for answer in question.answers}
        said = [int(guess[0]) for guess in guesses]
    elif len(question.places) > 1:
        names = [*(name for name, _ in question.places), BETWEEN]
        right = {_nearest(question, answer) for answer in question.answers} - {len(names) - 1}
        said = [_nearest(question, guess) for guess in guesses]
    elif question.kind == "point":
        names, right = list(APART), {0}
        said = np.searchsorted(LIMITS, [distance(question, guess) for guess in guesses]).tolist()
    else:
        return []
    counts = np.bincount(np.array(said, dtype=int), minlength=len(names)).tolist()
    pairs = enumerate(zip(names, counts, strict=True))
    groups = [Group(name, count, i in right) for i, (name, count) in pairs]
    return _shown(groups) if BETWEEN in names else groups


def _nearest(question: Question, at: Guess) -> int:
    """Return the number of the place that is nearest; that behind the last if two are as near."""
    here = shares(question, at)
    ways = [math.dist(here, shares(question, place)) for _, place in question.places]
    first, second = np.argsort(ways)[:2].tolist()
    return first if ways[second] - ways[first] > SAME else len(ways)


def _shown(groups: list[Group]) -> list[Group]:
    """Return the groups that somebody is in, the largest first, and that of the answer."""
    seen = sorted((g for g in groups if g.size or g.right), key=lambda g: -g.size)
    kept = [g for i, g in enumerate(seen) if i < MOST_GROUPS or g.right]
    rest = sum(g.size for g in seen) - sum(g.size for g in kept)
    return [*kept, Group(OTHERS, rest, False)] if rest else kept


def counts_of(question: Question, guesses: Sequence[Guess]) -> list[int]:
    """Return how many values lie in each of `BINS` parts of an axis that look equal on it."""
    if len(question.low) != 1:
        return []
    return np.histogram([shares(question, at)[0] for at in guesses], BINS, (0.0, 1.0))[0].tolist()


def in_words(question: Question, guesses: Sequence[Guess]) -> str:
    """Return a sentence on the guesses."""
    n, groups = len(guesses), groups_of(question, guesses)
    if not n:
        return "Nobody has guessed."
    if question.kind == "choice":
        right = sum(group.size for group in groups if group.right)
        return f"{_most(groups, n, 'said ')}; {right} of {n} {_are(right)} right."
    if len(question.places) > 1:
        return _by_places(groups, n)
    near = sum(distance(question, guess) <= NEAR for guess in guesses)
    where = "window" if question.kind == "point" else "axis"
    return f"{near} of {n} {_are(near)} off by a tenth of the {where} or less."


def _by_places(groups: Sequence[Group], n: int) -> str:
    """Return how many lie nearest to which place, and how many share theirs with the answer."""
    right = sum(group.size for group in groups if group.right)
    said = _most([group for group in groups if group.name != OTHERS], n, "lie nearest to ")
    if not any(group.right for group in groups):
        return f"{said}; the answer lies {BETWEEN}."
    return f"{said}; {right} of {n} {'lies' if right == 1 else 'lie'} with the answer."


def _most(groups: Sequence[Group], n: int, said: str) -> str:
    """Return what most have said."""
    count = max(group.size for group in groups)
    first, *more = [group.name for group in groups if group.size == count]
    if more:
        return f"{n} are of divided minds"
    said = "lie " if first == BETWEEN else said
    return f"{count} of {n} {said.replace('lie ', 'lies ') if count == 1 else said}{first}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


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
