"""The room *Films and you*: items on their two main axes, you among them, and your list."""

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.scene import Cells, Handle, Labels, Layer, Points, Scene, Segments
from gdviz.figures.style import BLUE, GREEN, GREY, ORANGE, VERMILLION
from gdviz.topics.recommender import rooms
from gdviz.topics.recommender.course import TrainingCourse
from gdviz.topics.recommender.figure_tables import panels
from gdviz.topics.recommender.settings import Recommender

NAMED = 12  # items that are named on the map


def background(course: TrainingCourse, large: bool = False) -> go.Figure:
    """Return the map's axes, and those of the list."""
    across, up = _reach(course)
    low, high = course.data.train.scale
    axes = {
        "xaxis": {"domain": [0, 0.56], "range": [-across, across], "title": {"text": "first axis"}},
        "yaxis": {"range": [-up, up], "title": {"text": "second axis"}},
        "xaxis2": {
            "domain": [0.61, 1],
            "range": [low, high + 0.25 * (high - low)],
            "title": {"text": "predicted stars"},
            "anchor": "y2",
        },
        "yaxis2": {
            "range": [-rooms.PICKS - 0.5, -0.5],
            "showticklabels": False,
            "ticks": "",
            "showgrid": False,
            "anchor": "x2",
        },
    }
    words = [
        (0, 1.0, "the films' factors on their two main axes"),
        (0.61, 1.0, "the highest predictions of what is not rated yet"),
    ]
    return panels(axes, 2, words, large)


def _reach(course: TrainingCourse) -> tuple[float, float]:
    """Return how far the map goes to either side, and up and down."""
    far = np.abs(rooms.axes(course).items[rooms.known_films(course, rooms.ON_MAP)]).max(axis=0)
    return max(1.3 * float(far[0]), 1e-2), max(1.3 * float(far[1]), 1e-2)


def films_scene(spec: Recommender, course: TrainingCourse) -> Scene:
    """Return the map with you on it, the found film with its neighbours, and the ranking."""
    on = rooms.axes(course)
    you = rooms.you(spec, course, on)
    reach = _reach(course)
    layers: list[Layer] = [*_map(course, on, you, reach), *_found(spec, course, on, reach)]
    layers += _list(course, you)
    place = np.clip(you.place, -0.97 * np.array(reach), 0.97 * np.array(reach))
    name = spec.user.strip()[:12] or "you"
    handle = Handle("you", name, float(place[0]), float(place[1]), color=VERMILLION)
    best = rooms.title(course, int(you.picks[0])) if len(you.picks) else "nothing is left"
    who = f"User {name}" if spec.user.strip() else "You"
    words = f"{who} among {len(on.items):,} films, at the top of the list: {best}."
    return Scene(layers, (handle,), words)


def _map(
    course: TrainingCourse, on: rooms.Axes, you: rooms.You, reach: tuple[float, float]
) -> list[Layer]:
    shown = np.array(rooms.known_films(course, rooms.ON_MAP), int)
    counts = np.bincount(course.model.train.items)[shown]
    sizes = 1.6 + 3.4 * np.sqrt(counts / counts.max())
    tips = tuple(rooms.title(course, n) for n in shown.tolist())
    x, y = on.items[shown].T
    ends = [[0.0]], [[0.0]], [[you.place[0]]], [[you.place[1]]]
    layers: list[Layer] = [
        Points("films", x[None], y[None], GREY, "circle", sizes=sizes[None], tips=tips),
        Segments("you", *ends, VERMILLION, arrow=True),
        _dots("your list", on.items[you.picks], GREEN, "circle"),
    ]
    if len(you.rated):
        layers.append(_dots("rated by you", on.items[you.rated], ORANGE, "square"))
    names = _apart(on.items[shown], reach)
    texts = (tuple(_short(course, n, 24) for n in shown[names].tolist()),)
    at = on.items[shown[names]]
    layers.append(Labels("names", at[:, 0][None], at[:, 1][None] + 0.06 * reach[1], texts, size=11))
    return layers


def _apart(at: np.ndarray, reach: tuple[float, float]) -> list[int]:
    """Return which items get a name: the most rated ones whose names do not meet."""
    named: list[int] = []
    for n, place in enumerate(at / reach):
        near = np.abs(at[named] / reach - place) < [0.48, 0.1]
        if not near.all(axis=1).any():
            named.append(n)
        if len(named) == NAMED:
            break
    return named


def _dots(name: str, at: np.ndarray, color: str, symbol: str) -> Points:
    return Points(
        name, at[:, 0][None], at[:, 1][None], color, symbol, sizes=np.full((1, len(at)), 5.0)
    )


def _short(course: TrainingCourse, place: int, most: int) -> str:
    name = rooms.title(course, place)
    return name if len(name) <= most else name[: most - 1] + "…"


def _found(
    spec: Recommender, course: TrainingCourse, on: rooms.Axes, reach: tuple[float, float]
) -> list[Layer]:
    """Return the film that was looked for, joined to those whose factors point the same way."""
    found = rooms.search(course, spec.film, 1)
    if not found:
        return []
    here, near = on.items[found[0]], on.items[rooms.neighbours(course, found[0])]
    start = np.repeat(here[None], max(len(near), 1), axis=0)
    near = near if len(near) else start
    ends = start[:, :1].T, start[:, 1:].T, near[:, :1].T, near[:, 1:].T
    return [
        Segments("its neighbours", *ends, BLUE, "dot"),
        _dots("neighbours", near, BLUE, "open"),
        _dots("found", here[None], BLUE, "diamond"),
        Labels(
            "found",
            [[here[0]]],
            [[here[1] - 0.06 * reach[1]]],
            ((_short(course, found[0], 40),),),
            BLUE,
        ),
    ]


def _list(course: TrainingCourse, you: rooms.You) -> list[Layer]:
    """Return the best items as bars with their names, the best on top."""
    if not len(you.picks):
        return []
    low, high = course.data.train.scale
    y = -1.0 - np.arange(len(you.picks))
    scores = np.clip(you.scores[you.picks].astype(float), low, high + 0.25 * (high - low))
    around = np.full((1, len(y)), low), (y - 0.38)[None], scores[None], (y + 0.38)[None]
    names = tuple(f"{you.scores[n]:.2f}  {_short(course, n, 40)}" for n in you.picks.tolist())
    start = np.full((1, len(y)), low + 0.02 * (high - low))
    return [
        Cells("ranking", *around, np.ones((1, len(y))), 0, 1, (GREEN, GREEN), 1, 0.3),
        Labels("ranks", start, y[None], (names,), panel=1, size=12, align="left"),
    ]
