"""Time torch, scikit-learn and jax training 2-8-8-1. Run it with a Python that has them.

`PEERS=/path/to/their/python make bench`. Prints JSON, in seconds. Pins that were measured: torch
2.13.0 (CPU), scikit-learn 1.9.1, jax 0.10.2.
"""

import json
import sys
import warnings
from time import perf_counter

import numpy as np

EPOCHS, SAMPLES, RATE, TIMES = 1000, 300, 0.5, 9


def data():
    """Return the samples that our network is trained on too."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((SAMPLES, 2))
    return X, (X[:, 0] * X[:, 1] > 0).astype(float)


def least(function):
    """Return the least of several times, after a call that warms up."""
    function()
    taken = []
    for _ in range(TIMES):
        start = perf_counter()
        function()
        taken.append(perf_counter() - start)
    return min(taken)


def torch_figures():
    """A Sequential of Linear and Tanh, SGD on the whole set, the loss read at each epoch."""
    import torch

    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    X, y = (torch.tensor(part) for part in data())
    nn = torch.nn

    def run():
        parts = nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1)
        net = nn.Sequential(*parts)
        method, loss_of, losses = (
            torch.optim.SGD(net.parameters(), RATE),
            nn.BCEWithLogitsLoss(),
            [],
        )
        for _ in range(EPOCHS):
            method.zero_grad()
            loss = loss_of(net(X), y[:, None])
            loss.backward()
            method.step()
            losses.append(loss.item())

    return {"torch eager": least(run)}


def sklearn_figures():
    """MLPClassifier by SGD without momentum, one batch an epoch."""
    from sklearn.neural_network import MLPClassifier

    X, y = data()

    def run():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            MLPClassifier(
                (8, 8), activation="tanh", solver="sgd", batch_size=SAMPLES, alpha=0.0,
                learning_rate_init=RATE, max_iter=EPOCHS, momentum=0.0, tol=0.0,
                n_iter_no_change=EPOCHS, random_state=0,
            ).fit(X, y)  # fmt: skip

    return {"scikit-learn": least(run)}


def jax_figures():
    """value_and_grad in a scan of a thousand steps, compiled once."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    X, y = (jnp.array(part) for part in data())
    rng = np.random.default_rng(1)
    sizes = ((2, 8), (8, 8), (8, 1))
    params = [(jnp.array(rng.standard_normal(s) / s[0] ** 0.5), jnp.zeros(s[1])) for s in sizes]

    def loss_of(params):
        a = X
        for W, b in params[:-1]:
            a = jnp.tanh(a @ W + b)
        z = (a @ params[-1][0] + params[-1][1])[:, 0]
        return jnp.mean(jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z))))

    @jax.jit
    def run(params):
        def step(params, _):
            loss, grads = jax.value_and_grad(loss_of)(params)
            return jax.tree.map(lambda p, g: p - RATE * g, params, grads), loss

        return jax.lax.scan(step, params, None, EPOCHS)

    return {"jax scan": least(lambda: jax.block_until_ready(run(params)))}


if __name__ == "__main__":
    figures = {}
    for measure in (torch_figures, sklearn_figures, jax_figures):
        try:
            figures |= measure()
        except ImportError as missing:
            print(f"without {missing.name}", file=sys.stderr)
    print(json.dumps(figures))
