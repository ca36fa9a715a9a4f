"""Areas, probabilities, expectations: the knobs of the page, its presets, the question it asks."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from gdviz.knob_texts import parse
from gdviz.knobs import Choice, Knob, KnobError, Range, Text, knobs, needs
from gdviz.probability import DISTRIBUTIONS, RULES
from gdviz.probability.registry import DISTRIBUTION_LABELS
from gdviz.probability.rules import RULE_LABELS
from gdviz.probability.substitutions import SUBSTITUTIONS
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
DENSITIES = DISTRIBUTION_LABELS
_WITH_DENSITY = needs("quantity", "probability", "expectation")
_RANDOM = [name for name, rule in RULES.items() if rule.kind == "random"]
Hyper = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


@dataclass(frozen=True)
class Integration:
    """Everything the page *integration* can be asked; `hyper` holds the density's parameters."""

    quantity: Annotated[str, Choice(QUANTITIES, "quantity")] = "integral"
    function: Annotated[
        str,
        Choice({n: s.label for n, s in GALLERY.items()} | {TYPED: "Type a formula …"}, "f"),
        needs("quantity", "integral"),
    ] = "smooth"
    formula: Annotated[
        str,
        Text("f(x) =", "Numbers, x, + − * / ^, pi, e and functions such as sin, exp, abs."),
        needs("function", TYPED),
        needs("quantity", "integral"),
    ] = "exp(-x**2)*cos(3*x)"
    density: Annotated[str, Choice(DENSITIES, "law of X"), _WITH_DENSITY] = "normal"
    density_text: Annotated[
        str,
        Text("p(x) ∝", "Nowhere negative; it is normalised for you."),
        needs("density", TYPED),
        _WITH_DENSITY,
    ] = "exp(-x**4 + 3*x**2 + x)"
    low: Annotated[
        float,
        Range(-FAR, FAR, "p from", "−1000 stands for −∞."),
        needs("density", TYPED),
        _WITH_DENSITY,
    ] = -FAR
    high: Annotated[
        float,
        Range(-FAR, FAR, "p to", "1000 stands for ∞."),
        needs("density", TYPED),
        _WITH_DENSITY,
    ] = FAR
    g: Annotated[
        str, Text("g(x) =", "What the expectation is taken of."), needs("quantity", "expectation")
    ] = "x**2"
    a: Annotated[
        float, Range(-FAR, FAR, "a", "Drag the handle on the axis."), needs("reach", "ab", "right")
    ] = 0.0
    b: Annotated[
        float, Range(-FAR, FAR, "b", "Drag the handle on the axis."), needs("reach", "ab", "left")
    ] = 4.0
    reach: Annotated[str, Choice(REACHES, "range")] = "ab"
    change: Annotated[
        str,
        Choice(SUBSTITUTIONS, "change of variable", "Carries an infinite range to −1 … 1."),
        needs("reach", "right", "left", "line"),
    ] = "rational"
    rule: Annotated[str, Choice(RULE_LABELS, "rule")] = "simpson"
    n: Annotated[
        int,
        Range(1, 256, "n", "Strips, nodes, the most pieces; random rules throw 16 n points."),
    ] = 8
    seed: Annotated[int, Range(0, 9999, "seed of the random rules"), needs("rule", *_RANDOM)] = 0
    hyper: Hyper = field(default=())

    def extra_query(self) -> dict[str, float]:
        """Return the density's parameters as `density_parameter`."""
        return {f"{name}_{key}": value for name, pairs in self.hyper for key, value in pairs}

    def with_extra_query(self, found: Mapping[str, Sequence[str]]) -> "Integration":
        """Return this spec with the parameters of its density that a query names."""
        return replace(self, hyper=own_in_query(self.density, found))


def method_knobs() -> dict[str, Knob]:
    """Return the parameters of the densities, as `density_parameter`."""
    return {
        f"{name}_{key}": knob._replace(needs=(needs("density", name), _WITH_DENSITY))
        for name in DENSITIES
        for key, knob in own_knobs(name).items()
    }


def with_more(spec: Integration, values: Mapping[str, Any]) -> Integration:
    """Return the spec with some of `method_knobs` set.

    >>> with_more(Integration(density="normal"), {"normal_sigma": 2.0}).hyper
    (('normal', (('sigma', 2.0),)),)
    """
    own = dict(dict(spec.hyper).get(spec.density, ()))
    given = {key: values.get(f"{spec.density}_{key}") for key in own_knobs(spec.density)}
    own |= {key: value for key, value in given.items() if value is not None}
    return replace(spec, hyper=changed_knobs(spec.density, own))


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


# --- code -----------------------------------------------------------------------------------------


def gallery_values(name: str) -> dict[str, Any]:
    """Return the knobs that a sample of the gallery brings with it."""
    sample = GALLERY[name]
    ends_ = {"a": sample.a, "b": sample.b} if sample.reach == "ab" else {}
    return {**ends_, "reach": sample.reach}
