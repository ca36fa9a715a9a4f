"""The stages of the house-price pipeline, each with its data to look at."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.learn import FitError
from gdviz.learn.pipeline import NEIGHBOURS, Pipeline, k_fold, numeric_columns, run_pipeline
from gdviz.topics.regression import charts
from gdviz.topics.regression.controls_upload import show_notes
from gdviz.topics.regression.houses import settings as topic
from gdviz.topics.regression.houses.figure import has_map
from gdviz.topics.regression.houses.settings import Houses, Priced
from gdviz.topics.regression.many.tabs import fold_table
from gdviz.topics.regression.table_source import money
from gdviz.ui.chart import chart
from gdviz.ui.controls import escape_markdown, show_error
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode

PAGE = "regression"
STAGES = {
    "load": "1 load",
    "split": "2 split",
    "impute": "3 impute",
    "encode": "4 encode",
    "scale": "5 scale",
    "fit": "6 fit",
    "score": "7 score",
    "predict": "Predict a house",
    "residuals": "Residuals",
    "folds": "k folds",
}
HEAD = 200  # rows of a table that are shown
MAP = "the map"


def _load(spec: Houses, done: Priced) -> None:
    pipe, table = done.honest, done.honest.table
    st.caption(
        f"{len(table):,} rows, {table.shape[1]} columns; the target is the last one shown. "
        f"Columns of numbers: {len(numeric_columns(table))}."
    )
    show_notes([*table.attrs.get("notes", ()), *pipe.notes])
    columns = [*(c for c in table.columns if c != pipe.target), pipe.target]
    st.dataframe(table[columns].head(HEAD), height=230, key=f"{PAGE}_loaded")


def _split(spec: Houses, done: Priced) -> None:
    pipe = done.honest
    y = pipe.y
    st.caption(
        f"{len(pipe.train):,} rows to learn from, {len(pipe.test):,} held out, drawn with the "
        f"seed {spec.shuffle}. Their targets have the means {_money(y[pipe.train].mean(), done)} "
        f"and {_money(y[pipe.test].mean(), done)}. Nothing of the rows held out may be used before "
        "stage 7."
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
    chart(figure, height=260, key=f"{PAGE}_split", alt="The targets of both halves.")


def _impute(spec: Houses, done: Priced) -> None:
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
                "filled with": f"{value:.6g}"
                if value is not None
                else str(mode.iloc[0])
                if len(mode)
                else "",
                "which is": "median" if name in numbers else "most frequent",
            }
        )
    st.caption(f"Learned from {_whose(done)}: what stands in for a missing value.")
    st.dataframe(rows, hide_index=True, key=f"{PAGE}_imputed")


def _encode(spec: Houses, done: Priced) -> None:
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
    st.dataframe(
        rows or {"column": list(pipe.names)}, hide_index=True, height=240, key=f"{PAGE}_encoded"
    )


def _scale(spec: Houses, done: Priced) -> None:
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
    st.dataframe(table, hide_index=True, height=260, key=f"{PAGE}_scaled")


def _fit(spec: Houses, done: Priced) -> None:
    pipe = done.shown
    left, right = st.columns(2)
    with left:
        figure = charts.weights_of(pipe.names, pipe.weights, lecture_mode())
        chart(figure, height=300, key=f"{PAGE}_house_weights", alt="The largest weights.")
    with right:
        st.caption(
            f"Bias {_money(pipe.bias, done)}: the mean. A weight is what one standard "
            f"deviation of its column is worth. Training: {topic.TRAINERS[spec.trainer]}."
        )
        if pipe.fit is not None:
            best = run_pipeline(
                pipe.table, pipe.target, pipe.features, pipe.plan._replace(method="closed_form")
            )
            st.caption(
                f"{pipe.fit.reason} The closed form has R² {_r2(best)} held out, this {_r2(pipe)}."
            )
            curve = charts.Curve("F", np.arange(len(pipe.fit.loss)), pipe.fit.loss, charts.BLUE)
            part = charts.Panel("update", "loss", [curve], "y")
            figure = charts.panels([part], lecture_mode())
            alt = "The loss over the updates."
            chart(figure, height=230, key=f"{PAGE}_house_loss", alt=alt)


def _r2(pipe: Pipeline) -> str:
    value = pipe.on_test.r2
    return "undefined" if value is None else f"{value:.4f}"


def _score(spec: Houses, done: Priced) -> None:
    unit = done.source.unit
    rows = []
    for label, pipe in (("honest", done.honest), ("with the leak", done.shown)):
        if pipe is done.honest and label != "honest":
            continue
        for half, found in (("train", pipe.on_train), ("held out", pipe.on_test)):
            rows.append(
                {
                    "pipeline": label,
                    "rows": half,
                    "R²": "undefined" if found.r2 is None else f"{found.r2:.4f}",
                    "RMSE": money(found.rmse, unit),
                    "MAE": money(found.mae, unit),
                    "MSE": f"{found.mse:.4g}",
                }
            )
    st.dataframe(rows, hide_index=True, key=f"{PAGE}_scored")
    if done.shown is not done.honest:
        st.warning(
            f"The leak says R² {_r2(done.shown)}; on houses that are really new it is "
            f"{_r2(done.honest)}. " + _LEAK_WORDS[spec.leak],
            icon=":material/warning:",
        )
    st.download_button(
        "Download the predictions",
        lambda: csv_of(topic.numbers(done)),
        "predictions.csv",
        "text/csv",
        key=f"{PAGE}_predictions",
        icon=":material/download:",
        on_click="ignore",
    )


_LEAK_WORDS = {
    "rows": "Medians, means and deviations were learned with the test rows: here the lie is small, "
    "with few rows or many powers it is not.",
    "target": f"The feature “{NEIGHBOURS}” is the mean target of three rows, the row itself among "
    "them: it knows the answer, which nobody knows of a house not yet sold.",
    "none": "",
}


def _predict(spec: Houses, done: Priced) -> None:
    pipe, table = done.honest, done.honest.table
    chosen = st.session_state.get(f"{PAGE}_house", int(pipe.test[0]))
    row = table.iloc[chosen if 0 <= chosen < len(table) else int(pipe.test[0])]
    st.caption(
        "A house held out; click another at the right of the stage, or change what you like."
    )
    asked: dict[str, Any] = {}
    columns = st.columns(5)
    numbers = numeric_columns(table)
    for i, name in enumerate(pipe.features):
        with columns[i % 5]:
            key = f"{PAGE}_form_{chosen}_{i}"
            if name in numbers:
                value = row[name]
                known = None if pd.isna(value) else float(value)
                asked[name] = st.number_input(
                    escape_markdown(name[:40]), value=known, format="%g", key=key
                )
            else:
                options = sorted(table[name].dropna().astype(str).unique().tolist())[:50]
                word = str(row[name])
                at = options.index(word) if word in options else 0
                asked[name] = st.selectbox(escape_markdown(name[:40]), options, at, key=key)
    new = pd.DataFrame([{k: np.nan if v is None else v for k, v in asked.items()}])
    found = float(pipe.predict(new)[0])
    told = _money(float(row[pipe.target]), done)
    st.markdown(f"#### {_money(found, done)} ± {_money(pipe.on_test.rmse, done)}")
    st.caption(
        f"The honest model, give or take its RMSE. The house as it stands in the table: {told}."
    )


def _money(value: float, done: Priced) -> str:
    """Return an amount for Markdown, where a dollar would begin a formula."""
    return money(value, done.source.unit).replace("$", "\\$")


def _residuals(spec: Houses, done: Priced) -> None:
    pipe = done.shown
    options = [*([MAP] if has_map(pipe) else []), "predicted", *pipe.features]
    against = st.selectbox("residual, held out, against", options, key=f"{PAGE}_house_against")
    rows, found = pipe.table.iloc[pipe.test], pipe.prediction_test
    rest = pipe.y[pipe.test] - found
    if against == MAP:
        figure = charts.house_map(
            rows["longitude"], rows["latitude"], rest, "residual", lecture_mode()
        )
    else:
        values = rows[against] if against in pipe.features else found
        numbers = (
            values
            if against in numeric_columns(rows) or against == "predicted"
            else pd.factorize(values)[0]
        )
        figure = charts.scatter(
            numbers, rest, (str(against), "actual − predicted"), "zero", lecture_mode()
        )
    chart(figure, height=400, key=f"{PAGE}_house_residuals", alt="Residuals of the rows held out.")


def _folds(spec: Houses, done: Priced) -> None:
    pipe = done.honest
    plan = pipe.plan
    key = ("house_folds", done.source.stamp, pipe.features, plan)
    try:
        found = run_job(PAGE, key, lambda: _five(pipe))
    except FitError as error:
        show_error(error)
        return
    if found is not None:
        fold_table(found)


def _five(pipe: Pipeline) -> Any:
    yield 1.0, k_fold(pipe.table, pipe.target, pipe.features, pipe.plan)


VIEWS = {
    "load": _load,
    "split": _split,
    "impute": _impute,
    "encode": _encode,
    "scale": _scale,
    "fit": _fit,
    "score": _score,
    "predict": _predict,
    "residuals": _residuals,
    "folds": _folds,
}


def _fitted(pipe: Pipeline, part: str, step: str, what: str = "") -> np.ndarray:
    """Return what a fitted step of the preparation has learned, empty if there is none."""
    steps = getattr(pipe.prepare.named_transformers_.get(part), "named_steps", {})
    found = [s for name, s in steps.items() if name.startswith(step)]
    if not found:
        return np.zeros(0)
    name = what or ("statistics_" if step == "simpleimputer" else "mean_")
    return np.asarray(getattr(found[-1], name), float)


def _whose(done: Priced) -> str:
    leaking = done.shown.plan.leak == "rows"
    return "ALL rows (the leak)" if leaking else "the training rows alone"
