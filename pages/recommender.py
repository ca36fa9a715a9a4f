"""The recommender: factorise ratings, see it over-fit, and be recommended something."""

from functools import partial

import streamlit as st

from gdviz.figures.recommender import background, scene
from gdviz.topics import recommender as topic
from gdviz.topics import recommender_rooms as rooms
from gdviz.topics.hand import Hand
from gdviz.topics.recommender import Course, Recommender
from gdviz.topics.recommender_presets import PRESETS, as_python
from gdviz.ui import frame, recommender_numbers, recommender_tabs
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.recommender_controls import PAGE, controls, stars, uploaded
from gdviz.ui.recommender_training import trained


def on_hand(hand: Hand) -> None:
    """The hand chooses a cell of the table, or moves you on the map."""
    spec, course = st.session_state[f"{PAGE}_shown"]
    moved = rooms.put(spec, hand, course)
    names = ("cell_user", "cell_item", "east", "north")
    write(PAGE, {name: getattr(moved, name) for name in names})


def body() -> frame.Drawn:
    """The live part: knobs at the left, the stage at the right."""
    room = frame.rooms(PAGE, topic.ROOMS)
    left, right = st.columns([1, 3.2])
    with left:
        draw = controls(room)
    spec: Recommender = draw.spec()
    with right:
        course: Course = trained(spec, uploaded())
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
    return frame.Drawn(spec, course, picture, played, step)


def tell(drawn: frame.Drawn) -> frame.Told:
    """The tabs under the stage, and what the share menu gives away."""
    spec, course, step = drawn.spec, drawn.runs, drawn.step
    panels = {
        "Curves": lambda: recommender_tabs.curves(spec, course),
        "Numbers": lambda: recommender_numbers.numbers(spec, course),
        "Maths": lambda: recommender_tabs.maths(spec, course, step),
        "Code": lambda: recommender_tabs.code(spec),
        "Pitfalls": recommender_tabs.pitfalls_of,
    }
    csv = partial(recommender_numbers.csv_of, course)
    return frame.Told(panels, lambda: as_python(spec), csv)


frame.run(frame.header(PAGE, PRESETS), PAGE, body, tell)
