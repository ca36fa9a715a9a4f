"""The stage of *many features*: predicted over actual, and the errors as they come down."""

import numpy as np
import plotly.graph_objects as go

from gdviz.close_up import focus_of
from gdviz.figures.legend import chip, signed_status
from gdviz.figures.scene import Chip, Layer, Picture, Points, Reading, Scene, Track
from gdviz.figures.style import TEST, TRAIN, base_layout
from gdviz.numerals import number
from gdviz.topics.regression.figure_table import SIDES, diagonal, empty_trace, room
from gdviz.topics.regression.many import settings as topic
from gdviz.topics.regression.many.settings import Many, ManyTraining

SHOWN = 160  # rows of each half that the stage shows


def picture(spec: Many, large: bool = False) -> Picture:
    """Return the picture of a training on a data set that has a name."""
    done = topic.run(spec)
    return Picture(background(done, large), scene(done, spec.near))


def background(done: ManyTraining, large: bool = False) -> go.Figure:
    """Return the panels of a training: predicted over actual, and the errors over the updates."""
    y = done.pipe.y
    margin = 0.06 * float(np.ptp(y))
    lo, hi = float(y.min()) - margin, float(y.max()) + margin
    errors = np.log10(np.maximum(np.concatenate([done.train, done.test]), 1e-30))
    least = float(errors.min()) - 0.1
    top = float(np.clip(errors.max(), None, errors[0] + 3)) + 0.15
    ticks = "D2" if top - least < 2 else int(np.ceil((top - least) / 8))  # 2 and 5 where they fit
    name = done.source.target
    axes = {
        "xaxis": {"range": [lo, hi], "domain": SIDES[0], "title": {"text": f"actual {name}"}},
        "yaxis": {"range": [lo, hi], "title": {"text": "predicted"}},
        "xaxis2": {
            "range": [-0.02 * (int(done.steps[-1]) or 1), 1.03 * (int(done.steps[-1]) or 1)],
            "domain": SIDES[1], "anchor": "y2", "title": {"text": "update"},
        },
        "yaxis2": {
            "range": [least, top], "anchor": "x2",
            "title": {"text": "mean squared error"}, "type": "log",
            "exponentformat": "power", "dtick": ticks,
        },
    }  # fmt: skip
    return go.Figure(
        [diagonal(lo, hi), empty_trace("2")], base_layout(large, **axes, **room(large))
    )


def scene(done: ManyTraining, near: int = 0) -> Scene:
    """Return the predictions and the errors as they come down, looking closely at an update."""
    pipe, fit = done.pipe, done.fit
    layers: list[Layer] = []
    for name, X, rows, color in (
        ("train", pipe.X_train, pipe.train, TRAIN.color),
        ("test", pipe.X_test, pipe.test, TEST.color),
    ):
        some = slice(None, None, max(1, len(rows) // SHOWN))
        found = fit.weights[done.steps] @ X[some].T + fit.bias[done.steps, None]
        actual = np.broadcast_to(pipe.y[rows[some]], found.shape)
        symbol = "circle" if name == "train" else "diamond"
        layers.append(
            Points(name, actual, found, color, symbol, sizes=np.full((1, found.shape[1]), 3))
        )
    labels = ("update", "MSE")
    layers += [
        Track("train error", done.steps, done.train, *TRAIN, 1, labels),
        Track("test error", done.steps, done.test, *TEST, 1, labels),
        Reading("update", done.steps),
        Reading("train RMSE", np.sqrt(done.train)),
        Reading("test RMSE", np.sqrt(done.test)),
    ]
    alt = f"{len(pipe.y)} rows, {pipe.X_train.shape[1]} columns: {fit.reason}"
    return Scene(layers, (), alt, _chips(done), focus=focus_of(done.steps, near))


def _chips(done: ManyTraining) -> tuple[Chip, ...]:
    found = done.fit
    ends = f"RMSE {number(np.sqrt(done.train[-1]))} {signed_status(found)}"
    test = f"RMSE {number(np.sqrt(done.test[-1]))}, least at update {done.best_step}"
    return (
        chip("train", TRAIN, ends, found.reason),
        chip("test", TEST, test, "Where the test error is least one may stop early."),
    )
