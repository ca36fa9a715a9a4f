"""A page of every layer and handle of the stage: `uvicorn --app-dir tests/apps layers_app:app`."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Cells, Edges, Handle, Image, Labels, Line, Points, Polygon, Scene
from gdviz.figures.style import GREEN, SEQUENTIAL, base_layout
from gdviz.server import routes as server
from gdviz.ui.stage import parse_step, stage

STEPS = 3
SIDES = [[0.0, 0.48], [0.52, 1.0]]


def background() -> go.Figure:
    """Four panels, two beside two, each from 0 to 1 both ways."""
    axes = {}
    for i in range(4):
        n = "" if i == 0 else str(i + 1)
        axes[f"xaxis{n}"] = {"domain": SIDES[i % 2], "anchor": f"y{n}", "range": [0, 1]}
        axes[f"yaxis{n}"] = {"domain": SIDES[i // 2], "anchor": f"x{n}", "range": [0, 1]}
    dots = [go.Scatter(x=[None], y=[None], xaxis=f"x{i + 1}", yaxis=f"y{i + 1}") for i in range(4)]
    return go.Figure(dots, base_layout(**axes))


def scene() -> Scene:
    """The picture turns from its lowest value to its highest; cells have one value each."""
    rise = np.linspace(-1, 1, STEPS + 1)
    pixels = np.repeat(rise, 6).reshape(-1, 2, 3)
    pixels[:, 0, 0] = np.nan
    x = np.linspace(0, 1, 51)
    waves = 0.5 + 0.4 * np.sin(6 * x + rise[:, None])
    waves[:, 25] = np.nan
    half = [[0.0, 0.5]], [[0.0, 0.0]], [[0.5, 1.0]], [[1.0, 1.0]]
    layers = [
        Image("picture", 0, 1, 0, 1, pixels),
        Cells("cells", *half, [[0.0, 1.0]], lo=0, colors=SEQUENTIAL, panel=1),
        Line("wave", x[None], waves, GREEN, panel=2, fill=0.0),
        Polygon("shapes", [[0, 0.2, 0.1, np.nan, 0.8, 1, 0.9]], [[0, 0, 1, np.nan, 0, 0, 1]]),
        Edges("edges", [[0, 0]], [[0, 1]], [[1, 1]], [[1, 0]], [[1.0, -0.3]], panel=3),
        Labels("words", [[0.5]], [[0.5]], tuple((f"step {k}",) for k in range(STEPS + 1)), panel=3),
        Points("points", [[0.2, 0.8]], [[0.2, 0.2]], panel=3, sizes=[[4, 9]], tips=("one", "two")),
    ]
    handles = (
        Handle("a", "a", 0.25, 0.25),
        Handle("b", "", 0.75, 0.75, size=5, color=GREEN),
        Handle("left", "", 0.25, 0.5, panel=1, drawn=False),
        Handle("right", "", 0.75, 0.5, panel=1, drawn=False),
        Handle("far", "far", 3.0, 0.5, panel=2),
    )
    return Scene(layers, handles, "every layer")


def heard(hand: Hand) -> None:
    """Keep what the hand did, to be shown."""
    st.session_state["heard"] = hand


def save() -> None:
    """Ask for a file that is named after the step that is known when the press arrives."""
    st.session_state["save"] = parse_step(st.session_state.get("layers"), STEPS)


def page() -> None:
    """The script."""
    st.markdown("#### Layers")
    at = st.session_state.get("save")
    ask = {"format": "svg", "name": f"layers at {at}", "id": 1} if at is not None else None
    stage("layers", background(), scene(), height=460, on_hand=heard, download=ask)
    st.button("save", on_click=save)
    hand = st.session_state.get("heard")
    if hand:
        st.text(f"heard {hand.id} {hand.x:.2f} {hand.y:.2f} {hand.down} {hand.shift}")


if __name__ == "__main__":  # run by Streamlit as the page's script
    page()
else:  # imported by uvicorn
    app = st.App(__file__, routes=server.routes())
