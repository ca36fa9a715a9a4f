"""Every topic by the name of its page: its settings, its run, its presets, its program.

A topic is a module of this folder with `run(spec)`, `as_python(spec)` and `PRESETS`; the class of
its settings is the type of what `as_python` takes. Each of them may stand in one of `BESIDE`
instead; a room with settings of its own is `<page>_<room>`. Nothing is registered, and nothing is
imported before it is asked for.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, get_type_hints

from gdviz.catalogue.preset import Preset
from gdviz.knobs import Knob, KnobError, knobs, replace

BESIDE = ("code", "presets", "rooms")


@lru_cache(maxsize=64)
def topic(page: str) -> ModuleType:
    """Return the module of topics that has the name of a page; raise `KnobError` if none has."""
    if not (page.isidentifier() and has_topic(page)):
        raise KnobError(f"“{page[:40]}” is not a page with settings.")
    return import_module(f"gdviz.topics.{page}")


def has_topic(page: str) -> bool:
    """Tell whether a page, or a room, has settings and a picture, without importing its topic."""
    parts = (find_spec(f"gdviz.{part}.{page}") for part in ("topics", "figures"))
    return all(part is not None for part in parts)


def _part(page: str, name: str) -> Any:
    """Return what a topic calls `name`, in its own module or in one of those `BESIDE` it."""
    names = [f"gdviz.topics.{page}_{end}" for end in BESIDE]
    modules = [topic(page), *(import_module(n) for n in names if find_spec(n) is not None)]
    found = next((module for module in modules if hasattr(module, name)), None)
    if found is None:
        raise KnobError(f"The page {page} has no `{name}`.")
    return getattr(found, name)


@lru_cache(maxsize=64)
def settings(page: str) -> type:
    """Return the dataclass of a page's settings."""
    hints = get_type_hints(_part(page, "as_python"))
    return next(hint for name, hint in hints.items() if name != "return")


@lru_cache(maxsize=64)
def presets(page: str) -> tuple[Preset, ...]:
    """Return the presets of a page."""
    return tuple(_part(page, "PRESETS"))


def topic_of(spec: Any) -> str:
    """Return the name of the module of topics that settings belong to; `KnobError` if to none."""
    package, _, home = type(spec).__module__.rpartition(".")
    if package != "gdviz.topics" or not has_topic(home) or type(spec) is not settings(home):
        raise KnobError(f"{type(spec).__name__} is not the settings of a page.")
    return home


def page_of(spec: Any) -> str:
    """Return the name of the page whose settings, or whose room's, these are.

    >>> from gdviz.topics.race import Race
    >>> page_of(Race())
    'race'
    """
    home = topic_of(spec)
    parts = home.split("_")
    shorter = ("_".join(parts[:n]) for n in range(1, len(parts)))
    return next(filter(has_topic, shorter), home)


def run(spec: Any) -> Any:
    """Return what a page computes at its settings: for the optimizers a run of each method."""
    return _part(topic_of(spec), "run")(spec)


def numbers(spec: Any) -> Any:
    """Return what of a run is a table: what the topic's `numbers(result)` says, or all of it."""
    keep = getattr(topic(topic_of(spec)), "numbers", None)
    return keep(run(spec)) if keep else run(spec)


def summary(spec: Any) -> Any:
    """Return how a run ended: what the topic's `in_short(result)` says, or else its tables."""
    keep = getattr(topic(topic_of(spec)), "in_short", None)
    return keep(run(spec)) if keep else numbers(spec)


def method_knobs(page: str) -> dict[str, Knob]:
    """Return the knobs beyond those of the settings: those of a page's methods."""
    return getattr(topic(page), "more_knobs", dict)()


def with_values(page: str, spec: Any, values: Mapping[str, Any]) -> Any:
    """Return settings with some of their knobs, and of `more_knobs`, changed and checked."""
    own = knobs(spec.__class__)
    spec = replace(spec, **{n: v for n, v in values.items() if n in own})
    more = {n: v for n, v in values.items() if n not in own}
    return topic(page).with_more(spec, more) if more else spec


def as_python(spec: Any) -> str:
    """Return a short program on the public API that prints the numbers of a page."""
    return _part(topic_of(spec), "as_python")(spec)


def preset(page: str, label: str) -> Any:
    """Return the settings of a preset, by its label; raise `KnobError` if the page has no such.

    >>> preset("race", "the banana").surface
    'rosenbrock'
    """
    for one in presets(page):
        if one.label.casefold() == label.casefold():
            return settings(page)(**one.values)
    labels = ", ".join(one.label for one in presets(page))
    raise KnobError(f"“{label[:40]}” is not a preset of {page}; it has {labels}.")
