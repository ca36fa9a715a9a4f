"""The rate of a training over its steps, and the range test: one run in which it grows."""

import numpy as np

from gdviz.cache import cached
from gdviz.learn import train
from gdviz.optimize.range_test import RangeTest, growing_rates
from gdviz.optimize.schedules import factors
from gdviz.topics.backprop.brought import first_params
from gdviz.topics.backprop.link import Leg
from gdviz.topics.backprop.outputs import logits, mean_loss
from gdviz.topics.backprop.settings import (
    RATED,
    TRAINING,
    Playground,
    data_of,
    epochs_of,
    loss_of,
    sizes_of,
    table_of,
)
from gdviz.topics.backprop.training import settings

WINDOW = (1e-5, 10.0)
STEPS = 150  # at least: the last epoch is a whole one


def is_rated(spec: Playground) -> bool:
    """Tell whether the method has a rate that can be set at each step."""
    return spec.method in RATED


def steps_of_epoch(spec: Playground) -> int:
    """Return how many steps an epoch takes."""
    return -(-len(data_of(spec).x) // spec.batch) if spec.batch else 1


def rates_of(spec: Playground) -> np.ndarray:
    """Return η at each step of the training that the settings ask for, `(steps,)`."""
    return spec.lr * factors(spec.schedule, epochs_of(spec, spec.epochs) * steps_of_epoch(spec))


@cached
def range_test_of(spec: Playground) -> RangeTest:
    """Return the training loss after each step of a run from the first weights, while η grows.

    Smith 2017 (arXiv 1506.01186), Section 3.3, with equal factors in place of equal steps. The loss
    is that of all samples to learn from, without a penalty, infinite once the run was lost.
    """
    data, sizes, each = data_of(spec), sizes_of(spec), steps_of_epoch(spec)
    epochs = -(-STEPS // each)
    rates = growing_rates(WINDOW, epochs * each)
    now = Leg(epochs, *(getattr(spec, name) for name in TRAINING))._replace(lr=1.0)
    with np.errstate(all="ignore"):
        done = train(
            first_params(spec), table_of(spec, data.x), data.y,
            keep=np.arange(len(rates) + 1), rates=rates, **settings(spec, now),
        )  # fmt: skip
        z = logits(spec, done.path, sizes, data.x)
        f = np.full(len(rates), np.inf)
        f[: len(done.path) - 1] = mean_loss(z, data.y, loss_of(spec))[1:]
    return RangeTest(rates, np.where(np.isfinite(f), f, np.inf))
