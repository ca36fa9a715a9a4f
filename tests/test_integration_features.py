"""What an integrand does in a narrow place is seen: on the curve, in its range, in the errors."""

import itertools

import numpy as np
from cases import each

from gdviz.figures.scene import Handle
from gdviz.topics.integration import charts
from gdviz.topics.integration.figure import background, integration_scene
from gdviz.topics.integration.figure_curve import sample_curve
from gdviz.topics.integration.frames import frames
from gdviz.topics.integration.integrands import GALLERY
from gdviz.topics.integration.question import answer, on_infinite_range, question
from gdviz.topics.integration.settings import TYPED, Integration, gallery_values

# A text, its range, and what a reader must see: places and heights of its peaks.
PEAKS = [
    ("exp(-50000000*(x - 0.3)**2) + 0.05", -1.0, 1.0, 0.3, 1.05),
    ("exp(-1e8*(x - 0.7)**2)", 0.0, 4.0, 0.7, 1.0),
    ("x/9 + 5/(1 + 1e9*(x - 2)**2)", 0.0, 3.0, 2.0, 5 + 2 / 9),
    ("1 - 3*exp(-abs(x - 1)*4000)", 0.0, 2.0, 1.0, -2.0),
]


def typed(text: str, a: float, b: float, **more: object) -> Integration:
    return Integration(function=TYPED, formula=text, a=a, b=b, **more)  # type: ignore[arg-type]


@each("text, a, b, place, height", PEAKS)
def test_a_narrow_peak_is_on_the_curve_and_inside_the_axes(
    text: str, a: float, b: float, place: float, height: float
):
    spec = typed(text, a, b)
    x, y = sample_curve(question(spec))
    nearest = np.nanargmin(np.abs(x - place))
    np.testing.assert_allclose(y[nearest], height, rtol=1e-3)
    low, high = background(spec).layout.yaxis.range
    assert low < min(height, 0) and high > max(height, 0)
    assert high - low < 3 * (abs(height) + 1)


@each("name", GALLERY)
def test_handles_lie_inside_the_axes(name: str):
    spec = Integration(function=name, **gallery_values(name))
    low, high = background(spec).layout.yaxis.range
    for handle in integration_scene(spec).handles:
        assert isinstance(handle, Handle) and low < handle.y < high


def test_a_pole_tears_the_curve():
    x, y = sample_curve(question(typed("1/(x - sqrt(2))", 0.0, 3.0)))
    left, right = y[x < np.sqrt(2)][-1], y[x > np.sqrt(2)][0]
    between = y[(x > np.sqrt(2) - 1e-12) & (x < np.sqrt(2) + 1e-12)]
    assert left < 0 < right and len(between) and np.isnan(between).all()


RULES = ("simpson", "trapezoid", "gauss_legendre", "adaptive_simpson")


@each("function, rule", itertools.product(("spike", "kink", "jump", "smooth"), RULES))
def test_errors_of_the_strips_add_up_to_the_error(function: str, rule: str):
    spec = Integration(function=function, rule=rule, n=30, **gallery_values(function))
    found, truth = frames(spec), answer(spec).truth
    assert truth is not None
    missed = found.estimate - truth.value
    np.testing.assert_allclose(np.nansum(found.errors, axis=1), missed, atol=1e-11)


def test_changes_of_variable_are_shown_where_an_integral_exists():
    assert on_infinite_range(Integration()).function == "bell"
    kept = Integration(function="runge")
    assert on_infinite_range(kept).function == "runge"
    u = np.linspace(-1, 1, 99)
    rows = [("rational", u, u, 1e97 * u**2), ("logit", u, u, 1 - u**2)]
    low, high = charts.maps(rows, {"rational": "r", "logit": "l"}).layout.yaxis2.range
    assert low < 0 and 1 < high < 10
