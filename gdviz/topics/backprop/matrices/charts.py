"""The charts below the stage of matrices: losses, updates, layers, Newton–Schulz by rounds."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gdviz.figures.style import BLUE, GREY, VERMILLION, base_layout, colour_of
from gdviz.topics.backprop.matrices.figure import MATRIX_LOOKS
from gdviz.topics.backprop.matrices.iteration import Rounds
from gdviz.topics.backprop.matrices.settings import RACERS, MatricesRun, stable_rank

LOG = {"type": "log", "exponentformat": "power"}
SIGNS = [[0.0, VERMILLION], [0.5, "#ffffff"], [1.0, BLUE]]


def _steps(large: bool, up: dict[str, Any], across: str = "step") -> go.Figure:
    return go.Figure(
        layout=base_layout(large, showlegend=True, xaxis={"title": {"text": across}}, yaxis=up)
    )


def _line(name: str) -> dict[str, str]:
    return {"color": MATRIX_LOOKS[name].color, "dash": MATRIX_LOOKS[name].dash}


def losses(done: MatricesRun, large: bool = False) -> go.Figure:
    """Return the losses over the steps."""
    figure = _steps(large, LOG | {"title": {"text": "loss"}})
    for name, one in done.runs.items():
        steps = np.arange(len(one.losses))
        figure.add_scatter(x=steps, y=one.losses, name=RACERS[name], line=_line(name))
    return figure


def directions(done: MatricesRun, large: bool = False) -> go.Figure:
    """Return the stable rank of each method's update over the steps."""
    figure = _steps(large, {"title": {"text": "directions of the update"}, "rangemode": "tozero"})
    for name, one in done.runs.items():
        y = stable_rank(one.updates)
        figure.add_scatter(x=np.arange(len(y)), y=y, name=RACERS[name], line=_line(name))
    return figure


def layers(done: MatricesRun, what: str, large: bool = False) -> go.Figure:
    """Return all singular values of the layer that is seen, a colour a method."""
    figure = _steps(large, {"title": {"text": f"σᵢ of {what}"}, "rangemode": "tozero"})
    for name, one in done.runs.items():
        for i, row in enumerate(one.weights.T):
            figure.add_scatter(
                x=np.arange(len(row)), y=row, name=RACERS[name], legendgroup=name,
                showlegend=i == 0, line=_line(name),
            )  # fmt: skip
    return figure


def rounds(done: Rounds, large: bool = False) -> go.Figure:
    """Return the singular values over the rounds of Newton–Schulz."""
    figure = _steps(large, LOG | {"title": {"text": "σᵢ of X"}}, "round")
    for i, row in enumerate(done.values.T):
        color, dash = colour_of(i)
        figure.add_scatter(
            x=np.arange(len(row)), y=np.maximum(row, 1e-12), name=f"σ{i + 1}", mode="lines+markers",
            line={"color": color, "dash": dash},
        )  # fmt: skip
    figure.add_hline(y=1.0, line={"color": GREY, "dash": "dash", "width": 1})
    figure.update_xaxes(dtick=1)
    return figure


def matrices(done: Rounds, large: bool = False) -> go.Figure:
    """Return the matrix of each round as colours, and UVᵀ, the goal, at the right."""
    shown = [*done.matrices, done.goal]
    titles = [*(f"X{k}" for k in range(len(done.matrices))), "UVᵀ"]
    figure = make_subplots(1, len(shown), subplot_titles=titles, horizontal_spacing=0.01)
    figure.update_layout(base_layout(large, margin={"l": 8, "r": 8, "t": 36, "b": 8}))
    for k, X in enumerate(shown):
        cells = go.Heatmap(z=X, zmin=-1, zmax=1, colorscale=SIGNS, showscale=False)
        figure.add_trace(cells, 1, k + 1)
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False)
    figure.update_yaxes(showticklabels=False, showgrid=False, zeroline=False, autorange="reversed")
    return figure
