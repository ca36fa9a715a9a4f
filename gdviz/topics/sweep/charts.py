"""The charts of a sweep: a heat map over two axes, and parallel coordinates of all columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import BLUE, GREY, ORANGE, base_layout
from gdviz.numerals import number

MOST_LINES, SHADES = 600, 8
SCALE = "Cividis"


def heat(
    frame: Any, axes: Sequence[str], score: str, highest: bool, large: bool = False
) -> go.Figure:
    """Return the median of a score over the first two axes; a square knows its best cell.

    With one axis it is a line of points. `frame` is a table of pandas with a row a run.
    """
    across, up = axes[0], axes[1] if len(axes) > 1 else None
    x = frame[across].map(_labels(frame[across]))
    y = frame[up].map(_labels(frame[up])) if up else np.full(len(frame), "")
    columns, rows = list(dict.fromkeys(x)), list(dict.fromkeys(y))
    z, best = _medians(frame, x, y, columns, rows, score, highest)
    hover = [
        [
            f"{across} = {a}" + f"<br>{up} = {b}" * bool(up) + f"<br>{score} = {number(v)}"
            for a, v in zip(columns, line, strict=True)
        ]
        for b, line in zip(rows, z, strict=True)
    ]
    log = _is_wide(z.ravel())
    category = {"type": "category", "title": {"text": across}}
    if not up:
        points = _points(np.array(columns), z[0], best[0], np.array(hover[0]))
        vertical: Any = {"title": {"text": score}, "type": "log" if log else "linear"}
        return go.Figure(points, base_layout(large, xaxis=category, yaxis=vertical))
    shown = np.log10(np.where(z > 0, z, np.nan)) if log else z
    bar = {"title": {"text": f"log₁₀ {score}" if log else score, "side": "right"}}
    image = go.Heatmap(
        z=shown, x=columns, y=rows, colorscale=SCALE, reversescale=not highest, colorbar=bar,
        customdata=best, text=hover, hoverinfo="text", xgap=1, ygap=1, **_colours(shown, highest),
    )  # fmt: skip
    vertical = {"type": "category", "title": {"text": up, "standoff": 6}}  # beside long names
    return go.Figure(image, base_layout(large, xaxis=category, yaxis=vertical))


def _medians(
    frame: Any, x: Any, y: Any, columns: list[str], rows: list[str], score: str, highest: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the median score of each square and its best cell, −1 where none is known."""
    z = np.full((len(rows), len(columns)), np.nan)
    best = np.full(z.shape, -1)
    for (a, b), part in frame.groupby([x, y], sort=False):
        values = part[score]
        place = rows.index(b), columns.index(a)
        z[place] = values.median()
        known = values.dropna()
        if len(known):
            best[place] = part["cell"][known.idxmax() if highest else known.idxmin()]
    return z, best


def _points(columns: np.ndarray, z: np.ndarray, best: np.ndarray, hover: np.ndarray) -> go.Scatter:
    """Return the scores of one axis as a line of points, those that are known."""
    there = best >= 0
    return go.Scatter(
        x=columns[there],
        y=z[there],
        customdata=best[there],
        text=hover[there],
        hoverinfo="text",
        mode="lines+markers",
        marker={"size": 10, "color": BLUE},
        line={"color": BLUE},
    )


def _colours(values: np.ndarray, highest: bool) -> dict[str, float]:
    """Return the ends of the colours: the worst tenth, which may have diverged, shares one."""
    known = values[np.isfinite(values)]
    if not len(known):
        return {}
    low, high = np.quantile(known, [0.1, 1] if highest else [0, 0.9])
    return {"zmin": float(low), "zmax": float(high)} if low < high else {}


def parallel(
    frame: Any, names: Sequence[str], score: str, highest: bool, large: bool = False
) -> go.Figure:
    """Return a line a run through all columns `names` and the score, coloured by the score.

    The best `MOST_LINES` runs are drawn, the best of them last and in another colour.
    """
    ranked = frame.dropna(subset=[score]).sort_values(score, ascending=not highest)
    ranked = ranked.head(MOST_LINES).iloc[::-1]
    places, ticks = zip(*(_scaled(ranked[name]) for name in (*names, score)), strict=True)
    lines = np.stack(places, axis=1) if len(ranked) else np.zeros((0, len(names) + 1))
    traces: list[Any] = []
    shade = np.arange(len(lines)) * SHADES // max(len(lines), 1)
    for k in range(SHADES):
        opacity = 0.15 + 0.75 * ((k + 1) / SHADES) ** 2
        traces.append(_lines(lines[shade == k], BLUE if k > SHADES // 2 else GREY, opacity, 1.5))
    traces.append(_lines(lines[-1:], ORANGE, 1.0, 4 if large else 3))
    traces.append(_ends(lines, ranked, score))
    return go.Figure(traces, _layout([*names, score], ticks, large))


def _lines(lines: np.ndarray, color: str, opacity: float, width: float) -> go.Scatter:
    """Return many lines as one trace, with a gap after each."""
    gap = np.full((len(lines), 1), np.nan)
    x = np.tile(np.append(np.arange(lines.shape[1], dtype=float), np.nan), len(lines))
    y = np.hstack([lines, gap]).ravel()
    style = {"color": color, "width": width}
    return go.Scatter(x=x, y=y, mode="lines", line=style, opacity=opacity, hoverinfo="skip")


def _ends(lines: np.ndarray, ranked: Any, score: str) -> go.Scatter:
    """Return the points at the score's axis, which can be clicked."""
    rows = zip(ranked["cell"], ranked[score], strict=True)
    text = [f"cell {c} of the table<br>{score} = {number(v)}" for c, v in rows]
    return go.Scatter(
        x=np.full(len(lines), lines.shape[1] - 1),
        y=lines[:, -1],
        customdata=ranked["cell"].to_numpy(),
        text=text,
        hoverinfo="text",
        mode="markers",
        marker={"size": 8, "color": ORANGE},
    )


def _scaled(column: Any) -> tuple[np.ndarray, list[tuple[float, str]]]:
    """Return where a column's values lie between 0 and 1, and what to write beside its axis."""
    values = list(dict.fromkeys(column))
    numbers = column.dtype.kind in "iuf"
    if not numbers or len(values) <= 6:
        order = sorted(values) if numbers else values
        at = {v: (n / (len(order) - 1) if len(order) > 1 else 0.5) for n, v in enumerate(order)}
        return column.map(at).to_numpy(float), [(at[v], text) for v, text in _labels(order).items()]
    y = column.to_numpy(float)
    log = _is_wide(y)
    z = np.log10(y) if log else y
    low, high = float(np.nanmin(z)), float(np.nanmax(z))
    span = high - low or 1.0
    at_ticks = np.linspace(low, high, 5)
    ticks = [((t - low) / span, _short(float(10**t if log else t))) for t in at_ticks]
    return (z - low) / span, ticks


def _layout(names: list[str], ticks: Sequence[Any], large: bool) -> dict[str, Any]:
    words = [
        {"x": n, "y": y, "text": text, "showarrow": False, "xanchor": "left", "xshift": 6}
        for n, labels in enumerate(ticks)
        for y, text in labels
    ]
    bars = [
        {"type": "line", "x0": n, "x1": n, "y0": 0, "y1": 1, "line": {"color": GREY, "width": 1}}
        for n in range(len(names))
    ]
    size = 18 if large else 11
    return base_layout(
        large,
        annotations=[w | {"font": {"size": size}} for w in words],
        shapes=bars,
        xaxis={
            "tickvals": list(range(len(names))), "ticktext": names, "showgrid": False,
            "range": [-0.1, len(names) - 0.6], "ticks": "",
        },
        yaxis={"visible": False, "range": [-0.06, 1.06]},
    )  # fmt: skip


def _is_wide(values: np.ndarray) -> bool:
    """Tell whether values span ratios that want a logarithmic axis."""
    known = values[np.isfinite(values)]
    return bool(len(known) and known.min() > 0 and known.max() > 100 * known.min())


def _labels(values: Any) -> dict[Any, str]:
    """Return a short label for each distinct value, as long as it takes to tell them apart."""
    distinct = dict.fromkeys(values)
    labels: list[str] = []
    for digits, length in ((4, 24), (6, 48), (9, 96), (17, None)):
        labels = [_short(value, digits, length) for value in distinct]
        if len(set(labels)) == len(distinct):
            break
    return dict(zip(distinct, labels, strict=True))


def _short(value: Any, digits: int = 4, length: int | None = 24) -> str:
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)[:length]
