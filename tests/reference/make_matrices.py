"""Record trainings of matrices by Muon and by Shampoo as an independent truth.

Run once for each part; each replaces its own runs in `matrices.json` beside this file:

    python tests/reference/make_matrices.py torch     # pip install torch numpy
    python tests/reference/make_matrices.py papers    # pip install mpmath numpy
    python tests/reference/make_matrices.py soap      # pip install torch pytorch-optimizer numpy

`torch` is torch.optim.Muon with gradients by autograd, beside SGD and Adam. Muon rounds its matrix
to sixteen bits before Newton-Schulz; here that cast is taken away, so that all is in float64.
`papers` is Algorithm 1 of Gupta, Koren & Singer (2018) in forty digits. The Shampoo of libraries is
no truth for it: it has other powers, sums gradients already scaled, or computes in float32.
`soap` is SOAP of pytorch_optimizer, which follows the authors' code. It casts to float32 before it
decomposes; that cast is taken away, too. Its layers are square: what has not the full rank has a
basis that is left to chance. ε is larger than usual: with a small one rounding soon decides, as it
does in Adam, and all the more in a basis that turns.

The loss is 1/2 tr(E S E') with E the product of the layers less the target. Layers after 1, 10 and
100 steps; digits of `repr`. `moved` says how far the end moves if the start moves by 1e-13.
"""

import datetime
import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

TARGET = Path(__file__).with_name("matrices.json")
STEPS = (1, 10, 100)
NUDGE = 1e-13
STEEP, EXACT = (3.4445, -4.7750, 2.0315), (15 / 8, -10 / 8, 3 / 8)
SHAPES = {  # sizes of the layers, inputs first
    "wide": (5, 3),
    "tall": (3, 5),
    "square": (4, 4),
    "two": (5, 4, 3),
    "thin": (3, 2, 5),
}
SQUARES = {
    "square": (4, 4),
    "small": (3, 3),
    "large": (5, 5),
    "chain": (3, 3, 3),
    "pair": (2, 2, 2),
}
MUON = [
    {"lr": 0.02, "momentum": 0.95, "steps": 5, "coefficients": STEEP},
    {"lr": 0.005, "momentum": 0.8, "steps": 3, "coefficients": EXACT},
]
SHAMPOO = [
    {"lr": 0.1, "eps": 1e-4, "power": 0.25},
    {"lr": 0.05, "eps": 1e-2, "power": 0.5},
]
SOAP = [
    {"lr": 0.005, "beta1": 0.95, "beta2": 0.95, "eps": 1e-2, "every": 10},
    {"lr": 0.005, "beta1": 0.9, "beta2": 0.99, "eps": 1e-2, "every": 1},
    {"lr": 0.003, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "every": 7},
]


def task(name):
    """Return target, covariance and first layers, all of full rank."""
    sizes = (SHAPES | SQUARES)[name]
    rng = np.random.default_rng(len(name) + sizes[0])
    A = rng.standard_normal((2 * sizes[0], sizes[0]))
    layers = [0.5 * rng.standard_normal(shape) for shape in zip(sizes[1:], sizes[:-1], strict=True)]
    return rng.standard_normal((sizes[-1], sizes[0])), A.T @ A / len(A), layers


def torch_path(make, name, nudge=0.0):
    import torch

    target, sigma, start = (
        [torch.tensor(part) for part in parts] if isinstance(parts, list) else torch.tensor(parts)
        for parts in task(name)
    )
    layers = [(W + nudge).requires_grad_() for W in start]
    method, found = make(layers), {}
    for step in range(1, STEPS[-1] + 1):
        method.zero_grad()
        whole = layers[0]
        for W in layers[1:]:
            whole = W @ whole
        error = whole - target
        (0.5 * torch.trace(error @ sigma @ error.T)).backward()
        method.step()
        if step in STEPS:
            found[step] = [W.detach().tolist() for W in layers]
    return found


def torch_runs():
    import torch

    torch.set_num_threads(1)
    torch.Tensor.bfloat16 = lambda self: self.clone()  # Muon divides it in place
    rules = {
        "gd": [({"lr": 0.05}, lambda p: torch.optim.SGD(p, lr=0.05))],
        "adam": [({"lr": 0.02}, lambda p: torch.optim.Adam(p, lr=0.02))],
        "muon": [
            (
                knobs,
                lambda p, knobs=knobs: torch.optim.Muon(
                    p, lr=knobs["lr"], weight_decay=0.0, momentum=knobs["momentum"],
                    ns_coefficients=knobs["coefficients"], ns_steps=knobs["steps"],
                ),
            )
            for knobs in MUON
        ],
    }  # fmt: skip
    for rule, cases in rules.items():
        for knobs, make in cases:
            for name in SHAPES:
                yield rule, knobs, name, *(torch_path(make, name, by) for by in (0.0, NUDGE))


def soap_runs():
    import torch
    from pytorch_optimizer import SOAP as Soap

    torch.set_num_threads(1)
    torch.float32 = torch.float64  # it is asked for by this name

    def make(p, knobs):
        return Soap(
            p, lr=knobs["lr"], betas=(knobs["beta1"], knobs["beta2"]), eps=knobs["eps"],
            shampoo_beta=knobs["beta2"], precondition_frequency=knobs["every"], weight_decay=0.0,
            correct_bias=True, normalize_gradient=False,
        )  # fmt: skip

    for knobs in SOAP:
        for name in SQUARES:
            paths = (torch_path(lambda p, k=knobs: make(p, k), name, by) for by in (0.0, NUDGE))
            yield "soap", knobs, name, *paths


def shampoo_path(knobs, name, nudge=0.0):
    import mpmath as mp

    mp.mp.dps = 40
    target, sigma, start = task(name)
    target, sigma = mp.matrix(target.tolist()), mp.matrix(sigma.tolist())
    layers = [mp.matrix((W + nudge).tolist()) for W in start]
    lr, eps, power = (mp.mpf(knobs[key]) for key in ("lr", "eps", "power"))
    sums = [(eps * mp.eye(W.rows), eps * mp.eye(W.cols)) for W in layers]

    def scaled(P):
        values, Q = mp.eigsy(P)
        return Q * mp.diag([value**-power for value in values]) * Q.T

    def product(parts, size):
        whole = mp.eye(size)
        for W in parts:
            whole = W * whole
        return whole

    found = {}
    for step in range(1, STEPS[-1] + 1):
        slope = (product(layers, target.cols) - target) * sigma
        grads = [
            product(layers[k + 1 :], W.rows).T * slope * product(layers[:k], target.cols).T
            for k, W in enumerate(layers)
        ]
        for k, G in enumerate(grads):
            sums[k] = sums[k][0] + G * G.T, sums[k][1] + G.T * G
            layers[k] = layers[k] - lr * scaled(sums[k][0]) * G * scaled(sums[k][1])
        if step in STEPS:
            found[step] = [[[float(v) for v in row] for row in W.tolist()] for W in layers]
    return found


def paper_runs():
    for knobs in SHAMPOO:
        for name in SHAPES:
            yield "shampoo", knobs, name, *(shampoo_path(knobs, name, by) for by in (0.0, NUDGE))


def distance(a, b):
    return max(
        float(np.abs(np.array(V) - np.array(W)).max()) for V, W in zip(a[100], b[100], strict=True)
    )


def main(part):
    runs, package = {
        "torch": (torch_runs, "torch"),
        "papers": (paper_runs, "mpmath"),
        "soap": (soap_runs, "pytorch_optimizer torch"),
    }[part]
    kept = json.loads(TARGET.read_text()) if TARGET.exists() else {"about": {}, "runs": []}
    made = []
    for rule, knobs, name, path, nudged in runs():
        target, sigma, start = task(name)
        made.append(
            {
                "part": part, "rule": rule, "knobs": knobs, "shape": name,
                "target": target.tolist(), "sigma": sigma.tolist(),
                "start": [W.tolist() for W in start], "path": path,
                "moved": distance(path, nudged),
            }
        )  # fmt: skip
    kept["runs"] = [run for run in kept["runs"] if run["part"] != part] + made
    kept["about"][part] = {
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        **{name: version(name) for name in (*package.split(), "numpy")},
    }
    TARGET.write_text(json.dumps(kept) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
