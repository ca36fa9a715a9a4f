"""Two rooms of the recommender: R ≈ P·Q as tables with one cell taken apart, and single updates."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.scene import Cells, Handle, Labels, Layer, Points, Reading, Scene, Segments
from gdviz.figures.style import BLUE, DIVERGING, GREEN, GREY, ORANGE, VERMILLION
from gdviz.numerals import number
from gdviz.topics.recommender.block import block_of, shades, title_of
from gdviz.topics.recommender.course import TrainingCourse
from gdviz.topics.recommender.figure_tables import panels, signed_table, table
from gdviz.topics.recommender.ratings_source import Data
from gdviz.topics.recommender.rooms import UpdateWalk

SHOWN = 24  # factors that are drawn
BARS = 8  # factors that have a bar of their own
LONGER = 8  # a single update is drawn so many times as long


# --- R ≈ P·Q --------------------------------------------------------------------------------------


def matrix_background(course: TrainingCourse, large: bool = False) -> go.Figure:
    """Return five panels: P beside r̂, Q above it, R at the right, and the parts of one cell."""
    k, (users, items) = _shown(course), course.predicted.shape[1:]
    bare = {"showticklabels": False, "ticks": "", "showgrid": False, "zeroline": False}
    names, low, high = _parts(course)[0], *_reach(course)
    axes: dict[str, Any] = {
        "xaxis": {"domain": [0.17, 0.5], "range": [0, items], **bare, "title": {"text": "items"}},
        "yaxis": {"domain": [0, 0.66], "range": [0, users], **bare, "anchor": "x"},
        "xaxis2": {"domain": [0, 0.15], "range": [0, k], **bare, "anchor": "y2"},
        "yaxis2": {"domain": [0, 0.66], "range": [0, users], **bare, "anchor": "x2"},
        "xaxis3": {"domain": [0.17, 0.5], "range": [0, items], **bare, "anchor": "y3"},
        "yaxis3": {"domain": [0.74, 1], "range": [0, k], **bare, "anchor": "x3"},
        "xaxis4": {"domain": [0, 0.15], "range": [0, items], **bare, "anchor": "y4"},
        "yaxis4": {"domain": [0.74, 1], "range": [0, users], **bare, "anchor": "x4"},
        "xaxis5": {
            "domain": [0.64, 1],
            "range": [low, high],
            "anchor": "y5",
            "title": {"text": "stars, added from the top"},
        },
        "yaxis5": {
            "domain": [0, 0.92],
            "range": [0, len(names)],
            "anchor": "x5",
            "tickvals": [len(names) - n - 0.5 for n in range(len(names))],
            "ticktext": names,
            "showgrid": False,
        },
    }
    axes["xaxis2"]["title"] = {"text": "P: users × k"}
    words = [
        (0.17, 0.66, "r̂, predicted"),
        (0.17, 1.0, "Q: k × items"),
        (0, 1.0, "R, as told"),
        (0.64, 1.0, "the cell in the ring, part by part"),
    ]
    return panels(axes, 5, words, large)


def _shown(course: TrainingCourse) -> int:
    return max(1, min(course.model.settings.factors, SHOWN))


def _parts(course: TrainingCourse) -> tuple[list[str], list[int]]:
    """Return the names of the bars, and which factors have one of their own."""
    k = course.model.settings.factors
    own = list(range(min(k, BARS)))
    rest = ["other factors"] if k > BARS else []
    return ["μ", "b user", "b item", *(f"p·q, {f + 1}" for f in own), *rest, "r̂"], own


def _reach(course: TrainingCourse) -> tuple[float, float]:
    low, high = course.data.train.scale
    return min(0.0, low) - 0.3, high + 0.3


def matrix_scene(course: TrainingCourse, user: int, item: int) -> Scene:
    """Return the tables in every epoch, and the parts of the chosen cell."""
    predicted, k = course.predicted, _shown(course)
    scale, rows = shades(course.data), predicted.shape[1]
    told = block_of(course.data)
    layers: list[Layer] = [
        table("r̂", predicted, scale, 0),
        table("R", told[None], scale, 3),
    ]
    if course.model.settings.factors:
        P, Q = course.P[:, :, :k], course.Q[:, :, :k].transpose(0, 2, 1)
        most = max(float(np.quantile(np.abs(np.append(P[-1], Q[-1])), 0.98)), 1e-6)
        layers += [signed_table("P", P, most, 1), signed_table("Q", Q, most, 2)]
    layers += _frames(course, user, item, k)
    layers += _waterfall(course, user, item)
    value, rating = predicted[:, user, item], told[user, item]
    layers.append(Reading("r̂", value))
    handle = Handle(
        "cell",
        "",
        item + 0.5,
        rows - user - 0.5,
        knobs=("cell_item", "cell_user"),
        size=6,
        tool=True,
        spoken="the cell that is explained: item and user",
    )
    name = title_of(course.data, int(course.data.items[item]))
    who = str(course.data.train.user_ids[course.data.users[user]])[:20]
    said = (
        "has not rated it in the training part"
        if np.isnan(rating)
        else f"rated it {number(rating, 3)}"
    )
    words = f"User {who} and “{name}”: r̂ = {value[-1]:.3f}; the user {said}."
    return Scene(layers, (handle,), words)


def _frames(course: TrainingCourse, user: int, item: int, k: int) -> list[Layer]:
    """Return lines around the row of P, the column of Q and the cells that belong to the pair."""
    rows, columns = course.predicted.shape[1:]
    y = rows - user - 1
    boxes = [(0, item, y, item + 1, y + 1), (3, item, y, item + 1, y + 1)]
    if course.model.settings.factors:
        boxes += [(1, 0, y, k, y + 1), (2, item, 0, item + 1, k)]
    found: list[Layer] = []
    for panel, x0, y0, x1, y1 in boxes:
        sides = [[x0, x1, x1, x0]], [[y0, y0, y1, y1]], [[x1, x1, x0, x0]], [[y0, y1, y1, y0]]
        found.append(Segments("pair", *sides, VERMILLION, panel=panel))
    return found


def _waterfall(course: TrainingCourse, user: int, item: int) -> list[Layer]:
    """Return the parts of a prediction as bars, each from where the last one ended."""
    values = _summands(course, user, item)
    n, total = len(values), values.shape[1] + 1
    ends = np.cumsum(values, axis=1)
    starts = np.hstack([np.zeros((n, 1)), ends[:, :-1], np.zeros((n, 1))])
    ends = np.hstack([ends, ends[:, -1:]])
    y = total - np.arange(total) - 0.5
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    whole = np.array([[np.nan if 0 < j < total - 1 else 1.0 for j in range(total)]])
    signs = np.hstack([np.sign(values), np.ones((n, 1))]) * np.where(np.isnan(whole), 0.8, np.nan)
    around = low, (y - 0.34)[None], high, (y + 0.34)[None]
    texts = tuple(
        (f"{row[0]:.2f}", *map(_signed, row[1:]), f"{end:.2f}")
        for row, end in zip(values.tolist(), ends[:, -1].tolist(), strict=True)
    )
    least, most = _reach(course)
    room, gap = 0.18 * (most - least), 0.02 * (most - least)
    after = high + room < most
    right, left = np.where(after, high + gap, np.nan), np.where(after, np.nan, low - gap)
    return [
        Cells("sums", *around, whole, 0, 1, (GREY, GREY), 4, 0.7),
        Cells("parts", *around, signs, -1, 1, DIVERGING, 4),
        Labels("numbers", right, y[None], texts, panel=4, size=12, align="left"),
        Labels("numbers before", left, y[None], texts, panel=4, size=12, align="right"),
    ]


def _summands(course: TrainingCourse, user: int, item: int) -> np.ndarray:
    """Return μ, both biases, and the products of the factors, the last ones together."""
    own = _parts(course)[1]
    products = course.P[:, user] * course.Q[:, item]
    parts = [
        np.full(len(products), course.model.mean),
        course.user_bias[:, user],
        course.item_bias[:, item],
        *(products[:, f] for f in own),
    ]
    if products.shape[1] > len(own):
        parts.append(products[:, len(own) :].sum(axis=1))
    return np.stack(parts, axis=1).astype(float)


# --- one rating at a time -------------------------------------------------------------------------


def walk_background(walk: UpdateWalk, data: Data, large: bool = False) -> go.Figure:
    """Return the plane of the two factors, and the axis of the stars."""
    reach = 1.15 * _farthest(walk)
    low, high = _stars_reach(walk)
    rows = ["its rating", "r̂ before", "r̂ after", "error e"]
    axes = {
        "xaxis": {"domain": [0, 0.55], "range": [-reach, reach], "title": {"text": "factor 1"}},
        "yaxis": {"range": [-reach, 1.2 * reach], "title": {"text": "factor 2"}},
        "xaxis2": {
            "domain": [0.68, 1],
            "range": [low, high],
            "title": {"text": "stars"},
            "anchor": "y2",
        },
        "yaxis2": {
            "domain": [0.15, 0.85],
            "range": [0, 4],
            "anchor": "x2",
            "tickvals": [3.5, 2.5, 1.5, 0.5],
            "ticktext": rows,
            "showgrid": False,
        },
    }
    words = [(0, 1.0, f"● users p   ◆ items q   green: the step of both, {LONGER} times as long")]
    return panels(axes, 2, words, large)


def walk_scene(walk: UpdateWalk) -> Scene:
    """Return the walk: step n shows the n-th rating, its error, and the turn of both vectors."""
    n = len(walk.rating)
    if not n:
        return Scene((), (), "The rate is too large: not one update stays finite.")
    P, Q = walk.P[:-1], walk.Q[:-1]
    at = np.arange(n)
    p, q = P[at, walk.user], Q[at, walk.item]
    ends = [
        x + LONGER * (after[at, row] - x)
        for x, after, row in ((p, walk.P[1:], walk.user), (q, walk.Q[1:], walk.item))
    ]
    zero = np.zeros((n, 1))
    layers: list[Layer] = [
        Points(
            "items", Q[..., 0], Q[..., 1], ORANGE, "diamond", sizes=np.full((1, Q.shape[1]), 2.5)
        ),
        Points("users", P[..., 0], P[..., 1], BLUE, "circle", sizes=np.full((1, P.shape[1]), 2.5)),
        Segments("p", zero, zero, p[:, :1], p[:, 1:], BLUE, arrow=True),
        Segments("q", zero, zero, q[:, :1], q[:, 1:], ORANGE, arrow=True),
    ]
    for name, x, end in (("step of p", p, ends[0]), ("step of q", q, ends[1])):
        layers.append(Segments(name, x[:, :1], x[:, 1:], end[:, :1], end[:, 1:], GREEN, arrow=True))
    layers += _stars(walk)
    last = f"{walk.names[-1]}, predicted {walk.predicted[-1]:.2f}, then {walk.after[-1]:.2f}."
    return Scene(layers, (), f"One rating at a time. The last: {last}")


def _stars(walk: UpdateWalk) -> list[Layer]:
    """Return the bars of the rating, of both predictions and of the error, with words."""
    error = walk.rating - walk.predicted
    values = np.stack([walk.rating, walk.predicted, walk.after, error], axis=1)
    y = np.array([3.5, 2.5, 1.5, 0.5])
    low, high = np.minimum(values, 0), np.maximum(values, 0)
    colors = np.array([[0.0, 1.0, 1.0, np.nan]])
    signs = np.full((len(values), 4), np.nan)
    signs[:, 3] = np.sign(error)
    around = low, (y - 0.32)[None], high, (y + 0.32)[None]
    texts = tuple(
        (number(a, 3), f"{b:.2f}", f"{c:.2f}", _signed(d)) for a, b, c, d in values.tolist()
    )
    told = tuple((name,) for name in walk.names)
    room = 0.02 * (_stars_reach(walk)[1] - _stars_reach(walk)[0])
    return [
        Cells("stars", *around, colors, 0, 1, (ORANGE, BLUE), 1, 0.85),
        Cells("e", *around, signs, -1, 1, (VERMILLION, "paper", GREEN), 1, 0.85),
        Labels("numbers", high + room, y[None], texts, panel=1, size=12, align="left"),
        Labels("who", [[0.0]], [[1.24 * _farthest(walk)]], told, size=13),
        Reading("e", error),
    ]


def _farthest(walk: UpdateWalk) -> float:
    return max(float(np.abs(np.concatenate([walk.P, walk.Q], axis=1)).max()), 1e-3)


def _stars_reach(walk: UpdateWalk) -> tuple[float, float]:
    """Return the ends of the axis of the stars: every bar, and room for its number."""
    error = walk.rating - walk.predicted
    values = np.concatenate([walk.rating, walk.predicted, walk.after, error, [0.0]])
    low, high = float(values.min()), float(values.max())
    return low - 0.05 * (high - low), high + 0.25 * (high - low)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
