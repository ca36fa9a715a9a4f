"""The true value that the page *integration* shows: true within its error, or said to be open."""

import numpy as np
import pytest

from gdviz.topics.integration.figure import integration_scene
from gdviz.topics.integration.question import answer
from gdviz.topics.integration.questions import questions
from gdviz.topics.integration.settings import TYPED, Integration
from gdviz.topics.integration.tabs_numbers import rule_table

WHOLE = [  # a formula, whether the range is (a, ∞), its ends, the true value
    ("sin(1170.515*(x - 0.423))/(x - 0.423)", False, 0.0, 1.0, 3.142426033613027),
    ("x/(exp(x/29.8525) - 1)", True, 0.0, 1.0, 29.8525**2 * np.pi**2 / 6),
    ("x/(1 - exp(-x))", False, -1.0, 2.0, 3.991399203331869),
    ("log(1 - x)/x", False, 0.0, 1.0, -(np.pi**2) / 6),
    ("log(1 + 9/x**2)", True, 0.0, 1.0, 3 * np.pi),
    ("1/(x*log(x)**1.5)", True, 2.0, 1.0, 2 / np.log(2) ** 0.5),
    ("1/(x*log(x)**2)", False, 0.0, 0.5, 1 / np.log(2)),
    ("1/(x*log(x)*log(log(x))**2)", True, 20.0, 1.0, 1 / np.log(np.log(20))),
]


@pytest.mark.parametrize(("formula", "infinite", "a", "b", "truth"), WHOLE)
def test_a_true_value_is_true_within_its_error(formula, infinite, a, b, truth):
    reach = "right" if infinite else "ab"
    found = answer(Integration(function=TYPED, formula=formula, reach=reach, a=a, b=b)).truth
    assert abs(found.value - truth) <= 5 * found.error + 1e-11 * abs(truth)
    assert found.error < 0.1 * abs(truth)


@pytest.mark.parametrize(
    ("formula", "why"),
    [("sin(x)/x", "waves may cancel"), ("1/((x + 2)*log(x + 2))", "floats end before")],
)
def test_whether_an_integral_exists_may_be_open(formula: str, why: str):
    spec = Integration(function=TYPED, formula=formula, reach="right", a=0.0, rule="midpoint")
    found = answer(spec)
    assert found.is_open and found.in_words == "cannot be told" and why in found.reason
    assert not any(q.id == "exists" for q in questions(spec))
    assert "cannot be told" in [chip.verdict for chip in integration_scene(spec).chips]


def test_nothing_is_measured_against_a_true_value_that_is_not_known():
    vague = Integration(function=TYPED, formula="cos(x)*exp(-x/1000)", reach="right", a=0.0)
    rows = [row for row in rule_table(vague) if "true error" in row]
    assert rows and {row["true error"] for row in rows} == {"not known"}
    assert np.isfinite(float(rule_table(Integration())[0]["true error"].replace("−", "-")))
