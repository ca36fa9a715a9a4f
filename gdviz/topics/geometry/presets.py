"""The presets of the page geometry, each with what its sentence claims of the run."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gdviz.catalogue.preset import Preset, every_knob
from gdviz.geometry import christoffel
from gdviz.topics.geometry.bound import bound
from gdviz.topics.geometry.other import other_result
from gdviz.topics.geometry.results import geodesics_result, shooting_result, transport_result
from gdviz.topics.geometry.settings import Geometry, point, start_of, vector
from gdviz.topics.geometry.tables import off_by


def _widens_on_an_ellipse(spec: Geometry) -> bool:
    """Whether σ rises above both ends, and (μ − c)²/2 + σ² stays what it is at a."""
    mu, sigma = geodesics_result(spec).paths["fisher"].T
    centre = (mu[0] ** 2 - mu[-1] ** 2 + 2 * (sigma[0] ** 2 - sigma[-1] ** 2)) / (
        2 * (mu[0] - mu[-1])
    )
    level = (mu - centre) ** 2 / 2 + sigma**2
    return bool(np.ptp(level) < 1e-9 * level[0] and sigma.max() > 3 * max(sigma[0], sigma[-1]))


def _longer(spec: Geometry) -> bool:
    lengths = geodesics_result(spec).lengths
    return spec.path == "straight" and 2 < lengths["straight"] / lengths["fisher"] < 2.5


def _shrinks_for_ever(spec: Geometry) -> bool:
    shot = shooting_result(spec)
    sigma = shot.path[:, 1]
    return shot.border is None and bool(
        (np.diff(sigma) < 0).all() and 0 < sigma[-1] < sigma[0] / 50
    )


def _down_by_mu_up_by_sigma(spec: Geometry) -> bool:
    """Whether μ's part of −Γ(v, v) points down, σ's up by less, and both mixed ones right."""
    v = vector(spec)
    parts = -christoffel(spec.family, point(spec, "a")) * np.multiply.outer(v, v)
    (none, right), (down, up) = (np.diag(parts[1]), (parts[0, 0, 1] * 2, parts[0, 0, 0]))
    return bool(none < 0 < right < -none and down > 0 and up == 0)


def _turned_by_curvature(spec: Geometry) -> bool:
    carried = transport_result(spec)
    return carried.expected is not None and math.isclose(
        carried.angle[-1], carried.expected, rel_tol=1e-9
    )


def _errs_less(spec: Geometry) -> bool:
    """Whether the pole ladder is off, and by less with each doubling of its rungs."""
    more = [replace(spec, rungs=rungs) for rungs in (spec.rungs, 2 * spec.rungs, 4 * spec.rungs)]
    off = [off_by(each, transport_result(each)) for each in more]
    return spec.ladder == "pole" and off[0] > 1e-5 and off[0] > 2 * off[1] > 4 * off[2] > 0


def _on_great_circles(spec: Geometry) -> bool:
    """Whether √p of the geodesic lies in a plane through the centre, on the unit sphere."""
    path = geodesics_result(spec).paths["fisher"]
    roots = np.sqrt(np.column_stack([path, 1 - path.sum(axis=1)]))
    first, second, third = np.linalg.svd(roots, compute_uv=False)
    return bool(np.allclose((roots**2).sum(axis=1), 1) and third < 1e-9 * first < second)


def _multiplies(spec: Geometry) -> bool:
    """Whether λ grows by one factor a step, and the line in λ is no longer but runs ahead."""
    found = other_result(spec)
    factors = found.paths["fisher"][1:, 0] / found.paths["fisher"][:-1, 0]
    same = math.isclose(found.lengths["straight"], found.lengths["fisher"], rel_tol=1e-6)
    ahead = (found.paths["straight"][1:-1] > found.paths["fisher"][1:-1]).all()
    return bool(spec.other == "exponential" and np.ptp(factors) < 1e-9 and same and ahead)


def _spreads_before_it_turns(spec: Geometry) -> bool:
    """Whether Σα sinks below both ends on the geodesic, and the line is longer."""
    found = other_result(spec)
    total = found.paths["fisher"].sum(axis=1)
    low = total.min() < 0.9 * min(total[0], total[-1])
    return bool(low and found.lengths["straight"] > 1.05 * found.lengths["fisher"])


def _fills_the_ellipse(spec: Geometry) -> bool:
    found = bound(spec)
    return bool((abs(found.inside - 0.9) < 0.06).all() and (found.efficiency > 0.8).all())


def _preset(
    label: str, good: bool, reason: str, claim: Callable[[Geometry], bool], **values: Any
) -> Preset:
    family = values.get("family", "normal")
    chosen: Mapping[str, Any] = start_of(family) if family != "normal" else {}
    knobs = every_knob(Geometry, {**chosen, **values})

    def there(spec: Geometry, _: Any) -> bool:
        return (spec.room, spec.family) == (knobs["room"], knobs["family"]) and claim(spec)

    return Preset(label, good, reason, knobs, there)


PRESETS = (
    _preset(
        "Up and over",
        True,
        "The shortest way between two narrow normals widens them first: an arc of an ellipse.",
        _widens_on_an_ellipse,
        ax=-2.0,
        ay=0.3,
        bx=2.0,
        by=0.3,
    ),
    _preset(
        "The tutorial's way",
        False,
        "The straight line between narrow normals is more than twice as long as the geodesic.",
        _longer,
        ax=-1.0,
        ay=0.12,
        bx=1.0,
        by=0.12,
        path="straight",
    ),
    _preset(
        "Never at zero",
        True,
        "Shot downwards, σ shrinks for ever and never reaches 0: a point mass is infinitely far.",
        _shrinks_for_ever,
        room="shoot",
        ax=0.0,
        ay=2.0,
        vx=0.1,
        vy=-1.2,
        time=8.0,
        overlays=("balls",),
    ),
    _preset(
        "What bends it",
        True,
        "The geodesic leaves the arrow's line by −Γ(v, v): down by what μ's speed does, up by less "
        "for σ's, and to the right by their product.",
        _down_by_mu_up_by_sigma,
        room="shoot",
        ax=-2.0,
        ay=0.9,
        vx=1.1,
        vy=0.5,
        overlays=("field",),
    ),
    _preset(
        "Holonomy",
        True,
        "Carried around a loop, a vector comes back turned: by the curvature times the area.",
        _turned_by_curvature,
        room="transport",
        way="loop",
        ax=-1.5,
        ay=0.5,
    ),
    _preset(
        "A ladder",
        True,
        "In a space of varying curvature even the pole ladder errs; more rungs, less error.",
        _errs_less,
        room="transport",
        family="gamma",
        ladder="pole",
        rungs=2,
    ),
    _preset(
        "On the sphere",
        True,
        "Three outcomes are an eighth of a sphere: geodesics are arcs of great circles.",
        _on_great_circles,
        family="categorical",
    ),
    _preset(
        "One parameter",
        True,
        "Exponentials are a line: every path takes the same way, the geodesic by equal factors of "
        "λ. The line in λ is as long, and hurries ahead at first.",
        _multiplies,
        room="other",
        other="exponential",
    ),
    _preset(
        "Dirichlet",
        True,
        "Between two narrow Dirichlets the shortest way widens them first: Σα sinks, and rises.",
        _spreads_before_it_turns,
        room="other",
        other="dirichlet",
        da="24, 4, 4",
        db="4, 4, 24",
    ),
    _preset(
        "No better estimate",
        True,
        "The cloud of maximum-likelihood estimates fills the ellipse of the metric over n, which "
        "holds nine tenths of it; no unbiased estimate has a narrower one.",
        _fills_the_ellipse,
        room="bound",
        ax=0.0,
        ay=1.2,
    ),
)
