"""The room *Train*: both errors epoch by epoch, and what the factors make of a block of R."""

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.legend import chip
from gdviz.figures.scene import Chip, Labels, Layer, Polygon, Reading, Scene, Segments, Track
from gdviz.figures.style import GREEN, GREY, ORANGE, TEST, TRAIN, VERMILLION, base_layout
from gdviz.topics.recommender import settings as topic
from gdviz.topics.recommender.block import block_of, shades
from gdviz.topics.recommender.course import TrainingCourse
from gdviz.topics.recommender.figure_tables import table
from gdviz.topics.recommender.ratings_source import Data

OVERFIT = 1.005  # a test error so many times its best is called over-fitted
HIGH = 1.25  # the top of the axis, in errors of the mean alone


def baselines(data: Data) -> list[tuple[str, float, str]]:
    """Return the errors that a training is measured by: their name, their value, their colour."""
    found = [("mean alone", data.mean_rmse, GREY), ("biases alone", data.bias_rmse, GREEN)]
    return found + ([("noise floor", data.floor, ORANGE)] if data.floor is not None else [])


def training_background(data: Data, epochs: int, large: bool) -> go.Figure:
    n = topic.BLOCK
    square = {"range": [0, n], "showticklabels": False, "ticks": "", "showgrid": False}
    axes = {
        "xaxis": {"domain": [0, 0.64], "range": [0, epochs * 1.01], "title": {"text": "epoch"}},
        "yaxis": {
            "range": [0, HIGH * data.mean_rmse],
            "title": {"text": "RMSE, stars"},
            "anchor": "x",
        },
        "xaxis2": {"domain": [0.73, 1], "anchor": "y2", **square},
        "yaxis2": {"domain": [0.54, 1], "anchor": "x2", "title": {"text": "users"}, **square},
        "xaxis3": {"domain": [0.73, 1], "anchor": "y3", "title": {"text": "items"}, **square},
        "yaxis3": {"domain": [0, 0.46], "anchor": "x3", "title": {"text": "users"}, **square},
    }
    lines = [
        go.Scatter(
            x=[0, epochs * 1.01],
            y=[value, value],
            mode="lines",
            line={"color": color, "dash": "dot", "width": 3 if large else 2},
            name=name,
        )
        for name, value, color in baselines(data)
    ]
    empty = [go.Scatter(x=[None], y=[None], xaxis=f"x{k}", yaxis=f"y{k}") for k in (2, 3)]
    layout = base_layout(large, annotations=_notes(data, epochs, large), **axes)
    layout["margin"] = {"l": 64, "r": 16, "t": 36 if large else 24, "b": 72 if large else 44}
    return go.Figure([*lines, *empty], layout)


def _notes(data: Data, epochs: int, large: bool) -> list[dict[str, object]]:
    """Return the words at the baselines, kept apart, and over the two tables."""
    size = 17 if large else 12
    apart = 0.055 * HIGH * data.mean_rmse * (1.4 if large else 1)
    found: list[dict[str, object]] = []
    last = np.inf
    for name, value, color in baselines(data):
        last = min(value, last - apart) if np.isfinite(last) else value
        found.append(
            {
                "x": epochs * 1.01,
                "y": last,
                "text": f"{name} {value:.3f}",
                "showarrow": False,
                "xanchor": "right",
                "yanchor": "bottom",
                "font": {"size": size, "color": color},
            }
        )
    for y, words in (
        (1.0, "told: ratings of the training part"),
        (0.46, "r̂ = μ + b_u + b_i + p·q"),
    ):
        place = {"xref": "paper", "yref": "paper", "x": 0.73, "y": y}
        found.append(
            place
            | {
                "text": words,
                "showarrow": False,
                "xanchor": "left",
                "yanchor": "bottom",
                "font": {"size": size},
            }
        )
    return found


def training_scene(course: TrainingCourse) -> Scene:
    epochs = np.arange(len(course.test))
    layers: list[Layer] = [*_overfit(course)]
    layers += [
        Track("training part", epochs, course.train, *TRAIN, labels=("epoch", "RMSE")),
        Track(
            "test part",
            epochs,
            course.test,
            *TEST,
            labels=("epoch", "RMSE"),
        ),
        table("told", block_of(course.data)[None], shades(course.data), 1),
        table("r̂", course.predicted, shades(course.data), 2),
        Reading("train", course.train),
        Reading("test", course.test),
    ]
    ends = ("over-fitting", "best epoch", "best", "over")
    return Scene(layers, (), _words(course), chips(course), ends)


def _overfit(course: TrainingCourse) -> list[Layer]:
    """Return the best epoch as a line, and the epochs after it as a shade where the test rises."""
    best, last = course.best, len(course.test) - 1
    if not 0 <= best < last or course.test[-1] < OVERFIT * course.test[best]:
        return []
    top = HIGH * course.data.mean_rmse
    box = np.array([[best, last, last, best]]), np.array([[0, 0, top, top]])
    ends = [[best]], [[0]], [[best]], [[top]]
    x = (best + last) // 2 if last - best > 0.2 * last else best
    y = _free(course, x, top)
    return [
        Polygon("over-fitting", *box, VERMILLION, opacity=0.1),
        Segments("best epoch", *ends, VERMILLION, "dot"),
        Labels("best", [[x]], [[y + 0.035 * top]], ((f"best: epoch {best}",),), VERMILLION),
        Labels("over", [[x]], [[y - 0.035 * top]], (("over-fitting",),), VERMILLION),
    ]


def _free(course: TrainingCourse, epoch: int, top: float) -> float:
    """Return the height in the middle of the widest room between the curves and lines."""
    lines = [value for _, value, _ in baselines(course.data)]
    taken = np.sort([0.0, top, course.train[epoch], course.test[epoch], *lines])
    taken = taken[taken <= top]
    widest = int(np.argmax(np.diff(taken)))
    return float(taken[widest : widest + 2].mean())


def chips(course: TrainingCourse) -> tuple[Chip, ...]:
    """Return the legend: both parts with their last error, and how that compares."""
    best, test, told = course.best, course.test, course.model.reason
    if course.model.status == "diverged":
        verdicts = "✕ diverged", f"✕ {told}"
    else:
        gain = course.data.bias_rmse - test[best]
        compared = f"{abs(gain):.3f} {'better' if gain > 0 else 'worse'} than biases alone"
        verdicts = (
            f"{course.train[-1]:.3f}",
            f"{test[-1]:.3f}, at best {test[best]:.3f}: {compared}",
        )
    return (
        chip("training part", TRAIN, verdicts[0], told),
        chip("test part", TEST, verdicts[1], told),
    )


def _words(course: TrainingCourse) -> str:
    if course.model.status == "diverged":
        return course.model.reason
    return (
        f"The error on the training part falls to {course.train[-1]:.3f}; on the test part it is "
        f"lowest, {course.test[course.best]:.3f}, after epoch {course.best}, and ends at "
        f"{course.test[-1]:.3f}."
    )
