"""The tab of code: the page as a program, and the source of what ran."""

import inspect
from collections.abc import Mapping
from typing import Any

import streamlit as st

NEEDS = "# Needs gdviz: `pip install .` in its folder, once; or save this file in that folder.\n"


def show_program(program: str) -> None:
    """Show a program to copy; its first line says how Python finds gdviz."""
    st.code(NEEDS + program, language="python")


def program_and_sources(program: str, sources: Mapping[str, Any]) -> None:
    """Show a program that prints the page's numbers, and sources by what they are of.

    A source is a function, a class, a module, or generated code; a function is unwrapped.
    """
    st.markdown("This prints the numbers on this page:")
    show_program(program)
    for title, source in sources.items():
        with st.expander(f"The source of {title}"):
            st.code(_source_of(inspect.unwrap(source)), language="python")


def _source_of(part: Any) -> str:
    return getattr(part, "rule_source", None) or inspect.getsource(part)
