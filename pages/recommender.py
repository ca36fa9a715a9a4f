"""The recommender: factorise ratings, see it over-fit, and be recommended something."""

import streamlit as st

from gdviz.figures.scene import Picture
from gdviz.topics.recommender import settings as topic
from gdviz.topics.recommender.controls import PAGE, cell_mover, controls, stars, uploaded_ratings
from gdviz.topics.recommender.figure import background, scene
from gdviz.topics.recommender.presets import PRESETS
from gdviz.topics.recommender.rooms import list_words
from gdviz.topics.recommender.screen import stands_in, train_with_progress
from gdviz.topics.recommender.tabs import outputs
from gdviz.ui import frame
from gdviz.ui.controls import escape_markdown
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons
from gdviz.ui.rooms import rooms


def body() -> PageState:
    """The live part: knobs at the left, the stage at the right."""
    room = rooms(PAGE, topic.ROOMS)
    left, right = frame.knobs_and_stage(3.2)
    with left:
        draw = controls(room)
    spec = draw.spec()
    with right:
        course = train_with_progress(spec, uploaded_ratings())
    if room == "you":
        with left:
            draw.beside("film", "user")
            spec = draw.spec()
            stars(spec, course)
    with left:
        pin_buttons(PAGE, spec)
    drawn = Picture(background(spec, course, lecture_mode()), scene(spec, course))
    with right:
        mover, over = cell_mover(spec, course), stands_in(spec, course)

        def below(step: int) -> None:
            if room == "you":
                st.caption(escape_markdown(list_words(spec, course)))

        return frame.show(PAGE, spec, course, drawn, mover, PRESETS, (400, 430), below, over)


frame.run_page(frame.header(PAGE, PRESETS), PAGE, body, outputs)
