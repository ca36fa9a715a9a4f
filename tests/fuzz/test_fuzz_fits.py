"""Fits of random regression problems: what is called converged is, by the word of other solvers."""

import random
from collections import Counter

import numpy as np
from gauge import amounts
from regressions import Case, case, least_loss, loss_at, targets

from gdviz.learn import FitError, closed_form, fit_linear

NEAR = 1e-7  # of the usual loss: what a converged fit may lie above the least
EXACT = 1e-13  # of it: a fit so close is not called unfinished


@amounts(80, 15_000)
def test_what_is_called_converged_is_the_least(amount: int) -> None:
    found: Counter[str] = Counter()
    for k in range(amount):
        made = case(random.Random(f"fits {k}"))
        y = targets(made)
        if np.ptp(y) <= 1e-11 * np.abs(y).max():
            found["constant but for rounding"] += 1
            continue
        try:
            fit = fit_linear(made.X, y, **made.how)
        except FitError as error:
            found[f"refused: {str(error)[:30]}"] += 1
            continue
        found[fit.status] += 1
        least, here = least_loss(made), loss_at(made, fit.weights[-1], float(fit.bias[-1]))
        middle = y.mean() if made.how.get("fit_bias", True) else 0.0
        usual = float(np.mean((y - middle) ** 2)) / 2 or float(np.mean(y**2)) or 1.0
        above = here - least
        where = f"case {k}: {made.how}, {fit.reason} here {here}, least {least}, usual {usual}"
        if fit.status == "converged":
            assert above <= NEAR * usual + 1e-14 * least + _rounding(made, fit.weights[-1]), where
        elif made.how.get("loss", "squared") == "squared" and _may_be_judged(fit.status, y):
            lower = least_loss(made, 1e-15)
            assert here - lower > EXACT * usual or lower < least * (1 - 1e-12), where
        if made.how.get("loss", "squared") == "squared" and made.how.get("fit_bias", True):
            weights, bias = closed_form(made.X, y, made.how.get("l2", 0.0))
            exact = loss_at(made, weights, bias)
            assert exact <= least * (1 + 1e-6) + 1e-9 * usual + _rounding(made, weights), where
    print(f"\n{amount:,} fits: {dict(found)}")


def _may_be_judged(status: str, y: np.ndarray) -> bool:
    return status != "diverged" and float(np.ptp(y)) > 1e-9 * float(np.abs(y).max())


def _rounding(made: Case, weights: np.ndarray) -> float:
    """Return the loss that rounding of the predictions may add."""
    reach = np.max(np.abs(made.X) @ np.abs(weights)) + np.abs(targets(made)).max()
    return float(100 * (2.3e-16 * reach) ** 2)
