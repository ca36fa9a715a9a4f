"""A chart of a tab: a Plotly figure that does not play."""

import json
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from gdviz.figures.wire_format import figure_json
from gdviz.ui.component import component
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.stage import PLOTLY_URL

_chart = component("chart")


def chart(
    figure: go.Figure | Mapping[str, Any], *, height: int, key: str, alt: str, clicks: bool = False
) -> int | None:
    """Draw a figure in the colours of the page; with `clicks`, return the clicked point.

    A point is a whole number from the figure's `customdata`; it stays until the next click. We do
    not use `st.plotly_chart`: it loads a second copy of Plotly, a tenth of what a page costs a
    visitor's processor, and validates the whole figure at every run.
    """
    about = {
        "plotly": PLOTLY_URL,
        "height": height,
        "large": lecture_mode(),
        "alt": alt,
        "name": key,
        "clicks": clicks,
    }
    message = f'{json.dumps(about)[:-1]}, "figure": {figure_json(figure)}}}'
    heard: dict[str, Any] = {"on_point_change": lambda: None} if clicks else {}
    _chart(key=key, data=message.encode(), **heard)
    return parse_point(st.session_state.get(key)) if clicks else None


def parse_point(state: object) -> int | None:
    """Parse the number of a point from the component's state, which anybody can forge."""
    point = state.get("point") if isinstance(state, Mapping) else None
    if not isinstance(point, int) or isinstance(point, bool):
        return None
    return point if 0 <= point < 1_000_000 else None
