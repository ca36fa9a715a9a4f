"""Where an integrand has a peak, a kink, a jump or a pole: its formula and its density know."""

from typing import Any

import numpy as np

from gdviz.expressions import Formula
from gdviz.probability.humps import Hump, Landmarks, landmarks_between
from gdviz.topics.integration.question import Integral


def features(asked: Integral) -> Landmarks:
    """Return the breaks and humps of an integrand in the window that is drawn."""
    lo, hi = asked.window
    breaks = [np.array(asked.points, float)]
    humps: list[Hump] = []
    own = asked.f if asked.law is None else asked.g
    if isinstance(own, Formula):
        found = landmarks_between(own, lo, hi)
        breaks.append(found.breaks)
        humps += found.humps
    if asked.law is not None:
        breaks.append(np.array(asked.law.support))
        humps += [Hump(center, width, width) for center, width in asked.law.centers]
    places = np.unique(np.concatenate(breaks))
    inside = tuple(h for h in humps if lo <= h.center <= hi)
    return Landmarks(places[(places >= lo) & (places <= hi)], inside)


def cuts(asked: Integral) -> Any:
    """Return the sorted places at which an integral is split, so that no feature is missed."""
    return features(asked).cuts(*asked.window)
