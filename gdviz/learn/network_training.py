"""Training a network by any optimizer of `METHODS`, on whole sets or mini-batches.

The parameters are one flat vector. An elementwise rule (gradient descent, Adam ...) runs compiled,
with the network, in one loop. The others look at all weights at once, or ask for values at points
of their own: they are handed the loss of the whole set as a problem like any other.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdviz.core import iterate
from gdviz.kernels.block_kernels import other_knobs, rule_kernel
from gdviz.learn.activations import Activations, names_of_layers
from gdviz.learn.network import (
    Params,
    loss_and_grads,
    parameter_counts,
    unflat,
)
from gdviz.learn.network_objective import NetworkProblem
from gdviz.learn.network_task import TrainingTask, checked_task, steps_kept, visiting_orders
from gdviz.numerals import count_of
from gdviz.optimize.elementwise import is_elementwise
from gdviz.optimize.methods import METHODS, can_run

RISE = 1e-9  # of a loss: what it must rise by to be called risen
FAR = 1e9  # a loss this many times above the first one, or above 1, is lost


class TrainingMemory(NamedTuple):
    """What a method remembers when a training ends: its slots, and how many steps it took."""

    method: str
    slots: np.ndarray
    steps: int


class Training(NamedTuple):
    """A training: the parameters at its end, the loss after each epoch, and the way there.

    `losses (epochs + 1,)` are of the whole set after each epoch, the first one before any step, the
    penalty included. `path (kept, p)` are the flat parameters after the `steps (kept,)`, of which
    an epoch has `per_epoch`. `lost` is the step at which the loss was beyond all bounds, or −1:
    then all ends at the last step before, and `reason` says what happened.
    """

    params: Params
    losses: np.ndarray
    path: np.ndarray
    steps: np.ndarray
    per_epoch: int
    lost: int
    reason: str
    memory: TrainingMemory | None

    @property
    def status(self) -> str:
        """`trained`, `diverged`, or `not trained` where the loss ends no lower than it started."""
        if self.lost >= 0:
            return "diverged"
        return "trained" if _change(self.losses) < 0 else "not trained"


def train(
    params: Params,
    X: Any,
    y: Any,
    *,
    activation: Activations = "tanh",
    loss: str = "bce",
    method: str = "gd",
    lr: float | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    seed: int = 0,
    l1: float = 0.0,
    l2: float = 0.0,
    clip: float | None = None,
    dropout: float = 0.0,
    keep: Any = None,
    memory: TrainingMemory | None = None,
    rates: Any = None,
    layer_rates: Any = None,
    **hyper: Any,
) -> Training:
    """Train a network on `X (n, d)` and y, and return the training; `params` stay as they are.

    With a `batch_size` each epoch takes the samples by `default_rng(seed).permutation(n)`. `clip`
    is the longest gradient, `dropout` the share of units left out, `keep` the steps to keep,
    `memory` that of an earlier training; `rates` multiply lr at each step, `layer_rates` in each
    layer. `activation` is one name, or one for each hidden layer. Raises `ValueError`.

    >>> X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])
    >>> done = train(init_params([2, 8, 1], seed=1), X, y, method="adam", lr=0.1, epochs=200)
    >>> done.status, (forward(done.params, X)[:, 0] > 0).astype(int).tolist()
    ('trained', [0, 1, 1, 0])
    """
    task = checked_task(params, X, y, activation, loss, method, lr, epochs, batch_size, seed, l1,
                        l2, clip, dropout, hyper)  # fmt: skip
    kept = steps_kept(keep, task.epochs, _per_epoch(task), len(task.theta))
    if is_elementwise(METHODS[method]):
        return _compiled(task, kept, memory, rates, shares_of(task.sizes, layer_rates))
    return _searching(task, kept, layer_rates)


def _per_epoch(task: TrainingTask) -> int:
    """Return how many steps an epoch takes."""
    return 1 if task.whole else -(-len(task.X) // task.batch)


def shares_of(sizes: Sequence[int], layer_rates: Any) -> np.ndarray | None:
    """Return what multiplies the rate of each parameter, `(p,)`, from one number a layer."""
    if layer_rates is None:
        return None
    shares, counts = np.asarray(layer_rates, float), parameter_counts(sizes)
    if shares.shape != (len(counts),) or not np.isfinite(shares).all() or np.any(shares < 0):
        raise ValueError(f"layer_rates are {len(counts)} finite numbers of 0 or more, one a layer.")
    return np.repeat(shares, counts)


def pass_cost(sizes: Sequence[int], n: int, activations: Iterable[str], steps: int = 1) -> float:
    """Return about how many nanoseconds a pass over n samples takes, in so many updates."""
    p, units = sum(parameter_counts(sizes)), sum(sizes[1:])
    slow = {"gelu": 60.0, "softplus": 15.0}
    each = max((slow.get(name, 8.0) for name in activations), default=8.0)
    return n * (0.6 * p + each * units) + steps * (3000 + 8 * p)


def _compiled(
    task: TrainingTask,
    kept: np.ndarray,
    memory: TrainingMemory | None,
    rates: Any,
    shares: np.ndarray | None,
) -> Training:
    from gdviz.kernels import network_training

    factory: Any = METHODS[task.method]
    rule, slots = factory.__wrapped__, len(factory.state._fields) - 4
    per_epoch = _per_epoch(task)
    p, steps = len(task.theta), task.epochs * per_epoch
    goes_on = memory is not None and memory.method == task.method
    first = memory.steps if goes_on else 0  # type: ignore[union-attr]
    curve = np.ones(steps) if rates is None else np.asarray(rates, float)
    if curve.shape != (steps,):
        raise ValueError(f"rates has the shape {curve.shape}; there are {steps} steps.")
    lap = network_training.train_steps(
        network_training.Network(
            task.sizes,
            names_of_layers(task.activation, len(task.sizes) - 2),
            task.loss,
            *(np.ascontiguousarray(table.T) for table in (task.X, task.y)),
        ),
        rule_kernel(rule, slots),
        task.theta,
        memory.slots if goes_on else np.zeros((slots, 1, p)),  # type: ignore[union-attr]
        task.hyper.get("lr", 0.0) * curve,
        np.array([task.hyper[k] for k in other_knobs(rule, slots)], float),
        None if task.whole else visiting_orders(len(task.X), task.epochs, task.seed),
        task.batch,
        kept,
        network_training.Penalties(
            task.l1, task.l2, task.clip, task.dropout, np.random.default_rng([task.seed, 1])
        ),
        first,
        shares,
    )
    return _told(task, per_epoch, kept, lap, TrainingMemory(task.method, lap.slots, first + steps))


def _told(
    task: TrainingTask, per_epoch: int, kept: np.ndarray, lap: Any, memory: TrainingMemory
) -> Training:
    """Return the training of a lap, cut at its last step if it was lost."""
    params = unflat(lap.theta, task.sizes)
    if lap.lost < 0:
        reason = _end(task, params, lap.losses)
        return Training(params, lap.losses, lap.path, kept, per_epoch, -1, reason, memory)
    rows = kept < lap.lost
    path, steps = lap.path[rows], kept[rows]
    last = max(lap.lost - 1, 0)
    if not len(steps) or steps[-1] < last:  # the last point belongs to the path
        path, steps = np.vstack([path, lap.theta]), np.append(steps, last)
    losses = lap.losses[: last // per_epoch + 1]
    reason = why_lost(params, task, lap.lost, per_epoch)
    return Training(params, losses, path, steps, per_epoch, lap.lost, reason, None)


def _change(losses: np.ndarray) -> int:
    """Tell whether a loss ends above its start, 1, below it, −1, or where it was to rounding, 0."""
    change = float(losses[-1] - losses[0])
    return int(np.sign(change)) if abs(change) > RISE * abs(losses[0]) else 0


def _end(task: TrainingTask, params: Params, losses: np.ndarray) -> str:
    name, change = METHODS[task.method].__name__, _change(losses)
    if change < 0:
        return f"{count_of(task.epochs, 'epoch')} of {name} were trained."
    if change == 0:
        what = f"In {count_of(task.epochs, 'epoch')} of {name} the loss stayed at {losses[0]:.3g}"
        return f"{what}: nothing was learnt.{_why_level(params, task) if task.epochs else ''}"
    best = int(np.argmin(losses))
    fell = f" after {losses[best]:.3g} in epoch {best}" if losses[best] < losses[0] else ""
    return (
        f"In {count_of(task.epochs, 'epoch')} of {name} the loss rose from {losses[0]:.3g} to "
        f"{losses[-1]:.3g}{fell}: nothing was learnt. A smaller learning rate would help."
    )


def _why_level(params: Params, task: TrainingTask) -> str:
    """Say why a loss may have stayed where it was, where its gradient tells."""
    with np.errstate(all="ignore"):
        _, grads = loss_and_grads(
            params, task.X, task.y, task.activation, task.loss, l1=task.l1, l2=task.l2
        )
    if any(part.any() for pair in grads for part in pair):
        return ""
    return " Its gradient is 0, as where no unit answers to an input, or where the loss is least."


def why_lost(params: Params, task: TrainingTask, lost: int, per_epoch: int) -> str:
    """Return a sentence: the layer with the steepest gradient at the last step before."""
    with np.errstate(all="ignore"):
        _, grads = loss_and_grads(
            params, task.X, task.y, task.activation, task.loss, l1=task.l1, l2=task.l2
        )
    norms = [float(np.sqrt((dW * dW).sum() + (db * db).sum())) for dW, db in grads]
    worst = int(np.argmax(np.nan_to_num(norms, nan=np.inf)))
    epoch = -(-lost // per_epoch)
    return (
        f"Diverged in epoch {epoch}: at the last step before, the gradient of layer {worst + 1} "
        f"had the norm {norms[worst]:.2g}. A smaller learning rate, or clipping, would help."
    )


def _searching(task: TrainingTask, kept: np.ndarray, layer_rates: Any) -> Training:
    """Run a method that asks for values at points of its own on the loss of the whole set."""
    if layer_rates is not None:
        raise ValueError(f"{task.method} chooses one step for all layers: leave layer_rates None.")
    if not task.whole or task.dropout:
        raise ValueError(
            f"{task.method} is no rule for each weight by itself, so it trains on the whole set at "
            "every step, without batches and without dropout."
        )
    problem = NetworkProblem(
        task.sizes, task.X, task.y, task.activation, task.loss, task.l1, task.l2
    )
    if not can_run(task.method, problem):
        raise ValueError(_unsuited(task.method, problem))
    method = METHODS[task.method](problem, **task.hyper)
    path, losses, wall = [], [], np.inf
    with np.errstate(all="ignore"):
        for t, state in enumerate(iterate(method, method.init(task.theta))):
            wall = FAR * max(1.0, float(state.f)) if t == 0 else wall
            sound = state.f <= wall and np.isfinite(state.x).all()
            if not sound or t > task.epochs:
                break
            losses.append(float(state.f))
            path.append(state.x)
    lost = -1 if len(losses) > task.epochs else len(losses)
    end = path[-1] if path else task.theta
    chosen = kept[kept < len(path)] if lost < 0 else np.union1d(kept[kept < lost], [len(path) - 1])
    params = unflat(end, task.sizes)
    reason = _end(task, params, np.array(losses)) if lost < 0 else why_lost(params, task, lost, 1)
    rows = np.array([path[int(k)] for k in chosen] or [end])
    return Training(params, np.array(losses), rows, chosen, 1, lost, reason, None)


def _unsuited(method: str, problem: NetworkProblem) -> str:
    if problem.d != 1 and method == "golden_section":
        return f"golden section needs one parameter, this network has {problem.d}."
    if method == "natural_gradient":
        return "natural_gradient needs a Fisher information: gdviz.geometry has that of a network."
    return f"{method} needs a sum of squares: the loss mse without penalties."
