"""The stages of the house-price pipeline, each with its data to look at."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.knobs import Choice
from gdviz.learn import FitError
from gdviz.learn.pipeline import Pipeline, k_fold, run_pipeline
from gdviz.learn.preparation import NEIGHBOURS, numeric_columns, place_of
from gdviz.numerals import number
from gdviz.topics.regression import charts
from gdviz.topics.regression.houses import settings as topic
from gdviz.topics.regression.houses.settings import Houses, Priced
from gdviz.topics.regression.houses.tabs_preparation import (
    PAGE,
    amount_text,
    show_encoding,
    show_imputing,
    show_loading,
    show_scaling,
    show_split,
)
from gdviz.topics.regression.many.tabs import fold_table
from gdviz.topics.regression.table_source import money
from gdviz.ui.chart import chart
from gdviz.ui.controls import escape_markdown, show_error
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.rooms import tab_knob
from gdviz.ui.tables import show_table

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
MAP = "the map"


def _fit(spec: Houses, done: Priced) -> None:
    pipe = done.shown
    left, right = st.columns(2)
    with left:
        figure = charts.weights_of(pipe.names, pipe.weights, lecture_mode())
        chart(figure, height=300, key=f"{PAGE}_house_weights", alt="The largest weights.")
    with right:
        st.caption(
            f"Bias {amount_text(pipe.bias, done)}: the prediction where every number is at its "
            "mean, before a word counts. A weight is what one standard deviation of its number, or "
            f"the word itself, is worth. Training: {topic.TRAINERS[spec.trainer]}."
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
                    "MSE": number(found.mse),
                }
            )
    show_table(rows, hide_index=True, key=f"{PAGE}_scored")
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
    "rows": "Medians, means and deviations were learned with the test rows. Least squares, solved "
    "to the end, minds only the filled-in values; a penalty or an early stop minds the scale, too.",
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
    told = amount_text(float(row[pipe.target]), done)
    st.markdown(f"**{amount_text(found, done)} ± {amount_text(pipe.on_test.rmse, done)}**")
    st.caption(
        f"The honest model, give or take its RMSE. The house as it stands in the table: {told}."
    )


def _residuals(spec: Houses, done: Priced) -> None:
    pipe = done.shown
    options = [*([MAP] if place_of(pipe.table.columns) else []), "predicted", *pipe.features]
    kind = Choice({name: name for name in options}, "residual, held out, against")
    against = tab_knob(PAGE, "against", kind, options[0])
    rows, found = pipe.table.iloc[pipe.test], pipe.prediction_test
    rest = pipe.y[pipe.test] - found
    if against == MAP:
        figure = charts.house_map(rows, rest, "residual", lecture_mode())
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
    "load": show_loading,
    "split": show_split,
    "impute": show_imputing,
    "encode": show_encoding,
    "scale": show_scaling,
    "fit": _fit,
    "score": _score,
    "predict": _predict,
    "residuals": _residuals,
    "folds": _folds,
}
