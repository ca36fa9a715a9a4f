"""What a hand on the stage of matrices moves: the least singular value of the target."""

from dataclasses import replace

from gdviz.figures.hand import Hand
from gdviz.knobs import clamp
from gdviz.topics.backprop.matrices.settings import Matrices


def apply_hand(spec: Matrices, hand: Hand) -> Matrices:
    """Return the spec with the least singular value that the hand holds."""
    if hand.id != "lowest":
        return spec
    return replace(spec, lowest=float(f"{clamp(Matrices, 'lowest', hand.y):.3g}"))
