"""Values of knobs as text, and back: in a link, a cell, a table of the docs, a program."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gdviz.knobs import (
    Choice,
    Choices,
    Kind,
    Knob,
    KnobError,
    Range,
    Switch,
    knobs,
    validate,
)


def parse(knob: Knob, texts: Sequence[str]) -> Any:
    """Return the value that the texts of one URL parameter mean, or raise `KnobError`."""
    if isinstance(knob.kind, Choices):
        return validate(knob, texts)
    if len(texts) != 1:
        raise KnobError(f"`{knob.name}` is given {len(texts)} times.")
    if isinstance(knob.kind, Switch):
        return validate(knob, {"true": True, "false": False}.get(texts[0].lower()))
    if is_number(knob) and "_" in texts[0]:  # Python reads 0_1 as 1
        raise KnobError(f"{knob.kind.label}: “{texts[0][:40]}” is not a number.")
    return validate(knob, texts[0])


def is_number(knob: Knob) -> bool:
    """Tell whether a knob takes numbers."""
    return isinstance(knob.kind, Range)


def parse_text(knob: Knob, text: str) -> Any:
    """Return the value that a text of `shown` means; raise `KnobError` if none."""
    return parse(knob, text.split(",") if isinstance(knob.kind, Choices) else [text])


def format_value(value: Any) -> str:
    """Return a value of a knob as it is typed: on a command line, in a field of a page."""
    return ",".join(value) if isinstance(value, tuple) else str(value)


def query_text(value: Any) -> Any:
    """Return a value as it stands in a link."""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else value


def docs_table(owner: Callable[..., Any]) -> str:
    """Return a Markdown table of the knobs: name, default, range, meaning."""
    rows = [
        f"| `{knob.name}` | {_shown(knob.default)} | {bounds(knob.kind)} | {meaning(knob.kind)} |"
        for knob in knobs(owner).values()
    ]
    return "\n".join(["| knob | default | range | meaning |", "|---|---|---|---|", *rows])


def bounds(kind: Kind) -> str:
    """Return in words what a knob takes, empty for any text."""
    if isinstance(kind, Range):
        return f"{kind.lo:g} … {kind.hi:g}"
    return ", ".join(kind.options) if isinstance(kind, Choice | Choices) else ""


def meaning(kind: Kind) -> str:
    """Return label and help of a knob as one text."""
    return f"{kind.label}. {kind.help}".rstrip(". ")


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else "; ".join(str(value).split("\n"))


def as_arguments(owner: Callable[..., Any], values: Mapping[str, Any]) -> str:
    """Return the knobs of `owner` as Python keyword arguments, `lr=0.1, momentum=0.9`."""
    return ", ".join(f"{name}={values[name]!r}" for name in knobs(owner) if name in values)
