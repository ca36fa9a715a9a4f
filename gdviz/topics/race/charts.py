"""The charts below the stage of the race: curves, and maps over starts, rates and momenta."""

import base64
import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from gdviz.figures.map_values import MapAxis, MapPart, steps_parts, with_values
from gdviz.figures.rate_chart import against_rate
from gdviz.figures.style import (
    OKABE_ITO,
    Look,
    base_layout,
    encode,
    looks_of,
    plain,
)
from gdviz.figures.weak_cache import cached_per_object
from gdviz.knobs import Range
from gdviz.numerals import number
from gdviz.optimize import LABELS, Problem, Run
from gdviz.optimize.racing import evaluations
from gdviz.topics.race.studies import KnobMap

PANELS = ((0.0, 0.16), (0.21, 0.37), (0.42, 0.58), (0.63, 0.79), (0.84, 1.0))


def curves(
    runs: Mapping[str, Run], minima: Sequence[Any], by_evaluations: bool, large: bool = False
) -> dict[str, Any]:
    """Return f − f*, |∇f|, the distance to the nearest minimum and the step in each coordinate.

    Against steps, or against all evaluations of f, ∇f and H together, where a search pays. It is a
    `plain` figure.
    """
    lowest = _lowest(next(iter(runs.values())).problem, tuple(minima)) if runs else None
    looks = looks_of(runs)
    lines = [
        _line(name, looks[name], x, y, panel, large)
        for name, run in runs.items()
        for x, rows in [_rows(run, name, tuple(minima), by_evaluations)]
        for panel, y in enumerate(rows)
    ]
    titles = [
        "f − f*" if lowest is not None else "f",
        "|∇f|",
        "distance to a minimum",
        "|Δx|",
        "|Δy|",
    ]
    log = {"type": "log", "exponentformat": "power"}
    axes: dict[str, Any] = {}
    for i, title in enumerate(titles):
        n = "" if i == 0 else str(i + 1)
        words = "evaluations" if by_evaluations else "step k"
        axes[f"xaxis{n}"] = {"title": {"text": words}, "domain": PANELS[i], "anchor": f"y{n}"}
        kind = {} if i == 0 and lowest is None else log
        axes[f"yaxis{n}"] = {"title": {"text": title}, "anchor": f"x{n}", **kind}
    return plain(lines, base_layout(large, hovermode="closest", **axes))


@lru_cache(maxsize=64)
def _lowest(problem: Problem, minima: tuple[tuple[float, float], ...]) -> float | None:
    return min((float(problem.f(m)) for m in minima), default=None)


@cached_per_object  # a knob moves one run of many
def _rows(
    run: Run, name: str, minima: tuple[tuple[float, float], ...], by_evaluations: bool
) -> tuple[Any, list[dict[str, str]]]:
    """Return x, None for steps, and the y of each panel of a run as they are sent."""
    lowest = _lowest(run.problem, minima)
    gap = run.f if lowest is None else run.f - lowest
    rows = np.array([gap, np.hypot(*run.grad.T), distance(run, minima), *_steps(run)])
    # On a log axis, what is not positive is a gap; without a minimum the axis of f is linear.
    log = rows[1:] if lowest is None else rows
    log[~(log > 0)] = np.nan
    x = encode(evaluations(name, run).sum(axis=1, dtype=np.int32)) if by_evaluations else None
    return x, [encode(row) for row in rows]


def distance(run: Run, minima: Sequence[Any]) -> Any:
    """Return the distance of every point to the nearest minimum, not-a-number without one."""
    if not len(minima):
        return np.full(len(run.f), np.nan)
    return np.min([np.hypot(*(run.x - np.asarray(m)).T) for m in minima], axis=0)


def _steps(run: Run) -> Any:
    """Return how far each step goes along each coordinate, `(2, n + 1)`; the last goes nowhere."""
    return np.abs(np.diff(run.x, axis=0, append=run.x[-1:])).T


def _line(name: str, look: Look, x: Any, y: Any, panel: int, large: bool) -> dict[str, Any]:
    """Return a line of the chart; without an x, Plotly counts the steps itself."""
    n = "" if panel == 0 else str(panel + 1)
    counted = {"x": x} if x else {}
    return {
        **counted,
        "type": "scatter",
        "y": y,
        "name": LABELS[name],
        "mode": "lines",
        "line": {"color": look.color, "dash": look.dash, "width": 4 if large else 2},
        "xaxis": f"x{n}",
        "yaxis": f"y{n}",
        "hovertemplate": f"{LABELS[name]}<br>%{{x}}: %{{y}}<extra></extra>",
    }


def rates(runs: Mapping[str, Run], large: bool = False) -> go.Figure:
    """Return two rates over the steps: η_k as it is set, and |Δx_k|/|∇f_k| as it is taken.

    The second is the η with which gradient descent would step as far from the same point. A method
    without an η has no line at the left; a search has its first trial there.
    """
    lines, looks = [], looks_of(runs)
    for name, run in runs.items():
        n = max(len(run.f) - 1, 0)  # the last point takes no step
        given, slope = run.maker.rates(n), np.hypot(*run.grad[:n].T)
        length = np.hypot(*np.diff(run.x, axis=0).T)
        taken = np.divide(length, slope, out=np.full(n, np.nan), where=slope > 0)
        both = [np.full(n, np.nan) if given is None else given, taken]
        lines += [
            _line(name, looks[name], None, encode(np.where(y > 0, y, np.nan)), side, large)
            for side, y in enumerate(both)
        ]
    axes: dict[str, Any] = {}
    for panel, title, domain in (("", "η<sub>k</sub>", [0, 0.46]), ("2", "|Δx|/|∇f|", [0.57, 1])):
        axes[f"xaxis{panel}"] = {
            "title": {"text": "step k"},
            "domain": domain,
            "anchor": f"y{panel}",
        }
        axes[f"yaxis{panel}"] = {
            "title": {"text": title},
            "anchor": f"x{panel}",
            "type": "log",
            "exponentformat": "power",
        }
    return plain(lines, base_layout(large, hovermode="closest", **axes))


def basin_image(
    problem: Problem, minimum: Any, steps: Any, minima: Sequence[Any], large: bool = False
) -> go.Figure:
    """Return a map of starts `(rows, columns)` coloured by the minimum reached, shaded by steps."""
    colors = [OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(minima))]
    palette = np.array([_rgb(c) for c in [*colors, "#404040", "#B0B0B0"]])
    # −1 (none) and −2 (diverged) index the palette from its end.
    base = palette[minimum]
    arrived = np.log1p(steps[minimum >= 0]) if np.any(minimum >= 0) else np.zeros(1)
    quick, slow = np.percentile(arrived, [2, 98])
    late = np.clip((np.log1p(np.maximum(steps, 0)) - quick) / max(slow - quick, 1e-9), 0, 1)
    image = (base * np.where(minimum >= 0, 1 - 0.5 * late, 1.0)[..., None]).astype(np.uint8)
    figure = _picture(problem.box, image, "start x₀", "start y₀", large)
    ends = {-1: "ends at no minimum in time", -2: "diverges"}
    ends |= {i: f"to ({number(m[0], 3)}, {number(m[1], 3)})" for i, m in enumerate(minima)}
    parts = [MapPart(minimum, words=ends), MapPart(steps, "", " steps", {-1: ""})]
    rows, columns = np.shape(minimum)
    across, up = (np.linspace(*b, n) for b, n in zip(problem.box, (columns, rows), strict=True))
    return with_values(figure, MapAxis("x₀", across), MapAxis("y₀", up), parts)


def _picture(
    box: Any, image: Any, x_title: str, y_title: str, large: bool, **axes: Any
) -> go.Figure:
    """Return an image stretched over a box, its first row at the bottom."""
    (x0, x1), (y0, y1) = box
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image[::-1])).save(buffer, "PNG")
    source = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    place = {"xref": "x", "yref": "y", "x": x0, "y": y1, "sizex": x1 - x0, "sizey": y1 - y0}
    layout = base_layout(
        large,
        images=[{"source": source, **place, "sizing": "stretch", "layer": "below"}],
        xaxis={
            "title": {"text": x_title},
            "range": [x0, x1],
            "showgrid": False,
            **axes.get("x", {}),
        },
        yaxis={
            "title": {"text": y_title},
            "range": [y0, y1],
            "showgrid": False,
            **axes.get("y", {}),
        },
    )
    return go.Figure(data=[go.Scatter(x=[], y=[], mode="markers")], layout=layout)


def _rgb(color: str) -> list[int]:
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]


def knob_map(found: KnobMap, axes: Sequence[Range], large: bool = False) -> go.Figure:
    """Return the steps to converge over two knobs, `axes`; grey never, dark diverges."""
    steps = found.steps
    shown = np.where(steps >= 0, np.log10(np.maximum(steps, 1)), np.nan).astype(np.float32)
    ticks = [t for t in (1, 3, 10, 30, 100, 300, 1000) if t <= max(1, steps.max(initial=1))]
    bar = {
        "title": {"text": "steps"},
        "tickvals": np.log10(ticks),
        "ticktext": ticks,
        "thickness": 14,
    }
    greys = [[0, "#B0B0B0"], [0.5, "#B0B0B0"], [0.5, "#404040"], [1, "#404040"]]
    flat = {"x": found.across, "y": found.up, "hoverinfo": "skip"}
    lost = (found.code < 0).astype(np.float32)
    traces = [
        go.Heatmap(z=lost, zmin=0, zmax=1, colorscale=greys, showscale=False, **flat),
        go.Heatmap(z=shown, colorscale="Cividis", colorbar=bar, **flat),
    ]
    named = [
        {"title": {"text": kind.label}}
        | ({"type": "log", "exponentformat": "power"} if kind.log else {})
        for kind in axes
    ]
    layout = base_layout(large, xaxis=named[0], yaxis=named[1])
    across, up = (
        MapAxis(kind.label, values, kind.log)
        for kind, values in zip(axes, (found.across, found.up), strict=True)
    )
    figure = go.Figure(data=traces, layout=layout)
    return with_values(figure, across, up, steps_parts(steps, found.code))


def sensitivity(
    rates: Any, final: Mapping[str, Any], large: bool = False, when: str = "at the end"
) -> go.Figure:
    """Return the last f of each method against η, or f at another time; a gap where it diverged."""
    return against_rate(rates, final, f"f {when}, above the lowest", large)


def phase_plane(
    rates: Any, momenta: Any, factor: Any, optimum: tuple[float, float, float], large: bool = False
) -> go.Figure:
    """Return the exact factor per step of the heavy ball over (η, β); blank where it diverges."""
    shown = np.where(factor < 1, factor, np.nan).astype(np.float32)
    bar = {"title": {"text": "factor<br>per step"}, "thickness": 14}
    star = {"symbol": "star", "size": 16, "color": "#D55E00", "line": {"width": 1, "color": "#fff"}}
    traces = [
        go.Contour(
            x=rates,
            y=momenta,
            z=shown,
            colorscale="Cividis_r",
            colorbar=bar,
            contours={"start": 0, "end": 1, "size": 0.05},
            line={"width": 0.5},
            hoverinfo="skip",
        ),
        go.Scatter(x=[optimum[0]], y=[optimum[1]], mode="markers", marker=star, name="optimum"),
    ]
    layout = base_layout(
        large,
        xaxis={"title": {"text": "learning rate η"}, "range": [0, float(rates[-1])]},
        yaxis={"title": {"text": "momentum β"}, "range": [0, 1]},
    )
    axes = MapAxis("η", rates), MapAxis("β", momenta)
    part = MapPart(factor, "factor per step ")
    return with_values(go.Figure(data=traces, layout=layout), *axes, [part])
