"""The training of the playground: an earlier part that is repeated, and what comes after it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gdviz.cache import cached
from gdviz.learn import init_params, train
from gdviz.learn.network import flat, unflat
from gdviz.learn.network_training import TrainingMemory
from gdviz.learn.toy_datasets import Split
from gdviz.optimize.schedules import factors
from gdviz.topics.backprop.link import Edit, Leg
from gdviz.topics.backprop.outputs import _mean_loss, logits, score
from gdviz.topics.backprop.settings import (
    FRAMES,
    SEARCHES,
    TRAINING,
    Playground,
    Result,
    data_of,
    epochs_of,
    is_regression,
    loss_of,
    sizes_of,
    table_of,
)


@cached
def run(spec: Playground) -> Result:
    """Return the training of a spec; raise `ValueError` with a sentence if it says none."""
    return _run(replace(spec, unit=(), test=False))


@cached
def _run(spec: Playground) -> Result:
    sizes, data, loss = sizes_of(spec), data_of(spec), loss_of(spec)
    last = epochs_of(spec, spec.epochs)
    total = sum(leg.epochs for leg in spec.past) + last
    frames = np.unique(np.rint(total * (np.arange(FRAMES + 1) / FRAMES) ** 1.5).astype(int))
    theta = flat(init_params(sizes, spec.scheme, spec.seed, spec.scale))
    rows: list[np.ndarray] = []
    epochs: list[int] = []
    memory, before = None, 0
    now = Leg(last, *(getattr(spec, name) for name in TRAINING))
    for number, leg in enumerate((*spec.past, now)):
        theta = with_edits(theta, sizes, leg.edits)
        wanted = frames[(frames >= before) & (frames <= before + leg.epochs)] - before
        done = _stretch(spec, leg, sizes, data, theta, wanted, memory, seed=number)
        kept = done.steps // done.per_epoch
        fresh = kept + before >= (epochs[-1] + 1 if epochs else 0)
        rows += list(done.path[fresh])
        epochs += list(kept[fresh] + before)
        theta, memory, before = flat(done.params), done.memory, before + leg.epochs
        if done.lost >= 0:
            break
    path, lost = np.array(rows), done.lost >= 0
    judged = _judged(spec, path, sizes, data, loss)
    short = last if last < spec.epochs else 0
    return Result(
        data,
        sizes,
        loss,
        path,
        np.array(epochs),
        *judged,
        lost=lost,
        reason=done.reason,
        short=short,
    )


def with_edits(theta: np.ndarray, sizes: Sequence[int], edits: Sequence[Edit]) -> np.ndarray:
    """Return the parameters with weights set by hand; edits that fit no weight are left out."""
    params = [(W.copy(), b.copy()) for W, b in unflat(theta.copy(), sizes)]
    for edit in edits:
        if edit.layer < len(params):
            W, b = params[edit.layer]
            if edit.source < len(W) and edit.unit < len(b):
                W[edit.source, edit.unit] = edit.value
            elif edit.source == len(W) and edit.unit < len(b):  # the row below the weights: a bias
                b[edit.unit] = edit.value
    return flat(params)


def settings(spec: Playground, leg: Leg, seed: int = 0) -> dict[str, Any]:
    """Return the arguments of `train` for a stretch."""
    plain = {"l1": leg.l1, "l2": leg.l2, "dropout": leg.dropout, "clip": leg.clip or None}
    return {
        "activation": spec.activation,
        "loss": loss_of(spec),
        "method": leg.method,
        "lr": leg.lr,
        "epochs": leg.epochs,
        "batch_size": leg.batch or None,
        "seed": spec.seed + seed,
        **{name: value for name, value in plain.items() if value},
    }


def _stretch(
    spec: Playground, leg: Leg, sizes: Any, data: Split, theta: np.ndarray, wanted: np.ndarray,
    memory: TrainingMemory | None, seed: int,
) -> Any:  # fmt: skip
    n = len(data.x)
    per_epoch = -(-n // leg.batch) if leg.batch else 1
    steps = leg.epochs * per_epoch
    rates = None
    if spec.schedule != "constant" and leg.method not in SEARCHES:
        rates = factors(spec.schedule, steps)
    return train(
        unflat(theta, sizes),
        table_of(spec, data.x),
        data.y,
        keep=wanted * per_epoch,
        memory=memory,
        rates=rates,
        **settings(spec, leg, seed),
    )


def _judged(
    spec: Playground, path: np.ndarray, sizes: tuple[int, ...], data: Split, loss: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return losses of both sets and scores of both sets, at each row of the path."""
    z = logits(spec, path, sizes, np.concatenate([data.x, data.x_test]))
    cut = len(data.x)
    parts = [(z[:, :cut], data.y), (z[:, cut:], data.y_test)]
    regression = is_regression(spec)
    losses = [_mean_loss(part, y, loss) for part, y in parts]
    scores = [score(part, y, regression) for part, y in parts]
    return losses[0], losses[1], scores[0], scores[1]
