"""The stage of the playground: the network, the picture of what it says, and the losses."""

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.close_up import focus_of
from gdviz.figures.hand import Hand
from gdviz.figures.legend import chip
from gdviz.figures.scene import (
    Cells,
    Chip,
    Handle,
    Image,
    Layer,
    Picture,
    Points,
    Reading,
    Scene,
    Track,
)
from gdviz.figures.style import BLUE, GREEN, ORANGE, VERMILLION, Look, base_layout
from gdviz.learn.toy_datasets import features
from gdviz.numerals import number
from gdviz.queries import from_query
from gdviz.topics.backprop import figure_network as net
from gdviz.topics.backprop import settings as topic
from gdviz.topics.backprop.outputs import activity, grid, signed_shade, slice_of
from gdviz.topics.backprop.settings import OWN, Playground, Result
from gdviz.topics.backprop.studies import slopes
from gdviz.topics.backprop.training import run

FINE, COARSE = 100, 50  # pixels of the large picture each way, at rest and under a moving hand
TRAIN, TEST = Look(GREEN, "solid", "circle"), Look(ORANGE, "dash", "circle")
LOW, HIGH = 1e-3, 3.0  # the losses that the chart shows
_HIDDEN = {"visible": False, "fixedrange": True}


def stage_of(spec: Playground, large: bool = False) -> go.Figure:
    """Return the background: three panels that depend on little, so that it is seldom drawn."""
    total = sum(leg.epochs for leg in spec.past) + spec.epochs
    axes = {**_plane_axes(), **_loss_axes(total)}
    dots = [go.Scatter(x=[None], y=[None], xaxis=f"x{i}", yaxis=f"y{i}") for i in ("", 2, 3)]
    layout = base_layout(large, **axes)
    layout["margin"] = {"l": 4, "r": 12, "t": 6, "b": 40 if not large else 56}
    return go.Figure(dots, layout)


def _plane_axes() -> dict[str, Any]:
    """Return the axes of the network and of the plane that it divides."""
    window = {
        "range": [-6, 6],
        "showgrid": False,
        "constrain": "domain",
        "tickvals": [-6, -3, 0, 3, 6],
    }
    return {
        "xaxis": {"domain": [0, 0.56], "range": [0, net.WIDE], "constrain": "domain", **_HIDDEN},
        "yaxis": {"domain": [0, 1], "range": [-12, net.HIGH], "scaleanchor": "x", **_HIDDEN},
        "xaxis2": {
            "domain": [0.62, 1],
            "anchor": "y2",
            **window,
            "title": {"text": "x₁", "standoff": 2},
        },
        "yaxis2": {
            "domain": [0.34, 1],
            "anchor": "x2",
            **window,
            "scaleanchor": "x2",
            "title": {"text": "x₂", "standoff": 2},
        },
    }


def _loss_axes(total: int) -> dict[str, Any]:
    """Return the axes of the loss over the epochs."""
    return {
        "xaxis3": {
            "domain": [0.64, 1],
            "anchor": "y3",
            "range": [0, total],
            "title": {"text": "epoch", "standoff": 2},
        },
        "yaxis3": {
            "domain": [0, 0.17],
            "anchor": "x3",
            "type": "log",
            "title": {"text": "loss", "standoff": 2},
            "range": [np.log10(LOW), np.log10(HIGH)],
            "tickvals": [1e-3, 1e-2, 0.1, 1],
        },
    }


def scene_of(spec: Playground, result: Result, pixels: int = FINE) -> Scene:
    """Return the scene of a training; a step is a frame of the run."""
    sizes = result.sizes
    offered = topic.inputs_offered(spec)
    drawn = net.units(sizes, spec.features, offered)
    seen = activity(spec, result, slice_of(spec, grid(net.SIZE)))
    spread = _spread(seen[:, : seen.shape[1] - sizes[-1]])
    output = signed_shade(seen[:, -sizes[-1] :], result.loss)
    edges = net.weight_lines(drawn, result.path, slopes(spec, result), sizes)
    layers: list[Layer] = [
        edges,
        net.bias_cells(drawn, result.path, sizes),
        *net.inputs(spec.features, offered, _inputs(spec, offered), float(net.columns(sizes)[0])),
        *net.pictures(drawn, seen, output, spread),
        net.headings(sizes),
        net.signs(sizes),
    ]
    shown = _shown(spec, drawn)
    if shown:
        layers.append(net.frame_of(shown))
    layers += [_large(spec, result, shown, spread, pixels), *samples_of(spec, result)]
    layers += [*_losses(result), *_readings(spec, result)]
    handles = net.handles(drawn, sizes, offered)
    if spec.data == OWN:
        handles.append(
            Handle("point", "", 0.0, 0.0, panel=1, live=False, drawn=False, spoken="a new point")
        )
    focus = focus_of(result.epochs, spec.near)
    return Scene(layers, handles, _alt(spec, result), _chips(spec, result), focus=focus)


def picture(spec: Playground, large: bool = False) -> Picture:
    """Return the picture of the playground at its settings."""
    return Picture(stage_of(spec, large), scene_of(spec, run(spec)))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, for a hand that moves a dial: coarser."""
    spec = from_query(Playground, query)
    return scene_of(spec, run(spec), COARSE)


def _inputs(spec: Playground, offered: tuple[str, ...]) -> np.ndarray:
    """Return the picture of every input, scaled to its largest value, `(inputs, size²)`."""
    values = features(slice_of(spec, grid(net.SIZE)), offered).T
    return values / np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-300)


def _spread(hidden: np.ndarray) -> float:
    """Return the activation that has the full colour: 1, or more where units are not bounded."""
    return max(1.0, float(np.quantile(np.abs(hidden[:, :, ::7]), 0.98))) if hidden.size else 1.0


def _shown(spec: Playground, drawn: list[list[net.Unit]]) -> net.Unit | None:
    """Return the unit that the large picture shows, None for what the network says."""
    if not spec.unit or not 0 < spec.unit[0] < len(drawn):
        return None
    layer = drawn[spec.unit[0]]
    last = spec.unit[0] == len(drawn) - 1
    return layer[spec.unit[1]] if spec.unit[1] < len(layer) and not last else None


def _large(
    spec: Playground, result: Result, shown: net.Unit | None, spread: float, pixels: int
) -> Image:
    inner = sum(result.sizes[1:-1])
    at = sum(result.sizes[1 : shown.layer]) + shown.place if shown else inner
    seen = activity(spec, result, slice_of(spec, grid(pixels)), at)
    values, high = (seen[:, 0], spread) if shown else (signed_shade(seen, result.loss), 1.0)
    table = values.reshape(-1, pixels, pixels)
    return Image(net.PICTURE, -6, 6, -6, 6, table, -high, high, panel=1, opacity=0.85)


def samples_of(spec: Playground, result: Result) -> list[Layer]:
    """Return the samples over the picture: dots to learn from, rings for the test."""
    data = result.data
    if topic.is_regression(spec):
        sets = [(data.x, data.y, 0.11)] + ([(data.x_test, data.y_test, 0.07)] if spec.test else [])
        return [_squares(x, y, half) for x, y, half in sets]
    layers: list[Layer] = [_dots("paper", data.x, "paper", 4.2)]
    for label, color in ((0.0, VERMILLION), (1.0, BLUE)):
        layers.append(_dots(f"class {label:.0f}", data.x[data.y == label], color, 3.2))
        if spec.test:
            test = data.x_test[data.y_test == label]
            layers.append(_dots(f"test, class {label:.0f}", test, color, 3.2, "open"))
    return layers


def _dots(name: str, x: np.ndarray, color: str, size: float, symbol: str = "circle") -> Points:
    sizes = np.full((1, len(x)), size)
    return Points(name, x[None, :, 0], x[None, :, 1], color, symbol, 1, sizes)


def _squares(x: np.ndarray, y: np.ndarray, half: float) -> Cells:
    a, b = x[None, :, 0], x[None, :, 1]
    return Cells("values", a - half, b - half, a + half, b + half, y[None], panel=1)


def _losses(result: Result) -> list[Layer]:
    """Return the losses as tracks over the epochs; what the chart cannot show lies on its edge."""
    sets = (
        ("train loss", result.train_loss, TRAIN),
        ("test loss", result.test_loss, TEST),
    )
    return [
        Track(name, result.epochs, np.clip(values, LOW, HIGH), *look, 2, ("epoch", "loss"))
        for name, values, look in sets
        if np.isfinite(values).all()
    ]


def _readings(spec: Playground, result: Result) -> list[Layer]:
    word = "R²" if topic.is_regression(spec) else "right"
    found = [
        Reading("epoch", result.epochs),
        Reading("loss", result.train_loss),
        Reading(f"{word}", result.train_score),
    ]
    return [*found, Reading("test", result.test_score)] if len(result.data.x_test) else list(found)


def _chips(spec: Playground, result: Result) -> list[Chip]:
    pairs = [("train", TRAIN, result.train_loss, result.train_score)]
    if len(result.data.x_test):
        pairs.append(("test", TEST, result.test_loss, result.test_score))
    chips = [
        chip(name, look, describe(spec, loss[-1], score[-1]), result.reason)
        for name, look, loss, score in pairs
    ]
    if result.lost:
        chips.append(
            Chip("diverged", "✕", VERMILLION, f"epoch {int(result.epochs[-1])}", result.reason)
        )
    return chips


def describe(spec: Playground, loss: float, score: float) -> str:
    """Return a loss and its score as a few words."""
    if np.isnan(score):
        return f"loss {number(loss, 3)}"
    right = f"R² {score:.3f}" if topic.is_regression(spec) else f"{score:.1%} right"
    return f"loss {number(loss, 3)}, {right}"


def _alt(spec: Playground, result: Result) -> str:
    layers = " – ".join(map(str, result.sizes))
    return (
        f"A network of {layers} units on the data “{topic.DATA[spec.data]}”: at epoch "
        f"{int(result.epochs[-1])} the training loss is {number(result.train_loss[-1], 3)}."
    )


def thumbnails(chosen: str, large: bool = False) -> tuple[go.Figure, Scene]:
    """Return the pictures of all data sets, two rows of five, each of which a click chooses."""
    names = [*topic.DATA]
    layers: list[Layer] = []
    handles = []
    for i, name in enumerate(names):
        left, bottom = 10.0 * (i % 5), 10.0 * (1 - i // 5)
        if name == chosen:
            layers.append(_ring(left, bottom))
        if name == OWN:
            layers.append(net.Labels("own", [[left + 5]], [[bottom + 5]], (("own …",),), size=12))
        else:
            layers += _thumbnail(name, left, bottom)
        at, words = (left + 5, bottom + 5), topic.DATA[name]
        handles.append(net.button(f"data_{name}", *at, words))
    axes = {
        "xaxis": {"range": [-0.5, 50.5], "domain": [0, 1], **_HIDDEN},
        "yaxis": {"range": [-0.5, 20.5], "domain": [0, 1], **_HIDDEN},
    }
    layout = base_layout(large, **axes) | {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}}
    words = "Data sets: " + ", ".join(topic.DATA.values()) + ". Click one."
    return go.Figure(go.Scatter(x=[None], y=[None]), layout), Scene(layers, handles, words)


def _ring(left: float, bottom: float) -> Layer:
    x = [left + 0.4, left + 9.6, left + 9.6, left + 0.4, left + 0.4]
    y = [bottom + 0.4, bottom + 0.4, bottom + 9.6, bottom + 9.6, bottom + 0.4]
    return net.Line("chosen", [x], [y], None)


def _thumbnail(name: str, left: float, bottom: float) -> list[Layer]:
    data = topic.data_of(replace(Playground(), data=name, n=160, share=0.9))
    x = data.x[:, :2] * 0.64 + [
        left + 5,
        bottom + 5,
    ]  # with room between two, for a lecture's dots too
    high, sizes = data.y > (0.5 if set(np.unique(data.y)) <= {0, 1} else 0), np.full((1, 160), 1.3)
    return [
        Points(
            f"{name} {c}",
            x[None, high == c, 0],
            x[None, high == c, 1],
            color,
            "circle",
            0,
            sizes[:, : (high == c).sum()],
        )
        for c, color in ((False, VERMILLION), (True, BLUE))
    ]
