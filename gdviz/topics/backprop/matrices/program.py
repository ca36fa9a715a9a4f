"""The race of matrices as a program on the public API."""

from gdviz.topics.backprop.matrices.settings import Matrices


def as_python(spec: Matrices) -> str:
    """Return a program that prints the loss and the singular values at the end of each training."""
    plain = Matrices()
    told = {k: v for k, v in vars(spec).items() if v != getattr(plain, k)}
    words = ", ".join(f"{name}={value!r}" for name, value in told.items())
    names = "Matrices, first_layers, rule_of, share_of, task_of"
    return "\n".join(
        [
            "import numpy as np",
            "",
            "from gdviz.learn.linear_network import product, train_matrices",
            f"from gdviz.topics.backprop.matrices import {names}",
            "",
            f"spec = Matrices({words})",
            "for name in spec.racers:",
            "    done = train_matrices(first_layers(spec), task_of(spec), rule_of(spec, name),",
            "                          spec.span, share_of(spec))",
            "    values = np.linalg.svd(product(done.layers)[-1], compute_uv=False)",
            '    print(name, "loss", done.losses[-1], "singular values", *values)',
        ]
    )
