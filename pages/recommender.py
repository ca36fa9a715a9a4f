"""The recommender: factorise ratings, see it over-fit, and be recommended something."""

from functools import partial

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.topics.recommender import rooms, tabs_numbers
from gdviz.topics.recommender import settings as topic
from gdviz.topics.recommender import tabs as recommender_tabs
from gdviz.topics.recommender.controls import PAGE, controls, stars, uploaded_ratings
from gdviz.topics.recommender.figure import background, scene
from gdviz.topics.recommender.presets import PRESETS, as_python
from gdviz.topics.recommender.screen import train_with_progress
from gdviz.topics.recommender.settings import Course, Recommender
from gdviz.ui import frame
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode


def on_hand(hand: Hand) -> None:
    """The hand chooses a cell of the table, or moves you on the map."""
    spec, course = st.session_state[f"{PAGE}_shown"]
    moved = rooms.apply_hand(spec, hand, course)
    names = ("cell_user", "cell_item", "east", "north")
    write(PAGE, {name: getattr(moved, name) for name in names})


def body() -> frame.PageState:
    """The live part: knobs at the left, the stage at the right."""
    room = frame.rooms(PAGE, topic.ROOMS)
    left, right = st.columns([1, 3.2])
    with left:
        draw = controls(room)
    spec: Recommender = draw.spec()
    with right:
        course: Course = train_with_progress(spec, uploaded_ratings())
    if room == "you":
        with left:
            draw.draw("film")
            spec = draw.spec()
            stars(spec, course)
    st.session_state[f"{PAGE}_shown"] = spec, course
    picture, played = background(spec, course, lecture_mode()), scene(spec, course)
    with right:
        height = 430 if lecture_mode() else 400
        step = frame.stage(PAGE, spec, picture, played, height, on_hand)
        frame.reason_of_preset(PAGE, PRESETS, spec)
    return frame.PageState(spec, course, picture, played, step)


def tell(drawn: frame.PageState) -> frame.PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, course, step = drawn.spec, drawn.runs, drawn.step
    panels = {
        "Curves": lambda: recommender_tabs.curves(spec, course),
        "Numbers": lambda: tabs_numbers.numbers(spec, course),
        "Maths": lambda: recommender_tabs.maths(spec, course, step),
        "Code": lambda: recommender_tabs.code(spec),
        "Pitfalls": recommender_tabs.pitfalls_of,
    }
    csv = partial(tabs_numbers.csv_of, course)
    return frame.PageTabs(panels, lambda: as_python(spec), csv)


frame.run(frame.header(PAGE, PRESETS), PAGE, body, tell)
