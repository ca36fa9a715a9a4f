"""The tab of code: the page as a program, and the source of what ran."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st


def program_and_sources(program: str, sources: Mapping[str, Callable[..., Any]]) -> None:
    """Show a program that prints the page's numbers, and the source of functions by title."""
    st.markdown("This prints the numbers of this page:")
    st.code(program, language="python")
    for title, function in sources.items():
        with st.expander(title):
            st.code(inspect.getsource(function), language="python")
