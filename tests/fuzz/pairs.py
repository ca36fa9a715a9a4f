"""Random members of every family over twelve orders of magnitude, and their truths by mpmath."""

from collections.abc import Callable, Iterator
from typing import Any

import mpmath as mp
import numpy as np

DIGITS = 60
Point = tuple[Any, ...]


def _positive(rng: np.random.Generator, d: int) -> Any:
    return 10 ** rng.uniform(-6, 6, d)


def _normal(rng: np.random.Generator) -> Any:
    return np.array([rng.choice([-1, 1]) * 10 ** rng.uniform(-6, 6), 10 ** rng.uniform(-6, 6)])


def _covariance(rng: np.random.Generator) -> Any:
    (s, t), r = 10 ** rng.uniform(-3, 3, 2), rng.uniform(-0.99, 0.99)
    return np.array([s * s, r * s * t, t * t])


def _chances(rng: np.random.Generator) -> Any:
    shares = 10 ** rng.uniform(-6, 0, 3)
    return (shares / shares.sum())[:2]


MAKERS: dict[str, Callable[[np.random.Generator], Any]] = {
    "normal": _normal,
    "normal_variance": _normal,
    "normal_log_sigma": lambda rng: np.array([rng.normal(0, 10), rng.uniform(-14, 14)]),
    "diagonal_normal": lambda rng: np.stack([_normal(rng), _normal(rng)], -1).ravel(),
    "centred_normal": _covariance,
    "gamma": lambda rng: _positive(rng, 2),
    "beta": lambda rng: _positive(rng, 2),
    "dirichlet": lambda rng: _positive(rng, 3),
    "weibull": lambda rng: np.array([10 ** rng.uniform(-1, 3), 10 ** rng.uniform(-6, 6)]),
    "exponential": lambda rng: _positive(rng, 1),
    "poisson": lambda rng: _positive(rng, 1),
    "geometric": lambda rng: 10 ** rng.uniform(-6, -1e-3, 1),
    "bernoulli": lambda rng: 10 ** rng.uniform(-6, -1e-3, 1),
    "categorical": _chances,
}


def pairs(seed: int, amount: int) -> Iterator[tuple[str, Any, Any]]:
    """Yield a family and two members: two thirds of them close, by 10⁻¹² ... 1 of their size."""
    rng = np.random.default_rng(seed)
    names = list(MAKERS)
    for i in range(amount):
        name = names[i % len(names)]
        a = MAKERS[name](rng)
        b = MAKERS[name](rng)
        if rng.random() < 2 / 3:
            share = 10 ** rng.uniform(-12, -0.5)
            b = a + share * rng.uniform(-0.5, 0.5, a.shape) * (1 if name in WHOLE else np.abs(a))
        if not np.array_equal(a, b) and _inside(name, a) and _inside(name, b):
            yield name, a, b


WHOLE = {"normal_log_sigma"}  # whose parameters are logarithms


def _inside(name: str, theta: Any) -> bool:
    if name == "categorical":
        return theta.min() > 0 and theta.sum() < 1
    if name in ("geometric", "bernoulli"):
        return 0 < theta[0] < 1
    if name == "centred_normal":
        return theta[0] * theta[2] > theta[1] ** 2 * (1 + 1e-12)
    return True


# --- the log-normaliser of each family, and its gradient, in natural parameters -------------------


def _sum_log_gamma(eta: Point) -> Any:
    return sum(map(mp.loggamma, eta)) - mp.loggamma(sum(eta))


def _mean_logs(eta: Point) -> Point:
    total = mp.digamma(sum(eta))
    return tuple(mp.digamma(e) - total for e in eta)


def _normal_norm(eta: Point) -> Any:
    return -(eta[0] ** 2) / (4 * eta[1]) - mp.log(-2 * eta[1]) / 2


def _normal_means(eta: Point) -> Point:
    mean = -eta[0] / (2 * eta[1])
    return mean, mean**2 - 1 / (2 * eta[1])


def _centred_norm(eta: Point) -> Any:  # (a, b, c): x = −½ of the entries of the precision
    return -mp.log(4 * eta[0] * eta[2] - eta[1] ** 2) / 2


def _centred_means(eta: Point) -> Point:
    det = 4 * eta[0] * eta[2] - eta[1] ** 2
    return -2 * eta[2] / det, eta[1] / det, -2 * eta[0] / det


def _centred_natural(s: Any, c: Any, t: Any) -> Point:
    det = s * t - c * c
    return -t / det / 2, c / det, -s / det / 2


def _softplus(e: Any) -> Any:
    return mp.log1p(mp.exp(e))


EXPONENTIAL: dict[str, tuple[Any, Any, Any]] = {
    "normal": (lambda m, s: (m / s**2, -1 / (2 * s**2)), _normal_norm, _normal_means),
    "normal_variance": (lambda m, v: (m / v, -1 / (2 * v)), _normal_norm, _normal_means),
    "normal_log_sigma": (
        lambda m, u: (m * mp.exp(-2 * u), -mp.exp(-2 * u) / 2),
        _normal_norm,
        _normal_means,
    ),
    "centred_normal": (_centred_natural, _centred_norm, _centred_means),
    "gamma": (
        lambda k, s: (k, -1 / s),
        lambda e: mp.loggamma(e[0]) - e[0] * mp.log(-e[1]),
        lambda e: (mp.digamma(e[0]) - mp.log(-e[1]), -e[0] / e[1]),
    ),
    "beta": (lambda *a: a, _sum_log_gamma, _mean_logs),
    "dirichlet": (lambda *a: a, _sum_log_gamma, _mean_logs),
    "exponential": (lambda r: (-r,), lambda e: -mp.log(-e[0]), lambda e: (-1 / e[0],)),
    "poisson": (lambda r: (mp.log(r),), lambda e: mp.exp(e[0]), lambda e: (mp.exp(e[0]),)),
    "geometric": (
        lambda p: (mp.log1p(-p),),
        lambda e: e[0] - mp.log(-mp.expm1(e[0])),
        lambda e: (-1 / mp.expm1(e[0]),),
    ),
    "bernoulli": (
        lambda p: (mp.log(p) - mp.log1p(-p),),
        lambda e: _softplus(e[0]),
        lambda e: (1 / (1 + mp.exp(-e[0])),),
    ),
    "categorical": (
        lambda p, q: (mp.log(p / (1 - p - q)), mp.log(q / (1 - p - q))),
        lambda e: mp.log(1 + mp.exp(e[0]) + mp.exp(e[1])),
        lambda e: tuple(mp.exp(x) / (1 + mp.exp(e[0]) + mp.exp(e[1])) for x in e),
    ),
}


def _natural(name: str, theta: Any) -> Point:
    return EXPONENTIAL[name][0](*(mp.mpf(float(x)) for x in theta))


def true_kl(name: str, a: Any, b: Any) -> Any:
    """Return KL(p_a ‖ p_b) = A(η_b) − A(η_a) − (η_b − η_a)·∇A(η_a), or Weibull's own form."""
    if name == "diagonal_normal":
        return true_kl("normal", a[::2], b[::2]) + true_kl("normal", a[1::2], b[1::2])
    if name == "weibull":
        k, s, m, u = (mp.mpf(float(x)) for x in (*a, *b))
        change = mp.log(k / m) + m * mp.log(u / s) - mp.euler * (1 - m / k)
        return change + (s / u) ** m * mp.gamma(1 + m / k) - 1
    _, norm, means = EXPONENTIAL[name]
    first, second = _natural(name, a), _natural(name, b)
    slope = means(first)
    # In a geometric family x counts from 1, so that x itself is not the statistic of e[0]·x alone;
    # the mean of x is what the gradient gives either way.
    return (
        norm(second)
        - norm(first)
        - sum((q - p) * m for p, q, m in zip(first, second, slope, strict=True))
    )


def true_bhattacharyya(name: str, a: Any, b: Any) -> Any:
    """Return (A(η_a) + A(η_b))/2 − A((η_a + η_b)/2), or −log of Weibull's integral."""
    if name == "diagonal_normal":
        parts = ((a[::2], b[::2]), (a[1::2], b[1::2]))
        return sum(true_bhattacharyya("normal", *part) for part in parts)
    norm = EXPONENTIAL[name][1]
    first, second = _natural(name, a), _natural(name, b)
    middle = tuple((p + q) / 2 for p, q in zip(first, second, strict=True))
    return (norm(first) + norm(second)) / 2 - norm(middle)


def true_wasserstein(name: str, a: Any, b: Any) -> Any:
    """Return the distance where a closed form is known: normals, exponentials, Weibulls."""
    p, q = ([mp.mpf(float(x)) for x in theta] for theta in (a, b))
    if name == "normal":
        return mp.hypot(p[0] - q[0], p[1] - q[1])
    if name == "exponential":
        return mp.sqrt(2) * abs(1 / p[0] - 1 / q[0])
    if name == "weibull":
        (k, s), (m, u) = p, q
        square = s**2 * mp.gamma(1 + 2 / k) + u**2 * mp.gamma(1 + 2 / m)
        return mp.sqrt(square - 2 * s * u * mp.gamma(1 + 1 / k + 1 / m))
    return None


def off(value: Any, truth: Any) -> float:
    """Return the relative error of a value, infinite for a wrong zero."""
    if truth == 0:
        return 0.0 if value == 0 else float("inf")
    return float(abs(mp.mpf(float(value)) / truth - 1))
