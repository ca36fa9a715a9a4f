"""Matrices, a room of *backprop*: its knobs, and trainings of layers that are matrices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Choice, Choices, Range, needs
from gdviz.learn.linear_network import MatrixTask, product, train_matrices
from gdviz.optimize.elementwise import Update
from gdviz.optimize.matrix_rules import COEFFICIENTS, MATRIX_RULES

RACERS = {"gd": "Gradient descent", "adam": "Adam", "muon": "Muon", "shampoo": "Shampoo"}
RACERS |= {"soap": "SOAP"}
NETS = {"two": "Two layers, W₂W₁", "one": "One matrix W"}
LAYERS = {"first": "W₁", "second": "W₂"}
PATTERNS = {"steep": "3.4445, −4.775, 2.0315", "exact": "15/8, −10/8, 3/8"}
POWERS = {"quarter": "1/4, of the paper", "half": "1/2"}
FADES = {"constant": "constant", "linear": "falls to 0 in a line"}
MOST = 12  # rows or columns of a matrix
WITHIN = 0.1  # of a singular value of the target: so near it is learned

_Rate = partial(Range, 1e-4, 10.0, log=True)


@dataclass(frozen=True)
class Matrices:
    """Everything that the room *matrices* can be asked."""

    racers: Annotated[tuple[str, ...], Choices(RACERS, "methods", most=len(RACERS))] = (
        "gd", "adam", "muon", "shampoo",
    )  # fmt: skip
    net: Annotated[str, Choice(NETS, "what is trained")] = "two"
    outs: Annotated[int, Range(2, MOST, "outputs", "Rows of the target.")] = 6
    ins: Annotated[int, Range(2, MOST, "inputs", "Columns of the target.")] = 8
    between: Annotated[
        int, Range(1, MOST, "units between", "Columns of W₂, rows of W₁."), needs("net", "two")
    ] = 6
    rank: Annotated[
        int, Range(1, MOST, "rank of the target", "At most its rows and its columns.")
    ] = 4
    lowest: Annotated[
        float, Range(0.01, 1.0, "its least singular value", "The largest is 1.", log=True)
    ] = 0.1
    condition: Annotated[
        float, Range(1.0, 1e4, "condition of the inputs", "Of their covariance Σ.", log=True)
    ] = 1.0
    first: Annotated[
        float, Range(1e-4, 1.0, "first weights about", "Normal, with this deviation.", log=True)
    ] = 0.01
    draw: Annotated[int, Range(0, 9999, "seed")] = 0
    eta_gd: Annotated[float, _Rate("η of gradient descent"), needs("racers", "gd")] = 0.3
    eta_adam: Annotated[float, _Rate("η of Adam"), needs("racers", "adam")] = 0.02
    eta_muon: Annotated[float, _Rate("η of Muon"), needs("racers", "muon")] = 0.02
    eta_shampoo: Annotated[float, _Rate("η of Shampoo"), needs("racers", "shampoo")] = 0.1
    eta_soap: Annotated[float, _Rate("η of SOAP"), needs("racers", "soap")] = 0.02
    fade: Annotated[str, Choice(FADES, "η over the steps")] = "constant"
    inertia: Annotated[float, Range(0.0, 0.99, "Muon's β"), needs("racers", "muon")] = 0.95
    pattern: Annotated[
        str,
        Choice(PATTERNS, "a, b, c of Newton–Schulz", "The first is steepest at 0 and hovers about "
               "1, the second converges to 1."),
        needs("racers", "muon"),
    ] = "steep"  # fmt: skip
    rounds: Annotated[int, Range(1, 12, "its iterations"), needs("racers", "muon")] = 5
    power: Annotated[str, Choice(POWERS, "Shampoo's power"), needs("racers", "shampoo")] = "quarter"
    renewal: Annotated[
        int, Range(1, 50, "SOAP's basis every", "Steps between two turns."), needs("racers", "soap")
    ] = 10
    seen: Annotated[
        str, Choice(LAYERS, "updates shown of", "Below, in the Curves and in the table."),
        needs("net", "two"),
    ] = "first"  # fmt: skip
    span: Annotated[int, Range(10, 500, "steps")] = 200


class MatrixRun(NamedTuple):
    """The training of one method: one row a step, the first before any.

    `layers` are the matrices `(steps + 1, m, n)`, `values (steps + 1, k)` the singular values of
    their product, `strengths (steps + 1, rank)` what it has of each of the target, `updates
    (steps + 1, j)` the singular values of the update to come of the layer that is seen, `weights`
    its own. `lost` tells whether the training diverged after these steps.
    """

    layers: tuple[np.ndarray, ...]
    losses: np.ndarray
    values: np.ndarray
    strengths: np.ndarray
    weights: np.ndarray
    updates: np.ndarray
    lost: bool


class MatricesRun(NamedTuple):
    """The singular values of the target, and the training of each method."""

    target: np.ndarray
    runs: Mapping[str, MatrixRun]


def rank_of(spec: Matrices) -> int:
    """Return the rank of the target: what is asked for, at most its rows and its columns."""
    return min(spec.rank, spec.outs, spec.ins)


def parts_of(spec: Matrices) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return U, the singular values and V of the target, U diag(s) Vᵀ."""
    rng, k = np.random.default_rng(spec.draw), rank_of(spec)
    U, V = (np.linalg.qr(rng.standard_normal((n, n)))[0] for n in (spec.outs, spec.ins))
    return U[:, :k], np.geomspace(1.0, spec.lowest, k), V[:, :k]


def task_of(spec: Matrices) -> MatrixTask:
    """Return the target, and the covariance of the inputs, whose largest eigenvalue is 1."""
    U, s, V = parts_of(spec)
    rng = np.random.default_rng((spec.draw, 1))
    Q = np.linalg.qr(rng.standard_normal((spec.ins, spec.ins)))[0]
    return MatrixTask((U * s) @ V.T, (Q * np.geomspace(1.0, 1 / spec.condition, spec.ins)) @ Q.T)


def first_layers(spec: Matrices) -> list[np.ndarray]:
    """Return the matrices of the start, W₁ first."""
    sizes = [spec.ins, *([spec.between] if spec.net == "two" else []), spec.outs]
    rng = np.random.default_rng((spec.draw, 2))
    shapes = zip(sizes[1:], sizes[:-1], strict=True)
    return [spec.first * rng.standard_normal(shape) for shape in shapes]


def rule_of(spec: Matrices, name: str) -> Update:
    """Return the update of a method at the settings."""
    more: dict[str, dict[str, Any]] = {
        "muon": {
            "momentum": spec.inertia,
            "steps": spec.rounds,
            "coefficients": COEFFICIENTS[spec.pattern],
        },
        "shampoo": {"power": {"quarter": 0.25, "half": 0.5}[spec.power]},
        "soap": {"every": spec.renewal},
    }
    return MATRIX_RULES[name](lr=getattr(spec, f"eta_{name}"), **more.get(name, {}))


def share_of(spec: Matrices) -> Callable[[int], float]:
    """Return what multiplies η at step t = 1, 2, ..."""
    if spec.fade == "constant":
        return lambda t: 1.0
    return lambda t: max(0.0, 1 - (t - 1) / (spec.span + 1))


def seen_of(spec: Matrices) -> int:
    """Return which layer's updates are shown."""
    return 1 if spec.net == "two" and spec.seen == "second" else 0


@cached
def run(spec: Matrices) -> MatricesRun:
    """Return the training of every method from the same start."""
    return MatricesRun(parts_of(spec)[1], {name: _run_of(spec, name) for name in spec.racers})


def _run_of(spec: Matrices, name: str) -> MatrixRun:
    """Train one step more than is shown, so that each step shown has an update to come."""
    task, (U, _, V) = task_of(spec), parts_of(spec)
    rule = rule_of(spec, name)
    done = train_matrices(first_layers(spec), task, rule, spec.span + 1, share_of(spec))
    rows = max(1, len(done.losses) - 1)
    layers = tuple(W[:rows] for W in done.layers)
    whole = product(layers)
    own = done.layers[seen_of(spec)]
    change = np.diff(own, axis=0) if len(own) > 1 else np.zeros_like(own)
    return MatrixRun(
        layers, done.losses[:rows], _values(whole),
        np.einsum("ik,tij,jk->tk", U, whole, V), _values(own[:rows]), _values(change[:rows]),
        done.lost,
    )  # fmt: skip


def _values(matrices: np.ndarray) -> np.ndarray:
    return np.linalg.svd(matrices, compute_uv=False)


def stable_rank(values: np.ndarray) -> np.ndarray:
    """Return Σσ²/σ₁² of singular values `(..., k)`: 1 of one direction, k of k equal ones."""
    largest = np.maximum(values[..., :1], 1e-300)
    return np.sum((values / largest) ** 2, axis=-1)


def numbers(done: MatricesRun) -> dict[str, dict[str, np.ndarray]]:
    """Return a table a method: the loss, and singular values of the product and of the update."""
    tables = {}
    for name, one in done.runs.items():
        table = {"step": np.arange(len(one.losses)), "loss": one.losses}
        table |= {f"sigma{i + 1}": row for i, row in enumerate(one.values.T)}
        table |= {f"update{i + 1}": row for i, row in enumerate(one.updates.T)}
        tables[name] = table
    return tables
