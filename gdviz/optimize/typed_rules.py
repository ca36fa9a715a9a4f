"""An update rule typed as text becomes a method like ours: state, knobs, kernel and all.

`METHODS` knows such a method by its text:

    descend(problem, [2.0], "v = beta*v + (1 - beta)*g; x = x - lr*v/sqrt(t)", lr=0.05)
"""

import ast
import inspect
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from types import FunctionType
from typing import Annotated, Any

import numpy as np

from gdviz.core import Method
from gdviz.expressions.rule_arithmetic import wrong
from gdviz.expressions.update_rule import MAX_LINES, MAX_TEXT, UpdateRule, one_line, read_rule
from gdviz.kernels.from_source import rule_from_source
from gdviz.knobs import Knob, KnobError, Range, Text, validate
from gdviz.optimize import rules
from gdviz.optimize.elementwise import elementwise
from gdviz.optimize.memory_kinds import memory_kinds

RULE = "rule"  # the typed rule among the methods of a page, and the knob that holds its text
RULE_LABEL = "Your rule"
RULE_TEXT = "v = beta*v + (1 - beta)*g\nx = x - lr*v/sqrt(t)"
RULE_EXAMPLES = {
    "A momentum that tires": RULE_TEXT,
    "Adam": "m = beta1*m + (1 - beta1)*g\n"
    "v = beta2*v + (1 - beta2)*g*g\n"
    "m_hat = m/(1 - beta1**t)\n"
    "v_hat = v/(1 - beta2**t)\n"
    "x = x - lr*m_hat/(sqrt(v_hat) + eps)",
    "Steps of bounded length": "reach = 0.5\nx = x - lr*reach*tanh(g/reach)",
}
RuleText = Annotated[
    str,
    Text(
        "your rule",
        "Lines name = formula in the coordinate x, its gradient g and the step t = 1, 2, …",
        most=MAX_TEXT - 2 * MAX_LINES,  # its name in one line is that much longer
        rows=5,
    ),
]
# The knobs that need no line of their own.
KNOWN: Mapping[str, tuple[Any, float]] = {
    "lr": (rules.Rate, 0.1),
    "momentum": (rules.Momentum, 0.9),
    "beta": (Annotated[float, Range(0.0, 0.999, "β", "How much of a memory is kept.")], 0.9),
    "beta1": (rules.Beta1, 0.9),
    "beta2": (rules.Beta2, 0.999),
    "alpha": (rules.Alpha, 0.99),
    "rho": (rules.Rho, 0.9),
    "eps": (rules.Epsilon, 1e-8),
    "weight_decay": (rules.Decay, 0.0),
}
# What a memory cannot be called: a picture would take it for what another method keeps so.
OTHERS = frozenset(
    "f grad trials tried direction simplex f_simplex lo left right hi f_left f_right H moves turns"
    " average ascent slow outer_slow radius population C sigma".split()
)
# What a knob cannot be called: these are arguments of the functions that take it, and by `draws` a
# method that draws is known.
TAKEN = frozenset(
    "problem x0 y0 method steps stop tol conditions patience starts rates minima skip keep start"
    " schedule noise seed clip text draws".split()
)


def known_kinds() -> dict[str, tuple[Range, float]]:
    """Return the kind and the default of each of the knobs that need no line."""
    return {name: (hint.__metadata__[0], usual) for name, (hint, usual) in KNOWN.items()}


def is_rule(name: str) -> bool:
    """Tell whether the name of a method is the text of a rule."""
    return "=" in name


def rule_name(text: str) -> str:
    """Return the name of a typed rule among methods: its text in one line.

    Raises `FormulaError` for a text that is no rule.

    >>> rule_name("m = 0.9*m + g; x = x - lr*m  # a sum")
    'm = 0.9*m + g; x = x - lr*m'
    """
    typed_rule(text)
    return one_line(text)


@lru_cache(maxsize=256)
def typed_rule(text: str) -> Callable[..., Method]:
    """Return the method that a text says; raise `FormulaError` with line and column.

    The coordinate `x`, its gradient `g` and the step `t` are given; a name that is read before it
    is computed is a memory and starts at zero; a line `name = number` declares a knob. `KNOWN`
    knobs need no line. It is elementwise; its `rule_source` is the code that runs, `velocity` and
    `squares` are the memories that a picture can show; the first points uphill, as g does, or
    `downhill` is 1.
    """
    read = read_rule(text, frozenset(KNOWN))
    own = _with_knobs(rule_from_source(_source(read)), read)

    @wraps(own)
    def of_numbers(x: Any, *given: Any) -> tuple[Any, ...]:
        values = (np.float64(v) if isinstance(v, int | float) else v for v in (x, *given))
        return tuple(_as_wide(made, np.shape(x)) for made in own(*values))

    _check_memories(read)
    factory: Any = elementwise(of_numbers)
    factory.__wrapped__ = own
    factory.velocity, factory.squares = memory_kinds(read)
    factory.downhill = _downhill(of_numbers, read, factory.velocity)
    return factory


def _downhill(rule: Callable[..., Any], read: UpdateRule, velocity: str) -> int:
    """Return 1 if a gradient of 1 makes a velocity of less than 0 of no memory at all, else −1."""
    with np.errstate(all="ignore"):
        knobs_of_it = inspect.unwrap(rule).__defaults__
        _, *made = rule(0.0, 1.0, 1, *(0.0 for _ in read.memories), *knobs_of_it)
    return 1 if velocity and made[read.memories.index(velocity)] < 0 else -1


def undeclared_knobs(text: str) -> list[str]:
    """Return the knobs of a rule that its text gives no default."""
    return [
        name for name, value in read_rule(text, frozenset(KNOWN)).knobs.items() if value is None
    ]


def _as_wide(value: Any, shape: tuple[int, ...]) -> Any:
    """Return what a rule computed in the shape of its points: it may not depend on them."""
    if np.shape(value) == shape:
        return value if shape else np.float64(value)
    return np.array(np.broadcast_to(value, shape), float)


def _source(read: UpdateRule) -> str:
    """Return the rule as a function in the form of ours, without the defaults of its knobs."""
    arguments = ", ".join(["x", "g", "t", *read.memories, *_ordered(read)])
    lines = [f"    {line.name} = {ast.unparse(line.value)}" for line in read.lines]
    results = ", ".join(("x", *read.memories)) + ("" if read.memories else ",")
    return "\n".join([f"def rule({arguments}):", *lines, f"    return {results}", ""])


def _ordered(read: UpdateRule) -> list[str]:
    return sorted(read.knobs, key=lambda name: name != "lr")


def _with_knobs(body: FunctionType, read: UpdateRule) -> Any:
    """Return the rule with the knobs that it declares, checked."""
    own = FunctionType(body.__code__, body.__globals__, "your_rule")
    hints, defaults = {}, []
    for name in _ordered(read):
        hint, value = _declared(name, read)
        hints[name] = hint
        defaults.append(value)
    own.__annotations__ = hints
    own.__defaults__ = tuple(defaults)
    own.__doc__ = None
    own.rule_source = body.rule_source  # type: ignore[attr-defined]
    return own


def _declared(name: str, read: UpdateRule) -> tuple[Any, float]:
    """Return the declaration of a knob and its default."""
    given = read.knobs[name]
    if name in TAKEN:
        raise wrong(read.places[name], f"`{name}` cannot be the name of a knob: choose another one")
    if name not in KNOWN:
        assert given is not None
        return Annotated[float, _range_around(name, given)], given
    hint, usual = KNOWN[name]
    value = usual if given is None else given
    try:
        validate(Knob(name, float, hint.__metadata__[0], value), value)
    except KnobError as error:
        raise wrong(read.places[name], str(error).rstrip(".")) from None
    return hint, value


def _range_around(name: str, value: float) -> Range:
    """Return the bounds of a knob that nobody knows: from zero to ten times its default."""
    far = min(max(1.0, 10 * abs(value)), sys.float_info.max)
    lo, hi = (0.0, far) if value >= 0 else (-far, 0.0)
    return Range(lo, hi, name, "A knob of your rule.")


def _check_memories(read: UpdateRule) -> None:
    for name in read.memories:
        if name in OTHERS:
            raise wrong(
                read.places[name], f"`{name}` cannot be the name of a memory: choose another one"
            )
