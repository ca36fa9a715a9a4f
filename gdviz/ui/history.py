"""Back and Forward of the browser: a page follows the link to which they lead.

Streamlit runs the page with that link, but the widgets of the session would win over it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import streamlit as st

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import PAGES
from gdviz.queries import from_query, to_query
from gdviz.ui.controls import key_of, write
from gdviz.ui.page_state import TABS
from gdviz.ui.pins import MOST
from gdviz.ui.unheard import set_knob

_FOLLOWED, _TOLD = "_followed", "_told_followed"
LONGEST = 16_384  # of what a browser says; a longer link is refused anyway


def page_that_follows() -> str | None:
    """Return the page that is shown, if it can be set to a link."""
    page = st.session_state.get("page_shown", "")
    with_settings = {entry.stem for entry in PAGES if entry.has_settings}
    return page if page in with_settings and lookup.has_topic(page) else None


class Went(NamedTuple):
    """Where Back or Forward has led, page and query, and how many times they were told before."""

    to: str
    n: int


def parse_went(state: object) -> Went | None:
    """Parse the browser's message, which anybody can forge; None unless it is valid."""
    went = state.get("went") if isinstance(state, Mapping) else None
    if not isinstance(went, Mapping):
        return None
    to, n = went.get("to"), went.get("n")
    if not isinstance(n, int) or isinstance(n, bool) or not 0 <= n < 2**53:
        return None
    return Went(to, n) if isinstance(to, str) and len(to) <= LONGEST else None


def last_followed() -> int:
    """Return the number of the last message that was followed, which the browser waits for."""
    return int(st.session_state.get(_FOLLOWED, 0))


def is_untold() -> bool:
    """Tell, once, whether a message was followed since; a run that is interrupted tells nothing."""
    last, before = last_followed(), st.session_state.get(_TOLD, 0)
    st.session_state[_TOLD] = last
    return bool(last != before)


def follow(state: object) -> None:
    """Set every knob of the page to the link that the browser has told."""
    went = parse_went(state)
    if went is None:
        return
    st.session_state[_FOLLOWED] = went.n
    page, _, query = went.to.partition("?")
    if page == page_that_follows():
        told = parse_qs(query, keep_blank_values=True)
        own = {k.removeprefix(f"{page}_"): v for k, v in told.items() if k.startswith(f"{page}_")}
        set_page(page, own)


def set_page(page: str, told: Mapping[str, list[str]]) -> None:
    """Set the knobs of a page, its room, view, tab, pins and texts to what a link tells of it."""
    room = f"{page}_{told.get('room', [''])[0]}"
    topic = room if lookup.has_topic(room) else page
    for name in ("room", "view"):
        first = st.session_state.get(f"_first_{key_of(page, name)}")
        if first is not None:
            set_knob(key_of(page, name), told.get(name, [first])[0])
    tab = told.get("tab", TABS)[0]
    set_knob(key_of(page, "tab"), tab if tab in TABS else TABS[0])
    st.session_state[f"{page}_pins"] = told.get("pin", [])[:MOST]
    for key in [k for k in st.session_state if str(k).startswith(f"{page}_")]:
        if str(key).endswith("_text"):  # what a link says and no widget shows
            name = str(key).removeprefix(f"{page}_").removesuffix("_text")
            st.session_state[key] = told.get(name, [""])[0]
    spec = _spec(page, topic, told)
    set_knobs(page, topic, spec)
    st.session_state[f"{page}_preset"] = _preset_at(topic, spec)


def _spec(page: str, topic: str, told: Mapping[str, list[str]]) -> Any:
    """Return the settings of a link; a bare one is the first preset where a page opens with it."""
    opening = st.session_state.get(f"_opens_with_{page}")
    kind = lookup.settings(topic)
    return kind(**opening) if opening and not told else from_query(kind, told)


def _preset_at(topic: str, spec: Any) -> str:
    """Return the label of the preset with these settings, nothing if there is none."""
    query = to_query(spec)
    labels = (p.label for p in lookup.presets(topic) if to_query(type(spec)(**p.values)) == query)
    return next(labels, "")


def set_knobs(page: str, topic: str, spec: Any) -> None:
    """Write all settings of a page, and the knobs of its methods, as a preset does."""
    more = lookup.method_knobs(topic)
    write(page, {name: knob.default for name, knob in more.items() if "_" in name})
    if hasattr(spec, "rule"):
        from gdviz.ui.rule_editor import new_rule  # it would load the library for every page

        new_rule(page, spec.rule)
    write(page, vars(spec))
