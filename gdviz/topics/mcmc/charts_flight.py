"""The energy along a leapfrog path, its error, and the level of the Hamiltonian around it."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.style import BLUE, GREY, ORANGE, PURPLE, VERMILLION
from gdviz.probability import Target
from gdviz.topics.mcmc.charts import curve, panels
from gdviz.topics.mcmc.hamiltonian import Flight

CELLS = 121  # of the map of the level, each way


def flight_chart(target: Target, found: Flight, large: bool = False) -> go.Figure:
    """Return H and its error over the leapfrogs, beside the level of H that the path begins on.

    In one variable the level is a curve in the plane of q and p. In two it is the border
    −log p(q) = H, which a path without error does not cross: there all energy is potential.
    """
    n, width = np.arange(len(found.energy)), 4 if large else 2.2
    ends, start, limit = n[[0, -1]], float(found.energy[0]), found.threshold
    lines: list[Any] = [
        curve(n, found.energy, "H", color=BLUE, width=width),
        curve(n, found.potential, "−log p", color=ORANGE, width=width, dash="dash"),
        curve(ends, [start] * 2, "H at the start", color=GREY, width=1.5, dash="dot"),
        curve(n, found.energy - start, "H − H at the start", "2", color=BLUE, width=width),
        curve(ends, [limit] * 2, "−log u", "2", color=VERMILLION, width=1.5, dash="dot"),
        *_level(target, found, width),
    ]
    names = ("q", "p") if target.d == 1 else target.variables
    titles = ("leapfrog", "energy"), ("leapfrog", "error of the energy"), names
    layout = panels(large, ([0, 0.27], [0.36, 0.63], [0.72, 1]), titles)
    return go.Figure(lines, layout | {"showlegend": True})


def _level(target: Target, found: Flight, width: float) -> list[Any]:
    """Return the line where H is what it was at the start, and the path through it."""
    one = target.d == 1
    path = np.column_stack([found.q[:, 0], found.p[:, 0]]) if one else found.q
    (x0, x1), (y0, y1) = _window(target, path)
    x, y = np.linspace(x0, x1, CELLS), np.linspace(y0, y1, CELLS)
    X, Y = np.meshgrid(x, y)
    if one:
        high = -target.log_density(X[..., None]) + Y**2 / 2
    else:
        high = -target.log_density(np.stack([X, Y], -1))
    start = float(found.energy[0])
    level = go.Contour(
        x=x,
        y=y,
        z=np.where(np.isfinite(high), high, np.nan),
        contours={"coloring": "lines", "start": start, "end": start, "size": 1},
        line={"color": PURPLE, "width": 2, "dash": "dot"},
        colorscale=[[0, PURPLE], [1, PURPLE]],
        showscale=False,
        name="level of H",
        hoverinfo="skip",
        xaxis="x3",
        yaxis="y3",
    )
    trail = curve(path[:, 0], path[:, 1], "path", "3", color=BLUE, width=width)
    return [level, trail.update(mode="lines+markers")]


def _window(target: Target, path: Any) -> tuple[Any, Any]:
    """Return the target's window, or in one variable that of q beside what p needs."""
    if target.d == 2:
        return target.box[0], target.box[1]
    high = 1.3 * float(np.nanmax(np.abs(path[:, 1]), initial=1.0))
    return target.box[0], (-high, high)


def flight_words(found: Flight) -> str:
    """Return in words how far the energy erred on the path, and what the test made of it."""
    off = found.energy - found.energy[0]
    if not np.isfinite(off).all():
        return "The energy is lost on the way: the path has diverged, or has met a wall."
    worst, end = float(np.abs(off).max()), float(off[-1])
    sign, word = ("<", "accepted") if found.taken else ("≥", "rejected")
    return (
        f"True motion keeps H; these leapfrogs err by {worst:.3g} at most and by {end:.3g} at the "
        f"end, which is {sign} −log u = {found.threshold:.3g}: {word}. The dotted line is the "
        "level of H at the start."
    )
