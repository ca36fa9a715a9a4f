"""The scene of the page *mcmc*: chains, proposals, histograms, traces, handles and chips."""

from typing import Any

import numpy as np

from gdviz.figures.hand import Hand
from gdviz.figures.scene import (
    Cells,
    Chip,
    Handle,
    Labels,
    Layer,
    Line,
    Picture,
    Polygon,
    Scene,
    Segments,
    Track,
)
from gdviz.figures.style import BLUE, GREY, ORANGE, PURPLE, SKY, SYMBOLS, YELLOW
from gdviz.queries import from_query
from gdviz.topics.mcmc import settings as topic
from gdviz.topics.mcmc.figure_density import background, heights
from gdviz.topics.mcmc.figure_layers import arithmetic, moves
from gdviz.topics.mcmc.settings import Mcmc, McmcResult
from gdviz.topics.mcmc.verdicts import BAD, WARNING, least_ess, rhat_words, verdicts

# Green and vermilion are taken by "accepted" and "rejected".
COLORS = (BLUE, ORANGE, PURPLE, SKY, YELLOW, "#882255", "#44AA99", GREY)
BINS = 44
TRACE_POINTS = 1000
TAIL = 12  # last steps of a chain that are joined by a line


def picture(spec: Mcmc, large: bool = False) -> Picture:
    """Return the picture of the page at its settings."""
    seen = topic.run(spec)
    back = background(seen.trace.target, len(seen.x), large)
    return Picture(back, mcmc_scene(seen, spec))


def live_scene(query: str, hand: Hand | None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    spec = from_query(Mcmc, query)
    if hand:
        spec = topic.apply_hand(spec, hand)
    return mcmc_scene(topic.run(spec), spec)


# --- the scene ------------------------------------------------------------------------------------


def mcmc_scene(seen: McmcResult, spec: Mcmc) -> Scene:
    """Return the chains on the density: draw by draw from the start, or the whole run in leaps."""
    at, watched = topic.draws_shown(spec, len(seen.x)), topic.watched_of(spec)
    first = seen.first
    pos = np.concatenate([seen.trace.start[None], seen.x])[at]
    two = seen.trace.target.d == 2
    X, Y = (pos[..., 0], pos[..., 1]) if two else (pos[..., 0], lanes(seen, pos.shape[:2]))
    layers: list[Layer] = [*_histograms(seen, at), *_traces(seen)]
    if spec.sampler != "svgd":
        layers += [_track(c, X[:, c], Y[:, c]) for c in range(X.shape[1])]
    layers += moves(seen, at, lambda points: _placed(seen, points), watched)
    layers += [*_now(seen, at), *arithmetic(seen, at, watched)]
    alt = " ".join(v.words for v in verdicts(seen))
    ends = [layer.name for layer in layers if isinstance(layer, Line) and len(layer.x) == 1]
    focus = (str(first), 0) if first else None
    return Scene(layers, _handles(seen), alt, chips(seen), ends, focus)


def lanes(seen: McmcResult, shape: tuple[int, ...]) -> np.ndarray:
    """Return the heights of the chains of one variable, below the density, `shape (…, chains)`."""
    top = heights(seen.trace.target)[0]
    return np.broadcast_to(-0.6 * top * (np.arange(shape[-1]) + 0.5) / shape[-1], shape)


def _placed(seen: McmcResult, points: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return where points `(…, chains, d)` are drawn."""
    if seen.trace.target.d == 2:
        return points[..., 0], points[..., 1]
    return points[..., 0], lanes(seen, points.shape[:-1])


def _track(c: int, x: np.ndarray, y: np.ndarray) -> Track:
    return Track(f"chain {c + 1}", x, y, COLORS[c % 8], "solid", SYMBOLS[c % 4], tail=TAIL)


def _histograms(seen: McmcResult, at: np.ndarray) -> list[Layer]:
    """Return the histograms of all chains so far, without the burn-in once it is over."""
    target = seen.trace.target
    found: list[Layer] = []
    for axis, (lo, hi) in enumerate(target.box):
        edges = np.linspace(lo, hi, BINS + 1)
        share = _shares(seen.x[:, :, axis], edges, at, seen.burn)
        flat, one = np.zeros((1, BINS)), np.ones((1, BINS))
        left, right = edges[None, :-1], edges[None, 1:]
        look: dict[str, Any] = {"lo": 0.0, "hi": 1.0, "colors": (SKY, SKY), "opacity": 0.55}
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


def _panels(seen: McmcResult) -> range:
    """Return the panels of the traces, one a coordinate."""
    return range(3, 5) if seen.trace.target.d == 2 else range(1, 2)


def _traces(seen: McmcResult) -> list[Layer]:
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
    beside, align = (0.06, "left") if seen.burn < 0.6 * n else (-0.06, "right")
    here, words = ([[seen.burn + beside * n]], [[top]]), (("burn-in",),)
    found.append(Labels("burn-in", *here, words, panel=_panels(seen)[0], align=align))
    return found


def _now(seen: McmcResult, at: np.ndarray) -> list[Layer]:
    """Return a line in each trace at the draw that the stage shows."""
    found: list[Layer] = []
    for axis, panel in enumerate(_panels(seen)):
        lo, hi = (np.full((1, 1), v) for v in seen.trace.target.box[axis])
        x = at[:, None].astype(float)
        found.append(Segments("now", x, lo, x, hi, None, "dot", panel))
    return found


def _handles(seen: McmcResult) -> tuple[Handle, ...]:
    """Return a handle for the start of every chain, and one for the burn-in."""
    target = seen.trace.target
    X, Y = _placed(seen, seen.trace.start[None])
    axes = "xy" if target.d == 2 else "x"
    starts = [
        Handle(
            f"start{c}",
            "",
            float(X[0, c]),
            float(Y[0, c]),
            axes,
            size=6,
            color=COLORS[c % 8],
            spoken=f"start of chain {c + 1}",
        )
        for c in range(X.shape[1])
    ]
    lo, hi = target.box[0]
    burn = Handle(
        "burn",
        "",
        float(seen.burn),
        lo + 0.94 * (hi - lo),
        "x",
        _panels(seen)[0],
        size=6,
        tool=True,
        spoken="end of the burn-in",
    )
    return (*starts, burn)


def chips(seen: McmcResult) -> tuple[Chip, ...]:
    """Return the diagnostics as chips, which follow the hand."""
    names, found = seen.trace.target.variables, seen.summaries
    said = verdicts(seen)
    levels = {v.level for v in said}
    verdict = (
        "✕ do not trust" if BAD in levels else "! doubtful" if WARNING in levels else "✓ trust"
    )
    color = "#D55E00" if BAD in levels else "#E69F00" if WARNING in levels else "#009E73"

    rate = f"{float(seen.trace.accepted.mean()):.2f}"
    one_chain = seen.trace.x.shape[1] < 2
    rhats = ", ".join(rhat_words(seen)[:1] if one_chain else rhat_words(seen))
    sizes = ", ".join(f"{least_ess(s):.0f}" for s in found)
    which = f"({', '.join(names)})" if len(names) > 1 else ""
    return (
        Chip("verdict", "●", color, verdict, said[0].words),
        Chip(
            "accepted",
            "",
            GREY,
            f"{rate} · R̂ {rhats} · ESS {sizes} of {seen.trace.x[..., 0].size}",
            f"The share of proposals accepted. R̂ {which} compares the spread between chains with "
            f"that inside them, and should be below 1.01. ESS {which}, the number of independent "
            "draws that would be worth as much, should be above 400.",
        ),
    )
