"""Problems and update rules as JavaScript, for a page that moves without a server."""

import inspect
from typing import Any

from gdviz.expressions.javascript import function_script
from gdviz.kernels.coupled_kernels import couples
from gdviz.optimize.methods import METHODS
from gdviz.optimize.problems import Problem


def problem_script(problem: Problem) -> str:
    """Return f and ∇f as `{ value, gradient }`, functions of the coordinates."""
    value, gradient = problem.formula.source.split("\n\n")
    return f"{{ value: {function_script(value)}, gradient: {function_script(gradient)} }}"


def is_rule_of_gradients(method: str) -> bool:
    """Tell whether a method is an update rule of the point, its gradient and a memory alone."""
    return hasattr(METHODS[method], "state")


def rule_script(method: str) -> str:
    """Return the update rule of a method, `(x, g, t, ...memory, ...knobs) => [x, ...memory]`.

    x, g and the memory are numbers, or lists over the coordinates if the rule couples them. Raises
    `ValueError` for a method that is no such rule.
    """
    if not is_rule_of_gradients(method):
        raise ValueError(f"`{method}` is no rule of gradients alone: it has no JavaScript.")
    rule: Any = inspect.unwrap(METHODS[method])
    source = getattr(rule, "rule_source", None) or inspect.getsource(rule)
    return function_script(source, couples(rule))
