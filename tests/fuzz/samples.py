"""Random targets, proposals and chains of which the truth is known in closed form."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from laws import Rng, law, place, scale

from gdviz.probability import Distribution

# --- importance sampling -------------------------------------------------------------------------


class Weighed(NamedTuple):
    """E[x] of a target from samples of a proposal: its truth, and whether ∫ p²/q is finite.

    A truth of None says that there is no mean.
    """

    target: Distribution
    proposal: Distribution
    truth: float | None
    finite: bool


def _normals(rng: Rng) -> Weighed:
    s, ratio = scale(rng), float(f"{10 ** rng.uniform(-0.6, 0.6):.6g}")
    m, step = place(rng), float(rng.choice([0.0, 0.5, 2.0])) * s
    m = m if abs(m) < 1e6 * s else 0.0
    finite = 2 * ratio**2 > 1
    return Weighed(law("normal", m, s), law("normal", m + step, ratio * s), m, finite)


def _rates(rng: Rng) -> Weighed:
    r, ratio = scale(rng), float(f"{10 ** rng.uniform(-0.7, 0.7):.6g}")
    return Weighed(law("exponential", r), law("exponential", r * ratio), 1 / r, ratio < 2)


def _gammas(rng: Rng) -> Weighed:
    k, j, s = scale(rng, -1, 1), scale(rng, -1, 1), scale(rng)
    ratio = float(f"{10 ** rng.uniform(-0.5, 0.7):.6g}")
    finite = 2 * k > j and ratio > 0.5
    return Weighed(law("gamma", k, s), law("gamma", j, s * ratio), k * s, finite)


def _tails(rng: Rng) -> Weighed:
    df, other = (float(f"{rng.uniform(0.5, 8):.4g}") for _ in "ab")
    m, s = float(rng.normal()), scale(rng, -3, 3)
    mean = m if df > 1 else None
    # x² p²/q falls like x^(2 − 2(df + 1) + other + 1)
    finite = 2 * df - 1 > other + 1 and df > 1
    return Weighed(law("student_t", df, m, s), law("student_t", other, m, s), mean, finite)


def _light_for_heavy(rng: Rng) -> Weighed:
    df, s = float(f"{rng.uniform(0.5, 60):.4g}"), scale(rng, -3, 3)
    wide = float(f"{s * rng.uniform(1, 5):.6g}")
    return Weighed(
        law("student_t", df, 0.0, s), law("normal", 0.0, wide), 0.0 if df > 1 else None, False
    )


def _successes(rng: Rng) -> Weighed:
    p, q = (float(f"{10 ** rng.uniform(-3, -0.05):.6g}") for _ in "ab")
    return Weighed(law("geometric", p), law("geometric", q), 1 / p, (1 - p) ** 2 < 1 - q)


WEIGHED: tuple[Callable[[Rng], Weighed], ...] = (
    _normals, _rates, _gammas, _tails, _light_for_heavy, _successes,
)  # fmt: skip


def some_weighed(rng: Rng) -> Weighed:
    """Return a target and a proposal at random, not at the very border of a finite variance."""
    return WEIGHED[rng.integers(len(WEIGHED))](rng)


# --- typed log-densities -------------------------------------------------------------------------


class Typed(NamedTuple):
    """The text of a log-density, its bounds, and mean and standard deviation of each variable."""

    text: str
    bounds: tuple[tuple[float, float], ...] | None
    mean: tuple[float, ...]
    sd: tuple[float, ...]


def _one_bell(rng: Rng) -> Typed:
    m, s = place(rng), scale(rng)
    m = m if abs(m) < 1e9 * s else 0.0
    return Typed(f"-((x - ({m!r}))/{s!r})**2/2", None, (m,), (s,))


def _laplace(rng: Rng) -> Typed:
    m, s = place(rng), scale(rng)
    m = m if abs(m) < 1e9 * s else 0.0
    return Typed(f"-abs(x - ({m!r}))/{s!r}", None, (m,), (math.sqrt(2) * s,))


def _gamma(rng: Rng) -> Typed:
    k, s = scale(rng, -1, 3), scale(rng)
    text = f"{k - 1!r}*log(x) - x/{s!r}"
    return Typed(text, ((0.0, math.inf),), (k * s,), (math.sqrt(k) * s,))


def _student(rng: Rng) -> Typed:
    df, s = float(f"{rng.uniform(2.5, 30):.4g}"), scale(rng)
    text = f"-{(df + 1) / 2!r}*log(1 + (x/{s!r})**2/{df!r})"
    return Typed(text, None, (0.0,), (s * math.sqrt(df / (df - 2)),))


def _mixed(shares: list[float], m: np.ndarray, s: np.ndarray) -> tuple[float, float]:
    w = np.array(shares) / sum(shares)
    mean = float(w @ m)
    return mean, math.sqrt(float(w @ (s**2 + (m - mean) ** 2)))


def _two_bells(rng: Rng) -> Typed:
    gap, s, share = scale(rng, 0, 5), scale(rng, -3, 2), scale(rng, -2, 2)
    text = f"log(exp(-x**2/2) + {share!r}*exp(-((x - {gap!r})/{s!r})**2/2))"
    mean, sd = _mixed([1.0, share * s], np.array([0.0, gap]), np.array([1.0, s]))
    return Typed(text, None, (mean,), (sd,))


def _correlated(rng: Rng) -> Typed:
    m, n, s, t = place(rng), place(rng), scale(rng, -3, 3), scale(rng, -3, 3)
    m, n = (c if abs(c) < 1e6 * w else 0.0 for c, w in ((m, s), (n, t)))
    r = float(f"{rng.uniform(-0.95, 0.95):.3g}")
    x, y = f"(x - ({m!r}))/{s!r}", f"(y - ({n!r}))/{t!r}"
    text = f"-(({x})**2 - 2*({r!r})*({x})*({y}) + ({y})**2)/{2 * (1 - r * r)!r}"
    return Typed(text, None, (m, n), (s, t))


def _islands(rng: Rng) -> Typed:
    angle, gap = rng.uniform(0, 2 * math.pi), scale(rng, 0, 5)
    a, b = (float(f"{gap * f(angle):.6g}") for f in (math.cos, math.sin))
    s, share = scale(rng, -2, 1), scale(rng, -2, 2)
    far = f"((x - ({a!r}))**2 + (y - ({b!r}))**2)/{2 * s * s!r}"
    text = f"log(exp(-(x**2 + y**2)/2) + {share!r}*exp(-{far}))"
    shares, widths = [1.0, share * s * s], np.array([1.0, s])
    sides = [_mixed(shares, np.array([0.0, c]), widths) for c in (a, b)]
    return Typed(text, None, *zip(*sides, strict=True))


def _corner(rng: Rng) -> Typed:
    s, t = scale(rng, -3, 3), scale(rng, -3, 3)
    return Typed(f"-x/{s!r} - y/{t!r}", ((0.0, math.inf),) * 2, (s, t), (s, t))


TYPED: tuple[Callable[[Rng], Typed], ...] = (
    _one_bell, _laplace, _gamma, _student, _two_bells, _correlated, _islands, _corner,
)  # fmt: skip


def some_typed(rng: Rng) -> Typed:
    """Return the text of a log-density of one or two variables."""
    return TYPED[rng.integers(len(TYPED))](rng)


# --- chains --------------------------------------------------------------------------------------


class Chains(NamedTuple):
    """Autoregressive chains `x (chains, draws)`: their mean, deviation, and time ρ tells.

    `time` is (1 + ρ)/(1 − ρ); `apart` says that one chain is in another place.
    """

    x: np.ndarray
    mean: float
    sd: float
    time: float
    apart: bool


def some_chains(rng: Rng, draws: int = 500, chains: int = 4) -> Chains:
    """Return chains of any place and scale, of which one may be apart from the others."""
    rho = float(rng.choice([0.0, 0.3, 0.6, 0.8, -0.5]))
    m, s, apart = place(rng), scale(rng), bool(rng.random() < 0.3)
    m = m if abs(m) < 1e8 * s else 0.0
    noise = rng.standard_normal((draws, chains)) * math.sqrt(1 - rho * rho)
    z = np.empty((draws, chains))
    z[0] = rng.standard_normal(chains)
    for i in range(1, draws):
        z[i] = rho * z[i - 1] + noise[i]
    z[:, 0] += 4.0 * apart
    return Chains(m + s * z.T, m, s, (1 + rho) / (1 - rho), apart)
