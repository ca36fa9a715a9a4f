"""Reverse-mode differentiation on a tape: every value remembers what it was made of.

    w, x = Value(2.0), Value(3.0)
    gradients(tanh(w * x))[w]

A `Value` holds an array. Each operation stores, beside its result, how an upstream gradient is
passed down to each parent; `gradients` walks the graph once, children before parents, without
recursion, so that a chain of a hundred thousand links is no deeper than one of two.
"""

import numbers
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from gdviz.learn.activations import ACTIVATIONS, softplus
from gdviz.learn.local_slopes import (
    angle_and_slopes,
    erf_value,
    gamma_slope,
    gamma_value,
    max_and_slopes,
    min_and_slopes,
    remainder_and_slopes,
)

Pull = Callable[[np.ndarray], Any]


class Value:
    """An array with its history: `parents`, and `pulls`, one per parent, from ∂out to ∂parent.

    `local` are the local derivatives of an elementwise operation, one per parent.
    """

    __slots__ = ("data", "parents", "pulls", "local", "op")
    __array_ufunc__ = None  # an array on the left leaves the operation to us

    def __init__(
        self,
        data: Any,
        parents: tuple["Value", ...] = (),
        pulls: tuple[Pull, ...] = (),
        op: str = "",
        local: tuple[Any, ...] = (),
    ) -> None:
        self.data = np.asarray(data, dtype=float)
        self.parents, self.pulls, self.op, self.local = parents, pulls, op, local

    def __repr__(self) -> str:
        return f"Value({self.data!r}, op={self.op!r})"

    def __add__(self, other: Any) -> "Value":
        other = as_value(other)
        return elementwise("+", self.data + other.data, (self, other), (1.0, 1.0))

    def __sub__(self, other: Any) -> "Value":
        other = as_value(other)
        return elementwise("-", self.data - other.data, (self, other), (1.0, -1.0))

    def __mul__(self, other: Any) -> "Value":
        other = as_value(other)
        return elementwise("*", self.data * other.data, (self, other), (other.data, self.data))

    def __truediv__(self, other: Any) -> "Value":
        other = as_value(other)
        with np.errstate(all="ignore"):
            result = self.data / other.data
            slopes = (1 / other.data, -result / other.data)
        return elementwise("/", result, (self, other), slopes)

    def __pow__(self, other: Any) -> "Value":
        if isinstance(other, numbers.Real):
            return _power(self, float(other))
        return _general_power(self, as_value(other))

    def __neg__(self) -> "Value":
        return elementwise("neg", -self.data, (self,), (-1.0,))

    def __matmul__(self, other: Any) -> "Value":
        other = as_value(other)
        a, b = self.data, other.data
        pulls = (lambda g: g @ b.T, lambda g: a.T @ g)
        return Value(a @ b, (self, other), pulls, "@")

    def __radd__(self, other: Any) -> "Value":
        return as_value(other) + self

    def __rsub__(self, other: Any) -> "Value":
        return as_value(other) - self

    def __rmul__(self, other: Any) -> "Value":
        return as_value(other) * self

    def __rtruediv__(self, other: Any) -> "Value":
        return as_value(other) / self

    def __rpow__(self, other: Any) -> "Value":
        return as_value(other) ** self

    def __rmatmul__(self, other: Any) -> "Value":
        return as_value(other) @ self

    def sum(self, axis: int | None = None) -> "Value":
        """Return the sum over an axis, or over all."""
        shape = self.data.shape

        def pull(g: np.ndarray) -> np.ndarray:
            return np.broadcast_to(g if axis is None else np.expand_dims(g, axis), shape)

        return Value(self.data.sum(axis=axis), (self,), (pull,), "sum")

    def mean(self) -> "Value":
        """Return the mean over all."""
        return self.sum() / self.data.size


def as_value(x: Any) -> Value:
    """Return x as a value, a constant unless it is one already."""
    return x if isinstance(x, Value) else Value(x, op="const")


def elementwise(op: str, result: Any, parents: tuple[Value, ...], slopes: tuple[Any, ...]) -> Value:
    """Return the value of an elementwise operation from its result and its local derivatives.

    A parent that was broadcast gets the sum over what it was broadcast along.
    """

    def pull_of(parent: Value, slope: Any) -> Pull:
        return lambda g: _summed_to(g * slope, parent.data.shape)

    pulls = tuple(pull_of(p, s) for p, s in zip(parents, slopes, strict=True))
    return Value(result, parents, pulls, op, slopes)


def _summed_to(g: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if g.shape == shape:
        return g
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    thin = tuple(i for i, size in enumerate(shape) if size == 1 and g.shape[i] != 1)
    return g.sum(axis=thin, keepdims=True) if thin else g


def _power(x: Value, n: float) -> Value:
    with np.errstate(all="ignore"):
        slope = n * x.data ** (n - 1) if n else 0.0 * x.data
        return elementwise(f"**{n:g}", x.data**n, (x,), (slope,))


def _general_power(x: Value, y: Value) -> Value:
    with np.errstate(all="ignore"):
        result = x.data**y.data
        by_y = np.where(x.data > 0, result * np.log(np.where(x.data > 0, x.data, 1.0)), np.nan)
        by_y = np.where((x.data == 0) & (y.data > 0), 0.0, by_y)
        by_x = np.where(y.data == 0, 0.0, y.data * x.data ** (y.data - 1))
        return elementwise("**", result, (x, y), (by_x, by_y))


def order(output: Value) -> list[Value]:
    """Return all that `output` was made of, parents before children, without recursion."""
    done: dict[int, Value] = {}
    stack = [(output, iter(output.parents))]
    seen = {id(output)}
    while stack:
        node, parents = stack[-1]
        parent = next((p for p in parents if id(p) not in seen), None)
        if parent is None:
            done[id(node)] = node
            stack.pop()
        else:
            seen.add(id(parent))
            stack.append((parent, iter(parent.parents)))
    return list(done.values())


def gradients(output: Value) -> "Gradients":
    """Return ∂(sum of output)/∂value of every value that it was made of."""
    found: dict[int, Any] = {id(output): np.ones_like(output.data)}
    with np.errstate(all="ignore"):
        for node in reversed(order(output)):
            upstream = found[id(node)]
            for parent, pull in zip(node.parents, node.pulls, strict=True):
                found[id(parent)] = found.get(id(parent), 0.0) + pull(upstream)
    return Gradients(output, found)


class Gradients(Mapping[Value, np.ndarray]):
    """The gradients of one output, by value."""

    def __init__(self, output: Value, found: Mapping[int, Any]) -> None:
        self.output, self._found = output, found  # the output keeps the ids alive

    def __getitem__(self, value: Value) -> np.ndarray:
        if id(value) not in self._found:
            raise KeyError("the output was not made of this value")
        return np.asarray(self._found[id(value)])

    def __iter__(self) -> Iterator[Value]:
        return iter(order(self.output))

    def __len__(self) -> int:
        return len(self._found)


# --- functions ------------------------------------------------------------------------------------


def apply(name: str, *arguments: Any) -> Value:
    """Return a function of `FUNCTIONS` or `PAIRS` applied to values."""
    values = tuple(map(as_value, arguments))
    with np.errstate(all="ignore"):
        if name in PAIRS:
            result, slopes = PAIRS[name](*(v.data for v in values))
            return elementwise(name, result, values, slopes)
        (x,) = values
        value, slope = FUNCTIONS[name]
        return elementwise(name, value(x.data), (x,), (slope(x.data),))


def tanh(x: Any) -> Value:
    """Return tanh x."""
    return apply("tanh", x)


def exp(x: Any) -> Value:
    """Return e^x."""
    return apply("exp", x)


def log(x: Any) -> Value:
    """Return the natural logarithm of x."""
    return apply("log", x)


def activate(name: str, x: Any) -> Value:
    """Return an activation of the network applied to x."""
    kind, x = ACTIVATIONS[name], as_value(x)
    return elementwise(name, kind.value(x.data), (x,), (kind.slope(x.data),))


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sin": (np.sin, np.cos),
    "cos": (np.cos, lambda x: -np.sin(x)),
    "tan": (np.tan, lambda x: 1 + np.tan(x) ** 2),
    "asin": (np.arcsin, lambda x: 1 / np.sqrt(1 - x * x)),
    "acos": (np.arccos, lambda x: -1 / np.sqrt(1 - x * x)),
    "atan": (np.arctan, lambda x: 1 / (1 + x * x)),
    "sinh": (np.sinh, np.cosh),
    "cosh": (np.cosh, np.sinh),
    "tanh": (np.tanh, ACTIVATIONS["tanh"].slope),
    "asinh": (np.arcsinh, lambda x: 1 / np.sqrt(x * x + 1)),
    "acosh": (np.arccosh, lambda x: 1 / np.sqrt(x * x - 1)),
    "atanh": (np.arctanh, lambda x: 1 / (1 - x * x)),
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda x: np.where(x > 0, 1 / x, np.nan)),
    "ln": (np.log, lambda x: np.where(x > 0, 1 / x, np.nan)),
    "log2": (np.log2, lambda x: 1 / (x * np.log(2.0))),
    "log10": (np.log10, lambda x: 1 / (x * np.log(10.0))),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "cbrt": (np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2)),
    "abs": (np.abs, np.sign),
    "sign": (np.sign, np.zeros_like),
    "floor": (np.floor, np.zeros_like),
    "ceil": (np.ceil, np.zeros_like),
    "heaviside": (lambda x: np.heaviside(x, 0.5), np.zeros_like),
    "erf": (erf_value, lambda x: 2 / np.sqrt(np.pi) * np.exp(-x * x)),
    "gamma": (gamma_value, gamma_slope),
    "sigmoid": (ACTIVATIONS["sigmoid"].value, ACTIVATIONS["sigmoid"].slope),
    "softplus": (softplus, ACTIVATIONS["sigmoid"].value),
    "relu": (ACTIVATIONS["relu"].value, ACTIVATIONS["relu"].slope),
}
PAIRS: dict[str, Callable[[Any, Any], Any]] = {
    "max": max_and_slopes,
    "min": min_and_slopes,
    "atan2": angle_and_slopes,
    "mod": remainder_and_slopes,
}
