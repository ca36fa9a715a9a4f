"""The stage of the room *a line*: points and lines at the left, the loss over (w, b) beside."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.hand import Hand
from gdviz.figures.landscape import heights
from gdviz.figures.legend import chip, signed_status
from gdviz.figures.scene import (
    Chip,
    Handle,
    Image,
    Layer,
    Line,
    Picture,
    Points,
    Reading,
    Scene,
    Track,
)
from gdviz.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    Look,
    base_layout,
)
from gdviz.learn.regression_losses import LOSSES
from gdviz.numerals import number
from gdviz.queries import from_query
from gdviz.topics.regression import settings as topic
from gdviz.topics.regression.figure_statistics import STATISTICS, Window
from gdviz.topics.regression.fit import LineFit, run
from gdviz.topics.regression.points import apply_hand, cloud, ends
from gdviz.topics.regression.polynomial import fit_polynomial, fits_by_degree, verdict_on
from gdviz.topics.regression.settings import KINDS

KIND_LOOKS = {
    "batch": Look(BLUE, "solid", "circle"),
    "mini": Look(ORANGE, "solid", "square"),
    "sgd": Look(VERMILLION, "solid", "triangle"),
}
SIDES = ([0.0, 0.455], [0.545, 1.0])
PIXELS, BANDS = 96, 16
SHADE = ("paper", "#9DB2C4", "#5F7D97")
RINGS = 7
CIRCLE = np.linspace(0, 2 * np.pi, 73)


def window(done: LineFit) -> Window:
    """Return ranges that hold the points, the best θ, and the paths unless they run far off."""
    x, y = _padded(_every(done.x, done.x_test), 0.07), _padded(_every(done.y, done.y_test), 0.14)
    spread = float(done.y.std()) or 1.0
    lever = float(np.sqrt(np.mean(done.goal.A[:, 0] ** 2))) or 1.0
    reach = np.abs(done.start - done.best)
    paths = [np.abs(fit.theta - done.best).max(axis=0) for fit in done.fits.values()]
    reach = np.maximum(reach, np.minimum(np.max(paths, axis=0), 2.5 * reach))
    half = np.maximum(1.3 * reach, [0.5 * spread / lever, 0.5 * spread])
    w, b = ((float(c - h), float(c + h)) for c, h in zip(done.best, half, strict=True))
    return Window(x, y, w, b)


def _every(learned: np.ndarray, held: np.ndarray) -> np.ndarray:
    return np.concatenate([learned, held])


def _padded(values: np.ndarray, by: float) -> tuple[float, float]:
    lo, hi = float(values.min()), float(values.max())
    margin = by * (hi - lo) or 1.0
    return lo - margin, hi + margin


def background(done: LineFit, large: bool = False) -> go.Figure:
    """Return the empty panels of points and of parameters, side by side."""
    span = window(done)
    name = "z" if done.width != 1.0 or done.middle else "x"
    names = ("x", "y", f"weight w of {name}", "bias b")
    axes: dict[str, Any] = {}
    for i, (n, across, up) in enumerate((("", span.x, span.y), ("2", span.w, span.b))):
        title = {"standoff": 4}
        axes[f"xaxis{n}"] = {
            "domain": SIDES[i], "anchor": f"y{n}", "range": list(across),
            "title": {"text": names[2 * i], **title},
        }  # fmt: skip
        axes[f"yaxis{n}"] = {
            "anchor": f"x{n}", "range": list(up), "title": {"text": names[2 * i + 1], **title}
        }  # fmt: skip
    empty = [go.Scatter(x=[None], y=[None], xaxis=f"x{i}", yaxis=f"y{i}") for i in (1, 2)]
    return go.Figure(empty, base_layout(large, **axes))


def picture(spec: topic.LineSettings, large: bool = False) -> Picture:
    """Return the picture of the first room at its settings."""
    done = run(spec)
    return Picture(background(done, large), line_scene(spec, done))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, with what a hand that drags has moved."""
    spec = from_query(topic.LineSettings, query)
    spec = apply_hand(spec, hand) if hand else spec
    return line_scene(spec, run(spec))


def line_scene(spec: topic.LineSettings, done: LineFit) -> Scene:
    """Return points, lines and statistic at the left, bowl and paths at the right."""
    span = window(done)
    layers: list[Layer] = [*_bowl(done, span)]
    kind, fit = next(iter(done.fits.items()))
    layers += STATISTICS[spec.statistic](spec, done, span) + _lines(done, span)
    layers += _polynomial(spec, done, span) + _held(done)
    layers += [
        Track(KINDS[name], run.theta[:, 0], run.theta[:, 1], *KIND_LOOKS[name], 1, ("w", "b"))
        for name, run in done.fits.items()
    ]
    w, b = done.raw(fit.theta).T
    yours = [done.scores_of(done.start).mse]
    layers += [Reading("w", w), Reading("b", b), Reading("MSE of your line", yours)]
    alt = f"{len(done.x)} points, a line by gradient descent ({KINDS[kind]}): {fit.reason}"
    ends = ("closed form", "least loss")
    return Scene(layers, _handles(spec, done), alt, _chips(spec, done), ends)


def _handles(spec: topic.LineSettings, done: LineFit) -> tuple[Handle, ...]:
    """Return a handle a point, the ends and the place of the visitor's line, and the clicks."""
    points = [
        Handle(f"p{i}", "", float(x), float(y), size=5.5, color=SKY, spoken=f"point {i + 1}")
        for i, (x, y) in enumerate(zip(*cloud(spec), strict=True))
    ]
    left, right = ends(spec)
    x, y = float(done.x[0]), float(done.y[0])
    return (
        *points,
        Handle("left", "your line", *left, size=7, tool=True, spoken="left end of your line"),
        Handle("right", "", *right, size=7, tool=True, spoken="right end of your line"),
        Handle("start", "start", float(done.start[0]), float(done.start[1]), panel=1),
        Handle("add", "", x, y, live=False, drawn=False, spoken="a new point"),
    )


def _lines(done: LineFit, span: Window) -> list[Layer]:
    """Return the visitor's line, the best one, and those of the descents at each step."""
    ends = np.array(span.x)

    def through(theta: np.ndarray) -> np.ndarray:
        w, b = np.moveaxis(done.raw(theta), -1, 0)
        return w[:, None] * ends + b[:, None]

    best = "closed form" if done.goal.loss is LOSSES["squared"] else "least loss"
    layers: list[Layer] = [
        Line("your line", ends[None], through(done.start[None]), GREY, "dot"),
        Line(best, ends[None], through(done.best[None]), GREEN, "dash"),
    ]
    for kind, fit in done.fits.items():
        layers.append(
            Line(
                f"line, {KINDS[kind]}",
                ends[None],
                through(fit.theta),
                KIND_LOOKS[kind].color,
                width=3,
            )
        )
    return layers


def _polynomial(spec: topic.LineSettings, done: LineFit, span: Window) -> list[Layer]:
    """Return the fitted polynomial, if one is asked for."""
    if not spec.degree:
        return []
    x, found = np.linspace(*span.x, 201), fit_polynomial(done, spec.degree)
    return [Line(f"degree {found.degree}", x[None], found.curve(x)[None], PURPLE)]


def _held(done: LineFit) -> list[Layer]:
    """Return rings around the points held out."""
    if not len(done.x_test):
        return []
    sizes = np.full((1, len(done.x_test)), 9.0)
    return [Points("held out", done.x_test[None], done.y_test[None], VERMILLION, sizes=sizes)]


# --- the bowl ------------------------------------------------------------------------------------


def _bowl(done: LineFit, span: Window) -> list[Layer]:
    """Return the loss over (w, b) in shades, its level lines where they are ellipses, the least."""
    w, b = np.linspace(*span.w, PIXELS), np.linspace(*span.b, PIXELS)
    grid = np.stack(np.meshgrid(w, b), axis=-1)
    squared = done.goal.loss is LOSSES["squared"]
    rise = _quadratic(done, grid) if squared else done.goal.f(grid)
    least = 0.0 if squared else float(done.goal.f(done.best))
    height = heights(rise, least)
    height = height / max(float(height.max()), 1e-300)
    if not squared:
        height = np.floor(BANDS * height) / BANDS
    shade = Image("loss", *span.w, *span.b, height[None], 0.0, 1.0, SHADE, 1, 0.4)
    star = Points("least loss", done.best[:1, None], done.best[1:, None], GREEN, "diamond", 1)
    return [shade, *([_rings(done, grid)] if squared else []), star]


def _quadratic(done: LineFit, theta: np.ndarray) -> np.ndarray:
    """Return F(θ) − F* of the squared loss, ½(θ − θ*)ᵀH(θ − θ*)."""
    away = theta - done.best
    return ((away @ done.goal.gram) * away).sum(axis=-1) / 2


def _rings(done: LineFit, grid: np.ndarray) -> Layer:
    """Return level lines whose radii double, the largest through the corners of the window."""
    values = np.maximum(done.eigen.values, 1e-9 * done.eigen.largest)
    most = float(_quadratic(done, grid).max())
    levels = most / 4.0 ** np.arange(RINGS)
    circle = np.stack([np.cos(CIRCLE), np.sin(CIRCLE)], axis=-1)
    ellipses = np.sqrt(2 * levels)[:, None, None] * circle / np.sqrt(values) @ done.eigen.vectors.T
    gap = np.full((RINGS, 1, 2), np.nan)
    x, y = np.concatenate([ellipses + done.best, gap], axis=1).reshape(-1, 2).T
    return Line("level lines", x[None], y[None], "#7C93A8", "solid", 1, 1.0)


# --- a statistic at the points -------------------------------------------------------------------


def _chips(spec: topic.LineSettings, done: LineFit) -> tuple[Chip, ...]:
    """Return the legend: each descent with how it ended, the best line, the polynomial."""

    def mse(theta: np.ndarray) -> str:
        train = f"MSE {number(done.scores_of(theta).mse)}"
        return train + (f", test {number(done.test_mse_of(theta))}" if len(done.x_test) else "")

    found = [
        chip(
            KINDS[kind], KIND_LOOKS[kind], f"{mse(fit.theta[-1])} {signed_status(fit)}", fit.reason
        )
        for kind, fit in done.fits.items()
    ]
    squared = done.goal.loss is LOSSES["squared"]
    name, why = ("closed form", "Solved at once, by QR.") if squared else ("least loss", "Exact.")
    found.append(chip(name, Look(GREEN, "dash", "diamond"), mse(done.best), why))
    if spec.degree:
        fitted = fit_polynomial(done, spec.degree)
        test = "" if np.isnan(fitted.test) else f", test {fitted.test:.4g}"
        told = f"MSE {fitted.train:.4g}{test}", verdict_on(fitted, fits_by_degree(done))
        found.append(chip(f"degree {fitted.degree}", Look(PURPLE, "solid", "circle"), *told))
    return tuple(found)
