"""Markov chains: propose, accept or reject, and see whether the draws can be trusted."""

from gdviz.topics.mcmc import settings as topic
from gdviz.topics.mcmc.controls import PAGE, controls, start_mover
from gdviz.topics.mcmc.figure import picture
from gdviz.topics.mcmc.presets import PRESETS
from gdviz.topics.mcmc.tabs import outputs, say
from gdviz.topics.mcmc.verdicts import verdicts
from gdviz.ui import frame
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState
from gdviz.ui.pins import pin_buttons


def body() -> PageState:
    """The live part: knobs at the left, the stage at the right."""
    left, right = frame.knobs_and_stage(3.8)
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    found = topic.run(spec)
    drawn = picture(spec, lecture_mode())
    with right:
        return frame.show(
            PAGE,
            spec,
            found,
            drawn,
            start_mover(spec),
            PRESETS,
            heights=(420, 430),
            below=lambda step: say(verdicts(found)),
        )


frame.run_page(frame.header(PAGE, PRESETS), PAGE, body, outputs)
