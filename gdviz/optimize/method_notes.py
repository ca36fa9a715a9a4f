"""What each method is, in a sentence and a year, by groups: for who chooses among many."""

from typing import NamedTuple

from gdviz.optimize.methods import LABELS


class MethodNote(NamedTuple):
    """The year in which a method was published, and what it does, in a sentence."""

    year: int
    sentence: str


_N = MethodNote
NOTES: dict[str, dict[str, MethodNote]] = {
    "Plain and with momentum": {
        "gd": _N(1847, "A step down the slope, η times as long as the gradient."),
        "heavy_ball": _N(1964, "The gradient pushes a velocity, which keeps a share of itself."),
        "nesterov": _N(1983, "A velocity that looks one step ahead."),
        "qhm": _N(2019, "A mixture of the gradient and its mean."),
        "signsgd": _N(2018, "Only the signs of the gradient: each step is η long per coordinate."),
        "lion": _N(2023, "The sign of a mixture of gradient and mean, found by a search."),
        "sam": _N(2021, "The gradient of a point a little uphill, to look for flat minima."),
        "lars": _N(2017, "Momentum, with steps in proportion to the size of each layer."),
        "schedule_free_sgd": _N(2024, "An average of all points replaces the schedule of η."),
    },
    "A rate for each coordinate": {
        "rprop": _N(1993, "A stride that grows while the sign stays, and shrinks when it turns."),
        "adagrad": _N(2011, "Divided by the root of all squared gradients so far."),
        "rmsprop": _N(2012, "Divided by the root of a mean of squares, which forgets."),
        "adadelta": _N(2012, "Steps in the unit of x: a ratio of two root mean squares."),
        "adam": _N(2015, "A mean of gradients over the root of a mean of squares."),
        "adamax": _N(2015, "Adam with the largest gradient for the mean square."),
        "nadam": _N(2016, "Adam with Nesterov's look ahead."),
        "amsgrad": _N(2018, "Adam that never forgets its largest mean square."),
        "yogi": _N(2018, "Adam whose mean square shrinks slowly."),
        "adafactor": _N(2018, "Steps in proportion to the size of x; little memory."),
        "adamw": _N(2019, "Adam with a weight decay of its own."),
        "adabound": _N(2019, "Adam whose rates close in on one rate."),
        "qhadam": _N(2019, "Adam with mixtures for both means."),
        "lookahead": _N(2019, "Adam that returns every few steps towards a slow point."),
        "radam": _N(2020, "Adam that trusts its squares once it has enough of them."),
        "adabelief": _N(2020, "Adam divided by how far gradients surprise their mean."),
        "lamb": _N(2020, "Adam's direction, with steps as long as each layer asks."),
    },
    "Of the last years": {
        "d_adaptation": _N(2023, "Adam that guesses its rate from the way it has come."),
        "prodigy": _N(2024, "D-Adaptation with a quicker guess."),
        "adan": _N(2024, "Adam with a mean of the differences of gradients."),
        "adopt": _N(2024, "Adam divided by the squares before this gradient."),
        "cautious_adamw": _N(2024, "AdamW whose coordinates wait while the mean points uphill."),
        "mars": _N(2024, "AdamW on gradients corrected by the one before."),
        "schedule_free_adamw": _N(2024, "AdamW with an average of all points for a schedule."),
        "ademamix": _N(2025, "Adam with a second, much slower mean."),
    },
    "Their own length of step": {
        "backtracking": _N(1966, "Gradient descent that shortens a step until it pays."),
        "polyak": _N(1987, "The length at which a line along the gradient reaches f*."),
        "barzilai_borwein": _N(1988, "The length by the curvature along the last step."),
    },
    "By curvature": {
        "newton_plain": _N(1740, "To the point where a parabola is level, be it a top."),
        "newton": _N(1967, "Newton's step made to descend, and shortened until it pays."),
        "natural_gradient": _N(1998, "The slope measured by how far the law of the data moves."),
        "gauss_newton": _N(1809, "Newton for sums of squares, without second derivatives."),
        "levenberg_marquardt": _N(1944, "Gauss-Newton, damped as far as it needs to be."),
        "trust_region": _N(1970, "The least of a model on a bent path inside a disk of trust."),
        "sophia": _N(2024, "A mean of gradients over H's diagonal; η bounds each coordinate."),
        "conjugate_gradient": _N(1969, "Directions that do not undo each other."),
        "bfgs": _N(1970, "Newton with the curvature learnt from its steps."),
        "lbfgs": _N(1980, "BFGS that remembers only the last steps."),
    },
    "Without derivatives": {
        "golden_section": _N(1953, "A bracket on a line, shorter by 38 % a step."),
        "nelder_mead": _N(1965, "A triangle that reflects its worst corner."),
        "cma_es": _N(1996, "A cloud of random points, fitted to its better half."),
    },
}


def method_order() -> list[str]:
    """Return all methods, one group after the other, and last those without a note."""
    return list(dict.fromkeys([*(name for notes in NOTES.values() for name in notes), *LABELS]))


def find_methods(words: str) -> dict[str, list[str]]:
    """Return the methods in which all words occur, by group: in name, year, sentence or group.

    >>> find_methods("disk")
    {'By curvature': ['trust_region']}
    """
    found = {}
    for group, notes in NOTES.items():
        texts = {
            name: f"{name} {LABELS[name]} {note.year} {note.sentence} {group}".casefold()
            for name, note in notes.items()
        }
        asked = words.casefold().split()
        fitting = [name for name, text in texts.items() if all(w in text for w in asked)]
        if fitting:
            found[group] = fitting
    return found
