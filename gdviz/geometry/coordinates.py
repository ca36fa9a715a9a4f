"""Other coordinates for fitting the same family: only the plain gradient sees a difference."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry.alpha_geodesics import from_expectation
from gdviz.geometry.arrays import diagonal
from gdviz.geometry.families import family_of
from gdviz.geometry.family import Family
from gdviz.geometry.fisher import Name
from gdviz.geometry.unconstrained import from_unconstrained, to_unconstrained


class Coordinates(NamedTuple):
    """Coordinates y of a family: `to(theta)`, `back(y, near)`, `slope(theta)[a, i]` = ∂yᵃ/∂θⁱ.

    `near` is a θ close to the answer, for the maps that are inverted by Newton's method.
    """

    label: str
    to: Callable[[Any], Any]
    back: Callable[[Any, Any], Any]
    slope: Callable[[Any], Any]


def coordinates_of(family: Name) -> dict[str, Coordinates]:
    """Return the coordinates of a family by name: its own, logarithms, natural, expectation."""
    family = family_of(family)
    own = Coordinates(
        ", ".join(family.parameters),
        lambda t: t,
        lambda y, near: y,
        lambda t: np.eye(family.d),
    )
    found = {"own": own, "logs": _logs(family)}
    if family.duals is not None:
        found |= {"natural": _natural(family), "expectation": _expectation(family)}
    return found


def _logs(family: Family) -> Coordinates:
    return Coordinates(
        "logarithms",
        lambda t: to_unconstrained(family, t),
        lambda y, near: from_unconstrained(family, y).theta,
        lambda t: diagonal(1 / from_unconstrained(family, to_unconstrained(family, t)).slope),
    )


def _natural(family: Family) -> Coordinates:
    duals = family.duals
    assert duals is not None
    return Coordinates(
        "natural parameters", duals.natural, lambda y, near: duals.from_natural(y), duals.slope
    )


def _expectation(family: Family) -> Coordinates:
    duals = family.duals
    assert duals is not None

    def slope(theta: Any) -> Any:
        """∂m/∂θ = (∂η/∂θ)⁻ᵀ g."""
        return np.linalg.solve(duals.slope(theta).T, family.metric(theta))

    return Coordinates(
        "expectations", duals.expectation, lambda y, near: from_expectation(family, y, near), slope
    )
