"""Record scikit-learn's and PyTorch's linear models as an independent truth of ours.

    python tests/reference/make_linear.py     # pip install torch==2.13.0 scikit-learn==1.9.1 scipy

Writes `linear.json` beside this file. The data are scikit-learn's diabetes, columns standardised,
and a small design drawn here, stored whole. Gradient descent is PyTorch's: autograd and torch.optim
in float64, the rows of each mini-batch stored, so that a test can ask for the very same ones.
"""

import datetime
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.optimize import linprog, minimize
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge

torch.set_default_dtype(torch.float64)
TARGET = Path(__file__).with_name("linear.json")
STEPS = (1, 10, 1000)


def diabetes() -> tuple[np.ndarray, np.ndarray]:
    X, y = load_diabetes(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def small() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sixty rows, four columns, outliers in y, and two classes that overlap."""
    rng = np.random.default_rng(7)
    X = rng.standard_normal((60, 4)) * [1.0, 2.0, 0.5, 1.0] + [0.0, 1.0, 0.0, -0.5]
    y = X @ [1.5, -0.7, 0.0, 2.0] + 0.8 + 0.3 * rng.standard_normal(60)
    y[:6] += 8.0
    classes = (X @ [1.0, -0.5, 0.3, 0.0] + rng.standard_normal(60) > 0).astype(float)
    return X, y, classes


def weights(model: Any) -> list[float]:
    return [*np.ravel(model.coef_).tolist(), float(np.ravel(model.intercept_)[0])]


def closed(X: np.ndarray, y: np.ndarray, classes: np.ndarray) -> dict[str, list[float]]:
    """The minima of the convex objectives, weights then bias."""
    n, tight = len(y), {"tol": 1e-14, "max_iter": 10**6}
    logistic = LogisticRegression(C=1 / (n * 0.05), solver="newton-cholesky", tol=1e-14)
    return {
        "ols": weights(LinearRegression().fit(X, y)),
        "ridge 0.3": weights(Ridge(alpha=n * 0.3, solver="cholesky").fit(X, y)),
        "lasso 0.2": weights(Lasso(alpha=0.2, **tight).fit(X, y)),
        "elastic 0.2 0.1": weights(ElasticNet(alpha=0.3, l1_ratio=2 / 3, **tight).fit(X, y)),
        "logistic 0.05": weights(logistic.fit(X, classes)),
        "huber 1": huber(X, y, 1.0, 0.0),
        "huber 0.5 0.1": huber(X, y, 0.5, 0.1),
        "absolute": absolute(X, y),
    }


def huber(X: np.ndarray, y: np.ndarray, delta: float, l2: float) -> list[float]:
    """Minimise torch's own Huber loss by Newton's method on its autograd Hessian."""
    A = torch.tensor(np.column_stack([X, np.ones(len(X))]))
    target = torch.tensor(y)

    def total(theta: torch.Tensor) -> torch.Tensor:
        fit = torch.nn.functional.huber_loss(A @ theta, target, delta=delta)
        return fit + l2 / 2 * (theta[:-1] ** 2).sum()

    start = minimize(lambda t: float(total(torch.tensor(t))), np.zeros(A.shape[1]), method="BFGS")
    theta = torch.tensor(start.x)
    for _ in range(20):
        slope = torch.autograd.functional.jacobian(total, theta)
        theta = theta - torch.linalg.solve(torch.autograd.functional.hessian(total, theta), slope)
    return theta.tolist()


def absolute(X: np.ndarray, y: np.ndarray) -> list[float]:
    """Least absolute deviations as a linear program."""
    n, d = len(y), X.shape[1] + 1
    A = np.column_stack([X, np.ones(n)])
    both = np.block([[A, -np.eye(n)], [-A, -np.eye(n)]])
    cost = np.append(np.zeros(d), np.full(n, 1 / n))
    free = [(None, None)] * d + [(0, None)] * n
    return linprog(cost, both, np.append(y, -y), bounds=free, method="highs").x[:d].tolist()


OPTIMIZERS = {
    "gd": lambda p, lr: torch.optim.SGD(p, lr=lr),
    "heavy_ball": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, nesterov=True),
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr),
    "adamw": lambda p, lr: torch.optim.AdamW(p, lr=lr),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr),
    "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr=lr),
}
LOSSES = {
    "squared": lambda z, y: torch.nn.functional.mse_loss(z, y) / 2,
    "huber": lambda z, y: torch.nn.functional.huber_loss(z, y),
    "absolute": lambda z, y: torch.nn.functional.l1_loss(z, y),
    "logistic": lambda z, y: torch.nn.functional.binary_cross_entropy_with_logits(z, y),
}


def walk(
    X: np.ndarray,
    y: np.ndarray,
    loss: str,
    method: str,
    lr: float,
    rows: list[list[int]],
    keep: tuple[int, ...],
) -> dict[str, list[float]]:
    """Weights then bias after the steps `keep`, the rows of each step given (empty: all)."""
    A, target = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    optimizer = OPTIMIZERS[method]([w, b], lr)
    found = {}
    for k in range(1, max(keep) + 1):
        at = rows[k - 1] if rows else slice(None)
        optimizer.zero_grad()
        LOSSES[loss](A[at] @ w + b, target[at]).backward()
        optimizer.step()
        if k in keep:
            found[str(k)] = [*w.tolist(), *b.tolist()]
    return found


def batches_of(n: int, size: int, epochs: int, seed: int) -> list[list[int]]:
    rng, rows = np.random.default_rng(seed), []
    for _ in range(epochs):
        order = rng.permutation(n)
        rows += [order[i : i + size].tolist() for i in range(0, n, size)]
    return rows


def main() -> None:
    X, y = diabetes()
    S, t, classes = small()
    rows = batches_of(60, 16, 5, seed=3)
    short = tuple(range(1, len(rows) + 1))
    full = {f"{m} {lr}": walk(X, y, "squared", m, lr, [], STEPS) for m, lr in FULL}
    mini = {
        f"{loss} {m} {lr}": walk(S, classes if loss == "logistic" else t, loss, m, lr, rows, short)
        for loss, m, lr in MINI
    }
    eigen = np.linalg.eigvalsh(np.cov(X.T, bias=True))
    record = {
        "made by": Path(__file__).name,
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("torch", "scikit-learn", "numpy", "scipy")},
        "data": {"X": S.tolist(), "y": t.tolist(), "classes": classes.tolist()},
        "diabetes": {
            "closed": closed(X, y, (y > 140).astype(float)),
            "eigenvalues": eigen.tolist(),
            "steps": full,
        },
        "small": {"closed": closed(S, t, classes), "rows": rows, "steps": mini},
    }
    TARGET.write_text(json.dumps(record, indent=1) + "\n")


FULL = [("gd", 0.1), ("gd", 0.49), ("heavy_ball", 0.05), ("nesterov", 0.05), ("adam", 1.0)]
MINI = [
    ("squared", "gd", 0.05),
    ("squared", "heavy_ball", 0.01),
    ("squared", "nesterov", 0.01),
    ("squared", "adam", 0.1),
    ("squared", "adamw", 0.1),
    ("squared", "rmsprop", 0.05),
    ("squared", "adagrad", 0.5),
    ("huber", "gd", 0.1),
    ("absolute", "gd", 0.1),
    ("logistic", "gd", 0.5),
    ("logistic", "adam", 0.1),
]

if __name__ == "__main__":
    main()
