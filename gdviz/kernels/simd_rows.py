"""Rows of factors as vector instructions: their inner product, and the step of a pair of them.

Compiled, `dot` and `move` are a handful of instructions; as plain Python they are lines of NumPy,
and that is the reference. A row is padded with zeros to whole vectors of 64 bytes; `lanes` is a
tuple with one entry per vector, for the compiler has to know how many there are. A zero stays zero
under every step.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

VECTOR = 64  # bytes: one register of AVX-512, two of AVX2, a cache line everywhere
_LOOSE = ("reassoc", "contract")  # a sum may be taken in any order; not-a-number stays what it is


def lanes_of(factors: int, dtype: Any) -> tuple[int, ...]:
    """Return one entry for each vector that a row of so many factors takes."""
    return (0,) * max(1, -(-factors * np.dtype(dtype).itemsize // VECTOR))


def pad_rows(factors: np.ndarray, dtype: Any) -> np.ndarray:
    """Return a copy of `factors (n, k)` on aligned rows of whole vectors, with a row of zeros."""
    n, k = factors.shape
    rows = _aligned(n + 1, len(lanes_of(k, dtype)) * VECTOR // np.dtype(dtype).itemsize, dtype)
    rows[:n, :k] = factors
    rows[:n, k:] = rows[n] = 0
    return rows


def aligned_copy(rows: np.ndarray) -> np.ndarray:
    """Return a copy of padded rows; NumPy's own need not start where a vector may."""
    copy = _aligned(rows.shape[0], rows.shape[1], rows.dtype)
    copy[...] = rows
    return copy


def _aligned(rows: int, width: int, dtype: Any) -> np.ndarray:
    room = np.empty(rows * width * np.dtype(dtype).itemsize + VECTOR, np.uint8)
    start = -room.ctypes.data % VECTOR
    return room[start : len(room) - VECTOR + start].view(dtype).reshape(rows, width)


def dot(a, i, b, j, lanes):
    """Return the inner product of row i of `a` and row j of `b`."""
    return a[i] @ b[j]


def move(a, i, b, j, keep_a, step_a, keep_b, step_b, lanes):
    """Put keep·a + step·b in row i of `a`, and keep·b + step·a, with the old a, in row j of `b`."""
    before = a[i].copy()
    a[i] = keep_a * before + step_a * b[j]
    b[j] = keep_b * b[j] + step_b * before


# --- the two in vector instructions ---------------------------------------------------------------


class _Row:
    """The vectors of one row, while code is generated."""

    def __init__(self, context: Any, builder: Any, kind: Any, array: Any, row: Any, count: int):
        number = context.get_value_type(kind.dtype)
        size = kind.dtype.bitwidth // 8
        self.builder, self.kind = builder, ir.VectorType(number, VECTOR // size)
        data = context.make_array(kind)(context, builder, array).data
        start = builder.gep(data, [builder.mul(row, row.type(count * VECTOR // size))])
        first = builder.bitcast(start, self.kind.as_pointer())
        self.places = [builder.gep(first, [ir.Constant(row.type, c)]) for c in range(count)]

    def load(self) -> list[Any]:
        return [self.builder.load(place, align=VECTOR) for place in self.places]

    def store(self, values: list[Any]) -> None:
        for place, value in zip(self.places, values, strict=True):
            self.builder.store(value, place, align=VECTOR)

    def splat(self, value: Any) -> Any:
        """Return a vector with the same number in each place."""
        nothing = ir.Constant(self.kind, ir.Undefined)
        first = self.builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), self.kind.count), None)
        return self.builder.shuffle_vector(first, nothing, zeros)


@intrinsic
def _dot(typing, a, i, b, j, lanes):
    def generate(context, builder, signature, arguments):
        first = _Row(context, builder, a, arguments[0], arguments[1], lanes.count)
        second = _Row(context, builder, b, arguments[2], arguments[3], lanes.count)
        products = [
            builder.fmul(p, q, flags=_LOOSE)
            for p, q in zip(first.load(), second.load(), strict=True)
        ]
        total = products[0]
        for product in products[1:]:
            total = builder.fadd(total, product, flags=_LOOSE)
        number = first.kind.element
        letter = "f32" if number == ir.FloatType() else "f64"
        reduce = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(number, [number, first.kind]),
            f"llvm.vector.reduce.fadd.v{first.kind.count}{letter}",
        )
        return builder.call(reduce, [ir.Constant(number, 0.0), total], fastmath=_LOOSE)

    return a.dtype(a, types.intp, b, types.intp, lanes), generate


@intrinsic
def _move(typing, a, i, b, j, keep_a, step_a, keep_b, step_b, lanes):
    def generate(context, builder, signature, arguments):
        first = _Row(context, builder, a, arguments[0], arguments[1], lanes.count)
        second = _Row(context, builder, b, arguments[2], arguments[3], lanes.count)
        p, q = first.load(), second.load()
        first.store(_mixed(builder, p, q, *map(first.splat, arguments[4:6])))
        second.store(_mixed(builder, q, p, *map(second.splat, arguments[6:8])))
        return context.get_dummy_value()

    numbers = (a.dtype,) * 4
    return types.none(a, types.intp, b, types.intp, *numbers, lanes), generate


def _mixed(builder: Any, own: list[Any], other: list[Any], keep: Any, step: Any) -> list[Any]:
    pairs = zip(own, other, strict=True)
    kept = [
        (builder.fmul(x, keep, flags=_LOOSE), builder.fmul(y, step, flags=_LOOSE)) for x, y in pairs
    ]
    return [builder.fadd(x, y, flags=_LOOSE) for x, y in kept]


@overload(dot)
def _compiled_dot(a, i, b, j, lanes):
    return lambda a, i, b, j, lanes: _dot(a, i, b, j, lanes)  # type: ignore[call-arg]


@overload(move)
def _compiled_move(a, i, b, j, keep_a, step_a, keep_b, step_b, lanes):
    return lambda a, i, b, j, keep_a, step_a, keep_b, step_b, lanes: _move(  # type: ignore[call-arg]
        a, i, b, j, keep_a, step_a, keep_b, step_b, lanes
    )
