"""The natural gradient: steepest descent in the space of distributions."""

from gdviz.topics.natural_gradient.controls import PAGE, controls, start_mover
from gdviz.topics.natural_gradient.figure import picture
from gdviz.topics.natural_gradient.presets import PRESETS
from gdviz.topics.natural_gradient.settings import ROOMS
from gdviz.topics.natural_gradient.tabs import outputs
from gdviz.ui import frame
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons
from gdviz.ui.rooms import rooms


def body() -> PageState:
    """The live part: knobs at the left, the stage at the right."""
    room = rooms(PAGE, ROOMS)
    left, right = frame.knobs_and_stage()
    with left:
        spec = controls(room)
        pin_buttons(PAGE, spec)
    drawn = picture(spec, lecture_mode())
    with right:
        return frame.show(PAGE, spec, None, drawn, start_mover(spec), PRESETS, heights=(395, 460))


frame.run_page(frame.header(PAGE, PRESETS), PAGE, body, outputs)
