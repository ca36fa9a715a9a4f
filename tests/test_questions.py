"""Questions about a run: how far a guess is off, what is not asked, the route that tells them."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from cases import each

from gdviz.catalogue import lookup, usual_questions
from gdviz.catalogue.question import (
    Question,
    ask_choice,
    ask_place,
    distance,
    in_view,
    is_valid,
    score,
)
from gdviz.queries import to_query
from gdviz.server.questions_asked import ask
from gdviz.topics.backprop import Playground
from gdviz.topics.descent import Descent
from gdviz.topics.integration import Integration
from gdviz.topics.race import Race
from gdviz.topics.race.compare import Compare
from gdviz.topics.recommender import Recommender

LAYOUT = {
    "xaxis": {"range": [-2, 6]},
    "yaxis": {"range": [10, 0]},
    "xaxis2": {"type": "log", "range": [-3, 1]},
    "yaxis2": {"range": [0, 1]},
    "yaxis3": {"range": [0, 4]},
}


def seen(kind: str, at: tuple[float, ...], panel: int = 0) -> Question:
    (asked,) = ask_place("q", "Where?", kind, at, "There.", panel)
    (found,) = in_view(asked, LAYOUT)
    return found


def test_the_axes_bound_a_guess_as_they_are_seen() -> None:
    """An axis may be upside down, logarithmic, or shared by panels above each other."""
    assert seen("point", (1.0, 2.0))[5:7] == ((-2, 0), (6, 10))
    log = seen("x", (0.1,), 1)
    assert np.allclose([log.low, log.high], [[1e-3], [10]]) and log.logs == (True,)
    assert seen("point", (1.0, 2.0), 2)[5:7] == ((-2, 0), (6, 4))
    for kind, at in (("point", (1.0, 11.0)), ("x", (7.0,)), ("y", (-1.0,))):
        (asked,) = ask_place("q", "Where?", kind, at, "There.")
        assert in_view(asked, LAYOUT) == ()
    assert in_view(ask_place("q", "?", "y", (1.0,), ".", 3)[0], {"yaxis": {}}) == ()


def test_what_is_no_guess_is_told_and_a_list_is_one() -> None:
    place, choice = seen("point", (1.0, 2.0)), ask_choice("c", "Which?", ("a", "b"), [1], "b.")[0]
    log = seen("x", (0.1,), 1)
    assert score(choice, [1]) == score(choice, np.array([1])) == score(place, [1, 2.0]) == 100
    for asked in (place, choice, log):
        for odd in (None, 5, "1", (), ["a"], (math.nan,), (math.inf, 0.0), (0.0,) * 3, (-1e308,)):
            with pytest.raises(ValueError, match="guess"):
                score(asked, odd)


def test_a_guess_is_scored_by_what_it_is_off() -> None:
    """By hand: a quarter of the range is worth nothing; the nearest answer counts."""
    plain, log = seen("x", (2.0,)), seen("x", (0.1,), 1)
    assert [score(plain, (v,)) for v in (2, 1, 3, 4, -2)] == [100, 50, 50, 0, 0]
    assert [score(log, (v,)) for v in (0.1, 0.1 * 10**0.5, 1.0, 1e-3)] == [100, 50, 0, 0]
    two = plain._replace(answers=((0.0,), (4.0,)))
    assert score(two, (4.0,)) == 100 and score(two, (3.0,)) == 50
    corner = seen("point", (2.0, 5.0))
    assert math.isclose(distance(corner, (2.8, 6.0)), math.hypot(0.1, 0.1))
    (one,) = ask_choice("c", "Which?", ("a", "b", "c"), {0, 2}, "Both.")
    assert [score(one, (float(i),)) for i in range(3)] == [100, 0, 100]


@each("kind, at, panel", [("point", (1.0, 2.0), 0), ("x", (0.1,), 1), ("y", (9.0,), 0)])
def test_guesses_of_every_size_have_a_score(kind: str, at: tuple[float, ...], panel: int) -> None:
    """In twelve orders of magnitude, and what is no number: not valid, or from 0 to 100."""
    asked, rng = seen(kind, at, panel), np.random.default_rng(0)
    size = 10.0 ** rng.uniform(-6, 6, (2000, len(at))) * rng.choice([-1, 1], (2000, len(at)))
    valid = [tuple(g) for g in size.tolist() if is_valid(asked, tuple(g))]
    assert len(valid) > 50
    assert all(0 <= score(asked, g) <= 100 and 0 <= distance(asked, g) <= 1 for g in valid)
    for bad in (math.nan, math.inf, -math.inf):
        assert not is_valid(asked, (bad,) * len(at))
    assert not is_valid(asked, ()) and not is_valid(asked, at + at)


def test_of_choices_only_a_whole_number_in_range_is_a_guess() -> None:
    (one,) = ask_choice("c", "Which?", ("a", "b"), {1}, "b.")
    assert is_valid(one, (0.0,)) and is_valid(one, (1,))
    for bad in ((-1.0,), (2.0,), (0.5,), (math.nan,), (), (0.0, 1.0)):
        assert not is_valid(one, bad)


def test_what_is_not_decided_is_not_asked() -> None:
    usual = usual_questions
    assert ask_place("q", "?", "x", (math.nan,), ".") == ()
    assert ask_choice("c", "?", ("a", "b"), (), ".") == ask_choice("c", "?", ("a",), {0}, ".") == ()
    assert usual.ask_lowest("?", {"a": 1.0, "b": 1.0005}, 2.0, "f =") == ()  # nobody can see it
    assert usual.ask_lowest("?", {"a": 1.0, "b": 1.0}, 2.0, "f =") == ()  # a tie of all
    (tie,) = usual.ask_lowest("?", {"a": 1.0, "b": 1.0, "c": 1.5}, 2.0, "f =")
    assert tie.answers == ((0.0,), (1.0,))
    assert usual.ask_lowest("?", {"a": math.inf, "b": math.inf}, 2.0, "f =") == ()
    assert usual.ask_share("s", "?", 0.501, (0.1, 0.5), ".") == ()
    assert usual.ask_share("s", "?", math.nan, (0.1, 0.5), ".") == ()
    steps = np.arange(5)
    assert usual.ask_turn("t", "?", steps, np.array([5, 4, 3, 2, 1.0]), 0) == ()  # still falls
    assert usual.ask_turn("t", "?", steps, np.array([1, 2, 3, 4, 5.0]), 0) == ()  # only rises
    (turns,) = usual.ask_turn("t", "?", steps, np.array([5, 2, 1, 2, 5.0]), 0)
    assert turns.answers == ((2.0,),)


def ids(spec: object) -> list[str]:
    return [question.id.split()[0] for question in lookup.questions(spec)]


def test_a_run_that_leaves_open_what_it_is_is_not_asked_for_it() -> None:
    """On a plateau: whether it is a minimum cannot be told. A lost run has no end to point at."""
    flat = Descent(function="typed", formula="0*x + 1")
    assert "ending" not in ids(flat) and "lowest" not in ids(flat)
    gone = Descent(function="parabola", lr=1.1, x0=0.3, steps=400)
    assert "end" not in ids(gone) and "ending" in ids(gone)
    vague = Integration(function="typed", formula="sin(x)/x", reach="right", a=1.0)
    for spec in (vague, Integration(a=1.0, b=1.0)):
        assert "height" not in ids(spec)
    assert lookup.questions(Compare(budget=2000, starts=100)) == ()  # it would take a bar


def test_the_route_tells_what_the_library_asks() -> None:
    spec = Race(surface="himmelblau", methods=("gd", "adam", "newton"))
    for given in (spec, replace(spec, hidden=True)):
        answer = ask("race", to_query(given))
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        told = json.loads(bytes(answer.body))
        assert told == json.loads(json.dumps([q._asdict() for q in lookup.questions(spec)]))
    other = json.loads(bytes(ask("race", to_query(replace(spec, x0=3.0))).body))
    assert [q["answers"] for q in other] != [q["answers"] for q in told]


def test_the_route_answers_no_other_page_and_long_trainings_by_a_sentence() -> None:
    for page in ("home", "../race", "nope", "sweep"):
        assert ask(page, "").status_code == 404
    slow = ask("recommender", to_query(Recommender(factors=100, epochs=200, solver="svdpp")))
    assert slow.status_code == 422 and b"too long" in bytes(slow.body)
    own = ask("recommender", to_query(Recommender(data="upload")))
    assert own.status_code == 422 and bytes(own.body).endswith(b".")
    many = ask("backprop", to_query(Playground(hidden="nonsense")))
    assert many.status_code == 422


HOSTILE = [
    "lr=nan&x0=inf&steps=1e9",
    "function=typed&formula=__import__('os')",
    "surface=typed&formula=1/0&gd_lr=<script>",
    "function=typed&formula=9**9**9**9&left=5&right=5",
    "&".join(f"a{i}=1" for i in range(500)),
    "%00%ff=%fe&lr=%00",
]


@each("query", HOSTILE)
@pytest.mark.parametrize("page", ["race", "descent", "integration", "importance", "geometry"])
def test_hostile_settings_are_defaults_or_a_sentence(page: str, query: str) -> None:
    answer = ask(page, query)
    body = bytes(answer.body).decode()
    assert answer.status_code in (200, 422) and "Traceback" not in body and "NaN" not in body
    if answer.status_code == 422:
        assert 0 < len(body) < 300
