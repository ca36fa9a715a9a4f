"""The race against torch and jax: whole paths of eight methods, and a basin map."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np

from benchmarks.descents import adam
from benchmarks.report import Goal, Row
from benchmarks.timing import medians, seconds
from gdviz.expressions import formula
from gdviz.figures.landscape import contour
from gdviz.optimize import SURFACES, race, surface

STEPS, START = 1000, (-1.5, 2.0)
ENTRIES = {
    "gd": {"lr": 1e-3},
    "heavy_ball": {"lr": 5e-4},
    "nesterov": {"lr": 5e-4},
    "adagrad": {"lr": 0.1},
    "rmsprop": {"lr": 0.01},
    "adam": {"lr": 0.05},
    "adamw": {"lr": 0.05},
    "nadam": {"lr": 0.05},
}
PEERS = Path(__file__).with_name("peers.py")


def measure() -> list[Row]:
    """Time ours, and the peers if PEERS names a Python that has them."""
    starts = np.random.default_rng(0).uniform(-2, 2, (10_000, 2))
    eight(), adam(starts)
    eight_s, basins_s = medians(lambda: seconds(eight), lambda: seconds(lambda: adam(starts)))
    theirs = peers()
    rows = [
        Row("8 methods × 1000 steps, whole paths", "ms", 1e3 * eight_s),
        Row("10,000 starts × 500 Adam steps", "ms", 1e3 * basins_s),
        Row("a new pair of surface and method", "ms", 1e3 * new_pair(), goal=Goal("≤", 10, False)),
        Row(
            "a typed surface: formula, contour, race",
            "ms",
            1e3 * time_typed_formula(),
            goal=Goal("≤", 300, False),
        ),
    ]
    pairs = {
        "torch race": (eight_s, "torch.optim eager", Goal("≤", 1 / 500)),
        "optax race": (eight_s, "optax, one jit", Goal("≤", 3)),
        "optax race with its compile": (eight_s, "optax, one jit, with its compile", None),
        "torch basins": (basins_s, "torch autograd, batched", Goal("≤", 0.1)),
        "jax basins": (basins_s, "jax vmap and scan", Goal("≤", 1 / 1.5)),
    }
    for name, (ours, rival, goal) in pairs.items():
        if name in theirs:
            rows.append(Row(name, "ms", 1e3 * ours, 1e3 * theirs[name], rival, goal))
    return rows


def eight() -> None:
    """Eight methods over a thousand steps, every step kept."""
    race(SURFACES["rosenbrock"], START, ENTRIES, steps=STEPS, stop=None)


def new_pair() -> float:
    """Time the first race of a rule on a surface when both have been compiled, but not together."""
    known = surface("(1 - x)**2 + 50*(y - x**2)**2")
    race(known, START, {"gd": {"lr": 1e-4}}, steps=10)
    return seconds(lambda: race(known, START, {"adamw": {"lr": 1e-3}}, steps=10))


def time_typed_formula() -> float:
    """Time a formula that no cache knows, until its picture and until its race."""
    text = f"(x**2 + y - 11)**2/{np.random.default_rng().integers(2, 999)} + sin(x)*y + y**2"
    formula.cache_clear()

    def first() -> None:
        problem = surface(text, box=((-5.0, 5.0), (-5.0, 5.0)))
        contour(problem)
        race(problem, (1.0, 2.0), {name: ENTRIES[name] for name in ("gd", "adam")}, steps=300)

    return seconds(first)


def peers() -> dict[str, float]:
    """Return the seconds of the peers by what they measured; empty without PEERS."""
    found: dict[str, float] = {}
    for python in filter(None, os.environ.get("PEERS", "").split(":")):
        out = subprocess.run([python, str(PEERS)], capture_output=True, text=True, check=True)
        found |= json.loads(out.stdout)
    return found
