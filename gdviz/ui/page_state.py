"""What the live part of a page makes, and what the page hands to its tabs and its share menu."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go

from gdviz.figures.scene import Scene


class PageState(NamedTuple):
    """What the live part of a page has made: settings, traces, figure, scene, the step shown."""

    spec: Any
    runs: Any
    background: go.Figure
    scene: Scene
    step: int


class PageTabs(NamedTuple):
    """What a page tells of what it has drawn: what each of `TABS` draws, its Python, its table."""

    panels: Mapping[str, Callable[[], Any]]
    code: Callable[[], str]
    csv: Callable[[], bytes]
