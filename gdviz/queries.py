"""Settings as a query of a link, and back."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode

from gdviz.knob_texts import parse, query_text
from gdviz.knobs import KnobError, knobs, knobs_told

OF_A_PAGE = {"step", "pin", "tab", "view", "room"}  # fields of a page's link that are no knobs
IN_TAB = "in_"  # how the names of choices begin that stand inside a tab
MOST_FIELDS = 200


def to_query(spec: Any, prefix: str = "", extra: Mapping[str, Any] | None = None) -> str:
    """Return a dataclass of knobs as a query string; what equals its default is left out.

    A spec may have more to say than its knobs: `extra_query() -> dict`, read by `with_extra_query`.
    """
    pairs = [(prefix + name, query_text(getattr(spec, name))) for name in knobs_told(spec)]
    if hasattr(spec, "extra_query"):
        pairs += [(prefix + name, query_text(value)) for name, value in spec.extra_query().items()]
    return urlencode(pairs + list((extra or {}).items()), doseq=True)


def from_query(spec_type: type, query: str | Mapping[str, Sequence[str]]) -> Any:
    """Return the dataclass that a query says; whatever is not a valid value becomes the default."""
    found = _fields(query) if isinstance(query, str) else query
    values = {}
    for name, knob in knobs(spec_type).items():
        try:
            values[name] = parse(knob, found[name]) if name in found else knob.default
        except KnobError:
            values[name] = knob.default
    spec = spec_type(**values)
    return spec.with_extra_query(found) if hasattr(spec, "with_extra_query") else spec


def _fields(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:  # more fields than any link of ours has
        return {}
