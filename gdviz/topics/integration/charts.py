"""The charts below the stage of *integration*: errors, trees, tables, maps, dimensions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.curves import window
from gdviz.figures.style import (
    BLUE,
    DASHES,
    GREEN,
    GREY,
    ORANGE,
    PALETTE,
    PLOTLY_SYMBOLS,
    SYMBOLS,
    VERMILLION,
    Look,
    base_layout,
)
from gdviz.numerals import number
from gdviz.probability import RULES
from gdviz.probability.adaptive import Subdivision
from gdviz.probability.curse_of_dimension import Cost
from gdviz.probability.rules import RULE_LABELS

RULE_LOOKS = {
    name: Look(PALETTE[i % len(PALETTE)], DASHES[i // 4 % 4], SYMBOLS[i % 4])
    for i, name in enumerate(RULES)
}
LOG = {"type": "log", "exponentformat": "power"}
ROUNDING = 1e-17


def error_curves(
    curves: Mapping[str, tuple[Any, Any]], chosen: str, large: bool = False
) -> go.Figure:
    """Return |error| against evaluations of f for every rule, both logarithmic, slopes beside."""
    traces = []
    for name, (counts, errors) in curves.items():
        if not len(counts):
            continue
        look, own = RULE_LOOKS[name], name == chosen
        shown = np.maximum(errors, ROUNDING)
        steep = slope(counts, errors)
        words = RULE_LABELS[name] + (f" {steep:+.1f}".replace("-", "−") if steep else "")
        traces.append(
            go.Scatter(
                x=counts,
                y=shown,
                name=words,
                mode="lines+markers",
                line={"color": look.color, "dash": look.dash, "width": (5 if own else 2)},
                marker={"symbol": PLOTLY_SYMBOLS.get(look.symbol, look.symbol), "size": 6},
                opacity=1.0 if own else 0.75,
                hovertemplate=f"{RULE_LABELS[name]}<br>%{{x}}: %{{y}}<extra></extra>",
            )
        )
    layout = base_layout(
        large,
        showlegend=True,
        legend={"orientation": "v", "x": 1.01, "y": 1, "yanchor": "top"},
        xaxis={"title": {"text": "evaluations of f"}, **LOG},
        yaxis={"title": {"text": "|error|"}, **LOG},
    )
    return go.Figure(traces, layout)


def slope(counts: Any, errors: Any) -> float | None:
    """Return the slope of log error against log evaluations, above the rounding of floats."""
    good = errors > 1e-13
    if good.sum() < 3:
        return None
    x, y = np.log(counts[good][-5:]), np.log(errors[good][-5:])
    return float(np.polyfit(x, y, 1)[0]) if np.ptp(x) > 0.5 else None


def tree(state: Subdivision, point: Any, large: bool = False) -> go.Figure:
    """Return the tree of pieces: one row a depth, those that were halved in grey."""
    traces = []
    for leaf, color, name in ((False, GREY, "halved"), (True, BLUE, "kept")):
        rows = np.flatnonzero(state.leaf == leaf)
        lo, hi, depth = point(state.lo[rows]), point(state.hi[rows]), state.depth[rows]
        corners = (lo, hi, hi, lo, lo, np.full(len(rows), np.nan))
        heights = (depth - 0.4, depth - 0.4, depth + 0.4, depth + 0.4, depth - 0.4, depth * np.nan)
        traces.append(
            go.Scatter(
                x=np.stack(corners, 1).ravel(),
                y=np.stack(heights, 1).ravel(),
                fill="toself",
                mode="lines",
                name=name,
                line={"color": color, "width": 1},
                hoverinfo="skip",
            )
        )
    layout = base_layout(
        large,
        showlegend=True,
        xaxis={"title": {"text": "x"}},
        yaxis={"title": {"text": "times halved"}, "autorange": "reversed", "dtick": 5},
    )
    return go.Figure(traces, layout)


def romberg(table: Any, truth: float, large: bool = False) -> go.Figure:
    """Return Romberg's triangle: each entry with its value, coloured by its error."""
    levels = len(table)
    error = np.log10(np.maximum(np.abs(table - truth), 1e-16))
    words = [[number(v, 12) if np.isfinite(v) else "" for v in row] for row in table]
    heat = go.Heatmap(
        z=error,
        text=words,
        texttemplate="%{text}",
        textfont={"size": 15 if large else 11},
        colorscale="Cividis_r",
        zmin=-16,
        zmax=0,
        colorbar={"title": {"text": "log₁₀ |error|"}, "thickness": 14},
        hoverinfo="skip",
        x=["trapezoid", "Simpson", "Boole", *(f"step {j}" for j in range(3, levels))][:levels],
        y=[f"{2**k} strips" for k in range(levels)],
    )
    layout = base_layout(large, yaxis={"autorange": "reversed"}, xaxis={"side": "top", "ticks": ""})
    layout["margin"] = {"l": 80, "r": 16, "t": 40, "b": 12}
    return go.Figure(heat, layout)


def maps(
    rows: Sequence[tuple[str, Any, Any, Any]], names: Mapping[str, str], large: bool = False
) -> go.Figure:
    """Return x(u) of every change of variable, and the integrand that each hands to the rule."""
    traces = []
    for i, (name, u, x, seen) in enumerate(rows):
        line = {"color": PALETTE[i], "dash": DASHES[i % 4], "width": 4 if large else 2}
        for y, axis in ((x, ""), (seen, "2")):
            traces.append(
                go.Scatter(
                    x=u,
                    y=y,
                    name=names[name],
                    line=line,
                    mode="lines",
                    xaxis=f"x{axis}",
                    yaxis=f"y{axis}",
                    showlegend=axis == "",
                    hoverinfo="skip",
                )
            )
    ends = [window(np.append(seen, 0.0)) for *_, seen in rows]
    tame = 3 * min(max(-low, high) for low, high in ends)  # another map may blow up at its ends
    layout = base_layout(
        large,
        showlegend=True,
        xaxis={"title": {"text": "u"}, "domain": [0, 0.46], "anchor": "y"},
        yaxis={"title": {"text": "x(u)"}, "range": [-10, 10], "anchor": "x"},
        xaxis2={"title": {"text": "u"}, "domain": [0.54, 1], "anchor": "y2"},
        yaxis2={
            "title": {"text": "f(x(u)) dx/du"},
            "anchor": "x2",
            "range": [
                max(min(low for low, _ in ends), -tame),
                min(max(high for _, high in ends), tame),
            ],
        },
    )
    return go.Figure(traces, layout)


def running_means(draws: Mapping[str, Any], large: bool = False) -> go.Figure:
    """Return the mean of the first n draws against n, for several distributions."""
    traces = []
    for i, (name, x) in enumerate(draws.items()):
        n = np.unique(np.geomspace(1, len(x), 600).astype(int))
        mean = np.cumsum(x)[n - 1] / n
        line = {"color": (BLUE, VERMILLION, ORANGE, GREEN)[i % 4], "width": 4 if large else 2}
        traces.append(go.Scatter(x=n, y=mean, name=name, mode="lines", line=line))
    layout = base_layout(
        large,
        showlegend=True,
        xaxis={"title": {"text": "draws"}, **LOG},
        yaxis={"title": {"text": "mean so far"}, "range": [-8, 8], "zeroline": True},
    )
    return go.Figure(traces, layout)


def dimensions(found: Cost, large: bool = False) -> go.Figure:
    """Return relative errors against the dimension, for the same number of evaluations."""
    rows = (
        ("grid of midpoints", found.grid, BLUE, "solid", "circle"),
        ("Monte Carlo", found.monte_carlo, VERMILLION, "dash", "square"),
        ("quasi-Monte Carlo (Sobol′)", found.quasi_monte_carlo, GREEN, "dot", "diamond"),
    )
    traces = [
        go.Scatter(
            x=found.dimensions,
            y=y,
            name=name,
            mode="lines+markers",
            line={"color": color, "dash": dash, "width": 4 if large else 2},
            marker={"symbol": symbol, "size": 8},
        )
        for name, y, color, dash, symbol in rows
    ]
    layout = base_layout(
        large,
        showlegend=True,
        xaxis={"title": {"text": "dimension d"}, "dtick": 1},
        yaxis={"title": {"text": "relative error"}, **LOG},
    )
    return go.Figure(traces, layout)
