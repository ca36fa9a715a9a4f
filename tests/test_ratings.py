"""Ratings from tables and files: ids of every kind, and everything that a visitor may upload."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import each

from gdviz.learn import Ratings, factorize, read_ratings
from gdviz.learn.recommender.data import Settings
from gdviz.learn.recommender.movielens import EDITIONS, TERMS, fetch_movielens, find_movielens
from gdviz.learn.recommender.ratings import RatingsError, positions
from gdviz.learn.recommender.solvers import SOLVERS

TABLE = {"user": [1, 1, 2, 3], "item": [10, 20, 10, 30], "rating": [4.0, 3.0, 5.0, 1.5]}


def frame(**changes) -> pd.DataFrame:
    return pd.DataFrame(TABLE | changes)


def test_a_table_becomes_places_in_tables_of_ids():
    found = Ratings.from_frame(frame())
    assert found.user_ids.tolist() == [1, 2, 3] and found.item_ids.tolist() == [10, 20, 30]
    assert found.users.tolist() == [0, 0, 1, 2] and found.items.tolist() == [0, 1, 0, 2]
    assert found.values.tolist() == TABLE["rating"] and found.scale == (1.5, 5.0)
    assert len(found) == 4 and found.notes == ()
    pd.testing.assert_frame_equal(found.frame(), frame())


@pytest.mark.parametrize(
    "names",
    [
        ("userId", "movieId", "rating"),
        ("User_ID", " Film ", "Stars"),
        ("UID", "iid", "score"),
        ("reviewerID", "asin", "overall"),
    ],
)
def test_columns_are_found_by_their_usual_names(names):
    named = frame().set_axis(names, axis=1)
    assert Ratings.from_frame(named.iloc[:, ::-1]).values.tolist() == TABLE["rating"]


def test_columns_can_be_named():
    odd = frame().set_axis(["who", "what", "how"], axis=1)
    with pytest.raises(RatingsError, match="No column says the user.*who, what, how"):
        Ratings.from_frame(odd)
    assert len(Ratings.from_frame(odd, user="who", item="what", rating="how")) == 4
    with pytest.raises(RatingsError, match="no column “where”"):
        Ratings.from_frame(odd, user="where", item="what", rating="how")


IDS = {
    "huge": [10**9, 10**9, -(10**9), 2**62],
    "text": ["anna", "anna", "bert", "ünï"],
    "floats that are whole": [1.0, 1.0, 2.0, 3e9],
    "floats": [0.5, 0.5, 1.5, -2.5],
    "mixed": ["a", "a", 7, 2.5],
    "text of numbers": ["1", "1", "02", "2"],
    "truth": [True, True, False, False],
    "beyond 64 bits": [2**70, 2**70, 1, 2],
}


@pytest.mark.parametrize("kind", IDS)
@pytest.mark.parametrize("side", ["user", "item"])
def test_ids_of_every_kind_are_mapped_and_found_again(kind: str, side: str):
    ids = IDS[kind]
    table = pd.DataFrame({"user": [1, 2, 3, 4], "item": [1, 2, 3, 4], "rating": [4.0, 3, 5, 1]})
    table[side] = pd.Series(ids, dtype=object if kind in ("mixed", "beyond 64 bits") else None)
    found = Ratings.from_frame(table)
    model = factorize(found, factors=2, epochs=3)
    seen = model.known(*(ids, [1] * 4) if side == "user" else ([1] * 4, ids))
    assert all(s.all() for s in seen)
    assert np.isfinite(model.predict(table["user"], table["item"])).all()
    whole = model.predict(table["user"].tolist(), table["item"].tolist())
    assert np.array_equal(whole, model.predict(table["user"].to_numpy(), table["item"].to_numpy()))
    for user, item, value in zip(table["user"], table["item"], whole, strict=True):
        assert model.predict(user, item) == pytest.approx(float(value), rel=1e-6)


def test_an_id_never_wraps_and_never_stands_for_another():
    table = np.array([1, 2, 3])
    for stranger in (-1, 0, 4, 1.5, np.nan, np.inf, None, "1", "x", 10**30, -(10**30)):
        assert positions(table, [stranger]).tolist() == [3], stranger
    assert positions(table, [2, -1, 3]).tolist() == [1, 3, 2]
    assert positions(table, np.array([2.0, 3.0])).tolist() == [1, 2]
    assert positions(np.array(["a", "b"], object), ["b", "c", 1]).tolist() == [1, 2, 2]
    assert positions(table, []).tolist() == []


BAD = {
    "no row": (pd.DataFrame({"user": [], "item": [], "rating": []}), "not a single rating"),
    "no rating column": (frame().drop(columns="rating"), "No column says the rating"),
    "no user column": (frame().drop(columns="user"), "No column says the user"),
    "text": (frame(rating=[4, "good", 3, 2]), "1 ratings are no numbers.*row 2.*good"),
    "missing": (frame(rating=[4, None, np.nan, 2]), "2 ratings are missing.*row 2"),
    "infinite": (frame(rating=[4, 3, 2, np.inf]), "infinite, the first in row 4"),
    "absurd": (frame(rating=[4, 3, 2, 1e30]), "beyond a million"),
    "no id": (frame(user=[1, None, 2, 3]), "Row 2 has no id"),
    "no text id": (frame(item=["a", None, "b", "c"]), "Row 2 has no id"),
    "infinite id": (frame(user=[1, np.inf, 2, 3]), "infinite"),
    "twice the same column": (
        pd.DataFrame([[1, 1, 2, 3]], columns=["user", "user", "item", "rating"]),
        "same name",
    ),
    "no table": (7, "not a table"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_right_is_refused_with_a_sentence(kind: str):
    table, words = BAD[kind]
    with pytest.raises(RatingsError, match=words):
        Ratings.from_frame(table)


def test_numbers_that_are_written_as_text_are_numbers():
    assert Ratings.from_frame(frame(rating=["4", "3.5", " 2 ", "1"])).values[1] == 3.5


def test_a_scale_is_kept():
    assert Ratings.from_frame(frame(), scale=(0.5, 5)).scale == (0.5, 5.0)
    with pytest.raises(RatingsError, match="1 ratings lie outside the scale 1 to 4.*row 3: 5"):
        Ratings.from_frame(frame(rating=[4, 3, 5, 1.5]), scale=(1, 4))
    with pytest.raises(RatingsError, match="lowest rating first"):
        Ratings.from_frame(frame(), scale=(5, 1))


def test_the_latest_of_several_ratings_counts():
    rows = {"user": [1, 1, 2, 1], "item": [5, 5, 5, 5], "rating": [1.0, 2.0, 3.0, 4.0]}
    found = Ratings.from_frame(rows)
    assert len(found) == 2 and sorted(found.values) == [3.0, 4.0]
    assert "2 ratings of the same item by the same user" in found.notes[0]
    timed = Ratings.from_frame(rows | {"timestamp": [9, 8, 1, 7]})
    assert sorted(timed.values) == [1.0, 3.0]


def test_the_caller_keeps_the_table():
    table = frame(user=[1, 1, 1, 1])
    before = table.copy()
    factorize(Ratings.from_frame(table), epochs=2)
    pd.testing.assert_frame_equal(table, before)


@each("solver", SOLVERS)
@each(
    "rows",
    [
        {"user": [1], "item": [1], "rating": [4.0]},
        {"user": [1, 1, 1], "item": [1, 2, 3], "rating": [4.0, 3.0, 5.0]},
        {"user": [1, 2, 3], "item": [1, 1, 1], "rating": [4.0, 3.0, 5.0]},
        {"user": [1, 2, 3], "item": [1, 2, 3], "rating": [3.0, 3.0, 3.0]},
        {"user": [1, 2], "item": [1, 2], "rating": [0.0, 0.0]},
    ],
)
def test_the_smallest_tables_can_be_learnt_from(rows, solver: str):
    train = Ratings.from_frame(rows)
    model = factorize(train, train, solver=solver, epochs=5, lr=0.05, dtype="float64")
    assert model.status == "finished" and np.isfinite(model.train_rmse).all()
    assert np.isfinite(model.predict(rows["user"], rows["item"])).all()
    if solver != "nmf" and np.ptp(rows["rating"]) == 0:
        assert model.train_rmse[-1] < 0.1
    assert len(model.recommend(1, 10)) == train.n_items - np.count_nonzero(train.users == 0)


def test_what_factorize_cannot_use_is_refused():
    train = Ratings.from_frame(frame())
    nobody = train.take(np.zeros(4, bool))
    for data, test in ((nobody, None), (train, nobody), ([1, 2], None), (None, None)):
        with pytest.raises(RatingsError):
            factorize(data, test)
    with pytest.raises(RatingsError, match="no pairs"):
        factorize(train).predict([1, 2], [1, 2, 3])
    with pytest.raises(RatingsError, match="not negative"):
        factorize(Ratings.from_frame(frame(rating=[-1, 2, 3, 4])), solver="nmf")


@pytest.mark.parametrize(
    "wrong",
    [
        {"factors": -1},
        {"factors": 2.5},
        {"factors": 10**6},
        {"epochs": -1},
        {"epochs": True},
        {"lr": np.nan},
        {"lr": -0.1},
        {"lr": "fast"},
        {"lr": (0.1, 0.1)},
        {"reg": np.inf},
        {"solver": "magic"},
        {"dtype": "int32"},
        {"dtype": "no type"},
        {"seed": -1},
        {"threads": 0},
        {"validation": 1.0},
        {"patience": 0},
        {"decay": -1},
        {"spread": -1},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError) as caught:
        factorize(Ratings.from_frame(frame()), **wrong)
    assert str(caught.value).endswith((".", "…"))


def test_no_factors_and_no_epochs_are_allowed():
    train = Ratings.from_frame(frame())
    none = factorize(train, factors=0, lr=0.1, epochs=50)
    assert none.user_factors.shape == (3, 0) and none.train_rmse[-1] < none.train_rmse[0]
    start = factorize(train, epochs=0)
    assert start.train_rmse.shape == (0,) and start.user_factors.any()


# --- parts ----------------------------------------------------------------------------------------


def test_parts_are_disjoint_complete_and_compact():
    data = Ratings.from_frame(
        {"user": np.arange(50) % 7, "item": np.arange(50), "rating": np.arange(50.0)}
    )
    train, test = data.split(0.2, 3)
    assert len(test) == 10 and len(train) == 40
    assert np.array_equal(np.sort(np.append(train.values, test.values)), data.values)
    assert train.n_items == 40 and len(np.unique(train.items)) == 40
    again = data.split(0.2, 3)[1]
    assert np.array_equal(again.values, test.values)
    assert not np.array_equal(data.split(0.2, 4)[1].values, test.values)
    for part in (train, test):
        assert (part.values == part.item_ids[part.items]).all()
    assert len(data.split(0.001)[1]) == 1 and len(data.split(0.999)[0]) == 1
    for share in (0, 1, -1, np.nan):
        with pytest.raises(RatingsError):
            data.split(share)
    with pytest.raises(RatingsError, match="One rating"):
        data.take([0]).split()
    with pytest.raises(RatingsError, match="cannot be cut"):
        list(data.take([0, 1]).folds(3))


# --- files ----------------------------------------------------------------------------------------

LINES = [(1, 31, 2.5, 11), (1, 1029, 3.0, 12), (7, 31, 4.0, 13)]


def movielens(folder: Path, layout: str) -> Path:
    """Write an edition of three ratings in one of MovieLens' layouts."""
    if layout == "ratings.csv":
        rows = "\n".join(",".join(map(str, row)) for row in LINES)
        (folder / layout).write_text(f"userId,movieId,rating,timestamp\n{rows}\n")
        (folder / "movies.csv").write_text(
            'movieId,title,genres\n31,"Minds, Dangerous (1995)",Drama\n1029,Dumbo (1941),X\n'
        )
    elif layout == "ratings.dat":
        (folder / layout).write_text("".join("::".join(map(str, row)) + "\n" for row in LINES))
        (folder / "movies.dat").write_bytes(b"31::Minds\xe9 (1995)::D\n1029::Dumbo (1941)::X\n")
    elif layout == "u.data":
        (folder / layout).write_text("".join("\t".join(map(str, row)) + "\n" for row in LINES))
        (folder / "u.item").write_bytes(b"31|Minds\xe9 (1995)|x|\n1029|Dumbo (1941)|x|\n")
    else:
        table = pd.DataFrame(LINES, columns=["userId", "movieId", "rating", "timestamp"])
        table.to_parquet(folder / layout)
    return folder / layout


@pytest.mark.parametrize("layout", ["ratings.csv", "ratings.dat", "u.data", "ratings.parquet"])
def test_every_layout_of_movielens_is_read(layout: str, tmp_path: Path):
    file = movielens(tmp_path, layout)
    for path in (file, str(file), tmp_path):
        found = read_ratings(path)
        assert found.user_ids.tolist() == [1, 7] and found.item_ids.tolist() == [31, 1029]
        assert found.values.tolist() == [2.5, 3.0, 4.0]
        if layout != "ratings.parquet":
            assert found.titles[1] == "Dumbo (1941)"
            assert found.titles[0].startswith("Minds")


def test_an_upload_is_read_with_its_notes():
    text = "person;film;stars\nanna;Dumbo;4,5\nbert;Dumbo;3\nanna;Dumbo;2\n"
    found = read_ratings(io.BytesIO(text.encode()))
    assert found.user_ids.tolist() == ["anna", "bert"]
    assert sorted(found.values) == [2.0, 3.0]
    assert any("semicolon" in note.lower() or "“;”" in note for note in found.notes)
    assert any("latest" in note for note in found.notes)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"userId,movieId,rating,timestamp\n",
        b"userId,movieId,rating,timestamp\n1,2,good,3\n",
        b"userId,movieId,rating,timestamp\n1,2,3\n1,2\n",
        b"userId,movieId,rating,timestamp\n1,,3,4\n",
        b"a,b,c\n1,2,3\n",
        b"1::2::x::4\n",
        b"\x00\x01\x02\xff",
        b"PAR1 not really",
    ],
    ids=repr,
)
def test_a_file_that_is_none_is_refused_with_a_sentence(data: bytes, tmp_path: Path):
    file = tmp_path / "ratings.csv"
    file.write_bytes(data)
    for given in (file, io.BytesIO(data)):
        with pytest.raises(ValueError) as caught:
            read_ratings(given)
        assert type(caught.value).__name__ in ("RatingsError", "TableError")
        assert len(str(caught.value)) > 20


def test_a_folder_or_a_file_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(RatingsError, match="none of ratings.csv"):
        read_ratings(tmp_path)
    with pytest.raises(RatingsError, match="no file “gone.csv”"):
        read_ratings(tmp_path / "gone.csv")


# --- downloads ------------------------------------------------------------------------------------


def test_data_on_this_machine_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GDVIZ_DATA", str(tmp_path))
    assert find_movielens() is None
    folder = tmp_path / "ml-latest-small"
    folder.mkdir()
    movielens(folder, "ratings.csv")
    assert find_movielens() == fetch_movielens() == folder


@pytest.mark.parametrize("sound", [True, False])
def test_a_download_is_checked_and_told_about(sound, tmp_path: Path, monkeypatch):
    """From a server of our own: the archive, or one that is not what the checksum says."""
    import hashlib
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    source = tmp_path / "source"
    source.mkdir()
    movielens(source, "ratings.csv")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in source.iterdir():
            archive.write(file, f"ml-latest-small/{file.name}")

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(packed.getvalue())))
            self.end_headers()
            self.wfile.write(packed.getvalue())

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()

    class Local(type(EDITIONS["small"])):
        url = f"http://127.0.0.1:{server.server_port}/small.zip"

    checksum = "sha256:" + hashlib.sha256(packed.getvalue() if sound else b"other").hexdigest()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("GDVIZ_DATA", raising=False)
    monkeypatch.setitem(EDITIONS, "small", Local(*EDITIONS["small"])._replace(checksum=checksum))
    told = []
    try:
        if sound:
            folder = fetch_movielens("small", told.append)
            assert len(read_ratings(folder)) == 3 and find_movielens() == folder
            assert told[-1] == 1.0 and told == sorted(told)
        else:
            with pytest.raises(RatingsError, match="could not be downloaded"):
                fetch_movielens("small", told.append)
            assert find_movielens() is None
    finally:
        server.shutdown()


def test_every_edition_is_pinned_and_its_terms_are_named():
    for edition in EDITIONS.values():
        kind, digits = edition.checksum.split(":")
        assert len(digits) == {"sha256": 64, "md5": 32}[kind]
        assert edition.url.startswith("https://files.grouplens.org/")
    assert "research" in TERMS and "10.1145/2827872" in TERMS


def test_settings_hold_the_defaults_of_the_public_function():
    import inspect

    said = inspect.signature(factorize).parameters
    for name, value in vars(Settings()).items():
        assert said[name].default == value
