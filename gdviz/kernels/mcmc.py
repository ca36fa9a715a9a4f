"""Markov chains, compiled: a log-density is compiled once, a sampler once, and any pair runs.

A log-density of one or two variables becomes two functions of fixed types: its value, and the
leapfrog flow along its gradient. A sampler is one loop over draws, in one of `_MODULES`, that is
handed them: n targets and m samplers need n + m compilations. The loops draw from a Generator:
the very same source gives the same bits compiled and as plain Python (`loop.py_func`).
"""

import math
import os
from collections.abc import Callable
from functools import lru_cache
from types import FunctionType
from typing import Any

import numpy as np
from numba import boolean, cfunc, config, f8, i8, njit, types, void
from numba.core.types import npy_rng

from gdviz.kernels import gradient_free_samplers, gradient_samplers
from gdviz.kernels import nuts as nuts_sampler
from gdviz.kernels import slice_sampler as slice_kernel
from gdviz.kernels.compile_cache import CompileBudget, compiled_once
from gdviz.kernels.entry import entry_point
from gdviz.kernels.from_source import function_from_source

TYPED = CompileBudget()
_MODULES = (gradient_free_samplers, slice_kernel, gradient_samplers, nuts_sampler)
_PLANE, _CUBE, _HYPER = f8[:, ::1], f8[:, :, ::1], f8[:, :, :, ::1]
_VALUE = f8(f8, f8)
_FLOW = f8(_PLANE, i8, i8, f8, boolean)
_LOOP = void(
    types.FunctionType(_VALUE), types.FunctionType(_FLOW), _PLANE, f8[::1], npy_rng, f8[::1],
    _CUBE, _HYPER,
)  # fmt: skip

Bounds = tuple[tuple[float, float], ...]


def value_of(
    source: str, variables: tuple[str, ...], bounds: Bounds | None, ready: bool = False
) -> Any:
    """Return the compiled log-density `value(x, y)`; y is there for one variable too, unused.

    Outside the `bounds` it is minus infinity. `source` is that of generated functions `value` and
    `gradient`; what is compiled of it is kept in a bounded cache, and for the next process if it
    comes `ready`.
    """
    return _linked(_VALUE, _value(source, variables, bounds), ready)


def may_compile(source: str, variables: tuple[str, ...], bounds: Bounds | None) -> bool:
    """Tell whether a typed log-density is among those that this process compiles."""
    return TYPED.grants((source, variables, bounds))


def flow_of(
    source: str, variables: tuple[str, ...], bounds: Bounds | None, ready: bool = False
) -> Any:
    """Return the compiled leapfrog flow `flow(Z, i, n, eps, keep) -> log-density`.

    It takes row i of `Z (rows, 3 d)`, holding position, momentum and gradient, through n leapfrog
    steps of size eps; n = 0 sets the gradient. With `keep` the k-th position on the way is written
    to row i + k. The gradient does not stop at the bounds: only the end of a path is tested. It is
    kept as the value is.
    """
    return _linked(_FLOW, _flow(source, variables, bounds), ready)


def no_flow() -> Any:
    """Return a flow for samplers that never ask for one, so that none is compiled for them."""
    return _linked(_FLOW, _still, True)


def _still(Z, i, n, eps, keep):
    return 0.0


@compiled_once(maxsize=256)
def _linked(signature: Any, function: Any, ready: bool) -> Any:
    """Return a function compiled to be handed to compiled code; with NUMBA_DISABLE_JIT=1 itself."""
    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        return function
    kept = ready and os.path.isfile(__file__)
    compiled = cfunc(signature, error_model="numpy", cache=kept)(function)
    compiled.address  # noqa: B018  (it is here that numba links the code)
    return compiled


@compiled_once(maxsize=256)
def for_python(compiled: Any) -> Any:
    """Return a compiled `value` or `flow` as a function that plain Python can call."""
    if isinstance(compiled, FunctionType):
        return compiled
    signature = _VALUE if len(compiled._sig.args) == 2 else _FLOW
    return njit(signature, error_model="numpy")(compiled.__wrapped__)


@compiled_once(maxsize=256)
def _value(source: str, variables: tuple[str, ...], bounds: Bounds | None) -> Any:
    names = _names(source)
    return function_from_source(_value_text(variables, bounds), names, __file__, source)


@compiled_once(maxsize=256)
def _flow(source: str, variables: tuple[str, ...], bounds: Bounds | None) -> Any:
    names = _names(source)
    value = _value_text(variables, bounds)
    exec(value, names)
    names["inside"] = njit(_VALUE, error_model="numpy")(names["log_density"])
    return function_from_source(_flow_text(variables), names, __file__, source + value)


def _names(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"np": np, "erf": math.erf, "INF": math.inf, "__name__": __name__}
    exec(source, names)
    for name in ("value", "gradient"):
        names[name] = njit(error_model="numpy", inline="always")(names[name])
    return names


def _value_text(variables: tuple[str, ...], bounds: Bounds | None) -> str:
    named = zip(variables, bounds or (), strict=False)
    walls = " and ".join(f"{lo!r} <= {name} <= {hi!r}" for name, (lo, hi) in named)
    walls = walls.replace("-inf", "-INF").replace("<= inf", "<= INF")
    head = ", ".join(variables) if len(variables) == 2 else f"{variables[0]}, other_"
    return f"""
def log_density({head}):
    if not ({walls or "True"}):
        return -INF
    return value({", ".join(variables)})
"""


def _flow_text(variables: tuple[str, ...]) -> str:
    """Return the source of a flow whose point, momentum and gradient stay in registers."""
    d = len(variables)
    x, p, g = (list(row) for row in (variables, ["p0_", "p1_"][:d], ["g0_", "g1_"][:d]))
    every = [*x, *p, *g]
    read = "; ".join(f"{name} = Z[i, {k}]" for k, name in enumerate(every))
    write = "; ".join(f"Z[i, {k}] = {name}" for k, name in enumerate(every))
    drift = "; ".join(f"{a} += eps * {b}" for a, b in zip(x, p, strict=True))
    kick = "; ".join(f"{a} += h_ * {b}" for a, b in zip(p, g, strict=True))
    keep = "; ".join(f"Z[i + k_, {j}] = {name}" for j, name in enumerate(x))
    at = ", ".join(x)
    slope = f"{', '.join(g)}, = gradient({at})"
    return f"""
def flow(Z, i, n, eps, keep):
    {read}
    if n == 0:
        {slope}
    h_ = 0.5 * eps
    if n > 0:
        {kick}
    for k_ in range(1, n + 1):
        {drift}
        {slope}
        h_ = eps if k_ < n else 0.5 * eps
        {kick}
        if keep:
            {keep}
    {write}
    return inside({at}{", 0.0" if d == 1 else ""})
"""


@compiled_once(maxsize=32)
def _compiled(loop: Callable[..., None]) -> Any:
    compiled = njit(_LOOP, error_model="numpy", nogil=True, cache=True)(loop)
    return entry_point(compiled)


def loop(name: str) -> Any:
    """Return the compiled loop of a sampler."""
    return _compiled(in_source(name))


def in_source(name: str) -> Any:
    """Return the loop of a sampler as it stands in the source."""
    return next(getattr(module, name) for module in _MODULES if hasattr(module, name))


@lru_cache(maxsize=32)
def plain(name: str) -> Callable[..., None]:
    """Return the loop of a sampler as plain Python: the same code, its helpers plain as well."""
    names = {key: value for module in _MODULES for key, value in vars(module).items()}
    for key, value in names.items():
        if hasattr(value, "py_func"):
            names[key] = FunctionType(value.py_func.__code__, names)
    return FunctionType(in_source(name).__code__, names)
