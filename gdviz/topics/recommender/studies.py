"""Studies of the recommender: k against λ, rates, solvers, the ladder of models, rankings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from gdviz.learn.recommender.factorize import bias_only, factorize
from gdviz.learn.recommender.neighbours import item_knn
from gdviz.learn.recommender.ranking import Ranking, ranking
from gdviz.learn.recommender.ratings import Ratings
from gdviz.topics.recommender.course import TrainingCourse, settings_of
from gdviz.topics.recommender.ratings_source import Data
from gdviz.topics.recommender.settings import Recommender
from gdviz.topics.recommender.upload_cache import cached_unless_upload

FACTORS = (1, 2, 3, 5, 8, 16, 32, 64)
PENALTIES = (0.003, 0.01, 0.03, 0.1, 0.3)
RATES = tuple(float(f"{r:.2g}") for r in np.geomspace(0.001, 1.0, 13))
RACERS: dict[str, dict[str, Any]] = {
    "sgd": {},
    "adagrad": {"lr": 0.1},
    "als": {"epochs": 15},
}
FOLDS = 5
LISTS = (1, 2, 3, 5, 10, 20, 30)


class Tried(NamedTuple):
    """Errors of a setting: the lowest of all epochs and the last one, on the test part."""

    best: float
    last: float


def grid(spec: Recommender, data: Data) -> Iterator[tuple[float, Any]]:
    """Yield the share done and the lowest test errors `(penalties, factors)`, not-a-number yet."""
    found = np.full((len(PENALTIES), len(FACTORS)), np.nan)
    for n, (i, j) in enumerate(np.ndindex(*found.shape), 1):
        trial = try_settings(replace(spec, factors=FACTORS[j], reg=PENALTIES[i]), data)
        found[i, j] = trial.best
        yield n / found.size, found


def try_settings(spec: Recommender, data: Data) -> Tried:
    """Return the errors of the settings on the test part."""
    model = factorize(data.train, data.test, **settings_of(spec))
    assert model.test_rmse is not None
    return Tried(float(model.test_rmse.min()), float(model.test_rmse[-1]))


def sweep(spec: Recommender, data: Data) -> Iterator[tuple[float, Any]]:
    """Yield the share done and, for the rates so far, the errors after the last epoch."""
    rows = []
    for n, rate in enumerate(RATES, 1):
        model = factorize(data.train, data.test, **settings_of(replace(spec, lr=rate)))
        assert model.test_rmse is not None
        rows.append((rate, model.train_rmse[-1], model.test_rmse[-1], model.test_rmse.min()))
        yield n / len(RATES), np.array(rows)


class SolverRun(NamedTuple):
    """One solver: its test errors from the start, and the seconds that had passed."""

    test: np.ndarray
    seconds: np.ndarray


def solvers(spec: Recommender, data: Data) -> Iterator[tuple[float, Any]]:
    """Yield the share done and the laps of SGD, adagrad and ALS so far, by name."""
    laps: dict[str, SolverRun] = {}
    start = data.mean_rmse if spec.biases else float(np.sqrt(np.mean(data.test.values**2)))
    for n, (name, own) in enumerate(RACERS.items(), 1):
        settings = settings_of(replace(spec, solver=name, early=False)) | own
        model = factorize(data.train, data.test, **settings)
        assert model.test_rmse is not None
        test = model.test_rmse[np.isfinite(model.test_rmse)]
        laps[name] = SolverRun(
            np.append(start, test), np.append(0, np.cumsum(model.seconds))[: len(test) + 1]
        )
        yield n / len(RACERS), laps


# Root mean squared errors of five folds of MovieLens 100k, as the library Surprise publishes them.
PUBLISHED = {
    "random, of the same mean and spread": 1.518,
    "biases (its BaselineOnly)": 0.944,
    "item neighbours (its KNNBaseline)": 0.931,
    "non-negative factors (its NMF)": 0.963,
    "SVD++": 0.919,
    "factors (its SVD)": 0.934,
}

# --- the ladder of models -------------------------------------------------------------------------


class Rung(NamedTuple):
    """One model: its errors on the test parts of the folds."""

    label: str
    errors: tuple[float, ...]


def ladder(spec: Recommender, data: Data) -> Iterator[tuple[float, Any]]:
    """Yield the share done and the models so far, each on the same folds of all ratings."""
    models = _models(spec)
    rungs = {name: Rung(name, ()) for name in models}
    folds = list(data.ratings.folds(FOLDS, spec.seed))
    done = 0
    for train, test in folds:
        for name, error in models.items():
            rungs[name] = Rung(name, (*rungs[name].errors, error(train, test)))
            done += 1
            yield done / (len(folds) * len(models)), list(rungs.values())


def fold_by_fold(rungs: Sequence[Rung]) -> str:
    """Return how the last model compares with the best of the others on the same folds.

    >>> fold_by_fold([Rung("biases", (0.9, 1.0)), Rung("these settings", (0.85, 0.97))])
    'These settings err less than biases in 2 of 2, by 0.040 stars on average (0.030 to 0.050). '
    """
    ours = rungs[-1].errors
    same = [r for r in rungs[:-1] if len(r.errors) == len(ours) and np.isfinite(r.errors).all()]
    if not same or len(ours) < 2 or not np.isfinite(ours).all():
        return ""
    rival = min(same, key=lambda rung: float(np.mean(rung.errors)))
    gain = np.subtract(rival.errors, ours)
    return (
        f"These settings err less than {rival.label} in {(gain > 0).sum()} of {len(gain)}, "
        f"by {gain.mean():.3f} stars on average ({gain.min():.3f} to {gain.max():.3f}). "
    )


def _models(spec: Recommender) -> dict[str, Any]:
    settings = settings_of(spec)
    few = settings | {"solver": "als", "epochs": 15}
    return {
        "mean alone": lambda train, test: bias_only(train, np.inf).rmse(test),
        "biases": lambda train, test: bias_only(train).rmse(test),
        "item neighbours": lambda train, test: item_knn(train).rmse(test),
        "factors without biases": _factors(settings | {"biases": False}),
        "non-negative factors": _non_negative(settings),
        "SVD++": _factors(settings | {"solver": "svdpp"}),
        "ALS": _factors(few),
        "these settings": _factors(settings),
    }


def _factors(settings: dict[str, Any]) -> Any:
    def error(train: Ratings, test: Ratings) -> float:
        model = factorize(train, test, **settings)
        assert model.test_rmse is not None
        return float(model.test_rmse[-1])

    return error


def _non_negative(settings: dict[str, Any]) -> Any:
    own = {key: value for key, value in settings.items() if key not in ("lr", "reg")}
    error = _factors(own | {"solver": "nmf", "biases": False, "reg": 0.06, "epochs": 50})

    def lifted(train: Ratings, test: Ratings) -> float:
        low = min(0.0, float(train.values.min()))  # the error does not mind where zero is
        return error(*(replace(part, values=part.values - low) for part in (train, test)))

    return lifted


# --- rankings -------------------------------------------------------------------------------------


@cached_unless_upload
def _rankings(course_key: Any, liked: float) -> list[tuple[int, Ranking, Ranking]]:
    course = course_key.course
    plain = factorize(course.data.train, factors=0, lr=0.01, epochs=20)
    return [
        (
            n,
            ranking(course.model, course.data.test, n, liked),
            ranking(plain, course.data.test, n, liked),
        )
        for n in LISTS
    ]


class _Same(NamedTuple):
    """A course as a key: the same object."""

    course: Any

    @property
    def data(self) -> Data:
        """The data that it was trained on."""
        return self.course.data

    def __hash__(self) -> int:
        return id(self.course)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.course is self.course


def rankings(course: TrainingCourse) -> tuple[float, list[tuple[int, Ranking, Ranking]]]:
    """Return what counts as liked, and the worth of lists of each length: factors, biases alone."""
    liked = float(np.quantile(course.data.ratings.values, 0.7))
    return liked, _rankings(_Same(course), liked)
