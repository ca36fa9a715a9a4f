"""Bodies of requests: which are read, what an upload may hoard, and how slow it may be."""

import asyncio
from typing import Any

import pytest
from asgi import MESSAGE, Peer, asked, fine, in_loop, scope
from starlette.requests import Request

from gdviz.server import request_bodies
from gdviz.server.request_bodies import Bodies

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
