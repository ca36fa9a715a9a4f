"""The charts below the stage of one-dimensional descent: curves, cobweb, and maps over η and x₀."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.map_values import MapAxis, MapPart, steps_parts, with_values
from gdviz.figures.style import (
    BLUE,
    GREY,
    OKABE_ITO,
    ORANGE,
    PLOTLY_SYMBOLS,
    VERMILLION,
    Look,
    base_layout,
    looks_of,
)
from gdviz.numerals import number
from gdviz.optimize import LABELS, Problem, Run, local_minima

PANELS = ((0.0, 0.27), (0.37, 0.64), (0.74, 1.0))


def curves(
    runs: Mapping[str, Run], f_star: float | None, rate: float | None = None, large: bool = False
) -> go.Figure:
    """Return f(x_k) − f*, |f′(x_k)| and x_k against k, the first two on log axes.

    Without a known minimum the first panel shows f itself. `rate` is the factor by which gradient
    descent shrinks the error each step where theory knows it (a parabola), drawn as a guide.
    """
    traces, looks = [], looks_of(runs)
    for name, run in runs.items():
        gap = run.f - f_star if f_star is not None else run.f
        positive = [gap if f_star is None else _positive(gap), _positive(np.abs(run.grad[:, 0]))]
        for panel, y in enumerate([*positive, run.x[:, 0]]):
            traces.append(_line(name, looks[name], y, panel, large))
    if rate is not None and f_star is not None and 0 < rate:
        run = next(iter(runs.values()))
        guide = (run.f[0] - f_star) * rate ** (2.0 * np.arange(len(run.f)))
        traces.append(_guide(_positive(guide), f"rate {number(rate, 3)}² per step"))
    first = "f(x<sub>k</sub>) − f*" if f_star is not None else "f(x<sub>k</sub>)"
    log = {"type": "log", "exponentformat": "power", "dtick": None}
    layout = base_layout(
        large,
        showlegend=len(traces) > 3,
        hovermode="x unified",
        **{f"xaxis{_n(i)}": _step_axis(i) for i in range(3)},
        yaxis={"title": {"text": first}, **(log if f_star is not None else {})},
        yaxis2={"title": {"text": "|f′(x<sub>k</sub>)|"}, "anchor": "x2", **log},
        yaxis3={"title": {"text": "x<sub>k</sub>"}, "anchor": "x3"},
    )
    return go.Figure(data=traces, layout=layout)


def _n(i: int) -> str:
    return "" if i == 0 else str(i + 1)


def _step_axis(i: int) -> dict[str, Any]:
    return {"title": {"text": "step k"}, "domain": list(PANELS[i]), "anchor": f"y{_n(i)}"}


def _positive(values: Any) -> Any:
    """A log axis has no place for zero: an exact hit leaves a gap instead of a false value."""
    return np.where(np.asarray(values) > 0, values, np.nan)


def _line(name: str, look: Look, y: Any, panel: int, large: bool) -> go.Scatter:
    few = len(y) <= 60
    return go.Scatter(
        x=np.arange(len(y)),
        y=y,
        name=LABELS[name],
        legendgroup=name,
        showlegend=panel == 2,
        mode="lines+markers" if few else "lines",
        line={"color": look.color, "dash": look.dash, "width": 4 if large else 2},
        marker={"symbol": PLOTLY_SYMBOLS.get(look.symbol, look.symbol), "size": 5},
        xaxis=f"x{_n(panel)}",
        yaxis=f"y{_n(panel)}",
    )


def _guide(y: Any, name: str) -> go.Scatter:
    line = {"color": GREY, "dash": "dot", "width": 1.5}
    return go.Scatter(x=np.arange(len(y)), y=y, name=name, mode="lines", line=line)


def slope_where_defined(problem: Problem, x: Any) -> Any:
    """Return f′ on a grid, not-a-number where f has no value, as log x at the left of zero."""
    slope = problem.grad(x[:, None])[:, 0]
    return np.where(np.isfinite(problem.f(x[:, None])), slope, np.nan)


def cobweb(
    problem: Problem, lr: float, x: Any, box: tuple[float, float], large: bool = False
) -> go.Figure:
    """Return the map T(x) = x − ηf′(x), the diagonal, and the path that bounces between them.

    A fixed point is stable where |T′| = |1 − ηf″| < 1: there the path spirals or steps inwards. At
    each minimum a tangent has this slope, and says it.
    """
    grid = np.linspace(*box, 801)
    step = grid - lr * slope_where_defined(problem, grid)
    web_x, web_y = np.repeat(x, 2)[:-1], np.repeat(x, 2)[1:]
    width = 4 if large else 2
    traces = [
        go.Scatter(x=grid, y=grid, name="x", mode="lines", line={"color": GREY, "width": 1.5}),
        go.Scatter(
            x=grid,
            y=step,
            name="T(x) = x − ηf′(x)",
            mode="lines",
            line={"color": BLUE, "width": width},
        ),
        go.Scatter(
            x=web_x,
            y=web_y,
            name="path",
            mode="lines",
            line={"color": VERMILLION, "width": width / 2},
        ),
        go.Scatter(
            x=x[:1], y=x[:1], name="start", mode="markers", marker={"color": VERMILLION, "size": 9}
        ),
        *_slopes(problem, lr, box, large),
    ]
    return go.Figure(data=traces, layout=_square_layout(box, large))


def map_slopes(problem: Problem, lr: float, box: tuple[float, float]) -> dict[float, float]:
    """Return T′ = 1 − ηf″ at each local minimum in the box, by the minimum."""
    minima = local_minima(problem, *box)
    second = problem.hess(minima[:, None])[:, 0, 0] if len(minima) else []
    return {float(x): float(1 - lr * c) for x, c in zip(minima, second, strict=True)}


def _slopes(problem: Problem, lr: float, box: tuple[float, float], large: bool) -> list[go.Scatter]:
    """Return the tangents of T at the minima, as long as a sixth of the box, with their slopes."""
    found = map_slopes(problem, lr, box)
    reach = (box[1] - box[0]) / 12
    along, up = [], []
    for x, slope in found.items():
        half = reach / np.hypot(1, slope)
        along += [x - half, x, x + half, None]
        up += [x - half * slope, x, x + half * slope, None]
    line = {"color": ORANGE, "width": 6 if large else 4}
    name = "slope 1 − ηf″ at a minimum"
    at, words = list(found), [f"{slope:.3g}" for slope in found.values()]
    text = {"text": words, "textposition": "bottom right", "mode": "text", "showlegend": False}
    tangents = go.Scatter(x=along, y=up, name=name, mode="lines", line=line)
    return [tangents, go.Scatter(x=at, y=at, name="slopes", **text)] if found else []


def _square_layout(box: tuple[float, float], large: bool) -> dict[str, Any]:
    """Return the layout of a map of x to x: both axes alike, the legend beside them."""
    side: dict[str, Any] = {"range": list(box), "constrain": "domain"}
    return base_layout(
        large,
        showlegend=True,
        legend={"orientation": "v", "x": 1.02, "y": 1, "xanchor": "left", "yanchor": "top"},
        xaxis={"title": {"text": "x<sub>k</sub>"}, **side},
        yaxis={"title": {"text": "x<sub>k+1</sub>"}, "scaleanchor": "x", **side},
    )


def bifurcation(
    rates: Any, x: Any, box: tuple[float, float], large: bool = False, bins: int = 200
) -> go.Figure:
    """Return where the iterates end up for each η: `x (rates, kept)` counted into `bins` rows."""
    edges = np.linspace(*box, bins + 1)
    counts = np.stack([np.histogram(row[np.isfinite(row)], edges)[0] for row in x], axis=1)
    shade = np.where(counts > 0, np.log1p(counts), np.nan).astype(np.float32)
    image = go.Heatmap(
        x=rates,
        y=(edges[1:] + edges[:-1]) / 2,
        z=shade,
        colorscale=[[0, "#9CC7E3"], [1, BLUE]],
        showscale=False,
        hoverinfo="skip",
    )
    layout = base_layout(
        large,
        xaxis={"title": {"text": "learning rate η"}, "range": [float(rates[0]), float(rates[-1])]},
        yaxis={"title": {"text": "x after many steps"}, "range": list(box)},
    )
    middles, visits = (edges[1:] + edges[:-1]) / 2, MapPart(counts, "", f" of {x.shape[1]} visits")
    axes = MapAxis("η", rates), MapAxis("x", middles)
    return with_values(go.Figure(data=[image], layout=layout), *axes, [visits])


def basin_strip(
    starts: Any, minimum: Any, steps: Any, minima: Any, large: bool = False
) -> go.Figure:
    """Return every start coloured by the minimum it ends in, and the steps it takes."""
    traces = [
        go.Bar(
            x=starts[minimum == i],
            y=np.maximum(steps[minimum == i], 0.5),
            width=float(starts[1] - starts[0]),
            marker={"color": color, "line": {"width": 0}},
            name=name,
            hoverinfo="skip",
        )
        for i, name, color in _basin_names(minima)
        if np.any(minimum == i)
    ]
    layout = base_layout(
        large,
        showlegend=True,
        bargap=0,
        xaxis={
            "title": {"text": "start x<sub>0</sub>"},
            "range": [float(starts[0]), float(starts[-1])],
        },
        yaxis={"title": {"text": "steps taken"}},
    )
    words = {i: name for i, name, _ in _basin_names(minima)}
    parts = [MapPart(minimum[None], words=words), MapPart(steps[None], "", " steps", {-1: ""})]
    return with_values(go.Figure(data=traces, layout=layout), MapAxis("x₀", starts), None, parts)


def _basin_names(minima: Any) -> list[tuple[int, str, str]]:
    named = [
        (i, f"to x* = {number(m)}", OKABE_ITO[i % len(OKABE_ITO)]) for i, m in enumerate(minima)
    ]
    return [*named, (-1, "to none of these", "#B0B0B0"), (-2, "diverges", "#404040")]


def rate_map(starts: Any, rates: Any, steps: Any, code: Any, large: bool = False) -> go.Figure:
    """Return the steps to converge for each start and rate; grey never converges, dark diverges."""
    converged = np.where(steps >= 0, np.log10(np.maximum(steps, 1)), np.nan).astype(np.float32)
    ticks = [1, 3, 10, 30, 100, 300, 1000]
    shown = [t for t in ticks if t <= max(1, steps.max(initial=1))]
    bar = {
        "title": {"text": "steps"},
        "tickvals": np.log10(shown),
        "ticktext": shown,
        "thickness": 14,
    }
    traces = [
        go.Heatmap(
            x=starts,
            y=rates,
            z=code.astype(np.float32),
            zmin=-1,
            zmax=1,
            colorscale=[[0, "#404040"], [0.25, "#404040"], [0.25, "#B0B0B0"], [1, "#B0B0B0"]],
            showscale=False,
            hoverinfo="skip",
        ),
        go.Heatmap(
            x=starts, y=rates, z=converged, colorscale="Cividis", colorbar=bar, hoverinfo="skip"
        ),
    ]
    layout = base_layout(
        large,
        xaxis={"title": {"text": "start x<sub>0</sub>"}},
        yaxis={"title": {"text": "learning rate η"}, "type": "log", "exponentformat": "power"},
    )
    axes = MapAxis("x₀", starts), MapAxis("η", rates, log=True)
    return with_values(go.Figure(data=traces, layout=layout), *axes, steps_parts(steps, code))
