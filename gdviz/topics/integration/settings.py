"""Areas, probabilities, expectations: the knobs of the page, its presets, the question it asks."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.expressions import formula
from gdviz.knobs import Choice, KnobError, Range, Text, knobs, parse
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
from gdviz.probability.expectations import integrand, scaled_estimate
from gdviz.probability.log_quadrature import integral
from gdviz.probability.registry import DISTRIBUTION_LABELS
from gdviz.probability.rules import RULE_LABELS, allowed_size
from gdviz.probability.substitutions import SUBSTITUTIONS
from gdviz.probability.user_functions import signed_log
from gdviz.topics.integration.integrands import GALLERY

TYPED = "typed"
FAR = 1000.0  # an end of the typed density's range that stands for infinity
QUANTITIES = {
    "integral": "∫ f(x) dx",
    "probability": "P(a ≤ X ≤ b)",
    "expectation": "E[g(X)]",
}
REACHES = {
    "ab": "from a to b",
    "right": "from a to ∞",
    "left": "from −∞ to b",
    "line": "from −∞ to ∞",
}
DISCRETE = {"poisson", "binomial", "geometric"}
DENSITIES = {name: label for name, label in DISTRIBUTION_LABELS.items() if name not in DISCRETE}
Hyper = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


@dataclass(frozen=True)
class Integration:
    """Everything the page *integration* can be asked; `hyper` holds the density's parameters."""

    quantity: Annotated[str, Choice(QUANTITIES, "quantity")] = "integral"
    function: Annotated[
        str,
        Choice({n: s.label for n, s in GALLERY.items()} | {TYPED: "Type a formula …"}, "f"),
    ] = "smooth"
    formula: Annotated[
        str, Text("f(x) =", "Numbers, x, + − * / ^, pi, e and functions such as sin, exp, abs.")
    ] = "exp(-x**2)*cos(3*x)"
    density: Annotated[str, Choice(DENSITIES, "density p")] = "normal"
    density_text: Annotated[str, Text("p(x) ∝", "Nowhere negative; it is normalised for you.")] = (
        "exp(-x**4 + 3*x**2 + x)"
    )
    low: Annotated[float, Range(-FAR, FAR, "p from", "−1000 stands for −∞.")] = -FAR
    high: Annotated[float, Range(-FAR, FAR, "p to", "1000 stands for ∞.")] = FAR
    g: Annotated[str, Text("g(x) =", "What the expectation is taken of.")] = "x**2"
    a: Annotated[float, Range(-FAR, FAR, "a", "Drag the handle on the axis.")] = 0.0
    b: Annotated[float, Range(-FAR, FAR, "b", "Drag the handle on the axis.")] = 4.0
    reach: Annotated[str, Choice(REACHES, "range")] = "ab"
    change: Annotated[
        str, Choice(SUBSTITUTIONS, "change of variable", "Carries an infinite range to −1 … 1.")
    ] = "rational"
    rule: Annotated[str, Choice(RULE_LABELS, "rule")] = "simpson"
    n: Annotated[
        int,
        Range(1, 256, "n", "Strips, nodes, the most pieces; random rules throw 16 n points."),
    ] = 8
    seed: Annotated[int, Range(0, 9999, "seed of the random rules")] = 0
    hyper: Hyper = field(default=())

    def extra_query(self) -> dict[str, float]:
        """Return the density's parameters as `density_parameter`."""
        return {f"{name}_{key}": value for name, pairs in self.hyper for key, value in pairs}

    def with_extra_query(self, found: Mapping[str, Sequence[str]]) -> "Integration":
        """Return this spec with the parameters of its density that a query names."""
        return replace(self, hyper=own_in_query(self.density, found))


def own_in_query(name: str, found: Mapping[str, Sequence[str]]) -> Hyper:
    """Return the parameters of a density that a query names as `density_parameter`."""
    values = {}
    for key, knob in own_knobs(name).items():
        with suppress(KeyError, KnobError):
            values[key] = parse(knob, found[f"{name}_{key}"])
    return changed_knobs(name, values)


def own_knobs(name: str) -> Mapping[str, Any]:
    """Return the knobs of a density's factory; a typed one has its own on the page."""
    return {} if name == TYPED else knobs(DISTRIBUTIONS[name])


def changed_knobs(name: str, values: Mapping[str, float]) -> Hyper:
    """Return the parameters that differ from their defaults, in the order of the factory."""
    changed = tuple(
        (key, values[key])
        for key, knob in own_knobs(name).items()
        if key in values and values[key] != knob.default
    )
    return ((name, changed),) if changed else ()


def law_of(spec: Any) -> Distribution:
    """Return the density of a spec; raise `ValueError` with a sentence if it is none."""
    if spec.density == TYPED:
        low = -np.inf if spec.low <= -FAR else spec.low
        high = np.inf if spec.high >= FAR else spec.high
        return DISTRIBUTIONS[TYPED](spec.density_text, low, high)
    return DISTRIBUTIONS[spec.density](**dict(dict(spec.hyper).get(spec.density, ())))


class Question(NamedTuple):
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


def question(spec: Integration) -> Question:
    """Return the question of a spec; raise `ValueError` with a sentence if it makes no sense."""
    return _question(_only(spec))


def _only(spec: Integration) -> Integration:
    """Return the spec with what the question does not depend on set back: it is kept by that."""
    return replace(spec, rule="simpson", n=8, seed=0, change="rational")


@cached
def _question(spec: Integration) -> Question:
    lo, hi, sign = ends(spec)
    if spec.quantity == "integral":
        text = formula_of(spec)
        value = formula(text, ("x",)).value
        points = () if spec.function == TYPED else GALLERY[spec.function].points
        return Question(f"∫ {text} dx", value, lo, hi, sign, window_of(spec), points)
    law = law_of(spec)
    if spec.quantity == "probability":
        name = f"P for {DENSITIES[spec.density]}"
        return Question(name, law.pdf, lo, hi, 1.0, window_of(spec), _inside(law), law=law)
    g = formula(spec.g, ("x",)).value
    log_h = integrand(g, law)

    def product(x: Any) -> Any:
        with np.errstate(all="ignore"):
            y = np.asarray(g(x) * law.pdf(x), float)
            if not np.all(np.isfinite(y)):  # ∞ · 0, say: only the logarithms know
                sign_h, log = log_h(x)
                y = np.where(np.isfinite(y), y, sign_h * np.exp(log))
        return y

    label = f"E[{spec.g}], {DENSITIES[spec.density]}"
    return Question(
        label, product, lo, hi, 1.0, window_of(spec), _inside(law), (("p", law.pdf),), law, g
    )


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


def run(spec: Integration) -> dict[str, dict[str, Any]]:
    """Return the estimates of the rule as n grows, and the truth: cut at the ends, and whole."""
    from gdviz.topics.integration.frames import (
        frames,  # which is about the questions of this module
    )

    found = frames(spec)
    tables = {
        "rule": {"n": found.n, "evaluations": found.evaluations, "estimate": found.estimate},
    }
    asked = {"true value": spec}
    if spec.quantity == "expectation":
        asked["whole line"] = replace(spec, reach="line")
    for name, one in asked.items():
        truth = answer(one).truth
        if truth is not None:
            tables[name] = {"value": np.array([truth.value]), "error": np.array([truth.error])}
    return tables


class Answer(NamedTuple):
    """The true value, or why there is none."""

    truth: Estimate | None
    reason: str


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
        return Answer(_by_panels(asked), "")
    except DoesNotExist as error:
        return Answer(None, str(error))


def _by_panels(asked: Question) -> Estimate:
    """Return ∫f over any range by Gauss–Kronrod octaves around the places that matter."""
    lo, hi = asked.lo, asked.hi
    if asked.law is not None and asked.g is not None:
        log_h = integrand(asked.g, asked.law)
        lo, hi = max(lo, asked.law.support[0]), min(hi, asked.law.support[1])
        if lo >= hi:
            return Estimate(0.0, 0.0, 0, "outside the support")
        centers = asked.law.centers
    else:
        log_h = signed_log(asked.f, "f")
        middle = lo / 2 + hi / 2 if np.isfinite(hi - lo) else float(np.clip(0.0, lo, hi))
        width = hi / 2 - lo / 2 if np.isfinite(hi - lo) else 1.0
        centers = ((middle, width),)
    points = [p for p in asked.points if lo < p < hi]
    inner = tuple((float(np.clip(c, lo, hi)), w) for c, w in centers)
    panels, tail = integral(log_h, lo, hi, inner, points)
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
    found = integrate(asked.f, asked.lo, asked.hi, name, n, change=spec.change, seed=spec.seed)
    return found._replace(value=asked.sign * found.value)


# --- code -----------------------------------------------------------------------------------------


def law_as_python(spec: Any) -> str:
    """Return the density as an expression on the public API."""
    if spec.density == TYPED:
        low = "-inf" if spec.low <= -FAR else repr(spec.low)
        high = "inf" if spec.high >= FAR else repr(spec.high)
        return f'DISTRIBUTIONS["typed"]({spec.density_text!r}, {low}, {high})'
    own = dict(dict(spec.hyper).get(spec.density, ()))
    inner = ", ".join(f"{key}={value!r}" for key, value in own.items())
    return f'DISTRIBUTIONS["{spec.density}"]({inner})'


def as_python(spec: Integration) -> str:
    """Return a short program on the public API that prints the numbers of the page."""
    lo, hi, sign = ends(spec)
    a, b = (lo, hi) if sign > 0 else (hi, lo)
    more = f", change={spec.change!r}" if spec.reach != "ab" else ""
    more += f", seed={spec.seed}" if RULES[spec.rule].kind == "random" else ""
    call = f"integrate(f, {a!r}, {b!r}, {spec.rule!r}, {size_of(spec, spec.rule)}{more})"
    if spec.quantity == "integral":
        head = ["from gdviz.probability import integrate", "", f"f = {formula_of(spec)!r}"]
        return _program([*head, f"print({call}.value)"])
    head = [
        "from gdviz.probability import (",
        "    DISTRIBUTIONS, DoesNotExist, expectation, integrate, probability",
        ")",
        "",
        f"law = {law_as_python(spec)}",
    ]
    if spec.quantity == "probability":
        body = ["f = law.pdf", f"print({call}.value)", f"print(probability(law, {lo!r}, {hi!r}))"]
        return _program([*head, *body])
    body = [
        "from gdviz.expressions import formula",
        f"g = formula({spec.g!r}).value",
        "f = lambda x: g(x) * law.pdf(x)",
        f"print({call}.value)",
    ]
    whole = [
        "try:",
        f"    print(expectation({spec.g!r}, law))",
        "except DoesNotExist as error:",
        "    print(error)",
    ]
    return _program([*head, *body, *whole])


def _program(lines: list[str]) -> str:
    text = "\n".join(lines)
    return ("from math import inf\n" if "inf" in text.replace("import", "") else "") + text


def gallery_values(name: str) -> dict[str, Any]:
    """Return the knobs that a sample of the gallery brings with it."""
    sample = GALLERY[name]
    ends_ = {"a": sample.a, "b": sample.b} if sample.reach == "ab" else {}
    return {**ends_, "reach": sample.reach}
