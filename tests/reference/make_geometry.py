"""Record Fisher–Rao geometry by mpmath and geomstats as an independent truth.

    python tests/reference/make_geometry.py     # pip install mpmath==1.3.0 geomstats==2.8.0 numpy

Each part writes its own key of `geometry.json` beside this file, with what made it:

- `mpmath`, 40 digits: distances of the normal by arcosh; of the gamma by Clairaut's integral (its
  scale is a symmetry, which leaves one quadrature); of the beta by an extrapolated midpoint rule
  and secant shooting, good to 1e-13; of families of one parameter by the integral of √g; of
  three outcomes by arccos Σ√(pq). Fisher metrics by the integral of the squared score, divergences
  by the integral of p log(p/q), Gaussian curvatures of gamma and beta by the formulas of Arwini &
  Dodson (2008, section 3.5) and Le Brigant, Preston & Puechmorel (2021, proposition 9).
- `geomstats`: distances and Christoffel symbols by somebody else's code. Its beta, gamma and
  Dirichlet distances come from an optimiser and are good to about 3e-6 at
  best, which is what the tests ask of them; two of its distances are wrong, see the tests.

Nothing here is written by gdviz, and the tests need none of these libraries.
"""

import datetime
import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("geometry.json")

NORMAL_PAIRS = [
    ((0.0, 1.0), (1e-12, 1.0)),
    ((0.0, 1.0), (0.0, 1.000000000001)),
    ((5.0, 1.0), (5.000000000001, 1.0)),
    ((-3.0, 2.5), (-3.000000001, 2.500000002)),
    ((0.0, 1.0), (1e-9, 1.0)),
    ((0.0, 1.0), (1e-300, 1.0)),
    ((0.0, 1.0), (1.0, 2.0)),
    ((0.0, 1.0), (4.0, 1.0)),
    ((0.0, 0.1), (1.0, 0.1)),
    ((0.0, 0.01), (1.0, 0.01)),
    ((0.0, 0.01), (0.0, 10.0)),
    ((1.0, 1.0), (3.0, 1.0)),
    ((0.0, 1.0), (1e6, 3.0)),
    ((0.0, 1.0), (1e12, 1.0)),
    ((0.0, 1e-6), (0.0, 1e6)),
    ((-1e12, 1e-3), (1e12, 1e3)),
    ((0.0, 1e-12), (1e12, 1e-12)),
    ((0.0, 1e-200), (0.0, 1.0)),
]
GAMMA_PAIRS = [((2.0, 1.5), (3.5, 0.8)), ((0.5, 1.0), (8.0, 3.0)), ((1.0, 1.0), (1.0, 50.0))]
BETA_PAIRS = [((2.0, 3.0), (4.0, 1.5)), ((0.7, 0.9), (3.0, 5.0))]
DIRICHLET_PAIRS = [((2.0, 3.0, 1.5), (1.0, 2.0, 4.0))]
LINES = {
    "exponential": [(0.5, 2.0), (1.0, 1e12), (1.0, 1.000000000001)],
    "poisson": [(1.5, 6.0), (0.01, 400.0), (3.0, 3.000000000001)],
    "geometric": [(0.3, 0.7), (0.001, 0.999), (0.5, 0.500000000001)],
    "bernoulli": [(0.2, 0.9), (1e-9, 0.5), (0.4, 0.400000000001)],
}
SIMPLEX = [((0.2, 0.3), (0.5, 0.4)), ((0.01, 0.01), (0.9, 0.05)), ((0.25, 0.25), (0.25, 0.5))]


def mpmath_part() -> dict[str, Any]:
    """Everything that mpmath knows."""
    import mpmath as mp

    mp.mp.dps = 40
    out: dict[str, Any] = {"digits": "40, in integrals 25"}
    out["normal"] = [[a, b, mp.nstr(normal_distance(mp, a, b), 25)] for a, b in NORMAL_PAIRS]
    out["lines"] = {
        name: [[a, b, mp.nstr(line_distance(mp, name, a, b), 25)] for a, b in pairs]
        for name, pairs in LINES.items()
    }
    out["categorical"] = [[a, b, mp.nstr(simplex_distance(mp, a, b), 25)] for a, b in SIMPLEX]
    mp.mp.dps = 25
    out["gamma"] = [[a, b, mp.nstr(gamma_distance(mp, a, b), 20)] for a, b in GAMMA_PAIRS]
    out["beta"] = [[a, b, mp.nstr(beta_distance(mp, a, b), 15)] for a, b in BETA_PAIRS]
    out["metric"] = metrics(mp)
    out["kl"] = divergences(mp)
    out["curvature"] = curvatures(mp)
    return out


def normal_distance(mp: Any, a: Any, b: Any) -> Any:
    """√2 arcosh(1 + ((Δμ)²/2 + (Δσ)²)/(2σσ′)), with digits enough that arcosh loses none."""
    with mp.workdps(700):
        (m, s), (n, t) = (tuple(map(mp.mpf, p)) for p in (a, b))
        return mp.sqrt(2) * mp.acosh(1 + ((m - n) ** 2 / 2 + (s - t) ** 2) / (2 * s * t))


def gamma_distance(mp: Any, a: Any, b: Any) -> Any:
    """Clairaut: with m = log(kθ), ds² = k dm² + f dk², f = ψ′(k) − 1/k, and c = k dm/ds is kept.

    Then dm = ±(c/k)√(f/(1 − c²/k)) dk and ds = √(f/(1 − c²/k)) dk. Where no c joins the points
    with k growing all the way, the path dips to k = c² and comes back.
    """
    (k, s), (n, u) = (tuple(map(mp.mpf, p)) for p in (a, b))
    if k > n:
        (k, s), (n, u) = (n, u), (k, s)
    target = abs(mp.log(n * u) - mp.log(k * s))

    def root_f(x: Any) -> Any:
        return mp.sqrt(mp.psi(1, x) - 1 / x)

    def rise(low: Any, x: Any, q: Any, weight: Any) -> Any:
        """∫ weight √(f/(1 − q/k)) dk from `low` to x; k = low + w² takes the root's pole away."""

        def part(w: Any) -> Any:
            y = low + w * w
            pole = mp.mpf(2) if low == q else 2 * w / mp.sqrt(low - q + w * w)
            return weight(y) * mp.sqrt((mp.psi(1, y) - 1 / y) * y) * pole

        return mp.quad(part, mp.linspace(0, mp.sqrt(x - low), 5)) if x > low else mp.mpf(0)

    def one(y: Any) -> Any:
        return mp.mpf(1)

    def direct(q: Any, along: bool) -> Any:
        return rise(k, n, q, (lambda y: mp.sqrt(q) / y) if along else one)

    def dipping(q: Any, along: bool) -> Any:
        weight = (lambda y: mp.sqrt(q) / y) if along else one
        return rise(q, k, q, weight) + rise(q, n, q, weight)

    path = direct if k < n and target <= direct(k, True) else dipping
    ends = (k * mp.mpf(10) ** -30, k) if path is direct else (k * mp.mpf(10) ** -4, k)
    q = mp.findroot(lambda x: path(x, True) - target, ends, solver="anderson", tol=1e-60)
    return path(q, False)


def beta_distance(mp: Any, a: Any, b: Any) -> Any:
    """Shoot by Gragg, Bulirsch and Stoer in log parameters; the secant method finds the start."""
    mp.mp.dps = 25
    u0 = [mp.log(x) for x in a]
    goal = [mp.log(x) for x in b]

    def symbols(x: Any, y: Any) -> tuple[Any, Any]:
        return (
            [mp.psi(1, x), mp.psi(1, y), mp.psi(1, x + y)],
            [mp.psi(2, x), mp.psi(2, y), mp.psi(2, x + y)],
        )

    def flow(z: Any) -> Any:
        x, y = mp.exp(z[0]), mp.exp(z[1])
        v, w = x * z[2], y * z[3]
        (g1, g2, g3), (h1, h2, h3) = symbols(x, y)
        # ½ ∂ of the metric along (v, v): all its derivatives are symmetric
        low = [(h1 * v * v - h3 * (v + w) ** 2) / 2, (h2 * w * w - h3 * (v + w) ** 2) / 2]
        a11, a12, a22 = g1 - g3, -g3, g2 - g3
        det = a11 * a22 - a12 * a12
        up = [(a22 * low[0] - a12 * low[1]) / det, (a11 * low[1] - a12 * low[0]) / det]
        return [z[2], z[3], -up[0] / x - z[2] ** 2, -up[1] / y - z[3] ** 2]

    def midpoint(z: Any, n: int) -> Any:
        """Gragg's modified midpoint rule: its error is a series in 1/n²."""
        h = mp.mpf(1) / n
        before, now = z, [x + h * f for x, f in zip(z, flow(z), strict=True)]
        for _ in range(n - 1):
            force = flow(now)
            before, now = now, [x + 2 * h * f for x, f in zip(before, force, strict=True)]
        force = flow(now)
        return [(x + y + h * f) / 2 for x, y, f in zip(before, now, force, strict=True)]

    def miss(p: Any, q: Any) -> Any:
        counts = [8, 12, 16, 24, 32, 48, 64, 96]
        rows = [midpoint([u0[0], u0[1], p, q], n) for n in counts]
        for k in range(1, len(counts)):  # Neville's scheme at 1/n² = 0
            for i in range(len(counts) - 1, k - 1, -1):
                ratio = (mp.mpf(counts[i]) / counts[i - k]) ** 2
                rows[i] = [
                    x + (x - y) / (ratio - 1) for x, y in zip(rows[i], rows[i - 1], strict=True)
                ]
        return [rows[-1][0] - goal[0], rows[-1][1] - goal[1]]

    guess = [goal[i] - u0[i] for i in (0, 1)]
    start = mp.findroot(miss, guess, tol=1e-26, maxsteps=12, h=mp.mpf(10) ** -7)
    (g1, g2, g3), _ = symbols(mp.mpf(a[0]), mp.mpf(a[1]))
    v, w = a[0] * start[0], a[1] * start[1]
    return mp.sqrt(g1 * v * v + g2 * w * w - g3 * (v + w) ** 2)


def line_distance(mp: Any, name: str, a: float, b: float) -> Any:
    """∫ √g, the metric from its definition."""
    root = {
        "exponential": lambda x: 1 / x,
        "poisson": lambda x: 1 / mp.sqrt(x),
        "geometric": lambda x: 1 / (x * mp.sqrt(1 - x)),
        "bernoulli": lambda x: 1 / mp.sqrt(x * (1 - x)),
    }[name]
    low, high = sorted((mp.mpf(a), mp.mpf(b)))
    # in log x: the integrands are steep near 0
    return mp.quad(lambda u: root(mp.exp(u)) * mp.exp(u), mp.linspace(mp.log(low), mp.log(high), 9))


def simplex_distance(mp: Any, a: Any, b: Any) -> Any:
    p = [mp.mpf(a[0]), mp.mpf(a[1]), 1 - mp.mpf(a[0]) - mp.mpf(a[1])]
    q = [mp.mpf(b[0]), mp.mpf(b[1]), 1 - mp.mpf(b[0]) - mp.mpf(b[1])]
    return 2 * mp.acos(sum(mp.sqrt(x * y) for x, y in zip(p, q, strict=True)))


def densities(mp: Any) -> dict[str, Any]:
    """Log-densities written once more, with the points where to split their integrals."""
    return {
        "normal": (
            lambda x, m, s: -(((x - m) / s) ** 2) / 2 - mp.log(s) - mp.log(2 * mp.pi) / 2,
            [-mp.inf, 0, 1, mp.inf],
        ),
        "gamma": (
            lambda x, k, s: (k - 1) * mp.log(x) - x / s - mp.loggamma(k) - k * mp.log(s),
            [0, 1, 4, 12, mp.inf],
        ),
        "beta": (
            lambda x, a, b: (a - 1) * mp.log(x) + (b - 1) * mp.log(1 - x) - mp.log(mp.beta(a, b)),
            [0, 0.5, 1],
        ),
        "weibull": (
            lambda x, k, s: mp.log(k / s) + (k - 1) * mp.log(x / s) - (x / s) ** k,
            [0, 1, 3, 9, mp.inf],
        ),
        "exponential": (lambda x, r: mp.log(r) - r * x, [0, 1, 4, 12, mp.inf]),
    }


POINTS = {
    "normal": ((0.3, 1.2), (1.1, 0.7)),
    "gamma": ((2.0, 1.5), (3.5, 0.8)),
    "beta": ((2.0, 3.0), (4.0, 1.5)),
    "weibull": ((1.5, 2.0), (2.5, 1.0)),
    "exponential": ((0.5,), (2.0,)),
}


def metrics(mp: Any) -> dict[str, Any]:
    """E[∂_i log p ∂_j log p], the derivatives by mpmath too."""
    out = {}
    for name, (log_p, split) in densities(mp).items():
        theta = POINTS[name][0]
        d = len(theta)

        def slope(x: Any, i: int, log_p: Any = log_p, theta: Any = theta) -> Any:
            moved = lambda t: log_p(x, *theta[:i], t, *theta[i + 1 :])  # noqa: E731
            return mp.diff(moved, theta[i])

        def entry(
            i: int, j: int, log_p: Any = log_p, theta: Any = theta, split: Any = split
        ) -> Any:
            part = lambda x: slope(x, i) * slope(x, j) * mp.exp(log_p(x, *theta))  # noqa: E731
            return float(mp.quad(part, split, maxdegree=5))

        out[name] = [theta, [[entry(i, j) for j in range(d)] for i in range(d)]]
    return out


def divergences(mp: Any) -> dict[str, Any]:
    out = {}
    for name, (log_p, split) in densities(mp).items():
        a, b = POINTS[name]
        part = lambda x, f=log_p, a=a, b=b: mp.exp(f(x, *a)) * (f(x, *a) - f(x, *b))  # noqa: E731
        out[name] = [a, b, float(mp.quad(part, split))]
    return out


def curvatures(mp: Any) -> dict[str, Any]:
    psi = mp.psi
    gamma = [
        [(k, 1.3), float((psi(1, k) + k * psi(2, k)) / (4 * (k * psi(1, k) - 1) ** 2))]
        for k in (0.3, 2.0, 17.0)
    ]
    beta = []
    for a, b in ((2.0, 3.0), (0.4, 0.7), (9.0, 1.5)):
        p, q, r = psi(1, a), psi(1, b), psi(1, a + b)
        x, y, z = psi(2, a), psi(2, b), psi(2, a + b)
        d = p * q - r * (p + q)
        beta.append([(a, b), float(x * y * z / (4 * d**2) * (p / x + q / y - r / z))])
    return {"gamma": gamma, "beta": beta}


def geomstats_part() -> dict[str, Any]:
    """The same by geomstats, which needs a name that numpy 2.4 has dropped."""
    import numpy as np

    np.trapz = np.trapezoid
    from geomstats.information_geometry import (
        beta,
        categorical,
        dirichlet,
        exponential,
        gamma,
        geometric,
        normal,
        poisson,
    )

    arr = np.array
    out: dict[str, Any] = {"accuracy": 3e-6}
    space = normal.UnivariateNormalDistributions()
    pairs = NORMAL_PAIRS[6:13]
    out["normal"] = [[a, b, float(space.metric.dist(arr(a), arr(b)))] for a, b in pairs]
    times = np.linspace(0, 1, 5)
    path = space.metric.geodesic(initial_point=arr([0.0, 1.0]), end_point=arr([1.0, 2.0]))(times)
    out["normal geodesic"] = [(0.0, 1.0), (1.0, 2.0), path.tolist()]
    for name, made, pairs in (
        ("gamma", gamma.GammaDistributions(), GAMMA_PAIRS[:2]),
        ("beta", beta.BetaDistributions(), BETA_PAIRS),
        ("dirichlet", dirichlet.DirichletDistributions(3), DIRICHLET_PAIRS),
    ):
        # geomstats writes a gamma by its shape and its mean; distances do not mind
        to = (lambda p: arr([p[0], p[0] * p[1]])) if name == "gamma" else arr
        out[name] = [[a, b, float(np.squeeze(made.metric.dist(to(a), to(b))))] for a, b in pairs]
        if name != "gamma":
            a = pairs[0][0]
            out[f"{name} christoffel"] = [a, made.metric.christoffels(arr(a)).tolist()]
    for name, made in (
        ("exponential", exponential.ExponentialDistributions()),
        ("poisson", poisson.PoissonDistributions()),
        ("geometric", geometric.GeometricDistributions()),
    ):
        a, b = LINES[name][0]
        out[name] = [[a, b, float(np.squeeze(made.metric.dist(arr([a]), arr([b]))))]]
    made = categorical.CategoricalDistributions(2)
    whole = lambda p: arr([*p, 1 - sum(p)])  # noqa: E731
    out["categorical"] = [[a, b, float(made.metric.dist(whole(a), whole(b)))] for a, b in SIMPLEX]
    return out


PARTS = {"mpmath": mpmath_part, "geomstats": geomstats_part}


def main() -> None:
    found = json.loads(TARGET.read_text()) if TARGET.exists() else {}
    for name in sys.argv[1:] or PARTS:
        found[name] = {
            "made by": Path(__file__).name,
            "date": datetime.date.today().isoformat(),
            "python": platform.python_version(),
            "version": version(name),
            **PARTS[name](),
        }
    TARGET.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
