"""The edge of stability as a program on the public API."""

from gdviz.topics.backprop.edge.settings import (
    DIVIDES,
    EdgeOfStability,
    goal_of,
    run,
    sizes_of,
)


def as_python(spec: EdgeOfStability) -> str:
    """Return a program that prints loss, sharpness and limit at the end of the run."""
    done = run(spec)
    steps, plain = len(done.losses) - 1, EdgeOfStability()
    told = {k: v for k, v in vars(spec).items() if v != getattr(plain, k)}
    words = ", ".join(f"{name}={value!r}" for name, value in told.items())
    names = ["EdgeOfStability", "first_params", "rates_of", "task_of"]
    divides = spec.rule in DIVIDES
    more = ", scale=scales(spec, done.path)" if divides else ""
    network = f"activation={spec.unit_kind!r}, loss={goal_of(spec)!r}"
    return "\n".join(
        [
            "import numpy as np",
            "",
            "from gdviz.learn import train",
            "from gdviz.learn.sharpness import sharpness",
            f"from gdviz.topics.backprop.edge import {', '.join(names + ['scales'] * divides)}",
            "",
            f"spec = EdgeOfStability({words})",
            "X, y = task_of(spec)",
            f"rates = rates_of(spec, {steps})",
            f"done = train(first_params(spec), X, y, {network}, method={spec.rule!r},",
            f"             lr=spec.eta, epochs={steps}, rates=rates[:-1] / spec.eta,",
            f"             keep=np.arange({steps + 1}))",
            f"sharp = sharpness(done.path, {sizes_of(spec)}, X, y, {network}{more}).largest",
            'print("loss", done.losses[-1])',
            f'print("sharpness", sharp[-1], "limit", {done.edge.value!r} / rates[-1])',
        ]
    )
