"""A preset: settings worth seeing, known good or known bad, with the reason in a sentence."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Preset(NamedTuple):
    """Values of knobs, whether they are known to be good, and why they are worth seeing."""

    label: str
    good: bool
    reason: str
    values: Mapping[str, Any]
