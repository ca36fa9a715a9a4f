"""The house-price pipeline against scikit-learn's own, its leaks, its folds, and bad tables."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

from gdviz.learn import FitError, TableError, read_table, scores
from gdviz.learn import datasets as data
from gdviz.learn.pipeline import Plan, k_fold, run_pipeline
from gdviz.learn.preparation import default_features, neighbours

HOUSE = "median_house_value"


@pytest.fixture(scope="module")
def houses(california: Path) -> pd.DataFrame:
    return read_table(california)


def rival(model: Any, degree: int = 1) -> Any:
    """The pipeline as one writes it with scikit-learn alone."""
    powers = (
        [StandardScaler(), PolynomialFeatures(degree, include_bias=False)] if degree > 1 else []
    )
    numbers = make_pipeline(SimpleImputer(strategy="median"), *powers, StandardScaler())
    words = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    at = make_column_transformer(
        (numbers, [*range(8)]), (words, ["ocean_proximity"]), sparse_threshold=0
    )
    return make_pipeline(at, model)


@pytest.mark.parametrize("seed", [0, 42])
def test_r2_on_california_is_that_of_scikit_learn(houses: pd.DataFrame, seed: int):
    X, y = houses.drop(columns=HOUSE), houses[HOUSE]
    A, B, a, b = train_test_split(X, y, test_size=0.2, random_state=seed)
    theirs = rival(LinearRegression()).fit(A, a).score(B, b)
    ours = run_pipeline(houses, HOUSE, plan=Plan(seed=seed))
    assert ours.on_test.r2 == pytest.approx(theirs, abs=1e-9)
    trained = run_pipeline(houses, HOUSE, plan=Plan(seed=seed, method="lbfgs", steps=150))
    assert trained.on_test.r2 == pytest.approx(theirs, abs=1e-6)


def test_powers_and_ridge_are_as_good_as_scikit_learn(houses: pd.DataFrame):
    X, y = houses.drop(columns=HOUSE), houses[HOUSE]
    A, B, a, b = train_test_split(X, y, test_size=0.2, random_state=0)
    theirs = rival(Ridge(alpha=1e-3 * len(A)), 2).fit(A, a).score(B, b)
    ours = run_pipeline(houses, HOUSE, plan=Plan(degree=2, l2=1e-3))
    assert ours.on_test.r2 >= theirs - 1e-9
    assert ours.on_test.r2 > run_pipeline(houses, HOUSE).on_test.r2 + 0.03


def test_folds_are_those_of_scikit_learn(houses: pd.DataFrame):
    from sklearn.model_selection import KFold

    few = houses.iloc[:2000]
    folds = k_fold(few, HOUSE, plan=Plan(seed=3), k=4)
    assert len(folds.seconds) == 4 and min(folds.seconds) > 0
    splits = KFold(4, shuffle=True, random_state=3)
    theirs = cross_val_score(
        rival(LinearRegression()), few.drop(columns=HOUSE), few[HOUSE], cv=splits
    )
    assert [s.r2 for s in folds.test] == pytest.approx(theirs, abs=1e-9)
    mean, sd = folds.mean_and_sd("r2")
    assert mean == pytest.approx(theirs.mean()) and sd == pytest.approx(theirs.std(ddof=1))


def test_a_leak_makes_the_score_a_lie(houses: pd.DataFrame):
    honest, rows, target = (
        run_pipeline(houses, HOUSE, plan=Plan(leak=leak)) for leak in ("none", "rows", "target")
    )
    assert 0 < abs(rows.on_test.r2 - honest.on_test.r2) < 1e-3  # small, but not the truth
    assert target.on_test.r2 > honest.on_test.r2 + 0.2
    with pytest.raises(FitError, match="no price yet"):
        target.predict(houses.iloc[:1])


def test_nothing_of_the_test_rows_is_learned(houses: pd.DataFrame):
    """Whatever stands in the held-out rows, the model stays the same, to the last bit."""
    few = houses.sample(600, random_state=0).reset_index(drop=True)
    first = run_pipeline(few, HOUSE, plan=Plan(degree=2))
    wild = few.copy()
    columns = [c for c in few.columns if c not in (HOUSE, "ocean_proximity")]
    wild.loc[first.test, columns] *= 1e3
    wild.loc[first.test, "ocean_proximity"] = "ON THE MOON"
    wild.loc[first.test, HOUSE] = 7.0
    again = run_pipeline(wild, HOUSE, plan=Plan(degree=2))
    np.testing.assert_array_equal(first.weights, again.weights)
    np.testing.assert_array_equal(first.X_train, again.X_train)
    leaky = run_pipeline(wild, HOUSE, plan=Plan(degree=2, leak="rows"))
    assert leaky.names != first.names and "ocean_proximity_ON THE MOON" in leaky.names


def test_a_house_is_predicted_whatever_the_order_of_its_columns(houses: pd.DataFrame):
    done = run_pipeline(houses.iloc[:2000], HOUSE)
    some = houses.iloc[done.test[:5]]
    assert done.predict(some) == pytest.approx(done.prediction_test[:5])
    assert done.predict(some[some.columns[::-1]]) == pytest.approx(done.prediction_test[:5])
    odd = some.assign(ocean_proximity="ON THE MOON", total_bedrooms=np.nan)
    assert np.isfinite(done.predict(odd)).all()
    with pytest.raises(FitError, match="“population” is missing"):
        done.predict(some.drop(columns="population"))


def test_the_target_is_never_among_the_neighbours_by_accident():
    """The leak is one: a column of noise is predicted well with it and not at all without."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((900, 3)), columns=["a", "b", "y"])
    honest, leaky = (
        run_pipeline(table, "y", plan=Plan(leak=k)).on_test.r2 for k in ("none", "target")
    )
    assert abs(honest) < 0.05 and leaky > 0.15
    assert np.mean(neighbours(table, ("a", "b"), np.arange(900.0))) == pytest.approx(449.5)


# --- tables that are not nice --------------------------------------------------------------------


def table_of(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


GOOD = {"x": [1.0, 2, 3, 5, 4, 6, 8, 7, 9, 10], "y": [1.0, 2, 2, 4, 5, 6, 7, 8, 8, 10]}
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no such target": (GOOD, {"target": "z"}, "no column “z”"),
    "a target of words": (GOOD | {"y": list("abcdefghij")}, {}, "must be a column of numbers"),
    "a constant target": (GOOD | {"y": [3.0] * 10}, {}, "“y” is constant"),
    "the target as a feature": (GOOD, {"features": ["x", "y"]}, "read the answer"),
    "no such feature": (GOOD, {"features": ["u"]}, "no column “u”"),
    "no feature": (GOOD, {"features": []}, "no feature"),
    "only useless features": ({"y": GOOD["y"], "c": [1.0] * 10}, {}, "no feature"),
    "one row": ({"x": [1.0], "y": [2.0]}, {"features": ["x"]}, "too few"),
    "two rows": ({"x": [1.0, 2.0], "y": [2.0, 3.0]}, {"features": ["x"]}, "too few"),
    "an unknown leak": (GOOD, {"plan": Plan(leak="roof")}, "unknown leak"),
    "no test rows": (GOOD, {"plan": Plan(test_share=0.0)}, "between 0 and 1"),
    "an unknown method": (GOOD, {"plan": Plan(method="magic")}, "unknown method"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_learned_is_refused_with_a_sentence(case: str):
    columns, given, words = REFUSED[case]
    with pytest.raises(FitError, match=words):
        run_pipeline(table_of(**columns), given.pop("target", "y"), **given)


ODD: dict[str, tuple[Any, str]] = {
    "infinite": ([1.0, np.inf, *range(8)], "“odd” is infinite.*row 2"),
    "enormous": (np.arange(10) * 1e200, "too large to compute with"),
    "dates": (pd.date_range("2020-01-01", periods=10), "“odd” holds dates"),
    "dates with a zone": (pd.date_range("2020-01-01", periods=10, tz="UTC"), "holds dates"),
    "durations": (pd.to_timedelta(np.arange(10), unit="D"), "holds dates"),
    "months": (pd.period_range("2020-01", periods=10, freq="M"), "holds dates"),
    "complex": (np.arange(10) * 1j, "complex numbers"),
    "nothing": ([None] * 10, "no value in the rows"),
}


@pytest.mark.parametrize("case", ODD)
def test_a_column_that_no_model_takes_is_named(case: str):
    values, words = ODD[case]
    table = table_of(**GOOD).assign(odd=values)
    for fit in (run_pipeline, k_fold):
        with pytest.raises(FitError, match=words):
            fit(table, "y", ["x", "odd"])
    assert run_pipeline(table, "y", ["x"]).features == ("x",)


STRANGE: dict[str, Any] = {
    "numbers and words": [1, "two", 3.5, None, "two", 1, "x", 2, 1, "two"],
    "categories": pd.Categorical(list("abcabcabca")),
    "categories of numbers": pd.Categorical([1, 2, 1, 2, 1, 2, 1, 2, 1, 2]),
    "nullable integers": pd.array([1, None, 3, 4, 5, 6, 7, 8, 9, 10], dtype="Int64"),
    "nullable floats": pd.array([1.5, None, 3, 4, 5, 6, 7, 8, 9, 1], dtype="Float64"),
    "nullable truth": pd.array([True, None, *[False, True] * 4], dtype="boolean"),
    "truth and nothing": [True, None, False, True, False, True, False, True, False, True],
    "lists": [[1], [2], [1], [2], [1], [2], [1], [2], [1], [2]],
    "bytes": [b"a", b"b"] * 5,
    "Arrow texts": pd.array(list("ababababab"), dtype="string"),
    "dates as objects": [pd.Timestamp("2020-01-01"), "soon"] * 5,
}


@pytest.mark.parametrize("case", STRANGE)
def test_a_strange_column_is_words_or_numbers(case: str):
    table = table_of(**GOOD).assign(odd=STRANGE[case])
    done = run_pipeline(table, "y", ["x", "odd"])
    assert np.isfinite(done.prediction_test).all()
    assert done.predict(table.iloc[done.test]) == pytest.approx(done.prediction_test)
    run_pipeline(table, "y")


def test_what_is_no_table_is_refused():
    twice = pd.DataFrame([[1.0, 2.0, 3.0]] * 5, columns=["a", "a", "y"])
    with pytest.raises(FitError, match="Two columns are called “a”"):
        run_pipeline(twice, "y")
    with pytest.raises(FitError, match="Two columns are called “1”"):
        run_pipeline(pd.DataFrame({1: [1.0], "1": [2.0], "y": [3.0]}), "y")
    with pytest.raises(FitError, match="DataFrame, not dict"):
        run_pipeline(GOOD, "y")
    for plan in (Plan(degree=0), Plan(degree=1.5), Plan(seed=-1), Plan(test_share="half")):
        with pytest.raises(FitError):
            run_pipeline(table_of(**GOOD), "y", plan=plan)
    with pytest.raises(FitError, match="“y” must be a column of numbers"):
        run_pipeline(table_of(x=GOOD["x"], y=np.arange(10) * 1j), "y")
    with pytest.raises(FitError, match="another unit"):
        run_pipeline(table_of(x=GOOD["x"], y=np.arange(10) * 1e200), "y")
    names = pd.DataFrame({0: GOOD["x"], "b": GOOD["x"][::-1], "y": GOOD["y"]})
    assert run_pipeline(names, "y", [0, "b"]).names == ("0", "b")


def test_features_that_say_nothing_are_left_out():
    table = table_of(
        **GOOD, id=range(10), constant=[2.0] * 10, almost=[1e10 + 0.1] * 9 + [1e10 + 0.1000001],
        one_word=["a"] * 10, name=[f"house {i}" for i in range(10)], kind=list("aabbaabbab"),
        when=pd.date_range("2020-01-01", periods=10),
    )  # fmt: skip
    assert default_features(table, "y") == ("x", "kind")


def test_odd_columns_go_through():
    table = table_of(
        x=GOOD["x"], y=[*GOOD["y"][:-1], np.nan], gap=[np.nan, 1, 2, np.nan, 4, 5, 6, 7, 8, 3],
        word=["a", None, "b", "a", "b", "a", None, "b", "a", "c"], flag=[True, False] * 5,
        same=GOOD["x"], constant=[1.0] * 10,
    )  # fmt: skip
    done = run_pipeline(table, "y", [c for c in table.columns if c != "y"])
    assert np.isfinite(done.prediction_test).all() and np.isfinite(done.weights).all()
    assert done.notes == ("1 rows have no “y” and were left out.",)
    assert len(done.train) + len(done.test) == 9
    assert done.weights[done.names.index("constant")] == 0


def test_fewer_rows_than_columns():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((12, 30)), columns=[f"c{i}" for i in range(30)])
    done = run_pipeline(table, "c0")
    assert done.on_train.r2 == pytest.approx(1, abs=1e-9) and done.on_test.r2 < 0.99


@pytest.mark.parametrize("k", [0, 1, 6, 100])
def test_folds_that_are_none_are_refused(k: int):
    with pytest.raises(FitError, match="folds of 10 rows"):
        k_fold(table_of(**GOOD), "y", k=k)


# --- data sets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", data.CLOUDS)
def test_clouds_are_points_that_the_seed_decides(name: str):
    x, y = data.CLOUDS[name].make(30, 1.0, 5)
    again = data.CLOUDS[name].make(30, 1.0, 5)
    assert x.shape == y.shape == (11 if "anscombe" in name else 30,)
    assert (x == again[0]).all() and (y == again[1]).all() and np.isfinite(y).all()


def test_anscombe_is_four_times_the_same_line():
    """Anscombe 1973: mean of y 7.50, line y = 3 + x/2, R² = 0.667."""
    for x, y in data.ANSCOMBE:
        from gdviz.learn import closed_form

        weights, bias = closed_form(np.array(x)[:, None], y)
        assert (weights[0], bias) == pytest.approx((0.5, 3.0), abs=3e-3)
        fit = weights[0] * np.array(x) + bias
        assert scores(y, fit).r2 == pytest.approx(0.667, abs=1e-3)
        assert np.mean(y) == pytest.approx(7.5, abs=1e-2)


@pytest.mark.parametrize("name", data.DATASETS)
def test_every_data_set_can_be_learned_from(name: str):
    entry = data.DATASETS[name]
    table = entry.load()
    done = run_pipeline(table, entry.target)
    assert len(done.features) >= 3 and np.isfinite(done.on_test.rmse)
    assert done.on_train.r2 > 0.4
    pd.testing.assert_frame_equal(table, entry.load())


def test_california_is_found_where_the_data_are(california: Path, monkeypatch: Any):
    monkeypatch.setenv("GDVIZ_DATA", str(california.parents[1]))
    assert data.california().shape == (20640, 10)


def test_california_is_asked_for_and_not_fetched(monkeypatch: Any, tmp_path: Path):
    monkeypatch.delenv("GDVIZ_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(TableError, match="download"):
        data.california()


class Answer(io.BytesIO):
    headers = {"content-length": "1000"}

    def raise_for_status(self) -> None:
        pass

    def close(self) -> None:
        pass

    def iter_content(self, chunk_size: int) -> Any:
        yield from iter(lambda: self.read(100), b"")


def test_a_download_is_checked_and_kept(monkeypatch: Any, tmp_path: Path):
    import hashlib

    import requests

    monkeypatch.delenv("GDVIZ_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    body = b"a,b\n" + b"1,2\n" * 249
    right = hashlib.sha256(body).hexdigest()
    asked: list[str] = []

    def get(url: str, **_: Any) -> Answer:
        asked.append(url)
        return Answer(body)

    monkeypatch.setattr(requests, "get", get)
    shares: list[float] = []
    with pytest.raises(TableError, match="checksum"):
        data.fetch("set/t.csv", "https://example.org/t.csv", "0" * 64, shares.append)
    assert data.local_file("set/t.csv") is None
    file = data.fetch("set/t.csv", "https://example.org/t.csv", right, shares.append)
    assert file.read_bytes() == body and shares[-1] == 1.0 and len(shares) > 5
    data.fetch("set/t.csv", "https://example.org/t.csv", right, shares.append)
    assert len(asked) == 2 and data.local_file("set/t.csv") == file


def test_no_network_is_a_sentence(monkeypatch: Any, tmp_path: Path):
    import requests

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def fail(url: str, **_: Any) -> Any:
        raise requests.ConnectionError("no route")

    monkeypatch.setattr(requests, "get", fail)
    with pytest.raises(TableError, match="Is there a network"):
        data.fetch_california()
