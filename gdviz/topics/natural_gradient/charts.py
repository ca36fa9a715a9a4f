"""The chart of the page *natural_gradient*: losses above the least, step by step."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import BLUE, VERMILLION, base_layout
from gdviz.geometry import fit, logistic
from gdviz.topics.natural_gradient import settings as topic
from gdviz.topics.natural_gradient.figure import PATH_LOOKS
from gdviz.topics.natural_gradient.nets import nets
from gdviz.topics.natural_gradient.settings import NaturalGradient


def losses(spec: NaturalGradient, large: bool = False) -> go.Figure:
    """Return the loss of every path above the least one that is known."""
    figure = go.Figure(
        layout=base_layout(
            large,
            showlegend=True,
            xaxis={"title": {"text": "step"}},
            yaxis={
                "title": {"text": "loss − least loss"},
                "type": "log",
                "exponentformat": "power",
            },
        )
    )
    for name, loss, color, dash in _runs(spec):
        gap = np.maximum(loss, 1e-16)
        figure.add_scatter(
            y=gap, name=name, mode="lines+markers", line={"color": color, "dash": dash}
        )
    return figure


def _runs(spec: NaturalGradient) -> list[tuple[str, Any, str, str]]:
    if spec.room == "families":
        fits = topic.fits(spec)
        return [
            (
                f"{'natural' if natural else 'plain'} in {fits.labels[key]}",
                run.loss - fits.least,
                *PATH_LOOKS[key, natural][:2],
            )
            for (key, natural), run in fits.paths.items()
        ]
    looks = {"natural": (BLUE, "solid"), "plain": (VERMILLION, "dash")}
    if spec.room == "network":
        paths = nets(spec).paths
        return [(name, run.loss, *looks[name]) for name, run in paths.items()]
    found = topic.weights(spec)
    best = fit(logistic(found.X, found.y), [0.0, 0.0], 60, 1.0).loss.min()
    return [(name, run.loss - best, *looks[name]) for name, run in found.paths.items()]
