"""The geometry of families of distributions under the Fisher metric, and the natural gradient."""

from gdviz.geometry.alpha_geodesics import alpha_geodesic, e_geodesic, m_geodesic
from gdviz.geometry.coordinates import Coordinates, coordinates_of
from gdviz.geometry.divergences import euclid, hellinger, kl
from gdviz.geometry.expectations import expected_metric
from gdviz.geometry.families import FAMILIES, family_of
from gdviz.geometry.family import Family, GeometryError
from gdviz.geometry.fisher import (
    christoffel,
    cubic,
    curvature,
    inner,
    inverse_metric,
    metric,
    norm,
    ricci,
    riemann,
    scalar_curvature,
    sectional_curvature,
)
from gdviz.geometry.geodesics import (
    ball,
    distance,
    exp_map,
    geodesic,
    log_map,
    midpoint,
    path_length,
    shoot,
    straight_length,
)
from gdviz.geometry.likelihoods import Likelihood, logistic, mle, softmax
from gdviz.geometry.means import frechet_mean
from gdviz.geometry.natural import (
    NaturalFit as Fit,
)
from gdviz.geometry.natural import empirical_fisher, fit, natural_step, plain_step
from gdviz.geometry.optimal_transport import wasserstein
from gdviz.geometry.transport import (
    Holonomy,
    Ladder,
    holonomy,
    ladder,
    parallel_transport,
    transport_along,
    transported_along,
)

__all__ = [
    "Coordinates",
    "FAMILIES",
    "Family",
    "Fit",
    "GeometryError",
    "Holonomy",
    "Ladder",
    "Likelihood",
    "alpha_geodesic",
    "ball",
    "christoffel",
    "coordinates_of",
    "cubic",
    "curvature",
    "distance",
    "e_geodesic",
    "empirical_fisher",
    "euclid",
    "exp_map",
    "expected_metric",
    "family_of",
    "fit",
    "frechet_mean",
    "geodesic",
    "hellinger",
    "holonomy",
    "inner",
    "inverse_metric",
    "kl",
    "ladder",
    "log_map",
    "logistic",
    "m_geodesic",
    "metric",
    "midpoint",
    "mle",
    "natural_step",
    "norm",
    "parallel_transport",
    "path_length",
    "plain_step",
    "ricci",
    "riemann",
    "scalar_curvature",
    "sectional_curvature",
    "shoot",
    "softmax",
    "straight_length",
    "transport_along",
    "transported_along",
    "wasserstein",
]
