"""The step sizes that suit a target, and their marks on the dial."""

import numpy as np

from gdviz.probability import TARGETS
from gdviz.topics.mcmc.settings import TYPED, Mcmc

# The width of each target's narrowest part: what a step is measured by.
WIDTHS = {
    "normal": 1.5,
    "standard": 1.0,
    "correlated": 0.6,
    "correlated_99": 0.2,
    "banana": 0.7,
    "twisted": 2.0,
    "rosenbrock": 0.5,
    "donut": 0.25,
    "funnel": 1.0,
    "squiggle": 0.5,
    "student": 1.3,
    "bimodal": 1.0,
    "far_modes": 1.0,
    "three_modes": 1.0,
    "box": 0.3,
    "line": 0.2,
    "bioassay": 1.2,
}


def good_step_sizes(name: str) -> dict[str, float]:
    """Return knobs that suit a target, two digits: rough, sensible, not tuned."""
    width = WIDTHS.get(name, 1.0)
    box = TARGETS[name].box if name in TARGETS else ((-4.0, 4.0),)
    widest = max(hi - lo for lo, hi in box)
    values = {
        "sigma": 1.7 * width,
        "leap": 0.35 * width,
        "width": 4 * width,
        "scale": widest / 4,
    }
    return {key: float(f"{value:.2g}") for key, value in values.items()}


def step_marks(spec: Mcmc, name: str) -> list[tuple[float, str]]:
    """Return where theory puts a step, for a target that is one normal.

    2.38 sd/√d of a random walk on a round normal (Roberts, Gelman and Gilks 1997: the limit of many
    dimensions, near the best in one or two); 2 sd of the narrowest direction, where the leapfrog
    becomes unstable.
    """
    mixture = TARGETS[spec.target].mixture if spec.target != TYPED else ()
    if len(mixture) != 1:
        return []
    cov = np.array(mixture[0].cov)
    variances = np.linalg.eigvalsh(cov)
    narrow = float(np.sqrt(variances[0]))
    if name == "sigma" and spec.sampler == "rwm" and np.allclose(variances, variances[0]):
        return [(2.38 * narrow / len(cov) ** 0.5, "2.38 sd/√d")]
    return [(2 * narrow, "2 sd")] if name == "leap" and spec.sampler in ("hmc", "mala") else []
