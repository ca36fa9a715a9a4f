"""The presets of a page as a row of buttons, and why the pressed one is worth seeing."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from gdviz.catalogue.preset import Preset
from gdviz.queries import to_query
from gdviz.ui.controls import write


def presets(page: str, choices: Sequence[Preset], before: Callable[[Preset], None]) -> None:
    """Draw the presets as a row of buttons; `reason_of_preset` explains the pressed one."""
    key = f"{page}_preset"

    def press(preset: Preset) -> None:
        before(preset)
        write(page, preset.values)
        st.session_state[key] = preset.label

    with st.container(horizontal=True, key="presets", gap="small"):
        for preset in choices:
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
            )


def open_with(page: str, preset: Preset) -> None:
    """Open a page with a preset, once a session, if neither a link nor the visitor says more.

    The defaults of the knobs stay what they are, so that a link that leaves some out still means
    the same.
    """
    own = f"{page}_"
    said = any(str(name).startswith(own) for name in (*st.query_params, *st.session_state))
    if not said and "tour" not in st.query_params:
        write(page, preset.values)
        st.session_state[f"{page}_preset"] = preset.label


def reason_of_preset(page: str, choices: Sequence[Preset], spec: Any) -> None:
    """Show why the pressed preset is worth seeing, until a setting changes."""
    for preset in choices:
        if st.session_state.get(f"{page}_preset") == preset.label:
            if to_query(spec) == to_query(type(spec)(**preset.values)):
                word = "Known good" if preset.good else "Known bad"
                st.caption(f"**{word}.** {preset.reason}")
            else:
                del st.session_state[f"{page}_preset"]
