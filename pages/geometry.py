"""Fisher geometry: distributions as points of a curved space."""

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.topics.geometry import results as rooms
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry import tabs as geometry_tabs
from gdviz.topics.geometry.controls import PAGE, controls, show_measures
from gdviz.topics.geometry.figure import geometry_scene
from gdviz.topics.geometry.figure_background import background
from gdviz.topics.geometry.settings import PRESETS, ROOMS
from gdviz.ui import frame
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode


def body() -> frame.PageState:
    """The live part: knobs at the left, the stage at the right."""
    room = frame.rooms(PAGE, ROOMS)
    left, right = st.columns([1, 3.4])
    with left:
        spec = controls(room)
        if spec.room == "between" and not lecture_mode():
            show_measures(rooms.measures(spec))

    def on_hand(hand: Hand) -> None:
        write(PAGE, topic.move_point(spec, hand))

    large = lecture_mode()
    figure = background(spec.room, spec.family, spec.ellipses, spec.way, large)
    scene = geometry_scene(spec)
    with right:
        step = frame.stage(PAGE, spec, figure, scene, 460 if large else 395, on_hand)
        frame.reason_of_preset(PAGE, PRESETS, spec)
    return frame.PageState(spec, None, figure, scene, step)


def tell(drawn: frame.PageState) -> frame.PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec = drawn.spec
    panels = {
        "Curves": lambda: geometry_tabs.curves(spec),
        "Numbers": lambda: geometry_tabs.numbers(spec),
        "Maths": lambda: geometry_tabs.maths(spec),
        "Code": lambda: geometry_tabs.code(spec),
        "Pitfalls": geometry_tabs.pitfalls_of,
    }
    return frame.PageTabs(panels, lambda: topic.as_python(spec), lambda: rooms.csv(spec))


frame.run(frame.header(PAGE, PRESETS), PAGE, body, tell)
