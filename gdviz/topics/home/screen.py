"""The parts of the home page: its sentence, its search, what to try first, and the cards."""

from typing import NamedTuple

import streamlit as st

from gdviz.catalogue.lookup import has_card
from gdviz.catalogue.pages import PAGES, Entry, entry_of
from gdviz.catalogue.tours import TOURS
from gdviz.ui.component import component
from gdviz.ui.controls import escape_markdown
from gdviz.ui.navigation import open_page
from gdviz.ui.page_style import PRINT, READABLE
from gdviz.ui.reopen_file import reopen_file

_CSS = """<style>
.stMainBlockContainer { padding: 3.4rem 1.5rem 2rem; max-width: 78rem; }
.stMainBlockContainer .stVerticalBlock { gap: 0.6rem; }
.st-key-greeting h1 { font-size: 1.9rem; padding: 0 0 0.3rem; }
[class*="st-key-card_"] { position: relative; transition: border-color 0.15s; }
[class*="st-key-card_"]:hover { border-color: #0072B2; }
[class*="st-key-card_"] a::after { content: ""; position: absolute; inset: 0; z-index: 1; }
[class*="st-key-card_"] a, [class*="st-key-card_"] a:hover { background: none; }
[class*="st-key-card_"] a { padding: 0; }
[class*="st-key-card_"] a p { white-space: normal; }
.gd-card img { display: block; width: 100%; aspect-ratio: 16 / 9; border-radius: 6px; }
.st-key-first a, .st-key-tours a { padding: 0.1rem 0.4rem; }
.st-key-first a p, .st-key-tours a p { white-space: normal; }
:is(.st-key-cards, .st-key-about) > *,
:is(.st-key-cards, .st-key-about) > * > [class*="st-key-card_"] { height: 100%; }
.st-key-cards, .st-key-about { display: grid; align-items: stretch; grid-template-columns: 1fr; }
@media (min-width: 600px) { .st-key-cards { grid-template-columns: 1fr 1fr; } }
@media (min-width: 600px) { .st-key-about { grid-template-columns: 1fr 1fr 1fr; } }
@media (min-width: 1100px) { .st-key-cards { grid-template-columns: repeat(5, 1fr); } }
</style>"""
# The live picture: a function of the page descent as the coefficients of 1, x, x² ..., and how
# that page names what a hand moves.
COVER = {
    "coefficients": [0.0, 1.0, -3.0, 0.0, 1.0],
    "lo": -2.2,
    "hi": 2.2,
    "start": 1.9,
    "rate": 0.05,
    "rates": [0.005, 0.3],
    "steps": 40,
    "page": "descent",
    "asked": {"descent_function": "double_well", "descent_steps": 40},
    "names": {"start": "descent_x0", "rate": "descent_lr"},
}
_cover = component("cover", isolate_styles=True)
_LECTURE_CSS = "<style>html { font-size: 20px; }</style>"


def tours() -> None:
    """Draw a link to each tour."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tours"):
        st.caption("Tours", width="content")
        for name, tour in TOURS.items():
            entry = entry_of(tour.stops[0].page)
            open_page(entry, f"tour={name}&stop=1", tour.title, ":material/route:")
        st.html('<a href="hall" target="_self">Join a hall</a>', width="content")


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
    """Draw the name, the sentence, the search and what to try, and at their side a live picture."""
    st.html(READABLE + PRINT + _CSS + (_LECTURE_CSS if large else ""))
    words, picture = st.columns([1, 1.15], gap="large", vertical_alignment="center")
    with words, st.container(key="greeting"):
        st.markdown(
            "# gdviz\n**See the calculus under machine learning.** "
            "Move one thing with your hand, and the mathematics answers at once, correctly."
        )
        st.text_input(
            "Search",
            key="home_search",
            placeholder="Search: a page, a method, a word of the field",
            label_visibility="collapsed",
            icon=":material/search:",
            max_chars=60,
        )
        first_steps()
    with picture:
        _cover(key="home_cover", data=COVER | {"large": large})
    tours()
    reopen_file("home_reopen")


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
    from gdviz.topics.home.gallery import nearest, search

    hits = search(text)
    if not hits:
        hits = nearest(text)
        like = "The nearest are:" if hits else "A page, a method, a preset, a word of the field?"
        st.caption(f"Nothing of that name. {like}")
    for hit in hits:
        entry = entry_of(hit.page)
        name = escape_markdown(hit.name)
        label = name if hit.what == "page" else f"{name} · {hit.what} of {entry.title}"
        open_page(entry, hit.query, label, entry.icon)
    return True


def cards() -> None:
    """Draw a card for each page, in the order of the menu, those about other pages last."""
    for key, pictured in (("cards", True), ("about", False)):
        with st.container(key=key):
            for page in PAGES[1:]:
                if has_card(page.stem) == pictured:
                    with st.container(border=True, height="stretch", key=f"card_{page.stem}"):
                        _card(page)


def _card(page: Entry) -> None:
    if has_card(page.stem):
        # The picture comes by itself, so that the page need not wait for what it shows.
        alt = f"What {page.title} shows at first"
        picture = f'<img src="card/{page.stem}" alt="{alt}" loading="lazy">'
        st.html(f'<div class="gd-card">{picture}</div>')
    st.page_link(page.path, label=f"**{page.title}**", icon=page.icon)
    st.caption(page.sentence)
