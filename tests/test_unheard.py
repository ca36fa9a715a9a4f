"""What an old message says of a knob does not undo what Python has set since; a new one does."""

from typing import Any

import pytest
import streamlit as st

from gdviz.ui import unheard
from gdviz.ui.controls import sync_query


class Address(dict[str, list[str]]):
    """The link as a message says it; counts how often Python has told it."""

    told = 0

    def get_all(self, name: str) -> list[str]:
        return self.get(name, [])

    def update(self, *given: Any) -> None:
        super().update(*given)
        self.told += 1


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {"race_x0": 1.0, "race_surface": "bowl"}
    monkeypatch.setattr(st, "session_state", kept)
    monkeypatch.setattr(st, "query_params", Address(race_x0=["1.0"], race_tab=["Maths"]))
    return kept


def message(session: dict[str, Any], address: Address, **knobs: Any) -> None:
    """Begin a run with a message: the link and the widgets that the browser had."""
    st.query_params = address  # type: ignore[assignment]
    session.update(knobs)
    unheard.set_again()


def test_an_old_message_undoes_nothing_and_a_new_one_is_heard(session: dict[str, Any]):
    old = Address(race_x0=["1.0"])
    unheard.set_knob("race_x0", 2.0)
    sync_query("race", {"race_x0": ["2.0"]})
    message(session, old, race_x0=1.0)
    assert session["race_x0"] == 2.0
    message(session, old, race_x0=3.0)  # what the visitor types meanwhile is heard
    assert session["race_x0"] == 3.0
    sync_query("race", {"race_x0": ["3.0"]})
    message(session, Address(race_x0=["3.0"], race_step=["4"], race_tab=["Code"]), race_x0=1.0)
    assert session["race_x0"] == 1.0, "who has heard may go back to the old value"


def test_a_run_that_was_cut_short_before_it_told_the_link_counts(session: dict[str, Any]):
    sync_query("race", {"race_x0": ["1.0"]})
    unheard.set_knob("race_x0", 2.0)
    message(session, Address(race_x0=["1.0"]), race_x0=1.0)
    assert session["race_x0"] == 2.0


def test_a_widget_that_says_the_old_value_was_not_set_by_the_visitor(session: dict[str, Any]):
    assert unheard.is_meant("race_surface")
    unheard.set_knob("race_surface", "rosenbrock")
    sync_query("race", {"race_surface": ["rosenbrock"]})
    st.query_params = Address()  # type: ignore[assignment]
    session["race_surface"] = "bowl"
    assert not unheard.is_meant("race_surface")
    session["race_surface"] = "himmelblau"
    assert unheard.is_meant("race_surface")


def test_nothing_is_set_on_a_page_that_was_left_or_after_an_answer_was_lost(
    session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    unheard.set_knob("race_x0", 2.0)
    del session["race_x0"]
    unheard.set_again()
    assert "race_x0" not in session
    session["race_x0"] = 1.0
    with monkeypatch.context() as later:
        later.setattr(unheard, "PATIENCE", -1.0)
        unheard.set_again()
    assert session["race_x0"] == 1.0
    unheard.forget()
    unheard.set_again()
    assert session["race_x0"] == 1.0


def test_the_link_is_told_again_where_an_answer_under_way_says_otherwise(session: dict[str, Any]):
    first, second = {"race_x0": ["1.0"]}, {"race_x0": ["2.0"]}
    sync_query("race", second)
    assert (st.query_params.told, dict(st.query_params)) == (1, {**second, "race_tab": ["Maths"]})
    st.query_params = Address(first)  # type: ignore[assignment]
    sync_query("race", first)  # the browser has not heard of the second
    assert st.query_params.told == 1
    sync_query("race", first)
    assert st.query_params.told == 1


def test_after_back_the_link_alone_does_not_tell_who_has_heard(session: dict[str, Any]):
    here, there = {"race_x0": ["1.0"]}, {"race_x0": ["2.0"]}
    sync_query("race", here)
    message(session, Address(there))  # Back has led there, and Python follows
    unheard.set_knob("race_x0", 2.0)
    sync_query("race", there)
    mark = st.query_params.get_all(unheard.MARK)
    assert mark
    message(session, Address(there), race_x0=1.0)  # a press of before the answer
    assert session["race_x0"] == 2.0
    sync_query("race", there)
    message(session, Address(there, **{unheard.MARK: mark}), race_x0=1.0)
    assert session["race_x0"] == 1.0, "who has heard may go back to the old value"
