"""Negative log-likelihoods with their Fisher matrices, of families and of regressions."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry.families import family_of
from gdviz.geometry.family import GeometryError, numbers
from gdviz.geometry.fisher import Name


class Likelihood(NamedTuple):
    """A negative log-likelihood, averaged over the data, with its Fisher matrices.

    `loss(theta)`, `grad(theta) (d,)`, `scores(theta) (n, d)` the gradient of each datum, and
    `fisher(theta) (d, d)`, the expectation over the model; `gauss_newton(theta)` is JᵀHJ/n with the
    Jacobian of the model's output. `check(theta)` returns θ or raises `GeometryError`.
    """

    loss: Callable[[Any], float]
    grad: Callable[[Any], Any]
    scores: Callable[[Any], Any]
    fisher: Callable[[Any], Any]
    gauss_newton: Callable[[Any], Any]
    check: Callable[[Any], Any]


def mle(family: Name, data: Any) -> Likelihood:
    """Return the likelihood of a family for data `(n,)` (with one axis more for vectors).

    Its Gauss–Newton matrix is the Fisher metric: the loss is linear in the sufficient statistics.
    """
    family = family_of(family)
    x = numbers(data, "The data")
    if x.ndim != 1 + family.event or len(x) == 0:
        raise GeometryError(f"“{family.label}” is fitted to a list of at least one outcome.")

    def check(theta: Any) -> Any:
        theta = family.read(theta)
        if theta.ndim != 1:
            raise GeometryError("One θ at a time is fitted.")
        return theta

    # θ has been checked and the data too: the inner functions need not do it again.
    score, log_density = family.unchecked["score"], family.unchecked["log_density"]

    def scores(theta: Any) -> Any:
        with np.errstate(all="ignore"):
            return -score(x, np.asarray(theta, float))

    def loss(theta: Any) -> float:
        with np.errstate(all="ignore"):
            value = -float(np.mean(log_density(x, np.asarray(theta, float))))
        if not np.isfinite(value):
            raise GeometryError(f"Some of the data cannot come from “{family.label}”.")
        return value

    return Likelihood(
        loss, lambda t: scores(t).mean(0), scores, family.metric, family.metric, check
    )


def sigmoid(z: Any) -> Any:
    """Return 1/(1 + e⁻ᶻ) without overflow."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, small) / (1 + small)


def _design(X: Any, y: Any) -> tuple[Any, Any]:
    X, y = numbers(X, "The features"), numbers(y, "The labels")
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y) or len(y) == 0:
        raise GeometryError(
            f"Features (n, d) and labels (n,) are needed, not {X.shape} and {y.shape}."
        )
    return X, y


def logistic(X: Any, y: Any) -> Likelihood:
    """Return logistic regression on features `X (n, d)` and labels 0 or 1; no intercept is added.

    The Hessian does not depend on the labels: the true Fisher matrix, Gauss and Newton's, and
    Newton's own are one, and a natural step of rate 1 is a step of IRLS.
    """
    X, y = _design(X, y)
    if not np.all((y == 0) | (y == 1)):
        raise GeometryError("The labels of logistic regression are 0 or 1.")

    def fisher(w: Any) -> Any:
        p = sigmoid(X @ w)
        return (X * (p * (1 - p))[:, None]).T @ X / len(y)

    def loss(w: Any) -> float:
        z = X @ w
        return float(np.mean(np.logaddexp(0, z) - y * z))

    def scores(w: Any) -> Any:
        return X * (sigmoid(X @ w) - y)[:, None]

    return Likelihood(
        loss, lambda w: scores(w).mean(0), scores, fisher, fisher, _weights(X.shape[1])
    )


def _weights(count: int) -> Callable[[Any], Any]:
    def check(theta: Any) -> Any:
        w = numbers(theta, "The weights")
        if w.shape != (count,):
            raise GeometryError(f"{count} weights are needed, not an array of shape {w.shape}.")
        return w

    return check


def softmax(X: Any, y: Any, classes: int = 0) -> Likelihood:
    """Return softmax regression on `X (n, d)` and labels 0 ... K − 1, weights `(K·d,)` row by row.

    One weight vector a class: adding the same to all changes nothing, so that the Fisher matrix is
    singular, and the step the shortest of those that solve it.
    """
    X, y = _design(X, y)
    K = classes or int(y.max()) + 1
    if not np.all((y == np.floor(y)) & (y >= 0) & (y < K)) or K < 2:
        raise GeometryError("The labels of softmax regression are whole numbers from 0 on.")
    hot = np.equal(y[:, None], np.arange(K)).astype(float)

    def chances(w: Any) -> Any:
        z = X @ w.reshape(K, -1).T
        return np.exp(z - np.logaddexp.reduce(z, 1, keepdims=True))

    def scores(w: Any) -> Any:
        return ((chances(w) - hot)[:, :, None] * X[:, None, :]).reshape(len(y), -1)

    def fisher(w: Any) -> Any:
        p = chances(w)
        spread = p[:, :, None] * np.eye(K) - p[:, :, None] * p[:, None, :]
        size = K * X.shape[1]
        return np.einsum("nab,ni,nj->aibj", spread, X, X).reshape(size, size) / len(y)

    def loss(w: Any) -> float:
        z = X @ w.reshape(K, -1).T
        return float(np.mean(np.logaddexp.reduce(z, 1) - (hot * z).sum(1)))

    check = _weights(K * X.shape[1])
    return Likelihood(loss, lambda w: scores(w).mean(0), scores, fisher, fisher, check)
