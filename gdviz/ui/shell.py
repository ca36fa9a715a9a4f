"""The script that Streamlit runs: the menu around a page, and the page itself."""

import streamlit as st

from gdviz.catalogue.pages import PAGES, Entry, by_section
from gdviz.ui import hall_link, reconnect, tour, unheard
from gdviz.ui.clients import client_of_script
from gdviz.ui.fair_lock import hold_lock
from gdviz.ui.lecture import lecture_mode

ABOUT = "**gdviz** lets you see the calculus under machine learning."

# A local icon: for a named icon the browser would ask a font server.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#0072B2"/>'
    '<path d="M5 7 Q14 41 27 7" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/>'
    '<circle cx="9.3" cy="17" r="3.6" fill="#E69F00"/></svg>'
)


def streamlit_page(page: Entry):
    return st.Page(
        page.path,
        title=page.title,
        icon=page.icon,
        url_path=page.stem,
        default=page == PAGES[0],
    )


def arrive(page: str) -> None:
    """When a link opens a page, let it decide everything: forget the session's settings."""
    if st.session_state.get("page_shown") != page:
        st.session_state["page_shown"] = page
        unheard.forget()
        if any(name.startswith(f"{page}_") for name in st.query_params):
            tour.forget(page)


st.set_page_config(page_title="gdviz", page_icon=ICON, layout="wide", menu_items={"About": ABOUT})
current = st.navigation(
    {section: [streamlit_page(p) for p in pages] for section, pages in by_section().items()},
    position="hidden" if lecture_mode() else "top",
)
st.set_page_config(page_title=f"{current.title} · gdviz")
tour.go_if_asked(current.url_path)
arrive(current.url_path)
with hold_lock(client_of_script):
    unheard.set_again()
    current.run()
    tour.bar()
    hall_link.way_back()
    reconnect.watch_connection()
