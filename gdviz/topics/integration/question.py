"""The question that the page asks: what is integrated, over which range, and its true value."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.expressions import Formula, formula
from gdviz.probability import (
    DISTRIBUTIONS,
    RULES,
    Distribution,
    DoesNotExist,
    Estimate,
    ProbabilityError,
    expectation,
    integrate,
    probability,
)
from gdviz.probability.estimate import scaled_estimate
from gdviz.probability.expectations import integrand, signed_product
from gdviz.probability.humps import landmarks_between
from gdviz.probability.infinite import finite_or_told
from gdviz.probability.log_quadrature import integral
from gdviz.probability.rules import allowed_size
from gdviz.probability.user_functions import signed_log
from gdviz.probability.validation import CannotBeTold, OnlyWaves
from gdviz.topics.integration.answers import WAVES, Answer
from gdviz.topics.integration.integrands import GALLERY
from gdviz.topics.integration.settings import DENSITIES, FAR, TYPED, Integration


def law_of(spec: Any) -> Distribution:
    """Return the density of a spec; raise `ValueError` with a sentence if it is none."""
    if spec.density == TYPED:
        low = -np.inf if spec.low <= -FAR else spec.low
        high = np.inf if spec.high >= FAR else spec.high
        return DISTRIBUTIONS[TYPED](spec.density_text, low, high)
    return DISTRIBUTIONS[spec.density](**dict(dict(spec.hyper).get(spec.density, ())))


MOST_EDGES = 60  # of bars, that are drawn sharp


class Integral(NamedTuple):
    """What is integrated: `f` from `lo` to `hi`, `sign` −1 for a > b, drawn over `window`.

    `curves` are further lines to draw, by name; `points` are places a quadrature is told of;
    `law` and `g` are there where the question is about a random variable.
    """

    label: str
    f: Callable[[Any], Any]
    lo: float
    hi: float
    sign: float
    window: tuple[float, float]
    points: tuple[float, ...]
    curves: tuple[tuple[str, Callable[[Any], Any]], ...] = ()
    law: Distribution | None = None
    g: Callable[[Any], Any] | None = None


def ends(spec: Integration) -> tuple[float, float, float]:
    """Return the range of integration, and −1 if its ends were given the other way round."""
    if spec.reach == "line":
        return -np.inf, np.inf, 1.0
    if spec.reach == "right":
        return spec.a, np.inf, 1.0
    if spec.reach == "left":
        return -np.inf, spec.b, 1.0
    return min(spec.a, spec.b), max(spec.a, spec.b), -1.0 if spec.a > spec.b else 1.0


def question(spec: Integration) -> Integral:
    """Return the question of a spec; raise `ValueError` with a sentence if it makes no sense."""
    return _question(_only(spec))


def _only(spec: Integration) -> Integration:
    """Return the spec with what the question does not depend on set back: it is kept by that."""
    return replace(spec, rule="simpson", n=8, seed=0, change="rational")


@cached
def _question(spec: Integration) -> Integral:
    lo, hi, sign = ends(spec)
    if spec.quantity == "integral":
        text = formula_of(spec)
        points = () if spec.function == TYPED else GALLERY[spec.function].points
        window = window_of(spec)
        return Integral(f"∫ {text} dx", formula(text, ("x",)), lo, hi, sign, window, points)
    law = law_of(spec)
    if law.discrete:
        return _bars(spec, law, lo, hi)
    if spec.quantity == "probability":
        name = f"P for {DENSITIES[spec.density]}"
        return Integral(name, law.pdf, lo, hi, 1.0, window_of(spec), _inside(law), law=law)
    g = formula(spec.g, ("x",))
    log_h = signed_product(g, law)

    def product(x: Any) -> Any:
        with np.errstate(all="ignore"):
            y = np.asarray(g(x) * law.pdf(x), float)
            if not np.all(np.isfinite(y)):  # ∞ · 0, say: only the logarithms know
                sign_h, log = log_h(x)
                y = np.where(np.isfinite(y), y, sign_h * np.exp(log))
        return y

    label, curves = f"E[{spec.g}], {DENSITIES[spec.density]}", (("p", law.pdf),)
    points = (*_inside(law), *landmarks_between(g, lo, hi).breaks.tolist())
    return Integral(label, product, lo, hi, 1.0, window_of(spec), points, curves, law, g)


def _bars(spec: Integration, law: Distribution, lo: float, hi: float) -> Integral:
    """Return the question about a law on whole numbers: its bars, each one wide, are the masses.

    The area of the bars of all k in [lo, hi] is the sum over them.
    """
    window = window_of(spec)
    name = DENSITIES[spec.density]
    edges = np.ceil(window[0]) - 0.5 + np.arange(min(int(window[1] - window[0]) + 2, MOST_EDGES))
    first, last = float(np.ceil(lo) - 0.5), float(np.floor(hi) + 0.5)
    about: dict[str, Any] = {"points": tuple(edges.tolist()), "law": law}

    def mass(x: Any) -> Any:
        return law.pdf(nearest(x))

    if spec.quantity == "probability":
        return Integral(f"P for {name}", mass, first, last, 1.0, window, **about)
    g = formula(spec.g, ("x",))

    def product(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.where(mass(x) > 0, g(nearest(x)) * mass(x), 0.0)

    about |= {"curves": (("p", mass),), "g": g}
    return Integral(f"E[{spec.g}], {name}", product, first, last, 1.0, window, **about)


def nearest(x: Any) -> Any:
    """Return the whole number whose bar is at x."""
    return np.floor(np.asarray(x, float) + 0.5)


def _sum_of(asked: Integral) -> Estimate:
    """Return Σ g(k) p(k) over the bars of the range."""
    law, g, (lo, hi) = asked.law, asked.g, (asked.lo, asked.hi)
    assert law is not None and g is not None
    lo, hi = max(lo, law.support[0] - 0.5), min(hi, law.support[1] + 0.5)
    if hi - lo > 2 * FAR + 2:
        return expectation(lambda k: np.where((k > lo) & (k < hi), g(k), 0.0), law)
    k = np.arange(np.ceil(lo), np.floor(hi) + 1)
    terms = np.asarray(asked.f(k), float)
    if not np.isfinite(terms).all():
        raise ProbabilityError("g(x) is not a number at a whole number of this range.")
    error = float(4 * np.finfo(float).eps * np.abs(terms).sum())
    return Estimate(float(terms.sum()), error, len(k), f"a sum of {len(k)} terms")


def _inside(law: Distribution) -> tuple[float, ...]:
    """Return the centres of the humps, and the finite ends of the support."""
    ends_ = [end for end in law.support if np.isfinite(end)]
    return (*(center for center, _ in law.centers), *ends_)


def formula_of(spec: Integration) -> str:
    """Return the text of f."""
    return spec.formula if spec.function == TYPED else GALLERY[spec.function].text


@lru_cache(maxsize=128)
def _window_of_law(law: Distribution) -> tuple[float, float]:
    """Return a window that shows the bulk of a density, and no more of a heavy tail than fits."""
    lo, hi = float(law.ppf(0.001)), float(law.isf(0.001))
    left, middle, right = (float(law.ppf(q)) for q in (0.25, 0.5, 0.75))
    reach = 6 * max(right - left, 1e-6)
    lo, hi = max(lo, middle - reach), min(hi, middle + reach)
    pad = 0.06 * (hi - lo)
    return max(lo - pad, law.support[0] - pad), min(hi + pad, law.support[1] + pad)


def window_of(spec: Integration) -> tuple[float, float]:
    """Return the range of x that is drawn: it does not follow the hand that moves a and b."""
    if spec.quantity != "integral":
        return _window_of_law(law_of(spec))
    if spec.function != TYPED:
        sample = GALLERY[spec.function]
        pad = 0.2 * (sample.b - sample.a)
        return sample.a - pad, sample.b + pad
    lo, hi = min(spec.a, spec.b), max(spec.a, spec.b)
    size = 2.0 ** np.ceil(np.log2(max(abs(lo), abs(hi), hi - lo, 0.5)))
    return (-1.1 * size if lo < 0 else -0.1 * size), 1.1 * size


def answer(spec: Integration) -> Answer:
    """Return the true value: by tails, by log panels told of every trouble, or that it is none."""
    return _answer(_only(spec))


@cached
def _answer(spec: Integration) -> Answer:
    asked = _question(spec)
    try:
        if asked.lo == asked.hi:
            return Answer(Estimate(0.0, 0.0, 0, "an empty range"), "")
        if spec.quantity == "probability" and asked.law is not None:
            return Answer(probability(asked.law, asked.lo, asked.hi), "")
        if spec.quantity == "expectation" and np.isinf(asked.lo) and np.isinf(asked.hi):
            return Answer(expectation(asked.g, asked.law), "")
        if asked.law is not None and asked.law.discrete:
            return Answer(_sum_of(asked), "")
        return Answer(by_panels(asked), "")
    except OnlyWaves as error:
        return Answer(None, WAVES if asked.law is None else str(error))
    except DoesNotExist as error:
        return Answer(None, str(error), error.value)
    except CannotBeTold as error:
        return Answer(None, str(error))


def by_panels(asked: Integral) -> Estimate:
    """Return ∫f over any range by Gauss–Kronrod octaves around the places that matter."""
    lo, hi = asked.lo, asked.hi
    if asked.law is not None and asked.g is not None:
        log_h = integrand(asked.g, asked.law)
        lo, hi = max(lo, asked.law.support[0]), min(hi, asked.law.support[1])
        if lo >= hi:
            return Estimate(0.0, 0.0, 0, "outside the support")
        centers = asked.law.centers
    else:
        log_h = signed_log(asked.f)
        middle = lo / 2 + hi / 2 if np.isfinite(hi - lo) else float(np.clip(0.0, lo, hi))
        width = hi / 2 - lo / 2 if np.isfinite(hi - lo) else 1.0
        centers = ((middle, width),)
    points = [p for p in asked.points if lo < p < hi]
    own = asked.g if asked.law is not None else asked.f
    if isinstance(own, Formula):
        points += landmarks_between(own, lo, hi).cuts(lo, hi).tolist()
    inner = tuple((float(np.clip(c, lo, hi)), w) for c, w in centers)
    parts = partial(integral, lo=lo, hi=hi, centers=inner, points=points)
    panels, tail = finite_or_told(log_h, parts, sign=asked.sign)
    value = asked.sign * (float(panels.value.sum()) + tail.value)
    error = float(panels.error.sum()) + tail.error
    return scaled_estimate(value, error, panels.scale, panels.evaluations, "log panels")


def check(spec: Integration) -> None:
    """Raise `ValueError` with a sentence unless the spec can be drawn."""
    asked = question(spec)
    with np.errstate(all="ignore"):
        y = asked.f(np.linspace(*asked.window, 101))
    if not np.isfinite(y).any():
        raise ProbabilityError("The integrand is finite nowhere in this window.")
    answer(spec)


def size_of(spec: Integration, rule: str) -> int:
    """Return the n that a rule is given: a random one throws sixteen times as many points."""
    entry = RULES[rule]
    return allowed_size(entry, 16 * spec.n if entry.kind == "random" else min(spec.n, entry.most))


def estimate(spec: Integration, rule: str = "") -> Estimate:
    """Return the estimate of a rule, the page's own by default."""
    asked = question(spec)
    name = rule or spec.rule
    n = size_of(spec, name)
    more: dict[str, Any] = {"change": spec.change, "seed": spec.seed, "points": known_points(asked)}
    found = integrate(asked.f, asked.lo, asked.hi, name, n, **more)
    return found._replace(value=asked.sign * found.value)


def known_points(asked: Integral) -> tuple[float, ...]:
    """Return the places that a rule is told of: those of a formula and a density it knows."""
    smooth = asked.law is not None and not asked.law.discrete
    return asked.points if asked.g is not None and smooth else ()


def on_infinite_range(spec: Integration) -> Integration:
    """Return the spec if its range is infinite, or on the whole line, or else the gallery's bell.

    An integrand that has no integral over the line, such as most with a finite range, is no
    example of one that a change of variable tames.
    """
    if spec.reach != "ab":
        return spec
    whole = replace(spec, reach="line")
    try:
        exists = answer(whole).truth is not None
    except ValueError:
        exists = False
    return whole if exists else replace(whole, quantity="integral", function="bell")
