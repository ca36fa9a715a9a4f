"""The bounds around the server: what is counted, what waits, what is refused, what is dropped."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from gdviz.cli.pages import titles
from gdviz.server import assets, logs, request_bodies
from gdviz.server.admission import AT_ONCE, Admission
from gdviz.server.browser_messages import LONGEST_ID, MOST_FILES, MOST_ITEMS, MessageFate, verdict
from gdviz.server.live_queue import OF_CLIENT, LiveQueue
from gdviz.server.request_bodies import Bodies
from gdviz.server.security import Paths
from gdviz.server.throttle import Bucket, Throttle
from gdviz.server.websockets import Streams
from gdviz.ui.clients import client_of, network, session_in
from gdviz.ui.fair_lock import FairLock
from gdviz.ui.fair_queue import Client, Full

MESSAGE = dict[str, Any]


def scope(path: str = "/", kind: str = "http", host: str = "10.0.0.1", **more: Any) -> MESSAGE:
    return {
        "type": kind,
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [],
        "client": (host, 1),
        **more,
    }


class Peer:
    """The other end of an ASGI app: what it says, and what it hears."""

    def __init__(self, *says: MESSAGE) -> None:
        self.says, self.heard = list(says), list[MESSAGE]()

    async def receive(self) -> MESSAGE:
        if not self.says:
            await asyncio.Event().wait()
        return self.says.pop(0)

    async def send(self, message: MESSAGE) -> None:
        self.heard.append(message)

    @property
    def status(self) -> int:
        return next((m["status"] for m in self.heard if "status" in m), 0)


def in_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """Run in a thread of its own: Playwright's loop may be in ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def asked(app: Any, of: MESSAGE, *says: MESSAGE) -> Peer:
    peer = Peer(*says)
    in_loop(app(of, peer.receive, peer.send))
    return peer


async def fine(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("fine")(scope, receive, send)


# --- who asks -------------------------------------------------------------------------------------


def test_a_session_is_told_by_the_token_in_its_cookie_however_it_is_masked() -> None:
    token = b"sixteen bytes ..."
    one, two = (f"a=1; _streamlit_xsrf={generate_xsrf_token_string(token, 7)}" for _ in range(2))
    assert one != two and session_in(one) == session_in(two) == token.hex()
    for nothing in ("", "a=1", "_streamlit_xsrf=", "_streamlit_xsrf=2|x|y|z", ";;=;", "\x00=\xff"):
        assert session_in(nothing) == ""


def test_an_address_is_a_host_of_ipv4_and_a_network_of_ipv6() -> None:
    assert network("10.1.2.3") == network("::ffff:10.1.2.3") == "10.1.2.3"
    assert (
        network("2001:db8:1:2::5") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::")
    )
    assert client_of(scope(client=None)).address == ""


# --- throttles ------------------------------------------------------------------------------------


def test_a_bucket_lets_a_burst_through_and_then_so_many_a_second() -> None:
    bucket = Bucket(rate=1e-6, burst=3)
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() == pytest.approx(1e6, rel=1e-3)
    assert bucket.take(2) == pytest.approx(3e6, rel=1e-3)


def test_who_waits_at_a_throttle_is_served_in_fair_order() -> None:
    came: list[str] = []

    async def play() -> None:
        throttle = Throttle(rate=200, burst=1, waiting=5)
        await throttle.wait(Client("hall", "first"))

        async def one(name: str) -> None:
            await throttle.wait(Client("hall", name))
            came.append(name)

        names = ("greedy", "greedy", "greedy", "modest")
        waiting = [asyncio.create_task(one(name)) for name in names]
        await asyncio.sleep(0)
        await throttle.wait(Client("hall", "last"))
        with pytest.raises(Full):
            await asyncio.gather(*(throttle.wait(Client("hall", "crowd")) for _ in range(7)))
        await asyncio.gather(*waiting)

    in_loop(play())
    assert came == ["greedy", "modest", "greedy", "greedy"]


# --- messages -------------------------------------------------------------------------------------


def message(**fields: Any) -> BackMsg:
    return BackMsg(**fields)


def with_files(number: int) -> BackMsg:
    asks = message()
    asks.file_urls_request.file_names.extend(["a"] * number)
    return asks


def with_widgets(number: int, name: str = "w", **value: Any) -> BackMsg:
    asks = message()
    for _ in range(number):
        widget = asks.rerun_script.widget_states.widgets.add(id=name)
        for field, what in value.items():
            setattr(widget, field, what)
    return asks


def with_values(number: int) -> BackMsg:
    asks = with_widgets(1)
    asks.rerun_script.widget_states.widgets[0].double_array_value.data.extend([0.0] * number)
    return asks


def operation(**payload: Any) -> BackMsg:
    asks = message()
    asks.backend_operation_request.request_id = "1"
    for name in payload:
        getattr(asks.backend_operation_request, name).SetInParent()
    return asks


@pytest.mark.parametrize(
    ("asks", "judged"),
    [
        (with_widgets(200, json_value='{"a": 1}'), MessageFate.PASS),
        (with_files(MOST_FILES), MessageFate.PASS),
        (message(stop_script=True), MessageFate.PASS),
        (operation(deferred_file=1), MessageFate.PASS),
        (operation(dataframe_chunk=1), MessageFate.PASS),
        (operation(install_skills=1), MessageFate.DROP),
        (operation(dismiss_skills_nudge=1), MessageFate.DROP),
        (message(clear_cache=True), MessageFate.DROP),
        (message(load_git_info=True), MessageFate.DROP),
        (message(set_run_on_save=True), MessageFate.DROP),
        (message(app_heartbeat=True), MessageFate.DROP),
        (message(debug_shutdown_runtime=True), MessageFate.DROP),
        (message(), MessageFate.DROP),
        (with_files(MOST_FILES + 1), MessageFate.CLOSE),
        (with_files(300_000), MessageFate.CLOSE),
        (with_widgets(MOST_ITEMS + 1), MessageFate.CLOSE),
        (with_values(MOST_ITEMS + 1), MessageFate.CLOSE),
        (with_widgets(1, name="x" * (LONGEST_ID + 1)), MessageFate.CLOSE),
        (with_widgets(1, json_value="{"), MessageFate.CLOSE),
        (with_widgets(1, json_trigger_value="[" * 5000), MessageFate.CLOSE),
    ],
)
def test_only_what_a_page_of_ours_says_reaches_streamlit(
    asks: BackMsg, judged: MessageFate
) -> None:
    assert verdict(asks.SerializeToString()) is judged


def test_what_is_no_message_ends_the_connection() -> None:
    assert verdict(b"\x0a\xff\xff") is MessageFate.CLOSE


def spoken(*frames: MESSAGE) -> tuple[list[MESSAGE], Peer]:
    """Return what reached the app behind the guard of websockets, and what its peer heard."""
    reached: list[MESSAGE] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while not reached or reached[-1]["type"] != "websocket.disconnect":
            reached.append(await receive())

    return reached, asked(Streams(app), scope(kind="websocket"), *frames)


def frame(asks: BackMsg) -> MESSAGE:
    return {"type": "websocket.receive", "bytes": asks.SerializeToString()}


GONE = {"type": "websocket.disconnect", "code": 1005}


def test_a_websocket_loses_what_no_page_needs_and_ends_with_what_no_page_says() -> None:
    good, useless, bad = with_widgets(1), message(clear_cache=True), with_files(999)
    reached, peer = spoken({"type": "websocket.connect"}, frame(useless), frame(good), GONE)
    assert [m["type"].partition(".")[2] for m in reached] == ["connect", "receive", "disconnect"]
    assert reached[1] == frame(good) and peer.heard == []
    reached, peer = spoken(frame(good), frame(bad), frame(good))
    assert len(reached) == 2 and peer.heard == [{"type": "websocket.close", "code": 1002}]
    reached, peer = spoken({"type": "websocket.receive", "text": "hello"})
    assert peer.heard == [{"type": "websocket.close", "code": 1003}]


def test_who_does_not_read_is_not_heard() -> None:
    reading, order = asyncio.Event(), list[str]()

    async def send(message: MESSAGE) -> None:
        await reading.wait()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sending = asyncio.create_task(send({"type": "websocket.send", "bytes": b"x"}))
        await asyncio.sleep(0)
        heard = asyncio.create_task(receive())
        await asyncio.sleep(0.05)
        order.append("heard" if heard.done() else "not heard")
        reading.set()
        await sending
        order.append((await heard)["type"])

    peer = Peer(frame(with_widgets(1)))
    in_loop(Streams(app)(scope(kind="websocket"), peer.receive, send))
    assert order == ["not heard", "websocket.receive"]


# --- requests -------------------------------------------------------------------------------------


def test_of_one_address_so_many_are_answered_at_once_and_others_do_not_wait_for_it() -> None:
    inside, most, go_on = [0], [0], asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["client"][0] == "10.0.0.1":
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            await go_on.wait()
            inside[0] -= 1
        await fine(scope, receive, send)

    async def play() -> list[Peer]:
        guard, peers = Admission(app), [Peer() for _ in range(3 * AT_ONCE)]
        work = [asyncio.create_task(guard(scope(), p.receive, p.send)) for p in peers]
        await asyncio.sleep(0)
        other = Peer()
        await guard(scope(host="10.0.0.2"), other.receive, other.send)
        go_on.set()
        await asyncio.gather(*work)
        assert not guard._answering
        return [*peers, other]

    assert {peer.status for peer in in_loop(play())} == {200}
    assert most == [AT_ONCE]


def test_a_slow_reader_does_not_count() -> None:
    async def play() -> None:
        guard, never = Admission(fine), asyncio.Event()

        async def slow(message: MESSAGE) -> None:
            await never.wait()

        readers = [
            asyncio.create_task(guard(scope(), Peer().receive, slow)) for _ in range(2 * AT_ONCE)
        ]
        await asyncio.sleep(0)
        peer = Peer()
        await guard(scope(), peer.receive, peer.send)
        assert peer.status == 200
        for reader in readers:
            reader.cancel()

    in_loop(play())


def test_metrics_and_long_links(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(Paths(fine), scope("/_stcore/metrics")).status == 404
    assert asked(Paths(fine), scope(query_string=b"a" * 20_000)).status == 414
    monkeypatch.setenv("GDVIZ_METRICS", "on")
    assert asked(Paths(fine), scope("/_stcore/metrics")).status == 200


# --- live work ------------------------------------------------------------------------------------


def live(
    play: Callable[[LiveQueue, FairLock], Awaitable[Any]], patience: float = 60.0
) -> tuple[Any, FairLock]:
    order = FairLock(patience=patience)
    queue = LiveQueue(order)
    return in_loop(play(queue, order)), order  # type: ignore[arg-type]


def request(peer: Peer, host: str = "10.0.0.1") -> Request:
    return Request(scope(host=host), peer.receive)


def test_live_work_is_computed_in_turn_and_not_begun_for_who_has_left() -> None:
    ran: list[str] = []

    async def play(queue: LiveQueue, order: FairLock) -> list[int]:
        other = order.ask(Client("else", "where"), lambda: None)
        gone = Peer({"type": "http.disconnect"})
        left = asyncio.create_task(
            queue.answer(request(gone), lambda: ran.append("left") or Response())
        )
        stays = asyncio.create_task(
            queue.answer(request(Peer()), lambda: ran.append("stays") or Response())
        )
        await left
        assert ran == []
        order.give_back(other)
        return [(await left).status_code, (await stays).status_code]

    (statuses, order) = live(play)
    assert (statuses, ran, order.taken()) == ([499, 200], ["stays"], False)


def test_live_work_of_one_session_is_bounded() -> None:
    async def play(queue: LiveQueue, order: FairLock) -> list[Response]:
        other = order.ask(Client("else", "where"), lambda: None)
        work = [
            asyncio.create_task(queue.answer(request(Peer()), Response)) for _ in range(OF_CLIENT)
        ]
        await asyncio.sleep(0)
        refused = await queue.answer(request(Peer()), Response)
        another = asyncio.create_task(queue.answer(request(Peer(), "10.0.0.2"), Response))
        await asyncio.sleep(0)
        order.give_back(other)
        return [refused, await another, *await asyncio.gather(*work)]

    (refused, *done), _ = live(play)
    assert refused.status_code == 429 and refused.headers["retry-after"]
    assert {answer.status_code for answer in done} == {200}


def test_a_card_is_a_file_that_waits_in_no_queue() -> None:
    """A browser asks for six at a time, whatever else it asks."""

    async def ask(page: str) -> Response:
        asked = request(Peer())
        asked.scope["path_params"] = {"page": page}
        return await assets.card(asked)

    async def all_of_them() -> list[Response]:
        return await asyncio.gather(*map(ask, titles()), ask("nope"))

    *cards, other = in_loop(all_of_them())
    assert other.status_code == 404
    assert all(answer.body.startswith(b"\x89PNG") for answer in cards)


# --- bodies ---------------------------------------------------------------------------------------

PUT = "/_stcore/upload_file/{}/f"


def upload(session: str, size: int, **more: Any) -> MESSAGE:
    headers = [(b"content-length", str(size).encode())]
    return scope(PUT.format(session), method="PUT", headers=headers, **more)


async def reads_all(scope: Any, receive: Any, send: Any) -> None:
    await Request(scope, receive).body()
    await fine(scope, receive, send)


def test_a_body_that_nobody_reads_is_refused_and_so_is_one_of_no_length() -> None:
    guard = Bodies(reads_all, dict)
    length = [(b"content-length", b"100000")]
    assert asked(guard, scope(method="POST", headers=length)).status == 413
    assert asked(guard, scope(method="POST")).status == 411
    assert asked(guard, scope(method="POST", headers=[(b"content-length", b"-1")])).status == 411


def test_a_session_an_address_and_all_cannot_hoard_uploads() -> None:
    kept = {"a": request_bodies.OF_ONE - 10}
    guard = Bodies(reads_all, lambda: kept)
    assert guard.refused("a", "hall", 5) == 0 and guard.refused("a", "hall", 2**20) == 413
    guard.coming["a"] = 2**20
    assert guard.refused("a", "hall", 5) == 413, "what has arrived counts"
    guard.coming.clear()
    kept.update({f"b{i}": request_bodies.OF_ADDRESS // 3 for i in range(3)})
    guard.address_of = {name: "hall" for name in kept}
    assert guard.refused("c", "hall", 2**20) == 429
    assert guard.refused("c", "home", 2**20) == 0, "another address is not the hall's"
    kept["d"] = request_bodies.OF_ALL
    assert guard.refused("c", "home", 2**20) == 429


def test_an_upload_counts_what_has_arrived_and_not_what_it_announces() -> None:
    counts: list[int] = []

    async def play() -> Peer:
        guard = Bodies(reads_all, dict)
        parts: list[MESSAGE] = [
            {"type": "http.request", "body": b"x" * 1000, "more_body": True},
            {"type": "http.request", "body": b"x" * 500, "more_body": False},
        ]
        peer = Peer(*parts)
        plain = peer.receive

        async def counting() -> MESSAGE:
            counts.append(guard.coming["s"])
            return await plain()

        await guard(upload("s", 20_000_000), counting, peer.send)
        counts.append(guard.coming["s"])
        assert not guard.uploads and not guard.coming
        return peer

    assert in_loop(play()).status == 200 and counts == [0, 1000, 0]


def test_an_upload_that_is_silent_or_too_slow_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "SILENCE", 0.01)
    peer = asked(Bodies(reads_all, dict), upload("s", 100))
    assert peer.status == 408
    monkeypatch.setattr(request_bodies, "SILENCE", -1e-9)
    part = {"type": "http.request", "body": b"x", "more_body": True}
    monkeypatch.setattr(request_bodies, "SLOWEST", 1e12)
    monkeypatch.setattr(asyncio, "wait_for", lambda waiting, seconds: waiting)
    assert asked(Bodies(reads_all, dict), upload("s", 100), part).status == 408


def test_an_upload_that_is_broken_off_is_no_error() -> None:
    broken = asked(Bodies(reads_all, dict), upload("s", 100), {"type": "http.disconnect"})
    assert broken.status == 408


# --- the log --------------------------------------------------------------------------------------


def written(name: str, words: str, error: Exception | None = None, line: int = 1) -> str:
    told = (type(error), error, None) if error else None
    record = logging.LogRecord(name, logging.ERROR, __file__, line, words, (), told)
    return logging.Formatter().format(logs.shorten(record))


def test_what_a_visitor_causes_takes_one_short_line_and_is_counted() -> None:
    long = ValueError("x" * 100_000 + "\nnext")
    first, second = (written("streamlit.app", "Error\nprocessing", long, -7) for _ in range(2))
    assert first.startswith("Error processing: ValueError: xxx") and "\n" not in first
    assert len(first) <= logs.LONGEST and second.endswith("(2 times)")
    assert "\n" not in written("uvicorn.error", "Exception in ASGI application\n", long, -8)


def test_an_error_of_ours_keeps_its_traceback_the_first_time_and_is_never_lost() -> None:
    said = [written("gdviz", "error 12ab", ZeroDivisionError("0"), -9) for _ in range(3)]
    assert "ZeroDivisionError" in said[0]
    assert said[1:] == ["error 12ab", "error 12ab"]
