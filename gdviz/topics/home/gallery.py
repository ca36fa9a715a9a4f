"""What the search of the home page finds."""

from functools import cache
from typing import NamedTuple

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import PAGES
from gdviz.knobs import Choice, Choices, knobs
from gdviz.queries import to_query


class SearchHit(NamedTuple):
    """One thing that a search can find: where it is, its name, what it is, and its settings."""

    page: str
    name: str
    what: str
    query: str
    words: str


@cache
def index() -> tuple[SearchHit, ...]:
    """Return everything that can be found: pages, their presets, and every choice of their knobs.

    It imports every topic; so it is asked for only when somebody searches.
    """
    found = [SearchHit(e.stem, e.title, "page", "", e.sentence) for e in PAGES]
    for entry in PAGES:
        if lookup.has_topic(entry.stem):
            found += [*_presets(entry.stem), *_choices(entry.stem)]
    return tuple(found)


def _presets(page: str) -> list[SearchHit]:
    spec_type = lookup.settings(page)
    return [
        SearchHit(page, p.label, "preset", to_query(spec_type(**p.values), f"{page}_"), p.reason)
        for p in lookup.presets(page)
    ]


def _choices(page: str) -> list[SearchHit]:
    """Return the options of every choice: methods, functions, surfaces, data ..."""
    found = []
    for name, knob in knobs(lookup.settings(page)).items():
        if isinstance(knob.kind, Choice | Choices):
            for key, label in knob.kind.options.items():
                query = f"{page}_{name}={key}"
                found.append(
                    SearchHit(page, label, knob.kind.label, query, f"{key} {knob.kind.label}")
                )
    return found


def search(text: str, most: int = 12) -> list[SearchHit]:
    """Return what fits all words of a text, names before words about them, pages first.

    >>> search("nesterov")[0].page
    'descent'
    """
    words = text.casefold().split()
    if not words:
        return []
    scored = []
    for place, item in enumerate(index()):
        name, about = item.name.casefold(), f"{item.name} {item.words}".casefold()
        if all(word in about for word in words):
            inside = all(word in name for word in words)
            rank = 0 if name.startswith(words[0]) else 1 if inside else 2
            scored.append((rank, place, item))
    return [item for _, _, item in sorted(scored, key=lambda s: s[:2])[:most]]
