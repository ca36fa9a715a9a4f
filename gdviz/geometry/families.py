"""The registry of families. Its keys stand in links: renaming one breaks them."""

from gdviz.geometry.dirichlet import BETA, DIRICHLET
from gdviz.geometry.family import Family, GeometryError
from gdviz.geometry.multinormals import CENTRED_NORMAL, DIAGONAL_NORMAL
from gdviz.geometry.normals import NORMAL, OTHER_COORDINATES
from gdviz.geometry.one_parameter import BERNOULLI, CATEGORICAL, EXPONENTIAL, GEOMETRIC, POISSON
from gdviz.geometry.two_parameter import GAMMA, WEIBULL

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        NORMAL,
        *OTHER_COORDINATES,
        CENTRED_NORMAL,
        DIAGONAL_NORMAL,
        GAMMA,
        BETA,
        WEIBULL,
        EXPONENTIAL,
        POISSON,
        GEOMETRIC,
        BERNOULLI,
        CATEGORICAL,
        DIRICHLET,
    )
}


def family_of(family: str | Family) -> Family:
    """Return a family by its name, or itself; raise `GeometryError` for a name that is none."""
    if isinstance(family, Family):
        return family
    if isinstance(family, str) and family in FAMILIES:
        return FAMILIES[family]
    raise GeometryError(
        f"There is no family “{str(family)[:40]}”; there are {', '.join(FAMILIES)}."
    )
