"""The recommender lists for a user of the data, and says cold starts and both penalties."""

from dataclasses import replace

import numpy as np
import pandas as pd
from cases import NO_WARNINGS
from test_pages import assert_clean, open_page

from gdviz.learn import Ratings
from gdviz.topics.recommender import rooms
from gdviz.topics.recommender.controls import penalty_words
from gdviz.topics.recommender.course import run, settings_of
from gdviz.topics.recommender.figure_films import films_scene
from gdviz.topics.recommender.settings import UPLOAD, Recommender

pytestmark = NO_WARNINGS
SMALL = Recommender(room="you", epochs=6, factors=3)


def test_the_list_of_a_user_of_the_data_is_that_of_the_model():
    course = run(SMALL)
    model, test = course.model, course.data.test
    for n, solver in ((0, "sgd"), (17, "svdpp")):
        course = run(replace(SMALL, solver=solver))
        model = course.model
        name = str(model.user_ids[n])
        spec = replace(SMALL, solver=solver, user=name)
        found = rooms.you(spec, course, rooms.axes(course))
        picks = model.recommend(model.user_ids[n], rooms.PICKS)
        assert model.item_ids[found.picks].tolist() == [p.item for p in picks]
        np.testing.assert_allclose(found.scores[found.picks], [p.score for p in picks], rtol=1e-6)
        said = rooms.list_words(spec, course)
        mine = test.user_ids[test.users] == model.user_ids[n]
        hits = [r for i, r in zip(test.item_ids[test.items[mine]], test.values[mine], strict=True)
                if i in [p.item for p in picks]]  # fmt: skip
        assert f"{len(hits)} of the list are among the {int(mine.sum())} ratings" in said
        assert all(f"{value:g}" in said.split("test")[-1] for value in hits)
        assert films_scene(spec, course).handles[0].label == name[:12]
    east = rooms.you(replace(spec, east=1.0), course, rooms.axes(course))
    assert not np.array_equal(east.scores, found.scores), "the hand moves a user, too"


def test_a_cold_start_is_told_with_its_rule_and_everybody_has_the_same_list():
    course = run(SMALL)
    by_bias = np.argsort(-course.model.item_bias, kind="stable")[: rooms.PICKS]
    for spec in (SMALL, replace(SMALL, user="nobody")):
        assert np.array_equal(rooms.you(spec, course, rooms.axes(course)).picks, by_bias)
        assert "cold start" in (said := rooms.list_words(spec, course)) and "μ + b_i," in said
    known = replace(SMALL, user=str(course.model.user_ids[3]))
    assert "cold start" not in rooms.list_words(known, course)
    rated = replace(SMALL, mine=f"{course.model.item_ids[0]}:5")
    assert "cold start" not in rooms.list_words(rated, course)


def test_cold_starts_of_the_test_part_are_counted_and_predicted_by_their_rule():
    rng = np.random.default_rng(0)
    users = np.r_[rng.integers(0, 30, 400), 900 + np.arange(40)]
    items = np.r_[rng.integers(0, 25, 400), rng.integers(0, 25, 40)]
    table = {"user": users, "item": items, "rating": rng.integers(1, 6, 440).astype(float)}
    ratings = Ratings.from_frame(pd.DataFrame(table).drop_duplicates(["user", "item"]))
    course = run(Recommender(data=UPLOAD, epochs=4, factors=2), ratings)
    train, test = course.data.train, course.data.test
    seen = set(train.user_ids[train.users].tolist())
    cold = np.array([u not in seen for u in test.user_ids[test.users]])
    assert cold.any()
    model = course.model
    bias = dict(zip(model.item_ids.tolist(), model.item_bias.tolist(), strict=True))
    guess = np.array([model.mean + bias[i] for i in test.item_ids[test.items[cold]]])
    error = np.sqrt(np.mean((guess - test.values[cold]) ** 2))
    wanted = f"{int(cold.sum())} of a user, predicted by μ + b_i, RMSE {error:.3f}"
    assert wanted in rooms.cold_words(course)


def test_the_penalties_told_are_those_that_run():
    spec = replace(SMALL, reg=0.04, bias_reg=2.5, lr=0.02, bias_lr=0.5)
    groups, rates = settings_of(spec)["reg"], settings_of(spec)["lr"]
    said = penalty_words(spec)
    assert f"Biases: η = {rates.user_bias:.3g}, λ = {groups.item_bias:.3g}." in said
    assert f"Factors: η = {rates.user_factors:.3g}, λ = {groups.item_factors:.3g}." in said


def test_the_page_says_whose_list_it_is():
    for name, wanted in (("3", "User 3:"), ("no one", "cold start")):
        at = open_page("recommender", {"recommender_room": "you", "recommender_user": name})
        assert_clean(at, name)
        assert any(wanted in caption.value.replace("\\", "") for caption in at.caption)
