"""Record losses in a filter-normalised plane around a network, by PyTorch.

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch numpy
    /tmp/torch/bin/python tests/reference/make_torch_landscape.py

The directions are made as the authors of the method make them (`net_plotter.py` of
github.com/tomgoldstein/loss-landscape: `normalize_direction` with `norm='filter'`,
`ignore='biasbn'`), for layers whose weight has a row for each unit.
"""

import datetime
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

TARGET = Path(__file__).with_name("torch_landscape.json")
CASES: list[dict[str, Any]] = [
    {"sizes": [2, 5, 1], "activation": "tanh", "loss": "bce", "seed": 3},
    {"sizes": [2, 4, 3, 1], "activation": "relu", "loss": "mse", "seed": 11},
]
PLACES = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-0.7, 0.4], [0.25, -1.0]]


def parts_of(flat: np.ndarray, sizes: list[int]) -> list[torch.Tensor]:
    """Return weight and bias of each layer, a row a unit, from W by rows of inputs, then b."""
    found, at = [], 0
    for i, o in zip(sizes[:-1], sizes[1:], strict=True):
        found.append(torch.tensor(flat[at : at + i * o].reshape(i, o).T.copy()))
        found.append(torch.tensor(flat[at + i * o : at + i * o + o].copy()))
        at += (i + 1) * o
    return found


def flat_of(parts: list[torch.Tensor]) -> list[float]:
    """Return what `parts_of` took apart."""
    return [float(v) for part in parts for v in (part.T if part.dim() > 1 else part).reshape(-1)]


def normalised(direction: list[torch.Tensor], weights: list[torch.Tensor]) -> list[torch.Tensor]:
    """Give each filter of a direction the length of that of the weights; biases become zero."""
    for d, w in zip(direction, weights, strict=True):
        if d.dim() <= 1:
            d.fill_(0)
        else:
            for filter_d, filter_w in zip(d, w, strict=True):
                filter_d.mul_(filter_w.norm() / (filter_d.norm() + 1e-10))
    return direction


def loss_at(parts: list[torch.Tensor], case: dict[str, Any], X: Any, y: Any) -> float:
    """Return the mean loss of the network with these weights and biases."""
    layers: list[torch.nn.Module] = []
    for k in range(0, len(parts), 2):
        layer = torch.nn.Linear(*reversed(parts[k].shape), dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(parts[k])
            layer.bias.copy_(parts[k + 1])
        layers += [layer, {"tanh": torch.nn.Tanh(), "relu": torch.nn.ReLU()}[case["activation"]]]
    z = torch.nn.Sequential(*layers[:-1])(torch.tensor(X))
    kind = torch.nn.functional
    losses = {"bce": kind.binary_cross_entropy_with_logits, "mse": kind.mse_loss}
    return float(losses[case["loss"]](z, torch.tensor(y)).detach())


def recorded(case: dict[str, Any]) -> dict[str, Any]:
    """Return weights, data, directions and losses of a case."""
    sizes, rng = case["sizes"], np.random.default_rng(100 + case["seed"])
    count = sum((i + 1) * o for i, o in zip(sizes[:-1], sizes[1:], strict=True))
    theta, X = rng.standard_normal(count), rng.standard_normal((20, 2))
    y = (rng.random((20, 1)) > 0.5).astype(float)
    draw, weights = np.random.default_rng(case["seed"]), parts_of(theta, sizes)
    axes = [
        flat_of(normalised(parts_of(draw.standard_normal(count), sizes), weights)) for _ in range(2)
    ]
    losses = [
        loss_at(parts_of(theta + a * np.array(axes[0]) + b * np.array(axes[1]), sizes), case, X, y)
        for a, b in PLACES
    ]
    data = {"theta": theta.tolist(), "X": X.tolist(), "y": y.tolist()}
    return case | data | {"axes": axes, "places": PLACES, "losses": losses}


def main() -> None:
    """Write the file."""
    about = {
        "date": datetime.date.today().isoformat(),
        "torch": version("torch"),
        "numpy": version("numpy"),
        "python": platform.python_version(),
    }
    TARGET.write_text(json.dumps({"about": about, "cases": [recorded(c) for c in CASES]}, indent=1))


if __name__ == "__main__":
    main()
