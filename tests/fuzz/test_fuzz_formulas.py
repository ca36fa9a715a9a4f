"""A hundred thousand formulas: each read or refused in a sentence, none run, none long."""

import numpy as np
from gauge import Gauge, amounts
from inputs import KINDS, formulas
from test_expressions import check

from gdviz.expressions import formula


@amounts(some=1000, whole=100_000)
def test_a_formula_is_read_or_refused(amount: int) -> None:
    """`check` fails on any error but a sentence, and on any code but arithmetic."""
    gauge = Gauge(amount > 10_000, megabytes=1024)
    read = 0
    for text in formulas(5, amount):
        with gauge.one(text):
            found = check(text)
            if found is not None and (read := read + 1) % 10 == 0:
                with np.errstate(all="ignore"):
                    assert np.shape(found.hessian(1.1, 0.9)) == (2, 2)
    assert amount * 0.05 < read < amount * 0.6, "both ways are walked"
    gauge.report("formulas")
    assert formula("x**2 + y", ("x", "y")).value(3.0, 1.0) == 10.0


def test_every_kind_of_formula_is_made() -> None:
    made = list(formulas(5, 200))
    assert len(set(made)) > 150 and sum(weight for weight, _ in KINDS) == 110
