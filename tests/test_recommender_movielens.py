"""The recommender on MovieLens small: what factors are worth there, and the tutorial's row."""

import os
from pathlib import Path

import numpy as np
import pytest
from test_recommender import REFERENCE

from gdviz.learn import Ratings, factorize, read_ratings
from gdviz.learn.recommender.factorize import bias_only, choose

SHARED = Path(__file__).parents[2] / "shared" / "data"
FOLDER = Path(os.environ.get("GDVIZ_DATA", SHARED)) / "ml-latest-small"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"MovieLens small is not in {FOLDER}: GDVIZ_DATA names its parent"
)


@pytest.fixture(scope="module")
def films() -> Ratings:
    return read_ratings(FOLDER)


def test_it_is_all_read(films: Ratings):
    assert (len(films), films.n_users, films.n_items) == (100_836, 610, 9_724)
    assert films.scale == (0.5, 5.0) and films.notes == ()
    assert films.titles is not None and films.titles[0] == "Toy Story (1995)"


SPLITS = {0: (1.0414, 0.8610), 1: (1.0462, 0.8724), 2: (1.0403, 0.8619)}


@pytest.mark.parametrize("seed", SPLITS)
def test_factors_beat_the_biases_and_surprise_on_every_split(films: Ratings, seed: int):
    """Settings are chosen on a part of the training part; the test part is asked once."""
    train, test = films.split(0.2, seed)
    mean, bias = bias_only(train, np.inf).rmse(test), bias_only(train, 3.0).rmse(test)
    assert (mean, bias) == pytest.approx(SPLITS[seed], abs=1.1e-4)
    trials = choose(train, factors=(32, 64), reg=(0.08, 0.1), lr=(0.02,), epochs=40)
    best = min(trials, key=lambda trial: trial.rmse)
    model = factorize(
        train, test, factors=best.factors, reg=best.reg, lr=best.lr, epochs=best.epochs
    )
    assert model.test_rmse is not None
    assert model.test_rmse[-1] <= bias - 0.008
    for rival in REFERENCE["movielens"].values():
        assert model.test_rmse[-1] < rival[seed] - 0.008


def test_unseen_films_fall_back_to_what_is_known(films: Ratings):
    train, test = films.split(0.2, 0)
    users, items = test.user_ids[test.users], test.item_ids[test.items]
    model = factorize(train, factors=8, epochs=5, dtype="float64")
    unseen = ~model.known(users, items)[1]
    assert unseen.sum() == 811
    place = np.searchsorted(model.user_ids, users[unseen])
    exact = model.mean + model.user_bias[place]
    np.testing.assert_allclose(model.predict(users[unseen], items[unseen]), exact, rtol=1e-12)


def test_the_tutorials_class_on_real_ratings(films: Ratings):
    """Row 10c: without mean and biases; its updates are ours, its order another."""
    train, test = films.split(0.2, 0)
    model = factorize(train, test, lr=0.01, reg=0.02, biases=False, epochs=30)
    assert model.test_rmse is not None
    best = int(np.argmin(model.test_rmse))
    assert model.test_rmse[best] == pytest.approx(1.1286, abs=0.02) and 10 <= best + 1 <= 20
    assert model.test_rmse[-1] > model.test_rmse[best] + 0.01
    assert model.train_rmse[-1] == pytest.approx(0.512, abs=0.03)
