"""What the page *recommender* can be asked: links, runs, rooms, presets, figures, code, uploads."""

import contextlib
import io
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import assert_clean, open_page

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Cells, Labels, Polygon
from gdviz.figures.static import static_figure
from gdviz.figures.wire_format import pack
from gdviz.learn import Ratings, factorize
from gdviz.learn.recommender.ratings import RatingsError
from gdviz.learn.recommender.synthetic import low_rank_ratings
from gdviz.queries import from_query, to_query
from gdviz.server.live_scene import live_scene_of
from gdviz.topics.recommender import charts, rooms, studies
from gdviz.topics.recommender import figure as figures
from gdviz.topics.recommender import settings as topic
from gdviz.topics.recommender import tabs_numbers as tabs
from gdviz.topics.recommender.block import block_of, cell_of
from gdviz.topics.recommender.course import epochs, run, seconds_needed, settings_of
from gdviz.topics.recommender.presets import PRESETS
from gdviz.topics.recommender.program import as_python
from gdviz.topics.recommender.ratings_source import data_of
from gdviz.topics.recommender.settings import Recommender

SMALL = Recommender(epochs=6, factors=3)
HERE = [p for p in PRESETS if p.values["data"] != topic.MOVIELENS]


# --- runs -----------------------------------------------------------------------------------------


def test_a_course_is_the_training_with_its_start():
    course = run(SMALL)
    model = factorize(course.data.train, course.data.test, **settings_of(SMALL))
    assert np.array_equal(course.train[1:], model.train_rmse)
    assert np.array_equal(course.test[1:], model.test_rmse)
    start = factorize(course.data.train, factors=3, lr=0.03, epochs=0)
    test = course.data.test
    gap = start.predict(test.user_ids[test.users], test.item_ids[test.items]) - test.values
    assert course.test[0] == pytest.approx(float(np.sqrt(np.mean(gap**2))), rel=1e-6)
    assert run(SMALL) is course, "the same settings are trained once"


def test_the_block_is_predicted_as_the_model_does():
    course = run(SMALL)
    users = course.data.train.user_ids[course.data.users]
    items = course.data.train.item_ids[course.data.items]
    exact = course.model.predict(users[:, None], items[None, :])
    np.testing.assert_allclose(course.predicted[-1], exact, rtol=1e-5)
    told = block_of(course.data)
    rows = {(u, i): r for u, i, r in course.data.train.frame().itertuples(index=False)}
    for a, u in enumerate(users.tolist()):
        for b, i in enumerate(items.tolist()):
            known = rows.get((u, i), np.nan)
            assert told[a, b] == known or (np.isnan(known) and np.isnan(told[a, b]))


def test_early_stopping_ends_the_course_and_keeps_the_block_in_place():
    spec = replace(Recommender(), factors=30, reg=0.0001, early=True)
    course = run(spec)
    assert course.model.status == "stopped early" and len(course.test) < 61
    users = course.data.train.user_ids[course.data.users]
    items = course.data.train.item_ids[course.data.items]
    exact = course.model.predict(users[:, None], items[None, :])
    np.testing.assert_allclose(course.predicted[course.model.epoch], exact, rtol=1e-4, atol=1e-4)


def test_a_diverged_course_ends_with_what_is_finite():
    course = run(replace(SMALL, factors=20, lr=1.0))
    assert course.model.status == "diverged"
    assert np.isfinite(course.test).all() and np.isfinite(course.predicted).all()


def test_what_takes_minutes_is_refused_and_what_takes_long_does_not_follow_the_hand():
    slow = replace(Recommender(), solver="als", factors=100, epochs=200)
    data = data_of(slow)
    assert seconds_needed(slow, data) > topic.LONG
    with pytest.raises(RatingsError, match="too long"):
        figures.live_scene(to_query(slow), None)
    big = data._replace(train=low_rank_ratings(1000, 500, filled=0.9).ratings)
    assert seconds_needed(slow, big) > seconds_needed(slow, data)


def test_an_upload_is_trained_like_any_data():
    table = low_rank_ratings(users=40, items=30).ratings
    course = run(replace(SMALL, data=topic.UPLOAD), table)
    assert course.data.floor is None and len(course.test) == 7
    with pytest.raises(RatingsError, match="No file"):
        run(replace(SMALL, data=topic.UPLOAD))
    few = Ratings.from_frame({"user": [1, 2], "item": [1, 2], "rating": [3.0, 4.0]})
    with pytest.raises(RatingsError, match="too few"):
        run(replace(SMALL, data=topic.UPLOAD), few)


def test_a_tiny_upload_has_every_room():
    tiny = Ratings.from_frame(
        {"user": list("aabbccddee"), "item": [1, 2] * 5, "rating": [1.0, 5.0] * 5}
    )
    for room in topic.ROOMS:
        spec = replace(SMALL, data=topic.UPLOAD, room=room)
        course = run(spec, tiny)
        static_figure(figures.background(spec, course), figures.scene(spec, course))


# --- presets, links, code -------------------------------------------------------------------------


@pytest.mark.parametrize("preset", HERE, ids=lambda p: p.label)
def test_every_preset_does_what_it_says(preset):
    spec = Recommender(**preset.values)
    course = run(spec)
    best, last, data = course.test[course.best], course.test[-1], course.data
    match preset.label:
        case "As planted":
            assert last < data.floor + 0.06 and last < 1.01 * best
        case "Too many factors":
            assert course.train[-1] < 0.05 and last > 1.05 * best and 5 < course.best < 30
        case "Rate 0.3":
            assert course.model.status == "diverged"
        case "Pure noise":
            assert course.train[-1] < 0.1 and last > 1.6 and course.best == 0
        case "No biases":
            assert course.test[0] > 3 and last > run(replace(spec, biases=True)).test[-1]
    assert from_query(Recommender, to_query(spec)) == spec


def test_a_link_says_everything():
    spec = Recommender(
        room="you", data=topic.NOISE, factors=3, lr=0.1, mine="3:4.5, 8:1", east=0.25, film="a b"
    )
    assert from_query(Recommender, to_query(spec)) == spec


@pytest.mark.parametrize(
    "spec",
    [SMALL, replace(SMALL, data=topic.NOISE, bias_lr=2.0, solver="adagrad", dtype="float64")],
    ids=["planted", "noise"],
)
def test_the_code_prints_the_numbers_of_the_page(spec):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(as_python(spec), {})
    lines = out.getvalue().splitlines()
    course = run(spec)
    assert lines[0] == course.model.reason
    printed = [float(line.split()[1]) for line in lines[1:]]
    assert printed == course.test[1:].tolist()


def test_the_code_of_real_data_names_where_they_are_from():
    assert "fetch_movielens" in as_python(replace(SMALL, data=topic.MOVIELENS))
    assert "your_file.csv" in as_python(replace(SMALL, data=topic.UPLOAD))


# --- one rating at a time -------------------------------------------------------------------------


def test_the_walk_is_what_the_kernel_does():
    spec = replace(Recommender(), after=2)
    data = data_of(spec)
    walk = rooms.walk(spec, data)
    settings = settings_of(spec) | {"factors": 2, "dtype": "float64"}
    before = factorize(data.train, **(settings | {"epochs": 2}))
    assert len(walk.rating) == rooms.VISITS == len(walk.names)
    assert walk.P.shape[0] == rooms.VISITS + 1
    first = walk.P[0, walk.user[0]]
    assert np.isclose(before.user_factors, first, atol=1e-12).all(axis=1).any()
    e = walk.rating[0] - walk.predicted[0]
    q = walk.Q[0, walk.item[0]]
    step = spec.lr * (e * q - spec.reg * first)
    np.testing.assert_allclose(walk.P[1, walk.user[0]], first + step, rtol=1e-12)
    assert abs(walk.rating[0] - walk.after[0]) < abs(e)
    still_there = np.delete(np.arange(walk.P.shape[1]), walk.user[0])
    assert np.array_equal(walk.P[1, still_there], walk.P[0, still_there])


def test_a_walk_that_diverges_stops_and_is_drawn():
    spec = replace(Recommender(), room="one", lr=1.0, after=40, bias_lr=100.0)
    walk = rooms.walk(spec, data_of(spec))
    assert np.isfinite(walk.P).all() and len(walk.rating) < rooms.VISITS
    course = run(spec)
    static_figure(figures.background(spec, course), figures.scene(spec, course))


# --- films and you --------------------------------------------------------------------------------


def test_you_are_folded_in_and_the_hand_moves_you():
    course = run(Recommender())
    on = rooms.axes(course)
    spec = Recommender(mine="3:5, 8:1")
    you = rooms.you(spec, course, on)
    new = course.model.fold_in([3, 8], [5.0, 1.0])
    np.testing.assert_allclose(you.scores, new.scores(), rtol=1e-6)
    assert [course.model.item_ids[n] for n in you.picks] == [p.item for p in new.recommend(10)]
    np.testing.assert_allclose(you.place, new.factors @ on.V, atol=1e-9)
    moved = rooms.apply_hand(spec, Hand("you", 1.0, -0.5), course)
    there = rooms.you(moved, course, on)
    np.testing.assert_allclose(there.place, [1.0, -0.5], atol=1e-3)
    shift = course.model.item_factors @ (on.V @ [moved.east, moved.north])
    np.testing.assert_allclose(there.scores - you.scores, shift, atol=1e-5)
    assert rooms.apply_hand(spec, Hand("else", 1, 1), course) == spec


def test_the_axes_are_where_the_items_differ_most():
    course = run(Recommender())
    on = rooms.axes(course)
    values = np.linalg.svd(course.model.item_factors.astype(float), compute_uv=False)
    np.testing.assert_allclose(np.linalg.norm(on.items, axis=0), values[:2], rtol=1e-6)
    np.testing.assert_allclose(on.V.T @ on.V, np.eye(2), atol=1e-9)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3:5, 8:1", {"3": 5.0, "8": 1.0}),
        ("a:b:2.5", {"a:b": 2.5}),
        ("3:9, 4:nan, 5:x, :3, 6, , 7:0", {}),
        ("3:1,3:2", {"3": 2.0}),
        ("", {}),
    ],
)
def test_my_ratings_are_read_from_a_link(text, found):
    assert rooms.my_ratings(text) == found
    assert rooms.my_ratings(rooms.as_text(found)) == found


def test_a_long_link_gives_a_bounded_number_of_ratings():
    text = ",".join(f"{n}:3" for n in range(1000))
    assert len(rooms.my_ratings(text)) == rooms.MOST_MINE


def test_films_are_found_by_a_part_of_their_title():
    course = run(SMALL)
    found = rooms.search(course, " WESTERN 1")
    assert found and all("Western 1" in rooms.title(course, n) for n in found)
    assert rooms.search(course, "") == rooms.search(course, "no such film") == []
    near = rooms.neighbours(course, found[0])
    assert len(near) == 5 and found[0] not in near


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("room", topic.ROOMS)
def test_every_room_is_drawn_and_packed(room, large):
    for changes in ({}, {"factors": 0}, {"factors": 100, "epochs": 2}, {"lr": 1.0, "factors": 20}):
        spec = replace(SMALL, room=room, mine="3:5", film="crime", **changes)
        course = run(spec)
        background, scene = figures.background(spec, course, large), figures.scene(spec, course)
        assert scene.alt and len(pack(scene)) > 1000
        static_figure(background, scene)


def test_the_overfit_region_begins_at_the_best_epoch():
    course = run(Recommender())
    scene = figures.scene(Recommender(), course)
    (shade,) = (layer for layer in scene.layers if isinstance(layer, Polygon))
    assert shade.x.min() == course.best and shade.x.max() == 60
    words = [layer.texts[0][0] for layer in scene.layers if isinstance(layer, Labels)]
    assert f"best: epoch {course.best}" in words
    good = Recommender(factors=3, reg=0.05)
    assert not any(isinstance(n, Polygon) for n in figures.scene(good, run(good)).layers)


def test_the_bars_of_a_cell_add_up():
    spec = replace(Recommender(), room="matrix", factors=20)
    course = run(spec)
    user, item = cell_of(spec, course.data)
    layers = {layer.name: layer for layer in figures.scene(spec, course).layers}
    parts, numbers = layers["parts"], layers["numbers"]
    assert isinstance(parts, Cells) and isinstance(numbers, Labels)
    *bars, last = (float(text.replace("−", "-")) for text in numbers.texts[-1])
    assert last == pytest.approx(course.predicted[-1, user, item], abs=0.006)
    assert sum(bars) == pytest.approx(last, abs=0.07)
    assert len(numbers.texts[-1]) == 3 + 8 + 1 + 1


def test_the_live_route_follows_dial_cell_and_you():
    live = live_scene_of("recommender")
    assert live is not None
    slow, fast = (live(to_query(replace(SMALL, lr=lr)), None) for lr in (0.001, 0.1))
    assert slow.layers[0].y[-1] > fast.layers[0].y[-1]
    spec = replace(SMALL, room="you")
    still_there = live(to_query(spec), None)
    moved = live(to_query(spec), Hand("you", 0.5, 0.5, True))
    assert still_there.handles[0].x != moved.handles[0].x == pytest.approx(0.5, abs=0.01)


# --- studies --------------------------------------------------------------------------------------


def end(steps):
    *_, (share, found) = steps
    assert share == pytest.approx(1)
    return found


def test_the_studies_are_the_trainings_they_say(monkeypatch: pytest.MonkeyPatch):
    data = data_of(SMALL)
    monkeypatch.setattr(studies, "FACTORS", (1, 3))
    monkeypatch.setattr(studies, "PENALTIES", (0.01, 0.1))
    monkeypatch.setattr(studies, "RATES", (0.01, 1.0))
    grid = end(studies.grid(SMALL, data))
    same = run(replace(SMALL, reg=0.1)).test[1:].min()
    assert grid.shape == (2, 2) and grid[1, 1] == same
    charts.grid(grid, data)
    sweep = end(studies.sweep(replace(SMALL, factors=30), data))
    assert np.isinf(sweep[1, 2]) and len(charts.sweep(sweep, data).data[-1].x) == 1
    laps = end(studies.solvers(SMALL, data))
    assert set(laps) == {"sgd", "adagrad", "als"}
    assert laps["als"].test[-1] < laps["sgd"].test[-1] < laps["sgd"].test[0]
    charts.solvers(laps, dict.fromkeys(laps, ""))


def test_the_ladder_tests_each_model_on_the_same_folds():
    spec = replace(SMALL, epochs=30)
    rungs = {rung.label: rung for rung in end(studies.ladder(spec, data_of(spec)))}
    assert all(len(rung.errors) == studies.FOLDS for rung in rungs.values())
    mean = {name: np.mean(rung.errors) for name, rung in rungs.items()}
    assert mean["mean alone"] > mean["biases"] > mean["these settings"]
    assert mean["non-negative factors"] < mean["mean alone"]
    charts.ladder(list(rungs.values()), 0.4)


def test_models_are_compared_fold_by_fold():
    """The folds differ by more than the models do; on each of them one model is the better."""
    rungs = [
        studies.Rung("biases", (0.90, 1.00, 1.10)),
        studies.Rung("SVD++", (0.87, 0.97, 1.07)),
        studies.Rung("lost", (np.nan, np.nan, np.nan)),
        studies.Rung("these settings", (0.86, 0.98, 1.04)),
    ]
    told = studies.fold_by_fold(rungs)
    assert "less than SVD++ in 2 of 3" in told and "by 0.010 stars on average" in told
    assert studies.fold_by_fold(rungs[:3]) == ""  # the last one has no errors to compare
    assert studies.fold_by_fold([rungs[0], rungs[3]._replace(errors=(0.9,))]) == ""


def test_the_lists_are_better_than_the_biases_alone():
    course = run(Recommender(factors=3, reg=0.05))
    liked, rows = studies.rankings(course)
    assert np.mean(course.data.ratings.values >= liked) == pytest.approx(0.3, abs=0.01)
    assert all(ours.ndcg > plain.ndcg for _, ours, plain in rows)
    assert [n for n, *_ in rows] == list(studies.LISTS)


# --- the page -------------------------------------------------------------------------------------


def test_the_tables_that_leave_are_whole():
    course = run(SMALL)
    rows = tabs.csv_of(course).decode().splitlines()
    assert len(rows) == 8 and float(rows[-1].split(",")[2]) == course.test[-1]
    factors = tabs.factors_csv(course, "item").decode().splitlines()
    assert factors[0] == "item,title,bias,factor_1,factor_2,factor_3"
    assert float(factors[1].split(",")[2]) == pytest.approx(float(course.model.item_bias[0]))
    assert len(tabs.factors_csv(course, "user").splitlines()) == 1 + course.data.train.n_users
    chosen = tabs.list_csv(replace(SMALL, mine="3:5"), course).decode().splitlines()
    assert len(chosen) == 11 and chosen[0] == "rank,item,title,predicted"


def test_a_title_never_becomes_a_formula():
    data = low_rank_ratings(users=20, items=12).ratings
    evil = replace(data, titles=np.array(["=1+1", *data.titles[1:]], object))
    course = run(replace(SMALL, data=topic.UPLOAD), evil)
    assert b"\n1,'=1+1," in tabs.factors_csv(course, "item")


QUERIES = [
    {"recommender_room": "matrix", "recommender_tab": "Numbers"},
    {"recommender_room": "one", "recommender_tab": "Maths", "recommender_step": "5"},
    {"recommender_room": "you", "recommender_mine": "3:5, 8:1", "recommender_film": "crime"},
    {"recommender_tab": "Pitfalls"},
    {"recommender_tab": "Code", "recommender_solver": "als", "recommender_epochs": "5"},
    {"recommender_view": "lists"},
    {"recommender_data": "movielens"},
    {"recommender_data": "upload"},
    {"recommender_mine": "<b>x</b>:5", "recommender_room": "you", "recommender_east": "nan"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_the_page_opens_anywhere(query, monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.delenv("GDVIZ_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert_clean(open_page("recommender", query), str(query))


def click(at: AppTest, label: str) -> AppTest:
    next(b for b in at.button if b.label == label).click()
    return at.run()


@pytest.mark.parametrize("view", ["grid", "solvers"])
def test_a_study_runs_when_it_is_asked_for(view: str):
    at = open_page("recommender", {"recommender_view": view, "recommender_epochs": "3"})
    at = click(at, "Compute")
    assert_clean(at, view)
    assert not any(b.label == "Compute" for b in at.button)


def test_a_long_training_has_a_bar_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(topic, "LONG", 0.0)
    at = open_page("recommender", {"recommender_epochs": "4", "recommender_factors": "2"})
    assert_clean(at, "long")
    kept = at.session_state["recommender_long"]
    assert kept["done"] and len(kept["course"].test) == 5
    from gdviz.topics.recommender import screen as recommender_training

    monkeypatch.setattr(recommender_training, "PAUSE", 0.0)
    part = next(iter(epochs(kept["course"].data, {"epochs": 4})))[1]()
    assert len(part.test) == 1, "what is learnt so far can be shown"
