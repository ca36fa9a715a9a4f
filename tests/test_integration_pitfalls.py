"""The mistakes of the tutorial's integration give the figures that its own code gave."""

import numpy as np
import pytest

from gdviz.topics.importance import pitfalls as importance_pitfalls
from gdviz.topics.importance.pitfalls import ROWS as WEIGHED
from gdviz.topics.integration import pitfalls as integration_pitfalls
from gdviz.topics.integration.pitfalls import ROWS

SAID = {row.row: row.compare() for row in (*ROWS, *WEIGHED)}


def test_7a_limits_of_ones_own_cut_the_expectation_short():
    rows = integration_pitfalls.cut_short()
    wrong = [0.99998456, 3.600, 5.155, 1.7724, 6.7e-6]
    for (_, tutorial, ours), expected, truth in zip(rows, wrong, (1, 4, 9, 3, 101), strict=True):
        assert tutorial == pytest.approx(expected, rel=1e-2 if expected < 1e-3 else 2e-4)
        assert ours == pytest.approx(truth, rel=1e-12)


def test_7b_quad_steps_over_narrow_peaks():
    for _, tutorial, ours in integration_pitfalls.missed_peaks():
        assert tutorial == pytest.approx(0.0, abs=1e-12)
        assert ours == pytest.approx(1.0, rel=1e-12)


def test_7c_infinity_times_zero():
    wrong, right = integration_pitfalls.growing_estimates()
    assert np.isnan(wrong) and right == pytest.approx(1.6487212707, rel=1e-10)


def test_7d_a_number_for_what_does_not_exist():
    wrong, right = integration_pitfalls.no_mean()
    assert wrong == pytest.approx(26.1, abs=0.05) and right == "does not exist"


def test_7e_nonsense_is_refused():
    rows = integration_pitfalls.nonsense()
    assert [wrong for _, wrong, _ in rows] == ["-0.6827", "-0.6827", "ZeroDivisionError"]
    assert all(right.endswith(".") and not right.startswith("0.") for _, _, right in rows)


def test_7f_the_far_tail():
    wrong, right = integration_pitfalls.far_tail()
    assert wrong == 0.0 and right == pytest.approx(-804.608442013754, rel=1e-15)


def test_11a_there_is_no_integrand():
    wrong, right = importance_pitfalls.no_integrand()
    assert wrong["expectation"] == pytest.approx(1, abs=0.04)
    assert wrong["std_error"] == pytest.approx(0.011, abs=0.001)
    assert right.self_normalised == pytest.approx(2, abs=0.1)
    assert right.ess == pytest.approx(4422, rel=0.05)


def test_11b_the_reported_error_is_a_fiction():
    error, spread, inside = importance_pitfalls.light_tails()
    assert error == pytest.approx(0.051, abs=0.003) and spread > 5 * error
    assert inside == pytest.approx(0.38, abs=0.06)
    assert "variance is infinite" in SAID["11b"][1]


def test_every_row_says_both_sides():
    assert list(SAID) == ["7a", "7b", "7c", "7d", "7e", "7f", "11a", "11b"]
    assert all(wrong and right and wrong != right for wrong, right in SAID.values())
