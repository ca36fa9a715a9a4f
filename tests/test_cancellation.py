"""Formulas whose terms cancel: how much rounding may change, and what is left by high precision."""

import math
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import mpmath as mp
import numpy as np
import pytest
from cases import NO_WARNINGS, each
from scipy import stats

from gdviz.expressions import formula
from gdviz.expressions.cancellation import can_cancel, careful_value, lost_digits
from gdviz.expressions.high_precision import FUNCTIONS, precise_value
from gdviz.expressions.parse import ARITY
from gdviz.expressions.rounding import rounding_of
from gdviz.probability import expectation, integrate
from gdviz.topics.integration import Integration
from gdviz.topics.integration.question import answer

pytestmark = NO_WARNINGS
INF = math.inf
TEXTS = (
    "atan(x) - pi/2", "1 - cos(x)", "erf(x) - 1", "sqrt(x**2 + 1) - x", "(1 - tanh(x))**2",
    "log(1 + x/3) - x/3", "x**7 - 7*x**6 + 21*x**5 - 1", "gamma(x + 1) - gamma(x)",
    "log2(x + 2) - log2(x + 1)", "cbrt(x + 1) - cbrt(x)", "x**pi - x**3", "sinh(x) - cosh(x)",
    "max(x, 1) - min(x, 2)", "mod(x, 0.3)", "abs(x - 0.3)**0.5", "softplus(x) - x",
)  # fmt: skip


@each("text", TEXTS)
def test_rounding_stays_within_its_bound(text: str) -> None:
    f, x = formula(text), 10 ** np.linspace(-5, 1.5, 40)
    value, bound = rounding_of(f)(x)
    sign, log = precise_value(f)(x, bound * 2.0**53)
    digits = 4e-16 * (1 + np.abs(np.nan_to_num(log, neginf=0.0))) * np.abs(value)
    assert np.all(np.abs(value - sign * np.exp(log)) <= 1.2 * bound + digits)


def test_values_stay_right_while_other_threads_compute_with_other_precision() -> None:
    """Visitors are threads, and the precision of `mpmath.mp`, which SymPy sets too, is of all."""
    x = np.linspace(4, 26, 150)
    asked = [precise_value(formula(text)) for text in ("erf(x) - 1", "atan(x) - pi/2")]
    alone = [ask(x, np.ones_like(x)) for ask in asked]
    done = threading.Event()

    def disturb() -> None:
        while not done.is_set():
            mp.mp.dps = 15

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(3) as threads:
            threads.submit(disturb)
            turns = [(k, threads.submit(asked[k], x, np.ones_like(x))) for k in (0, 1) * 4]
            found = [(k, turn.result()) for k, turn in turns]
            done.set()
    finally:
        done.set()
        sys.setswitchinterval(before)
    for k, pair in found:
        np.testing.assert_array_equal(pair, alone[k])


def test_every_function_has_a_value_of_high_precision() -> None:
    assert {*ARITY} <= {*FUNCTIONS}


@each("text, x, truth", [
    ("1 - cos(x)", 1e-9, "2*sin(x/2)**2"),
    ("atan(x) - pi/2", 1e30, "-atan(1/x)"),
    ("erf(x) - 1", 9.0, "-erfc(x)"),
    ("(sqrt((x/0.3)**2 + 1) - x/0.3)**4", 1e20, "(sqrt((x/t)**2 + 1) + x/t)**-4"),
    ("1 - tanh(x)", 150.0, "2/(1 + exp(2*x))"),
])  # fmt: skip
def test_digits_that_are_lost_are_found(text: str, x: float, truth: str) -> None:
    f, at = formula(text), np.array([x])
    names = {name: getattr(mp, name) for name in "sin atan erfc sqrt exp".split()}
    with mp.workdps(40):
        right = float(eval(truth, names, {"x": mp.mpf(x), "t": mp.mpf(0.3)}))
    assert lost_digits(f, at).at.all()
    assert careful_value(f, 10)(at)[0] == pytest.approx(right, rel=1e-14)


def test_sums_of_one_sign_and_rounded_points_lose_nothing() -> None:
    assert not any(map(can_cancel, map(formula, ("exp(x) + x**2", "x - 3", "cos(x)*exp(-x)"))))
    x = np.linspace(0.1, 9, 200)
    assert not lost_digits(formula("cos(1e7*x) + 0.1"), x).at.any()


@each("change", ["rational", "tangent", "logit", "double_exponential"])
def test_a_tail_that_rounding_hides_is_not_counted_as_seen(change: str) -> None:
    for rule in ("adaptive_gauss_kronrod", "adaptive_simpson", "tanh_sinh", "simpson"):
        for scale in (3e-7, 0.04):
            found = integrate(f"atan(x/{scale}) - pi/2", 0, INF, rule, 128, change=change)
            assert np.isinf(found.error), (rule, scale, found)


@each("text, truth", [
    ("1/(x*log(x))", INF), ("1/(x*log(x)**1.1)", 10 * math.log(2) ** -0.1),
    ("1/(x*log(x)**2)", 1 / math.log(2)), ("exp(-1e-20*x)", INF),
])  # fmt: skip
def test_a_tail_that_hardly_falls_is_in_the_error(text: str, truth: float) -> None:
    for rule in ("adaptive_gauss_kronrod", "tanh_sinh"):
        found = integrate(text, 2, INF, rule, 256)
        assert abs(found.value - truth) <= 2 * found.error


@each("text, truth", [
    ("1 - tanh(x)", math.log(2)), ("(sqrt(x**2 + 1) - x)**2", 2 / 3),
    ("log(1 + 1/x) - 1/(x + 1)", 1.0), ("1 - tanh((x - 951.953)/0.00266)**2", 0.00532),
    ("atan(x/1e-6) - pi/2", -INF),
])  # fmt: skip
def test_the_true_value_sees_through_rounding(text: str, truth: float) -> None:
    spec = Integration(quantity="integral", function="typed", formula=text, reach="right", a=0.0)
    found = answer(spec)
    if np.isinf(truth):
        assert found.infinite == truth
    else:
        assert abs(found.truth.value - truth) <= 10 * found.truth.error + 1e-13 * truth


@each("law, text, truth", [
    (stats.arcsine(0.12, 4e-8), "heaviside(x - 0.12000002)", 0.5),
    (stats.beta(0.1, 3.0, 60616266.4, 0.0019755621), "heaviside(x - 60616266.4)", 1.0),
    (stats.gamma(0.3, -108.752792, 2.6e-10), "heaviside(x + 108.752792)", 1.0),
    (stats.beta(0.1, 3.0, -211001.852, 192140.353), "2*heaviside(-211001.852 - x)", 0.0),
])  # fmt: skip
def test_a_jump_among_few_floats_is_in_the_error(law, text: str, truth: float) -> None:
    found = expectation(text, law)
    assert abs(found.value - truth) <= 10 * found.error < np.inf
