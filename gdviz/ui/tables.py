"""Tables of numbers on a page."""

from typing import Any

import streamlit as st

NONE = "–"  # in a cell without a value; Streamlit would write "None" there


def show_table(rows: Any, place: Any = st, **options: Any) -> Any:
    """Draw a table in a place; `options` and the answer are those of `st.dataframe`."""
    return place.dataframe(rows, placeholder=NONE, **options)
