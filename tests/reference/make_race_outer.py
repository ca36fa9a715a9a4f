"""Record Lookahead and SAM around the optimizers of PyTorch, and Sophia, as an independent truth.

In an environment with them each part replaces its runs in `race_outer.json` beside this file:

    python tests/reference/make_race_outer.py loops     # pip install torch pytorch-optimizer numpy
    python tests/reference/make_race_outer.py sophia    # the same

The loops are those of `pytorch_optimizer`, around `torch.optim`. Its Sophia is given the exact
diagonal of the Hessian by automatic differentiation; it has no share γ, which is 1 here. Points
after 1, 10, 100 and 200 steps; all else is as in `make_race.py` beside this file, also how a path
is cut where rounding would decide how it goes on.
"""

import datetime
import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from make_race import BETAS, PLAIN, ROLLING, SURFACES, USUAL, Case, Path_, recorded, torch_optimizer

STEPS = (1, 10, 100, 200)
TARGET = Path(__file__).with_name("race_outer.json")
PACKAGES = ("torch", "pytorch_optimizer", "numpy")
SMALL = (0.005,) * 5
RMS = {"alpha": 0.99, "eps": 1e-8, "centered": False, "momentum": 0.0}

CASES = [
    Case(method, tuple(0.2 * r for r in rates) if "sam" in outer else rates, {**knobs, **outer})
    for method, rates, knobs in (
        ("gd", PLAIN, {}),
        ("heavy_ball", ROLLING, {"momentum": 0.9}),
        ("rmsprop", SMALL, RMS),
        ("adamw", USUAL, {**BETAS, "weight_decay": 0.01}),
        ("nadam", (0.02, *USUAL[1:]), BETAS),
    )
    for outer in ({"lookahead": [5, 0.5]}, {"lookahead": [7, 0.8]}, {"sam": 0.02}, {"sam": 0.1})
]
SOPHIA = [
    Case("sophia", (0.005,) * 5, {"beta1": 0.965, "beta2": 0.99, "every": 10, "weight_decay": 0.0}),
    Case("sophia", (0.02,) * 5, {"beta1": 0.9, "beta2": 0.9, "every": 3, "weight_decay": 0.1}),
]


def path(name: str, case: Case, lr: float, start: list[float], steps: int) -> Path_:
    """Return the points after 0 to `steps` steps."""
    import torch

    torch.set_default_dtype(torch.float64)
    point = torch.tensor(start, requires_grad=True)
    step = (sophia_step if case.method == "sophia" else outer_step)(name, case, lr, point)
    points = [point.detach().tolist()]
    for _ in range(steps):
        step()
        points.append(point.detach().tolist())
    return points


def outer_step(name: str, case: Case, lr: float, point: Any) -> Any:
    """Return what takes a step of a method inside Lookahead or SAM."""
    import torch
    from pytorch_optimizer import SAM, Lookahead
    from pytorch_optimizer.optimizer import sam

    knobs = dict(case.knobs)
    lookahead, rho = knobs.pop("lookahead", None), knobs.pop("sam", None)
    inner = case._replace(knobs=knobs)

    def slope() -> None:
        point.grad = None
        SURFACES[name][0](point[0], point[1], torch).backward()

    if lookahead:
        k, alpha = lookahead
        base = torch_optimizer(torch.optim, inner, [point], lr)
        stepper = Lookahead(base, k=k, alpha=alpha, pullback_momentum="none")

        def ahead() -> None:
            slope()
            stepper.step()

        return ahead

    # It measures the gradient in float32; its square is asked for.
    sam.get_global_gradient_norm = lambda groups, **_: point.grad.square().sum().reshape(1)

    def made(groups: Any, **_: Any) -> Any:
        return torch_optimizer(torch.optim, inner, groups, lr)

    climber = SAM([point], made, rho=rho)

    def climb() -> None:
        slope()
        climber.first_step(zero_grad=True)
        slope()
        climber.second_step()

    return climb


def sophia_step(name: str, case: Case, lr: float, point: Any) -> Any:
    """Return what takes a step of Sophia on exact diagonals."""
    import torch
    from pytorch_optimizer import SophiaH

    k = case.knobs
    stepper = SophiaH(
        [point], lr=lr, betas=(k["beta1"], k["beta2"]), weight_decay=k["weight_decay"],
        weight_decouple=True, fixed_decay=False, p=1.0, update_period=10**9, eps=1e-12,
    )  # fmt: skip

    def value(p: Any) -> Any:
        return SURFACES[name][0](p[0], p[1], torch)

    def step() -> None:
        nonlocal taken
        point.grad = None
        value(point).backward()
        bend = None
        if taken % k["every"] == 0:  # it takes a Hessian whenever it is given one
            matrix = torch.autograd.functional.hessian(value, point.detach().clone())
            bend = [torch.diagonal(matrix).clone()]
        stepper.step(hessian=bend)
        taken += 1

    taken = 0
    return step


def main(part: str) -> None:
    """Replace the runs of one part in the reference file."""
    cases = {"loops": CASES, "sophia": SOPHIA}[part]
    kept = json.loads(TARGET.read_text())["runs"] if TARGET.exists() else []
    runs = [run for run in kept if (run["method"] == "sophia") != (part == "sophia")]
    runs += [
        recorded(path, name, case, lr, STEPS)
        for case in cases
        for name, lr in zip(SURFACES, case.rates, strict=True)
    ]
    made = {
        "made_by": "tests/reference/make_race_outer.py",
        "date": datetime.date.today().isoformat(),
        "versions": {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
        "runs": runs,
    }
    TARGET.write_text(json.dumps(made).replace('{"problem"', '\n{"problem"') + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
