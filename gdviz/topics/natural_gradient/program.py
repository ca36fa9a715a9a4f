"""The natural gradient as a short program."""

from gdviz.topics.natural_gradient.settings import NaturalGradient


def as_python(spec: NaturalGradient) -> str:
    """Return a short program that prints the numbers of the page."""
    rows = ["from gdviz.topics.natural_gradient import NaturalGradient, fits, nets, weights", ""]
    if spec.room == "families":
        rows += [f"for (coordinates, natural), run in fits({spec!r}).paths.items():"]
        rows += ["    kind = 'natural' if natural else 'plain'"]
        return "\n".join([*rows, "    print(kind, coordinates, run.theta[-1], run.loss[-1])"])
    run = "weights" if spec.room == "logistic" else "nets"
    rows += [f"for name, run in {run}({spec!r}).paths.items():"]
    return "\n".join([*rows, "    print(name, run.theta[-1], run.loss[-1])"])
