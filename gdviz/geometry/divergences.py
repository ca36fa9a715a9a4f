"""How far apart two distributions are, by other measures than Fisher and Rao's."""

from typing import Any

import numpy as np

from gdviz.geometry.families import family_of
from gdviz.geometry.family import Family, GeometryError
from gdviz.geometry.fisher import Name
from gdviz.geometry.geodesics import are_close, points_of


def kl(family: Name, a: Any, b: Any) -> Any:
    """Return KL(p_a ‖ p_b) in nats, in closed form."""
    family = family_of(family)
    return family.kl(*points_of(family, a, b))


def euclid(family: Name, a: Any, b: Any) -> Any:
    """Return the Euclidean distance of the parameters: it depends on how they are chosen."""
    family = family_of(family)
    a, b = points_of(family, a, b, boundary=True)
    return np.linalg.norm(b - a, axis=-1)


def hellinger(family: Name, a: Any, b: Any) -> Any:
    """Return √(1 − ∫ √(p_a p_b)), between 0 and 1, of points `(..., d)`.

    Raises `GeometryError` where the divergence of the two is beyond every float.
    """
    return np.sqrt(-np.expm1(-bhattacharyya(family, a, b)))[()]


def bhattacharyya(family: Name, a: Any, b: Any) -> Any:
    """Return Bhattacharyya's distance −log ∫ √(p_a p_b) of points `(..., d)`.

    In an exponential family, with m halfway in the natural parameters and A the log-normaliser, it
    is (A(a) + A(b))/2 − A(m) = (KL(m ‖ a) + KL(m ‖ b))/2, a sum of positive terms. Between very
    close members, where m is known too roughly, it is (KL(a ‖ b) + KL(b ‖ a))/8.
    """
    family = family_of(family)
    a, b = points_of(family, a, b)
    with np.errstate(all="ignore"):
        if family.bhattacharyya is not None:
            value = family.bhattacharyya(a, b)
        else:
            middle = _halfway(family, a, b)
            far = (family.kl(middle, a) + family.kl(middle, b)) / 2
            value = np.where(are_close(family, a, b), (family.kl(a, b) + family.kl(b, a)) / 8, far)
    if np.any(np.isnan(value)):
        raise GeometryError("Bhattacharyya's distance leaves the range of floating-point numbers.")
    return np.asarray(value)[()]


def _halfway(family: Family, a: Any, b: Any) -> Any:
    """Return the point whose natural parameters are the means of those of a and b."""
    duals = family.duals
    assert duals is not None
    return duals.from_natural((duals.natural(a) + duals.natural(b)) / 2)
