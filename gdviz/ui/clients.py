"""Who asks: the address, and the session within it, of a request and of the script of a page.

The cookie by which Streamlit proves that a page is its own tells the sessions of one address apart.
Anybody can make up such cookies, so what counts for the others is the address.
"""

from ipaddress import AddressValueError, IPv6Address
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Scope
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string

from gdviz.ui.fair_queue import Client

COOKIE = "_streamlit_xsrf"


def client_of(scope: Scope) -> Client:
    """Return who sent a request; the session is "" without a cookie."""
    host = (scope.get("client") or ("", 0))[0]
    return Client(network(host), session_in(Headers(scope=scope).get("cookie", "")))


def network(host: str) -> str:
    """Return an address as one counts it: of IPv6 the first 64 bits, which one customer has."""
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return address.exploded[:19]


def session_in(cookies: str) -> str:
    """Return what tells sessions apart in a Cookie header; "" if there is nothing.

    Not by the standard library, which takes the square of the length for what is in quotes.
    """
    pairs = (part.strip().partition("=") for part in cookies[:4096].split(";"))
    value = next((value for name, _, value in pairs if name == COOKIE), "")
    token, _ = decode_xsrf_token_string(value.strip('"'))
    return (token or b"").hex()[:64]


def client_of_script() -> Client:
    """Return whose script this is."""
    context = get_script_run_ctx()
    if context is None:
        return Client("", "")
    try:
        client = get_instance().get_client(context.session_id)
    except RuntimeError:  # a test, without a server
        return Client("", context.session_id)
    return client_of_session(client, context.session_id)


def client_of_session(client: Any, session: str) -> Client:
    """Return whose session this is, by what Streamlit knows of its connection."""
    told = getattr(client, "client_context", None)
    return Client(network((told and told.remote_ip) or ""), session)
