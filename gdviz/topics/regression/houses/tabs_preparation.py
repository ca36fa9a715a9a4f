"""The first stages of the pipeline: load, split, impute, encode, scale."""

import numpy as np
import streamlit as st

from gdviz.learn.datasets import DATASETS
from gdviz.learn.pipeline import Pipeline
from gdviz.learn.preparation import numeric_columns
from gdviz.numerals import number
from gdviz.topics.regression import charts
from gdviz.topics.regression.houses.settings import Houses, Priced
from gdviz.topics.regression.table_source import money
from gdviz.ui.chart import chart
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.table_reading import show_notes
from gdviz.ui.tables import show_table

PAGE = "regression"


HEAD = 200  # rows of a table that are shown


def show_loading(spec: Houses, done: Priced) -> None:
    """Show the table as it was read."""
    pipe, table = done.honest, done.honest.table
    st.caption(
        f"{len(table):,} rows, {table.shape[1]} columns; the target is the last one shown. "
        f"Columns of numbers: {len(numeric_columns(table))}."
    )
    if done.source.stamp in DATASETS:
        st.caption(DATASETS[str(done.source.stamp)].teaches)
    show_notes([*table.attrs.get("notes", ()), *pipe.notes])
    columns = [*(c for c in table.columns if c != pipe.target), pipe.target]
    show_table(table[columns].head(HEAD), height=230, key=f"{PAGE}_loaded")


def show_split(spec: Houses, done: Priced) -> None:
    """Show which rows are learned from and which are held out."""
    pipe = done.honest
    y = pipe.y
    st.caption(
        f"{len(pipe.train):,} rows to learn from, {len(pipe.test):,} held out, drawn with the seed "
        f"{spec.shuffle}. Their targets have the means {amount_text(y[pipe.train].mean(), done)} "
        f"and {amount_text(y[pipe.test].mean(), done)}. Nothing of the rows held out may be used "
        "before stage 7."
    )
    bins = np.linspace(y.min(), y.max(), 50)
    curves = [
        charts.Curve(
            name,
            (bins[1:] + bins[:-1]) / 2,
            np.histogram(y[at], bins, density=True)[0],
            color,
            dash,
        )
        for name, at, color, dash in (
            ("train", pipe.train, charts.BLUE, "solid"),
            ("held out", pipe.test, charts.VERMILLION, "dash"),
        )
    ]
    figure = charts.panels([charts.Panel(pipe.target, "density", curves)], lecture_mode())
    chart(figure, height=260, key=f"{PAGE}show_split", alt="The targets of both halves.")


def show_imputing(spec: Houses, done: Priced) -> None:
    """Show with what empty cells are filled."""
    pipe = done.shown
    learned = _fitted(pipe, "numbers", "simpleimputer")
    numbers = numeric_columns(pipe.table[list(pipe.features)])
    train, every = pipe.table.iloc[pipe.train], pipe.table
    rows = []
    for name in pipe.features:
        value = dict(zip(numbers, learned, strict=False)).get(name)
        column = train[name]
        mode = column.mode()
        rows.append(
            {
                "column": name,
                "missing, train": int(column.isna().sum()),
                "missing, held out": int(every[name].isna().sum() - column.isna().sum()),
                "filled with": number(value, 6)
                if value is not None
                else str(mode.iloc[0])
                if len(mode)
                else "",
                "which is": "median" if name in numbers else "most frequent",
            }
        )
    st.caption(f"Learned from {_whose(done)}: what stands in for a missing value.")
    show_table(rows, hide_index=True, key=f"{PAGE}_imputed")


def show_encoding(spec: Houses, done: Priced) -> None:
    """Show the columns that words and powers have become."""
    pipe = done.shown
    words_in = [n for n in pipe.features if n not in numeric_columns(pipe.table)]
    st.caption(
        f"{len(pipe.features)} columns have become {len(pipe.names)}: one for each word, and "
        f"powers up to {spec.powers} of the numbers. Words never seen in training count as none "
        "of these."
    )
    rows = []
    for name in words_in:
        for word, count in pipe.table[name].iloc[pipe.train].value_counts().head(30).items():
            rows.append({"column": name, "word": str(word), "rows in training": int(count)})
    show_table(
        rows or {"column": list(pipe.names)}, hide_index=True, height=240, key=f"{PAGE}_encoded"
    )


def show_scaling(spec: Houses, done: Priced) -> None:
    """Show the means and deviations that are taken out."""
    pipe = done.shown
    middle, width = (
        _fitted(pipe, "numbers", "standardscaler"),
        _fitted(pipe, "numbers", "standardscaler", "scale_"),
    )
    n = len(middle)
    st.caption(
        f"Learned from {_whose(done)}: the mean and the standard deviation that are taken out."
    )
    table = {
        "column": pipe.names[:n],
        "mean": middle,
        "standard deviation": width,
        "mean after, train": pipe.X_train[:, :n].mean(axis=0),
        "mean after, held out": pipe.X_test[:, :n].mean(axis=0),
    }
    show_table(table, hide_index=True, height=260, key=f"{PAGE}_scaled")


def _fitted(pipe: Pipeline, part: str, step: str, what: str = "") -> np.ndarray:
    """Return what a fitted step of the preparation has learned, empty if there is none."""
    steps = getattr(pipe.prepare.named_transformers_.get(part), "named_steps", {})
    found = [s for name, s in steps.items() if name.startswith(step)]
    if not found:
        return np.zeros(0)
    name = what or ("statistics_" if step == "simpleimputer" else "mean_")
    return np.asarray(getattr(found[-1], name), float)


def amount_text(value: float, done: Priced) -> str:
    """Return an amount for Markdown, where a dollar would begin a formula."""
    return money(value, done.source.unit).replace("$", "\\$")


def _whose(done: Priced) -> str:
    leaking = done.shown.plan.leak == "rows"
    return "ALL rows (the leak)" if leaking else "the training rows alone"
