"""What Python has set and the browser has not heard of yet.

A message of the browser says what every widget holds. One that leaves before the last answer has
come still says the old values of what Python has set meanwhile (a preset, a hand, Back), and would
undo it. Its link tells that it is such a message: it is not the one that Python has told last.
After Back the link is right before Python has spoken; a mark is told with it then, which the
browser keeps out of its address.
"""

from collections.abc import Collection, Mapping
from time import monotonic
from typing import Any, NamedTuple

import streamlit as st

from gdviz.queries import IN_TAB

_VALUES, _LINK, _SILENT = "_unheard", "_told_link", "_silent"  # silent: set, and not told yet
MARK, _MARKS, _MARKED = "heard", "_marks", "_marked"  # how many there were; whether one was told
PATIENCE = 20.0  # seconds; an answer that has taken longer is lost, and nothing waits for it


class Unheard(NamedTuple):
    """A value that Python has set at a time, and the one that the browser holds until it hears."""

    held: Any
    value: Any
    at: float


class Link(NamedTuple):
    """What the link says of a page's settings, but for the parameters that write themselves."""

    page: str
    own: frozenset[str]
    settings: Mapping[str, list[str]]


def link_in_message(page: str, own: Collection[str]) -> Link:
    """Return the link that the browser had when it sent the message that is answered now."""
    names = [n for n in st.query_params if n.startswith(f"{page}_") and n not in own]
    names = [n for n in names if not n.startswith(f"{page}_{IN_TAB}")]
    return Link(page, frozenset(own), {n: st.query_params.get_all(n) for n in names})


def tell_link(said: Link, settings: Mapping[str, list[str]]) -> None:
    """Remember what the link says now; say it again if an answer under way says otherwise."""
    kept = st.session_state
    before, silent = kept.get(_LINK), kept.get(_SILENT)
    now = said._replace(settings={n: texts for n, texts in settings.items() if texts})
    kept[_LINK], kept[_SILENT] = now, False
    if said != now:
        kept[_MARKED] = False
    elif silent:
        kept[_MARKED], kept[_MARKS] = True, kept.get(_MARKS, 0) + 1
        st.query_params[MARK] = str(kept[_MARKS])
    elif before is not None and before.page == now.page and before != now:
        st.query_params.update()


def set_knob(key: str, value: Any) -> None:
    """Set a knob in a callback; it stays until the browser has heard of it or sets another."""
    waiting = st.session_state.setdefault(_VALUES, {})
    held = waiting[key].held if key in waiting else st.session_state.get(key)
    waiting[key] = Unheard(held, value, monotonic())
    st.session_state[key], st.session_state[_SILENT] = value, True


def set_again() -> None:
    """Before widgets are drawn, set again what an old message says otherwise."""
    waiting = st.session_state.get(_VALUES, {})
    if _hears():
        waiting.clear()
    for key, one in waiting.items():
        if _is_old(key):
            st.session_state[key] = one.value


def forget() -> None:
    """Forget what was set on a page that is left."""
    st.session_state.pop(_VALUES, None)


def is_meant(key: str) -> bool:
    """Tell whether a knob has changed because the visitor has set it."""
    return not _is_old(key)


def _is_old(key: str) -> bool:
    one = st.session_state.get(_VALUES, {}).get(key)
    if one is None or one.held == one.value or key not in st.session_state:
        return False
    if st.session_state[key] != one.held:
        return False
    return monotonic() - one.at < PATIENCE and not _hears()


def _hears() -> bool:
    """Tell whether the browser had the last link when it sent its message."""
    told = st.session_state.get(_LINK)
    if told is None or st.session_state.get(_SILENT):
        return False
    marked = st.session_state.get(_MARKED)
    if marked and st.query_params.get(MARK) != str(st.session_state[_MARKS]):
        return False
    return link_in_message(told.page, told.own) == told
