"""Areas, probabilities and expectations: what a quadrature rule sees, and what it misses."""

from gdviz.topics.integration.controls import PAGE, controls, forget_parameters, put_end
from gdviz.topics.integration.figure import picture
from gdviz.topics.integration.presets import PRESETS
from gdviz.topics.integration.tabs import outputs
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
    drawn = picture(spec, lecture_mode())
    with right:
        return frame.show(PAGE, spec, None, drawn, put_end, PRESETS)


frame.run_page(frame.header(PAGE, PRESETS, forget_parameters), PAGE, body, outputs)
