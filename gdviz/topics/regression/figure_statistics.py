"""What each statistic of a fit looks like: squares, distances, arrows."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.figures.scene import (
    Layer,
    Line,
    Points,
    Polygon,
    Segments,
)
from gdviz.figures.style import BLUE, GREY, ORANGE, VERMILLION
from gdviz.topics.regression import settings as topic
from gdviz.topics.regression.fit import LineFit, rows_seen


class Window(NamedTuple):
    """The ranges of both panels: x and y, w and b."""

    x: tuple[float, float]
    y: tuple[float, float]
    w: tuple[float, float]
    b: tuple[float, float]


def _residuals(done: LineFit) -> tuple[np.ndarray, np.ndarray]:
    """Return the first descent's predictions at the points and y minus them, `(steps + 1, n)`."""
    fit = next(iter(done.fits.values()))
    w, b = np.moveaxis(done.raw(fit.theta), -1, 0)
    found = w[:, None] * done.x + b[:, None]
    return found, done.y - found


def _squares_of(name: str, done: LineFit, base: Any, rest: Any, span: Window, color: str) -> Layer:
    """Return a square on each residual `rest` from `base`, `(…, n)`, as tall as it is long."""
    wide = np.abs(rest) * (span.x[1] - span.x[0]) / (span.y[1] - span.y[0])
    side = np.where(done.x > np.mean(span.x), -1.0, 1.0) * wide
    x = np.broadcast_to(done.x, rest.shape)
    gap = np.full_like(rest, np.nan)
    across = np.stack([x, x + side, x + side, x, gap], axis=-1)
    up = np.stack([base, base, base + rest, base + rest, gap], axis=-1)
    flat = (len(rest), -1)
    return Polygon(name, across.reshape(flat), up.reshape(flat), color, opacity=0.16)


def _mse(spec: topic.LineSettings, done: LineFit, span: Window) -> list[Layer]:
    found, rest = _residuals(done)
    return [_squares_of("squared residuals", done, found, rest, span, BLUE)]


def _mae(spec: topic.LineSettings, done: LineFit, span: Window) -> list[Layer]:
    found, rest = _residuals(done)
    x = np.broadcast_to(done.x, rest.shape)
    return [Segments("residuals", x, found, x, found + rest, BLUE)]


def _rmse(spec: topic.LineSettings, done: LineFit, span: Window) -> list[Layer]:
    """A band of one RMSE around the line."""
    fit = next(iter(done.fits.values()))
    w, b = np.moveaxis(done.raw(fit.theta), -1, 0)
    root = np.sqrt(np.mean(_residuals(done)[1] ** 2, axis=1))[:, None]
    ends = w[:, None] * span.x + b[:, None]
    up = np.concatenate([ends - root, (ends + root)[:, ::-1]], axis=1)
    across = np.broadcast_to([*span.x, *span.x[::-1]], up.shape)
    return [Polygon("± RMSE", across, up, BLUE)]


def _r2(spec: topic.LineSettings, done: LineFit, span: Window) -> list[Layer]:
    """The squares that are left, over those to the mean: their areas' ratio is 1 − R²."""
    mean = np.full((1, len(done.x)), done.y.mean())
    level = Line("mean of y", [span.x], [[mean[0, 0]] * 2], ORANGE, "dash", width=1.5)
    all_of = _squares_of("squares to the mean", done, mean, done.y - mean, span, ORANGE)
    return [all_of, level, *_mse(spec, done, span)]


def _gradients(spec: topic.LineSettings, done: LineFit, span: Window) -> list[Layer]:
    """An arrow −η∇ of each row that the next step sees, and their mean, the step of `gd`."""
    kind, fit = next(iter(done.fits.items()))
    theta, n = fit.theta, len(done.x)
    seen = np.zeros((len(theta), n), bool)
    for k, rows in enumerate(rows_seen(spec, kind, n, len(theta))):
        seen[k, rows] = True
    slope = done.goal.loss.slope(theta @ done.goal.A.T, done.y, done.goal.delta)
    each = -spec.lr * slope[..., None] * done.goal.A
    each = np.where(seen[..., None], each, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(each, axis=1, keepdims=True) / seen.sum(axis=1)[:, None, None]
    from_w, from_b = (np.broadcast_to(theta[:, i, None], (len(theta), n)) for i in (0, 1))
    tips = theta[:, None] + each
    tip = theta[:, None] + mean
    rows_x, rows_y = np.where(seen, done.x, np.nan), np.where(seen, done.y, np.nan)
    return [
        Points("rows of the step", rows_x, rows_y, VERMILLION, "open"),
        Segments("−η∇ of each row", from_w, from_b, tips[..., 0], tips[..., 1], GREY, panel=1),
        Segments(
            "their mean: the step", from_w[:, :1], from_b[:, :1], tip[..., 0], tip[..., 1],
            VERMILLION, panel=1, arrow=True,
        ),
    ]  # fmt: skip


def _nothing(spec: topic.LineSettings, done: LineFit, span: Window) -> list[Layer]:
    return []


STATISTICS = {
    "mse": _mse,
    "rmse": _rmse,
    "mae": _mae,
    "r2": _r2,
    "gradients": _gradients,
    "none": _nothing,
}
