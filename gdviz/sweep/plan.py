"""What a sweep is: settings of a page, and the knobs of it that take several values in turn."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import prod
from typing import Any, NamedTuple

import numpy as np

from gdviz import __version__
from gdviz.catalogue import lookup
from gdviz.knob_texts import format_value, is_number, parse_text
from gdviz.knobs import Choices, Knob, KnobError, knobs, refusal, unmet, validate
from gdviz.knobs import values_of as knob_values
from gdviz.queries import to_query

MOST_CELLS = 100_000
MOST_AXES = 8
SEED = "seed"


class SweepError(RuntimeError):
    """A sweep that could not begin, or stopped on its way; the message is fit for a page."""


class Axis(NamedTuple):
    """A knob and the values that it takes in turn."""

    name: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class SweepPlan:
    """Settings of a page, and axes; a cell is a mixture of their values, the last axis fastest.

    A cell is settings and nothing else, its seed among them: whoever runs it, when and where, finds
    the same numbers.
    """

    spec: Any
    axes: tuple[Axis, ...]

    @property
    def page(self) -> str:
        """The name of the page that is run."""
        return lookup.topic_of(self.spec)

    def __len__(self) -> int:
        return prod(len(axis.values) for axis in self.axes)

    def at(self, cell: int) -> dict[str, Any]:
        """Return the values of the axes in a cell, 0 to len − 1."""
        found = {}
        for axis in reversed(self.axes):
            cell, place = divmod(cell, len(axis.values))
            found[axis.name] = axis.values[place]
        return dict(reversed(found.items()))

    def settings(self, cell: int) -> Any:
        """Return the settings of a cell: those with which the page shows its numbers."""
        return lookup.with_values(self.page, self.spec, self.at(cell))

    def fingerprint(self) -> str:
        """Return what two sweeps share only if all their numbers are the same."""
        axes = [[axis.name, [repr(value) for value in axis.values]] for axis in self.axes]
        said = json.dumps([__version__, self.page, to_query(self.spec), axes])
        return hashlib.sha256(said.encode()).hexdigest()


def plan(spec: Any, over: Mapping[str, Iterable[Any]], seeds: int = 1) -> SweepPlan:
    """Return the sweep of a page's settings over values of some knobs, each checked.

    A method's own knob goes by its name, `lr` for each that has it or `adam_lr` for one. With
    `seeds` every mixture is run with so many seeds, the page's and those after it: the same ones in
    each mixture, so that what differs between two mixtures is not their luck. Raises `KnobError`.

    >>> from gdviz.topics.race import Race
    >>> sweep = plan(Race(steps=9), {"methods": ["gd", "adam"], "lr": [0.1, 0.2]}, seeds=3)
    >>> len(sweep), sweep.at(5)
    (12, {'methods': ('gd',), 'lr': 0.2, 'seed': 2})
    """
    page = lookup.topic_of(spec)
    axes = [Axis(name, _checked(page, name, values)) for name, values in over.items()]
    if seeds != 1:
        axes.append(_seeds(spec, seeds, over))
    _check_awake(spec, axes)
    if not axes:
        raise KnobError("A sweep needs a knob that takes several values.")
    if len(axes) > MOST_AXES:
        raise KnobError(f"A sweep has at most {MOST_AXES} axes.")
    sweep = SweepPlan(spec, tuple(axes))
    if len(sweep) > MOST_CELLS:
        raise KnobError(f"These are more than {MOST_CELLS} runs.")
    return sweep


def _check_awake(spec: Any, axes: list[Axis]) -> None:
    """Raise `KnobError` for an axis that counts in no cell: all its rows would be the same."""
    known = known_knobs(lookup.topic_of(spec))
    swept = {axis.name: axis.values for axis in axes}
    for name in swept:
        need = unmet(known[name], partial(knob_values, spec, swept))
        if name != SEED and need:
            raise KnobError(f"A sweep over {refusal(name, need)}")


def axis(page: str, text: str) -> Axis:
    """Return the knob and the values of `lr=0.1,0.2` or `lr=0.001:1:20:log`.

    >>> axis("race", "lr=0.25:0.75:3")
    Axis(name='lr', values=(0.25, 0.5, 0.75))
    """
    name, equals, values = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or name not in known_knobs(page):
        raise KnobError(f"“{text[:60]}” is not “knob=values” with a knob of {page}.")
    return Axis(name, values_of(page, name, values))


def values_of(page: str, name: str, text: str) -> tuple[Any, ...]:
    """Return the values that a text says for a knob of a page; raise `KnobError` if it says none.

    Numbers are spaced evenly by `from:to:count`, by equal factors by `from:to:count:log`.
    """
    knob = known_knobs(page)[name]
    texts = _spaced(text) if ":" in text and is_number(knob) else text.split(",", MOST_CELLS)
    one = _of_one(knob)
    return tuple(dict.fromkeys(parse_text(one, t.strip()) for t in texts))


def known_knobs(page: str) -> dict[str, Knob]:
    """Return the knobs that can be swept on a page, by name."""
    return lookup.all_knobs(page)


def _of_one(knob: Knob) -> Knob:
    """Return a knob that takes one name where it took several: a sweep takes them in turn."""
    kind = knob.kind._replace(most=1) if isinstance(knob.kind, Choices) else knob.kind
    return knob._replace(kind=kind)


def _checked(page: str, name: str, values: Iterable[Any]) -> tuple[Any, ...]:
    if name not in known_knobs(page):
        raise KnobError(f"“{name[:40]}” is not a knob of {page}.")
    knob = known_knobs(page)[name]
    several = isinstance(knob.kind, Choices)
    given = list(islice(values, MOST_CELLS + 1))
    found = [validate(knob, (v,) if several and isinstance(v, str) else v) for v in given]
    if not found:
        raise KnobError(f"{name}: a sweep needs at least one value.")
    return tuple(dict.fromkeys(found))


def _seeds(spec: Any, count: int, over: Mapping[str, Any]) -> Axis:
    own = knobs(spec.__class__)
    if SEED not in own or SEED in over:
        why = "is swept already" if SEED in over else "is not a knob of the page"
        raise KnobError(f"{SEED} {why}: there is nothing to repeat.")
    if not 1 <= count <= 1000:
        raise KnobError("Between 1 and 1000 seeds.")
    top = int(own[SEED].kind.hi) + 1  # type: ignore[union-attr]
    return Axis(SEED, tuple((spec.seed + n) % top for n in range(count)))


def _spaced(text: str) -> list[str]:
    """Return the values of `from:to:count` or `from:to:count:log` as texts."""
    parts = text.split(":")
    try:
        lo, hi, count = float(parts[0]), float(parts[1]), int(parts[2])
        log = parts[3:] == ["log"]
        if (parts[3:] and not log) or not 1 <= count <= MOST_CELLS or (log and not 0 < lo * hi):
            raise ValueError
        # Two finite ends may be further apart than the largest number.
        if not np.isfinite([lo, hi, hi - lo]).all():
            raise ValueError
    except (ValueError, IndexError):
        raise KnobError(f"“{text[:40]}” is not from:to:count or from:to:count:log.") from None
    return [repr(float(v)) for v in (np.geomspace if log else np.linspace)(lo, hi, count)]


def describe(axes: Iterable[Axis]) -> list[str]:
    """Return axes as the command line writes them."""
    return [f"{axis.name}={','.join(format_value(v) for v in axis.values)}" for axis in axes]
