"""Linear models against a bare NumPy loop and PyTorch, a dragged point, and the table reader."""

import io
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.regression_peers import BATCH, FEATURES, RATE, ROWS, data
from benchmarks.report import Goal, Row
from benchmarks.timing import medians, seconds
from gdviz.figures.hand import Hand
from gdviz.figures.wire_format import pack
from gdviz.learn import fit_linear, read_table
from gdviz.queries import to_query
from gdviz.topics.regression.figure import live_scene
from gdviz.topics.regression.settings import LineSettings

PEERS = Path(__file__).with_name("regression_peers.py")
STEPS = 1000
TABLE = (200_000, 20)


def measure() -> list[Row]:
    """Time ours, NumPy's and pandas' in turn, and the peers if PEERS names a Python."""
    X, y = data()
    full, loop = medians(
        lambda: seconds(lambda: fit_linear(X, y, lr=RATE, steps=STEPS)),
        lambda: seconds(lambda: bare_loop(X, y)),
    )
    epoch = min(seconds(lambda: one_epoch(X, y)) for _ in range(5))
    file = np.random.default_rng(0).standard_normal(TABLE).round(4)
    text = pd.DataFrame(file, columns=[f"c{i}" for i in range(TABLE[1])]).to_csv(index=False)
    ours, theirs = medians(
        lambda: seconds(lambda: read_table(io.BytesIO(text.encode()), progress=float)),
        lambda: seconds(lambda: pd.read_csv(io.BytesIO(text.encode()))),
    )
    rows = [
        Row(f"{STEPS} full-batch steps, {ROWS:,} × {FEATURES}", "ms", 1e3 * full, 1e3 * loop,
            "a bare NumPy loop", Goal("≤", 1.2)),
        Row("from a dragged point to the packed scene", "ms", 1e3 * time_drag(),
            goal=Goal("≤", 100, False)),
        Row(f"a table of {TABLE[0]:,} × {TABLE[1]}, with a bar", "ms", 1e3 * ours, 1e3 * theirs,
            "pandas.read_csv", Goal("≤", 3)),
    ]  # fmt: skip
    for name, taken in peers().items():
        rows.append(
            Row(
                f"an epoch in batches of {BATCH}",
                "ms",
                1e3 * epoch,
                1e3 * taken,
                name,
                Goal("≤", 0.2),
            )
        )
    return rows


def bare_loop(X: np.ndarray, y: np.ndarray) -> None:
    """Plain gradient descent, which does not record the losses as ours does."""
    w, b, n = np.zeros(FEATURES), 0.0, len(y)
    for _ in range(STEPS):
        rest = X @ w + b - y
        w -= RATE * (X.T @ rest) / n
        b -= RATE * rest.mean()


def one_epoch(X: np.ndarray, y: np.ndarray) -> None:
    """An epoch of mini-batches with the loss over all rows after each."""
    fit_linear(X, y, lr=RATE, batch_size=BATCH, steps=-(-ROWS // BATCH))


def time_drag() -> float:
    """Return the median time of an answer while a point is dragged."""
    query = to_query(LineSettings())
    taken = [
        seconds(lambda x=x: pack(live_scene(query, Hand("p3", x, 5.0, True))))
        for x in np.linspace(1, 9, 21)
    ]
    return float(np.median(taken))


def peers() -> dict[str, float]:
    """Return the seconds of the peers by name; empty without PEERS."""
    found: dict[str, float] = {}
    for python in filter(None, os.environ.get("PEERS", "").split(":")):
        out = subprocess.run([python, str(PEERS)], capture_output=True, text=True, check=True)
        found |= json.loads(out.stdout)
    return found
