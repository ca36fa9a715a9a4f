"""Double descent as a short program."""

from gdviz.topics.regression.double_descent.settings import DoubleDescent


def as_python(spec: DoubleDescent) -> str:
    """Return a program in NumPy that prints both errors and |w| around n and at the p shown."""
    counts = sorted({max(1, spec.rows // 2), spec.rows, 2 * spec.rows, spec.p})
    told = {k: v for k, v in vars(spec).items() if v != getattr(DoubleDescent(), k) and k != "p"}
    words = ", ".join(f"{name}={value!r}" for name, value in told.items())
    return "\n".join(
        [
            "import numpy as np",
            "",
            "from gdviz.learn.feature_maps import FEATURE_MAPS",
            *_solver(spec)[0],
            "from gdviz.topics.regression.double_descent import DoubleDescent, TRUTHS, points_of",
            "",
            f"spec = DoubleDescent({words})",
            "x, y = points_of(spec)",
            "new = (np.arange(400) + 0.5) / 200 - 1",
            f"for p in {counts}:",
            f"    make = FEATURE_MAPS[{spec.basis!r}].make",
            f"    A, B = (make(at, p, {spec.drawn}) for at in (x, new))",
            f"    w = {_solver(spec)[1]}",
            "    train = np.mean((A @ w - y) ** 2)",
            "    off = B @ w - TRUTHS[spec.truth].value(new)",
            "    print(p, train, np.mean(off**2) + spec.sigma**2, np.linalg.norm(w))",
        ]
    )


def _solver(spec: DoubleDescent) -> tuple[list[str], str]:
    """Return what to import, and how w is had: by NumPy's own least squares wherever it can."""
    if spec.stop:
        name = "least_squares_descent"
        call = f"{name}(A, y, [{spec.stop}], l2={spec.ridge!r}).weights[0]"
        return [f"from gdviz.learn.minimum_norm import {name}"], call
    if spec.ridge:
        gram = f"A.T @ A / len(y) + {spec.ridge!r} * np.eye(p)"
        return [], f"np.linalg.solve({gram}, A.T @ y / len(y))"
    return [], "np.linalg.lstsq(A, y, rcond=None)[0]"
