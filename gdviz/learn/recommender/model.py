"""What a training has learnt: predictions, reasons, recommendations, and new users without it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import frozen
from gdviz.learn.recommender.data import Parameters, Settings, groups, visiting_order
from gdviz.learn.recommender.ratings import Ratings, RatingsError, positions


class Pick(NamedTuple):
    """One recommendation: the item and its predicted rating, not cut to the scale."""

    item: Any
    score: float


class Explanation(NamedTuple):
    """The parts of one prediction, μ + b_u + b_i + Σ products, and what is not known of it."""

    mean: float
    user_bias: float
    item_bias: float
    products: np.ndarray
    value: float
    clipped: float
    note: str


@dataclass(frozen=True, eq=False)
class Factorization:
    """The result of `factorize`: the errors of every epoch, and the parameters it ended with.

    `train_rmse (epochs,)`, and `test_rmse (epochs,)` or None without a test part, are of the whole
    part after each epoch, by predictions as they are; those of `…_clipped` are by predictions cut
    to the scale. After a divergence they are infinite, and the parameters are the last finite ones.
    """

    parameters: Parameters
    mean: float
    settings: Settings
    train: Ratings
    train_rmse: np.ndarray
    test_rmse: np.ndarray | None
    train_rmse_clipped: np.ndarray
    test_rmse_clipped: np.ndarray | None
    validation_rmse: np.ndarray | None = None
    epoch: int = 0
    seconds: np.ndarray = field(default_factory=lambda: np.zeros(0))
    status: str = "finished"
    reason: str = ""

    @property
    def user_ids(self) -> np.ndarray:
        """The ids of the users, in the order of `user_bias` and `user_factors`."""
        return self.train.user_ids

    @property
    def item_ids(self) -> np.ndarray:
        """The ids of the items, in the order of `item_bias` and `item_factors`."""
        return self.train.item_ids

    @property
    def scale(self) -> tuple[float, float]:
        """The lowest and the highest rating of the training part."""
        return self.train.scale

    @cached_property
    def user_bias(self) -> np.ndarray:
        """b_u `(users,)`."""
        return self.parameters.user_bias[:-1]

    @cached_property
    def item_bias(self) -> np.ndarray:
        """b_i `(items,)`."""
        return self.parameters.item_bias[:-1]

    @cached_property
    @frozen
    def user_factors(self) -> np.ndarray:
        """P `(users, factors)`."""
        return np.ascontiguousarray(self.parameters.user_factors[:-1, : self.settings.factors])

    @cached_property
    @frozen
    def item_factors(self) -> np.ndarray:
        """Q `(items, factors)`."""
        return np.ascontiguousarray(self.parameters.item_factors[:-1, : self.settings.factors])

    @property
    def order(self) -> np.ndarray:
        """The places of the ratings of `train` in the order in which each epoch visits them."""
        return visiting_order(self.train, self.settings)[0]

    @property
    def updates_per_second(self) -> float:
        """Ratings visited per second of training, the fastest epoch."""
        return len(self.train) / float(self.seconds.min()) if len(self.seconds) else 0.0

    def known(self, users: Any, items: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return which of the users, and which of the items, the training part has seen."""
        seen = positions(self.user_ids, users) < len(self.user_ids)
        return seen, positions(self.item_ids, items) < len(self.item_ids)

    def predict(self, users: Any, items: Any, clip: bool = False) -> Any:
        """Return μ + b_u + b_i + p·q for ids of users and items, of the same shape or one id each.

        Whoever is not known adds nothing: an unseen user gets μ + b_i, an unseen item μ + b_u, and
        `known` tells which. `clip` cuts to the scale, for showing; errors are of the plain ones.
        """
        shapes = _shape(users), _shape(items)
        u = positions(self.user_ids, users).reshape(shapes[0])
        i = positions(self.item_ids, items).reshape(shapes[1])
        try:
            u, i = np.broadcast_arrays(u, i)
        except ValueError:
            raise RatingsError(f"{u.size} users and {i.size} items are no pairs.") from None
        found = self.scores(u.ravel(), i.ravel()).reshape(u.shape)
        found = np.clip(found, *self.scale) if clip else found
        return float(found) if found.ndim == 0 else found

    def scores(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        """Return predictions `(n,)` by places in the tables; the number of rows means nobody."""
        return predictions(self.parameters, self.mean, self.settings, users, items)

    def explain(self, user: Any, item: Any) -> Explanation:
        """Return the parts of a prediction, for a bar each, and a note on what is not known."""
        (u,), (i,) = positions(self.user_ids, [user]), positions(self.item_ids, [item])
        p, k = self.parameters, self.settings.factors
        products = (p.user_factors[u, :k] * p.item_factors[i, :k]).astype(float)
        bias = float(p.user_bias[u]), float(p.item_bias[i])
        value = float(self.mean) + sum(bias) + float(products.sum())
        clipped = float(np.clip(value, *self.scale))
        return Explanation(self.mean, *bias, products, value, clipped, self._note(u, i))

    def _note(self, u: int, i: int) -> str:
        unseen = [
            words
            for words, place, table in (
                ("the user", u, self.user_ids),
                ("the item", i, self.item_ids),
            )
            if place == len(table)
        ]
        if not unseen:
            return ""
        who, left = (
            " and ".join(unseen),
            ["the other one's bias", "the mean alone"][len(unseen) - 1],
        )
        return f"{who.capitalize()}: no rating in the training part, so {left} counts."

    def recommend(self, user: Any, n: int = 10, seen: bool = False) -> list[Pick]:
        """Return the `n` items of the highest prediction that the user has not rated, best first.

        A user who is not known gets the items of the highest mean and bias. `seen` keeps those
        that were rated already.
        """
        (u,) = positions(self.user_ids, [user])
        rated = self.train.items[self.train.users == u]
        scores = self.scores(np.full(len(self.item_ids), u), np.arange(len(self.item_ids)))
        return self._best(scores, n, () if seen else rated)

    def _best(self, scores: np.ndarray, n: int, leave_out: Any) -> list[Pick]:
        n = at_least_one(n)
        left = np.ones(len(scores), bool)
        left[np.asarray(leave_out, int)] = False
        places = np.flatnonzero(left)
        best = places[np.argsort(-scores[places], kind="stable")[:n]]
        return [Pick(_scalar(self.item_ids[i]), float(scores[i])) for i in best]

    def fold_in(self, items: Any, ratings: Any) -> "NewUser":
        """Return a new user of these ratings, by one ridge solve; nothing is trained again.

        Minimises Σ (r − μ − b_i − b − p·q_i)² + n λ_b b² + n λ_p |p|², the part of the sum that SGD
        descends that is this user's. An item that is not known tells of b alone.
        """
        places = positions(self.item_ids, items)
        values = np.atleast_1d(np.asarray(ratings, dtype=float)).ravel()
        if len(places) != len(values):
            raise RatingsError(f"{len(places)} items and {len(values)} ratings are no pairs.")
        if not np.isfinite(values).all():
            raise RatingsError("A rating of the new user is missing or infinite.")
        return NewUser(self, *self._ridge(places, values), places, values)

    def _ridge(self, places: np.ndarray, values: np.ndarray) -> tuple[float, np.ndarray]:
        k, centred = self.settings.factors, bool(self.settings.biases)
        if not len(values):
            return 0.0, np.zeros(k)
        penalty = groups(self.settings.reg)
        q = self.parameters.item_factors[places, :k].astype(float)
        x = np.hstack([np.ones((len(values), int(centred))), q])
        y = values - self.mean - self.parameters.item_bias[places]
        ridge = np.repeat([penalty.user_bias, penalty.user_factors], [int(centred), k])
        gram = x.T @ x + np.diag(np.maximum(len(values) * ridge, 1e-10))
        found = np.linalg.solve(gram, x.T @ y)
        return (float(found[0]) if centred else 0.0), found[int(centred) :]

    def similar(self, item: Any, n: int = 10) -> list[Pick]:
        """Return the `n` items whose factors point the same way, with the cosine of the angle."""
        (i,) = positions(self.item_ids, [item])
        if i == len(self.item_ids):
            raise RatingsError("That item has no rating in the training part.")
        length = np.linalg.norm(self.item_factors, axis=1)
        cosine = self.item_factors @ self.item_factors[i] / np.maximum(length * length[i], 1e-12)
        return self._best(cosine, n, [i])


@dataclass(frozen=True, eq=False)
class NewUser:
    """A user folded in: bias and factors from a few ratings, on the items as they are."""

    model: Factorization
    bias: float
    factors: np.ndarray
    places: np.ndarray
    ratings: np.ndarray

    def scores(self) -> np.ndarray:
        """Return the prediction of every item, in the order of `item_ids`."""
        model = self.model
        return model.mean + self.bias + model.item_bias + model.item_factors @ self.factors

    def predict(self, items: Any, clip: bool = False) -> Any:
        """Return the predictions for ids of items; one that is not known gets μ + b."""
        places = positions(self.model.item_ids, items).reshape(_shape(items))
        found = np.append(self.scores(), self.model.mean + self.bias)[places]
        found = np.clip(found, *self.model.scale) if clip else found
        return float(found) if found.ndim == 0 else found

    def recommend(self, n: int = 10, seen: bool = False) -> list[Pick]:
        """Return the `n` items of the highest prediction that were not rated, best first."""
        rated = self.places[self.places < len(self.model.item_ids)]
        return self.model._best(self.scores(), n, () if seen else rated)


def predictions(
    parameters: Parameters, mean: Any, settings: Settings, users: np.ndarray, items: np.ndarray
) -> np.ndarray:
    """Return μ + b_u + b_i + p·q `(n,)` for places, in the type of the parameters."""
    from gdviz.kernels.matrix_factorization import predictions as kernel
    from gdviz.kernels.simd_rows import lanes_of

    dtype = np.dtype(settings.dtype)
    out = np.empty(len(users), dtype)
    places = (np.ascontiguousarray(side, np.int32) for side in (users, items))
    kernel(*places, dtype.type(mean), *parameters, lanes_of(settings.factors, dtype), out)
    return out


def at_least_one(n: Any) -> int:
    """Return a number of recommendations, or raise `RatingsError`."""
    if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 1:
        raise RatingsError("Ask for at least one recommendation.")
    return int(n)


def _shape(ids: Any) -> tuple[int, ...]:
    if isinstance(ids, str | bytes) or np.isscalar(ids) or ids is None:
        return ()
    return np.shape(ids) if hasattr(ids, "shape") or not isinstance(ids, Sequence) else (len(ids),)


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
