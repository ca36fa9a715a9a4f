"""The mistakes of the tutorial's recommender, live: its own algorithm beside the corrected one."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.catalogue.pitfall import Pitfall
from gdviz.learn.recommender.data import Settings, factorization_data
from gdviz.learn.recommender.factorize import bias_only, factorize, rmse
from gdviz.learn.recommender.model import predictions
from gdviz.learn.recommender.movielens import find_movielens, read_ratings
from gdviz.learn.recommender.ratings import Ratings, positions
from gdviz.learn.recommender.solvers import SOLVERS
from gdviz.learn.recommender.synthetic import low_rank_ratings

USERS, ITEMS, COUNT = 1000, 500, 10_000


class TutorialFactorization:
    """The tutorial's factorisation, mistakes kept, but for a generator of its own."""

    def __init__(self, n_users: int, n_items: int, seed: int = 0, lr: float = 0.01) -> None:
        self.rng = np.random.default_rng(seed)
        self.user_factors = self.rng.normal(scale=0.1, size=(n_users, 20))
        self.item_factors = self.rng.normal(scale=0.1, size=(n_items, 20))
        self.lr, self.reg = lr, 0.02

    def predict(self, user: Any, item: Any) -> Any:
        """Return p·q of two places."""
        return np.dot(self.user_factors[user], self.item_factors[item])

    def train(self, ratings: Any, epochs: int) -> list[float]:
        """Learn from rows (user, item, rating), which it shuffles; return its running errors."""
        losses = []
        for _ in range(epochs):
            total = 0.0
            self.rng.shuffle(ratings)
            for user, item, rating in ratings:
                error = rating - self.predict(user, item)
                p, q = self.user_factors[user].copy(), self.item_factors[item].copy()
                self.user_factors[user] += self.lr * (error * q - self.reg * p)
                self.item_factors[item] += self.lr * (error * p - self.reg * q)
                total += error**2
            losses.append(np.sqrt(total / len(ratings)))
        return losses


class EpochErrors(NamedTuple):
    """What the tutorial's updates come to on some ratings."""

    train: np.ndarray
    test: np.ndarray
    mean: float
    lowest: float
    highest: float


def dice(seed: int) -> Ratings:
    """Return ratings of the tutorial's kind: random users, random items, random stars.

    Some pairs come twice with other stars, as they do there.
    """
    rng = np.random.default_rng(seed)
    user_ids, users = np.unique(rng.integers(USERS, size=COUNT), return_inverse=True)
    item_ids, items = np.unique(rng.integers(ITEMS, size=COUNT), return_inverse=True)
    stars = rng.integers(1, 6, COUNT).astype(float)
    places = users.astype(np.int32), items.astype(np.int32)
    return Ratings(*places, stars, user_ids, item_ids, (1.0, 5.0))


@cached
def tutorial_updates(name: str, epochs: int, seed: int = 0) -> EpochErrors:
    """Return the errors of the tutorial's updates, which are ours without biases, compiled."""
    train, test = _parts(name)
    of = factorization_data(train, Settings(lr=0.01, reg=0.02, biases=False, seed=seed))
    state, rng = SOLVERS["sgd"](of).init(None), np.random.default_rng(seed)
    where = (
        positions(train.user_ids, test.user_ids)[test.users],
        positions(train.item_ids, test.item_ids)[test.items],
    )
    errors = []
    for _ in range(epochs):
        order = rng.permutation(len(train))  # the tutorial shuffles anew in every epoch
        visits = [column[order] for column in (of.users, of.items, of.values)]
        state = SOLVERS["sgd"](
            of._replace(users=visits[0], items=visits[1], values=visits[2])
        ).step(state)
        told, found = (
            predictions(state.parameters, of.mean, of.settings, *places)
            for places in ((of.users, of.items), where)
        )
        errors.append((rmse(told, of.values), rmse(found, test.values)))
    mean = bias_only(train, np.inf).rmse(test)
    told_of, found_of = np.array(errors).T
    return EpochErrors(told_of, found_of, mean, float(found.min()), float(found.max()))


@cached
def _parts(name: str) -> tuple[Ratings, Ratings]:
    if name == "dice":
        return dice(0).split()
    folder = find_movielens()
    return (low_rank_ratings().ratings if folder is None else read_ratings(folder)).split()


def running_and_true(count: int = 400, epochs: int = 5) -> tuple[float, float]:
    """Return the error that the tutorial reports, and that of its predictions, on the same rows."""
    data = low_rank_ratings(users=30, items=20).ratings
    rows = [
        list(row)
        for row in zip(
            data.users[:count].tolist(),
            data.items[:count].tolist(),
            data.values[:count].tolist(),
            strict=True,
        )
    ]
    model = TutorialFactorization(30, 20, lr=0.05)
    said = model.train(rows, epochs)[-1]
    true = rmse([model.predict(u, i) for u, i, _ in rows], [r for *_, r in rows])
    return float(said), true


def outcome(act: Callable[[], Any]) -> str:
    """Return what something comes to, in a word: its value, or the name of what it raises."""
    with np.errstate(all="ignore"):
        try:
            value = act()
        except Exception as error:  # whichever it is, it is what a user of the tutorial would see
            return type(error).__name__
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def hostile() -> dict[str, str]:
    """Return what the tutorial does with input that every real data set has."""
    rows = [[0, 0, 4.0], [1, 1, 2.0], [0, 1, 5.0]]

    def after(given: Any, lr: float = 0.01, epochs: int = 30) -> float:
        return TutorialFactorization(2, 2, lr=lr).train(given, epochs)[-1]

    many = [[u, i, 5.0] for u in range(2) for i in range(2)] * 20
    model = TutorialFactorization(2, 2)
    before = list(map(tuple, many_shuffled := [[0, k % 2, 3.0 + k] for k in range(8)]))
    model.train(many_shuffled, 1)
    return {
        "η = 3": outcome(lambda: after(many, 3.0)),
        "a float array": outcome(lambda: after(np.array(rows))),
        "id −1": outcome(lambda: model.predict(-1, 0)),
        "an unseen id": outcome(lambda: model.predict(7, 0)),
        "no rating": outcome(lambda: after([])),
        "your list": "shuffled" if before != list(map(tuple, many_shuffled)) else "as it was",
    }


# --- rows -----------------------------------------------------------------------------------------


def _held_out() -> tuple[str, str]:
    found = tutorial_updates("dice", 100)
    return (
        f"training error {found.train[-1]:.3f} after 100 epochs, and no other is looked at",
        f"held out it is {found.test[-1]:.3f}; the mean alone has {found.mean:.3f}, "
        "and no prediction can expect less than 1.414: below it is the luck of these stars",
    )


def _without_mean() -> tuple[str, str]:
    found = tutorial_updates("dice", 100)
    train, test = _parts("dice")
    ours = factorize(train, test, lr=0.01, epochs=1)
    assert ours.test_rmse is not None
    return (
        f"starts at 0 stars: {found.test[0]:.2f} after the first epoch; later it predicts "
        f"{found.lowest:.1f} to {found.highest:.1f} stars",
        f"μ + b_u + b_i + p·q: {ours.test_rmse[0]:.2f} after one epoch; cut to 1…5 when shown",
    )


def _real() -> tuple[str, str]:
    found = tutorial_updates("real", 30 if find_movielens() else 200)
    train, test = _parts("real")
    best = int(np.argmin(found.test))
    ours = factorize(train, test, factors=32, lr=0.02, reg=0.1, epochs=20)
    assert ours.test_rmse is not None
    where = "MovieLens small" if find_movielens() else "the planted ratings"
    return (
        f"on {where}: best test error {found.test[best]:.3f} in epoch {best + 1}, then up to "
        f"{found.test[-1]:.3f} while training falls to {found.train[-1]:.3f}",
        f"the mean {found.mean:.3f}, biases {bias_only(train).rmse(test):.3f}, with factors "
        f"{ours.test_rmse[-1]:.3f}",
    )


def _running() -> tuple[str, str]:
    said, true = running_and_true()
    return (
        f"reports {said:.3f}, summed while the factors still move",
        f"the same factors, asked after the epoch: {true:.3f}; and of held-out ratings, too",
    )


def _hostile() -> tuple[str, str]:
    told = "; ".join(f"{what}: {result}" for what, result in hostile().items())
    train = Ratings.from_frame({"user": [5, -1, 5], "item": ["a", "b", "b"], "rating": [4, 2, 5]})
    lost, model = factorize(train, lr=3.0, epochs=30), factorize(train, lr=0.05, reg=0.1)
    return (
        told,
        f"η = 3: {lost.status}, the last finite state is kept; ids of any kind are looked up, −1 "
        f"is an id like others; unseen ones get {model.predict(99, 'a'):.3g} from what is known; "
        "no rating: a sentence; your table is not touched",
    )


ROWS = (
    Pitfall(
        "10a",
        "Only the training error is looked at, on stars thrown with dice",
        _held_out,
        "There is nothing to learn in random stars. A part held out says so; the training part "
        "never will.",
    ),
    Pitfall(
        "10b",
        "No mean and no biases",
        _without_mean,
        "Most of what can be known is how high this user rates and how well this item is liked.",
    ),
    Pitfall(
        "10c",
        "On real ratings it loses to three lines of arithmetic",
        _real,
        "Show the baselines beside every recommender: biases alone are hard to beat.",
    ),
    Pitfall(
        "10d",
        "The error it reports belongs to no model",
        _running,
        "Each rating was predicted by other factors than those that you end with.",
    ),
    Pitfall(
        "10e",
        "Ids are row numbers, and input is trusted",
        _hostile,
        "NumPy takes −1 for the last row: a wrong id is answered with somebody else's taste.",
    ),
)
