"""The optimizer race: every optimizer on the same surface, from the same point, explained."""

import streamlit as st

from gdviz.topics.race import settings as topic
from gdviz.topics.race.controls import PAGE, controls, forget_own_knobs, ghosts_on, put_start
from gdviz.topics.race.figure import picture
from gdviz.topics.race.presets import PRESETS
from gdviz.topics.race.tabs import outputs, take_tuned_rates
from gdviz.ui import frame
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons
from gdviz.ui.presets import open_with


def body() -> PageState:
    """The live part: knobs at the left, the stage at the right."""
    take_tuned_rates()
    left, right = st.columns([1, 3.2])
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    runs = topic.run(spec)
    drawn = picture(spec, lecture_mode(), runs, ghosts_on(spec))
    with right:
        return frame.show(PAGE, spec, runs, drawn, put_start, PRESETS)


open_with(PAGE, PRESETS[0])
frame.run(frame.header(PAGE, PRESETS, forget_own_knobs), PAGE, body, outputs)
