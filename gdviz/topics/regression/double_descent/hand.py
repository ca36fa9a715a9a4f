"""What a hand on the stage of *double descent* moves: the number of features."""

from dataclasses import replace

import numpy as np

from gdviz.figures.hand import Hand
from gdviz.topics.regression.double_descent.settings import MOST_FEATURES, DoubleDescent


def apply_hand(spec: DoubleDescent, hand: Hand) -> DoubleDescent:
    """Return the spec with the number of features that the hand is nearest to."""
    return replace(spec, p=round(float(np.clip(hand.x, 1, MOST_FEATURES))))
