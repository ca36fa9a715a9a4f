"""What the search of the home page finds."""

import re
import unicodedata
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import PAGES
from gdviz.knobs import Choice, Choices, knobs
from gdviz.queries import to_query
from gdviz.topics.home.synonyms import SYNONYMS

SHORT = 3  # letters of a word that is not looked for inside of others
LIKE = 0.6  # how alike two words must be, from 0 to 1, to take one for a slip of the other


class SearchHit(NamedTuple):
    """One thing that a search can find: where it is, its name, what it is, and its settings."""

    page: str
    name: str
    what: str
    query: str
    words: str


@cache
def index() -> tuple[SearchHit, ...]:
    """Return everything that can be found: pages, rooms, presets, choices, pitfalls, synonyms.

    It imports every topic; so it is asked for only when somebody searches.
    """
    found = [SearchHit(e.stem, e.title, "page", "", e.sentence) for e in PAGES]
    for entry in PAGES:
        for room, title in entry.rooms.items():
            found.append(SearchHit(entry.stem, title, "room", f"{entry.stem}_room={room}", ""))
    found += [
        SearchHit(one.page, word, "subject", one.query, "")
        for one in SYNONYMS
        if any(one.page == entry.stem for entry in PAGES)
        for word in one.words
    ]
    for name in lookup.packages():
        found += [*_presets(name), *_choices(name)]
    for name in lookup.packages():
        found += _pitfalls(name)
    return tuple(found)


def _place_of(name: str) -> tuple[str, str]:
    """Return the page of a topic, and the beginning of a link to the room that the topic is."""
    page = lookup.packages()[name].split(".")[2]
    room = name.removeprefix(page).lstrip("_")
    return page, f"{page}_room={room}&" if room else ""


def _presets(name: str) -> list[SearchHit]:
    spec_type, (page, room) = lookup.settings(name), _place_of(name)
    found = []
    for preset in lookup.presets(name):
        query = room + to_query(spec_type(**preset.values), f"{page}_")
        found.append(SearchHit(page, preset.label, "preset", query, preset.reason))
    return found


def _choices(name: str) -> list[SearchHit]:
    """Return the options of every choice: methods, functions, surfaces, data ..."""
    found, (page, room) = [], _place_of(name)
    for knob_name, knob in knobs(lookup.settings(name)).items():
        if isinstance(knob.kind, Choice | Choices):
            for key, label in knob.kind.options.items():
                query, about = f"{room}{page}_{knob_name}={key}", f"{key} {knob.kind.label}"
                found.append(SearchHit(page, label, knob.kind.label, query, about))
    return found


def _pitfalls(name: str) -> list[SearchHit]:
    page, room = _place_of(name)
    return [
        SearchHit(page, row.title, "pitfall", f"{room}{page}_tab=Pitfalls", row.why)
        for row in lookup.pitfalls(name)
    ]


def search(text: str, most: int = 12) -> list[SearchHit]:
    """Return what fits all words of a text, names before words about them, pages first.

    >>> search("nesterov")[0].page
    'descent'
    """
    words = fold_letters(text).split()
    if not words:
        return []
    scored = []
    for place, item in enumerate(index()):
        name, about = fold_letters(item.name), fold_letters(f"{item.name} {item.words}")
        if all(_is_in(word, about) for word in words):
            inside = all(_is_in(word, name) for word in words)
            rank = 0 if name.startswith(words[0]) and inside else 1 if inside else 2
            scored.append((rank, place, item))
    return [item for _, _, item in sorted(scored, key=lambda s: s[:2])[:most]]


def _is_in(word: str, text: str) -> bool:
    """Tell whether a text has a word; a short one only where one begins: ROC is no Rosenbrock."""
    if len(word) > SHORT or not (word.isascii() and word.isalnum()):
        return word in text
    return any(other.startswith(word) for other in re.findall(r"\w+", text))


def nearest(text: str, most: int = 3) -> list[SearchHit]:
    """Return the entries that are spelled most like a text that the search does not find.

    >>> nearest("nestorov")[0].name
    'Nesterov'
    """
    named = {fold_letters(item.name): item for item in reversed(index())}
    close = get_close_matches(fold_letters(text), named, most, LIKE)
    return [named[name] for name in close]


def fold_letters(text: str) -> str:
    """Return a text in small letters without accents, a hyphen as a space: as it is compared.

    Both spellings of words such as initialisation are one, and so are all apostrophes: none.
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("-", " ")
    plain = plain.replace("isation", "ization")
    return "".join(
        letter for letter in plain if not (unicodedata.combining(letter) or letter in "'’")
    )
