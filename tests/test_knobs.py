"""One annotation gives default, bounds, words, link, option and code, and rubbish never gets in."""

import dataclasses
import math
from typing import Annotated, Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from cases import NO_WARNINGS
from hypothesis import given, settings
from hypothesis import strategies as st

from gdviz.knob_texts import as_arguments, docs_table, parse
from gdviz.knobs import (
    Choice,
    Choices,
    KnobError,
    Range,
    Switch,
    Text,
    bind_defaults,
    knobs,
    replace,
    validate,
)
from gdviz.optimize import METHODS
from gdviz.queries import from_query, to_query
from gdviz.topics.descent.settings import Descent

pytestmark = NO_WARNINGS


@dataclasses.dataclass(frozen=True)
class Toy:
    """One knob of every kind."""

    rate: Annotated[float, Range(1e-3, 10.0, "the rate", "How fast, 100% at most.", log=True)] = 0.5
    count: Annotated[int, Range(1, 9, "the count")] = 3
    kind: Annotated[str, Choice({"a": "first", "b": "second"}, "the kind")] = "a"
    several: Annotated[tuple[str, ...], Choices({"a": "A", "b": "B", "c": "C"}, "some", most=2)] = (
        "a",
    )
    words: Annotated[str, Text("the words", most=20)] = "hello"
    on: Annotated[bool, Switch("the switch")] = False
    silent: int = 7


@pytest.mark.parametrize("owner", [Toy, Descent, *METHODS.values()], ids=lambda o: o.__name__)
def test_one_annotation_gives_everything(owner: Any) -> None:
    declared = knobs(owner)
    assert declared
    table = docs_table(owner)
    for name, knob in declared.items():
        assert validate(knob, knob.default) == knob.default, "the default lies outside its bounds"
        assert type(validate(knob, knob.default)) is type(knob.default) is knob.type
        row = next(line for line in table.splitlines() if line.startswith(f"| `{name}` |"))
        assert knob.kind.label in row
        if isinstance(knob.kind, Range):
            assert f"{knob.kind.lo:g} … {knob.kind.hi:g}" in row
    defaults = {name: knob.default for name, knob in declared.items()}
    assert bind_defaults(owner, {}) == defaults
    assert eval(f"dict({as_arguments(owner, defaults)})") == defaults


@pytest.mark.parametrize("owner", [Toy, Descent], ids=lambda o: o.__name__)
def test_a_dataclass_starts_at_its_defaults(owner: type) -> None:
    assert to_query(owner()) == ""
    assert from_query(owner, "") == owner()


def test_what_is_not_annotated_is_no_knob() -> None:
    assert list(knobs(Toy)) == ["rate", "count", "kind", "several", "words", "on"]
    assert "x" not in knobs(METHODS["gd"])


ACCEPTED = [
    ("rate", "1e-3", 1e-3),
    ("rate", 10, 10.0),
    ("count", "4", 4),
    ("count", 4.0, 4),
    ("kind", "b", "b"),
    ("several", ["c", "a", "c"], ("c", "a")),
    ("words", "", ""),
    ("words", "x" * 20, "x" * 20),
    ("on", True, True),
    ("on", np.True_, True),
    ("on", np.array(False), False),
]
REFUSED = [
    ("rate", "0.5 or so", "is not a number"),
    ("rate", None, "is not a number"),
    ("rate", "nan", "lies outside 0.001 to 10"),
    ("rate", "inf", "lies outside"),
    ("rate", 9.99e-4, "lies outside"),
    ("rate", math.nextafter(10.0, 11), "lies outside"),
    ("count", 2.5, "not a whole number"),
    ("count", 0, "lies outside 1 to 9"),
    ("kind", "c", "“c” is not one of a, b"),
    ("several", [], "choose between one and 2"),
    ("several", ["a", "b", "c"], "choose between one and 2"),
    ("several", ["a", "z"], "“z” is not one of a, b, c"),
    ("words", "x" * 21, "21 characters, at most 20"),
    ("on", "yes", "either true or false"),
    ("on", 1, "either true or false"),
    ("on", np.array([True]), "either true or false"),
]


@pytest.mark.parametrize(("name", "value", "expected"), ACCEPTED)
def test_check_converts(name: str, value: Any, expected: Any) -> None:
    result = validate(knobs(Toy)[name], value)
    assert result == expected and type(result) is type(expected)


@pytest.mark.parametrize(("name", "value", "words"), REFUSED)
def test_check_refuses_with_a_sentence(name: str, value: Any, words: str) -> None:
    knob = knobs(Toy)[name]
    with pytest.raises(KnobError, match=words) as refused:
        validate(knob, value)
    assert knob.kind.label in str(refused.value)
    with pytest.raises(KnobError):
        replace(Toy(), **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("count", 10**400), ("kind", ["a"]), ("several", 3), ("several", [["a"]])],
    ids=["huge", "list", "number", "nested"],
)
def test_check_refuses_odd_types(name: str, value: Any) -> None:
    with pytest.raises(KnobError):
        validate(knobs(Toy)[name], value)


def test_replace_changes_a_copy() -> None:
    toy = Toy()
    assert replace(toy, rate="2") == Toy(rate=2.0)
    assert toy == Toy()


# --- bind: the knobs of a method in a notebook ---------------------------------------------------


def test_bind_orders_and_fills() -> None:
    assert list(bind_defaults(METHODS["adam"], {"eps": 1e-3, "lr": 5}).items()) == [
        ("lr", 5),
        ("beta1", 0.9),
        ("beta2", 0.999),
        ("eps", 1e-3),
        ("weight_decay", 0.0),
    ]


@pytest.mark.parametrize("method", METHODS)
def test_bind_names_the_knob_that_is_wrong(method: str) -> None:
    declared = knobs(METHODS[method])
    with pytest.raises(
        KnobError, match=f"`{method}` has no knob `rate`; it has {list(declared)[0]}"
    ):
        bind_defaults(METHODS[method], {"rate": 1})
    for name in declared:
        for value in (math.nan, math.inf, "1", None):
            with pytest.raises(KnobError, match=f"`{name}` = {value} of `{method}`"):
                bind_defaults(METHODS[method], {name: value})


def test_bind_keeps_a_notebook_free_of_bounds() -> None:
    assert bind_defaults(METHODS["gd"], {"lr": 5e3}) == {"lr": 5e3}


# --- links ---------------------------------------------------------------------------------------


def values_of(knob: Any) -> st.SearchStrategy[Any]:
    """All that the knob takes, its bounds and odd text included."""
    kind = knob.kind
    if isinstance(kind, Range) and knob.type is int:
        return st.integers(int(kind.lo), int(kind.hi))
    if isinstance(kind, Range):
        return st.floats(kind.lo, kind.hi)
    if isinstance(kind, Choice):
        return st.sampled_from(list(kind.options))
    if isinstance(kind, Choices):
        return st.lists(
            st.sampled_from(list(kind.options)), min_size=1, max_size=kind.most, unique=True
        ).map(tuple)
    if isinstance(kind, Text):
        return st.text(st.characters(exclude_categories=["Cs"]), max_size=kind.most)
    return st.booleans()


def specs(owner: type) -> st.SearchStrategy[Any]:
    return st.builds(owner, **{name: values_of(knob) for name, knob in knobs(owner).items()})


@settings(max_examples=300, deadline=None)
@given(specs(Descent) | specs(Toy))
def test_a_link_brings_back_the_spec(spec: Any) -> None:
    found = from_query(type(spec), to_query(spec))
    assert found == spec
    assert repr(found) == repr(spec), "equal, but not to the last sign and type"
    as_mapping = parse_qs(to_query(spec), keep_blank_values=True)
    assert from_query(type(spec), as_mapping) == spec


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text("lrxmethods=&%;+0123456789.eE-", max_size=60))
def test_a_garbage_link_gives_a_valid_spec(query: str) -> None:
    spec = from_query(Descent, query)
    for name, knob in knobs(Descent).items():
        assert validate(knob, getattr(spec, name)) == getattr(spec, name)


GARBAGE = [
    "lr=nan",
    "lr=inf",
    "lr=-1",
    "lr=1&lr=2",
    "lr=",
    "lr=1e999",
    "steps=2.5",
    "steps=1e9",
    "steps=0",
    "methods=gd&methods=",
    "methods=" + "&methods=".join(METHODS),
    "function=__import__",
    "stop=None",
    "formula=" + "x" * 301,
    "formula=a&formula=b",
    "tol=0",
    "%ff=%fe&&&==",
    "&".join(f"a{i}=1" for i in range(1000)),
]


@pytest.mark.parametrize("query", GARBAGE, ids=lambda q: q[:20])
def test_garbage_gives_the_defaults(query: str) -> None:
    assert from_query(Descent, query) == Descent()


def test_one_bad_value_spoils_only_itself() -> None:
    assert from_query(Descent, "lr=99&x0=1.5&nobody=1") == Descent(x0=1.5)


def test_a_switch_is_read_in_any_case() -> None:
    assert parse(knobs(Toy)["on"], ["TRUE"]) is True
    with pytest.raises(KnobError):
        parse(knobs(Toy)["on"], ["1"])
