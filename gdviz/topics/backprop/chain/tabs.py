"""The tabs of the two small rooms: the chain rule, and one layer."""

import inspect

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gdviz.figures.style import BLUE, VERMILLION, base_layout
from gdviz.learn import autograd
from gdviz.learn.graph import Tape
from gdviz.topics.backprop.chain import settings as backprop_chain
from gdviz.topics.backprop.chain.settings import Chain
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.layer import settings as backprop_layer
from gdviz.topics.backprop.layer.settings import LayerPass, OneLayer
from gdviz.ui.chart import chart
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.words import words


def chain_curves(spec: Chain, graph: Tape) -> None:
    """Draw the output along each input, with its tangent at the value."""
    inputs = backprop_chain.inputs_of(spec)
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
        alt = f"The output as {name} moves, and its tangent of slope {graph.grad[name]:.4g}."
        with columns[i % len(columns)]:
            chart(figure, height=240, key=f"{PAGE}_along_{i}", alt=alt)


def _output(spec: Chain, inputs: dict[str, float]) -> float:
    from gdviz.learn import tape

    value = tape(spec.expression, **inputs).value
    return float(value) if np.isfinite(value) else np.nan


def chain_numbers(graph: Tape) -> None:
    """Draw the table of nodes, each gradient beside its finite difference."""
    checked = backprop_chain.differences(graph)
    rows = [
        {
            "node": node.name,
            "is": node.text,
            "value": node.value,
            "local slopes": ", ".join(f"{s:.6g}" for s in node.local),
            "∂L/∂node": node.grad,
            "by differences": by_difference,
            "they differ by": abs(node.grad - by_difference),
        }
        for node, by_difference in zip(graph, checked, strict=True)
    ]
    st.dataframe(rows, hide_index=True, key=f"{PAGE}_nodes")


def chain_maths(graph: Tape) -> None:
    """Show every step of the walk as formula and numbers."""
    for moment in backprop_chain.moments(graph):
        st.markdown(moment.sentence)
        st.latex(moment.formula)
        st.latex(moment.numbers)
    words(PAGE)


def chain_code(spec: Chain) -> None:
    """Show the room as Python, and the walk backward."""
    st.markdown("This prints the numbers on this page:")
    st.code(backprop_chain.as_python(spec), language="python")
    with st.expander("The source of the walk backward"):
        st.code(inspect.getsource(autograd.gradients), language="python")


def chain_csv(graph: Tape) -> bytes:
    """Return the nodes as a table."""
    lines = ["node,is,value,gradient"]
    lines += [f'{n.name},"{n.text}",{n.value!r},{n.grad!r}' for n in graph]
    return "\n".join([*lines, ""]).encode()


def layer_curves(spec: OneLayer) -> None:
    """Draw the length of the gradient against the copies of the batch, by sum and by mean."""
    from dataclasses import replace

    copies = [1, 2, 4, 8, 16, 32, 64]
    figure = go.Figure(layout=base_layout(lecture_mode(), showlegend=True))
    for reduction, color, dash in (("sum", VERMILLION, "dash"), ("mean", BLUE, "solid")):
        lengths = [
            float(
                np.linalg.norm(backprop_layer.run(replace(spec, repeats=n, reduction=reduction)).dW)
            )
            for n in copies
        ]
        figure.add_scatter(x=copies, y=lengths, name=reduction, line={"color": color, "dash": dash})
    figure.update_xaxes(type="log", title_text="copies of the batch", tickvals=copies)
    figure.update_yaxes(type="log", title_text="‖∂L/∂W‖")
    alt = "The gradient of a summed loss grows with the batch, that of a mean does not."
    chart(figure, height=300, key=f"{PAGE}_copies", alt=alt)


def layer_numbers(found: LayerPass) -> None:
    """Draw every matrix in full."""
    names = ("W", "dW", "Z", "dZ", "A", "dX")
    for i, column in enumerate(st.columns(3)):
        for name in names[2 * i : 2 * i + 2]:
            matrix = getattr(found, name)
            column.caption(f"{name.replace('d', '∂L/∂')}, {matrix.shape[0]} × {matrix.shape[1]}")
            column.dataframe(matrix, key=f"{PAGE}_matrix_{name}")


def layer_maths(spec: OneLayer, found: LayerPass) -> None:
    """Show the formulas of a layer, and one number of ∂L/∂W written out."""
    st.latex(
        r"Z = XW + b, \qquad A = f(Z), \qquad "
        r"\frac{\partial L}{\partial Z} = \frac{\partial L}{\partial A} \odot f'(Z)"
    )
    st.latex(
        r"\frac{\partial L}{\partial W} = X^\top \frac{\partial L}{\partial Z}, \qquad "
        r"\frac{\partial L}{\partial b} = \mathbf 1^\top \frac{\partial L}{\partial Z}, \qquad "
        r"\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Z}\, W^\top"
    )
    terms = " + ".join(
        rf"({x:.3g})({d:.3g})" for x, d in zip(found.X[:, 0], found.dZ[:, 0], strict=True)
    )
    st.latex(rf"\frac{{\partial L}}{{\partial W_{{11}}}} = {terms} = {found.dW[0, 0]:.4g}")
    words(PAGE)


def layer_csv(found: LayerPass) -> bytes:
    """Return the numbers of every matrix, one a line."""
    lines = ["matrix,row,column,value"]
    for name in LayerPass._fields[:-2]:
        table = np.atleast_2d(getattr(found, name))
        lines += [
            f"{name},{i},{j},{v!r}"
            for (i, j), v in zip(np.ndindex(*table.shape), table.ravel().tolist(), strict=True)
        ]
    return "\n".join([*lines, ""]).encode()
