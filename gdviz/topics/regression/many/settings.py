"""Many features, a room of *regression*: its knobs, and the training that it runs."""

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.close_up import with_close_up
from gdviz.knobs import Choice, Range, Switch, bind_defaults, needs
from gdviz.learn.datasets import DATASETS
from gdviz.learn.fit_result import Fit
from gdviz.learn.linear import closed_form, fit_linear
from gdviz.learn.linear_training import COORDINATE
from gdviz.learn.objective import Objective, objective
from gdviz.learn.pipeline import Pipeline, Plan, run_pipeline
from gdviz.learn.spectrum import Spectrum, spectrum, steps_to
from gdviz.learn.stopping import STOPS
from gdviz.optimize.methods import LABELS, METHODS
from gdviz.optimize.rules import Rate
from gdviz.optimize.stability import stability_edge
from gdviz.topics.regression.table_source import (
    MOST_SEARCHES,
    OTHER_TABLES,
    Source,
    check_work,
    load_as_python,
    names_as_python,
    source_named,
)

BY_SHARE = ("gd", "heavy_ball", "nesterov")  # their η is told as a share of 2/L
BY_RATE = ("adam", "adagrad", "rmsprop")
RULES = {name: LABELS[name] for name in (*BY_SHARE, *BY_RATE, "lbfgs")} | {
    COORDINATE: "Coordinate descent"
}
FRAMES = 80  # pictures of a training


@dataclass(frozen=True)
class Many:
    """Everything that the room *many features* can be asked."""

    table: Annotated[
        str, Choice({k: d.label for k, d in DATASETS.items()} | OTHER_TABLES, "data")
    ] = "diabetes"
    standard: Annotated[
        bool,
        Switch("standardise the features", "Mean 0, standard deviation 1, on the training rows."),
    ] = True
    degree: Annotated[int, Range(1, 2, "powers up to", "Powers and products of the numbers.")] = 1
    rule: Annotated[str, Choice(RULES, "optimizer")] = "gd"
    share: Annotated[
        float,
        Range(0.001, 3.0, "η as a share of 2/L", "The mark is the edge.", log=True),
        needs("rule", *BY_SHARE),
    ] = 0.5
    eta: Annotated[Rate, needs("rule", *BY_RATE)] = 1.0
    batch: Annotated[
        int,
        Range(0, 5000, "batch size", "0: all rows at once."),
        needs("rule", *BY_SHARE, *BY_RATE),
    ] = 0
    updates: Annotated[int, Range(1, 5000, "updates", "L-BFGS takes 500 at most.")] = 300
    l2: Annotated[float, Range(0.0, 1e4, "ridge l2", "l2/2 |w|² is added to the loss.")] = 0.0
    l1: Annotated[float, Range(0.0, 1e4, "lasso l1", "l1 |w|₁ is added to the loss.")] = 0.0
    stop: Annotated[str, Choice(STOPS, "stop")] = "none"
    level: Annotated[
        float, Range(1e-9, 1e6, "level", "Of the loss or the slope.", log=True), needs("stop")
    ] = 1e-3
    held: Annotated[float, Range(0.05, 0.9, "share held out")] = 0.3
    draw: Annotated[int, Range(0, 9999, "seed of the split")] = 0
    near: Annotated[
        int,
        Range(
            0, 5000, "look closely at update",
            "Every update around it becomes a frame; 0: some frames over the whole run.",
        ),
    ] = 0  # fmt: skip


def alike(a: Many, b: Many) -> bool:
    """Tell whether one picture can hold the runs of two specs."""
    return a.table == b.table


class ManyTraining(NamedTuple):
    """A training on a prepared table.

    `steps (f,)` are the updates that are drawn; `train` and `test (f,)` the mean squared errors
    there; `optimum` is θ of the closed form (with l2).
    """

    source: Source
    pipe: Pipeline
    goal: Objective
    fit: Fit
    eigen: Spectrum
    steps: np.ndarray
    train: np.ndarray
    test: np.ndarray
    optimum: np.ndarray

    @property
    def best_step(self) -> int:
        """The update with the least error on the rows held out: where to stop early."""
        return int(self.steps[np.argmin(self.test)])


def share_marks(rule: str) -> list[tuple[float, str]]:
    """Return the shares of 2/L worth marking: that of 1/L, and the edge of the rule.

    Nesterov's edge is below 2/L, the heavy ball's above it.
    """
    edge = stability_edge(rule, bind_defaults(METHODS[rule], {}))
    safe = [(0.5, "1/L")] if rule == "gd" else []
    return [*safe, (edge.value / 2, edge.over("L"))] if edge else safe


def rate_of(spec: Many, eigen: Spectrum) -> float | None:
    """Return η of a spec: its share of 2/L, the rate typed, or none for a search."""
    if spec.rule in BY_SHARE:
        return spec.share * (eigen.edge if np.isfinite(eigen.edge) else 1.0)
    return spec.eta if spec.rule in BY_RATE else None


def updates_of(spec: Many) -> int:
    """Return how many updates a spec takes; a search needs few, and each costs more."""
    return min(spec.updates, MOST_SEARCHES) if spec.rule == "lbfgs" else spec.updates


def train(spec: Many, source: Source) -> ManyTraining:
    """Prepare a table and train on it; raise `FitError` for what cannot be learned from."""
    by_gradients = spec.rule in (*BY_SHARE, *BY_RATE)
    check_work(source, updates_of(spec), spec.batch if by_gradients else 0)
    plan = Plan(spec.held, spec.draw, spec.degree, spec.l2, scale=spec.standard)
    pipe = run_pipeline(source.table, source.target, source.features, plan)
    X, y = pipe.X_train, pipe.y[pipe.train]
    goal = objective(X, y, l2=spec.l2, l1=spec.l1)
    eigen = spectrum(goal)
    fit = fit_linear(
        X,
        y,
        l2=spec.l2,
        l1=spec.l1 if spec.rule != "lbfgs" else 0.0,
        method=spec.rule,
        lr=rate_of(spec, eigen),
        steps=updates_of(spec),
        batch_size=(spec.batch or None) if by_gradients else None,
        tol=1e-12 if spec.rule == "lbfgs" else None,
        seed=spec.draw,
        stop=(spec.stop, spec.level),
    )
    last = len(fit.loss) - 1
    steps = np.unique(np.linspace(0, last, FRAMES + 1).round().astype(int))
    steps = with_close_up(steps, spec.near, last)
    errors = [_errors(A, t, fit, steps) for A, t in ((X, y), (pipe.X_test, pipe.y[pipe.test]))]
    best = np.append(*closed_form(X, y, spec.l2))
    return ManyTraining(source, pipe, goal, fit, eigen, steps, errors[0], errors[1], best)


def _errors(X: np.ndarray, y: np.ndarray, fit: Fit, steps: np.ndarray) -> np.ndarray:
    """Return the mean squared error at each of `steps`."""
    return np.array([np.mean((X @ fit.weights[k] + fit.bias[k] - y) ** 2) for k in steps.tolist()])


@cached
def run(spec: Many) -> ManyTraining:
    """Return the training on a data set that has a name."""
    return train(spec, source_named(spec.table))


def numbers(done: ManyTraining) -> dict[str, dict[str, np.ndarray]]:
    """Return the errors and the weights after each update that is drawn, as a table."""
    theta = done.fit.theta[done.steps].T
    weights = {f"w[{name}]": w for name, w in zip((*done.pipe.names, "bias"), theta, strict=True)}
    errors = {"update": done.steps, "train_mse": done.train, "test_mse": done.test}
    return {"training": errors | weights}


class EigenSplit(NamedTuple):
    """The loss above the least along each eigenvector, steepest first, and its steps to 1 %."""

    values: np.ndarray
    shares: np.ndarray
    steps: np.ndarray


def eigen_split(done: ManyTraining, step: int) -> EigenSplit:
    """Return how the loss above the least splits over the eigenvectors after `step` updates."""
    away = (done.fit.theta[step] - done.optimum) @ done.eigen.vectors
    shares = done.eigen.values * away**2 / 2
    steps = steps_to(done.eigen, done.fit.rate)
    return EigenSplit(done.eigen.values[::-1], shares[::-1], steps[::-1])


def as_python(spec: Many, done: ManyTraining | None = None) -> str:
    """Return a short program that prints the numbers of a training, by default that of `run`."""
    done = done or run(spec)
    source, rate = done.source, rate_of(spec, done.eigen)
    kwargs = {
        "l2": spec.l2,
        "l1": spec.l1 if spec.rule != "lbfgs" else 0.0,
        "method": spec.rule,
        "lr": rate,
        "steps": updates_of(spec),
        "batch_size": (spec.batch or None) if spec.rule in (*BY_SHARE, *BY_RATE) else None,
        "seed": spec.draw,
        "tol": 1e-12 if spec.rule == "lbfgs" else None,
    }
    kwargs |= {"stop": (spec.stop, spec.level)} if spec.stop != "none" else {}
    told = ", ".join(f"{k}={v!r}" for k, v in kwargs.items())
    names = names_as_python(source.features)
    return "\n".join(
        [
            "from gdviz.learn import fit_linear, scores",
            "from gdviz.learn.pipeline import Plan, run_pipeline",
            *load_as_python(spec.table),
            f"plan = Plan(test_share={spec.held!r}, seed={spec.draw}, degree={spec.degree},",
            f"            scale={spec.standard})",
            f"pipe = run_pipeline(table, {source.target!r}, {names}, plan)",
            f"fit = fit_linear(pipe.X_train, pipe.y[pipe.train], {told})",
            "print(fit.status, scores(pipe.y[pipe.train], fit.predict(pipe.X_train)))",
            "print(scores(pipe.y[pipe.test], fit.predict(pipe.X_test)))",
        ]
    )
