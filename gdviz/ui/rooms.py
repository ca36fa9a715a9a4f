"""The choice of a room of a page, and of a view of a tab; both stand in the link."""

from collections.abc import Mapping

import streamlit as st

from gdviz.knobs import Choice, Knob
from gdviz.ui.controls import restore_from_query, set_query_param


def view(page: str, views: Mapping[str, str]) -> str:
    """Draw the choice among the views of a tab and return the key of the one chosen."""
    return _chosen(page, "view", views, "View")


def rooms(page: str, names: Mapping[str, str]) -> str:
    """Draw the choice among the rooms of a page, each with a stage, and return the one chosen."""
    return _chosen(page, "room", names, "Room")


def room_asked(page: str, names: Mapping[str, str]) -> str:
    """Return the open room before its choice is drawn, because the presets depend on it."""
    key = f"{page}_room"
    asked = st.session_state.get(key, st.query_params.get(key))
    return str(asked) if asked in names else next(iter(names))


def _chosen(page: str, name: str, options: Mapping[str, str], label: str) -> str:
    """Draw a row of options and return the key of the one chosen.

    The link has its key; Streamlit's own binding would write the label.
    """
    knob = Knob(name, str, Choice(options, label), next(iter(options)))
    key = f"{page}_{name}"
    restore_from_query(knob, key)
    chosen = st.segmented_control(
        label,
        list(options),
        default=None if key in st.session_state else knob.default,
        format_func=lambda option: options.get(option, option),
        key=key,
        label_visibility="collapsed",
        required=True,
    )
    shown = str(chosen) if chosen in options else knob.default
    set_query_param(key, [] if shown == knob.default else [shown])
    return shown
