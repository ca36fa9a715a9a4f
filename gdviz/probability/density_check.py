"""Whether a density is a probability at all: does it fall off, and is it integrable inside?"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gdviz.probability.target import Target
from gdviz.probability.target_law import law_of_target
from gdviz.probability.validation import DoesNotExist, ProbabilityError


class DensityCheck(NamedTuple):
    """What is wrong with a density as a whole: a status and a sentence; `ok` for nothing."""

    status: str
    reason: str


# Distances in windows: a wide density falls off only far beyond its window.
FAR = np.geomspace(1e2, 1e40, 39)
LAST = 5


@lru_cache(maxsize=256)
def check_density(target: Target) -> DensityCheck:
    """Say whether a density falls off far away, by rays from the middle of its window.

    A density of d variables has a finite integral only if it falls faster than the distance to the
    power −d. This looks along 16 rays, so a ridge between them may escape it. In one variable a
    pole that is not integrable is found too.
    """
    if target.bounds and np.isfinite(np.array(target.bounds)).all():
        return _inside(target)
    middle = np.mean(target.box, axis=1)
    far = np.ptp(np.array(target.box)) * FAR
    angles = np.arange(16) * np.pi / 8 if target.d == 2 else np.array([0.0, np.pi])
    rays = np.round(np.stack([np.cos(angles), np.sin(angles)], axis=-1), 15)[:, : target.d]
    values = target.log_density(middle + rays[:, None] * far[:, None])
    values = np.where(np.isnan(values), -np.inf, values)[:, -LAST:]
    with np.errstate(invalid="ignore"):
        slope = np.diff(values, axis=1) / np.diff(np.log(far[-LAST:]))
    slope = np.where(np.isneginf(values[:, 1:]), -np.inf, slope)
    heavy = np.nanmax(slope, initial=-np.inf)
    if np.any(np.all(slope > 1e-6, axis=1)) or np.isposinf(values).any():
        return DensityCheck("unbounded", _UNBOUNDED)
    here = target.log_density(_grid(target, 21))
    finite = here[np.isfinite(here)]
    if heavy > -target.d - 1e-6 and finite.size and np.ptp(finite) <= 1e-12 * abs(finite).max():
        return DensityCheck("flat", _FLAT)
    if heavy > -target.d - 1e-6:
        return DensityCheck("improper", _IMPROPER)
    return _inside(target)


def _inside(target: Target) -> DensityCheck:
    """Say whether a density of one variable has a pole that is not integrable."""
    if target.d == 1 and not target.ready:
        try:
            law_of_target(target)
        except DoesNotExist as error:
            if "around" in str(error) or "towards" in str(error):
                return DensityCheck("improper", _POLE)
        except ProbabilityError:
            pass
    return DensityCheck("ok", "")


_POLE = (
    "The density has a pole that is too steep to have a finite integral: it is improper, and no "
    "average of these chains means anything."
)
_UNBOUNDED = (
    "The log-density grows without bound: this is no probability, and the chains run away. "
    "A minus sign may be missing."
)
_FLAT = (
    "The log-density is the same everywhere: without bounds this is no probability, and the "
    "chains wander off for ever."
)
_IMPROPER = (
    "The density does not fall off fast enough to have a finite integral: it is improper, and "
    "no average of these chains means anything."
)


def _grid(target: Target, size: int) -> np.ndarray:
    """Return points of the window, `(size ** d, d)`."""
    sides = [np.linspace(lo, hi, size) for lo, hi in target.box]
    return np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, target.d)
