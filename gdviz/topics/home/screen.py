"""The parts of the home page: its sentence, its search, what to try first, and the cards."""

from typing import NamedTuple

import streamlit as st

from gdviz.catalogue.lookup import has_card
from gdviz.catalogue.pages import PAGES, Entry, by_section, entry_of
from gdviz.catalogue.tours import TOURS
from gdviz.ui.navigation import open_page

COLUMNS = 4
_CSS = """<style>
.stMainBlockContainer { padding: 3.4rem 1.5rem 2rem; max-width: 78rem; }
.stMainBlockContainer .stVerticalBlock { gap: 0.6rem; }
[class*="st-key-card_"] { position: relative; transition: border-color 0.15s; }
[class*="st-key-card_"]:hover { border-color: #0072B2; }
[class*="st-key-card_"] a::after { content: ""; position: absolute; inset: 0; z-index: 1; }
[class*="st-key-card_"] a, [class*="st-key-card_"] a:hover { background: none; }
.gd-card img { display: block; width: 100%; aspect-ratio: 16 / 9; border-radius: 6px; }
.st-key-first a, .st-key-tours a { padding: 0.1rem 0.4rem; }
</style>"""
_LECTURE_CSS = "<style>html { font-size: 20px; }</style>"


def tours() -> None:
    """Draw a link to each tour."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tours"):
        st.caption("Tours", width="content")
        for name, tour in TOURS.items():
            entry = entry_of(tour.stops[0].page)
            open_page(entry, f"tour={name}&stop=1", tour.title, ":material/route:")


class First(NamedTuple):
    """Something to try first: a page, its settings as a link, and what to do there."""

    page: str
    query: str
    words: str


FIRST = (
    First("descent", "", "Drag the start along the curve, then η past 2/f″"),
    First(
        "race",
        "race_surface=himmelblau&race_x0=-0.3&race_y0=0.6&race_methods=gd&race_methods=heavy_ball"
        "&race_methods=adam&race_methods=newton&race_gd_lr=0.01&race_heavy_ball_lr=0.005"
        "&race_adam_lr=0.4&race_hidden=true",
        "Guess in which valley each method ends, then show the paths",
    ),
    First("pitfalls", "", "See what fifteen slides of a tutorial get wrong"),
)


def greet(large: bool) -> None:
    """Draw the title, the sentence and the search."""
    st.html(_CSS + (_LECTURE_CSS if large else ""))
    title, box = st.columns([3, 1.4], vertical_alignment="bottom")
    title.markdown(
        "### See the calculus under machine learning\n"
        "Move one thing with your hand, and the mathematics answers at once, correctly."
    )
    box.text_input(
        "Search",
        key="home_search",
        placeholder="Search: a page, a method, a preset",
        label_visibility="collapsed",
        icon=":material/search:",
        max_chars=60,
    )


def first_steps() -> None:
    """Draw what to try first, as links."""
    entries = {entry.stem: entry for entry in PAGES}
    with st.container(key="first", horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Try first", width="content")
        for one in FIRST:
            if one.page in entries:
                open_page(entries[one.page], one.query, one.words, ":material/play_arrow:")


def search_hits() -> bool:
    """Draw what the search finds; return whether anything was asked."""
    text = str(st.session_state.get("home_search") or "").strip()
    if not text:
        return False
    from gdviz.topics.home.gallery import search

    hits = search(text)
    entries = {entry.stem: entry for entry in PAGES}
    if not hits:
        st.caption("Nothing of that name. A method, a surface, a page, a preset?")
    for hit in hits:
        entry = entries[hit.page]
        label = hit.name if hit.what == "page" else f"{hit.name} · {hit.what} of {entry.title}"
        open_page(entry, hit.query, label, entry.icon)
    return True


def cards() -> None:
    """Draw a card for each page, under its section."""
    for section, pages in by_section().items():
        pages = [page for page in pages if page != PAGES[0]]
        if pages:
            st.markdown(f"##### {section}")
        for row in range(0, len(pages), COLUMNS):
            for column, page in zip(st.columns(COLUMNS), pages[row : row + COLUMNS], strict=False):
                with column.container(border=True, height="stretch", key=f"card_{page.stem}"):
                    _card(page)


def _card(page: Entry) -> None:
    if has_card(page.stem):
        # The picture comes by itself, so that the page need not wait for what it shows.
        alt = f"What {page.title} shows at first"
        picture = f'<img src="card/{page.stem}" alt="{alt}" loading="lazy">'
        st.html(f'<div class="gd-card">{picture}</div>')
    st.page_link(page.path, label=f"**{page.title}**", icon=page.icon)
    st.caption(page.sentence)
