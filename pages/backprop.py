"""Backpropagation: from one chain rule to a trained network, in six rooms."""

import streamlit as st

from gdviz.catalogue.lookup import presets
from gdviz.catalogue.pages import entry_of
from gdviz.topics.backprop import screen, tabs
from gdviz.topics.backprop.chain import screen as chain_screen
from gdviz.topics.backprop.chain import tabs as chain_tabs
from gdviz.topics.backprop.controls import PAGE, forget
from gdviz.topics.backprop.edge import screen as edge_screen
from gdviz.topics.backprop.edge import tabs as edge_tabs
from gdviz.topics.backprop.landscape import screen as landscape_screen
from gdviz.topics.backprop.landscape import tabs as landscape_tabs
from gdviz.topics.backprop.layer import screen as layer_screen
from gdviz.topics.backprop.layer import tabs as layer_tabs
from gdviz.topics.backprop.matrices import screen as matrices_screen
from gdviz.topics.backprop.matrices import tabs as matrices_tabs
from gdviz.ui import frame
from gdviz.ui.rooms import rooms

ROOMS = {"playground": "Playground", **entry_of(PAGE).rooms}
PARTS = {
    "playground": (PAGE, screen.body, tabs.outputs),
    "chain": (f"{PAGE}_chain", chain_screen.body, chain_tabs.outputs),
    "layer": (f"{PAGE}_layer", layer_screen.body, layer_tabs.outputs),
    "edge": (f"{PAGE}_edge", edge_screen.body, edge_tabs.outputs),
    "landscape": (f"{PAGE}_landscape", landscape_screen.body, landscape_tabs.outputs),
    "matrices": (f"{PAGE}_matrices", matrices_screen.body, matrices_tabs.outputs),
}

top, below = st.container(), st.container()
with below:
    name, body, outputs = PARTS[rooms(PAGE, ROOMS)]
with top:
    place = frame.header(PAGE, presets(name), forget)
frame.run_page(place, PAGE, body, outputs)
