"""The tabs of the page *natural_gradient*, and its knobs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from gdviz.geometry import natural
from gdviz.geometry.natural import empirical_fisher
from gdviz.topics.natural_gradient import settings as topic
from gdviz.topics.natural_gradient.charts import losses
from gdviz.topics.natural_gradient.controls import PAGE
from gdviz.topics.natural_gradient.figure import loss_at
from gdviz.topics.natural_gradient.pitfalls import ROWS
from gdviz.topics.natural_gradient.program import as_python
from gdviz.topics.natural_gradient.settings import NaturalGradient
from gdviz.topics.natural_gradient.tables import csv, table
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.words import words

HEIGHT = 340


def curves(spec: NaturalGradient) -> None:
    """Draw the loss of every path, step by step."""
    figure = losses(spec, lecture_mode())
    chart(figure, height=HEIGHT, key="natural_losses", alt="Loss above the least.")


def numbers(spec: NaturalGradient) -> None:
    """Draw every number of every path."""
    st.dataframe(table(spec), height=HEIGHT, hide_index=True, key="natural_table")


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
             r"(F + \lambda 1)^{-1}\nabla L")  # fmt: skip
    found = natural.natural_direction(g, F, spec.damping)
    st.latex(
        rf"\nabla L = {_column(g)} \qquad F = {_matrix(F)} \qquad "
        rf"(F + \lambda 1)^{{-1}}\nabla L = {_column(found.step)}"
    )
    if found.unseen:
        st.markdown(
            "**F is singular here**: the data see nothing of one direction. The step is the "
            "shortest that solves what can be solved; damping is the other way out."
        )
    true = problem.fisher(theta)
    seen = empirical_fisher(problem.scores(theta))
    st.markdown("The true Fisher matrix, and the empirical one of the data that were seen:")
    st.latex(rf"F = {_matrix(true)} \qquad \hat F = {_matrix(seen)}")
    words(PAGE)


def _matrix(values: np.ndarray) -> str:
    rows = r"\\".join("&".join(f"{value:.4g}" for value in row) for row in values)
    return rf"\begin{{pmatrix}}{rows}\end{{pmatrix}}"


def _column(values: np.ndarray) -> str:
    return _matrix(values[:, None])


def code(spec: NaturalGradient) -> None:
    """Show the page as Python, and the source of what ran."""
    sources: dict[str, Callable[..., Any]] = {
        "The natural step": natural.natural_step,
        "Its direction": natural.natural_direction,
        "A run of steps": natural.fit,
        "Reweighted least squares, independent of all that": topic.irls,
    }
    program_and_sources(as_python(spec), sources)


def pitfalls_of() -> None:
    """Run the tutorial's natural gradient beside the right one."""
    pitfalls(ROWS)


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec = drawn.spec
    panels = {
        "Curves": lambda: curves(spec),
        "Numbers": lambda: numbers(spec),
        "Maths": lambda: maths(spec),
        "Code": lambda: code(spec),
        "Pitfalls": pitfalls_of,
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv(spec))
