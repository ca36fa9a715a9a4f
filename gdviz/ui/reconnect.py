"""A page reconnects after a lost connection, to another server if need be, with the same picture.

The browser holds the link and the widgets, and so everything that a page shows. Only an uploaded
file lives in the memory of one server and is lost with it; the page then says so.
"""

import secrets
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

import streamlit as st

from gdviz.env import frame_origins
from gdviz.ui import frame_host, history, lecture
from gdviz.ui.component import component

_component = component("reconnect", isolate_styles=True)
LOST = (
    "Another server has taken over. Your settings are as they were, but the file that you had "
    "uploaded is gone: please choose it again."
)


class Reconnect(NamedTuple):
    """The browser's message after a reconnect: its former session, and its uploads."""

    session: str
    files: int


def parse_reconnect(state: object) -> Reconnect | None:
    """Parse the browser's message, which anybody can forge; None unless it is valid."""
    said = state.get("back") if isinstance(state, Mapping) else None
    if not isinstance(said, Mapping):
        return None
    session, files = said.get("session"), said.get("files")
    if not isinstance(session, str) or len(session) > 40:
        return None
    if not isinstance(files, int) or isinstance(files, bool) or not 0 <= files < 1000:
        return None
    return Reconnect(session, files)


def watch_connection() -> None:
    """Let the page reconnect by itself, and tell the visitor what was lost."""
    here = st.session_state.setdefault("_session", secrets.token_hex(8))
    link = {name: st.query_params.get_all(name) for name in st.query_params}
    with st.container(key="back"):
        told = _component(
            key="_back",
            data={
                "session": here,
                "shown": history.page_that_follows(),
                "followed": (n := history.last_followed()),
                "query": urlencode(link, doseq=True) if n else "",
                "hall": lecture.halls_asked(),
                "origins": frame_origins(),
                "obeyed": frame_host.last_obeyed(),
            },
            on_back_change=lambda: None,
            on_went_change=lambda: history.follow(st.session_state.get("_back")),
            on_asked_change=lambda: frame_host.obey(st.session_state.get("_back")),
        )
    if history.is_untold():
        st.query_params.update()  # the last word on the address, whatever is under way
    back = parse_reconnect(told)
    if back and back.files and back.session != here:
        st.toast(LOST, icon=":material/upload_file:", duration="infinite")
