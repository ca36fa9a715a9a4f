"""The tabs of the room *compare*."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gdviz.export.tables import csv_of
from gdviz.figures.style import base_layout, looks_of
from gdviz.numerals import number
from gdviz.optimize import SURFACES
from gdviz.optimize.comparison import compare_on
from gdviz.optimize.profiles import (
    area,
    data_profile,
    paired_bands,
    performance_profile,
    runtime_distribution,
)
from gdviz.topics.race.compare import settings as topic
from gdviz.topics.race.compare.controls import PAGE
from gdviz.topics.race.compare.settings import Compare, Compared
from gdviz.topics.race.compare.verdict import lead_of, verdict_on
from gdviz.ui.chart import chart
from gdviz.ui.code_tab import program_and_sources
from gdviz.ui.lecture import lecture_mode
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pitfall_tab import pitfalls
from gdviz.ui.rooms import view
from gdviz.ui.tables import show_table
from gdviz.ui.words import words

VIEWS = {"data": "Data profiles", "each": "Each surface", "found": "The η that were found"}
HEIGHT = 330


def outputs(drawn: PageState) -> PageTabs:
    """The tabs under the stage, and what the share menu gives away."""
    spec, done = drawn.spec, drawn.runs
    panels = {
        "Curves": lambda: _VIEWS[view(PAGE, VIEWS)](spec, done),
        "Numbers": lambda: numbers(done),
        "Maths": lambda: words("race/compare"),
        "Code": lambda: program_and_sources(topic.as_python(spec), SOURCES),
        "Pitfalls": lambda: pitfalls("race"),
    }
    return PageTabs(panels, lambda: topic.as_python(spec), lambda: csv_of(topic.numbers(done)))


SOURCES = {
    "a method on a surface": compare_on,
    "runtime distributions": runtime_distribution,
    "performance profiles": performance_profile,
    "data profiles": data_profile,
    "bands of differences": paired_bands,
}


def _data(spec: Compare, done: Compared) -> None:
    groups = topic.budgets_of(done) / 3
    shares = data_profile(topic.times_of(done), groups, 2)
    st.caption(
        "The share of problems, a surface from a start each, that are solved within κ groups of "
        f"d + 1 = 3 evaluations (Moré and Wild 2009): {topic.LEFT[spec.left]}."
    )
    lines = _lines(done, groups, shares)
    axes = {
        "xaxis": {"type": "log", "title": {"text": "κ"}, "exponentformat": "power"},
        "yaxis": {"range": [-0.02, 1.02], "title": {"text": "problems solved"}},
    }
    figure = go.Figure(lines, base_layout(lecture_mode(), **axes))
    chart(figure, height=HEIGHT, key="race_data_profiles", alt="Data profiles of all methods.")


def _lines(done: Compared, x: np.ndarray, rows: np.ndarray) -> list[go.Scatter]:
    looks = looks_of(done.methods)
    return [
        go.Scatter(
            x=x, y=y, name=topic.label_of(done, name), mode="lines",
            line={"color": looks[name].color, "dash": looks[name].dash, "shape": "hv"},
        )
        for name, y in zip(done.methods, rows, strict=True)
    ]  # fmt: skip


def _each(spec: Compare, done: Compared) -> None:
    st.caption(
        "The area under the runtime distribution on each surface: who leads over all need not lead "
        "on each."
    )
    _heat(done, area(done.hits, done.budget).mean(axis=(2, 3)), "area", "race_each")


def _found(spec: Compare, done: Compared) -> None:
    tried = f"the best of {spec.trials}" if spec.trials > 1 else "the default"
    st.caption(f"log₁₀ η on each surface, {tried}; blank where a method has none to be chosen.")
    _heat(done, np.log10(done.rate), "log₁₀ η", "race_found")


def _heat(done: Compared, table: np.ndarray, title: str, key: str) -> None:
    """Draw a number of each method on each surface."""
    image = go.Heatmap(
        z=table,
        x=[SURFACES[name].name for name in done.surfaces],
        y=[topic.label_of(done, name) for name in done.methods],
        colorscale="Cividis",
        colorbar={"title": {"text": title}, "thickness": 14},
        hovertemplate="%{y}<br>%{x}<br>%{z:.4g}<extra></extra>",
    )
    figure = go.Figure(image, base_layout(lecture_mode(), yaxis={"autorange": "reversed"}))
    height = max(HEIGHT, 90 + 18 * len(done.methods))
    chart(figure, height=height, key=key, alt=f"{title} of each method on each surface.")


_VIEWS = {"data": _data, "each": _each, "found": _found}


def numbers(done: Compared) -> None:
    """Draw the verdict, and how far behind the leader each method is."""
    st.markdown(f"**{verdict_on(done)}**")
    lead, ends = lead_of(done), topic.summary(done)
    rows = []
    for name in (lead.first, *lead.ahead):
        gap, half = lead.ahead.get(name, (0.0, np.nan))
        rows.append(
            {
                "method": topic.label_of(done, name),
                "area": float(ends[name]["score"][0]),
                "area, low": float(ends[name]["score_low"][0]),
                "area, high": float(ends[name]["score_high"][0]),
                "solved": float(ends[name]["solved"][0]),
                "behind": gap,
                "±": half,
                "survives": "" if name == lead.first else "yes" if name in lead.beaten else "no",
            }
        )
    show_table(rows, hide_index=True, key="race_compared")
    st.caption(
        f"Bands of 95 % over {number(done.scores.shape[1])} starts; those of *behind* hold for all "
        "pairs together. They speak of other starts on these surfaces, not of other surfaces."
    )
