"""The stage of the chain rule: the graph of an expression, its values and gradients one by one."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.scene import Cells, Labels, Layer, Line, Picture, Scene, Segments
from gdviz.figures.style import BLUE, GREY, SKY, VERMILLION, base_layout
from gdviz.learn.graph import Node, Tape
from gdviz.numerals import number
from gdviz.topics.backprop.chain import settings as topic
from gdviz.topics.backprop.chain.settings import Chain, ChainStep

WIDE, HIGH = 900.0, 380.0
FLOOR, CEILING = 46.0, HIGH - 6  # of the graph; a sentence stands below
_HIDDEN = {"visible": False, "fixedrange": True}
_SHOWN = {"neg": "−", "*": "×", "-": "−"}


def picture(spec: Chain, large: bool = False) -> Picture:
    """Return the picture of the room at its settings."""
    graph = topic.run(spec)
    return Picture(*chain_stage(graph, topic.moments(graph), large))


def places(graph: Tape) -> np.ndarray:
    """Return where each node stands, `(nodes, 2)`: by depth, an input just before its child."""
    depth = [0] * len(graph)
    for i, node in enumerate(graph):
        if node.parents:
            depth[i] = 1 + max(depth[p] for p in node.parents)
    for i, node in enumerate(graph):
        if not node.parents and node.children:
            depth[i] = min(depth[c] for c in node.children) - 1
    most = max(depth) or 1
    spots = np.zeros((len(graph), 2))
    step, _ = _heights(max(map(depth.count, depth)))
    for level in range(most + 1):
        mine = [i for i, d in enumerate(depth) if d == level]
        mine.sort(key=lambda i: _wish(graph, spots, i))
        for row, i in enumerate(mine):
            x = 70 + (WIDE - 140) * level / most
            spots[i] = x, (FLOOR + CEILING) / 2 + step * ((len(mine) - 1) / 2 - row)
    return spots


def _heights(rows: int) -> tuple[float, float]:
    """Return how far rows are apart, and half the height of a box: all the room, but for air."""
    step = min(124.0, (CEILING - FLOOR) / (rows - 0.12))
    return step, min(48.0, 0.44 * step)


def _wish(graph: Tape, spots: np.ndarray, i: int) -> float:
    """Return how far down a node would like to be: by its parents, or by the order of reading."""
    parents = graph[i].parents
    return float(-np.mean([spots[p][1] for p in parents])) if parents else float(i)


def chain_stage(graph: Tape, walk: Sequence[ChainStep], large: bool) -> Picture:
    """Return the background and the scene; a step is a moment of the walk."""
    at = places(graph)
    pitch = (WIDE - 140) / max(1, len(set(at[:, 0])) - 1)
    wide = max(34.0, min(58.0, 0.33 * pitch))
    _, high = _heights(max(np.unique(at[:, 0], return_counts=True)[1]))
    x, y = at[None, :, 0], at[None, :, 1]
    known = np.array([[np.nan if v is None else 0.0 for v in m.values] for m in walk])
    names = tuple(map(_name, graph))
    values = tuple(tuple(map(_number, m.values)) for m in walk)
    slopes = tuple(tuple(map(_slope, m.grads)) for m in walk)
    layers: list[Layer] = [
        _arrows(graph, at, wide, None, "graph", GREY),
        _arrows(graph, at, wide, walk, "forward", BLUE, True),
        _arrows(graph, at, wide, walk, "backward", VERMILLION, False),
        Cells(
            "nodes",
            x - wide,
            y - high,
            x + wide,
            y + high,
            0 * known,
            colors=("paper", "paper", "paper"),
        ),
        _frames(graph, at, wide, high, walk),
        Labels("names", x, y + 0.62 * high, (names,), size=13, room=2 * wide),
        Labels("values", x, y, values, size=14, room=2 * wide),
        Labels("gradients", x, y - 0.62 * high, slopes, VERMILLION, size=13, room=2 * wide),
        _locals(graph, at, pitch - 2 * wide, walk),
        Labels("words", [[WIDE / 2]], [[22.0]], tuple((m.sentence,) for m in walk), size=15),
    ]
    axes = {"xaxis": {"range": [0, WIDE], **_HIDDEN}, "yaxis": {"range": [0, HIGH], **_HIDDEN}}
    layout = base_layout(large, **axes) | {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}}
    words = f"The graph of {len(graph)} nodes: blue values go forward, orange gradients back."
    figure = go.Figure(go.Scatter(x=[None], y=[None]), layout)
    return Picture(figure, Scene(layers, (), words))


def _arrows(
    graph: Tape, at: np.ndarray, wide: float, walk: Sequence[ChainStep] | None, name: str,
    color: str, forward: bool = True,
) -> Segments:  # fmt: skip
    """Return all edges, or at each moment those of the node at work, the way that is gone."""
    ends = [(p, i) for i, node in enumerate(graph) for p in dict.fromkeys(node.parents)]
    if walk is None:
        on = np.ones((1, len(ends)), bool)
    else:
        on = np.array(
            [
                [m.node == i and m.forward == forward and m.formula != "" for _, i in ends]
                for m in walk
            ]
        )
        if not forward:  # the seed is there before anything is passed on
            on[[k for k, m in enumerate(walk) if m.numbers == "1" and not m.forward]] = False
    start = np.array([[at[p][0] + wide, at[p][1]] for p, _ in ends])
    end = np.array([[at[i][0] - wide, at[i][1]] for _, i in ends])
    if not forward:
        start, end = end, start
    x0 = np.where(on, start[:, 0], np.nan)
    return Segments(
        name, x0, 0 * x0 + start[:, 1], 0 * x0 + end[:, 0], 0 * x0 + end[:, 1], color, arrow=True
    )


def _frames(
    graph: Tape, at: np.ndarray, wide: float, high: float, walk: Sequence[ChainStep]
) -> Line:
    """Return a frame around each node; the one at work has it twice."""
    rows = []
    for m in walk:
        boxes = []
        for i in range(len(graph)):
            boxes.append(_box(at[i], wide, high))
            if i == m.node:
                boxes += [_box(at[i], wide + more, high + more) for more in (3, 1.5)]
        rows.append(np.concatenate(boxes))
    most = max(map(len, rows))
    table = np.full((len(rows), most, 2), np.nan)
    for k, row in enumerate(rows):
        table[k, : len(row)] = row
    return Line("frames", table[..., 0], table[..., 1], SKY, width=1.6)


def _box(at: np.ndarray, wide: float, high: float) -> np.ndarray:
    x, y = at
    corners = [
        (x - wide, y - high),
        (x + wide, y - high),
        (x + wide, y + high),
        (x - wide, y + high),
    ]
    return np.array([*corners, corners[0], (np.nan, np.nan)])


def _locals(graph: Tape, at: np.ndarray, room: float, walk: Sequence[ChainStep]) -> Labels:
    """Return the local slope on each edge of the node at work on the way back."""
    ends = [(p, i, s) for i, n in enumerate(graph) for p, s in zip(n.parents, n.local, strict=True)]
    twice: dict[tuple[int, int], int] = {}
    x, y = [], []
    for p, i, _ in ends:
        count = twice[p, i] = twice.get((p, i), -1) + 1
        x.append(0.5 * (at[p][0] + at[i][0]))
        y.append(0.5 * (at[p][1] + at[i][1]) + 16 - 32 * count)
    texts = tuple(
        tuple(
            f"×\u00a0{_number(s)}" if m.node == i and not m.forward and m.numbers != "1" else ""
            for _, i, s in ends
        )
        for m in walk
    )
    return Labels("local slopes", [x], [y], texts, VERMILLION, size=12, room=room)


def _name(node: Node) -> str:
    if not node.parents:
        return node.name
    text = node.text
    for op, shown in _SHOWN.items():
        text = text.replace(f" {op} ", f" {shown} ")
    whole = text.replace("**", "^").replace(" ", "\u00a0")  # two rows at most
    return f"{node.name} = {whole}"


def _number(value: float | None) -> str:
    return "" if value is None else number(value)


def _slope(value: float | None) -> str:
    return "" if value is None else f"∂L: {number(value)}"
