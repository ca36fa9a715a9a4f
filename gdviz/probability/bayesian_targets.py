"""Posterior densities of two small data sets, as targets."""

import numpy as np

from gdviz.probability.mixture_targets import normal_mixture, one_normal
from gdviz.probability.target import Target

# Anscombe, "Graphs in Statistical Analysis" (1973), set I.
LINE_X = (10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0)

LINE_Y = (8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68)

NOISE = 1.25

# Racine et al. (1986), the bioassay: log doses, animals, deaths.
DOSE = (-0.86, -0.30, -0.05, 0.73)

ANIMALS = (5, 5, 5, 5)

DEATHS = (0, 1, 3, 5)


def line_posterior() -> Target:
    """Return the posterior of intercept x and slope y under a flat prior and known noise."""
    design = np.stack([np.ones(len(LINE_X)), LINE_X], axis=-1)
    data = np.array(LINE_Y)
    precision = design.T @ design / NOISE**2
    mean = np.linalg.solve(design.T @ design, design.T @ data)
    squares = " + ".join(
        f"{value:.10g}*{term}"
        for value, term in zip(
            (len(data), 2 * sum(LINE_X), float(design[:, 1] @ design[:, 1])),
            ("x**2", "x*y", "y**2"),
            strict=True,
        )
    )
    linear = f"{2 * data.sum():.10g}*x - {2 * float(design[:, 1] @ data):.10g}*y"
    cov = np.linalg.inv(precision)
    return normal_mixture(
        f"-({squares} - {linear})/{2 * NOISE**2:.10g}",
        one_normal(tuple(mean.tolist()), tuple(map(tuple, cov.tolist()))),
        "a line through data",
        ((-1.5, 7.5), (0.0, 1.0)),
        "Anscombe's first set: intercept x and slope y of a line, noise 1.25, flat prior. The two "
        "are correlated because the data lie far from zero.",
    )


def bioassay_posterior() -> Target:
    """Return the posterior of a logistic regression: intercept x and slope y under a flat prior."""
    terms = [f"softplus(x {dose:+g}*y)".replace("+", "+ ").replace("-", "- ") for dose in DOSE]
    ends = sum(DEATHS), sum(n * dose for n, dose in zip(DEATHS, DOSE, strict=True))
    return Target(
        f"{ends[0]}*x + {ends[1]:.10g}*y - {ANIMALS[0]}*({' + '.join(terms)})",
        ("x", "y"),
        "a logistic regression on data",
        ((-4.0, 9.0), (-5.0, 40.0)),
        reach=((-10.0, 25.0), (-15.0, 120.0)),
        teaches="Deaths of twenty animals at four doses: intercept x and slope y of a logistic "
        "regression, flat prior. The likelihood leans: its mean is far from its peak.",
    )
