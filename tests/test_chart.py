"""The charts of the tabs: what is sent, and what comes back."""

import json

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from gdviz.ui.chart import parse_point


@pytest.mark.parametrize(
    "state",
    [None, "7", 7, [7], {}, {"point": None}, {"point": True}, {"point": -1}, {"point": 10**400}]
    + [{"point": value} for value in (7.0, "7", [7], {"a": 7}, float("nan"), 1_000_000)],
)
def test_a_forged_point_is_none(state: object) -> None:
    assert parse_point(state) is None


def test_a_point_is_its_number() -> None:
    assert parse_point({"point": 7}) == 7


def _two_charts() -> None:
    import plotly.graph_objects as go

    from gdviz.ui.chart import chart

    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4], name="</script>"))
    chart(figure, height=300, key="plain", alt="Two points.")
    chart(figure, height=300, key="told", alt="Two points.", clicks=True)


def test_a_chart_sends_its_figure() -> None:
    app = AppTest.from_function(_two_charts).run()
    sent = [json.loads(part.proto.bytes) for part in app.get("bidi_component")]
    assert [message["clicks"] for message in sent] == [False, True]
    assert sent[0]["alt"] == "Two points." and sent[0]["height"] == 300 and not sent[0]["large"]
    assert go.Figure(sent[0]["figure"]).data[0].y == (3, 4)
