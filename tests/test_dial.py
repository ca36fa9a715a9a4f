"""The dial's Python side: what it takes from the browser, and what it refuses."""

import math

import pytest
from streamlit.testing.v1 import AppTest

from gdviz.ui.component import TAG
from gdviz.ui.dial import DialHand, dial, parse_hand

NOTHING = DialHand(None, False, None)


def test_a_value_within_bounds_is_taken_exactly():
    assert parse_hand({"hand": {"v": 0.123, "down": True, "n": 7}}, 0, 1) == DialHand(
        0.123, True, 7
    )


@pytest.mark.parametrize(("sent", "taken"), [(5, 1.0), (-5, 0.0), (10**400, 1.0), (1, 1.0)])
def test_a_value_is_clamped_and_a_float(sent, taken):
    v = parse_hand({"hand": {"v": sent, "down": False, "n": 1}}, 0, 1).v
    assert v == taken and type(v) is float


@pytest.mark.parametrize(("sent", "taken"), [(3.6, 4), (3, 3), (99, 9), (-99, 1), (10**400, 9)])
def test_a_whole_number_field_gets_an_int_inside_its_bounds(sent, taken):
    v = parse_hand({"hand": {"v": sent, "down": False, "n": 1}}, 0.5, 9.5, integer=True).v
    assert v == taken and type(v) is int


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None, True, "0.5", [0.5], {"v": 1}])
def test_what_is_no_finite_number_sets_nothing(bad):
    assert parse_hand({"hand": {"v": bad, "down": True, "n": 1}}, 0, 1) == DialHand(None, True, 1)


@pytest.mark.parametrize("state", [None, 1, "x", [], {}, {"hand": None}, {"hand": [1]}, {"at": {}}])
def test_a_forged_state_is_ignored(state):
    assert parse_hand(state, 0, 1) == NOTHING


@pytest.mark.parametrize("n", [None, True, -1, 1.5, "1", 2**60, [1], {}])
def test_a_forged_counter_is_not_echoed(n):
    assert parse_hand({"hand": {"v": None, "down": 1, "n": n}}, 0, 1) == NOTHING


@pytest.mark.parametrize(
    ("lo", "hi", "log"),
    [
        (1, 1, False),
        (2, 1, False),
        (0, 1, True),
        (-1, 1, True),
        (0, math.inf, False),
        (math.nan, 1, False),
    ],
)
def test_a_range_that_is_none_is_refused(lo, hi, log):
    with pytest.raises(ValueError, match="no range"):
        dial("k", label="k", lo=lo, hi=hi, value=1, log=log)


def test_it_sends_only_the_marks_on_its_scale_and_a_loader_of_one_line():
    def script():
        from gdviz.ui.dial import Mark, dial

        marks = [Mark(0.5, "in"), Mark(2.0, "out"), Mark(float("nan"), "none")]
        dial("k", label="knob", lo=0.0, hi=1.0, value=0.25, marks=marks)

    at = AppTest.from_function(script).run()
    assert not at.exception
    proto = at.get("bidi_component")[0].proto
    assert '"marks": [[0.5, "in"]]' in proto.json
    assert '"value": 0.25' in proto.json
    assert f"assets/{TAG}/dial.js" in proto.js_content
    assert len(proto.js_content) < 400
