"""The scene of a vector that is carried along a path."""

from collections.abc import Sequence

import numpy as np

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
from gdviz.figures.style import BLUE, GREEN, PURPLE, VERMILLION
from gdviz.geometry.planes import PLANE_FAMILIES
from gdviz.topics.geometry import results as rooms
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry.figure_parts import (
    _arrow_handles,
    _arrows,
    _handle,
    _line,
    _names,
    _track,
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
    layers.append(_track(spec, "loop" if spec.way == "loop" else "geodesic", run.path, BLUE))
    tip = run.path + run.vectors
    layers.append(_arrows("carried vector", run.path[:, None], tip[:, None], VERMILLION))
    degrees = np.degrees(run.angle)
    layers.append(Track("turned by", share, degrees, VERMILLION, panel=1))
    if run.expected is not None:
        level = np.full(2, np.degrees(run.expected))
        layers.append(_line("∫ K dA", np.stack([[0, 1], level], -1), GREEN, "dash", panel=1))
    layers += [Reading("turned by °", degrees)]
    parts = run.vectors.T
    layers += [Reading(f"v {n}", v) for n, v in zip(_names(spec), parts, strict=True)]
    return Scene(layers, _transport_handles(spec), _turn_words(run), _turn_chips(spec, run))


def _static_arrows(run: rooms.TransportResult) -> Segments:
    """Return the vector at eight places of the way, faint."""
    k = np.linspace(0, len(run.path) - 1, 9).astype(int)
    tip = run.path[k] + run.vectors[k]
    return _arrows("on the way", run.path[k][None], tip[None], "rgba(213,94,0,0.4)")


def _rungs(run: rooms.TransportResult) -> list[Layer]:
    if run.ladder is None:
        return []
    built = run.ladder
    rungs = _arrows("rungs", built.points[None], built.tips[None], PURPLE)
    rail = _arrows("rail", built.tips[None, :-1], built.tips[None, 1:], PURPLE)
    x, y = built.middles.T
    return [
        rungs._replace(arrow=False),
        rail._replace(arrow=False, dash="dot"),
        Points("middles", x[None], y[None], PURPLE, "circle"),
    ]


def _transport_handles(spec: Geometry) -> Sequence[Handle]:
    if spec.way == "geodesic":
        return _arrow_handles(spec, _handle(spec, "b", VERMILLION))
    placed = [
        Handle(f"corner {k}", "", float(x), float(y), size=6, color=GREEN)
        for k, (x, y) in enumerate(topic.corners(spec))
        if k
    ]
    middle = PLANE_FAMILIES[spec.family]
    new = Handle("corner new", "", middle.x[1], middle.y[1], drawn=False, live=False)
    return (*_arrow_handles(spec, *placed), new)


def _turn_words(run: rooms.TransportResult) -> str:
    turned = f"The vector has turned by {np.degrees(run.angle[-1]):.4g}° against the axes."
    if run.expected is None:
        return turned + " Its angle with the geodesic has not changed."
    return f"{turned} The curvature inside the loop is {np.degrees(run.expected):.4g}°."


def _turn_chips(spec: Geometry, run: rooms.TransportResult) -> tuple[Chip, ...]:
    turned = Chip(
        "carried vector", "━▶", VERMILLION, f"turned {np.degrees(run.angle[-1]):.4g}°",
        "Parallel transport keeps lengths and angles; the axes turn under it.",
    )  # fmt: skip
    if run.expected is not None:
        inside = Chip("∫ K dA", "╍╍", GREEN, f"{np.degrees(run.expected):.4g}°", "Gauss–Bonnet.")
        return (turned, inside)
    if run.ladder is None:
        return (turned,)
    off = off_by(spec, run)
    kind = topic.LADDERS[spec.ladder]
    return (turned, Chip(kind, "━━", PURPLE, f"off by {off:.2g}", "Relative, in Fisher length."))
