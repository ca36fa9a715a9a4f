"""The backgrounds of the natural gradient: the loss over a plane, and its least point."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.cache import cached
from gdviz.figures.axes import SPLIT, axis, border
from gdviz.figures.landscape import LEVELS, SHADES
from gdviz.figures.style import (
    GREY,
    VERMILLION,
    base_layout,
)
from gdviz.geometry import FAMILIES
from gdviz.geometry.planes import PLANE_FAMILIES
from gdviz.topics.natural_gradient import settings as topic
from gdviz.topics.natural_gradient.settings import WEIGHTS, NaturalGradient

FLOOR = -8.0


def background(spec: NaturalGradient, large: bool = False) -> go.Figure:
    """Return the landscape of the loss at the left and the axes at the right."""
    if spec.room == "families":
        return _family_background(spec.family, spec.n, spec.seed, spec.steps, large)
    if spec.room == "network":
        return _plane_background(large)
    return _weights_background(spec.data, spec.n, spec.seed, large)


@cached
def _family_background(family: str, n: int, seed: int, steps: int, large: bool) -> go.Figure:
    plane, names = PLANE_FAMILIES[family], FAMILIES[family].parameters
    x, y = np.linspace(*plane.x, 70), np.linspace(*plane.y, 56)
    theta = np.stack(np.meshgrid(x, y), -1)
    inside = _inside(family, theta)
    z = np.full(inside.shape, np.nan)
    data = topic.sample(family, n, seed)
    z[inside] = -FAMILIES[family].log_density(data, theta[inside][:, None]).mean(-1)
    best, least = topic.best(family, n, seed)
    axes = {
        "xaxis": axis(names[0], plane.x, SPLIT[0], "y"),
        "yaxis": axis(names[1], plane.y, [0, 1], "x"),
        "xaxis2": axis("step", (0, steps), SPLIT[1], "y2"),
        "yaxis2": axis("log₁₀ (loss − least loss)", (FLOOR, 1.5), [0, 1], "x2"),
    }
    figure = go.Figure(
        [_landscape(x, y, z, least), *border(family)],
        base_layout(large, **axes, uirevision=f"{family}{n}{seed}"),
    )
    return _starred(figure, best)


def _inside(family: str, theta: Any) -> Any:
    """Tell which points of a grid are in the family."""
    lo, hi = np.array(FAMILIES[family].bounds).T
    found = np.all((theta > lo) & (theta < hi), -1)
    inside = FAMILIES[family].inside
    return found & inside(theta, False) if inside else found


@cached
def _weights_background(data: str, n: int, seed: int, large: bool) -> go.Figure:
    X, labels = topic.labelled_points(data, n, seed)
    x, y = np.linspace(*WEIGHTS[0], 70), np.linspace(*WEIGHTS[1], 56)
    w = np.stack(np.meshgrid(x, y), -1)
    scores = w @ X.T
    z = (np.logaddexp(0, scores) - labels * scores).mean(-1)
    names = ("weight of x", "weight of x again") if data == "doubled" else ("intercept", "slope")
    axes = {
        "xaxis": axis(names[0], WEIGHTS[0], SPLIT[0], "y"),
        "yaxis": axis(names[1], WEIGHTS[1], [0, 1], "x"),
        "xaxis2": axis("feature x", (-2.2, 2.2), SPLIT[1], "y2"),
        "yaxis2": axis("probability of class 1", (-0.08, 1.08), [0, 1], "x2"),
    }
    layout = base_layout(large, **axes, uirevision=f"{data}{n}{seed}")
    figure = go.Figure([_landscape(x, y, z, float(z.min()))], layout)
    dots = {"size": 7, "color": GREY, "opacity": 0.7}
    figure.add_scatter(
        x=X[:, 1], y=labels, mode="markers", marker=dots, xaxis="x2", yaxis="y2", name="data"
    )
    return figure


@cached
def _plane_background(large: bool) -> go.Figure:
    """Return two planes of the features: the natural gradient's network, and the plain one's."""
    span = (-1.05, 1.05)
    halves = ([0.0, 0.47], [0.53, 1.0])
    axes = {
        "xaxis": axis("natural gradient: feature x₁", span, halves[0], "y"),
        "yaxis": axis("x₂", span, [0, 1], "x"),
        "xaxis2": axis("plain gradient: feature x₁", span, halves[1], "y2"),
        "yaxis2": axis("", span, [0, 1], "x2"),
    }
    empty = [go.Scatter(x=[None], y=[None]), go.Scatter(x=[None], y=[None], xaxis="x2", yaxis="y2")]
    return go.Figure(empty, base_layout(large, **axes, uirevision="network"))


def _landscape(x: Any, y: Any, z: Any, least: float) -> go.Contour:
    """Return the contours of a loss, denser towards its least value."""
    rise = np.maximum(z - least, 0)
    h = np.log1p(rise / (0.1 * np.nanmedian(rise) or 1.0))
    low, high = float(np.nanmin(h)), float(np.nanmax(h))
    return go.Contour(
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        z=h.astype(np.float32),
        contours={"start": low, "end": high, "size": (high - low) / LEVELS or 1.0},
        line={"width": 0.7, "color": "rgba(110,130,150,0.55)"},
        colorscale=SHADES,
        showscale=False,
        hoverinfo="skip",
        connectgaps=False,
    )


def _starred(figure: go.Figure, best: Any) -> go.Figure:
    edge = {"width": 1, "color": "#ffffff"}
    star = {"symbol": "star", "size": 13, "color": VERMILLION, "line": edge}
    figure.add_scatter(x=[best[0]], y=[best[1]], mode="markers", marker=star, name="most likely")
    figure.add_scatter(x=[None], y=[None], xaxis="x2", yaxis="y2", mode="lines")
    return figure
