"""The page mcmc as a short program, and its draws as a table."""

from gdviz.export.tables import csv_bytes
from gdviz.topics.mcmc.settings import (
    TYPED,
    Mcmc,
    McmcResult,
    burn_of,
    draws_of,
    knobs_of,
    start_points,
    target_of,
)


def as_python(spec: Mcmc) -> str:
    """Return a short program on the public API that prints the numbers of the page."""
    target = target_of(spec)
    aim = repr(spec.target)
    if spec.target == TYPED:
        aim = f"target({spec.formula!r}, box={target.box!r})"
    points = start_points(spec)
    start = "" if points is None else f", start={points.tolist()!r}"
    own = "".join(f", {name}={value!r}" for name, value in knobs_of(spec).items())
    burn = burn_of(spec)
    names = "sample, summary, target" if spec.target == TYPED else "sample, summary"
    return "\n".join(
        [
            f"from gdviz.probability import {names}",
            "",
            f"trace = sample({aim}, {spec.sampler!r}, chains={spec.chains},",
            f"               draws={draws_of(spec) - burn}, warmup={burn}, seed={spec.seed}"
            f"{start}{own})",
            f"for name, x in zip({''.join(target.variables)!r}, trace.chains):",
            "    s = summary(x)",
            '    print(f"{name}: mean {s.mean:.10g} sd {s.sd:.10g} R-hat {s.rhat:.10g}",',
            '          f"ESS {s.ess_bulk:.10g} {s.ess_tail:.10g}")',
            "print(trace.accepted.mean(), trace.status)",
        ]
    )


def as_csv(seen: McmcResult) -> bytes:
    """Return the draws as CSV: one row a chain and draw, every number in full precision."""
    names = seen.trace.target.variables
    header = ["chain", "draw", "burn_in", *names, "log_density", "accepted"]
    logs, accepted = seen.states.log_density, seen.states.accepted.astype(int)
    rows = (
        [c + 1, t + 1, int(t < seen.burn), *values]
        for c in range(seen.x.shape[1])
        for t, values in enumerate(
            zip(*seen.x[:, c].T.tolist(), logs[:, c].tolist(), accepted[:, c].tolist(), strict=True)
        )
    )
    return csv_bytes(header, rows)
