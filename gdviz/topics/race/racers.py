"""Who races: the methods of the page, a typed rule among them, and the knobs of each."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from gdviz.expressions import FormulaError
from gdviz.knob_texts import parse
from gdviz.knobs import Knob, KnobError, knobs, needs
from gdviz.optimize import LABELS, METHODS
from gdviz.optimize.method_notes import method_order
from gdviz.optimize.methods import ONE_VARIABLE
from gdviz.optimize.typed_rules import (
    RULE,
    RULE_LABEL,
    RULE_TEXT,
    is_rule,
    known_kinds,
    rule_name,
)

METHODS_HERE = [name for name in method_order() if name not in ONE_VARIABLE]
RACERS = {name: LABELS[name] for name in METHODS_HERE} | {RULE: f"{RULE_LABEL} …"}
Hyper = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


def full_name(racer: str, rule: str) -> str:
    """Return the name that the library has for a racer: a typed rule is named by its text."""
    return rule_name(rule) if racer == RULE else racer


def short_name(method: str) -> str:
    """Return the name that links and keys have for a method; one typed rule may race."""
    return RULE if is_rule(method) else method


def knobs_of(racer: str, rule: str) -> dict[str, Knob]:
    """Return the knobs of a racer, none of a rule that cannot be read."""
    with suppress(FormulaError):
        return knobs(METHODS[full_name(racer, rule)])
    return {}


def own_knobs(
    methods: Sequence[str], found: Mapping[str, Sequence[str]], rule: str = RULE_TEXT
) -> Hyper:
    """Return the methods' own knobs that a query names as `method_knob`, the sound ones."""
    hyper = []
    for name in methods:
        values = []
        for key, knob in knobs_of(name, rule).items():
            with suppress(KeyError, KnobError):
                values.append((key, parse(knob, found[f"{name}_{key}"])))
        hyper.append((name, tuple(values)))
    return changed_knobs(methods, hyper, rule)


def changed_knobs(
    methods: Sequence[str], hyper: Iterable[tuple[str, Any]], rule: str = RULE_TEXT
) -> Hyper:
    """Return the knobs of the racing methods that differ from their defaults, in one order."""
    given = {name: dict(pairs) for name, pairs in hyper}
    found = []
    for name in methods:
        declared = knobs_of(name, rule)
        values = given.get(name, {})
        changed = tuple(
            (k, values[k]) for k in declared if k in values and values[k] != declared[k].default
        )
        if changed:
            found.append((name, changed))
    return tuple(found)


def method_knobs() -> dict[str, Knob]:
    """Return the methods' own knobs: `adam_lr` of one method, `lr` of each that has it.

    Of a typed rule these are the knobs that need no line of their own; its text holds the others.
    """
    own = {(name, key): k for name in METHODS_HERE for key, k in knobs(METHODS[name]).items()}
    own |= {(RULE, key): Knob(key, float, kind, v) for key, (kind, v) in known_kinds().items()}
    shared: dict[str, Knob] = {}
    for (_, key), knob in own.items():
        having = (m for m, k in own if k == key)
        shared.setdefault(key, knob._replace(needs=(needs("methods", *having),)))
    return shared | {
        f"{name}_{key}": knob._replace(needs=(needs("methods", name),))
        for (name, key), knob in own.items()
    }
