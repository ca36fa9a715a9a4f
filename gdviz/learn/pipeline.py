"""The house-price pipeline: load, split, impute, encode, scale, fit, score, each stage to look at.

scikit-learn imputes, encodes, scales and splits; the model and its training are ours. Every stage
learns from the training rows alone, unless a leak is asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gdviz.cache import frozen
from gdviz.learn.column_types import is_constant, quote
from gdviz.learn.fit_result import Fit
from gdviz.learn.linear import closed_form, fit_linear
from gdviz.learn.metrics import Scores, scores
from gdviz.learn.objective import FitError, is_real
from gdviz.learn.preparation import (
    NEIGHBOURS,
    as_matrix,
    default_features,
    feature_columns,
    neighbours,
    numeric_columns,
    preparation,
)

if TYPE_CHECKING:
    import pandas as pd

LEAKS = {
    "none": "no leak",
    "rows": "scaled with the test rows",
    "target": "a feature that knows the price",
}
MOST_FEATURES = 600  # columns of a design, powers and categories included


class Plan(NamedTuple):
    """What a pipeline does: the split, powers up to `degree`, ridge l2, a leak, and the training.

    `method` is one of `gdviz.learn.linear_training.FITTERS`, or "closed_form".
    """

    test_share: float = 0.2
    seed: int = 0
    degree: int = 1
    l2: float = 0.0
    leak: str = "none"
    scale: bool = True
    method: str = "closed_form"
    lr: float | None = None
    steps: int = 1000
    batch_size: int | None = None


@dataclass(frozen=True, eq=False)
class Pipeline:
    """A pipeline that has run; `train` and `test` are the rows of the table, by position."""

    table: "pd.DataFrame"
    target: str
    features: tuple[str, ...]
    plan: Plan
    train: np.ndarray
    test: np.ndarray
    prepare: Any
    X_train: np.ndarray
    X_test: np.ndarray
    names: tuple[str, ...]
    weights: np.ndarray
    bias: float
    fit: Fit | None
    notes: tuple[str, ...]

    @cached_property
    @frozen
    def y(self) -> np.ndarray:
        """The target of all rows, `(n,)`."""
        return self.table[self.target].to_numpy(dtype=float, copy=True)

    @cached_property
    @frozen
    def prediction_train(self) -> np.ndarray:
        """The predictions of the training rows."""
        return self.X_train @ self.weights + self.bias

    @cached_property
    @frozen
    def prediction_test(self) -> np.ndarray:
        """The predictions of the test rows."""
        return self.X_test @ self.weights + self.bias

    @property
    def on_train(self) -> Scores:
        """The scores on the rows that were learned from."""
        return scores(self.y[self.train], self.prediction_train)

    @property
    def on_test(self) -> Scores:
        """The scores on the rows that were held out."""
        return scores(self.y[self.test], self.prediction_test)

    def predict(self, rows: "pd.DataFrame") -> np.ndarray:
        """Return the predictions for new rows, whose columns may stand in any order.

        A category never seen counts as none of the known ones. Raises `FitError` for a column that
        is missing, and for a pipeline with a leak, whose feature a new row cannot have.
        """
        if self.plan.leak == "target":
            raise FitError("A new house has no price yet: the leaking feature cannot be made.")
        gone = [name for name in self.features if name not in rows.columns]
        if gone:
            raise FitError(f"The column {quote(gone[0])} is missing.")
        ready = self.prepare.transform(feature_columns(rows, self.features))
        return as_matrix(ready) @ self.weights + self.bias


def run_pipeline(
    table: "pd.DataFrame",
    target: str,
    features: Sequence[str] | None = None,
    plan: Plan = Plan(),  # noqa: B008  (a NamedTuple does not change)
) -> Pipeline:
    """Run all stages on a table and return what each made.

    Rows without a target are left out. The split is scikit-learn's `train_test_split` with the
    plan's seed. Raises `FitError` for a target or features that no model can be fitted to.
    """
    table, features, notes = _checked(table, target, features, plan)
    train, test = split(len(table), float(plan.test_share), plan.seed)
    y = table[target].to_numpy(dtype=float)
    if is_constant(y[train]):
        raise FitError(f"The target {quote(target)} is constant: there is nothing to predict.")
    rows = feature_columns(table, features)
    if plan.leak == "target":
        rows = rows.assign(**{NEIGHBOURS: neighbours(rows, list(rows), y)})
    prepare = preparation(rows.iloc[train], plan.degree, plan.scale)
    prepare.fit(rows if plan.leak == "rows" else rows.iloc[train])
    X_train, X_test = (as_matrix(prepare.transform(rows.iloc[i])) for i in (train, test))
    if X_train.shape[1] > MOST_FEATURES:
        raise FitError(f"{X_train.shape[1]} columns are too many, at most {MOST_FEATURES}.")
    names = tuple(name.split("__", 1)[-1] for name in prepare.get_feature_names_out())
    weights, bias, fit = _trained(X_train, y[train], plan)
    return Pipeline(
        table, target, tuple(features), plan, train, test, prepare, X_train, X_test, names,
        weights, bias, fit, tuple(notes),
    )  # fmt: skip


def split(n: int, test_share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the training and of the test rows, as scikit-learn draws them."""
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(np.arange(n), test_size=test_share, random_state=seed)
    return train, test


def _trained(X: np.ndarray, y: np.ndarray, plan: Plan) -> tuple[np.ndarray, float, Fit | None]:
    if plan.method == "closed_form":
        weights, bias = closed_form(X, y, plan.l2)
        return weights, bias, None
    fit = fit_linear(
        X, y, l2=plan.l2, method=plan.method, lr=plan.lr, steps=plan.steps,
        batch_size=plan.batch_size, seed=plan.seed,
    )  # fmt: skip
    return fit.weights[-1], float(fit.bias[-1]), fit


def _checked(
    table: "pd.DataFrame", target: str, features: Sequence[str] | None, plan: Plan
) -> tuple["pd.DataFrame", tuple[str, ...], list[str]]:
    """Return the rows that have a target, the features, and notes; refuse what makes no sense."""
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise FitError(f"A table is a pandas DataFrame, not {type(table).__name__}.")
    names = [str(name) for name in table.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise FitError(f"Two columns are called {quote(twice)}: rename one of them.")
    table, notes = _with_target(table, target)
    if features is None:
        features = default_features(table, target)
    features = (features,) if isinstance(features, str) else tuple(features)
    _check(table, target, features, plan)
    return table, features, notes


def _with_target(table: "pd.DataFrame", target: str) -> tuple["pd.DataFrame", list[str]]:
    """Return the rows that have a target, and a note if some have not."""
    if target not in table.columns:
        raise FitError(f"There is no column {quote(target)} to predict.")
    if target not in numeric_columns(table):
        raise FitError(f"The target {quote(target)} must be a column of numbers.")
    known = np.isfinite(table[target].to_numpy(dtype=float, na_value=np.nan))
    if known.all():
        return table, []
    left_out = f"{int((~known).sum()):,} rows have no {quote(target)} and were left out."
    return table[known].reset_index(drop=True), [left_out]


def _check(table: "pd.DataFrame", target: str, features: Sequence[str], plan: Plan) -> None:
    if not features:
        raise FitError("There is no feature: choose at least one column besides the target.")
    if target in features:
        raise FitError(
            f"The target {quote(target)} is among the features: the model would read the answer."
        )
    for name in features:
        if name not in table.columns:
            raise FitError(f"There is no column {quote(name)}.")
    if plan.leak not in LEAKS:
        raise FitError(f"unknown leak {plan.leak!r}; there is {', '.join(LEAKS)}.")
    for name, value, least in (("degree", plan.degree, 1), ("seed", plan.seed, 0)):
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
            raise FitError(f"{name} = {value!r} is not a whole number of {least} or more.")
    if not is_real(plan.test_share) or not 0 < plan.test_share < 1:
        raise FitError(f"test_share = {plan.test_share!r} does not lie between 0 and 1.")
    held_out = int(np.ceil(len(table) * float(plan.test_share)))
    if len(table) - held_out < 2 or held_out < 1:
        raise FitError(f"{len(table)} rows are too few to learn from some and hold out others.")


# --- more than one split -------------------------------------------------------------------------


class Folds(NamedTuple):
    """The scores of each fold, on its training and its held-out rows, and the seconds it took."""

    train: tuple[Scores, ...]
    test: tuple[Scores, ...]
    seconds: tuple[float, ...]

    def mean_and_sd(self, name: str) -> tuple[float, float]:
        """Return mean and standard deviation over the folds of a score on held-out rows."""
        values = [getattr(s, name) for s in self.test if getattr(s, name) is not None]
        if not values:
            return float("nan"), float("nan")
        return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def k_fold(
    table: "pd.DataFrame",
    target: str,
    features: Sequence[str] | None = None,
    plan: Plan = Plan(),  # noqa: B008
    k: int = 5,
    progress: Callable[[float], None] = lambda share: None,
) -> Folds:
    """Return the scores of k folds, each prepared and trained without its held-out rows."""
    from sklearn.model_selection import KFold

    table, features, _ = _checked(table, target, features, plan)
    if not 2 <= k <= len(table) // 2:
        raise FitError(f"{k} folds of {len(table)} rows: there must be 2 at least, of 2 rows each.")
    y, rows = table[target].to_numpy(dtype=float), feature_columns(table, features)
    found = []
    for i, (train, test) in enumerate(KFold(k, shuffle=True, random_state=plan.seed).split(y)):
        began = perf_counter()
        prepare = preparation(rows.iloc[train], plan.degree, plan.scale).fit(rows.iloc[train])
        X, X_test = (as_matrix(prepare.transform(rows.iloc[at])) for at in (train, test))
        weights, bias, _ = _trained(X, y[train], plan)
        both = scores(y[train], X @ weights + bias), scores(y[test], X_test @ weights + bias)
        found.append((*both, perf_counter() - began))
        progress((i + 1) / k)
    return Folds(*map(tuple, zip(*found, strict=True)))
