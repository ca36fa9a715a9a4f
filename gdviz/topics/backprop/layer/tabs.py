"""The tabs of one layer."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gdviz.figures.style import BLUE, VERMILLION, base_layout
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.layer import settings as topic
from gdviz.topics.backprop.layer.settings import LayerPass, OneLayer
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import show_program
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.tables import show_table
from gdviz.ui.words import words


def curves(spec: OneLayer) -> None:
    """Draw the length of the gradient against the copies of the batch, by sum and by mean."""
    from dataclasses import replace

    copies = [1, 2, 4, 8, 16, 32, 64]
    figure = go.Figure(layout=base_layout(lecture_mode(), showlegend=True))
    for reduction, color, dash in (("sum", VERMILLION, "dash"), ("mean", BLUE, "solid")):
        lengths = [
            float(np.linalg.norm(topic.run(replace(spec, repeats=n, reduction=reduction)).dW))
            for n in copies
        ]
        figure.add_scatter(x=copies, y=lengths, name=reduction, line={"color": color, "dash": dash})
    figure.update_xaxes(type="log", title_text="copies of the batch", tickvals=copies)
    figure.update_yaxes(type="log", title_text="‖∂L/∂W‖")
    alt = "The gradient of a summed loss grows with the batch, that of a mean does not."
    chart(figure, height=300, key=f"{PAGE}_copies", alt=alt)


def numbers(found: LayerPass) -> None:
    """Draw every matrix in full."""
    names = ("W", "dW", "Z", "dZ", "A", "dX")
    for i, column in enumerate(st.columns(3)):
        for name in names[2 * i : 2 * i + 2]:
            matrix = getattr(found, name)
            column.caption(f"{name.replace('d', '∂L/∂')}, {matrix.shape[0]} × {matrix.shape[1]}")
            show_table(matrix, column, key=f"{PAGE}_matrix_{name}")


def maths(spec: OneLayer, found: LayerPass) -> None:
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


def csv_of(found: LayerPass) -> bytes:
    """Return the numbers of every matrix, one a line."""
    lines = ["matrix,row,column,value"]
    for name in LayerPass._fields[:-2]:
        table = np.atleast_2d(getattr(found, name))
        lines += [
            f"{name},{i},{j},{v!r}"
            for (i, j), v in zip(np.ndindex(*table.shape), table.ravel().tolist(), strict=True)
        ]
    return "\n".join([*lines, ""]).encode()


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, found = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: curves(spec),
        "Numbers": lambda: numbers(found),
        "Maths": lambda: maths(spec, found),
        "Code": lambda: show_program(topic.as_python(spec)),
        "Pitfalls": lambda: pitfalls("backprop", 4),
    }
    return PageTabs(panels, lambda: topic.as_python(spec), lambda: csv_of(found))
