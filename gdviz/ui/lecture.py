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


def toggle() -> None:
    """Switch lecture mode, as a callback."""
    on = not lecture_mode()
    st.session_state["lecture"] = on
    if on:
        st.query_params["lecture"] = "1"
    elif "lecture" in st.query_params:
        del st.query_params["lecture"]
