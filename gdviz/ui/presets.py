"""The presets of a page as a row of buttons, and why the pressed one is worth seeing."""

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

import streamlit as st

from gdviz.catalogue.preset import Preset
from gdviz.queries import to_query
from gdviz.ui import lecture
from gdviz.ui.controls import write

KEYS = "1234567890"  # as they stand on a keyboard, for the first ten presets


def presets(page: str, choices: Sequence[Preset], before: Callable[[Preset], None]) -> None:
    """Draw the presets as a row of buttons; `reason_of_preset` explains the pressed one."""
    key = f"{page}_preset"

    def press(preset: Preset) -> None:
        before(preset)
        write(page, preset.values)
        st.session_state[key] = preset.label

    with st.container(horizontal=True, key="presets", gap="small"):
        for preset, pressed_by in zip_longest(choices, KEYS[: len(choices)]):
            icon = ":material/check_circle:" if preset.good else ":material/warning:"
            pressed = st.session_state.get(key) == preset.label
            st.button(
                preset.label,
                key=f"{page}_preset_{preset.label}",
                icon=icon,
                help=preset.reason,
                type="primary" if pressed else "secondary",
                on_click=press,
                args=(preset,),
                shortcut=pressed_by if lecture.letter_keys() else None,
            )


def keys_of(count: int) -> str:
    """Return the sentence that says which keys press so many presets."""
    last = "last" if count == len(KEYS) else "tenth"
    to = f"from 1 to {count}" if count < len(KEYS) else f"from 1 to 9, or 0 for the {last}"
    return f"Press a preset, or a key {to}."


def open_with(page: str, preset: Preset) -> None:
    """Open a page with a preset, once a session, if neither a link nor the visitor says more.

    The defaults of the knobs stay what they are, so that a link that leaves some out still means
    the same.
    """
    own = f"{page}_"
    st.session_state[f"_opens_with_{page}"] = preset.values
    said = any(str(name).startswith(own) for name in (*st.query_params, *st.session_state))
    if not said and "tour" not in st.query_params:
        write(page, preset.values)
        st.session_state[f"{page}_preset"] = preset.label


def reason_of_preset(page: str, choices: Sequence[Preset], spec: Any) -> None:
    """Show why the pressed preset is worth seeing, and what to try next, until a setting changes.

    Its line stays when it is gone, for a stage must not jump under the hand; in a lecture the
    stage takes the room.
    """
    key = f"{page}_preset"
    labels = [preset.label for preset in choices]
    said = st.session_state.get(key)
    words = "" if lecture.lecture_mode() else keys_of(len(choices))
    if said in labels:
        at = labels.index(said)
        if to_query(spec) == to_query(type(spec)(**choices[at].values)):
            follows = labels[(at + 1) % len(labels)]
            words = f"{choices[at].reason} **Now try** {follows}."
        else:
            del st.session_state[key]
    if words:
        with st.container(key="reason"):
            st.markdown(words)
