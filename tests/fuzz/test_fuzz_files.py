"""Some hundred bad files: each is read or refused in a sentence, within its time and memory."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from files import bombs, lies, parquet, repeated, small
from gauge import Gauge

from gdviz.learn import TableError, read_table
from gdviz.learn.point_tables import read_csv
from gdviz.learn.recommender.movielens import read_ratings
from gdviz.learn.tables import VISITORS

MEMORY = 2000  # megabytes more than before, those that make the bombs included


def refusal(error: ValueError) -> str:
    words = str(error)
    assert 0 < len(words) < 1000 and "Traceback" not in words and "/" + "usr" not in words
    return words


def brought(name: str, data: bytes, gauge: Gauge) -> str:
    """Read a file by every road of the app, as an upload; return what became of it as a table."""
    try:
        with gauge.one(f"{name}, as a table"):
            frame = read_table(io.BytesIO(data), limits=VISITORS)
        assert len(frame) and frame.size <= VISITORS.cells and len(data) <= VISITORS.bytes
        assert all(isinstance(note, str) and len(note) < 2000 for note in frame.attrs["notes"])
        said = "read"
    except TableError as error:
        said = refusal(error)
    try:
        with gauge.one(f"{name}, as ratings"):
            read_ratings(io.BytesIO(data), limits=VISITORS)
    except ValueError as error:
        refusal(error)
    try:
        with gauge.one(f"{name}, as points"):
            read_csv(data)
    except ValueError as error:
        refusal(error)
    return said


def through(files: Iterator[tuple[str, bytes]], gauge: Gauge) -> dict[str, str]:
    found = {}
    for name, data in files:
        found[name] = brought(name, data, gauge)
    assert not Path("canary").exists(), "something was run"
    return found


def test_small_bad_files_are_read_or_refused() -> None:
    gauge = Gauge(False, megabytes=300)
    found = through(small(11, 15), gauge)
    assert len(found) >= 110 and 0.1 < list(found.values()).count("read") / len(found) < 0.9
    gauge.report("small files")


@pytest.mark.fuzz
def test_bombs_and_lies_cost_what_they_may() -> None:
    """A refusal of a bomb takes a moment; the dearest tables that are read are given seconds."""
    gauge = Gauge(True, seconds=4.0, megabytes=MEMORY)
    found = through(bombs(), gauge) | through(lies(), gauge) | through(small(12, 100), gauge)
    assert len(found) >= 400
    gauge.report("files")
    for name, said in found.items():
        if "bomb" in name or "text" in name:
            assert said != "read", name


def test_a_parquet_bomb_is_refused_by_the_process_that_reads_it() -> None:
    data = parquet(repeated("z" * 1_000_000, 300_000))
    assert len(data) < 200_000, "it would be 300 GB"
    gauge = Gauge(False, megabytes=700)
    with pytest.raises(TableError, match="unpacks to more than"):
        read_table(io.BytesIO(data), limits=VISITORS)
    gauge.report("a bomb")
