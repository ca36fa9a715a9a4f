"""Markov chains: propose, accept or reject, and see whether the draws can be trusted."""

import streamlit as st

from gdviz.topics.mcmc import settings as topic
from gdviz.topics.mcmc import tabs as mcmc_tabs
from gdviz.topics.mcmc.controls import PAGE, controls
from gdviz.topics.mcmc.figure import mcmc_scene
from gdviz.topics.mcmc.figure_density import background
from gdviz.topics.mcmc.pitfalls import ROWS
from gdviz.topics.mcmc.presets import PRESETS
from gdviz.topics.mcmc.verdicts import verdicts
from gdviz.ui import frame
from gdviz.ui.controls import write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.stage import Hand


def body() -> frame.PageState:
    """The live part: knobs at the left, the stage at the right."""
    left, right = st.columns([1, 3.8])
    with left:
        spec = controls()
    seen = topic.run(spec)

    def put(hand: Hand) -> None:
        moved = topic.apply_hand(spec, hand)
        write(PAGE, {"starts": moved.starts, "burn": moved.burn})

    back = background(seen.trace.target, len(seen.x), lecture_mode())
    scene = mcmc_scene(seen, spec)
    with right:
        height = 430 if lecture_mode() else 420
        step = frame.stage(PAGE, spec, back, scene, height, put)
        mcmc_tabs.say(verdicts(seen))
        frame.reason_of_preset(PAGE, PRESETS, spec)
    return frame.PageState(spec, seen, back, scene, step)


def tell(drawn: frame.PageState) -> frame.PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, seen = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: mcmc_tabs.curves(spec, seen),
        "Numbers": lambda: mcmc_tabs.numbers(seen),
        "Maths": lambda: mcmc_tabs.maths(spec, seen, drawn.step),
        "Code": lambda: mcmc_tabs.code(spec, seen),
        "Pitfalls": lambda: pitfalls(ROWS),
    }
    return frame.PageTabs(panels, lambda: topic.as_python(spec), lambda: topic.as_csv(seen))


frame.run(frame.header(PAGE, PRESETS), PAGE, body, tell)
