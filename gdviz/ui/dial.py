"""The dial: a thin slider under a number field that answers while it is dragged.

The number field holds the value (exact as typed, bounds, URL); the dial only moves it:

    lr = st.number_input("η", 1e-4, 10.0, 0.1, key="race_lr", bind="query-params", format="%g")
    moving = dial("race_lr", label="learning rate η", lo=1e-4, hi=10.0, value=lr, log=True,
                  marks=[Mark(1 / L, "1/L"), Mark(2 / L, "2/L")])
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor, isfinite
from typing import Any, NamedTuple

import streamlit as st

from gdviz.ui.component import component
from gdviz.ui.unheard import set_knob

_component = component("dial", isolate_styles=True)


class Mark(NamedTuple):
    """A value on the dial that theory names, such as 2/L."""

    value: float
    label: str


class DialHand(NamedTuple):
    """One valid message from the browser; v is None if it sets no value."""

    v: float | None
    down: bool
    n: int | None


def parse_hand(state: object, lo: float, hi: float, integer: bool = False) -> DialHand:
    """Parse the component's state, which anybody can forge: a value in [lo, hi], or None."""
    hand = state.get("hand") if isinstance(state, Mapping) else None
    if not isinstance(hand, Mapping):
        return DialHand(None, False, None)
    n = hand.get("n")
    counts = isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**53
    v = _bounded(hand.get("v"), lo, hi, integer)
    return DialHand(v, hand.get("down") is True, n if counts else None)


def _bounded(v: object, lo: float, hi: float, integer: bool) -> float | None:
    """Return v clamped to [lo, hi], or None unless it is a finite number."""
    if isinstance(v, bool) or not isinstance(v, int | float):
        return None
    if isinstance(v, float) and not isfinite(v):
        return None
    v = min(hi, max(lo, v))  # before any conversion: an int may be too large for a float
    return min(floor(hi), max(ceil(lo), round(v))) if integer else float(v)


def _check_range(key: str, lo: float, hi: float, log: bool) -> None:
    if not (isfinite(lo) and isfinite(hi) and lo < hi and (lo > 0 or not log)):
        scale = "log" if log else "linear"
        raise ValueError(f"dial {key!r}: [{lo:g}, {hi:g}] is no range for a {scale} scale")


def dial(
    key: str,
    *,
    label: str,
    lo: float,
    hi: float,
    value: float,
    log: bool = False,
    integer: bool = False,
    marks: Sequence[Mark] = (),
    large: bool = False,
    disabled: bool = False,
    live: bool = False,
) -> bool:
    """Draw the dial of the number field `key`; return True while it is held.

    The browser's value is written to `st.session_state[key]` before the script runs, so the
    field shows it in the same run. Marks outside [lo, hi] are left out. Where labels have no room
    side by side, the later of `marks` keeps its tick only. A `live` dial tells the stage of every
    move, and Python of the last. Raises ValueError unless lo < hi are finite (lo > 0 if `log`).
    """
    _check_range(key, lo, hi, log)
    own = f"{key}_dial"

    def moved() -> None:
        said = parse_hand(st.session_state.get(own), lo, hi, integer).v
        if said is not None and not disabled:
            set_knob(key, said)

    now = parse_hand(st.session_state.get(own), lo, hi, integer)
    shown = [(float(v), str(text)) for v, text in marks if lo <= v <= hi]
    scale = {"lo": lo, "hi": hi, "log": log, "integer": integer, "marks": shown}
    words = {"label": label, "value": value, "large": large, "disabled": disabled}
    # `n` says which of the handle's messages this run answers.
    data: dict[str, Any] = {**scale, **words, "live": key if live else None, "n": now.n}
    _component(key=own, data=data, on_hand_change=moved)
    return now.down and not disabled
