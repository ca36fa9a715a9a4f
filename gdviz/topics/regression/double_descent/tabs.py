"""The tabs of *double descent*."""

from dataclasses import replace

import numpy as np
import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.figures.style import TEST, TRAIN
from gdviz.learn.feature_maps import FEATURE_MAPS
from gdviz.learn.minimum_norm import least_squares_descent
from gdviz.numerals import number
from gdviz.topics.regression import charts
from gdviz.topics.regression.double_descent import settings as topic
from gdviz.topics.regression.double_descent.controls import PAGE
from gdviz.topics.regression.double_descent.program import as_python
from gdviz.topics.regression.double_descent.settings import DRAWS, DoubleDescent, Errors
from gdviz.topics.regression.double_descent.verdict import verdict_on
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.jobs import run_job
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

VIEWS = {"weights": "Size of the weights", "time": "Errors over the steps", "draws": "Many draws"}
HEIGHT = 330
FLOOR = 1e-12  # of a train error that is shown: below is rounding


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, done = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: _VIEWS[view(PAGE, VIEWS)](spec, done),
        "Numbers": lambda: numbers(spec, done),
        "Maths": lambda: maths(spec),
        "Code": lambda: program_and_sources(
            as_python(spec), {"the fit of least norm": least_squares_descent}
        ),
        "Pitfalls": lambda: pitfalls("regression_double_descent"),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv_of(topic.numbers(done)))


def _weights(spec: DoubleDescent, done: Errors) -> None:
    n, place = len(done.x), int(np.argmax(done.norm[-1]))
    st.caption(
        f"|w| is largest at p = {done.p[place]}. The least singular value s of the table of "
        f"features is smallest at p = {done.p[int(np.argmin(done.smallest))]}; n is {n}. A fit of "
        "least norm divides the noise by every s. A ridge and an early stop hold back the "
        "directions whose s is small."
    )
    parts = [
        charts.Panel("features p", "|w|", [charts.Curve("|w|", done.p, done.norm[-1], charts.BLUE)],
                     "xy"),
        charts.Panel("features p", "least singular value",
                     [charts.Curve("least s", done.p, done.smallest, charts.ORANGE)], "xy"),
    ]  # fmt: skip
    alt = "The size of the weights and the least singular value over the number of features."
    chart(charts.panels(parts, lecture_mode()), height=HEIGHT, key=f"{PAGE}_norms", alt=alt)


def _time(spec: DoubleDescent, done: Errors) -> None:
    curve = topic.curve_of(spec)
    best, shown = int(np.argmin(curve.test)), np.isfinite(done.steps) & (done.steps > 0)
    when = "at the end" if np.isinf(done.steps[best]) else f"after {number(done.steps[best])} steps"
    st.caption(
        f"With p = {spec.p} features the test error is least {when}, "
        f"{number(curve.test[best], 3)}; it ends at {number(curve.test[-1], 3)}. The flat "
        "directions, which bring most of the noise, are learned last: to stop before is a ridge "
        "of another kind."
    )
    curves = [
        charts.Curve(name, done.steps[shown], np.maximum(values[shown], FLOOR), *look[:2])
        for name, values, look in (
            ("train", curve.train, TRAIN),
            ("test", curve.test, TEST),
        )
    ]
    parts = [charts.Panel("step of gradient descent", "mean squared error", curves, "xy")]
    alt = "Both errors over the steps of gradient descent."
    chart(charts.panels(parts, lecture_mode()), height=HEIGHT, key=f"{PAGE}_steps", alt=alt)


def _draws(spec: DoubleDescent, done: Errors) -> None:
    same = replace(spec, p=1)
    found = run_job(PAGE, ("draws", same), lambda: topic.over_draws(same))
    if found is None:
        return
    low, middle, high = np.quantile(found, [0.25, 0.5, 0.75], axis=0)
    place = int(np.argmax(middle))
    st.caption(
        f"{DRAWS} draws of points and features: the median of the test error is largest at p = "
        f"{done.p[place]}, {number(middle[place], 3)}. Half of the draws lie between the dots."
    )
    curves = [
        charts.Curve("a quarter below", done.p, low, charts.VERMILLION, "dot"),
        charts.Curve("median", done.p, middle, charts.VERMILLION),
        charts.Curve("a quarter above", done.p, high, charts.VERMILLION, "dot"),
    ]
    parts = [charts.Panel("features p", "test error", curves, "xy")]
    alt = "Median and quartiles of the test error of twenty draws over the number of features."
    chart(charts.panels(parts, lecture_mode()), height=HEIGHT, key=f"{PAGE}_draws", alt=alt)


_VIEWS = {"weights": _weights, "time": _time, "draws": _draws}


def numbers(spec: DoubleDescent, done: Errors) -> None:
    """Draw the verdict, and the table over the number of features."""
    st.markdown(f"**{verdict_on(spec, done)}**")
    table = {
        "features p": done.p,
        "train error": done.train[-1],
        "test error": done.test[-1],
        "test error of least norm": done.plain,
        "|w|": done.norm[-1],
        "rank": done.rank,
        "least singular value": done.smallest,
    }
    show_table(table, height=HEIGHT, hide_index=True, key=f"{PAGE}_double_table")


def maths(spec: DoubleDescent) -> None:
    """Show the problem, its solution of least norm, with the numbers of the p shown, and words."""
    curve = topic.curve_of(spec)
    st.latex(
        r"\hat f(x) = \sum_{j<p} w_j\,\varphi_j(x), \qquad \varphi_j(x) = "
        + FEATURE_MAPS[spec.basis].latex
    )
    st.latex(
        r"w_\lambda = \arg\min_w \tfrac{1}{2n}|Aw - y|^2 + \tfrac\lambda2|w|^2 "
        r"= \sum_i \frac{s_i}{s_i^2 + n\lambda}\,(u_i^\top y)\,v_i, \qquad "
        r"w_0 = A^+ y"
    )
    st.latex(
        r"w_t = \sum_i \Bigl(1 - \bigl(1 - \tfrac{\mu_i}{L}\bigr)^t\Bigr)"
        r"\frac{s_i}{n\mu_i}\,(u_i^\top y)\,v_i, \qquad \mu_i = \tfrac{s_i^2}{n} + \lambda"
    )
    st.latex(
        rf"p = {spec.p},\quad n = {spec.rows},\quad \text{{rank}}\,A = {curve.rank},\quad "
        rf"s_{{\min}} = {curve.smallest:.4g},\quad |w| = {np.linalg.norm(curve.weights[-1]):.4g}"
    )
    words("regression/double_descent")
