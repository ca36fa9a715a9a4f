"""The stage of the page *integration*: the curve, what a rule lays under it, and where it errs."""

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.cache import cached
from gdviz.figures.curves import closed_band, window
from gdviz.figures.hand import Hand
from gdviz.figures.scene import (
    Cells,
    Chip,
    Handle,
    Layer,
    Line,
    Picture,
    Points,
    Polygon,
    Reading,
    Scene,
    Segments,
)
from gdviz.figures.style import BLUE, DIVERGING, GREEN, GREY, SKY, VERMILLION, base_layout
from gdviz.numerals import number
from gdviz.probability import RULES, Estimate, ProbabilityError
from gdviz.probability.estimate import is_vague
from gdviz.probability.rules import RULE_LABELS
from gdviz.probability.substitutions import clamp_inside, substitution_of
from gdviz.queries import from_query
from gdviz.topics.integration.figure_curve import heights, sample_curve
from gdviz.topics.integration.frames import FLOOR, Frames, frames, integrand_of
from gdviz.topics.integration.question import Answer, Integral, answer, question
from gdviz.topics.integration.settings import Integration
from gdviz.topics.integration.shapes import Integrand

ERROR = "error of a strip (blue: too much, orange: too little)"


def picture(spec: Integration, large: bool = False) -> Picture:
    """Return the picture of the page at its settings."""
    return Picture(background(spec, large), integration_scene(spec))


def live_scene(query: str, hand: Hand | None = None) -> Scene:
    """Return the scene of the settings in a query, for a hand that drags."""
    return integration_scene(from_query(Integration, query))


def layout_of(spec: Integration) -> str:
    """Return which panels the stage has: of strips, of the carried integrand, or of a sample."""
    infinite = spec.reach != "ab"
    if RULES[spec.rule].kind == "random":
        return "random"
    if RULES[spec.rule].range != "finite":
        return "weights" if infinite else "strips"
    return "carried" if infinite else "strips"


@cached
def background(spec: Integration, large: bool = False) -> go.Figure:
    """Return the axes of the stage; it is shared: do not change it."""
    asked, kind = question(spec), layout_of(spec)
    name = {"integral": "f(x)", "probability": "p(x)", "expectation": "g(x) p(x)"}[spec.quantity]
    below = {
        "strips": ("strip errors", "x"),
        "weights": ("|wᵢ f(xᵢ)|", "x"),
        "carried": ("f(x(u)) dx/du", "u"),
        "random": ("estimate", "points"),
    }[kind]
    axes: dict[str, Any] = {
        "xaxis": {"range": list(asked.window), "anchor": "y"},
        "yaxis": {"title": {"text": name}, "domain": [0.38, 1], "zeroline": True},
        "yaxis2": {"title": {"text": below[0]}, "domain": [0, 0.27], "anchor": "x2"},
        "xaxis2": {"title": {"text": below[1]}, "anchor": "y2", "range": list(asked.window)},
    }
    axes["yaxis"]["range"] = heights(asked)
    axes["yaxis2"] |= _lower_axis(spec, kind)
    if kind == "carried":
        axes["xaxis2"] |= {"range": [-1.03, 1.03]}
    if kind == "random":
        axes["xaxis2"] |= {
            "type": "log",
            "dtick": 1,
            "range": [np.log10(7), np.log10(17 * spec.n + 8)],
        }
    marks = [
        go.Scatter(x=[None], y=[None], xaxis=f"x{n}", yaxis=f"y{n}", hoverinfo="skip")
        for n in ("", "2")
    ]
    if kind == "random":
        marks += _exact_line(spec)
    return go.Figure(marks, base_layout(large, uirevision=f"{asked.label}{kind}", **axes))


def _lower_axis(spec: Integration, kind: str) -> dict[str, Any]:
    if kind in ("strips", "weights"):
        ticks = {1e-15: "10⁻¹⁵", 1e-10: "10⁻¹⁰", 1e-5: "10⁻⁵", 1.0: "1"}
        names = {"tickvals": list(ticks), "ticktext": list(ticks.values())}
        return {"type": "log", "range": [-17, 1.3], **names}
    if kind == "carried":
        integrand = integrand_of(spec)
        try:
            y = integrand.f(np.linspace(-0.999, 0.999, 401))
        except ValueError:
            return {}
        return {"range": window(np.append(y, 0.0)), "zeroline": True}
    try:
        found = frames(spec)
    except ValueError:
        return {}
    spread = float(np.nanmax(found.errors[:, 0])) if np.isfinite(found.errors[:, 0]).any() else 1.0
    middle = float(found.estimate[-1])
    return {"range": [middle - 2.5 * spread, middle + 2.5 * spread]}


def _exact_line(spec: Integration) -> list[go.Scatter]:
    truth = answer(spec).truth
    if truth is None or is_vague(truth):
        return []
    line = {"color": GREEN, "width": 2, "dash": "dash"}
    ends = {"x": [1, 1e5], "y": [truth.value] * 2}
    return [go.Scatter(**ends, mode="lines", line=line, xaxis="x2", yaxis="y2", name="true")]


def integration_scene(spec: Integration) -> Scene:
    """Return curve, area, strips, nodes and errors, frame by frame, and the ends as handles."""
    asked, kind, truth = question(spec), layout_of(spec), answer(spec)
    layers: list[Layer] = [*_curves(asked, spec)]
    try:
        found = frames(spec)
    except ValueError as error:
        chips = (Chip(RULE_LABELS[spec.rule], "▦", BLUE, "cannot", str(error)),)
        return Scene(layers, _handles(spec), f"{asked.label}: {error}", chips)
    layers += _PANELS[kind](spec, found, integrand_of(spec))
    layers += _readings(found, truth)
    return Scene(
        layers, _handles(spec), _alt(spec, asked, found, truth), _chips(spec, found, truth)
    )


def _curves(asked: Integral, spec: Integration) -> list[Layer]:
    x, y = sample_curve(asked)
    inside = (x >= asked.lo) & (x <= asked.hi)
    layers: list[Layer] = [
        Line("area", x[None], np.where(inside, y, np.nan)[None], SKY, width=0, fill=0.0)
    ]
    for name, curve in asked.curves:
        with np.errstate(all="ignore"):
            layers.append(Line(name, x[None], np.asarray(curve(x))[None], GREY, "dash", width=1.5))
    return [*layers, Line("f", x[None], y[None], None)]


def _handles(spec: Integration) -> tuple[Handle, ...]:
    both = []
    if spec.reach in ("ab", "right"):
        both.append(Handle("a", "a", spec.a, 0.0, "x", knobs=("a",), color=VERMILLION))
    if spec.reach in ("ab", "left"):
        both.append(Handle("b", "b", spec.b, 0.0, "x", knobs=("b",), color=VERMILLION))
    return tuple(both)


def _strips(spec: Integration, found: Frames, integrand: Integrand) -> list[Layer]:
    """Return outlines and nodes over the curve, and under it the error of each strip."""
    return [*_laid(found, 0), *_nodes(found, 0), *_errors(found)]


def _laid(found: Frames, panel: int) -> list[Layer]:
    """Return the pieces: filled together, each with its border."""
    x, y = found.shape_x, found.shape_y
    return [
        Polygon("pieces", x, y, BLUE, panel, 0.22),
        Line("borders", x, y, BLUE, panel=panel, width=1.1),
    ]


def _nodes(found: Frames, panel: int) -> list[Layer]:
    sizes = np.where(np.isnan(found.nodes), 0.0, 3.2)
    return [Points("nodes", found.nodes, found.heights, BLUE, "circle", panel, sizes)]


def _errors(found: Frames) -> list[Layer]:
    """Return the error of each strip as a bar on a logarithmic axis, its sign as its colour."""
    size = np.maximum(np.abs(found.errors), FLOOR)
    size = np.where(np.isnan(found.errors), np.nan, size)
    side = np.where(size > 3 * FLOOR, np.sign(found.errors), 0.0)
    floor = np.full_like(size, FLOOR)
    cells = Cells(ERROR, found.left, floor, found.right, size, side, panel=1, opacity=0.75)
    return [cells._replace(colors=DIVERGING)]


def _weights(spec: Integration, found: Frames, integrand: Integrand) -> list[Layer]:
    stems = Segments("stems", found.nodes, 0 * found.heights, found.nodes, found.heights, BLUE)
    return [stems, *_nodes(found, 0), *_errors(found)]


def _carried(spec: Integration, found: Frames, integrand: Integrand) -> list[Layer]:
    """Return the nodes where they fall on x, and below what the rule sees in u."""
    asked = question(spec)
    u = np.linspace(-0.9995, 0.9995, 401)
    try:
        seen = integrand.f(u)
    except ValueError:
        seen = np.full_like(u, np.nan)
    with np.errstate(all="ignore"):
        x = integrand.change.point(clamp_inside(found.nodes, asked.lo, asked.hi))
        y = np.where(np.abs(x) < 1e6, asked.f(np.clip(x, -1e6, 1e6)), np.nan)
    stems = Segments("stems", x, 0 * y, x, y, BLUE)
    dots = Points("nodes in x", x, y, BLUE, "circle", 0, np.where(np.isnan(x), 0.0, 3.2))
    line = Line("carried", u[None], seen[None], None, panel=1, width=1.8)
    return [stems, dots, *_laid(found, 1), *_nodes(found, 1), line]


def _random(spec: Integration, found: Frames, integrand: Integrand) -> list[Layer]:
    """Return the points as stems, and below the estimate with its standard errors."""
    asked = question(spec)
    x = found.nodes
    if integrand.infinite:
        x = substitution_of(asked.lo, asked.hi, spec.change).point(x)
    with np.errstate(all="ignore"):
        y = np.where(np.isfinite(x), asked.f(np.clip(x, -1e9, 1e9)), np.nan)
    stems = Segments("stems", x, 0 * y, x, y, BLUE)
    dots = Points("points", x, y, BLUE, "circle", 0, np.where(np.isnan(x), 0.0, 2.6))
    n = found.n.astype(float)
    upto = np.arange(len(n))[None] <= np.arange(len(n))[:, None]
    error = found.errors[:, 0]
    points = np.where(upto, n, np.nan)
    line = Line("running estimate", points, np.where(upto, found.estimate, np.nan), BLUE, panel=1)
    low, high = (np.where(upto, found.estimate + s * error, np.nan) for s in (-1, 1))
    band = Polygon("± one standard error", *closed_band(points, low, high), BLUE, 1, 0.2)
    return [stems, dots, band, line]


_PANELS = {"strips": _strips, "weights": _weights, "carried": _carried, "random": _random}


def _readings(found: Frames, truth: Answer) -> list[Layer]:
    readings: list[Layer] = [
        Reading("n", found.n.astype(float)),
        Reading("estimate", found.estimate),
    ]
    if truth.truth is not None and not is_vague(truth.truth):
        readings.append(Reading("error", found.estimate - truth.truth.value))
    return readings


def _chips(spec: Integration, found: Frames, truth: Answer) -> tuple[Chip, ...]:
    name, last = RULE_LABELS[spec.rule], float(found.estimate[-1])
    chips = []
    if truth.truth is None:
        words = (
            "A number for what may have none." if truth.is_open else "A number for what has none."
        )
        chips.append(Chip(name, "▦", BLUE, number(last, 6), words))
        chips.append(Chip("true value", "∞", VERMILLION, truth.in_words, truth.reason))
        return tuple(chips)
    off = abs(last - truth.truth.value)
    relative = off / max(abs(truth.truth.value), 1e-300)
    verdict = "exact to the last digit" if relative < 5e-15 else f"off by {number(off, 2)}"
    if relative >= 5e-15 and truth.truth.error > off / 10:
        verdict = f"off by {number(off + truth.truth.error, 2)} at most"
    if is_vague(truth.truth):
        verdict = "by how much it is off is not known"
    words = f"{int(found.evaluations[-1])} evaluations give {number(last, 10)}."
    chips.append(Chip(name, "▦", BLUE, verdict, words))
    whole = whole_line(spec)
    shown = digits_of(truth.truth) + (f", on the whole line: {whole}" if whole else "")
    chips.append(Chip("true value", "●", GREEN, shown, truth.truth.note))
    return tuple(chips)


def digits_of(truth: Estimate, digits: int = 10) -> str:
    """Return a true value in some digits, or with its error where it is not known so well."""
    if is_vague(truth):
        return f"{number(truth.value, 4)} ± {number(truth.error, 1)}"
    return number(truth.value, digits)


def whole_line(spec: Integration) -> str:
    """Return what the expectation is when nothing is cut off, as words; empty for other pages."""
    if spec.quantity != "expectation" or spec.reach == "line":
        return ""
    try:
        found = answer(replace(spec, reach="line"))
    except ProbabilityError:  # g is not a number out there, or nobody can tell
        return "unknown"
    return digits_of(found.truth) if found.truth else found.in_words


def _alt(spec: Integration, asked: Integral, found: Frames, truth: Answer) -> str:
    name = RULE_LABELS[spec.rule]
    known = digits_of(truth.truth, 6) if truth.truth else truth.in_words
    return f"{asked.label}: {name} gives {number(found.estimate[-1], 6)}; the true value: {known}."
