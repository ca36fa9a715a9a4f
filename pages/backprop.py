"""Backpropagation: from one chain rule to a trained network, in three rooms."""

from functools import partial

import streamlit as st

from gdviz.catalogue.pages import entry_of
from gdviz.topics.backprop import program as backprop_code
from gdviz.topics.backprop import screen as backprop_room
from gdviz.topics.backprop import tabs as backprop_tabs
from gdviz.topics.backprop.chain import screen as backprop_chain_room
from gdviz.topics.backprop.chain import settings as backprop_chain
from gdviz.topics.backprop.chain import tabs as small
from gdviz.topics.backprop.controls import PAGE, forget
from gdviz.topics.backprop.layer import screen as backprop_layer_room
from gdviz.topics.backprop.layer import settings as backprop_layer
from gdviz.topics.backprop.pitfalls import ROWS
from gdviz.topics.backprop.presets import PRESETS
from gdviz.ui import frame
from gdviz.ui.pitfall_tab import pitfalls

ROOMS = {"playground": "Playground", **entry_of(PAGE).rooms}
BODIES = {
    "playground": (backprop_room.body, PRESETS),
    "chain": (backprop_chain_room.body, backprop_chain.PRESETS),
    "layer": (backprop_layer_room.body, backprop_layer.PRESETS),
}


def tell(drawn: frame.PageState) -> frame.PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, found, step = drawn.spec, drawn.runs, drawn.step
    if room == "chain":
        panels = {
            "Curves": lambda: small.chain_curves(spec, found),
            "Numbers": lambda: small.chain_numbers(found),
            "Maths": lambda: small.chain_maths(found),
            "Code": lambda: small.chain_code(spec),
            "Pitfalls": lambda: pitfalls(ROWS[:1]),
        }
        code, csv = backprop_chain.as_python, small.chain_csv
    elif room == "layer":
        panels = {
            "Curves": lambda: small.layer_curves(spec),
            "Numbers": lambda: small.layer_numbers(found),
            "Maths": lambda: small.layer_maths(spec, found),
            "Code": lambda: st.code(backprop_layer.as_python(spec), language="python"),
            "Pitfalls": lambda: pitfalls(ROWS[1:4]),
        }
        code, csv = backprop_layer.as_python, small.layer_csv
    else:
        panels = {
            "Curves": lambda: backprop_tabs.curves(spec, found, step),
            "Numbers": lambda: backprop_tabs.numbers(spec, found, step),
            "Maths": lambda: backprop_tabs.maths(spec, found, step),
            "Code": lambda: backprop_tabs.code(spec, found, step),
            "Pitfalls": lambda: pitfalls(ROWS),
        }
        code, csv = backprop_code.as_python, backprop_tabs.csv_of
    return frame.PageTabs(panels, partial(code, spec), partial(csv, found))


top, below = st.container(), st.container()
with below:
    room = frame.rooms(PAGE, ROOMS)
body, presets = BODIES[room]
with top:
    place = frame.header(PAGE, presets, forget)
frame.run(place, PAGE, body, tell)
