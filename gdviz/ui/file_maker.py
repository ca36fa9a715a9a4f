"""A file that takes a moment to make: what it will take is told, it can be cancelled, and saved."""

import io
import zipfile
from collections.abc import Callable, Hashable, Mapping

import streamlit as st

from gdviz.export.rates import Forecast
from gdviz.export.renderer import ExportError
from gdviz.ui.controls import show_error
from gdviz.ui.job_queue import Refused, Tell
from gdviz.ui.jobs import await_job, exports
from gdviz.ui.session_results import kept_result, results

MIMES = {"pdf": "application/pdf", "svg": "image/svg+xml", "mp4": "video/mp4", "html": "text/html"}
MIMES |= {"png": "image/png", "gif": "image/gif", "webm": "video/webm", "zip": "application/zip"}
MIMES["pptx"] = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

Work = Callable[[Callable[[float], None]], bytes]


def file_maker(
    key: str, made_of: Hashable, label: str, name: str, work: Work, expected: Forecast
) -> None:
    """Draw the button that makes a file, and once it is made the one that saves it under a name.

    `work(tell)` makes it in the line of exports. The session keeps the last file, by what it is
    `made_of`.
    """
    st.caption(str(expected))
    if st.button(label, type="primary", key=f"{key}_make"):
        try:
            results().put("export", made_of, _under_a_bar(key, work), 1)
        except (RuntimeError, ValueError, OSError) as error:
            show_error(error)
    if made := kept_result("export", made_of):
        st.download_button(
            f"Save it ({len(made) / 1000:.0f} kB)",
            made,
            name,
            MIMES.get(name.rpartition(".")[2], "application/octet-stream"),
            key=f"{key}_save",
            icon=":material/download:",
            on_click="ignore",
        )


def _under_a_bar(key: str, work: Work) -> bytes:
    """Run work with a progress bar and a cancel, in the queue of exports, and return its result."""

    def task(tell: Tell) -> bytes:
        def told(share: float) -> None:
            try:
                tell(share, None)
            except Refused as error:
                raise ExportError(str(error)) from error  # the browser is sound, and is kept

        return work(told)

    place = st.empty()
    try:
        with place.container():
            bar = st.progress(0.0, "Drawing …")
            st.button("Cancel", key=f"{key}_cancel")
        return await_job(bar, task, lambda share, _: f"Drawing … {share:.0%}", exports, "fragment")
    finally:
        place.empty()


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """Return files as one ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
