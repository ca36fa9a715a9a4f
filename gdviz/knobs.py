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
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints


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
    """A line of text of at most `most` characters; what it means is checked where it is used.

    `form` is a pattern that all of it has, for texts that are lists: see `well_formed`. A text of
    several lines has a field of so many `rows`.
    """

    label: str
    help: str = ""
    most: int = 300
    form: str = ""
    rows: int = 1


class Switch(NamedTuple):
    """On or off."""

    label: str
    help: str = ""


Kind = Range | Choice | Choices | Text | Switch


class Need(NamedTuple):
    """A condition under which a knob counts for anything; see `needs`."""

    names: tuple[str, ...]
    values: tuple[str, ...]


def needs(other: str, *values: str) -> Need:
    """Return the condition that another knob has one of some values, or without values is not off.

    Off are 0, False, "none" and nothing chosen. `a or b` names two knobs, one of which will do; an
    empty name says that no other knob helps: `values` then say where this one counts.

        tol: Annotated[float, Range(1e-14, 1.0, "tolerance"), needs("stop")]
    """
    return Need(tuple(other.split(" or ")) if other else (), values)


class Knob(NamedTuple):
    """A declared parameter: its name, its type, its kind, its default, and when it counts."""

    name: str
    type: type
    kind: Kind
    default: Any
    needs: tuple[Need, ...] = ()


@lru_cache(maxsize=256)
def knobs(owner: Callable[..., Any]) -> dict[str, Knob]:
    """Return the knobs on the signature of a function or on the fields of a dataclass, by name."""
    hints = get_type_hints(inspect.unwrap(owner), include_extras=True)
    defaults = inspect.signature(owner).parameters
    found = {}
    for name, hint in hints.items():
        if get_origin(hint) is Annotated and name in defaults:
            base, kind, *conditions = get_args(hint)
            own = get_origin(base) or base
            found[name] = Knob(name, own, kind, defaults[name].default, tuple(conditions))
    return found


def unmet(knob: Knob, value_of: Callable[..., Any]) -> Need | None:
    """Return the first need of a knob that the values of the other knobs do not meet."""
    for need in knob.needs:
        if not any(_meets(value_of(name), need.values) for name in need.names):
            return need
    return None


def _meets(value: Any, values: tuple[str, ...]) -> bool:
    several = value if isinstance(value, tuple) else (value,)
    if values:
        return any(one in values for one in several)
    return any(one not in (0, "", "none") for one in several)


def values_of(spec: Any, swept: Mapping[str, Iterable[Any]], name: str) -> tuple[Any, ...]:
    """Return the values that a knob takes: those it is swept over, or that of the settings."""
    values = swept[name] if name in swept else (getattr(spec, name),)
    return tuple(one for v in values for one in (v if isinstance(v, tuple) else (v,)))


def refusal(name: str, need: Need, named: Callable[[str], str] = str) -> str:
    """Return the sentence that refuses an idle setting, and says what to add."""
    if not need.names:
        return f"{named(name)} counts only in {' or '.join(need.values)}."
    others = " or ".join(map(named, need.names))
    if not need.values:
        return f"{named(name)} does nothing while {others} is off: set that too."
    return f"{named(name)} does nothing without {others} {', '.join(need.values)}: add it."


def idle(spec: Any) -> list[str]:
    """Return the knobs that count for nothing at these settings.

    >>> from gdviz.topics.descent import Descent
    >>> idle(Descent(methods=("gd",), stop="none"))
    ['formula', 'left', 'right', 'rule', 'momentum', 'beta1', 'beta2', 'tol']
    """
    declared = knobs(spec.__class__)
    return [name for name, knob in declared.items() if unmet(knob, lambda n: getattr(spec, n))]


def validate(knob: Knob, value: Any) -> Any:
    """Return `value` as the knob's type, or raise `KnobError` saying what would be right."""
    kind = knob.kind
    if isinstance(kind, Range):
        return _check_number(knob, kind, value)
    if isinstance(kind, Choice) and str(value) not in kind.options:
        raise KnobError(f"{kind.label}: “{_short(value)}” is not one of {', '.join(kind.options)}.")
    if isinstance(kind, Choices):
        return _check_several(kind, value)
    if isinstance(kind, Text) and len(str(value)) > kind.most:
        raise KnobError(f"{kind.label}: {len(str(value))} characters, at most {kind.most}.")
    if isinstance(kind, Switch):
        if (getattr(value, "ndim", 0), getattr(value, "dtype", type(value))) != (0, bool):
            raise KnobError(f"{kind.label} is either true or false.")
        return bool(value)
    return value


NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
PAIRS = rf"(?:{NUMBER},{NUMBER}(?:;{NUMBER},{NUMBER})*)?"  # the form of a text `x,y;x,y;…`


def well_formed(knob: Knob, value: Any) -> Any:
    """Return a value; raise `KnobError` if it is a text that does not have its form.

    For the command line, where nobody sees that half a list was read. A page shows what there is.
    """
    kind = knob.kind
    if isinstance(kind, Text) and kind.form and not re.fullmatch(kind.form, value):
        raise KnobError(f"{kind.label}: “…{value[-20:]}” is damaged. {kind.help}")
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
        raise KnobError(f"{kind.label}: “{unknown[0]}” is not one of {', '.join(kind.options)}.")
    if not 1 <= len(chosen) <= kind.most:
        raise KnobError(f"{kind.label}: choose between one and {kind.most}.")
    return chosen


def _short(value: Any) -> str:
    """Return a value as a few words; an integer may be too long to be written at all."""
    if isinstance(value, int) and abs(value) >= 10**40:
        return "a huge integer"
    return str(value)[:40]


def _check_sense(what: str, kind: Range, value: float) -> None:
    if not math.isfinite(value):
        raise KnobError(f"{what} is not a finite number.")
    if kind.lo > 0 and not value > 0:
        raise KnobError(f"{what} must be positive.")
    if 0 <= kind.lo and kind.hi < 1 and not 0 <= value < 1:
        raise KnobError(f"{what} must lie between 0 and 1.")


def as_number(what: str, value: Any) -> Any:
    """Return a number of Python or NumPy as it is, and what is one by another type as a float.

    That is a Decimal, a Fraction, or an array without axes. Text is no number, whatever it reads.
    """
    of_numpy = hasattr(value, "dtype") and isinstance(value, numbers.Real)
    if isinstance(value, int | float) or of_numpy:
        return value
    is_complex = isinstance(value, numbers.Complex) and not isinstance(value, numbers.Real)
    if isinstance(value, str | bytes) or is_complex or getattr(value, "shape", ()) != ():
        raise KnobError(f"{what} is not one number.")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise KnobError(f"{what} is not one number.") from None


def bind_defaults(owner: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return all knobs of `owner` with the `given` values, in the order of its signature.

    The bounds of a knob are a page's business, not a notebook's; here a number need only make
    sense: finite, positive where the bounds are, a share of one where they are. Raises `KnobError`
    for one that does not, and for a name that `owner` does not have.
    """
    declared, values = knobs(owner), dict(given)
    name = getattr(owner, "__name__", str(owner))
    for key, value in given.items():
        if key not in declared:
            raise KnobError(
                f"`{name}` has no knob `{key}`; it has {', '.join(declared) or 'none'}."
            )
        kind, what = declared[key].kind, f"`{key}` = {_short(value)} of `{name}`"
        if isinstance(kind, Range):
            values[key] = as_number(what, value)
            _check_sense(what, kind, values[key])
        if isinstance(kind, Switch) and value not in (False, True):
            raise KnobError(f"{what} is neither true nor false.")
    return {key: values.get(key, knob.default) for key, knob in declared.items()}


def knobs_told(spec: Any) -> list[str]:
    """Return the knobs that a link names: those not at their default, and what leaves them idle.

    So a reader can tell a setting that was left idle from one whose other half was forgotten.
    """
    declared = knobs(spec.__class__)
    told = {name for name, knob in declared.items() if getattr(spec, name) != knob.default}
    for name in told & set(idle(spec)):
        told |= {other for need in declared[name].needs for other in need.names}
    return [name for name in declared if name in told]


# --- words and code ----------------------------------------------------------------------------


def replace(spec: Any, **changes: Any) -> Any:
    """Return a copy of a spec with some knobs changed, each checked."""
    declared = knobs(spec.__class__)
    return dataclasses.replace(
        spec, **{name: validate(declared[name], value) for name, value in changes.items()}
    )
