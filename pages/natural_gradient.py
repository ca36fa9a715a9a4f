"""The natural gradient: steepest descent in the space of distributions."""

import streamlit as st

from gdviz.figures.natural_gradient import background, natural_scene
from gdviz.topics import natural_gradient as topic
from gdviz.topics.hand import Hand
from gdviz.topics.natural_gradient import ROOMS
from gdviz.topics.natural_gradient_presets import PRESETS
from gdviz.ui import frame, natural_tabs
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.natural_tabs import PAGE, controls


def body() -> frame.Drawn:
    """The live part: knobs at the left, the stage at the right."""
    room = frame.rooms(PAGE, ROOMS)
    left, right = st.columns([1, 3.4])
    with left:
        spec = controls(room)

    def on_hand(hand: Hand) -> None:
        write(PAGE, topic.moved(spec, hand))

    large = lecture_mode()
    figure, scene = background(spec, large), natural_scene(spec)
    with right:
        step = frame.stage(PAGE, spec, figure, scene, 460 if large else 395, on_hand)
        frame.reason_of_preset(PAGE, PRESETS, spec)
    return frame.Drawn(spec, None, figure, scene, step)


def tell(drawn: frame.Drawn) -> frame.Told:
    """The tabs under the stage, and what the share menu gives away."""
    spec = drawn.spec
    panels = {
        "Curves": lambda: natural_tabs.curves(spec),
        "Numbers": lambda: natural_tabs.numbers(spec),
        "Maths": lambda: natural_tabs.maths(spec),
        "Code": lambda: natural_tabs.code(spec),
        "Pitfalls": natural_tabs.pitfalls_of,
    }
    return frame.Told(panels, lambda: topic.as_python(spec), lambda: topic.csv(spec))


frame.run(frame.header(PAGE, PRESETS), PAGE, body, tell)
