"""The tabs of many features."""

import inspect
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.figures.style import colour_of
from gdviz.knobs import Choice
from gdviz.learn import FitError
from gdviz.learn.fit_grids import fit_grid, penalty_path
from gdviz.learn.linear_training import train_linear
from gdviz.learn.pipeline import k_fold
from gdviz.learn.preparation import place_of
from gdviz.numerals import number
from gdviz.topics.regression import charts
from gdviz.topics.regression.formulas import prediction_latex, update_latex
from gdviz.topics.regression.many import settings as topic
from gdviz.topics.regression.many.settings import Many, ManyTraining
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.controls import show_error
from gdviz.ui.job_queue import Refused
from gdviz.ui.jobs import run_job, run_once
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import tab_knob, view
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

PAGE = "regression"


VIEWS = {
    "eigen": "Directions",
    "weights": "Weights",
    "penalty": "Regularisation",
    "residuals": "Residuals",
    "folds": "k folds",
    "sweep": "η × batch size",
}


HEIGHT = 330


SWEPT = 2000  # rows of a sweep, which fits them dozens of times


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, done = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: _VIEWS[view(PAGE, VIEWS)](spec, done, drawn.step),
        "Numbers": lambda: numbers(done, drawn.step),
        "Maths": lambda: maths(done, drawn.step),
        "Code": lambda: code(spec, done),
        "Pitfalls": lambda: pitfalls("regression", 5, 9),
    }
    return PageTabs(
        panels, lambda: topic.as_python(spec, done), lambda: csv_of(topic.numbers(done))
    )


def _chart(figure: go.Figure, name: str, alt: str, height: int = HEIGHT) -> None:
    chart(figure, height=height, key=f"{PAGE}_{name}_chart", alt=alt)


def _eigen(spec: Many, done: ManyTraining, step: int) -> None:
    i = min(step, len(done.steps) - 1)
    at = int(done.steps[i])
    split = topic.eigen_split(done, at)
    some = slice(None, 16)
    figure = charts.eigen_split(
        split.shares[some], split.values[some], split.steps[some], lecture_mode()
    )
    edge, best = done.eigen.edge, done.best_step
    st.caption(
        f"κ = {number(done.eigen.condition, 3)}, 2/L = {number(edge, 3)}, η = "
        f"{number(done.fit.rate, 3)}. If one stops after {at} updates, where the stage stands, the "
        f"RMSE is {number(np.sqrt(done.train[i]))} on training rows and "
        f"{number(np.sqrt(done.test[i]))} held out, where it was least at update {best}. "
        "Steps to 1 % are those of gradient descent, 1 − ηλ a step."
    )
    _chart(figure, "eigen", "The loss left along each eigenvector, and the steps each needs.")


def _weights(spec: Many, done: ManyTraining, step: int) -> None:
    names, steps = done.pipe.names, done.steps
    order = np.argsort(-np.abs(done.fit.weights[-1]))[:12]
    curves = [
        charts.Curve(names[j], steps, done.fit.weights[steps, j], *colour_of(i))
        for i, j in enumerate(order)
    ]
    truth = [
        charts.Curve(names[j], steps[[0, -1]], [done.optimum[j]] * 2, colour_of(i)[0], "dot")
        for i, j in enumerate(order)
    ]
    parts = [
        charts.Panel("update", "weight", curves + truth),
        charts.Panel(
            "update",
            "loss above the least",
            [
                charts.Curve(
                    "F", np.arange(len(done.fit.loss)), done.fit.loss - _least(done), charts.BLUE
                )
            ],
            "y",
        ),
    ]
    st.caption("Dotted: the closed form. The twelve largest weights are shown.")
    _chart(charts.panels(parts, lecture_mode()), "weights", "Each weight over the updates.")


def _least(done: ManyTraining) -> float:
    return float(min(done.goal.total(done.optimum[None])[0], done.fit.loss.min()))


def _penalty(spec: Many, done: ManyTraining, step: int) -> None:
    short = tab_knob(PAGE, "penalty", Choice({"l2": "ridge l2", "l1": "lasso l1"}, "penalty"), "l2")
    X, y = done.pipe.X_train, done.pipe.y[done.pipe.train]
    if X.shape[1] > 60:
        st.info("The path is drawn for up to 60 columns: choose fewer features or powers.")
        return
    key = ("penalty", done.source.stamp, spec, short)
    try:
        path = run_once("regression_penalties", key, lambda tell: penalty_path(X, y, short))
    except Refused as error:
        show_error(error)
        return
    now = spec.l1 if short == "l1" else spec.l2
    figure = charts.penalties(path, done.pipe.names, now, lecture_mode())
    _chart(figure, "penalty", "Each weight over the strength of the penalty.")


def _residuals(spec: Many, done: ManyTraining, step: int) -> None:
    pipe = done.pipe
    options = ["predicted", *pipe.features, *(["the map"] if place_of(pipe.table.columns) else [])]
    kind = Choice({name: name for name in options}, "residual, held out, against")
    against = tab_knob(PAGE, "against", kind, options[0])
    rows = pipe.table.iloc[pipe.test]
    found = done.fit.predict(pipe.X_test)
    rest = pipe.y[pipe.test] - found
    large = lecture_mode()
    if against == "the map":
        figure = charts.house_map(rows, rest, "residual", large)
    else:
        values = rows[against] if against in pipe.features else found
        figure = charts.scatter(values, rest, (str(against), "actual − predicted"), "zero", large)
    _chart(figure, "residuals", f"Residuals of the rows held out against {against}.")


def _folds(spec: Many, done: ManyTraining, step: int) -> None:
    from gdviz.learn.pipeline import Plan

    pipe = done.pipe
    plan = Plan(seed=spec.draw, degree=spec.degree, l2=spec.l2, scale=spec.standard)
    key = ("folds", done.source.stamp, pipe.features, plan)
    try:
        found = run_job(PAGE, key, lambda: _fold_shares(pipe, plan))
    except FitError as error:
        show_error(error)
        return
    if found is None:
        return
    fold_table(found)
    figure = charts.folds(
        [s.rmse for s in found.train], [s.rmse for s in found.test], "RMSE", lecture_mode()
    )
    _chart(figure, "folds", "The root mean squared error of each fold.", 260)


def _fold_shares(pipe: Any, plan: Any) -> Any:
    """Yield the five folds, in closed form, in one go: a bar for so short a work would flicker."""
    yield 1.0, k_fold(pipe.table, pipe.target, pipe.features, plan)


def fold_table(found: Any) -> None:
    """Draw the scores of each fold with their mean and standard deviation."""
    rows = []
    for name, label in (("rmse", "RMSE"), ("mae", "MAE"), ("r2", "R²")):
        mean, sd = found.mean_and_sd(name)
        each = {f"fold {i + 1}": getattr(s, name) for i, s in enumerate(found.test)}
        rows.append({"held out": label, **each, "mean ± sd": f"{number(mean)} ± {number(sd, 2)}"})
    times = [1000 * seconds for seconds in found.seconds]
    each = {f"fold {i + 1}": time for i, time in enumerate(times)}
    spread = f"{number(np.mean(times), 3)} ± {number(np.std(times, ddof=1), 2)}"
    rows.append({"held out": "time in ms", **each, "mean ± sd": spread})
    st.caption("Each fold is prepared and solved, in closed form, without its held-out rows.")
    show_table(rows, hide_index=True, key=f"{PAGE}_fold_table")


def _sweep(spec: Many, done: ManyTraining, step: int) -> None:
    X, y = done.pipe.X_train[:SWEPT], done.pipe.y[done.pipe.train][:SWEPT]
    edge, n = done.eigen.edge, len(y)
    if not np.isfinite(edge):
        st.info("No feature varies: there is nothing to sweep.")
        return
    rates = edge * np.geomspace(0.005, 0.9, 7)
    sizes = tuple(dict.fromkeys(min(size, n - 1) for size in (1, 8, 32))) + (0,)
    key = ("sweep", done.source.stamp, done.pipe.features, spec.standard, spec.degree, spec.l2,
           spec.held, spec.draw)  # fmt: skip
    found = run_job(PAGE, key, lambda: fit_grid(X, y, sizes, rates, seeds=3, steps=400, l2=spec.l2))
    if found is None:
        return
    st.caption(
        "Gradient descent, 400 updates each, three seeds: where each rate settles above the least "
        "loss. Small batches pay with a floor that rises with η, and leave for infinity sooner."
    )
    _chart(charts.noise_floor(found, edge, lecture_mode()), "sweep", "The settled loss over η.")


_VIEWS = {
    "eigen": _eigen,
    "weights": _weights,
    "penalty": _penalty,
    "residuals": _residuals,
    "folds": _folds,
    "sweep": _sweep,
}


def numbers(done: ManyTraining, step: int) -> None:
    """Draw the scores, and the weights beside those of the closed form."""
    st.markdown(f"**{done.fit.reason}**")
    from gdviz.learn import scores

    pipe, k = done.pipe, int(done.steps[min(step, len(done.steps) - 1)])
    rows = []
    for name, X, at in (("train", pipe.X_train, pipe.train), ("held out", pipe.X_test, pipe.test)):
        rows.append(
            {"rows": name, "n": len(at), **scores(pipe.y[at], done.fit.predict(X, k))._asdict()}
        )
    show_table(rows, hide_index=True, key=f"{PAGE}_scores")
    table = {
        "column": [*pipe.names, "bias"],
        f"weight at update {k}": done.fit.theta[k],
        "closed form": done.optimum,
    }
    show_table(table, hide_index=True, height=HEIGHT, key=f"{PAGE}_weights_table")


def maths(done: ManyTraining, step: int) -> None:
    """Show a prediction, an update and the curvature in numbers, and the words of the page."""
    k, pipe, fit = int(done.steps[min(step, len(done.steps) - 1)]), done.pipe, done.fit
    st.caption(
        f"After {k} updates, the first row held out; its target is {pipe.y[pipe.test[0]]:g}:"
    )
    st.latex(prediction_latex(pipe.names, pipe.X_test[0], fit.weights[k], float(fit.bias[k])))
    if k < len(fit.loss) - 1:
        slope = done.goal.grad(fit.theta[k])
        j = int(np.argmax(np.abs(slope[:-1])))
        before, after = float(fit.weights[k, j]), float(fit.weights[k + 1, j])
        st.caption("The next update, where the slope over all rows is steepest:")
        st.latex(update_latex(pipe.names[j], before, after, float(slope[j])))
    eigen = done.eigen
    st.latex(
        rf"L = \lambda_{{\max}} = {eigen.largest:.4g},\quad \mu = {eigen.smallest:.4g},\quad"
        rf"\kappa = {eigen.condition:.4g},\quad \tfrac2L = {eigen.edge:.4g},\quad"
        rf"\tfrac2{{L+\mu}} = {eigen.best:.4g}".replace("inf", r"\infty")
    )
    words("regression")


def code(spec: Many, done: ManyTraining) -> None:
    """Show the room as Python, and the source of what ran."""
    walk = inspect.getmodule(train_linear)
    program_and_sources(topic.as_python(spec, done), {"the walk": walk})
