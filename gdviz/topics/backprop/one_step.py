"""One step slowly: forward and backward, layer by layer, sample by sample, or batch by batch."""

from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.network import backward, layers, loss_and_grads, parameter_counts, unflat
from gdviz.learn.network_losses import LOSSES
from gdviz.learn.network_objective import flat_batch
from gdviz.learn.network_task import visiting_orders
from gdviz.learn.network_training import train
from gdviz.numerals import number
from gdviz.topics.backprop import settings as topic
from gdviz.topics.backprop.link import Leg
from gdviz.topics.backprop.outputs import logits, targets_of
from gdviz.topics.backprop.settings import TRAINING, Playground, Result
from gdviz.topics.backprop.training import settings

PACES = {"sample": "one sample", "batch": "one batch", "epoch": "one epoch"}
MOST_SAMPLES, MOST_BATCHES = 40, 60


class Step(NamedTuple):
    """What each frame shows: not-a-number is not there yet.

    `values (f, units)` of all units, inputs first; `deltas (f, units)` is ∂loss/∂z; `weights` and
    `gradients (f, p)` are flat parameters, `words` a sentence a frame.
    """

    values: np.ndarray
    deltas: np.ndarray
    weights: np.ndarray
    gradients: np.ndarray
    words: tuple[str, ...]


def walk(spec: Playground, result: Result, row: int, pace: str, sample: int = 0) -> Step:
    """Return the frames of a step from the parameters of a frame of the run."""
    make = {"sample": _sample, "batch": _batch, "epoch": _epoch}[pace]
    return make(spec, result, result.path[row], sample)


def _parts(sizes: tuple[int, ...]) -> list[slice]:
    """Return where each layer's parameters lie in the flat vector."""
    ends = accumulate(parameter_counts(sizes), initial=0)
    return [slice(*two) for two in pairwise(ends)]


def _one(spec: Playground, result: Result, theta: np.ndarray, sample: int) -> tuple[Any, ...]:
    """Return inputs and activations, the loss, the deltas and the gradient of one sample."""
    i = min(sample, len(result.data.x) - 1)
    X = topic.table_of(spec, result.data.x[i : i + 1])
    y = targets_of(result.data.y[i : i + 1], result.sizes[-1])
    params = unflat(theta, result.sizes)
    names = topic.hidden_activations(spec)
    seen = layers(params, X, names)
    value, deltas = backward(params, X, y, seen, names, result.loss)
    _, grads = loss_and_grads(params, X, y, names, result.loss)
    values = np.concatenate([X[0], *(layer.a[0] for layer in seen)])
    blame = np.concatenate([np.full(X.shape[1], np.nan), *(d[0] for d in deltas)])
    return values, blame, flat_batch(grads), float(value), seen[-1].z[0], y[0]


def _sample(spec: Playground, result: Result, theta: np.ndarray, sample: int) -> Step:
    values, blame, gradient, value, z, y = _one(spec, result, theta, sample)
    sizes, parts = result.sizes, _parts(result.sizes)
    depth = len(sizes) - 1
    ends = np.cumsum(sizes)
    f = 2 * depth + 2
    empty = [np.full((f, len(a)), np.nan) for a in (values, blame, theta, theta)]
    frames = Step(empty[0], empty[1], empty[2], empty[3], ())
    words = ["The inputs of one sample."]
    for k in range(f):
        frames.values[k, : ends[min(k, depth)]] = values[: ends[min(k, depth)]]
    for k in range(1, depth + 1):
        frames.weights[k, : parts[k - 1].stop] = theta[: parts[k - 1].stop]
        last = "z = aW + b, the logit" if k == depth else "z = aW + b, then the activation"
        words.append(f"Forward, layer {k}: {last}.")
    frames.weights[depth + 1] = theta
    label = LOSSES[result.loss].label
    words.append(f"The {label}: {number(value)}, for y = {number(y[-1])} and z = {number(z[-1])}.")
    for k in range(depth, 0, -1):
        row = 2 * depth + 2 - k
        frames.deltas[row, ends[k - 1] :] = blame[ends[k - 1] :]
        frames.gradients[row, parts[k - 1].start :] = gradient[parts[k - 1].start :]
        rule = "δ comes from the loss" if k == depth else "δ = (δ of the next · Wᵀ) · f′(z)"
        words.append(f"Backward, layer {k}: {rule}; ∂L/∂W = aᵀδ.")
    return frames._replace(words=tuple(words))


def _batch(spec: Playground, result: Result, theta: np.ndarray, sample: int) -> Step:
    n = len(result.data.x)
    size = min(spec.batch or n, n)
    shown = np.arange(size) if spec.batch == 0 else visiting_orders(n, 1, spec.seed)[0, :size]
    shown = shown[:MOST_SAMPLES]
    each = [_one(spec, result, theta, int(i)) for i in shown]
    gradients = np.array([part[2] for part in each])
    means = np.cumsum(gradients, axis=0) / np.arange(1, len(each) + 1)[:, None]
    words = [
        f"Sample {k + 1} of {size}: loss {number(part[3])}; lines: the mean gradient so far."
        for k, part in enumerate(each)
    ]
    if size > len(shown):
        words[-1] += f" The other {size - len(shown)} follow alike."
    return Step(
        np.array([part[0] for part in each]), np.array([part[1] for part in each]),
        np.full(means.shape, np.nan), means, tuple(words),
    )  # fmt: skip


def _epoch(spec: Playground, result: Result, theta: np.ndarray, sample: int) -> Step:
    leg = Leg(1, *(getattr(spec, name) for name in TRAINING))
    if leg.method in topic.SEARCHES:
        leg = leg._replace(batch=0)
    n = len(result.data.x)
    steps = -(-n // leg.batch) if leg.batch else 1
    X = topic.table_of(spec, result.data.x)
    done = train(
        unflat(theta, result.sizes), X, result.data.y, keep=np.arange(steps + 1)[:MOST_BATCHES],
        **settings(spec, leg),
    )  # fmt: skip
    losses = topic.LOSSES[result.loss]
    y = targets_of(result.data.y, result.sizes[-1])
    z = logits(spec, done.path, result.sizes, result.data.x)
    after = losses.value(z, y).mean(axis=(1, 2))
    units = np.full((len(done.path), sum(result.sizes)), np.nan)
    words = ["Before the epoch: "] + [
        f"After batch {k} of {steps}: " for k in range(1, len(done.path))
    ]
    told = tuple(
        f"{word}the loss of all samples is {number(value)}."
        for word, value in zip(words, after, strict=True)
    )
    return Step(units, units, done.path, np.full_like(done.path, np.nan), told)
