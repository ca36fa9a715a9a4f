"""The tabs of the chain rule."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gdviz.figures.style import BLUE, VERMILLION, base_layout
from gdviz.learn import autograd
from gdviz.learn.graph import Tape
from gdviz.numerals import number
from gdviz.topics.backprop.chain import settings as topic
from gdviz.topics.backprop.chain.settings import Chain
from gdviz.topics.backprop.controls import PAGE
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.tables import show_table
from gdviz.ui.words import words


def curves(spec: Chain, graph: Tape) -> None:
    """Draw the output along each input, with its tangent at the value."""
    inputs = topic.inputs_of(spec)
    columns = st.columns(min(4, len(inputs)))
    for i, (name, value) in enumerate(inputs.items()):
        x = np.linspace(value - 2, value + 2, 81)
        others = {n: v for n, v in inputs.items() if n != name}
        with np.errstate(all="ignore"):
            y = [_output(spec, {**others, name: float(at)}) for at in x]
        tangent = graph.value + graph.grad[name] * (x - value)
        axes = {"xaxis": {"title": {"text": name}}, "yaxis": {"title": {"text": "L"}}}
        figure = go.Figure(
            [
                go.Scatter(x=x, y=y, line={"color": BLUE}),
                go.Scatter(x=x, y=tangent, line={"color": VERMILLION, "dash": "dash"}),
                go.Scatter(
                    x=[value], y=[graph.value], mode="markers", marker={"size": 10, "color": BLUE}
                ),
            ],
            base_layout(lecture_mode(), **axes),
        )
        low, high = np.nanmin(y), np.nanmax(y)
        figure.update_yaxes(
            range=[low - 0.1 * (high - low) - 1e-6, high + 0.1 * (high - low) + 1e-6]
        )
        alt = f"The output as {name} moves, and its tangent of slope {number(graph.grad[name])}."
        with columns[i % len(columns)]:
            chart(figure, height=240, key=f"{PAGE}_along_{i}", alt=alt)


def _output(spec: Chain, inputs: dict[str, float]) -> float:
    from gdviz.learn import tape

    value = tape(spec.expression, **inputs).value
    return float(value) if np.isfinite(value) else np.nan


def numbers(graph: Tape) -> None:
    """Draw the table of nodes, each gradient beside its finite difference."""
    checked = topic.differences(graph)
    rows = [
        {
            "node": node.name,
            "is": node.text,
            "value": node.value,
            "local slopes": ", ".join(number(s, 6) for s in node.local),
            "∂L/∂node": node.grad,
            "by differences": by_difference,
            "they differ by": abs(node.grad - by_difference),
        }
        for node, by_difference in zip(graph, checked, strict=True)
    ]
    show_table(rows, hide_index=True, key=f"{PAGE}_nodes")


def maths(graph: Tape) -> None:
    """Show every step of the walk as formula and numbers."""
    for moment in topic.moments(graph):
        st.markdown(moment.sentence)
        st.latex(moment.formula)
        st.latex(moment.numbers)
    words(PAGE)


def code(spec: Chain) -> None:
    """Show the room as Python, and the walk backward."""
    program_and_sources(topic.as_python(spec), {"the walk backward": autograd.gradients})


def csv_of(graph: Tape) -> bytes:
    """Return the nodes as a table."""
    lines = ["node,is,value,gradient"]
    lines += [f'{n.name},"{n.text}",{n.value!r},{n.grad!r}' for n in graph]
    return "\n".join([*lines, ""]).encode()


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, graph = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: curves(spec, graph),
        "Numbers": lambda: numbers(graph),
        "Maths": lambda: maths(graph),
        "Code": lambda: code(spec),
        "Pitfalls": lambda: pitfalls("backprop", 3),
    }
    return PageTabs(panels, lambda: topic.as_python(spec), lambda: csv_of(graph))
