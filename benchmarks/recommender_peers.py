"""Time Surprise and LIBMF. Run it with a Python that has them; prints JSON, seconds.

`python recommender_peers.py small ratings.csv` or `large ratings.npz`. Pins that were measured:
scikit-surprise 1.1.5, libmf 0.9.2 (the wheel of LIBMF 2.01).
"""

import json
import statistics
import sys
from time import perf_counter

import numpy as np

TIMES = 3
RANKS = (20, 32, 100)


def slope(run, few, many):
    """Return the seconds of one epoch: the difference of a long and a short run, per epoch."""
    run(few)
    taken = []
    for _ in range(TIMES):
        start = perf_counter()
        run(few)
        middle = perf_counter()
        run(many)
        taken.append((perf_counter() - middle - (middle - start)) / (many - few))
    return statistics.median(taken)


def libmf(table, factors, epochs, eta=0.1, reg=0.02):
    """Return LIBMF's model of a table, trained on one thread."""
    from libmf import mf

    model = mf.MF(
        fun=0, k=factors, nr_threads=1, nr_iters=epochs, eta=eta, lambda_p2=reg, lambda_q2=reg,
        quiet=True,
    )  # fmt: skip
    model.fit(table)
    return model


def movielens(file):
    """Return nine tenths of MovieLens small as a frame."""
    import pandas as pd

    return pd.read_csv(file).sample(frac=0.9, random_state=0)


def surprise_small(file):
    """Epochs of Surprise on MovieLens small."""
    import surprise

    data = surprise.Dataset.load_from_df(
        movielens(file)[["userId", "movieId", "rating"]], surprise.Reader(rating_scale=(0.5, 5))
    ).build_full_trainset()
    return {
        f"Surprise {k}": slope(lambda n, k=k: surprise.SVD(k, n).fit(data), 2, 12) for k in RANKS
    }


def libmf_small(file):
    """Epochs of LIBMF on MovieLens small."""
    import pandas as pd

    frame = movielens(file)
    places = [pd.factorize(frame[name])[0] for name in ("userId", "movieId")]
    table = np.column_stack([*places, frame["rating"]])
    return {f"LIBMF {k}": slope(lambda n, k=k: libmf(table, k, n), 5, 55) for k in RANKS}


def libmf_large(file):
    """One epoch of 20 million ratings, and the error after ten."""
    loaded = np.load(file)
    users, items, values, test_users, test_items, test_values = (loaded[n] for n in loaded.files)
    mean = values.mean()
    table = np.column_stack([users, items, values - mean]).astype(float)
    held = np.column_stack([test_users, test_items, test_values - mean]).astype(float)
    start = perf_counter()
    model = libmf(table, 32, 2, reg=0.05)
    middle = perf_counter()
    model = libmf(table, 32, 12, reg=0.05)
    end = perf_counter()
    known = (held[:, 0] <= users.max()) & (held[:, 1] <= items.max())
    gap = np.asarray(model.predict(held[known][:, :2])) - held[known, 2]
    return {
        "LIBMF epoch": ((end - middle) - (middle - start)) / 10,
        "LIBMF whole": end - middle,
        "LIBMF RMSE": float(np.sqrt(np.mean(gap**2))),
    }


if __name__ == "__main__":
    figures = {}
    works = {"small": (surprise_small, libmf_small), "large": (libmf_large,)}
    for measure in works[sys.argv[1]]:
        try:
            figures |= measure(sys.argv[2])
        except ImportError as missing:
            print(f"without {missing.name}", file=sys.stderr)
    print(json.dumps(figures))
