"""Questions worth seeing on the page *integration*, known good and known bad."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gdviz.catalogue.preset import Preset, every_knob
from gdviz.topics.integration.frames import Frames, frames
from gdviz.topics.integration.integrands import SPIKE
from gdviz.topics.integration.question import answer, estimate
from gdviz.topics.integration.settings import Integration, changed_knobs, gallery_values


def _off(spec: Integration, n: int) -> float:
    """Return how far the rule of a spec is off with n, infinite where there is no true value."""
    truth = answer(spec).truth
    return math.inf if truth is None else abs(estimate(replace(spec, n=n)).value - truth.value)


def _sixteenth(spec: Integration, found: Frames) -> bool:
    return 14 < _off(spec, spec.n) / max(_off(spec, 2 * spec.n), 1e-300) < 18


def _exact_by_degree(spec: Integration, found: Frames) -> bool:
    """Whether three nodes are exact to degree 5, two are not, and the strips fill the range."""
    widths = (found.right - found.left)[-1]
    whole = math.isclose(np.nansum(widths), spec.b - spec.a)
    return whole and _off(spec, 3) < 1e-13 < 1e-3 < _off(spec, 2) and _off(spec, spec.n) < 1e-13


def _goes_to_the_corner(spec: Integration, found: Frames) -> bool:
    left, right = found.left[-1], found.right[-1]
    smallest = int(np.nanargmin(right - left))
    there = left[smallest] - 1e-9 <= 0.3 <= right[smallest] + 1e-9
    return bool(there) and spec.function == "kink"


def _peak_is_missed(spec: Integration, found: Frames) -> bool:
    nodes = found.nodes[-1]
    blind = estimate(spec).value == estimate(replace(spec, n=spec.n // 2)).value
    return blind and float(np.nanmin(abs(nodes - SPIKE))) > 1e-3 and _off(spec, spec.n) > 2e-4


def _gains_digits(spec: Integration, found: Frames) -> bool:
    errors = [_off(spec, n) for n in range(5, spec.n + 1, 2)]
    steadily = all(after < before for before, after in zip(errors, errors[1:], strict=False))
    return spec.function == "endpoint" and steadily and errors[-1] < 1e-9


def _is_carried(spec: Integration, found: Frames) -> bool:
    inside = abs(found.nodes[-1]) < 1
    return (
        spec.change == "rational"
        and bool(inside[np.isfinite(found.nodes[-1])].all())
        and _off(spec, 2 * spec.n) < 1e-2 * _off(spec, spec.n)
    )


def _no_digit_is_lost(spec: Integration, found: Frames) -> bool:
    """Whether the tails agree with erfc to the last digits, and four strips are off by a third."""
    truth = answer(spec).truth
    exact = (math.erfc(spec.a / math.sqrt(2)) - math.erfc(spec.b / math.sqrt(2))) / 2
    third = 0.3 < _off(spec, spec.n) / exact < 0.35
    return third and truth is not None and math.isclose(truth.value, exact, rel_tol=1e-14)


def _cut_off(spec: Integration, found: Frames) -> bool:
    whole = answer(replace(spec, reach="line")).truth
    return whole is not None and round(100 * (1 - found.estimate[-1] / whole.value)) == 43


def _grows_with_n(spec: Integration, found: Frames) -> bool:
    """Whether neither E[X²] nor E[X] is a number, and the rule's own is twice itself at 2n."""
    none = all(answer(replace(spec, g=g)).truth is None for g in (spec.g, "x"))
    twice = estimate(replace(spec, n=2 * spec.n)).value / found.estimate[-1]
    return none and 1.9 < twice < 2.2


def _preset(
    label: str,
    good: bool,
    reason: str,
    claim: Callable[[Integration, Frames], bool],
    **values: Any,
) -> Preset:
    if "function" in values:
        values = gallery_values(values["function"]) | values
    hyper = changed_knobs(values.get("density", "normal"), values.pop("own", {}))
    knobs = every_knob(Integration, values) | {"hyper": hyper}
    return Preset(label, good, reason, knobs, lambda spec, _: claim(spec, frames(spec)))


PRESETS = (
    _preset(
        "Parabolas",
        True,
        "Simpson lays parabolas over pairs of strips: twice the strips, a sixteenth of the error.",
        _sixteenth,
        function="smooth",
        rule="simpson",
        n=12,
    ),
    _preset(
        "Gauss",
        True,
        "n nodes, exact to degree 2n − 1: each stands for a strip as wide as its weight.",
        _exact_by_degree,
        function="polynomial",
        rule="gauss_legendre",
        n=5,
    ),
    _preset(
        "Adaptive",
        True,
        "Play: the piece with the largest error is halved, so the work goes to the corner.",
        _goes_to_the_corner,
        function="kink",
        rule="adaptive_simpson",
        n=24,
    ),
    _preset(
        "Spike missed",
        False,
        "Every node misses a peak of width 0.0001: half as many would have changed nothing.",
        _peak_is_missed,
        function="spike",
        rule="simpson",
        n=30,
    ),
    _preset(
        "Singular end",
        True,
        "1/√x is infinite at 0; tanh–sinh crowds its nodes there and gains digits at every step.",
        _gains_digits,
        function="endpoint",
        rule="tanh_sinh",
        n=25,
    ),
    _preset(
        "Infinite range",
        True,
        "x = u/(1 − u²) carries the line to −1 … 1; below, the integrand that the rule sees.",
        _is_carried,
        function="bell",
        rule="midpoint",
        n=20,
    ),
    _preset(
        "Tail of the normal",
        True,
        "P(4 ≤ X ≤ 6) from the tails, in logs: no digit is lost, however far out. The four strips "
        "are off by a third.",
        _no_digit_is_lost,
        quantity="probability",
        a=4.0,
        b=6.0,
        rule="trapezoid",
        n=4,
    ),
    _preset(
        "E[X²] cut short",
        False,
        "The tutorial integrates to ±5: with σ = 3 that misses 43 % of E[X²] = 9.",
        _cut_off,
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
        "E[X²] of the Cauchy distribution is infinite, and E[X] does not exist; every rule gives a "
        "number all the same, this one twice as large with twice the n.",
        _grows_with_n,
        quantity="expectation",
        density="cauchy",
        reach="line",
        rule="midpoint",
        n=30,
    ),
)
