"""Lines of equal value of a grid of numbers, for a format that cannot colour the plane."""

from collections.abc import Iterator
from typing import Any

import numpy as np

Edge = tuple[str, int, int]  # "h" from (i, j) to (i, j + 1), "v" from (i, j) to (i + 1, j)
LEVELS = 11  # lines between the ends of a heatmap; one in the middle
Curve = tuple[np.ndarray, np.ndarray]


def level_lines(trace: Any) -> Iterator[Curve]:
    """Yield the lines of a Plotly contour or heatmap, as points x and y, level by level."""
    x, y, z = (np.asarray(values, float) for values in (trace.x, trace.y, trace.z))
    if trace.type == "contour":
        steps = trace.contours
        levels = np.arange(steps.start, steps.end + steps.size / 2, steps.size)
    else:
        low = np.nanmin(z) if trace.zmin is None else trace.zmin
        high = np.nanmax(z) if trace.zmax is None else trace.zmax
        levels = np.linspace(low, high, LEVELS + 2)[1:-1]
    for level in levels:
        yield from lines_at(x, y, z, float(level))


def lines_at(x: np.ndarray, y: np.ndarray, z: np.ndarray, level: float) -> Iterator[Curve]:
    """Yield the lines where `z (rows, columns)` over y and x has a value; a ring ends at its start.

    Between neighbours z is taken as linear. Where two lines could cross, the mean of the corners
    says how they pass.
    """
    joined = _joints(z, level)
    while joined:
        start = next((edge for edge, others in joined.items() if len(others) == 1), None)
        edge = start or next(iter(joined))
        line = [edge]
        while joined.get(edge):
            after = joined[edge].pop()
            joined[after].remove(edge)
            if not joined[edge]:
                del joined[edge]
            edge = after
            line.append(edge)
        joined.pop(edge, None)
        points = np.array([_crossing(x, y, z, level, at) for at in line])
        yield points[:, 0], points[:, 1]


def _joints(z: np.ndarray, level: float) -> dict[Edge, list[Edge]]:
    """Return which edges of the grid, that a line crosses, are joined across a cell."""
    joined: dict[Edge, list[Edge]] = {}
    above = z >= level
    corners = above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1]
    whole = np.isfinite(z[:-1, :-1] + z[:-1, 1:] + z[1:, 1:] + z[1:, :-1])
    count = sum(corner.astype(int) for corner in corners)
    for i, j in zip(*np.nonzero((count > 0) & (count < 4) & whole), strict=True):
        i, j = int(i), int(j)
        ring: list[Edge] = [("h", i, j), ("v", i, j + 1), ("h", i + 1, j), ("v", i, j)]
        signs = [bool(corner[i, j]) for corner in corners]
        crossed = [ring[n] for n in range(4) if signs[n] != signs[(n + 1) % 4]]
        if len(crossed) == 4 and (z[i : i + 2, j : j + 2].mean() >= level) != signs[0]:
            crossed = [crossed[-1], *crossed[:-1]]  # else the first corner is joined to the third
        for a, b in zip(crossed[::2], crossed[1::2], strict=True):
            joined.setdefault(a, []).append(b)
            joined.setdefault(b, []).append(a)
    return joined


def _crossing(x: Any, y: Any, z: Any, level: float, edge: Edge) -> tuple[float, float]:
    """Return where a line crosses an edge."""
    kind, i, j = edge
    down, right = (0, 1) if kind == "h" else (1, 0)
    low, high = z[i, j], z[i + down, j + right]
    share = (level - low) / (high - low)
    across = x[j] + share * (x[j + right] - x[j])
    return across, y[i] + share * (y[i + down] - y[i])
