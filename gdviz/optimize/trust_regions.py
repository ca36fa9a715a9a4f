"""Methods that try a step of a model of f, and trust the model less where the step did not pay."""

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np

from gdviz.core import Method
from gdviz.knobs import Range
from gdviz.optimize import linalg
from gdviz.optimize.line_search import no_trials
from gdviz.optimize.states import DampedState, RegionState

Radius = Annotated[float, Range(1e-3, 100.0, "first radius", "Of the disk of trust.", log=True)]
Agreement = Annotated[
    float, Range(0.0, 0.24, "agreement", "A step needs this share of the promised fall.")
]
Damping = Annotated[float, Range(1e-8, 1e4, "first damping λ", "Added to JᵀJ.", log=True)]
Change = Annotated[float, Range(1.5, 100.0, "factor", "λ falls and rises by it.", log=True)]

TRIALS = 30  # a quarter of the radius 30 times is 1e-18 of it: smaller than rounding
LARGEST = 1000.0  # times the first radius: no larger disk is trusted (SciPy's limit)


def trust_region(problem: Any, radius: Radius = 1.0, agreement: Agreement = 0.15) -> Method:
    """Trust region, dogleg: the least of a quadratic model along a bent path inside a disk.

    From x towards the model's least point along −∇f, then towards Newton's, up to the radius. The
    disk shrinks to a quarter where f falls by less than a quarter of what the model promised, and
    doubles where it falls by more than three quarters at its edge. Nocedal & Wright 2006, Algorithm
    4.1 and section 4.1 (dogleg), with |H| for H as in `newton`. A step tries until one is taken.
    """

    def init(x: np.ndarray) -> RegionState:
        f = problem.f(x)
        size = np.full(np.shape(f), float(radius))
        return RegionState(x, f, problem.grad(x), 0, *_nothing(x, f), size)

    def step(s: RegionState) -> RegionState:
        B = linalg.absolute(problem.hess(s.x))
        full, steepest = _ends_of_dogleg(B, s.grad)

        def offer(size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return _dogleg(full, steepest, size)

        def judge(p: Any, fall: Any, size: Any, edge: Any) -> tuple[Any, Any]:
            promise = -linalg.inner(s.grad, p) - linalg.inner(p, linalg.times(B, p)) / 2
            share = fall / promise
            wider = np.where((share > 0.75) & edge, 2 * size, size)
            wider = np.minimum(wider, LARGEST * radius)
            return share > agreement, np.where(share >= 0.25, wider, size / 4)

        x, trials, tried, size = _tried(problem, s, s.radius, offer, judge)
        return RegionState(x, problem.f(x), problem.grad(x), s.t + 1, trials, tried, size)

    return Method(init, step)


def levenberg_marquardt(problem: Any, damping: Damping = 1e-3, factor: Change = 10.0) -> Method:
    """Levenberg-Marquardt: Gauss-Newton with λ added to JᵀJ, p = −(JᵀJ + λI)⁻¹Jᵀr for f = Σr².

    Levenberg 1944 and Marquardt 1963: λ falls by the factor after a step at which f falls, and
    rises by it after one that is not taken. A large λ is a short step of gradient descent. Raises
    `ValueError` unless the problem is a sum of squares.
    """
    if not getattr(problem, "residuals", ()):
        raise ValueError("Levenberg-Marquardt needs a sum of squares; this problem has none.")

    def init(x: np.ndarray) -> DampedState:
        f = problem.f(x)
        first = np.full(np.shape(f), float(damping))
        return DampedState(x, f, problem.grad(x), 0, *_nothing(x, f), first)

    def step(s: DampedState) -> DampedState:
        jacobian = problem.jacobian(s.x)
        square, slope = linalg.transpose(jacobian) @ jacobian, s.grad / 2  # ∇f = 2Jᵀr
        identity = np.eye(s.x.shape[-1])

        def offer(added: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            p = -linalg.solve(square + added[..., None, None] * identity, slope)
            return p, np.zeros(added.shape, bool)

        def judge(p: Any, fall: Any, added: Any, edge: Any) -> tuple[Any, Any]:
            paid = fall > 0
            return paid, np.where(paid, added / factor, added * factor)

        x, trials, tried, added = _tried(problem, s, s.damping, offer, judge)
        return DampedState(x, problem.f(x), problem.grad(x), s.t + 1, trials, tried, added)

    return Method(init, step)


def _nothing(x: np.ndarray, f: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return no_trials(x, TRIALS), np.zeros(np.shape(f), int)


def _tried(
    problem: Any, s: Any, size: np.ndarray, offer: Callable[..., Any], judge: Callable[..., Any]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the first point offered that is taken, the trials, how many, and the size after them.

    `offer(size)` gives steps p and whether they end at an edge; `judge(p, fall, size, edge)` which
    are taken, and the next size. A point none of whose trials is taken stays.
    """
    done, tried = ~(linalg.norm(s.grad) > 0), np.zeros(np.shape(s.f), int)
    x, trials = s.x, no_trials(s.x, TRIALS)
    for i in range(TRIALS):
        p, edge = offer(size)
        point = s.x + p
        taken, after = judge(p, s.f - problem.f(point), size, edge)
        trials[..., i, :] = linalg.where(done, np.nan, point)
        tried = np.where(done, tried, i + 1)
        x = linalg.where(taken & ~done, point, x)
        size, done = np.where(done, size, after), done | taken
        if done.all():
            break
    return x, trials, tried, size


def _ends_of_dogleg(B: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps to the model's least point, and to that along −g."""
    bend = linalg.inner(g, linalg.times(B, g))
    along = linalg.inner(g, g) / np.where(bend > 0, bend, 1.0)
    return -linalg.solve(B, g), linalg.scale(-along, g)


def _dogleg(
    full: np.ndarray, steepest: np.ndarray, radius: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the point of the bent path 0 → steepest → full at the radius, and if it ends there."""
    inside, first = linalg.norm(full) < radius, linalg.norm(steepest)
    leg = full - steepest
    a, b = linalg.inner(leg, leg), linalg.inner(steepest, leg)
    c = linalg.inner(steepest, steepest) - radius**2
    root = np.sqrt(np.maximum(b * b - a * c, 0.0))
    share = (root - b) / np.where(a > 0, a, 1.0)
    bent = steepest + linalg.scale(share, leg)
    short = linalg.scale(radius / np.where(first > 0, first, 1.0), steepest)
    p = linalg.where(inside, full, linalg.where(first >= radius, short, bent))
    return p, ~inside
