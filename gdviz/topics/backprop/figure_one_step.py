"""The stage of one step slowly: the network with its numbers, forward and then backward."""

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.scene import Cells, Edges, Labels, Layer, Line, Scene
from gdviz.figures.style import GREY, base_layout
from gdviz.learn.network import unflat
from gdviz.numerals import number
from gdviz.topics.backprop.figure_network import Unit, columns, rows, unit_name
from gdviz.topics.backprop.one_step import Step

HALF = 24.0  # of a unit's box, wide enough for four digits
_HIDDEN = {"visible": False, "fixedrange": True}


def slow_stage(frames: Step, sizes: tuple[int, ...], large: bool) -> tuple[go.Figure, Scene]:
    """Return the drawing of a walk: boxes are units, above the activation, below δ."""
    axes = {
        "xaxis": {"range": [-10, 530], **_HIDDEN},
        "yaxis": {"range": [-30, 385], **_HIDDEN},
    }
    layout = base_layout(large, **axes) | {"margin": {"l": 0, "r": 0, "t": 4, "b": 0}}
    drawn = [
        [Unit(k, i, float(x), float(y)) for i, y in enumerate(rows(size))]
        for k, (size, x) in enumerate(zip(sizes, columns(sizes), strict=True))
    ]
    flat = [unit for layer in drawn for unit in layer]
    x, y = np.array([[u.x for u in flat]]), np.array([[u.y for u in flat]])
    layers: list[Layer] = [
        _lines("weights", drawn, frames.weights, sizes),
        _lines("gradients", drawn, frames.gradients, sizes),
        _frames(flat),
        _boxes("activations", x, y + 9, frames.values),
        _boxes("deltas", x, y - 9, frames.deltas),
        Labels("a", x, y + 9, _texts(frames.values), size=11),
        Labels("δ", x, y - 9, _texts(frames.deltas), size=11),
        Labels("words", [[260.0]], [[-18.0]], tuple((w,) for w in frames.words), size=14),
    ]
    figure = go.Figure(go.Scatter(x=[None], y=[None]), layout)
    return figure, Scene(layers, (), "One step, slowly. " + frames.words[0])


def _lines(name: str, drawn: list[list[Unit]], flat: np.ndarray, sizes: tuple[int, ...]) -> Edges:
    ends = [(a, b) for k in range(len(sizes) - 1) for a in drawn[k] for b in drawn[k + 1]]
    values = np.concatenate([W.reshape(len(flat), -1) for W, _ in unflat(flat, sizes)], axis=1)
    shown = np.abs(values[np.isfinite(values)])
    most = float(np.quantile(shown, 0.95)) if len(shown) else 1.0
    start = [[a.x + HALF for a, _ in ends]], [[a.y for a, _ in ends]]
    end = [[b.x - HALF for _, b in ends]], [[b.y for _, b in ends]]
    tips = tuple(f"{name[:-1]}, {unit_name(a)} → {unit_name(b)}" for a, b in ends)
    return Edges(name, *start, *end, values, max(most, 1e-12), tips=tips)


def _frames(flat: list[Unit]) -> Line:
    """Return a frame around every unit."""
    x, y = [], []
    for unit in flat:
        left, right, low, high = unit.x - HALF, unit.x + HALF, unit.y - 18, unit.y + 18
        x += [left, right, right, left, left, np.nan]
        y += [low, low, high, high, low, np.nan]
    return Line("units", [x], [y], GREY, width=1)


def _boxes(name: str, x: np.ndarray, y: np.ndarray, values: np.ndarray) -> Cells:
    shown = np.abs(values[np.isfinite(values)])
    most = max(float(np.max(shown, initial=0.0)), 1e-12) * 1.6  # pale enough for the ink of numbers
    ends = x - HALF, y - 9, x + HALF, y + 9
    return Cells(name, *ends, values, -most, most)


def _texts(values: np.ndarray) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple("" if np.isnan(v) else _short(v) for v in row) for row in values)


def _short(value: float) -> str:
    return number(value, 3) if abs(value) >= 1e-3 or value == 0 else number(value, 1)
