"""exp, tanh, log1p and the activations as branch-free arithmetic, which vectorises.

The functions of libm are called one number at a time, and take most of the time of a small network.
These are within a few units of the last place, near zero too, where it matters for deep networks.
"""

import math

import numpy as np
from numba import njit

ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "gelu", "silu", "softplus")
IDENTITY, SIGMOID, TANH, RELU, LEAKY_RELU, GELU, SILU, SOFTPLUS = range(8)
LEAK = 0.01

_LOG2E, _LN2_HI, _LN2_LO = 1.4426950408889634, 0.693147180369123816490, 1.90821492927058770002e-10
_MAGIC = 6755399441055744.0  # 1.5·2⁵²: adding it rounds to a whole number, in the low bits
_ROOT_HALF, _ROOT_2PI = math.sqrt(0.5), math.sqrt(2 * math.pi)

# Only a·b + c may become one instruction: reordering would break the rounding above.
_exact = njit(fastmath={"contract"}, error_model="numpy")
_inner = njit(fastmath={"contract"}, error_model="numpy", forceinline=True)


@_inner
def _parts(x):
    """Return (2ᵏ, a, b) with x = k ln 2 + r, |r| ≤ ln 2 / 2 and e^r − 1 = a/b; x within ±708.

    The rational function is Cephes' (Moshier 1989, exp.c), with an error below 2e-16. It is left as
    two parts because those who need it divide anyway, once.
    """
    x = min(max(x, -708.0), 708.0)
    m = x * _LOG2E + _MAGIC
    k = m - _MAGIC
    r = x - k * _LN2_HI
    r = r - k * _LN2_LO
    w = r * r
    p = 1.26177193074810590878e-4
    p = p * w + 3.02994407707441961300e-2
    p = p * w + 9.99999999999999999910e-1
    p = p * r
    q = 3.00198505138664455042e-6
    q = q * w + 2.52448340349684104192e-3
    q = q * w + 2.27265548208155028766e-1
    q = q * w + 2.00000000000000000005
    bits = (np.float64(m).view(np.int64) + 1023) << 52
    return np.int64(bits).view(np.float64), 2 * p, q - p


@_inner
def exp64(x):
    """e^x, held at e^±708."""
    power, a, b = _parts(x)
    return power * a / b + power


@_inner
def tanh64(x):
    """tanh x = (e^2x − 1)/(e^2x + 1), exact to rounding near zero as well."""
    power, a, b = _parts(2 * min(max(x, -20.0), 20.0))
    return (power * a + (power - 1) * b) / (power * a + (power + 1) * b)


@_inner
def sigmoid64(x):
    """1/(1 + e^−x)."""
    power, a, b = _parts(-x)
    return b / (power * a + (power + 1) * b)


@_inner
def log1p64(u):
    """log(1 + u) for 0 ≤ u ≤ 1, as 2 artanh(u/(2 + u))."""
    s = u / (2 + u)
    w = s * s
    p = 1 / 35.0
    p = p * w + 1 / 33.0
    p = p * w + 1 / 31.0
    p = p * w + 1 / 29.0
    p = p * w + 1 / 27.0
    p = p * w + 1 / 25.0
    p = p * w + 1 / 23.0
    p = p * w + 1 / 21.0
    p = p * w + 1 / 19.0
    p = p * w + 1 / 17.0
    p = p * w + 1 / 15.0
    p = p * w + 1 / 13.0
    p = p * w + 1 / 11.0
    p = p * w + 1 / 9.0
    p = p * w + 1 / 7.0
    p = p * w + 1 / 5.0
    p = p * w + 1 / 3.0
    return 2 * (s + s * w * p)


@_exact
def activate(kind, Z, A, row, n):
    """Write the activations of the first n of Z[row] to A[row]."""
    if kind == TANH:
        for s in range(n):
            A[row, s] = tanh64(Z[row, s])
    elif kind == SIGMOID:
        for s in range(n):
            A[row, s] = sigmoid64(Z[row, s])
    elif kind == RELU:
        for s in range(n):
            A[row, s] = max(Z[row, s], 0.0)
    elif kind == LEAKY_RELU:
        for s in range(n):
            A[row, s] = max(Z[row, s], LEAK * Z[row, s])
    elif kind == SILU:
        for s in range(n):
            A[row, s] = Z[row, s] * sigmoid64(Z[row, s])
    elif kind == SOFTPLUS:
        for s in range(n):
            A[row, s] = max(Z[row, s], 0.0) + log1p64(exp64(-abs(Z[row, s])))
    elif kind == GELU:
        for s in range(n):
            A[row, s] = 0.5 * Z[row, s] * math.erfc(-_ROOT_HALF * Z[row, s])
    else:
        for s in range(n):
            A[row, s] = Z[row, s]


@_exact
def multiply_by_slope(kind, Z, A, D, row, n):
    """Multiply D[row] by the derivative of the activation, from Z[row] and A[row]."""
    if kind == TANH:
        for s in range(n):
            D[row, s] *= (1 - A[row, s]) * (1 + A[row, s])
    elif kind == SIGMOID:
        for s in range(n):
            D[row, s] *= A[row, s] * (1 - A[row, s])
    elif kind == RELU:
        for s in range(n):
            D[row, s] *= 1.0 if Z[row, s] > 0 else 0.0
    elif kind == LEAKY_RELU:
        for s in range(n):
            D[row, s] *= 1.0 if Z[row, s] > 0 else LEAK
    elif kind == SILU:
        for s in range(n):
            t = sigmoid64(Z[row, s])
            D[row, s] *= t * (1 + Z[row, s] * (1 - t))
    elif kind == SOFTPLUS:
        for s in range(n):
            D[row, s] *= sigmoid64(Z[row, s])
    elif kind == GELU:
        for s in range(n):
            bell = math.exp(-0.5 * Z[row, s] * Z[row, s]) / _ROOT_2PI
            D[row, s] *= 0.5 * math.erfc(-_ROOT_HALF * Z[row, s]) + Z[row, s] * bell
