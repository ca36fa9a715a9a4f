"""A visitor's table: upload, what the reader says, target and features, and what is made of it."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from gdviz.learn import FitError, TableError, read_table
from gdviz.learn.datasets import CALIFORNIA_TERMS, fetch_california
from gdviz.learn.preparation import default_features, numeric_columns
from gdviz.learn.table_bytes import MEGABYTE
from gdviz.learn.tables import VISITORS
from gdviz.topics.regression.table_source import CALIFORNIA, UPLOAD, Source, source_named
from gdviz.ui.controls import show_error
from gdviz.ui.job_queue import Refused
from gdviz.ui.jobs import read_upload, run_once
from gdviz.ui.table_reading import reading_knobs, show_reading

LARGEST = VISITORS.bytes // MEGABYTE
RUNS = 4  # of a visitor's tables, which the session keeps


def source_of(name: str, page: str) -> tuple[Source | None, Any]:
    """Return the table that a knob names and a key for caches; draw what a missing one needs."""
    if name == UPLOAD:
        return uploaded_table(page)
    try:
        return source_named(name), name
    except TableError as error:
        show_error(error)
        if name == CALIFORNIA:
            offer_download()
        return None, None


def offer_download() -> None:
    """Offer to fetch California's houses, with the licence told and a bar while they come."""
    st.caption(CALIFORNIA_TERMS)
    if not st.button("Download (1.4 MB)", icon=":material/download:", key="regression_fetch"):
        return
    bar = st.progress(0.0, "Asking for the file …")
    try:
        fetch_california(lambda share: bar.progress(share, f"{share:.0%} of 1.4 MB"))
    except TableError as error:
        bar.empty()
        show_error(error)
        return
    st.rerun()


def uploaded_table(page: str) -> tuple[Source | None, Any]:
    """Draw the upload and the choice of columns; return the table, if there is one."""
    file = st.file_uploader(
        "CSV, TSV or Parquet",
        type=["csv", "tsv", "txt", "parquet"],
        key=f"{page}_file",
        max_upload_size=LARGEST,
        help="It stays in this session: it is not kept, and not part of a link.",
    )
    if file is None:
        st.caption("Upload a table with a header; one column of numbers is the target.")
        return None, None
    how = reading_knobs(page)
    table = _read(file, page, how)
    if table is None:
        return None, None
    numbers = numeric_columns(table)
    if not numbers:
        st.caption(":red[No column holds numbers: there is nothing to predict.]")
        return None, None
    target = st.selectbox("target", numbers, len(numbers) - 1, key=f"{page}_target")
    target = target if target in numbers else numbers[-1]
    others = [name for name in table.columns if name != target]
    usual = [name for name in default_features(table, target) if name in others]
    chosen = st.multiselect("features", others, usual, key=f"{page}_features")
    features = tuple(name for name in chosen if name in others)
    stamp = (UPLOAD, file.file_id, target, features, tuple(how.items()))
    return Source(table, target, features, stamp=stamp), stamp


def _read(file: Any, page: str, how: dict[str, Any]) -> Any:
    """Return the table of a file, with what was guessed and noted."""
    try:
        table = read_upload(page, file, partial(_table, how), tuple(how.items()))
    except (TableError, Refused) as error:
        show_error(error)
        return None
    st.caption(f"{len(table):,} rows, {table.shape[1]:,} columns")
    show_reading(table.attrs["notes"])
    return table


def _table(how: dict[str, Any], file: Any, tell: Any) -> Any:
    return read_table(file, progress=tell, limits=VISITORS, **how)


class UploadRunner(NamedTuple):
    """How a room makes its result of a table: of one with a name, and of a visitor's.

    Without any it shows that of the `usual` spec, which are the `words` for it.
    """

    room: str
    run: Callable[[Any], Any]
    make: Callable[[Any, Source], Any]
    usual: Any
    words: str


def run_on_upload(
    maker: UploadRunner, spec: Any, source: Source | None, key: Any, place: Any
) -> Any:
    """Return what a room makes of a table; where it cannot, the last that it could.

    What is wrong is said in `place`, where the bar of a visitor's table is drawn, too.
    """
    words, last = maker.words, f"regression_last_{maker.room}"
    if source is not None:
        try:
            with place:
                done = _made(maker, spec, source, key)
            st.session_state[last] = done
            return done
        except (FitError, Refused) as error:
            with place:
                show_error(error)
            if last in st.session_state:
                with place:
                    st.caption("Until then the stage shows the last that could be done.")
                return st.session_state[last]
    with place:
        st.caption(f"Until then the stage shows {words}.")
    return maker.run(maker.usual)


def _made(maker: UploadRunner, spec: Any, source: Source, key: Any) -> Any:
    if isinstance(key, str):
        return maker.run(spec)
    store = f"regression_{maker.room}_runs"
    return run_once(store, (spec, key), lambda tell: maker.make(spec, source), most=RUNS)
