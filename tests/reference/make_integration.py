"""Record integrals, tails and expectations to 40 digits, and ArviZ's Pareto k̂, as a truth.

Run once, in an environment that has both; everything in `integration.json` beside this file is
replaced:

    pip install mpmath==1.3.0 arviz==0.23.4 numpy
    python tests/reference/make_integration.py

Numbers are kept with the 20 digits that a float cannot lose. An integral is cut at the points named
beside it, and is done twice, with 40 and with 60 digits, which must agree to 22.
"""

import datetime
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mpmath as mp

TARGET = Path(__file__).with_name("integration.json")
INF = mp.inf
SINGULAR: list[Any] = ["x = u**16"]  # what is singular at 0 is done in u

# text in x (as gdviz reads it), the same for mpmath, from, to, where to cut
INTEGRALS: list[tuple[str, Any, Any, Any, list[Any]]] = [
    ("exp(x)", mp.exp, 0, 1, []),
    ("exp(-x)", lambda x: mp.exp(-x), 0, 5, []),
    ("sin(x)", mp.sin, 0, 3, []),
    ("cos(3*x)", lambda x: mp.cos(3 * x), -1, 2, []),
    ("x**5 - 3*x**2 + 1", lambda x: x**5 - 3 * x**2 + 1, -2, 3, []),
    ("x**19", lambda x: x**19, 0, 1, []),
    ("1/(1 + x**2)", lambda x: 1 / (1 + x**2), -4, 4, [0]),
    ("1/(1 + 25*x**2)", lambda x: 1 / (1 + 25 * x**2), -1, 1, [0]),
    ("log(x)", mp.log, 1, 4, []),
    ("sqrt(x)", mp.sqrt, 1, 9, []),
    ("1/x", lambda x: 1 / x, 1, 10, []),
    ("x*exp(-x)", lambda x: x * mp.exp(-x), 0, 8, []),
    ("exp(-x**2)", lambda x: mp.exp(-(x**2)), -1, 3, [0]),
    ("exp(-x**2)*cos(5*x)", lambda x: mp.exp(-(x**2)) * mp.cos(5 * x), -2, 2, [0]),
    ("tanh(x)", mp.tanh, -1, 4, [0]),
    ("atan(x)", mp.atan, 0, 5, [1]),
    ("sinh(x)/(1 + x**2)", lambda x: mp.sinh(x) / (1 + x**2), 0, 2, []),
    ("exp(sin(x))", lambda x: mp.exp(mp.sin(x)), 0, 6, [3]),
    ("cos(x)**2", lambda x: mp.cos(x) ** 2, 0, 3, []),
    ("1/(2 + cos(x))", lambda x: 1 / (2 + mp.cos(x)), 0, 6, [3]),
    ("x**2*sin(x)", lambda x: x**2 * mp.sin(x), 0, 4, []),
    ("log(1 + x**2)", lambda x: mp.log(1 + x**2), 0, 3, []),
    ("exp(x)*cos(x)", lambda x: mp.exp(x) * mp.cos(x), 0, 2, []),
    ("erf(x)", mp.erf, 0, 2, []),
    ("1/cosh(x)", mp.sech, -3, 3, [0]),
    ("sin(20*x)", lambda x: mp.sin(20 * x), 0, 1, [0.5]),
    ("sin(x**2)", lambda x: mp.sin(x**2), 0, 3, [1.5]),
    ("x/(exp(x) - 1)", lambda x: x / mp.expm1(x), 1, 6, []),
    ("sigmoid(x)", lambda x: 1 / (1 + mp.exp(-x)), -3, 5, [0]),
    ("softplus(x)", lambda x: mp.log1p(mp.exp(x)), -4, 4, [0]),
    ("(x**2 + 1)**0.5", lambda x: mp.sqrt(x**2 + 1), 0, 2, []),
    ("exp(-1/x)", lambda x: mp.exp(-1 / x), 0.5, 3, []),
    ("abs(x - 0.3)", lambda x: abs(x - mp.mpf("0.3")), 0, 1, ["0.3"]),
    ("abs(sin(3*x))", lambda x: abs(mp.sin(3 * x)), 0, 2, [mp.pi / 3]),
    ("max(x, 1 - x)", lambda x: max(x, 1 - x), 0, 2, [0.5]),
    ("1/sqrt(x)", lambda x: 1 / mp.sqrt(x), 0, 1, SINGULAR),
    ("log(x)/sqrt(x)", lambda x: mp.log(x) / mp.sqrt(x), 0, 1, SINGULAR),
    ("log(x)", mp.log, 0, 1, SINGULAR),
    ("x**0.1", lambda x: x ** mp.mpf(0.1), 0, 1, SINGULAR),
    ("sqrt(x)*log(x)", lambda x: mp.sqrt(x) * mp.log(x), 0, 2, SINGULAR),
    ("x**-0.75", lambda x: x ** mp.mpf("-0.75"), 0, 1, SINGULAR),
    ("sqrt(x)", mp.sqrt, 0, 1, SINGULAR),
    (
        "1/((x - 0.4)**2 + 0.0001)",
        lambda x: 1 / ((x - mp.mpf("0.4")) ** 2 + mp.mpf("0.0001")),
        0,
        1,
        ["0.4"],
    ),
    ("exp(-200*(x - 0.7)**2)", lambda x: mp.exp(-200 * (x - mp.mpf("0.7")) ** 2), 0, 1, ["0.7"]),
    ("exp(-x**2)", lambda x: mp.exp(-(x**2)), -INF, INF, [0]),
    ("1/(1 + x**2)", lambda x: 1 / (1 + x**2), -INF, INF, [0]),
    ("1/(1 + x**4)", lambda x: 1 / (1 + x**4), -INF, INF, [-1, 1]),
    ("1/cosh(x)", mp.sech, -INF, INF, [0]),
    ("exp(-x**2)*cos(2*x)", lambda x: mp.exp(-(x**2)) * mp.cos(2 * x), -INF, INF, [0]),
    ("x**2*exp(-x**2/2)", lambda x: x**2 * mp.exp(-(x**2) / 2), -INF, INF, [0]),
    ("exp(-(x - 3)**2)", lambda x: mp.exp(-((x - 3) ** 2)), -INF, INF, [3]),
    ("exp(-abs(x))", lambda x: mp.exp(-abs(x)), -INF, INF, [0]),
    ("(1 + x**2)**-1.5", lambda x: (1 + x**2) ** mp.mpf(-1.5), -INF, INF, [0]),
    ("exp(-x)", lambda x: mp.exp(-x), 0, INF, []),
    ("x*exp(-x)", lambda x: x * mp.exp(-x), 0, INF, [1]),
    ("x**3*exp(-x)", lambda x: x**3 * mp.exp(-x), 0, INF, [3]),
    ("exp(-x)*cos(x)", lambda x: mp.exp(-x) * mp.cos(x), 0, INF, [3]),
    ("1/(1 + x)**2", lambda x: 1 / (1 + x) ** 2, 0, INF, [1]),
    ("1/(1 + x)**3", lambda x: 1 / (1 + x) ** 3, 2, INF, [10]),
    ("exp(-x)/(1 + x)", lambda x: mp.exp(-x) / (1 + x), 0, INF, [1]),
    ("exp(x)", mp.exp, -INF, 1, [0]),
    ("x*exp(x)", lambda x: x * mp.exp(x), -INF, 0, [-2]),
    ("1/(1 + x**2)", lambda x: 1 / (1 + x**2), -INF, -1, [-3]),
    ("exp(-sqrt(x))", lambda x: mp.exp(-mp.sqrt(x)), 0, INF, [1, 10]),
    ("x**-2", lambda x: x**-2, 1, INF, [3]),
]


def integral(f: Any, a: Any, b: Any, cuts: list[Any]) -> str:
    """Return an integral that 40 and 60 digits agree on."""
    found = []
    for digits in (40, 60):
        with mp.workdps(digits):
            if cuts is SINGULAR:
                root = mp.root(b, 16)
                found.append(mp.quad(lambda u: f(u**16) * 16 * u**15, [0, root], maxdegree=12))
                continue
            points = [mp.mpf(p) for p in (a, *cuts, b)]
            found.append(mp.quad(f, points, maxdegree=12))
    assert abs(found[0] - found[1]) <= mp.mpf(10) ** -22 * max(1, abs(found[1])), found
    return mp.nstr(found[1], 20)


def tails() -> list[dict[str, Any]]:
    """Return log P(X ≤ x) and log P(X > x), parameters and x being those very floats."""
    mp.mp.dps = 60
    rows = []

    def add(name: str, parameters: list[float], x: float, below: Any, above: Any) -> None:
        logs = [mp.nstr(mp.log(p), 20) if p > 0 else "-inf" for p in (below, above)]
        rows.append(
            {"name": name, "parameters": parameters, "x": x, "below": logs[0], "above": logs[1]}
        )

    for x in (-40.0, -37.5, -20.0, -8.0, -1.0, 0.0, 0.3, 5.0, 8.0, 38.0, 1000.0):
        add(
            "normal",
            [0.0, 1.0],
            x,
            mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2,
            mp.erfc(mp.mpf(x) / mp.sqrt(2)) / 2,
        )
    for df in (0.5, 1.0, 2.0, 3.0, 10.0, 50.0):
        for t in (1e-9, 0.5, 3.0, 50.0, 1e5, 1e20, 1e60, 1e120):
            n, u = mp.mpf(df), mp.mpf(t)
            y = u**2 / (n + u**2)
            if y < 0.9:
                up = (1 - mp.betainc(mp.mpf(1) / 2, n / 2, 0, y, regularized=True)) / 2
            else:
                up = mp.betainc(n / 2, mp.mpf(1) / 2, 0, n / (n + u**2), regularized=True) / 2
            add("student_t", [df], t, 1 - up, up)
    for x in (-1e200, -1e8, -1.0, 0.5, 3.0, 1e15, 1e150):
        u = mp.mpf(x)
        up = mp.atan2(1, u) / mp.pi
        add("cauchy", [0.0, 1.0], x, mp.atan2(1, -u) / mp.pi, up)
    for k in (0.1, 0.5, 1.0, 2.5, 30.0, 400.0):
        for x in (1e-200, 1e-10, 0.1, 1.0, 5.0, 40.0, 300.0, 700.0, 900.0, 3000.0):
            a, z = mp.mpf(k), mp.mpf(x)
            low = z**a * mp.exp(-z) / mp.gamma(a + 1) * mp.hyp1f1(1, a + 1, z)
            up = mp.gammainc(a, z, regularized=True)
            add("gamma", [k, 1.0], x, low if low < 0.5 else 1 - up, up if low > 0.5 else 1 - low)
    for a, b in ((0.5, 0.5), (2.0, 3.0), (30.0, 4.0), (200.0, 300.0)):
        for x in (1e-250, 1e-30, 1e-6, 0.02, 0.3, 0.5, 0.875, 0.999):
            low = mp.betainc(a, b, 0, mp.mpf(x), regularized=True)
            up = mp.betainc(b, a, 0, 1 - mp.mpf(x), regularized=True)
            add("beta", [a, b], x, low, up)
    for d1, d2 in ((1.0, 1.0), (5.0, 8.0), (60.0, 40.0)):
        for x in (1e-150, 1e-5, 0.5, 1.0, 4.0, 1e4, 1e40, 1e100):
            r = mp.mpf(d1) * mp.mpf(x) / mp.mpf(d2)
            low = mp.betainc(mp.mpf(d1) / 2, mp.mpf(d2) / 2, 0, r / (1 + r), regularized=True)
            up = mp.betainc(mp.mpf(d2) / 2, mp.mpf(d1) / 2, 0, 1 / (1 + r), regularized=True)
            add("f", [d1, d2], x, low, up)
    for x in (1e-300, 1e-100, 0.01, 0.5, 1.0, 3.0, 1e10, 1e300):
        z = mp.log(mp.mpf(x)) / mp.mpf(0.5)
        add("lognormal", [0.0, 0.5], x, mp.erfc(-z / mp.sqrt(2)) / 2, mp.erfc(z / mp.sqrt(2)) / 2)
    for x in (1e-300, 1e-12, 0.5, 1.0, 2.0, 50.0, 700.0, 2000.0):
        u = mp.mpf(x)
        add("exponential", [1.0], x, -mp.expm1(-u), mp.exp(-u))
        up = mp.exp(-(u ** mp.mpf(1.5)))
        add("weibull", [1.5, 1.0], x, -mp.expm1(-(u ** mp.mpf(1.5))), up)
        add("logistic", [0.0, 1.0], x, 1 / (1 + mp.exp(-u)), 1 / (1 + mp.exp(u)))
        add("laplace", [0.0, 1.0], x, 1 - mp.exp(-u) / 2, mp.exp(-u) / 2)
        add(
            "chi2",
            [3.0],
            x,
            mp.gammainc(1.5, 0, u / 2, regularized=True),
            mp.gammainc(1.5, u / 2, regularized=True),
        )
    for rate in (0.5, 4.0, 100.0, 1000.0):
        for k in (0.0, 1.0, 5.0, 40.0, 90.0, 400.0, 1000.0):
            up = mp.gammainc(k + 1, 0, mp.mpf(rate), regularized=True)
            low = mp.gammainc(k + 1, mp.mpf(rate), regularized=True)
            add("poisson", [rate], k, low, up)
    for n, p in ((20, 0.3), (1000, 0.01), (5000, 0.5)):
        q = mp.mpf(p)
        for k in (0.0, 3.0, 10.0, 15.0):
            low = sum(mp.binomial(n, j) * q**j * (1 - q) ** (n - j) for j in range(int(k) + 1))
            add("binomial", [n, p], k, low, 1 - low)
    for k in (1.0, 2.0, 10.0, 3000.0):
        fail = (1 - mp.mpf(0.3)) ** int(k)
        add("geometric", [0.3], k, 1 - fail, fail)
    return rows


def expectations() -> list[dict[str, Any]]:
    """Return E[g(X)] for densities of the registry, by closed forms where there are any."""
    mp.mp.dps = 40
    half = mp.mpf(1) / 2

    def normal(g: Any, mu: Any, sd: Any, *cuts: Any) -> Any:
        points = [-INF, *cuts, INF]
        return mp.quad(lambda x: g(x) * mp.npdf(x, mu, sd), points, maxdegree=12)

    rows = [
        ("x**2", "normal", [0.0, 1.0], 1),
        ("x**2", "normal", [0.0, 2.0], 4),
        ("x**2", "normal", [0.0, 3.0], 9),
        ("x**2", "normal", [10.0, 1.0], 101),
        ("x**2", "normal", [3e5, 2.0], mp.mpf(3e5) ** 2 + 4),
        ("x**20", "normal", [0.0, 1.0], mp.fac2(19)),
        ("exp(x)", "normal", [0.0, 1.0], mp.exp(half)),
        ("exp(20*x)", "normal", [0.0, 1.0], mp.exp(200)),
        ("exp(-30*x)", "normal", [1.0, 0.5], mp.exp(-30 + mp.mpf(900) / 8)),
        ("cos(x)", "normal", [0.0, 1.0], mp.exp(-half)),
        ("abs(x)", "normal", [0.0, 1.0], mp.sqrt(2 / mp.pi)),
        ("heaviside(x - 0.3)", "normal", [0.0, 1.0], mp.erfc(mp.mpf(0.3) / mp.sqrt(2)) / 2),
        ("log(abs(x))", "normal", [0.0, 1.0], -(mp.euler + mp.log(2)) / 2),
        (
            "1/(1 + x**2)",
            "normal",
            [0.0, 1.0],
            mp.sqrt(mp.pi / 2) * mp.exp(half) * mp.erfc(mp.sqrt(half)),
        ),
        (
            "sigmoid(x)",
            "normal",
            [1.0, 2.0],
            normal(lambda x: 1 / (1 + mp.exp(-x)), 1, 2, -9, -3, 1, 5, 11),
        ),
        (
            "softplus(x)",
            "normal",
            [0.0, 1.0],
            normal(lambda x: mp.log1p(mp.exp(x)), 0, 1, -6, 0, 6),
        ),
        ("x**2", "student_t", [3.0], 3),
        ("x**2", "student_t", [2.5], 5),
        ("x**2", "student_t", [2.1], mp.mpf(2.1) / (mp.mpf(2.1) - 2)),
        ("x**4", "student_t", [5.0], 25),
        ("abs(x)", "student_t", [2.0], mp.sqrt(2)),
        ("sqrt(abs(x))", "cauchy", [0.0, 1.0], mp.sqrt(2)),
        ("log(1 + x**2)", "cauchy", [0.0, 1.0], 2 * mp.log(2)),
        ("x", "gamma", [0.1, 1.0], mp.mpf(0.1)),
        ("log(x)", "gamma", [0.1, 1.0], mp.digamma(mp.mpf(0.1))),
        ("1/x", "gamma", [1.5, 1.0], 2),
        ("x**3", "gamma", [400.0, 1.0], mp.mpf(400) * 401 * 402),
        ("exp(x/2)", "exponential", [1.0], 2),
        ("x**10", "exponential", [1.0], mp.factorial(10)),
        ("x**2", "beta", [0.5, 0.5], mp.mpf(3) / 8),
        ("log(x)", "beta", [0.5, 0.5], mp.digamma(half) - mp.digamma(1)),
        ("log(1 - x)", "beta", [2.0, 0.5], mp.digamma(half) - mp.digamma(mp.mpf(2.5))),
        ("1/x", "beta", [2.0, 3.0], 4),
        ("x**3", "lognormal", [0.0, 0.5], mp.exp(mp.mpf(9) / 8)),
        ("log(x)", "lognormal", [0.3, 0.5], mp.mpf(0.3)),
        ("x**2", "laplace", [0.0, 1.0], 2),
        ("exp(x/2)", "laplace", [0.0, 1.0], mp.mpf(4) / 3),
        ("x**2", "logistic", [0.0, 1.0], mp.pi**2 / 3),
        ("x**2", "weibull", [1.5, 1.0], mp.gamma(1 + 2 / mp.mpf(1.5))),
        ("1/sqrt(x)", "uniform", [0.0, 1.0], 2),
        ("log(x)", "uniform", [0.0, 1.0], -1),
        ("x**2", "chi2", [3.0], 15),
        ("log(x)", "chi2", [3.0], mp.digamma(mp.mpf(1.5)) + mp.log(2)),
        ("x", "f", [5.0, 8.0], mp.mpf(8) / 6),
        ("x**3", "f", [5.0, 8.0], mp.mpf(8) ** 3 * 5 * 7 * 9 / (mp.mpf(5) ** 3 * 6 * 4 * 2)),
        ("x**2", "poisson", [4.0], 20),
        ("x**2", "poisson", [1000.0], 1001000),
        ("2**x", "poisson", [4.0], mp.exp(4)),
        (
            "x**2",
            "binomial",
            [20, 0.3],
            20 * mp.mpf(0.3) * (1 - mp.mpf(0.3)) + (20 * mp.mpf(0.3)) ** 2,
        ),
        ("x", "geometric", [0.3], 1 / mp.mpf(0.3)),
        (
            "1.4**x",
            "geometric",
            [0.3],
            mp.mpf(0.3) * mp.mpf(1.4) / (1 - (1 - mp.mpf(0.3)) * mp.mpf(1.4)),
        ),
    ]
    return [
        {"g": g, "name": name, "parameters": parameters, "value": mp.nstr(mp.mpf(value), 20)}
        for g, name, parameters, value in rows
    ]


def arviz_k() -> list[dict[str, Any]]:
    """Return ArviZ's k̂ for weights that the tests can draw again: log w = slope · draw."""
    import arviz as az
    import numpy as np

    rows = []
    for seed, n, kind, slope in (
        (0, 200, "exponential", 0.2),
        (1, 1000, "exponential", 0.4),
        (2, 1000, "exponential", 0.7),
        (3, 10_000, "exponential", 0.9),
        (4, 10_000, "normal", 1.0),
        (5, 100_000, "normal", 2.0),
        (6, 100_000, "exponential", 0.5),
        (7, 5000, "uniform", 3.0),
    ):
        rng = np.random.default_rng(seed)
        draw = {
            "exponential": rng.standard_exponential,
            "normal": rng.standard_normal,
            "uniform": rng.random,
        }[kind](n)
        k = float(az.psislw(slope * draw)[1])
        rows.append({"seed": seed, "n": n, "kind": kind, "slope": slope, "k": k})
    return rows


def main() -> None:
    """Write everything to the file beside this script."""
    integrals = [
        {"f": text, "a": float(a), "b": float(b), "value": integral(f, a, b, cuts)}
        for text, f, a, b, cuts in INTEGRALS
    ]
    about = {
        "script": Path(__file__).name,
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("mpmath", "arviz", "numpy")},
        "digits": 40,
    }
    parts = {
        "about": about,
        "integrals": [{**row, "a": str(row["a"]), "b": str(row["b"])} for row in integrals],
        "tails": tails(),
        "expectations": expectations(),
        "pareto_k": arviz_k(),
    }
    TARGET.write_text(json.dumps(parts, indent=1) + "\n")


if __name__ == "__main__":
    main()
