"""The rooms *many features* and *house prices*: runs, charts, pages and uploads."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from test_pages import again, assert_clean, open_page, widgets
from visit import Visit

from gdviz.figures.static import static_figure
from gdviz.figures.wire_format import pack
from gdviz.knobs import knobs
from gdviz.learn import FitError, closed_form, read_table, scores
from gdviz.learn.fit_grids import fit_grid, penalty_path
from gdviz.queries import from_query, to_query
from gdviz.topics.regression import charts, table_source
from gdviz.topics.regression.houses import figure as house_figures
from gdviz.topics.regression.houses import settings as regression_houses
from gdviz.topics.regression.houses.presets import PRESETS as HOUSES_PRESETS
from gdviz.topics.regression.houses.settings import Houses
from gdviz.topics.regression.many import figure as figures
from gdviz.topics.regression.many import settings as topic
from gdviz.topics.regression.many.presets import PRESETS as MANY_PRESETS
from gdviz.topics.regression.many.settings import RULES, Many
from gdviz.topics.regression.table_source import Source, check_work

ROOMS = {"many": Many, "houses": Houses}
RENTS = {"regression_room": "houses", "regression_homes": "unscaled"}


# --- what they run -------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", MANY_PRESETS, ids=lambda p: p.label)
def test_presets_of_many_features_keep_what_they_promise(preset):
    spec = Many(**preset.values)
    assert set(preset.values) == set(knobs(Many)) and from_query(Many, to_query(spec)) == spec
    done = topic.run(spec)
    kappa, last = done.eigen.condition, done.test[-1]
    said = {
        "Well scaled": kappa < 3 and done.fit.status == "converged",
        "Diabetes": 300 < kappa < 700 and done.train[-1] < 0.2 * done.train[0],
        "The 2/L edge": done.fit.loss[-1] > 1.5 * topic_least(done),
        "Beyond the edge": done.fit.status == "diverged",
        "Unscaled": kappa > 1e4,
        "Collinear": kappa > 1e4 and abs(done.fit.weights[-1, 2] - done.optimum[2]) > 0.05,
        "Over-fit": last > 1.3 * done.test.min() and done.train[-1] < 0.3 * last,
        "Lasso": (done.fit.weights[-1] == 0).sum() >= 4,
    }
    assert said[preset.label]


def topic_least(done: topic.ManyTraining) -> float:
    return float(done.goal.total(done.optimum[None])[0])


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_trains(rule: str):
    done = topic.run(
        Many(table="plane", rule=rule, eta=1.0 if rule == "adagrad" else 0.1, updates=120)
    )
    assert done.train[-1] < 0.1 * done.train[0]
    scene = figures.scene(done)
    pack(scene)
    static_figure(figures.background(done), scene)


def test_the_errors_are_those_of_the_predictions():
    done = topic.run(Many())
    for i in (0, 40, -1):
        k = int(done.steps[i])
        found = done.fit.predict(done.pipe.X_test, k)
        assert done.test[i] == pytest.approx(np.mean((found - done.pipe.y[done.pipe.test]) ** 2))
    assert done.test[list(done.steps).index(done.best_step)] == done.test.min()


def test_the_eigen_split_adds_up_to_the_loss():
    done = topic.run(Many(l2=0.3))
    for step in (0, 5, 300):
        split = topic.eigen_split(done, step)
        above = done.fit.loss[step] - topic_least(done)
        assert split.shares.sum() == pytest.approx(above, rel=1e-8, abs=1e-8)
    assert (np.diff(topic.eigen_split(done, 0).values) <= 0).all()


def test_a_step_shrinks_each_direction_by_its_factor():
    done = topic.run(Many())
    before, after = (topic.eigen_split(done, k).shares for k in (3, 4))
    factor = (1 - done.fit.rate * topic.eigen_split(done, 0).values) ** 2
    assert after == pytest.approx(factor * before, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("preset", HOUSES_PRESETS, ids=lambda p: p.label)
def test_presets_of_house_prices_keep_what_they_promise(preset, california: Path, monkeypatch: Any):
    monkeypatch.setenv("GDVIZ_DATA", str(california.parents[1]))
    table_source.source_named.cache_clear()
    spec = Houses(**preset.values)
    assert set(preset.values) == set(knobs(Houses)) and from_query(Houses, to_query(spec)) == spec
    done = regression_houses.run(spec)
    r2 = done.honest.on_test.r2
    assert 0.63 < r2 < 0.70 and (r2 > 0.67) == (preset.label == "Powers and ridge")
    assert (done.shown is done.honest) == (spec.leak == "none")
    if preset.label == "Leaking":
        assert done.shown.on_test.r2 > r2 + 0.2
    scene = house_figures.scene(done)
    pack(scene)
    static_figure(house_figures.background(done), scene)
    row = house_figures.nearest_house(done, -118.3, 34.0)
    assert abs(done.shown.table["longitude"].iloc[row] + 118.3) < 0.1


def test_the_code_of_both_rooms_prints_their_numbers():
    spec = Many(table="collinear", rule="nesterov", batch=32, updates=50, l2=0.01)
    done = topic.run(spec)
    code = topic.as_python(spec)
    found = done.fit.predict(done.pipe.X_test)
    assert repr(scores(done.pipe.y[done.pipe.test], found)) in ran(code)
    houses = Houses(homes="unscaled", powers=2, ridge=0.1, trainer="gd", epochs=40)
    sold = regression_houses.run(houses)
    assert repr(sold.shown.on_test) in ran(regression_houses.as_python(houses))


def ran(code: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    return out.getvalue()


@pytest.mark.parametrize(
    "value, unit, told",
    [(68696.5, "$", "$68,700"), (1234567.0, "$", "$1,235,000"), (59.67, "€", "€59.67"),
     (0.00123456, "", "0.001235")],
)  # fmt: skip
def test_money(value: float, unit: str, told: str):
    assert table_source.money(value, unit) == told


# --- sweeps and charts ---------------------------------------------------------------------------


def test_smaller_batches_have_a_higher_floor_and_a_lower_edge():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 3))
    y = X @ [1.0, 2.0, 3.0] + rng.standard_normal(200)
    *_, (share, found) = fit_grid(X, y, (1, 32, 0), [0.02, 0.1, 0.3], steps=600)
    assert share == 1.0 and found.excess.shape == (3, 3, 4)
    floor = found.excess.mean(axis=2)
    assert (floor[0, :2] > 3 * floor[1, :2]).all() and floor[0, 1] > 2 * floor[0, 0]
    assert np.nanmax(found.excess[2, 1]) < 1e-6 < floor[1, 1]
    charts.noise_floor(found, 1.9)


@pytest.mark.parametrize("kind", ["l1", "l2"])
def test_a_penalty_path_ends_at_least_squares_and_starts_at_nothing(kind: str):
    table = table_source.source_named("diabetes").table.to_numpy()
    X = (table[:, :-1] - table[:, :-1].mean(axis=0)) / table[:, :-1].std(axis=0)
    path = penalty_path(X, table[:, -1], kind, n=12)
    free = closed_form(X, table[:, -1])[0]
    assert np.abs(path.weights[0]).max() < 0.05 * np.abs(free).max()
    assert path.weights[-1] == pytest.approx(free, rel=0.05, abs=2)
    assert (np.diff(path.penalties) < 0).all()
    if kind == "l1":
        from sklearn.linear_model import Lasso

        for i in (3, 6, 9):
            truth = Lasso(alpha=path.penalties[i], tol=1e-12, max_iter=100_000).fit(X, table[:, -1])
            assert path.weights[i] == pytest.approx(truth.coef_, abs=1e-4)
    charts.penalties(path, list("abcdefghij"), 0.1)


# --- the pages -----------------------------------------------------------------------------------

VIEWS = {
    "many": ["eigen", "weights", "penalty", "residuals", "folds", "sweep"],
    "houses": ["load", "split", "impute", "encode", "scale", "fit", "score", "predict",
               "residuals", "folds"],
}  # fmt: skip


@pytest.mark.parametrize("room", VIEWS)
def test_every_view_runs_clean(room: str):
    query = {"regression_room": room, "regression_homes": "unscaled"}
    there = Visit("regression", query, menus=False)
    for view in VIEWS[room]:
        assert_clean(there.set("view", view).at, view)
        assert there.value("view") == view and [e.value for e in there.at.error] == []


@pytest.mark.parametrize("room", VIEWS)
def test_the_room_survives_every_button(room: str, monkeypatch: Any, tmp_path: Path):
    """`test_pages.py` moves its widgets."""
    monkeypatch.setenv("GDVIZ_DATA", str(tmp_path))  # California's houses have tests of their own
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    table_source.source_named.cache_clear()
    query = {"regression_room": room, "regression_homes": "unscaled"}
    at = open_page("regression", query)
    for kind, index, first in list(widgets(at, "button")):
        if again(at, kind, index, first.key) is not None:
            again(at, kind, index, first.key).click()
            assert_clean(at.run(), f"button {first.label}")


@pytest.mark.parametrize("tab", ["Numbers", "Maths", "Code", "Pitfalls"])
def test_every_tab_of_the_houses_runs_clean(tab: str):
    """Those of the other rooms are kept places (`test_links_kept.py`)."""
    query = {"regression_room": "houses", "regression_homes": "unscaled", "regression_tab": tab}
    assert_clean(open_page("regression", query, menus=False), tab)


def test_a_fresh_machine_opens_with_real_houses(monkeypatch: Any, tmp_path: Path):
    """The figures of 1978 are those that the column PRICE of Dubin 1992 has: 44.307, 3.5, 165."""
    monkeypatch.delenv("GDVIZ_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    table_source.source_named.cache_clear()
    at = open_page("regression", {"regression_room": "houses", "regression_view": "load"})
    assert_clean(at, "fresh")
    assert any("211 rows" in c.value for c in at.caption)
    assert any("come from raw.githubusercontent.com" in c.value for c in at.caption)
    fetch = next(b for b in at.button if b.key == "regression_fetch")
    assert "1.4 MB" in fetch.label and "StatLib" in fetch.help and "GDVIZ_DATA" in fetch.help
    assert any("Dubin 1992" in c.value and "CC0" in c.value for c in at.caption)
    assert not any(":red[" in c.value for c in at.caption)
    table = table_source.source_named("baltimore").table
    price = table["price"]
    assert (len(table), price.min(), price.max()) == (211, 3500, 165000)
    assert price.mean() == pytest.approx(44307.18, abs=0.01)
    done = regression_houses.run(Houses(homes="baltimore")).honest
    A = np.column_stack([np.ones(len(done.train)), done.X_train])
    held = np.column_stack([np.ones(len(done.test)), done.X_test])
    by_lstsq = held @ np.linalg.lstsq(A, done.y[done.train], rcond=None)[0]
    np.testing.assert_allclose(done.prediction_test, by_lstsq, rtol=1e-8)


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_a_table_of_a_visitor_is_learned_from():
    rows = "\n".join(f"{i % 7},{3 * (i % 7) + i % 2},{'ab'[i % 2]},{i}" for i in range(60))
    table = read_table(io.BytesIO(f"{HOSTILE},y,kind,id\n{rows}\n".encode()))
    source = Source(table, "y", None)
    done = topic.train(Many(table="upload", updates=200), source)
    assert done.pipe.features == (HOSTILE[:80], "kind")
    assert done.test[-1] < 0.2 * done.test[0]
    sold = regression_houses.predict_prices(Houses(homes="upload"), source)
    assert sold.shown.on_test.r2 > 0.99
    for bad in (Source(table, "y", ()), Source(table, "y", ("y",)), Source(table, "kind", None)):
        with pytest.raises(FitError):
            topic.train(Many(table="upload"), bad)


def test_what_the_reader_says_is_shown_as_text():
    """The notes quote the visitor's file: none of it may become markup."""

    def script(note: str) -> None:
        from gdviz.ui.table_reading import show_notes

        show_notes([note])

    at = AppTest.from_function(script, args=(HOSTILE,)).run()
    assert not at.exception
    shown = "".join(h.value for h in at.get("html"))
    assert "<script>" not in shown and "&lt;script&gt;" in shown


def test_a_training_that_would_take_too_long_is_refused_with_what_would_do():
    table = pd.DataFrame({"x": np.arange(1_000_000.0), "y": 1.0})
    source = Source(table, "y", ("x",), stamp="mine")
    for ask in (
        lambda: topic.train(Many(table="upload", updates=5000), source),
        lambda: regression_houses.predict_prices(Houses(homes="upload", epochs=5000), source),
    ):
        with pytest.raises(FitError, match="ask for 1,500 at most"):
            ask()
    check_work(source, 5000, batch=32)
    check_work(Source(table[:200_000], "y", ("x",)), 5000)


def test_what_cannot_be_trained_leaves_the_last_picture_and_is_trained_once():
    """As do the words of what is wrong: the visitor loses nothing."""

    def script() -> None:
        import pandas as pd
        import streamlit as st

        from gdviz.learn import FitError
        from gdviz.topics.regression.controls_upload import result_of
        from gdviz.topics.regression.table_source import Source

        made = []

        def make(spec: str, source: Source) -> str:
            if spec == "bad":
                raise FitError("Two columns say the same.")
            made.append(spec)
            return f"{spec} of the visitor"

        mine = Source(pd.DataFrame({"x": [1.0], "y": [2.0]}), "y", ("x",), stamp="mine")
        for spec, source, key in (
            ("bad", mine, ("mine",)),
            ("good", mine, ("mine",)),
            ("bad", mine, ("mine",)),
            ("good", mine, ("mine",)),
            ("named", mine, "diabetes"),
            ("good", None, None),
        ):
            run = "{} of ours".format
            st.text(result_of("nowhere", spec, source, key, run, make))
        st.json(made)

    at = AppTest.from_function(script).run()
    assert not at.exception
    own = "good of the visitor"
    assert [text.value for text in at.text] == ["None", own, own, own, "named of ours", "None"]
    assert [json.loads(shown.value) for shown in at.json] == [["good"]]
    assert sum("Two columns say the same." in caption.value for caption in at.caption) == 2
    assert sum("the last that could be done" in caption.value for caption in at.caption) == 1


def test_ticks_of_the_error_are_powers_of_ten_where_it_falls_through_many():
    spec = Many(table="unscaled")
    done = topic.run(spec)
    assert figures.background(done).layout.yaxis2.dtick in ("D2", 1)
    exact = done._replace(train=done.train[0] * np.logspace(0, -20, len(done.train)))
    low, high = figures.background(exact).layout.yaxis2.range
    assert (high - low) / figures.background(exact).layout.yaxis2.dtick <= 8
