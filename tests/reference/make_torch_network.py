"""Record PyTorch's gradients and trainings of small networks as an independent truth.

    python tests/reference/make_torch_network.py     # pip install torch==2.13.0 numpy

Gradients by autograd for every activation, loss and depth; parameters after 100 and 1000 steps of
torch.optim, whole sets and mini-batches, with the batches in the file. Each training is repeated
from parameters moved by 1e-13; `moved` says how far that moved the end, so that a test can tell a
wrong step from rounding that grows. Digits of `repr`; float64. The tests need no PyTorch.
"""

import datetime
import json
import platform
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
TARGET = Path(__file__).with_name("torch_network.json")
NUDGE = 1e-13
ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": F.softplus,
}
LOSSES = {
    "bce": F.binary_cross_entropy_with_logits,
    "cross_entropy": F.cross_entropy,
    "mse": F.mse_loss,
    "sigmoid_mse": lambda z, y: F.mse_loss(torch.sigmoid(z), y),
}
HIDDEN = {"shallow": [4], "deep": [4, 3], "deeper": [4, 3, 5]}
OPTIMIZERS = {
    "gd": (lambda p: torch.optim.SGD(p, lr=0.3), {"lr": 0.3}),
    "heavy_ball": (
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
        {"lr": 0.05, "momentum": 0.9},
    ),
    "nesterov": (
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
        {"lr": 0.05, "momentum": 0.9},
    ),
    "rmsprop": (lambda p: torch.optim.RMSprop(p, lr=0.003, eps=1e-3), {"lr": 0.003, "eps": 1e-3}),
    "adam": (lambda p: torch.optim.Adam(p, lr=0.01, eps=1e-4), {"lr": 0.01, "eps": 1e-4}),
    "adamw": (
        lambda p: torch.optim.AdamW(p, lr=0.01, eps=1e-4, weight_decay=0.02),
        {"lr": 0.01, "eps": 1e-4, "weight_decay": 0.02},
    ),
    "adagrad": (lambda p: torch.optim.Adagrad(p, lr=0.05, eps=1e-4), {"lr": 0.05, "eps": 1e-4}),
}


def parameters(sizes, rng):
    return [
        (rng.standard_normal((i, o)) / np.sqrt(i), 0.3 * rng.standard_normal(o))
        for i, o in zip(sizes[:-1], sizes[1:], strict=True)
    ]


def tensors(params):
    return [(torch.tensor(W), torch.tensor(b)) for W, b in params]


def net(params, X, activation):
    a = X
    for W, b in params[:-1]:
        a = ACTIVATIONS[activation](a @ W + b)
    return a @ params[-1][0] + params[-1][1]


def lists(params):
    return [[W.tolist(), b.tolist()] for W, b in params]


def gradients():
    cases = []
    for depth, hidden in HIDDEN.items():
        for loss in LOSSES:
            rng = np.random.default_rng(len(hidden))
            outputs = 3 if loss in ("cross_entropy", "mse") else 1
            params = parameters([2, *hidden, outputs], rng)
            X = 2 * rng.standard_normal((7, 2))
            labels = rng.integers(0, outputs if outputs > 1 else 2, 7)
            y = rng.standard_normal((7, 3)) if loss == "mse" else labels
            for activation in ACTIVATIONS:
                ours = tensors(params)
                for pair in ours:
                    for part in pair:
                        part.requires_grad_()
                target = torch.tensor(y)
                if loss not in ("cross_entropy", "mse"):
                    target = target.to(torch.float64)[:, None]
                value = LOSSES[loss](net(ours, torch.tensor(X), activation), target)
                value.backward()
                cases.append(
                    {
                        "depth": depth,
                        "loss": loss,
                        "activation": activation,
                        "params": lists(params),
                        "X": X.tolist(),
                        "y": y.tolist(),
                        "value": value.item(),
                        "grads": [[W.grad.tolist(), b.grad.tolist()] for W, b in ours],
                    }
                )
    return cases


def trained(params, X, y, make, batches, activation, nudge=0.0):
    ours = [(W + nudge, b + nudge) for W, b in tensors(params)]
    flat = [part.requires_grad_() for pair in ours for part in pair]
    method, ends = make(flat), {}
    for step, batch in enumerate(batches, start=1):
        method.zero_grad()
        F.binary_cross_entropy_with_logits(
            net(ours, X[batch], activation), y[batch][:, None]
        ).backward()
        method.step()
        if step in (100, 1000):
            ends[step] = np.concatenate([p.detach().numpy().ravel() for p in flat])
    return ends


def trainings():
    rng = np.random.default_rng(5)
    X = torch.tensor(1.5 * rng.standard_normal((24, 2)))
    y = ((X[:, 0] * X[:, 1] + 0.3 * torch.tensor(rng.standard_normal(24))) > 0).to(X.dtype)
    params = parameters([2, 5, 4, 1], rng)
    order_rng = np.random.default_rng(11)
    order = [order_rng.permutation(24) for _ in range(250)]
    small = [epoch[at : at + 7] for epoch in order for at in range(0, 24, 7)]  # 7, 7, 7, 3
    whole = [np.arange(24)] * 1000
    cases = []
    for method, (make, knobs) in OPTIMIZERS.items():
        for size, batches in ((None, whole), (7, small)):
            for activation in ("tanh", "softplus"):
                plain = trained(params, X, y, make, batches, activation)
                nudged = trained(params, X, y, make, batches, activation, NUDGE)
                moved = {k: float(np.abs(plain[k] - nudged[k]).max()) for k in plain}
                cases.append(
                    {
                        "method": method,
                        "knobs": knobs,
                        "batch_size": size,
                        "activation": activation,
                        "moved": moved,
                        "ends": {k: v.tolist() for k, v in plain.items()},
                    }
                )
    data = {"X": X.tolist(), "y": y.tolist(), "params": lists(params), "seed": 11}
    return data | {"order": [epoch.tolist() for epoch in order[:25]], "cases": cases}


def main():
    about = {
        "script": Path(__file__).name,
        "date": datetime.date.today().isoformat(),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    }
    found = {"about": about, "gradients": gradients(), "training": trainings()}
    TARGET.write_text(json.dumps(found) + "\n")
    print(max(max(case["moved"].values()) for case in found["training"]["cases"]))


if __name__ == "__main__":
    main()
