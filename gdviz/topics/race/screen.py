"""The live part of the page *race*: one surface, one start, the methods that run."""

from dataclasses import replace

from gdviz.topics.race import settings as topic
from gdviz.topics.race.controls import PAGE, controls, put_start
from gdviz.topics.race.figure import picture
from gdviz.topics.race.presets import PRESETS
from gdviz.topics.race.tabs import take_tuned_rates
from gdviz.ui import frame
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons


def body() -> PageState:
    """The live part: knobs at the left, the stage at the right."""
    take_tuned_rates()
    left, right = frame.knobs_and_stage(3.2)
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    runs = topic.run(spec)
    shown = replace(spec, hidden=False)  # the stage hides it, and can show it
    drawn = picture(shown, lecture_mode())
    with right:
        return frame.show(PAGE, spec, runs, drawn, put_start, PRESETS)
