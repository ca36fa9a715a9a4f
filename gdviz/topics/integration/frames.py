"""What a rule does, frame by frame: its nodes, the shapes it lays down, and where it is wrong."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.probability import RULES, ProbabilityError
from gdviz.probability.adaptive import Subdivision
from gdviz.probability.adaptive_estimates import subdivisions
from gdviz.probability.fixed_estimates import nodes_by_gap, standard_error
from gdviz.probability.integrand import finite_or_raise, transform
from gdviz.probability.kronrod import KRONROD, NODES
from gdviz.probability.rules import Nodes, allowed_size, nodes_of
from gdviz.probability.substitutions import place_of, substitution_of
from gdviz.topics.integration.features import cuts
from gdviz.topics.integration.question import (
    Integral,
    answer,
    estimate,
    known_points,
    question,
    size_of,
)
from gdviz.topics.integration.settings import Integration
from gdviz.topics.integration.shapes import Integrand, as_table, panel_outlines, polynomial_tops

MOST_FRAMES = 48
SHOWN = 100  # random points drawn as stems
FLOOR = 1e-17  # what the logarithmic axis of errors starts at


class Frames(NamedTuple):
    """The frames of a rule, each array with a leading axis of frames, padded with not-a-number.

    `n`, `evaluations`, `estimate` per frame; `nodes, heights` where f is asked; `left, right` the
    strips, `errors` what each adds minus what it should; `shape_x, shape_y` the outlines, split by
    not-a-number. All but `n`, `evaluations` and `estimate` live in the variable u = x where the
    range is finite, and in u on [−1, 1] where it is not.
    """

    n: Any
    evaluations: Any
    estimate: Any
    nodes: Any
    heights: Any
    left: Any
    right: Any
    errors: Any
    shape_x: Any
    shape_y: Any


def integrand_of(spec: Integration) -> Integrand:
    """Return what the rule of a spec works on: f itself, or f(x(u)) dx/du for an infinite range."""
    asked = question(spec)
    f = finite_or_raise(asked.f)
    infinite = not np.isfinite(asked.hi - asked.lo)
    change = substitution_of(asked.lo, asked.hi, spec.change)
    if not infinite:
        return Integrand(f, asked.lo, asked.hi, change, False)
    if RULES[spec.rule].range != "finite":
        return Integrand(f, asked.lo, asked.hi, change, True)
    return Integrand(transform(f, asked.lo, asked.hi, change), -1.0, 1.0, change, True)


def sizes(spec: Integration) -> list[int]:
    """Return the n of each frame, up to the spec's: all of them, or some where there are many."""
    entry = RULES[spec.rule]
    most = size_of(spec, spec.rule)
    if entry.kind == "random":
        steps = np.unique(np.geomspace(min(8, most), most, MOST_FRAMES).astype(int))
        return sorted({allowed_size(entry, int(n)) for n in steps})
    possible = sorted({allowed_size(entry, n) for n in range(1, most + 1)})
    if len(possible) <= MOST_FRAMES:
        return possible
    chosen = np.unique(np.geomspace(1, len(possible), MOST_FRAMES).astype(int)) - 1
    return [possible[i] for i in chosen]


@cached
def frames(spec: Integration) -> Frames:
    """Return the frames of a spec; raise `ProbabilityError` where its rule cannot do it."""
    asked, integrand = question(spec), integrand_of(spec)
    if asked.lo == asked.hi:
        raise ProbabilityError("The range is empty: drag a and b apart.")
    kind = RULES[spec.rule].kind
    if kind == "adaptive":
        return _adaptive(spec, asked, integrand)
    if kind == "random":
        found = _random(spec, asked, integrand)
    elif RULES[spec.rule].range != "finite":
        found = _weighted(spec, asked, integrand)
    else:
        found = _fixed(spec, asked, integrand)
    found.estimate[-1] = estimate(spec).value  # to the last bit what the library says
    return found


def _fixed(spec: Integration, asked: Integral, integrand: Integrand) -> Frames:
    ns = sizes(spec)
    rules = [nodes_of(spec.rule, n) for n in ns]
    places = [_places(spec.rule, each, integrand) for each in rules]
    heights = np.split(
        integrand.f(np.concatenate(places)), np.cumsum([len(p) for p in places])[:-1]
    )
    half = integrand.hi / 2 - integrand.lo / 2
    weights = [half * each.weights for each in rules]
    values = [float(w @ y) for w, y in zip(weights, heights, strict=True)]
    panels = [
        panel_outlines(spec.rule, n, x, y, w, integrand)
        for n, x, y, w in zip(ns, places, heights, weights, strict=True)
    ]
    exact = _exact(asked, integrand, [(p[0], p[1]) for p in panels])
    return Frames(
        np.array(ns),
        np.array([len(p) for p in places]),
        asked.sign * np.array(values),
        as_table(places),
        as_table(heights),
        as_table([p[0] for p in panels]),
        as_table([p[1] for p in panels]),
        as_table([p[2] - e for p, e in zip(panels, exact, strict=True)]),
        as_table([p[3] for p in panels]),
        as_table([p[4] for p in panels]),
    )


def _places(rule: str, nodes: Nodes, integrand: Integrand) -> Any:
    if nodes.gaps is not None and not integrand.infinite:
        return nodes_by_gap(nodes, integrand.lo, integrand.hi)
    return integrand.lo + (integrand.hi / 2 - integrand.lo / 2) * (nodes.nodes + 1)


def _exact(asked: Integral, integrand: Integrand, strips: list[tuple[Any, Any]]) -> list[Any]:
    """Return ∫f over every strip of every frame by 21 Kronrod points between the features of f."""
    inside = _cuts(asked, integrand)
    edges = [np.unique(np.concatenate([[lo[0]], hi, inside])) for lo, hi in strips]
    edges = [e[(e >= lo[0]) & (e <= hi[-1])] for e, (lo, hi) in zip(edges, strips, strict=True)]
    left = np.concatenate([e[:-1] for e in edges])
    half = (np.concatenate([e[1:] for e in edges]) - left) / 2
    x = (left + half)[:, None] + half[:, None] * NODES
    y = integrand.f(
        np.clip(x, np.nextafter(integrand.lo, 2e300), np.nextafter(integrand.hi, -2e300))
    )
    parts = np.split(half * (y @ KRONROD), np.cumsum([len(e) - 1 for e in edges])[:-1])
    return [_summed(*each) for each in zip(parts, edges, strips, strict=True)]


def _summed(parts: Any, edges: Any, strip: tuple[Any, Any]) -> Any:
    """Return the sum of the parts inside each strip; a strip without width (a node's at an end of
    the range, say) has none."""
    left, right = strip
    first = np.searchsorted(edges, np.append(left[0], right[:-1]))
    sums = np.add.reduceat(parts, np.minimum(first, len(parts) - 1))
    return np.where(right > left, sums, 0.0)


def _cuts(asked: Integral, integrand: Integrand) -> Any:
    """Return the features of f as the rule sees them: places of x, or of u on an infinite range."""
    found = cuts(asked)
    found = found[(found > asked.lo) & (found < asked.hi)]
    if not integrand.infinite:
        return found
    return place_of(integrand.change, found, asked.lo, asked.hi)


def _weighted(spec: Integration, asked: Integral, integrand: Integrand) -> Frames:
    """Return the frames of Gauss–Hermite and Gauss–Laguerre: what each node contributes."""
    entry = RULES[spec.rule]
    ns = sizes(spec)
    if entry.range == "line" and np.isfinite([asked.lo, asked.hi]).any():
        raise ProbabilityError("Gauss–Hermite needs the range from −∞ to ∞.")
    if np.isfinite(asked.hi - asked.lo):
        raise ProbabilityError("Gauss–Laguerre needs a range with an end at infinity.")
    places, weights = [], []
    for n in ns:
        nodes, weight, _ = nodes_of(spec.rule, n)
        x, w = _sides(nodes, weight, asked) if entry.range == "half" else (nodes, weight)
        places.append(x)
        weights.append(w)
    heights = [integrand.f(x) for x in places]
    parts = [w * y for w, y in zip(weights, heights, strict=True)]
    width = [0.3 * np.gradient(x) if len(x) > 1 else np.ones(1) for x in places]
    return Frames(
        np.array(ns),
        np.array([len(x) for x in places]),
        asked.sign * np.array([part.sum() for part in parts]),
        as_table(places),
        as_table(heights),
        as_table([x - w for x, w in zip(places, width, strict=True)]),
        as_table([x + w for x, w in zip(places, width, strict=True)]),
        as_table(parts),
        as_table([np.full(1, np.nan)] * len(ns)),
        as_table([np.full(1, np.nan)] * len(ns)),
    )


def _sides(nodes: Any, weights: Any, asked: Integral) -> tuple[Any, Any]:
    """Return Laguerre's nodes from the finite end outwards, or from 0 to both sides."""
    if np.isfinite(asked.lo):
        return asked.lo + nodes, weights
    if np.isfinite(asked.hi):
        return (asked.hi - nodes)[::-1], weights[::-1]
    return np.concatenate([-nodes[::-1], nodes]), np.concatenate([weights[::-1], weights])


def _adaptive(spec: Integration, asked: Integral, integrand: Integrand) -> Frames:
    states = subdivisions(
        asked.f,
        asked.lo,
        asked.hi,
        spec.rule,
        min(spec.n, 64),
        spec.change,
        points=known_points(asked),
    )
    scale = (integrand.hi - integrand.lo) / 2 if not integrand.infinite else 1.0
    found = [_leaves(state, scale, integrand) for state in states]
    tops = [polynomial_tops(p[0], p[1], _quartic(integrand, p[0], p[1])) for p in found]
    exact = _exact(asked, integrand, [(p[0], p[1]) for p in found])
    return Frames(
        np.array([int(state.leaf.sum()) for state in states]),
        np.array([state.evaluations for state in states]),
        asked.sign * np.array([state.total for state in states]),
        as_table([(p[0] + p[1]) / 2 for p in found]),
        as_table([integrand.f((p[0] + p[1]) / 2) for p in found]),
        as_table([p[0] for p in found]),
        as_table([p[1] for p in found]),
        as_table([p[2] - e for p, e in zip(found, exact, strict=True)]),
        as_table([top[0] for top in tops]),
        as_table([top[1] for top in tops]),
    )


def _quartic(integrand: Integrand, left: Any, right: Any) -> Any:
    """Return f at five points of each piece, for an outline of what its polynomial makes of it."""
    x = left[:, None] + (right - left)[:, None] * np.array([0.01, 0.25, 0.5, 0.75, 0.99])
    return integrand.f(x)


def _leaves(state: Subdivision, scale: float, integrand: Integrand) -> tuple[Any, ...]:
    """Return ends, integral and error estimate of the present pieces, from left to right."""
    leaf = np.flatnonzero(state.leaf)
    leaf = leaf[np.argsort(state.lo[leaf])]
    middle = integrand.lo / 2 + integrand.hi / 2
    left, right = (middle + scale * part[leaf] for part in (state.lo, state.hi))
    return left, right, state.value[leaf], state.error[leaf]


def _random(spec: Integration, asked: Integral, integrand: Integrand) -> Frames:
    """Return the frames of points at random: each frame has more of the same points.

    `errors` is then the standard error of each frame, in its first place.
    """
    ns = sizes(spec)
    half = integrand.hi / 2 - integrand.lo / 2
    found = [nodes_of(spec.rule, n, spec.seed)[0] for n in ns]
    if spec.rule == "monte_carlo":
        found = [found[-1][:n] for n in ns]
    places = [integrand.lo + half * (nodes + 1) for nodes in found]
    heights = [integrand.f(x) for x in places]
    estimates = np.array([2 * half * y.mean() for y in heights])
    errors = [np.array([standard_error(spec.rule, 2 * half * y)]) for y in heights]
    shown = [slice(0, SHOWN)] * len(ns)
    nowhere = as_table([np.full(1, np.nan)] * len(ns))
    return Frames(
        np.array(ns),
        np.array(ns),
        asked.sign * estimates,
        as_table([x[s] for x, s in zip(places, shown, strict=True)]),
        as_table([y[s] for y, s in zip(heights, shown, strict=True)]),
        nowhere,
        nowhere,
        as_table(errors),
        nowhere,
        nowhere,
    )


def run(spec: Integration) -> dict[str, dict[str, Any]]:
    """Return the estimates of the rule as n grows, and the truth: cut at the ends, and whole."""
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
