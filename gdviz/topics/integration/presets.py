"""Questions worth seeing on the page *integration*, known good and known bad."""

from typing import Any

from gdviz.catalogue.preset import Preset, every_knob
from gdviz.topics.integration.settings import Integration, changed_knobs, gallery_values


def _preset(label: str, good: bool, reason: str, **values: Any) -> Preset:
    if "function" in values:
        values = gallery_values(values["function"]) | values
    hyper = changed_knobs(values.get("density", "normal"), values.pop("own", {}))
    return Preset(label, good, reason, every_knob(Integration, values) | {"hyper": hyper})


PRESETS = (
    _preset(
        "Parabolas",
        True,
        "Simpson lays parabolas over pairs of strips: twice the strips, a sixteenth of the error.",
        function="smooth",
        rule="simpson",
        n=12,
    ),
    _preset(
        "Gauss",
        True,
        "n nodes, exact to degree 2n − 1: each stands for a strip as wide as its weight.",
        function="polynomial",
        rule="gauss_legendre",
        n=5,
    ),
    _preset(
        "Adaptive",
        True,
        "Play: the piece with the largest error is halved, so the work goes to the corner.",
        function="kink",
        rule="adaptive_simpson",
        n=24,
    ),
    _preset(
        "Spike missed",
        False,
        "Every node misses a peak of width 0.0001: half as many would have changed nothing.",
        function="spike",
        rule="simpson",
        n=30,
    ),
    _preset(
        "Singular end",
        True,
        "1/√x is infinite at 0; tanh–sinh crowds its nodes there and gains digits at every step.",
        function="endpoint",
        rule="tanh_sinh",
        n=25,
    ),
    _preset(
        "Infinite range",
        True,
        "x = u/(1 − u²) carries the line to −1 … 1; below, the integrand that the rule sees.",
        function="bell",
        rule="midpoint",
        n=20,
    ),
    _preset(
        "Tail of the normal",
        True,
        "P(4 ≤ X ≤ 6) from the tails, in logs: no digit is lost, however far out.",
        quantity="probability",
        a=4.0,
        b=6.0,
        rule="trapezoid",
        n=4,
    ),
    _preset(
        "E[X²] cut short",
        False,
        "The tutorial integrates to ±5: with σ = 3 that misses four ninths of E[X²] = 9.",
        quantity="expectation",
        own={"sigma": 3.0},
        a=-5.0,
        b=5.0,
        rule="gauss_legendre",
        n=20,
    ),
    _preset(
        "No mean at all",
        False,
        "E[X²] of the Cauchy distribution does not exist; every rule gives a number all the same.",
        quantity="expectation",
        density="cauchy",
        reach="line",
        rule="midpoint",
        n=30,
    ),
)
