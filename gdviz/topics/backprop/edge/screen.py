"""The room *edge of stability* of the page *backprop*: knobs, stage and verdict."""

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Picture
from gdviz.learn.sharpness import MOST_DENSE
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.edge import figure as figures
from gdviz.topics.backprop.edge.controls import controls
from gdviz.topics.backprop.edge.hand import apply_hand
from gdviz.topics.backprop.edge.presets import PRESETS
from gdviz.topics.backprop.edge.settings import EdgeOfStability, EdgeRun, run
from gdviz.topics.backprop.edge.verdict import verdict_on, verdict_on_middle
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
    drawn = Picture(figures.background(spec, done, lecture_mode()), figures.edge_scene(spec, done))

    def on_hand(hand: Hand) -> None:
        moved = apply_hand(spec, hand)
        write(PAGE, {name: getattr(moved, name) for name in ("eta", "turn", "factor")})

    with right:
        return frame.show(
            PAGE, spec, done, drawn, on_hand, PRESETS, (365, 440), lambda step: _told(spec, done)
        )


def _told(spec: EdgeOfStability, done: EdgeRun) -> None:
    st.caption(" ".join(filter(None, (verdict_on(done), verdict_on_middle(done)))))
    if done.short:
        st.caption(f"{done.short} steps of {spec.length}: as many as one run may take here.")
    if not done.values.size:
        st.caption(
            f"With more than {MOST_DENSE} parameters only the largest eigenvalue is computed."
        )
