"""nginx in front of two real replicas: who serves whom, what is compressed, and one that dies."""

import asyncio
import gzip
import re
import secrets
import shutil
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from asgi import in_loop
from browser import open_page, settle
from desk import poll
from playwright.sync_api import expect
from replica_set import nginx_is_here, several

from benchmarks.load import RATES, race_visit
from benchmarks.load_crowd import Crowd
from benchmarks.load_hall import crowd_of, vote
from benchmarks.load_visitor import Visit, Visitor, check_loopback
from gdviz.server.readiness import ReadinessMiddleware
from gdviz.server.security import headers
from gdviz.ui.reconnect import LOST, Reconnect, parse_reconnect

needs_nginx = pytest.mark.skipif(not nginx_is_here(), reason="nginx is not installed here")
TABLE = "a,b\n" + "".join(f"{i},{2 * i + 1}\n" for i in range(12))


@pytest.fixture(scope="module")
def replicas(tmp_path_factory):
    with several(tmp_path_factory.mktemp("replicas")) as running:
        yield running


@needs_nginx
def test_a_cookie_keeps_a_visitor_where_the_session_is_though_all_have_one_address(replicas):
    cookies = [replicas.get(f"/newcomer{i}").cookie for i in range(6)]
    assert set(cookies) == {"r1", "r2"}, "newcomers are spread, though they come from one address"
    for i, cookie in enumerate(cookies):
        again = [replicas.get(f"/known{i}", cookie) for _ in range(3)]
        assert [answer.status for answer in again] == [200] * 3
        assert [answer.cookie for answer in again] == [""] * 3, "a known visitor needs no cookie"
        assert replicas.served(f"/known{i}", 3) == [cookie] * 3
    assert replicas.get("/forged", "r3; DROP").cookie in ("r1", "r2"), "no such replica: a newcomer"


@needs_nginx
def test_scripts_come_compressed_from_the_disk_and_are_kept(replicas):
    page = replicas.get("/race").body.decode()
    script = re.search(r'src="\.?(/static/js/index\.[^"]+\.js)"', page)[1]
    packed = replicas.get(script, Accept_Encoding="gzip")
    plain = replicas.get(script)
    assert packed.headers["content-encoding"] == ["gzip"]
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < 0.5 * len(plain.body)
    assert "immutable" in " ".join(packed.headers["cache-control"])
    assert replicas.served(script, 2) == [""] * 2, "no replica was asked"


@needs_nginx
@pytest.mark.parametrize("path", ["/", "/static/js/{script}", "/readyz", "/live/race"])
def test_every_answer_has_the_security_headers_once(replicas, path):
    if "{" in path:
        page = replicas.get("/").body.decode()
        path = re.search(r'src="\.?(/static/js/index\.[^"]+\.js)"', page)[1]
    answer = replicas.get(path, "r1")
    assert answer.status == 200
    for name, value in headers().items():
        assert answer.headers[name.lower()] == [value]
    assert answer.headers.get("server") != ["uvicorn"]


@needs_nginx
def test_what_is_too_large_is_refused_before_a_replica_sees_it(replicas):
    assert replicas.get("/race?" + "x" * 40_000).status == 414
    assert "r" not in "".join(replicas.served("/race?" + "x" * 40_000, 0))


@pytest.mark.flaky(reruns=1, reason="a process is killed among visitors who move at their own pace")
@needs_nginx
@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_a_hall_is_one_for_all_replicas_and_nginx_holds_nothing_of_it_back(replicas):
    async def play():
        hall, crowd, tasks = await crowd_of(replicas.url, 6)
        spread = {re.search(r"gd_replica=(\w+)", phone.cookie)[1] for phone in crowd}
        found = await vote(hall, crowd, race_visit(replicas.url).live.partition("?")[2])
        for task in tasks:
            task.cancel()
        return spread, found

    spread, found = in_loop(play())
    assert spread == {"r1", "r2"}
    assert (found["taken"], found["of"], found["counted"]) == (12, 12, 6)


@needs_nginx
def test_a_replica_dies_and_its_visitors_go_on_at_another(replicas, browser, tmp_path):
    """Killed under load: sessions, a page with its numbers, and the words for a lost upload."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page, table = context.new_page(), context.new_page()
    open_page(page, f"{replicas.url}/race?race_methods=gd&race_methods=adam&race_gd_lr=0.03")
    dead = next(c["value"] for c in context.cookies() if c["name"] == "gd_replica")
    open_page(table, f"{replicas.url}/regression?regression_room=many&regression_table=upload")
    file = tmp_path / "table.csv"
    file.write_text(TABLE)
    table.locator("input[type=file]").set_input_files(file)
    expect(table.get_by_test_id("stFileChip").first).to_be_visible()
    settle(table)
    chips = page.locator(".gd-chips").first
    expect(chips).to_contain_text("Adam")
    before, link = chips.text_content(), page.url
    crowd = Crowd(Visit(replicas.url, "race", "race_methods=gd", "race_gd_lr", RATES), seed=1)
    try:
        crowd.tell("open", 4, 1)
        assert crowd.hear().errors == []
        crowd.tell("move", 4.0, 1.0)
        replicas.kill(dead)
        page.bring_to_front()
        other = {"r1": "r2", "r2": "r1"}[dead]
        poll(lambda: {c["value"] for c in context.cookies()}, lambda values: other in values, page)
        page.mouse.move(300, 300)  # before the visitor's first move, the page has come back
        settle(page)
        _newcomers_while_it_warms_up(replicas, dead, other)
        assert (chips.text_content(), page.url) == (before, link), "the same picture, the same link"
        field = page.locator(".st-key-race_x0 input")
        field.fill("-1.2")
        field.press("Enter")
        poll(lambda: "race_x0=-1.2" in page.url, bool, page)
        settle(page)
        assert page.locator(".st-key-race_gd_lr input").input_value() == "0.03"
        table.bring_to_front()
        table.mouse.move(300, 300)
        expect(table.get_by_text(LOST)).to_be_visible()
        tally = crowd.hear()
    finally:
        crowd.stop()
        context.close()
    assert tally.errors == []
    assert len(tally.absent) == len(tally.back), "who was connected again has moved since"
    assert 1 <= len(tally.back) <= 3, "those of the dead one came back, the others never left"
    assert len(tally.times) + len(tally.back) + tally.missed == 16
    replicas.wait_until_ready()  # the supervisor has started it again, gently
    started = Path(f"/proc/{replicas.pid(dead)}/environ")
    assert not started.parent.is_dir() or b"GDVIZ_GENTLE=0.5" in started.read_bytes()


def _newcomers_while_it_warms_up(replicas, dead, other):
    """Ask for pages until the dead one is warm again; it must not have answered any."""
    for _ in range(600):
        path = f"/early-{secrets.token_hex(4)}"  # the log may hold an earlier run of this test
        answer = replicas.get(path, dead)
        if replicas.ready(dead):
            return  # it may have become ready before that answer
        assert answer.status == 200
        assert replicas.served(path, 1) == [other]
        threading.Event().wait(0.3)
    raise AssertionError("it did not come back")


def through_asgi(app, scope):
    """Return the statuses that an ASGI app answers."""
    said = []

    async def send(message):
        said.append(message.get("status", message["type"]))

    called = app({"path": "/race", "headers": [], "extensions": {}, **scope}, None, send)
    thread = threading.Thread(target=asyncio.run, args=(called,))  # Playwright's loop is in ours
    thread.start()
    thread.join()
    return said[0]


def test_a_replica_that_warms_up_sends_everybody_away():
    async def app(scope, receive, send):
        await send({"type": "served"})

    ready = threading.Event()
    door = ReadinessMiddleware(app, ready)
    stream = {"type": "websocket", "extensions": {"websocket.http.response": {}}}
    assert through_asgi(door, {"type": "http"}) == 503
    assert through_asgi(door, stream) == 503
    assert through_asgi(door, {"type": "http", "path": "/readyz"}) == "served"
    assert through_asgi(door, {"type": "lifespan"}) == "served"
    ready.set()
    assert [through_asgi(door, s) for s in ({"type": "http"}, stream)] == ["served"] * 2


@pytest.mark.parametrize(
    "state",
    [
        None, 7, {}, {"back": None}, {"back": []}, {"back": {"session": 1, "files": 1}},
        {"back": {"session": "x" * 41, "files": 1}}, {"back": {"session": "x", "files": -1}},
        {"back": {"session": "x", "files": True}}, {"back": {"session": "x", "files": 10**9}},
        {"back": {"session": "x", "files": 0.5}},
    ],
)  # fmt: skip
def test_what_a_browser_says_when_it_is_back_is_read_or_ignored(state):
    assert parse_reconnect(state) is None
    assert parse_reconnect({"back": {"session": "x", "files": 2}}) == Reconnect("x", 2)


@pytest.mark.parametrize("url", ["http://example.org", "http://10.0.0.1:80", "http://0.0.0.0:1"])
def test_the_load_test_visits_this_machine_only(url):
    with pytest.raises(ValueError, match="only visits this machine"):
        Visitor(Visit(url))
    assert check_loopback("http://127.0.0.1:8501") == "http://127.0.0.1:8501"
    assert urlsplit(url).hostname not in ("127.0.0.1", "localhost")
