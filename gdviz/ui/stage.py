"""The stage: a fixed background figure, and over it a scene that plays and can be dragged."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from gdviz.figures.hand import Hand
from gdviz.figures.scene import Scene
from gdviz.figures.wire_format import background_message, pack
from gdviz.ui.component import component
from gdviz.ui.lecture import lecture_mode

PLOTLY_URL = f"assets/plotly.min.js?v={version('plotly')}"
_stage = component("stage")
_relief = component("relief")


def parse_hand(state: object) -> Hand | None:
    """Parse a drag from the component's state, which anybody can forge; None unless it is valid."""
    hand = state.get("hand") if isinstance(state, Mapping) else None
    if not isinstance(hand, Mapping):
        return None
    x, y, n, name = (hand.get(part) for part in ("x", "y", "n", "id"))
    if not (_is_number(x) and _is_number(y) and _is_count(n)):
        return None
    if not isinstance(name, str) or len(name) > 40:
        return None
    down, shift = hand.get("down") is True, hand.get("shift") is True
    return Hand(name, float(x), float(y), down, n, shift)  # type: ignore[arg-type]


def parse_step(state: object, most: int, asked: int | None = None) -> int:
    """Return the step that the browser shows, 0 to `most`; by default the last.

    Before its first message this is the step `asked` for.
    """
    said = state.get("step") if isinstance(state, Mapping) else None
    if said is None and asked is not None:
        return min(asked, most)
    if not isinstance(said, Mapping) or not (
        _is_count(said.get("k")) and _is_count(said.get("of"))
    ):
        return most
    return most if said["k"] >= said["of"] else min(said["k"], most)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e300  # False for not-a-number; an int may be too large for a float


def stage(
    key: str,
    background: go.Figure,
    scene: Scene,
    *,
    height: int = 420,
    on_hand: Callable[[Hand], None] | None = None,
    step: int | None = None,
    download: Mapping[str, Any] | None = None,
    live: Mapping[str, str] | None = None,
    fill: bool = False,
    guess: str | None = None,
) -> int:
    """Draw the scene over the background; return the step shown.

    `on_hand` is called before the script runs, and may write session state. `step` is where it
    opens. `download` asks the browser to save what it shows: `format`, `name`, and a new `id` each
    time. `live` names the route that answers a drag: its `path`, the `prefix` of the knobs' keys,
    the `query` of the settings, and the route of a `question`. One that may `fill` takes the height
    that the window has left. A new `guess` hides the run until it is revealed.
    """
    state = st.session_state.get(key)
    hand = parse_hand(state)

    def moved() -> None:
        now = parse_hand(st.session_state.get(key))
        if now and on_hand:
            on_hand(now)

    tag, message = background_message(background)
    around = {"key": key, "background": tag, "plotly": PLOTLY_URL}
    around |= {"height": height, "large": lecture_mode(), "fill": fill, "guess": guess}
    asked = {"step": step, "download": download and dict(download), "live": live and dict(live)}
    data = pack(scene, **around, **asked, echo=hand.n if hand else None)
    with st.container(gap=None):
        _stage(key=key, data=data, on_hand_change=moved, on_step_change=lambda: None)
        _stage(key=f"{key}_background", data=message)
    return parse_step(state, scene.steps, step)


def relief(key: str, background: go.Figure, scene: Scene, follows: str, height: int) -> None:
    """Draw a surface in 3-D with paths of three coordinates; it follows the step of a stage."""
    tag, message = background_message(background)
    around = {"key": follows, "background": tag, "plotly": PLOTLY_URL}
    data = pack(scene, **around, height=height, large=lecture_mode())
    with st.container(gap=None):
        _relief(key=key, data=data)
        _relief(key=f"{key}_background", data=message)
