"""One palette, and a fixed colour, dash and marker for each method; the layout of all figures."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

# Okabe & Ito, "Color Universal Design" (2008): distinct for every kind of colour vision.
BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
YELLOW = "#C9B400"  # darker than the original, which is invisible on white
GREY = "#808080"
DIVERGING = (VERMILLION, "#F0B48C", "paper", "#80B8D8", BLUE)  # negative, zero, positive
SEQUENTIAL = ("paper", "#80B8D8", BLUE, "#00324F")
OKABE_ITO = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, YELLOW)


class Look(NamedTuple):
    """How a method is drawn everywhere: its colour, dash and marker."""

    color: str
    dash: str
    symbol: str


# There are more methods than colours: methods often raced together differ in colour, relatives
# share a colour and differ in dash and marker.
LOOKS = {
    "gd": Look(BLUE, "solid", "circle"),
    "heavy_ball": Look(VERMILLION, "dash", "square"),
    "nesterov": Look(GREEN, "dashdot", "diamond"),
    "adagrad": Look(YELLOW, "solid", "square"),
    "rmsprop": Look(SKY, "solid", "triangle"),
    "adadelta": Look(SKY, "dash", "square"),
    "adam": Look(ORANGE, "solid", "triangle"),
    "amsgrad": Look(ORANGE, "dash", "square"),
    "adamw": Look(ORANGE, "dot", "diamond"),
    "nadam": Look(GREEN, "solid", "triangle"),
    "radam": Look(VERMILLION, "dot", "triangle"),
    "adamax": Look(BLUE, "dash", "diamond"),
    "rprop": Look(PURPLE, "solid", "triangle"),
    "lion": Look(YELLOW, "dash", "diamond"),
    "yogi": Look(SKY, "dot", "diamond"),
    "adabelief": Look(PURPLE, "dashdot", "diamond"),
    "adabound": Look(BLUE, "dot", "triangle"),
    "qhm": Look(VERMILLION, "dashdot", "circle"),
    "qhadam": Look(ORANGE, "dashdot", "circle"),
    "signsgd": Look(GREY, "solid", "triangle"),
    "newton": Look(PURPLE, "dash", "circle"),
    "newton_plain": Look(SKY, "dot", "square"),
    "gauss_newton": Look(PURPLE, "dot", "square"),
    "bfgs": Look(GREEN, "dash", "circle"),
    "lbfgs": Look(GREEN, "dot", "square"),
    "conjugate_gradient": Look(VERMILLION, "solid", "diamond"),
    "nelder_mead": Look(GREY, "dash", "circle"),
    "backtracking": Look(YELLOW, "dashdot", "circle"),
    "golden_section": Look(GREY, "dot", "diamond"),
}
PLOTLY_SYMBOLS = {"triangle": "triangle-up", "open": "circle-open", "cross": "x-thin-open"}


def base_layout(large: bool = False, **layout: object) -> dict[str, object]:
    """Return the layout that every figure starts from, in the colours of the page."""
    return {
        "template": TEMPLATE,
        "font": {"size": 20 if large else 13},
        "margin": {"l": 64, "r": 16, "t": 12, "b": 48}
        if not large
        else {"l": 96, "r": 20, "t": 16, "b": 72},
        "showlegend": False,
        **layout,
    }


def plain(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure as raw Plotly JSON, not validated.

    For charts that are redrawn at every move. `go.Figure` validates every property of every trace,
    which takes ten times as long as the rest; a test validates these charts instead. Arrays must be
    `encode`d.
    """
    return {"data": list(traces), "layout": {**layout, "template": PLAIN_TEMPLATE}}


def encode(values: Any) -> dict[str, str]:
    """Return an array as Plotly sends it: base64, in single precision if that suffices."""
    array = np.asarray(values)
    if array.dtype == np.float64:
        with np.errstate(over="ignore", under="ignore"):
            single = array.astype(np.float32)
        same = (np.isfinite(single) == np.isfinite(array)) & ((single == 0) == (array == 0))
        array = single if same.all() else array
    return {"dtype": array.dtype.str[1:], "bdata": base64.b64encode(array.tobytes()).decode()}


TEMPLATE = go.layout.Template(
    layout={
        "colorway": [*OKABE_ITO, GREY, "#882255", "#44AA99"],
        "xaxis": {"automargin": True, "zeroline": False, "ticks": "outside"},
        "yaxis": {"automargin": True, "zeroline": False, "ticks": "outside"},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hoverlabel": {"namelength": -1},
    }
)
PLAIN_TEMPLATE = TEMPLATE.to_plotly_json()
