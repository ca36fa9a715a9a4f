"""The choice of a room of a page, and of a view of a tab; both stand in the link."""

from collections.abc import Mapping
from typing import Any, Literal

import streamlit as st

from gdviz.knob_texts import query_text
from gdviz.knobs import Choice, Kind, Knob
from gdviz.queries import IN_TAB
from gdviz.ui.controls import draw_widget, key_of, restore_from_query, set_query_param

FEW = 3  # options that stand side by side
Seen = Literal["visible", "collapsed"]  # whether a label is drawn


def view(page: str, views: Mapping[str, str]) -> str:
    """Draw the choice among the views of a tab and return the key of the one chosen."""
    return _chosen(page, "view", views, "View")


def rooms(page: str, names: Mapping[str, str]) -> str:
    """Draw the choice among the rooms of a page, each with a stage, and return the one chosen."""
    return _chosen(page, "room", names, "Room")


def tab_knob(page: str, name: str, kind: Kind, default: Any) -> Any:
    """Draw a choice inside a tab, which stands in the link, and return its value."""
    knob = Knob(IN_TAB + name, type(default), kind, default)
    key = key_of(page, knob.name)
    restore_from_query(knob, key)
    if isinstance(kind, Choice) and st.session_state.get(key, default) not in kind.options:
        st.session_state[key] = default  # of other data
    if (
        isinstance(kind, Choice)
        and len(kind.options) <= FEW
        and default == next(iter(kind.options))
    ):
        return _chosen(page, knob.name, kind.options, kind.label, "visible")
    value = draw_widget(knob, key)
    value = default if value is None else value
    set_query_param(key, [] if value == default else [str(query_text(value))])
    return value


def room_asked(page: str, names: Mapping[str, str]) -> str:
    """Return the open room before its choice is drawn, because the presets depend on it."""
    key = f"{page}_room"
    asked = st.session_state.get(key, st.query_params.get(key))
    return str(asked) if asked in names else next(iter(names))


def _chosen(
    page: str, name: str, options: Mapping[str, str], label: str, seen: Seen = "collapsed"
) -> str:
    """Draw a row of options and return the key of the one chosen.

    The link has its key; Streamlit's own binding would write the label.
    """
    knob = Knob(name, str, Choice(options, label), next(iter(options)))
    key = f"{page}_{name}"
    restore_from_query(knob, key)
    st.session_state[f"_first_{key}"] = knob.default  # to which Back may lead
    if st.session_state.get(key, knob.default) not in options:
        del st.session_state[key]
    chosen = st.segmented_control(
        label,
        list(options),
        default=None if key in st.session_state else knob.default,
        format_func=lambda option: options.get(option, option),
        key=key,
        label_visibility=seen,
        required=True,
    )
    shown = str(chosen) if chosen in options else knob.default
    set_query_param(key, [] if shown == knob.default else [shown])
    return shown
