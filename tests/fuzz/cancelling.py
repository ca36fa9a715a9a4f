"""Integrands that cancel, are cut off, or turn at the end of an infinite range; by closed forms."""

import math
from collections.abc import Callable

import mpmath as mp
from integrands import INF, Case, Rng, case, log_uniform

DIGITS = 50


def _reach(rng: Rng) -> tuple[float, float, mp.mpf]:
    """Return a scale s, an end b down to a millionth of it, and b/s."""
    s = log_uniform(rng, -6, 6)
    b = float(f"{s * 10 ** rng.uniform(-6, 1):.9g}")
    return s, b, mp.mpf(b) / mp.mpf(s)


@mp.workdps(DIGITS)
def near_zero(rng: Rng) -> Case:
    """A function less the start of its series: hardly a digit is left near 0."""
    s, b, q = _reach(rng)
    u = f"x/{s!r}"
    text, truth = [
        (f"1 - cos({u})", q - mp.sin(q)),
        (f"cosh({u}) - 1", mp.sinh(q) - q),
        (f"{u} - sin({u})", q * q / 2 - 1 + mp.cos(q)),
        (f"exp({u}) - 1 - {u}", mp.exp(q) - 1 - q - q * q / 2),
        (f"log(1 + {u}) - {u}", (1 + q) * mp.log(1 + q) - q - q * q / 2),
        (f"sqrt(1 + ({u})**2) - 1", (q * mp.sqrt(q * q + 1) + mp.asinh(q)) / 2 - q),
    ][rng.integers(6)]
    return case("cancels at 0", text, 0, b, mp.mpf(s) * truth)


def far_out(rng: Rng) -> Case:
    """A function less its limit: what is left far out is rounding."""
    s = log_uniform(rng, -6, 6)
    u = f"x/{s!r}"
    text, truth = [
        (f"erf({u}) - 1", -1 / math.sqrt(math.pi)),
        (f"tanh({u}) - 1", -math.log(2)),
        (f"(sqrt(({u})**2 + 1) - {u})**2", 2 / 3),
        (f"(sqrt(({u})**2 + 1) - {u})**3", 3 / 8),
        (f"softplus({u}) - {u}", math.pi**2 / 12),
        (f"log(1 + {s!r}/x) - {s!r}/(x + {s!r})", 1.0),
        (f"exp(-{u}) - 1/(1 + {u})**3", 0.5),
    ][rng.integers(7)]
    return case("cancels far out", text, 0, INF, s * truth)


def diverging(rng: Rng) -> Case:
    """What falls like 1/x, which rounding hides far out."""
    s = log_uniform(rng, -6, 6)
    text = [
        f"atan(x/{s!r}) - pi/2", f"sqrt((x/{s!r})**2 + 1) - x/{s!r}", f"log(1 + {s!r}/x)",
        f"exp({s!r}/x) - 1", f"1/(x*log(2 + x/{s!r}))",
    ][rng.integers(5)]  # fmt: skip
    return case("diverging", text, s, INF, math.nan)


def bent(rng: Rng) -> Case:
    """A bell that is made of steep steps, anywhere on the line."""
    s, c = log_uniform(rng, -6, 6), float(rng.choice([0.0, log_uniform(rng, -6, 6)]))
    u = f"(x - {c if c < 1e9 * s else 0.0!r})/{s!r}"
    text, truth = [
        (f"1 - tanh({u})**2", 2.0),
        (f"sigmoid({u})*(1 - sigmoid({u}))", 1.0),
        (f"max(0, 1 - abs({u}))", 1.0),
        (f"sqrt(max(0, 1 - ({u})**2))", math.pi / 2),
    ][rng.integers(4)]
    return case("bent", text, -INF, INF, s * truth)


@mp.workdps(DIGITS)
def cut_off(rng: Rng) -> Case:
    """A law times a step."""
    s = log_uniform(rng, -6, 6)
    c, d = sorted(float(f"{s * rng.uniform(0, 4):.9g}") for _ in "cd")
    q, r = mp.mpf(c) / mp.mpf(s), mp.mpf(d) / mp.mpf(s)
    if rng.random() < 0.5:
        text, truth = f"x*exp(-x**2/{s!r}**2)*heaviside(x - {c!r})", s * mp.exp(-q * q) / 2
    else:
        text = f"exp(-x/{s!r})*heaviside(x - {c!r})*heaviside({d!r} - x)"
        truth = mp.exp(-q) - mp.exp(-r)
    return case("cut off", text, 0, INF, s * truth)


def turn_at_end(rng: Rng) -> Case:
    """A narrow hump at the finite end of an infinite range."""
    s = log_uniform(rng, -7, -2)
    if rng.random() < 0.5:
        return case("turns at an end", f"exp(x/{s!r}) + exp(x)", -INF, 0, 1 + s)
    w = log_uniform(rng, 0, 6)
    text = f"{w!r}/(1 + (x/{s!r})**2) + exp(-x)"
    return case("turns at an end", text, 0, INF, 1 + w * s * math.pi / 2)


CANCELLING: tuple[Callable[[Rng], Case], ...] = (
    near_zero, far_out, diverging, bent, cut_off, turn_at_end,
)  # fmt: skip


def some_cancelling(rng: Rng) -> Case:
    """Return a case of a family at random."""
    return CANCELLING[rng.integers(len(CANCELLING))](rng)
