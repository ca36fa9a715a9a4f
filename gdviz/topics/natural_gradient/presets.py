"""The presets of the page *natural_gradient*, each with what its sentence claims of the run."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gdviz.catalogue.preset import Preset, every_knob
from gdviz.geometry import logistic, metric
from gdviz.topics.natural_gradient.nets import nets
from gdviz.topics.natural_gradient.settings import NaturalGradient, fits, start_of, weights


def _apart(spec: NaturalGradient, natural: bool) -> float:
    """Return how far the paths of one kind part at the same step, from the first one."""
    paths = [path.theta for (_, kind), path in fits(spec).paths.items() if kind == natural]
    steps = min(map(len, paths))
    return float(
        max(np.linalg.norm(path[:steps] - paths[0][:steps], axis=1).max() for path in paths)
    )


def _one_path(spec: NaturalGradient) -> bool:
    return len(spec.coordinates) == 3 and _apart(spec, True) < 0.15 and _apart(spec, False) > 2


def _closer_when_slower(spec: NaturalGradient) -> bool:
    """Whether half the rate over the same time parts the paths by half as much."""
    faster = replace(spec, lr=2 * spec.lr, steps=spec.steps // 2)
    return 1.8 < _apart(faster, True) / _apart(spec, True) < 2.4


def _at_once(spec: NaturalGradient) -> bool:
    found = fits(spec)
    first, other = (found.paths[key, True] for key in ("expectation", "own"))
    return bool(np.allclose(first.theta[1], found.best, rtol=1e-9)) and len(other.theta) > 2


def _creeps(spec: NaturalGradient) -> bool:
    """Whether the Fisher metric correlates the parameters, and the plain gradient stays behind."""
    found = fits(spec)
    g = metric(spec.family, found.best)
    gaps = {key: float(path.loss[-1] - found.least) for key, path in found.paths.items()}
    done = all(gap < 1e-4 for (_, natural), gap in gaps.items() if natural)
    left = all(gap > 0.05 for (_, natural), gap in gaps.items() if not natural)
    return abs(g[0, 1]) / np.sqrt(g[0, 0] * g[1, 1]) > 0.8 and done and left


def _is_irls(spec: NaturalGradient) -> bool:
    return weights(spec).apart < 1e-12


def _never_settles(spec: NaturalGradient) -> bool:
    """Whether the last steps are as long as those before, where the true Fisher converges."""
    path = weights(spec).paths["natural"]
    last = np.linalg.norm(np.diff(path.theta[-11:], axis=0), axis=1)
    true = weights(replace(spec, fisher="true")).paths["natural"]
    return bool(last.min() > 0.5) and true.status == "converged"


def _flies_away(spec: NaturalGradient) -> bool:
    found = weights(spec)
    problem, path = logistic(found.X, found.y), found.paths["natural"]
    small = np.trace(problem.fisher(path.theta[0])) < 0.5 * np.trace(problem.fisher([0.0, 0.0]))
    return bool(small) and path.status == "diverged" and bool((np.diff(path.loss) > 0).all())


def _longer_each_step(spec: NaturalGradient) -> bool:
    found = weights(spec)
    path = found.paths["natural"]
    sizes = [np.trace(logistic(found.X, found.y).fisher(w)) for w in path.theta]
    grows = np.diff(np.linalg.norm(path.theta, axis=1)) > 0
    return found.separable and bool(grows.all()) and sizes[-1] < 1e-6 * sizes[0]


def _few_do_more(spec: NaturalGradient) -> bool:
    paths = nets(spec).paths
    return len(paths["plain"].loss) > 60 and bool(
        paths["natural"].loss[4] < paths["plain"].loss[-1]
    )


def _shortest(spec: NaturalGradient) -> bool:
    """Whether every step is along (1, 1), the only direction that the data see."""
    path = weights(spec).paths["natural"]
    aside = path.theta @ [1.0, -1.0]
    return path.unseen == 1 and path.status == "converged" and bool(np.ptp(aside) < 1e-9)


def _preset(
    label: str, good: bool, reason: str, claim: Callable[[NaturalGradient], bool], **values: Any
) -> Preset:
    knobs = every_knob(NaturalGradient, values)
    return Preset(
        label, good, reason, knobs, lambda spec, _: spec.room == knobs["room"] and claim(spec)
    )


PRESETS = (
    _preset(
        "One natural path",
        True,
        "In three parametrisations the natural paths stay within 0.15 of one another; the plain "
        "ones part by more than 2.",
        _one_path,
    ),
    _preset(
        "Small steps",
        True,
        "The smaller the rate, the closer the natural paths: in the limit they are one curve.",
        _closer_when_slower,
        lr=0.02,
        steps=150,
        coordinates=("own", "logs", "natural", "expectation"),
        shown="natural",
    ),
    _preset(
        "One step",
        True,
        "In expectation parameters a natural step of rate 1 is the maximum likelihood itself.",
        _at_once,
        lr=1.0,
        coordinates=("expectation", "own"),
        shown="natural",
        steps=10,
    ),
    _preset(
        "A gamma",
        True,
        "Shape and scale are correlated: the plain gradient creeps along the valley.",
        _creeps,
        family="gamma",
        **start_of("gamma"),
    ),
    _preset(
        "It is IRLS",
        True,
        "The natural step of logistic regression is a step of reweighted least squares.",
        _is_irls,
        room="logistic",
    ),
    _preset(
        "Empirical misleads",
        False,
        "With the labels that were seen in place of the model's, the steps never settle.",
        _never_settles,
        room="logistic",
        fisher="empirical",
        n=20,
        seed=7,
    ),
    _preset(
        "Too sure",
        False,
        "From confident wrong weights the Fisher matrix is small, and a full step flies away.",
        _flies_away,
        room="logistic",
        w0=3.0,
        w1=4.0,
    ),
    _preset(
        "Separable",
        False,
        "No finite weights are best: each step makes them longer, and the Fisher matrix vanishes.",
        _longer_each_step,
        room="logistic",
        data="separable",
    ),
    _preset(
        "A network",
        True,
        "Four natural steps do what the plain gradient does not do in sixty.",
        _few_do_more,
        room="network",
        steps=60,
    ),
    _preset(
        "Singular",
        True,
        "One feature given twice: a direction is not seen, and the step is the shortest one "
        "that solves the rest.",
        _shortest,
        room="logistic",
        data="doubled",
        w0=2.0,
        w1=-2.0,
    ),
)
