"""Every topic by the name of its page: its settings, its run, its picture of numbers.

A topic is a module of this folder with `run(spec)` and `as_python(spec)`; the class of its settings
is the type of what `as_python` takes. Its `PRESETS` stand in it, or in `<page>_presets` beside it.
Nothing is registered, and nothing is imported before it is asked for.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, get_type_hints

from gdviz.knobs import KnobError
from gdviz.topics.preset import Preset


@cache
def topic(page: str) -> ModuleType:
    """Return the module of topics that has the name of a page; raise `KnobError` if none has."""
    if not page.isidentifier() or find_spec(f"gdviz.topics.{page}") is None:
        raise KnobError(f"“{page[:40]}” is not a page with settings.")
    module = import_module(f"gdviz.topics.{page}")
    if not hasattr(module, "as_python"):
        raise KnobError(f"“{page}” is not a page with settings.")
    return module


@cache
def presets(page: str) -> tuple[Preset, ...]:
    """Return the presets of a page."""
    module = topic(page)
    if not hasattr(module, "PRESETS"):
        module = import_module(f"gdviz.topics.{page}_presets")
    return tuple(module.PRESETS)


def has_topic(page: str) -> bool:
    """Tell whether a page has settings, without importing its topic."""
    parts = (find_spec(f"gdviz.{part}.{page}") for part in ("topics", "figures"))
    return all(part is not None for part in parts)


@cache
def settings(page: str) -> type:
    """Return the dataclass of a page's settings."""
    hints = get_type_hints(topic(page).as_python)
    return next(hint for name, hint in hints.items() if name != "return")


def page_of(spec: Any) -> str:
    """Return the name of the page whose settings these are; raise `KnobError` if it is none's.

    >>> from gdviz.topics.race import Race
    >>> page_of(Race())
    'race'
    """
    page = type(spec).__module__.rpartition(".")[2]
    if type(spec).__module__ != f"gdviz.topics.{page}" or not isinstance(spec, settings(page)):
        raise KnobError(f"{type(spec).__name__} is not the settings of a page.")
    return page


def run(spec: Any) -> Any:
    """Return what a page computes at its settings: for the optimizers a run of each method."""
    return topic(page_of(spec)).run(spec)


def as_python(spec: Any) -> str:
    """Return a short program on the public API that prints the numbers of a page."""
    return topic(page_of(spec)).as_python(spec)


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
