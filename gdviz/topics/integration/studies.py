"""What the views of a law, of darts and of tails compute."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.expressions import formula
from gdviz.probability import (
    RULES,
    Distribution,
    DoesNotExist,
    Estimate,
    ProbabilityError,
    expectation,
    integrate,
)
from gdviz.topics.integration.question import (
    Integral,
    answer,
    by_panels,
    law_of,
    question,
    size_of,
)
from gdviz.topics.integration.settings import Integration

DRAWS = 20_000
HARDLY = 1e-2  # of a value: with an error beyond it, a moment is not shown
FARTHEST = 14  # places where a tail is cut off


class LawStudy(NamedTuple):
    """A law and draws of it: F on a grid, moments of h(X), and the mean of the first n draws.

    h is g where an expectation is asked for, else x. `mean`, `variance` are None where they do not
    exist, then `reason` says why; `n`, `running`, `error (m,)` are draws, their mean, its s.e.
    """

    law: Distribution
    x: Any
    cdf: Any
    name: str
    mean: float | None
    variance: float | None
    reason: str
    n: Any
    running: Any
    error: Any


@cached
def law_study(spec: Integration) -> LawStudy:
    """Return what is known of the law of a spec, and what draws with its seed say of it."""
    law, asked = law_of(spec), question(spec)
    text = spec.g if spec.quantity == "expectation" else "x"
    h = formula(text, ("x",))
    x = np.linspace(*asked.window, 801)
    with np.errstate(all="ignore"):
        draws = np.asarray(law.draw(np.random.default_rng(spec.seed), DRAWS), float)
        values = np.broadcast_to(h(draws), draws.shape).astype(float)
    n = np.unique(np.geomspace(2, DRAWS, 300).astype(int))
    finite = values[np.isfinite(values)]
    size = float(np.median(np.abs(finite))) if finite.size else 0.0
    mean, variance, reason = _moments(h, law, size)
    middle = (
        float(np.median(finite)) if finite.size else 0.0
    )  # of large values close together, squares lose all digits
    with np.errstate(all="ignore"):
        first, second = (np.cumsum((values - middle) ** power)[n - 1] / n for power in (1, 2))
        error = np.sqrt(np.maximum(second - first**2, 0) / (n - 1))
    name = "X" if text == "x" else text
    return LawStudy(law, x, law.cdf(x), name, mean, variance, reason, n, middle + first, error)


def _moments(h: Any, law: Distribution, size: float) -> tuple[float | None, float | None, str]:
    """Return E[h(X)] and E[(h(X) − E[h(X)])²] of an h of a `size`, and why there is none."""
    mean = None
    try:
        mean = middle = _settled(expectation(h, law), size)
        found = expectation(lambda x: (h(x) - middle) ** 2, law)
        return mean, _settled(found, max(size, abs(mean)) ** 2), ""
    except (DoesNotExist, ProbabilityError) as error:
        return mean, None, str(error)


def _settled(found: Estimate, size: float) -> float:
    """Return a value, 0 where its own error is as large; refuse one that is hardly known."""
    if found.error > HARDLY * max(abs(found.value), size):
        raise ProbabilityError(
            f"Quadrature finds {found.value:.3g} ± {found.error:.1g} only: it is not known."
        )
    return 0.0 if abs(found.value) <= found.error else found.value


class Darts(NamedTuple):
    """Darts thrown at the box around an integrand, `x`, `y (n,)`: `sign` 1 or −1 below it, else 0.

    `value` is the box times the mean sign, `error` its standard error.
    """

    x: Any
    y: Any
    sign: Any
    box: tuple[float, float, float, float]
    value: float
    error: float


@cached
def darts(spec: Integration) -> Darts | None:
    """Return as many darts as the random rules throw points; None for an infinite range or f."""
    asked = question(spec)
    if not np.isfinite(asked.hi - asked.lo) or asked.lo >= asked.hi:
        return None
    grid = np.linspace(asked.lo, asked.hi, 2001)
    with np.errstate(all="ignore"):
        y = np.asarray(asked.f(grid), float)
    if not np.isfinite(y).all():
        return None
    n = size_of(spec, "monte_carlo")
    rng = np.random.default_rng(spec.seed)
    low, high = min(float(y.min()), 0.0), max(float(y.max()), 0.0)
    high = high if high > low else 1.0
    at, height = rng.uniform(asked.lo, asked.hi, n), rng.uniform(low, high, n)
    f = np.asarray(asked.f(at), float)
    sign = np.where((height > 0) & (height < f), 1, np.where((height < 0) & (height > f), -1, 0))
    area = (asked.hi - asked.lo) * (high - low)
    error = float(area * sign.std() / np.sqrt(n))
    box = (asked.lo, asked.hi, low, high)
    return Darts(at, height, sign, box, asked.sign * float(area * sign.mean()), error)


class TailBudget(NamedTuple):
    """An infinite range cut off at L: `tail (m,)` is what lies beyond, `inside` the rule's error.

    `total` is what the rule on the cut range misses in all.
    """

    cut: Any
    tail: Any
    inside: Any
    total: Any


@cached
def tail_budget(spec: Integration) -> TailBudget | None:
    """Return where the error comes from if the range is cut off at L; None where there is no tail.

    The rule of the page is used, without a change of variable.
    """
    asked, truth = question(spec), answer(spec).truth
    finite = np.isfinite(asked.hi - asked.lo) or RULES[spec.rule].range != "finite"
    if truth is None or finite or (asked.law is not None and asked.law.discrete):
        return None
    rows, n = [], size_of(spec, spec.rule)
    for reach in np.geomspace(0.5, 200.0, FARTHEST):
        cut = cut_off(asked, float(reach))
        try:
            whole = by_panels(cut).value
            one = integrate(cut.f, cut.lo, cut.hi, spec.rule, n, seed=spec.seed)
            found = asked.sign * one.value
        except ProbabilityError:
            continue
        rows.append((reach, abs(truth.value - whole), abs(found - whole), abs(found - truth.value)))
    return TailBudget(*np.array(rows).T) if rows else None


def cut_off(asked: Integral, reach: float) -> Integral:
    """Return the question on a finite range: an infinite end lies `reach` from where p or f is."""
    lo, hi = asked.lo, asked.hi
    middle = asked.law.ppf(0.5) if asked.law is not None else 0.0
    near = lo if np.isfinite(lo) else hi if np.isfinite(hi) else float(middle)
    return asked._replace(
        lo=lo if np.isfinite(lo) else near - reach, hi=hi if np.isfinite(hi) else near + reach
    )
