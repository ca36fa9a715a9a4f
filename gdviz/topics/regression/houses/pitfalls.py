"""The mistakes of the tutorial's house prices, run beside what is right."""

import numpy as np

from gdviz.learn import FitError, fit_linear, scores
from gdviz.topics.regression.tutorial import (
    Data,
    TutorialRegression,
    _line,
    standardised_diabetes,
    tutorial_batches,
)


class TutorialHousePrices(TutorialRegression):
    """The tutorial's house prices (slide 9): the loss is the mean of squares, not half of it."""

    def fit(self, X: np.ndarray, y: np.ndarray, epochs: int = 1000) -> None:
        """Descend on standardised columns; nothing is checked."""
        n = len(X)
        self.weights, self.bias = np.zeros(X.shape[1]), 0
        for _ in range(epochs):
            prediction = np.dot(X, self.weights) + self.bias
            self.weights -= self.lr * (2 / n) * np.dot(X.T, (prediction - y))
            self.bias -= self.lr * (2 / n) * np.sum(prediction - y)


def tutorial_data() -> Data:
    """Return the tutorial's example, X (100, 1) and y (100, 1): y = 2x + 1 and noise of 0.1."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 1))
    return X, 2 * X + 1 + 0.1 * rng.standard_normal((100, 1))


def glued_targets() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shapes that two targets and one feature have after the tutorial's glue (5c)."""
    X, y = np.arange(64.0)[:, None], np.zeros((64, 2))
    part = tutorial_batches(X, y, 32, lambda data: None)[0]
    return part[0].shape, part[1].shape


def _glued() -> tuple[str, str]:
    features, target = glued_targets()
    told = f"X {features}, y {target}: the first target has become a feature"
    try:
        fit_linear(np.arange(64.0)[:, None], np.zeros((64, 2)))
        ours = ""
    except FitError as error:
        ours = str(error)
    return told, ours


def _missing() -> tuple[str, str]:
    X, y = tutorial_data()
    X = X.copy()
    X[3, 0] = np.nan
    model = TutorialHousePrices()
    model.fit(X, y[:, 0])
    try:
        fit_linear(X, y)
        ours = ""
    except FitError as error:
        ours = str(error)
    return f"one cell is missing: {_line(model.weights, model.bias)}", ours


def _tall() -> tuple[str, str]:
    X, y = standardised_diabetes()
    try:
        TutorialHousePrices().fit(X, y[:, None])
        told = ""
    except ValueError as error:
        told = f"ValueError: {str(error)[:70]}"
    fit = fit_linear(X, y[:, None], steps=200)
    return told, f"the column is flattened; R² = {scores(y, fit.predict(X)).r2:.3f} after 200 steps"


def _undefined() -> tuple[str, str]:
    y, guess = np.full(5, 3.0), np.array([3.0, 3.1, 2.9, 3.0, 3.2])
    with np.errstate(all="ignore"):
        r2 = 1 - np.sum((y - guess) ** 2) / np.sum((y - y.mean()) ** 2)
    told = "undefined" if scores(y, guess).r2 is None else "a number"
    try:
        fit_linear([[1.0]], [2.0])
        refused = ""
    except FitError as error:
        refused = str(error)
    return f"a constant target: R² = {r2}; one row is fitted too", f"R² is {told}; {refused}"
