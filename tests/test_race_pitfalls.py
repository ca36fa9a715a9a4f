"""The mistakes of the tutorial's optimizers give the figures that its own code gave."""

import numpy as np
import pytest

from gdviz.topics.race import pitfalls
from gdviz.topics.race.pitfalls import ROWS, TutorialAdam

SAID = {row.row: row.compare() for row in ROWS}


def test_6b_moments_leak_into_the_next_parameter():
    shared, own = pitfalls.shared_state()
    assert f"{shared:.3f} {own:.3f}" == "-0.677 -1.000"
    assert "-0.677 η" in SAID["6b"][0] and "-1.000 η" in SAID["6b"][1]
    adam = TutorialAdam(lr=1.0)
    adam.update(np.zeros((4, 2)), np.ones((4, 2)))
    with pytest.raises(ValueError):  # the other way round the shapes do not even fit
        adam.update(np.zeros((1, 2)), np.full((1, 2), 100.0))


def test_6c_it_writes_into_its_callers_array():
    assert pitfalls.changes_its_caller()
    assert "changes the caller" in SAID["6c"][0]
    with pytest.raises(TypeError):  # integers cannot take the step
        TutorialAdam().update(np.array([1, 2]), np.ones(2))


def test_6d_one_nan_poisons_it_for_ever():
    assert np.isnan(pitfalls.after_a_nan())
    assert "nan" in SAID["6d"][0]


def test_14a_adamw_that_is_adam_with_l2():
    assert pitfalls.decay_twice("adam").round(5).tolist() == [-1.26499, 1.60667]
    assert pitfalls.decay_twice("adamw").round(5).tolist() == [-1.22127, 1.49874]
    assert "(-1.26499, 1.60667)" in SAID["14a"][0]
    assert "(-1.22127, 1.49874)" in SAID["14a"][1]


def test_14b_large_gradients_divide_the_decay_away():
    """Under L2 it is the noise that decides how much a weight decays; decoupled, it is λ."""
    assert f"{pitfalls.noisy_weight(False):.3f}" == "9.988"
    assert f"{pitfalls.noisy_weight(False, 0.0):.3f}" == "9.022"
    alone = 10 * (1 - 1e-4) ** 1000
    assert pitfalls.noisy_weight(True, 0.0) == pytest.approx(alone, rel=1e-12)
    # Noise moves both alike, so what decay did is what they differ by.
    free = pitfalls.noisy_weight(True, weight_decay=0.0)
    assert free == pytest.approx(pitfalls.noisy_weight(False, weight_decay=0.0))
    assert pitfalls.noisy_weight(True) - free == pytest.approx(alone - 10, rel=0.02)
    assert abs(pitfalls.noisy_weight(False) - free) < 0.1
    assert "9.988" in SAID["14b"][0] and "9.022" in SAID["14b"][0]
    assert "9.048" in SAID["14b"][1]


def test_14c_t_counts_parameters():
    steps = pitfalls.first_steps()
    assert [f"{step:.3f}" for step in steps[:4]] == ["1.000", "0.744", "0.639", "0.581"]
    assert f"{steps[-1]:.3f}" == "0.484" and len(steps) == 10
    assert (np.diff(steps) < 0).all()
    assert "1.000, 0.744, 0.639, 0.581" in SAID["14c"][0]
    assert pitfalls.first_steps(1) == pytest.approx([1.0])


def test_14d_loss_and_gradient_do_not_match():
    assert pitfalls.loss_and_gradient() == pytest.approx(5.0)
    assert pitfalls.loss_and_gradient(7, 3) == pytest.approx(3.0)
    assert "5 times" in SAID["14d"][0]


def test_every_row_is_told():
    assert [row.row for row in ROWS] == ["6b", "6c", "6d", "14a", "14b", "14c", "14d"]
    for row in ROWS:
        wrong, right = row.compare()
        assert wrong and right and wrong != right and row.title and row.why.endswith(".")
