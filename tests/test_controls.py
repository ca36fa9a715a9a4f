"""From knobs to widgets and back: links hold keys, forged values become defaults."""

import re
from dataclasses import make_dataclass
from typing import Annotated, Any

import pytest
from browser import ROOT
from streamlit.testing.v1 import AppTest

from gdviz.knobs import Choice, Choices, Range, Switch, Text
from gdviz.ui.controls import Controls, key_of, show_error, write

APP = ROOT / "tests" / "apps" / "controls_app.py"
DEFAULT = {
    "one": "pear",
    "several": ("apple",),
    "weight": 2.0,
    "count": 3,
    "label": "a basket",
    "ripe": False,
}


def opened(**query: Any) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=30)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def spec(at: AppTest) -> dict[str, Any]:
    """The values that the page has printed."""
    assert [e.message for e in at.exception] == []
    text = at.text[0].value
    return {name: eval(v) for name, v in re.findall(r"(\w+)=(\(.*?\)|'.*?'|[^,)]+)", text)}


def expect(at: AppTest, **changed: Any) -> None:
    assert spec(at) == DEFAULT | changed


def in_link(at: AppTest) -> dict[str, list[str]]:
    names = [name for name in ("basket_one", "basket_several") if name in at.query_params]
    values = {name: at.query_params[name] for name in names}
    return {name: [v] if isinstance(v, str) else list(v) for name, v in values.items()}


def test_without_a_link_all_is_default_and_the_link_stays_short():
    at = opened()
    expect(at)
    assert in_link(at) == {}
    assert at.text[1].value == "moving False"


def test_widgets_take_label_bounds_and_help_from_the_knob():
    at = opened()
    one, several = at.selectbox[0], at.multiselect[0]
    assert (one.label, one.help, one.key) == ("one fruit", "Only one.", "basket_one")
    assert (
        list(one.options) == list(several.options) == ["A red apple", "A green pear", "A blue plum"]
    )
    weight, count = at.number_input
    assert (weight.min, weight.max, weight.value) == (0.5, 20.0, 2.0)
    assert (count.min, count.max, count.value, count.step) == (1, 9, 3, 1)
    assert at.text_input[0].proto.max_chars == 12
    assert at.toggle[0].value is False


def test_choices_are_taken_from_the_keys_in_a_link():
    at = opened(basket_one="apple", basket_several=["plum", "pear"])
    expect(at, one="apple", several=("plum", "pear"))
    assert in_link(at) == {"basket_one": ["apple"], "basket_several": ["plum", "pear"]}


@pytest.mark.parametrize(
    "query",
    [
        {"basket_one": "melon"},
        {"basket_one": "A red apple"},  # the words, not the key
        {"basket_one": ["apple", "plum"]},
        {"basket_one": ""},
        {"basket_several": "melon"},
        {"basket_several": ["apple", "melon"]},
        {"basket_several": ["apple", "pear", "plum"]},  # one more than allowed
        {"basket_several": ""},
        {"one": "apple"},  # of no page
    ],
    ids=str,
)
def test_what_a_link_says_that_is_no_choice_is_the_default(query: dict[str, Any]):
    at = opened(**query)
    expect(at)
    assert in_link(at) == {}


def test_a_choice_is_written_into_the_link_by_its_key():
    at = opened()
    at.selectbox[0].set_value("plum").run()
    expect(at, one="plum")
    assert in_link(at) == {"basket_one": ["plum"]}
    at.multiselect[0].set_value(["plum", "apple"]).run()
    expect(at, one="plum", several=("plum", "apple"))
    assert in_link(at) == {"basket_one": ["plum"], "basket_several": ["plum", "apple"]}
    at.selectbox[0].set_value("pear").run()
    at.multiselect[0].set_value(["apple"]).run()
    expect(at)
    assert in_link(at) == {}


def test_a_link_is_read_once_and_then_the_hand_decides():
    at = opened(basket_one="apple")
    at.selectbox[0].set_value("plum").run()
    at.run()
    expect(at, one="plum")


def test_nothing_chosen_is_said_and_the_default_is_used():
    at = opened()
    at.multiselect[0].set_value([]).run()
    expect(at)
    assert any("choose between one and 2" in c.value for c in at.caption)


def test_a_preset_writes_knobs_of_every_kind():
    at = opened(basket_one="apple")
    at.button[0].click().run()
    expect(at, one="plum", several=("pear",))
    assert in_link(at) == {"basket_one": ["plum"], "basket_several": ["pear"]}
    at.button[1].click().run()
    expect(at, one="plum", several=("plum", "apple"), count=9)


def test_write_makes_lists_of_tuples_and_prefixes_the_page(monkeypatch: pytest.MonkeyPatch):
    state: dict[str, Any] = {}
    monkeypatch.setattr("gdviz.ui.controls.st.session_state", state)
    write("race", {"lr": 0.1, "methods": ("gd", "adam"), "name": "x"})
    set_by_it = {name: value for name, value in state.items() if name.startswith("race_")}
    assert set_by_it == {"race_lr": 0.1, "race_methods": ["gd", "adam"], "race_name": "x"}
    assert key_of("race", "lr") == "race_lr"


KINDS: dict[str, Any] = {
    "weight": (float, Range(0.5, 20.0, "weight"), 2.0),
    "count": (int, Range(1, 9, "count"), 3),
    "one": (str, Choice({"pear": "Pear"}, "one"), "pear"),
    "several": (tuple[str, ...], Choices({"apple": "Apple"}, "several"), ("apple",)),
    "label": (str, Text("label", most=12), "a basket"),
    "ripe": (bool, Switch("ripe"), False),
}


@pytest.mark.parametrize(
    ("name", "forged"),
    [
        ("weight", 1e9),
        ("weight", float("nan")),
        ("count", 2.5),
        ("count", -1),
        ("one", "melon"),
        ("several", ["melon"]),
        ("several", []),
        ("label", "x" * 13),
        ("ripe", "yes"),
    ],
)
def test_what_a_browser_forges_is_checked_again(
    name: str, forged: Any, monkeypatch: pytest.MonkeyPatch
):
    """The bounds of a widget stand in the browser, which is no protection."""
    base, kind, default = KINDS[name]
    spec_type = make_dataclass("Spec", [(name, Annotated[base, kind], default)], frozen=True)
    captions: list[str] = []
    monkeypatch.setattr("gdviz.ui.controls.st.caption", captions.append)
    monkeypatch.setattr("gdviz.ui.controls.draw_widget", lambda knob, key, on_change: forged)
    controls = Controls(spec_type, "page")
    assert controls.draw(name, with_dial=False) == default
    assert controls.spec() == spec_type()
    assert len(captions) == 1 and captions[0].startswith(":red[")


def test_a_complaint_quotes_a_visitor_as_he_wrote(monkeypatch: pytest.MonkeyPatch):
    captions: list[str] = []
    monkeypatch.setattr("gdviz.ui.controls.st.caption", captions.append)
    show_error(ValueError("`[` at column 2, not `a](http://x)` nor ``` nor **b**"))
    assert captions == [r":red[“\[” at column 2, not “a\](http\://x)” nor “\`” nor \*\*b\*\*]"]
