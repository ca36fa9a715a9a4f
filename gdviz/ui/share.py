"""The share menu of a page: link, figure, data, code; files are made when they are asked for."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

import streamlit as st

from gdviz.catalogue.pages import entry_of
from gdviz.export.captions import link
from gdviz.export.html import html_of
from gdviz.queries import to_query
from gdviz.ui import export_dialog, lecture, qr
from gdviz.ui.page_state import PageState, PageTabs
from gdviz.ui.pins import pinned_queries


def name_of(spec: Any) -> str:
    """Return the settings that differ from the defaults, as text for a caption."""
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
            with st.container(horizontal=True):
                _downloads(page, drawn, told)
                if not lecture.lecture_mode():
                    _qr(page, here)
            st.caption("Copy as Python")
            st.code(told.code(), language="python")


def _beside_settings(page: str, drawn: PageState) -> dict[str, Any]:
    """Return what a link says beside the settings: the step, the pins, the open tab."""
    extra: dict[str, Any] = {}
    if drawn.step < drawn.scene.steps:
        extra[f"{page}_step"] = drawn.step
    extra |= {f"{page}_pin": pinned_queries(page)} if pinned_queries(page) else {}
    shown = [f"{page}_{name}" for name in ("tab", "view", "room") if not hasattr(drawn.spec, name)]
    return extra | {name: st.query_params[name] for name in shown if name in st.query_params}


def _downloads(page: str, drawn: PageState, told: PageTabs) -> None:
    """Draw the buttons of the files: what the browser saves at once, and the dialog of the rest."""
    spec, name = drawn.spec, file_name(page, drawn.spec)
    for kind in ("svg", "png"):
        st.button(
            kind.upper(),
            key=f"{page}_{kind}",
            icon=":material/image:",
            help="The figure as the stage shows it now.",
            on_click=_ask_download,
            args=(page, kind, name),
        )
    _file(page, "CSV", told.csv, f"{name}.csv", "text/csv", "Every number of every step.")
    html = partial(html_of, drawn.background, drawn.scene, entry_of(page).title, name_of(spec))
    _file(page, "HTML", html, f"{name}.html", "text/html", "One file that plays, offline.")
    if st.button(
        "PDF, film …",
        key=f"{page}_export",
        icon=":material/movie:",
        help="PDF, GIF, MP4, WebM, Parquet; for a slide or a column of a paper.",
    ):
        export_dialog.show(page, drawn, name, _address(page).rpartition("/")[0])


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
    """Return the download that the menu asks of the stage in this run; only once."""
    return st.session_state.pop(f"{page}_download", None)
