"""The prose of a page: `words.md` in the folder of its topic."""

from functools import lru_cache
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parents[1] / "topics"


@lru_cache(maxsize=64)
def text(name: str) -> str:
    """Return the words of a page as Markdown."""
    return (FOLDER / name / "words.md").read_text("utf-8")


def words(name: str) -> None:
    """Write the words of a page."""
    st.markdown(text(name))
