"""The scene of a vector that is carried along a path."""

from collections.abc import Sequence

import numpy as np

from gdviz.figures.legend import chip
from gdviz.figures.scene import (
    Chip,
    Handle,
    Layer,
    Points,
    Reading,
    Scene,
    Segments,
    Track,
)
from gdviz.figures.style import BLUE, GREEN, PURPLE, VERMILLION, Look
from gdviz.geometry.planes import PLANE_FAMILIES
from gdviz.numerals import number
from gdviz.topics.geometry import results as rooms
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry.figure_parts import (
    arrow_handles,
    arrow_segments,
    parameter_names,
    path_track,
    point_handle,
    still_line,
)
from gdviz.topics.geometry.settings import Geometry
from gdviz.topics.geometry.tables import off_by


def transport_scene(spec: Geometry) -> Scene:
    """Return a vector carried along the geodesic or the loop, with the rungs of a ladder."""
    run = rooms.transport_result(spec)
    steps = len(run.path) - 1
    share = np.linspace(0, 1, steps + 1)
    layers: list[Layer] = _rungs(run)
    layers.append(_static_arrows(run))
    layers.append(path_track(spec, "loop" if spec.way == "loop" else "geodesic", run.path, BLUE))
    tip = run.path + run.vectors
    layers.append(arrow_segments("carried vector", run.path[:, None], tip[:, None], VERMILLION))
    degrees = np.degrees(run.angle)
    layers.append(Track("turned by", share, degrees, VERMILLION, panel=1))
    if run.expected is not None:
        level = np.full(2, np.degrees(run.expected))
        layers.append(still_line("∫ K dA", np.stack([[0, 1], level], -1), GREEN, "dash", panel=1))
    layers += [Reading("turned by °", degrees)]
    parts = run.vectors.T
    layers += [Reading(f"v {n}", v) for n, v in zip(parameter_names(spec), parts, strict=True)]
    ends = ("on the way", "rungs", "rail", "middles", "∫ K dA")
    return Scene(layers, _transport_handles(spec), _turn_words(run), _turn_chips(spec, run), ends)


def _static_arrows(run: rooms.TransportResult) -> Segments:
    """Return the vector at eight places of the way, faint."""
    k = np.linspace(0, len(run.path) - 1, 9).astype(int)
    tip = run.path[k] + run.vectors[k]
    return arrow_segments("on the way", run.path[k][None], tip[None], "rgba(213,94,0,0.4)")


def _rungs(run: rooms.TransportResult) -> list[Layer]:
    if run.ladder is None:
        return []
    built = run.ladder
    rungs = arrow_segments("rungs", built.points[None], built.tips[None], PURPLE)
    rail = arrow_segments("rail", built.tips[None, :-1], built.tips[None, 1:], PURPLE)
    x, y = built.middles.T
    return [
        rungs._replace(arrow=False),
        rail._replace(arrow=False, dash="dot"),
        Points("middles", x[None], y[None], PURPLE, "circle"),
    ]


def _transport_handles(spec: Geometry) -> Sequence[Handle]:
    if spec.way == "geodesic":
        return arrow_handles(spec, point_handle(spec, "b", VERMILLION))
    placed = [
        Handle(
            f"corner {k}",
            "",
            float(x),
            float(y),
            size=6,
            color=GREEN,
            spoken=f"corner {k} of the loop",
        )
        for k, (x, y) in enumerate(topic.corners(spec))
        if k
    ]
    middle = PLANE_FAMILIES[spec.family]
    at = middle.x[1], middle.y[1]
    new = Handle("corner new", "", *at, drawn=False, live=False, spoken="a new corner of the loop")
    return (*arrow_handles(spec, *placed), new)


def _turn_words(run: rooms.TransportResult) -> str:
    turned = f"The vector has turned by {number(np.degrees(run.angle[-1]))}° against the axes."
    if run.expected is None:
        return turned + " Its angle with the geodesic has not changed."
    return f"{turned} The curvature inside the loop is {number(np.degrees(run.expected))}°."


def _turn_chips(spec: Geometry, run: rooms.TransportResult) -> tuple[Chip, ...]:
    turned = Chip(
        "carried vector", "━▶", VERMILLION, f"turned {number(np.degrees(run.angle[-1]))}°",
        "Parallel transport keeps lengths and angles; the axes turn under it.",
    )  # fmt: skip
    if run.expected is not None:
        inside = chip(
            "∫ K dA",
            Look(GREEN, "dash"),
            f"{number(np.degrees(run.expected))}°",
            "Gauss–Bonnet.",
        )
        return (turned, inside)
    if run.ladder is None:
        return (turned,)
    off = off_by(spec, run)
    kind = topic.LADDERS[spec.ladder]
    return (
        turned,
        chip(kind, Look(PURPLE), f"off by {number(off, 2)}", "Relative, in Fisher length."),
    )
