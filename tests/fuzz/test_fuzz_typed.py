"""Every typed field of every page: whatever formula stands in it, the page shows no error."""

import random
from typing import Any, NamedTuple

import pytest
from gauge import amounts
from inputs import corner, text_for
from jagged import jagged
from test_pages import QUICK, assert_clean, open_page

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import PAGES
from gdviz.expressions import FormulaError, formula
from gdviz.knobs import Knob, Text, knobs
from gdviz.topics.backprop.chain.settings import Chain
from gdviz.topics.backprop.layer.settings import OneLayer
from gdviz.topics.sweep.settings import Sweeping
from gdviz.ui.page_state import TABS

ROOMS = {"chain": Chain, "layer": OneLayer}
VARIABLES = {"race": "xy", "mcmc": "xxy", "chain": "wx"}
COSTLY = {"draws", "epochs", "n", "steps"}  # how long a run may take is measured elsewhere


class Field(NamedTuple):
    """A typed field: its page, the room if it is in one, the settings it belongs to, its knob."""

    page: str
    room: str
    owner: type
    knob: Knob


def fields() -> list[Field]:
    """Return every typed field that the registries know."""
    owners = [(e.stem, "", lookup.settings(e.stem)) for e in PAGES if lookup.has_topic(e.stem)]
    owners += [("backprop", name, owner) for name, owner in ROOMS.items()]
    return [
        Field(page, room, owner, knob)
        for page, room, owner in [*owners, ("sweep", "", Sweeping)]
        for knob in knobs(owner).values()
        if isinstance(knob.kind, Text)
    ]


def link(field: Field, rng: random.Random) -> dict[str, Any]:
    """Return a link with a formula in the field, at settings that some of which are at an edge."""
    asked: dict[str, Any] = {
        name: corner(knob.kind, rng)
        for name, knob in knobs(field.owner).items()
        if name not in COSTLY and not isinstance(knob.kind, Text) and rng.random() < 0.15
    }
    asked |= {need.names[0]: rng.choice(need.values) for need in field.knob.needs}
    text = jagged(rng, VARIABLES.get(field.room or field.page, "x"))
    if rng.random() < 0.1:
        text = text_for(field.knob.kind, rng)  # type: ignore[arg-type]
    asked[field.knob.name] = text
    asked |= {"room": field.room} if field.room else {}
    asked["tab"] = rng.choice([*TABS, "Curves"])
    return {f"{field.page}_{name}": value for name, value in asked.items()} | QUICK.get(
        field.page, {}
    )


def is_read(text: str) -> bool:
    try:
        formula(text, ("x", "y"))
    except FormulaError:
        return False
    return True


def test_most_jagged_formulas_are_formulas() -> None:
    rng = random.Random(1)
    assert sum(is_read(jagged(rng, "xy")) for _ in range(100)) > 80


@pytest.mark.parametrize("field", fields(), ids=lambda f: f"{f.room or f.page}-{f.knob.name}")
@amounts(some=2, whole=500)
def test_a_page_shows_no_error_for_a_formula(field: Field, amount: int) -> None:
    rng = random.Random(f"{field.page} {field.knob.name} {amount}")
    for _ in range(amount):
        asked = link(field, rng)
        assert_clean(open_page(field.page, asked, menus=False), str(asked)[:1500])


FOUND = [  # each once showed an error page, or nothing for half a minute
    ("race", {"surface": "typed", "formula": "log(abs(heaviside(y)/y))", "top": "-1000"}),
    ("race", {"surface": "typed", "formula": "1e308*x - 1e308*y", "left": "-1.7", "right": "1.7"}),
    ("race", {"surface": "typed", "formula": "asin(pi*abs(x)**(-1))", "tab": "Maths"}),
    (
        "integration",
        {"quantity": "expectation", "density": "typed", "density_text": "mod(x, 1)"},
    ),
    ("integration", {"quantity": "expectation", "g": "sqrt(ceil(x))"}),
    ("integration", {"quantity": "expectation", "g": "exp(10*abs(sin(1e-6/x))**2)"}),
]


@pytest.mark.parametrize(("page", "asked"), FOUND)
def test_what_once_showed_an_error_is_a_page(page: str, asked: dict[str, str]) -> None:
    query = {f"{page}_{name}": value for name, value in asked.items()}
    assert_clean(open_page(page, query, menus=False), str(query))
