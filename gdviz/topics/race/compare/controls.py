"""The knobs of the room *compare*."""

import streamlit as st

from gdviz.optimize import LABELS
from gdviz.optimize.typed_rules import RULE
from gdviz.topics.race.compare.settings import (
    METHODS_HERE,
    SURFACES_HERE,
    Compare,
    left_out,
    methods_asked,
)
from gdviz.topics.race.loops import LOOP_KNOBS
from gdviz.ui.controls import MORE_KNOBS, Controls, write
from gdviz.ui.rule_editor import rule_editor

PAGE = "race"
MORE = ("left", "noise", "repeats", "seed", *LOOP_KNOBS)


def controls() -> Compare:
    """Draw the knobs; return the settings."""
    knobs = Controls(Compare, PAGE)
    knobs.draw("compared")
    if RULE in knobs.values["compared"]:
        rule_editor(knobs, methods_asked)
    knobs.draw("surfaces")
    with st.container(horizontal=True):
        st.button("All methods", on_click=write, args=(PAGE, {"compared": tuple(METHODS_HERE)}))
        st.button("All surfaces", on_click=write, args=(PAGE, {"surfaces": tuple(SURFACES_HERE)}))
    knobs.beside("starts", "trials")
    knobs.draw("budget")
    with knobs.menu("more_compare", *MORE_KNOBS):
        for name in MORE:
            knobs.draw(name, with_dial=False)
    spec = knobs.spec()
    for name, reason in left_out(spec).items():
        st.caption(f"{LABELS[name]} is left out, for all are to solve the same. {reason}.")
    return spec
