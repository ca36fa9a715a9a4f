"""Kernels of blocks of lanes: one for a formula and its gradient, one for an update rule."""

import inspect
import math
import os
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import cfunc, config, f8, i8, njit, void

from gdviz.kernels.compile_cache import CompileBudget, compiled_once
from gdviz.kernels.coupled_kernels import coupled_kernel_text, couples
from gdviz.kernels.from_source import function_from_source, rule_from_source

TYPED = CompileBudget()

LINE, PLANE, CUBE = f8[::1], f8[:, ::1], f8[:, :, ::1]

GRADIENT = i8(PLANE, PLANE, LINE, LINE, LINE, i8[::1], LINE)

RULE = void(PLANE, PLANE, LINE, f8, CUBE, LINE, PLANE)


class Gradient(NamedTuple):
    """The compiled value and gradient of a formula, and the numbers it is called with."""

    kernel: Any
    numbers: np.ndarray


_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d*(?:e[+-]?\d+)?|(?<![\w.])-?\d+e[+-]?\d+")


def gradient_kernel(source: str, variables: tuple[str, ...], ready: bool = False) -> Gradient:
    """Return the block kernel of generated `value` and `gradient` functions, from a bounded cache.

    `kernel(X (d, B), G (d, B), F (B,), floor (B,), wall (B,), live (B,), numbers) -> events` writes
    ∇f to G and f to F, and counts the live lanes that need a look: |g|² ≤ floor, |x|² ≥ wall, f not
    finite. What is compiled for a formula that comes `ready` is kept for the next process.
    """
    text, numbers = _without_numbers(source)
    return Gradient(_gradient_kernel(text, variables, len(numbers), ready), numbers)


def may_compile(source: str, variables: tuple[str, ...]) -> bool:
    """Tell whether a typed formula is among those that this process compiles."""
    return TYPED.grants((_without_numbers(source)[0], variables))


@lru_cache(maxsize=256)
def _without_numbers(source: str) -> tuple[str, np.ndarray]:
    """Return generated functions of the variables and of n0_, n1_ …, and what these are."""
    seen: dict[str, int] = {}
    text = _NUMBER.sub(lambda found: f"n{seen.setdefault(found[0], len(seen))}_", source)
    more = "".join(f", n{k}_" for k in range(len(seen)))
    return re.sub(r"^(def .*)\):$", rf"\1{more}):", text, flags=re.M), np.array([*map(float, seen)])


def rule_kernel(rule: Callable[..., Any], slots: int) -> Any:
    """Return the block kernel of an update rule `(x, g, t, *slots, **knobs) -> (x, *slots)`.

    `kernel(X (d, B), G (d, B), lr (B,), t, S (slots, d, B), h (knobs but lr,), Y (d, B))` writes
    the new points to Y and the new slots to S.
    """
    return _rule_kernel(getattr(rule, "rule_source", rule), slots)


def may_compile_rule(rule: Callable[..., Any]) -> bool:
    """Tell whether a rule is one of ours, or among the typed ones that this process compiles."""
    return not hasattr(rule, "rule_source") or TYPED.grants(rule.rule_source)


@compiled_once(maxsize=256)
def _gradient_kernel(source: str, variables: tuple[str, ...], numbers: int, ready: bool) -> Any:
    rows = range(len(variables))
    x, g = [f"X[{i}, j]" for i in rows], [f"G[{i}, j]" for i in rows]
    given = ", ".join([*variables, *(f"n{k}_" for k in range(numbers))])
    # The numbers are read before the loop, else LLVM could not keep them in registers.
    text = f"""
def gradient_kernel(X, G, F, floor, wall, live, numbers):
    {"; ".join(f"n{k}_ = numbers[{k}]" for k in range(numbers)) or "pass"}
    for j in range(X.shape[1]):
        {", ".join(variables)}, = {", ".join(x)},
        F[j] = value({given})
        {", ".join(g)}, = gradient({given})
    events = 0
    for j in range(X.shape[1]):
        steep = {" + ".join(f"{part} * {part}" for part in g)} > floor[j]
        near = {" + ".join(f"{part} * {part}" for part in x)} < wall[j]
        events += live[j] & (not (steep & near & (F[j] - F[j] == 0.0)))
    return events
"""
    names: dict[str, Any] = {"np": np, "erf": math.erf, "__name__": __name__}
    exec(source, names)
    for name in ("value", "gradient"):
        names[name] = njit(error_model="numpy", inline="always")(names[name])
    kernel = function_from_source(text, names, __file__, source)
    return _compiled(GRADIENT, kernel, cache=ready and os.path.isfile(__file__))


@compiled_once(maxsize=256)
def _rule_kernel(given: Callable[..., Any] | str, slots: int) -> Any:
    rule = rule_from_source(given) if isinstance(given, str) else given
    if couples(rule):
        return _coupled_kernel(rule, slots)
    knobs = list(inspect.signature(rule).parameters)[3 + slots :]
    others = other_knobs(rule, slots)
    state = [f"S[{k}, i, j]" for k in range(slots)]
    arguments = ["X[i, j]", "G[i, j]", "t", *state]
    arguments += ["lr[j]" if name == "lr" else f"h_{name}" for name in knobs]
    # The knobs are read before the loops, else LLVM could not move beta**t out of them.
    text = f"""
def rule_kernel(X, G, lr, t, S, h, Y):
    {"; ".join(f"h_{name} = h[{k}]" for k, name in enumerate(others)) or "pass"}
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            {", ".join(["Y[i, j]", *state])}, = rule({", ".join(arguments)})
"""
    names: dict[str, Any] = {
        "rule": njit(error_model="numpy", fastmath={"arcp"}, inline="always")(rule),
        "__name__": rule.__module__,
    }
    file = rule.__code__.co_filename
    kernel = function_from_source(text, names, file, rule.__qualname__)
    # arcp: a division by what is the same for all lanes becomes a product.
    return _compiled(RULE, kernel, fastmath={"arcp"}, cache=os.path.isfile(file))


def _coupled_kernel(rule: Callable[..., Any], slots: int) -> Any:
    file, names = rule.__code__.co_filename, {"np": np, "__name__": rule.__module__}
    text = coupled_kernel_text(rule, slots)
    kernel = function_from_source(text, names, file, rule.__qualname__)
    return _compiled(RULE, kernel, cache=os.path.isfile(file))


@lru_cache(maxsize=64)
def other_knobs(rule: Callable[..., Any], slots: int) -> list[str]:
    """Return the knobs of a rule that are one number per block: all but the rate `lr`."""
    return [name for name in list(inspect.signature(rule).parameters)[3 + slots :] if name != "lr"]


def _compiled(signature: Any, function: Callable[..., Any], **options: Any) -> Any:
    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        return function
    kernel = cfunc(signature, error_model="numpy", **options)(function)
    kernel.address  # noqa: B018  (it is here that numba links the code)
    return kernel
