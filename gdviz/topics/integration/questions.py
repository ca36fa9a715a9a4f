"""What the page of integration asks before a rule is seen at work."""

import math

import numpy as np

from gdviz.catalogue.question import Questions, ask_choice, ask_place
from gdviz.numerals import number
from gdviz.probability import Estimate, ProbabilityError
from gdviz.probability.estimate import is_vague
from gdviz.probability.rules import RULE_LABELS
from gdviz.topics.integration.question import Answer, answer, estimate, question
from gdviz.topics.integration.settings import Integration

SIDES = ("Too small", "Right to nine digits", "Too large")
RIGHT, WRONG = 1e-9, 1e-8  # of a true value: off by so little, and by more than can be doubted
CLEAR = 10  # times the error of a true value: so far off a rule is on one side of it
KINDS = ("A number", "+∞", "−∞", "It does not exist")


def questions(spec: Integration) -> Questions:
    """Return what can be asked: the area as a height, on which side the rule errs, or whether."""
    found = answer(spec)
    return (*_height(spec, found), *_exists(spec, found), *_side(spec, found.truth))


def _height(spec: Integration, found: Answer) -> Questions:
    """Ask for the mean height of the curve over a finite range."""
    asked, truth = question(spec), found.truth
    wide = asked.hi - asked.lo
    if truth is None or is_vague(truth) or not 0 < wide < math.inf:
        return ()
    height = asked.sign * truth.value / wide
    text = "How high is the rectangle over the range that is as large as the area of the curve?"
    told = (
        f"{asked.label} = {number(truth.value)}: a rectangle {number(wide)} wide and "
        f"{number(height)} high."
    )
    return ask_place("height", text, "y", (height,), told)


def _exists(spec: Integration, found: Answer) -> Questions:
    """Ask whether an infinite range has an integral at all."""
    if spec.reach == "ab" or spec.quantity == "probability":
        return ()
    if found.is_open:
        return ()
    if found.truth is None:
        right = 3 if math.isnan(found.infinite) else 1 if found.infinite > 0 else 2
        told = f"{found.in_words}. {found.reason}"
    elif is_vague(found.truth):
        return ()
    else:
        right, told = 0, f"It is a number, {number(found.truth.value)}."
    return ask_choice("exists", "What is its true value?", KINDS, {right}, told)


def _side(spec: Integration, truth: Estimate | None) -> Questions:
    """Ask on which side of the truth the rule is, where that is beyond doubt."""
    try:
        value = estimate(spec).value
    except ProbabilityError:
        return ()
    if truth is None or truth.value == 0 or is_vague(truth) or not np.isfinite(value):
        return ()
    off, size = value - truth.value, abs(truth.value)
    if abs(off) <= RIGHT * size and truth.error <= RIGHT * size:
        right = 1
    elif abs(off) > max(WRONG * size, CLEAR * truth.error):
        right = 0 if off < 0 else 2
    else:
        return ()
    told = f"{RULE_LABELS[spec.rule]} gives {number(value, 6)}, the truth is "
    text = f"What will {RULE_LABELS[spec.rule]} give?"
    return ask_choice("side", text, SIDES, {right}, f"{told}{number(truth.value, 6)}.")
