"""A checked training of a network: what is asked, and what is refused."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gdviz.knobs import bind_defaults, knobs
from gdviz.learn.activations import Activations, names_of_layers
from gdviz.learn.network import checked_params, flat, sizes_of
from gdviz.learn.network_losses import finite_floats, loss_of, targets
from gdviz.optimize.methods import METHODS

MOST_KEPT = 5_000_000  # numbers of a path that is kept without being asked for


class TrainingTask(NamedTuple):
    """A checked training: the network, the data as it goes in, and what is asked."""

    theta: np.ndarray
    sizes: tuple[int, ...]
    X: np.ndarray
    y: np.ndarray
    activation: Activations
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


def checked_task(
    params: Any, X: Any, y: Any, activation: Activations, loss: str, method: str, lr: float | None,
    epochs: Any, batch_size: Any, seed: int, l1: float, l2: float, clip: float | None,
    dropout: float, hyper: Mapping[str, Any],
) -> TrainingTask:  # fmt: skip
    loss_of(loss)
    checked_params(params)
    names_of_layers(activation, len(params) - 1)
    sizes = sizes_of(params)
    table = finite_floats(X, "X")
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
    return TrainingTask(
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


def steps_kept(keep: Any, epochs: int, per_epoch: int, p: int) -> np.ndarray:
    """Return the steps to keep: those asked for, or the end of each epoch, thinned if too many."""
    if keep is not None:
        return np.unique(np.clip(np.asarray(keep, int), 0, epochs * per_epoch))
    rows = min(epochs + 1, max(2, MOST_KEPT // p))
    return np.unique(np.linspace(0, epochs, rows).astype(int)) * per_epoch


def visiting_orders(n: int, epochs: int, seed: int) -> np.ndarray:
    """Return the order in which each epoch takes the samples, `(epochs, n)`."""
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(n) for _ in range(epochs)], np.int64).reshape(epochs, n)
