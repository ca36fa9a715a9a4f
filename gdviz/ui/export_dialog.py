"""The dialog that makes pictures, films and tables of what a page shows."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gdviz.export import FILMS, PICTURES, STYLES, bibtex, browser_path, caption, title
from gdviz.export.files import film_or_picture
from gdviz.export.renderer import ExportError
from gdviz.export.tables import parquet_of
from gdviz.figures.scene import Picture
from gdviz.ui.job_queue import Refused, Tell
from gdviz.ui.jobs import await_job, exports

MIMES = {"pdf": "application/pdf", "svg": "image/svg+xml", "mp4": "video/mp4"}
MIMES |= {"png": "image/png", "gif": "image/gif", "webm": "video/webm"}
NO_BROWSER = (
    "Pictures and films are drawn by Chromium, and there is none on the server. The buttons SVG, "
    "PNG, CSV and HTML of the menu work without, and so does Parquet."
)


@st.dialog("Export", width="medium")
def show(page: str, drawn: Any, name: str, address: str) -> None:
    """Offer every format in every style; what was made stays until something else is made."""
    able = browser_path() is not None
    if not able:
        st.caption(NO_BROWSER)
    moves = drawn.scene.steps > 0
    formats = [*(PICTURES if able else ()), *(FILMS if able and moves else ()), "parquet"]
    format = st.segmented_control(
        "Format", formats, default=formats[0], format_func=str.upper, key=f"{page}_export_format"
    )
    style = st.segmented_control(
        "Style",
        list(STYLES),
        default="screen",
        format_func=lambda key: STYLES[key].label,
        key=f"{page}_export_style",
        disabled=format == "parquet",
    )
    if format and style:
        _make(page, drawn, str(format), str(style), name)
    with st.expander("Caption and BibTeX"):
        step = drawn.step if drawn.step < drawn.scene.steps else None
        st.code(caption(drawn.spec, step, page), language=None, wrap_lines=True)
        st.code(bibtex(drawn.spec, step, address, page), language="bibtex", wrap_lines=True)


def _make(page: str, drawn: Any, format: str, style: str, name: str) -> None:
    """Draw the button that makes the file, and the one that saves it once it is made."""
    what = f"step {drawn.step}" if format in PICTURES else "the whole run"
    key = (page, name, format, style, drawn.step)
    if st.button(f"Make the {format.upper()} of {what}", type="primary", key=f"{page}_export_make"):
        try:
            st.session_state["_export"] = (key, _made(page, drawn, format, style))
        except (RuntimeError, ValueError, OSError) as error:
            st.session_state.pop("_export", None)
            st.caption(f":red[{str(error).replace('[', '(').replace(']', ')')}]")
    made = st.session_state.get("_export")
    if made and made[0] == key:
        st.download_button(
            f"Save it ({len(made[1]) / 1000:.0f} kB)",
            made[1],
            f"{name}.{format}",
            MIMES.get(format, "application/octet-stream"),
            key=f"{page}_export_save",
            icon=":material/download:",
            on_click="ignore",
        )


def _made(page: str, drawn: Any, format: str, style: str) -> bytes:
    if format == "parquet":
        return parquet_of(drawn.runs)
    picture = Picture(drawn.background, drawn.scene)
    above = title(drawn.spec, page) if STYLES[style].titled else ""
    return _under_a_bar(
        lambda tell: film_or_picture(picture, format, STYLES[style], above, drawn.step, tell)
    )


def _under_a_bar(work: Callable[[Callable[[float], None]], bytes]) -> bytes:
    """Run work with a progress bar, in the queue of exports, and return its result."""

    def task(tell: Tell) -> bytes:
        def told(share: float) -> None:
            try:
                tell(share, None)
            except Refused as error:
                raise ExportError(str(error)) from error  # the browser is sound, and is kept

        return work(told)

    bar = st.progress(0.0, "Drawing …")
    try:
        return await_job(bar, task, lambda share, _: f"Drawing … {share:.0%}", exports)
    finally:
        bar.empty()
