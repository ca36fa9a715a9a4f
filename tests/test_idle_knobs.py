"""A knob that needs another one: without it nothing changes, with it something does."""

import os
from functools import lru_cache
from typing import Any

import pytest
from cases import EVERY_CASE

from gdviz.catalogue import lookup
from gdviz.cli.pages import names
from gdviz.export import csv_of, figure
from gdviz.knobs import Choice, Choices, Knob, KnobError, Range, Switch, idle, knobs, replace, unmet

# Settings that are quick, and at which every knob of the page that counts makes a difference.
BASES: dict[str, dict[str, Any]] = {
    "mcmc": {"draws": 120, "burn": 70, "chains": 2, "starts": "1,1;-1,-1"},
    "race_compare": {
        "compared": ("gd", "adam"),
        "surfaces": ("bowl", "booth"),
        "starts": 3,
        "trials": 3,
        "budget": 40,
    },
    "race": {"steps": 12, "stop": "none", "methods": ("gd", "adam")},
    "descent": {"steps": 12, "stop": "none", "methods": ("gd",)},
    "recommender": {"epochs": 3, "factors": 2},
    "backprop": {"epochs": 3, "n": 40, "hidden": "2"},
    "backprop_edge": {"length": 10, "count": 20, "units": "3", "unit_kind": "relu"},
    "backprop_matrices": {"span": 10},
    "backprop_landscape": {"passes": 9, "dots": 20, "wide": 3},
    "regression": {"steps": 5, "points": "0,0;1,2;2,3"},
    "integration": {"n": 4, "formula": "exp(-x**2)"},
    "regression_many": {"updates": 20},
    "regression_houses": {"homes": "unscaled", "epochs": 20},
    "natural_gradient": {"steps": 4},
}
VALUES = {
    "after": 20,
    "batch": 7,
    "depth": 1,
    "epochs": 1,
    "high": 1.0,
    "tol": 1.0,
    "b": 1.0,
    "formula": "x**2 + 3",
    "g": "x",
    "density_text": "exp(-x**2)",
    "da": "1, 2, 3",
    "db": "3, 2, 1",
    "user": "3",
    "layer_rates": "0.5",
    "loop": "0.4,0.6 0.6,1.0",
    "points": "1,2;3,4;5,9",
    "film": "1",
    "rule": "x = x - lr*sign(g)",
    "mine": "3:5,4:1",
}
# What is drawn by the page alone, and what is too rare for one comparison.
ONLY_THE_PAGE = {"gamma"}


@lru_cache(200)
def numbers(spec: Any) -> bytes | str:
    """Return the numbers of settings, or why there are none."""
    try:
        return csv_of(lookup.numbers(spec))
    except (KnobError, ValueError) as error:
        return str(error)


@lru_cache(20)
def drawn(spec: Any) -> str:
    """Return the figure of settings, or why there is none."""
    try:
        return figure(spec).to_json()
    except (KnobError, ValueError) as error:
        return str(error)


def show_the_same(one: Any, other: Any) -> bool:
    return numbers(one) == numbers(other) and drawn(one) == drawn(other)


def others(knob: Knob, now: Any) -> list[Any]:
    """Return values of a knob other than the one now."""
    kind = knob.kind
    if knob.name in VALUES:
        return [VALUES[knob.name]]
    if isinstance(kind, Range):
        far = (now * kind.hi) ** 0.5 if kind.log else now + 0.3 * (kind.hi - now)
        both = ((now + (now - far) / 9), far) if kind.lo <= now + (now - far) / 9 else (far,)
        return [round(value) if knob.type is int else value for value in both]
    if isinstance(kind, Choice):
        return [key for key in kind.options if key != now]
    if isinstance(kind, Choices):
        return [(key,) for key in kind.options if (key,) != now]
    return [not now]


def met(knob: Knob, spec: Any) -> Any:
    """Return settings at which the needs of a knob are met."""
    declared, changes = knobs(type(spec)), {}
    for need in reversed(knob.needs):
        other = declared[need.names[0]]
        value = need.values[0] if need.values else _on(other)
        several = isinstance(other.kind, Choices)
        changes[other.name] = (value,) if several else value
    return replace(spec, **changes)


def _on(knob: Knob) -> Any:
    kind = knob.kind
    if isinstance(kind, Choice | Choices):
        return next(key for key in kind.options if key != "none")
    return True if isinstance(kind, Switch) else kind.lo + 0.1 * (kind.hi - kind.lo)


def one_of_each() -> list[tuple[str, str]]:
    """Return a page and a knob of it for each set of needs."""
    found = {}
    for page in names():
        for name, knob in knobs(lookup.settings(page)).items():
            if knob.needs and name not in ONLY_THE_PAGE:
                found[page, knob.needs] = (page, name)
    return list(found.values())


def base_of(page: str) -> Any:
    return lookup.settings(page)(**BASES.get(page, {}))


@pytest.mark.parametrize(("page", "name"), one_of_each())
def test_a_knob_counts_where_its_needs_are_met_and_nowhere_else(page: str, name: str) -> None:
    spec, knob = base_of(page), knobs(lookup.settings(page))[name]
    made_idle = idled(spec, knob)
    assert name in idle(made_idle)
    values = others(knob, getattr(spec, name))[::-1]
    for value in values if EVERY_CASE in os.environ else values[:1]:
        other = replace(made_idle, **{name: value})
        assert show_the_same(other, made_idle), f"{name} = {value} counts"
    awake = met(knob, spec)
    assert name not in idle(awake)
    changed = (replace(awake, **{name: v}) for v in others(knob, getattr(awake, name))[::-1])
    assert not all(show_the_same(one, awake) for one in changed), f"{name} does nothing at {awake}"


def idled(spec: Any, knob: Knob) -> Any:
    """Return settings that leave a knob idle: the given ones, or with its first need not met."""
    if unmet(knob, lambda name: getattr(spec, name)):
        return spec
    need = knob.needs[0]
    changes = {}
    for name in need.names:
        other = knobs(type(spec))[name]
        off = [False, 0, "none", ("none",)] if not need.values else list(other.kind.options)
        for value in off:
            try:
                several = isinstance(other.kind, Choices) and isinstance(value, str)
                tried = replace(spec, **{name: (value,) if several else value})
            except KnobError:
                continue
            if unmet(knob, lambda n, tried=tried: getattr(tried, n)):
                changes[name] = getattr(tried, name)
                break
    return replace(spec, **changes)
