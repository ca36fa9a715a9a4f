"""The stage of *double descent*: the curve of p features, and both errors over p."""

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.hand import Hand
from gdviz.figures.legend import chip
from gdviz.figures.scene import Chip, Handle, Labels, Layer, Line, Picture, Points, Reading, Scene
from gdviz.figures.style import GREEN, GREY, PURPLE, SKY, TEST, TRAIN, VERMILLION, base_layout
from gdviz.numerals import number
from gdviz.queries import from_query
from gdviz.topics.regression.double_descent.hand import apply_hand
from gdviz.topics.regression.double_descent.settings import (
    MOST_FEATURES,
    TRUTHS,
    DoubleDescent,
    Errors,
    FeatureFit,
    curve_of,
    features_of,
    run,
)
from gdviz.topics.regression.double_descent.verdict import bends_of, verdict_on

SIDES = ([0.0, 0.44], [0.59, 1.0])
X = np.linspace(-1, 1, 401)
LEAST_NORM = "test error of least norm"
BELOW, ABOVE = 30.0, 3e4  # the chart goes so far below and above the least test error
LEAST = 1e-4  # or this, where there is no noise


def picture(spec: DoubleDescent, large: bool = False) -> Picture:
    """Return the picture of the room at its settings."""
    done = run(spec)
    return Picture(background(done, large), descent_scene(spec, done))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, with what a hand that drags has moved."""
    spec = from_query(DoubleDescent, query)
    spec = apply_hand(spec, hand) if hand else spec
    return descent_scene(spec, run(spec))


def background(done: Errors, large: bool = False) -> go.Figure:
    """Return the panels of the curve and of the errors, with a rail for the handle, unseen.

    The dashed line stands where p = n.
    """
    n, (low, high) = len(done.x), _heights(done)
    up = _span(done)
    axes = {
        "xaxis": {"range": [-1.04, 1.04], "domain": SIDES[0], "title": {"text": "x"}},
        "yaxis": {"range": list(up), "title": {"text": "y"}},
        "xaxis2": {
            "range": [-0.05, np.log10(1.1 * MOST_FEATURES)], "domain": SIDES[1], "anchor": "y2",
            "type": "log", "title": {"text": "features p"},
            "tickvals": [1, 2, 5, 10, 20, 50, 100, 200],
        },
        "yaxis2": {
            "range": [np.log10(low), np.log10(high)], "anchor": "x2", "type": "log",
            "exponentformat": "power", "dtick": 1, "title": {"text": "mean squared error"},
        },
    }  # fmt: skip
    rail = {"color": "rgba(0, 0, 0, 0)", "simplify": False}
    plain = np.clip(done.plain, low, high)
    traces = [
        go.Scatter(x=[None], y=[None]),
        go.Scatter(x=done.p, y=plain, mode="lines", line=rail, xaxis="x2", yaxis="y2",
                   hoverinfo="skip"),
    ]  # fmt: skip
    figure = go.Figure(traces, base_layout(large, **axes))
    line = {"color": GREY, "dash": "dash", "width": 1}
    figure.add_shape(type="line", x0=n, x1=n, y0=0, y1=1, xref="x2", yref="y2 domain", line=line)
    # Below the least test error, where no handle comes, on the side that has room.
    figure.add_annotation(
        x=np.log10(n), y=0.04, xref="x2", yref="y2 domain", text=f"p = n = {n}", showarrow=False,
        xanchor="left" if n < MOST_FEATURES / 10 else "right", yanchor="bottom",
    )  # fmt: skip
    return figure


def _heights(done: Errors) -> tuple[float, float]:
    """Return the ends of the axis of errors; what they leave out is drawn on its edges."""
    least = max(float(min(done.plain.min(), done.test[-1].min())), LEAST)
    top = float(max(done.plain.max(), done.test.max()))
    return least / BELOW, min(2 * top, ABOVE * least)


def _span(done: Errors) -> tuple[float, float]:
    """Return the ends of the axis of y: half as wide again as the points."""
    lo, hi = float(min(done.y.min(), -1)), float(max(done.y.max(), 1))
    return lo - (hi - lo) / 4, hi + (hi - lo) / 4


def descent_scene(spec: DoubleDescent, done: Errors) -> Scene:
    """Return the curve of p features as descent finds it, and both errors over p, step by step."""
    curve, truth = curve_of(spec), TRUTHS[spec.truth].value(X)
    low, high = _heights(done)
    fitted = curve.weights @ features_of(spec, X, spec.p).T
    lo, hi = _span(done)
    layers: list[Layer] = [
        Line("the truth", X[None], truth[None], GREEN, "dash", width=1.6),
        Line(f"fit of {spec.p} features", X[None], fitted, PURPLE, width=2.6),
        Points("points", done.x[None], done.y[None], SKY, "circle",
               sizes=np.full((1, len(done.x)), 5.0)),
        Labels("steps", [[-1.0]], [[hi - 0.05 * (hi - lo)]], _told(spec, done.steps), align="left"),
    ]  # fmt: skip
    for name, table, look in (("train", done.train, TRAIN), ("test", done.test, TEST)):
        over = np.clip(table, low, high)
        layers.append(Line(f"{name} error", done.p[None], over, look.color, look.dash, 1, 2.4))
    plain = np.clip(done.plain, low, high)[None]
    layers.append(Line(LEAST_NORM, done.p[None], plain, GREY, "dot", 1, 1.4))
    layers += _marks(spec, curve, low, high)
    layers += [Reading("train error", curve.train), Reading("test error", curve.test)]
    layers.append(Reading("|w|", np.linalg.norm(curve.weights, axis=1)))
    at = float(np.interp(spec.p, done.p, np.clip(done.plain, low, high)))
    handle = Handle("p", "p", float(spec.p), at, "x", panel=1, curve=1)
    return Scene(layers, (handle,), _alt(spec, done), _chips(spec, done, curve), ends=(LEAST_NORM,))


def _marks(spec: DoubleDescent, curve: FeatureFit, low: float, high: float) -> list[Layer]:
    """Return both errors of the p under the hand as marks on their curves."""
    p, size = np.array([[float(spec.p)]]), np.array([[5.0]])
    return [
        Points(f"{name} error at p", p, np.clip(error, low, high)[:, None], look.color,
               look.symbol, 1, size)
        for name, error, look in (("train", curve.train, TRAIN), ("test", curve.test, TEST))
    ]  # fmt: skip


def _told(spec: DoubleDescent, steps: np.ndarray) -> tuple[tuple[str], ...]:
    """Return how far descent is, a text a frame."""
    end = "the end: ridge" if spec.ridge else "the end: least norm"
    words = [end if np.isinf(t) else f"step {number(t)}" for t in steps]
    return tuple((word,) for word in words)


def _chips(spec: DoubleDescent, done: Errors, curve: FeatureFit) -> tuple[Chip, ...]:
    test = done.test[-1]
    bends, why = bends_of(done, test), verdict_on(spec, done)
    peak = f"{number(test[bends.peak], 3)} at p = {done.p[bends.peak]}" if bends.rises else "none"
    return (
        chip("train", TRAIN, number(curve.train[-1], 3), f"At the points, of p = {spec.p}."),
        chip("test", TEST, number(curve.test[-1], 3), f"Of new points, at p = {spec.p}."),
        Chip("peak", "▲", VERMILLION if bends.rises else GREEN, peak, why),
    )


def _alt(spec: DoubleDescent, done: Errors) -> str:
    kind = "a fit of one feature" if spec.p == 1 else f"a fit of {spec.p} features"
    return f"{len(done.x)} points and {kind}; errors over p. {verdict_on(spec, done)}"
