"""Pitfalls: each mistake run live, beside the right way; the tab of a page, and a page of all."""

from collections.abc import Sequence

import streamlit as st

from gdviz.catalogue.pages import PAGES, entry_of
from gdviz.catalogue.pitfall import Pitfall
from gdviz.topics.home.screen import open_page
from gdviz.topics.pitfalls.slides import SLIDES, Row, Slide, comparison_of, rows
from gdviz.topics.references.screen import recommended, wrong_links
from gdviz.ui import frame

PAGE = "pitfalls"


def pitfalls(found: Sequence[Pitfall]) -> None:
    """Run every pitfall and show what the tutorial's way and the right way came to."""
    for row in found:
        st.markdown(f"**{row.row} · {row.title}**")
        draw_comparison(*row.compare())
        st.caption(row.why)


def draw_comparison(wrong: str, right: str) -> None:
    """Show what the tutorial's way and the right way came to."""
    one, other = st.columns(2)
    one.error(f"Tutorial: {wrong}", icon=":material/close:")
    other.success(f"Here: {right}", icon=":material/check:")


# --- the page of all ------------------------------------------------------------------------------


def page() -> None:
    """Draw the page: a line for each slide; the open ones run their pitfalls."""
    frame.heading(PAGE)
    st.markdown(
        "The pages follow a tutorial of fifteen slides. Open one to run its code as it stands, "
        "beside the right way: every figure is computed now."
    )
    for slide in SLIDES:
        _slide(slide)


def _slide(slide: Slide) -> None:
    label = f"**{slide.number} · {slide.topic}.** {slide.pasted}"
    key = f"{PAGE}_{slide.number}"
    place = st.expander(label, slide.number == 1, key=key, on_change="rerun", bind="query-params")
    if place.open:
        with place:
            st.markdown(f"*What it says:* {slide.says}")
            if slide.number == 15:
                wrong_links()
                recommended()
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
