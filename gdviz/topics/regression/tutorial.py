"""The tutorial's own regression, as it stands there."""

from functools import lru_cache
from typing import Any

import numpy as np

from gdviz.learn.datasets import diabetes

Data = tuple[np.ndarray, np.ndarray]


class TutorialRegression:
    """The tutorial's linear regression (slide 2), its mistakes kept; `in_place` as it is written.

    With `in_place=False` the updates read `w = w - ...`, as many would write them.
    """

    def __init__(self, learning_rate: float = 0.01, in_place: bool = True) -> None:
        self.lr, self.in_place = learning_rate, in_place
        self.weights: Any = None
        self.bias: Any = None

    def fit(self, X: np.ndarray, y: np.ndarray, epochs: int = 1000) -> None:
        """Descend; a column y makes the residual a table of n² differences."""
        n = X.shape[0]
        self.weights, self.bias = np.zeros(X.shape[1]), 0
        for _ in range(epochs):
            prediction = np.dot(X, self.weights) + self.bias
            dw = (1 / n) * np.dot(X.T, (prediction - y))
            db = (1 / n) * np.sum(prediction - y)
            if self.in_place:
                self.weights -= self.lr * dw
            else:
                self.weights = self.weights - self.lr * dw
            self.bias -= self.lr * db

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return what it predicts, of whatever shape."""
        return np.dot(X, self.weights) + self.bias


def tutorial_batches(
    X: np.ndarray, y: np.ndarray, batch_size: int, shuffle: Any = np.random.shuffle
) -> list[Data]:
    """Return the tutorial's mini-batches (slide 5): X and y glued, shuffled, cut, the rest lost."""
    data = np.hstack((X, y))
    shuffle(data)
    cut = [data[i * batch_size : (i + 1) * batch_size] for i in range(data.shape[0] // batch_size)]
    return [(part[:, :-1], part[:, -1].reshape((-1, 1))) for part in cut]


@lru_cache(maxsize=1)
def standardised_diabetes() -> Data:
    """Return diabetes with columns of mean 0 and standard deviation 1."""
    table = diabetes().to_numpy()
    X = table[:, :-1]
    return (X - X.mean(axis=0)) / X.std(axis=0), table[:, -1]


def _line(weights: Any, bias: Any) -> str:
    return f"w = {np.ravel(weights)[0]:.4f}, b = {float(np.ravel(bias)[0]):.4f}"
