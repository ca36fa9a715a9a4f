"""Pins: settings whose runs stay on the stage as faint ghosts; they stand in the link."""

from typing import Any

import streamlit as st

from gdviz.queries import from_query, to_query

MOST = 3


def pinned_queries(page: str) -> list[str]:
    """Return the pinned settings as query strings; in a new session, those of the link."""
    key = f"{page}_pins"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get_all(f"{page}_pin")[:MOST]
    return st.session_state[key]


def _keep(page: str, pins: list[str]) -> None:
    st.session_state[f"{page}_pins"] = pins
    st.query_params[f"{page}_pin"] = pins


def pins(page: str, spec_type: type) -> list[Any]:
    """Return the pinned settings of a page; invalid values in a link become defaults."""
    return [from_query(spec_type, query) for query in pinned_queries(page)]


def pin_buttons(page: str, spec: Any) -> None:
    """Draw the buttons that pin the present settings and remove all pins."""
    kept = pinned_queries(page)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Pin this run",
            icon=":material/keep:",
            key=f"{page}_pin_it",
            disabled=len(kept) >= MOST,
            help=f"Keep it as a ghost while the knobs move (up to {MOST}).",
            on_click=lambda: _keep(page, [*kept, to_query(spec)][-MOST:]),
        )
        if kept:
            st.button(
                f"Clear {len(kept)}",
                icon=":material/keep_off:",
                key=f"{page}_unpin",
                on_click=lambda: _keep(page, []),
            )
