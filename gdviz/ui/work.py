"""Work that takes longer than a moment: a bar, a button to cancel, and results that are kept."""

from collections.abc import Callable, Iterator
from typing import Any

import streamlit as st

KEPT = 6  # results a page keeps in a visitor's session


def worked(
    page: str, key: tuple[Any, ...], work: Callable[[], Iterator[tuple[float, Any]]]
) -> Any | None:
    """Return the result of long work: the kept one, or a new one made under a bar.

    `key` says all that the result depends on, its first part names the work. `work()` yields
    `(share done, what is found so far)`; the last is the result. Returns None if it was cancelled.
    """
    kept = st.session_state.setdefault(f"{page}_worked", {})
    if key in kept:
        return kept[key]
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, "Computing …")
        cancelled = st.button("Cancel", key=f"{page}_cancel_{key[0]}")
    if cancelled:
        place.caption("Cancelled. Change a knob, or choose the view again, to compute it.")
        return None
    found = None
    for share, so_far in work():
        found = so_far
        bar.progress(min(share, 1.0), f"{share:.0%}")
    place.empty()
    if len(kept) >= KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = found
    return found
