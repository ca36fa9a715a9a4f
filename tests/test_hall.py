"""The hall: phones follow a lecturer, guess once each, and nobody else has a say."""

import asyncio
import base64
import csv
import io
import json
import struct
import zlib
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any, NamedTuple

import numpy as np
import pytest
from asgi import Peer, in_loop, scope
from cases import each
from starlette.applications import Starlette

from gdviz.catalogue.lookup import questions
from gdviz.catalogue.question import Question
from gdviz.figures.wire_format import background_message
from gdviz.server.hall import audience, hall, halls, pictures, routes
from gdviz.server.hall.event_stream import EventStream
from gdviz.server.hall.results import BINS, MOST_GROUPS, counts_of, groups_of, in_words
from gdviz.server.hall.routes import COOKIE, HallRoutes
from gdviz.server.hall.store import LIFE, HallStore, MemoryStore, StoreGone
from gdviz.topics.descent.figure import picture
from gdviz.topics.descent.settings import Descent

FLAT = Question("end", "Where?", "x", ((0.5,),), "At 0.5.", (-1.0,), (1.0,), logs=(False,))
PICK = Question("who", "Which?", "choice", ((1.0,),), "Adam.", choices=("GD", "Adam", "=1+1"))
SHOWN = {"page": "descent", "query": "lr=0.1&steps=20"}


class Answer(NamedTuple):
    """An answer: its status, its JSON if it is any, its headers."""

    status: int
    said: Any
    headers: dict[str, str]


class Client:
    """Somebody in front of the routes: a phone with its cookie, or a lecturer with the secret."""

    def __init__(self, app: Any, host: str = "10.0.0.1") -> None:
        self.app, self.host = app, host
        self.cookie = self.secret = self.code = ""
        self.more: dict[str, str] = {}

    async def ask(self, path: str, said: Any = None, method: str = "") -> Answer:
        body = (
            b"" if said is None else said if isinstance(said, bytes) else json.dumps(said).encode()
        )
        sent = {"cookie": self.cookie, "x-hall-secret": self.secret} | self.more
        headers = [(n.encode(), v.encode()) for n, v in sent.items() if v]
        peer = Peer({"type": "http.request", "body": body})
        path, _, query = path.partition("?")
        method = method or ("GET" if said is None else "POST")
        more = {"method": method, "headers": headers, "query_string": query.encode()}
        await self.app(scope(path, host=self.host, **more), peer.receive, peer.send)
        got = b"".join(m.get("body", b"") for m in peer.heard)
        found = {n.decode(): v.decode() for n, v in peer.heard[0]["headers"]}
        if "set-cookie" in found:
            self.cookie = found["set-cookie"].split(";")[0]
        json_ = found.get("content-type", "").startswith("application/json")
        return Answer(peer.status, json.loads(got) if json_ else got.decode(), found)

    async def own(self, name: str, said: Any = None) -> Answer:
        return await self.ask(f"/hall/{self.code}/{name}", said)


class Clock:
    """A clock that a test turns."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Stage(NamedTuple):
    """A hall that is open: the app, its routes, the lecturer, the clock."""

    app: Any
    routes: HallRoutes
    lecturer: Client
    clock: Clock

    async def phone(self, host: str = "10.0.0.1") -> Client:
        one = Client(self.app, host)
        one.code = self.lecturer.code
        assert (await one.ask(f"/hall/{one.code}")).status == 200
        return one


async def at_once(client: Any, make: Callable[[], Any]) -> Any:
    return make()


async def staged(store: HallStore | None = None) -> Stage:
    clock = Clock()
    routes = HallRoutes(store or MemoryStore(clock), at_once)
    app = Starlette(routes=routes.routes())
    lecturer = Client(app)
    opened = await lecturer.ask("/hall", {"base": "https://10.0.0.1/sub/"})
    assert opened.status == 201
    lecturer.code, lecturer.secret = hall.read_code(opened.said["code"]), opened.said["secret"]
    return Stage(app, routes, lecturer, clock)


def play(act: Callable[[Stage], Coroutine[Any, Any, None]]) -> None:
    """Run an act of a hall from its opening."""

    async def whole() -> None:
        await act(await staged())

    in_loop(whole())


async def asking(stage: Stage, name: str = "") -> dict[str, Any]:
    """Let the lecturer show a page and ask a question of it; return what phones are told."""
    assert (await stage.lecturer.own("steer", SHOWN)).status == 200
    name = name or questions(Descent(lr=0.1, steps=20))[0].id
    asked = await stage.lecturer.own("ask", {"question": name})
    assert asked.status == 200
    return asked.said


def middle(state: dict[str, Any]) -> list[float]:
    """Return a guess that is valid."""
    question = state["question"]
    if question["kind"] == "choice":
        return [0]
    return [(a + b) / 2 for a, b in zip(question["low"], question["high"], strict=True)]


# --- codes and tokens -----------------------------------------------------------------------------


def test_codes_have_forty_bits_secrets_more_and_nothing_of_a_secret_is_kept() -> None:
    made = [hall.new_hall() for _ in range(200)]
    assert len({one.code for one, _ in made}) == 200
    assert len(hall.SIGNS) ** hall.LENGTH == 2**40 and all(len(s) == 32 for _, s in made)
    one, secret = made[0]
    assert hall.may_steer(one, secret) and secret not in repr(one)
    assert not any(hall.may_steer(one, other) for _, other in made[1:])
    assert not any(hall.may_steer(one, text) for text in ("", one.code, one.lock, "é" * 999))
    assert hall.read_code(hall.spell(one.code).lower()) == one.code
    for text in ("", "12345678", "ABCD EFGU", "K7MP2QR", "K7MP2QR01", "é" * 8, "../../x"):
        assert (hall.read_code(text) is None) == (text != "12345678"), text


def test_a_token_is_only_what_this_hall_has_signed() -> None:
    (one, _), (other, _) = hall.new_hall(), hall.new_hall()
    token = hall.new_token(one)
    assert hall.is_token(one, token) and not hall.is_token(other, token)
    name, _, signature = token.partition(".")
    forged = [
        "",
        ".",
        name,
        f"{name[:-1]}x.{signature}",
        f"{name}.{signature[:-1]}",
        "é.é",
        "x" * 999,
    ]
    assert not any(hall.is_token(one, text) for text in forged)


@each(
    "guess",
    [
        [],
        [1, 2, 3],
        [True],
        ["0.1"],
        [None],
        [1e999],
        [float("nan")],
        [-1.01],
        [10**400],
        [[0]],
        0.1,
    ],
)
def test_a_guess_is_a_number_of_the_question_or_refused(guess: Any) -> None:
    state = hall.ask_question(hall.HallState(page="descent"), FLAT)
    assert hall.guess_of(state, {"round": 1, "guess": [0.25]}) == (0.25,)
    with pytest.raises(hall.HallError):
        hall.guess_of(state, {"round": 1, "guess": guess})
    for other in ({"round": 2, "guess": [0.25]}, {"guess": [0.25]}, {"round": True, "guess": [5]}):
        with pytest.raises(hall.HallError):
            hall.guess_of(state, other)


def test_what_phones_are_told_before_the_reveal_answers_nothing() -> None:
    state = hall.ask_question(hall.HallState(page="descent"), PICK)
    text = hall.to_text(state)
    assert "answers" not in text and "told" not in json.loads(text)["question"]
    assert hall.from_text(text) == state


def test_other_settings_withdraw_a_question_and_a_step_does_not() -> None:
    state = hall.ask_question(hall.steer(hall.HallState(), SHOWN), FLAT)
    assert hall.steer(state, {**SHOWN, "step": 3}).phase == hall.ASKING
    moved = hall.steer(state, {**SHOWN, "query": "lr=0.2"})
    assert (moved.phase, moved.question, moved.round) == (hall.OPEN, None, 1)
    for wrong in (
        {"page": "home"},
        {"page": 5},
        {"query": "x" * 20_000},
        {"step": -1},
        {"step": 1.5},
    ):
        with pytest.raises(hall.HallError):
            hall.steer(state, {**SHOWN, **wrong})


# --- counts ---------------------------------------------------------------------------------------


def test_guesses_are_counted_as_by_hand_and_said() -> None:
    chosen = [(0.0,), (1.0,), (1.0,), (2.0,)]
    assert [group.size for group in groups_of(PICK, chosen)] == [1, 2, 1]
    assert [group.right for group in groups_of(PICK, [])] == [False, True, False]
    assert in_words(PICK, chosen) == "2 of 4 said Adam; 2 of 4 are right."
    assert in_words(PICK, [(0.0,), (1.0,)]) == "2 are of divided minds; 1 of 2 is right."
    assert in_words(PICK, []) == "Nobody has guessed."
    values = [(v,) for v in np.linspace(-1, 1, 41)]
    assert sum(counts_of(FLAT, values)) == 41 and len(counts_of(FLAT, values)) == BINS
    assert counts_of(FLAT, [(-1.0,), (1.0,)])[:: BINS - 1] == [1, 1]
    assert in_words(FLAT, [(0.5,), (0.69,), (0.72,)]).startswith(
        "2 of 3 are off by a tenth of the axis"
    )
    log = FLAT._replace(low=(1.0,), high=(1e4,), logs=(True,), answers=((10.0,),))
    assert counts_of(log, [(1.1,), (9.0,), (5000.0,)])[4] == 1, "equal parts are factors"


VALLEYS = (("the left", (-0.5, 0.0)), ("the right", (0.5, 0.0)), ("the top", (0.0, 0.9)))


def test_points_are_counted_by_the_nearest_valley_or_by_how_near_they_are() -> None:
    """By hand: the middle between two valleys is neither's, for a guess and for an answer."""
    plain = Question("q", "?", "point", ((0.4, 0.1),), ".", (-1.0, -1.0), (1.0, 1.0))
    point = plain._replace(logs=(False, False), places=VALLEYS)
    left, right, middle = (-0.9, 0.2), (0.6, -0.3), (0.0, -0.2)
    assert groups_of(point, [left, left, left, right, middle]) == [
        ("the left", 3, False), ("the right", 1, True), ("halfway between two", 1, False)
    ]  # fmt: skip
    assert in_words(point, [left, left, left, right]) == (
        "3 of 4 lie nearest to the left; 1 of 4 lies with the answer."
    )
    assert in_words(point, [right, left]) == "2 are of divided minds; 1 of 2 lies with the answer."
    tied = point._replace(answers=((0.0, -1.0),))
    assert in_words(tied, [middle]) == (
        "1 of 1 lies halfway between two; the answer lies halfway between two."
    )
    many = point._replace(places=[(str(i), (i / 20 - 0.9, 0.0)) for i in range(36)])
    shown = groups_of(many, [at for i, (_, at) in enumerate(many.places) for _ in range(i + 1)])
    assert [g.name for g in shown] == ["35", "34", "33", "32", "31", "30", "26", "others"]
    spread = [at for _, at in many.places] + [many.places[3][1]]
    assert groups_of(many, spread)[-1] == ("others", 29, False)
    assert in_words(many, spread).startswith("2 of 37 lie nearest to 3; 1 of 37 lies")
    assert len(shown) == MOST_GROUPS + 2 and sum(g.size for g in shown) == 36 * 37 / 2
    near = groups_of(plain._replace(logs=(False, False)), [(0.4, 0.1), (0.55, 0.1), left, left])
    assert [group.size for group in near] == [1, 1, 0, 2] and near[0].right
    alone = plain._replace(logs=(False, False), places=VALLEYS[:1])
    assert [group.size for group in groups_of(alone, [left])] == [0, 0, 0, 1]
    line = FLAT._replace(places=[("the minimum at x = 0.4", (0.4,)), ("another", (-1.0,))])
    assert groups_of(FLAT, [(0.1,)]) == [] and len(groups_of(line, [(0.1,)])) == 1
    assert "places" not in hall.public(point), "they would tell who sees no picture"


# --- the routes -----------------------------------------------------------------------------------


def test_a_question_is_asked_guessed_revealed_and_each_phone_counts_once() -> None:
    async def act(stage: Stage) -> None:
        phones = [await stage.phone() for _ in range(5)]
        assert len({one.cookie for one in phones}) == 5
        assert (await phones[0].own("guess", {"round": 1, "guess": [0]})).status == 422, "not yet"
        state = await asking(stage)
        good = middle(state)
        for one in phones * 3:  # each guesses again, and again after a reload
            await one.ask(f"/hall/{one.code}")
            assert (await one.own("guess", {"round": 1, "guess": good})).status == 200
        before = (await stage.lecturer.own("results")).said
        assert before["answered"] == 5 and "guesses" not in before and "told" not in before
        assert (await stage.lecturer.own("results.csv")).status == 422
        after = (await stage.lecturer.own("reveal", {})).said
        assert after["guesses"] == 5 * [good]
        assert sum(count for _, count, _ in after["told"]["groups"]) == 5
        assert (await phones[0].own("guess", {"round": 1, "guess": good})).status == 422, "too late"
        rows = list(csv.DictReader(io.StringIO((await stage.lecturer.own("results.csv")).said)))
        assert len(rows) == 5 and 0 <= float(rows[0]["distance"]) <= 1
        assert (await stage.lecturer.own("reveal", {})).status == 422, "once"

    play(act)


def test_the_right_answer_is_that_of_the_run() -> None:
    from gdviz.topics.descent import run

    async def act(stage: Stage) -> None:
        state = await asking(stage, "end gd")
        told = (await stage.lecturer.own("reveal", {})).said["told"]
        path = run(Descent(lr=0.1, steps=20))["gd"]
        assert told["answers"][0][0] == pytest.approx(path.x[-1, 0], rel=1e-12)
        assert state["question"]["kind"] == "x"

    play(act)


def test_only_the_lecturer_steers_asks_reveals_counts_and_closes() -> None:
    async def act(stage: Stage) -> None:
        await asking(stage)
        others = [await stage.phone(f"10.0.1.{i}") for i in range(3)]
        others[1].secret, others[2].secret = stage.lecturer.code, stage.lecturer.secret[:-1] + "!"
        for one in others:
            for name in ("steer", "ask", "reveal", "close"):
                assert (await one.own(name, SHOWN)).status == 403, name
            for name in ("results", "results.csv"):
                assert (await one.own(name)).status == 403, name
        assert (await stage.lecturer.own("results")).said["phase"] == hall.ASKING
        assert (await stage.lecturer.own("close", {})).status == 200
        assert (await others[0].own("now")).status == 404

    play(act)


def test_forged_guesses_and_nonsense_are_refused_and_count_nothing() -> None:
    async def act(stage: Stage) -> None:
        state = await asking(stage)
        phone, good = await stage.phone(), {"round": 1, "guess": middle(state)}
        stranger = Client(stage.app)
        stranger.code = stage.lecturer.code
        for cookie in ("", f"{COOKIE}=", f"{COOKIE}=abc.def", phone.cookie[:-1] + "-"):
            stranger.cookie = cookie
            assert (await stranger.own("guess", good)).status == 403
        for body in (
            b"",
            b"[]",
            b"{",
            b"null",
            b"\xff",
            b"[" * 900,
            {"guess": "<b>"},
            {"round": 1},
        ):
            assert (await phone.own("guess", body)).status == 422, body
        assert (await phone.own("guess", b"1" * 2000)).status == 413
        assert (await stage.lecturer.own("steer", b" " * 40_000)).status == 413
        assert (await stage.lecturer.own("ask", {"question": "nobody"})).status == 422
        assert (await stage.lecturer.own("results")).said["answered"] == 0

    play(act)


def test_who_tries_codes_or_opens_halls_without_end_is_stopped_and_others_are_not() -> None:
    async def act(stage: Stage) -> None:
        thief = Client(stage.app, "10.9.9.9")
        codes = [hall.new_hall()[0].code for _ in range(70)]
        seen = [(await thief.ask(f"/hall/{code}/now")).status for code in codes]
        assert seen[:50] == 50 * [404] and seen[-1] == 429
        assert (await thief.ask(f"/hall/{stage.lecturer.code}/now")).status == 429, "not by luck"
        assert (await stage.lecturer.own("now")).status == 200
        inside, neighbour = await stage.phone(), await stage.phone("10.0.0.2")
        stage.lecturer.host = inside.host = thief.host
        assert (await inside.own("now")).status == 200, "who is in stays in, at any address"
        assert (await stage.lecturer.own("steer", SHOWN)).status == 200
        for forged in (neighbour.cookie[:-1] + "x", f"{COOKIE}=a.b"):
            inside.cookie = forged
            assert (await inside.own("now")).status == 429
        opened = [(await thief.ask("/hall", {})).status for _ in range(30)]
        assert opened[:10] == 10 * [201] and opened[-1] == 429

    play(act)


def test_a_page_of_another_site_uses_up_nothing_and_a_link_leads_in() -> None:
    async def act(stage: Stage) -> None:
        victim = Client(stage.app, "10.9.9.9")
        for mode in ("no-cors", "cors", "navigate"):
            victim.more = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode}
            opened = [(await victim.ask("/hall", {})).status for _ in range(30)]
            assert opened == 30 * [403], mode
            if mode != "navigate":
                asked = [(await victim.ask(f"/hall/{'A' * 8}/now")).status for _ in range(70)]
                assert asked == 70 * [403]
        assert (await victim.ask(f"/hall/{stage.lecturer.code}")).status == 200
        victim.more = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
        assert (await victim.ask("/hall", {})).status == 201

    play(act)


def test_an_address_has_so_many_phones_and_a_reload_is_none(monkeypatch: Any) -> None:
    monkeypatch.setattr(routes, "JOINED", (1e-9, 3))

    async def act(stage: Stage) -> None:
        first, *_ = [await stage.phone("10.9.9.9") for _ in range(3)]
        for status, one in ((429, Client(stage.app, "10.9.9.9")), (200, first)):
            page = await one.ask(f"/hall/{stage.lecturer.code}")
            assert page.status == status and ("set-cookie" in page.headers) is False
        await stage.phone("10.0.0.2")

    play(act)


def test_halls_compute_in_the_turn_of_where_their_lecturer_is() -> None:
    """Who opens twenty halls has no more than one of them would have."""
    turns = []

    async def compute(client: Any, make: Callable[[], Any]) -> Any:
        turns.append(client)
        return make()

    async def act() -> None:
        app = Starlette(routes=HallRoutes(MemoryStore(), compute).routes())
        for host in ("10.0.0.1", "10.0.0.1", "10.0.0.2"):
            one = Client(app, host)
            opened = (await one.ask("/hall", {})).said
            one.code, one.secret = hall.read_code(opened["code"]), opened["secret"]
            await one.own("steer", SHOWN)
            assert (await one.own("ask", {"question": "ending gd"})).status == 200

    in_loop(act())
    (a, b, c) = turns
    assert a.address == b.address != c.address and a.session != b.session


def test_a_hall_ends_ten_minutes_after_its_lecturer_was_last_there() -> None:
    async def act(stage: Stage) -> None:
        phone = await stage.phone()
        for _ in range(5):
            stage.clock.now += 0.9 * LIFE
            assert (await stage.lecturer.own("results")).status == 200
        stage.clock.now += 1.01 * LIFE
        assert (await phone.own("now")).status == 404
        assert (await stage.lecturer.own("results")).status == 404
        page = await phone.ask(f"/hall/{phone.code}")
        assert page.status == 404 and "no hall of this code" in page.said

    play(act)


def test_a_code_that_is_typed_leads_to_its_hall_and_words_of_others_are_no_markup() -> None:
    async def act(stage: Stage) -> None:
        code = stage.lecturer.code
        typed = await stage.lecturer.ask(f"/hall?code={hall.spell(code).lower()}")
        assert typed.status == 303 and typed.headers["location"] == f"hall/{code}"
        door = await stage.lecturer.ask("/hall?code=<script>alert(1)</script>")
        assert door.status == 200 and "<script>" not in door.said
        assert "not a code" in door.said
        assert "not a code" not in (await stage.lecturer.ask("/hall")).said

    play(act)


def test_without_room_and_without_a_shared_store_a_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def act() -> None:
        stage = await staged(MemoryStore(most=1))
        full = await stage.lecturer.ask("/hall", {})
        assert full.status == 422 and "too many halls" in full.said["words"]
        monkeypatch.setenv("GDVIZ_REPLICA", "r1")
        alone = await stage.lecturer.ask("/hall", {})
        assert alone.status == 501 and "GDVIZ_REDIS" in alone.said["words"]

    in_loop(act())


# --- what phones are told -------------------------------------------------------------------------


def header_of(scene: str) -> dict[str, Any]:
    """Return the header of a scene as phones get it."""
    message = zlib.decompress(base64.b64decode(scene))
    length = struct.unpack_from("<I", message)[0]
    return json.loads(message[4 : 4 + length])


async def next_news(stream: Any) -> dict[str, Any]:
    async with asyncio.timeout(20):
        async for part in stream:
            if part.startswith(b"data: "):
                return json.loads(part[6:])
    raise AssertionError("the stream has ended")


def test_a_phone_gets_each_picture_once_the_newest_only_and_no_background_under_a_hand() -> None:
    async def act(stage: Stage) -> None:
        halls_ = stage.routes.halls
        steer = stage.lecturer.own
        async with aclosing(halls_.follow(stage.lecturer.code, "")) as stream:
            assert (await next_news(stream))["page"] == ""
            await steer("steer", SHOWN)
            first = await next_news(stream)
            scene = header_of(first["scene"])
            tag, message = background_message(picture(Descent(lr=0.1, steps=20)).background)
            assert scene["background"] == tag and scene["steps"] == 20
            assert scene["roam"] == "descent?descent_lr=0.1&descent_steps=20"
            phone = await stage.phone()
            assert (await phone.own(f"background/{tag}")).said == json.loads(message)
            assert (await phone.own("background/abc")).status == 404
            pictures._backgrounds.clear()
            assert (await phone.own(f"background/{tag}")).said == json.loads(message), "made again"
            await steer("steer", {**SHOWN, "step": 4})
            moved = await next_news(stream)
            assert moved["step"] == 4 and "scene" not in moved, "the picture is there already"
            for rate in (0.11, 0.12, 0.13):
                await steer("steer", {"page": "descent", "query": f"lr={rate}", "held": True})
            held = await next_news(stream)
            assert held["query"] == "lr=0.13" and held["held"]
            assert "background" not in header_of(held["scene"])
            await steer("close", {})
            assert (await next_news(stream)) == {"closed": True}

    play(act)


def test_who_is_slow_or_late_gets_what_is_newest_with_its_picture() -> None:
    async def act() -> None:
        crowd = audience.Audience()
        state = hall.steer(hall.HallState(), SHOWN)
        slow = crowd.news()
        assert (await anext(slow)).startswith(b"retry: ")
        crowd.show(state, audience.Shown("one"))
        assert json.loads((await anext(slow))[6:])["scene"] == "one"
        crowd.show(state, audience.Shown("two"))
        crowd.show(state._replace(n=9), None)
        newest = json.loads((await anext(slow))[6:])
        assert newest["n"] == 9 and newest["scene"] == "two"
        crowd.show_trouble()
        assert "cannot be reached" in json.loads((await anext(slow))[6:])["trouble"]
        crowd.show(state._replace(n=9), None)
        assert "scene" not in json.loads((await anext(slow))[6:])
        crowd.end()
        assert json.loads((await anext(slow))[6:]) == {"closed": True}
        with pytest.raises(StopAsyncIteration):
            await anext(slow)

    in_loop(act())


def test_settings_without_a_picture_are_a_sentence() -> None:
    from gdviz.server.hall.pictures import shown_at

    typed = "function=typed&formula=x%2B("
    found = shown_at("descent", typed, False)
    assert found.scene or found.sorry
    assert header_of(shown_at("race", "surface=bowl", True).scene)["steps"] > 0


def test_a_stream_ends_when_the_phone_leaves_and_is_not_counted_any_more() -> None:
    async def act(stage: Stage) -> None:
        code, leave = stage.lecturer.code, asyncio.Event()
        heard: list[Any] = []

        async def receive() -> Any:
            await leave.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            heard.append(message)
            if b"data: " in message.get("body", b""):
                assert (await stage.lecturer.own("results")).said["phones"] == 1
                leave.set()

        await EventStream(stage.routes.halls.follow(code, ""))(scope(), receive, send)
        headers = dict(heard[0]["headers"])
        assert headers[b"content-type"].startswith(b"text/event-stream")
        assert headers[b"x-accel-buffering"] == b"no" and b"content-length" not in headers
        assert (await stage.lecturer.own("results")).said["phones"] == 0

    play(act)


def test_two_thousand_phones_are_told_while_others_have_their_turns() -> None:
    """Each turn of the loop tells a few; all get the newest, whoever left meanwhile."""

    async def act() -> None:
        told, turns = [], []
        crowd = audience.Audience()

        async def listen(phone: int) -> None:
            async for part in crowd.news():
                if part.startswith(b"data"):
                    told.append((phone, part))

        phones = [asyncio.create_task(listen(i)) for i in range(200)]
        await asyncio.sleep(0)
        crowd.show(hall.HallState(n=1), None)
        phones[150].cancel()
        while len(told) < 199:
            turns.append(len(told))
            await asyncio.sleep(0)
        assert max(np.diff(turns)) <= audience.AT_ONCE and len(turns) >= 199 / audience.AT_ONCE
        assert [phone for phone, _ in told] == [i for i in range(200) if i != 150]
        crowd.end()
        await asyncio.gather(*phones, return_exceptions=True)
        assert sum(b"closed" in part for _, part in told) == 199 and not crowd._waiting

    in_loop(act())


def test_long_messages_and_other_halls_share_what_a_process_sends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def act() -> None:
        telling: set[audience.Audience] = set()
        crowds = [audience.Audience(telling) for _ in range(2)]
        streams = [crowd.news() for crowd in crowds for _ in range(audience.AT_ONCE + 1)]
        phones = [asyncio.create_task(anext(stream)) for stream in streams]
        await asyncio.gather(*phones)
        phones = [asyncio.create_task(anext(stream)) for stream in streams]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        pauses: list[float] = []
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "call_later", lambda pause, wake: pauses.append(pause))
        crowds[0].show(hall.HallState(n=1), None)
        crowds[1].show(hall.HallState(n=1), audience.Shown("x" * 3 * audience.PART))
        for phone in phones:
            phone.cancel()
        short = audience.AT_ONCE / audience.PARTS_A_SECOND
        assert pauses == pytest.approx([short, short * 4 * 2])

    in_loop(act())


class Broken(MemoryStore):
    """A store that stops to answer and comes back."""

    gone = False

    async def find(self, code: str) -> Any:
        if self.gone:
            raise StoreGone
        return await super().find(code)


def test_while_the_store_is_gone_the_hall_says_so_and_then_goes_on() -> None:
    async def act() -> None:
        store = Broken()
        stage = await staged(store)
        code = stage.lecturer.code
        async with aclosing(stage.routes.halls.follow(code, "")) as stream:
            assert (await next_news(stream))["n"] == 0
            store.gone = True
            refused = await stage.lecturer.own("steer", SHOWN)
            assert refused.status == 424 and "cannot be reached" in refused.said["words"]
            store._changed("")
            assert "cannot be reached" in (await next_news(stream))["trouble"]
            store.gone = False
            store._changed("")
            assert (await next_news(stream))["n"] == 0

    in_loop(act())


def test_one_address_leaves_room_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(stage: Stage) -> None:
        monkeypatch.setattr(halls, "OF_ADDRESS", 1)
        all_halls, code = stage.routes.halls, stage.lecturer.code
        async with aclosing(all_halls.follow(code, "here")) as stream:
            await next_news(stream)
            assert not all_halls.has_room(code, "here") and all_halls.has_room(code, "there")
        assert all_halls.has_room(code, "here"), "who leaves makes room"

    play(act)


def test_a_hall_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(stage: Stage) -> None:
        monkeypatch.setattr(halls, "MOST_PHONES", 0)
        assert (await stage.lecturer.own("stream")).status == 429
        monkeypatch.setattr("gdviz.server.hall.store.MOST_GUESSES", 1)
        good = {"round": 1, "guess": middle(await asking(stage))}
        one, two = await stage.phone(), await stage.phone()
        assert (await one.own("guess", good)).status == 200
        assert (await two.own("guess", good)).status == 422
        assert (await one.own("guess", good)).status == 200, "who has guessed may change it"

    play(act)
