"""Training a network by any optimizer of `METHODS`, on whole sets or mini-batches.

The parameters are one flat vector. An elementwise rule (gradient descent, Adam ...) runs compiled,
with the network, in one loop. The others ask for values at points of their own: they are handed the
loss of the whole set as a problem like any other.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gdviz.core import iterate
from gdviz.knobs import bind_defaults, knobs
from gdviz.learn.activations import activation_of
from gdviz.learn.network import (
    Params,
    checked_params,
    flat,
    forward,
    loss_and_grads,
    sizes_of,
    unflat,
)
from gdviz.learn.network_losses import _as_floats, loss_of, targets
from gdviz.learn.network_objective import NetworkProblem
from gdviz.optimize.methods import METHODS, can_run

FAR = 1e9  # a loss this many times above the first one, or above 1, is lost
MOST_KEPT = 5_000_000  # numbers of a path that is kept without being asked for


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
        """`trained`, or `diverged`."""
        return "trained" if self.lost < 0 else "diverged"


class _Task(NamedTuple):
    """A checked training: the network, the data as it goes in, and what is asked."""

    theta: np.ndarray
    sizes: tuple[int, ...]
    X: np.ndarray
    y: np.ndarray
    activation: str
    loss: str
    method: str
    hyper: dict[str, Any]
    epochs: int
    batch: int
    whole: bool
    seed: int
    l1: float
    l2: float
    clip: float
    dropout: float


def train(
    params: Params,
    X: Any,
    y: Any,
    *,
    activation: str = "tanh",
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
    **hyper: Any,
) -> Training:
    """Train a network on `X (n, d)` and y, and return the training; `params` stay as they are.

    `batch_size` None takes all samples at every step; else each epoch takes them in an order of its
    own, `default_rng(seed).permutation(n)` epoch after epoch, the last batch as large as is left.
    `clip` shortens a gradient to this length, `dropout` is the share of hidden units left out of
    each step, scaled so that the mean stays. `hyper` are the other knobs of the method. `keep`
    names the steps to keep (each epoch by default); `memory` of an earlier training is taken up
    again; `rates` multiply lr, one per step.
    Raises `ValueError` for what does not fit together or makes no sense.

    >>> X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])
    >>> done = train(init_params([2, 8, 1], seed=1), X, y, method="adam", lr=0.1, epochs=200)
    >>> done.status, (forward(done.params, X)[:, 0] > 0).astype(int).tolist()
    ('trained', [0, 1, 1, 0])
    """
    task = _checked(
        params, X, y, activation, loss, method, lr, epochs, batch_size, seed, l1, l2, clip,
        dropout, hyper,
    )  # fmt: skip
    per_epoch = 1 if task.whole else -(-len(task.X) // task.batch)
    kept = _kept(keep, task.epochs, per_epoch, len(task.theta))
    if hasattr(METHODS[method], "state"):
        return _compiled(task, per_epoch, kept, memory, rates)
    return _searching(task, kept)


def _checked(
    params: Any, X: Any, y: Any, activation: str, loss: str, method: str, lr: float | None,
    epochs: Any, batch_size: Any, seed: int, l1: float, l2: float, clip: float | None,
    dropout: float, hyper: Mapping[str, Any],
) -> _Task:  # fmt: skip
    activation_of(activation)
    loss_of(loss)
    checked_params(params)
    sizes = sizes_of(params)
    table = _as_floats(X, "X")
    if table.ndim != 2 or table.shape[1] != sizes[0] or len(table) == 0:
        raise ValueError(f"X has the shape {table.shape}; (samples, {sizes[0]}) are needed.")
    theta = flat(params)
    if not np.isfinite(theta).all():
        raise ValueError("params are not finite.")
    n = len(table)
    _whole_number("epochs", epochs, 0)
    if batch_size is not None:
        _whole_number("batch_size", batch_size, 1)
    _not_negative(l1=l1, l2=l2, clip=0.0 if clip is None else clip, dropout=dropout)
    if dropout >= 1:
        raise ValueError(f"dropout = {dropout} leaves nothing; it lies between 0 and 1.")
    return _Task(
        theta, sizes, table, targets(y, loss, n, sizes[-1]), activation, loss, method,
        _hyper(method, lr, hyper), int(epochs), min(int(batch_size or n), n), batch_size is None,
        seed, float(l1), float(l2), float(clip or 0.0), float(dropout),
    )  # fmt: skip


def _hyper(method: str, lr: float | None, hyper: Mapping[str, Any]) -> dict[str, Any]:
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; there is {', '.join(METHODS)}.")
    has_rate = "lr" in knobs(METHODS[method])
    return bind_defaults(
        METHODS[method], {**({"lr": lr} if has_rate and lr is not None else {}), **hyper}
    )


def _whole_number(name: str, value: Any, least: int) -> None:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise ValueError(f"{name} = {value!r} is not a whole number of {least} or more.")


def _not_negative(**values: float) -> None:
    for name, value in values.items():
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"{name} = {value} is not a finite number of 0 or more.")


def _kept(keep: Any, epochs: int, per_epoch: int, p: int) -> np.ndarray:
    """Return the steps to keep: those asked for, or the end of each epoch, thinned if too many."""
    if keep is not None:
        return np.unique(np.clip(np.asarray(keep, int), 0, epochs * per_epoch))
    rows = min(epochs + 1, max(2, MOST_KEPT // p))
    return np.unique(np.linspace(0, epochs, rows).astype(int)) * per_epoch


def visiting_orders(n: int, epochs: int, seed: int) -> np.ndarray:
    """Return the order in which each epoch takes the samples, `(epochs, n)`."""
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(n) for _ in range(epochs)], np.int64).reshape(epochs, n)


def _compiled(
    task: _Task, per_epoch: int, kept: np.ndarray, memory: TrainingMemory | None, rates: Any
) -> Training:
    from gdviz.kernels import batched_descent, network_training

    factory: Any = METHODS[task.method]
    rule, slots = factory.__wrapped__, len(factory.state._fields) - 4
    p, steps = len(task.theta), task.epochs * per_epoch
    goes_on = memory is not None and memory.method == task.method
    first = memory.steps if goes_on else 0  # type: ignore[union-attr]
    curve = np.ones(steps) if rates is None else np.asarray(rates, float)
    if curve.shape != (steps,):
        raise ValueError(f"rates has the shape {curve.shape}; there are {steps} steps.")
    lap = network_training.train_steps(
        network_training.Network(
            task.sizes,
            task.activation,
            task.loss,
            np.ascontiguousarray(task.X.T),
            np.ascontiguousarray(task.y.T),
        ),
        batched_descent.rule_kernel(rule, slots),
        task.theta,
        memory.slots if goes_on else np.zeros((slots, 1, p)),  # type: ignore[union-attr]
        task.hyper.get("lr", 0.0) * curve,
        np.array([task.hyper[k] for k in batched_descent.other_knobs(rule, slots)], float),
        None if task.whole else visiting_orders(len(task.X), task.epochs, task.seed),
        task.batch,
        kept,
        network_training.Penalties(
            task.l1, task.l2, task.clip, task.dropout, np.random.default_rng([task.seed, 1])
        ),
        first,
    )
    return _told(task, per_epoch, kept, lap, TrainingMemory(task.method, lap.slots, first + steps))


def _told(
    task: _Task, per_epoch: int, kept: np.ndarray, lap: Any, memory: TrainingMemory
) -> Training:
    """Return the training of a lap, cut at its last step if it was lost."""
    params = unflat(lap.theta, task.sizes)
    if lap.lost < 0:
        return Training(params, lap.losses, lap.path, kept, per_epoch, -1, _end(task), memory)
    rows = kept < lap.lost
    path, steps = lap.path[rows], kept[rows]
    last = max(lap.lost - 1, 0)
    if not len(steps) or steps[-1] < last:  # the last point belongs to the path
        path, steps = np.vstack([path, lap.theta]), np.append(steps, last)
    losses = lap.losses[: last // per_epoch + 1]
    reason = why_lost(params, task, lap.lost, per_epoch)
    return Training(params, losses, path, steps, per_epoch, lap.lost, reason, None)


def _end(task: _Task) -> str:
    return f"{task.epochs} epochs of {METHODS[task.method].__name__} were trained."


def why_lost(params: Params, task: _Task, lost: int, per_epoch: int) -> str:
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


def _searching(task: _Task, kept: np.ndarray) -> Training:
    """Run a method that asks for values at points of its own on the loss of the whole set."""
    if not task.whole or task.dropout:
        raise ValueError(
            f"{task.method} compares losses at several points, so it needs the whole set at every "
            "step: leave batch_size None and dropout 0."
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
    reason = _end(task) if lost < 0 else why_lost(params, task, lost, 1)
    rows = np.array([path[int(k)] for k in chosen] or [end])
    return Training(params, np.array(losses), rows, chosen, 1, lost, reason, None)


def _unsuited(method: str, problem: NetworkProblem) -> str:
    if problem.d != 1 and method == "golden_section":
        return f"golden section needs one parameter, this network has {problem.d}."
    return f"{method} needs a sum of squares: the loss mse without penalties."


def accuracy(params: Params, X: Any, y: Any, activation: str, loss: str) -> float:
    """Return the share of samples whose class is right: the largest logit, or the sign of one."""
    z = forward(params, X, activation)
    return float(np.mean(correct(z, targets(y, loss, len(z), z.shape[-1]))))


def correct(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell of each sample whether its class is right, from logits and targets `(..., n, k)`."""
    if z.shape[-1] == 1:
        return (z[..., 0] > 0) == (y[..., 0] > 0.5)
    return z.argmax(axis=-1) == y.argmax(axis=-1)
