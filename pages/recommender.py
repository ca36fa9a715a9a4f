"""The recommender: factorise ratings, see it over-fit, and be recommended something."""

import streamlit as st

from gdviz.figures.scene import Picture
from gdviz.topics.recommender import settings as topic
from gdviz.topics.recommender.controls import PAGE, cell_mover, controls, stars, uploaded_ratings
from gdviz.topics.recommender.figure import background, scene
from gdviz.topics.recommender.presets import PRESETS
from gdviz.topics.recommender.screen import train_with_progress
from gdviz.topics.recommender.tabs import outputs
from gdviz.ui import frame
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.rooms import rooms


def body() -> PageState:
    """The live part: knobs at the left, the stage at the right."""
    room = rooms(PAGE, topic.ROOMS)
    left, right = st.columns([1, 3.2])
    with left:
        draw = controls(room)
    spec = draw.spec()
    with right:
        course = train_with_progress(spec, uploaded_ratings())
    if room == "you":
        with left:
            draw.draw("film")
            spec = draw.spec()
            stars(spec, course)
    drawn = Picture(background(spec, course, lecture_mode()), scene(spec, course))
    with right:
        mover = cell_mover(spec, course)
        return frame.show(PAGE, spec, course, drawn, mover, PRESETS, heights=(400, 430))


frame.run(frame.header(PAGE, PRESETS), PAGE, body, outputs)
