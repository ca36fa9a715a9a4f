"""The page of all pitfalls: a line for each slide, and its mistakes run live when it is open."""

from collections.abc import Callable, Mapping

import streamlit as st

from gdviz.catalogue.pages import PAGES, entry_of
from gdviz.topics.pitfalls.slides import SLIDES, Row, Slide, comparison_of, rows
from gdviz.ui import frame
from gdviz.ui.navigation import open_page
from gdviz.ui.pitfall_tab import draw_comparison

PAGE = "pitfalls"


def page(more: Mapping[int, Callable[[], None]]) -> None:
    """Draw the page: a line for each slide; the open ones run their pitfalls.

    `more` draws what a slide shows besides, by its number.
    """
    frame.heading(PAGE)
    st.markdown(
        "The pages follow a tutorial of fifteen slides. Open one to run its code as it stands, "
        "beside the right way: every figure is computed now."
    )
    for slide in SLIDES:
        _slide(slide, more.get(slide.number))


def _slide(slide: Slide, more: Callable[[], None] | None) -> None:
    label = f"**{slide.number} · {slide.topic}.** {slide.pasted}"
    key = f"{PAGE}_{slide.number}"
    place = st.expander(label, slide.number == 1, key=key, on_change="rerun", bind="query-params")
    if place.open:
        with place:
            st.markdown(f"*What it says:* {slide.says}")
            if more:
                more()
            for row in rows(slide.number):
                _row(row)
            _open(slide)


def _row(row: Row) -> None:
    pitfall = row.pitfall
    with st.container(border=True):
        title, button = st.columns([5, 1.3], vertical_alignment="center")
        title.markdown(f"**{pitfall.row} · {pitfall.title}**")
        with button:
            query = row.query()
            label = "Open this setting" if query else "Open the page"
            there = query or f"{row.page}_tab=Pitfalls"
            open_page(entry_of(row.page), there, label, ":material/open_in_new:")
        draw_comparison(*comparison_of(pitfall.compare))
        st.caption(pitfall.why)


def _open(slide: Slide) -> None:
    with st.container(horizontal=True):
        for name in slide.pages:
            if name in {entry.stem for entry in PAGES}:
                entry = entry_of(name)
                open_page(entry, "", entry.title, entry.icon)
