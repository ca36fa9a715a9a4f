"""The scenes of the page *geometry*: paths between distributions, flights, vectors, estimates."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gdviz.figures.hand import Hand
from gdviz.figures.scene import (
    Chip,
    Handle,
    Layer,
    Line,
    Picture,
    Points,
    Polygon,
    Reading,
    Scene,
    Segments,
    Track,
)
from gdviz.figures.style import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION
from gdviz.geometry import FAMILIES
from gdviz.geometry.planes import PLANE_FAMILIES, densities, outcomes
from gdviz.knobs import from_query
from gdviz.topics.geometry import results as rooms
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry.figure_background import HYPERBOLIC, background
from gdviz.topics.geometry.settings import PATHS, Geometry

LOOKS = {
    "fisher": (BLUE, "solid", "━"),
    "straight": (GREY, "dash", "╍"),
    "e": (ORANGE, "dashdot", "╍"),
    "m": (GREEN, "dot", "┅"),
    "wasserstein": (PURPLE, "dash", "╍"),
}
RAMP = ("#0072B2", "#3C8FA0", "#7FA78A", "#C4A86A", "#D55E00")  # from a to b


def geometry_scene(spec: Geometry) -> Scene:
    """Return the scene of the room."""
    return _ROOMS[spec.room](spec)


def picture(spec: Geometry, large: bool = False) -> Picture:
    """Return the picture of the page at its settings."""
    back = background(spec.room, spec.family, spec.ellipses, spec.way, large)
    return Picture(back, geometry_scene(spec))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    spec = from_query(Geometry, query)
    return geometry_scene(topic.apply_hand(spec, hand) if hand else spec)


def _handle(spec: Geometry, which: str, color: str = "#0072B2") -> Handle:
    x, y = topic.point(spec, which)
    return Handle(which, which, float(x), float(y), color=color)


def _names(spec: Geometry) -> tuple[str, str]:
    first, second = FAMILIES[spec.family].parameters
    return first, second


def _line(name: str, points: Any, color: str, dash: str = "solid", **more: Any) -> Line:
    """Return a line that stays, through points `(n, 2)`."""
    return Line(name, points[None, :, 0], points[None, :, 1], color, dash, **more)


def _arrows(name: str, start: Any, end: Any, color: str) -> Segments:
    """Return arrows from `start` to `end (n + 1, arrows, 2)`."""
    (x0, y0), (x1, y1) = np.moveaxis(start, -1, 0), np.moveaxis(end, -1, 0)
    return Segments(name, x0, y0, x1, y1, color, arrow=True)


def _track(spec: Geometry, name: str, path: Any, color: str, dash: str = "solid") -> Track:
    return Track(name, path[:, 0], path[:, 1], color, dash, "circle", labels=_names(spec))


# --- between two ----------------------------------------------------------------------------------


def between_scene(spec: Geometry) -> Scene:
    """Return all paths from a to b, and the densities along the chosen one."""
    run = rooms.geodesics_result(spec)
    layers: list[Layer] = []
    for name, path in run.paths.items():
        color, dash, _ = LOOKS[name]
        if name != run.chosen:
            layers.append(_line(PATHS[name], path, color, dash, width=2.0))
    if run.chosen in run.paths:
        color, dash, _ = LOOKS[run.chosen]
        layers.append(_track(spec, PATHS[run.chosen], run.paths[run.chosen], color, dash))
    layers += _densities(run)
    layers += [Reading("t", rooms.T), Reading("length so far", run.travelled)]
    if run.chosen in run.paths:
        path = run.paths[run.chosen].T
        layers += [Reading(n, v) for n, v in zip(_names(spec), path, strict=True)]
    handles = (_handle(spec, "a"), _handle(spec, "b", VERMILLION))
    far = run.lengths["fisher"]
    alt = f"{FAMILIES[spec.family].label}: the Fisher–Rao distance from a to b is {far:.4g}."
    return Scene(layers, handles, alt, _lengths(run))


def _densities(run: rooms.GeodesicsResult) -> list[Layer]:
    """Return the densities at five times, coloured from a to b, and the one that is played."""
    shown = np.linspace(0, rooms.STEPS, len(RAMP)).astype(int)
    layers: list[Layer] = []
    for color, k in zip(RAMP, shown, strict=True):
        ends = k in (0, rooms.STEPS)
        name = "density at a" if k == 0 else "density at b" if ends else f"density {k}"
        width = 2.2 if ends else 1.0
        layers.append(Line(name, run.x[None, k], run.p[None, k], color, panel=1, width=width))
    layers.append(Line("density", run.x, run.p, None, panel=1, width=2.6, fill=0.0))
    return layers


def _lengths(run: rooms.GeodesicsResult) -> tuple[Chip, ...]:
    """Return the legend: every path with its Fisher length."""
    least = run.lengths["fisher"]
    found = []
    for name, size in run.lengths.items():
        color, _, sample = LOOKS[name]
        more = f" (+{size / least - 1:.1%})" if name != "fisher" and least else ""
        words = "The shortest path." if name == "fisher" else "Its length by the Fisher metric."
        found.append(Chip(PATHS[name], sample * 2, color, f"{size:.4g}{more}", words))
    return tuple(found)


# --- shoot a geodesic -----------------------------------------------------------------------------


def flight_scene(spec: Geometry) -> Scene:
    """Return the geodesic that leaves a along the arrow, what surrounds a, and the model."""
    run = rooms.shooting_result(spec)
    straight = run.a + np.linspace(0, 1, 61)[:, None] * run.v * float(run.t[-1] or 1)
    layers: list[Layer] = [_line("straight on", straight, GREY, "dash", width=1.5)]
    layers += _surroundings(spec, run)
    layers.append(_arrows("velocity", run.a[None, None], (run.a + run.v)[None, None], VERMILLION))
    layers.append(_track(spec, "geodesic", run.path, BLUE))
    layers += _right_panel(spec, run)
    layers += [Reading("time", run.t), Reading("length", run.t * run.speed)]
    layers += [Reading(n, v) for n, v in zip(_names(spec), run.path.T, strict=True)]
    return Scene(layers, _arrow_handles(spec), _flight_words(spec, run), _flight_chips(run))


def _arrow_handles(spec: Geometry, *more: Handle) -> tuple[Handle, ...]:
    a, v = topic.point(spec, "a"), topic.vector(spec)
    tip = Handle("tip", "v", float(a[0] + v[0]), float(a[1] + v[1]), size=6, color=VERMILLION)
    return (_handle(spec, "a"), *more, tip)


def _surroundings(spec: Geometry, run: rooms.ShootingResult) -> list[Layer]:
    layers: list[Layer] = []
    if "balls" in spec.overlays and run.balls is not None:
        layers += [
            _line(f"ball {r:g}", rim, GREEN, width=1.4)
            for r, rim in zip(rooms.RADII, run.balls, strict=False)
        ]
    if "grid" in spec.overlays and run.rays is not None:
        gap = np.full((len(run.rays), 1, 2), np.nan)
        rays = np.concatenate([run.rays, gap], 1).reshape(-1, 2)
        layers.append(_line("rays", rays, GREEN, "dot", width=1.0))
    if "field" in spec.overlays:
        layers.append(_field(spec))
    return layers


def _field(spec: Geometry) -> Segments:
    """Return arrows along −Γ(v, v), compressed by a square root: it varies a thousandfold."""
    at, pull = rooms.bending_terms(spec)
    plane = PLANE_FAMILIES[spec.family]
    window = np.array([plane.x[1] - plane.x[0], plane.y[1] - plane.y[0]])
    size = np.linalg.norm(pull / window, axis=1, keepdims=True)
    shown = 0.075 * pull * np.sqrt(size / max(size.max(), 1e-300)) / np.maximum(size, 1e-300)
    tip = at + shown
    return _arrows("−Γ(v, v)", at[None], tip[None], ORANGE)


def in_model(spec: Geometry, points: Any) -> Any:
    """Return points `(n, 2)` in the model at the right: the disk, or the sphere from above."""
    if spec.family == "categorical":
        return np.sqrt(np.clip(points, 0, 1))
    space = FAMILIES[spec.family].space
    assert space is not None and space.chart is not None
    x, y = space.chart.forward(points).T
    z = x + 1j * y
    disk = (z - 1j) / (z + 1j)
    return np.stack([disk.real, disk.imag], -1)


def _right_panel(spec: Geometry, run: rooms.ShootingResult) -> list[Layer]:
    """Return the same picture in the model, or the densities along the flight."""
    if spec.family not in HYPERBOLIC and spec.family != "categorical":
        x = outcomes(spec.family)
        return [
            Line("density", x[None], densities(spec.family, run.path, x), BLUE, panel=1, fill=0.0)
        ]
    path = in_model(spec, run.path)
    layers: list[Layer] = []
    if "balls" in spec.overlays and run.balls is not None:
        layers += [
            _line(f"ball {k} in the model", in_model(spec, rim), GREEN, panel=1, width=1.4)
            for k, rim in enumerate(run.balls)
        ]
    layers.append(Track("in the model", path[:, 0], path[:, 1], BLUE, panel=1))
    return layers


def _flight_words(spec: Geometry, run: rooms.ShootingResult) -> str:
    label = FAMILIES[spec.family].label
    if run.border is not None:
        return f"{label}: the geodesic reaches the border of the family at time {run.border:.3g}."
    end = ", ".join(f"{value:.3g}" for value in run.path[-1])
    return f"{label}: the geodesic leaves a with speed {run.speed:.3g} and ends at ({end})."


def _flight_chips(run: rooms.ShootingResult) -> tuple[Chip, ...]:
    size = run.speed * float(run.t[-1])
    verdict = f"speed {run.speed:.3g}, length {size:.3g}"
    if run.border is not None:
        verdict += f", at the border at time {run.border:.3g}"
    return (
        Chip("geodesic", "━━", BLUE, verdict, "Its speed is constant in the Fisher metric."),
        Chip("straight on", "╍╍", GREY, "in the parameters", "What is straight on this chart."),
    )


# --- carry a vector -------------------------------------------------------------------------------


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
    off = rooms.off_by(spec, run)
    kind = topic.LADDERS[spec.ladder]
    return (turned, Chip(kind, "━━", PURPLE, f"off by {off:.2g}", "Relative, in Fisher length."))


# --- Cramér and Rao -------------------------------------------------------------------------------


def bound_scene(spec: Geometry) -> Scene:
    """Return clouds of estimates for growing samples, in the ellipse of the metric over n."""
    run = rooms.bound(spec)
    sizes = np.array(run.sizes, float)
    (dots_x, dots_y), (rim_x, rim_y) = run.cloud.T, run.ellipse.T
    layers: list[Layer] = [
        Points("estimates", dots_x.T, dots_y.T, SKY, "circle", sizes=_radii(run)),
        Polygon("90 % by the metric", rim_x.T, rim_y.T, ORANGE, opacity=0.12),
        Line("rim", rim_x.T, rim_y.T, ORANGE, width=2.4),
    ]
    near_x, near_y = run.standard.T
    near = Points("standardised", near_x.T, near_y.T, SKY, "circle", panel=1, sizes=_radii(run))
    layers.append(near)
    layers += [Reading("n", sizes), Reading("share in the ellipse", run.inside)]
    chips = [
        Chip(
            f"bound over variance of {name}",
            "●",
            SKY,
            f"{row[-1]:.3g}",
            f"The efficiency of {spec.samples} samples of {run.sizes[-1]}: 1 is the best there is.",
        )
        for name, row in zip(_names(spec), run.efficiency.T, strict=True)
    ]
    last = (
        f"{run.inside[-1]:.0%} of the estimates lie in the ellipse of 90 % at n = {run.sizes[-1]}."
    )
    return Scene(layers, (_handle(spec, "a")._replace(size=5),), last, chips)


def _radii(run: rooms.BoundResult) -> Any:
    return np.full(run.cloud.shape[:2], 2.4)


_ROOMS = {
    "between": between_scene,
    "shoot": flight_scene,
    "transport": transport_scene,
    "bound": bound_scene,
}
