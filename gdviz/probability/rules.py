"""Quadrature rules: a rule is nodes and weights on [−1, 1], and an estimate is weights @ f(nodes).

`RULES` holds every rule by its key. Those that choose their nodes by what they see (the adaptive
ones) live in adaptive.py; those for infinite ranges carry the weight e^(−x²) or e^(−x) within.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

MOST_NODES = 4096
MOST_GAUSS = 1024
WIDEST = 4.5  # the t of tanh–sinh: the last node lies 1e-61 from the end
MOST_WEIGHTED = 256  # e^(x²) of the outermost node is then still a float


class Nodes(NamedTuple):
    """Where a rule looks, and how much it counts.

    `gaps`, where given, are the distances to the nearer end of [−1, 1], to digits that the nodes
    themselves have lost.
    """

    nodes: Any
    weights: Any
    gaps: Any = None


class Rule(NamedTuple):
    """A rule: `make(n)` gives its nodes and weights on its natural `range`.

    `range` is "finite" for [−1, 1], "line" for (−∞, ∞) or "half" for [0, ∞). The error falls as
    n^−order on a smooth integrand; 0 stands for faster than any power. `multiple` is what n is
    rounded up to a multiple of; `kind` is "fixed", "random" or "adaptive".
    """

    label: str
    order: float
    make: Callable[..., Nodes] | None
    range: str = "finite"
    kind: str = "fixed"
    multiple: int = 1
    most: int = MOST_NODES


def left(n: int) -> Nodes:
    """The left ends of n strips."""
    return Nodes(-1 + 2 * np.arange(n) / n, np.full(n, 2 / n))


def right(n: int) -> Nodes:
    """The right ends of n strips."""
    return Nodes(-1 + 2 * np.arange(1, n + 1) / n, np.full(n, 2 / n))


def midpoint(n: int) -> Nodes:
    """The middles of n strips."""
    return Nodes(-1 + (2 * np.arange(n) + 1) / n, np.full(n, 2 / n))


def _newton_cotes(n: int, pattern: tuple[float, ...]) -> Nodes:
    """Return a closed rule on n strips, `pattern` its weights on one panel in units of a strip."""
    weights, width = np.zeros(n + 1), len(pattern) - 1
    for i, weight in enumerate(pattern):
        weights[i : n + 1 - width + i : width] += weight
    return Nodes(-1 + 2 * np.arange(n + 1) / n, weights * 2 / n)


def trapezoid(n: int) -> Nodes:
    """Straight lines over n strips."""
    return _newton_cotes(n, (1 / 2, 1 / 2))


def simpson(n: int) -> Nodes:
    """Parabolas over pairs of n strips."""
    return _newton_cotes(n, (1 / 3, 4 / 3, 1 / 3))


def boole(n: int) -> Nodes:
    """Quartics over fours of n strips."""
    return _newton_cotes(n, (14 / 45, 64 / 45, 24 / 45, 64 / 45, 14 / 45))


def romberg(n: int) -> Nodes:
    """The last entry of Romberg's table on n = 2ᵏ strips, as one rule (Romberg 1955)."""
    levels = int(np.log2(n))
    rows = []
    for level in range(levels + 1):
        weights = np.zeros(n + 1)
        coarse = trapezoid(2**level)
        weights[:: n // 2**level] = coarse.weights
        rows.append(weights)
    for column in range(1, levels + 1):
        factor = 4.0**column
        rows = [
            (factor * fine - rough) / (factor - 1)
            for rough, fine in zip(rows, rows[1:], strict=False)
        ]
    return Nodes(trapezoid(n).nodes, rows[0])


def gauss_legendre(n: int) -> Nodes:
    """The zeros of the Legendre polynomial: exact for polynomials of degree 2n − 1."""
    from scipy.special import roots_legendre

    return Nodes(*roots_legendre(n))


def clenshaw_curtis(n: int) -> Nodes:
    """The n + 1 extremes of the Chebyshev polynomial (Waldvogel 2006, equation 3.10)."""
    k = np.arange(n + 1)
    nodes = -np.cos(np.pi * (k / n))
    j = np.arange(1, n // 2 + 1)
    half = np.where(2 * j == n, 1.0, 2.0) / (4 * j**2 - 1.0)
    weights = 1 - np.cos(2 * np.pi * np.outer(k / n, j)) @ half
    weights *= np.where((k == 0) | (k == n), 1.0, 2.0) / n
    return Nodes(nodes, weights)


def tanh_sinh(n: int) -> Nodes:
    """Equal steps in t, x = tanh(π/2 sinh t): ends may be singular (Takahasi and Mori 1974)."""
    if n == 1:
        return Nodes(np.zeros(1), np.full(1, 2.0), np.ones(1))
    widest = min(WIDEST, np.log(np.pi * (n - 1)))  # few nodes: cutting costs as much as stepping
    t = np.linspace(-widest, widest, n)
    u = np.pi / 2 * np.sinh(t)
    weights = np.pi / 2 * np.cosh(t) / np.cosh(u) ** 2
    gaps = 2 / (1 + np.exp(2 * np.abs(u)))
    return Nodes(np.tanh(u), weights * (t[1] - t[0]), gaps)


def gauss_hermite(n: int) -> Nodes:
    """The zeros of the Hermite polynomial; weights times e^(x²), so that f is integrated itself."""
    from scipy.special import roots_hermite

    nodes = roots_hermite(n)[0]
    # 1 / Σ ψₖ(x)² over the first n normalised Hermite functions: no factor of it overflows.
    before, now = np.zeros_like(nodes), np.pi**-0.25 * np.exp(-(nodes**2) / 2)
    total = now**2
    for k in range(1, n):
        before, now = now, np.sqrt(2 / k) * nodes * now - np.sqrt((k - 1) / k) * before
        total += now**2
    return Nodes(nodes, 1 / total)


def gauss_laguerre(n: int) -> Nodes:
    """The zeros of the Laguerre polynomial; weights times e^x, so that f is integrated itself."""
    from scipy.special import roots_laguerre

    nodes = roots_laguerre(n)[0]
    before, now = np.zeros_like(nodes), np.exp(-nodes / 2)
    total = now**2
    for k in range(1, n):
        before, now = now, ((2 * k - 1 - nodes) * now - (k - 1) * before) / k
        total += now**2
    return Nodes(nodes, 1 / total)


def monte_carlo(n: int, seed: int = 0) -> Nodes:
    """n points thrown at random."""
    return Nodes(np.random.default_rng(seed).uniform(-1, 1, n), np.full(n, 2 / n))


def stratified_points(n: int, seed: int = 0) -> Nodes:
    """Two random points in each of n/2 strips."""
    strips = n // 2
    u = np.random.default_rng(seed).random((strips, 2))
    points = (np.arange(strips)[:, None] + u) / strips
    return Nodes(-1 + 2 * points.ravel(), np.full(n, 2 / n))


def quasi_monte_carlo(n: int, seed: int = 0) -> Nodes:
    """Points of a Sobol' sequence, scrambled; eight independent scramblings if n allows."""
    from scipy.stats import qmc

    copies = 8 if n >= 32 else 1
    each = n // copies
    rng = np.random.default_rng(seed)
    power = int(np.ceil(np.log2(max(each, 1))))
    points = [
        qmc.Sobol(1, rng=np.random.default_rng(rng.integers(2**32))).random_base2(power)[:each, 0]
        for _ in range(copies)
    ]
    return Nodes(-1 + 2 * np.concatenate(points), np.full(n, 2 / n))


RULES: dict[str, Rule] = {
    "left": Rule("Left", 1, left),
    "right": Rule("Right", 1, right),
    "midpoint": Rule("Midpoint", 2, midpoint),
    "trapezoid": Rule("Trapezoid", 2, trapezoid),
    "simpson": Rule("Simpson", 4, simpson, multiple=2),
    "boole": Rule("Boole", 6, boole, multiple=4),
    "romberg": Rule("Romberg", 0, romberg, multiple=-2),
    "gauss_legendre": Rule("Gauss–Legendre", 0, gauss_legendre, most=MOST_GAUSS),
    "clenshaw_curtis": Rule("Clenshaw–Curtis", 0, clenshaw_curtis, most=MOST_GAUSS),
    "tanh_sinh": Rule("tanh–sinh", 0, tanh_sinh),
    "gauss_hermite": Rule("Gauss–Hermite", 0, gauss_hermite, "line", most=MOST_WEIGHTED),
    "gauss_laguerre": Rule("Gauss–Laguerre", 0, gauss_laguerre, "half", most=MOST_WEIGHTED),
    "adaptive_simpson": Rule("Adaptive Simpson", 4, None, kind="adaptive"),
    "adaptive_gauss_kronrod": Rule("Adaptive Gauss–Kronrod", 0, None, kind="adaptive"),
    "monte_carlo": Rule("Monte Carlo", 0.5, monte_carlo, kind="random", most=10**7),
    "stratified": Rule("Stratified", 1.5, stratified_points, kind="random", multiple=2, most=10**7),
    "quasi_monte_carlo": Rule(
        "Quasi-Monte Carlo", 1, quasi_monte_carlo, kind="random", multiple=8, most=10**6
    ),
}
RULE_LABELS = {name: rule.label for name, rule in RULES.items()}


def allowed_size(rule: Rule, n: int) -> int:
    """Return n rounded up to what the rule can do: pairs, fours, or a power of two."""
    if rule.multiple < 0:
        return 2 ** int(np.ceil(np.log2(n)))
    return -(-n // rule.multiple) * rule.multiple


@lru_cache(maxsize=512)
def nodes_of(name: str, n: int, seed: int = 0) -> Nodes:
    """Return the nodes and weights of a rule, kept for the next time; do not change them."""
    rule = RULES[name]
    assert rule.make is not None
    found = rule.make(n, seed) if rule.kind == "random" else rule.make(n)
    for part in filter(lambda part: part is not None, found):
        part.setflags(write=False)
    return found
