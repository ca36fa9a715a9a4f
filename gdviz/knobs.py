"""Knobs: a parameter is declared once, as an annotation, and everything else is derived from it.

    Rate = Annotated[float, Range(1e-5, 10.0, "learning rate η", log=True)]
    def gd(problem, lr: Rate = 0.1): ...

gives the widget, its default, its URL parameter, its bounds, its help, a row of the docs, a
command-line option and an argument in "Copy as Python".
"""

import dataclasses
import inspect
import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints
from urllib.parse import parse_qs, urlencode


class KnobError(ValueError):
    """A value that a knob does not take; the message is fit for a page."""


class Range(NamedTuple):
    """A number between `lo` and `hi`, both included; `log` asks for a logarithmic dial."""

    lo: float
    hi: float
    label: str
    help: str = ""
    log: bool = False


class Choice(NamedTuple):
    """One of `options` (keys, which stand in links, to the words that people read)."""

    options: Mapping[str, str]
    label: str
    help: str = ""


class Choices(NamedTuple):
    """Between one and `most` of `options`, in the order chosen."""

    options: Mapping[str, str]
    label: str
    help: str = ""
    most: int = 4


class Text(NamedTuple):
    """A line of text of at most `most` characters; what it means is checked where it is used."""

    label: str
    help: str = ""
    most: int = 300


class Switch(NamedTuple):
    """On or off."""

    label: str
    help: str = ""


Kind = Range | Choice | Choices | Text | Switch


class Knob(NamedTuple):
    """A declared parameter: its name, its type, its kind and its default."""

    name: str
    type: type
    kind: Kind
    default: Any


@lru_cache(maxsize=256)
def knobs(owner: Callable[..., Any]) -> dict[str, Knob]:
    """Return the knobs on the signature of a function or on the fields of a dataclass, by name."""
    hints = get_type_hints(inspect.unwrap(owner), include_extras=True)
    defaults = inspect.signature(owner).parameters
    found = {}
    for name, hint in hints.items():
        if get_origin(hint) is Annotated and name in defaults:
            base, kind = get_args(hint)[:2]
            found[name] = Knob(name, get_origin(base) or base, kind, defaults[name].default)
    return found


def validate(knob: Knob, value: Any) -> Any:
    """Return `value` as the knob's type, or raise `KnobError` saying what would be right."""
    kind = knob.kind
    if isinstance(kind, Range):
        return _check_number(knob, kind, value)
    if isinstance(kind, Choice) and str(value) not in kind.options:
        raise KnobError(f"{kind.label}: “{_short(value)}” is not one of {_listed(kind.options)}.")
    if isinstance(kind, Choices):
        return _check_several(kind, value)
    if isinstance(kind, Text) and len(str(value)) > kind.most:
        raise KnobError(f"{kind.label}: {len(str(value))} characters, at most {kind.most}.")
    if isinstance(kind, Switch) and not isinstance(value, bool):
        raise KnobError(f"{kind.label} is either true or false.")
    return value


def clamp(owner: Callable[..., Any], name: str, value: float) -> float:
    """Return `value` held within the bounds of a numeric knob, for what a hand has chosen."""
    kind = knobs(owner)[name].kind
    assert isinstance(kind, Range)
    return float(min(kind.hi, max(kind.lo, value)))


def _check_number(knob: Knob, kind: Range, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise KnobError(f"{kind.label}: “{_short(value)}” is not a number.") from None
    if not kind.lo <= number <= kind.hi:
        raise KnobError(f"{kind.label} = {number:g} lies outside {kind.lo:g} to {kind.hi:g}.")
    if knob.type is int and number != math.floor(number):
        raise KnobError(f"{kind.label} = {number:g} is not a whole number.")
    return knob.type(number)


def _check_several(kind: Choices, value: Iterable[str]) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise KnobError(f"{kind.label}: “{_short(value)}” is not a list of names.")
    chosen = tuple(dict.fromkeys(map(str, value)))
    unknown = [_short(name) for name in chosen if name not in kind.options]
    if unknown:
        raise KnobError(f"{kind.label}: “{unknown[0]}” is not one of {_listed(kind.options)}.")
    if not 1 <= len(chosen) <= kind.most:
        raise KnobError(f"{kind.label}: choose between one and {kind.most}.")
    return chosen


def _short(value: Any) -> str:
    """Return a value as a few words; an integer may be too long to be written at all."""
    if isinstance(value, int) and abs(value) >= 10**40:
        return "a huge integer"
    return str(value)[:40]


def _listed(options: Iterable[str]) -> str:
    return ", ".join(options)


def _check_sense(what: str, kind: Range, value: Any) -> None:
    if not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise KnobError(f"{what} is not a finite number.")
    if kind.lo > 0 and not float(value) > 0:
        raise KnobError(f"{what} must be positive.")
    if 0 <= kind.lo and kind.hi < 1 and not 0 <= float(value) < 1:
        raise KnobError(f"{what} must lie between 0 and 1.")


def bind_defaults(owner: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return all knobs of `owner` with the `given` values, in the order of its signature.

    The bounds of a knob are a page's business, not a notebook's; here a number need only make
    sense: finite, positive where the bounds are, a share of one where they are. Raises `KnobError`
    for one that does not, and for a name that `owner` does not have.
    """
    declared = knobs(owner)
    name = getattr(owner, "__name__", str(owner))
    for key, value in given.items():
        if key not in declared:
            raise KnobError(f"`{name}` has no knob `{key}`; it has {_listed(declared) or 'none'}.")
        kind = declared[key].kind
        if isinstance(kind, Range):
            _check_sense(f"`{key}` = {value} of `{name}`", kind, value)
        if isinstance(kind, Switch) and value not in (False, True):
            raise KnobError(f"`{key}` = {value} of `{name}` is neither true nor false.")
    return {key: given.get(key, knob.default) for key, knob in declared.items()}


# --- links ------------------------------------------------------------------------------------


def to_query(spec: Any, prefix: str = "", extra: Mapping[str, Any] | None = None) -> str:
    """Return a dataclass of knobs as a query string; what equals its default is left out.

    A spec may have more to say than its knobs: `extra_query() -> dict`, read by `with_extra_query`.
    """
    pairs = [
        (prefix + name, _as_text(getattr(spec, name)))
        for name, knob in knobs(spec.__class__).items()
        if getattr(spec, name) != knob.default
    ]
    if hasattr(spec, "extra_query"):
        pairs += [(prefix + name, _as_text(value)) for name, value in spec.extra_query().items()]
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
        return parse_qs(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:  # more fields than any link of ours has
        return {}


def parse(knob: Knob, texts: Sequence[str]) -> Any:
    """Return the value that the texts of one URL parameter mean, or raise `KnobError`."""
    if isinstance(knob.kind, Choices):
        return validate(knob, texts)
    if len(texts) != 1:
        raise KnobError(f"`{knob.name}` is given {len(texts)} times.")
    if isinstance(knob.kind, Switch):
        return validate(knob, {"true": True, "false": False}.get(texts[0].lower()))
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


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else value


# --- words and code ----------------------------------------------------------------------------


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
    return _listed(kind.options) if isinstance(kind, Choice | Choices) else ""


def meaning(kind: Kind) -> str:
    """Return label and help of a knob as one text."""
    return f"{kind.label}. {kind.help}".rstrip(". ")


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def as_arguments(owner: Callable[..., Any], values: Mapping[str, Any]) -> str:
    """Return the knobs of `owner` as Python keyword arguments, `lr=0.1, momentum=0.9`."""
    return ", ".join(f"{name}={values[name]!r}" for name in knobs(owner) if name in values)


def replace(spec: Any, **changes: Any) -> Any:
    """Return a copy of a spec with some knobs changed, each checked."""
    declared = knobs(spec.__class__)
    return dataclasses.replace(
        spec, **{name: validate(declared[name], value) for name, value in changes.items()}
    )
