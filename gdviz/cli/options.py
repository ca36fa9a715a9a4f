"""What is asked on the command line: options made from knobs, presets, and the settings."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import click
from click.shell_completion import CompletionItem

from gdviz.catalogue import lookup
from gdviz.catalogue.lookup import method_knobs
from gdviz.cli.idle import awake, option_of, unread
from gdviz.knob_texts import bounds, format_value, is_number, meaning, parse_text
from gdviz.knobs import Choice, Choices, Knob, KnobError, Switch, knobs, well_formed


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


class PresetType(click.ParamType):
    """The label of a preset; a shell completes it in its plain form, without spaces."""

    name = "LABEL"

    def __init__(self, page: str) -> None:
        self.page = page

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:
        labels = [preset.label for preset in lookup.presets(self.page)]
        plain = {lookup.plain_label(label): label for label in labels}
        start = lookup.plain_label(incomplete)
        return [CompletionItem(k, help=v) for k, v in plain.items() if k.startswith(start)]


def _word(knob: Knob) -> str:
    return {Choice: "NAME", Choices: "NAME,NAME"}.get(type(knob.kind), "TEXT")


def option(knob: Knob, name: str, hidden: bool = False) -> click.Option:
    """Return the option of a knob; what is not given is None."""
    flag = option_of(name)
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
    preset = click.Option(
        ["--preset"], type=PresetType(page), help="Begin with the settings of a preset."
    )
    return [preset, *found]


def settings_of(
    page: str,
    start: Any,
    preset: str | None,
    given: Mapping[str, Any],
    swept: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """Return the settings: those of a link or a preset, or the defaults, changed by options.

    Raises `KnobError` for an option that the others, or what is `swept`, leave idle, and for a
    text that is damaged or not all read.
    """
    spec = start if start is not None else lookup.settings(page)()
    if preset is not None:
        if spec != lookup.settings(page)():
            raise KnobError("--preset does nothing: the link has settings of its own.")
        spec = lookup.preset(page, preset)
    told = {name: value for name, value in given.items() if value is not None}
    declared = lookup.all_knobs(page)
    for name, value in told.items():
        well_formed(declared[name], value)
        if name in swept:
            raise KnobError(f"{option_of(name)} does nothing: --over {name} gives it its values.")
    spec = awake(page, lookup.with_values(page, spec, told), told, option_of, swept)
    for name, why in unread(spec).items():
        if name in told and not swept:
            raise KnobError(f"{option_of(name)}: {why}")
    return spec
