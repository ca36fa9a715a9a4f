"""The recommender against Surprise, scikit-learn and closed forms; what is learnt, and what not."""

import json
from pathlib import Path

import numpy as np
import pytest

from gdviz.learn import factorize
from gdviz.learn.recommender.data import factorization_data
from gdviz.learn.recommender.factorize import (
    BiasOnly,
    Groups,
    Settings,
    bias_only,
    choose,
    cross_validate,
    rmse,
    training,
)
from gdviz.learn.recommender.neighbours import item_knn
from gdviz.learn.recommender.ranking import errors_by_count, ranking
from gdviz.learn.recommender.ratings import Ratings, RatingsError
from gdviz.learn.recommender.solvers import SOLVERS
from gdviz.learn.recommender.synthetic import low_rank_ratings, pure_noise

REFERENCE = json.loads((Path(__file__).parent / "reference" / "recommender.json").read_text())
ROWS = np.array(REFERENCE["ratings"])


def small() -> Ratings:
    """Return the small table of the reference, numbered as Surprise numbers it."""
    table = {"user": ROWS[:, 0].astype(int), "item": ROWS[:, 1].astype(int), "rating": ROWS[:, 2]}
    return Ratings.from_frame(table, scale=(0.5, 5.0))


# --- the updates, against Surprise ----------------------------------------------------------------

SURPRISE = {
    "svd": {},
    "svd_groups": {
        "lr": Groups(0.01, 0.02, 0.03, 0.04),
        "reg": Groups(0.05, 0.06, 0.07, 0.08),
    },
    "svd_unbiased": {"biases": False},
    "svdpp": {"solver": "svdpp", "lr": 0.007},
    "nmf": {"solver": "nmf", "reg": 0.06, "biases": False},
}


@pytest.mark.parametrize("epochs", [1, 5])
@pytest.mark.parametrize("name", SURPRISE)
def test_epochs_are_those_of_surprise(name: str, epochs: int):
    entry = REFERENCE["learnt"][name]
    settings = Settings(factors=4, dtype="float64", **SURPRISE[name])
    # In the order in which Surprise visits the ratings, from the factors that it drew.
    of = factorization_data(small(), settings)._replace(
        users=ROWS[:, 0].astype(np.int32), items=ROWS[:, 1].astype(np.int32), values=ROWS[:, 2]
    )
    method = SOLVERS[settings.solver](of)
    state = method.init(tuple(np.array(entry["start"][key]) for key in entry["start"]))
    for _ in range(epochs):
        state = method.step(state)
    after = {key: np.array(value) for key, value in entry["epochs"][str(epochs)].items()}
    ours = state.parameters
    users = state.memory[0] if name == "svdpp" else ours.user_factors
    np.testing.assert_allclose(users[:-1, :4], after["P"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.item_factors[:-1, :4], after["Q"], rtol=0, atol=1e-12)
    if name != "nmf":
        np.testing.assert_allclose(ours.user_bias[:-1], after["bu"], rtol=0, atol=1e-12)
        np.testing.assert_allclose(ours.item_bias[:-1], after["bi"], rtol=0, atol=1e-12)
    if name == "svdpp":
        np.testing.assert_allclose(state.memory[1][:-1, :4], after["Y"], rtol=0, atol=1e-12)
        for u in range(len(after["P"])):
            mine = after["Y"][ROWS[ROWS[:, 0] == u, 1].astype(int)]
            whole = after["P"][u] + mine.sum(0) / np.sqrt(len(mine))
            np.testing.assert_allclose(ours.user_factors[u, :4], whole, rtol=0, atol=1e-12)


def test_the_neighbours_are_those_of_surprise():
    known = REFERENCE["neighbours"]
    train = small()
    base = BiasOnly(train, float(ROWS[:, 2].mean()), np.array(known["bu"]), np.array(known["bi"]))
    # Of a pair that it has been told, Surprise takes the item for its own nearest neighbour.
    told = {(int(u), int(i)) for u, i, _ in ROWS}
    new = np.array([tuple(pair) not in told for pair in known["pairs"]])
    pairs, theirs = np.array(known["pairs"])[new], np.array(known["predictions"])[new]
    found = item_knn(train, neighbours=5, baseline=base).predict(pairs[:, 0], pairs[:, 1])
    np.testing.assert_allclose(found, theirs, rtol=0, atol=1e-12)
    assert len(theirs) > 150 and np.ptp(found - base.predict(pairs[:, 0], pairs[:, 1])) > 0.1


def test_an_epoch_is_the_plain_loop_of_the_slide_with_biases():
    train = low_rank_ratings(users=30, items=20).ratings
    settings = Settings(factors=6, lr=0.03, reg=0.07, dtype="float64", seed=3)
    of = factorization_data(train, settings)
    method = SOLVERS["sgd"](of)
    first = method.init(None)
    (bu, bi, P, Q), mean = (np.array(a[:-1]) for a in first.parameters), train.values.mean()
    model = factorize(train, factors=6, epochs=1, lr=0.03, reg=0.07, dtype="float64", seed=3)
    for n in model.order:
        u, i, r = train.users[n], train.items[n], train.values[n]
        e = r - (mean + bu[u] + bi[i] + P[u] @ Q[i])
        bu[u] += 0.03 * (e - 0.07 * bu[u])
        bi[i] += 0.03 * (e - 0.07 * bi[i])
        p = P[u].copy()
        P[u] += 0.03 * (e * Q[i] - 0.07 * P[u])
        Q[i] += 0.03 * (e * p - 0.07 * Q[i])
    for ours, plain in (
        (model.user_bias, bu),
        (model.item_bias, bi),
        (model.user_factors, P[:, :6]),
        (model.item_factors, Q[:, :6]),
    ):
        np.testing.assert_allclose(ours, plain, rtol=0, atol=1e-12)
    assert not first.parameters.user_bias.any(), "a step changed the state it was given"


# --- what is promised of every solver -------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_learns_the_planted_ratings(solver: str, dtype: str):
    data = low_rank_ratings()
    train, test = data.ratings.split()
    if solver == "nmf":
        train, test = (
            Ratings.from_frame(part.frame().assign(rating=part.values - data.ratings.scale[0]))
            for part in (train, test)
        )
    how = {"adagrad": {"lr": 0.2}, "nmf": {"biases": False}}.get(solver, {"lr": 0.02})
    model = factorize(
        train, test, factors=4, epochs=50, reg=0.05, solver=solver, dtype=dtype, **how
    )
    assert model.train_rmse.shape == model.test_rmse.shape == (50,)
    found = model.predict(test.user_ids[test.users], test.item_ids[test.items])
    assert found.dtype == dtype
    assert rmse(found, test.values) == pytest.approx(model.test_rmse[-1], rel=1e-5)
    rival = bias_only(train, np.inf if solver == "nmf" else 3.0).rmse(test)
    assert data.floor < model.test_rmse[-1] < rival - (0.02 if solver == "nmf" else 0.2)
    again = factorize(
        train, test, factors=4, epochs=50, reg=0.05, solver=solver, dtype=dtype, **how
    )
    assert np.array_equal(again.test_rmse, model.test_rmse)
    assert np.array_equal(again.item_factors, model.item_factors)
    assert model.user_factors.shape == (train.n_users, 4) and model.user_factors.dtype == dtype
    if solver == "nmf":
        assert min(model.user_factors.min(), model.item_factors.min()) >= 0


@pytest.mark.parametrize("solver", ["sgd", "adagrad"])
def test_two_threads_give_the_same_numbers_each_time_and_learn_as_well(solver: str):
    train, test = low_rank_ratings().ratings.split()
    how = {"factors": 4, "epochs": 40, "lr": 0.05, "reg": 0.05, "solver": solver}
    one, two, again = (factorize(train, test, **how, threads=n) for n in (1, 2, 2))
    assert np.array_equal(two.user_factors, again.user_factors)
    assert not np.array_equal(one.user_factors, two.user_factors)
    assert two.test_rmse[-1] == pytest.approx(one.test_rmse[-1], abs=0.03)


def test_a_large_training_visits_in_cells_and_learns_the_same(monkeypatch: pytest.MonkeyPatch):
    train, test = low_rank_ratings().ratings.split()
    how = {"factors": 4, "epochs": 40, "lr": 0.05, "reg": 0.05}
    plain = factorize(train, test, **how)
    monkeypatch.setattr("gdviz.learn.recommender.data.LARGE", 1)
    cells = factorize(train, test, **how)
    assert not np.array_equal(plain.test_rmse, cells.test_rmse)
    assert cells.test_rmse[-1] == pytest.approx(plain.test_rmse[-1], abs=0.02)


def test_als_lowers_its_sum_in_every_epoch_and_ends_where_the_gradient_is_zero():
    train = low_rank_ratings(users=40, items=30).ratings
    reg = Groups(0.1, 0.2, 0.3, 0.4)
    settings = Settings(factors=3, reg=reg, dtype="float64", solver="als")
    method = SOLVERS["als"](factorization_data(train, settings))
    mean, u, i = train.values.mean(), train.users, train.items

    def left(p):
        inner = np.einsum("nk,nk->n", p.user_factors[u], p.item_factors[i])
        return train.values - mean - p.user_bias[u] - p.item_bias[i] - inner

    def total(p):
        size = reg.user_bias * p.user_bias[u] ** 2 + reg.item_bias * p.item_bias[i] ** 2
        size += reg.user_factors * (p.user_factors[u] ** 2).sum(1)
        size += reg.item_factors * (p.item_factors[i] ** 2).sum(1)
        return np.sum(left(p) ** 2 + size)

    state, sums = method.init(None), []
    for _ in range(400):
        state = method.step(state)
        sums.append(total(state.parameters))
    assert (np.diff(sums) <= 1e-9 * sums[0]).all()
    p = state.parameters
    slope = np.zeros_like(p.user_factors)
    step = -left(p)[:, None] * p.item_factors[i] + reg.user_factors * p.user_factors[u]
    np.add.at(slope, u, step)
    assert np.abs(slope).max() < 1e-4


def test_sgd_with_a_falling_rate_ends_where_als_does():
    train, test = low_rank_ratings(noise=0.2).ratings.split()
    how = {"factors": 3, "reg": 0.05, "dtype": "float64", "epochs": 200}
    exact = factorize(train, test, solver="als", **how)
    slow = factorize(train, test, lr=0.05, decay=0.05, **how)
    assert slow.train_rmse[-1] == pytest.approx(exact.train_rmse[-1], abs=2e-3)
    assert slow.test_rmse[-1] == pytest.approx(exact.test_rmse[-1], abs=5e-3)


def test_adagrad_takes_the_squares_of_its_own_gradients():
    train = low_rank_ratings(users=1, items=1, filled=1.0).ratings
    state = SOLVERS["adagrad"](
        of := factorization_data(train, Settings(factors=3, lr=0.1, reg=0.2, dtype="float64"))
    ).init(None)
    p, q = (f[0, :3].copy() for f in state.parameters[2:])
    e = train.values[0] - float(of.mean) - p @ q
    after = SOLVERS["adagrad"](of).step(state)
    np.testing.assert_allclose(after.memory[2][0], 1 + np.mean((e * q - 0.2 * p) ** 2), rtol=1e-14)
    np.testing.assert_allclose(after.memory[3][0], 1 + np.mean((e * p - 0.2 * q) ** 2), rtol=1e-14)


# --- outcomes -------------------------------------------------------------------------------------


def test_too_large_a_rate_diverges_and_says_so():
    train, test = low_rank_ratings().ratings.split()
    model = factorize(train, test, lr=3.0)
    assert model.status == "diverged" and "rate is too large" in model.reason
    assert model.train_rmse.shape == model.test_rmse.shape == (20,)
    assert not np.isnan(model.train_rmse).any() and np.isinf(model.train_rmse[-1])
    assert np.isfinite(model.predict(train.user_ids, train.item_ids[:1])).all()


def test_early_stopping_keeps_the_best_epoch_and_never_looks_at_the_test_part():
    train, test = low_rank_ratings().ratings.split()
    how = {"factors": 30, "lr": 0.03, "reg": 0.0, "epochs": 200, "validation": 0.15}
    model = factorize(train, test, **how)
    assert model.status == "stopped early"
    best = int(np.argmin(model.validation_rmse)) + 1
    assert model.epoch == best == len(model.train_rmse) - 3
    assert len(model.train) == len(train) - int(np.ceil(0.15 * len(train)))
    where = test.user_ids[test.users], test.item_ids[test.items]
    assert rmse(model.predict(*where), test.values) == pytest.approx(model.test_rmse[best - 1])
    without = factorize(train, **how)
    assert without.test_rmse is None and np.array_equal(without.user_factors, model.user_factors)
    longer = factorize(train, test, **{**how, "epochs": best + 1})
    assert longer.status == "finished" and longer.epoch == best
    assert len(longer.train_rmse) == best + 1


def test_a_training_can_be_watched_and_left():
    train, test = low_rank_ratings().ratings.split()
    seen = []
    for model in training(train, test, Settings(epochs=50)):
        seen.append(model.epoch)
        if model.epoch == 4:
            break
    assert seen == [0, 1, 2, 3, 4]
    same = factorize(train, test, epochs=4)
    assert np.array_equal(model.user_factors, same.user_factors)


def test_noise_is_learnt_by_heart_and_the_test_error_rises():
    train, test = pure_noise().split()
    model = factorize(train, test, lr=0.02, epochs=60)
    assert model.train_rmse[-1] < 0.2
    assert model.test_rmse[-1] > model.test_rmse[0] + 0.1 > np.sqrt(2)


def test_the_mean_is_of_the_training_part_alone():
    train, test = low_rank_ratings().ratings.split()
    shifted = Ratings.from_frame(test.frame().assign(rating=100.0))
    assert factorize(train, shifted, epochs=1).mean == pytest.approx(train.values.mean())


# --- predictions and new users --------------------------------------------------------------------


def test_an_explanation_adds_up_to_the_prediction():
    model = factorize(small(), factors=4, lr=0.05, dtype="float64")
    parts = model.explain(3, 2)
    whole = parts.mean + parts.user_bias + parts.item_bias + parts.products.sum()
    assert whole == pytest.approx(parts.value) == model.predict(3, 2)
    assert parts.note == "" and model.predict([3], [2], clip=True)[0] == parts.clipped


def test_who_is_not_known_adds_nothing_and_it_is_said():
    model = factorize(small(), factors=4, lr=0.05, dtype="float64")
    assert model.predict(-1, 2) == pytest.approx(model.mean + model.item_bias[2])
    assert model.predict(3, -1) == pytest.approx(model.mean + model.user_bias[3])
    assert model.predict("x", None) == pytest.approx(model.mean)
    assert [side.tolist() for side in model.known([3, -1], [2, 99])] == [[True, False]] * 2
    assert "user" in model.explain(-1, 2).note and "mean alone" in model.explain(-1, -1).note
    stranger = model.recommend("nobody", 3)
    order = np.argsort(-model.item_bias)[:3]
    assert [pick.item for pick in stranger] == order.tolist()


def test_recommendations_are_the_best_of_what_was_not_rated():
    train = small()
    model = factorize(train, factors=4, lr=0.05)
    rated = set(train.items[train.users == 5].tolist())
    picks = model.recommend(5, 50)
    assert {pick.item for pick in picks} == set(range(train.n_items)) - rated
    scores = [pick.score for pick in picks]
    assert scores == sorted(scores, reverse=True)
    assert picks[0].score == pytest.approx(model.predict(5, picks[0].item))
    assert len(model.recommend(5, 50, seen=True)) == train.n_items
    for n in (0, -1, 2.5, True):
        with pytest.raises(RatingsError, match="at least one"):
            model.recommend(5, n)


def test_folding_in_is_the_ridge_solution():
    model = factorize(small(), factors=4, lr=0.05, reg=Groups(0.1, 0.2, 0.3, 0.4), dtype="float64")
    items, stars = [1, 4, 7], [5.0, 2.0, 4.5]
    new = model.fold_in(items, stars)
    # The same by lstsq on the rows of the penalty.
    x = np.hstack([np.ones((3, 1)), model.item_factors[items]])
    y = np.array(stars) - model.mean - model.item_bias[items]
    rows = np.diag(np.sqrt(3 * np.array([0.1, 0.3, 0.3, 0.3, 0.3])))
    exact = np.linalg.lstsq(np.vstack([x, rows]), np.append(y, np.zeros(5)), rcond=None)[0]
    np.testing.assert_allclose([new.bias, *new.factors], exact, atol=1e-12)
    assert new.predict(2) == pytest.approx(
        model.mean + exact[0] + model.item_bias[2] + exact[1:] @ model.item_factors[2]
    )
    assert {pick.item for pick in new.recommend(50)} == set(range(15)) - set(items)


def test_a_user_of_als_folds_in_to_themself():
    train = small()
    model = factorize(train, factors=3, reg=0.1, solver="als", epochs=300, dtype="float64")
    mine = train.users == 4
    new = model.fold_in(train.item_ids[train.items[mine]], train.values[mine])
    np.testing.assert_allclose(new.factors, model.user_factors[4], atol=1e-6)
    assert new.bias == pytest.approx(model.user_bias[4], abs=1e-6)


def test_folding_in_bears_what_a_visitor_gives():
    model = factorize(small(), factors=4)
    assert model.fold_in([], []).predict([0, 1]).shape == (2,)
    assert model.fold_in([999], [5.0]).bias > 0, "an unknown item still tells of the bias"
    unbiased = factorize(small(), factors=4, biases=False)
    assert unbiased.fold_in([1], [5.0]).bias == 0
    with pytest.raises(RatingsError, match="no pairs"):
        model.fold_in([1, 2], [5.0])
    with pytest.raises(RatingsError, match="missing or infinite"):
        model.fold_in([1], [np.nan])


def test_similar_items_point_the_same_way():
    data = low_rank_ratings(noise=0.1, filled=0.6)
    model = factorize(data.ratings, factors=3, lr=0.05, reg=0.02, epochs=60)
    titles = data.ratings.titles
    hits = [
        titles[pick.item - 1].split()[0] == titles[0].split()[0] for pick in model.similar(1, n=8)
    ]
    assert np.mean(hits) > 0.7
    q = model.item_factors
    best = model.similar(1, n=1)[0]
    cosine = q @ q[0] / np.linalg.norm(q, axis=1) / np.linalg.norm(q[0])
    assert best.score == pytest.approx(np.sort(cosine)[-2], rel=1e-5)
    with pytest.raises(RatingsError, match="no rating"):
        model.similar(-1)


# --- baselines, choices, rankings -----------------------------------------------------------------


def test_the_biases_solve_the_ridge_problem():
    train = small()
    found = bias_only(train, reg=2.0)
    n, m, count = train.n_users, train.n_items, len(train)
    design = np.zeros((count, n + m))
    design[np.arange(count), train.users] = design[np.arange(count), n + train.items] = 1
    right = design.T @ (train.values - train.values.mean())
    exact = np.linalg.solve(design.T @ design + 2 * np.eye(n + m), right)
    np.testing.assert_allclose([*found.user_bias, *found.item_bias], exact, atol=1e-6)
    mean = bias_only(train, reg=np.inf)
    assert mean.predict([0, "x"], [1, 1]).tolist() == [train.values.mean()] * 2


def test_settings_are_chosen_on_a_part_of_the_training_part():
    train, _ = low_rank_ratings().ratings.split()
    trials = list(choose(train, factors=(1, 3), reg=(0.02, 0.5), lr=(0.05,), epochs=40))
    assert [(t.factors, t.reg) for t in trials] == [(1, 0.02), (1, 0.5), (3, 0.02), (3, 0.5)]
    best = min(trials, key=lambda trial: trial.rmse)
    assert best.factors == 3 and best.reg == 0.02
    learn, check = train.split(0.1, 0)
    again = factorize(learn, check, factors=3, reg=0.02, lr=0.05, epochs=best.epochs)
    assert again.test_rmse[-1] == best.rmse


def test_each_fold_is_tested_once():
    data = low_rank_ratings().ratings
    models = list(cross_validate(data, folds=4, factors=3, lr=0.05))
    assert len(models) == 4 and sum(len(data) - len(m.train) for m in models) == len(data)


def test_the_gain_is_that_of_scikit_learn():
    """Factors that say the scores outright; everything not rated in training is ranked."""
    known = {key: np.array(value) for key, value in REFERENCE["ranking"].items()}
    people, items = known["scores"].shape
    everyone = {"user": np.arange(people), "item": np.full(people, 10), "rating": 3.0}
    catalogue = {"user": np.full(items + 1, 99), "item": np.arange(items + 1), "rating": 3.0}
    both = {key: np.append(everyone[key], catalogue[key]) for key in ("user", "item")}
    train = Ratings.from_frame(both | {"rating": np.full(people + items + 1, 3.0)})
    model = next(training(train, None, Settings(factors=items, dtype="float64")))
    model.parameters.user_factors[:people, :items] = known["scores"]
    model.parameters.item_factors[:-1, :items] = np.eye(items + 1)[:, :items]
    u, i = np.indices(known["scores"].shape).reshape(2, -1)
    stars = 2.0 + 3 * known["relevant"].ravel()
    found = ranking(model, Ratings.from_frame({"user": u, "item": i, "rating": stars}), n=4)
    assert found.users == people
    assert found.ndcg == pytest.approx(known["ndcg"].mean(), rel=1e-12)
    best = np.argsort(-known["scores"], axis=1)[:, :4]
    hits = np.take_along_axis(known["relevant"], best, axis=1).sum(1)
    assert found.precision == pytest.approx(np.mean(hits / 4))
    assert found.recall == pytest.approx(np.mean(hits / known["relevant"].sum(1)))


def test_a_ranking_needs_something_liked():
    train, test = low_rank_ratings().ratings.split()
    with pytest.raises(RatingsError, match="Nobody rated"):
        ranking(factorize(train), test, liked=1e6)


@pytest.mark.parametrize("side", ["user", "item"])
def test_bands_of_counts_hold_every_test_rating(side: str):
    train, test = low_rank_ratings(filled=0.1).ratings.split()
    model = factorize(train, test, factors=3)
    bands = errors_by_count(model, test, side)
    assert sum(band.ratings for band in bands) == len(test)
    total = sum(band.ratings * band.rmse**2 for band in bands) / len(test)
    assert np.sqrt(total) == pytest.approx(model.test_rmse[-1], rel=1e-5)
    assert all(a.high < b.low for a, b in zip(bands, bands[1:], strict=False))


def test_the_planted_truth_predicts_at_the_floor():
    data = low_rank_ratings(users=400, items=300)
    r = data.ratings
    exact = data.mean + data.user_bias[r.users] + data.item_bias[r.items]
    exact += np.einsum("nk,nk->n", data.user_factors[r.users], data.item_factors[r.items])
    assert rmse(exact, r.values) == pytest.approx(data.floor, rel=0.02)
    assert r.n_users == 400 and r.n_items == 300 == len(r.titles)
