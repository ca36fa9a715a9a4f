"""What the server answers to a browser that has opened nothing yet: headers, packing, sockets."""

import base64
import gzip
import hashlib
import re
from html import escape

import brotli
import pytest
from browser import Server
from test_frame import get
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from gdviz.catalogue.lookup import has_card
from gdviz.catalogue.pages import PAGES, entry_of
from gdviz.server.assets import PLOTLY_JS, PLOTLY_URL
from gdviz.server.first_page import FIRST_ROW, STATIC
from gdviz.server.security import CSP


@pytest.mark.parametrize("path", ["/", "/descent", "/_stcore/health", "/readyz", PLOTLY_URL])
def test_every_answer_carries_the_security_headers(server: Server, path: str):
    _, headers = get(server.url + path)
    assert headers.get_all("Content-Security-Policy") == [f"{CSP}; frame-ancestors 'none'"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_policy_allows_streamlits_inline_scripts_by_their_hash(server: Server):
    body, _ = get(server.url)
    inline = re.findall(r"<script>(.*?)</script>", body.decode(), re.DOTALL)
    assert inline
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in CSP


def test_plotly_js_comes_compressed_and_is_kept_by_the_browser(server: Server):
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
    for asked, encoding in (("gzip, br;q=0.5", "br"), ("gzip, br;q=0", "gzip")):
        body, headers = get(server.url + PLOTLY_URL, Accept_Encoding=asked)
        assert headers["Content-Encoding"] == encoding
        assert headers["Vary"] == "Accept-Encoding"
        assert "immutable" in headers["Cache-Control"]
        assert headers["Content-Type"].startswith("text/javascript")
        assert len(body) < 1_500_000
        assert unpack[encoding](body) == PLOTLY_JS.read_bytes()


def test_the_first_html_says_what_it_is_and_is_small_with_all_it_asks_for(server: Server):
    """A slow line shows words before the style sheet; what follows is packed."""
    body, _ = get(f"{server.url}/race", Accept_Encoding="identity")
    html = body.decode()
    words = html.index(escape(entry_of("race").sentence))
    assert html.index("Loading") < html.index('rel="stylesheet"') and words
    assert "gdviz</title>" in html and f'href=".{PLOTLY_URL}"' in html
    asked = re.findall(r'(?:src|href)="\.(/static/(?:js|css)/[^"]+)"', html)
    sizes = [len(get(server.url + path, Accept_Encoding="br")[0]) for path in asked]
    plain = [(STATIC / path[1:]).stat().st_size for path in asked]
    assert len(asked) > 20 and sum(sizes) < sum(plain) / 2.5
    body, headers = get(server.url + asked[0], Accept_Encoding="br")
    assert brotli.decompress(body) == (STATIC / asked[0][1:]).read_bytes()
    assert "immutable" in headers["Cache-Control"]
    home = get(server.url, Accept_Encoding="identity")[0].decode()
    assert PLOTLY_URL not in home  # home does without
    cards = re.findall(r'<a href="./(\w+)"><img src="./card/\1" alt="">', home)
    assert cards == [page.stem for page in PAGES if has_card(page.stem)][:FIRST_ROW]
    assert home.index("card/race") < home.index('rel="stylesheet"')


def test_plotly_js_comes_plain_to_who_cannot_decompress(server: Server):
    body, headers = get(server.url + PLOTLY_URL, Accept_Encoding="identity")
    assert headers["Content-Encoding"] is None
    assert body == PLOTLY_JS.read_bytes()


@pytest.mark.parametrize("query", ["", "?v=0.0.0"])
def test_plotly_js_of_another_version_is_not_kept(server: Server, query: str):
    _, headers = get(server.url + "/assets/plotly.min.js" + query)
    assert headers["Cache-Control"] == "no-cache"


def test_ready(server: Server):
    body, headers = get(server.url + "/readyz")
    assert body == b'{"ready":true}'
    assert headers["Content-Type"] == "application/json"


def test_a_websocket_from_another_site_is_refused(server: Server):
    address = server.url.replace("http", "ws") + "/_stcore/stream"
    with connect(address, origin=server.url):
        pass
    with pytest.raises(InvalidStatus, match="403"), connect(address, origin="http://evil.example"):
        pass
