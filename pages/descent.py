"""Descent in one dimension: roll down a curve, and see what the learning rate decides."""

from contextlib import suppress

import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.expressions import FormulaError
from gdviz.knobs import clamp
from gdviz.optimize import FUNCTIONS, Run
from gdviz.topics.descent import figure as figures
from gdviz.topics.descent import settings as topic
from gdviz.topics.descent import tabs as descent_tabs
from gdviz.topics.descent.settings import PRESETS, TYPED, Descent
from gdviz.ui import frame
from gdviz.ui.controls import MORE_KNOBS, Controls, key_of, write
from gdviz.ui.dial import Mark
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.pins import pin_buttons, pins
from gdviz.ui.stage import Hand

PAGE = "descent"


def start_with_function() -> None:
    """A chosen function brings its own good start."""
    name = st.session_state[key_of(PAGE, "function")]
    if name in FUNCTIONS:
        write(PAGE, {"x0": FUNCTIONS[name].start[0]})


def put_start(hand: Hand) -> None:
    """The hand on the curve moves the start."""
    write(PAGE, {"x0": clamp(Descent, "x0", hand.x)})


def controls() -> Descent:
    """Draw the knobs; return the settings, always runnable."""
    knobs = Controls(Descent, PAGE, live=True)
    if knobs.draw("function", on_change=start_with_function) == TYPED:
        formula(knobs)
    knobs.draw("methods")
    box = topic.problem_of(knobs.spec()).box[0]
    knobs.draw("x0", window=box)
    rated = any("lr" in topic.hyper(knobs.spec(), name) for name in knobs.values["methods"])
    with knobs.menu("more", *MORE_KNOBS):
        for name in ("steps", "stop", "tol", "momentum", "beta1", "beta2"):
            knobs.draw(name)
    marks = [Mark(value, label) for value, label in topic.rate_marks(knobs.spec())]
    if rated:
        knobs.draw("lr", window=(1e-5, 10.0), marks=marks)
    return knobs.spec()


def formula(knobs: Controls) -> None:
    """Draw the formula and its window; a formula that says nothing keeps the last one that did."""
    knobs.draw("formula")
    knobs.beside("left", "right")
    knobs.keep_valid(("formula", "left", "right"), topic.problem_of)
    share = topic.share_finite(topic.problem_of(knobs.spec()))
    if share < 1:
        where = f"on {1 - share:.0%} of" if share < 0.99 else "somewhere in"
        st.caption(f":orange[f is not finite {where} this window: the curve has a gap there.]")


def ghosts_on(spec: Descent) -> list[tuple[str, Run]]:
    """Return the pinned runs on the function of the spec; a forged pin may have nothing to run."""
    found = []
    for pin in pins(PAGE, Descent):
        if topic.same_function(pin, spec):
            with suppress(FormulaError):
                found.append((frame.name_of(pin), topic.run(pin)[pin.methods[0]]))
    return found


def body() -> frame.PageState:
    """The live part: knobs at the left, the stage at the right."""
    left, right = st.columns([1, 3.2])
    with left:
        spec = controls()
        pin_buttons(PAGE, spec)
    runs = topic.run(spec)
    background, scene = figures.picture(spec, lecture_mode(), runs, ghosts_on(spec))
    with right:
        height = 450 if lecture_mode() else 400
        step = frame.stage(PAGE, spec, background, scene, height, put_start)
        frame.reason_of_preset(PAGE, PRESETS, spec)
    return frame.PageState(spec, runs, background, scene, step)


def tell(drawn: frame.PageState) -> frame.PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, runs, step = drawn.spec, drawn.runs, drawn.step
    panels = {
        "Curves": lambda: descent_tabs.curves(spec, runs),
        "Numbers": lambda: descent_tabs.numbers(spec, runs, step),
        "Maths": lambda: descent_tabs.maths_of(spec, runs, step),
        "Code": lambda: descent_tabs.code(spec, runs),
        "Pitfalls": lambda: descent_tabs.pitfalls_of(spec),
    }
    return frame.PageTabs(panels, lambda: topic.as_python(spec), lambda: csv_of(runs))


frame.run(frame.header(PAGE, PRESETS), PAGE, body, tell)
