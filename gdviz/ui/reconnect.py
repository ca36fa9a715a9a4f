"""A page whose connection broke comes back, to another server if need be, with the same picture.

All that a page shows is in its link and its widgets, which the browser holds. Only a file that a
visitor has uploaded lies in the memory of one server, and is lost with it: then the page says so.
"""

import secrets
from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from gdviz.ui.component import component

_component = component("reconnect", isolate_styles=True)
LOST = (
    "Another server has taken over. Your settings are as they were, but the file that you had "
    "uploaded is gone: please choose it again."
)


class Reconnect(NamedTuple):
    """What the browser says when it is back: the session it comes from, and its uploads."""

    session: str
    files: int


def parse_reconnect(state: object) -> Reconnect | None:
    """Read what the browser says, which anybody can forge; None unless it is sound."""
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
    """Have the page come back by itself, and say what was lost on the way."""
    here = st.session_state.setdefault("_session", secrets.token_hex(8))
    with st.container(key="back"):
        told = _component(key="_back", data={"session": here}, on_back_change=lambda: None)
    back = parse_reconnect(told)
    if back and back.files and back.session != here:
        st.toast(LOST, icon=":material/upload_file:", duration="infinite")
