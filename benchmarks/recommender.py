"""The recommender against Surprise and LIBMF: epochs on MovieLens small, and 20 million ratings.

The large part takes minutes and 4 GB: it runs with `GDVIZ_LARGE=1`.
"""

import json
import os
import resource
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import Goal, Row
from benchmarks.timing import medians, seconds
from gdviz.learn import factorize, read_ratings
from gdviz.learn.recommender.data import factorization_data
from gdviz.learn.recommender.factorize import Settings, rmse, training
from gdviz.learn.recommender.ratings import Ratings
from gdviz.learn.recommender.solvers import SOLVERS

SHARED = Path(__file__).parents[2] / "shared" / "data"
FILMS = Path(os.environ.get("GDVIZ_DATA", SHARED)) / "ml-latest-small"
PEERS = Path(__file__).with_name("recommender_peers.py")
USERS, ITEMS, COUNT, RANK = 162_541, 59_047, 20_000_000, 32  # the shape of MovieLens 25M


def measure() -> list[Row]:
    """Time ours, and the peers if PEERS names a Python that has them."""
    if not (FILMS / "ratings.csv").is_file():
        print(f"MovieLens small is not in {FILMS}: GDVIZ_DATA names its parent")
        return []
    ratings = read_ratings(FILMS)
    train, test = ratings.split(0.1)
    epochs = {k: epoch(train, k) for k in (20, 32, 100)}
    ours = dict(
        zip(epochs, medians(*(lambda e=e: seconds(e) for e in epochs.values())), strict=True)
    )
    theirs = peer_seconds("small", FILMS / "ratings.csv")
    rows = []
    for k, mine in ours.items():
        for rival, bound in (("Surprise", 1 / 8), ("LIBMF", 1 / 4)):
            rows.append(
                Row(
                    f"an SGD epoch, k = {k}, float32",
                    "ms",
                    1e3 * mine,
                    _ms(theirs.get(f"{rival} {k}")),
                    rival,
                    Goal("≤", bound) if theirs and k == 20 else None,
                )
            )
    whole = medians(lambda: seconds(lambda: factorize(train, test, lr=0.02, reg=0.1)))[0]
    first = medians(lambda: seconds(lambda: first_curve(train, test)))[0]
    rows += [
        Row("20 epochs with both errors", "ms", 1e3 * whole, goal=Goal("≤", 100, False)),
        Row("from “train” to the first errors", "ms", 1e3 * first, goal=Goal("≤", 150, False)),
    ]
    return rows + (large() if os.environ.get("GDVIZ_LARGE") else [])


def _ms(value: float | None) -> float | None:
    return None if value is None else 1e3 * value


def epoch(train: Ratings, k: int) -> Any:
    """Return a function that runs one epoch on factors of its own."""
    of = factorization_data(train, Settings(factors=k))
    method = SOLVERS["sgd"](of)
    state = method.init(None)
    return lambda: method.step(state)


def first_curve(train: Ratings, test: Ratings) -> None:
    """Train until the curve has its first two points."""
    steps = training(train, test, Settings())
    next(steps)
    next(steps)


def peer_seconds(what: str, file: Path) -> dict[str, float]:
    """Return the seconds of the peers by what they measured; empty without PEERS."""
    found: dict[str, float] = {}
    for python in filter(None, os.environ.get("PEERS", "").split(":")):
        words = [python, str(PEERS), what, str(file)]
        out = subprocess.run(words, capture_output=True, text=True, check=True)
        found |= json.loads(out.stdout.splitlines()[-1])
    return found


# --- twenty million -------------------------------------------------------------------------------


def large() -> list[Row]:
    """Load, order and train 20 million synthetic ratings; train LIBMF to the same error."""
    ratings, held = synthetic()
    settings = Settings(factors=RANK, solver="adagrad", lr=0.1, reg=0.05, epochs=40)
    plain = Settings(factors=RANK, lr=0.02, reg=0.05)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ratings.npz"
        np.savez(file, *_arrays(ratings), *_arrays(held))
        theirs = peer_seconds("large", file)
    one = epoch_of(ratings, plain)
    one()
    ours = min(seconds(one) for _ in range(3))
    target = theirs.get("LIBMF RMSE", 0.0)
    took, reached = seconds_until(ratings, held, settings, target)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return [
        Row("20 M ratings, k = 32: an epoch", "s", ours, theirs.get("LIBMF epoch"), "LIBMF",
            Goal("≤", 0.5) if theirs else None),
        Row(f"… until held-out RMSE {target or reached:.4f}", "s", took, theirs.get("LIBMF whole"),
            "LIBMF", Goal("≤", 1) if theirs else None),
        Row("… memory at most", "GB", memory, goal=Goal("≤", 8, False)),
    ]  # fmt: skip


def _arrays(part: Ratings) -> tuple[np.ndarray, ...]:
    return part.users, part.items, part.values.astype(np.float32)


def synthetic(seed: int = 0) -> tuple[Ratings, Ratings]:
    """Return 20 million ratings of rank 8 with popular items and active users, and 200,000 more."""
    rng = np.random.default_rng(seed)
    users = (USERS * rng.random(COUNT) ** 2.2).astype(np.int32)
    items = (ITEMS * rng.random(COUNT) ** 3.5).astype(np.int32)
    P, Q = (0.35 * rng.standard_normal((n, 8)).astype(np.float32) for n in (USERS, ITEMS))
    values = 3.5 + 0.8 * rng.standard_normal(COUNT, np.float32)
    for lo in range(0, COUNT, 1_000_000):
        part = slice(lo, lo + 1_000_000)
        values[part] += np.einsum("nk,nk->n", P[users[part]], Q[items[part]])
    tables = np.arange(USERS), np.arange(ITEMS)
    whole = Ratings(users, items, values.astype(np.float64), *tables, (-10.0, 20.0))
    return whole.take(np.arange(200_000, COUNT)), whole.take(np.arange(200_000))


def epoch_of(ratings: Ratings, settings: Settings) -> Any:
    """Return a function that runs one epoch, ordered for the cache."""
    method = SOLVERS[settings.solver](factorization_data(ratings, settings))
    state = method.init(None)
    return lambda: method.step(state)


def seconds_until(
    ratings: Ratings, held: Ratings, settings: Settings, target: float
) -> tuple[float, float]:
    """Return the seconds of ordering and epochs until an error is reached, and the error."""
    from gdviz.learn.recommender.model import predictions
    from gdviz.learn.recommender.ratings import positions

    where = (
        positions(ratings.user_ids, held.user_ids)[held.users],
        positions(ratings.item_ids, held.item_ids)[held.items],
    )
    found: dict[str, Any] = {}

    def order() -> None:
        found["of"] = factorization_data(ratings, settings)
        found["method"] = SOLVERS[settings.solver](found["of"])
        found["state"] = found["method"].init(None)

    def step() -> None:
        found["state"] = found["method"].step(found["state"])

    took, error = seconds(order), np.inf
    for _ in range(settings.epochs):
        took += seconds(step)
        told = predictions(found["state"].parameters, found["of"].mean, settings, *where)
        error = rmse(told, held.values)
        if error <= target:
            break
    return took, error
