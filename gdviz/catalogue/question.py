"""A question about a run: what is asked, how it is answered by hand, and how far a guess is off."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Guess = tuple[float, ...]  # (x, y) of a point, (value,) on an axis, (index,) of a choice
Places = Sequence[tuple[str, Guess]]  # what a picture has at places, each with its name


class Question(NamedTuple):
    """A question whose answer the run knows; the one who guesses sees only its first step.

    `kind` is "point" (a place in the panel), "x" or "y" (a value on that axis of it) or "choice"
    (one of `choices`). `low` and `high` bound a guess, one number for each of its coordinates:
    the axes of the picture set them (`in_view`). On an axis that is among `logs` a guess is as far
    off as it looks there. `answers` are all that are right: two lowest valleys are two. `told` says
    the answer in words. By `places`, such as the minima, the guesses of many are told apart.
    """

    id: str
    text: str
    kind: str
    answers: tuple[Guess, ...]
    told: str
    low: Guess = ()
    high: Guess = ()
    choices: tuple[str, ...] = ()
    panel: int = 0
    logs: tuple[bool, ...] = ()
    places: Places = ()


Questions = tuple[Question, ...]
AXES = {"point": "xy", "x": "x", "y": "y"}


def ask_place(
    name: str,
    text: str,
    kind: str,
    at: Sequence[float],
    told: str,
    panel: int = 0,
    places: Places = (),
) -> Questions:
    """Ask where in a panel something is: a "point" `(x, y)`, or a value `(v,)` on its "x" or "y".

    Nothing is asked of what is not finite.
    """
    answer = tuple(float(value) for value in at)
    found = Question(name, text, kind, (answer,), told, panel=panel, places=tuple(places))
    return (found,) if all(map(math.isfinite, answer)) else ()


def ask_choice(
    name: str, text: str, choices: Sequence[str], right: Collection[int], told: str
) -> Questions:
    """Ask for one of `choices`, of which those at the places `right` are; nothing if all are."""
    answers = tuple((float(index),) for index in sorted(right))
    found = Question(name, text, "choice", answers, told, choices=tuple(choices))
    return (found,) if 0 < len(answers) < len(choices) else ()


def in_view(question: Question, layout: Mapping[str, Any]) -> Questions:
    """Return a question bounded by the axes of its panel; nothing if an answer lies beyond them.

    `layout` is that of the Plotly figure behind the run, whose panels may share the first x axis.
    """
    if question.kind == "choice":
        return (question,)
    ends, logs = [], []
    for name in AXES[question.kind]:
        own = f"{name}axis{question.panel + 1 if question.panel else ''}"
        axis = layout.get(own, layout["xaxis"] if name == "x" else {})
        if "range" not in axis:
            return ()
        logs.append(axis.get("type") == "log")
        ends.append(sorted(10.0**end if logs[-1] else float(end) for end in axis["range"]))
    low, high = zip(*ends, strict=True)
    found = question._replace(low=low, high=high, logs=tuple(logs))
    found = found._replace(places=tuple(p for p in found.places if is_valid(found, p[1])))
    return (found,) if all(is_valid(found, answer) for answer in found.answers) else ()


def as_guess(guess: Any) -> Guess:
    """Return a sequence of numbers as a guess; raise `ValueError` for anything else."""
    whole = isinstance(guess, Sequence | np.ndarray) and not isinstance(guess, str | bytes)
    if not whole or not all(isinstance(value, int | float | np.number) for value in guess):
        raise ValueError(f"a guess is a few numbers, such as (0.5,), not {guess!r:.40}.")
    return tuple(map(float, guess))


def is_valid(question: Question, guess: Guess) -> bool:
    """Tell whether a guess is one of the choices, or finite and within the bounds."""
    if question.kind == "choice":
        return len(guess) == 1 and guess[0] in range(len(question.choices))
    if len(guess) != len(question.low):
        return False
    return all(
        low <= value <= high
        for low, value, high in zip(question.low, guess, question.high, strict=True)
    )


def distance(question: Question, guess: Guess) -> float:
    """Return how far a guess is from the nearest answer, in parts of the range, 0 to 1.

    A wrong choice is 1 off. Raises `ValueError` for what is no guess of this question.
    """
    guess = as_guess(guess)
    if not is_valid(question, guess):
        raise ValueError(f"{guess} lies outside of what can be guessed.")
    if question.kind == "choice":
        return float(guess not in question.answers)
    here = shares(question, guess)
    return min(1.0, *(math.dist(here, shares(question, a)) for a in question.answers))


def shares(question: Question, at: Guess) -> list[float]:
    """Return how far along it lies between the bounds, from 0 to 1 in each coordinate."""
    sides = zip(question.low, question.high, at, question.logs, strict=True)
    return [
        math.log(v / low) / math.log(high / low) if log else (v - low) / (high - low)
        for low, high, v, log in sides
    ]


def score(question: Question, guess: Guess) -> int:
    """Return 100 for the answer, falling to 0 at a quarter of the range from it.

    Raises `ValueError` as `distance` does.
    """
    return round(100 * max(0.0, 1 - 4 * distance(question, guess)))
