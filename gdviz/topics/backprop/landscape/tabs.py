"""The tabs of the loss landscape."""

import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.learn import unit_matching, weight_planes
from gdviz.topics.backprop.controls import PAGE
from gdviz.topics.backprop.landscape import charts
from gdviz.topics.backprop.landscape import settings as topic
from gdviz.topics.backprop.landscape.program import as_python
from gdviz.topics.backprop.landscape.settings import Landscape, LandscapeRun
from gdviz.topics.backprop.landscape.verdict import between_networks, percent, verdict_on
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.stage import relief
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

VIEWS = {
    "held": "What a plane can hold",
    "relief": "3-D",
    "line": "The line between two networks",
}
HEIGHT = 330
SOURCES = {
    "a plane as long as the filters": weight_planes.filter_normalised_plane,
    "the distance from it": weight_planes.project,
    "matching hidden units": unit_matching.match_units,
}


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, done = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: _VIEWS[view(PAGE, VIEWS)](spec, done),
        "Numbers": lambda: numbers(done),
        "Maths": lambda: maths(done, drawn.step),
        "Code": lambda: program_and_sources(as_python(spec), SOURCES),
        "Pitfalls": lambda: pitfalls("backprop_landscape"),
    }
    return PageTabs(panels, lambda: as_python(spec), lambda: csv_of(topic.numbers(done)))


def _held(spec: Landscape, done: LandscapeRun) -> None:
    both = float(done.shares[:2].sum())
    st.caption(
        f"The path has {done.path.shape[1]} coordinates. Its two main directions hold "
        f"{percent(both)} of its squared distances from the end; no plane through the end holds "
        "more."
    )
    alt = "How much of the path its main directions hold together."
    chart(charts.directions(done, lecture_mode()), height=HEIGHT, key=f"{PAGE}_held", alt=alt)


def _relief(spec: Landscape, done: LandscapeRun) -> None:
    st.caption(
        "Orange: the path at its own loss. Blue: below or above it, the nearest points of the "
        "plane, which lie on the surface. Where both part, the plane does not show what the "
        "training met."
    )
    relief(f"{PAGE}_relief", *charts.relief(spec, done, lecture_mode()), f"{PAGE}_stage", 460)


def _line(spec: Landscape, done: LandscapeRun) -> None:
    if done.twin is None:
        st.info("Choose the plane of two trained networks: then there is a line between them.")
        return
    st.caption(between_networks(done))
    alt = "The loss on the line between both networks, before and after matching their units."
    chart(charts.line(done.twin, lecture_mode()), height=HEIGHT, key=f"{PAGE}_line", alt=alt)


_VIEWS = {"held": _held, "relief": _relief, "line": _line}


def numbers(done: LandscapeRun) -> None:
    """Draw the verdict, and the tables of the run."""
    st.markdown(f"**{verdict_on(done)}**")
    for name, table in topic.numbers(done).items():
        show_table(table, height=HEIGHT, hide_index=True, key=f"{PAGE}_landscape_{name}")


def maths(done: LandscapeRun, step: int) -> None:
    """Show the projection with the numbers of the step shown, and the words of the room."""
    k = min(step, len(done.epochs) - 1)
    a, b = done.seen.places[k]
    st.latex(
        r"\theta_k = \theta^* + a_k u + b_k v + r_k, \qquad r_k \perp u, v, \qquad "
        r"\text{outside: } \frac{\sum_k |r_k|^2}{\sum_k |\theta_k - \theta^*|^2} "
        rf"= {done.seen.outside:.4g}"
    )
    st.latex(
        rf"k = {int(done.epochs[k])}: \quad a = {a:.4g}, \quad b = {b:.4g}, \quad "
        rf"|r| = {done.seen.distances[k]:.4g}, \quad L(\theta_k) = {done.losses[k]:.4g}, \quad "
        rf"L(\theta_k - r_k) = {done.flat_losses[k]:.4g}"
    )
    if done.twin is not None:
        before, after = (barrier.height for barrier in done.twin.barriers)
        st.latex(
            r"\max_t\, L\big((1 - t)\theta_A + t\,\theta_B\big) - (1 - t) L(\theta_A) - t "
            rf"L(\theta_B) = {before:.4g}, \qquad \text{{matched: }} {after:.4g}"
        )
    words("backprop/landscape")
