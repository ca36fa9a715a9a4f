"""The prose of a page: Markdown files in gdviz/words, one per page."""

from functools import lru_cache
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parents[1] / "words"


@lru_cache(maxsize=64)
def text(name: str) -> str:
    """Return the words of a page as Markdown."""
    return (FOLDER / f"{name}.md").read_text("utf-8")


def words(name: str) -> None:
    """Write the words of a page."""
    st.markdown(text(name))
