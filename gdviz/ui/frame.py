"""The frame that every page has: title, presets, share menu, live part, tabs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from gdviz.catalogue.lookup import has_explorer, topic_of
from gdviz.catalogue.pages import entry_of
from gdviz.catalogue.preset import Preset
from gdviz.figures.scene import Picture, Scene
from gdviz.queries import to_query
from gdviz.ui import lecture, page_style, tour
from gdviz.ui.clients import client_of_script
from gdviz.ui.compiling import said_while_compiling
from gdviz.ui.controls import outdated_key, set_query_param, settings_to_query, tell_refused
from gdviz.ui.fair_lock import hold_lock
from gdviz.ui.page_state import TABS, PageState, PageTabs
from gdviz.ui.pins import compare, pins, with_pins
from gdviz.ui.presets import presets, reason_of_preset
from gdviz.ui.rooms import rooms
from gdviz.ui.share import download_asked, menu_key, share
from gdviz.ui.stage import Hand
from gdviz.ui.stage import stage as draw_stage
from gdviz.ui.unheard import set_again

_REASON = 30  # pixels above a stage for the sentence of a preset


def heading(page: str, names: Mapping[str, str] | None = None) -> tuple[Any, Any]:
    """Draw title and sentence of a page, and its rooms; return the places of menus and presets.

    `names` are the rooms, if the page has some. Their choice stands beside the title, or below it
    in a lecture, where buttons are large and the presets stand beside it.
    """
    entry = entry_of(page)
    large = lecture.lecture_mode()
    st.html(
        page_style.READABLE
        + page_style.PRINT
        + page_style.CSS
        + (page_style.LECTURE if large else "")
        + lecture.hiding_css()
    )
    beside = names and not large
    four = [4.0, 5.0, 3.4] if names and len(names) > 3 else [3.0, 2.0, 2.0]  # rooms side by side
    widths = [1, 3, 2] if large else four if beside else [5, 2]
    title, *middle, bar = st.columns(widths, vertical_alignment="center")
    if names:
        with middle[0] if beside else st.container():
            rooms(page, names)
    title.markdown(f"# {entry.title}" + ("" if large else f"\n{entry.sentence}"))
    with bar:
        place = st.container(horizontal=True, horizontal_alignment="right", key="share_bar")
    return place, middle[0] if large else st.container()


def header(
    page: str,
    choices: Sequence[Preset],
    before: Callable[[Preset], None] = lambda preset: None,
    names: Mapping[str, str] | None = None,
) -> Any:
    """Draw title, sentence and presets; return the place of the share menu, filled at the end.

    `before` is called when a preset is pressed, before its knobs are written. `names` are the rooms
    of a page that has some: see `heading`.
    """
    place, row = heading(page, names)
    with row:
        presets(page, choices, before)
    return place


def knobs_and_stage(share: float = 3.4) -> tuple[Any, Any]:
    """Return the places of the knobs and of the stage, which is `share` times as wide.

    The stage comes first, for a phone and for the Tab key; where there is room it stands at the
    right.
    """
    with st.container(key="live"):
        right, left = st.columns([share, 1])
    return left, right


def _fragment(body: Callable[[bool], tuple[Any, bool]]) -> Any:
    """Run a part of a page as a fragment, in turn with other visitors; return what it makes.

    `body(whole_run)` returns `(result, stale)`. `whole_run` tells whether the rest of the page runs
    too; `stale` means that the rest of the page would now look different, and triggers a full
    rerun.
    """
    whole_run = {"under_way": True}

    @st.fragment
    @hold_lock(client_of_script)
    def part() -> Any:
        if not whole_run["under_way"]:
            set_again()
        made, stale = body(whole_run["under_way"])
        if stale and not whole_run["under_way"]:
            st.rerun()
        return made

    try:
        return part()
    finally:
        whole_run["under_way"] = False


def live_body(body: Callable[[], tuple[PageState, bool]]) -> PageState:
    """Run the controls and the stage as a fragment of their own; return what they make.

    For rooms whose dials reach Python while they move: the rest of the page follows on release.
    `body` returns its result, and whether a handle or dial is held.
    """
    around: Any = None  # the settings and step that the rest of the page shows

    def watched(whole: bool) -> tuple[PageState, bool]:
        nonlocal around
        drawn, hand_down = body()
        now = (drawn.spec, drawn.step)
        around = now if whole else around
        return drawn, not hand_down and now != around

    return _fragment(watched)


def run_page(
    place: Any, page: str, body: Callable[[], PageState], tell: Callable[[PageState], PageTabs]
) -> None:
    """Draw the rest of a page: knobs, stage and open tab, and the contents of the share menu.

    Knobs, stage and tabs are a fragment. A moved knob runs `body` and the open tab, but not the
    title, the presets and the menus, which are half of a page. The whole page runs if those must
    change too.
    """

    def moved(_: bool) -> tuple[tuple[PageState, PageTabs], bool]:
        pressed = st.session_state.get(f"{page}_preset")
        with said_while_compiling():
            drawn = body()
        told = tell(drawn)
        settings_to_query(page, drawn.spec)
        for name, tab in tabs(page).items():
            if tab.open:
                with tab:
                    told.panels[name]()
        tell_refused()
        stale = pressed != st.session_state.get(f"{page}_preset")
        return (drawn, told), stale or bool(st.session_state.get(menu_key(page)))

    drawn, told = _fragment(moved)
    share(place, page, drawn, told)


def tabs(page: str) -> dict[str, Any]:
    """Draw the tabs and return them by name; only the open one is computed."""
    names = list(TABS)
    return dict(zip(names, st.tabs(names, key=f"{page}_tab", bind="query-params"), strict=True))


def stage(
    page: str,
    spec: Any,
    background: go.Figure,
    scene: Scene,
    height: int,
    on_hand: Callable[[Hand], None],
    over: str = "",
) -> int:
    """Draw the stage of a page at its settings; return the step shown.

    `over` is written over the picture: what it shows, where that is not what was asked for. The
    step is read from the link once and then kept in it. The stage also does the menu's downloads.
    """
    step = draw_stage(
        f"{page}_stage",
        background,
        scene,
        height=height - (tour.ROOM if tour.under_way() else 0),
        on_hand=on_hand,
        step=step_in_link(page),
        download=download_asked(page),
        live={
            "path": f"live/{topic_of(spec)}",
            "question": f"question/{topic_of(spec)}",
            "prefix": f"{page}_",
            "query": to_query(spec),
            "engine": "yes" * has_explorer(topic_of(spec)),
        },
        fill=lecture.fills_window(),
        guess=_guess_asked(spec),
    )
    keep_step(page, step, scene.steps)
    words = over or page_style.OUTDATED * bool(st.session_state.get(outdated_key(page)))
    if words:
        st.html(page_style.over_stage(words))
    return step


def _guess_asked(spec: Any) -> str | None:
    """Return who asks to hide the run: the stop of a tour, a setting, the link; None if nobody."""
    stop = tour.stop_shown()
    if stop and stop.hidden:
        return f"{stop.page} {stop.preset}"
    by_setting = getattr(spec, "hidden", None) is True
    return lecture.GUESS if by_setting or lecture.GUESS in lecture.hidden() else None


def show(
    page: str,
    spec: Any,
    runs: Any,
    picture: Picture,
    on_hand: Callable[[Hand], None],
    choices: Sequence[Preset],
    heights: tuple[int, int] = (430, 470),
    below: Callable[[int], None] = lambda step: None,
    over: str = "",
) -> PageState:
    """Draw the reason of the pressed preset and the stage of a page; return the state of the page.

    `heights` are those of the stage in pixels, usually and in a lecture. `below(step)` draws what
    stands under the stage, and `over` is written over it (see `stage`). Pinned runs stay beside it.
    """
    pinned = pins(page, spec)
    picture = picture._replace(scene=with_pins(page, spec, picture.scene, pinned))
    large = lecture.lecture_mode()
    height = heights[large] - (0 if large else _REASON)
    reason_of_preset(page, choices, spec)
    step = stage(page, spec, *picture, height, on_hand, over)
    below(step)
    compare(page, spec, picture.scene, pinned)
    return PageState(spec, runs, *picture, step)


def step_in_link(page: str) -> int | None:
    """Return the step at which a link asks the stage to open."""
    text = st.query_params.get(f"{page}_step", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def keep_step(page: str, step: int, last: int) -> None:
    """Write the step that the stage shows into the link, unless it is the last."""
    if step < last:
        set_query_param(f"{page}_step", [str(step)])
    elif st.session_state.get(f"{page}_stage"):
        set_query_param(f"{page}_step", [])
