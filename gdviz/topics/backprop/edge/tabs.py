"""The tabs of the edge of stability."""

import numpy as np
import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.learn import network_hessian
from gdviz.numerals import number
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.edge import charts
from gdviz.topics.backprop.edge import settings as topic
from gdviz.topics.backprop.edge.program import as_python
from gdviz.topics.backprop.edge.settings import DIVIDES, EdgeOfStability, EdgeRun
from gdviz.topics.backprop.edge.verdict import verdict_on
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

VIEWS = {"share": "Share of the edge", "largest": "The largest eigenvalues"}
HEIGHT = 330


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, done = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: _VIEWS[view(PAGE, VIEWS)](done),
        "Numbers": lambda: numbers(done),
        "Maths": lambda: maths(spec, done, drawn.step),
        "Code": lambda: program_and_sources(as_python(spec), {"the Hessian": network_hessian}),
        "Pitfalls": lambda: pitfalls("backprop_edge"),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv_of(topic.numbers(done)))


def _share(done: EdgeRun) -> None:
    st.caption(
        "The sharpness as a share of its limit. At 1 a step along the steepest direction ends "
        "about as far on the other side as it began. Above 1 a swing along it grows, too small to "
        "be seen at first, until the loss jumps and the path is thrown to where it is less sharp."
    )
    alt = "The sharpness as a share of its limit, and the loss, over the steps."
    chart(charts.shares(done, lecture_mode()), height=HEIGHT, key=f"{PAGE}_share", alt=alt)


def _largest(done: EdgeRun) -> None:
    if not done.values.size:
        st.info("This network has too many parameters for all its eigenvalues.")
        return
    below = float(np.mean(np.abs(done.values[-1]) < 0.01 * abs(done.sharp[-1])))
    st.caption(
        f"The five largest of {done.values.shape[1]} eigenvalues. At the end "
        f"{number(100 * below, 3)} % of all are smaller than a hundredth of the largest: the loss "
        "is steep in few directions."
    )
    alt = "The five largest eigenvalues over the steps."
    chart(charts.largest(done, lecture_mode()), height=HEIGHT, key=f"{PAGE}_largest", alt=alt)


_VIEWS = {"share": _share, "largest": _largest}


def numbers(done: EdgeRun) -> None:
    """Draw the verdict, and the table of the run."""
    st.markdown(f"**{verdict_on(done)}**")
    table = {
        "step": np.arange(len(done.losses)),
        "η": done.rates,
        "loss": done.losses,
        "λmax": done.sharp,
        done.edge.over("η"): done.limit,
        "share of it": done.sharp / done.limit,
    }
    show_table(table, height=HEIGHT, hide_index=True, key=f"{PAGE}_edge_table")


def maths(spec: EdgeOfStability, done: EdgeRun, step: int) -> None:
    """Show why there is an edge, with the numbers of the step shown, and the words of the room."""
    k = min(step, len(done.sharp) - 1)
    st.latex(
        r"\theta_{k+1} - \theta^* \approx (I - \eta H)(\theta_k - \theta^*), \qquad "
        r"|1 - \eta\lambda_{\max}| < 1 \iff \lambda_{\max} < \tfrac2\eta"
    )
    if spec.rule in DIVIDES:
        st.latex(
            r"\theta_{k+1} = \theta_k - \eta P^{-1} m_k,\quad P = \mathrm{diag}(\sqrt{\hat v} + "
            r"\varepsilon): \qquad \lambda_{\max}(P^{-1/2} H P^{-1/2})\ \text{counts}"
        )
    st.latex(
        rf"k = {k}: \quad \lambda_{{\max}} = {done.sharp[k]:.4g}, \quad "
        rf"\eta = {done.rates[k]:.4g}, \quad \eta\lambda_{{\max}} = "
        rf"{done.rates[k] * done.sharp[k]:.4g}, \quad \text{{edge: }} {done.edge.value:.4g}"
    )
    words("backprop/edge")
