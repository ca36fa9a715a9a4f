"""The bounds around the server: who asks, and what waits in fair order."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgi import MESSAGE, Peer, asked, fine, in_loop, scope
from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from test_patterns import MOST, growth

from gdviz.cli.pages import titles
from gdviz.server import admission, assets
from gdviz.server.admission import A_TURN, AT_ONCE, Admission
from gdviz.server.live_queue import OF_CLIENT, LiveQueue
from gdviz.server.security import LONGEST_HEADERS, Heads, plain_cookies
from gdviz.server.throttle import Bucket, Throttle
from gdviz.ui.clients import client_of, network, session_in
from gdviz.ui.fair_lock import FairLock
from gdviz.ui.fair_queue import Client, Full


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
        assert most == [A_TURN]
        other = Peer()
        await guard(scope(host="10.0.0.2"), other.receive, other.send)
        assert other.status == 200 and most[0] < AT_ONCE
        for _ in range(2 * AT_ONCE):
            await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*work)
        await asyncio.sleep(0)
        assert not guard._answering.lines
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
    assert asked(Heads(fine), scope("/_stcore/metrics")).status == 404
    assert asked(Heads(fine), scope(query_string=b"a" * 20_000)).status == 414
    long = [(b"x", b"a" * LONGEST_HEADERS)]
    assert asked(Heads(fine), scope(headers=long)).status == 431
    monkeypatch.setenv("GDVIZ_METRICS", "on")
    assert asked(Heads(fine), scope("/_stcore/metrics")).status == 200


@pytest.mark.parametrize("atom", ["\\a", "\\1", "\\", '\\"', "a=1;", ";", '"'])
def test_the_cookies_of_a_request_are_read_in_proportion_to_their_length(atom: str) -> None:
    """A quoted cookie once cost the square of its backslashes, in the standard library."""

    def reading(length: int) -> Callable[[], object]:
        cookie = f'_streamlit_xsrf="{atom * (length // len(atom))}"'.encode()
        (_, plain) = plain_cookies([(b"cookie", cookie)])[0]
        return lambda: (cookie_parser(plain.decode()), session_in(plain.decode()))

    assert growth(reading) < MOST


def test_a_cookie_loses_its_backslashes_on_the_way_to_streamlit() -> None:
    seen: list[str] = []

    async def reads(scope: Any, receive: Any, send: Any) -> None:
        seen.append(Request(scope).headers["cookie"])
        await fine(scope, receive, send)

    asked(Heads(reads), scope(headers=[(b"cookie", b'a="x\\"; _streamlit_xsrf=2|1|2|3')]))
    assert seen == ['a="x"; _streamlit_xsrf=2|1|2|3']


def test_an_address_that_asks_too_fast_waits_and_another_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "ASKED", (1e-3, 2, 3))

    async def play() -> tuple[list[int], int, int]:
        guard, peers = Admission(fine), [Peer() for _ in range(6)]
        of = scope("/live/race")
        work = [asyncio.create_task(guard(of, p.receive, p.send)) for p in peers]
        await asyncio.sleep(0)
        other = Peer()
        await guard(scope(host="10.0.0.2"), other.receive, other.send)
        await asyncio.sleep(0)
        waiting = sum(not task.done() for task in work)
        for task in work:
            task.cancel()
        return sorted(peer.status for peer in peers), waiting, other.status

    assert in_loop(play()) == ([0, 0, 0, 200, 200, 429], 3, 200)


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


def test_what_nobody_leaves_is_made_in_turn_and_too_much_of_one_is_refused() -> None:
    async def play() -> None:
        queue, client = LiveQueue(FairLock()), Client("halls", "one")
        assert await queue.make(client, lambda: 5) == 5
        tasks = [asyncio.create_task(queue.make(client, lambda: 6)) for _ in range(OF_CLIENT + 1)]
        told = await asyncio.gather(*tasks, return_exceptions=True)
        assert told[:OF_CLIENT] == OF_CLIENT * [6] and isinstance(told[-1], Full)

    in_loop(play())
