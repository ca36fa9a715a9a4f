"""Fisher geometry: distributions as points of a curved space."""

from gdviz.topics.geometry.controls import PAGE, controls, point_mover, show_measures
from gdviz.topics.geometry.figure import picture
from gdviz.topics.geometry.presets import PRESETS
from gdviz.topics.geometry.settings import ROOMS
from gdviz.topics.geometry.tabs import outputs
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
        if spec.room in ("between", "other") and not lecture_mode():
            show_measures(spec)
    drawn = picture(spec, lecture_mode())
    with right:
        return frame.show(PAGE, spec, None, drawn, point_mover(spec), PRESETS, heights=(395, 460))


frame.run_page(frame.header(PAGE, PRESETS), PAGE, body, outputs)
