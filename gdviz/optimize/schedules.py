"""Learning-rate schedules: the factor of the learning rate at each step of a run."""

from collections.abc import Callable
from typing import Any

import numpy as np

WARM_UP = 0.1  # share of the run


def constant(u: Any, t: Any) -> Any:
    """1."""
    return np.ones_like(u)


def step(u: Any, t: Any) -> Any:
    """A half less after each quarter of the run."""
    return 0.5 ** np.floor(4 * u)


def exponential(u: Any, t: Any) -> Any:
    """100^(−u): a hundredth at the end."""
    return 100.0**-u


def cosine(u: Any, t: Any) -> Any:
    """(1 + cos πu)/2 (Loshchilov & Hutter 2017, arXiv 1608.03983, eq. 5)."""
    return (1 + np.cos(np.pi * u)) / 2


def warmup_cosine(u: Any, t: Any) -> Any:
    """Linear up over the first tenth, then the cosine down."""
    rest = np.clip((u - WARM_UP) / (1 - WARM_UP), 0.0, 1.0)
    return np.where(u < WARM_UP, u / WARM_UP, (1 + np.cos(np.pi * rest)) / 2)


def inverse_sqrt(u: Any, t: Any) -> Any:
    """1/√(1 + t): with it averaged SGD converges on convex functions (Nemirovski et al. 2009)."""
    return 1 / np.sqrt(1.0 + t)


def one_cycle(u: Any, t: Any) -> Any:
    """By cosines from 1/25 up to 1 over 30 % of the run, then to 1e-4/25 (Smith & Topin 2019)."""
    up = 1 / 25 + (1 - 1 / 25) * (1 - np.cos(np.pi * np.clip(u / 0.3, 0, 1))) / 2
    low = 1e-4 / 25
    down = low + (1 - low) * (1 + np.cos(np.pi * np.clip((u - 0.3) / 0.7, 0, 1))) / 2
    return np.where(u < 0.3, up, down)


SCHEDULES: dict[str, Callable[[Any, Any], Any]] = {
    "constant": constant,
    "step": step,
    "exponential": exponential,
    "cosine": cosine,
    "warmup_cosine": warmup_cosine,
    "inverse_sqrt": inverse_sqrt,
    "one_cycle": one_cycle,
}
SCHEDULE_LABELS = {
    "constant": "constant",
    "step": "halved each quarter",
    "exponential": "exponential",
    "cosine": "cosine",
    "warmup_cosine": "warm-up + cosine",
    "inverse_sqrt": "inverse square root",
    "one_cycle": "one cycle",
}


def factors(schedule: str, steps: int) -> np.ndarray:
    """Return the factors of the steps 1 to `steps`, shape `(steps,)`; u runs from 0 towards 1.

    Raises `ValueError` for an unknown schedule.
    """
    if schedule not in SCHEDULES:
        raise ValueError(f"unknown schedule {schedule!r}; there is {', '.join(SCHEDULES)}.")
    t = np.arange(steps)
    return np.asarray(SCHEDULES[schedule](t / max(steps, 1), t), dtype=float)
