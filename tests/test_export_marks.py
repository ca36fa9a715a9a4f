"""What is on screen is in the file: data and starts are drawn, buttons of the stage are not."""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from gdviz.catalogue import lookup
from gdviz.cli.pages import names
from gdviz.export import STYLES, figure, to_bytes
from gdviz.figures.marks import with_marks
from gdviz.figures.scene import Handle, Labels, Points, Scene, Segments
from gdviz.topics.geometry import Geometry
from gdviz.topics.race import Race


def spec_of(place: str) -> Any:
    small = {"mcmc": {"draws": 300}, "regression_houses": {"homes": "unscaled"}}
    return lookup.settings(place)(**small.get(place, {}))


def points_of(drawn: Any) -> set[tuple[float, float]]:
    """Return every point that a figure draws."""
    found = set()
    for trace in drawn.data:
        if trace.type == "scatter" and trace.x is not None:
            both = zip(np.ravel(trace.x), np.ravel(trace.y), strict=True)
            found |= {(float(x), float(y)) for x, y in both if isinstance(x, float | np.floating)}
    return found


@pytest.mark.parametrize("place", names())
def test_every_handle_is_in_the_figure_and_no_button_of_the_stage(place: str) -> None:
    spec = spec_of(place)
    picture, made = lookup.picture_of(spec), figure(spec)
    drawn = points_of(made)
    for handle in picture.scene.handles:
        if handle.drawn and not handle.tool:
            assert (float(handle.x), float(handle.y)) in drawn, handle
    said = json.dumps(made.to_plotly_json(), default=str, ensure_ascii=False)
    assert not {"⊖", "⊕", "↔"} & set(said)
    scene = with_marks(picture.scene, picture.background)
    assert scene.handles == () and not any(getattr(one, "tool", False) for one in scene.layers)


def test_the_data_of_a_regression_are_points() -> None:
    spec = lookup.settings("regression")(seed=3)
    done = lookup.run(spec)
    assert set(zip(done.x.tolist(), done.y.tolist(), strict=True)) <= points_of(figure(spec))


def test_starts_and_ends_have_their_names() -> None:
    for spec, words in ((Race(), {"start"}), (Geometry(), {"a", "b"})):
        texts = [trace.text for trace in figure(spec).select_traces({"mode": "text"})]
        assert words <= {str(text).strip() for row in texts for text in row}


def test_tools_go_and_the_looks_of_marks_stay() -> None:
    handles = (
        Handle("p0", "", 1.0, 2.0, size=4, color="#111111"),
        Handle("p1", "", 2.0, 3.0, size=4, color="#111111"),
        Handle("start", "start", 5.0, 6.0, panel=1),
        Handle("side", "↔", 0.0, 0.0, tool=True),
        Handle("click", "", 0.0, 0.0, drawn=False),
    )
    words = Labels("buttons", [[0.0]], [[0.0]], (("+",),), tool=True)
    points, start, name = with_marks(Scene((words,), handles), go.Figure()).layers
    assert np.array_equal(points.x, [[1.0, 2.0]]) and points.color == "#111111"
    assert (start.symbol, start.panel) == ("open", 1) and "start" in name.texts[0][0]


def test_a_handle_outside_the_axes_is_an_arrow_at_the_edge() -> None:
    low, high = np.array([0.0, 1.0]), np.array([10.0, 1000.0])
    axes = {"xaxis": {"range": [0, 10]}, "yaxis": {"range": [0, 3], "type": "log"}}
    background = go.Figure(layout=axes)
    for at, edge in (
        ((20, 10), (1, 1 / 3)),
        ((-1e9, 10), (0, 1 / 3)),
        ((5, 1e5), (0.5, 1)),
        ((5, 0.0), (0.5, 0)),
        ((20, 1e-300), (1, 0)),
    ):
        handle = Handle("start", "start", *map(float, at))
        arrow, name = with_marks(Scene((), (handle,)), background).layers
        assert isinstance(arrow, Segments) and arrow.arrow and isinstance(name, Labels)
        assert name.texts[0][0].strip() == f"start {at[0]:.4g}, {at[1]:.4g}"
        for x, y in ((arrow.x0, arrow.y0), (arrow.x1, arrow.y1)):
            assert low[0] <= x[0][0] <= high[0] and low[1] <= y[0][0] <= high[1]
        tip = arrow.x1[0][0] / 10, np.log10(arrow.y1[0][0]) / 3
        assert tip == pytest.approx(edge, abs=0.011)
    inside = with_marks(Scene((), (Handle("p", "", 5.0, 10.0),)), background).layers
    assert len(inside) == 1 and isinstance(inside[0], Points)
    far = figure(Race(x0=50.0, y0=50.0))
    assert any("start 50, 50" in str(trace.text) for trace in far.select_traces({"mode": "text"}))


def test_the_page_that_plays_has_the_marks() -> None:
    page = to_bytes(lookup.settings("regression")(), "html").decode()
    assert "handles: []" not in page


@pytest.mark.parametrize("place", ["geometry", "regression", "natural_gradient", "race"])
def test_the_axis_of_a_right_panel_has_room(place: str) -> None:
    """Its title and numbers are four widths of an m; they lay on the panel at the left."""
    drawn = figure(spec_of(place), style="paper")
    look = STYLES["paper"]
    wide = look.width - 5 * look.type
    spans = [axis.domain or (0.0, 1.0) for axis in drawn.select_xaxes()]
    for start, end in spans:
        before = [right for _, right in spans if right <= start]
        assert end > start
        if before:
            assert (start - max(before)) * wide >= 4 * look.type - 1e-9
