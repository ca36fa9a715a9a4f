"""Importance sampling: estimate under one distribution with the samples of another."""

import streamlit as st

from gdviz.topics.importance import figure as figures
from gdviz.topics.importance import settings as topic
from gdviz.topics.importance import tabs as importance_tabs
from gdviz.topics.importance.pitfalls import ROWS
from gdviz.topics.importance.settings import PRESETS, Weighing
from gdviz.ui import frame
from gdviz.ui.controls import Controls, show_error, write
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.stage import Hand

PAGE = "importance"


def controls() -> Weighing:
    """Draw the knobs; return the settings, always sound."""
    draw = Controls(Weighing, PAGE)
    for shape, place, width in (("target", "mu", "sigma"), ("proposal", "nu", "tau")):
        draw.draw(shape)
        draw.beside(place, width)
    if "student_t" in (draw.values["target"], draw.values["proposal"]):
        draw.draw("df", with_dial=False)
    draw.draw("h")
    draw.beside("n", "seed")
    names = [name for name in draw.knobs if name not in ("n", "seed", "gamma")]
    draw.keep_valid(names, topic.check)
    return draw.spec()


def body() -> frame.PageState:
    """The live part: knobs at the left, the stage at the right."""
    left, right = st.columns([1, 3.2])
    with left:
        spec = controls()

    def put_curve(hand: Hand) -> None:
        moved = topic.apply_hand(spec, hand)
        names = ("mu", "sigma", "nu", "tau")
        write(PAGE, {name: getattr(moved, name) for name in names})

    background = figures.background(spec, lecture_mode())
    scene = figures.importance_scene(spec)
    weighed = topic.run(spec)
    with right:
        height = 470 if lecture_mode() else 395
        step = frame.stage(PAGE, spec, background, scene, height, put_curve)
        frame.reason_of_preset(PAGE, PRESETS, spec)
        if weighed.found.warning:
            show_error(ValueError(weighed.found.warning))
    return frame.PageState(spec, weighed, background, scene, step)


def tell(drawn: frame.PageState) -> frame.PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec = drawn.spec
    panels = {
        "Curves": lambda: importance_tabs.curves(spec),
        "Numbers": lambda: importance_tabs.numbers(spec),
        "Maths": lambda: importance_tabs.maths(spec),
        "Code": lambda: importance_tabs.code(spec),
        "Pitfalls": lambda: pitfalls(ROWS),
    }
    return frame.PageTabs(panels, lambda: topic.as_python(spec), importance_tabs.csv_of(spec))


frame.run(frame.header(PAGE, PRESETS), PAGE, body, tell)
