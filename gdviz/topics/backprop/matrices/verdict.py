"""What a race of matrices says, in words: what each method has learned, and when."""

import numpy as np

from gdviz.numerals import number
from gdviz.topics.backprop.matrices.settings import (
    RACERS,
    WITHIN,
    MatricesRun,
    MatrixRun,
    stable_rank,
)

LEARNING = 0.01  # of the first loss: as long as it is above, a method is learning


def steps_to_learn(one: MatrixRun, target: np.ndarray) -> np.ndarray:
    """Return the step from which on each singular value of the target is learned, −1 if none.

    Learned is a strength uᵀWv that stays within a tenth of it until the end.
    """
    off = np.abs(one.strengths - target) > WITHIN * target
    steps = len(off) - np.argmax(off[::-1], axis=0)
    return np.where(off.any(axis=0), np.where(steps < len(off), steps, -1), 0)


def directions(one: MatrixRun) -> float:
    """Return how many directions an update has by its stable rank: the median while it learns."""
    learning = one.losses >= LEARNING * one.losses[0]
    return float(np.median(stable_rank(one.updates[learning])))


def verdict_of(name: str, one: MatrixRun, target: np.ndarray) -> str:
    """Return in a sentence what one method has learned, when, and what its updates are like."""
    label = RACERS[name]
    if one.lost:
        return f"{label} diverged after step {len(one.losses) - 1}: its η is too large."
    steps = steps_to_learn(one, target)
    found = ", ".join(str(k) if k >= 0 else "–" for k in steps)
    many = f"{np.sum(steps >= 0)} of {len(target)} singular values learned"
    when = f" (largest first: at step {found})" if (steps >= 0).any() else ""
    share = f"{number(directions(one), 2)} of {one.updates.shape[1]} directions"
    like = f"while it learns, an update goes in about {share}"
    return f"{label}: {many}{when}, loss {number(one.losses[-1], 2)}; {like}."


def verdict_on(done: MatricesRun) -> str:
    """Return a sentence a method."""
    return " ".join(verdict_of(name, one, done.target) for name, one in done.runs.items())
