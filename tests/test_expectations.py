"""Expectations against closed forms of 40 digits; those that do not exist; peaks; bad input."""

import json
import math
from typing import Any

import numpy as np
import pytest
from browser import ROOT
from cases import NO_WARNINGS, each

from gdviz.expressions import formula
from gdviz.probability import DISTRIBUTIONS, DoesNotExist, ProbabilityError, expectation
from gdviz.probability import from_log_density as module
from gdviz.probability.expectations import MOST_QUANTILES
from gdviz.probability.from_log_density import typed_density
from gdviz.probability.mixtures import mixture_of
from gdviz.probability.user_functions import signed_log

pytestmark = NO_WARNINGS

TRUTH = json.loads((ROOT / "tests" / "reference" / "integration.json").read_text())["expectations"]


@each("row", TRUTH)
def test_expectations_are_right_and_their_errors_honest(row: dict[str, Any]):
    found = expectation(row["g"], DISTRIBUTIONS[row["name"]](*row["parameters"]))
    truth = float(row["value"])
    off = abs(found.value - truth)
    # A pole at an end that is not zero is only known as far as floats near it are apart.
    coarse = row["g"] == "log(1 - x)"
    assert off <= (2e-6 if coarse else 2e-11) * abs(truth)
    assert off <= 10 * found.error + 1e-13 * abs(truth)
    assert found.evaluations > 0 and isinstance(found.value, float)


NOT_THERE = [
    ("x", "cauchy", ()),
    ("abs(x)", "cauchy", ()),
    ("x**2", "cauchy", ()),
    ("x", "student_t", (1.0,)),
    ("x**2", "student_t", (2.0,)),
    ("x**3", "student_t", (3.0,)),
    ("exp(x)", "student_t", (30.0,)),
    ("x", "f", (5.0, 2.0)),
    ("x**2", "f", (5.0, 4.0)),
    ("exp(x)", "lognormal", ()),
    ("exp(x)", "exponential", (1.0,)),
    ("exp(2*x)", "exponential", (1.0,)),
    ("exp(x)", "laplace", ()),
    ("exp(x**2/2)", "normal", ()),
    ("exp(x**2)", "normal", ()),
    ("1/x", "normal", ()),
    ("1/x**2", "normal", ()),
    ("1/(x - 1)", "normal", ()),
    ("1/x", "uniform", ()),
    ("1/(1 - x)", "uniform", ()),
    ("1/x", "exponential", ()),
    ("1/x", "gamma", (1.0,)),
    ("1/x", "beta", (0.5, 0.5)),
    ("1/(1 - x)", "beta", (0.5, 0.5)),
    ("1/sqrt(1 - x)", "beta", (0.5, 0.5)),
    ("1.5**x", "geometric", (0.3,)),
    ("x*sin(x)", "cauchy", ()),
]


BOTH_SIDES = [
    *(("x", "cauchy"), ("x*sin(x)", "cauchy"), ("x", "student_t"), ("x**3", "student_t")),
    *(("1/x", "normal"), ("1/(x - 1)", "normal")),
]


@each("g, name, parameters", NOT_THERE)
def test_what_does_not_exist_is_no_number(g: str, name: str, parameters: tuple[float, ...]):
    """Where only one sign has its share of infinity, the integral is said to be infinite."""
    for sign, text in ((1, g), (-1, f"-({g})")):
        with pytest.raises(DoesNotExist) as raised:
            expectation(text, DISTRIBUTIONS[name](*parameters))
        if (g, name) in BOTH_SIDES:
            assert np.isnan(raised.value.value) and "does not exist" in str(raised.value)
        else:
            assert raised.value.value == sign * np.inf
            assert f"It is {'+' if sign > 0 else '−'}∞" in str(raised.value)
    assert issubclass(DoesNotExist, ValueError)


def test_a_finite_part_of_the_other_sign_changes_nothing():
    for text, value in (("x + 1/x**2", np.inf), ("heaviside(x)*x - heaviside(-x)*exp(x)", np.inf)):
        with pytest.raises(DoesNotExist) as raised:
            expectation(text, DISTRIBUTIONS["cauchy"]() if "heavi" in text else "normal")
        assert raised.value.value == value
    laws = (
        ("student_t", (2.0,), "var", "infinite"),
        ("cauchy", (), "mean", "does not exist"),
        ("cauchy", (), "var", "does not exist"),
        ("f", (5.0, 2.0), "mean", "infinite"),
    )
    for name, parameters, moment, words in laws:
        with pytest.raises(DoesNotExist, match=words):
            getattr(DISTRIBUTIONS[name](*parameters), moment)()


def test_heavy_tails_of_scipy_too():
    from scipy import stats

    with pytest.raises(DoesNotExist):
        expectation("x", stats.pareto(1))
    with pytest.raises(DoesNotExist):
        expectation("x", stats.zipf(2))
    assert expectation("x", stats.pareto(3)).value == pytest.approx(1.5, rel=1e-12)
    assert expectation("x", stats.zipf(3)).value == pytest.approx(1.3684327776202059, rel=1e-10)


@pytest.mark.parametrize("near", [2.2, 2.01, 2.0001, 2.000001])
def test_a_moment_just_inside_the_border_is_right(near: float):
    """Most of it lies beyond every float: its power law is added."""
    found = expectation("x**2", DISTRIBUTIONS["student_t"](near))
    assert found.value == pytest.approx(near / (near - 2), rel=1e-7)
    assert abs(found.value - near / (near - 2)) <= found.error


@pytest.mark.parametrize(("mu", "sigma"), [(0.3, 1e-4), (1e4, 1.0), (-3e5, 1e-2), (0.0, 1e3)])
def test_peaks_of_any_width_anywhere_are_seen(mu: float, sigma: float):
    law = DISTRIBUTIONS["normal"](mu, sigma)
    grain = 1e-12 + np.spacing(abs(mu)) / sigma  # how far apart floats lie near μ, in σ
    assert expectation(lambda x: 1.0, law).value == pytest.approx(1.0, rel=grain)
    assert expectation("x**2", law).value == pytest.approx(mu**2 + sigma**2, rel=grain)
    shifted = expectation(lambda x: ((x - mu) / sigma) ** 2, law).value
    assert shifted == pytest.approx(1.0, rel=10 * grain)


def test_two_narrow_peaks_far_apart():
    law = mixture_of((1, 3), (-1000.0, 1000.0), (1e-3, 1e-2))
    assert expectation("x", law).value == pytest.approx(500.0, rel=1e-11)
    assert expectation("heaviside(x)", law).value == pytest.approx(0.75, rel=1e-12)


def test_a_narrow_peak_of_g_is_found_where_it_is_told_of():
    width = 1e-9

    def g(x: Any) -> Any:
        return np.exp(-0.5 * ((x - 0.4) / width) ** 2)

    told = 0.4 + width * np.array([-8.0, 0.0, 8.0])
    expected = np.sqrt(2 * np.pi) * width * DISTRIBUTIONS["normal"]().pdf(0.4)
    found = expectation(g, "normal", points=told)
    assert found.value == pytest.approx(expected, rel=1e-7)


def test_jumps_kinks_and_fast_waves():
    floor = expectation("floor(x)", "normal").value
    assert floor == pytest.approx(-0.5, rel=1e-12)  # floor(x) + ½ is odd up to the jumps
    waves = expectation("sin(200*x)**2", "normal").value
    assert waves == pytest.approx(0.5, rel=1e-10)  # ½(1 − e^(−2·200²))
    pole = expectation(lambda x: np.abs(x - 0.5) ** -0.5, "uniform")
    assert pole.value == pytest.approx(2 * math.sqrt(2.0), rel=1e-6)
    assert abs(pole.value - 2 * math.sqrt(2.0)) <= pole.error


def test_values_too_large_for_a_float_are_named_by_their_log():
    found = expectation("exp(40*x)", "normal")
    assert found.value == np.inf and "e^800" in found.note


def test_functions_are_callables_of_arrays_or_of_floats_or_text():
    plain = expectation("exp(x)", "normal").value
    assert expectation(np.exp, "normal").value == plain
    assert expectation(lambda x: math.exp(x), "normal").value == pytest.approx(plain, rel=1e-13)
    assert expectation(lambda x: 2, "normal").value == pytest.approx(2.0)
    assert expectation(lambda x: x > 0, "normal").value == pytest.approx(0.5)
    assert expectation("0*x", "normal").value == 0.0


def test_what_is_not_a_number_is_refused():
    with pytest.raises(ProbabilityError, match="g is not a number at x = -"):
        expectation("sqrt(x)", "normal")
    with pytest.raises(ProbabilityError, match="not a number"):
        expectation(lambda x: np.full_like(x, np.nan), "normal")
    with pytest.raises(ProbabilityError):
        expectation(3.0, "normal")
    with pytest.raises(ValueError):
        expectation("import os", "normal")
    assert expectation("sqrt(x)", "gamma").value == pytest.approx(1.329340388179137, rel=1e-12)


def test_polynomials_far_away_are_infinite_minus_infinite_and_no_trouble():
    assert expectation("exp(-x**6 + x**4)", "cauchy").value > 0
    assert DISTRIBUTIONS["typed"]("exp(-x**6 + x**4)").var() > 0


def test_very_many_whole_numbers():
    found = expectation("x", DISTRIBUTIONS["poisson"](1e10))
    assert found.value == pytest.approx(1e10, rel=1e-9)


def test_a_density_of_two_thousand_jumps_is_not_looked_at_for_ever() -> None:
    """Counted, not timed: a quantile of a typed density takes Newton's steps."""
    found = expectation("x**2", typed_density("mod(x, 1)", -1e3, 1e3))
    assert found.evaluations < 20 * MOST_QUANTILES
    assert found.value == pytest.approx(1e6 / 3, rel=1e-11)


STEPS = [  # a density, its range, g, the truth
    ("mod(x, 1)", 1e3, "x", 1 / 6),
    ("mod(x, 0.5)", 1e3, "x**2", (0.5**2) * ((2 * 2000**2 + 1) / 6 - 2 / 3 + 1 / 2)),
    ("mod(-x, 1)", 1e3, "x", -1 / 6),
    ("1 + floor(x) - x", 900.0, "1", 1.0),
    ("ceil(abs(x))", 10.0, "abs(x)", (385 - 55 / 2) / 55),
    ("1 + sign(mod(x, 2) - 1)", 500.0, "mod(x, 2)", 1.5),
    ("floor(mod(x, 10)/5)", 1e3, "x", 2.5),
    ("exp(-abs(floor(x))/3)", 30.0, "1", 1.0),
]
MANY = [  # more jumps than are looked for: what is not known is in the error
    ("mod(x, 0.01)", 1e3, "x**2", 1e-4 * ((2 * 1e10 + 1) / 6 - 2 / 3 + 1 / 2)),
    ("mod(1000*x, 1)", 1e3, "x", 1e-3 / 6),
    ("abs(sin(1000*x))", 1e3, "x**2", 1e6 / 3),
    ("1 + floor(300*x) - 300*x", 500.0, "x", -1 / 1800),
]


@each("text, reach, g, truth", STEPS + MANY)
def test_a_density_that_jumps_is_known_as_well_as_its_error_says(text, reach, g, truth):
    law = typed_density(text, -reach, reach)
    found = expectation(g, law)
    size = max(abs(truth), reach if g == "x" else 0.0)
    assert abs(found.value - truth) <= found.error + 1e-12 * size
    if (text, reach, g, truth) in STEPS:
        assert found.error < 1e-11 * size and law.doubt < 1e-12
    draws = law.draw(np.random.default_rng(1), 1000)
    assert np.all(np.abs(draws) <= reach)


def test_g_may_jump_wherever_a_law_has_mass():
    law = DISTRIBUTIONS["normal"](0.3, 300.0)
    assert expectation("mod(x, 1)", law).value == pytest.approx(0.5, rel=1e-12)
    assert expectation("floor(x)", law).value == pytest.approx(0.3 - 0.5, rel=1e-10)
    assert expectation("floor(x)**2", law).value == pytest.approx(
        9e4 + 0.09 + 1 / 3 - 0.3, rel=1e-12
    )
    wide = DISTRIBUTIONS["uniform"](-1000.0, 1000.0)
    assert expectation("ceil(x)", wide).value == pytest.approx(0.5, rel=1e-10)


def test_a_quantile_of_a_typed_density_comes_to_rest(monkeypatch: pytest.MonkeyPatch):
    """Newton's steps end where they follow rounding, and the quantile is as sharp as before."""
    law, asked = typed_density("exp(-x**4 + 3*x**2 + x)"), []
    plain = module.tail_of
    monkeypatch.setattr(
        module, "tail_of", lambda table, x, below: (asked.append(x.size), plain(table, x, below))[1]
    )
    p = np.concatenate([np.random.default_rng(0).random(5000), 10.0 ** -np.arange(1, 300)])
    x, far = law.ppf(p), law.isf(p)
    assert sum(asked) < 2 * 6 * p.size
    for log, found in ((law.logcdf, x), (law.logsf, far)):
        np.testing.assert_allclose(log(found), np.log(p), rtol=1e-14, atol=3e-15)


def test_a_formula_of_one_point_has_a_logarithm_where_it_vanishes() -> None:
    sign, log = signed_log(formula("x**2", ("x",)))(0.0)
    assert sign == 0 and log == -np.inf
