"""The edge of stability, a room of *backprop*: its knobs, and a training with its curvature."""

from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Choice, Range, Text, bind_defaults, needs
from gdviz.learn import init_params, train
from gdviz.learn.activations import ACTIVATIONS
from gdviz.learn.network import Params, loss_and_grads, parameter_counts, unflat
from gdviz.learn.network_losses import LOSSES
from gdviz.learn.network_objective import flat_batch
from gdviz.learn.sharpness import MOST_DENSE, sharpness
from gdviz.learn.time_average import running_mean
from gdviz.learn.toy_datasets import KINDS, loss_for, narrow_samples
from gdviz.learn.weight_planes import losses_at
from gdviz.optimize.elementwise import update
from gdviz.optimize.methods import LABELS, METHODS
from gdviz.optimize.stability import Edge, preconditioned_edge, stability_edge
from gdviz.topics.backprop.link import sizes_in

DIVIDES = ("rmsprop", "adam")  # the gradient, by a matrix that follows the run
RULES = {name: LABELS[name] for name in ("gd", "heavy_ball", "nesterov", *DIVIDES)}
HOMOGENEOUS = ("relu", "leaky_relu", "identity")  # f(az) = a f(z) for a > 0
MOST_STEPS = 600
NANOSECONDS = 1.5e9  # of computing that one run may take


@dataclass(frozen=True)
class EdgeOfStability:
    """Everything that the room *edge of stability* can be asked."""

    task: Annotated[
        str, Choice({k: v.label for k, v in KINDS.items() if v.columns == 2}, "data")
    ] = "circle"
    count: Annotated[int, Range(20, 300, "samples", "All of them at every step.")] = 100
    units: Annotated[
        str, Text("hidden units", "Units of each layer, at most 8 in 6 layers; “0”: none.", most=30)
    ] = "8, 8"
    unit_kind: Annotated[
        str, Choice({k: a.label for k, a in ACTIVATIONS.items()}, "activation")
    ] = "tanh"
    goal: Annotated[
        str,
        Choice({k: LOSSES[k].label for k in ("mse", "bce")}, "loss", "A value is learnt by mse."),
    ] = "mse"
    gain: Annotated[
        float, Range(0.1, 10.0, "first weights times", "Those of Xavier.", log=True)
    ] = 0.5
    rescale: Annotated[
        float,
        Range(0.05, 20.0, "rescale the layers by α", "The first times α, the next over α: the same "
              "function.", log=True),
        needs("unit_kind", *HOMOGENEOUS),
    ] = 1.0  # fmt: skip
    start: Annotated[int, Range(0, 9999, "seed of the weights")] = 0
    rule: Annotated[str, Choice(RULES, "optimizer")] = "gd"
    eta: Annotated[float, Range(1e-4, 10.0, "learning rate η", log=True)] = 0.3
    turn: Annotated[
        int, Range(0, MOST_STEPS, "η changes at step", "Drag the handle on the dashed line.")
    ] = 200
    factor: Annotated[float, Range(0.05, 20.0, "and is η times", log=True)] = 1.0
    length: Annotated[int, Range(10, MOST_STEPS, "steps")] = 400
    middle: Annotated[
        int, Range(0, 50, "mean over ± steps", "Of the weights, beside the path; 0: none.")
    ] = 0


class EdgeRun(NamedTuple):
    """A training by whole sets: one row a step, the first before any, `(steps + 1,)` each.

    `sharp` is the largest eigenvalue of the Hessian of the loss, of P⁻¹H where the method divides
    the gradient by P; `limit` is what it must stay below at the rate of the step to come. `values
    (steps + 1, p)` are all eigenvalues, `(steps + 1, 0)` of a network with too many parameters.
    `middle` are the losses at the running mean of the weights, `(0,)` where none is asked for.
    `lost` tells whether the run diverged, `reason` why; `short` is how many steps were taken where
    that is less than was asked for, else 0.
    """

    sizes: tuple[int, ...]
    losses: np.ndarray
    rates: np.ndarray
    sharp: np.ndarray
    limit: np.ndarray
    values: np.ndarray
    middle: np.ndarray
    edge: Edge
    lost: bool
    reason: str
    short: int


def goal_of(spec: EdgeOfStability) -> str:
    """Return the loss that is trained: a value is learnt by the squared error."""
    return loss_for(spec.task, spec.goal)


def task_of(spec: EdgeOfStability) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs `(n, 2)`, a third of the coordinates, and the targets `(n, 1)`."""
    return narrow_samples(spec.task, spec.count)


def sizes_of(spec: EdgeOfStability) -> tuple[int, ...]:
    """Return the sizes of the layers; raise `DataError` if the text of hidden units says none."""
    return (2, *sizes_in(spec.units), 1)


def first_params(spec: EdgeOfStability) -> Params:
    """Return the weights of the start: Xavier's times a factor, the layers rescaled."""
    params = init_params(sizes_of(spec), "xavier", spec.start, spec.gain)
    if spec.unit_kind in HOMOGENEOUS and len(params) > 1:
        (W, b), (V, c) = params[:2]
        params[:2] = [(W * spec.rescale, b * spec.rescale), (V / spec.rescale, c)]
    return params


def steps_of(spec: EdgeOfStability) -> int:
    """Return how many steps of the settings fit into one run's time."""
    sizes = sizes_of(spec)
    p = sum(parameter_counts(sizes))
    dense = 0.5 * spec.count * p**2 + 0.8 * p**3
    each = 2e5 + (dense if p <= MOST_DENSE else 40.0 * spec.count * p)
    return int(max(10, min(spec.length, NANOSECONDS / each)))


def rates_of(spec: EdgeOfStability, steps: int) -> np.ndarray:
    """Return η of each step, and of the one that would follow, `(steps + 1,)`."""
    return spec.eta * np.where(np.arange(steps + 1) < spec.turn, 1.0, spec.factor)


def edge_of(rule: str) -> Edge:
    """Return the edge of an optimizer of the room."""
    hyper = bind_defaults(METHODS[rule], {})
    found = preconditioned_edge(rule, hyper) or stability_edge(rule, hyper)
    assert found is not None, rule
    return found


def scales(spec: EdgeOfStability, path: np.ndarray) -> np.ndarray | None:
    """Return 1/√P at each point of a path `(steps, p)`, P what the next step divides by.

    P is √v̂ + ε, with v as the rule has it after the gradient there. None for rules without it.
    """
    if spec.rule not in DIVIDES:
        return None
    X, y = task_of(spec)
    params = unflat(path, sizes_of(spec))
    with np.errstate(all="ignore"):
        grads = flat_batch(loss_and_grads(params, X, y, spec.unit_kind, goal_of(spec))[1])
    factory: Any = METHODS[spec.rule]
    hyper, rule = bind_defaults(factory, {}), update(factory)
    place = factory.state._fields[4:].index("v")
    memory, found = rule.rest(path[0]), []
    for t, (x, g) in enumerate(zip(path, grads, strict=True), start=1):
        _, memory = rule.step(x, g, t, memory)
        fresh = 1 - hyper["beta2"] ** t if spec.rule == "adam" else 1.0
        found.append(1 / np.sqrt(np.sqrt(memory[place] / fresh) + hyper["eps"]))
    return np.array(found)


@cached
def run(spec: EdgeOfStability) -> EdgeRun:
    """Return the training and its curvature; raise `DataError` if the units are no layers."""
    sizes, (X, y), steps = sizes_of(spec), task_of(spec), steps_of(spec)
    rates, loss = rates_of(spec, steps), goal_of(spec)
    done = train(
        first_params(spec), X, y, activation=spec.unit_kind, loss=loss, method=spec.rule,
        lr=spec.eta, epochs=steps, keep=np.arange(steps + 1), rates=rates[:-1] / spec.eta,
    )  # fmt: skip
    path = done.path
    rates = rates[: len(path)]
    found = sharpness(path, sizes, X, y, spec.unit_kind, loss, scales(spec, path))
    edge, short = edge_of(spec.rule), steps if steps < spec.length else 0
    return EdgeRun(
        sizes, done.losses[: len(path)], rates, found.largest, edge.value / rates, found.values,
        middle_of(spec, path), edge, done.lost >= 0, done.reason, short,
    )  # fmt: skip


def middle_of(spec: EdgeOfStability, path: np.ndarray) -> np.ndarray:
    """Return the losses at the running mean of a path `(steps, p)`, none if none is asked for."""
    if not spec.middle:
        return np.zeros(0)
    sizes, kinds = sizes_of(spec), (spec.unit_kind,) * (len(sizes_of(spec)) - 2)
    mean = running_mean(path, spec.middle)
    return losses_at(mean, sizes, kinds, goal_of(spec), *task_of(spec))


def numbers(done: EdgeRun) -> dict[str, dict[str, np.ndarray]]:
    """Return the run step by step as a table, with the largest eigenvalues."""
    table = {"step": np.arange(len(done.losses)), "eta": done.rates, "loss": done.losses}
    table |= {"sharpness": done.sharp, "limit": done.limit}
    table |= {"loss_at_mean": done.middle} if len(done.middle) else {}
    largest = done.values[:, ::-1][:, :5]
    return {"run": table | {f"lambda{i + 1}": row for i, row in enumerate(largest.T)}}
