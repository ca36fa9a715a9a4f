"""The tables of a room of the natural gradient."""

from typing import Any

import numpy as np

from gdviz.geometry import FAMILIES
from gdviz.topics.natural_gradient.nets import nets
from gdviz.topics.natural_gradient.settings import NaturalGradient, fits, weights


def table(spec: NaturalGradient) -> dict[str, Any]:
    """Return every number of every path, one row a step of a path."""
    if spec.room == "families":
        found = fits(spec)
        runs = {
            f"{'natural' if natural else 'plain'} in {found.labels[key]}": run
            for (key, natural), run in found.paths.items()
        }
    else:
        runs = (weights(spec) if spec.room == "logistic" else nets(spec)).paths
    count = next(iter(runs.values())).theta.shape[1]
    names = [f"weight {i + 1}" for i in range(count)]
    if spec.room == "families":
        names = list(FAMILIES[spec.family].parameters)
    theta = np.concatenate([run.theta for run in runs.values()])
    return {
        "path": [name for name, run in runs.items() for _ in run.loss],
        "step": np.concatenate([np.arange(len(run.loss)) for run in runs.values()]),
        **dict(zip(names, theta.T, strict=True)),
        "loss": np.concatenate([run.loss for run in runs.values()]),
    }


def run(spec: NaturalGradient) -> dict[str, dict[str, Any]]:
    """Return the numbers of every path, by its name."""
    columns = table(spec)
    names = np.array(columns.pop("path"))
    return {
        name: {key: np.asarray(values)[names == name] for key, values in columns.items()}
        for name in dict.fromkeys(names.tolist())
    }


def csv(spec: NaturalGradient) -> bytes:
    """Return the table as a file of comma-separated values."""
    columns = table(spec)
    names, *numbers = columns.values()
    rows = zip(*(map(repr, np.asarray(c).tolist()) for c in numbers), strict=True)
    lines = [f'"{name}",{",".join(row)}' for name, row in zip(names, rows, strict=True)]
    return "\n".join([",".join(columns), *lines]).encode()
