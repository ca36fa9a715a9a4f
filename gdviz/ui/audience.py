"""What a lecturer shows an audience: the link of this very page as a QR code."""

import streamlit as st


def qr_of(link: str) -> str:
    """Return a QR code as inline SVG; raise `ValueError` if the link is too long for one."""
    import segno

    code = segno.make(link, error="l", micro=False)
    svg = code.svg_inline(scale=6, border=3, dark="#000", light="#fff", omitsize=True)
    return f'<div class="gd-qr" style="max-width:30rem;margin:auto">{svg}</div>'


@st.dialog("Scan to open exactly this")
def show(link: str) -> None:
    """Show the link as a QR code."""
    try:
        st.html(qr_of(link))
    except ValueError:
        st.caption("This link is too long for a QR code: its settings hold too much text.")
    st.code(link, language=None, wrap_lines=True)
