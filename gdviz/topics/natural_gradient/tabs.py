"""The tabs of the page *natural_gradient*, and its knobs."""

import numpy as np
import streamlit as st

from gdviz.geometry import natural
from gdviz.geometry.natural import empirical_fisher
from gdviz.optimize.latex import matrix
from gdviz.topics.natural_gradient import settings as topic
from gdviz.topics.natural_gradient.charts import losses
from gdviz.topics.natural_gradient.controls import PAGE
from gdviz.topics.natural_gradient.figure import loss_at
from gdviz.topics.natural_gradient.program import as_python
from gdviz.topics.natural_gradient.settings import NaturalGradient
from gdviz.topics.natural_gradient.tables import csv, table
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

HEIGHT = 340


def curves(spec: NaturalGradient) -> None:
    """Draw the loss of every path, step by step."""
    figure = losses(spec, lecture_mode())
    chart(figure, height=HEIGHT, key="natural_losses", alt="Loss above the least.")


def numbers(spec: NaturalGradient) -> None:
    """Draw every number of every path."""
    show_table(table(spec), height=HEIGHT, hide_index=True, key="natural_table")


def maths(spec: NaturalGradient) -> None:
    """Show the step at the start with its numbers, and what the Fisher matrix is there."""
    if spec.room == "network":
        words(PAGE)
        return
    problem = loss_at(spec)
    theta = topic.start(spec) if spec.room == "families" else np.array([spec.w0, spec.w1])
    g, F = problem.grad(theta), natural.fisher_of(problem, theta, spec.fisher)
    st.markdown("At the start, the plain step and the natural step:")
    st.latex(r"\theta \leftarrow \theta - \eta\,\nabla L \qquad \theta \leftarrow \theta - \eta\,"
             r"(F + \delta 1)^{-1}\nabla L")  # fmt: skip
    found = natural.natural_direction(g, F, spec.damping)
    st.latex(
        rf"\nabla L = {_column(g)} \qquad F = {matrix(F)} \qquad "
        rf"(F + \delta 1)^{{-1}}\nabla L = {_column(found.step)}"
    )
    if found.unseen:
        st.markdown(
            "**F is singular here**: the data see nothing of one direction. The step is the "
            "shortest that solves what can be solved; damping is the other way out."
        )
    true = problem.fisher(theta)
    seen = empirical_fisher(problem.scores(theta))
    st.markdown("The true Fisher matrix, and the empirical one of the data that were seen:")
    st.latex(rf"F = {matrix(true)} \qquad \hat F = {matrix(seen)}")
    words(PAGE)


def _column(values: np.ndarray) -> str:
    return matrix(values[:, None])


def code(spec: NaturalGradient) -> None:
    """Show the page as Python, and the source of what ran."""
    sources = {
        "the natural step": natural.natural_step,
        "its direction": natural.natural_direction,
        "a run of steps": natural.fit,
        "reweighted least squares, independent of all that": topic.irls,
    }
    program_and_sources(as_python(spec), sources)


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec = drawn.spec
    panels = {
        "Curves": lambda: curves(spec),
        "Numbers": lambda: numbers(spec),
        "Maths": lambda: maths(spec),
        "Code": lambda: code(spec),
        "Pitfalls": lambda: pitfalls("natural_gradient"),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv(spec))
