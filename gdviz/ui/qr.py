"""The link of the present page as a QR code, for an audience."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import streamlit as st

FOR_PHONES = (
    "A phone cannot reach this address: it means the computer itself. In a network that you trust, "
    "start the app by `gdviz run --host 0.0.0.0` and open it at the address that the network "
    "gives this computer, such as `http://192.168.1.20:8501`."
)

_SHAPE = 'style="display: block; margin: auto; width: min(100%, 56vh)"'


def qr_source(link: str) -> str:
    """Return a QR code as a data URI; raise `ValueError` if the link is too long for one."""
    import segno

    code = segno.make(link, error="l", micro=False)
    return code.svg_data_uri(scale=8, border=3, dark="#000", light="#fff")


def qr_of(link: str) -> str:
    """Return a QR code as a picture in HTML; raise `ValueError` if the link is too long for one."""
    return f'<img src="{qr_source(link)}" alt="QR code of the link beside it" {_SHAPE}>'


def unreachable(link: str) -> bool:
    """Tell whether a link names this computer in a way that no other device understands."""
    host = urlsplit(link).hostname or ""
    return host == "localhost" or host.endswith(".localhost") or is_own(host)


def is_own(host: str) -> bool:
    """Tell whether a host is an address of this computer for itself, such as 127.0.0.1."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@st.dialog("Scan to open exactly this", width="large")
def show_qr(link: str) -> None:
    """Show the link as a QR code, and say so if a phone could not follow it."""
    code, words = st.columns(2)
    with code:
        try:
            st.html(qr_of(link))
        except ValueError:
            st.caption("This link is too long for a QR code: its settings hold too much text.")
    with words:
        if unreachable(link):
            st.warning(FOR_PHONES, icon=":material/phonelink_off:")
        st.code(link, language=None, wrap_lines=True)
