"""Ten thousand links of every page: valid settings or a sentence, and a picture in bounded work."""

import random
from functools import cache
from typing import Any

import pytest
from gauge import Gauge, amounts
from inputs import WORDS, forged, garbled, likely, nested
from starlette.responses import Response
from test_live import get
from test_pages import STEMS, assert_clean, open_page

from gdviz.catalogue import lookup
from gdviz.catalogue.question import is_valid, score
from gdviz.figures.hand import from_text
from gdviz.knobs import knobs, validate
from gdviz.queries import from_query
from gdviz.server.live_scene import live_scene_of
from gdviz.server.questions_asked import ask
from gdviz.topics.backprop.chain.settings import Chain
from gdviz.topics.backprop.layer.settings import OneLayer
from gdviz.topics.regression.houses.settings import Houses
from gdviz.topics.regression.many.settings import Many
from gdviz.ui.chart import parse_point
from gdviz.ui.dial import parse_hand as dial_hand
from gdviz.ui.frame_host import parse_asked
from gdviz.ui.stage import parse_hand, parse_step

LIVE = [stem for stem in STEMS if live_scene_of(stem)]
ROOMS = {"many": Many, "houses": Houses, "chain": Chain, "layer": OneLayer}
LARGEST_SCENE = 8_000_000  # bytes: what the dearest legal race tells of twelve paths


@cache
def owners() -> dict[str, type]:
    """Return the settings of every page and room."""
    return {name: lookup.settings(name) for name in LIVE} | ROOMS


@amounts(some=400, whole=20_000)
def test_a_link_says_valid_settings(amount: int) -> None:
    rng, gauge = random.Random(6), Gauge(amount > 10_000)
    for i in range(amount):
        owner = list(owners().values())[i % len(owners())]
        query = garbled(owner, rng)
        with gauge.one(query):
            spec = from_query(owner, query)
        for name, knob in knobs(owner).items():
            assert validate(knob, getattr(spec, name)) == getattr(spec, name), query
    gauge.report("links")


@pytest.mark.parametrize("page", LIVE)
@amounts(some=3, whole=250)
def test_the_live_route_answers_a_scene_or_a_sentence(page: str, amount: int) -> None:
    """The work of one answer is bounded: by the time in `make fuzz`, always by what it tells."""
    # A compiled kernel is loaded when it is first asked for: that takes half a second more.
    gauge = Gauge(amount > 100, seconds=2.0, megabytes=1500)
    rng = random.Random(7)
    get(page, "")
    for _ in range(amount):
        query = garbled(lookup.settings(page), rng)
        with gauge.one(query):
            answer: Response = get(page, query)
        assert answer.status_code in (200, 422), query
        assert len(answer.body) < LARGEST_SCENE, query
        if answer.status_code == 422:
            words = bytes(answer.body).decode()
            assert 0 < len(words) < 400 and "Traceback" not in words, query
    gauge.report(f"live {page}")


@pytest.mark.parametrize("page", [*LIVE, *(f"regression_{room}" for room in ("many", "houses"))])
@amounts(some=2, whole=250)
def test_the_route_of_questions_answers_what_scores_or_a_sentence(page: str, amount: int) -> None:
    gauge, rng = Gauge(amount > 100, seconds=4.0, megabytes=1500), random.Random(10)
    ask(page, "")
    for _ in range(amount):
        query = garbled(lookup.settings(page), rng)
        with gauge.one(query):
            answer = ask(page, query)
        words = bytes(answer.body).decode()
        assert answer.status_code in (200, 422) and "Traceback" not in words, query
        if answer.status_code == 422:
            assert 0 < len(words) < 400, query
            continue
        for one in lookup.questions(from_query(lookup.settings(page), query)):
            assert all(is_valid(one, a) and score(one, a) == 100 for a in one.answers), query
    gauge.report(f"questions {page}")


@pytest.mark.parametrize("stem", [pytest.param(s, marks=pytest.mark.fuzz) for s in STEMS])
def test_a_page_shows_no_error_for_a_link(stem: str) -> None:
    rng = random.Random(8)
    for _ in range(8):
        query: dict[str, Any] = {}
        if stem in owners():
            for pair in garbled(owners()[stem], rng, f"{stem}_").split("&"):
                name, _, value = pair.partition("=")
                query.setdefault(name, []).append(value)
        query = {k: v for k, v in query.items() if k and k.isascii()}
        query[f"{stem}_tab"] = rng.choice(["Numbers", "Maths", "Pitfalls", *WORDS[:5]])
        query[f"{stem}_view"] = rng.choice(WORDS)
        assert_clean(open_page(stem, query), str(query)[:1500])


# --- what the browser says of a hand --------------------------------------------------------------


@amounts(some=1000, whole=60_000)
def test_a_forged_state_is_a_sound_hand_or_none(amount: int) -> None:
    rng, gauge = random.Random(9), Gauge(amount > 10_000)
    for i in range(amount):
        state = forged(rng) if i % 2 else likely(rng)
        with gauge.one(type(state)):
            hand, step = parse_hand(state), parse_step(state, 60)
            point = parse_point(state)
            turned = dial_hand(state, -5.0, 5.0, integer=bool(i % 3))
            asked = from_text(str(state))
            around = parse_asked(state if i % 3 else {"asked": state})
        assert hand is None or (abs(hand.x) < 1e300 and abs(hand.y) < 1e300 and len(hand.id) <= 40)
        assert hand is None or type(hand.x) is type(hand.y) is float
        assert type(step) is int and 0 <= step <= 60, state
        assert point is None or (type(point) is int and 0 <= point < 1_000_000)
        assert turned.v is None or -5 <= turned.v <= 5
        assert asked is None or abs(asked.x) < 1e300
        assert around is None or (len(around.knobs) <= 200 and type(around.n) is int)
    gauge.report("states")


@pytest.mark.parametrize(
    "state",
    [
        nested(900),
        {"hand": nested(900)},
        "x" * 1_000_000,
        {"hand": {"id": "x" * 1_000_000}},
        [0.0] * 10**6,
    ],
    ids=["deep", "deep hand", "long", "long name", "an array"],
)
def test_a_monstrous_state_says_nothing(state: Any) -> None:
    assert parse_hand(state) is None and parse_step(state, 60) == 60
    assert dial_hand(state, 0, 1).v is None
