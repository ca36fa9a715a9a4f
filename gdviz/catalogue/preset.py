"""A preset: settings worth seeing, where all goes well or not, with the reason in a sentence."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gdviz.knobs import knobs


class Preset(NamedTuple):
    """Values of knobs, whether all goes well with them, and why they are worth seeing.

    `claim(spec, result)` tells whether a run of the settings shows what the reason says: a test
    asks it of every preset.
    """

    label: str
    good: bool
    reason: str
    values: Mapping[str, Any]
    claim: Callable[[Any, Any], bool]


def every_knob(spec_type: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with the default of every knob that they do not name: a full reset."""
    return {name: knob.default for name, knob in knobs(spec_type).items()} | dict(values)


def preset(
    spec_type: type,
    label: str,
    good: bool,
    reason: str,
    claim: Callable[[Any, Any], bool],
    /,
    **values: Any,
) -> Preset:
    """Return a preset of a page: it sets every knob, those it does not name to their defaults."""
    return Preset(label, good, reason, every_knob(spec_type, values), claim)
