"""A chart of a tab: a Plotly figure that is looked at, not played."""

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
    """Draw a figure in the colours of the page; return the clicked point, if `clicks` are told.

    A point is what the figure's `customdata` calls it, a whole number; a click stays until the
    next. `st.plotly_chart` would load a second copy of Plotly beside the stage's, a tenth of what
    a page costs a visitor's processor, and look at each property of the figure again at every run.
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
    """Read the number of a point from the component's state, which anybody can forge."""
    point = state.get("point") if isinstance(state, Mapping) else None
    if not isinstance(point, int) or isinstance(point, bool):
        return None
    return point if 0 <= point < 1_000_000 else None
