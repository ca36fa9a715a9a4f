"""How a visitor's table is read: guesses in plain sight, and knobs that overrule them."""

import html
from collections.abc import Iterable
from typing import Any

import streamlit as st

from gdviz.learn.column_types import Guess
from gdviz.learn.csv_dialect import SEPARATORS, SPACES

AS_IT_LOOKS = "as it looks"
CHOICES: dict[str, dict[str, Any]] = {
    "separator": {word: sign for sign, word in SEPARATORS.items()} | {"spaces": SPACES},
    "decimal": {"a point, 0.5": ".", "a comma, 0,5": ","},
    "header": {"names the columns": True, "is a row": False},
    "thousands": {
        "nothing": "",
        "a comma, 1,000": ",",
        "a point, 1.000": ".",
        "a gap, 1 000": " ",
        "an apostrophe, 1'000": "'",
    },
}
LABELS = {
    "separator": "cells are separated by",
    "decimal": "the decimal sign is",
    "header": "the first line",
    "thousands": "thousands are separated by",
    "day_first": "dates begin with",
}
DATES: dict[str, dict[str, Any]] = {"day_first": {"the day": True, "the month": False}}
MOST_GUESSES = 5  # that are told in plain sight; the others stand with the notes
MOST_NOTES = 60


def reading_knobs(page: str, with_dates: bool = False) -> dict[str, Any]:
    """Draw the knobs of a reading and return those that were set, as arguments of the reader."""
    said: dict[str, Any] = {}
    with st.popover("How it is read", icon=":material/table_edit:", width="stretch"):
        for name, choices in (CHOICES | (DATES if with_dates else {})).items():
            options = [AS_IT_LOOKS, *choices]
            chosen = st.selectbox(LABELS[name], options, key=f"{page}_read_{name}")
            if chosen in choices:
                said[name] = choices[chosen]
    return said


def show_reading(notes: Iterable[str]) -> None:
    """Show the guesses that change numbers, and a popover with all that the reader says."""
    notes = list(notes)
    guesses = [note for note in notes if isinstance(note, Guess)]
    if guesses:
        show_notes(guesses[:MOST_GUESSES])
    if notes[MOST_GUESSES:] or len(guesses) < len(notes):
        with st.popover(f"What the reader says ({len(notes)})", width="stretch"):
            show_notes(notes)


def show_notes(notes: Iterable[str]) -> None:
    """Show notes as a list of plain text: they quote a visitor's file."""
    items = "".join(f"<li>{html.escape(str(note))}</li>" for note in list(notes)[:MOST_NOTES])
    st.html(f"<ul>{items}</ul>")
