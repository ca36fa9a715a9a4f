"""Ratings that outgrow memory: the same order, the same numbers as in memory, on a small set."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gdviz.kernels import visiting_order
from gdviz.knobs import KnobError
from gdviz.learn import factorize
from gdviz.learn.recommender import data as factor_training
from gdviz.learn.recommender import out_of_core
from gdviz.learn.recommender.ratings import Ratings, RatingsError
from gdviz.learn.recommender.synthetic import low_rank_ratings


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six files of a few thousand ratings, in an order of their own."""
    folder = tmp_path_factory.mktemp("ratings")
    frame = low_rank_ratings(users=300, items=200, filled=0.4).ratings.frame()
    frame = frame.sample(frac=1, random_state=3, ignore_index=True)
    for n in range(6):
        part = frame.iloc[n * len(frame) // 6 : (n + 1) * len(frame) // 6]
        part.to_parquet(folder / f"part{n}.parquet", index=False)
    return folder


def frame_of(files: Path) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(f) for f in sorted(files.iterdir())], ignore_index=True)


@pytest.mark.parametrize("large", [False, True], ids=["shuffled", "in cells"])
@pytest.mark.parametrize("solver", ["sgd", "adagrad"])
def test_the_numbers_are_those_of_memory(
    large: bool, solver: str, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(factor_training, "LARGE", 1000)
        monkeypatch.setattr(visiting_order, "BLOCK", 64)  # four blocks of items
        monkeypatch.setattr(out_of_core, "PART", 3000)  # eight parts
    train, test = (
        Ratings.from_frame(frame_of(files)),
        low_rank_ratings(users=300, items=200).ratings,
    )
    folder = out_of_core.store(str(files / "*.parquet"), tmp_path / "x", seed=5)
    said = {"factors": 6, "epochs": 3, "lr": 0.02, "solver": solver}
    ours = out_of_core.factorize_stored(folder, test, **said)
    theirs = factorize(train, test, seed=5, **said)
    assert ours.train_rmse.tolist() == theirs.train_rmse.tolist()
    assert ours.test_rmse.tolist() == theirs.test_rmse.tolist()
    for a, b in zip(ours.parameters, theirs.parameters, strict=True):
        assert a.tobytes() == b.tobytes()
    assert ours.recommend(7, 5) == theirs.recommend(7, 5)
    assert isinstance(out_of_core.stored_ratings(folder)[0].users.base, np.memmap)
    assert not list(folder.glob("raw_*"))


def test_ids_may_be_texts(files: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(files / "part0.parquet")
    frame = frame.assign(user="u" + frame.user.astype(str), item="i" + frame.item.astype(str))
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    folder = out_of_core.store(str(tmp_path / "a.parquet"), tmp_path / "x")
    ours, theirs = out_of_core.factorize_stored(folder, epochs=2), factorize(frame, epochs=2)
    assert ours.train_rmse.tolist() == theirs.train_rmse.tolist()
    assert ours.recommend("u7", 3) == theirs.recommend("u7", 3)


def test_what_is_no_rating_is_refused(files: Path, tmp_path: Path) -> None:
    frame = frame_of(files)
    for change, said in (
        (lambda f: pd.concat([f, f.iloc[:3]]), "At least 3 ratings"),
        (lambda f: f.assign(rating=f.rating.where(f.index != 7)), "missing or infinite"),
        (lambda f: f.assign(user=f.user.astype("Int64").where(f.index != 7)), "no id"),
        (lambda f: f.rename(columns={"item": "thing"}), "No column says the item"),
        (lambda f: f.iloc[:0], "not a single rating"),
    ):
        change(frame).to_parquet(tmp_path / "bad.parquet", index=False)
        with pytest.raises(RatingsError, match=said):
            out_of_core.store(str(tmp_path / "bad.parquet"), tmp_path / "bad")
    with pytest.raises(RatingsError, match="no prepared ratings"):
        out_of_core.factorize_stored(tmp_path / "bad")


@pytest.mark.parametrize("said", [{"seed": 6}, {"dtype": "float64"}, {"solver": "als"}])
def test_what_was_prepared_otherwise_is_refused(
    said: dict[str, object], files: Path, tmp_path: Path
) -> None:
    folder = out_of_core.store(str(files / "part0.parquet"), tmp_path, seed=5)
    with pytest.raises(KnobError):
        out_of_core.factorize_stored(folder, **said)
