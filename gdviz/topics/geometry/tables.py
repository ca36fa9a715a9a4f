"""The tables of a room of geometry: what its run comes to, as numbers."""

from typing import Any

import numpy as np

from gdviz.geometry import FAMILIES, christoffel, curvature, geodesic, holonomy, metric, norm, shoot
from gdviz.topics.geometry.bound import bound
from gdviz.topics.geometry.other import other_measures, other_result
from gdviz.topics.geometry.results import (
    T,
    TransportResult,
    geodesics_result,
    measures,
    shooting_result,
    transport_result,
)
from gdviz.topics.geometry.settings import Geometry, corners, member, point, vector


def symbols(spec: Geometry) -> tuple[Any, Any, float]:
    """Return the metric, the Christoffel symbols and the curvature at a."""
    a = point(spec, "a")
    return metric(spec.family, a), christoffel(spec.family, a), float(curvature(spec.family, a))


def off_by(spec: Geometry, run: TransportResult) -> float:
    """Return the relative error of the ladder, in Fisher length at b."""
    assert run.ladder is not None
    b = run.path[-1]
    size = float(norm(spec.family, b, run.exact))
    return float(norm(spec.family, b, run.ladder.vector - run.exact)) / size if size else 0.0


def table(spec: Geometry) -> dict[str, Any]:
    """Return every number of the room's path, a column a name."""
    if spec.room == "other":
        return _other_table(spec)
    first, second = FAMILIES[spec.family].parameters
    if spec.room == "between":
        run = geodesics_result(spec)
        rows: dict[str, Any] = {"t": T, "length so far": run.travelled}
        for name, path in run.paths.items():
            rows |= {f"{name} {first}": path[:, 0], f"{name} {second}": path[:, 1]}
        return rows
    if spec.room == "shoot":
        shot = shooting_result(spec)
        return {"time": shot.t, first: shot.path[:, 0], second: shot.path[:, 1]}
    if spec.room == "transport":
        moved = transport_result(spec)
        rows = {first: moved.path[:, 0], second: moved.path[:, 1]}
        rows |= {f"v {first}": moved.vectors[:, 0], f"v {second}": moved.vectors[:, 1]}
        return rows | {"turned by": moved.angle}
    found = bound(spec)
    rows = {"n": np.array(found.sizes), "share in the ellipse": found.inside}
    return rows | {
        f"efficiency of {name}": row
        for name, row in zip((first, second), found.efficiency.T, strict=True)
    }


def _other_table(spec: Geometry) -> dict[str, Any]:
    found, names = other_result(spec), FAMILIES[spec.other].parameters
    rows: dict[str, Any] = {"t": T, "length so far": found.travelled}
    for path, values in found.paths.items():
        rows |= {f"{path} {name}": column for name, column in zip(names, values.T, strict=True)}
    return rows


def run(spec: Geometry) -> dict[str, dict[str, Any]]:
    """Return the table of the room under its name, and the single numbers that it says."""
    return {spec.room: table(spec), "numbers": {k: np.ravel(v) for k, v in describe(spec).items()}}


def describe(spec: Geometry) -> dict[str, Any]:
    """Return the numbers of the room that belong to no step."""
    if spec.room == "other":
        ends = member(spec, "a"), member(spec, "b")
        known = {key: value for key, value in other_measures(spec).items() if value is not None}
        return known | {"quarters": geodesic(spec.other, *ends, [0.25, 0.5, 0.75])}
    name, a, v = spec.family, point(spec, "a"), vector(spec)
    if spec.room == "between":
        known = {key: value for key, value in measures(spec).items() if value is not None}
        return known | {"quarters": geodesic(name, a, point(spec, "b"), [0.25, 0.5, 0.75])}
    if spec.room == "shoot":
        g, symbols_at, K = symbols(spec)
        shots = shoot(name, a, v, [0.25, 0.5, 0.75])
        speed = norm(name, a, v)
        return {"speed": speed, "curvature": K, "metric": g, "Γ": symbols_at, "quarters": shots}
    if spec.room == "transport" and spec.way == "loop":
        found = holonomy(name, corners(spec))
        return {"angle": found.angle, "inside": found.curvature, "area": found.area}
    if spec.room == "transport":
        moved = transport_result(spec)
        built = {} if moved.ladder is None else {"ladder": moved.ladder.vector}
        return {"transported": moved.exact, **built}
    return {"efficiency": bound(spec).efficiency}


def csv(spec: Geometry) -> bytes:
    """Return the table as a file of comma-separated values."""
    columns = table(spec)
    rows = zip(*(map(repr, np.asarray(c).tolist()) for c in columns.values()), strict=True)
    return "\n".join([",".join(columns), *map(",".join, rows)]).encode()
