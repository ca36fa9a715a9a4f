"""Formulas as people type and paste them: understood, or told what to write instead."""

import math

import numpy as np
import pytest
from cases import each

from gdviz.expressions import FormulaError, formula

XY = ("x", "y")
X, Y = 1.3, 0.7

UNDERSTOOD = [
    ("x²", X**2),
    ("x⁴ − 3x²".replace("3x", "3*x"), X**4 - 3 * X**2),
    ("x¹²", X**12),
    ("x⁻²", X**-2),
    ("(x + y)³", (X + Y) ** 3),
    ("2⁻¹*x", X / 2),
    ("-x²", -(X**2)),
    ("½*x", X / 2),
    ("x + ¾", X + 0.75),
    ("⅓*x^2", X**2 / 3),
    ("x^½", X**0.5),
    ("(x)⁰", 1.0),
    ("x\u00a0+\u00a0y", X + Y),
    ("x\u202f*\u2009y", X * Y),
    ("\ufeffx + 1\u200b", X + 1),
    ("x\t+\ty", X + Y),
    ("x·y", X * Y),
    ("x × y", X * Y),
    ("x ⋅ y ÷ 2", X * Y / 2),
    ("x – y", X - Y),
    ("−x", -X),
    ("π*x", math.pi * X),
    ("cbrt(x)", X ** (1 / 3)),
    ("cbrt(-x)", -(X ** (1 / 3))),
    ("cot(x)", 1 / math.tan(X)),
    ("sec(x) + csc(y)", 1 / math.cos(X) + 1 / math.sin(Y)),
    ("mod(x, 0.4)", X % 0.4),
    ("mod(-x, 0.4)", -X % 0.4),
    ("mod(x, -0.4)", X % -0.4),
    ("pow(x, 3)", X**3),
    ("pow(x, y)", X**Y),
    ("cot(cot(x))", 1 / math.tan(1 / math.tan(X))),
    ("pow(pow(x, 2), sec(y))", (X**2) ** (1 / math.cos(Y))),
    ("SIN(x)", math.sin(X)),
    ("Exp(X)", math.exp(X)),
    ("X*Y + PI", X * Y + math.pi),
    ("arctan(x) + Arcsin(y)", math.atan(X) + math.asin(Y)),
    ("lg(x) + sgn(y) + tg(x)", math.log10(X) + 1 + math.tan(X)),
    ("max(0, 1, x)", X),
    ("min(1, 2, x)", 1.0),
    ("max(0, 1, 2)*x", 2 * X),
    ("max(x, x)", X),
    ("max(x, x + 1)", X + 1),
    ("min(x, y, x*y)", min(X, Y, X * Y)),
    ("max(y, 1, x, 0)", X),
    ("min(3, max(0, 1, x), 4)", X),
]


@each("text, value", UNDERSTOOD)
def test_it_is_understood(text: str, value: float) -> None:
    found = formula(text, XY)
    assert found.value(X, Y) == pytest.approx(value, rel=1e-14)
    numbers = [*found.gradient(X, Y), *np.ravel(found.hessian(X, Y))]
    assert np.isfinite(numbers).all(), "derivatives are numbers too"
    step = 1e-5
    for i, (a, b) in enumerate(((step, 0), (0, step))):
        slope = (found.value(X + a, Y + b) - found.value(X - a, Y - b)) / (2 * step)
        assert found.gradient(X, Y)[i] == pytest.approx(slope, rel=1e-6, abs=1e-8)


@each(
    "text, hint",
    [
        ("1,5*x", "written with a point, 1.5"),
        ("2,5", "written with a point, 1.5"),
        ("(0,5)*x", "written with a point, 1.5"),
        ("sin(1,5*x)", "written with a point, 1.5"),
        ("x^2; y", "written with a point, 1.5"),
        ("2½", "write 2.5"),
        ("3¼*x", "write 3.25"),
        ("√x", "sqrt(x)"),
        ("∛x", "cbrt(x)"),
        ("x!", "gamma(n + 1)"),
        ("x % 2", "mod(x, y)"),
        ("|x|", "abs(x)"),
        ("x > 1", "heaviside(x)"),
        ("sqr(x)", "x**2"),
        ("hypot(x, y)", "sqrt(x**2 + y**2)"),
        ("round(x)", "floor(x + 0.5)"),
        ("log1p(x)", "log(1 + x)"),
        ("x mod 2", "`mod` at column 3 is a function: write mod(x, y)"),
        ("x max y", "write max(x, y)"),
        ("sin²(x)", "write sin(x)**2 for its square"),
        ("2*cos^2(x)", "write cos(x)**2 for its square"),
        ("fmod(x, 1)", "has the sign of y"),
        ("trunc(x)", "write sign(x)*floor(abs(x))"),
        ("coth(x)", "write 1/tanh(x)"),
        ("root(x, 3)", "write x**(1/n)"),
        ("x²y", "missing operator"),
        ("²", "something is missing"),
        ("cot", "write cot(x)"),
        ("pow(x)", "takes 2 arguments"),
        ("cot(x, y)", "takes 1 argument"),
        ("sinn(x)", "did you mean `sin`"),
        ("x..y", "digits beside its point"),
        ("f(x) = x", "right-hand side"),
    ],
)
def test_or_a_hint_names_the_right_way(text: str, hint: str) -> None:
    with pytest.raises(FormulaError) as error:
        formula(text, XY)
    assert hint in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(x)**2",
        "sqrt(x)*sqrt(x)",
        "(x**0.5)**2",
        "x**0.5*x**0.5",
        "(x**(1/4))**4",
        "(x**0.3)**10",
        "sqrt(x)**4/x",
        "1/sqrt(x)**2",
        "(x**y)**2",
        "log(x) - log(x) + sqrt(x)**2",
        "exp(log(x))",
        "pow(sqrt(x), 2)",
        "x**1.5/x**0.5",
        "log(x) - ln(x) + x",
        "0*log(x) + x",
        "sqrt(x)/sqrt(x)*x",
        "acosh(x)**0*x",
        "exp(x) + log10(2*x) - log10(x*2)",
    ],
)
def test_a_root_of_a_negative_number_has_no_value(text: str) -> None:
    found = formula(text, XY)
    with np.errstate(all="ignore"):
        assert math.isnan(found.value(-4.0, 0.5)), found.source
        assert found.value(4.0, 0.5) == pytest.approx(eval_plain(text, 4.0, 0.5), rel=1e-13)


@each("x", [11.7, -0.3, 3e8, 0.07, -11.7, 1e-20, 5.5])
@each("y", [0.01, 0.1, 1e-3, 0.7, -0.01, 1 / 3])
def test_a_remainder_lies_between_zero_and_its_divisor(x: float, y: float) -> None:
    """x − y⌊x/y⌋ does not: at 11.7 and 0.01 it is −2e-15."""
    found = formula("mod(x, y)", XY)
    assert found.value(x, y) == x % y == float(found.value(np.array([x]), np.array([y]))[0])
    assert formula(f"mod({x!r}, {y!r})*x", XY).value(1.0, 1.0) == pytest.approx(x % y, rel=1e-15)


def eval_plain(text: str, x: float, y: float) -> float:
    names = {name: getattr(math, name) for name in "sqrt log exp pow acosh log10".split()}
    names["ln"] = math.log
    return eval(text, names, {"x": x, "y": y})


TIES = [
    ("max(x, 2*x)", 0.0, (1, 2)),
    ("min(x, x**2)", 0.0, (0, 1)),
    ("max(x, -x)", 0.0, (-1, 1)),
    ("max(0, x)", 0.0, (0, 1)),
    ("max(0, x, -x)", 0.0, (-1, 1)),
    ("min(x, 1)", 1.0, (0, 1)),
    ("max(x, x, x)", 1.0, (1, 1)),
    ("max(x, x + 1)", 1.0, (1, 1)),
    ("max(x - 1, x)", 1.0, (1, 1)),
    ("min(x + 1, x)", 1.0, (1, 1)),
    ("max(3, 3*x, x + 2)", 1.0, (0, 3)),
    ("max(abs(x), 1)", 1.0, (0, 1)),
    ("relu(x) + max(x, 0)", 0.0, (0, 2)),
]


@pytest.mark.parametrize(("text", "x", "between"), TIES)
def test_at_a_tie_the_gradient_is_a_subgradient(
    text: str, x: float, between: tuple[float, float]
) -> None:
    (slope,) = formula(text).gradient(x)
    assert between[0] <= slope <= between[1]
    ((bend,),) = formula(text).hessian(x)
    assert math.isfinite(bend)


def test_random_largest_and_smallest_of_many() -> None:
    """Any mixture of numbers, variables and repeats, against Python's own max and min."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        names = rng.choice(["x", "y", "x", "1", "0.5", "-2", "x*y", "x + 1"], rng.integers(2, 9))
        word = rng.choice(["max", "min"])
        found = formula(f"{word}({', '.join(names)})", XY)
        x, y = rng.normal(size=2)
        expected = {"max": max, "min": min}[word](eval(n, {"x": x, "y": y}) for n in names)
        assert found.value(x, y) == expected
        assert np.isfinite(found.gradient(x, y)).all()


def test_upper_case_does_not_hide_a_variable_of_that_name() -> None:
    found = formula("X - x", ("x", "X"))
    assert found.value(1.0, 5.0) == 4.0


def test_latex_of_what_was_pasted() -> None:
    assert formula("x² + ½").latex == r"x^{2} + \frac{1}{2}"
    assert formula("cbrt(x)").latex == r"\sqrt[3]{x}"
    assert formula("x**0.3").gradient_latex == (r"0.3 \left(x\right)^{-0.7}",)


def test_a_missing_sign_behind_a_bracket_is_named_by_what_one_types() -> None:
    for text in ("(x + 1)y", "sin(x)y"):
        with pytest.raises(FormulaError, match=r"write \(…\)\*y"):
            formula(text, ("x", "y"))
    for text in ("½x", "¾(x)"):
        with pytest.raises(FormulaError, match=rf"write {text[0]}\*"):
            formula(text, ("x", "y"))
