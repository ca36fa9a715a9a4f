"""One palette, a colour, dash and marker for each method; the layout of all figures."""

import base64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
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
# For pictures with more curves: seen on white and on black, and apart from the others.
MORE = (
    *("#882255", "#44AA99", "#7B61C9", "#8C6D31", "#B22222", "#6B8E23"),
    *("#4B4BFF", "#F032E6", "#00C800"),
)
PALETTE = (*OKABE_ITO, GREY, *MORE)


class Look(NamedTuple):
    """How a line is drawn everywhere: its colour, dash and marker, if it has one."""

    color: str
    dash: str = "solid"
    symbol: str = ""


TRAIN, TEST = Look(BLUE, "solid", "circle"), Look(VERMILLION, "dash", "diamond")

# There are more methods than colours: relatives share one, and `looks_of` parts them in a picture.
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
    "natural_gradient": Look(GREEN, "dashdot", "triangle"),
    "bfgs": Look(GREEN, "dash", "circle"),
    "lbfgs": Look(GREEN, "dot", "square"),
    "conjugate_gradient": Look(VERMILLION, "solid", "diamond"),
    "nelder_mead": Look(GREY, "dash", "circle"),
    "backtracking": Look(YELLOW, "dashdot", "circle"),
    "golden_section": Look(GREY, "dot", "diamond"),
    "schedule_free_sgd": Look(BLUE, "dashdot", "square"),
    "schedule_free_adamw": Look("#4B4BFF", "solid", "square"),
    "ademamix": Look("#7B61C9", "solid", "diamond"),
    "adopt": Look("#00C800", "dash", "triangle"),
    "prodigy": Look("#F032E6", "solid", "circle"),
    "d_adaptation": Look("#882255", "dash", "square"),
    "adan": Look("#B22222", "solid", "triangle"),
    "cautious_adamw": Look("#8C6D31", "dot", "circle"),
    "lookahead": Look(ORANGE, "dash", "triangle"),
    "sam": Look("#6B8E23", "solid", "circle"),
    "mars": Look("#B22222", "dash", "diamond"),
    "lamb": Look("#44AA99", "dash", "circle"),
    "lars": Look("#44AA99", "dot", "triangle"),
    "adafactor": Look(YELLOW, "dot", "triangle"),
    "barzilai_borwein": Look(BLUE, "dot", "square"),
    "polyak": Look(GREEN, "dot", "triangle"),
    "sophia": Look("#7B61C9", "dash", "square"),
    "trust_region": Look(PURPLE, "solid", "square"),
    "levenberg_marquardt": Look(PURPLE, "dash", "diamond"),
    "cma_es": Look(GREY, "solid", "circle"),
}
OWN_LOOK = Look("#882255", "solid", "diamond")  # of a rule that somebody types
DASHES, SYMBOLS = ("solid", "dash", "dot", "dashdot"), ("circle", "square", "diamond", "triangle")
PLOTLY_SYMBOLS = {"triangle": "triangle-up", "open": "circle-open", "cross": "x-thin-open"}


def colour_of(i: int) -> tuple[str, str]:
    """Return colour and dash of the i-th of many curves."""
    return PALETTE[i % len(PALETTE)], DASHES[i % len(DASHES)]


def looks_of(names: Iterable[str]) -> dict[str, Look]:
    """Return the looks of methods in one picture: no two share a colour, or both dash and marker.

    The first keeps its own; of the others each what none before it has. Up to four methods differ
    in all three.

    >>> looks_of(["adam", "adamw"])["adamw"]
    Look(color='#882255', dash='dot', symbol='diamond')
    """
    return dict(_apart_from_each_other(tuple((n, LOOKS.get(n, OWN_LOOK)) for n in names)))


@lru_cache(maxsize=256)  # a picture that follows a hand asks three times
def _apart_from_each_other(own_looks: tuple[tuple[str, Look], ...]) -> dict[str, Look]:
    looks = dict(own_looks)
    owned = {look.color for look in looks.values()}
    spare = [color for color in (*MORE, *OKABE_ITO, GREY) if color not in owned]
    found: dict[str, Look] = {}
    for name, own in looks.items():
        used = list(found.values())
        taken = own.color in {look.color for look in used}
        color = spare.pop(0) if taken and spare else own.color
        found[name] = Look(color, *_apart(own, used))
    return found


def _apart(own: Look, used: Sequence[Look]) -> tuple[str, str]:
    """Return the dash and the marker that the looks in use have least, the own ones if they can."""
    pairs = {(look.dash, look.symbol) for look in used}
    dashes, symbols = Counter(look.dash for look in used), Counter(look.symbol for look in used)

    def cost(pair: tuple[str, str]) -> tuple[Any, ...]:
        dash, symbol = pair
        often = dashes[dash] + symbols[symbol]
        return pair in pairs, often, (dash != own.dash) + (symbol != own.symbol)

    return min(product(DASHES, SYMBOLS), key=cost)


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


# Plotly would write 80µ and 2B: a power of ten is written as one, on every axis and in every hover.
POWERS = {"exponentformat": "power", "minexponent": 3}
AXIS = {"automargin": True, "zeroline": False, "ticks": "outside", **POWERS}
TEMPLATE = go.layout.Template(
    layout={
        "colorway": [*OKABE_ITO, GREY, "#882255", "#44AA99"],
        "xaxis": AXIS,
        "yaxis": AXIS,
        "scene": {f"{name}axis": POWERS for name in "xyz"},
        "coloraxis": {"colorbar": POWERS},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hoverlabel": {"namelength": -1},
    },
    data={kind: [{"colorbar": POWERS}] for kind in ("heatmap", "contour", "surface")},
)
PLAIN_TEMPLATE = TEMPLATE.to_plotly_json()
