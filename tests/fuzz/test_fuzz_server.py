"""The real server process: routes, websocket frames and forged states; it survives and is right."""

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from browser import Server, serve
from gauge import amounts
from inputs import WORDS, forged, likely, nested
from test_pages import STEMS
from visitor import Visitor, ask, dial
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gdviz.server import request_bodies, security

HOSTS = "127.0.0.1,lecture.example.org"
MEGABYTES = 900  # of the server, whatever was sent to it
ENV = {"GDVIZ_ALLOWED_HOSTS": HOSTS, "GDVIZ_HTTPS": "1"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app as an operator runs it behind https; at the end, its log holds no error."""
    with serve(tmp_path_factory.mktemp("guarded") / "log", env=ENV) as server:
        yield server
        assert_sound(server)
    assert "Traceback" not in server.log, server.log[-3000:]


def memory(server: Server) -> float:
    """Return the resident memory of the server in megabytes, 0 where the system does not tell."""
    status = Path(f"/proc/{server.pid}/status")
    if not status.exists():
        return 0.0
    [row] = [r for r in status.read_text().splitlines() if r.startswith("VmRSS")]
    return int(row.split()[1]) / 1024


def assert_sound(server: Server) -> None:
    """The process lives, within its memory, and still answers what it should."""
    status, _, body = ask(server, "GET", "/live/descent?steps=5")
    assert status == 200 and b"Gradient descent" in body
    assert memory(server) < MEGABYTES


# --- what every answer says -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/", "/race", "/_stcore/health", "/readyz", "/live/descent", "/question/descent", "/nope"],
)
def test_every_answer_has_the_headers(guarded: Server, path: str) -> None:
    _, found, _ = ask(guarded, "GET", path)
    for name in ("content-security-policy", "permissions-policy", "cross-origin-opener-policy"):
        assert found[name]
    assert "frame-ancestors 'none'" in found["content-security-policy"]
    assert found["x-frame-options"] == "DENY" and found["x-content-type-options"] == "nosniff"
    assert found["strict-transport-security"] == "max-age=31536000"
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in found and "server" not in found


def test_cookies_bear_the_flags_that_they_can(guarded: Server) -> None:
    _, found, _ = ask(guarded, "GET", "/_stcore/health")
    cookie = found["set-cookie"]
    assert cookie.startswith("_streamlit_xsrf=")
    assert "SameSite=Strict" in cookie and "Secure" in cookie
    assert "HttpOnly" not in cookie, "the page's script must read it to prove that it is the page"
    hardened = security.secure_headers(b"_streamlit_user=1; Path=/", secure=True)
    assert hardened == b"_streamlit_user=1; Path=/; SameSite=Lax; Secure; HttpOnly"
    assert (
        security.secure_headers(b"a=1; httponly; samesite=lax", False)
        == b"a=1; httponly; samesite=lax"
    )


def test_a_foreign_host_is_refused_everywhere(guarded: Server) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "", "lecture.example.org@evil.example"):
        assert ask(guarded, "GET", "/", headers={"Host": host})[0] == 400
    assert ask(guarded, "GET", "/", headers={"Host": "lecture.example.org"})[0] == 200
    with pytest.raises(InvalidStatus) as refused:
        dial(guarded, additional_headers={"Host": "evil.example"})
    assert refused.value.response.status_code == 400


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"]
)
def test_a_foreign_page_opens_no_websocket(guarded: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        dial(guarded, origin=origin)
    assert refused.value.response.status_code == 403
    with dial(guarded, origin=guarded.url):
        pass


def test_nobody_uploads_without_the_token_or_the_session(guarded: Server) -> None:
    path = "/_stcore/upload_file/no-such-session/f"
    assert ask(guarded, "PUT", path, body=b"x")[0] == 403
    cookie = ask(guarded, "GET", "/_stcore/health")[1]["set-cookie"].split(";")[0]
    proof = {"Cookie": cookie, "X-Xsrftoken": cookie.split("=", 1)[1]}
    assert ask(guarded, "PUT", path, body=b"x", headers=proof)[0] == 400
    over = {**proof, "Content-Length": str(request_bodies.OF_ONE * 2)}
    assert ask(guarded, "PUT", path, headers=over)[0] == 413
    assert ask(guarded, "PUT", path, headers={**proof, "Transfer-Encoding": "chunked"})[0] == 411


def test_no_machine_drives_the_app(guarded: Server) -> None:
    for name in ("interact", "mcp"):
        status, _, body = ask(guarded, "POST", f"/_stcore/agent/{name}", body=b"{}")
        assert 400 <= status < 500 and b"Traceback" not in body


# --- routes --------------------------------------------------------------------------------

TRICKS = [
    "/..",
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//evil.example/x",
    "/\\\\host\\x",
]
TRICKS += [
    "/assets/x/..%2f..%2fapp.py",
    "/assets/%00/stage.js",
    "/live/..%2fserver",
    "/live/",
    "/question/..%2fserver",
    "/question/",
    "/;a",
]
TRICKS += [
    "/card/../race",
    "/card/%00",
    "/media/../../x",
    "/component/x/../../y",
    "/%ff%fe",
]
TRICKS += [
    "/static/../../../../etc/passwd",
    "/app/static/../app.py",
    "/_stcore/bidi-components/../x",
]
TRICKS += ["/_stcore/upload_file/a/b", "/.git/config", "/.streamlit/config.toml", "/app.py", "/%"]
TRICKS += [
    "/" + "a/" * 2000,
    "/live/" + "x" * 5000,
    "/live/race?" + "a=1&" * 3000,
    "/?" + "x" * 9000,
]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "BREW"]
RANGES = ["bytes=0-", "bytes=-1", "bytes=9-1", "bytes=" + "0-1," * 900, "bytes=a-b", "bytes=0-1e9"]


@amounts(some=90, whole=3000)
def test_no_route_breaks_or_gives_away_a_file(guarded: Server, amount: int) -> None:
    rng = random.Random(13)
    for _ in range(amount):
        route = f"/{rng.choice(('live', 'question'))}/{rng.choice(STEMS)}"
        path = rng.choice(TRICKS) if rng.random() < 0.8 else route
        if "?" not in path and rng.random() < 0.3:
            path += f"?{''.join(rng.choice(WORDS)[:50].split())}".encode("ascii", "ignore").decode()
        path = "".join(c for c in path if " " < c < "\x7f")
        headers = {}
        for name, values in (
            ("Range", RANGES),
            ("Accept-Encoding", ["gzip", "*", "br;q=nan"]),
            ("Cookie", ["_streamlit_xsrf=2|x|y|z", "a" * 3000, ";;=;"]),
            ("X-Forwarded-For", ["::1", "'", "a" * 500]),
            ("If-None-Match", ['"x"', "*"]),
        ):
            if rng.random() < 0.2:
                headers[name] = rng.choice(values)
        status, _, body = ask(guarded, rng.choice(METHODS), path, headers=headers)
        assert status < 500 or status == 501, (path, status)
        assert b"Traceback" not in body and b"root:" not in body and b"[core]" not in body, path
    assert ask(guarded, "GET", "/live/race?" + "a" * 20_000)[0] == 414
    assert ask(guarded, "POST", "/live/race", body=b"x" * 100_000)[0] == 413
    assert_sound(guarded)


# --- websocket frames -----------------------------------------------------------------------------


@amounts(some=25, whole=1500)
def test_no_frame_breaks_the_server(guarded: Server, amount: int) -> None:
    rng = random.Random(14)
    for k in range(amount):
        with suppress(ConnectionClosed), dial(guarded) as line:
            for _ in range(3):
                if k % 5 == 0:
                    line.send("text, where bytes are spoken")
                elif k % 5 == 1:
                    line.send(b"\x0a" + rng.randbytes(rng.choice([1, 30, 3000])))
                elif k % 50 == 2:
                    line.send(b"\0" * 2_000_000)
                else:
                    line.send(rng.randbytes(rng.choice([0, 1, 2, 9, 100])))
    assert_sound(guarded)


@pytest.mark.parametrize("stem", STEMS)
@amounts(some=2, whole=60)
def test_no_forged_state_breaks_a_page(guarded: Server, stem: str, amount: int) -> None:
    """What a stage, a dial and a button say is JSON that anybody can write."""
    rng = random.Random(15)
    if amount < 10 and stem not in ("descent", "regression", "mcmc"):
        pytest.skip("in `make fuzz` only")
    visitor = Visitor(guarded, stem)
    assert visitor.run() == []
    monsters = [json.dumps(nested(200)), "[" * 5000, "{", "x" * 300_000, '{"hand": {"x": 1e999}}']
    for k in range(amount):
        states = {}
        for name in visitor.components:
            made = likely(rng) if rng.random() < 0.7 else forged(rng)
            states[name] = json.dumps(made)[:300_000] if k % 6 else rng.choice(monsters)
        try:
            wrong = visitor.run(states)
        except ConnectionClosed:
            visitor = Visitor(guarded, stem)
            wrong = visitor.run()
        assert wrong == [], (stem, str(states)[:2000])
    visitor.close()
    assert_sound(guarded)
