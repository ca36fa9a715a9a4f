"""The stage of other families: λ along the paths, or a Dirichlet's mean, and the densities."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.axes import SPLIT, axis
from gdviz.figures.scene import Handle, Image, Layer, Reading, Scene, Track
from gdviz.figures.style import BLUE, GREY, SEQUENTIAL, VERMILLION, base_layout
from gdviz.geometry import FAMILIES
from gdviz.topics.geometry.figure_parts import LOOKS, path_chips, path_densities, still_line
from gdviz.topics.geometry.other import SIGHTS, other_result
from gdviz.topics.geometry.results import GeodesicsResult, T
from gdviz.topics.geometry.settings import PATHS, Geometry


def other_background(name: str, large: bool = False) -> go.Figure:
    """Return the axes: λ over t beside the densities, or the means beside the simplex."""
    if name == "dirichlet":
        square = {"constrain": "domain"}
        axes = {
            "xaxis": axis("α₁/Σα, the mean of p₁", (-0.04, 1.04), SPLIT[0], "y", **square),
            "yaxis": axis("α₂/Σα", (-0.04, 1.04), [0, 1], "x", scaleanchor="x", **square),
            "xaxis2": axis("p₁", (-0.04, 1.04), SPLIT[1], "y2", **square),
            "yaxis2": axis("p₂", (-0.04, 1.04), [0, 1], "x2", scaleanchor="x2", **square),
        }
        edges: Any = [0, 1, 0, 0], [0, 0, 1, 0]
    else:
        most, outcomes, top = SIGHTS[name]
        height = "probability" if name == "poisson" else "density"
        axes = {
            "xaxis": axis("t", (-0.05, 1.05), SPLIT[0], "y"),
            "yaxis": axis("λ", (0, most), [0, 1], "x"),
            "xaxis2": axis("outcome x", (-0.5, outcomes), SPLIT[1], "y2"),
            "yaxis2": axis(height, (0, top), [0, 1], "x2"),
        }
        edges = [None], [None]
    line = {"color": GREY, "width": 1.5}
    traces = [
        go.Scatter(
            x=edges[0], y=edges[1], xaxis=f"x{n}", yaxis=f"y{n}", mode="lines", line=line,
            hoverinfo="skip",
        )
        for n in ("", "2")
    ]  # fmt: skip
    return go.Figure(traces, base_layout(large, **axes, uirevision=f"other{name}"))


def other_scene(spec: Geometry) -> Scene:
    """Return all paths from a to b, and the densities along the chosen one."""
    run, names = other_result(spec), FAMILIES[spec.other].parameters
    labels = ("mean of p₁", "of p₂") if spec.other == "dirichlet" else ("t", "λ")
    layers: list[Layer] = [
        still_line(PATHS[name], _shown(spec, path), *LOOKS[name][:2], width=2.0)
        for name, path in run.paths.items()
        if name != run.chosen
    ]
    x, y = _shown(spec, run.paths[run.chosen]).T
    color, dash, _ = LOOKS[run.chosen]
    layers.append(Track(PATHS[run.chosen], x, y, color, dash, "circle", labels=labels))
    layers += _densities(spec, run)
    layers += [Reading("t", T), Reading("length so far", run.travelled)]
    path = run.paths[run.chosen].T
    layers += [Reading(name, values) for name, values in zip(names, path, strict=True)]
    ends = _shown(spec, run.paths["fisher"])[[0, -1]]
    axes = "xy" if spec.other == "dirichlet" else "y"
    handles = tuple(
        Handle(name, name, float(at[0]), float(at[1]), axes, color=color)
        for name, at, color in zip("ab", ends, (BLUE, VERMILLION), strict=True)
    )
    label, far = FAMILIES[spec.other].label, run.lengths["fisher"]
    alt = f"{label}: the Fisher–Rao distance from a to b is {far:.4g}."
    return Scene(layers, handles, alt, path_chips(run))


def _shown(spec: Geometry, path: Any) -> Any:
    """Return where a path is drawn, `(n + 1, 2)`: λ over t, or the mean."""
    if spec.other == "dirichlet":
        return path[:, :2] / path.sum(1, keepdims=True)
    return np.column_stack([T, path[:, 0]])


def _densities(spec: Geometry, run: GeodesicsResult) -> list[Layer]:
    if spec.other != "dirichlet":
        return path_densities(run)
    return [Image("density", 0, 1, 0, 1, run.p, 0.0, 1.0, SEQUENTIAL, panel=1)]
