"""The numbers of the page *recommender*, and the tables that leave it."""

from typing import Any

import numpy as np
import streamlit as st

from gdviz.export.tables import csv_bytes
from gdviz.numerals import number
from gdviz.topics.recommender import rooms
from gdviz.topics.recommender.course import TrainingCourse
from gdviz.topics.recommender.settings import Recommender
from gdviz.ui.share import file_name
from gdviz.ui.tables import show_table

PAGE = "recommender"
HEIGHT = 340


def numbers(spec: Recommender, course: TrainingCourse) -> None:
    """Draw the errors of every epoch, the speed, and the downloads of factors and list."""
    data, model = course.data, course.model
    st.markdown(
        f"{len(data.train):,} ratings to learn from, {len(data.test):,} to test on; "
        f"{data.train.n_users:,} users, {data.train.n_items:,} items. "
        f"{number(model.updates_per_second / 1e6, 3)} million updates a second. {model.reason}"
    )
    left, right = st.columns([2, 1])
    with left:
        show_table(_table(course), height=HEIGHT, hide_index=True, key=f"{PAGE}_table")
    with right:
        show_table(
            {
                "on the test part": [
                    "mean alone",
                    "biases alone",
                    "factors, best",
                    "factors, last",
                ],
                "RMSE": [
                    data.mean_rmse,
                    data.bias_rmse,
                    course.test[course.best],
                    course.test[-1],
                ],
            },
            hide_index=True,
            key=f"{PAGE}_baselines",
        )
        st.caption(rooms.cold_words(course))
        _downloads(spec, course)


def _table(course: TrainingCourse) -> dict[str, Any]:
    model, n = course.model, len(course.test)
    clipped = model.test_rmse_clipped
    assert clipped is not None
    return {
        "epoch": np.arange(n),
        "train RMSE": course.train,
        "test RMSE": course.test,
        "test RMSE, cut to the scale": np.append(np.nan, clipped)[:n],
        "ms": np.append(np.nan, 1e3 * model.seconds)[:n],
    }


def _downloads(spec: Recommender, course: TrainingCourse) -> None:
    name = file_name(PAGE, spec)
    for label, make in (
        ("Item factors", lambda: factors_csv(course, "item")),
        ("User factors", lambda: factors_csv(course, "user")),
        ("Your list", lambda: list_csv(spec, course)),
    ):
        st.download_button(
            f"{label} (CSV)",
            make,
            f"{name}_{label.split()[0].lower()}.csv",
            "text/csv",
            key=f"{PAGE}_{label}",
            on_click="ignore",
            icon=":material/download:",
        )


def csv_of(course: TrainingCourse) -> bytes:
    """Return the errors of every epoch as CSV, in full precision."""
    columns = _table(course)
    rows = zip(*(np.asarray(values).tolist() for values in columns.values()), strict=True)
    return csv_bytes(columns, rows)


def factors_csv(course: TrainingCourse, side: str) -> bytes:
    """Return id, title, bias and factors of every item, or user, as CSV."""
    model = course.model
    ids = getattr(model, f"{side}_ids")
    bias, factors = getattr(model, f"{side}_bias"), getattr(model, f"{side}_factors")
    titles = model.train.titles if side == "item" else None
    head = [side, *(["title"] if titles is not None else []), "bias"]
    head += [f"factor_{k + 1}" for k in range(factors.shape[1])]
    rows = (
        [ids[n], *([titles[n]] if titles is not None else []), float(bias[n]), *factors[n].tolist()]
        for n in range(len(ids))
    )
    return csv_bytes(head, rows)


def list_csv(spec: Recommender, course: TrainingCourse) -> bytes:
    """Return your list as CSV: rank, item, title, predicted rating."""
    you = rooms.you(spec, course, rooms.axes(course))
    rows = (
        [rank, course.model.item_ids[n], rooms.title(course, n), float(you.scores[n])]
        for rank, n in enumerate(you.picks.tolist(), 1)
    )
    return csv_bytes(["rank", "item", "title", "predicted"], rows)
