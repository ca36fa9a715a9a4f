"""Parts of every scene of geometry: handles, arrows, lines, tracks."""

from typing import Any

import numpy as np

from gdviz.figures.legend import chip
from gdviz.figures.scene import (
    Chip,
    Handle,
    Layer,
    Line,
    Segments,
    Track,
)
from gdviz.figures.style import BLUE, GREEN, GREY, MORE, ORANGE, VERMILLION, Look
from gdviz.geometry import FAMILIES
from gdviz.topics.geometry import results as rooms
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry.settings import PATHS, Geometry

LOOKS = {
    "fisher": Look(BLUE),
    "straight": Look(GREY, "dash"),
    "e": Look(ORANGE, "dashdot"),
    "m": Look(GREEN, "dot"),
    "wasserstein": Look(MORE[0], "dash"),  # darker than the other dashes, in grey too
}
RAMP = ("#0072B2", "#3C8FA0", "#7FA78A", "#C4A86A", "#D55E00")  # from a to b


def point_handle(spec: Geometry, which: str, color: str = "#0072B2") -> Handle:
    """Return the handle of a point of the page."""
    x, y = topic.point(spec, which)
    return Handle(which, which, float(x), float(y), color=color)


def parameter_names(spec: Geometry) -> tuple[str, str]:
    """Return the names of the family's two parameters."""
    first, second = FAMILIES[spec.family].parameters
    return first, second


def still_line(name: str, points: Any, color: str, dash: str = "solid", **more: Any) -> Line:
    """Return a line that stays, through points `(n, 2)`."""
    return Line(name, points[None, :, 0], points[None, :, 1], color, dash, **more)


def arrow_segments(name: str, start: Any, end: Any, color: str) -> Segments:
    """Return arrows from `start` to `end (n + 1, arrows, 2)`."""
    (x0, y0), (x1, y1) = np.moveaxis(start, -1, 0), np.moveaxis(end, -1, 0)
    return Segments(name, x0, y0, x1, y1, color, arrow=True)


def path_track(spec: Geometry, name: str, path: Any, color: str, dash: str = "solid") -> Track:
    """Return the track of a point along a path `(n + 1, 2)`."""
    return Track(name, path[:, 0], path[:, 1], color, dash, "circle", labels=parameter_names(spec))


def arrow_handles(spec: Geometry, *more: Handle) -> tuple[Handle, ...]:
    """Return the handles of the vector at a, and more."""
    a, v = topic.point(spec, "a"), topic.vector(spec)
    tip = Handle("tip", "v", float(a[0] + v[0]), float(a[1] + v[1]), size=6, color=VERMILLION)
    return (point_handle(spec, "a"), *more, tip)


def path_densities(run: rooms.GeodesicsResult) -> list[Layer]:
    """Return the densities at five times, coloured from a to b, and the one that is played."""
    shown = np.linspace(0, rooms.STEPS, len(RAMP)).astype(int)
    layers: list[Layer] = []
    for color, k in zip(RAMP, shown, strict=True):
        ends = k in (0, rooms.STEPS)
        name = "density at a" if k == 0 else "density at b" if ends else f"density {k}"
        width, dash = (2.2, "dash" if k else "solid") if ends else (1.0, "dot")
        layers.append(Line(name, run.x[None, k], run.p[None, k], color, dash, 1, width))
    layers.append(Line("density", run.x, run.p, None, panel=1, width=2.6, fill=0.0))
    return layers


def path_chips(run: rooms.GeodesicsResult) -> tuple[Chip, ...]:
    """Return the legend: every path with its Fisher length."""
    least = run.lengths["fisher"]
    found = []
    for name, size in run.lengths.items():
        more = f" (+{max(size / least - 1, 0):.1%})" if name != "fisher" and least else ""
        words = "The shortest path." if name == "fisher" else "Its length by the Fisher metric."
        found.append(chip(PATHS[name], LOOKS[name], f"{size:.4g}{more}", words))
    return tuple(found)
