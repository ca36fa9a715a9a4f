"""The methods that ask more of the problem than its gradient here: curvature and line searches."""

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np

from gdviz.core import Method
from gdviz.knobs import Range
from gdviz.optimize import linalg
from gdviz.optimize.line_search import WOLFE_TRIALS, armijo, no_trials, wolfe
from gdviz.optimize.rules import Rate
from gdviz.optimize.states import (
    ConjugateState,
    GradientState,
    LBFGSState,
    LineSearchState,
    QuasiNewtonState,
)

Armijo = Annotated[float, Range(1e-6, 0.5, "c₁", "Share of the promised decrease.", log=True)]
Shrink = Annotated[float, Range(0.1, 0.9, "shrink", "Factor from one trial to the next.")]
Slope = Annotated[float, Range(0.01, 0.99, "c₂", "Share of the slope that may be left.")]
Recall = Annotated[int, Range(1, 20, "memory", "How many moves are remembered.")]


def newton_plain(problem: Any, lr: Rate = 1.0) -> Method:
    """Newton's method as it stands: x ← x − η H⁻¹∇f (Nocedal & Wright 2006, eq. 2.15).

    It solves ∇f = 0, so it climbs to a maximum as gladly as it descends to a minimum.
    """

    return _solving(problem, problem.hess, lr)


def _solving(problem: Any, metric: Callable[[Any], Any], lr: float) -> Method:
    """Return x ← x − η M⁻¹∇f with the metric M at x."""

    def init(x: Any) -> GradientState:
        return GradientState(x, problem.f(x), problem.grad(x), 0)

    def step(s: GradientState) -> GradientState:
        x = s.x - lr * linalg.solve(metric(s.x), s.grad)
        return GradientState(x, problem.f(x), problem.grad(x), s.t + 1)

    return Method(init, step)


def newton(problem: Any, lr: Rate = 1.0, c1: Armijo = 1e-4, shrink: Shrink = 0.5) -> Method:
    """Newton's method, damped: a descent direction always, and a step that must pay.

    The Hessian is replaced by |H| (Greenstadt 1967; Nocedal & Wright 2006, section 3.4), and the
    step along p = −|H|⁻¹∇f is shortened until Armijo's condition (their eq. 3.4) holds.
    """

    def direction(s: LineSearchState) -> Any:
        return -linalg.solve(linalg.absolute(problem.hess(s.x)), s.grad)

    return _searching(problem, direction, lr, c1, shrink)


def gauss_newton(problem: Any, lr: Rate = 1.0, c1: Armijo = 1e-4, shrink: Shrink = 0.5) -> Method:
    """Gauss-Newton: Newton with 2JᵀJ for the Hessian of f = Σr², and Armijo's damping.

    Nocedal & Wright 2006, section 10.3. Raises `ValueError` unless the problem is a sum of squares.
    """
    if not getattr(problem, "residuals", ()):
        raise ValueError("Gauss-Newton needs a sum of squares; this problem has no residuals.")

    def direction(s: LineSearchState) -> Any:
        jacobian = problem.jacobian(s.x)
        return -linalg.solve(linalg.absolute(2 * linalg.transpose(jacobian) @ jacobian), s.grad)

    return _searching(problem, direction, lr, c1, shrink)


def natural_gradient(problem: Any, lr: Rate = 0.5) -> Method:
    """The natural gradient: x ← x − η F⁻¹∇f, F the Fisher information at x (Amari 1998).

    The steepest way down among laws, the same in any parameters; η = 1 is Fisher's scoring. Raises
    `ValueError` unless the problem is a likelihood.
    """
    if not getattr(problem, "information", ()):
        raise ValueError(
            "The natural gradient needs a Fisher information: this problem is no likelihood."
        )
    return _solving(problem, problem.fisher, lr)


def backtracking(problem: Any, lr: Rate = 1.0, c1: Armijo = 1e-4, shrink: Shrink = 0.5) -> Method:
    """Gradient descent with Armijo's backtracking; every trial point is kept.

    The first trial is η; it shrinks until f(x + αp) ≤ f(x) + c₁ α ∇fᵀp, p = −∇f
    (Armijo 1966; Nocedal & Wright 2006, Algorithm 3.1).
    """
    return _searching(problem, lambda s: -s.grad, lr, c1, shrink)


def _searching(
    problem: Any, direction: Callable[[Any], Any], lr: float, c1: float, shrink: float
) -> Method:
    def init(x: Any) -> LineSearchState:
        f = problem.f(x)
        return LineSearchState(x, f, problem.grad(x), 0, no_trials(x), np.zeros(np.shape(f), int))

    def step(s: LineSearchState) -> LineSearchState:
        x, seen, tried = armijo(problem, s, direction(s), lr, c1, shrink)
        return LineSearchState(x, problem.f(x), problem.grad(x), s.t + 1, seen, tried)

    return Method(init, step)


def bfgs(problem: Any, c1: Armijo = 1e-4, c2: Slope = 0.9) -> Method:
    """BFGS: p = −H∇f with H learnt from moves and turns of the gradient, and a Wolfe search.

    H ← (I − ρsyᵀ) H (I − ρysᵀ) + ρssᵀ (Nocedal & Wright 2006, eq. 6.17), scaled by sᵀy/yᵀy before
    the first update (eq. 6.20); an update that would lose positive definiteness is skipped.
    """

    def init(x: np.ndarray) -> QuasiNewtonState:
        f = problem.f(x)
        identity = np.broadcast_to(np.eye(x.shape[-1]), (*x.shape, x.shape[-1]))
        return QuasiNewtonState(x, f, problem.grad(x), 0, *_unsearched(x, f), identity)

    def step(s: QuasiNewtonState) -> QuasiNewtonState:
        p = _descending(-linalg.times(s.H, s.grad), s.grad)
        x, seen, tried = wolfe(problem, s, p, _first(s), c1, c2)
        f, grad = problem.f(x), problem.grad(x)
        H = _bfgs_update(s.H, x - s.x, grad - s.grad, s.t == 0)
        return QuasiNewtonState(x, f, grad, s.t + 1, seen, tried, H)

    return Method(init, step)


def _bfgs_update(H: np.ndarray, move: np.ndarray, turn: np.ndarray, first: bool) -> np.ndarray:
    sy, yy = linalg.inner(move, turn), linalg.inner(turn, turn)
    sound = sy > 1e-12 * np.sqrt(yy * linalg.inner(move, move))
    rho = np.where(sound, 1 / np.where(sound, sy, 1.0), 0.0)[..., None, None]
    if first:
        H = np.where(sound[..., None, None], H * (sy / np.where(yy > 0, yy, 1))[..., None, None], H)
    left = np.eye(move.shape[-1]) - rho * linalg.outer(move, turn)
    H = left @ H @ linalg.transpose(left) + rho * linalg.outer(move, move)
    return (H + linalg.transpose(H)) / 2  # rounding must not make it lopsided


def lbfgs(problem: Any, memory: Recall = 5, c1: Armijo = 1e-4, c2: Slope = 0.9) -> Method:
    """L-BFGS: BFGS that remembers only the last moves (Nocedal & Wright 2006, Algorithm 7.4)."""

    def init(x: np.ndarray) -> LBFGSState:
        f = problem.f(x)
        nothing = np.zeros((*x.shape[:-1], memory, x.shape[-1]))
        return LBFGSState(x, f, problem.grad(x), 0, *_unsearched(x, f), nothing, nothing)

    def step(s: LBFGSState) -> LBFGSState:
        p = _descending(-_two_loops(s.grad, s.moves, s.turns), s.grad)
        x, seen, tried = wolfe(problem, s, p, _first(s), c1, c2)
        f, grad = problem.f(x), problem.grad(x)
        moves, turns = _remember(s, x - s.x, grad - s.grad)
        return LBFGSState(x, f, grad, s.t + 1, seen, tried, moves, turns)

    return Method(init, step)


def _remember(s: LBFGSState, move: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the memory with one more pair, unless its curvature is not positive."""
    sound = linalg.inner(move, turn) > 1e-12 * linalg.norm(move) * linalg.norm(turn)
    keep = sound[..., None, None]
    moves = np.concatenate([s.moves[..., 1:, :], move[..., None, :]], axis=-2)
    turns = np.concatenate([s.turns[..., 1:, :], turn[..., None, :]], axis=-2)
    return np.where(keep, moves, s.moves), np.where(keep, turns, s.turns)


def _two_loops(grad: np.ndarray, moves: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Return H∇f from the remembered pairs, newest last; empty pairs change nothing."""
    sy = (moves * turns).sum(axis=-1)
    rho = np.where(sy > 0, 1 / np.where(sy > 0, sy, 1), 0.0)
    q, alphas = grad, []
    for i in reversed(range(moves.shape[-2])):
        alphas.append(rho[..., i] * linalg.inner(moves[..., i, :], q))
        q = q - linalg.scale(alphas[-1], turns[..., i, :])
    yy = linalg.inner(turns[..., -1, :], turns[..., -1, :])
    q = linalg.scale(np.where(yy > 0, sy[..., -1] / np.where(yy > 0, yy, 1), 1.0), q)
    for i in range(moves.shape[-2]):
        beta = rho[..., i] * linalg.inner(turns[..., i, :], q)
        q = q + linalg.scale(alphas.pop() - beta, moves[..., i, :])
    return q


def conjugate_gradient(problem: Any, c1: Armijo = 1e-4, c2: Slope = 0.1) -> Method:
    """Nonlinear conjugate gradient, Polak-Ribière+: p ← −∇f + β⁺p, with a Wolfe search.

    β⁺ = max(0, ∇fᵀ(∇f − ∇f₋)/∇f₋ᵀ∇f₋) (Polak & Ribière 1969; Nocedal & Wright 2006, eq. 5.44 and
    5.45); a direction that does not descend is replaced by −∇f.
    """

    def init(x: np.ndarray) -> ConjugateState:
        f, grad = problem.f(x), problem.grad(x)
        return ConjugateState(x, f, grad, 0, *_unsearched(x, f), -grad)

    def step(s: ConjugateState) -> ConjugateState:
        x, seen, tried = wolfe(problem, s, s.direction, _first(s, s.direction), c1, c2)
        f, grad = problem.f(x), problem.grad(x)
        before = linalg.inner(s.grad, s.grad)
        beta = linalg.inner(grad, grad - s.grad) / np.where(before > 0, before, 1.0)
        p = -grad + linalg.scale(np.maximum(beta, 0.0), s.direction)
        p = _descending(p, grad)
        return ConjugateState(x, f, grad, s.t + 1, seen, tried, p)

    return Method(init, step)


def _descending(p: np.ndarray, grad: np.ndarray) -> np.ndarray:
    """Return the direction p, or −∇f where p does not descend: by theory, or by rounding."""
    return linalg.where(linalg.inner(p, grad) < 0, p, -grad)


def _unsearched(x: np.ndarray, f: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return no_trials(x, WOLFE_TRIALS), np.zeros(np.shape(f), int)


def _first(s: Any, p: np.ndarray | None = None) -> Any:
    """Return the first trial: a step of length 1 at most before anything is known, then 1.

    A conjugate direction has no natural scale: its first trial is a step as long as the last one.
    """
    if p is None and s.t > 0:
        return 1.0
    length = linalg.norm(s.grad if p is None else p)
    last = s.trials[..., 0, :]
    reach = (
        np.where(np.isfinite(last[..., 0]), linalg.norm(last - s.x), 1.0) if p is not None else 1.0
    )
    return np.minimum(1.0, np.maximum(reach, 1e-8) / np.maximum(length, 1e-300))
