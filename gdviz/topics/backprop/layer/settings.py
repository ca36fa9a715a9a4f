"""The room of one layer: a batch through it, its gradients, and a sum that should be a mean."""

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Choice, Range, Text
from gdviz.learn.activations import ACTIVATIONS
from gdviz.learn.toy_datasets import DataError

MOST = 4  # inputs and units of the layer
LARGEST = 100.0
STEPS = 100


@dataclass(frozen=True)
class OneLayer:
    """Everything that the room of one layer can be asked; rows of W are split by `;`."""

    weights: Annotated[
        str, Text("W =", "A row for each input, split by ;. Click a weight to turn it.", most=120)
    ] = "0.8, -0.5, 0.3; -0.4, 0.9, 0.6"
    samples: Annotated[int, Range(1, 5, "samples")] = 4
    repeats: Annotated[int, Range(1, 64, "copies of the batch", "The same samples again.")] = 1
    reduction: Annotated[str, Choice({"mean": "batch mean", "sum": "batch sum"}, "loss")] = "mean"
    layer_activation: Annotated[
        str, Choice({k: a.label for k, a in ACTIVATIONS.items()}, "activation")
    ] = "tanh"
    rate: Annotated[float, Range(1e-3, 10.0, "learning rate η", log=True)] = 0.1
    layer_seed: Annotated[int, Range(0, 999, "seed of the batch")] = 1


class LayerPass(NamedTuple):
    """A batch forward and back; matrices by their names, rows are samples or inputs.

    `dW` ... are those of the loss that the spec reduces; `loss` is the mean or the sum. `after` is
    the mean squared error after 100 steps of the chosen reduction, infinite where it is lost.
    """

    X: np.ndarray
    W: np.ndarray
    b: np.ndarray
    Z: np.ndarray
    A: np.ndarray
    Y: np.ndarray
    dA: np.ndarray
    dZ: np.ndarray
    dW: np.ndarray
    db: np.ndarray
    dX: np.ndarray
    loss: float
    after: float


def weights_in(text: str) -> np.ndarray:
    """Return the matrix that a text says; raise `DataError` if it says none."""
    try:
        rows = [[float(v) for v in row.replace("−", "-").split(",")] for row in text.split(";")]
    except ValueError:
        raise DataError("W is made of numbers, split by , and rows split by ; .") from None
    if len({len(row) for row in rows}) != 1:
        raise DataError("the rows of W differ in length.")
    W = np.array(rows)
    if max(W.shape) > MOST:
        raise DataError(f"W has the shape {W.shape}; at most {MOST} inputs and units fit.")
    if not (np.abs(W) <= LARGEST).all():
        raise DataError(f"weights lie between −{LARGEST:g} and {LARGEST:g}.")
    return W


def weights_text(W: np.ndarray) -> str:
    """Return a matrix as text."""
    return "; ".join(", ".join(f"{v:.4g}" for v in row) for row in W)


def batch(spec: OneLayer, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs and targets of the batch, without its copies."""
    rng = np.random.default_rng(spec.layer_seed)
    X = np.round(rng.standard_normal((spec.samples, inputs)), 1)
    return X, np.round(rng.uniform(-0.9, 0.9, (spec.samples, outputs)), 1)


@cached
def run(spec: OneLayer) -> LayerPass:
    """Return the batch forward and back; raise `DataError` if the text of W says no matrix."""
    W = weights_in(spec.weights)
    X, Y = batch(spec, *W.shape)
    b = np.zeros(W.shape[1])
    return _pass(spec, X, Y, W, b)._replace(after=train_layer(spec, X, Y, W))


def _pass(spec: OneLayer, X: np.ndarray, Y: np.ndarray, W: np.ndarray, b: np.ndarray) -> LayerPass:
    """Return the pass of the samples once; copies multiply a sum, and leave a mean alone."""
    kind = ACTIVATIONS[spec.layer_activation]
    Z = X @ W + b
    A = kind.value(Z)
    count = A.size if spec.reduction == "mean" else 1 / spec.repeats
    dA = 2 * (A - Y) / count
    dZ = dA * kind.slope(Z)
    loss = float(np.sum((A - Y) ** 2) / count)
    return LayerPass(X, W, b, Z, A, Y, dA, dZ, X.T @ dZ, dZ.sum(axis=0), dZ @ W.T, loss, np.nan)


def train_layer(spec: OneLayer, X: np.ndarray, Y: np.ndarray, W: np.ndarray) -> float:
    """Return the mean squared error after 100 steps, infinite where it grew a millionfold."""
    b = np.zeros(W.shape[1])
    with np.errstate(all="ignore"):
        first = float(np.mean((_pass(spec, X, Y, W, b).A - Y) ** 2))
        for _ in range(STEPS):
            now = _pass(spec, X, Y, W, b)
            W, b = W - spec.rate * now.dW, b - spec.rate * now.db
        end = float(np.mean((_pass(spec, X, Y, W, b).A - Y) ** 2))
    return end if np.isfinite(end) and end < 1e6 * max(first, 1.0) else np.inf


def with_weight(spec: OneLayer, row: int, column: int, value: float) -> str:
    """Return the text of W with one weight set."""
    W = weights_in(spec.weights)
    W[row, column] = value
    return weights_text(W)


def as_python(spec: OneLayer) -> str:
    """Return a program in NumPy that prints the gradients of the page."""
    found = run(spec)
    mean = spec.reduction == "mean"
    count = "A.size" if mean else (f"(1 / {spec.repeats})" if spec.repeats > 1 else "1")
    return "\n".join(
        [
            "import numpy as np",
            "",
            "from gdviz.learn.activations import ACTIVATIONS",
            "",
            f"X = np.array({found.X.tolist()})",
            f"Y = np.array({found.Y.tolist()})",
            f"W = np.array({found.W.tolist()})",
            f"f = ACTIVATIONS[{spec.layer_activation!r}]",
            "Z = X @ W",
            "A = f.value(Z)",
            f"dZ = 2 * (A - Y) / {count} * f.slope(Z)",
            'print("loss", np.sum((A - Y) ** 2) / ' + count + ")",
            'print("dW", (X.T @ dZ).tolist())',
            'print("dX", (dZ @ W.T).tolist())',
        ]
    )
