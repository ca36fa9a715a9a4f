"""The stage of *house prices*: predicted over actual, and a map of what is left."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.scene import Cells, Chip, Handle, Layer, Picture, Points, Scene
from gdviz.figures.style import BLUE, DIVERGING, GREY, VERMILLION, base_layout
from gdviz.learn.metrics import Scores
from gdviz.learn.pipeline import Pipeline
from gdviz.learn.preparation import place_of
from gdviz.topics.regression.figure_table import SIDES, diagonal, empty_trace, room
from gdviz.topics.regression.houses import settings as topic
from gdviz.topics.regression.houses.settings import Houses, Priced
from gdviz.topics.regression.table_source import money

DOTS = 900  # houses that the stage shows
DOT = 0.006  # half a house's square, as a share of the map


def picture(spec: Houses, large: bool = False) -> Picture:
    """Return the picture of the pipeline on a data set that has a name."""
    done = topic.run(spec)
    return Picture(background(done, large), scene(done))


def _second(pipe: Pipeline) -> tuple[np.ndarray, np.ndarray, str, str]:
    """Return what the second panel shows of the test rows: their places, or predicted values."""
    rows = pipe.table.iloc[pipe.test]
    place = place_of(rows.columns)
    if place:
        x, y = (rows[name].to_numpy(dtype=float, na_value=np.nan) for name in place)
        return x, y, *place
    found = pipe.prediction_test
    return found, pipe.y[pipe.test] - found, "predicted", "residual"


def background(done: Priced, large: bool = False) -> go.Figure:
    """Return the panels of a pipeline: predicted over actual, and a map of the residuals."""
    pipe = done.shown
    y = pipe.y
    margin = 0.04 * float(np.ptp(y))
    lo, hi = float(y.min()) - margin, float(y.max()) + margin
    x2, y2, *titles = _second(pipe)
    unit = f" in {done.source.unit}" if done.source.unit else ""
    price = {"range": [lo, hi], "minexponent": 5}  # 150,000, as prices are written
    axes: dict[str, Any] = {
        "xaxis": {**price, "domain": SIDES[0], "title": {"text": f"actual{unit}"}},
        "yaxis": {**price, "title": {"text": f"predicted{unit}"}},
        "xaxis2": {
            "range": _around(x2), "domain": SIDES[1], "anchor": "y2", "title": {"text": titles[0]}
        },
        "yaxis2": {"range": _around(y2), "anchor": "x2", "title": {"text": titles[1]}},
    }  # fmt: skip
    return go.Figure(
        [diagonal(lo, hi), empty_trace("2")], base_layout(large, **axes, **room(large))
    )


def _around(values: np.ndarray) -> list[float]:
    lo, hi = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.04 * (hi - lo) or 1.0
    return [lo - margin, hi + margin]


def scene(done: Priced) -> Scene:
    """Return the houses held out: predicted over actual, and where the model asks too much."""
    pipe, unit = done.shown, done.source.unit
    some = slice(None, None, max(1, len(pipe.test) // DOTS))
    actual, found = pipe.y[pipe.test][some], pipe.prediction_test[some]
    rest = actual - found
    x2, y2 = (values[some] for values in _second(pipe)[:2])
    wide, tall = (DOT * float(np.ptp(_around(values))) for values in (x2, y2))
    reach = float(np.quantile(np.abs(rest), 0.9)) or 1.0
    tips = tuple(
        f"actual {money(a, unit)}, predicted {money(p, unit)}"
        for a, p in zip(actual.tolist(), found.tolist(), strict=True)
    )
    small, none = np.full((1, len(rest)), 2.5), np.zeros((1, len(rest)))
    left, right, low, high = x2 - wide, x2 + wide, y2 - 1.4 * tall, y2 + 1.4 * tall
    colored = Cells(
        "actual − predicted", left[None], low[None], right[None], high[None], rest[None],
        -reach, reach, DIVERGING, 1, 0.85,
    )  # fmt: skip
    layers: list[Layer] = [
        Points("held out", actual[None], found[None], BLUE, "circle", sizes=small, tips=tips),
        colored,
        Points("place", x2[None], y2[None], None, "circle", 1, none, tips),
    ]
    at = float(x2[0]), float(y2[0])
    handle = Handle("house", "", *at, panel=1, live=False, drawn=False, spoken="the nearest house")
    alt = (
        f"{len(pipe.test)} rows held out, predicted over actual, and their residuals "
        f"{'on the map' if place_of(pipe.table.columns) else 'over the prediction'}: "
        "blue sold for more than predicted, red for less."
    )
    return Scene(layers, (handle,), alt, _chips(done))


def _chips(done: Priced) -> tuple[Chip, ...]:
    unit = done.source.unit

    def told(found: Scores) -> str:
        r2 = "undefined" if found.r2 is None else f"{found.r2:.3f}"
        return f"R² {r2}, off by {money(found.rmse, unit)}"

    why = "The root mean squared error of the houses held out."
    chips = [
        Chip("learned from", "●", GREY, told(done.shown.on_train), "On the training rows."),
        Chip("held out", "●", BLUE, told(done.honest.on_test), why),
    ]
    if done.shown is not done.honest:
        lie = "What the leak pretends: no new house will be predicted so well."
        chips[1:] = [
            Chip("with the leak", "✕", VERMILLION, told(done.shown.on_test), lie),
            Chip("honest", "●", BLUE, told(done.honest.on_test), why),
        ]
    return tuple(chips)


def nearest_house(done: Priced, x: float, y: float) -> int:
    """Return the row of the table, by position, that is nearest to a click in the second panel."""
    pipe = done.shown
    x2, y2, *_ = _second(pipe)
    wide, tall = float(np.ptp(x2)) or 1.0, float(np.ptp(y2)) or 1.0
    apart = ((x2 - x) / wide) ** 2 + ((y2 - y) / tall) ** 2
    return int(pipe.test[int(np.nanargmin(apart))])
