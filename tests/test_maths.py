"""The arithmetic written out for a step agrees with the run, to the four digits that are shown."""

import math
import re
from typing import Any

import pytest

from gdviz.optimize import FUNCTIONS, LABELS, METHODS, descend
from gdviz.optimize import latex as maths

NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
STARTS = {"double_well": 1.7, "parabola": -2.5, "wavy": 4.2, "shifted": 1234.5}
HYPER = {"lr": 0.013, "momentum": 0.8, "beta1": 0.85, "beta2": 0.97}
LINE_SEARCH = {"newton", "backtracking"}


def hyper_of(method: str) -> dict[str, float]:
    if method in LINE_SEARCH or method == "newton_plain":
        return {}
    return {
        "gd": {"lr": HYPER["lr"]},
        "golden_section": {},
        "adam": {k: HYPER[k] for k in ("lr", "beta1", "beta2")},
    }.get(method, {k: HYPER[k] for k in ("lr", "momentum")})


def plain(latex: str) -> str:
    """LaTeX to arithmetic that Python reads: fractions, roots, products, powers of ten."""
    text = re.sub(r" ?\\cdot 10\^\{(-?\d+)\}", r"e\1", latex)
    text = re.sub(r"\\frac\{(.*?)\}\{(\\sqrt\{.*?\} \+ \\varepsilon|[^{}]*)\}", r"(\1)/(\2)", text)
    text = re.sub(r"\\sqrt\{(.*?)\}", r"(\1)**0.5", text)
    for old, new in {
        r"\varepsilon": "1e-8",
        r"\cdot": "*",
        r"\bigl": "",
        r"\bigr": "",
        "^2": "**2",
    }.items():
        text = text.replace(old, new)
    return text


def equations(latex: str) -> list[tuple[str, list[str]]]:
    """Return (name, sides) of each `name = side = side` in a line of LaTeX."""
    text = latex.replace(r"\begin{aligned}", "").replace(r"\end{aligned}", "").replace("&", "")
    found = []
    for part in re.split(r"\\\\|\\qquad|, (?=\\hat)|,\s*$|,\s+(?=\\hat)", text):
        sides = [s.strip().rstrip(",") for s in part.split(" = ")]
        if len(sides) > 1:
            found.append((sides[0], sides[1:]))
    return found


def value(side: str) -> float:
    """Compute one side; only numbers and + − * / ** ( ) may stand in it."""
    arithmetic = plain(side)
    assert re.fullmatch(r"[-+*/(). \de]+", arithmetic), arithmetic
    return float(eval(arithmetic))  # noqa: S307 - checked in the line above


def size(side: str) -> float:
    """The largest number in a side: what its rounding to four digits is measured by."""
    return max(abs(float(n)) for n in re.findall(NUMBER, plain(side)))


def assert_arithmetic(latex: str, truth: dict[str, float]) -> None:
    """Each equation holds to the digits shown, and ends in the run's own number."""
    seen = set()
    for name, sides in equations(latex):
        if re.match(r"\(\\text", sides[-1]):
            continue
        right = value(sides[-1])
        for side in sides[:-1]:
            room = 2e-3 * max(size(side), abs(right))
            assert value(side) == pytest.approx(right, abs=room), (latex, side)
        if name in truth:
            assert right == pytest.approx(truth[name], rel=6e-4, abs=1e-300), (latex, name)
            seen.add(name)
    assert seen == set(truth), latex


def truth_of(method: str, run: Any, k: int) -> dict[str, float]:
    """Every number that the line of a method must end in."""
    j = k + 1
    truth = {f"x_{{{j}}}": run.x[j, 0]}
    if method in ("heavy_ball", "nesterov"):
        truth[f"v_{{{j}}}"] = run.v[j, 0]
    if method == "adam":
        m, v = run.m[j, 0], run.v[j, 0]
        truth |= {f"m_{{{j}}}": m, f"v_{{{j}}}": v}
        truth[r"\hat m"] = m / (1 - HYPER["beta1"] ** j)
        truth[r"\hat v"] = v / (1 - HYPER["beta2"] ** j)
    return truth


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("method", [m for m in maths.RULES if m != "golden_section"])
def test_the_numbers_of_a_step_agree_with_the_run(method: str, name: str):
    hyper = hyper_of(method)
    run = descend(FUNCTIONS[name], [STARTS[name]], method, steps=20, stop=None, **hyper)
    steps = [k for k in (0, 1, 2, 5, 12, 19) if k < len(run.f) - 1]
    assert steps
    for k in steps:
        latex = maths.substitute_numbers(method, run, k, hyper)
        if run.x[k + 1, 0] == run.x[k, 0] and method in LINE_SEARCH:
            assert "no trial was low enough" in latex or "trial" in latex
            continue
        assert_arithmetic(latex.split(r" \qquad (\text")[0], truth_of(method, run, k))


@pytest.mark.parametrize("method", sorted(LINE_SEARCH))
def test_the_trials_of_a_line_search_are_counted(method: str):
    run = descend(FUNCTIONS["double_well"], [1.7], method, steps=8)
    for k in range(len(run.f) - 1):
        latex = maths.substitute_numbers(method, run, k, {})
        told = re.search(r"text\{(\d+) trials?\}", latex)
        if told:
            assert int(told[1]) == run.tried[k + 1]
            assert ("1 trial}" in latex) == (run.tried[k + 1] == 1)


@pytest.mark.parametrize("name", STARTS)
def test_golden_section_says_which_third_it_drops(name: str):
    run = descend(FUNCTIONS[name], [STARTS[name]], "golden_section", steps=15, stop=None)
    for k in range(len(run.f) - 1):
        latex = maths.substitute_numbers("golden_section", run, k, {})
        pattern = r"f\(c\) = (.*?) (\\le|>) f\(d\) = (.*?) \\;.*= \[(.*),\\, (.*)\]"
        left, sign, right, lo, hi = re.fullmatch(pattern, latex).groups()
        assert (sign == r"\le") == (run.f_left[k] <= run.f_right[k])
        for text, number in [
            (left, run.f_left[k]),
            (right, run.f_right[k]),
            (lo, run.lo[k + 1, 0]),
            (hi, run.hi[k + 1, 0]),
        ]:
            assert value(text) == pytest.approx(number, rel=6e-4, abs=1e-300)
        dropped = run.right[k, 0] if sign == r"\le" else run.left[k, 0]
        assert dropped in (run.lo[k + 1, 0], run.hi[k + 1, 0])


@pytest.mark.parametrize(
    ("given", "latex"),
    [
        (0.0, "0"),
        (2.0, "2"),
        (-2.5, "(-2.5)"),
        (1234.5678, "1235"),
        (1.23456e-7, r"1.235 \cdot 10^{-7}"),
        (-3e12, r"(-3 \cdot 10^{12})"),
        (math.pi, "3.142"),
    ],
)
def test_a_number_has_four_digits(given: float, latex: str):
    assert maths.number(given) == latex


def test_every_method_has_its_rule_and_its_arithmetic():
    assert set(maths.RULES) == set(maths._SUBSTITUTED) <= set(METHODS) == set(LABELS)
    for latex in maths.RULES.values():
        assert latex.count("{") == latex.count("}")
