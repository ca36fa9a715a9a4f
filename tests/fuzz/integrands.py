"""Integrands with integrals in closed form, drawn at random over twelve orders of magnitude."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import special as sc

Rng = np.random.Generator
INF = math.inf


class Case(NamedTuple):
    """An integrand as text, its range, its integral, and how well the closed form itself knows it.

    `size` is the integral of |f| where that is much larger than the integral: what rounding is
    measured by.
    """

    kind: str
    text: str
    a: float
    b: float
    truth: float
    size: float


def case(kind: str, text: str, a: float, b: float, truth: float, size: float = 0.0) -> Case:
    return Case(kind, text, float(a), float(b), float(truth), float(max(abs(truth), size)))


def log_uniform(rng: Rng, lo: float, hi: float) -> float:
    return float(f"{10 ** rng.uniform(lo, hi):.12g}")


def ends(rng: Rng) -> tuple[float, float]:
    """Return a range of any length anywhere."""
    width, place = log_uniform(rng, -4, 4), rng.uniform(-2, 2)
    a = float(f"{place * width:.12g}")
    return a, float(f"{a + width:.12g}")


def exponential(rng: Rng) -> Case:
    a, b = ends(rng)
    c = float(f"{rng.uniform(-30, 30) / (b - a):.12g}")
    middle = (a + b) / 2
    return case(
        "smooth", f"exp({c!r}*(x - ({middle!r})))", a, b,
        (math.exp(c * (b - middle)) - math.exp(c * (a - middle))) / c,
    )  # fmt: skip


def polynomial(rng: Rng) -> Case:
    k, c = int(rng.integers(1, 20)), float(f"{rng.uniform(-2, 2):.6g}")
    parts = [((2 - c) ** (k + 1)), ((-1 - c) ** (k + 1))]
    return case(
        "smooth", f"(x - ({c!r}))**{k}", -1, 2, (parts[0] - parts[1]) / (k + 1),
        (abs(parts[0]) + abs(parts[1])) / (k + 1),
    )  # fmt: skip


def kink(rng: Rng) -> Case:
    p, c = float(f"{rng.uniform(0.1, 3):.6g}"), float(f"{rng.uniform(0, 1):.12g}")
    w = log_uniform(rng, -6, 6)
    truth = (c ** (p + 1) + (1 - c) ** (p + 1)) / (p + 1) * w ** (p + 1)
    return case("kinked", f"abs(x - {c * w!r})**{p!r}", 0, w, truth)


def window(rng: Rng) -> Case:
    width, c = log_uniform(rng, -8, -1), float(f"{rng.uniform(0.05, 0.95):.12g}")
    lo, hi = c - width / 2, c + width / 2
    back = float(rng.choice([0.0, 1.0]))
    text = f"{back!r} + heaviside(x - {lo!r})*heaviside({hi!r} - x)"
    return case("jump", text, 0, 1, back + (hi - lo), 1.0)


def pole_at_end(rng: Rng) -> Case:
    p = float(f"{1 - log_uniform(rng, -2.5, 0):.9g}")
    w = log_uniform(rng, -6, 6)
    return case("singular", f"x**(-{p!r})", 0, w, w ** (1 - p) / (1 - p))


def log_at_end(rng: Rng) -> Case:
    k = int(rng.integers(1, 5))
    return case("singular", f"log(x)**{k}", 0, 1, (-1) ** k * math.factorial(k))


def pole_inside(rng: Rng) -> Case:
    p, c = float(f"{rng.uniform(0.05, 0.9):.6g}"), float(f"{rng.uniform(0.01, 0.99):.12g}")
    truth = (c ** (1 - p) + (1 - c) ** (1 - p)) / (1 - p)
    return case("singular", f"abs(x - {c!r})**(-{p!r})", 0, 1, truth)


def waves(rng: Rng) -> Case:
    n = int(rng.integers(1, 400))
    return case("oscillating", f"1 + cos({2 * n}*pi*x)", 0, 1, 1.0, 2.0)


def damped_waves(rng: Rng) -> Case:
    k, w = log_uniform(rng, -3, 1), log_uniform(rng, -1, 2)
    return case(
        "oscillating", f"cos({w!r}*x)*exp(-{k!r}*x)", 0, INF, k / (k * k + w * w), 1 / k
    )  # fmt: skip


def bell(rng: Rng) -> Case:
    c, w = float(f"{rng.uniform(0.001, 0.999):.12g}"), log_uniform(rng, -9, 0)
    back = float(rng.choice([0.0, 0.0, 1.0]))
    root = math.sqrt(2) * w
    truth = 0.5 * (sc.erf((1 - c) / root) + sc.erf(c / root)) * w * math.sqrt(2 * math.pi)
    return case(
        "narrow", f"{back!r} + exp(-((x - {c!r})/{w!r})**2/2)", 0, 1, back + truth, back + truth
    )  # fmt: skip


def lorentzian(rng: Rng) -> Case:
    c, w = float(f"{rng.uniform(0.001, 0.999):.12g}"), log_uniform(rng, -7, 0)
    truth = w * (math.atan((1 - c) / w) + math.atan(c / w))
    return case("narrow", f"1/(1 + ((x - {c!r})/{w!r})**2)", 0, 1, truth)


def cusp(rng: Rng) -> Case:
    c, w = float(f"{rng.uniform(0.001, 0.999):.12g}"), log_uniform(rng, -8, 0)
    truth = -w * (math.expm1(-c / w) + math.expm1(-(1 - c) / w))
    return case("narrow", f"exp(-abs(x - {c!r})/{w!r})", 0, 1, truth)


def far_bell(rng: Rng) -> Case:
    c, w = log_uniform(rng, 0, 6), log_uniform(rng, -1, 2)
    half = bool(rng.random() < 0.5)
    truth = w * math.sqrt(2 * math.pi) * (sc.ndtr(c / w) if half else 1.0)
    return case("far", f"exp(-((x - {c!r})/{w!r})**2/2)", 0 if half else -INF, INF, truth)


def far_gamma(rng: Rng) -> Case:
    k = int(rng.integers(1, 60))
    s = log_uniform(rng, -3, 3)
    return case("far", f"(x/{s!r})**{k}*exp(-x/{s!r})", 0, INF, s * math.gamma(k + 1))


def power_tail(rng: Rng) -> Case:
    p = float(f"{1 + log_uniform(rng, -1.3, 1):.9g}")
    a = log_uniform(rng, -3, 3)
    return case("heavy", f"x**(-{p!r})", a, INF, a ** (1 - p) / (p - 1))


def log_tail(rng: Rng) -> Case:
    p = float(f"{rng.uniform(1.5, 4):.6g}")
    return case("heavy", f"1/(x*log(x)**{p!r})", 2, INF, math.log(2) ** (1 - p) / (p - 1))


def student(rng: Rng) -> Case:
    v, s = float(f"{rng.uniform(0.3, 6):.6g}"), log_uniform(rng, -3, 3)
    truth = s * math.sqrt(v) * math.exp(sc.betaln(0.5, v / 2))
    text = f"(1 + (x/{s!r})**2/{v!r})**(-{(v + 1) / 2!r})"
    return case("heavy", text, -INF, INF, truth)


def two_bells(rng: Rng) -> Case:
    c, w = log_uniform(rng, 0, 4), log_uniform(rng, -2, 1)
    root = math.sqrt(2 * math.pi)
    return case(
        "far", f"exp(-x**2/2) + exp(-((x - {c!r})/{w!r})**2/2)", -INF, INF, root + root * w
    )  # fmt: skip


def rational(rng: Rng) -> Case:
    s = log_uniform(rng, -2, 2)
    return case("infinite", f"1/(1 + (x/{s!r})**4)", -INF, INF, s * math.pi / math.sqrt(2))


def laplace(rng: Rng) -> Case:
    c, s = float(f"{rng.normal() * 10:.6g}"), log_uniform(rng, -3, 3)
    return case("infinite", f"exp(-abs(x - ({c!r}))/{s!r})", -INF, INF, 2 * s)


FAMILIES: tuple[Callable[[Rng], Case], ...] = (
    exponential, polynomial, kink, window, pole_at_end, log_at_end, pole_inside, waves,
    damped_waves, bell, lorentzian, cusp, far_bell, far_gamma, power_tail, log_tail, student,
    two_bells, rational, laplace,
)  # fmt: skip


def some_case(rng: Rng) -> Case:
    """Return a case of a family at random."""
    return FAMILIES[rng.integers(len(FAMILIES))](rng)
