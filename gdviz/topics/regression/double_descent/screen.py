"""The room *double descent* of the page *regression*: knobs, stage and verdict."""

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Picture
from gdviz.topics.regression.double_descent import figure as figures
from gdviz.topics.regression.double_descent.controls import PAGE, controls
from gdviz.topics.regression.double_descent.hand import apply_hand
from gdviz.topics.regression.double_descent.presets import PRESETS
from gdviz.topics.regression.double_descent.settings import run
from gdviz.topics.regression.double_descent.verdict import verdict_on
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
    drawn = Picture(figures.background(done, lecture_mode()), figures.descent_scene(spec, done))

    def on_hand(hand: Hand) -> None:
        write(PAGE, {"p": apply_hand(spec, hand).p})

    def below(step: int) -> None:
        st.caption(verdict_on(spec, done))

    with right:
        return frame.show(PAGE, spec, done, drawn, on_hand, PRESETS, (395, 440), below)
