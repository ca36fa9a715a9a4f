"""The formulas of many features and of house prices have the numbers that the model uses."""

import re

import numpy as np
import pytest

from gdviz.topics.regression.formulas import prediction_latex, update_latex
from gdviz.topics.regression.houses.settings import Houses
from gdviz.topics.regression.houses.settings import run as price
from gdviz.topics.regression.many.settings import Many, run


def value_of(latex: str) -> tuple[float, float]:
    """Return what the sum in a formula comes to, and what is written at its end."""
    text = re.sub(r"_\{\\text\{[^}]*\}\}", "", latex.split("z_j = ", 1)[1])
    text = re.sub(r"\\cdot 10\^\{(-?\d+)\}", r"e\1", text).replace("\\underbrace", "")
    body, end = text.replace("{", "(").replace("}", ")").replace(r"\cdot", "*").rsplit("=", 1)
    body = re.sub(r"\(([+-]) ([^()]*(?:\([^()]*\))?)\)", r"\1 (\2)", body)
    return eval(body), float(end)  # noqa: S307 - numbers and signs alone


def test_the_sum_in_the_formula_is_the_prediction() -> None:
    sold = price(Houses(homes="baltimore")).shown
    for row in range(5):
        latex = prediction_latex(sold.names, sold.X_test[row], sold.weights, sold.bias)
        total, end = value_of(latex)
        assert end == pytest.approx(sold.prediction_test[row], rel=1e-3)
        assert total == pytest.approx(sold.prediction_test[row], rel=5e-3)


def test_the_update_in_the_formula_is_that_of_the_training() -> None:
    done = run(Many(updates=20))
    slope = done.goal.grad(done.fit.theta[7])
    after = done.fit.theta[7] - done.fit.rate * slope
    np.testing.assert_allclose(done.fit.theta[8], after, rtol=1e-9)
    told = update_latex("bmi", 1.5, -0.25, 3e-7)
    assert r"3\cdot 10^{-7}" in told and r"1.5 \to -0.25" in told and r"\text{bmi}" in told
    assert "\\text{a b}" in update_latex("a_b", 0, 0, 0)
    assert "$" not in update_latex("$x}{\\evil", 0, 0, 0)
