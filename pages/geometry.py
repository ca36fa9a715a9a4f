"""Fisher geometry: distributions as points of a curved space."""

import streamlit as st

from gdviz.figures.geometry import geometry_scene
from gdviz.figures.geometry_backgrounds import background
from gdviz.topics import geometry as topic
from gdviz.topics import geometry_rooms as rooms
from gdviz.topics.geometry import PRESETS, ROOMS
from gdviz.topics.hand import Hand
from gdviz.ui import frame, geometry_tabs
from gdviz.ui.controls import write
from gdviz.ui.geometry_controls import PAGE, controls, measured
from gdviz.ui.lecture import lecture_mode


def body() -> frame.Drawn:
    """The live part: knobs at the left, the stage at the right."""
    room = frame.rooms(PAGE, ROOMS)
    left, right = st.columns([1, 3.4])
    with left:
        spec = controls(room)
        if spec.room == "between" and not lecture_mode():
            measured(rooms.measures(spec))

    def on_hand(hand: Hand) -> None:
        write(PAGE, topic.moved(spec, hand))

    large = lecture_mode()
    figure = background(spec.room, spec.family, spec.ellipses, spec.way, large)
    scene = geometry_scene(spec)
    with right:
        step = frame.stage(PAGE, spec, figure, scene, 460 if large else 395, on_hand)
        frame.reason_of_preset(PAGE, PRESETS, spec)
    return frame.Drawn(spec, None, figure, scene, step)


def tell(drawn: frame.Drawn) -> frame.Told:
    """The tabs under the stage, and what the share menu gives away."""
    spec = drawn.spec
    panels = {
        "Curves": lambda: geometry_tabs.curves(spec),
        "Numbers": lambda: geometry_tabs.numbers(spec),
        "Maths": lambda: geometry_tabs.maths(spec),
        "Code": lambda: geometry_tabs.code(spec),
        "Pitfalls": geometry_tabs.pitfalls_of,
    }
    return frame.Told(panels, lambda: topic.as_python(spec), lambda: rooms.csv(spec))


frame.run(frame.header(PAGE, PRESETS), PAGE, body, tell)
