"""The scenes of the page *geometry*: paths between distributions, flights, vectors, estimates."""

from typing import Any

import numpy as np

from gdviz.figures.hand import Hand
from gdviz.figures.legend import chip
from gdviz.figures.scene import (
    Chip,
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
from gdviz.figures.style import BLUE, GREEN, GREY, ORANGE, SKY, VERMILLION
from gdviz.geometry import FAMILIES
from gdviz.geometry.planes import PLANE_FAMILIES, densities, outcomes
from gdviz.numerals import number
from gdviz.queries import from_query
from gdviz.topics.geometry import results as rooms
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry.bound import BoundResult, bound
from gdviz.topics.geometry.figure_background import HYPERBOLIC, background
from gdviz.topics.geometry.figure_other import other_background, other_scene
from gdviz.topics.geometry.figure_parts import (
    LOOKS,
    arrow_handles,
    arrow_segments,
    parameter_names,
    path_chips,
    path_densities,
    path_track,
    point_handle,
    still_line,
)
from gdviz.topics.geometry.figure_transport import transport_scene
from gdviz.topics.geometry.settings import PATHS, Geometry


def geometry_scene(spec: Geometry) -> Scene:
    """Return the scene of the room."""
    return _ROOMS[spec.room](spec)


def picture(spec: Geometry, large: bool = False) -> Picture:
    """Return the picture of the page at its settings."""
    if spec.room == "other":
        return Picture(other_background(spec.other, large), other_scene(spec))
    back = background(spec.room, spec.family, spec.ellipses, spec.way, large)
    return Picture(back, geometry_scene(spec))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    spec = from_query(Geometry, query)
    return geometry_scene(topic.apply_hand(spec, hand) if hand else spec)


# --- between two ----------------------------------------------------------------------------------


def between_scene(spec: Geometry) -> Scene:
    """Return all paths from a to b, and the densities along the chosen one."""
    run = rooms.geodesics_result(spec)
    layers: list[Layer] = []
    for name, path in run.paths.items():
        color, dash, _ = LOOKS[name]
        if name != run.chosen:
            layers.append(still_line(PATHS[name], path, color, dash, width=2.0))
    if run.chosen in run.paths:
        color, dash, _ = LOOKS[run.chosen]
        layers.append(path_track(spec, PATHS[run.chosen], run.paths[run.chosen], color, dash))
    layers += path_densities(run)
    layers += [Reading("t", rooms.T), Reading("length so far", run.travelled)]
    if run.chosen in run.paths:
        path = run.paths[run.chosen].T
        layers += [Reading(n, v) for n, v in zip(parameter_names(spec), path, strict=True)]
    handles = (point_handle(spec, "a"), point_handle(spec, "b", VERMILLION))
    far = run.lengths["fisher"]
    alt = f"{FAMILIES[spec.family].label}: the Fisher–Rao distance from a to b is {number(far)}."
    between = [f"density {k}" for k in range(rooms.STEPS)]
    return Scene(layers, handles, alt, path_chips(run), [*PATHS.values(), *between])


# --- shoot a geodesic -----------------------------------------------------------------------------


def flight_scene(spec: Geometry) -> Scene:
    """Return the geodesic that leaves a along the arrow, what surrounds a, and the model."""
    run = rooms.shooting_result(spec)
    straight = run.a + np.linspace(0, 1, 61)[:, None] * run.v * float(run.t[-1] or 1)
    layers: list[Layer] = [still_line("straight on", straight, GREY, "dash", width=1.5)]
    layers += _surroundings(spec, run)
    layers.append(
        arrow_segments("velocity", run.a[None, None], (run.a + run.v)[None, None], VERMILLION)
    )
    layers.append(path_track(spec, "geodesic", run.path, BLUE))
    layers += _right_panel(spec, run)
    layers += [Reading("time", run.t), Reading("length", run.t * run.speed)]
    layers += [Reading(n, v) for n, v in zip(parameter_names(spec), run.path.T, strict=True)]
    return Scene(layers, arrow_handles(spec), _flight_words(spec, run), _flight_chips(run))


def _surroundings(spec: Geometry, run: rooms.ShootingResult) -> list[Layer]:
    layers: list[Layer] = []
    if "balls" in spec.overlays and run.balls is not None:
        layers += [
            still_line(f"ball {r:g}", rim, GREEN, width=1.4)
            for r, rim in zip(rooms.RADII, run.balls, strict=False)
        ]
    if "grid" in spec.overlays and run.rays is not None:
        gap = np.full((len(run.rays), 1, 2), np.nan)
        rays = np.concatenate([run.rays, gap], 1).reshape(-1, 2)
        layers.append(still_line("rays", rays, GREEN, "dot", width=1.0))
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
    return arrow_segments("−Γ(v, v)", at[None], tip[None], ORANGE)


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
            still_line(f"ball {k} in the model", in_model(spec, rim), GREEN, panel=1, width=1.4)
            for k, rim in enumerate(run.balls)
        ]
    layers.append(Track("in the model", path[:, 0], path[:, 1], BLUE, panel=1))
    return layers


def _flight_words(spec: Geometry, run: rooms.ShootingResult) -> str:
    label = FAMILIES[spec.family].label
    if run.border is not None:
        at = number(run.border, 3)
        return f"{label}: the geodesic reaches the border of the family at time {at}."
    end = ", ".join(number(value, 3) for value in run.path[-1])
    return f"{label}: the geodesic leaves a with speed {number(run.speed, 3)} and ends at ({end})."


def _flight_chips(run: rooms.ShootingResult) -> tuple[Chip, ...]:
    size = run.speed * float(run.t[-1])
    verdict = f"speed {number(run.speed, 3)}, length {number(size, 3)}"
    if run.border is not None:
        verdict += f", at the border at time {number(run.border, 3)}"
    return (
        chip("geodesic", LOOKS["fisher"], verdict, "Its speed is constant in the Fisher metric."),
        chip(
            "straight on", LOOKS["straight"], "in the parameters", "What is straight on this chart."
        ),
    )


# --- carry a vector -------------------------------------------------------------------------------


# --- Cramér and Rao -------------------------------------------------------------------------------


def bound_scene(spec: Geometry) -> Scene:
    """Return clouds of estimates for growing samples, in the ellipse of the metric over n."""
    run = bound(spec)
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
            number(row[-1], 3),
            f"The efficiency of {spec.samples} samples of {run.sizes[-1]}, known to about "
            f"{np.sqrt(2 / spec.samples):.0%}: no unbiased estimate has more than 1.",
        )
        for name, row in zip(parameter_names(spec), run.efficiency.T, strict=True)
    ]
    last = (
        f"{run.inside[-1]:.0%} of the estimates lie in the ellipse of 90 % at n = {run.sizes[-1]}."
    )
    return Scene(layers, (point_handle(spec, "a")._replace(size=5),), last, chips)


def _radii(run: BoundResult) -> Any:
    return np.full(run.cloud.shape[:2], 2.4)


_ROOMS = {
    "between": between_scene,
    "shoot": flight_scene,
    "transport": transport_scene,
    "bound": bound_scene,
    "other": other_scene,
}
