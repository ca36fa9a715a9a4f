"""A line as a short program."""

from gdviz.topics.regression.fit import run, size_of
from gdviz.topics.regression.points import cloud, split_rows
from gdviz.topics.regression.polynomial import fit_polynomial
from gdviz.topics.regression.settings import OWN, LineSettings


def as_python(spec: LineSettings) -> str:
    """Return a short program on the public API that prints the numbers of the room."""
    x, y = cloud(spec)
    if spec.data == OWN:
        points = [f"x = np.array({x.tolist()!r})", f"y = np.array({y.tolist()!r})"]
    else:
        points = [f"x, y = CLOUDS[{spec.data!r}].make({spec.n}, {spec.noise!r}, {spec.seed})"]
    done, (train, test) = run(spec), split_rows(spec)
    if len(test):
        points += [f"train = np.array({train.tolist()})", "x, y = x[train], y[train]"]
    stop = "" if spec.stop == "none" else f", stop={(spec.stop, spec.level)!r}"
    lines = [
        "import numpy as np",
        "",
        "from gdviz.learn import fit_linear",
        "from gdviz.learn.datasets import CLOUDS",
        "",
        *points,
        f"z = ((x - {done.middle!r}) / {done.width!r})[:, None]",
        f"common = dict(loss={spec.loss!r}, delta={spec.delta!r}, method={spec.method!r},",
        f"              lr={spec.lr!r}, steps={spec.steps}, seed={spec.seed},",
        f"              schedule={spec.schedule!r}, start={done.start.tolist()!r}{stop})",
    ]
    for kind in spec.kinds:
        size = size_of(spec, kind, len(train))
        lines += [
            f"fit = fit_linear(z, y, batch_size={size}, **common)",
            f'print("{kind}:", f"{{fit.weights[-1, 0]:.10g}} {{fit.bias[-1]:.10g}}", fit.status)',
        ]
    if spec.degree:
        curve = f"np.polynomial.Polynomial.fit(x, y, {fit_polynomial(done, spec.degree).degree})"
        lines.append(f'print("polynomial:", {curve}.convert().coef.tolist())')
    return "\n".join(lines)
