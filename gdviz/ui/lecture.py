"""Lecture mode: larger type and no navigation, for a projector."""

import streamlit as st


def lecture_mode() -> bool:
    """Tell whether `?lecture=1` was asked for in this session.

    It is kept in the session, because Streamlit clears the URL when the page changes.
    """
    asked = st.query_params.get("lecture")
    if asked in ("0", "1"):
        st.session_state["lecture"] = asked == "1"
    return bool(st.session_state.get("lecture", False))


# What `hide=controls,tabs` hides, for a projector or a frame on another page.
PARTS = {
    "controls": '[data-testid="stHorizontalBlock"]:has(.gd-stage) > '
    '[data-testid="stColumn"]:not(:has(.gd-stage))',
    "presets": ".st-key-presets",
    "share": ".st-key-share_bar",
    "tabs": ".stTabs",
    "menu": "header.stAppHeader",
}


def hidden() -> list[str]:
    """Return the parts of a page that the link hides (`?hide=controls,tabs`), kept in the session.

    An empty `hide=` shows them again.
    """
    asked = st.query_params.get("hide")
    if asked is not None:
        st.session_state["hide"] = [part for part in asked.split(",") if part in PARTS]
    return st.session_state.get("hide", [])


def hiding_css() -> str:
    """Return the style that hides what the link hides."""
    parts = hidden()
    return f"<style>{', '.join(PARTS[p] for p in parts)} {{ display: none }}</style>" * bool(parts)


def button() -> None:
    """Draw the button that switches lecture mode."""
    st.button(
        "Leave" if lecture_mode() else "Lecture",
        icon=":material/present_to_all:",
        help="Larger type and thicker lines for a projector (key L).",
        shortcut="l",
        key="lecture_toggle",
        on_click=toggle,
    )


def toggle() -> None:
    """Switch lecture mode, as a callback."""
    on = not lecture_mode()
    st.session_state["lecture"] = on
    if on:
        st.query_params["lecture"] = "1"
    elif "lecture" in st.query_params:
        del st.query_params["lecture"]
