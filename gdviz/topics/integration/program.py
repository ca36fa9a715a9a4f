"""The page integration as a short program."""

from typing import Any

from gdviz.probability import RULES
from gdviz.topics.integration.question import ends, formula_of, known_points, question, size_of
from gdviz.topics.integration.settings import FAR, TYPED, Integration

PRODUCT = "f = lambda x: g(x) * law.pdf(x)"
BARS = "from numpy import floor\nf = lambda x: law.pdf(floor(x + 0.5))  # bars, each one wide"


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
    asked = question(spec)
    lo, hi, sign = ends(spec)
    bars = asked.law is not None and asked.law.discrete
    a, b = (lo, hi) if sign > 0 else (hi, lo)
    if bars:
        a, b = asked.lo, asked.hi
    more = f", change={spec.change!r}" if spec.reach != "ab" else ""
    more += f", seed={spec.seed}" if RULES[spec.rule].kind == "random" else ""
    points = known_points(asked)
    more += f", points={list(points)!r}" if points else ""
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
        f = BARS if bars else "f = law.pdf"
        body = [f, f"print({call}.value)", f"print(probability(law, {lo!r}, {hi!r}))"]
        return _program([*head, *body])
    body = [
        "from gdviz.expressions import formula",
        f"g = formula({spec.g!r}).value",
        *([BARS, "p = f", "f = lambda x: g(floor(x + 0.5)) * p(x)"] if bars else [PRODUCT]),
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
