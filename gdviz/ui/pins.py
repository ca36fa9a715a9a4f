"""Pins: settings in the link whose runs stay beside the next, as ghosts and in a table."""

from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import streamlit as st

from gdviz.cache import cached
from gdviz.catalogue import lookup
from gdviz.figures.ghosts import PinnedRun, pinned_run, with_ghosts
from gdviz.figures.scene import Scene
from gdviz.knob_texts import format_value
from gdviz.knobs import knobs
from gdviz.queries import from_query, to_query
from gdviz.ui.tables import show_table

MOST = 3
LONGEST = 60  # letters of a name


class Pin(NamedTuple):
    """A pinned run: its settings, as a query too, and what is kept of it."""

    query: str
    spec: Any
    kept: PinnedRun


def pinned_queries(page: str) -> list[str]:
    """Return the pinned settings as query strings; in a new session, those of the link."""
    key = f"{page}_pins"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get_all(f"{page}_pin")[:MOST]
    return st.session_state[key]


def _keep(page: str, pins: list[str]) -> None:
    st.session_state[f"{page}_pins"] = pins
    st.query_params[f"{page}_pin"] = pins
    kept, latest = _store(page), st.session_state.get(f"{page}_latest", {})
    st.session_state[f"{page}_outcomes"] = {q: v for q, v in (kept | latest).items() if q in pins}


def _store(page: str) -> dict[str, PinnedRun]:
    return st.session_state.get(f"{page}_outcomes", {})


def _query(page: str, spec: Any) -> str:
    """Return settings as a pin says them: a room with settings of its own is named."""
    room = lookup.topic_of(spec).removeprefix(page).lstrip("_")
    return to_query(spec, extra={"room": room} if room else None)


def _of_room(page: str, spec: Any, query: str) -> bool:
    """Tell whether a pin is one of the settings that a spec is of."""
    told = parse_qs(query).get("room", [""])[0]
    return hasattr(spec, "room") or told == lookup.topic_of(spec).removeprefix(page).lstrip("_")


def pin_buttons(page: str, spec: Any) -> None:
    """Draw the buttons that pin the present settings and remove all pins."""
    kept = pinned_queries(page)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Pin this run",
            icon=":material/keep:",
            key=f"{page}_pin_it",
            disabled=len(kept) >= MOST,
            help=f"Keep it beside the next while the knobs move (up to {MOST}).",
            on_click=lambda: _keep(page, [*kept, _query(page, spec)][-MOST:]),
        )
        if kept:
            st.button(
                f"Clear {len(kept)}",
                icon=":material/keep_off:",
                key=f"{page}_unpin",
                on_click=lambda: _keep(page, []),
            )


def pins(page: str, spec: Any) -> list[Pin]:
    """Return the pinned runs of the room of a spec; one that cannot be run is left out.

    What was pinned in this session is not run again; what a link says is, as the hand would run it.
    """
    found = []
    for query in pinned_queries(page):
        if _of_room(page, spec, query):
            with suppress(ValueError):
                kept = _store(page).get(query) or _run(lookup.topic_of(spec), query)
                found.append(Pin(query, from_query(type(spec), query), kept))
    return found


@cached
def _run(topic: str, query: str) -> PinnedRun:
    scene_of = lookup.live_scene_of(topic)
    if scene_of is not None:  # refuses what takes too long
        return pinned_run(scene_of(query, None))
    return pinned_run(lookup.picture_of(from_query(lookup.settings(topic), query)).scene)


def with_pins(page: str, spec: Any, scene: Scene, pinned: list[Pin]) -> Scene:
    """Return the scene with the ghosts of the pins that one picture can hold, and remember it."""
    st.session_state[f"{page}_latest"] = {_query(page, spec): pinned_run(scene)}
    plain = type(spec)()
    shown = [p for p in pinned if lookup.alike(p.spec, spec)]
    return with_ghosts(scene, [(unlike(p.spec, plain) or "defaults", p.kept) for p in shown])


def compare(page: str, spec: Any, scene: Scene, pinned: list[Pin]) -> None:
    """Draw how the present run and the pinned ones ended, side by side."""
    if not pinned:
        return
    told = [pinned_run(scene).told, *(pin.kept.told for pin in pinned)]
    pinned_as = [f"pinned: {unlike(pin.spec, spec) or 'the same settings'}" for pin in pinned]
    names = dict.fromkeys(name for row in told for name in row)
    table = {"run": ["as set now", *pinned_as]} | {n: [row.get(n) for row in told] for n in names}
    show_table(table, hide_index=True, key=f"{page}_compare")


def unlike(spec: Any, other: Any) -> str:
    """Return the settings of a spec that another one has otherwise, as a short text."""
    here, there = _told(spec), _told(other)
    text = ", ".join(f"{name}={v}" for name, v in here.items() if there.get(name) != v)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _told(spec: Any) -> dict[str, str]:
    """Return the settings as texts, those beyond the knobs too."""
    more = spec.extra_query() if hasattr(spec, "extra_query") else {}
    own = {name: getattr(spec, name) for name in knobs(spec.__class__)}
    return {name: format_value(value) for name, value in (own | more).items()}
