"""Importance sampling: estimate under one distribution with the samples of another."""

from gdviz.topics.importance import settings as topic
from gdviz.topics.importance.controls import PAGE, controls, curve_mover
from gdviz.topics.importance.figure import picture
from gdviz.topics.importance.presets import PRESETS
from gdviz.topics.importance.tabs import outputs
from gdviz.ui import frame
from gdviz.ui.controls import show_error
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons


def body() -> PageState:
    """The live part: knobs at the left, the stage at the right."""
    left, right = frame.knobs_and_stage(3.2)
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    weighed = topic.run(spec)
    drawn = picture(spec, lecture_mode())
    with right:
        state = frame.show(
            PAGE, spec, weighed, drawn, curve_mover(spec), PRESETS, heights=(395, 470)
        )
        if weighed.found.warning:
            show_error(ValueError(weighed.found.warning))
    return state


frame.run_page(frame.header(PAGE, PRESETS), PAGE, body, outputs)
