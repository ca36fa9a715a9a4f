"""Time torch and jax on the race. Run it with a Python that has them; prints JSON, seconds.

`PEERS=/path/to/their/python make bench` (several separated by `:`): the peers are never installed
beside the app. Pins that were measured: torch 2.13.0 (CPU), jax 0.10.2, optax 0.2.8.
"""

import json
import statistics
import sys
from time import perf_counter

STEPS, POINTS, MAP_STEPS, TIMES = 1000, 10_000, 500, 7
START = (-1.5, 2.0)


def median(function):
    """Return the median time of a call, after one that warms up."""
    function()
    taken = []
    for _ in range(TIMES):
        start = perf_counter()
        function()
        taken.append(perf_counter() - start)
    return statistics.median(taken)


def torch_figures():
    """Eight torch.optim methods over 1000 steps with the path kept, and Adam on 10,000 starts."""
    import torch

    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    optim = torch.optim
    makers = [
        lambda p: optim.SGD(p, lr=1e-3),
        lambda p: optim.SGD(p, lr=5e-4, momentum=0.9),
        lambda p: optim.SGD(p, lr=5e-4, momentum=0.9, nesterov=True),
        lambda p: optim.Adagrad(p, lr=0.1),
        lambda p: optim.RMSprop(p, lr=0.01),
        lambda p: optim.Adam(p, lr=0.05),
        lambda p: optim.AdamW(p, lr=0.05),
        lambda p: optim.NAdam(p, lr=0.05),
    ]

    def rosenbrock(p):
        return (1 - p[..., 0]) ** 2 + 100 * (p[..., 1] - p[..., 0] ** 2) ** 2

    def race():
        for make in makers:
            p = torch.tensor(START, requires_grad=True)
            method, path = make([p]), []
            for _ in range(STEPS):
                method.zero_grad()
                rosenbrock(p).backward()
                method.step()
                path.append(p.detach().clone())

    starts = torch.rand(POINTS, 2, generator=torch.Generator().manual_seed(0)) * 4 - 2

    def basins():
        p = starts.clone().requires_grad_()
        method = optim.Adam([p], lr=1e-3)
        for _ in range(MAP_STEPS):
            method.zero_grad()
            rosenbrock(p).sum().backward()
            method.step()

    return {"torch race": median(race), "torch basins": median(basins)}


def jax_figures():
    """The same by optax, all eight in one jit, and by vmap and scan."""
    import jax
    import jax.numpy as jnp
    import optax

    jax.config.update("jax_enable_x64", True)
    methods = [
        optax.sgd(1e-3),
        optax.sgd(5e-4, momentum=0.9),
        optax.sgd(5e-4, momentum=0.9, nesterov=True),
        optax.adagrad(0.1),
        optax.rmsprop(0.01),
        optax.adam(0.05),
        optax.adamw(0.05),
        optax.nadam(0.05),
    ]

    def rosenbrock(p):
        return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2

    slope = jax.grad(rosenbrock)

    def path(method, start, steps, keep):
        def step(carry, _):
            p, state = carry
            updates, state = method.update(slope(p), state, p)
            p = optax.apply_updates(p, updates)
            return (p, state), p if keep else None

        (end, _), points = jax.lax.scan(step, (start, method.init(start)), None, steps)
        return points if keep else end

    def all_eight(start):
        return [path(method, start, STEPS, True) for method in methods]

    race = jax.jit(all_eight)
    start = jnp.array(START)
    before = perf_counter()
    jax.block_until_ready(race(start))
    compiled = perf_counter() - before
    adam = optax.adam(1e-3)
    basins = jax.jit(jax.vmap(lambda p: path(adam, p, MAP_STEPS, False)))
    starts = jax.random.uniform(jax.random.key(0), (POINTS, 2), minval=-2, maxval=2)
    return {
        "optax race": median(lambda: jax.block_until_ready(race(start))),
        "optax race with its compile": compiled,
        "jax basins": median(lambda: jax.block_until_ready(basins(starts))),
    }


if __name__ == "__main__":
    figures = {}
    for measure in (torch_figures, jax_figures):
        try:
            figures |= measure()
        except ImportError as missing:
            print(f"without {missing.name}", file=sys.stderr)
    print(json.dumps(figures))
