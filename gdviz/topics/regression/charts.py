"""The charts below the stage of *regression*: losses, weights, directions, sweeps, residuals."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import BLUE, GREY, ORANGE, SKY, VERMILLION, base_layout, colour_of
from gdviz.learn.fit_grids import FitGrid, PenaltyPath
from gdviz.learn.preparation import place_of
from gdviz.learn.spectrum import Spectrum
from gdviz.numerals import number

if TYPE_CHECKING:
    import pandas as pd

GAP = 0.09
LOG = {"type": "log", "exponentformat": "power"}
MOST_MARKS = 4000  # points of a scatter; beyond, every k-th is drawn


class Curve(NamedTuple):
    """One curve of a panel."""

    name: str
    x: Any
    y: Any
    color: str
    dash: str = "solid"


class Panel(NamedTuple):
    """A panel of curves with its axis titles; `log` says which of its axes are logarithmic."""

    x: str
    y: str
    curves: Sequence[Curve]
    log: str = ""


def panels(parts: Sequence[Panel], large: bool = False) -> go.Figure:
    """Return panels of curves beside each other, with one legend for all."""
    width = (1 - GAP * (len(parts) - 1)) / len(parts)
    axes: dict[str, Any] = {}
    traces = []
    told: set[str] = set()
    for i, part in enumerate(parts):
        n = "" if i == 0 else str(i + 1)
        left = i * (width + GAP)
        axes[f"xaxis{n}"] = {
            "title": {"text": part.x}, "domain": [left, min(left + width, 1.0)], "anchor": f"y{n}",
            **(LOG if "x" in part.log else {}),
        }  # fmt: skip
        axes[f"yaxis{n}"] = {
            "title": {"text": part.y}, "anchor": f"x{n}", **(LOG if "y" in part.log else {})
        }  # fmt: skip
        for curve in part.curves:
            traces.append(_scatter(curve, n, curve.name not in told, "y" in part.log, large))
            told.add(curve.name)
    layout = base_layout(large, showlegend=1 < len(told) <= 14, **axes)
    return go.Figure(traces, layout)


def _scatter(curve: Curve, n: str, in_legend: bool, log: bool, large: bool) -> go.Scatter:
    y = np.asarray(curve.y, float)
    return go.Scatter(
        x=curve.x,
        y=np.where(y > 0, y, np.nan) if log else y,  # a log axis has no place for zero
        name=curve.name,
        legendgroup=curve.name,
        showlegend=in_legend,
        mode="lines" if len(y) > 40 else "lines+markers",
        line={"color": curve.color, "dash": curve.dash, "width": 4 if large else 2},
        marker={"size": 5},
        xaxis=f"x{n}",
        yaxis=f"y{n}",
    )


def noise_floor(found: FitGrid, edge: float, large: bool = False) -> go.Figure:
    """Return where each rate settles above the least loss, a line a batch size, a band of seeds."""
    traces: list[Any] = []
    for i, size in enumerate(found.sizes):
        color, dash = colour_of(i)
        name = f"batches of {size}" if size else "all rows"
        values = np.where(
            np.isfinite(found.excess[i]) & (found.excess[i] > 0), found.excess[i], np.nan
        )
        known = ~np.isnan(values).all(axis=1)
        low, high = np.nanmin(values[known], axis=1), np.nanmax(values[known], axis=1)
        rates = found.rates[known]
        band = {"width": 0}
        shade = f"rgba{(*_rgb(color), 0.18)}"
        silent: dict[str, Any] = {"mode": "lines", "showlegend": False, "hoverinfo": "skip"}
        traces += [
            go.Scatter(x=rates, y=high, line=band, **silent),
            go.Scatter(x=rates, y=low, line=band, fill="tonexty", fillcolor=shade, **silent),
            go.Scatter(
                x=rates, y=np.nanmean(values[known], axis=1), name=name, mode="lines+markers",
                line={"color": color, "dash": dash, "width": 4 if large else 2},
            ),
        ]  # fmt: skip
    layout = base_layout(
        large, showlegend=True, xaxis={"title": {"text": "learning rate η"}, **LOG},
        yaxis={"title": {"text": "loss above the least, settled"}, **LOG},
    )  # fmt: skip
    figure = go.Figure(traces, layout)
    figure.add_vline(x=edge, line={"color": GREY, "dash": "dash", "width": 1})
    figure.add_annotation(
        x=np.log10(edge),
        y=1,
        yref="paper",
        text="2/L",
        showarrow=False,
        xanchor="left",
        yanchor="top",
    )
    return figure


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


class Bowl(NamedTuple):
    """A quadratic bowl with a path in it: the best θ, the curvature, the path `(k + 1, 2)`."""

    title: str
    best: np.ndarray
    eigen: Spectrum
    path: np.ndarray


def bowls(parts: Sequence[Bowl], large: bool = False) -> go.Figure:
    """Return bowls side by side, each in axes of one scale: what is round is seen to be round."""
    traces: list[Any] = []
    axes: dict[str, Any] = {}
    notes = []
    turn = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    for i, part in enumerate(parts):
        n = "" if i == 0 else "2"
        left = 0.56 * i
        reach = float(np.abs(part.path - part.best).max()) or 1.0
        values = np.maximum(part.eigen.values, 1e-9 * part.eigen.largest)
        for radius in reach * 2.0 ** -np.arange(-1, 6):
            ring = radius * circle * np.sqrt(part.eigen.largest / values) / 4
            x, y = (ring @ part.eigen.vectors.T + part.best).T
            line = {"color": GREY, "width": 1}
            traces.append(_plain(x, y, n, line, "loss"))
        path = {"color": BLUE, "width": 3 if large else 2}
        x, y = part.path.T
        traces.append(_plain(x, y, n, path, "path", "lines+markers"))
        for axis, middle in (("x", part.best[0]), ("y", part.best[1])):
            axes[f"{axis}axis{n}"] = {
                "range": [middle - 1.15 * reach, middle + 1.15 * reach],
                "title": {"text": "weight w" if axis == "x" else "bias b"},
                "anchor": f"{'y' if axis == 'x' else 'x'}{n}",
            }
        axes[f"xaxis{n}"]["domain"] = [left, left + 0.44]
        notes.append({
            "text": part.title, "xref": "paper", "yref": "paper", "x": left + 0.22, "y": 1.0,
            "yanchor": "bottom", "showarrow": False,
        })  # fmt: skip
    return go.Figure(traces, base_layout(large, annotations=notes, **axes))


def _plain(x: Any, y: Any, n: str, line: Any, name: str, mode: str = "lines") -> go.Scatter:
    return go.Scatter(
        x=x, y=y, xaxis=f"x{n}", yaxis=f"y{n}", line=line, mode=mode, name=name, hoverinfo="skip",
        marker={"size": 4},
    )  # fmt: skip


def penalties(
    path: PenaltyPath, names: Sequence[str], now: float, large: bool = False
) -> go.Figure:
    """Return each weight over the penalty; a line marks the penalty of the page."""
    curves = [
        Curve(name, path.penalties, path.weights[:, j], *colour_of(j))
        for j, name in enumerate(names)
    ]
    label = "ridge l2" if path.kind == "l2" else "lasso l1"
    figure = panels([Panel(label, "weight", curves, "x")], large)
    figure.update_layout(showlegend=len(names) <= 14)
    if now > 0:
        figure.add_vline(x=now, line={"color": GREY, "dash": "dash"})
    return figure


def eigen_split(
    shares: np.ndarray, values: np.ndarray, steps: np.ndarray, large: bool = False
) -> go.Figure:
    """Return bars of the loss that is left along each eigenvector, and its steps to a hundredth.

    `shares (directions,)` are losses above the least, steepest direction first.
    """
    labels = [f"λ = {number(value, 3)}" for value in values]
    left = go.Bar(x=labels, y=np.maximum(shares, 1e-30), marker={"color": BLUE}, name="loss left")
    known = np.isfinite(steps)
    right = go.Bar(
        x=labels, y=np.where(known, np.maximum(steps, 1), np.nan), marker={"color": ORANGE},
        name="steps to a hundredth", xaxis="x2", yaxis="y2",
    )  # fmt: skip
    top = float(max(shares.max(), 1e-12))
    span = [np.log10(top) - 8, np.log10(top) + 0.5]
    layout = base_layout(
        large,
        xaxis={"domain": [0, 0.46], "title": {"text": "eigen-direction"}},
        yaxis={"title": {"text": "loss above the least"}, **LOG, "range": span},
        xaxis2={"domain": [0.56, 1], "anchor": "y2", "title": {"text": "eigen-direction"}},
        yaxis2={"title": {"text": "steps to 1 % of the error"}, "anchor": "x2", **LOG},
    )  # fmt: skip
    return go.Figure([left, right], layout)


def scatter(
    x: Any, y: Any, titles: tuple[str, str], level: str = "", large: bool = False
) -> go.Figure:
    """Return points with the line y = x or y = 0 (`level` "diagonal" or "zero")."""
    keep = slice(None, None, max(1, len(x) // MOST_MARKS))
    x, y = np.asarray(x, float)[keep], np.asarray(y, float)[keep]
    lo, hi = float(np.nanmin(x)), float(np.nanmax(x))
    traces = [
        go.Scattergl(x=x, y=y, mode="markers", marker={"color": BLUE, "size": 5, "opacity": 0.45}),
        go.Scatter(
            x=[lo, hi], y=[lo, hi] if level == "diagonal" else [0, 0], mode="lines",
            line={"color": GREY, "dash": "dash"}, hoverinfo="skip",
        ),
    ]  # fmt: skip
    axes = {"xaxis": {"title": {"text": titles[0]}}, "yaxis": {"title": {"text": titles[1]}}}
    return go.Figure(traces, base_layout(large, **axes))


def house_map(rows: "pd.DataFrame", values: Any, label: str, large: bool = False) -> go.Figure:
    """Return the places of rows by a residual: blue where the model asks too little, red too much.

    The rows have columns that `place_of` knows.
    """
    place = place_of(rows.columns)
    east, north = (rows[name].to_numpy(float, na_value=np.nan) for name in place)
    keep = slice(None, None, max(1, len(values) // MOST_MARKS))
    shown = np.asarray(values, float)[keep]
    most = float(np.nanquantile(np.abs(shown), 0.95)) or 1.0
    dots = go.Scattergl(
        x=east[keep],
        y=north[keep],
        mode="markers",
        marker={
            "color": shown, "size": 5, "cmin": -most, "cmax": most, "showscale": True,
            "colorscale": [[0, VERMILLION], [0.5, "rgba(128,128,128,0.25)"], [1, BLUE]],
            "colorbar": {"title": {"text": label}, "thickness": 12},
        },
    )  # fmt: skip
    # A degree of longitude is shorter by the cosine of the latitude.
    degrees = float(np.nanmean(north)) if place[1] == "latitude" else 0.0
    ratio = 1 / max(0.2, float(np.cos(np.radians(degrees))))
    layout = base_layout(
        large,
        xaxis={"title": {"text": place[0]}, "constrain": "domain"},
        yaxis={"title": {"text": place[1]}, "scaleanchor": "x", "scaleratio": ratio},
    )
    return go.Figure([dots], layout)


def folds(
    train: Sequence[float], test: Sequence[float], label: str, large: bool = False
) -> go.Figure:
    """Return a bar a fold, held out beside trained on."""
    names = [f"fold {i + 1}" for i in range(len(test))]
    bars = [
        go.Bar(x=names, y=list(train), name="trained on", marker={"color": SKY}),
        go.Bar(x=names, y=list(test), name="held out", marker={"color": VERMILLION}),
    ]
    layout = base_layout(large, showlegend=True, yaxis={"title": {"text": label}})
    return go.Figure(bars, layout)


def weights_of(
    names: Sequence[str], weights: Mapping[str, Any] | Any, large: bool = False
) -> go.Figure:
    """Return the weights as bars, the largest first."""
    values = np.asarray(weights, float)
    order = np.argsort(-np.abs(values))[:24]
    bar = go.Bar(
        x=values[order][::-1], y=[names[i] for i in order][::-1], orientation="h",
        marker={"color": [VERMILLION if values[i] < 0 else BLUE for i in order][::-1]},
    )  # fmt: skip
    axes = {"xaxis": {"title": {"text": "weight"}}, "yaxis": {"automargin": True}}
    return go.Figure([bar], base_layout(large, **axes))
