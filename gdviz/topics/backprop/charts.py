"""The charts below the playground: losses, health of the layers, scores, slice, map."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gdviz.figures.map_values import MapAxis, MapPart, with_values
from gdviz.figures.scene import Handle, Layer, Line, Points, Scene, Track
from gdviz.figures.style import (
    BLUE,
    DIVERGING,
    GREEN,
    GREY,
    ORANGE,
    VERMILLION,
    base_layout,
    colour_of,
)
from gdviz.topics.backprop.settings import Playground, Result, is_regression
from gdviz.topics.backprop.studies import Health, LossSlice, Spaces


def _laid(figure: go.Figure, large: bool, **layout: Any) -> go.Figure:
    figure.update_layout(**base_layout(large, showlegend=True, **layout))
    return figure


def losses(spec: Playground, result: Result, step: int, large: bool) -> go.Figure:
    """Return loss and score of both sets over the epochs, with the frame that the stage shows."""
    word = "R²" if is_regression(spec) else "share right"
    figure = make_subplots(1, 2, horizontal_spacing=0.1)
    rows = [("train", GREEN, "solid", result.train_loss, result.train_score)]
    if len(result.data.x_test):
        rows.append(("test", ORANGE, "dash", result.test_loss, result.test_score))
    for name, color, dash, loss, score in rows:
        look = {"line": {"color": color, "dash": dash, "width": 2.2}, "name": name}
        figure.add_scatter(x=result.epochs, y=loss, row=1, col=1, **look)
        figure.add_scatter(x=result.epochs, y=score, row=1, col=2, showlegend=False, **look)
    at = result.epochs[min(step, len(result.epochs) - 1)]
    figure.add_vline(x=float(at), line={"color": GREY, "dash": "dash", "width": 1})
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(type="log", title_text="loss", row=1, col=1)
    figure.update_yaxes(title_text=word, row=1, col=2)
    return _laid(figure, large, hovermode="x unified")


def gradients(result: Result, found: Health, large: bool) -> go.Figure:
    """Return the norm of each layer's gradient and the units that stand still, over the epochs."""
    figure = make_subplots(1, 2, horizontal_spacing=0.1)
    for i, norms in enumerate(found.gradients.T):
        color, dash = colour_of(i)
        line = {"color": color, "dash": dash, "width": 2.2}
        name = f"layer {i + 1}"
        figure.add_scatter(
            x=result.epochs, y=np.maximum(norms, 1e-16), name=name, line=line, row=1, col=1
        )
        if i < found.still.shape[1]:
            figure.add_scatter(
                x=result.epochs,
                y=found.still[:, i],
                name=name,
                line=line,
                showlegend=False,
                row=1,
                col=2,
            )
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(
        type="log", title_text="‖∂L/∂W‖", exponentformat="power", dtick=1, row=1, col=1
    )
    title = f"{found.word} units" if found.word else "units that stand still"
    figure.update_yaxes(title_text=title, rangemode="tozero", row=1, col=2)
    return _laid(figure, large)


def histograms(result: Result, found: Health, large: bool) -> go.Figure:
    """Return how the activations of each hidden layer are spread, over the epochs."""
    count = max(1, len(found.activations))
    figure = make_subplots(
        1, count, horizontal_spacing=0.04, subplot_titles=[f"layer {i + 1}" for i in range(count)]
    )
    for i, values in enumerate(found.activations, start=1):
        lo, hi = np.quantile(values, [0.002, 0.998])
        edges = np.linspace(lo - 1e-6, hi + 1e-6, 41)
        table = np.array([np.histogram(row, edges)[0] / len(row) for row in values]).T
        figure.add_heatmap(
            x=result.epochs,
            y=(edges[1:] + edges[:-1]) / 2,
            z=np.sqrt(table).astype("f4"),
            showscale=False,
            colorscale=[[0, "rgba(0,114,178,0)"], [1, BLUE]],
            hoverinfo="skip",
            row=1,
            col=i,
        )
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(title_text="activation", row=1, col=1)
    return _laid(figure, large).update_layout(margin={"t": 36})


def confusion(table: np.ndarray, title: str, large: bool) -> go.Figure:
    """Return a confusion matrix `(2, 2)`, true classes as rows."""
    share = table / max(table.sum(), 1)
    figure = go.Figure(
        go.Heatmap(
            z=share,
            x=["says 0", "says 1"],
            y=["is 0", "is 1"],
            showscale=False,
            zmin=0,
            zmax=0.6,
            text=table,
            texttemplate="%{text}",
            hoverinfo="skip",
            colorscale=[[0, "rgba(0,114,178,0.05)"], [1, "rgba(0,114,178,0.9)"]],
            textfont={"size": 26 if large else 20},
        )
    )
    figure.update_layout(**base_layout(large, title={"text": title, "x": 0.5}))
    figure.update_layout(margin={"t": 40})
    figure.update_yaxes(autorange="reversed")
    return figure


def predictions(y: np.ndarray, said: np.ndarray, title: str, large: bool) -> go.Figure:
    """Return what a regression says against what is."""
    ends = [float(min(y.min(), said.min())), float(max(y.max(), said.max()))]
    dots = go.Scatter(
        x=y, y=said, mode="markers", marker={"color": BLUE, "size": 5, "opacity": 0.6}
    )
    right = go.Scatter(x=ends, y=ends, mode="lines", line={"color": GREY, "dash": "dash"})
    axes = {"xaxis": {"title": {"text": "value"}}, "yaxis": {"title": {"text": "the network says"}}}
    figure = go.Figure([right, dots], base_layout(large, title={"text": title, "x": 0.5}, **axes))
    figure.update_layout(margin={"t": 40})
    return figure


def spaces_stage(result: Result, found: Spaces, large: bool) -> tuple[go.Figure, Scene]:
    """Return the plane as each hidden layer sees it: a background of panels, and what moves."""
    count = len(found.grid)
    figure = go.Figure(layout=base_layout(large))
    layers: list[Layer] = []
    gap = 0.03
    width = (1 - gap * (count - 1)) / count
    for i, (grid, points) in enumerate(zip(found.grid, found.samples, strict=True)):
        n = "" if i == 0 else str(i + 1)
        lo, hi = np.nanmin(grid, axis=(0, 1)), np.nanmax(grid, axis=(0, 1))
        room = 0.05 * np.maximum(hi - lo, 0.1)
        names = ("unit 1", "unit 2") if found.share[i] == 1.0 else ("direction 1", "direction 2")
        left = i * (width + gap)
        figure.layout[f"xaxis{n}"] = {
            "domain": [left, left + width],
            "anchor": f"y{n}",
            "range": [lo[0] - room[0], hi[0] + room[0]],
            "title": {"text": f"layer {i + 1}, {names[0]}"},
            "showgrid": False,
        }
        figure.layout[f"yaxis{n}"] = {
            "anchor": f"x{n}",
            "range": [lo[1] - room[1], hi[1] + room[1]],
            "showgrid": False,
            "showticklabels": False,
            "title": {"text": names[1], "standoff": 2},
        }
        figure.add_scatter(x=[None], y=[None], xaxis=f"x{n}", yaxis=f"y{n}")
        layers.append(Line("plane", grid[..., 0], grid[..., 1], GREY, panel=i, width=0.8))
        for name, color, mine in classes(result):
            sizes = np.full((1, int(mine.sum())), 2.8)
            layers.append(
                Points(name, points[:, mine, 0], points[:, mine, 1], color, "circle", i, sizes)
            )
    words = "The plane and the samples as each hidden layer sees them, training on."
    return figure, Scene(layers, (), words)


def classes(result: Result) -> list[tuple[str, str, np.ndarray]]:
    """Return both classes with their colours; values are split at their middle."""
    y = result.data.y
    high = y > (0.5 if set(np.unique(y)) <= {0.0, 1.0} else float(np.median(y)))
    return [("class 0", VERMILLION, ~high), ("class 1", BLUE, high)]


def slice_stage(found: LossSlice, large: bool) -> tuple[go.Figure, Scene]:
    """Return the loss around the path as contours, and the path that walks over them."""
    z = np.log10(np.clip(found.loss, 1e-12, 1e12))
    contour = go.Contour(
        x=found.a,
        y=found.b,
        z=z.astype("f4"),
        ncontours=24,
        hoverinfo="skip",
        line={"width": 0.5},
        colorscale=[[0, "#00324F"], [0.4, BLUE], [0.75, "#80B8D8"], [1, "#E8F1F7"]],
        colorbar={"title": {"text": "log₁₀ L"}, "thickness": 12},
    )
    axes = {
        "xaxis": {
            "title": {"text": "first direction of the path"},
            "range": [found.a[0], found.a[-1]],
        },
        "yaxis": {"title": {"text": "second direction"}, "range": [found.b[0], found.b[-1]]},
    }
    figure = go.Figure(contour, base_layout(large, **axes))
    sides = MapAxis("first", found.a), MapAxis("second", found.b)
    figure = with_values(figure, *sides, [MapPart(found.loss, "L = ")])
    track = Track("the training", found.path[:, 0], found.path[:, 1], ORANGE)
    words = f"The loss in the plane of the path; {found.share:.0%} of the way lies in it."
    return figure, Scene([track], (), words)


def map_stage(
    values: np.ndarray,
    ends: tuple[tuple[float, float], tuple[float, float]],
    here: tuple[float, float],
    large: bool,
) -> tuple[go.Figure, Scene]:
    """Return the trainability map, with a handle that loads what it is put on."""
    (low, high), (least, most) = ends
    size = len(values)
    colors = [["#3B1500", VERMILLION, "#F0E0D6", "#80B8D8", BLUE][i] for i in range(5)]
    assert len(DIVERGING) == len(colors)
    heat = go.Heatmap(
        x=np.geomspace(low, high, size),
        y=np.geomspace(least, most, size),
        z=values.astype("f4"),
        zmin=-1,
        zmax=1,
        hoverinfo="skip",
        colorscale=[[i / 4, c] for i, c in enumerate(colors)],
        colorbar={"thickness": 12, "tickvals": [-1, 0, 1], "ticktext": ["rose", "L₀", "fell to 0"]},
    )
    axes = {
        "xaxis": _log_axis("learning rate η", ends[0]),
        "yaxis": _log_axis("factor of the initial weights", ends[1]),
    }
    figure = go.Figure(heat, base_layout(large, **axes))
    sides = MapAxis("η", heat.x, log=True), MapAxis("factor", heat.y, log=True)
    fell = np.where(values >= 0, 1 - values, 10 ** (-3 * (values + 0.02)))
    figure = with_values(figure, *sides, [MapPart(np.where(values > -1, fell, np.nan), "L/L₀ = ")])
    handle = Handle("pixel", "now", here[0], here[1], live=False)
    words = "Which learning rates and initial scales train; click one to load it."
    return figure, Scene((), (handle,), words)


def _log_axis(title: str, ends: tuple[float, float]) -> dict[str, Any]:
    return {"type": "log", "dtick": "D2", "title": {"text": title}, "range": np.log10(ends)}
