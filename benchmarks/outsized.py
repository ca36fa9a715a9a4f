"""A hundred million ratings, the size of the Netflix Prize: written, prepared, trained an epoch.

It takes minutes and 6 GB of disk, so it runs only with `GDVIZ_LARGE=1`. Each stage is a process of
its own. Its peak memory is what the system reports, with mapped files.
"""

import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.report import Row
from gdviz.learn.recommender.out_of_core import factorize_stored, store

USERS, ITEMS, FILES, EACH, RANK = 480_189, 17_770, 20, 5_000_000, 32


def measure() -> list[Row]:
    """Measure the time and the peak memory of the three stages."""
    if not os.environ.get("GDVIZ_LARGE"):
        print("100 million ratings take minutes and 6 GB of disk: GDVIZ_LARGE=1 asks for them")
        return []
    rows = []
    with tempfile.TemporaryDirectory() as temp:
        files, folder = Path(temp) / "ratings", Path(temp) / "prepared"
        stages: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
            ("write 100 M ratings as Parquet", write, (files,)),
            ("prepare them", store, (str(files / "*.parquet"), folder)),
            (f"train an epoch of SGD, k = {RANK}", epoch, (folder,)),
        ]
        for name, work, given in stages:
            took, memory, said = run_alone(work, *given)
            rows += [Row(name, "s", took), Row("… memory at most", "GB", memory)]
            print(name, f"{took:.1f} s, {memory:.2f} GB", said if work is epoch else "", flush=True)
    return rows


def run_alone(work: Callable[..., Any], *given: Any) -> tuple[float, float, Any]:
    """Run work in a process of its own; return its seconds, its peak memory in GB and its result.

    The seconds leave out the start of the process.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measured, work, given).result()


def _measured(work: Callable[..., Any], given: tuple[Any, ...]) -> tuple[float, float, Any]:
    start = perf_counter()
    found = work(*given)
    return perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, found


def write(folder: Path) -> None:
    """Write the files; no two share a user, so that nobody rates an item twice."""
    import pandas as pd

    folder.mkdir()
    rng = np.random.default_rng(0)
    P, Q = (0.35 * rng.standard_normal((n, 8)).astype(np.float32) for n in (USERS, ITEMS))
    share = USERS // FILES
    for n in range(FILES):
        users, items = pairs(n * share, share, rng)
        exact = np.einsum("nk,nk->n", P[users], Q[items]) + 3.5
        stars = np.clip(np.round(2 * (exact + 0.8 * rng.standard_normal(EACH))) / 2, 0.5, 5)
        table = pd.DataFrame({"user": users + 1, "item": items + 1, "rating": stars})
        table.to_parquet(folder / f"{n:02}.parquet", index=False)


def pairs(first: int, share: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of active users and popular items, none of them twice, in a random order."""
    many = int(1.15 * EACH)
    users = (share * rng.random(many) ** 1.5).astype(np.int64)
    items = (ITEMS * rng.random(many) ** 2).astype(np.int64)
    chosen = rng.permutation(np.unique(users * ITEMS + items))[:EACH]
    assert len(chosen) == EACH
    return first + chosen // ITEMS, chosen % ITEMS


def epoch(folder: Path) -> str:
    """Train one epoch; return its errors and the seconds of the epoch alone."""
    model = factorize_stored(folder, factors=RANK, epochs=1, lr=0.01, reg=0.05)
    return f"training RMSE {model.train_rmse[-1]:.4f}; the epoch itself {model.seconds[0]:.1f} s"
