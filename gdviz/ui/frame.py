"""The frame that every page has: title, presets, share menu, live part, tabs."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

import plotly.graph_objects as go
import streamlit as st

from gdviz.catalogue.pages import entry_of
from gdviz.catalogue.preset import Preset
from gdviz.export.captions import link
from gdviz.export.html import html_of
from gdviz.figures.scene import Scene
from gdviz.knobs import Choice, Knob, to_query
from gdviz.ui import export_dialog, lecture, qr, tour
from gdviz.ui.clients import client_of_script
from gdviz.ui.controls import restore_from_query, set_query_param, settings_to_query, write
from gdviz.ui.fair_lock import hold_lock
from gdviz.ui.pins import pinned_queries
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

    `names` are the rooms of a page that has some: their choice stands beside the title, in a
    lecture, whose buttons are large, below it.
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


def presets(page: str, choices: Sequence[Preset], before: Callable[[Preset], None]) -> None:
    """Draw the presets as a row of buttons; `reason_of_preset` explains the pressed one."""
    key = f"{page}_preset"

    def press(preset: Preset) -> None:
        before(preset)
        write(page, preset.values)
        st.session_state[key] = preset.label

    with st.container(horizontal=True, key="presets", gap="small"):
        for preset in choices:
            icon = ":material/check_circle:" if preset.good else ":material/warning:"
            pressed = st.session_state.get(key) == preset.label
            st.button(
                preset.label,
                key=f"{page}_preset_{preset.label}",
                icon=icon,
                help=preset.reason,
                type="primary" if pressed else "secondary",
                on_click=press,
                args=(preset,),
            )


def reason_of_preset(page: str, choices: Sequence[Preset], spec: Any) -> None:
    """Say why the pressed preset is worth seeing, for as long as its settings stand."""
    for preset in choices:
        if st.session_state.get(f"{page}_preset") == preset.label:
            if to_query(spec) == to_query(type(spec)(**preset.values)):
                word = "Known good" if preset.good else "Known bad"
                st.caption(f"**{word}.** {preset.reason}")
            else:
                del st.session_state[f"{page}_preset"]


class PageState(NamedTuple):
    """What the live part of a page has made: settings, traces, figure, scene, the step shown."""

    spec: Any
    runs: Any
    background: go.Figure
    scene: Scene
    step: int


def _fragment(body: Callable[[bool], tuple[Any, bool]]) -> Any:
    """Run a part of a page as a fragment, in turn with other visitors; return what it makes.

    `body` is told whether the page around it runs too. It returns what it makes, and whether that
    page would now show something else: then all of it runs.
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

    For rooms whose dials Python hears while they move: the rest of the page follows when no hand
    is down any more. `body` returns what it makes, and whether one is.
    """
    around: Any = None  # what the rest of the page shows

    def watched(whole: bool) -> tuple[PageState, bool]:
        nonlocal around
        drawn, hand_down = body()
        now = (drawn.spec, drawn.step)
        around = now if whole else around
        return drawn, not hand_down and now != around

    return _fragment(watched)


class PageTabs(NamedTuple):
    """What a page tells of what it has drawn: what each of `TABS` draws, its Python, its table."""

    panels: Mapping[str, Callable[[], Any]]
    code: Callable[[], str]
    csv: Callable[[], bytes]


def run(
    place: Any, page: str, body: Callable[[], PageState], tell: Callable[[PageState], PageTabs]
) -> None:
    """Draw the knobs, the stage and the open tab, and fill the share menu: the rest of a page.

    What the knobs change is a fragment: a knob that is moved runs `body` and the open one of the
    tabs, not the title, the presets and the menus around them, which are half of a page. The whole
    page runs where these show the settings too.
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


def view(page: str, views: Mapping[str, str]) -> str:
    """Draw the choice among the views of a tab and return the key of the one chosen."""
    return _chosen(page, "view", views, "View")


def rooms(page: str, names: Mapping[str, str]) -> str:
    """Draw the choice among the rooms of a page, each with a stage, and return the one chosen."""
    return _chosen(page, "room", names, "Room")


def room_asked(page: str, names: Mapping[str, str]) -> str:
    """Return the room that is open, before its choice is drawn: presets belong to a room."""
    key = f"{page}_room"
    asked = st.session_state.get(key, st.query_params.get(key))
    return str(asked) if asked in names else next(iter(names))


def _chosen(page: str, name: str, options: Mapping[str, str], label: str) -> str:
    """Draw a row of options and return the key of the one chosen.

    Its key stands in the link, like every choice's; Streamlit's own binding would write the words.
    """
    knob = Knob(name, str, Choice(options, label), next(iter(options)))
    key = f"{page}_{name}"
    restore_from_query(knob, key)
    chosen = st.segmented_control(
        label,
        list(options),
        default=None if key in st.session_state else knob.default,
        format_func=lambda option: options.get(option, option),
        key=key,
        label_visibility="collapsed",
        required=True,
    )
    shown = str(chosen) if chosen in options else knob.default
    set_query_param(key, [] if shown == knob.default else [shown])
    return shown


def tabs(page: str) -> dict[str, Any]:
    """Draw the tabs, of which only the open one is computed, and return them by name."""
    names = list(TABS)
    return dict(zip(names, st.tabs(names, key=f"{page}_tab", bind="query-params"), strict=True))


def name_of(spec: Any) -> str:
    """Return the settings that differ from the defaults, as words for a caption."""
    changed = to_query(spec)
    return ", ".join(unquote_plus(part) for part in changed.split("&")) if changed else "defaults"


def file_name(page: str, spec: Any) -> str:
    """Return a file name that says page and settings, of plain characters only."""
    words = re.sub(r"[^A-Za-z0-9.=+-]+", "_", f"gdviz {page} {name_of(spec)}")
    return words.strip("_")[:80]


def stage(
    page: str,
    spec: Any,
    background: go.Figure,
    scene: Scene,
    height: int,
    on_hand: Callable[[Hand], None],
) -> int:
    """Draw the stage of a page at its settings; return the step shown.

    The step is read from the link once and kept in it; the downloads of the menu are done here.
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


def step_in_link(page: str) -> int | None:
    """Return the step at which a link asks the stage to open."""
    text = st.query_params.get(f"{page}_step", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def keep_step(page: str, step: int, last: int) -> None:
    """Write the step that the stage shows into the link; the end needs no words."""
    if step < last:
        set_query_param(f"{page}_step", [str(step)])
    elif st.session_state.get(f"{page}_stage"):
        set_query_param(f"{page}_step", [])


def share(place: Any, page: str, drawn: PageState, told: PageTabs) -> None:
    """Fill the share menu: link, figure, data, code; files are made when they are asked for."""
    spec, name = drawn.spec, file_name(page, drawn.spec)
    title = entry_of(page).title
    extra: dict[str, Any] = {}
    if drawn.step < drawn.scene.steps:
        extra[f"{page}_step"] = drawn.step
    extra |= {f"{page}_pin": pinned_queries(page)} if pinned_queries(page) else {}
    shown = [f"{page}_{name}" for name in ("tab", "view", "room") if not hasattr(spec, name)]
    extra |= {name: st.query_params[name] for name in shown if name in st.query_params}
    with place:
        lecture.button()
        here = link(_address(page), page, spec, extra)
        if lecture.lecture_mode():
            _qr(page, here)
        menu = share_menu(page)
        if not menu.open:
            return
        with menu:
            st.caption("Link to exactly this")
            st.code(here, language=None, wrap_lines=True)
            with st.container(horizontal=True):
                for kind in ("svg", "png"):
                    st.button(
                        kind.upper(),
                        key=f"{page}_{kind}",
                        icon=":material/image:",
                        help="The figure as the stage shows it now.",
                        on_click=_ask_download,
                        args=(page, kind, name),
                    )
                _file(
                    page, "CSV", told.csv, f"{name}.csv", "text/csv", "Every number of every step."
                )
                html = partial(html_of, drawn.background, drawn.scene, title, name_of(spec))
                _file(
                    page, "HTML", html, f"{name}.html", "text/html", "One file that plays, offline."
                )
                if st.button(
                    "PDF, film …",
                    key=f"{page}_export",
                    icon=":material/movie:",
                    help="PDF, GIF, MP4, WebM, Parquet; for a slide or a column of a paper.",
                ):
                    export_dialog.show(page, drawn, name, _address(page).rpartition("/")[0])
                if not lecture.lecture_mode():
                    _qr(page, here)
            st.caption("Copy as Python")
            st.code(told.code(), language="python")


def share_menu(page: str) -> Any:
    """Make the share menu of a page, which is filled only while it is open."""
    label = "Share" if lecture.lecture_mode() else "Share & export"
    return st.popover(label, icon=":material/ios_share:", key=_menu_key(page), on_change="rerun")


def _menu_key(page: str) -> str:
    return f"{page}_menu_share"


def _qr(page: str, here: str) -> None:
    help_ = "The link as a QR code, for an audience."
    if st.button("QR", key=f"{page}_qr", icon=":material/qr_code:", help=help_):
        qr.show_qr(here)


def _address(page: str) -> str:
    """Return the address of the page without its query."""
    return (st.context.url or f"/{page}").split("?")[0]


def _file(
    page: str, label: str, data: Callable[[], bytes], name: str, mime: str, words: str
) -> None:
    st.download_button(
        label,
        data,
        name,
        mime,
        key=f"{page}_{label}",
        help=words,
        on_click="ignore",
        icon=":material/download:",
    )


def _ask_download(page: str, kind: str, name: str) -> None:
    count = st.session_state.get("_downloads", 0) + 1
    st.session_state["_downloads"] = count
    st.session_state[f"{page}_download"] = {"format": kind, "name": name, "id": count}


def download_asked(page: str) -> dict[str, Any] | None:
    """Return the download that the menu has asked of the stage in this run, once."""
    return st.session_state.pop(f"{page}_download", None)
