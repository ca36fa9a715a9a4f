"""Record the methods of the last years, by their authors' packages and by others, as a truth.

Run once for each part, in an environment that has what it needs; each part replaces its own runs in
`race_recent.json` beside this file:

    python tests/reference/make_race_recent.py torch    # pip install torch schedulefree prodigyopt
                                                        # dadaptation pytorch-optimizer numpy
    python tests/reference/make_race_recent.py optax    # pip install optax jax
    python tests/reference/make_race_recent.py cma      # pip install cma numpy
    python tests/reference/make_race_recent.py papers   # pip install mpmath

Points after 1, 10, 100 and 200 steps; all else is as in `make_race.py` beside this file, also how a
path is cut where rounding would decide how it goes on.
"""

import datetime
import itertools
import json
import math
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from make_race import SURFACES, Case, Path_, recorded

STEPS = (1, 10, 100, 200)
TARGET = Path(__file__).with_name("race_recent.json")

GENTLE = (2e-4, 1e-3, 0.01, 1e-3, 0.01)
USUAL = (0.05, 0.05, 0.1, 0.05, 0.05)
ONE = (1.0,) * 5
NONE = (None,) * 5
BETAS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
AVERAGE = "average"  # this knob of a case asks for the average that the method gives back

TORCH = [
    Case("schedule_free_sgd", GENTLE, {"momentum": 0.9}),
    Case("schedule_free_sgd", GENTLE, {"momentum": 0.9, AVERAGE: True}),
    Case("schedule_free_adamw", USUAL, {**BETAS, "weight_decay": 0.0}),
    Case("schedule_free_adamw", USUAL, {**BETAS, "weight_decay": 0.1}),
    Case("schedule_free_adamw", USUAL, {**BETAS, "weight_decay": 0.1, AVERAGE: True}),
    Case("prodigy", ONE, {**BETAS, "weight_decay": 0.0, "d0": 1e-6}),
    Case("prodigy", (0.5,) * 5, {**BETAS, "weight_decay": 0.01, "d0": 1e-3}),
    Case("d_adaptation", ONE, {**BETAS, "d0": 1e-6}),
    Case("d_adaptation", (0.5,) * 5, {**BETAS, "d0": 1e-3}),
    Case("adopt", USUAL, {"beta1": 0.9, "beta2": 0.9999, "eps": 1e-6}),
    Case("adopt", USUAL, {"beta1": 0.8, "beta2": 0.99, "eps": 1e-6}),
    Case("adan", USUAL, {"beta1": 0.98, "beta2": 0.92, "beta3": 0.99, "eps": 1e-8}),
    Case("lookahead", USUAL, {**BETAS, "period": 5, "pull": 0.5}),
    Case("lookahead", USUAL, {**BETAS, "period": 7, "pull": 0.8}),
    Case("mars", USUAL, {"beta1": 0.95, "beta2": 0.99, "strength": 0.025, "eps": 1e-30}),
    Case("adafactor", USUAL, {"forget": 0.8, "bound": 1.0, "least": 1e-3}),
]
OPTAX = [
    Case(
        "ademamix",
        USUAL,
        {**BETAS, "beta3": 0.9999, "mix": 5.0, "weight_decay": 0.0},
    ),
    Case("ademamix", USUAL, {**BETAS, "beta3": 0.99, "mix": 2.0, "weight_decay": 0.01}),
    Case("lamb", (0.01,) * 5, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-6, "weight_decay": 0.0}),
    Case("lamb", (0.01,) * 5, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-6, "weight_decay": 0.1}),
    Case("lars", (0.005,) * 5, {"momentum": 0.9, "weight_decay": 0.0}),
    Case("lars", (0.005,) * 5, {"momentum": 0.5, "weight_decay": 0.1}),
    Case("sam", GENTLE, {"climb": 0.05}),
    Case("polyak", (0.1, 0.1, 0.1, 0.1, 0.1), {"lowest": -1.0}),
    Case("polyak", (2e-3, 0.01, 0.05, 0.01, 0.05), {"lowest": 0.0}),
]
CMA = [
    Case("cma_es", NONE, {"sigma": 0.5, "draws": 0}),
    Case("cma_es", NONE, {"sigma": 0.1, "draws": 7}),
]
PAPERS = [
    Case("barzilai_borwein", GENTLE),
    Case("cautious_adamw", USUAL, {**BETAS, "weight_decay": 0.0}),
    Case("cautious_adamw", USUAL, {**BETAS, "weight_decay": 0.1}),
]


# --- packages on PyTorch --------------------------------------------------------------------------


def torch_path(name: str, case: Case, lr: float, start: list[float], steps: int) -> Path_:
    """Return the points after 0 to `steps` steps of an optimizer of PyTorch or on top of it."""
    import torch

    torch.set_default_dtype(torch.float64)
    point = torch.tensor(start, requires_grad=True)
    knobs = dict(case.knobs)
    averaged = knobs.pop(AVERAGE, False)
    stepper = _torch_optimizer(case.method, knobs, [point], lr)
    if hasattr(stepper, "train"):  # Schedule-Free tells training from the average
        stepper.train()

    points = [point.detach().tolist()]
    for _ in range(steps):
        stepper.zero_grad()
        SURFACES[name][0](point[0], point[1], torch).backward()
        stepper.step()
        if averaged:
            stepper.eval()
        points.append(point.detach().tolist())
        if averaged:
            stepper.train()
    return points


def _torch_optimizer(method: str, knobs: dict[str, Any], parameters: list[Any], lr: float) -> Any:
    import dadaptation
    import prodigyopt
    import pytorch_optimizer
    import schedulefree
    import torch

    betas = tuple(knobs.pop(b) for b in ("beta1", "beta2", "beta3") if b in knobs)
    both = {"betas": betas} if betas else {}
    if method == "schedule_free_sgd":
        made = schedulefree.SGDScheduleFree(parameters, lr=lr, foreach=False, **knobs)
    elif method == "schedule_free_adamw":
        made = schedulefree.AdamWScheduleFree(parameters, lr=lr, foreach=False, **both, **knobs)
    elif method == "prodigy":
        made = prodigyopt.Prodigy(parameters, lr=lr, **both, **knobs)
    elif method == "d_adaptation":
        made = dadaptation.DAdaptAdam(parameters, lr=lr, **both, **knobs)
    elif method == "adopt":  # the authors' bound counts from the first step that moves
        bound = {"clip_lambda": lambda step: (step - 1) ** 0.25}
        made = pytorch_optimizer.ADOPT(parameters, lr=lr, **both, **bound, **knobs)
    elif method == "adan":
        made = pytorch_optimizer.Adan(parameters, lr=lr, **both, **knobs)
    elif method == "lookahead":
        inner = torch.optim.Adam(parameters, lr=lr, eps=knobs["eps"], foreach=False, **both)
        how = {"k": knobs["period"], "alpha": knobs["pull"]}
        made = pytorch_optimizer.Lookahead(inner, pullback_momentum="none", **how)
    elif method == "mars":
        own = {"gamma": knobs["strength"], "eps": knobs["eps"], "optimize_1d": True}
        made = pytorch_optimizer.MARS(parameters, lr=lr, **both, **own)
    else:
        own = {"beta2_decay": -knobs["forget"], "d": knobs["bound"], "eps": (None, knobs["least"])}
        made = torch.optim.Adafactor(parameters, lr=lr, weight_decay=0.0, foreach=False, **own)
    return made


# --- optax ----------------------------------------------------------------------------------------


def optax_path(name: str, case: Case, lr: float, start: list[float], steps: int) -> Path_:
    """Return the points after 0 to `steps` steps of optax's optimizer."""
    import jax
    import jax.numpy as jnp
    import optax

    jax.config.update("jax_enable_x64", True)
    k = case.knobs
    stepper = {
        "ademamix": lambda: optax.contrib.ademamix(
            lr, k["beta1"], k["beta2"], k["beta3"], k["mix"], k["eps"],
            weight_decay=k["weight_decay"],
        ),
        "lamb": lambda: optax.lamb(
            lr, k["beta1"], k["beta2"], k["eps"], weight_decay=k["weight_decay"]
        ),
        "lars": lambda: optax.lars(
            lr, k["weight_decay"], trust_coefficient=1.0, momentum=k["momentum"]
        ),
        "sam": lambda: optax.contrib.sam(
            optax.sgd(lr),
            optax.chain(optax.contrib.normalize(), optax.sgd(k["climb"])),
            opaque_mode=True,
        ),
        "polyak": lambda: optax.polyak_sgd(lr, f_min=k["lowest"]),
    }[case.method]()  # fmt: skip
    stepper = optax.with_extra_args_support(stepper)
    both = jax.value_and_grad(lambda p: SURFACES[name][0](p[0], p[1], jnp))

    @jax.jit
    def step(point: Any, state: Any) -> tuple[Any, Any]:
        value, slope = both(point)
        uphill = {"grad_fn": lambda p, _: both(p)[1]}
        more = uphill if case.method == "sam" else {"value": value}
        updates, state = stepper.update(slope, state, point, **more)
        return optax.apply_updates(point, updates), state

    point = jnp.array(start, dtype=jnp.float64)
    state, points = stepper.init(point), [point.tolist()]
    for _ in range(steps):
        point, state = step(point, state)
        points.append(point.tolist())
    return points


# --- pycma ----------------------------------------------------------------------------------------


def cma_path(name: str, case: Case, lr: None, start: list[float], steps: int) -> Path_:
    """Return the means of `purecma` after 0 to `steps` generations, on draws x + σ√C·n of our own.

    Its own draws are the same but for a rotation by the eigenvectors of C, whose signs are free.
    """
    import numpy as np
    from cma.more_algorithms.purecma import CMAES

    es, points = CMAES(list(start), case.knobs["sigma"]), [list(start)]
    for t in range(steps):
        es.C.update_eigensystem(es.counteval, es.params.lazy_gap_evals)
        basis = np.array(es.C.eigenbasis)
        root = basis @ np.diag(np.sqrt(es.C.eigenvalues)) @ basis.T
        stream = np.random.default_rng([case.knobs["draws"], t])
        normal = stream.standard_normal((es.params.lam, len(start)))
        drawn = [(np.array(es.xmean) + es.sigma * (root @ n)).tolist() for n in normal]
        es.tell(drawn, [SURFACES[name][0](*x, math) for x in drawn])
        points.append(list(es.xmean))
    return points


# --- papers, in 50 digits -------------------------------------------------------------------------


def paper_path(name: str, case: Case, lr: float, start: list[float], steps: int) -> Path_:
    """Return the points after 0 to `steps` steps, by the printed formulas."""
    import mpmath

    mpmath.mp.dps = 50
    knobs = {key: mpmath.mpf(value) for key, value in {**case.knobs, "lr": lr}.items()}

    def slope_at(point: list[Any]) -> list[Any]:
        def f(x: Any, y: Any) -> Any:
            return SURFACES[name][0](x, y, mpmath)

        return [mpmath.diff(f, tuple(point), order) for order in ((1, 0), (0, 1))]

    rule = {"barzilai_borwein": _secant_steps, "cautious_adamw": _cautious_steps}[case.method]
    x, points = [mpmath.mpf(c) for c in start], [list(start)]
    for step in itertools.islice(rule(x, slope_at, **knobs), steps):
        points.append([float(c) for c in step])
    return points


def _secant_steps(x: list[Any], slope_at: Any, lr: Any) -> Iterator[list[Any]]:
    """Barzilai & Borwein's first rate, ΔxᵀΔx/ΔxᵀΔg, or η where the curvature is not positive."""
    g, rate = slope_at(x), lr
    while True:
        new = [a - rate * b for a, b in zip(x, g, strict=True)]
        turned = slope_at(new)
        dx = [a - b for a, b in zip(new, x, strict=True)]
        dg = [a - b for a, b in zip(turned, g, strict=True)]
        product = sum(a * b for a, b in zip(dx, dg, strict=True))
        rate = sum(a * a for a in dx) / product if product > 0 else lr
        x, g = new, turned
        yield x


def _cautious_steps(
    x: list[Any], slope_at: Any, lr: Any, beta1: Any, beta2: Any, eps: Any, weight_decay: Any
) -> Iterator[list[Any]]:
    """Liang et al. 2024 with the authors' later scale: a mask over its mean, 0.001 at least."""
    m, v = [0, 0], [0, 0]
    for t in itertools.count(1):
        g = slope_at(x)
        m = [beta1 * a + (1 - beta1) * b for a, b in zip(m, g, strict=True)]
        v = [beta2 * a + (1 - beta2) * b * b for a, b in zip(v, g, strict=True)]
        mask = [int(a * b > 0) for a, b in zip(m, g, strict=True)]
        scale = max(sum(mask) / 2, 0.001)
        root = [(b / (1 - beta2**t)) ** 0.5 + eps for b in v]
        step = [k / scale * a / (1 - beta1**t) / r for k, a, r in zip(mask, m, root, strict=True)]
        x = [a * (1 - lr * weight_decay) - lr * s for a, s in zip(x, step, strict=True)]
        yield x


PACKAGES = ("torch", "schedulefree", "prodigyopt", "dadaptation", "pytorch_optimizer", "numpy")
PARTS = {
    "torch": (torch_path, TORCH, PACKAGES),
    "optax": (optax_path, OPTAX, ("optax", "jax", "jaxlib")),
    "cma": (cma_path, CMA, ("cma", "numpy")),
    "papers": (paper_path, PAPERS, ("mpmath",)),
}


def main(part: str) -> None:
    """Replace the runs of one part in the reference file."""
    path, cases, packages = PARTS[part]
    made = json.loads(TARGET.read_text()) if TARGET.exists() else {}
    made["made_by"] = "tests/reference/make_race_recent.py"
    runs = [
        recorded(path, name, case, lr, STEPS)
        for case in cases
        for name, lr in zip(SURFACES, case.rates, strict=True)
    ]
    for run in runs:
        run["knobs"] = {key: value for key, value in run["knobs"].items() if value is not None}
    made[part] = {
        "date": datetime.date.today().isoformat(),
        "versions": {"python": platform.python_version(), **{p: version(p) for p in packages}},
        "runs": runs,
    }
    TARGET.write_text(json.dumps(made).replace('{"problem"', '\n{"problem"') + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
