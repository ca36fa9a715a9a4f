"""The presets of the page geometry."""

from collections.abc import Mapping
from typing import Any

from gdviz.catalogue.preset import Preset, every_knob
from gdviz.topics.geometry.settings import Geometry, start_of


def _preset(label: str, good: bool, reason: str, **values: Any) -> Preset:
    family = values.get("family", "normal")
    chosen: Mapping[str, Any] = start_of(family) if family != "normal" else {}
    return Preset(label, good, reason, every_knob(Geometry, {**chosen, **values}))


PRESETS = (
    _preset(
        "Up and over",
        True,
        "The shortest way between two narrow normals widens them first: half an ellipse.",
        ax=-2.0,
        ay=0.3,
        bx=2.0,
        by=0.3,
    ),
    _preset(
        "The tutorial's way",
        False,
        "The straight line between narrow normals is many times as long as the geodesic.",
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
        "The geodesic leaves the arrow's line by −Γ(v, v): upwards by the μ part, less by σ's.",
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
        room="transport",
        way="loop",
        ax=-1.5,
        ay=0.5,
    ),
    _preset(
        "A ladder",
        True,
        "In a space of varying curvature even the pole ladder errs; more rungs, less error.",
        room="transport",
        family="gamma",
        ladder="pole",
        rungs=2,
    ),
    _preset(
        "On the sphere",
        True,
        "Three outcomes are an eighth of a sphere: geodesics are arcs of great circles.",
        family="categorical",
    ),
    _preset(
        "No better estimate",
        True,
        "The cloud of maximum-likelihood estimates fills the ellipse of the metric over n.",
        room="bound",
        ax=0.0,
        ay=1.2,
    ),
)
