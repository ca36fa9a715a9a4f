"""Ratings that outgrow memory: prepared once from Parquet by Dask, trained from mapped files.

    folder = store("ratings/*.parquet", "prepared")
    model = factorize_stored(folder, factors=32, epochs=5)

A folder holds the arrays of `factor_training.Problem` in the order in which they are visited. What
is in memory at a time are the tables of ids, one part of the Parquet files and one of some millions
of ratings; the numbers that come out are those of `factorize` on the same rows.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.format import open_memmap

from gdviz.knobs import KnobError
from gdviz.learn.recommender import data as factor_training
from gdviz.learn.recommender.columns import (
    ITEM_NAMES,
    RATING_NAMES,
    USER_NAMES,
    RatingsError,
    column_of,
    numbers_of,
)
from gdviz.learn.recommender.data import FactorizationData, Settings
from gdviz.learn.recommender.model import Factorization
from gdviz.learn.recommender.ratings import Ratings

PART = 8_000_000  # ratings that are put in order at a time
_PLACES, _VALUES = ("users", "items"), "values"
_TYPES = {"users": np.int32, "items": np.int32, "values": np.float64}


class _Columns(NamedTuple):
    user: str
    item: str
    rating: str


def store(files: Any, folder: Any, seed: int = 0, dtype: str = "float32") -> Path:
    """Write the ratings of Parquet files to a folder, in the order of a training with this seed.

    Columns go by the names of `Ratings.from_frame`; ids are whole numbers or texts. Raises
    `RatingsError` for what is no rating, and for two ratings of one item by one user: which of
    them counts is for whoever has the files to say.
    """
    import dask.dataframe as dd

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    said = Settings(seed=seed, dtype=dtype)
    table = dd.read_parquet(files)
    head = table.head(1, npartitions=-1)
    if not len(head):
        raise RatingsError("There is not a single rating in the files.")
    columns = _Columns(
        column_of(head.columns, None, USER_NAMES, "user"),
        column_of(head.columns, None, ITEM_NAMES, "item"),
        column_of(head.columns, None, RATING_NAMES, "rating"),
    )
    parts = table[list(columns)].to_delayed()
    ids, sizes = _ids(parts, columns)
    raw = _raw(parts, columns, ids, sizes, folder)
    values = raw[_VALUES]
    about = {"seed": seed, "dtype": dtype} | {
        "mean": float(values.mean()),
        "scale": [float(values.min()), float(values.max())],
        "count": len(values),
    }
    for name, table_of in zip(("user_ids", "item_ids"), ids, strict=True):
        # Texts are kept as Unicode of one width: an array of objects would be a pickle.
        plain = table_of.astype(str) if table_of.dtype == object else table_of
        np.save(folder / f"{name}.npy", plain, allow_pickle=False)
    _order(raw, [len(side) for side in ids], said, folder)
    for name in _TYPES:
        (folder / f"raw_{name}.npy").unlink()
    (folder / "about.json").write_text(json.dumps(about), "utf-8")
    return folder


def _computed(parts: list[Any], work: Any) -> Iterator[Any]:
    """Yield `work` of each part, one at a time: two at once may not fit into memory."""
    import dask

    for part in parts:
        yield dask.delayed(work)(part).compute(scheduler="synchronous")


def _ids(parts: list[Any], columns: _Columns) -> tuple[list[np.ndarray], list[int]]:
    """Return the sorted ids of users and of items, and the number of ratings of each part."""
    found: list[Any] = [None, None]
    sizes = []

    def of(part: Any) -> tuple[int, list[Any]]:
        return len(part), [_unique(part[name]) for name in columns[:2]]

    for size, ids in _computed(parts, of):
        sizes.append(size)
        found = [
            new if old is None else np.union1d(old, new)
            for old, new in zip(found, ids, strict=True)
        ]
    return found, sizes


def _unique(column: Any) -> np.ndarray:
    if column.isna().any():
        raise RatingsError(f"A rating has no id in the column “{column.name}”.")
    if column.dtype.kind == "f":
        raise RatingsError(f"The ids in “{column.name}” are no whole numbers and no texts.")
    return np.unique(column.to_numpy(dtype=None if column.dtype.kind in "iu" else object))


def _raw(
    parts: list[Any], columns: _Columns, ids: list[np.ndarray], sizes: list[int], folder: Path
) -> dict[str, np.ndarray]:
    """Write places and values in the order of the files, and return them mapped."""
    import pandas as pd

    raw = {name: _new(folder / f"raw_{name}.npy", sum(sizes), t) for name, t in _TYPES.items()}
    indexes = [pd.Index(side) for side in ids]

    def of(part: Any) -> list[np.ndarray]:
        places = [
            index.get_indexer(pd.Index(part[name].to_numpy()))
            for index, name in zip(indexes, columns[:2], strict=True)
        ]
        return [*places, numbers_of(part[columns.rating])]

    start = 0
    for found in _computed(parts, of):
        for name, values in zip(_TYPES, found, strict=True):
            raw[name][start : start + len(values)] = values
        start += len(found[0])
    return raw


def _new(file: Path, count: int, dtype: Any) -> np.ndarray:
    return open_memmap(file, "w+", np.dtype(dtype), (count,))


def _order(raw: dict[str, np.ndarray], shape: list[int], said: Settings, folder: Path) -> None:
    """Write the arrays in the order of `factor_training.visiting_order`, a part at a time."""
    count = len(raw["users"])
    dtypes = {**_TYPES, _VALUES: np.dtype(said.dtype)}
    out = {name: _new(folder / f"{name}.npy", count, t) for name, t in dtypes.items()}
    rng = np.random.default_rng(said.seed)
    if count < factor_training.LARGE:
        _refuse_twice(raw["users"], raw["items"])
        order = rng.permutation(count)
        for name in out:
            out[name][:] = raw[name][order]
        return
    from gdviz.kernels import visiting_order

    groups = factor_training.shuffled_groups(shape[0], rng)
    per_cell = _cell_counts(raw, groups, shape)
    edges = _parts_of(per_cell)
    ends = np.concatenate([[0], np.cumsum(per_cell)])[edges]
    _scatter(raw, groups, edges, ends, out)
    state = np.uint64(2 * (said.seed % 2**31) + 1)
    for lo, hi in zip(ends[:-1], ends[1:], strict=True):
        part = {name: np.array(out[name][lo:hi]) for name in out}
        _refuse_twice(part["users"], part["items"])
        order = np.empty(hi - lo, np.int32)
        section = np.zeros(hi - lo, np.int32)
        state = visiting_order.in_cells_from(
            part["users"],
            part["items"],
            section,
            groups,
            visiting_order.BLOCK,
            np.uint64(state),
            order,
        )
        for name in out:
            out[name][lo:hi] = part[name][order]


def _cells(users: np.ndarray, items: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the cell of each rating: by block of items, then by group of users."""
    from gdviz.kernels import visiting_order

    return (items // visiting_order.BLOCK).astype(np.int64) * (groups.max() + 1) + groups[users]


def _chunks(raw: dict[str, np.ndarray], groups: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    for lo in range(0, len(raw["users"]), PART):
        span = slice(lo, lo + PART)
        yield span, _cells(raw["users"][span], raw["items"][span], groups)


def _cell_counts(raw: dict[str, np.ndarray], groups: np.ndarray, shape: list[int]) -> np.ndarray:
    from gdviz.kernels import visiting_order

    cells = (-(-shape[1] // visiting_order.BLOCK)) * int(groups.max() + 1)
    found = np.zeros(cells, np.int64)
    for _, of in _chunks(raw, groups):
        found += np.bincount(of, minlength=cells)
    return found


def _parts_of(per_cell: np.ndarray) -> np.ndarray:
    """Return the cells at which parts of about `PART` ratings begin, and the number of cells."""
    part = np.cumsum(per_cell) // PART
    return np.concatenate([[0], np.flatnonzero(np.diff(part)) + 1, [len(per_cell)]])


def _scatter(
    raw: dict[str, np.ndarray],
    groups: np.ndarray,
    edges: np.ndarray,
    ends: np.ndarray,
    out: dict[str, np.ndarray],
) -> None:
    """Write each rating to the part that has its cell, in the order of the files within a part."""
    cursor = ends[:-1].copy()
    for span, cells in _chunks(raw, groups):
        part = np.searchsorted(edges, cells, side="right") - 1
        order = np.argsort(part, kind="stable")
        counts = np.bincount(part, minlength=len(cursor))
        starts = np.concatenate([[0], np.cumsum(counts)])
        for name in out:
            sorted_ = raw[name][span][order]
            for p in np.flatnonzero(counts):
                into = slice(cursor[p], cursor[p] + counts[p])
                out[name][into] = sorted_[starts[p] : starts[p + 1]]
        cursor += counts


def _refuse_twice(users: np.ndarray, items: np.ndarray) -> None:
    pair = np.sort(users.astype(np.int64) << 32 | items)
    twice = int((pair[1:] == pair[:-1]).sum())
    if twice:
        raise RatingsError(
            f"At least {twice:,} ratings are of an item that the same user has rated before: "
            "keep one of each."
        )


# --- training -------------------------------------------------------------------------------------


def stored_ratings(folder: Any) -> tuple[Ratings, dict[str, Any]]:
    """Return the ratings of a folder, mapped, in the order of their visit, and what it says."""
    folder = Path(folder)
    try:
        about = json.loads((folder / "about.json").read_text("utf-8"))
        # Copy-on-write: the kernels want arrays that could be written to, the files stay as is.
        arrays = [open_memmap(folder / f"{name}.npy", mode="c") for name in _TYPES]
        of_users, of_items = (_table_in(folder / f"{n}.npy") for n in ("user_ids", "item_ids"))
    except (OSError, ValueError) as error:
        raise RatingsError("That folder has no prepared ratings: `store` makes them.") from error
    users, items, values = (np.asarray(array) for array in arrays)
    low, high = about["scale"]
    return Ratings(users, items, values, of_users, of_items, scale=(low, high)), about


def _table_in(file: Path) -> np.ndarray:
    """Return a table of ids; texts as objects, which is what `Ratings` holds."""
    table = np.array(open_memmap(file, mode="r"))
    return table.astype(object) if table.dtype.kind == "U" else table


def factorize_stored(folder: Any, test: Ratings | None = None, **settings: Any) -> Factorization:
    """Return what `factorize` returns, learnt from the ratings of a folder of `store`.

    Seed and number type are those of the folder; solvers that visit ratings one by one, in one
    thread, and no validation part.
    """
    from gdviz.learn.recommender.factorize import training_of

    train, about = stored_ratings(folder)
    said = Settings(**{"seed": about["seed"], "dtype": about["dtype"]} | settings)
    if (said.seed, said.dtype) != (about["seed"], about["dtype"]):
        raise KnobError("Seed and dtype are those with which the ratings were prepared.")
    if said.solver not in ("sgd", "adagrad") or said.threads > 1 or said.validation:
        raise KnobError(
            "Prepared ratings are for sgd or adagrad, in one thread, without a validation part."
        )
    mean = np.dtype(said.dtype).type(about["mean"] if said.biases else 0.0)
    shape = (train.n_users, train.n_items)
    edges = (0, len(train))
    of = FactorizationData(train.users, train.items, train.values, edges, shape, mean, said)
    *_, last = training_of(of, train, {} if test is None else {"test": test})
    return last
