"""Random questions about laws over twelve orders of magnitude, each with its truth by mpmath."""

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np

from gdviz.probability import DISTRIBUTIONS, Distribution

Rng = np.random.Generator
DIGITS = 40


class Question(NamedTuple):
    """A law, a function of x as text, its expectation, and that of its size, for rounding.

    A truth of None says that there is no expectation.
    """

    law: Distribution
    g: str
    truth: Any
    size: Any


class Event(NamedTuple):
    """A law, the ends of a range, and its probability."""

    law: Distribution
    a: float
    b: float
    truth: Any


def scale(rng: Rng, lo: float = -6, hi: float = 6) -> float:
    return float(f"{10 ** rng.uniform(lo, hi):.9g}")


def place(rng: Rng) -> float:
    return float(rng.choice([-1, 0, 1])) * scale(rng)


def law(name: str, *parameters: float) -> Distribution:
    return DISTRIBUTIONS[name](*parameters)


# --- expectations --------------------------------------------------------------------------------


def _power(rng: Rng, name: str) -> Question:
    """E[xᵖ] of the laws on the half-line, by gamma functions."""
    p = float(f"{rng.uniform(-1.5, 4):.4g}")
    shape, s = scale(rng, -2, 4), scale(rng)
    k, t, q = mp.mpf(shape), mp.mpf(s), mp.mpf(p)
    if name == "gamma":
        given, exists = (shape, s), k + q > 0
        truth = t**q * mp.gammaprod([k + q], [k]) if exists else None
    elif name == "weibull":
        shape = float(f"{10 ** rng.uniform(-1, 2):.9g}")
        given, exists = (shape, s), 1 + q / mp.mpf(shape) > 0
        truth = t**q * mp.gamma(1 + q / mp.mpf(shape)) if exists else None
    elif name == "lognormal":
        mu, sigma = float(f"{rng.normal() * 3:.6g}"), scale(rng, -4, 0.7)
        given, truth = (mu, sigma), mp.exp(q * mp.mpf(mu) + (q * mp.mpf(sigma)) ** 2 / 2)
    else:
        other = scale(rng, -2, 4)
        given, exists, b = (shape, other), k + q > 0, mp.mpf(other)
        truth = mp.gammaprod([k + q, k + b], [k, k + b + q]) if exists else None
    return Question(law(name, *given), f"x**({p!r})", truth, truth)


def _logarithm(rng: Rng) -> Question:
    """E[log x]."""
    shape, s = scale(rng, -2, 4), scale(rng)
    name = rng.choice(["gamma", "weibull", "beta"])
    k, t = mp.mpf(shape), mp.mpf(s)
    if name == "gamma":
        truth = mp.digamma(k) + mp.log(t)
    elif name == "weibull":
        truth = mp.log(t) - mp.euler / k
    else:
        s = scale(rng, -2, 4)
        truth = mp.digamma(k) - mp.digamma(k + mp.mpf(s))
    return Question(law(name, shape, s), "log(x)", truth, abs(truth) + 1 / k + 1)


def _wave(rng: Rng) -> Question:
    """E[cos ωx], the real part of the characteristic function."""
    s = scale(rng)
    w = float(f"{10 ** rng.uniform(-3, 1) / s:.9g}")
    m = float(f"{rng.normal() * 3 * s:.9g}")
    turn, size = mp.cos(mp.mpf(w) * mp.mpf(m)), mp.mpf(w) * mp.mpf(s)
    name = str(rng.choice(["normal", "laplace", "cauchy", "exponential"]))
    if name == "exponential":
        return Question(law(name, 1 / s), f"cos({w!r}*x)", 1 / (1 + (w / mp.mpf(1 / s)) ** 2), 1)
    fall = {
        "normal": mp.exp(-(size**2) / 2), "laplace": 1 / (1 + size**2), "cauchy": mp.exp(-size)
    }[name]  # fmt: skip
    return Question(law(name, m, s), f"cos({w!r}*x)", turn * fall, 1)


def _growth(rng: Rng) -> Question:
    """E[e^(tx)]."""
    s, share = scale(rng), float(f"{rng.uniform(-5, 5):.4g}")
    t = float(f"{share / s:.9g}")
    if rng.random() < 0.5:
        m = float(f"{rng.normal() * 5 * s:.9g}")
        exponent = mp.mpf(t) * mp.mpf(m) + (mp.mpf(t) * mp.mpf(s)) ** 2 / 2
        return Question(law("normal", m, s), f"exp({t!r}*x)", mp.exp(exponent), mp.exp(exponent))
    k, left = scale(rng, -2, 2), 1 - mp.mpf(t) * mp.mpf(s)
    truth = left ** -mp.mpf(k) if left > 0 else None
    return Question(law("gamma", k, s), f"exp({t!r}*x)", truth, truth)


def _central(rng: Rng) -> Question:
    """Mean, second moment and mean distance of the laws of the line."""
    m, s = place(rng), scale(rng)
    name = str(rng.choice(["normal", "laplace", "logistic", "student_t", "cauchy", "uniform"]))
    a, b = mp.mpf(m), mp.mpf(s)
    g = str(rng.choice(["1", "x", "x**2"]))
    if name == "uniform":
        found, middle, square = law(name, m, m + s), None, None
        lo, hi = mp.mpf(m), mp.mpf(m + s)
        if not hi - lo > 1e-9 * abs(lo):
            return _central(rng)
        middle, square = (lo + hi) / 2, (lo * lo + lo * hi + hi * hi) / 3
    elif name == "student_t":
        df = float(f"{rng.uniform(0.2, 9):.4g}")
        found, middle = law(name, df, m, s), a if df > 1 else None
        square = a * a + b * b * df / (mp.mpf(df) - 2) if df > 2 else None
    else:
        found = law(name, m, s)
        spread = {"normal": 1, "laplace": 2, "logistic": mp.pi**2 / 3, "cauchy": 0}[name]
        middle, square = (None, None) if not spread else (a, a * a + b * b * spread)
    truth = {"1": mp.mpf(1), "x": middle, "x**2": square}[g]
    return Question(found, g, truth, (abs(a) + b) ** {"1": 0, "x": 1, "x**2": 2}[g])


def _beyond(rng: Rng) -> Question:
    """E[1(x > c)], whose truth is the tail."""
    event = some_event(rng)
    c = event.a
    tail = event.law.logsf(c)
    if not np.isfinite(c) or not -600 < tail < -1e-9:
        return _beyond(rng)
    return Question(event.law, f"heaviside(x - ({c!r}))", _sf(event.law, c), 1)


def some_expectation(rng: Rng) -> Question:
    """Return a question about a continuous law."""
    kind = int(rng.integers(10))
    if kind < 4:
        return _power(rng, ("gamma", "weibull", "lognormal", "beta")[kind])
    return (_logarithm, _wave, _growth, _central, _central, _beyond)[kind - 4](rng)


# --- probabilities -------------------------------------------------------------------------------


def _sf(of: Distribution, x: Any) -> Any:
    """Return P(X > x) of a law with a closed form."""
    given, x = [mp.mpf(v) for _, v in of.parameters], mp.mpf(float(x))
    return SURVIVAL[of.name](x, *given)


SURVIVAL: dict[str, Callable[..., Any]] = {
    "normal": lambda x, m, s: mp.erfc((x - m) / s / mp.sqrt(2)) / 2,
    "lognormal": lambda x, m, s: mp.erfc((mp.log(x) - m) / s / mp.sqrt(2)) / 2 if x > 0 else 1,
    "exponential": lambda x, r: mp.exp(-r * x) if x > 0 else 1,
    "weibull": lambda x, k, s: mp.exp(-((x / s) ** k)) if x > 0 else 1,
    "laplace": lambda x, m, s: (
        mp.exp(-(x - m) / s) / 2 if x > m else 1 - mp.exp((x - m) / s) / 2
    ),
    "logistic": lambda x, m, s: 1 / (1 + mp.exp((x - m) / s)),
    "cauchy": lambda x, m, s: mp.atan2(s, x - m) / mp.pi,
    "gamma": lambda x, k, s: mp.gammainc(k, x / s, mp.inf, regularized=True),
}  # fmt: skip


def some_event(rng: Rng) -> Event:
    """Return a range of a continuous law: wide or narrow, near or far."""
    name = str(rng.choice(list(SURVIVAL)))
    if name in ("normal", "laplace", "logistic", "cauchy"):
        found = law(name, place(rng), scale(rng))
    elif name == "lognormal":
        found = law(name, float(rng.normal() * 3), scale(rng, -3, 1))
    elif name == "exponential":
        found = law(name, scale(rng))
    else:
        found = law(name, scale(rng, -1, 1.5), scale(rng))
    center, width = found.centers[0]
    a = center + width * float(rng.normal()) * scale(rng, -3, 1.5)
    b = np.inf if rng.random() < 0.3 else a + width * scale(rng, -8, 2)
    a, b = max(a, found.support[0]), max(b, found.support[0])
    depth = -float(min(found.logcdf(b), found.logsf(a))) / 2.3
    with mp.workdps(DIGITS + 40 + int(min(depth, 2000))):
        truth = _sf(found, a) - (_sf(found, b) if np.isfinite(b) else 0)
    return Event(found, float(a), float(b), truth)


# --- whole numbers -------------------------------------------------------------------------------


def some_sum(rng: Rng) -> Question:
    """Return a question about a law on whole numbers."""
    name = str(rng.choice(["poisson", "geometric", "binomial"]))
    if name == "poisson":
        rate = scale(rng)
        return _of_poisson(rng, rate, mp.mpf(rate))
    p = float(f"{10 ** rng.uniform(-6, -0.01):.9g}")
    if name == "geometric":
        return _of_geometric(rng, p, mp.mpf(p))
    n = int(10 ** rng.uniform(0, 6))
    return _of_binomial(rng, n, p, mp.mpf(p))


def _indicator(k: int) -> str:
    return f"heaviside(x - {k - 0.5!r})*heaviside({k + 0.5!r} - x)"


def _near(rng: Rng, mean: float, sd: float) -> int:
    return max(round(mean + 2 * sd * float(rng.normal())), 0)


def _of_poisson(rng: Rng, rate: float, r: Any) -> Question:
    k = _near(rng, rate, rate**0.5)
    s = float(f"{1 + rng.uniform(-2, 1) / max(1, rate) ** 0.5:.9g}")
    g, truth, size = [
        ("1", mp.mpf(1), 1),
        ("x", r, r),
        ("x**2", r + r * r, r + r * r),
        ("cos(pi*x)", mp.exp(-2 * r), 1),
        (_indicator(k), mp.exp(k * mp.log(r) - r - mp.loggamma(k + 1)), 1e-3),
        (f"({s!r})**x", mp.exp(r * (mp.mpf(s) - 1)), mp.exp(r * (abs(mp.mpf(s)) - 1))),
    ][rng.integers(6 if s > 0 else 5)]
    return Question(law("poisson", rate), g, truth, size)


def _of_geometric(rng: Rng, p: float, q: Any) -> Question:
    k = max(int(rng.exponential() / p), 1)
    s = float(f"{rng.uniform(0.01, 0.999) / (1 - p):.9g}")
    g, truth, size = [
        ("1", mp.mpf(1), 1),
        ("x", 1 / q, 1 / q),
        ("x**2", (2 - q) / q**2, 1 / q**2),
        ("cos(pi*x)", -q / (2 - q), 1),
        (_indicator(k), q * (1 - q) ** (k - 1), 1e-3),
        (f"heaviside(x - {k + 0.5!r})", (1 - q) ** k, 1),
        (f"({s!r})**x", q * s / (1 - (1 - q) * mp.mpf(s)), 0),
    ][rng.integers(7)]
    return Question(law("geometric", p), g, truth, max(size, abs(truth)))


def _of_binomial(rng: Rng, n: int, p: float, q: Any) -> Question:
    k = min(_near(rng, n * p, (n * p * (1 - p)) ** 0.5), n)
    log = mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)
    single = mp.exp(log + k * mp.log(q) + (n - k) * mp.log(1 - q))
    g, truth, size = [
        ("1", mp.mpf(1), 1),
        ("x", n * q, n * q),
        ("x**2", n * q * (1 - q) + (n * q) ** 2, n * q + (n * q) ** 2),
        ("cos(pi*x)", (1 - 2 * q) ** n, 1),
        (_indicator(k), single, 1e-3),
    ][rng.integers(5)]
    return Question(law("binomial", n, p), g, truth, size)
