"""The charts below the stage of *importance*: repeated runs, a tail, dimensions, other ways."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION, base_layout

LOG = {"type": "log", "exponentformat": "power"}


def repeats(
    plain: Any, ratio: Any, truth: float | None, reported: float, large: bool = False
) -> go.Figure:
    """Return histograms of repeated estimates, the truth, and the bell that one run promises."""
    both = np.concatenate([plain, ratio])
    lo, hi = np.percentile(both, [1, 99])
    if truth is not None:
        lo, hi = min(lo, truth), max(hi, truth)
    pad = 0.15 * (hi - lo) or 1.0
    bins = {"start": lo - pad, "end": hi + pad, "size": (hi - lo + 2 * pad) / 50}
    traces: list[Any] = [
        go.Histogram(
            x=np.clip(values, lo - pad, hi + pad),
            xbins=bins,
            name=name,
            opacity=0.55,
            marker={"color": color},
        )
        for values, name, color in (
            (plain, "mean of w·h", VERMILLION),
            (ratio, "Σwh / Σw", PURPLE),
        )
    ]
    middle = truth if truth is not None else float(np.median(plain))
    if reported > 0:
        x = np.linspace(lo - pad, hi + pad, 301)
        traces.append(_promise(x, middle, reported, len(plain) * bins["size"]))
    layout = base_layout(
        large,
        showlegend=True,
        barmode="overlay",
        xaxis={"title": {"text": "estimate"}, "range": [lo - pad, hi + pad]},
        yaxis={"title": {"text": "runs"}},
    )
    figure = go.Figure(traces, layout)
    if truth is not None:
        figure.add_vline(x=truth, line={"color": GREEN, "width": 3, "dash": "dash"})
    return figure


def _promise(x: Any, middle: float, reported: float, area: float) -> go.Scatter:
    """Return the bell of the error that one run reports, of this area."""
    away = np.clip((x - middle) / reported, -40, 40)
    count = area * np.exp(-0.5 * away**2) / (reported * np.sqrt(2 * np.pi))
    line = {"color": GREY, "dash": "dot", "width": 2}
    return go.Scatter(x=x, y=count, name="what one run promises", mode="lines", line=line)


def tail(gammas: Any, ratios: Any, gamma: float, large: bool = False) -> go.Figure:
    """Return the factor by which a shifted proposal saves samples, against γ."""
    line = {"color": BLUE, "width": 4 if large else 2.5}
    at = float(np.interp(gamma, gammas, np.log10(ratios)))
    traces = [
        go.Scatter(x=gammas, y=ratios, mode="lines", line=line, name="variance ratio"),
        go.Scatter(
            x=[gamma],
            y=[10**at],
            mode="markers",
            name="γ",
            marker={"color": VERMILLION, "size": 14},
        ),
    ]
    layout = base_layout(
        large,
        xaxis={"title": {"text": "γ"}},
        yaxis={"title": {"text": "variance, crude over shifted"}, **LOG},
    )
    return go.Figure(traces, layout)


def degeneracy(dims: Any, rows: Any, large: bool = False) -> go.Figure:
    """Return ESS/n against the dimension for several widths, sampled and in the limit."""
    traces = []
    for color, (ratio, sampled, limit) in zip(
        (BLUE, ORANGE, VERMILLION, PURPLE), rows, strict=False
    ):
        name = f"q {ratio:g} times as wide as p"
        line = {"color": color, "width": 4 if large else 2}
        marks = {"color": color, "size": 8}
        shown = np.where(limit > 0, limit, np.nan)
        traces.append(go.Scatter(x=dims, y=sampled, name=name, mode="markers", marker=marks))
        traces.append(go.Scatter(x=dims, y=shown, mode="lines", line=line, showlegend=False))
    layout = base_layout(
        large,
        showlegend=True,
        xaxis={"title": {"text": "dimension d"}},
        yaxis={"title": {"text": "ESS / n"}, "range": [-4, 0.1], **LOG},
    )
    return go.Figure(traces, layout)
