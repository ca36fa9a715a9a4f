"""The stage of the loss landscape: a plane with the path, the network there, what is left out."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.hand import Hand
from gdviz.figures.landscape import SHADES
from gdviz.figures.legend import chip
from gdviz.figures.map_values import MapAxis, MapPart, with_values
from gdviz.figures.scene import (
    Chip,
    Handle,
    Image,
    Labels,
    Layer,
    Line,
    Picture,
    Points,
    Reading,
    Scene,
    Track,
)
from gdviz.figures.style import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION, Look, base_layout
from gdviz.learn.toy_datasets import KINDS, WINDOW, samples
from gdviz.numerals import number
from gdviz.queries import from_query
from gdviz.topics.backprop.landscape.settings import (
    Landscape,
    LandscapeRun,
    aim_of,
    losses_of,
    params_here,
    place_here,
    run,
    sizes_of,
)
from gdviz.topics.backprop.landscape.verdict import height_of, off_the_plane, percent, verdict_on
from gdviz.topics.backprop.outputs import grid, signed_shade

SIDES = ([0.0, 0.42], [0.52, 0.72], [0.83, 1.0])
PATH, FLAT = Look(ORANGE, "solid", "circle"), Look(BLUE, "dash", "square")
OFF, SECOND = Look(PURPLE, "solid", "triangle"), Look(GREEN, "dash", "diamond")
PIXELS = 60  # of the picture of the network under the hand, each way
LEVELS = 22
LEAST = 1e-6  # of the losses that are shown, as a share of the first one


def picture(spec: Landscape, large: bool = False) -> Picture:
    """Return the picture of the room at its settings."""
    done = run(spec)
    return Picture(background(spec, done, large), landscape_scene(spec, done))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, which say where the hand is."""
    spec = from_query(Landscape, query)
    return landscape_scene(spec, run(spec))


def axis_names(spec: Landscape) -> tuple[str, str]:
    """Return what the two coordinates of the plane are."""
    if spec.plane == "pair":
        return "from A towards B", "across"
    if spec.plane == "random":
        return "a, in lengths of the filters", "b"
    return "a, main direction of the path", "b"


def shown_losses(done: LandscapeRun, losses: np.ndarray) -> np.ndarray:
    """Return losses as the charts have them: a log axis has no place for zero."""
    least = LEAST * max(float(done.losses[0]), 1e-300)
    return np.clip(np.nan_to_num(losses, posinf=1e30), least, 1e30)


def background(spec: Landscape, done: LandscapeRun, large: bool = False) -> go.Figure:
    """Return the contours of the loss in the plane, and the empty panels beside them."""
    names, last = axis_names(spec), max(float(done.epochs[-1]), 1.0)
    curves = np.log10(shown_losses(done, np.concatenate([done.losses, done.flat_losses])))
    lows, highs = curves.min() - 0.1, curves.max() + 0.1
    top = 1.1 * float(done.seen.distances.max()) or 1.0
    steps = {"range": [-0.03 * last, 1.03 * last], "domain": SIDES[2], "nticks": 4}
    square = {"range": [-WINDOW, WINDOW], "showgrid": False, "constrain": "domain"}
    ticks = {"tickvals": [-6, 0, 6]}
    axes = {
        "xaxis": {"range": [done.a[0], done.a[-1]], "domain": SIDES[0], "showgrid": False,
                  "title": {"text": names[0]}},
        "yaxis": {"range": [done.b[0], done.b[-1]], "showgrid": False, "title": {"text": names[1]}},
        "xaxis2": {**square, **ticks, "domain": SIDES[1], "anchor": "y2", "title": {"text": "x₁"}},
        "yaxis2": {**square, **ticks, "anchor": "x2", "scaleanchor": "x2",
                   "title": {"text": "x₂", "standoff": 2}},
        "xaxis3": {**steps, "anchor": "y3", "showticklabels": False},
        "yaxis3": {"range": [lows, highs], "domain": [0.56, 1], "anchor": "x3", "type": "log",
                   "exponentformat": "power", "dtick": "D2" if highs - lows < 2 else
                   int(np.ceil((highs - lows) / 4)),
                   "title": {"text": "loss"}},
        "xaxis4": {**steps, "anchor": "y4", "title": {"text": "step"}},
        "yaxis4": {"range": [-0.05 * top, top], "domain": [0, 0.44], "anchor": "x4", "nticks": 4,
                   "title": {"text": "distance"}},
    }  # fmt: skip
    empty = [go.Scatter(x=[None], y=[None], xaxis=f"x{i}", yaxis=f"y{i}") for i in (2, 3, 4)]
    figure = go.Figure([contour(done), *empty], base_layout(large, **axes))
    sides = MapAxis("a", done.a), MapAxis("b", done.b)
    return with_values(figure, *sides, [MapPart(done.loss, "L = ")])


def contour(done: LandscapeRun) -> go.Contour:
    """Return the loss of the plane as level lines of its logarithm."""
    z = np.log10(shown_losses(done, done.loss))
    levels = np.linspace(z.min(), np.quantile(z, 0.98), LEVELS)
    step = float(levels[1] - levels[0]) or 1.0
    return go.Contour(
        x=done.a, y=done.b, z=z.astype("f4"), colorscale=SHADES, showscale=False, hoverinfo="skip",
        contours={"showlines": True, "coloring": "heatmap", "start": float(levels[0]),
                  "end": float(levels[-1]), "size": step},
        line={"width": 0.7, "color": "rgba(110,130,150,0.55)"}, name="loss",
    )  # fmt: skip


def landscape_scene(spec: Landscape, done: LandscapeRun) -> Scene:
    """Return the path over the plane, the network under the hand, and both losses by step."""
    places, steps = done.seen.places, done.epochs
    there = float(losses_of(spec, params_here(spec, done))[0])
    layers: list[Layer] = [
        *_network_here(spec, done),
        *_second(done),
        Track("path", places[:, 0], places[:, 1], *PATH, 0, ("a", "b")),
        Track("loss on the path", steps, shown_losses(done, done.losses), *PATH, 2,
              ("step", "loss")),
        Track("loss in the plane", steps, shown_losses(done, done.flat_losses), *FLAT, 2,
              ("step", "loss")),
        Track("distance from the plane", steps, done.seen.distances, *OFF, 3,
              ("step", "distance")),
        Reading("step", steps),
        Reading("loss", done.losses),
        Reading("loss in the plane", done.flat_losses),
        Reading("off the plane", done.seen.distances),
    ]  # fmt: skip
    handle = Handle("here", "hand", *place_here(spec, done), knobs=("at_a", "at_b"))
    return Scene(layers, (handle,), _alt(spec, done), _chips(done, there))


def _network_here(spec: Landscape, done: LandscapeRun) -> list[Layer]:
    """Return what the network under the hand says over the plane of the data, and the samples."""
    from gdviz.kernels import network_training

    sizes, kinds, table = sizes_of(spec), (spec.squash,) * spec.deep, grid(PIXELS) / 3
    z = network_training.scan(sizes, kinds, params_here(spec, done), table.T, sum(sizes[:-1]))
    shade = np.clip(np.nan_to_num(signed_shade(z, aim_of(spec))), -1, 1)
    pixels = shade.reshape(1, PIXELS, PIXELS)
    x, y = samples(spec.cloud, spec.dots)
    high = y > (0.0 if KINDS[spec.cloud].regression else 0.5)
    box = (-WINDOW, WINDOW, -WINDOW, WINDOW)
    layers: list[Layer] = [Image("network", *box, pixels, panel=1, opacity=0.85)]
    for name, color, mine in (("class 0", VERMILLION, ~high), ("class 1", BLUE, high)):
        size = np.full((1, int(mine.sum())), 2.2)
        layers.append(Points(name, x[None, mine, 0], x[None, mine, 1], color, "circle", 1, size))
    return layers


def _second(done: LandscapeRun) -> list[Layer]:
    """Return network B: its training, and the lines to it and to its matched self."""
    if done.twin is None:
        return []
    places, along = done.twin.places, done.twin.path.places
    ends = [np.array([[0.0, place]]) for place in places.ravel()]
    dot, up = np.full((1, 3), 4.5), 0.04 * float(done.b[-1] - done.b[0])
    x, y = np.append(0.0, places[:, 0])[None], np.append(0.0, places[:, 1])[None]
    beside = y + [-1.5 * up, up, up]  # the hand begins at A, and has its name above
    return [
        Line("straight to B", ends[0], ends[1], VERMILLION, "dot"),
        Line("straight to B matched", ends[2], ends[3], GREEN, "dot"),
        Track("path of B", along[:, 0], along[:, 1], *SECOND, 0, ("a", "b")),
        Points("ends", x, y, None, "circle", 0, dot),
        Labels("names", x, beside, (("A", "B", "B matched"),), size=13),
    ]


def _chips(done: LandscapeRun, there: float) -> tuple[Chip, ...]:
    lost = f", lost at step {int(done.epochs[-1])}" if done.lost else ""
    found = [
        chip("loss on the path", PATH, number(done.losses[-1], 3) + lost, done.reason),
        chip("loss in the plane", FLAT, number(done.flat_losses[-1], 3), off_the_plane(done)),
        chip("off the plane", OFF, percent(done.seen.outside), off_the_plane(done)),
    ]
    if done.twin is not None:
        for name, color, barrier in zip(
            ("barrier to B", "to B matched"), (VERMILLION, GREEN), done.twin.barriers, strict=True
        ):
            why = f"The most by which the loss is above the line of its ends, at t = {barrier.t:g}."
            found.append(Chip(name, "┅", color, height_of(barrier.height, done), why))
    found.append(Chip("hand", "○", GREY, f"loss {number(there, 3)}", "Of the network there."))
    return tuple(found)


def _alt(spec: Landscape, done: LandscapeRun) -> str:
    layers = " – ".join(map(str, done.sizes))
    what: dict[str, Any] = {
        "path": "the main directions of its training",
        "random": "two random directions",
        "pair": "another training of it",
    }
    return (
        f"The loss of a {layers} network in a plane of {what[spec.plane]}, with the path over it. "
        f"{verdict_on(done)}"
    )
