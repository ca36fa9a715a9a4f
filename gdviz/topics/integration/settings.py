"""Areas, probabilities, expectations: the knobs of the page, its presets, the question it asks."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from gdviz.knobs import Choice, KnobError, Range, Text, knobs, parse
from gdviz.probability import DISTRIBUTIONS
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


# --- code -----------------------------------------------------------------------------------------


def gallery_values(name: str) -> dict[str, Any]:
    """Return the knobs that a sample of the gallery brings with it."""
    sample = GALLERY[name]
    ends_ = {"a": sample.a, "b": sample.b} if sample.reach == "ab" else {}
    return {**ends_, "reach": sample.reach}
