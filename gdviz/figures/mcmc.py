"""The stage of the page *mcmc*: contours, chains, proposals, marginals against the truth, traces."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.mcmc_layers import arithmetic, moves
from gdviz.figures.scene import (
    Cells,
    Chip,
    Handle,
    Labels,
    Layer,
    Line,
    Polygon,
    Scene,
    Segments,
    Track,
)
from gdviz.figures.style import BLUE, GREY, ORANGE, PURPLE, SKY, YELLOW, base_layout
from gdviz.knobs import from_query
from gdviz.probability.targets import Target, judge, marginal
from gdviz.topics import mcmc as topic
from gdviz.topics.hand import Hand
from gdviz.topics.mcmc import Mcmc, Seen
from gdviz.topics.mcmc_verdicts import BAD, WARNING, least_ess, verdicts

# Green and vermilion are taken by "accepted" and "rejected".
COLORS = (BLUE, ORANGE, PURPLE, SKY, YELLOW, "#882255", "#44AA99", GREY)
SYMBOLS = ("circle", "square", "diamond", "triangle")
BINS = 44
GRID = 141
TRACE_POINTS = 1000
TAIL = 12  # last steps of a chain that are joined by a line
SHADES = [[0, "rgba(110,130,150,0)"], [1, "rgba(110,130,150,0.6)"]]
TRUTH = {"color": GREY, "width": 2, "dash": "dot"}


class Places(NamedTuple):
    """Where the panels are, as shares of the figure: x from, to; y from, to."""

    main: tuple[float, ...] = (0.0, 0.45, 0.0, 0.8)
    above: tuple[float, ...] = (0.0, 0.45, 0.83, 1.0)
    beside: tuple[float, ...] = (0.463, 0.55, 0.0, 0.8)
    first: tuple[float, ...] = (0.65, 1.0, 0.56, 1.0)
    second: tuple[float, ...] = (0.65, 1.0, 0.0, 0.44)


def live_scene(query: str, hand: Hand | None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    spec = from_query(Mcmc, query)
    if hand:
        spec = topic.put(spec, hand)
    return mcmc_scene(topic.run(spec), spec)


# --- the background -------------------------------------------------------------------------------


@lru_cache(maxsize=24)
def background(target: Target, draws: int, large: bool = False) -> go.Figure:
    """Return the density with its true marginals, and empty panels for the traces.

    It is shared between visitors: do not change it.
    """
    return _plane(target, draws, large) if target.d == 2 else _line(target, draws, large)


def heights(target: Target) -> tuple[float, float]:
    """Return the highest value of each true marginal in the window (the second is 0 for d = 1)."""
    tops = []
    for axis in range(target.d):
        _, density = truth(target, axis)
        tops.append(float(density.max()) or 1.0)
    return tops[0], tops[1] if len(tops) > 1 else 0.0


@lru_cache(maxsize=64)
def truth(target: Target, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a grid over the window `(n,)` and the true marginal there; zero where there is none."""
    side = np.linspace(*target.box[axis], 301)
    if judge(target).status != "ok":
        return side, np.zeros_like(side)
    with np.errstate(all="ignore"):
        return side, np.nan_to_num(marginal(target, axis, side), posinf=0.0)


def _axes(name: str, place: tuple[float, ...], **more: Any) -> dict[str, Any]:
    """Return the pair of axes of one panel."""
    x: dict[str, Any] = {"domain": place[:2], "anchor": f"y{name}", "showgrid": False}
    y: dict[str, Any] = {"domain": place[2:], "anchor": f"x{name}", "showgrid": False}
    return {f"xaxis{name}": x | more.get("x", {}), f"yaxis{name}": y | more.get("y", {})}


def _plane(target: Target, draws: int, large: bool) -> go.Figure:
    (x0, x1), (y0, y1) = target.box
    x, y = np.linspace(x0, x1, GRID), np.linspace(y0, y1, GRID)
    logs = target.log_density(np.stack(np.meshgrid(x, y), axis=-1))
    logs = np.where(np.isfinite(logs), logs, -np.inf)
    top = logs.max()
    root = np.exp((logs - top) / 2) if np.isfinite(top) else np.zeros_like(logs)
    contour = go.Contour(
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        z=root.astype(np.float32),
        contours={"showlines": True, "coloring": "heatmap", "start": 0.06, "end": 1, "size": 0.13},
        line={"width": 0.8, "color": "rgba(110,130,150,0.7)"},
        colorscale=SHADES,
        showscale=False,
        hoverinfo="skip",
    )
    tops = heights(target)
    side, density = truth(target, 0)
    above = go.Scatter(x=side, y=density, xaxis="x2", yaxis="y2", mode="lines", line=TRUTH)
    side, density = truth(target, 1)
    beside = go.Scatter(x=density, y=side, xaxis="x3", yaxis="y3", mode="lines", line=TRUTH)
    bare = {"showticklabels": False, "ticks": ""}
    places = Places()
    axes = {
        **_axes(
            "",
            places.main,
            x={"title": {"text": "x"}, "range": [x0, x1]},
            y={"title": {"text": "y"}, "range": [y0, y1]},
        ),
        **_axes(
            "2",
            places.above,
            x={"matches": "x", **bare},
            y={"range": [0, 1.35 * tops[0]], "title": {"text": "p(x)"}, **bare},
        ),
        **_axes(
            "3",
            places.beside,
            x={"range": [0, 1.35 * tops[1]], "title": {"text": "p(y)"}, **bare},
            y={"matches": "y", **bare},
        ),
        **_trace_axes("4", places.first, target, 0, draws, last=False),
        **_trace_axes("5", places.second, target, 1, draws, last=True),
    }
    empty = [_nothing("4"), _nothing("5")]
    return _figure([contour, above, beside, *empty], axes, target, draws, large)


def _line(target: Target, draws: int, large: bool) -> go.Figure:
    side, density = truth(target, 0)
    top = heights(target)[0]
    curve = go.Scatter(x=side, y=density, mode="lines", line=TRUTH)
    places = Places()
    axes = {
        **_axes(
            "",
            (*places.main[:1], places.beside[1], 0.0, 1.0),
            x={"title": {"text": "x"}, "range": list(target.box[0])},
            y={"title": {"text": "p(x); below, a lane a chain"}, "range": [-0.62 * top, 1.5 * top]},
        ),
        **_trace_axes("2", (*places.first[:2], 0.0, 1.0), target, 0, draws, last=True),
    }
    return _figure([curve, _nothing("2")], axes, target, draws, large)


def _trace_axes(
    name: str, place: tuple[float, ...], target: Target, axis: int, draws: int, last: bool
) -> dict[str, Any]:
    words = target.variables[axis]
    x = {"range": [0, draws], "title": {"text": "draw"} if last else {}, "showticklabels": last}
    return _axes(name, place, x=x, y={"range": list(target.box[axis]), "title": {"text": words}})


def _nothing(name: str) -> go.Scatter:
    """Return an empty trace, without which a panel would not be drawn."""
    return go.Scatter(x=[None], y=[None], xaxis=f"x{name}", yaxis=f"y{name}", hoverinfo="skip")


def _figure(
    traces: list[Any], axes: dict[str, Any], target: Target, draws: int, large: bool
) -> go.Figure:
    layout = base_layout(large, **axes, uirevision=f"{target.text}{target.box}{draws}")
    return go.Figure(data=traces, layout=layout)


# --- the scene ------------------------------------------------------------------------------------


def mcmc_scene(seen: Seen, spec: Mcmc) -> Scene:
    """Return the chains on the density: draw by draw from the start, or the whole run in leaps."""
    draws = len(seen.x)
    steps = min(topic.PICTURES, draws)
    last = steps if spec.pace == "slow" else draws
    at = np.rint(np.linspace(0, last, steps + 1)).astype(int)
    pos = np.concatenate([seen.trace.start[None], seen.x])[at]
    two = seen.trace.target.d == 2
    X, Y = (pos[..., 0], pos[..., 1]) if two else (pos[..., 0], lanes(seen, pos.shape[:2]))
    layers: list[Layer] = [*_histograms(seen, at), *_traces(seen)]
    if spec.sampler != "svgd":
        layers += [_track(c, X[:, c], Y[:, c]) for c in range(X.shape[1])]
    layers += moves(seen, at, lambda points: _placed(seen, points))
    layers += [*_now(seen, at), *arithmetic(seen, at)]
    alt = " ".join(v.words for v in verdicts(seen))
    return Scene(layers, _handles(seen), alt, chips(seen))


def lanes(seen: Seen, shape: tuple[int, ...]) -> np.ndarray:
    """Return the heights of the chains of one variable, below the density, `shape (…, chains)`."""
    top = heights(seen.trace.target)[0]
    return np.broadcast_to(-0.6 * top * (np.arange(shape[-1]) + 0.5) / shape[-1], shape)


def _placed(seen: Seen, points: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return where points `(…, chains, d)` are drawn."""
    if seen.trace.target.d == 2:
        return points[..., 0], points[..., 1]
    return points[..., 0], lanes(seen, points.shape[:-1])


def _track(c: int, x: np.ndarray, y: np.ndarray) -> Track:
    return Track(f"chain {c + 1}", x, y, COLORS[c % 8], "solid", SYMBOLS[c % 4], tail=TAIL)


def _histograms(seen: Seen, at: np.ndarray) -> list[Layer]:
    """Return the histograms of all chains so far, without the burn-in once it is over."""
    target = seen.trace.target
    found: list[Layer] = []
    for axis, (lo, hi) in enumerate(target.box):
        edges = np.linspace(lo, hi, BINS + 1)
        share = _shares(seen.x[:, :, axis], edges, at, seen.burn)
        flat, one = np.zeros((1, BINS)), np.ones((1, BINS))
        left, right = edges[None, :-1], edges[None, 1:]
        look = {"lo": 0.0, "hi": 1.0, "colors": (SKY, SKY), "opacity": 0.55}
        counts = np.histogram(seen.trace.x[:, :, axis], edges)[0]
        whole = counts / (seen.trace.x[:, :, axis].size * np.diff(edges))
        side, height = np.repeat(edges, 2)[None, 1:-1], np.repeat(whole, 2)[None]
        if axis == 0:
            panel = 1 if target.d == 2 else 0
            found.append(Cells("p(x)", left, flat, right, share, one, panel=panel, **look))
            found.append(Line("whole run", side, height, BLUE, panel=panel, width=1.3))
        else:
            found.append(Cells("p(y)", flat, left, share, right, one, panel=2, **look))
            found.append(Line("whole run", height, side, BLUE, panel=2, width=1.3))
    return found


def _shares(x: np.ndarray, edges: np.ndarray, at: np.ndarray, burn: int) -> np.ndarray:
    """Return the density of draws in each bin up to each step, `(steps + 1, bins)`."""
    place = np.searchsorted(edges, x, side="right") - 1
    inside = (place >= 0) & (place < len(edges) - 1) & np.isfinite(x)
    step = np.searchsorted(at, np.arange(1, len(x) + 1))
    size = (len(at), len(edges) - 1)
    late = np.arange(len(x)) >= burn
    counts, totals = [], []
    for chosen in (np.ones(len(x), bool), late):
        use = inside & (chosen & (step < len(at)))[:, None]
        flat = (step[:, None] * size[1] + place)[use]
        table = np.bincount(flat, minlength=size[0] * size[1]).reshape(size)
        counts.append(np.cumsum(table, axis=0))
        totals.append(np.cumsum(np.bincount(step[chosen & (step < len(at))], minlength=len(at))))
    over = at > burn
    number = np.where(over, totals[1], totals[0])[:, None] * x.shape[1]
    table = np.where(over[:, None], counts[1], counts[0])
    return table / (np.maximum(number, 1) * np.diff(edges))


def _panels(seen: Seen) -> range:
    """Return the panels of the traces, one a coordinate."""
    return range(3, 5) if seen.trace.target.d == 2 else range(1, 2)


def _traces(seen: Seen) -> list[Layer]:
    """Return the trace of every chain in every coordinate, and the shaded burn-in."""
    found: list[Layer] = []
    stride = -(-len(seen.x) // TRACE_POINTS)
    t = np.arange(1, len(seen.x) + 1)[None, ::stride]
    for axis, panel in enumerate(_panels(seen)):
        lo, hi = seen.trace.target.box[axis]
        if seen.burn:
            b = float(seen.burn)
            found.append(
                Polygon("burn-in", [[0, b, b, 0]], [[lo, lo, hi, hi]], GREY, panel, opacity=0.22)
            )
        for c in range(seen.x.shape[1]):
            y = seen.x[None, ::stride, c, axis]
            found.append(Line(f"trace {c + 1}", t, y, COLORS[c % 8], panel=panel, width=0.9))
    lo, hi = seen.trace.target.box[0]
    n, top = len(seen.x), lo + 0.94 * (hi - lo)
    here = [[min(seen.burn + 0.1 * n, 0.88 * n)]], [[top]]
    found.append(Labels("burn-in", *here, (("burn-in",),), panel=_panels(seen)[0]))
    return found


def _now(seen: Seen, at: np.ndarray) -> list[Layer]:
    """Return a line in each trace at the draw that the stage shows."""
    found: list[Layer] = []
    for axis, panel in enumerate(_panels(seen)):
        lo, hi = (np.full((1, 1), v) for v in seen.trace.target.box[axis])
        x = at[:, None].astype(float)
        found.append(Segments("now", x, lo, x, hi, None, "dot", panel))
    return found


def _handles(seen: Seen) -> tuple[Handle, ...]:
    """Return a handle for the start of every chain, and one for the burn-in."""
    target = seen.trace.target
    X, Y = _placed(seen, seen.trace.start[None])
    axes = "xy" if target.d == 2 else "x"
    starts = [
        Handle(f"start{c}", "", float(X[0, c]), float(Y[0, c]), axes, size=6, color=COLORS[c % 8])
        for c in range(X.shape[1])
    ]
    lo, hi = target.box[0]
    burn = Handle(
        "burn", "", float(seen.burn), lo + 0.94 * (hi - lo), "x", _panels(seen)[0], size=6
    )
    return (*starts, burn)


def chips(seen: Seen) -> tuple[Chip, ...]:
    """Return the diagnostics as chips, which follow the hand."""
    names, found = seen.trace.target.variables, seen.summaries
    said = verdicts(seen)
    levels = {v.level for v in said}
    verdict = (
        "✕ do not trust" if BAD in levels else "! doubtful" if WARNING in levels else "✓ trust"
    )
    color = "#D55E00" if BAD in levels else "#E69F00" if WARNING in levels else "#009E73"

    rate = f"{float(seen.trace.accepted.mean()):.2f}"
    rhats = ", ".join(f"{s.rhat:.3f}" for s in found)
    sizes = ", ".join(f"{least_ess(s):.0f}" for s in found)
    which = f"({', '.join(names)})" if len(names) > 1 else ""
    return (
        Chip("verdict", "●", color, verdict, said[0].words),
        Chip(
            "accepted",
            "",
            GREY,
            f"{rate} · R̂ {rhats} · ESS {sizes} of {seen.trace.x[..., 0].size}",
            f"R̂ {which} should be below 1.01, the effective sample size {which} above 400.",
        ),
    )
