"""Random integrands of known integral: a rule that says that it is sure is right."""

from collections import Counter
from collections.abc import Callable

import mpmath as mp
import numpy as np
from cancelling import some_cancelling
from cases import NO_WARNINGS
from gauge import amounts
from integrands import FAMILIES, Case, some_case

from gdviz.expressions import formula
from gdviz.probability import RULES, Estimate, ProbabilityError, integrate
from gdviz.topics.integration.question import Integral, by_panels

pytestmark = NO_WARNINGS

ADAPTIVE = [name for name, rule in RULES.items() if rule.kind == "adaptive"]
OTHERS = ["simpson", "trapezoid", "gauss_legendre", "clenshaw_curtis", "tanh_sinh", "midpoint"]


def is_sure(found: Estimate) -> bool:
    return "within the tolerance" in found.note and "not within" not in found.note


def is_right(found: Estimate, case: Case) -> bool:
    """Tell whether an estimate is right within ten times its error, and what rounding costs."""
    return abs(found.value - case.truth) <= 10 * found.error + 1e-13 * case.size


def is_known(found: Estimate, case: Case) -> bool:
    """Tell whether an estimate is right, or of unknown error where there is no integral."""
    return np.isinf(found.error) if np.isnan(case.truth) else is_right(found, case)


def callable_of(case: Case) -> Callable[[np.ndarray], np.ndarray]:
    """Return the integrand as a function whose formula nobody can read."""
    value = formula(case.text).value
    return lambda x: value(x)


def can_be_found(case: Case) -> bool:
    """Tell whether somebody who may only ask for values can find all of the integral."""
    return not (case.text.startswith("1.0 + ") or "+ exp(-((x" in case.text)


def asked(case: Case, rule: str, hidden: bool, n: int) -> Estimate | None:
    """Return the estimate of a rule; None where it refuses in a sentence."""
    f = callable_of(case) if hidden else case.text
    try:
        return integrate(f, case.a, case.b, rule, n)
    except ProbabilityError as error:
        assert str(error).endswith(".")
        return None


@amounts(some=150, whole=30_000)
def test_an_adaptive_rule_that_is_sure_is_right(amount: int) -> None:
    rng, sure = np.random.default_rng(17), Counter[str]()
    for i in range(amount):
        case = some_case(rng)
        hidden = i % 3 == 0 and can_be_found(case)
        found = asked(case, ADAPTIVE[i % 5 > 0], hidden, 256)
        if found is not None and is_sure(found):
            sure[case.kind] += 1
            assert is_right(found, case), (case, found)
    assert sum(sure.values()) > 0.4 * amount and len(sure) >= 7


@amounts(some=150, whole=10_000)
def test_a_fixed_rule_that_knows_the_formula_is_never_confidently_wrong(amount: int) -> None:
    rng, wrong = np.random.default_rng(18), 0
    for i in range(amount):
        case = some_case(rng)
        found = asked(case, OTHERS[i % len(OTHERS)], False, 64)
        if found is not None and not is_right(found, case):
            wrong += 1
    assert wrong <= 2e-3 * amount


@amounts(some=30, whole=10_000)
def test_what_cancels_or_turns_is_known_or_in_doubt(amount: int) -> None:
    """Every rule, and what the page calls the true value."""
    rng, told = np.random.default_rng(20), 0
    for i in range(amount):
        case, rule = some_cancelling(rng), [*ADAPTIVE, *OTHERS][i % 8]
        found = asked(case, rule, False, 256 if rule in ADAPTIVE else 64)
        assert found is None or is_known(found, case), (case, rule, found)
        try:
            truth = by_panels(Integral("", formula(case.text), case.a, case.b, 1.0, (0, 1), ()))
            told += 1
            assert is_known(truth, case), (case, truth)
        except ProbabilityError:
            assert np.isnan(case.truth), case
    assert told > 0.6 * amount


def test_the_closed_forms_are_right() -> None:
    """Some of every family that mpmath can integrate without help."""
    rng = np.random.default_rng(19)
    names = {"exp": mp.exp, "abs": abs, "pi": mp.pi, "log": mp.log, "cos": mp.cos}
    checked = 0
    for family in FAMILIES:
        case = family(rng)
        if case.kind != "smooth":
            continue
        code = compile(case.text, "case", "eval")
        points = np.linspace(case.a, case.b, 21).tolist()
        with mp.workdps(20):
            truth = mp.quad(lambda x, code=code: eval(code, dict(names), {"x": x}), points)
        assert abs(truth - case.truth) <= 1e-12 * case.size, case
        checked += 1
    assert checked == 2
