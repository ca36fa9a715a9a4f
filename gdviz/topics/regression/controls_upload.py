"""A visitor's table: upload, what the reader says, target and features, and what is made of it."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from gdviz.learn import FitError, TableError, read_table
from gdviz.learn.datasets import CALIFORNIA_TERMS, CALIFORNIA_URL, fetch_california
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
        if name == CALIFORNIA:
            offer_download(error)
        else:
            show_error(error)
        return None, None


def offer_download(why: TableError) -> None:
    """Offer to fetch California's houses: size, source and licence told, a bar while they come."""
    host = urlsplit(CALIFORNIA_URL).hostname
    st.caption(f"California's 20,640 block groups come from {host}, once: 1.4 MB.")
    label, icon, terms = "Download 1.4 MB", ":material/download:", f"{CALIFORNIA_TERMS}\n\n{why}"
    if not st.button(label, icon=icon, key="regression_fetch", help=terms):
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


def result_of(
    room: str,
    spec: Any,
    source: Source | None,
    key: Any,
    run: Callable[[Any], Any],
    train: Callable[[Any, Source], Any],
) -> Any:
    """Return `run(spec)` for a table with a name, `train(spec, source)` for a visitor's table.

    Where there is none, or it cannot be done, say why. Then return the room's last result, or None.
    """
    last = f"regression_last_{room}"
    if source is None:
        return None
    try:
        if isinstance(key, str):
            done = run(spec)
        else:
            store = f"regression_{room}_runs"
            done = run_once(store, (spec, key), lambda tell: train(spec, source), most=RUNS)
    except (FitError, Refused) as error:
        show_error(error)
        if last in st.session_state:
            st.caption("Until then the stage shows the last that could be done.")
        return st.session_state.get(last)
    st.session_state[last] = done
    return done
