"""Questions that many pages ask: which is lowest, what share, at which step; only what is decided.

A tie, or a value at the limit between two choices, is not asked.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from gdviz.catalogue.question import Questions, ask_choice, ask_place
from gdviz.numerals import number

SAME, APART = 1e-9, 1e-3  # of the fall of the lowest: as low as it, and higher beyond doubt
NEAR = 0.005  # a share so near to a limit between two choices is not asked for
TURN = 1.02  # times its least an error must end at, to have turned


def ask_lowest(text: str, ends: Mapping[str, float], start: float, what: str) -> Questions:
    """Ask which of `ends` by name is the lowest, where all fell from at most `start`.

    What is lost ends at infinity. `what` is the name of the quantity.
    """
    values = np.array(list(ends.values()), dtype=float)
    best = float(values.min(initial=np.inf))
    fall = start - best
    if not np.isfinite(best) or not fall > 0:
        return ()
    same, apart = values - best <= SAME * fall, values - best > APART * fall
    if not (same | apart).all():
        return ()
    right, names = np.flatnonzero(same).tolist(), list(ends)
    told = f"{', '.join(names[i] for i in right)}: {what} {number(best)}; all others end higher."
    return ask_choice("lowest", text, names, right, told)


def ask_diverging(text: str, lost: Mapping[str, bool]) -> Questions:
    """Ask which of some runs by name diverge, where some do and some do not."""
    names = list(lost)
    right = [i for i, name in enumerate(names) if lost[name]]
    told = f"Lost: {', '.join(names[i] for i in right)}."
    return ask_choice("diverging", text, names, right, told)


def ask_lost(what: str, lost: bool, reason: str) -> Questions:
    """Ask whether a run diverges; `reason` says how it ended."""
    told = f"{'Yes' if lost else 'No'}. {reason}".strip()
    return ask_choice("lost", f"Does {what} diverge?", ("Yes", "No"), {0 if lost else 1}, told)


def ask_share(name: str, text: str, value: float, limits: Sequence[float], told: str) -> Questions:
    """Ask between which of some `limits` a share lies, 0 to 1."""
    if not np.isfinite(value) or min(abs(value - limit) for limit in limits) < NEAR:
        return ()
    ends = [f"{limit:.0%}" for limit in limits]
    between = [f"{low} to {high}" for low, high in zip(ends[:-1], ends[1:], strict=True)]
    choices = [f"Below {ends[0]}", *between, f"Above {ends[-1]}"]
    return ask_choice(name, text, choices, {int(np.searchsorted(limits, value))}, told)


def ask_turn(name: str, text: str, steps: np.ndarray, errors: np.ndarray, panel: int) -> Questions:
    """Ask at which of `steps` an error is least, where it falls before and rises after."""
    if not len(errors) or not np.isfinite(errors).all():
        return ()
    at = int(np.argmin(errors))
    least = float(errors[at])
    if not (errors[0] > TURN * least and errors[-1] > TURN * least):
        return ()
    step = number(steps[at])
    told = f"It is least at {step}, {number(least, 3)}, and ends at {number(errors[-1], 3)}."
    return ask_place(name, text, "x", (float(steps[at]),), told, panel)
