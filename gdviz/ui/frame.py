"""The frame that every page has: title, presets, share menu, live part, tabs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from gdviz.catalogue.pages import entry_of
from gdviz.catalogue.preset import Preset
from gdviz.figures.scene import Picture, Scene
from gdviz.queries import to_query
from gdviz.ui import lecture, tour
from gdviz.ui.clients import client_of_script
from gdviz.ui.controls import set_query_param, settings_to_query
from gdviz.ui.fair_lock import hold_lock
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.presets import presets, reason_of_preset
from gdviz.ui.rooms import rooms
from gdviz.ui.share import _menu_key, download_asked, share
from gdviz.ui.stage import Hand
from gdviz.ui.stage import stage as draw_stage

TABS = ("Curves", "Numbers", "Maths", "Code", "Pitfalls")

# Streamlit leaves six rem of air above a page; a projector of 720 lines has none to spare.
_CSS = """<style>
.stMainBlockContainer { padding: 3.6rem 1.5rem 1rem; max-width: 100rem; }
.stMainBlockContainer .stVerticalBlock { gap: 0.55rem; }
.stMainBlockContainer h4 { padding: 0 0 0.1rem; }
.st-key-presets button { min-height: 1.9rem; padding: 0 0.6rem; }
.st-key-presets button p { font-size: 0.85rem; }
.st-key-share_bar button { min-height: 2.1rem; }
.stMainBlockContainer [class*="_beside_"] { flex-wrap: nowrap; }
.stMainBlockContainer [class*="_beside_"] > * { min-width: 0; flex: 1 1 0; }
@media (max-width: 640px) {
  .stMainBlockContainer :is(table, .katex-display, .stLatex, [data-testid="stButtonGroup"], .gd-bar)
  { display: block; max-width: calc(100vw - 3rem); overflow-x: auto; }
  .stMainBlockContainer .gd-bar { display: flex; }
}
:root:has([data-testid="stDialog"]) [data-testid="stPopoverBody"] { display: none; }
</style>"""
_LECTURE_CSS = """<style>
html { font-size: 20px; }
.stMainBlockContainer { padding-top: 0.4rem; }
.stMainBlockContainer .stVerticalBlock { gap: 0.3rem; }
.stMainBlockContainer :is(p, label p, input, textarea, .gd-chips, .stMultiSelect span)
{ font-size: 1rem; }
header.stAppHeader { display: none; }
</style>"""


def heading(page: str, names: Mapping[str, str] | None = None) -> Any:
    """Draw title and sentence of a page, and its rooms; return the place for buttons at the right.

    `names` are the rooms, if the page has some. Their choice stands beside the title, or below it
    in a lecture, where buttons are large.
    """
    entry = entry_of(page)
    large = lecture.lecture_mode()
    st.html(_CSS + (_LECTURE_CSS if large else "") + lecture.hiding_css())
    beside = names and not large
    widths = [1, 1] if large else [3, 2, 2] if beside else [5, 2]
    title, *middle, bar = st.columns(widths, vertical_alignment="center")
    if names:
        with middle[0] if beside else st.container():
            rooms(page, names)
    title.markdown(f"#### {entry.title}" + ("" if large else f"\n{entry.sentence}"))
    with bar:
        return st.container(horizontal=True, horizontal_alignment="right", key="share_bar")


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
    place = heading(page, names)
    if lecture.lecture_mode():
        with place, st.popover("Presets", icon=":material/tune:"):
            presets(page, choices, before)
    else:
        presets(page, choices, before)
    return place


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
        made, stale = body(whole_run["under_way"])
        if stale and not whole_run["under_way"]:
            st.rerun()
        return made

    try:
        return part()
    finally:
        whole_run["under_way"] = False


def live(body: Callable[[], tuple[PageState, bool]]) -> PageState:
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


def run(
    place: Any, page: str, body: Callable[[], PageState], tell: Callable[[PageState], PageTabs]
) -> None:
    """Draw the rest of a page: knobs, stage and open tab, and the contents of the share menu.

    Knobs, stage and tabs are a fragment. A moved knob runs `body` and the open tab, but not the
    title, the presets and the menus, which are half of a page. The whole page runs if those must
    change too.
    """

    def moved(_: bool) -> tuple[tuple[PageState, PageTabs], bool]:
        pressed = st.session_state.get(f"{page}_preset")
        drawn = body()
        told = tell(drawn)
        settings_to_query(page, drawn.spec)
        for name, tab in tabs(page).items():
            if tab.open:
                with tab:
                    told.panels[name]()
        stale = pressed != st.session_state.get(f"{page}_preset")
        return (drawn, told), stale or bool(st.session_state.get(_menu_key(page)))

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
) -> int:
    """Draw the stage of a page at its settings; return the step shown.

    The step is read from the link once and then kept in it. The stage also does the menu's
    downloads.
    """
    step = draw_stage(
        f"{page}_stage",
        background,
        scene,
        height=height - (tour.ROOM if tour.under_way() else 0),
        on_hand=on_hand,
        step=step_in_link(page),
        large=lecture.lecture_mode(),
        download=download_asked(page),
        live={"path": f"live/{page}", "prefix": f"{page}_", "query": to_query(spec)},
    )
    keep_step(page, step, scene.steps)
    return step


def show(
    page: str,
    spec: Any,
    runs: Any,
    picture: Picture,
    on_hand: Callable[[Hand], None],
    choices: Sequence[Preset],
    heights: tuple[int, int] = (430, 470),
    below: Callable[[int], None] = lambda step: None,
) -> PageState:
    """Draw the stage of a page and the reason of the pressed preset; return the state of the page.

    `heights` are those of the stage in pixels, usually and in a lecture. `below(step)` draws what
    stands under the stage.
    """
    height = heights[lecture.lecture_mode()]
    step = stage(page, spec, *picture, height, on_hand)
    below(step)
    reason_of_preset(page, choices, spec)
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
