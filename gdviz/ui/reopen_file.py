"""A file of gdviz dropped on the app: its page opens as it was when the file was made."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import streamlit as st

from gdviz.catalogue.pages import entry_of
from gdviz.env import is_off
from gdviz.knobs import KnobError
from gdviz.ui.controls import show_error
from gdviz.ui.lecture import lecture_mode

if TYPE_CHECKING:
    from gdviz.export.stamps import Stamp

MOST_MEGABYTES = 20
_ONE_LINE = """<style>
.st-key-{key} [data-testid="stFileUploaderDropzone"] {{ padding: 0.2rem 0.5rem; min-height: 0; }}
.st-key-{key} [data-testid="stFileUploaderDropzone"] button {{ min-height: 0; padding: 0 0.5rem; }}
</style>"""


def reopen_file(key: str) -> None:
    """Draw the place where a file is dropped, unless the operator wants none; go where it leads."""
    if is_off("GDVIZ_STAMP"):
        return
    st.html(_ONE_LINE.format(key=key))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        about = "Only what the file says of its origin is read; it is not kept."
        st.caption("Reopen a file that was saved here", width="content", help=about)
        file = st.file_uploader(
            "Reopen a file",
            key=key,
            max_upload_size=MOST_MEGABYTES,
            label_visibility="collapsed",
        )
    if file is None:
        return
    from gdviz.export.origins import settings_in, stamps_in  # Home need not wait for Plotly
    from gdviz.ui.tour import forget

    try:
        stamp = stamps_in(file.getvalue())[0]
        settings_in(stamp.link)
    except KnobError as error:
        show_error(error)
        return
    forget(stamp.page)
    st.switch_page(entry_of(stamp.page).path, query_params=query_of_stamp(stamp))


def query_of_stamp(stamp: "Stamp") -> dict[str, list[str]]:
    """Return the query that opens a page as a stamp says, without what is not of that page."""
    fields = parse_qs(stamp.link.partition("?")[2], keep_blank_values=True)
    query = {n: texts for n, texts in fields.items() if n.startswith(f"{stamp.page}_")}
    if stamp.step is not None:
        query[f"{stamp.page}_step"] = [str(stamp.step)]
    return query | ({"lecture": ["1"]} if lecture_mode() else {})
