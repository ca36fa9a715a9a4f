"""Options without effect beside the others are refused: whoever gave one expected something."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from gdviz.catalogue import lookup
from gdviz.knobs import Knob, KnobError, Text, refusal, unmet, values_of

Named = Callable[[str], str]  # what a setting is called: an option, a field of a link


def awake(
    page: str,
    spec: Any,
    given: Mapping[str, Any],
    named: Named,
    swept: Mapping[str, Iterable[Any]] = MappingProxyType({}),
    written: bool = False,
) -> Any:
    """Return settings in which every given one counts for something.

    A text, given or swept, chooses the option that reads it, as `--formula` chooses `--function
    typed`, unless that was given too. Raises `KnobError`, which says what to add, for what is still
    idle whatever the `swept` settings are. In a link that the app has `written` a setting may be
    idle, if the one that leaves it so is there as well, or is the room, whose first is not written,
    or if it has its default.
    """
    declared = lookup.all_knobs(page)
    chosen = _choices(declared, spec, {**given, **swept})
    spec = lookup.with_values(page, spec, chosen)
    for name, value in given.items():
        need = unmet(declared[name], partial(values_of, spec, swept))
        meant = not written or value != declared[name].default
        if need and meant and not (written and all(n in (*given, "room") for n in need.names)):
            raise KnobError(refusal(name, need, named))
    return spec


def _choices(declared: Mapping[str, Knob], spec: Any, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the options that the given texts choose by themselves."""
    found = {}
    for name in given:
        knob = declared[name]
        first = knob.needs[0] if knob.needs and isinstance(knob.kind, Text) else None
        if first and len(first.values) == 1 and first.names[0] not in (*given, "room"):
            if unmet(knob, partial(getattr, spec)) == first:
                found[first.names[0]] = first.values[0]
    return found


def option_of(name: str) -> str:
    """Return the option of a knob."""
    return f"--{name.replace('_', '-')}"


def unread(spec: Any) -> dict[str, str]:
    """Return why a text of a spec is not all read, by the name of its knob.

    A page shows what there is; the command line refuses it. A spec says it by its own `unread`.
    """
    return dict(spec.unread()) if hasattr(spec, "unread") else {}
