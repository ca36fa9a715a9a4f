"""Logarithms of tail functions, correct where the functions themselves have underflowed."""

from typing import Any

import numpy as np
import scipy.special as sc

SMALLEST = 1e-290  # below, a direct value is about to lose its digits
NEAR = 1e-9  # of an end, where the first terms of a series are exact
MOST_TERMS = 20_000
_TINY = 1e-300


def log1mexp(t: Any) -> Any:
    """Return log(1 − eᵗ) for t ≤ 0 (Mächler 2012, equation 7)."""
    t = np.asarray(t, float)
    with np.errstate(divide="ignore"):
        return np.where(t > -np.log(2), np.log(-np.expm1(t)), np.log1p(-np.exp(t)))


def log_of_share(share: Any, rest: Any, deep: Any) -> Any:
    """Return log `share`, by its complement `rest` near one, by `deep(where)` where it is tiny."""
    share, rest = np.asarray(share, float), np.asarray(rest, float)
    tiny = share < SMALLEST
    with np.errstate(divide="ignore"):
        result = np.where(rest < 0.5, np.log1p(-rest), np.log(share))
    return np.where(tiny, deep(tiny), result) if np.any(tiny) else result


def stirling_rest(a: Any) -> Any:
    """Return log Γ(a + 1) − (a + ½) log a + a − ½ log 2π, the δ of Loader (2000), table 1."""
    a = np.asarray(a, float)
    with np.errstate(all="ignore"):
        square = 1 / (a * a)
        series = 1 / 1680 - square * (1 / 1188 - square * 691 / 360360)
        series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * series))) / a
        direct = sc.gammaln(a + 1) - (a + 0.5) * np.log(a) + a - 0.5 * np.log(2 * np.pi)
    return np.where(a > 10, series, direct)


def log_poisson_term(a: Any, x: Any) -> Any:
    """Return log(xᵃ e⁻ˣ / Γ(a + 1)) by its deviance: large terms that cancel are never formed."""
    a, x = np.broadcast_arrays(np.asarray(a, float), np.asarray(x, float))
    with np.errstate(all="ignore"):
        far = (x - a) / a
        deviance = np.where(np.abs(far) < 0.5, far - np.log1p(far), far - np.log(x / a))
        usual = -a * deviance - 0.5 * np.log(2 * np.pi * a) - stirling_rest(a)
        few = sc.xlogy(a, x) - x - sc.gammaln(a + 1)
    return np.where((a < 10) | (x == 0), few, usual)


def log_gamma_density(k: float, x: Any) -> Any:
    """Return log(xᵏ⁻¹ e⁻ˣ / Γ(k)); of a tiny k without k − 1 + 1, which loses its digits."""
    if k > 10:
        return log_poisson_term(k - 1, x)
    return sc.xlogy(k - 1, x) - x - sc.gammaln(k)


def log_beta_term(a: Any, b: Any, x: Any, y: Any) -> Any:
    """Return log(xᵃ yᵇ / B(a, b)), y = 1 − x, by three Poisson terms, as Loader (2000) does."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    n = a + b
    terms = log_poisson_term(a, n * x) + log_poisson_term(b, n * y) - log_poisson_term(n, n)
    return terms + np.log(a) + np.log(b) - np.log(n)


def log_beta(a: Any, b: Any) -> Any:
    """Return log B(a, b); of a ≪ b without the difference of two large logarithms."""
    n = a + b
    least, most = np.minimum(a, b), np.maximum(a, b)
    halves = least * np.log(least / n) + most * np.log1p(-least / n)
    return halves - log_beta_term(least, most, least / n, most / n)


def beta_quantile(a: float, b: float, p: Any) -> Any:
    """Return x with I(x; a, b) = p: by the power law of a tiny x, which scipy may not reach."""
    p = np.asarray(p, float)
    with np.errstate(divide="ignore", over="ignore"):
        small = np.exp((np.log(p) + np.log(a) + log_beta(a, b)) / a)
    near = small * max(b, 1.0) < NEAR
    power = small * (1 + (b - 1) / (a + 1) * np.where(near, small, 0.0))
    return np.where(near, power, sc.betaincinv(a, b, np.where(near, 0.5, p)))[()]


def upper_beta_quantile(a: float, b: float, p: Any) -> Any:
    """Return x with 1 − I(x; a, b) = p."""
    rest = beta_quantile(b, a, p)
    return np.where(rest < NEAR, 1 - rest, sc.betainccinv(a, b, np.where(rest < NEAR, 0.5, p)))[()]


def log_gammainc(a: Any, x: Any) -> Any:
    """Return log P(a, x), the lower regularised incomplete gamma function."""
    a, x = np.broadcast_arrays(np.asarray(a, float), np.asarray(x, float))

    def series(where: Any) -> Any:
        # DLMF 8.11.4: P = xᵃe⁻ˣ/Γ(a+1) Σ xᵏ / (a+1)…(a+k)
        top, bottom = np.where(where, x, 0.0), np.where(where, a, 1.0)
        term, total = np.ones_like(top), np.ones_like(top)
        for k in range(1, MOST_TERMS):
            term = term * top / (bottom + k)
            total = total + term
            if np.all(term <= 1e-17 * total):
                break
        return log_poisson_term(bottom, top) + np.log(total)

    return log_of_share(sc.gammainc(a, x), sc.gammaincc(a, x), series)


def log_gammaincc(a: Any, x: Any) -> Any:
    """Return log Q(a, x), the upper regularised incomplete gamma function."""
    a, x = np.broadcast_arrays(np.asarray(a, float), np.asarray(x, float))

    def fraction(where: Any) -> Any:
        # DLMF 8.9.2 by Lentz's method: Q = xᵃe⁻ˣ/Γ(a) / (x+1−a − 1(1−a)/(x+3−a − …))
        shape, far = np.where(where, a, 1.0), np.where(where, x, 2.0)

        def terms(k: int) -> tuple[Any, Any]:
            return -k * (k - shape), far + 2 * k + 1 - shape

        lead = log_poisson_term(shape, far) + np.log(shape)
        return lead - np.log(_lentz(far + 1 - shape, terms))

    return log_of_share(sc.gammaincc(a, x), sc.gammainc(a, x), fraction)


def log_betainc(a: Any, b: Any, x: Any, y: Any = None) -> Any:
    """Return log I(x; a, b), the regularised incomplete beta function; `y` is 1 − x."""
    y = 1 - np.asarray(x, float) if y is None else y
    a, b, x, y = np.broadcast_arrays(*(np.asarray(v, float) for v in (a, b, x, y)))

    def fraction(where: Any) -> Any:
        # DLMF 8.17.22 by Lentz's method.
        p, q, s = np.where(where, a, 1.0), np.where(where, b, 1.0), np.where(where, x, 0.0)

        def terms(k: int) -> tuple[Any, Any]:
            m = k // 2
            if k % 2:
                return -(p + m) * (p + q + m) * s / ((p + 2 * m) * (p + 2 * m + 1)), 1.0
            return m * (q - m) * s / ((p + 2 * m - 1) * (p + 2 * m)), 1.0

        lead = log_beta_term(p, q, np.where(where, x, 0.5), np.where(where, y, 0.5))
        return lead - np.log(p) - np.log(_lentz(np.ones_like(s), terms))

    return log_of_share(_betainc(a, b, x, y), _betainc(b, a, y, x), fraction)


def _betainc(a: Any, b: Any, x: Any, y: Any) -> Any:
    """Return I(x; a, b) from the smaller of x and y = 1 − x, which holds more digits."""
    return np.where(x <= y, sc.betainc(a, b, x), sc.betaincc(b, a, y))


def _lentz(start: Any, terms: Any) -> Any:
    """Return start + a₁/(b₁ + a₂/(b₂ + …)) with (aₖ, bₖ) = terms(k) (Thompson, Barnett 1986)."""
    value = np.where(start == 0, _TINY, start)
    c, d = value, np.zeros_like(value)
    for k in range(1, MOST_TERMS):
        above, below = terms(k)
        d = below + above * d
        c = below + above / c
        d = 1 / np.where(d == 0, _TINY, d)
        c = np.where(c == 0, _TINY, c)
        value = value * c * d
        if np.all(np.abs(c * d - 1) < 1e-16):
            break
    return value
