"""The natural gradient: steepest descent in the space of distributions."""

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.topics.natural_gradient import settings as topic
from gdviz.topics.natural_gradient import tabs as natural_tabs
from gdviz.topics.natural_gradient.figure import background, natural_scene
from gdviz.topics.natural_gradient.presets import PRESETS
from gdviz.topics.natural_gradient.settings import ROOMS
from gdviz.topics.natural_gradient.tabs import PAGE, controls
from gdviz.ui import frame
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode


def body() -> frame.PageState:
    """The live part: knobs at the left, the stage at the right."""
    room = frame.rooms(PAGE, ROOMS)
    left, right = st.columns([1, 3.4])
    with left:
        spec = controls(room)

    def on_hand(hand: Hand) -> None:
        write(PAGE, topic.move_start(spec, hand))

    large = lecture_mode()
    figure, scene = background(spec, large), natural_scene(spec)
    with right:
        step = frame.stage(PAGE, spec, figure, scene, 460 if large else 395, on_hand)
        frame.reason_of_preset(PAGE, PRESETS, spec)
    return frame.PageState(spec, None, figure, scene, step)


def tell(drawn: frame.PageState) -> frame.PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec = drawn.spec
    panels = {
        "Curves": lambda: natural_tabs.curves(spec),
        "Numbers": lambda: natural_tabs.numbers(spec),
        "Maths": lambda: natural_tabs.maths(spec),
        "Code": lambda: natural_tabs.code(spec),
        "Pitfalls": natural_tabs.pitfalls_of,
    }
    return frame.PageTabs(panels, lambda: topic.as_python(spec), lambda: topic.csv(spec))


frame.run(frame.header(PAGE, PRESETS), PAGE, body, tell)
