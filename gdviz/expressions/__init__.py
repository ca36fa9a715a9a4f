"""A formula typed as text: value, gradient and Hessian as functions, as source and as LaTeX.

Text goes through `parse` (a whitelist), `calculus` (sympy objects built node by node) and
`source` (Python the exec below may trust, since no character of the text reaches it).
"""

import keyword
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np

from gdviz.expressions.latex import latex_of_typed
from gdviz.expressions.parse import ARITY, CONSTANTS, SHORTHANDS, FormulaError, parse

__all__ = ["Formula", "FormulaError", "formula"]

RESERVED = {*ARITY, *SHORTHANDS, *CONSTANTS, *keyword.kwlist, "np", "digamma", "trigamma"}


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula and its derivatives; equal, hashed and pickled by (text, variables).

    `value(x, y)`, `gradient(x, y)` and `hessian(x, y)` are elementwise: floats give floats, arrays
    broadcast. The gradient is a tuple of d results, the Hessian a tuple of d such tuples. Outside
    the domain the result is nan or inf; the caller decides about numpy's warnings.

    `source` is what `value` and `gradient` were made from; with `numba_ready` it compiles in a
    namespace of numpy as np and `math.erf` as erf. Like terms are collected: x/x is 1 everywhere,
    but log(x) - log(x) has no value below 0.
    """

    text: str
    variables: tuple[str, ...]
    latex: str
    value: Callable
    gradient: Callable
    source: str
    numba_ready: bool
    expression: Any
    partials: tuple

    def __call__(self, *arguments: Any) -> Any:
        """Return `value(*arguments)`: a formula may stand wherever a function may."""
        return self.value(*arguments)

    @cached_property
    def gradient_latex(self) -> tuple[str, ...]:
        """LaTeX of each partial derivative."""
        from gdviz.expressions import calculus

        return tuple(calculus.latex_of_derivative(part) for part in self.partials)

    @cached_property
    def hessian_source(self) -> str:
        """Source of `hessian`, computed when first asked for: it costs more than all the rest."""
        from gdviz.expressions import calculus, source

        symbols = [calculus.sp.Symbol(name) for name in self.variables]
        rows = calculus.hessian(self.partials, symbols)
        return source.function_source("hessian", symbols, rows)

    @cached_property
    def hessian(self) -> Callable:
        """The (d, d) second derivatives as an elementwise function."""
        return partial(broadcast_tree, load(self.hessian_source)["hessian"])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Formula):
            return NotImplemented
        return (self.text, self.variables) == (other.text, other.variables)

    def __hash__(self) -> int:
        return hash((self.text, self.variables))

    def __reduce__(self):
        return formula, (self.text, self.variables)


@lru_cache(maxsize=256)
def formula(text: str, variables: tuple[str, ...] = ("x",)) -> Formula:
    """Read a formula in the given variables; raise FormulaError, whose message is one sentence."""
    check_variables(variables)
    tree = parse(text, variables)

    # Sympy takes half a second to import: a page that shows no formula should not wait for it.
    from gdviz.expressions import calculus, source

    symbols = {name: calculus.sp.Symbol(name) for name in variables}
    order = tuple(symbols.values())
    expression = calculus.build_whole(tree, symbols)
    partials = calculus.gradient(expression, order)
    text_of_both = "\n\n".join(
        source.function_source(*part)
        for part in (("value", order, expression), ("gradient", order, partials))
    )
    functions = load(text_of_both)
    return Formula(
        text.strip(),
        variables,
        latex_of_typed(tree),
        broadcast_arguments(functions["value"], [expression], order),
        broadcast_arguments(functions["gradient"], partials, order),
        text_of_both,
        "gamma(" not in text_of_both,
        expression,
        partials,
    )


def check_variables(variables: tuple[str, ...]) -> None:
    """Raise ValueError for variables that cannot be arguments of the generated functions."""
    for name in variables:
        plain = name.isidentifier() and name.isascii() and not name.startswith("_")
        if not plain or name.endswith("_") or name in RESERVED:
            raise ValueError(f"`{name}` cannot be the name of a variable")


def load(source: str) -> dict[str, Any]:
    """Run generated source and return its functions by name."""
    namespace: dict[str, Any] = {"np": np}
    if "erf(" in source or "gamma(" in source:
        from scipy import special

        namespace |= {"erf": special.erf, "gamma": special.gamma, "digamma": special.digamma}
        namespace["trigamma"] = partial(special.zeta, 2.0)
    exec(source, namespace)
    return namespace


def broadcast_arguments(function: Callable, results: Sequence, symbols: Sequence) -> Callable:
    """Make a function broadcast all its arguments even where its results ignore some of them."""
    if all(result.free_symbols.issuperset(symbols) for result in results):
        return function
    return partial(broadcast_tree, function)


def broadcast_tree(function: Callable, *arguments):
    """Call a function and broadcast each of its results to the shape of the arguments."""
    results = function(*arguments)
    if all(isinstance(argument, float) for argument in arguments):
        return results
    return broadcast_to_input(
        results, np.broadcast_shapes(*(np.shape(argument) for argument in arguments))
    )


def broadcast_to_input(results, shape: tuple[int, ...]):
    """Broadcast every leaf of a nested tuple to `shape`."""
    if isinstance(results, tuple):
        return tuple(broadcast_to_input(result, shape) for result in results)
    if np.shape(results) == shape:
        return results
    return np.array(np.broadcast_to(results, shape), float)
