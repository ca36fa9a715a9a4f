"""Record PyTorch's, optax's and the papers' optimizers on five surfaces as an independent truth.

Run once for each part, in an environment that has what it needs; each part replaces its own runs in
`race.json` beside this file:

    python tests/reference/make_race.py torch     # pip install torch==2.13.0 numpy
    python tests/reference/make_race.py optax     # pip install optax jax
    python tests/reference/make_race.py papers    # pip install mpmath: no library has QHM, AdaBound

Points after 1, 10 and 100 steps with the digits of `repr`, gradients by automatic differentiation
(papers: by mpmath, all in 50 digits). Each run is repeated from starts moved by 1e-14; where that
moves a later point by more than `TRUSTED` times as much, rounding decides the path, and only the
steps before are kept: `short` says so. The tests need none of these libraries.
"""

import datetime
import json
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

STEPS = (1, 10, 100)
NUDGE = 1e-14
TRUSTED = 1e3
TARGET = Path(__file__).with_name("race.json")
Path_ = list[list[float]]


def rosenbrock(x: Any, y: Any, m: Any) -> Any:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def beale(x: Any, y: Any, m: Any) -> Any:
    first, second = 1.5 - x + x * y, 2.25 - x + x * y**2
    return first**2 + second**2 + (2.625 - x + x * y**3) ** 2


def himmelblau(x: Any, y: Any, m: Any) -> Any:
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def rastrigin(x: Any, y: Any, m: Any) -> Any:
    return 20 + x**2 - 10 * m.cos(2 * m.pi * x) + y**2 - 10 * m.cos(2 * m.pi * y)


def rotated_bowl(x: Any, y: Any, m: Any) -> Any:
    cosine = 3**0.5 / 2 if m.__name__ != "mpmath" else m.sqrt(3) / 2
    return (cosine * x + y / 2) ** 2 / 2 + 50 * (cosine * y - x / 2) ** 2


SURFACES: dict[str, tuple[Callable[..., Any], tuple[float, float]]] = {
    "rosenbrock": (rosenbrock, (-1.5, 2.0)),
    "beale": (beale, (1.0, 1.6)),
    "himmelblau": (himmelblau, (-0.15, 0.67)),
    "rastrigin": (rastrigin, (3.3, -2.4)),
    "rotated_bowl": (rotated_bowl, (-2.5, 0.5)),
}


class Case(NamedTuple):
    """A method of gdviz with its knobs, and the learning rate on each surface, in their order."""

    method: str
    rates: tuple[float, ...]
    knobs: dict[str, Any] = {}


PLAIN = (2e-4, 1e-3, 0.01, 1e-3, 0.01)
ROLLING = (1e-4, 2e-4, 2e-3, 5e-4, 2e-3)
SIGNED = (0.0137, 0.0137, 0.0371, 0.0137, 0.0137)  # uneven: a path on a lattice may hit zeros of ∇f
USUAL = (0.05, 0.05, 0.1, 0.05, 0.05)
BETAS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
SMOOTH = {"alpha": 0.99, "eps": 1e-8}

TORCH = [
    Case("gd", PLAIN),
    Case("heavy_ball", ROLLING, {"momentum": 0.9}),
    Case("nesterov", ROLLING, {"momentum": 0.9}),
    Case("adagrad", (0.3, 0.3, 0.5, 0.3, 0.3), {"eps": 1e-10}),
    Case("rmsprop", (0.01,) * 5, {**SMOOTH, "centered": False, "momentum": 0.0}),
    Case("rmsprop", (0.005,) * 5, {**SMOOTH, "centered": True, "momentum": 0.0}),
    Case("rmsprop", (0.001,) * 5, {**SMOOTH, "centered": False, "momentum": 0.9}),
    Case("rmsprop", (0.001,) * 5, {**SMOOTH, "centered": True, "momentum": 0.9}),
    Case("adadelta", (1.0, 1.0, 5.0, 1.0, 1.0), {"rho": 0.9, "eps": 1e-6}),
    Case("adam", USUAL, {**BETAS, "weight_decay": 0.0}),
    Case("adam", USUAL, {**BETAS, "weight_decay": 0.01}),
    Case("adamw", USUAL, {**BETAS, "weight_decay": 0.01}),
    Case("adamw", USUAL, {**BETAS, "weight_decay": 0.1}),
    Case("amsgrad", USUAL, BETAS),
    Case("nadam", (0.02, *USUAL[1:]), BETAS),
    Case("radam", (3e-4, 1e-3, 5e-3, 1e-3, 0.01), BETAS),  # its first steps are plain descent
    Case("adamax", USUAL, BETAS),
    Case("rprop", SIGNED, {"growth": 1.2, "cut": 0.5}),
]
OPTAX = [
    Case("lion", SIGNED, {"beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}),
    Case("lion", SIGNED, {"beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1}),
    Case("yogi", USUAL, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-3}),
    Case("adabelief", USUAL, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-16}),
    Case("signsgd", SIGNED),
]
PAPERS = [
    Case("qhm", PLAIN, {"momentum": 0.999, "nu": 0.7}),
    Case("qhm", PLAIN, {"momentum": 0.9, "nu": 0.5}),
    Case("qhadam", USUAL, {"beta1": 0.995, "beta2": 0.999, "nu1": 0.7, "nu2": 1.0, "eps": 1e-8}),
    Case("qhadam", USUAL, {"beta1": 0.9, "beta2": 0.99, "nu1": 0.8, "nu2": 0.7, "eps": 1e-8}),
    Case("adabound", (0.01,) * 5, {**BETAS, "final_lr": 1e-3, "gamma": 1e-3}),
    Case("adabound", (0.05,) * 5, {**BETAS, "final_lr": 2e-4, "gamma": 0.05}),
]


# --- PyTorch --------------------------------------------------------------------------------------


def torch_path(name: str, case: Case, lr: float, start: list[float], steps: int) -> Path_:
    """Return the points after 0 to `steps` steps of PyTorch's optimizer."""
    import torch

    torch.set_default_dtype(torch.float64)  # NAdam keeps its product of momenta in this
    point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    stepper = torch_optimizer(torch.optim, case, [point], lr)
    points = [point.detach().tolist()]
    for _ in range(steps):
        stepper.zero_grad()
        SURFACES[name][0](point[0], point[1], torch).backward()
        stepper.step()
        points.append(point.detach().tolist())
    return points


def torch_optimizer(optim: Any, case: Case, parameters: list[Any], lr: float) -> Any:
    knobs = dict(case.knobs)
    if {"beta1", "beta2"} <= knobs.keys():
        knobs["betas"] = (knobs.pop("beta1"), knobs.pop("beta2"))
    classes = {
        "gd": (optim.SGD, {}),
        "heavy_ball": (optim.SGD, {}),
        "nesterov": (optim.SGD, {"nesterov": True}),
        "adagrad": (optim.Adagrad, {}),
        "rmsprop": (optim.RMSprop, {}),
        "adadelta": (optim.Adadelta, {}),
        "adam": (optim.Adam, {}),
        "adamw": (optim.AdamW, {}),
        "amsgrad": (optim.Adam, {"amsgrad": True}),
        "nadam": (optim.NAdam, {}),
        "radam": (optim.RAdam, {}),
        "adamax": (optim.Adamax, {}),
        "rprop": (optim.Rprop, {}),
    }
    if case.method == "rprop":
        knobs = {"etas": (knobs["cut"], knobs["growth"])}
    made, extra = classes[case.method]
    return made(parameters, lr=lr, foreach=False, **knobs, **extra)


# --- optax ----------------------------------------------------------------------------------------


def optax_path(name: str, case: Case, lr: float, start: list[float], steps: int) -> Path_:
    """Return the points after 0 to `steps` steps of optax's optimizer."""
    import jax
    import jax.numpy as jnp
    import optax

    jax.config.update("jax_enable_x64", True)
    k = case.knobs
    stepper = {
        "lion": lambda: optax.lion(lr, k["beta1"], k["beta2"], weight_decay=k["weight_decay"]),
        "yogi": lambda: optax.yogi(lr, k["beta1"], k["beta2"], k["eps"]),
        "adabelief": lambda: optax.adabelief(lr, k["beta1"], k["beta2"], k["eps"]),
        "signsgd": lambda: optax.sign_sgd(lr),
    }[case.method]()
    slope = jax.grad(lambda p: SURFACES[name][0](p[0], p[1], jnp))

    @jax.jit
    def step(point: Any, state: Any) -> tuple[Any, Any]:
        updates, state = stepper.update(slope(point), state, point)
        return optax.apply_updates(point, updates), state

    point = jnp.array(start, dtype=jnp.float64)
    state, points = stepper.init(point), [point.tolist()]
    for _ in range(steps):
        point, state = step(point, state)
        points.append(point.tolist())
    return points


# --- papers, in 50 digits -------------------------------------------------------------------------


def paper_path(name: str, case: Case, lr: float, start: list[float], steps: int) -> Path_:
    """Return the points after 0 to `steps` steps, by the printed formulas."""
    import mpmath

    mpmath.mp.dps = 50
    function = SURFACES[name][0]
    theta = [mpmath.mpf(c) for c in start]
    knobs = {key: mpmath.mpf(value) for key, value in {**case.knobs, "lr": lr}.items()}
    memory: dict[str, list[Any]] = {"g": [mpmath.mpf(0)] * 2, "s": [mpmath.mpf(0)] * 2}
    rule, points = PAPER_RULES[case.method], [list(start)]
    for t in range(1, steps + 1):
        slope = [
            mpmath.diff(lambda x, y: function(x, y, mpmath), tuple(theta), order)
            for order in ((1, 0), (0, 1))
        ]
        for i in range(2):
            theta[i], memory["g"][i], memory["s"][i] = rule(
                theta[i], slope[i], memory["g"][i], memory["s"][i], t, mpmath.sqrt, **knobs
            )
        points.append([float(c) for c in theta])
    return points


def paper_qhm(
    theta: Any, slope: Any, g: Any, s: Any, t: int, root: Any, lr: Any, momentum: Any, nu: Any
) -> tuple[Any, Any, Any]:
    """Ma & Yarats 2019, eq. 3 and 4."""
    g = momentum * g + (1 - momentum) * slope
    return theta - lr * ((1 - nu) * slope + nu * g), g, s


def paper_qhadam(
    theta: Any,
    slope: Any,
    g: Any,
    s: Any,
    t: int,
    root: Any,
    lr: Any,
    beta1: Any,
    beta2: Any,
    nu1: Any,
    nu2: Any,
    eps: Any,
) -> tuple[Any, Any, Any]:
    """Ma & Yarats 2019, section 4 (QHAdam), ε outside the root."""
    g = beta1 * g + (1 - beta1) * slope
    s = beta2 * s + (1 - beta2) * slope**2
    g_hat, s_hat = g / (1 - beta1**t), s / (1 - beta2**t)
    top = (1 - nu1) * slope + nu1 * g_hat
    return theta - lr * top / (root((1 - nu2) * slope**2 + nu2 * s_hat) + eps), g, s


def paper_adabound(
    theta: Any,
    slope: Any,
    g: Any,
    s: Any,
    t: int,
    root: Any,
    lr: Any,
    beta1: Any,
    beta2: Any,
    eps: Any,
    final_lr: Any,
    gamma: Any,
) -> tuple[Any, Any, Any]:
    """Luo et al. 2019, with the bounds and the correction of the authors' code."""
    g = beta1 * g + (1 - beta1) * slope
    s = beta2 * s + (1 - beta2) * slope**2
    step_size = lr * root(1 - beta2**t) / (1 - beta1**t)
    lower_bound = final_lr * (1 - 1 / (gamma * t + 1))
    upper_bound = final_lr * (1 + 1 / (gamma * t))
    rate = min(max(step_size / (root(s) + eps), lower_bound), upper_bound)
    return theta - rate * g, g, s


PAPER_RULES: dict[str, Callable[..., Any]] = {
    "qhm": paper_qhm,
    "qhadam": paper_qhadam,
    "adabound": paper_adabound,
}


# --- how far a path can be trusted ----------------------------------------------------------------


def recorded(
    path: Callable[..., Path_], name: str, case: Case, lr: float, kept: tuple[int, ...] = STEPS
) -> dict[str, Any]:
    """Return the record of one run, cut where rounding would decide how it goes on."""
    start = list(SURFACES[name][1])
    points = path(name, case, lr, start, kept[-1])
    growth = [0.0] * len(points)
    for i, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        moved = [c + sign * NUDGE * (j == i) for j, c in enumerate(start)]
        nudge = abs(moved[i] - start[i])
        for t, (p, q) in enumerate(zip(path(name, case, lr, moved, kept[-1]), points, strict=True)):
            size = max(1.0, *(abs(c) for c in q))
            apart = max(abs(a - b) for a, b in zip(p, q, strict=True)) / nudge / size
            growth[t] = max(growth[t], apart)
    wild = next((t for t, ratio in enumerate(growth) if not ratio <= TRUSTED), len(points))
    steps = [t for t in kept if t < wild]
    note = {}
    if wild <= kept[-1]:
        steps = sorted({*steps, wild - 1} - {0})
        note["short"] = (
            f"a start moved by 1e-14 moves step {wild} by {growth[wild]:.1e} times that: "
            "rounding decides the rest"
        )
    return {
        "problem": name,
        "start": start,
        "method": case.method,
        "knobs": {"lr": lr, **case.knobs},
        "steps": steps,
        "x": [points[t] for t in steps],
        "growth": float(f"{max(growth[: steps[-1] + 1]):.2g}"),
        **note,
    }


PARTS: dict[str, tuple[Callable[..., Path_], list[Case], tuple[str, ...]]] = {
    "torch": (torch_path, TORCH, ("torch", "numpy")),
    "optax": (optax_path, OPTAX, ("optax", "jax", "jaxlib")),
    "papers": (paper_path, PAPERS, ("mpmath",)),
}


def main(part: str) -> None:
    """Replace the runs of one part in the reference file."""
    path, cases, packages = PARTS[part]
    made = json.loads(TARGET.read_text()) if TARGET.exists() else {}
    made["made_by"] = "tests/reference/make_race.py"
    made[part] = {
        "date": datetime.date.today().isoformat(),
        "versions": {"python": platform.python_version(), **{p: version(p) for p in packages}},
        "runs": [
            recorded(path, name, case, lr)
            for case in cases
            for name, lr in zip(SURFACES, case.rates, strict=True)
        ],
    }
    TARGET.write_text(_written(made))


def _written(made: dict[str, Any]) -> str:
    """Return JSON with one run to a line."""
    parts = [f'"made_by": {json.dumps(made["made_by"])}']
    for part in (name for name in PARTS if name in made):
        runs = ",\n".join(json.dumps(run) for run in made[part]["runs"])
        head = {key: value for key, value in made[part].items() if key != "runs"}
        parts.append(f'"{part}": {json.dumps(head)[:-1]}, "runs": [\n{runs}\n]}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main(sys.argv[1])
