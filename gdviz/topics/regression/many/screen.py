"""The room *many features* of the page *regression*: knobs, stage and tabs."""

import streamlit as st

from gdviz.figures.scene import Picture
from gdviz.topics.regression.controls_upload import result_of, source_of
from gdviz.topics.regression.many import figure as figures
from gdviz.topics.regression.many import settings as topic
from gdviz.topics.regression.many.presets import PRESETS
from gdviz.topics.regression.many.settings import BY_RATE, BY_SHARE, Many, share_marks
from gdviz.topics.regression.many.tabs import PAGE
from gdviz.ui import frame
from gdviz.ui.controls import MORE_KNOBS, Controls
from gdviz.ui.dial import Mark
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons

MORE = ("degree", "batch", "updates", "stop", "level", "held", "draw")


def body() -> tuple[PageState, bool]:
    """The live part: knobs at the left, the stage at the right."""
    left, right = frame.knobs_and_stage()
    with left:
        knobs = Controls(Many, PAGE)
        knobs.draw("table")
        source, key = source_of(knobs.values["table"], f"{PAGE}_many")
        _draw_rest(knobs)
    spec = knobs.spec()
    with left:
        pin_buttons(PAGE, spec)
        done = result_of("many", spec, source, key, topic.run, topic.train)
        if done is None:
            st.caption("Until then the stage shows the diabetes data.")
            done = topic.run(Many())
    with right:
        drawn = Picture(figures.background(done, lecture_mode()), figures.scene(done, spec.near))
        state = frame.show(PAGE, spec, done, drawn, lambda hand: None, PRESETS, heights=(410, 450))
    return state, knobs.moving


def _draw_rest(knobs: Controls) -> None:
    knobs.draw("standard")
    rule = knobs.draw("rule")
    if rule in BY_SHARE:
        marks = [Mark(value, label) for value, label in share_marks(rule)]
        knobs.draw("share", marks=marks, window=(0.01, 3.0))
    if rule in BY_RATE:
        knobs.draw("eta")
    knobs.beside("l2", "l1")
    knobs.draw("near", with_dial=False)
    with knobs.menu("more_many", *MORE_KNOBS):
        for name in MORE:
            knobs.draw(name, with_dial=False)
