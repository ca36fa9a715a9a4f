"""What a hand on the stage of the edge moves: η, now or from a step on."""

from dataclasses import replace

import numpy as np

from gdviz.figures.hand import Hand
from gdviz.knobs import clamp
from gdviz.topics.backprop.edge.settings import EdgeOfStability, edge_of, steps_of


def apply_hand(spec: EdgeOfStability, hand: Hand) -> EdgeOfStability:
    """Return the spec after a drag of the limit: at its left end η, at its handle η from there on.

    The hand holds the limit, which is the edge over η.
    """
    rate = edge_of(spec.rule).value / max(hand.y, 1e-6)
    if hand.id == "eta":
        return replace(spec, eta=_rounded("eta", rate))
    if hand.id != "turn":
        return spec
    turn = int(np.clip(round(hand.x), 0, steps_of(spec)))
    return replace(spec, turn=turn, factor=_rounded("factor", rate / spec.eta))


def _rounded(name: str, value: float) -> float:
    return float(f"{clamp(EdgeOfStability, name, value):.3g}")
