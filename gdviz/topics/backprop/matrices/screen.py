"""The room *matrices* of the page *backprop*: knobs, stage and verdict."""

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Picture
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.matrices import figure as figures
from gdviz.topics.backprop.matrices.controls import controls
from gdviz.topics.backprop.matrices.hand import apply_hand
from gdviz.topics.backprop.matrices.presets import PRESETS
from gdviz.topics.backprop.matrices.settings import Matrices, MatricesRun, rank_of, run
from gdviz.topics.backprop.matrices.verdict import verdict_of
from gdviz.ui import frame
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons


def body() -> PageState:
    """The live part: knobs at the left, the stage and what it says at the right."""
    left, right = frame.knobs_and_stage()
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    done = run(spec)
    back = figures.background(spec, done, lecture_mode())
    drawn = Picture(back, figures.matrix_scene(spec, done))

    def on_hand(hand: Hand) -> None:
        write(PAGE, {"lowest": apply_hand(spec, hand).lowest})

    with right:
        return frame.show(
            PAGE, spec, done, drawn, on_hand, PRESETS, (395, 520), lambda step: _told(spec, done)
        )


def _told(spec: Matrices, done: MatricesRun) -> None:
    st.caption("  \n".join(verdict_of(name, one, done.target) for name, one in done.runs.items()))
    if rank_of(spec) < spec.rank:
        st.caption(f"A matrix of this shape has rank {rank_of(spec)} at most, not {spec.rank}.")
    if spec.net == "two" and spec.between < rank_of(spec):
        st.caption(
            f"With {spec.between} units between, W₂W₁ has rank {spec.between} at most: the rest of "
            f"the target, of rank {rank_of(spec)}, cannot be learned."
        )
