"""What a rule does, frame by frame: its nodes, the shapes it lays down, and where it is wrong."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.probability import RULES, ProbabilityError
from gdviz.probability.adaptive import Subdivision
from gdviz.probability.fixed import nodes_by_gap
from gdviz.probability.ground import finite_or_raise, transform
from gdviz.probability.kronrod import KRONROD, NODES
from gdviz.probability.pieces import subdivisions
from gdviz.probability.rules import Nodes, allowed_size, nodes_of
from gdviz.probability.substitutions import substitution_of
from gdviz.topics.integration.question import (
    Question,
    answer,
    estimate,
    known_points,
    question,
    size_of,
)
from gdviz.topics.integration.settings import Integration
from gdviz.topics.integration.shapes import Integrand, _padded, _panels, _tops

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


def ground_of(spec: Integration) -> Integrand:
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
    asked, ground = question(spec), ground_of(spec)
    if asked.lo == asked.hi:
        raise ProbabilityError("The range is empty: drag a and b apart.")
    kind = RULES[spec.rule].kind
    if kind == "adaptive":
        return _adaptive(spec, asked, ground)
    if kind == "random":
        found = _random(spec, asked, ground)
    elif RULES[spec.rule].range != "finite":
        found = _weighted(spec, asked, ground)
    else:
        found = _fixed(spec, asked, ground)
    found.estimate[-1] = estimate(spec).value  # to the last bit what the library says
    return found


def _fixed(spec: Integration, asked: Question, ground: Integrand) -> Frames:
    ns = sizes(spec)
    rules = [nodes_of(spec.rule, n) for n in ns]
    places = [_places(spec.rule, each, ground) for each in rules]
    heights = np.split(ground.f(np.concatenate(places)), np.cumsum([len(p) for p in places])[:-1])
    half = ground.hi / 2 - ground.lo / 2
    weights = [half * each.weights for each in rules]
    values = [float(w @ y) for w, y in zip(weights, heights, strict=True)]
    panels = [
        _panels(spec.rule, n, x, y, w, ground)
        for n, x, y, w in zip(ns, places, heights, weights, strict=True)
    ]
    exact = _exact(ground, [(p[0], p[1]) for p in panels])
    return Frames(
        np.array(ns),
        np.array([len(p) for p in places]),
        asked.sign * np.array(values),
        _padded(places),
        _padded(heights),
        _padded([p[0] for p in panels]),
        _padded([p[1] for p in panels]),
        _padded([p[2] - e for p, e in zip(panels, exact, strict=True)]),
        _padded([p[3] for p in panels]),
        _padded([p[4] for p in panels]),
    )


def _places(rule: str, nodes: Nodes, ground: Integrand) -> Any:
    if nodes.gaps is not None and not ground.infinite:
        return nodes_by_gap(nodes, ground.lo, ground.hi)
    return ground.lo + (ground.hi / 2 - ground.lo / 2) * (nodes.nodes + 1)


def _exact(ground: Integrand, strips: list[tuple[Any, Any]]) -> list[Any]:
    """Return ∫f over every strip of every frame by 21 Kronrod points."""
    left = np.concatenate([each[0] for each in strips])
    half = (np.concatenate([each[1] for each in strips]) - left) / 2
    x = (left + half)[:, None] + half[:, None] * NODES
    y = ground.f(np.clip(x, np.nextafter(ground.lo, 2e300), np.nextafter(ground.hi, -2e300)))
    return np.split(half * (y @ KRONROD), np.cumsum([len(each[0]) for each in strips])[:-1])


def _weighted(spec: Integration, asked: Question, ground: Integrand) -> Frames:
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
    heights = [ground.f(x) for x in places]
    parts = [w * y for w, y in zip(weights, heights, strict=True)]
    width = [0.3 * np.gradient(x) if len(x) > 1 else np.ones(1) for x in places]
    return Frames(
        np.array(ns),
        np.array([len(x) for x in places]),
        asked.sign * np.array([part.sum() for part in parts]),
        _padded(places),
        _padded(heights),
        _padded([x - w for x, w in zip(places, width, strict=True)]),
        _padded([x + w for x, w in zip(places, width, strict=True)]),
        _padded(parts),
        _padded([np.full(1, np.nan)] * len(ns)),
        _padded([np.full(1, np.nan)] * len(ns)),
    )


def _sides(nodes: Any, weights: Any, asked: Question) -> tuple[Any, Any]:
    """Return Laguerre's nodes from the finite end outwards, or from 0 to both sides."""
    if np.isfinite(asked.lo):
        return asked.lo + nodes, weights
    if np.isfinite(asked.hi):
        return (asked.hi - nodes)[::-1], weights[::-1]
    return np.concatenate([-nodes[::-1], nodes]), np.concatenate([weights[::-1], weights])


def _adaptive(spec: Integration, asked: Question, ground: Integrand) -> Frames:
    states = subdivisions(
        asked.f,
        asked.lo,
        asked.hi,
        spec.rule,
        min(spec.n, 64),
        spec.change,
        points=known_points(asked),
    )
    scale = (ground.hi - ground.lo) / 2 if not ground.infinite else 1.0
    found = [_leaves(state, scale, ground) for state in states]
    tops = [_tops(p[0], p[1], _quartic(ground, p[0], p[1])) for p in found]
    exact = _exact(ground, [(p[0], p[1]) for p in found])
    return Frames(
        np.array([int(state.leaf.sum()) for state in states]),
        np.array([state.evaluations for state in states]),
        asked.sign * np.array([state.total for state in states]),
        _padded([(p[0] + p[1]) / 2 for p in found]),
        _padded([ground.f((p[0] + p[1]) / 2) for p in found]),
        _padded([p[0] for p in found]),
        _padded([p[1] for p in found]),
        _padded([p[2] - e for p, e in zip(found, exact, strict=True)]),
        _padded([top[0] for top in tops]),
        _padded([top[1] for top in tops]),
    )


def _quartic(ground: Integrand, left: Any, right: Any) -> Any:
    """Return f at five points of each piece, for an outline of what its polynomial makes of it."""
    x = left[:, None] + (right - left)[:, None] * np.array([0.01, 0.25, 0.5, 0.75, 0.99])
    return ground.f(x)


def _leaves(state: Subdivision, scale: float, ground: Integrand) -> tuple[Any, ...]:
    """Return ends, integral and error estimate of the present pieces, from left to right."""
    leaf = np.flatnonzero(state.leaf)
    leaf = leaf[np.argsort(state.lo[leaf])]
    middle = ground.lo / 2 + ground.hi / 2
    left, right = (middle + scale * part[leaf] for part in (state.lo, state.hi))
    return left, right, state.value[leaf], state.error[leaf]


def _random(spec: Integration, asked: Question, ground: Integrand) -> Frames:
    """Return the frames of points at random: each frame has more of the same points.

    `errors` is then the standard error of each frame, in its first place.
    """
    ns = sizes(spec)
    half = ground.hi / 2 - ground.lo / 2
    found = [nodes_of(spec.rule, n, spec.seed)[0] for n in ns]
    if spec.rule == "monte_carlo":
        found = [found[-1][:n] for n in ns]
    places = [ground.lo + half * (nodes + 1) for nodes in found]
    heights = [ground.f(x) for x in places]
    estimates = np.array([2 * half * y.mean() for y in heights])
    errors = [np.array([_spread(spec.rule, 2 * half * y)]) for y in heights]
    shown = [slice(0, SHOWN)] * len(ns)
    nowhere = _padded([np.full(1, np.nan)] * len(ns))
    return Frames(
        np.array(ns),
        np.array(ns),
        asked.sign * estimates,
        _padded([x[s] for x, s in zip(places, shown, strict=True)]),
        _padded([y[s] for y, s in zip(heights, shown, strict=True)]),
        nowhere,
        nowhere,
        _padded(errors),
        nowhere,
        nowhere,
    )


def _spread(rule: str, y: Any) -> float:
    """Return one standard error of the mean of y, as the rule knows it."""
    n = y.size
    if rule == "stratified":
        return float(np.sqrt((np.diff(y.reshape(-1, 2), axis=1) ** 2).sum()) / n)
    if rule == "quasi_monte_carlo" and n >= 32:
        return float(np.std(y.reshape(8, -1).mean(axis=1), ddof=1) / np.sqrt(8))
    return float(np.std(y, ddof=1) / np.sqrt(n)) if n > 1 else float("inf")


def run(spec: Integration) -> dict[str, dict[str, Any]]:
    """Return the estimates of the rule as n grows, and the truth: cut at the ends, and whole."""
    from gdviz.topics.integration.frames import frames

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
