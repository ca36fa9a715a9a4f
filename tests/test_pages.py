"""Every page: in the menu, runs clean, and stays so whatever its URL and its visitor do."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from browser import ROOT
from cases import sampled
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Widget

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import FOLDER, PAGES, SECTIONS
from gdviz.knobs import knobs, validate
from gdviz.queries import from_query

SHELL = ROOT / "gdviz" / "ui" / "shell.py"
STEMS = sorted(f.stem for f in FOLDER.glob("*.py"))
PLACES = [(page.stem, room) for page in PAGES for room in ("", *page.rooms)]
QUICK = {  # where each value of a widget costs a long run
    "mcmc": {"mcmc_draws": "500"},
    "race": {"race_starts": "3", "race_trials": "3", "race_budget": "40"},
    "recommender": {"recommender_epochs": "10"},
    "backprop": {"backprop_length": "10", "backprop_count": "20", "backprop_hidden": "2,2"},
}
LONG = 240.0  # seconds for one run: a busy machine is slow, not wrong
LONG_LIST = 12
AT_ONCE = 8  # widgets moved in one run: of all at once, one that is refused would hide the rest

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"
GARBAGE: dict[str, str | list[str]] = {
    "nothing": "",
    "a word": "abc",
    "nan": "nan",
    "infinite": "inf",
    "minus infinite": "-inf",
    "above every bound": "1e300",
    "below every bound": "-1e300",
    "a huge integer": "9" * 400,
    "between two steps": "1.2345678901234567",
    "reversed": ["9", "1"],
    "repeated": ["0.2", "0.2", "0.3"],
    "long": "x" * 5000,
    "deep": "(" * 2500 + ")" * 2500,
    "markup": MARKUP,
    "code": "__import__('os').getcwd()",
    "unicode": "𝜂 ∂ﬁ \u202e ¹²³ 𓀀\u0000",
    "a truth value": "maybe",
}
CHOICES = ("selectbox", "radio", "button_group", "multiselect", "select_slider")
SWITCHES = ("checkbox", "toggle")
NUMBERS = ("number_input", "slider")


@cache
def menu() -> AppTest:
    """Run the shell once: it is what makes the pages and the components known."""
    return AppTest.from_file(SHELL, default_timeout=LONG).run()


def open_page(stem: str, query: dict[str, Any] | None = None, menus: bool = True) -> AppTest:
    """Run a page inside the shell, as the server does, from a URL with this query."""
    at = AppTest.from_file(SHELL, default_timeout=LONG)
    # What a server knows from its first visitor on; AppTest would ask the home page every time.
    at._registered_pages = menu()._registered_pages
    at._bidi_component_manager = menu()._bidi_component_manager
    at.switch_page(f"../../pages/{stem}.py")
    for key, value in (query or {}).items():
        at.query_params[key] = value
    return with_open_menus(at.run()) if menus else at.run()


def with_open_menus(at: AppTest) -> AppTest:
    """Open the menus of a page, as a visitor would: closed ones have no widgets."""
    ids = [block.proto.popover.id for block in at.get("popover") if not block.proto.popover.open]
    for key in (element_id.split("-", 2)[2] for element_id in ids if element_id):
        at.session_state[key] = True
    return at.run() if any(ids) and not at.exception else at


def assert_clean(at: AppTest, what: str) -> None:
    """No exception on the page, and no text of the visitor's in it as markup."""
    assert [e.message for e in at.exception] == [], what
    assert not any(MARKUP in h.value for h in [*at.markdown, *at.html] if allows_html(h)), what


def allows_html(element: Any) -> bool:
    return element.type == "html" or element.proto.allow_html


def widgets(at: AppTest, *kinds: str) -> Iterator[tuple[str, int, Widget]]:
    """Yield (kind, index, widget) of what a visitor can move; the index finds it again."""
    for kind in kinds:
        for index, widget in enumerate(at.get(kind)):
            if not getattr(widget.proto, "disabled", False):
                yield kind, index, widget


def again(at: AppTest, kind: str, index: int, key: str | None) -> Any:
    """Find a widget in a later run: by its key, or by its place if it has none."""
    if key is None:
        return at.get(kind)[index]
    return next((w for w in at.get(kind) if w.key == key), None)


def offers(widget: Any, value: Any) -> bool:
    """Tell whether a widget can take a value now: what it offers may follow the others."""
    asked = value if isinstance(value, list | tuple) else [value]
    options = getattr(widget, "options", None)
    words = getattr(widget, "format_func", str)
    return options is None or all(words(one) in options for one in asked)


@cache
def at_its_defaults(stem: str) -> AppTest:
    """Return the page as it opens, for all who only look."""
    return open_page(stem)


@cache
def names_in_links(stem: str) -> tuple[str, ...]:
    """Return the names that the page's widgets read from the URL."""
    kinds = (*CHOICES, *SWITCHES, *NUMBERS, "text_input", "text_area")
    keys = [w.key for _, _, w in widgets(at_its_defaults(stem), *kinds)]
    return tuple(key for key in keys if key and key.startswith(f"{stem}_"))


def moves(widget: Any, place: int, turn: int = 0) -> list[Any]:
    """Return the values that a visitor may give to a widget, the one at this `place` of its kind.

    Of a long list some are chosen together, or a third, which is another one at the next `turn`.
    """
    match widget.type:
        case "button_group" if not widget._is_single_select:
            return [[option] for option in widget.options] + [[]]
        case "multiselect":
            by = 4 if len(widget.options) > LONG_LIST else 1
            some = [widget.options[k : k + by] for k in range(0, len(widget.options), by)]
            return [*some, widget.options[-1:], []]
        case "checkbox" | "toggle":
            return [not widget.value]
        case "slider" if isinstance(widget.value, tuple | list):
            low, high = widget.min, widget.max
            return [(low, low), (high, high), (low, high)]
        case "number_input" | "slider":  # never all at the end that costs most
            ends = [widget.min, widget.max]
            return ends[::-1] if place % 2 else ends
        case "select_slider" if isinstance(widget.value, tuple | list):
            return [(option, option) for option in widget.options]
        case _ if len(widget.options) > LONG_LIST:
            return [*widget.options[turn % 3 :: 3]]
        case _:
            return list(widget.options)


@pytest.mark.parametrize("stem", STEMS)
def test_the_page_runs_clean(stem: str):
    assert_clean(at_its_defaults(stem), "defaults")
    assert [e.value for e in at_its_defaults(stem).error] == []


@pytest.mark.parametrize("stem", STEMS)
def test_the_page_is_in_the_menu(stem: str):
    told = "add an Entry to PAGES in gdviz/catalogue/pages.py"
    assert [p.stem for p in PAGES].count(stem) == 1, f"pages/{stem}.py is not in the menu: {told}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_the_entry_is_complete(page):
    assert page.path.is_file(), f"its script is missing: write pages/{page.stem}.py"
    assert page.section in SECTIONS, f"choose one of {SECTIONS} (gdviz/catalogue/pages.py)"
    assert page.icon.startswith(":material/") and page.title and page.sentence.endswith(".")


def test_no_knob_takes_garbage():
    """Each knob of each page meets each kind, alone and among others: it keeps to its bounds."""
    for page in lookup.packages():
        kind = lookup.settings(page)
        declared, values = knobs(kind), list(GARBAGE.values())
        queries = [{name: value} for name in declared for value in values]
        queries += [
            {name: values[(k + shift) % len(values)] for k, name in enumerate(declared)}
            for shift in range(len(values))
        ]
        for query in queries:
            spec = from_query(kind, query)
            for name, knob in declared.items():
                value = getattr(spec, name)
                assert validate(knob, value) == value, f"{page}: {str(query)[:1000]}"


# A page is run with two of the seventeen: all kinds come to each name of the frame on some page,
# and `test_no_knob_takes_garbage` brings each to every knob.
GARBLED = [
    (stem, (5 * k + i) % len(GARBAGE)) for i, stem in enumerate(STEMS) for k in sampled(range(7), 6)
]


@pytest.mark.parametrize(("stem", "shift"), GARBLED)
def test_the_page_survives_a_garbled_link(stem: str, shift: int):
    """Name k meets the kind k + shift."""
    names = [*names_in_links(stem), "lecture", "no_such_name"]
    values = list(GARBAGE.values())
    query = {name: values[(k + shift) % len(values)] for k, name in enumerate(names)}
    assert_clean(open_page(stem, query, menus=bool(shift % 2)), str(query)[:2000])


@pytest.mark.parametrize(("stem", "room"), PLACES)
def test_the_page_survives_every_value_of_every_widget(stem: str, room: str):
    """Every option, both states of a switch, both ends of a number; the others are as they were."""
    at = open_page(stem, QUICK.get(stem, {}) | ({f"{stem}_room": room} if room else {}))
    found = [
        ((kind, index, widget.key), widget)
        for kind, index, widget in widgets(at, *CHOICES, *SWITCHES, *NUMBERS)
        if widget.key != f"{stem}_room"
    ]
    first = {place: widget.value for place, widget in found}
    left = {place: moves(widget, place[1], STEMS.index(stem)) for place, widget in found}
    for _ in range(sum(map(len, left.values()))):
        turn = sorted(filter(left.get, left), key=lambda place: -len(left[place]))[:AT_ONCE]
        moved = {place: left[place].pop(0) for place in turn}
        for place, value in (first | moved).items():
            widget = again(at, *place)
            if widget is None or widget.proto.disabled:
                continue
            if value != widget.value and offers(widget, value):
                widget.set_value(value)
        assert_clean(at.run(), str(moved))
        if not any(left.values()):
            return


@pytest.mark.parametrize("stem", STEMS)
def test_the_page_survives_every_button(stem: str):
    """Of presets some: each is run, drawn and held to its words in other tests."""
    at = open_page(stem)
    buttons = list(widgets(at, "button"))
    presets = [button for button in buttons if "_preset_" in (button[2].key or "")]
    others = [button for button in buttons if button not in presets]
    for kind, index, first in [*sampled(presets, 3, at=len(stem)), *others]:
        button = again(at, kind, index, first.key) or again(
            at := open_page(stem), kind, index, first.key
        )
        button.click()
        assert_clean(at.run(), f"button {first.label}")


def test_no_page_script_lies_outside_the_folder():
    assert {p.path.parent for p in PAGES} == {FOLDER} and Path(FOLDER).is_dir()
