"""The page of all pitfalls: a line for each slide, and its mistakes beside what is right."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from gdviz.catalogue.pages import PAGES, entry_of
from gdviz.topics.pitfalls.slides import SLIDES, Row, Slide, rows
from gdviz.ui import frame
from gdviz.ui.navigation import open_page
from gdviz.ui.pitfall_tab import draw_row, head

PAGE = "pitfalls"


def page(more: Mapping[int, Callable[[], None]]) -> None:
    """Draw the page: a line for each slide; the open ones show their pitfalls.

    `more` draws what a slide shows besides, by its number.
    """
    frame.heading(PAGE)
    st.markdown(
        "The pages follow a tutorial of fifteen slides. Open one to read what it gets wrong, "
        "as code beside the right code."
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
            found = rows(slide.number)
            if found:
                head([row.pitfall for row in found])
            for row in found:
                draw_row(row.pitfall, partial(_link, row) if row.query() else None)
            _open(slide)


def _link(row: Row) -> None:
    open_page(entry_of(row.page), row.query(), "Open this setting", ":material/open_in_new:")


def _open(slide: Slide) -> None:
    with st.container(horizontal=True):
        for name in slide.pages:
            if name in {entry.stem for entry in PAGES}:
                entry = entry_of(name)
                open_page(entry, "", entry.title, entry.icon)
