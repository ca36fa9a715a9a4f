"""Back leads to a link, and sets a page to it; the page around a frame sets what it names."""

from typing import Any

import pytest
import streamlit as st

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import PAGES
from gdviz.queries import from_query, to_query
from gdviz.ui import frame_host, history


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", kept)
    return kept


@pytest.mark.parametrize("page", [p.stem for p in PAGES if p.has_settings])
def test_back_sets_every_knob_to_what_the_link_says(page: str, session: dict[str, Any]):
    if not lookup.has_topic(page):
        pytest.skip("this page is not set by a link of its own")
    kind = lookup.settings(page)
    for preset in lookup.presets(page):
        spec = kind(**preset.values)
        link = to_query(spec, f"{page}_")
        session.clear()
        session |= {"page_shown": page, f"{page}_text": ["left over"], f"{page}_pins": ["x=1"]}
        history.follow({"went": {"to": f"{page}?{link}&{page}_tab=Maths", "n": 3}})
        assert (history.last_followed(), session[f"{page}_tab"]) == (3, "Maths")
        told = {n: v for n, v in vars(spec).items() if n != "hyper"}
        found = {n: session.get(f"{page}_{n}") for n in told}
        as_widgets = {n: list(v) if isinstance(v, tuple) else v for n, v in told.items()}
        assert found == as_widgets, preset.label
        assert session[f"{page}_pins"] == []
        assert session[f"{page}_preset"] == preset.label, "and its sentence stands there again"


def test_back_sets_the_knobs_of_a_typed_rule_to_those_of_its_text(session: dict[str, Any]):
    session |= {"page_shown": "race", "race_rule_k": 9.0, "race_rule_lr": 9.0, "race_rule_j": 9.0}
    text = "k = 0.5; j = 2; x = x - k*j*lr*g"
    link = to_query(lookup.settings("race")(methods=("rule",), rule=text), "race_")
    history.follow({"went": {"to": f"race?{link}&race_rule_j=3", "n": 3}})
    found = {name: session[f"race_rule_{name}"] for name in ("k", "j", "lr")}
    assert found == {"k": 0.5, "j": 3.0, "lr": 0.1}


def test_what_a_browser_may_forge_changes_nothing(session: dict[str, Any]):
    session["page_shown"] = "race"
    before = dict(session)
    for said in (
        None,
        3,
        {"went": 3},
        {"went": "race?race_x0=1"},
        {"went": {"to": "race?race_x0=1", "n": True}},
        {"went": {"to": "race?race_x0=1", "n": -1}},
        {"went": {"to": ["race"], "n": 1}},
        {"went": {"to": "race?" + "a" * 20_000, "n": 1}},
    ):
        history.follow(said)
    assert session == before
    history.follow({"went": {"to": "mcmc?mcmc_seed=1", "n": 1}})
    assert "mcmc_seed" not in session, "it is not the page that is shown"
    link = "race?race_x0=nan&race_x0=2&race_surface=none&race_tab=%3Cb%3E&%ff=%00"
    history.follow({"went": {"to": link, "n": 2}})
    assert session["race_tab"] == "Curves"
    spec = from_query(lookup.settings("race"), "")
    assert (session["race_x0"], session["race_surface"]) == (spec.x0, spec.surface)


# --- the page around the frame --------------------------------------------------------------------


def ask(knobs: Any, page: str = "descent", n: int = 1) -> None:
    frame_host.obey({"asked": {"page": page, "knobs": knobs, "n": n}})


def test_the_page_around_sets_what_it_names_and_nothing_else(session: dict[str, Any]) -> None:
    session |= {"page_shown": "descent", "descent_x0": 1.25, "descent_lr": 0.1}
    told = {"descent_lr": 0.3, "descent_methods": ["gd", "adam"], "descent_steps": 7}
    ask(told | {"descent_stop": "none", "race_x0": 1.0, "descent_tab": "Code", "steps": 9}, n=4)
    assert frame_host.last_obeyed() == 4
    found = {name: session[f"descent_{name}"] for name in ("lr", "methods", "steps", "stop", "x0")}
    assert found == {
        "lr": 0.3,
        "methods": ["gd", "adam"],
        "steps": 7,
        "stop": "none",
        "x0": 1.25,
    }
    assert "race_x0" not in session and "descent_tab" not in session and "steps" not in session
    ask({"race_x0": 1.0}, page="race")
    assert "race_x0" not in session, "another page than the one shown"


def test_it_sets_knobs_of_a_method_a_room_and_a_rule(session: dict[str, Any]) -> None:
    session["page_shown"] = "race"
    ask({"race_adam_lr": 0.25, "race_rule": "k = 0.5; x = x - k*lr*g"}, page="race")
    assert (session["race_adam_lr"], session["race_rule_k"]) == (0.25, 0.5)
    session |= {"page_shown": "regression", "regression_room": "many"}
    own = lookup.all_knobs("regression_many")
    name = min(set(own) - set(lookup.all_knobs("regression")))
    ask({f"regression_{name}": own[name].default}, page="regression")
    assert f"regression_{name}" in session


def test_what_a_link_could_not_set_stays_and_is_told(session: dict[str, Any]) -> None:
    session |= {"page_shown": "descent", "descent_x0": 1.25}
    wrong = (1e9, "nan", "", "abc", float("nan"), True, None, {}, [1, 2], 10**400, "1" * 5000)
    for n, value in enumerate(wrong):
        ask({"descent_x0": value}, n=n)
        assert session["descent_x0"] == 1.25, value
    assert len(session["refused_in_link"]) >= 6
    before = dict(session)
    knobs = {"descent_x0": 0.5}
    for said in (
        None,
        3,
        {"asked": 3},
        {"asked": {"page": "descent", "knobs": 3, "n": 1}},
        {"asked": {"page": "descent", "knobs": knobs, "n": True}},
        {"asked": {"page": ["descent"], "knobs": knobs, "n": 1}},
        {"asked": {"page": "descent", "knobs": dict.fromkeys(map(str, range(300)), 1), "n": 1}},
    ):
        frame_host.obey(said)
    assert session == before
