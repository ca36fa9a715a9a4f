"""Descent in one dimension: roll down a curve, and see what the learning rate decides."""

from gdviz.topics.descent import settings as topic
from gdviz.topics.descent.controls import PAGE, controls, put_start
from gdviz.topics.descent.figure import picture
from gdviz.topics.descent.presets import PRESETS
from gdviz.topics.descent.tabs import outputs
from gdviz.ui import frame
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons


def body() -> PageState:
    """The live part: knobs at the left, the stage at the right."""
    left, right = frame.knobs_and_stage(3.2)
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    runs = topic.run(spec)
    drawn = picture(spec, lecture_mode(), runs)
    with right:
        return frame.show(PAGE, spec, runs, drawn, put_start, PRESETS, heights=(400, 450))


frame.run_page(frame.header(PAGE, PRESETS), PAGE, body, outputs)
