"""Ratings from files: MovieLens in all its formats, and any table with user, item and rating."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.column_types import Guess
from gdviz.learn.downloads import cache_folder, download
from gdviz.learn.recommender.columns import BY_PLACE, RatingsError, as_ids, id_columns
from gdviz.learn.recommender.ratings import Ratings

Progress = Callable[[float], None]
READING = ("separator", "decimal", "header", "thousands")  # what `read_table` may be told
CHUNK = 16_000_000  # bytes that are looked through at a time
SEPARATING = np.frombuffer(b"\n,:\t", np.uint8)
NAMES = ("userId", "movieId", "rating", "timestamp")
# The ratings of an edition, how its columns are separated, and the same of its titles.
LAYOUTS = {
    "ratings.csv": (",", "movies.csv", ","),
    "ratings.dat": ("::", "movies.dat", "::"),
    "u.data": ("\t", "u.item", "|"),
    "ratings.parquet": ("", "movies.csv", ","),
}
TERMS = (
    "MovieLens, © GroupLens, University of Minnesota: for research and teaching, not for sale; "
    "pass it on under the same terms; cite Harper and Konstan (2015), doi:10.1145/2827872."
)


class Edition(NamedTuple):
    """A MovieLens data set that can be downloaded: the file is pinned by its checksum."""

    label: str
    folder: str
    checksum: str
    megabytes: int

    @property
    def url(self) -> str:
        """Where GroupLens keeps the archive."""
        return f"https://files.grouplens.org/datasets/movielens/{self.folder}.zip"


EDITIONS = {
    "small": Edition(
        "MovieLens small (100,836 ratings)",
        "ml-latest-small",
        "sha256:696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
        1,
    ),
    "25m": Edition(
        "MovieLens 25M (25,000,095 ratings)", "ml-25m", "md5:6b51fb2759a8657d3bfcbfc42b592ada", 262
    ),
    "32m": Edition(
        "MovieLens 32M (32,000,204 ratings)", "ml-32m", "md5:d472be332d4daa821edc399621853b57", 239
    ),
}


def read_ratings(
    path: Any, *, limits: Any = None, progress: Progress | None = None, **said: Any
) -> Ratings:
    """Return the ratings of a file, or of a folder with a MovieLens edition in it.

    MovieLens' `ratings.csv`, `ratings.dat` and `u.data` are known, with the titles beside them;
    any other CSV, TSV or Parquet file needs a column each for user, item and rating, found by
    their usual names or given as in `Ratings.from_frame`; without a header, they stand in this
    order. Ids are read as they are written. `separator`, `decimal`, `header` and `thousands` are
    those of `read_table`. A binary file that is open will do; it is held to `limits`, those of
    `tables` if none are given, and says its `progress`, 0 to 1. Raises `RatingsError`, or
    `TableError` (a `ValueError` too) for what is no table.
    """
    how = {name: said.pop(name) for name in READING if name in said}
    file = Path(path) if isinstance(path, str | os.PathLike) else None
    if file is None:
        return _of_table(path, said, how, limits, progress)
    if file.is_dir():
        there = [file / name for name in LAYOUTS if (file / name).is_file()]
        if not there:
            raise RatingsError(f"There is none of {', '.join(LAYOUTS)} in that folder.")
        file = there[0]
    if not file.is_file():
        raise RatingsError(f"There is no file “{file.name[:60]}”.")
    frame = _quick(file) if not any(value is not None for value in how.values()) else None
    if frame is None or (_is_headless(frame) and said):  # it has no names yet, but those by place
        return _of_table(file, said, how, limits, progress)
    titles = _titles(file)
    if titles is not None and "title" not in frame.columns:
        frame["title"] = frame["movieId"].map(titles).fillna(frame["movieId"].astype(str))
    found = Ratings.from_frame(frame, **said)
    guessed = _is_headless(frame) and file.name not in LAYOUTS
    return replace(found, notes=(_in_order(BY_PLACE), *found.notes)) if guessed else found


def _is_headless(frame: Any) -> bool:
    return bool(frame.attrs.get("headless"))


def _of_table(
    file: Any, columns: dict[str, Any], how: dict[str, Any], limits: Any, progress: Any
) -> Ratings:
    from gdviz.learn.tables import Limits, read_table

    user, item = columns.get("user"), columns.get("item")
    frame = read_table(
        file,
        words=lambda names: id_columns(names, user, item),
        limits=limits or Limits(),
        progress=progress,
        **how,
    )
    notes = frame.attrs["reading"]
    for name in id_columns(list(frame.columns), user, item):
        if frame[name].dtype.kind in "OT":
            frame[name] = as_ids(frame[name])
    if not frame.attrs["header"] and not {"user", "item", "rating"} & set(columns):
        frame, notes = _by_place(frame, notes)
    found = Ratings.from_frame(frame, **columns)
    return replace(found, notes=(*notes, *found.notes))


def _by_place(frame: Any, notes: list[str]) -> tuple[Any, list[str]]:
    """Return a table without a header with the names of its first columns, and say so."""
    names = BY_PLACE[: len(frame.columns)]
    if len(names) < 3:
        return frame, notes
    names_of = dict(zip(frame.columns, names, strict=False))
    return frame.rename(columns=names_of), [_in_order(names), *notes]


def _in_order(names: Sequence[str]) -> Guess:
    return Guess(
        f"The table has no header: its columns were taken for {', '.join(names)}, in this order."
    )


def _quick(file: Path) -> Any:
    """Return a table of numbers in a layout that we know, read in seconds even where it is large.

    None for anything else: that takes the slow road, which guards against what a table may hide.
    """
    import pandas as pd

    try:
        with open(file, "rb") as opened:
            first = opened.readline(200)
        if first.startswith(b"PAR1"):
            return pd.read_parquet(file)
        if _has_padded_numbers(file):
            return None  # 007 is another id than 7
        if first.strip().split(b",") == [name.encode() for name in NAMES]:
            from pyarrow import csv

            return _with_whole_ids(csv.read_csv(file).to_pandas())
        for separator in ("::", "\t"):
            if len(fields := first.decode().strip().split(separator)) == 4:
                is_known = all(_is_number(f) for f in fields)
                return _with_whole_ids(_headless(file, separator)) if is_known else None
    except (ValueError, OSError):  # pyarrow's and pandas' complaints are both ValueErrors
        return None
    return None


def _has_padded_numbers(file: Path) -> bool:
    """Tell whether a cell of a file begins with a zero and another digit."""
    data = np.memmap(file, np.uint8, mode="r")
    for start in range(0, len(data), CHUNK):
        part = data[max(start - 2, 0) : start + CHUNK]
        zero = np.flatnonzero(part[1:-1] == ord("0")) + 1
        before, after = part[zero - 1], part[zero + 1]
        if (np.isin(before, SEPARATING) & (after >= ord("0")) & (after <= ord("9"))).any():
            return True
    return bytes(data[:1]) == b"0" and bytes(data[1:2]).isdigit()


def _with_whole_ids(frame: Any) -> Any:
    """Return a table whose ids are whole numbers; None for any other, whose spelling is lost."""
    return frame if all(frame[name].dtype.kind in "iu" for name in NAMES[:2]) else None


def _headless(file: Path, separator: str) -> Any:
    import pandas as pd

    if separator == "\t":
        table = pd.read_csv(file, sep="\t", names=list(NAMES))
    else:  # pandas has a quick parser for single characters only: of “1::2” it makes one between
        table = pd.read_csv(file, sep=":", header=None, usecols=[0, 2, 4, 6])
        table = table.set_axis(list(NAMES), axis=1)
    table.attrs["headless"] = True
    return table


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _titles(file: Path) -> Any:
    """Return the titles that lie beside a MovieLens file by the id of the film, or None."""
    import pandas as pd

    _, name, separator = LAYOUTS.get(file.name, ("", "", ""))
    beside = file.parent / name
    if not name or not beside.is_file():
        return None
    if separator == ",":
        table = pd.read_csv(beside, usecols=[0, 1])
        return pd.Series(table.iloc[:, 1].to_numpy(), table.iloc[:, 0])
    rows = [line.split(separator, 2)[:2] for line in beside.read_text("latin-1").splitlines()]
    return pd.Series({int(row[0]): row[1] for row in rows if len(row) == 2})


# --- where the data is ----------------------------------------------------------------------------


def find_movielens(edition: str = "small") -> Path | None:
    """Return the folder of an edition that is on this machine, or None; nothing is downloaded.

    It is looked for in the folder that GDVIZ_DATA names, and where `fetch_movielens` puts it.
    """
    entry = EDITIONS[edition]
    given = os.environ.get("GDVIZ_DATA")
    places = [Path(given) / entry.folder] if given else []
    for place in [*places, cache_folder() / entry.folder]:
        if any((place / name).is_file() for name in LAYOUTS):
            return place
    return None


def fetch_movielens(edition: str = "small", progress: Progress | None = None) -> Path:
    """Return the folder of an edition, downloaded first if it is not on this machine.

    The archive must have the checksum that is pinned here. `progress` is called with the share
    done. The terms are in `TERMS`, and in the archive. Raises `RatingsError` if it cannot be had.
    """
    found = find_movielens(edition)
    if found is not None:
        return found
    entry = EDITIONS[edition]
    archive = f"{entry.folder}.zip"
    try:
        download(entry.url, entry.checksum, archive, cache_folder(), progress, unpack=True)
    except Exception as error:  # the network has many ways to fail, and a checksum one more
        raise RatingsError(
            f"{entry.label} could not be downloaded: {type(error).__name__}."
        ) from error
    return cache_folder() / entry.folder
