"""Links that open a page of the app at settings."""

from urllib.parse import parse_qsl

import streamlit as st

from gdviz.catalogue.pages import Entry


def open_page(entry: Entry, query: str, label: str, icon: str) -> None:
    """Draw a link that opens a page at settings."""
    told: dict[str, list[str]] = {}
    for name, value in parse_qsl(query):
        told.setdefault(name, []).append(value)
    st.page_link(entry.path, label=label, icon=icon, width="content", query_params=told or None)
