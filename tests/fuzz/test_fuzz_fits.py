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
        stands = len(fit.loss) > 1 and (fit.theta[-1] == fit.theta[-2]).all()
        assert not (stands and "jumps" in fit.reason), f"case {k}: {fit.reason}"
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
            unsure = 1e-9 * usual + _rounding(made, weights) + _blurred(made) * usual
            assert exact <= least * (1 + 1e-6) + unsure, where
    print(f"\n{amount:,} fits: {dict(found)}")


def test_a_fit_that_stands_still_does_not_jump() -> None:
    made = case(random.Random("fits 3202"))
    fit = fit_linear(made.X, targets(made), **made.how)
    assert fit.status == "stationary" and "has stood still since step " in fit.reason
    assert "jumps" not in fit.reason and "the least squares have" in fit.reason


def _may_be_judged(status: str, y: np.ndarray) -> bool:
    return status != "diverged" and float(np.ptp(y)) > 1e-9 * float(np.abs(y).max())


def _blurred(made: Case) -> float:
    """Return the share of the loss that rounding moves between directions kept and left out.

    Where rounding alone makes the smallest singular value, it turns the next ones by ε/σ, too: no
    solver knows the least loss better than that.
    """
    C = made.X - made.X.mean(axis=0)
    size = np.sqrt((C**2).sum(axis=0))
    s = np.linalg.svd(C / np.where(size > 0, size, 1.0), compute_uv=False)
    kept = s[s > 1e-14 * s[0]]
    return 2.3e-16 * float(s[0] / kept[-1]) if len(kept) < len(s) and s[0] > 0 else 0.0


def _rounding(made: Case, weights: np.ndarray) -> float:
    """Return the loss that rounding of the predictions may add."""
    reach = np.max(np.abs(made.X) @ np.abs(weights)) + np.abs(targets(made)).max()
    return float(100 * (2.3e-16 * reach) ** 2)
