"""House prices, a room of *regression*: its knobs, and the pipeline that it runs."""

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Choice, Range, needs
from gdviz.learn.pipeline import LEAKS, Pipeline, Plan, run_pipeline
from gdviz.topics.regression.table_source import (
    BALTIMORE,
    CALIFORNIA,
    MOST_SEARCHES,
    UPLOAD,
    Source,
    check_work,
    load_as_python,
    names_as_python,
    source_named,
)

TRAINERS = {
    "closed_form": "closed form (QR)",
    "lbfgs": "L-BFGS",
    "nesterov": "Nesterov",
    "gd": "Gradient descent",
}


@dataclass(frozen=True)
class Houses:
    """Everything that the room *house prices* can be asked."""

    homes: Annotated[
        str,
        Choice(
            {
                CALIFORNIA: "California, 1990",
                BALTIMORE: "Baltimore, 1978",
                "unscaled": "rents (made up)",
                UPLOAD: "a file of my own …",
            },
            "data",
        ),
    ] = CALIFORNIA
    leak: Annotated[str, Choice(LEAKS, "leakage", "What the model learns that it should not.")] = (
        "none"
    )
    powers: Annotated[int, Range(1, 2, "powers up to", "Powers and products of the numbers.")] = 1
    ridge: Annotated[float, Range(0.0, 1e3, "ridge l2")] = 0.0
    trainer: Annotated[str, Choice(TRAINERS, "training")] = "closed_form"
    epochs: Annotated[
        int, Range(1, 5000, "steps of training"), needs("trainer", "lbfgs", "nesterov", "gd")
    ] = 300
    kept: Annotated[float, Range(0.05, 0.9, "share held out")] = 0.2
    shuffle: Annotated[int, Range(0, 9999, "seed of the split")] = 0


class Priced(NamedTuple):
    """The honest pipeline, and the one with the leak that was asked for (the same without one)."""

    source: Source
    honest: Pipeline
    shown: Pipeline


def plan_of(spec: Houses, leak: str) -> Plan:
    """Return what the pipeline of a spec does."""
    search = spec.trainer == "lbfgs"
    return Plan(
        test_share=spec.kept,
        seed=spec.shuffle,
        degree=spec.powers,
        l2=spec.ridge,
        leak=leak,
        method=spec.trainer,
        steps=min(spec.epochs, MOST_SEARCHES) if search else spec.epochs,
    )


def predict_prices(spec: Houses, source: Source) -> Priced:
    """Run the pipeline of a spec, and the honest one beside it; raise `FitError` if it cannot."""
    check_work(source, plan_of(spec, "none").steps)

    def piped(leak: str) -> Pipeline:
        return run_pipeline(source.table, source.target, source.features, plan_of(spec, leak))

    honest = piped("none")
    return Priced(source, honest, honest if spec.leak == "none" else piped(spec.leak))


@cached
def run(spec: Houses) -> Priced:
    """Return the pipeline on a data set that has a name."""
    return predict_prices(spec, source_named(spec.homes))


def numbers(done: Priced) -> dict[str, dict[str, np.ndarray]]:
    """Return the predictions of the rows held out, as a table."""
    pipe = done.shown
    found = {"row": pipe.test, "actual": pipe.y[pipe.test], "predicted": pipe.prediction_test}
    return {"held out": found}


def as_python(spec: Houses, source: Source | None = None) -> str:
    """Return a short program that prints the scores of a pipeline, by default that of `run`."""
    source = source or source_named(spec.homes)
    plan = plan_of(spec, spec.leak)
    told = ", ".join(
        f"{k}={v!r}" for k, v in plan._asdict().items() if v != Plan._field_defaults[k]
    )
    names = names_as_python(source.features)
    return "\n".join(
        [
            "from gdviz.learn.pipeline import Plan, run_pipeline",
            *load_as_python(spec.homes),
            f"plan = Plan({told})",
            f"pipe = run_pipeline(table, {source.target!r}, {names}, plan)",
            "print(pipe.on_train)",
            "print(pipe.on_test)",
        ]
    )
