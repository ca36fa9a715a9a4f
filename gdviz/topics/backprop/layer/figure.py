"""The stage of one layer: every matrix as a heat map with its numbers, one product at a time."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.scene import Cells, Chip, Handle, Labels, Layer, Line, Picture, Scene
from gdviz.figures.style import BLUE, GREEN, VERMILLION, base_layout
from gdviz.numerals import number
from gdviz.topics.backprop.figure_network import button
from gdviz.topics.backprop.layer.settings import STEPS, LayerPass, OneLayer, run

CELL_W, CELL_H = 46.0, 25.0
_HIDDEN = {"visible": False, "fixedrange": True}
# What is seen, column by column: the forward matrix above, its gradient below, and when each comes.
COLUMNS = (("X", "dX"), ("W", "dW"), ("Z", "dZ"), ("A", "dA"), ("Y", ""))
SIGNS = ("·", "=", "→", "≈")
COMES = {"X": 0, "W": 0, "Z": 1, "A": 2, "Y": 3, "dA": 4, "dZ": 5, "dW": 6, "dX": 7}
WORDS = (
    "A batch X, a row a sample, and the weights W, a row an input.",
    "Forward: Z = XW + b, b = 0.",
    "Forward: A = f(Z), one by one.",
    "The loss compares A with the targets Y.",
    "Backward: ∂L/∂A = 2(A − Y), divided by what the loss divides by.",
    "Backward: ∂L/∂Z = ∂L/∂A ⊙ f′(Z).",
    "Backward: ∂L/∂W = Xᵀ ∂L/∂Z has the shape of W; over samples it adds up.",
    "Backward: ∂L/∂X = ∂L/∂Z Wᵀ has the shape of X, for the layer before.",
)


def picture(spec: OneLayer, large: bool = False) -> Picture:
    """Return the picture of the room at its settings."""
    return Picture(*layer_stage(spec, run(spec), large))


def layer_stage(spec: OneLayer, found: LayerPass, large: bool) -> Picture:
    """Return the background and the scene; a step is a product."""
    layers: list[Layer] = []
    handles: list[Handle] = []
    x, names, signs = 20.0, [], []
    for forward, back in COLUMNS:
        matrix = getattr(found, forward)
        wide = matrix.shape[1] * CELL_W
        layers += _matrix(forward, matrix, x, 330.0, BLUE)
        names.append((x + wide / 2, 344.0, f"{forward}  {matrix.shape[0]} × {matrix.shape[1]}"))
        if back:
            gradient = getattr(found, back)
            layers += _matrix(back, gradient, x, 165.0, VERMILLION)
            label = f"∂L/∂{forward}  {gradient.shape[0]} × {gradient.shape[1]}"
            names.append((x + wide / 2, 179.0, label))
        if forward == "W":
            handles += _handles(matrix, x)
        signs.append(x + wide + 21)
        x += wide + 42
    width = x - 22
    layers += [
        Labels(
            "shapes",
            [[n[0] for n in names]],
            [[n[1] for n in names]],
            (tuple(n[2] for n in names),),
            size=13,
        ),
        Labels("signs", [signs[:4]], [[290.0] * 4], (SIGNS,), size=22),
        Labels("words", [[width / 2]], [[24.0]], tuple((word,) for word in WORDS), size=15),
    ]
    axes = {"xaxis": {"range": [0, width], **_HIDDEN}, "yaxis": {"range": [0, 356], **_HIDDEN}}
    layout = base_layout(large, **axes) | {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}}
    words = f"One layer: X {found.X.shape} times W {found.W.shape}, forward and back."
    figure = go.Figure(go.Scatter(x=[None], y=[None]), layout)
    return Picture(figure, Scene(layers, handles, words, _chips(spec, found)))


def _corners(shape: tuple[int, ...], x: float, top: float) -> tuple[Any, Any]:
    column, row = np.meshgrid(np.arange(shape[1]), np.arange(shape[0]))
    return (x + column * CELL_W).ravel()[None], (top - (row + 1) * CELL_H).ravel()[None]


def _matrix(name: str, matrix: np.ndarray, x: float, top: float, color: str) -> list[Layer]:
    """Return the cells, numbers and frame of a matrix; before it comes there is only the frame."""
    left, bottom = _corners(matrix.shape, x, top)
    steps = np.arange(len(WORDS))[:, None] >= COMES[name]
    values = np.where(steps, matrix.ravel()[None], np.nan)
    most = 1.7 * max(float(np.abs(matrix).max()), 1e-12)  # pale enough for the ink of numbers
    texts = tuple(tuple(_short(v) for v in row) for row in values)
    here = np.arange(len(WORDS)) == COMES[name]
    r, b = x + matrix.shape[1] * CELL_W, top - matrix.shape[0] * CELL_H
    box = np.array([[x, top], [r, top], [r, b], [x, b], [x, top]])
    bold = np.where(here[:, None], box[None, :, 0], np.nan)
    dash = "dash" if name.startswith("d") else "solid"  # a gradient, in grey too
    return [
        Cells(name, left, bottom, left + CELL_W, bottom + CELL_H, values, -most, most),
        Labels(name, left + CELL_W / 2, bottom + CELL_H / 2, texts, size=12, room=CELL_W),
        Line(f"{name} frame", box[None, :, 0], box[None, :, 1], None, width=0.8),
        Line(f"{name} now", bold, 0 * bold + box[None, :, 1], color, dash, width=3.0),
    ]


def _short(value: float) -> str:
    if np.isnan(value):
        return ""
    return number(value, 3) if value == 0 or 1e-3 <= abs(value) < 1e4 else number(value, 1)


def _handles(W: np.ndarray, x: float) -> list[Handle]:
    left, bottom = _corners(W.shape, x, 330.0)
    spots = zip(left[0] + CELL_W / 2, bottom[0] + CELL_H / 2, strict=True)
    cells = [(i, j) for i in range(W.shape[0]) for j in range(W.shape[1])]
    return [
        button(f"w_{i}_{j}", a, b, f"W, row {i + 1}, column {j + 1}")
        for (i, j), (a, b) in zip(cells, spots, strict=True)
    ]


def _chips(spec: OneLayer, found: LayerPass) -> list[Chip]:
    length = float(np.linalg.norm(found.dW))
    after = "lost" if np.isinf(found.after) else number(found.after, 3)
    copies = f", {spec.repeats} copies" if spec.repeats > 1 else ""
    color = VERMILLION if np.isinf(found.after) else GREEN
    reason = f"Mean squared error after {STEPS} steps of gradient descent with η = {spec.rate:g}."
    return [
        Chip(
            f"{spec.reduction}{copies}",
            "●",
            BLUE,
            f"L = {number(found.loss)}",
            "The loss of the batch.",
        ),
        Chip("‖∂L/∂W‖", "●", VERMILLION, number(length), "The length of the gradient."),
        Chip(f"after {STEPS} steps", "●", color, f"error {after}", reason),
    ]
