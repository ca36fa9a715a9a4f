"""The tutorial's mistakes of slides 2, 5 and 9 happen, with the figures that show them."""

import numpy as np
import pytest

from gdviz.learn import closed_form, fit_linear
from gdviz.topics.regression import pitfalls
from gdviz.topics.regression.houses.pitfalls import glued_targets, tutorial_data
from gdviz.topics.regression.tutorial import TutorialRegression


def test_a_column_y_stops_it_or_is_broadcast():
    """2a-2c; truth: w = 2.0055, b = 0.9945, MSE 0.00911 by least squares."""
    X, y = tutorial_data()
    with pytest.raises(ValueError, match="broadcast"):
        TutorialRegression().fit(X, y)
    truth = np.linalg.lstsq(np.column_stack([X, np.ones(100)]), y[:, 0], rcond=None)[0]
    assert truth == pytest.approx([2.0055, 0.9945], abs=5e-5)
    slow, fast = pitfalls.silent_fit(0.01), pitfalls.silent_fit(0.03)
    assert slow.weights.shape == (1, 100) and slow.predict(X).shape == (100, 100)
    assert slow.bias == pytest.approx(0.99451, abs=1e-4)
    assert fast.bias == pytest.approx(-1.4e301, rel=0.05)
    fit = fit_linear(X, y, lr=0.03)
    assert [fit.weights[-1, 0], fit.bias[-1]] == pytest.approx(truth, abs=1e-6)
    assert pitfalls.broadcast_error() == pytest.approx((7.455, 0.00911), rel=1e-3)


def test_batches_lose_rows_and_mix_targets():
    assert pitfalls.rows_used(100) == (96, 100) and pitfalls.rows_used(63) == (32, 63)
    assert glued_targets() == ((32, 2), (32, 1))
    assert pitfalls.global_state() == pytest.approx((0.5488, 0.0961), abs=5e-5)


def test_the_running_loss_is_not_the_loss():
    running, after = pitfalls.running_loss()
    assert running > 1.2 * after


def test_a_constant_rate_has_a_floor_that_sinks_with_it():
    floors = list(pitfalls.noise_floor().values())
    X, y = tutorial_data()
    weights, bias = closed_form(X, y)
    least = np.mean((X @ weights + bias - y[:, 0]) ** 2)
    assert floors == sorted(floors, reverse=True) and floors[-1] > least
    assert floors[0] > 1.02 * least


def test_a_thousand_epochs_are_not_enough_on_diabetes():
    """9a: s1 −7.12 against −37.68, the worst weight off by 30.6."""
    assert pitfalls.badly_conditioned() == pytest.approx((-7.12, -37.68, 30.6), abs=0.06)


@pytest.mark.parametrize("row", pitfalls.ROWS, ids=lambda row: row.row)
def test_every_row_runs_and_says_two_different_things(row):
    wrong, right = row.compare()
    assert wrong and right and wrong != right


def test_the_rows_are_those_of_the_slides():
    names = [row.row for row in pitfalls.ROWS]
    assert names == [
        *(f"2{c}" for c in "abcd"),
        *(f"5{c}" for c in "abcdefg"),
        *(f"9{c}" for c in "abcde"),
    ]
