"""The recommender: factorise ratings, and see while it learns when it begins to over-fit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.recommender.baselines import BiasOnly, bias_only, chosen_biases, rmse
from gdviz.learn.recommender.data import (
    Epoch,
    FactorizationData,
    Groups,
    Settings,
    factorization_data,
    name_of,
)
from gdviz.learn.recommender.model import Explanation, Factorization, NewUser, Pick
from gdviz.learn.recommender.ratings import Ratings, RatingsError, as_ratings, positions
from gdviz.learn.recommender.solvers import SOLVERS

__all__ = [
    "SOLVERS",
    "BiasOnly",
    "Explanation",
    "Factorization",
    "Groups",
    "NewUser",
    "Pick",
    "Ratings",
    "RatingsError",
    "Settings",
    "Trial",
    "bias_only",
    "choose",
    "chosen_biases",
    "cross_validate",
    "factorize",
    "rmse",
    "training",
]

HOPELESS = 20.0  # a training error so many times the largest rating does not come back


def factorize(
    train: Any,
    test: Any = None,
    *,
    factors: int = 20,
    epochs: int = 20,
    lr: float | Groups = 0.005,
    reg: float | Groups = 0.02,
    biases: bool = True,
    solver: str = "sgd",
    seed: int = 0,
    dtype: str = "float32",
    decay: float = 0.0,
    spread: float = 0.1,
    validation: float = 0.0,
    patience: int = 3,
    threads: int = 1,
    target: float = 0.0,
) -> Factorization:
    """Return r̂ = μ + b_u + b_i + p·q (only p·q without `biases`), learnt from `train`.

    `lr` and `reg` are one number or `Groups`; the rate of epoch t is lr/(1 + decay·t), the factors
    start as normal numbers of standard deviation `spread`. `solver` is one of `SOLVERS`. `test` is
    only looked at, never learnt from. With a share `validation` of the training part held out, the
    training ends when that part has got no better for `patience` epochs, with its best parameters.
    It ends, too, after the first epoch whose training RMSE is `target` or less.
    Same seed and number of `threads`, same result. Raises `RatingsError` and `KnobError`.
    """
    settings = Settings(
        factors, epochs, lr, reg, bool(biases), solver, seed, name_of(dtype), decay, spread,
        validation, patience, threads, target,
    )  # fmt: skip
    *_, last = training(as_ratings(train), None if test is None else as_ratings(test), settings)
    return last


class _Part(NamedTuple):
    """Ratings to be predicted, by places in the tables of the training part."""

    users: np.ndarray
    items: np.ndarray
    values: np.ndarray


class _Watch(NamedTuple):
    """What is looked at after each epoch: the parts in this order, those that there are."""

    of: FactorizationData
    train: Ratings
    names: tuple[str, ...]
    parts: tuple[_Part, ...]


def training(train: Ratings, test: Ratings | None, settings: Settings) -> Iterator[Factorization]:
    """Yield what is learnt: the start, then each epoch; whoever has seen enough stops asking.

    The last one bears the outcome. With a validation part it has the best parameters again.
    """
    if test is not None and not len(test):
        raise RatingsError("There is not a single rating in the test part.")
    held = None
    if settings.validation:
        train, held = train.split(settings.validation, settings.seed)
    others = {"test": test, "validation": held}
    parts = {name: part for name, part in others.items() if part is not None}
    yield from training_of(factorization_data(train, settings), train, parts)


def training_of(
    of: FactorizationData, train: Ratings, others: Mapping[str, Ratings]
) -> Iterator[Factorization]:
    """Yield what `training` yields, of ratings in the order of their visit.

    `others` are the parts that are looked at, “test” and “validation”; `train` has the tables.
    """
    mapped = {name: _mapped(part, train) for name, part in others.items()}
    watch = _Watch(
        of, train, ("train", *mapped), (_Part(of.users, of.items, of.values), *mapped.values())
    )
    yield from _epochs(watch, SOLVERS[of.settings.solver](of))


def _epochs(watch: _Watch, method: Any) -> Iterator[Factorization]:
    said = watch.of.settings
    history: list[np.ndarray] = []
    seconds: list[float] = []
    state = method.init(None)
    now = best = _result(watch, state, history, seconds)
    yield now
    for t in range(1, said.epochs + 1):
        start = perf_counter()
        state = method.step(state)
        seconds.append(perf_counter() - start)
        errors = _errors(watch, state)
        if not (np.isfinite(errors).all() and errors[0, 0] <= HOPELESS * _largest(watch.train)):
            yield _diverged(now, t)
            return
        history.append(errors)
        now = _result(watch, state, history, seconds)
        if 0 < said.target and errors[0, 0] <= said.target:
            why = f"its training error is {said.target:g} or less"
            yield _best(now, now, "stopped early", f"Stopped after epoch {t}: {why}.")
            return
        if now.validation_rmse is None:
            yield now
            continue
        best = now if now.validation_rmse[-1] <= now.validation_rmse.min() else best
        if t - best.epoch >= said.patience:
            why = f"no better on the validation part for {said.patience} epochs"
            yield _best(best, now, "stopped early", f"Stopped after epoch {t}: {why}.")
            return
        yield now
    if best.epoch not in (0, now.epoch):
        why = f"The parameters are those of epoch {best.epoch}, the best on the validation part."
        yield _best(best, now, "finished", why)


def _result(watch: _Watch, state: Epoch, history: list[Any], seconds: list[float]) -> Factorization:
    """Return the state as a result, with the errors `(epochs, parts, plain and clipped)` so far."""
    errors = np.array(history).reshape(len(history), len(watch.parts), 2)
    of_part = dict(zip(watch.names, errors.transpose(1, 2, 0), strict=True))
    test, validation = of_part.get("test"), of_part.get("validation")
    return Factorization(
        parameters=state.parameters,
        mean=float(watch.of.mean),
        settings=watch.of.settings,
        train=watch.train,
        train_rmse=of_part["train"][0],
        test_rmse=None if test is None else test[0],
        train_rmse_clipped=of_part["train"][1],
        test_rmse_clipped=None if test is None else test[1],
        validation_rmse=None if validation is None else validation[0],
        epoch=state.t,
        seconds=np.array(seconds),
        reason=f"{state.t} epochs done.",
    )


def _best(best: Factorization, now: Factorization, status: str, reason: str) -> Factorization:
    """Return the result of the whole training with the parameters of its best epoch."""
    return replace(now, parameters=best.parameters, epoch=best.epoch, status=status, reason=reason)


def _diverged(last: Factorization, epoch: int) -> Factorization:
    """Return the last finite result, its errors continued as infinite to the last epoch asked."""

    def continued(errors: np.ndarray | None) -> Any:
        if errors is None:
            return None
        return np.append(errors, np.full(last.settings.epochs - len(errors), np.inf))

    why = f"Diverged in epoch {epoch}: the rate is too large. The parameters are those before it."
    return replace(
        last,
        train_rmse=continued(last.train_rmse),
        test_rmse=continued(last.test_rmse),
        train_rmse_clipped=continued(last.train_rmse_clipped),
        test_rmse_clipped=continued(last.test_rmse_clipped),
        validation_rmse=continued(last.validation_rmse),
        status="diverged",
        reason=why,
    )


def _mapped(part: Ratings, train: Ratings) -> _Part:
    users = positions(train.user_ids, part.user_ids)[part.users]
    items = positions(train.item_ids, part.item_ids)[part.items]
    return _Part(users, items, part.values)


def _errors(watch: _Watch, state: Epoch) -> np.ndarray:
    """Return the RMSE of each part `(parts, 2)`, by plain and by clipped predictions."""
    from gdviz.kernels.matrix_factorization import squared_errors
    from gdviz.kernels.simd_rows import lanes_of

    said, bounds = watch.of.settings, watch.train.scale
    after = watch.of.mean, *state.parameters, *bounds, lanes_of(said.factors, said.dtype)
    sums = [squared_errors(*part, *after) for part in watch.parts]
    sizes = [len(part.values) for part in watch.parts]
    return np.sqrt(np.array(sums) / np.array(sizes)[:, None])


def _largest(train: Ratings) -> float:
    values = train.values  # not by their absolute values: of mapped ratings these may be too many
    return max(-float(values.min()), float(values.max()), 1.0)


# --- choices ------------------------------------------------------------------------------------


class Trial(NamedTuple):
    """One setting that was tried: its factors, penalty and rate, and its validation error."""

    factors: int
    reg: float
    lr: float
    rmse: float
    epochs: int


def choose(
    train: Any,
    factors: Sequence[int] = (8, 32),
    reg: Sequence[float] = (0.05, 0.1),
    lr: Sequence[float] = (0.02,),
    epochs: int = 40,
    seed: int = 0,
    **others: Any,
) -> Iterator[Trial]:
    """Yield a trial for each mixture, with the best error on a tenth of `train` and its epoch.

    The test part is not asked, so that it stays a test: take the lowest, `min(trials, key=...)`.
    """
    train = as_ratings(train)
    learn, check = train.split(0.1, seed)
    for k, penalty, rate in product(factors, reg, lr):
        tried = factorize(
            learn, check, factors=k, reg=penalty, lr=rate, epochs=epochs, seed=seed, **others
        )
        assert tried.test_rmse is not None
        best = int(np.argmin(tried.test_rmse)) if len(tried.test_rmse) else 0
        yield Trial(k, penalty, rate, float(tried.test_rmse[best]), best + 1)


def cross_validate(
    data: Any, folds: int = 5, seed: int = 0, **settings: Any
) -> Iterator[Factorization]:
    """Yield the factorisation of each fold; report the mean and the spread of their errors."""
    for train, test in as_ratings(data).folds(folds, seed):
        yield factorize(train, test, seed=seed, **settings)
