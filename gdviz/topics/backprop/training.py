"""The training of the playground: an earlier part that is repeated, and what comes after it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gdviz.cache import cached
from gdviz.close_up import with_close_up
from gdviz.learn import train
from gdviz.learn.network import flat, unflat
from gdviz.learn.network_training import TrainingMemory
from gdviz.learn.toy_datasets import Split
from gdviz.optimize.schedules import factors
from gdviz.topics.backprop.brought import first_params
from gdviz.topics.backprop.link import Edit, Leg
from gdviz.topics.backprop.outputs import logits, mean_loss, score
from gdviz.topics.backprop.settings import (
    FRAMES,
    RATED,
    SEARCHES,
    TRAINING,
    Playground,
    Result,
    data_of,
    epochs_of,
    hidden_activations,
    is_regression,
    layer_rates,
    loss_of,
    sizes_of,
    table_of,
)

AT_ONCE = 64  # networks that are looked at together


@cached
def run(spec: Playground) -> Result:
    """Return the training of a spec; raise `ValueError` with a sentence if it says none."""
    plain = replace(spec, unit=(), test=False, columns=())  # and nothing held, which trains nothing
    return _run(replace(plain, held_x3=0.0, held_x4=0.0, held_x5=0.0, held_x6=0.0))


@cached
def _run(spec: Playground) -> Result:
    sizes, data = sizes_of(spec), data_of(spec)
    last = epochs_of(spec, spec.epochs)
    first = sum(leg.epochs for leg in spec.past)
    every = spec.stop != "none"  # then each epoch is looked at, and some are shown
    wanted = np.arange(first + last + 1) if every else _frames(first + last, spec.near)
    path, epochs, done = _walked(spec, last, wanted)
    lost, reason = done.lost >= 0, done.reason
    end = _end(spec, path, first, sizes, data) if every else None
    if end is not None:
        lost, reason = False, f"Stopped by its rule in epoch {end}."
    if every:
        shown = _frames(len(path) - 1 if end is None else end, spec.near)
        path, epochs = path[shown], epochs[shown]
    return Result(
        data,
        sizes,
        loss_of(spec),
        path,
        epochs,
        *_judged(spec, path, sizes, data, loss_of(spec)),
        lost=lost,
        reason=reason,
        short=last if last < spec.epochs and end is None else 0,
        stopped=end is not None,
    )


def _walked(spec: Playground, last: int, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray, Any]:
    """Return the parameters at the epochs `frames`, those epochs, and the last stretch."""
    sizes, data = sizes_of(spec), data_of(spec)
    theta = flat(first_params(spec))
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
    return np.array(rows), np.array(epochs), done


def _frames(total: int, near: int) -> np.ndarray:
    """Return the epochs that are shown of so many."""
    frames = np.unique(np.rint(total * (np.arange(FRAMES + 1) / FRAMES) ** 1.5).astype(int))
    return with_close_up(frames, near, total)


def _end(
    spec: Playground, path: np.ndarray, first: int, sizes: tuple[int, ...], data: Split
) -> int | None:
    """Return the first epoch from `first` on where the rule holds, None if it never does."""
    for start in range(first, len(path), AT_ONCE):
        part = path[start : start + AT_ONCE]
        losses, _, scores, _ = _judged(spec, part, sizes, data, loss_of(spec))
        holds = losses <= spec.level if spec.stop == "loss" else scores >= spec.level
        if np.any(holds):
            return start + int(np.argmax(holds))
    return None


def with_edits(theta: np.ndarray, sizes: Sequence[int], edits: Sequence[Edit]) -> np.ndarray:
    """Return the parameters with weights set by hand; edits that fit no weight are left out."""
    params = [(W.copy(), b.copy()) for W, b in unflat(theta.copy(), sizes)]
    for edit in edits:
        if is_of(edit, sizes):
            W, b = params[edit.layer]
            row = b if edit.source == len(W) else W[edit.source]  # below the weights: the biases
            row[edit.unit] = edit.value
    return flat(params)


def is_of(edit: Edit, sizes: Sequence[int]) -> bool:
    """Tell whether a weight set by hand is one of a network with these layers."""
    if edit.layer + 1 >= len(sizes):
        return False
    return edit.source <= sizes[edit.layer] and edit.unit < sizes[edit.layer + 1]


def settings(spec: Playground, leg: Leg, seed: int = 0) -> dict[str, Any]:
    """Return the arguments of `train` for a stretch."""
    rates = layer_rates(spec)
    plain = {"l1": leg.l1, "l2": leg.l2, "dropout": leg.dropout, "clip": leg.clip or None}
    return {
        "activation": hidden_activations(spec) if spec.activations else spec.activation,
        "loss": loss_of(spec),
        "method": leg.method,
        "lr": leg.lr,
        "epochs": leg.epochs,
        "batch_size": leg.batch or None,
        "seed": spec.seed + seed,
        **{name: value for name, value in plain.items() if value},
        **({"layer_rates": rates} if set(rates) != {1.0} and leg.method in RATED else {}),
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
    losses = [mean_loss(part, y, loss) for part, y in parts]
    scores = [score(part, y, regression) for part, y in parts]
    return losses[0], losses[1], scores[0], scores[1]
