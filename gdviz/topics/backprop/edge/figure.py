"""The stage of the edge: the sharpness under its limit, all eigenvalues, and the loss."""

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.hand import Hand
from gdviz.figures.legend import chip
from gdviz.figures.scene import Chip, Handle, Layer, Line, Picture, Reading, Scene, Segments, Track
from gdviz.figures.style import BLUE, GREEN, ORANGE, PURPLE, VERMILLION, Look, base_layout
from gdviz.numerals import number
from gdviz.queries import from_query
from gdviz.topics.backprop.edge.hand import apply_hand
from gdviz.topics.backprop.edge.settings import (
    DIVIDES,
    EdgeOfStability,
    EdgeRun,
    run,
    steps_of,
)
from gdviz.topics.backprop.edge.verdict import (
    largest_rise,
    stay_of,
    verdict_on,
    verdict_on_middle,
)

SIDES = ([0.0, 0.45], [0.48, 0.59], [0.72, 1.0])
SHARP, LOSS = Look(BLUE, "solid", "circle"), Look(ORANGE, "solid", "square")
MIDDLE = Look(PURPLE, "dash", "triangle")
BINS = 160
ROOM = 1.6  # times the largest limit: what the axis of λ shows
SPREAD = np.exp(-0.5 * np.linspace(-2.5, 2.5, 9) ** 2)  # of an eigenvalue, over nine bins
SMALLEST = 1e-6  # of the losses that the chart shows, as a share of the first


def picture(spec: EdgeOfStability, large: bool = False) -> Picture:
    """Return the picture of the room at its settings."""
    done = run(spec)
    return Picture(background(spec, done, large), edge_scene(spec, done))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, with what a hand that drags has moved."""
    before = from_query(EdgeOfStability, query)
    spec = apply_hand(before, hand) if hand else before
    return edge_scene(spec, run(spec), window(run(before)))


def window(done: EdgeRun) -> tuple[float, float]:
    """Return the ends of the axis of λ: room above the limit, and for what lies below zero."""
    top = ROOM * float(done.limit.max())
    if len(done.sharp):
        top = max(top, min(1.1 * float(done.sharp.max()), 2 * top))
    low = float(done.values.min()) if done.values.size else 0.0
    return max(1.2 * min(low, 0.0), -top / 3) - 0.04 * top, top


def background(spec: EdgeOfStability, done: EdgeRun, large: bool = False) -> go.Figure:
    """Return the empty panels: λmax over the steps, the eigenvalues beside, the loss."""
    low, high = window(done)
    last = steps_of(spec)
    losses = _shown(done, np.append(done.losses, done.middle))
    ends = np.log10([losses.min(), losses.max()])
    ticks = "D2" if ends[1] - ends[0] < 2 else int(np.ceil((ends[1] - ends[0]) / 8))
    steps = {"range": [-0.02 * last, 1.02 * last], "title": {"text": "step"}}
    name = "λmax of P⁻¹H" if spec.rule in DIVIDES else "λmax"
    axes = {
        "xaxis": {**steps, "domain": SIDES[0]},
        "yaxis": {"range": [low, high], "title": {"text": name}},
        "xaxis2": {"domain": SIDES[1], "anchor": "y2", "range": [-0.1, 2.4],
                   "title": {"text": "how many"}, "tickvals": [0, 2],
                   "ticktext": ["0", "99"]},
        "yaxis2": {"range": [low, high], "anchor": "x2", "showticklabels": False},
        "xaxis3": {**steps, "domain": SIDES[2], "anchor": "y3"},
        "yaxis3": {"range": [ends[0] - 0.1, ends[1] + 0.1], "anchor": "x3", "type": "log",
                   "exponentformat": "power", "dtick": ticks, "title": {"text": "loss"}},
    }  # fmt: skip
    empty = [go.Scatter(x=[None], y=[None], xaxis=f"x{i}", yaxis=f"y{i}") for i in ("", 2, 3)]
    return go.Figure(empty, base_layout(large, **axes))


def _middle(done: EdgeRun) -> list[Layer]:
    """Return the loss at the running mean of the weights, if it is asked for."""
    if not len(done.middle):
        return []
    y = _shown(done, done.middle)
    curve = Track("loss at the mean", np.arange(len(y)), y, *MIDDLE, 2, ("step", "loss"))
    return [curve, Reading("loss at the mean", done.middle)]


def _shown(done: EdgeRun, losses: np.ndarray) -> np.ndarray:
    """Return losses as the chart has them: a log axis has no place for zero."""
    return np.maximum(losses, SMALLEST * max(float(done.losses[0]), 1e-300))


def edge_scene(
    spec: EdgeOfStability, done: EdgeRun, ends: tuple[float, float] | None = None
) -> Scene:
    """Return the run under its limit; `ends` of the axis of λ, where the background stays."""
    low, high = ends or window(done)
    steps, limit = np.arange(len(done.losses)), done.edge.over("η")
    across = np.linspace(0, 1, 2)[None]
    labels = ("step", "λmax")
    line = np.minimum(np.repeat(done.limit, 2), high)
    layers: list[Layer] = [
        Line(limit, np.repeat(steps, 2)[None, 1:], line[None, :-1], VERMILLION, "dash"),
        Track("λmax", steps, np.clip(done.sharp, low, high), *SHARP, 0, labels),
        Segments(
            f"{limit} of the step", 2.4 * across[:, :1], done.limit[:, None], 2.4 * across[:, 1:],
            done.limit[:, None], VERMILLION, "dash", 1,
        ),
    ]  # fmt: skip
    if done.values.size:
        grid, many = density(done.values, low, high)
        layers.append(Line("eigenvalues", many, grid[None], GREEN, panel=1, width=1.6))
    layers += [
        *_middle(done),
        Track("loss", steps, _shown(done, done.losses), *LOSS, 2, ("step", "loss")),
        Reading("λmax", done.sharp),
        Reading(limit, done.limit),
        Reading("loss", done.losses),
    ]
    return Scene(layers, _handles(spec, done), _alt(done), _chips(done))


def density(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return heights `(bins,)` and log10(1 + how many eigenvalues are there) `(steps, bins)`.

    Each eigenvalue is spread over nine bins by a normal law whose top is 1.
    """
    edges = np.linspace(low, high, BINS + 1)
    bins = np.clip(np.searchsorted(edges, values) - 1, 0, BINS - 1)
    counts = np.zeros((len(values), BINS + len(SPREAD) - 1))
    rows = np.broadcast_to(np.arange(len(values))[:, None], bins.shape)
    for shift, weight in enumerate(SPREAD):
        np.add.at(counts, (rows, bins + shift), weight)
    half = len(SPREAD) // 2
    return (edges[1:] + edges[:-1]) / 2, np.log10(1 + counts[:, half : half + BINS])


def _handles(spec: EdgeOfStability, done: EdgeRun) -> tuple[Handle, ...]:
    """Return the left end of the limit, and the place where it may change."""
    turn = min(spec.turn, steps_of(spec))
    after = done.edge.value / (spec.eta * spec.factor)
    return (
        Handle("eta", "η", 0.0, done.edge.value / spec.eta, tool=True),
        Handle("turn", "η from here on", float(turn), after, tool=True),
    )


def _chips(done: EdgeRun) -> tuple[Chip, ...]:
    why_mean = verdict_on_middle(done)
    rise = f"rises {number(100 * largest_rise(done.middle), 2)} % at most" if why_mean else ""
    mean = [chip("loss at the mean", MIDDLE, rise, why_mean)] if why_mean else []
    stay, why = stay_of(done), verdict_on(done)
    share = number(100 * done.sharp[-1] / done.limit[-1], 3)
    state = "lost" if done.lost else "hovers" if stay.hovers else f"{share} % of the edge"
    return (
        chip("λmax", SHARP, f"{number(done.sharp[-1], 3)}, {state}", why),
        chip(done.edge.over("η"), Look(VERMILLION, "dash"), number(done.limit[-1], 3),
             "Above it a step along the steepest direction is longer than the one before."),
        chip("loss", LOSS, f"{number(done.losses[-1], 3)}, {stay.rises} rises", done.reason),
        *mean,
    )  # fmt: skip


def _alt(done: EdgeRun) -> str:
    layers = " – ".join(map(str, done.sizes))
    return f"The largest curvature of a {layers} network as it trains. {verdict_on(done)}"
