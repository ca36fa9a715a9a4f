"""The stage of matrices: for each method the singular values of W, and of the update to come."""

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.hand import Hand
from gdviz.figures.legend import chip
from gdviz.figures.scene import (
    Chip,
    Handle,
    Layer,
    Line,
    Picture,
    Points,
    Reading,
    Scene,
    Segments,
    Track,
)
from gdviz.figures.style import GREEN, GREY, LOOKS, PURPLE, VERMILLION, Look, base_layout
from gdviz.numerals import number
from gdviz.queries import from_query
from gdviz.topics.backprop.matrices.hand import apply_hand
from gdviz.topics.backprop.matrices.settings import (
    LAYERS,
    RACERS,
    Matrices,
    MatricesRun,
    MatrixRun,
    run,
)
from gdviz.topics.backprop.matrices.verdict import steps_to_learn, verdict_of, verdict_on

MATRIX_LOOKS = {
    "gd": LOOKS["gd"],
    "adam": LOOKS["adam"],
    "muon": Look(VERMILLION, "solid", "square"),
    "shampoo": Look(GREEN, "solid", "diamond"),
    "soap": Look(PURPLE, "dash", "triangle"),
}
GAP = 0.035  # between panels
UPPER, LOWER = [0.56, 0.94], [0.0, 0.33]
LEAST = 1e-3  # of the largest singular value of an update: the floor of its panel
ROOM = 1.35  # times the largest singular value of the target: what the upper panels show


def picture(spec: Matrices, large: bool = False) -> Picture:
    """Return the picture of the room at its settings."""
    done = run(spec)
    return Picture(background(spec, done, large), matrix_scene(spec, done))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, with what a hand that drags has moved."""
    spec = from_query(Matrices, query)
    spec = apply_hand(spec, hand) if hand else spec
    return matrix_scene(spec, run(spec))


def seen_name(spec: Matrices) -> str:
    """Return the name of the matrix whose updates are shown."""
    return LAYERS[spec.seen] if spec.net == "two" else "W"


def whole_name(spec: Matrices) -> str:
    """Return the name of the matrix that the layers are together."""
    return "W₂W₁" if spec.net == "two" else "W"


def background(spec: Matrices, done: MatricesRun, large: bool = False) -> go.Figure:
    """Return two empty panels a method: over the steps above, over the index i below."""
    count = len(done.runs)
    many = next(iter(done.runs.values())).updates.shape[1]
    names = ["", *map(str, range(2, 2 * count + 1))]
    axes: dict[str, object] = {}
    for k, own in enumerate(names):
        left, right = _span(k % count, count)
        across, up = _upper(spec) if k < count else _lower(spec, many)
        if k % count:
            up |= {"showticklabels": False, "title": {"text": ""}}
        axes[f"xaxis{own}"] = {**across, "domain": [left, right], "anchor": f"y{own}"}
        axes[f"yaxis{own}"] = {**up, "domain": UPPER if k < count else LOWER, "anchor": f"x{own}"}
    empty = [go.Scatter(x=[None], y=[None], xaxis=f"x{own}", yaxis=f"y{own}") for own in names]
    figure = go.Figure(empty, base_layout(large, **axes))
    for k, name in enumerate(done.runs):
        figure.add_annotation(
            x=sum(_span(k, count)) / 2, y=1, xref="paper", yref="paper", showarrow=False,
            text=f"<b>{RACERS[name]}</b>", xanchor="center", yanchor="middle",
            font={"color": MATRIX_LOOKS[name].color},
        )  # fmt: skip
    return figure


def _span(k: int, count: int) -> tuple[float, float]:
    """Return the left and the right end of the k-th of some panels side by side."""
    wide = (1 - GAP * (count - 1)) / count
    return k * (wide + GAP), k * (wide + GAP) + wide


def _upper(spec: Matrices) -> tuple[dict[str, object], dict[str, object]]:
    """Return the axes of a panel of singular values over the steps."""
    steps: dict[str, object] = {
        "range": [-0.02 * spec.span, 1.02 * spec.span],
        "title": {"text": "step", "standoff": 2},
        # A 0 would stand beside the end of the panel before.
        "tickvals": [spec.span // 2, spec.span],
    }
    return steps, {"range": [-0.03, ROOM], "title": {"text": f"σᵢ of {whole_name(spec)}"}}


def _lower(spec: Matrices, many: int) -> tuple[dict[str, object], dict[str, object]]:
    """Return the axes of a panel of the singular values of one update."""
    index = {"range": [0.5, many + 0.5], "dtick": 1 + many // 7, "tick0": 1, "title": {"text": "i"}}
    share = {
        "range": [np.log10(LEAST) - 0.15, 0.25], "type": "log", "dtick": 1,
        "exponentformat": "power", "title": {"text": f"σᵢ/σ₁, Δ{seen_name(spec)}"},
    }  # fmt: skip
    return index, share


def matrix_scene(spec: Matrices, done: MatricesRun) -> Scene:
    """Return the singular values of every method as they grow, and those of its next update."""
    count, ends = len(done.runs), np.array([[0.0, float(spec.span)]])
    layers: list[Layer] = []
    for k, (name, one) in enumerate(done.runs.items()):
        for i, s in enumerate(done.target):
            goal = np.full((1, 2), s)
            layers.append(Line(f"target {i + 1}", ends, goal, GREY, "dash", k, 1.2))
        layers += [*_grown(name, one, k), *_update(name, one, count + k)]
    for name, one in done.runs.items():
        layers.append(Reading(f"loss of {RACERS[name]}", one.losses))
    lowest = float(done.target[-1])
    handle = Handle("lowest", "least σ", float(spec.span), lowest, tool=True)
    handles = (handle,) if len(done.target) > 1 else ()
    return Scene(layers, handles, _alt(spec, done), _chips(done))


def _grown(name: str, one: MatrixRun, panel: int) -> list[Layer]:
    steps, color = np.arange(len(one.losses)), MATRIX_LOOKS[name].color
    shown = np.minimum(one.values, 2 * ROOM)
    return [
        Track(f"{RACERS[name]} σ{i + 1}", steps, row, color, panel=panel, labels=("step", "σ"))
        for i, row in enumerate(shown.T)
    ]


def _update(name: str, one: MatrixRun, panel: int) -> list[Layer]:
    look = MATRIX_LOOKS[name]
    share = np.maximum(one.updates / np.maximum(one.updates[:, :1], 1e-300), LEAST)
    at = np.broadcast_to(np.arange(1.0, share.shape[1] + 1), share.shape)
    floor = np.full_like(share, LEAST)
    return [
        Segments(f"{RACERS[name]} update", at, floor, at, share, look.color, panel=panel),
        Points(f"{RACERS[name]} Δ", at, share, look.color, look.symbol, panel,
               np.full(share.shape, 4.0)),
    ]  # fmt: skip


def _chips(done: MatricesRun) -> tuple[Chip, ...]:
    found = []
    for name, one in done.runs.items():
        many = int((steps_to_learn(one, done.target) >= 0).sum())
        told = f"{many} of {len(done.target)}, loss {number(one.losses[-1], 2)}"
        why = verdict_of(name, one, done.target)
        found.append(chip(RACERS[name], MATRIX_LOOKS[name], "✕ lost" if one.lost else told, why))
    return tuple(found)


def _alt(spec: Matrices, done: MatricesRun) -> str:
    return (
        f"Singular values of {whole_name(spec)} as it learns a matrix of rank {len(done.target)}, "
        f"and of the updates of {seen_name(spec)}. {verdict_on(done)}"
    )
