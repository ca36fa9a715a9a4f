"""The room *loss landscape* of the page *backprop*: knobs, stage and verdict."""

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Picture
from gdviz.knobs import clamp
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.landscape import figure as figures
from gdviz.topics.backprop.landscape.controls import controls
from gdviz.topics.backprop.landscape.presets import PRESETS
from gdviz.topics.backprop.landscape.settings import Landscape, LandscapeRun, run
from gdviz.topics.backprop.landscape.verdict import verdict_on
from gdviz.ui import frame
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons


def on_hand(hand: Hand) -> None:
    """The hand on the plane says whose outputs are shown."""
    write(
        PAGE, {"at_a": clamp(Landscape, "at_a", hand.x), "at_b": clamp(Landscape, "at_b", hand.y)}
    )


def body() -> PageState:
    """The live part: knobs at the left, the stage and what it says at the right."""
    left, right = frame.knobs_and_stage()
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    done = run(spec)
    back = figures.background(spec, done, lecture_mode())
    drawn = Picture(back, figures.landscape_scene(spec, done))
    with right:
        return frame.show(
            PAGE, spec, done, drawn, on_hand, PRESETS, (395, 440), lambda step: _told(spec, done)
        )


def _told(spec: Landscape, done: LandscapeRun) -> None:
    st.caption(verdict_on(done))
    if done.short:
        st.caption(f"{done.short} steps of {spec.passes}: as many as one run may take here.")
