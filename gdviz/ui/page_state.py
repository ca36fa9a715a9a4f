"""The state of a page, and what the page gives to its tabs and its share menu."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go

from gdviz.figures.scene import Scene

TABS = ("Curves", "Numbers", "Maths", "Code", "Pitfalls")


class PageState(NamedTuple):
    """What the live part of a page has made: settings, runs, background, scene, the step shown."""

    spec: Any
    runs: Any
    background: go.Figure
    scene: Scene
    step: int


class PageTabs(NamedTuple):
    """What a page gives away: the drawing function of each tab, its program, its table."""

    panels: Mapping[str, Callable[[], Any]]
    code: Callable[[], str]
    csv: Callable[[], bytes]
