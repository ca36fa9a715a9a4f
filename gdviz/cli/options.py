"""What is asked on the command line: options made from knobs, links, presets, and the settings."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import click
from click.shell_completion import CompletionItem

from gdviz.catalogue import lookup
from gdviz.catalogue.lookup import method_knobs
from gdviz.catalogue.pages import PAGES
from gdviz.knobs import (
    Choice,
    Choices,
    Knob,
    KnobError,
    Switch,
    bounds,
    format_value,
    from_query,
    is_number,
    knobs,
    meaning,
    parse_text,
)


def titles() -> dict[str, str]:
    """Return the title of each page that has settings, by its name."""
    return {entry.stem: entry.title for entry in PAGES if lookup.has_topic(entry.stem)}


def names() -> dict[str, str]:
    """Return the titles of pages and of the rooms that have settings of their own, by name."""
    rooms = {
        f"{entry.stem}_{room}": f"{entry.title}: {title}"
        for entry in PAGES
        for room, title in entry.rooms.items()
    }
    return titles() | rooms


class KnobType(click.ParamType):
    """The values of a knob, checked as everywhere; several names are separated by commas."""

    def __init__(self, knob: Knob) -> None:
        self.knob = knob
        self.name = bounds(knob.kind).replace(" … ", "..") if is_number(knob) else _word(knob)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return parse_text(self.knob, value)
        except KnobError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        options: Mapping[str, str] = getattr(self.knob.kind, "options", {})
        before, comma, last = incomplete.rpartition(",")
        several = isinstance(self.knob.kind, Choices)
        start, rest = (before + comma, last) if several else ("", incomplete)
        return [CompletionItem(start + key) for key in options if key.startswith(rest)]


def _word(knob: Knob) -> str:
    return {Choice: "NAME", Choices: "NAME,NAME"}.get(type(knob.kind), "TEXT")


def option(knob: Knob, name: str, hidden: bool = False) -> click.Option:
    """Return the option of a knob; what is not given is None."""
    flag = f"--{name.replace('_', '-')}"
    if isinstance(knob.kind, Switch):
        return click.Option([f"{flag}/--no-{flag[2:]}", name], default=None, help=knob.kind.label)
    words = meaning(knob.kind)
    if isinstance(knob.kind, Choice | Choices):
        words = f"{words}: {bounds(knob.kind)}"
    words = f"{words} [{format_value(knob.default)}]"
    return click.Option([flag, name], type=KnobType(knob), help=words, hidden=hidden)


def options(page: str) -> list[click.Parameter]:
    """Return the options of a page: its knobs, and those of its methods, which are many."""
    own = knobs(lookup.settings(page))
    found = [option(knob, name) for name, knob in own.items()]
    more = {n: k for n, k in method_knobs(page).items() if n not in own}
    found += [option(knob, name, hidden="_" in name) for name, knob in more.items()]
    preset = click.Option(["--preset"], help="Begin with the settings of a preset.")
    return [preset, *found]


class PageOptions(NamedTuple):
    """What stands in place of options: a page, its settings, and the step if one is named."""

    page: str
    spec: Any
    step: int | None


def from_link(text: str) -> PageOptions:
    """Return what a link of the app opens; raise `KnobError` if it is none of its pages."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise KnobError(f"“{text[:60]}” is not a link.") from None
    page = parts.path.rstrip("/").rpartition("/")[2]
    if page not in titles():
        raise KnobError(f"“{page[:40]}” is not a page with settings.")
    start = f"{page}_"
    fields = [field for field in parts.query.split("&") if field.startswith(start)]
    query = "&".join(field.removeprefix(start) for field in fields)
    told = [field.partition("=") for field in query.split("&")]
    room, text = (next((v for n, _, v in told if n == name), "") for name in ("room", "step"))
    if f"{page}_{room}" in names():
        page = f"{page}_{room}"
    step = int(text) if text.isdecimal() and len(text) < 7 else None
    return PageOptions(page, from_query(lookup.settings(page), query), step)


def settings_of(page: str, start: Any, preset: str | None, given: Mapping[str, Any]) -> Any:
    """Return the settings: those of a link or a preset, or the defaults, changed by options."""
    spec = start if start is not None else lookup.settings(page)()
    if preset is not None:
        spec = lookup.preset(page, preset)
    told = {name: value for name, value in given.items() if value is not None}
    return lookup.with_values(page, spec, told)
