"""The page around the app's frame: what it asks for by messages, set as a link would set it.

The browser hears only the sites that the operator has named (`gdviz.browser.framed`). Whoever may
show the app in a frame can open it at any link, so a message may set what a link may, and no more.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import streamlit as st

from gdviz.catalogue import lookup
from gdviz.knob_texts import parse, query_text
from gdviz.knobs import KnobError
from gdviz.queries import MOST_FIELDS
from gdviz.ui.controls import note_refused, write
from gdviz.ui.history import page_that_follows

_OBEYED = "_obeyed"
LONGEST = 4000  # letters of one value


class KnobsAsked(NamedTuple):
    """The page that a message is for, the texts of each knob it sets, and its number."""

    page: str
    knobs: Mapping[str, list[str]]
    n: int


def parse_asked(state: object) -> KnobsAsked | None:
    """Parse the browser's message, which anybody can forge; None unless it is valid."""
    asked = state.get("asked") if isinstance(state, Mapping) else None
    if not isinstance(asked, Mapping):
        return None
    page, told, n = asked.get("page"), asked.get("knobs"), asked.get("n")
    if not isinstance(n, int) or isinstance(n, bool) or not 0 <= n < 2**53:
        return None
    if not isinstance(page, str) or not isinstance(told, Mapping) or len(told) > MOST_FIELDS:
        return None
    return KnobsAsked(page, dict(_texts(told)), n)


def _texts(told: Mapping[Any, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields that are texts, numbers, truths, or lists of them, as a link has them."""
    for name, value in told.items():
        several = value if isinstance(value, list) else [value]
        plain = all(map(_is_plain, several))
        if isinstance(name, str) and plain and len(several) <= MOST_FIELDS:
            texts = [str(query_text(one))[: LONGEST + 1] for one in several]
            if all(len(text) <= LONGEST for text in texts):
                yield name, texts


def _is_plain(value: object) -> bool:
    """Tell whether a value is a text, a truth or a number that can be written."""
    return isinstance(value, str | float) or (isinstance(value, int) and abs(value) < 10**300)


def last_obeyed() -> int:
    """Return the number of the last message that was obeyed, which the browser waits for."""
    return int(st.session_state.get(_OBEYED, 0))


def obey(state: object) -> None:
    """Set the knobs that a message names; what a link could not set stays as it is, and is told."""
    asked = parse_asked(state)
    if asked is None:
        return
    st.session_state[_OBEYED] = asked.n
    page = asked.page
    if page != page_that_follows():
        return
    room = f"{page}_{st.session_state.get(f'{page}_room', '')}"
    declared = lookup.all_knobs(room if lookup.has_topic(room) else page)
    for field, texts in asked.knobs.items():
        name = field.removeprefix(f"{page}_")
        if field == name or name not in declared:
            continue
        try:
            _set(page, name, parse(declared[name], texts))
        except KnobError:
            note_refused(declared[name])


def _set(page: str, name: str, value: Any) -> None:
    if name == "rule":
        from gdviz.ui.rule_editor import new_rule  # it would load the library for every page

        new_rule(page, value)
    write(page, {name: value})
