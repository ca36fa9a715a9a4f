"""The charts below the stage of the recommender: studies of k, λ, η, solvers, models, users."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION, base_layout
from gdviz.learn.recommender.ranking import Band
from gdviz.topics.recommender.ratings_source import Data
from gdviz.topics.recommender.studies import FACTORS, PENALTIES, Rung

SOLVER_LOOKS = {"sgd": (BLUE, "solid"), "adagrad": (ORANGE, "dash"), "als": (GREEN, "dashdot")}
HALVES = ((0.0, 0.46), (0.56, 1.0))


def _figure(traces: list[Any], large: bool, **layout: Any) -> go.Figure:
    return go.Figure(traces, base_layout(large, hovermode="closest", **layout))


def grid(errors: np.ndarray, data: Data, large: bool = False) -> go.Figure:
    """Return the lowest test error over k and λ `(penalties, factors)`, as it is known so far."""
    texts = [["" if np.isnan(v) else f"{v:.3f}" for v in row] for row in errors]
    known = errors[np.isfinite(errors)]
    top = float(min(known.max(initial=0), 1.1 * data.bias_rmse)) or None
    heat = go.Heatmap(
        x=list(range(len(FACTORS))),
        y=list(range(len(PENALTIES))),
        z=errors,
        text=texts,
        texttemplate="%{text}",
        colorscale="Cividis",
        reversescale=True,
        zmin=float(known.min(initial=top or 1)),
        zmax=top,
        colorbar={"title": {"text": "RMSE"}},
    )
    axes = {
        "xaxis": {
            "title": {"text": "factors k"},
            "tickvals": list(range(len(FACTORS))),
            "ticktext": [str(k) for k in FACTORS],
            "range": [-0.5, len(FACTORS) - 0.5],
        },
        "yaxis": {
            "title": {"text": "penalty λ"},
            "tickvals": list(range(len(PENALTIES))),
            "ticktext": [f"{reg:g}" for reg in PENALTIES],
            "range": [-0.5, len(PENALTIES) - 0.5],
        },
    }
    return _figure([heat], large, **axes)


def sweep(rows: np.ndarray, data: Data, large: bool = False) -> go.Figure:
    """Return the errors after the last epoch against η, and the lowest test error on the way."""
    looks = (("training", BLUE, "solid"), ("test", VERMILLION, "dash"), ("best test", GREY, "dot"))
    top = 1.3 * data.mean_rmse
    traces = [
        go.Scatter(
            x=rows[:, 0],
            y=np.where(rows[:, n] < 1e3, rows[:, n], np.nan),
            name=name,
            mode="lines+markers",
            line={"color": color, "dash": dash},
        )
        for n, (name, color, dash) in enumerate(looks, 1)
    ]
    lost = rows[~(rows[:, 2] < 1e3), 0]
    traces.append(
        go.Scatter(
            x=lost,
            y=np.full(len(lost), 0.97 * top),
            mode="markers",
            name="diverged",
            marker={"symbol": "x-thin-open", "color": VERMILLION, "size": 11},
        )
    )
    axes = {
        "xaxis": {"type": "log", "title": {"text": "learning rate η"}, "exponentformat": "power"},
        "yaxis": {"title": {"text": "RMSE, stars"}, "range": [0, top]},
    }
    return _figure(traces, large, showlegend=True, **axes)


def solvers(laps: Mapping[str, Any], labels: Mapping[str, str], large: bool = False) -> go.Figure:
    """Return the test error of each solver per epoch and per second of training."""
    traces = []
    for name, lap in laps.items():
        color, dash = SOLVER_LOOKS[name]
        for panel, x in (("", np.arange(len(lap.test))), ("2", 1e3 * lap.seconds)):
            traces.append(
                go.Scatter(
                    x=x,
                    y=lap.test,
                    name=labels[name],
                    mode="lines+markers",
                    line={"color": color, "dash": dash},
                    marker={"size": 4},
                    xaxis=f"x{panel}",
                    yaxis=f"y{panel}",
                    showlegend=not panel,
                )
            )
    axes = {
        "xaxis": {"domain": HALVES[0], "title": {"text": "epoch"}},
        "yaxis": {"title": {"text": "test RMSE"}},
        "xaxis2": {"domain": HALVES[1], "title": {"text": "ms of training"}, "anchor": "y2"},
        "yaxis2": {"anchor": "x2", "title": {"text": "test RMSE"}},
    }
    return _figure(traces, large, showlegend=True, **axes)


def ladder(rungs: Sequence[Rung], floor: float | None, large: bool = False) -> go.Figure:
    """Return the mean test error of each model over the folds, with its standard deviation."""
    done = [rung for rung in rungs if rung.errors and np.isfinite(rung.errors).all()]
    means = [float(np.mean(rung.errors)) for rung in done]
    spread = [float(np.std(r.errors, ddof=1)) if len(r.errors) > 1 else 0.0 for r in done]
    dots = go.Scatter(
        x=means,
        y=[rung.label for rung in done],
        error_x={"array": spread},
        mode="markers+text",
        text=[f"{'&nbsp;' * 12}{m:.3f} ± {s:.3f}" for m, s in zip(means, spread, strict=True)],
        textposition="middle right",
        cliponaxis=False,
        marker={"size": 10, "color": BLUE},
    )
    shapes = [] if floor is None else [_line(floor)]
    axes = {
        "xaxis": {"title": {"text": "test RMSE, mean ± spread over five folds"}},
        "yaxis": {"range": [len(done) - 0.5, -0.5]},
    }
    return _figure([dots], large, shapes=shapes, **axes)


def _line(x: float) -> dict[str, Any]:
    place = {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper"}
    return place | {"line": {"color": ORANGE, "dash": "dot", "width": 2}}


def bands(items: Sequence[Band], users: Sequence[Band], large: bool = False) -> go.Figure:
    """Return the test error by how often an item, and a user, was seen in training."""
    traces = []
    for panel, color, found in (("", PURPLE, items), ("2", GREEN, users)):
        labels = [_named(band) for band in found]
        traces.append(
            go.Bar(
                x=labels,
                y=[band.rmse for band in found],
                text=[f"{band.ratings:,}" for band in found],
                textposition="outside",
                cliponaxis=False,
                marker={"color": color},
                xaxis=f"x{panel}",
                yaxis=f"y{panel}",
            )
        )
    top = 1.2 * max(band.rmse for band in [*items, *users])
    axes = {
        "xaxis": {
            "domain": HALVES[0],
            "title": {"text": "training ratings of the item"},
            "type": "category",
        },
        "yaxis": {"title": {"text": "test RMSE"}, "range": [0, top]},
        "xaxis2": {
            "domain": HALVES[1],
            "title": {"text": "training ratings of the user"},
            "type": "category",
            "anchor": "y2",
        },
        "yaxis2": {"anchor": "x2", "range": [0, top], "title": {"text": "test RMSE"}},
    }
    return _figure(traces, large, **axes)


def _named(band: Band) -> str:
    return str(band.low) if band.low == band.high else f"{band.low}–{band.high}"


def rankings(rows: Sequence[Any], large: bool = False) -> go.Figure:
    """Return precision, recall and nDCG against the length of the list."""
    looks = {"precision": (BLUE, "solid"), "recall": (VERMILLION, "dash"), "ndcg": (GREEN, "dot")}
    traces = []
    for name, (color, dash) in looks.items():
        for which, words in ((1, ""), (2, ", biases alone")):
            traces.append(
                go.Scatter(
                    x=[row[0] for row in rows],
                    y=[getattr(row[which], name) for row in rows],
                    name=name.replace("ndcg", "nDCG") + words,
                    mode="lines+markers",
                    opacity=1.0 if which == 1 else 0.4,
                    line={"color": color, "dash": dash},
                )
            )
    axes = {
        "xaxis": {"title": {"text": "length of the list"}},
        "yaxis": {"title": {"text": "mean over users"}, "rangemode": "tozero"},
    }
    return _figure(traces, large, showlegend=True, **axes)
