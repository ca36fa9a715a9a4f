"""Differences of convex functions from their tangents, exact to rounding for close and far ones.

A Kullback–Leibler divergence of two members of an exponential family is such a difference. Computed
as it is written it loses all digits between close members; the forms here have only positive terms.
"""

from typing import Any

import numpy as np
from scipy import special

from gdviz.geometry.spaces import log_ratio

_ATANH = 1 / (2 * np.arange(18) + 3.0)  # of 2(atanh s − s)/(2s³), in powers of s²
_EXP = 1 / special.factorial(np.arange(2, 22))  # of (eˣ − 1 − x)/x², in powers of x
_LEVELS, _WEIGHTS = np.polynomial.legendre.leggauss(14)
_LEVELS, _WEIGHTS = (_LEVELS + 1) / 2, _WEIGHTS / 2
SERIES = 10.0  # from here on Stirling's series has all digits of a float
# B₂ₙ/(2n(2n − 1)), the coefficients of x^(1 − 2n) in log Γ (DLMF 5.11.1)
_STIRLING = np.array(
    [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400]
)


def _power_series(coefficients: Any, x: Any) -> Any:
    """Return Σ cₖ xᵏ by Horner's rule."""
    total = np.zeros_like(x)
    for c in coefficients[::-1]:
        total = total * x + c
    return total


def log_excess(x: Any) -> Any:
    """Return x − log(1 + x) ≥ 0 for −½ ≤ x ≤ 1, with log(1 + x) = 2 atanh(x/(2 + x))."""
    s = x / (2 + x)
    return x * s - 2 * s**3 * _power_series(_ATANH, s * s)


def exp_excess(x: Any) -> Any:
    """Return eˣ − 1 − x ≥ 0."""
    x = np.asarray(x, float)
    near = np.abs(x) < 1
    small = np.where(near, x, 0.0)
    return np.where(near, small**2 * _power_series(_EXP, small), np.expm1(x) - x)


def log_cosh(x: Any) -> Any:
    """Return log cosh x."""
    x = np.abs(x)
    near = np.log1p(2 * np.sinh(np.minimum(x, 1.0) / 2) ** 2)
    return np.where(x < 1, near, x + np.log1p(np.exp(-2 * x)) - np.log(2))


def kl_terms(a: Any, b: Any, gap: Any = None) -> Any:
    """Return a log(a/b) − a + b ≥ 0 of positive numbers; `gap` is b − a, if it is known better.

    Summed over the outcomes of two distributions it is their Kullback–Leibler divergence.
    """
    gap = b - a if gap is None else gap
    share = gap / np.where(a > 0, a, 1.0)
    near = (a > 0) & (share > -0.5) & (share < 1)
    close = a * log_excess(np.where(near, share, 0.0))
    far = gap - np.where(a > 0, a * log_ratio(a, b), 0.0)
    return np.where(near, close, far)


def ratio_excess(change: Any, log: Any) -> Any:
    """Return r − 1 − log r ≥ 0 of a ratio r, from `change` = r − 1 and `log` = log r."""
    near = (change > -0.5) & (change < 1)
    return np.where(near, log_excess(np.where(near, change, 0.0)), change - log)


# --- the polygamma functions; Hurwitz' zeta function is fast, scipy's polygamma is not ------------


def trigamma(x: Any) -> Any:
    """Return ψ′(x)."""
    return special.zeta(2, x)


def tetragamma(x: Any) -> Any:
    """Return ψ″(x)."""
    return -2 * special.zeta(3, x)


# --- φ(x) = log Γ(x) − x log x + x, what is left of log Γ without its leading terms ---------------


def _stirling(x: Any, derivative: int) -> Any:
    """Return φ(x) − ½ log 2π, or one of its derivatives, for large x (DLMF 5.11)."""
    powers = 1.0 - 2 * np.arange(1, len(_STIRLING) + 1)
    own = _STIRLING.copy()
    for k in range(derivative):
        own = own * (powers - k)
    lead = (-0.5 * np.log(x), -0.5 / x, 0.5 / x**2, -1 / x**3)[derivative]
    return lead + x ** (-1.0 - derivative) * _power_series(own, x**-2.0)


def phi(x: Any) -> Any:
    """Return log Γ(x) − x log x + x, which grows like −½ log x only."""
    small = np.minimum(x, SERIES)
    near = special.gammaln(small) - special.xlogy(small, small) + small
    far = _stirling(np.maximum(x, SERIES), 0) + 0.5 * np.log(2 * np.pi)
    return np.where(x < SERIES, near, far)


def phi_slope(x: Any) -> Any:
    """Return ψ(x) − log x < 0."""
    small = np.minimum(x, SERIES)
    near = special.digamma(small) - np.log(small)
    return np.where(x < SERIES, near, _stirling(np.maximum(x, SERIES), 1))


def trigamma_excess(x: Any) -> Any:
    """Return ψ′(x) − 1/x > 0."""
    small = np.minimum(x, SERIES)
    near = trigamma(small) - 1 / small
    return np.where(x < SERIES, near, _stirling(np.maximum(x, SERIES), 2))


def tetragamma_excess(x: Any) -> Any:
    """Return ψ″(x) + 1/x² < 0."""
    small = np.minimum(x, SERIES)
    near = tetragamma(small) + small**-2.0
    return np.where(x < SERIES, near, _stirling(np.maximum(x, SERIES), 3))


def polygammas(x: Any) -> tuple[Any, Any, Any, Any]:
    """Return ψ′(x), ψ′(x) − 1/x, ψ″(x) and ψ″(x) + 1/x² at once, for inner loops."""
    slope, bend = trigamma(x), tetragamma(x)
    excess, rest = slope - 1 / x, bend + 1 / (x * x)
    far = x >= SERIES
    if np.any(far):
        held = np.maximum(x, SERIES)
        excess = np.where(far, _stirling(held, 2), excess)
        rest = np.where(far, _stirling(held, 3), rest)
    return slope, excess, bend, rest


def phi_bregman(m: Any, k: Any, gap: Any = None) -> Any:
    """Return φ(m) − φ(k) − (m − k) φ′(k) ≥ 0; `gap` is m − k, if it is known better.

    For m within a factor of two of k it is gap² ∫₀¹ (1 − v) φ″(k + v·gap) dv.
    """
    gap = m - k if gap is None else gap
    near = (gap > -0.5 * k) & (gap < k)
    step = np.where(near, gap, 0.0)
    along = np.asarray(k)[..., None] + step[..., None] * _LEVELS
    close = step**2 * (trigamma_excess(along) @ (_WEIGHTS * (1 - _LEVELS)))
    with np.errstate(all="ignore"):
        far = phi(m) - phi(k) - gap * phi_slope(k)
    return np.where(near, close, far)


def phi_bregman_growth(first: Any, second: Any, gaps: Any) -> Any:
    """Return how much `phi_bregman` grows from (m, k) to (m + s, k + r), `second` and `first`.

    `first` is (k, r), `second` (m, s), `gaps` their difference. It is ∫₀¹ (φ′(m) − φ′(k)) s −
    (m − k) φ″(k) r along the way, which must add at most half to each; for m within a factor of two
    of k, (m − k)² ∫₀¹ (1 − v) φ‴(k + v (m − k)) dv s + (m − k) φ″(k) (s − r).
    """
    (k, r), (m, s), (gap, grown) = (
        tuple(x[..., None] for x in pair) for pair in (first, second, gaps)
    )
    to, at, between = m + _LEVELS * s, k + _LEVELS * r, gap + _LEVELS * grown
    near = (between > -0.5 * at) & (between < at)
    step = np.where(near, between, 0.0)
    along = at[..., None] + step[..., None] * _LEVELS
    close = step**2 * (tetragamma_excess(along) @ (_WEIGHTS * (1 - _LEVELS))) * s
    bend = between * trigamma_excess(at)
    far = (phi_slope(to) - phi_slope(at)) * s - bend * r
    return np.where(near, close + bend * grown, far) @ _WEIGHTS


def gamma_bregman(m: Any, k: Any, gap: Any = None) -> Any:
    """Return log Γ(m) − log Γ(k) − (m − k) ψ(k) ≥ 0."""
    gap = m - k if gap is None else gap
    return kl_terms(m, k, -gap) + phi_bregman(m, k, gap)


def trigamma_drop(x: Any, h: Any) -> Any:
    """Return ψ′(x) − ψ′(x + h) > 0 of positive x and h; for h < x it is −h ∫₀¹ ψ″(x + vh) dv."""
    near = h < x
    step = np.where(near, h, 0.0)
    along = np.asarray(x)[..., None] + step[..., None] * _LEVELS
    close = -step * (tetragamma(along) @ _WEIGHTS)
    return np.where(near, close, trigamma(x) - trigamma(x + h))
