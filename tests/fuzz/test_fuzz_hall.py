"""What browsers may say to a hall, from a seed: taken where it is sound, else refused in words."""

import json
import math
import random
from typing import Any

from asgi import in_loop
from gauge import Gauge, amounts
from inputs import WORDS, forged, garbled, nested
from test_hall import PICK, SHOWN, Client, asking, middle, staged

from gdviz.catalogue.lookup import has_topic
from gdviz.server.hall import hall
from gdviz.topics.descent.settings import Descent

NAMES = ("page", "query", "step", "speed", "held", "hidden", "round", "guess", "question", "base")
NUMBERS = (0, -1, 1.5, 1e308, -1e-320, 10**400, math.nan, math.inf, True, None, "0", [], [[0.1]])
REFUSED = (403, 404, 413, 422, 429)


def said(rng: random.Random) -> Any:
    """Return what a browser might say: nearly right, forged, or no object at all."""
    if rng.random() < 0.2:
        return rng.choice([nested(rng.randrange(300)), forged(rng), None, "x" * 3000, [SHOWN]])
    whole: dict[str, Any] = {**SHOWN, "round": 1, "guess": [1], "query": garbled(Descent, rng)}
    for name in rng.choices(NAMES, k=rng.randint(0, 4)):
        whole[name] = rng.choice([*NUMBERS, rng.choice(WORDS), [rng.choice(NUMBERS)] * 2])
    return whole


@amounts(some=400, whole=50_000)
def test_a_state_and_a_guess_are_sound_or_refused(amount: int) -> None:
    rng, gauge = random.Random(26), Gauge(amount > 10_000)
    state, taken = hall.HallState(), 0
    for _ in range(amount):
        told = said(rng)
        if not isinstance(told, dict):
            continue
        with gauge.one(told):
            try:
                state = hall.steer(state, told)
                asked = hall.ask_question(state, PICK)._replace(round=1)
                taken += hall.guess_of(asked, told) in ((0.0,), (1.0,), (2.0,))
            except hall.HallError as error:
                assert str(error).endswith(".")
        assert not state.page or has_topic(state.page)
        assert hall.from_text(hall.to_text(state)) == state, "it is JSON without surprises"
    assert taken
    gauge.report("what is said to a hall")


@amounts(some=150, whole=10_000)
def test_nobody_breaks_a_hall_or_has_a_say_without_its_secret(amount: int) -> None:
    rng, gauge = random.Random(27), Gauge(amount > 5_000)

    async def act() -> None:
        stage = await staged()
        good = {"round": 1, "guess": middle(await asking(stage))}
        phone = await stage.phone()
        assert (await phone.own("guess", good)).status == 200
        before = await stage.routes.halls.store.find(phone.code)
        for _ in range(amount):
            thief = Client(stage.app, f"10.1.{rng.randrange(250)}.{rng.randrange(250)}")
            thief.code = rng.choice(
                [phone.code, phone.code.lower(), rng.choice(WORDS)[:30], "A" * 99]
            )
            thief.secret, thief.cookie = (
                rng.choice(["", "x", "é", phone.code, f"gdviz_hall={'0' * 32}.{'0' * 32}"])
                .encode("ascii", "ignore")
                .decode()
                for _ in "12"
            )
            name = rng.choice(["steer", "ask", "reveal", "close", "guess", "results", "now", "x"])
            body = rng.choice(
                [json.dumps(said(rng)).encode(), rng.randbytes(rng.randrange(60)), b"[" * 9999]
            )
            with gauge.one((name, body)):
                answer = await thief.ask(f"/hall/{thief.code}/{name}", body)
            assert answer.status in (*REFUSED, 405), (name, body, answer)
        assert await stage.routes.halls.store.find(phone.code) == before
        assert (await stage.lecturer.own("results")).said["answered"] == 1

    in_loop(act())
    gauge.report("strangers before a hall")
