"""Parts of every scene of geometry: handles, arrows, lines, tracks."""

from typing import Any

import numpy as np

from gdviz.figures.scene import (
    Handle,
    Line,
    Segments,
    Track,
)
from gdviz.figures.style import VERMILLION
from gdviz.geometry import FAMILIES
from gdviz.topics.geometry import settings as topic
from gdviz.topics.geometry.settings import Geometry


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


def _arrow_handles(spec: Geometry, *more: Handle) -> tuple[Handle, ...]:
    a, v = topic.point(spec, "a"), topic.vector(spec)
    tip = Handle("tip", "v", float(a[0] + v[0]), float(a[1] + v[1]), size=6, color=VERMILLION)
    return (_handle(spec, "a"), *more, tip)
