"""Time PyTorch on an epoch of a linear model. Run it with a Python that has it; prints JSON.

The pin that was measured: torch 2.13.0 (CPU), eager, one thread, float64.
"""

import json
import sys
from time import perf_counter

import numpy as np

ROWS, FEATURES, BATCH, RATE, TIMES = 20_640, 16, 32, 0.05, 5


def data():
    """As many rows as California has block groups, and sixteen features."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((ROWS, FEATURES))
    return X, X @ rng.standard_normal(FEATURES) + rng.standard_normal(ROWS)


def torch_epoch():
    """Return the least time of an epoch of SGD, one batch after the other."""
    import torch

    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    X, y = map(torch.tensor, data())

    def once():
        model = torch.nn.Linear(FEATURES, 1)
        method = torch.optim.SGD(model.parameters(), lr=RATE)
        order = torch.randperm(ROWS)
        for start in range(0, ROWS, BATCH):
            rows = order[start : start + BATCH]
            method.zero_grad()
            (((model(X[rows])[:, 0] - y[rows]) ** 2).mean() / 2).backward()
            method.step()

    taken = []
    for _ in range(TIMES):
        start = perf_counter()
        once()
        taken.append(perf_counter() - start)
    return min(taken)


if __name__ == "__main__":
    try:
        print(json.dumps({"torch eager": torch_epoch()}))
    except ImportError as missing:
        print(f"without {missing.name}", file=sys.stderr)
        print("{}")
