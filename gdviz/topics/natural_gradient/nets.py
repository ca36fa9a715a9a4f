"""The room of the network: natural and plain steps on its weights."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.geometry import Fit, fit
from gdviz.geometry.likelihoods import sigmoid
from gdviz.topics.natural_gradient.settings import NaturalGradient

NET_STEPS = 60


class Nets(NamedTuple):
    """The runs by name, the data, and what each says: `pictures[name] (n + 1, rows, columns)`."""

    paths: dict[str, Fit]
    X: Any
    y: Any
    pictures: dict[str, Any]


@cached
def nets(spec: NaturalGradient) -> Nets:
    """Return a network 2–h–1 trained by the natural and by the plain gradient, in full batches."""
    from gdviz.geometry.networks import network
    from gdviz.learn.network import flat, forward, init_params, unflat
    from gdviz.learn.toy_datasets import KINDS as SETS

    x, y = SETS[spec.shape].make(np.random.default_rng(spec.seed), min(spec.n, 120), 0.0)
    X, sizes = x / 6, (2, spec.hidden, 1)
    start = init_params(sizes, "xavier", spec.seed)
    problem, steps = network(start, X, y), min(spec.steps, NET_STEPS)
    rates = {"natural": spec.net_lr, "plain": 10 * spec.plain_lr}
    paths = {
        name: fit(problem, flat(start), steps, rate, name == "natural", spec.net_damping)
        for name, rate in rates.items()
        if spec.shown in ("both", name)
    }
    axis = np.linspace(-1.05, 1.05, 27)
    plane = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    pictures = {
        name: sigmoid(forward(unflat(run.theta, sizes), plane)).reshape(-1, 27, 27)
        for name, run in paths.items()
    }
    return Nets(paths, X, y, pictures)
