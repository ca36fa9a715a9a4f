"""The tutorial's recommender: that it is transcribed, and that its rows come out as they did."""

import numpy as np
import pytest

from gdviz.learn.recommender.data import factorization_data
from gdviz.learn.recommender.factorize import Settings
from gdviz.learn.recommender.solvers import SOLVERS
from gdviz.learn.recommender.synthetic import low_rank_ratings
from gdviz.topics.recommender import pitfalls as topic


def test_the_tutorials_updates_are_ours_without_biases():
    """So that its rows may be run by the compiled kernel."""
    train = low_rank_ratings(users=20, items=12).ratings
    of = factorization_data(train, Settings(lr=0.01, reg=0.02, biases=False, dtype="float64"))
    theirs = topic.TutorialFactorization(20, 12)
    theirs.rng = type("NoShuffle", (), {"shuffle": lambda self, rows: None})()
    method = SOLVERS["sgd"](of)
    state = method.init((theirs.user_factors.copy(), theirs.item_factors.copy()))
    rows = list(zip(of.users.tolist(), of.items.tolist(), of.values.tolist(), strict=True))
    theirs.train(rows, 3)
    for _ in range(3):
        state = method.step(state)
    ours = state.parameters
    np.testing.assert_allclose(ours.user_factors[:-1, :20], theirs.user_factors, atol=1e-12)
    np.testing.assert_allclose(ours.item_factors[:-1, :20], theirs.item_factors, atol=1e-12)


def test_dice_are_learnt_by_heart():
    """Rows 10a and 10b; the figures are those of other dice."""
    found = topic.tutorial_updates("dice", 100)
    assert found.train[-1] == pytest.approx(0.129, abs=0.03)
    assert found.test[-1] == pytest.approx(2.117, abs=0.05)
    assert found.mean == pytest.approx(1.401, abs=0.02)
    assert found.test[0] == pytest.approx(3.33, abs=0.06)
    assert found.lowest < 0 and found.highest > 5


def test_the_reported_error_is_of_no_model():
    """Row 10d."""
    said, true = topic.running_and_true()
    assert true < said - 0.001


def test_what_the_tutorial_does_with_hostile_input():
    """Row 10e."""
    found = topic.hostile()
    assert float(found.pop("id −1")) != 0, "it is answered, with the last row"
    assert found == {
        "η = 3": "nan",
        "a float array": "IndexError",
        "an unseen id": "IndexError",
        "no rating": "ZeroDivisionError",
        "your list": "shuffled",
    }


@pytest.mark.parametrize("row", topic.ROWS, ids=lambda row: row.row)
def test_every_row_says_two_things(row):
    wrong, right = row.compare()
    assert wrong and right and wrong != right and row.why.endswith(".")
    assert "nan" not in right


def test_the_rows_are_those_of_the_slide():
    assert [row.row for row in topic.ROWS] == ["10a", "10b", "10c", "10d", "10e"]
