"""Record PyTorch's SGD with momentum, Nesterov's momentum and Adam as an independent truth.

Run once, in an environment with `pip install torch==2.13.0 numpy`:

    python tests/reference/make_torch_descent.py

It writes `torch_descent.json` beside itself: float64 paths of 100 steps, with the digits of `repr`,
gradients by autograd. The tests read that file and need no PyTorch.
"""

import datetime
import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

STEPS = 100
MOMENTUM = 0.9
Tensor = torch.Tensor

# name, text of the same function for gdviz, the function, start, {method: learning rate}
PROBLEMS: list[tuple[str, str, Callable[[Tensor], Tensor], list[float], dict[str, float]]] = [
    (
        "parabola",
        "x**2",
        lambda p: p[0] ** 2,
        [2.0],
        {"gd": 0.1, "heavy_ball": 0.05, "nesterov": 0.05, "adam": 0.1},
    ),
    (
        "double_well",
        "x**4 - 3*x**2 + x",
        lambda p: p[0] ** 4 - 3 * p[0] ** 2 + p[0],
        [1.8],
        {"gd": 0.02, "heavy_ball": 0.01, "nesterov": 0.01, "adam": 0.1},
    ),
    (
        "wavy",
        "sin(3*x) + 0.1*x**2",
        lambda p: torch.sin(3 * p[0]) + 0.1 * p[0] ** 2,
        [3.4],
        {"gd": 0.02, "heavy_ball": 0.01, "nesterov": 0.01, "adam": 0.1},
    ),
    (
        "rosenbrock",
        "(1 - x)**2 + 100*(y - x**2)**2",
        lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2,
        [-1.5, 2.0],
        {"gd": 2e-4, "heavy_ball": 2e-4, "nesterov": 2e-4, "adam": 0.05},
    ),
]


def optimizer(method: str, parameters: list[Tensor], lr: float) -> torch.optim.Optimizer:
    """Return PyTorch's optimizer of that name, all else at PyTorch's defaults."""
    if method == "adam":
        return torch.optim.Adam(parameters, lr=lr)
    momentum = 0.0 if method == "gd" else MOMENTUM
    return torch.optim.SGD(
        parameters, lr=lr, momentum=momentum, nesterov=method == "nesterov", foreach=False
    )


def path(f: Callable[[Tensor], Tensor], start: list[float], method: str, lr: float) -> list[Any]:
    """Return the points (STEPS + 1, d) that PyTorch visits."""
    point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    stepper = optimizer(method, [point], lr)
    points = [point.detach().tolist()]
    for _ in range(STEPS):
        stepper.zero_grad()
        f(point).backward()
        stepper.step()
        points.append(point.detach().tolist())
    return points


def main() -> None:
    """Write the reference file."""
    runs = [
        {
            "problem": name,
            "text": text,
            "method": method,
            "knobs": {"lr": lr}
            | ({"momentum": MOMENTUM} if method in ("heavy_ball", "nesterov") else {})
            | ({"beta1": 0.9, "beta2": 0.999, "eps": 1e-8} if method == "adam" else {}),
            "x": path(f, start, method, lr),
        }
        for name, text, f, start, rates in PROBLEMS
        for method, lr in rates.items()
    ]
    made = {
        "made_by": "tests/reference/make_torch_descent.py",
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "dtype": "float64",
        "steps": STEPS,
        "runs": runs,
    }
    target = Path(__file__).with_name("torch_descent.json")
    lines = json.dumps(made, indent=1).replace("\n   ", " ")  # one path, one line
    target.write_text(lines + "\n")


if __name__ == "__main__":
    torch.use_deterministic_algorithms(True)
    main()
