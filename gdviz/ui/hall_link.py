"""The way back to a hall, for a phone that has left it to roam: the link says `hall=CODE`."""

import re

import streamlit as st

_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{8}")
_BACK = """<style>
.gd-back {{ position: fixed; left: 50%; bottom: 0.6rem; transform: translateX(-50%); z-index: 1000;
  display: flex; align-items: center; min-height: 44px; padding: 0 1rem; border-radius: 1.6rem;
  white-space: nowrap; background: #0067b0; color: #fff !important; }}
.stMainBlockContainer {{ padding-bottom: 5rem; }}
</style><a class="gd-back" href="hall/{code}" target="_self">Come back to the hall</a>"""


def way_back() -> None:
    """Draw the link back to the hall that was left, if one was."""
    code = st.query_params.get("hall", "")
    if _CODE.fullmatch(code):
        st.session_state["hall_left"] = code
    if code := st.session_state.get("hall_left", ""):
        st.html(_BACK.format(code=code))
