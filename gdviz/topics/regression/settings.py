"""Fitting a line: the knobs of the first room of *regression*, what it runs, and that as Python."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from gdviz.knobs import PAIRS, Choice, Choices, Range, Switch, Text, bind_defaults, needs
from gdviz.learn.datasets import CLOUDS
from gdviz.learn.linear_training import BY_GRADIENTS
from gdviz.learn.regression_losses import LOSSES
from gdviz.learn.spectrum import Spectrum
from gdviz.learn.stopping import STOPS
from gdviz.optimize.methods import LABELS, METHODS
from gdviz.optimize.rules import Rate
from gdviz.optimize.schedules import SCHEDULE_LABELS
from gdviz.optimize.stability import stability_edge

OWN = "own"
FEWEST, MOST = 3, 60
KINDS = {"batch": "all rows", "mini": "mini-batches", "sgd": "single rows (SGD)"}
STATISTICS = {
    "mse": "MSE",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "gradients": "gradients of the rows",
    "none": "the data alone",
}


@dataclass(frozen=True)
class LineSettings:
    """Everything that the room *a line* can be asked; `points` are the visitor's own."""

    data: Annotated[
        str,
        Choice({k: c.label for k, c in CLOUDS.items()} | {OWN: "my own points"}, "points"),
    ] = "line"
    points: Annotated[
        str, Text("own points", "x,y;x,y;…", most=1500, form=PAIRS), needs("data", OWN)
    ] = ""
    n: Annotated[int, Range(FEWEST, MOST, "how many points"), needs("data", *CLOUDS)] = 24
    noise: Annotated[float, Range(0.0, 10.0, "noise σ"), needs("data", *CLOUDS)] = 1.2
    seed: Annotated[int, Range(0, 9999, "seed", "Of the points and of the batches.")] = 0
    held: Annotated[
        float, Range(0.0, 0.8, "share held out", "Rings: points that nothing learns from.")
    ] = 0.0
    degree: Annotated[
        int, Range(0, 12, "degree fitted", "A polynomial, by least squares. 0: none.")
    ] = 0
    w0: Annotated[float, Range(-1e3, 1e3, "slope w₀", "Of your line, where descent starts.")] = -0.4
    b0: Annotated[float, Range(-1e4, 1e4, "intercept b₀", "Of your line.")] = 8.0
    loss: Annotated[
        str, Choice({k: v.label for k, v in LOSSES.items() if k != "logistic"}, "loss")
    ] = "squared"
    delta: Annotated[
        float,
        Range(0.01, 100.0, "Huber's δ", "Beyond it the loss is linear."),
        needs("loss", "huber"),
    ] = 1.0
    scale: Annotated[
        bool, Switch("standardise x", "Mean 0, standard deviation 1: the bowl becomes round.")
    ] = False
    kinds: Annotated[
        tuple[str, ...], Choices(KINDS, "a step sees", "The same seed for all.", most=3)
    ] = ("batch",)
    method: Annotated[str, Choice({m: LABELS[m] for m in BY_GRADIENTS}, "optimizer")] = "gd"
    lr: Rate = 0.05
    size: Annotated[int, Range(2, MOST, "batch size"), needs("kinds", "mini")] = 6
    schedule: Annotated[str, Choice(SCHEDULE_LABELS, "schedule of η")] = "constant"
    steps: Annotated[int, Range(1, 300, "steps")] = 150
    stop: Annotated[str, Choice(STOPS, "stop")] = "none"
    level: Annotated[
        float, Range(1e-9, 1e6, "level", "Of the loss or the slope.", log=True), needs("stop")
    ] = 1e-3
    statistic: Annotated[str, Choice(STATISTICS, "drawn at the points")] = "mse"

    def unread(self) -> dict[str, str]:
        """Return that the points are too few or too many, so that others are drawn."""
        said = len(self.points.split(";"))
        if not self.points or FEWEST <= said <= MOST:
            return {}
        return {"points": f"{said} points are given; {FEWEST} to {MOST} make a cloud."}


def alike(a: LineSettings, b: LineSettings) -> bool:
    """Tell whether one picture can hold the runs of two specs."""
    return a.scale == b.scale


# --- points --------------------------------------------------------------------------------------


# --- runs ----------------------------------------------------------------------------------------


def rate_marks(eigen: Spectrum, method: str = "gd") -> list[tuple[float, str]]:
    """Return 1/L, the safe rate of gradient descent, and the edge of a method that has one."""
    edge = stability_edge(method, bind_defaults(METHODS[method], {}))
    if edge is None or not np.isfinite(eigen.edge):
        return []
    safe = [(eigen.edge / 2, "1/L")] if method == "gd" else []
    return [*safe, (edge.value * eigen.edge / 2, edge.over("L"))]


def rate_window(eigen: Spectrum) -> tuple[float, float] | None:
    """Return the rates worth dialling: from a hundredth of the edge to three of it."""
    if not 1e-4 < eigen.edge < 3.0:
        return None
    return eigen.edge / 100, eigen.edge * 3


# --- code -----------------------------------------------------------------------------------------
