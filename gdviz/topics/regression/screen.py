"""The room *a line* of the page *regression*: knobs, stage and tabs."""

from functools import partial

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Picture
from gdviz.topics.regression import figure as figures
from gdviz.topics.regression.controls import PAGE, controls, write_line
from gdviz.topics.regression.fit import run
from gdviz.topics.regression.points import apply_hand
from gdviz.topics.regression.presets import PRESETS
from gdviz.topics.regression.tabs import statistics
from gdviz.ui import frame
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons


def body() -> PageState:
    """The live part: knobs at the left, the stage and the statistics at the right."""
    left, right = frame.knobs_and_stage()
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    done = run(spec)
    drawn = Picture(figures.background(done, lecture_mode()), figures.line_scene(spec, done))

    def on_hand(hand: Hand) -> None:
        write_line(apply_hand(spec, hand))

    with right:
        below = partial(statistics, spec, done)
        return frame.show(PAGE, spec, done, drawn, on_hand, PRESETS, (385, 440), below)
