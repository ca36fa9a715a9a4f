"""The charts of a law and its draws, of darts, and of an infinite range that is cut off."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import BLUE, GREEN, GREY, ORANGE, SKY, VERMILLION, base_layout
from gdviz.topics.integration.studies import Darts, LawStudy, TailBudget

LOG = {"type": "log", "exponentformat": "power"}
BAND = "rgba(0,114,178,0.18)"


def law_chart(found: LawStudy, ends: tuple[float, float], large: bool = False) -> go.Figure:
    """Return F with its values at the ends a and b, and the running mean of draws ± 2 s.e."""
    width = 4 if large else 2.2
    law, lines = found.law, [_curve(found.x, found.cdf, "F(x)", BLUE, width)]
    lines[0].line.shape = "hv" if law.discrete else "linear"
    for end, name, color in zip(ends, ("a", "b"), (ORANGE, VERMILLION), strict=True):
        if np.isfinite(end):
            # P(X < a) is what lies to the left: of a law on whole numbers F(a) has more.
            left = law.discrete and name == "a"
            height = float(law.cdf(np.ceil(end) - 1 if left else end))
            low = float(found.x[0])
            words = f"{'P(X < a)' if left else f'F({name})'} = {height:.4g}"
            lines.append(_curve([low, end, end], [height, height, 0], words, color, width, "dash"))
    high, low = found.running + 2 * found.error, found.running - 2 * found.error
    band = go.Scatter(
        x=np.concatenate([found.n, found.n[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=BAND,
        mode="none",
        name="± 2 s.e.",
        xaxis="x2",
        yaxis="y2",
        hoverinfo="skip",
    )
    mean = _curve(found.n, found.running, f"mean of {found.name} so far", BLUE, width, n="2")
    lines += [mean] if found.variance is None else [band, mean]
    if found.mean is not None:
        ends_ = found.n[[0, -1]]
        lines.append(_curve(ends_, [found.mean] * 2, "true mean", GREEN, width, "dot", "2"))
    layout = base_layout(
        large,
        showlegend=True,
        xaxis={"title": {"text": "x"}, "domain": [0, 0.46]},
        yaxis={"title": {"text": "P(X ≤ x)"}, "range": [-0.02, 1.04]},
        xaxis2={"title": {"text": "draws"}, "domain": [0.56, 1], "anchor": "y2", **LOG},
        yaxis2={"title": {"text": "mean so far"}, "anchor": "x2"},
    )
    return go.Figure(lines, layout)


def _curve(
    x: Any, y: Any, name: str, color: str, width: float, dash: str = "solid", n: str = ""
) -> go.Scatter:
    line = {"color": color, "width": width, "dash": dash}
    about = {"xaxis": f"x{n}", "yaxis": f"y{n}", "mode": "lines", "line": line}
    return go.Scatter(x=x, y=y, name=name, **about)


def darts_chart(found: Darts, f: Any, large: bool = False) -> go.Figure:
    """Return the darts in their box: those between f and the axis count, the others do not."""
    lo, hi, low, high = found.box
    x = np.linspace(lo, hi, 801)
    traces = [
        go.Scatter(
            x=found.x[chosen],
            y=found.y[chosen],
            mode="markers",
            name=f"{name}: {int(chosen.sum())}",
            marker={"color": color, "size": 6 if large else 4, "symbol": symbol},
            hoverinfo="skip",
        )
        for chosen, name, color, symbol in (
            (found.sign > 0, "below f, +1", BLUE, "circle"),
            (found.sign < 0, "above f < 0, −1", VERMILLION, "square"),
            (found.sign == 0, "missed", GREY, "circle-open"),
        )
        if chosen.any()
    ]
    frame = {"x": [lo, hi, hi, lo, lo], "y": [low, low, high, high, low]}
    traces.append(_curve(frame["x"], frame["y"], "box", SKY, 1.5))
    traces.append(_curve(x, f(x), "f", ORANGE, 4 if large else 2.2))
    axes = {"xaxis": {"title": {"text": "x"}}, "yaxis": {"title": {"text": "f(x)"}}}
    return go.Figure(traces, base_layout(large, showlegend=True, **axes))


def tail_chart(found: TailBudget, rule: str, large: bool = False) -> go.Figure:
    """Return what is missed if the range is cut off at L: beyond it, within it, and in all."""
    width, least = (4 if large else 2.2), 1e-17
    rows = (
        ("tail beyond L", found.tail, VERMILLION, "solid"),
        (f"{rule} up to L", found.inside, BLUE, "solid"),
        ("both", found.total, GREY, "dash"),
    )
    lines = [_curve(found.cut, np.maximum(y, least), n, c, width, d) for n, y, c, d in rows]
    axes = {
        "xaxis": {"title": {"text": "cut off at L"}, **LOG},
        "yaxis": {"title": {"text": "|error|"}, **LOG},
    }
    return go.Figure(lines, base_layout(large, showlegend=True, **axes))
