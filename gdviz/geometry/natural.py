"""The natural gradient: steepest descent where length is measured by the Fisher metric."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry.coordinates import Coordinates
from gdviz.geometry.families import family_of
from gdviz.geometry.family import GeometryError, numbers
from gdviz.geometry.fisher import Name

FISHERS = ("true", "empirical", "gauss_newton")
SINGULAR = 1e-12  # of the largest eigenvalue: below, a direction is not seen by the data


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


def empirical_fisher(scores: Any) -> Any:
    """Return Σ s sᵀ / n of the scores `(n, d)` at the labels that were seen.

    It is not the Fisher matrix, whose labels come from the model, unless the model fits.
    """
    s = numbers(scores, "The scores")
    return s.T @ s / len(s)


def fisher_of(problem: Likelihood, theta: Any, fisher: str = "true") -> Any:
    """Return one of the Fisher matrices of `FISHERS`."""
    if fisher == "true":
        return problem.fisher(theta)
    if fisher == "gauss_newton":
        return problem.gauss_newton(theta)
    if fisher == "empirical":
        return empirical_fisher(problem.scores(theta))
    raise GeometryError(f"“{str(fisher)[:30]}” is not one of {', '.join(FISHERS)}.")


class Direction(NamedTuple):
    """F⁻¹ g, and the number of directions that a singular F has left out."""

    step: Any
    unseen: int


def natural_direction(grad: Any, fisher: Any, damping: float = 0.0) -> Direction:
    """Return (F + damping·1)⁻¹ g; where F is singular, the shortest solution.

    F is symmetric: by its eigenvectors, those below 10⁻¹² of the largest eigenvalue are left out.
    Raises `GeometryError` where F is not finite or zero.
    """
    g, F = numbers(grad, "The gradient"), numbers(fisher, "The Fisher matrix")
    if not (np.isfinite(damping) and damping >= 0):
        raise GeometryError("Damping is zero or positive.")
    if F.shape != (*g.shape, *g.shape):
        raise GeometryError(f"A gradient {g.shape} and a Fisher matrix {F.shape} do not match.")
    F = F + damping * np.eye(len(g))
    if _well_posed(F):
        return Direction(np.linalg.solve(F, g), 0)
    values, frame = np.linalg.eigh((F + F.T) / 2)
    if values[-1] <= 0:
        raise GeometryError("The Fisher matrix is zero: the data say nothing here. Damp it.")
    seen = values > SINGULAR * values[-1]
    if seen.all():
        return Direction(np.linalg.solve(F, g), 0)
    along = frame[:, seen]
    return Direction(along @ ((along.T @ g) / values[seen]), int((~seen).sum()))


def _well_posed(F: Any) -> bool:
    """Tell whether F is safely positive, by its Cholesky factor: far cheaper than eigenvectors."""
    try:
        pivots = np.diagonal(np.linalg.cholesky(F))
    except np.linalg.LinAlgError:
        return False
    return bool((pivots.min() / pivots.max()) ** 2 > 1e4 * SINGULAR)


def natural_step(
    problem: Likelihood, theta: Any, lr: float = 1.0, damping: float = 0.0, fisher: str = "true"
) -> Any:
    """Return θ − lr (F + damping·1)⁻¹ ∇loss(θ), one step of the natural gradient.

    `problem` is `mle(family, data)`, `logistic(X, y)` or `softmax(X, y)`. Raises `GeometryError`
    where the step leaves the family: make lr smaller.
    """
    theta = problem.check(theta)
    matrix = fisher_of(problem, theta, fisher)
    step = natural_direction(problem.grad(theta), matrix, damping).step
    return problem.check(theta - lr * step)


def plain_step(problem: Likelihood, theta: Any, lr: float = 1.0) -> Any:
    """Return θ − lr ∇loss(θ), the plain gradient's step."""
    theta = problem.check(theta)
    return problem.check(theta - lr * problem.grad(theta))


class NaturalFit(NamedTuple):
    """A run of steps: `theta (n + 1, d)`, `loss (n + 1,)`, how it ended, and why in words."""

    theta: Any
    loss: Any
    status: str
    reason: str
    unseen: int = 0


def fit(
    problem: Likelihood,
    start: Any,
    steps: int = 50,
    lr: float = 0.1,
    natural: bool = True,
    damping: float = 0.0,
    fisher: str = "true",
    tolerance: float = 1e-10,
    coordinates: Coordinates | None = None,
) -> NaturalFit:
    """Return the path of natural (or plain) gradient descent, until |∇loss| is below `tolerance`.

    The steps are taken in `coordinates` of the family, its own unless given. A step that leaves the
    family, or a loss that is not finite, ends it: the last good point stays.
    """
    theta = problem.check(start)
    path, losses, unseen = [theta], [problem.loss(theta)], 0
    status, reason = "limit", f"All {steps} steps were taken."
    for k in range(steps + 1):
        g = problem.grad(theta)
        if np.max(np.abs(g)) < tolerance:
            status, reason = "converged", f"The gradient vanishes after {k} steps."
            break
        if k == steps:
            break
        try:
            F = fisher_of(problem, theta, fisher) if natural else None
            theta, unseen = _moved(problem, theta, g, F, lr, damping, coordinates)
            loss = problem.loss(theta)
        except GeometryError as error:
            status, reason = "left", f"Step {k + 1} leaves the family. {error}"
            break
        if not np.isfinite(loss) or loss > 1e6 + 100 * abs(losses[0]):
            status, reason = "diverged", f"The loss leaves all bounds at step {k + 1}."
            break
        path.append(theta)
        losses.append(loss)
    return NaturalFit(np.stack(path), np.array(losses), status, reason, unseen)


def _moved(
    problem: Likelihood,
    theta: Any,
    g: Any,
    F: Any,
    lr: float,
    damping: float,
    coordinates: Coordinates | None,
) -> tuple[Any, int]:
    """Return θ after a step in coordinates y, where ∇ is J⁻ᵀ∇_θ and F is J⁻ᵀ F_θ J⁻¹, J = ∂y/∂θ."""
    if coordinates is not None:
        J = coordinates.slope(theta)
        g = np.linalg.solve(J.T, g)
        F = None if F is None else np.linalg.solve(J.T, np.linalg.solve(J.T, F).T)
    step, unseen = (g, 0) if F is None else natural_direction(g, F, damping)
    if coordinates is None:
        return problem.check(theta - lr * step), unseen
    with np.errstate(all="ignore"):
        moved = coordinates.back(coordinates.to(theta) - lr * step, theta)
    return problem.check(moved), unseen
