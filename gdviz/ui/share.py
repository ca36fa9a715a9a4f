"""The share menu of a page: link, figure, data, code; files are made when they are asked for."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

import streamlit as st

from gdviz.catalogue.lookup import explorer_of, numbers
from gdviz.export.captions import HERE, caption, link, title
from gdviz.export.files import stamp_line
from gdviz.export.html import html_of
from gdviz.export.stamps import with_stamp
from gdviz.queries import IN_TAB, to_query
from gdviz.ui import export_dialog, lecture, qr
from gdviz.ui.code_tab import show_program
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pins import pinned_queries


def name_of(spec: Any) -> str:
    """Return the settings that differ from the defaults, as text."""
    changed = to_query(spec)
    return ", ".join(unquote_plus(part) for part in changed.split("&")) if changed else "defaults"


def file_name(page: str, spec: Any) -> str:
    """Return a file name made of page and settings, in plain characters only."""
    words = re.sub(r"[^A-Za-z0-9.=+-]+", "_", f"gdviz {page} {name_of(spec)}")
    return words.strip("_")[:80]


def share(place: Any, page: str, drawn: PageState, told: PageTabs) -> None:
    """Fill the share menu: link, figure, data, code; files are made when they are asked for."""
    with place:
        lecture.button()
        here = link(_address(page), page, drawn.spec, _beside_settings(page, drawn))
        if lecture.lecture_mode():
            _qr(page, here)
        menu = share_menu(page)
        if not menu.open:
            return
        with menu:
            st.caption("Link to exactly this")
            st.code(here, language=None, wrap_lines=True)
            lecture.link_maker(here)
            lecture.open_hall()
            with st.container(horizontal=True):
                _downloads(page, drawn, told)
                if not lecture.lecture_mode():
                    _qr(page, here)
            st.caption("Copy as Python")
            show_program(told.code())
            lecture.letters()


def _beside_settings(page: str, drawn: PageState) -> dict[str, Any]:
    """Return what a link says beside the settings: the step, the pins, the open tab."""
    extra: dict[str, Any] = {}
    if drawn.step < drawn.scene.steps:
        extra[f"{page}_step"] = drawn.step
    extra |= {f"{page}_pin": pinned_queries(page)} if pinned_queries(page) else {}
    inside = [name for name in st.query_params if name.startswith(f"{page}_{IN_TAB}")]
    shown = [f"{page}_{name}" for name in ("tab", "view", "room") if not hasattr(drawn.spec, name)]
    asked = [name for name in (*shown, *inside) if name in st.query_params]
    return extra | {name: st.query_params[name] for name in asked}


def _downloads(page: str, drawn: PageState, told: PageTabs) -> None:
    """Draw the buttons of the files: what the browser saves at once, and the dialog of the rest."""
    name, line = file_name(page, drawn.spec), _origin(page, drawn)
    for kind in ("svg", "png"):
        st.button(
            kind.upper(),
            key=f"{page}_{kind}",
            icon=":material/image:",
            help="The figure as the stage shows it now.",
            on_click=_ask_download,
            args=(page, kind, name, line),
        )
    for kind, made, about in (
        ("csv", told.csv, "Every number of every step. The first line, after #, says how."),
        ("html", partial(_playing, page, drawn), "One file that plays, offline."),
    ):
        data = partial(_with_origin, made, kind, line)
        _file(page, kind.upper(), data, f"{name}.{kind}", f"text/{kind}", about)
    if st.button(
        "PDF, film …",
        key=f"{page}_export",
        icon=":material/movie:",
        help="PDF, GIF, MP4, WebM, Parquet; for a slide or a column of a paper.",
    ):
        export_dialog.show(page, drawn, name, _address(page).rpartition("/")[0], line)


def _playing(page: str, drawn: PageState) -> bytes:
    """Return the page that plays, and on some pages moves, without a server."""
    words = title(drawn.spec, page), caption(drawn.spec, None, page)
    return html_of(drawn.background, drawn.scene, *words, explorer=explorer_of(drawn.spec))


def _origin(page: str, drawn: PageState) -> Callable[..., str]:
    """Return the function that makes the line that a file carries: see `gdviz.export.stamps`.

    It takes the `step` of a file that shows another one than the stage.
    """
    step = drawn.step if drawn.step < drawn.scene.steps else None
    beside = {n: v for n, v in _beside_settings(page, drawn).items() if n != f"{page}_step"}
    found = partial(numbers, drawn.spec, drawn.runs)
    own = _own_file(page)
    return partial(stamp_line, drawn.spec, step=step, found=found, beside=beside, data=own)


def _own_file(page: str) -> str:
    """Return the name of the file that the visitor has brought to a page, "" without one."""
    widgets = {str(key): value for key, value in st.session_state.items()}
    files = (value for key, value in widgets.items() if key.startswith(f"{page}_"))
    return next((str(file.name) for file in files if hasattr(file, "file_id")), "")


def _with_origin(made: Callable[[], bytes], kind: str, line: Callable[[], str]) -> bytes:
    return with_stamp(made(), kind, line())


def share_menu(page: str) -> Any:
    """Make the share menu of a page, which is filled only while it is open."""
    label = "Share" if lecture.lecture_mode() else "Share & export"
    return st.popover(label, icon=":material/ios_share:", key=menu_key(page), on_change="rerun")


def menu_key(page: str) -> str:
    """Return the key of a page's share menu."""
    return f"{page}_menu_share"


def _qr(page: str, here: str) -> None:
    help_ = "The link as a QR code, for an audience."
    if st.button("QR", key=f"{page}_qr", icon=":material/qr_code:", help=help_):
        qr.show_qr(here)


def _address(page: str) -> str:
    """Return the address of the page without its query."""
    return (st.context.url or f"{HERE}/{page}").split("?")[0]


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


def _ask_download(page: str, kind: str, name: str, line: Callable[[], str]) -> None:
    count = st.session_state.get("_downloads", 0) + 1
    st.session_state["_downloads"] = count
    asked = {"format": kind, "name": name, "id": count, "stamp": line()}
    st.session_state[f"{page}_download"] = asked


def download_asked(page: str) -> dict[str, Any] | None:
    """Return the download that the menu asks of the stage in this run; only once."""
    return st.session_state.pop(f"{page}_download", None)
