"""What Surprise learns from a small table, and its errors on MovieLens; scikit-learn's nDCG.

Needs scikit-surprise 1.1.5, scikit-learn 1.9.1 and numpy. Run from the root of the repository by a
Python that has them; GDVIZ_DATA names the folder that holds `ml-latest-small`:

    GDVIZ_DATA=... python tests/reference/make_recommender.py

The users and items are numbered as Surprise numbers them, and the ratings stand in the order in
which it visits them.
"""

import csv
import json
import os
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import surprise
from sklearn.metrics import ndcg_score

SEED, FACTORS, EPOCHS = 7, 4, (1, 5)
OUT = Path(__file__).with_name("recommender.json")


def table():
    """Return the small table: 25 users, 15 items, half of the pairs, half stars."""
    rng = np.random.default_rng(SEED)
    taste, kind = rng.standard_normal((25, 2)), rng.standard_normal((15, 2))
    stars = np.clip(np.round(2 * (3.2 + taste @ kind.T)) / 2, 0.5, 5)
    pairs = np.argwhere(rng.random((25, 15)) < 0.5)
    return [(int(u), int(i), float(stars[u, i])) for u, i in pairs]


def trainset(rows):
    """Return Surprise's training set of rows (user, item, rating)."""
    import pandas as pd

    frame = pd.DataFrame(rows, columns=["user", "item", "rating"])
    reader = surprise.Reader(rating_scale=(0.5, 5))
    return surprise.Dataset.load_from_df(frame, reader).build_full_trainset()


def start(kind, users, items):
    """Return the factors that Surprise starts from, drawn as it draws them."""
    rng = np.random.RandomState(SEED)
    if kind == "nmf":
        return {"P": rng.uniform(0, 1, (users, FACTORS)), "Q": rng.uniform(0, 1, (items, FACTORS))}
    found = {"P": rng.normal(0, 0.1, (users, FACTORS)), "Q": rng.normal(0, 0.1, (items, FACTORS))}
    if kind == "svdpp":
        found["Y"] = rng.normal(0, 0.1, (items, FACTORS))
    return found


MODELS = {
    "svd": lambda n: surprise.SVD(FACTORS, n, random_state=SEED),
    "svd_groups": lambda n: surprise.SVD(
        FACTORS, n, random_state=SEED, lr_bu=0.01, lr_bi=0.02, lr_pu=0.03, lr_qi=0.04,
        reg_bu=0.05, reg_bi=0.06, reg_pu=0.07, reg_qi=0.08,
    ),
    "svd_unbiased": lambda n: surprise.SVD(FACTORS, n, biased=False, random_state=SEED),
    "svdpp": lambda n: surprise.SVDpp(FACTORS, n, random_state=SEED),
    "nmf": lambda n: surprise.NMF(FACTORS, n, random_state=SEED),
}  # fmt: skip


def learnt(rows):
    """Return the parameters of each model after one epoch and after five."""
    data = trainset(rows)
    found = {}
    for name, make in MODELS.items():
        entry = {"start": start(name.split("_")[0], data.n_users, data.n_items), "epochs": {}}
        for epochs in EPOCHS:
            model = make(epochs).fit(data)
            after = {"P": model.pu, "Q": model.qi}
            after |= {"bu": model.bu, "bi": model.bi} if name != "nmf" else {}
            after |= {"Y": model.yj} if name == "svdpp" else {}
            entry["epochs"][str(epochs)] = after
        found[name] = entry
    return found


def neighbours(rows):
    """Return the predictions of KNNBaseline for every pair, with the biases that it used."""
    data = trainset(rows)
    similar = {"name": "pearson_baseline", "user_based": False, "shrinkage": 100}
    model = surprise.KNNBaseline(k=5, sim_options=similar, verbose=False).fit(data)
    pairs = [(u, i) for u in range(data.n_users) for i in range(data.n_items)]
    # The scale would cut what the formula says.
    plain = [model.estimate(u, i) for u, i in pairs]
    values = [p[0] if isinstance(p, tuple) else p for p in plain]
    return {"bu": model.bu, "bi": model.bi, "pairs": pairs, "predictions": values}


def gains():
    """Return rankings of ten scores with their relevance, and scikit-learn's nDCG@4."""
    rng = np.random.default_rng(SEED)
    scores, relevant = rng.random((20, 10)), rng.random((20, 10)) < 0.35
    relevant[:, 0] |= ~relevant.any(axis=1)
    values = [ndcg_score([r], [s], k=4) for r, s in zip(relevant.astype(int), scores, strict=True)]
    return {"scores": scores, "relevant": relevant.astype(int), "ndcg": values}


def movielens():
    """Return the test RMSE of Surprise's SVD at its own settings on three splits 80/20."""
    folder = Path(os.environ["GDVIZ_DATA"]) / "ml-latest-small"
    with open(folder / "ratings.csv") as opened:
        rows = [(int(r[0]), int(r[1]), float(r[2])) for r in list(csv.reader(opened))[1:]]
    found = {}
    for factors in (20, 100):
        errors = []
        for seed in range(3):
            order = np.random.default_rng(seed).permutation(len(rows))
            size = int(np.ceil(0.2 * len(rows)))
            train = trainset([rows[n] for n in order[:-size]])
            model = surprise.SVD(factors, random_state=0).fit(train)
            test = [rows[n] for n in np.sort(order[-size:])]
            errors.append(surprise.accuracy.rmse(model.test(test), verbose=False))
        found[f"svd_{factors}"] = errors
    return found


def plain(value):
    """Return arrays as lists, all the way down."""
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(v) for v in value]
    return value.item() if isinstance(value, np.generic) else value


if __name__ == "__main__":
    data = trainset(table())
    rows = [(u, i, r) for u, i, r in data.all_ratings()]
    packages = ("scikit-surprise", "scikit-learn", "numpy")
    content = {
        "about": {
            "script": Path(__file__).name,
            "date": str(date.today()),
            "versions": {name: version(name) for name in packages},
            "settings": {"seed": SEED, "factors": FACTORS, "epochs": list(EPOCHS)},
        },
        "ratings": rows,
        "learnt": learnt(rows),
        "neighbours": neighbours(rows),
        "ranking": gains(),
        "movielens": movielens(),
    }
    OUT.write_text(json.dumps(plain(content), indent=None, separators=(",", ":")) + "\n")
