"""The link of the present page as a QR code, for an audience."""

import streamlit as st


def qr_of(link: str) -> str:
    """Return a QR code as a picture in HTML; raise `ValueError` if the link is too long for one."""
    import segno

    code = segno.make(link, error="l", micro=False)
    source = code.svg_data_uri(scale=8, border=3, dark="#000", light="#fff")
    return f'<img src="{source}" alt="QR code of the link below" style="width: 100%">'


@st.dialog("Scan to open exactly this")
def show_qr(link: str) -> None:
    """Show the link as a QR code."""
    try:
        st.html(qr_of(link))
    except ValueError:
        st.caption("This link is too long for a QR code: its settings hold too much text.")
    st.code(link, language=None, wrap_lines=True)
