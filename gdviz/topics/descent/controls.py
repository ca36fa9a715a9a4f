"""The knobs of descent: the function, the methods, the start and the rate."""

import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.knobs import clamp
from gdviz.optimize import FUNCTIONS
from gdviz.optimize.typed_rules import RULE
from gdviz.topics.descent import settings as topic
from gdviz.topics.descent.settings import TYPED, Descent
from gdviz.ui.controls import MORE_KNOBS, Controls, key_of, write
from gdviz.ui.dial import Mark
from gdviz.ui.rule_editor import rule_editor

PAGE = "descent"


def start_with_function() -> None:
    """A chosen function brings its own good start."""
    name = st.session_state[key_of(PAGE, "function")]
    if name in FUNCTIONS:
        write(PAGE, {"x0": FUNCTIONS[name].start[0]})


def controls() -> Descent:
    """Draw the knobs; return the settings, always runnable."""
    knobs = Controls(Descent, PAGE, live=True)
    if knobs.draw("function", on_change=start_with_function) == TYPED:
        formula(knobs)
    knobs.draw("methods")
    if RULE in knobs.values["methods"]:
        rule_editor(knobs, topic.names_of)
    box = topic.problem_of(knobs.spec()).box[0]
    knobs.draw("x0", window=box)
    rated = any("lr" in topic.hyper(knobs.spec(), name) for name in topic.names_of(knobs.spec()))
    with knobs.menu("more", *MORE_KNOBS):
        for name in ("steps", "stop", "tol", "momentum", "beta1", "beta2"):
            knobs.draw(name)
    marks = [Mark(value, label) for value, label in topic.rate_marks(knobs.spec())]
    if rated:
        knobs.draw("lr", window=(1e-5, 10.0), marks=marks)
    return knobs.spec()


def formula(knobs: Controls) -> None:
    """Draw the formula and its window; an invalid formula keeps the last valid one."""
    knobs.draw("formula")
    knobs.beside("left", "right")
    knobs.keep_valid(("formula", "left", "right"), topic.problem_of)
    share = topic.share_finite(topic.problem_of(knobs.spec()))
    if share < 1:
        where = f"on {1 - share:.0%} of" if share < 0.99 else "somewhere in"
        st.caption(f":orange[f is not finite {where} this window: the curve has a gap there.]")


def put_start(hand: Hand) -> None:
    """Move the start to where the hand is on the curve."""
    write(PAGE, {"x0": clamp(Descent, "x0", hand.x)})
