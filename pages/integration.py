"""Areas, probabilities and expectations: what a quadrature rule sees, and what it misses."""

import streamlit as st

from gdviz.knobs import clamp
from gdviz.topics.integration import figure as figures
from gdviz.topics.integration import settings as topic
from gdviz.topics.integration import tabs as integration_tabs
from gdviz.topics.integration.controls import PAGE, controls, forget_parameters
from gdviz.topics.integration.pitfalls import ROWS
from gdviz.topics.integration.presets import PRESETS
from gdviz.topics.integration.settings import Integration
from gdviz.ui import frame
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.stage import Hand


def put_end(hand: Hand) -> None:
    """The hand on the axis moves an end of the range."""
    if hand.id in ("a", "b"):
        write(PAGE, {hand.id: clamp(Integration, hand.id, hand.x)})


def body() -> frame.PageState:
    """The live part: knobs at the left, the stage at the right."""
    left, right = st.columns([1, 3.2])
    with left:
        spec = controls()
    background = figures.background(spec, lecture_mode())
    scene = figures.integration_scene(spec)
    with right:
        height = 470 if lecture_mode() else 430
        step = frame.stage(PAGE, spec, background, scene, height, put_end)
        frame.reason_of_preset(PAGE, PRESETS, spec)
    return frame.PageState(spec, None, background, scene, step)


def tell(drawn: frame.PageState) -> frame.PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, step = drawn.spec, drawn.step
    panels = {
        "Curves": lambda: integration_tabs.curves(spec),
        "Numbers": lambda: integration_tabs.numbers(spec, step),
        "Maths": lambda: integration_tabs.maths(spec),
        "Code": lambda: integration_tabs.code(spec),
        "Pitfalls": lambda: pitfalls(ROWS),
    }
    return frame.PageTabs(panels, lambda: topic.as_python(spec), integration_tabs.csv_of(spec))


frame.run(frame.header(PAGE, PRESETS, forget_parameters), PAGE, body, tell)
