"""The natural gradient: steepest descent where length is measured by the Fisher metric."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry.coordinates import Coordinates
from gdviz.geometry.family import GeometryError, numbers
from gdviz.geometry.likelihoods import Likelihood

FISHERS = ("true", "empirical", "gauss_newton")
SINGULAR = 1e-12  # of the largest eigenvalue: below, a direction is not seen by the data


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
