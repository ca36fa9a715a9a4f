"""The optimizers, each in the symbols of its paper, as factories `problem, **knobs -> Method`.

Two kinds. An *elementwise* method is an update rule: it sees one coordinate, its gradient, the
step number and its own slots, and returns the new coordinate and slots; the same text serves a
float, an array of starts and a compiled block. The others ask the problem for values of their own.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.core import Method
from gdviz.knobs import Range, bind
from gdviz.optimize import linalg

Rate = Annotated[float, Range(1e-5, 10.0, "learning rate η", "The length of a step.", log=True)]
Momentum = Annotated[float, Range(0.0, 0.999, "momentum β", "How much velocity is kept.")]
Beta1 = Annotated[float, Range(0.0, 0.999, "β₁", "Decay of the mean of gradients.")]
Beta2 = Annotated[float, Range(0.0, 0.9999, "β₂", "Decay of the mean of squared gradients.")]
Epsilon = Annotated[float, Range(1e-12, 1.0, "ε", "Keeps the division finite.", log=True)]
Armijo = Annotated[float, Range(1e-6, 0.5, "c₁", "Share of the promised decrease.", log=True)]
Shrink = Annotated[float, Range(0.1, 0.9, "shrink", "Factor from one trial to the next.")]
Width = Annotated[float, Range(0.01, 100.0, "half-width", "Bracket around the start.", log=True)]

GOLDEN = (5**0.5 - 1) / 2
MAX_TRIALS = (
    40  # halving 40 times reaches 1e-12 of the first trial: beyond it, f is flat in float64
)


class Descent(NamedTuple):
    """The state of a method without memory."""

    x: Any
    f: Any
    grad: Any
    t: Any


class Velocity(NamedTuple):
    """The state of a method with a velocity `v`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    v: Any


class Moments(NamedTuple):
    """The state of a method with a mean `m` and a mean square `v` of gradients."""

    x: Any
    f: Any
    grad: Any
    t: Any
    m: Any
    v: Any


class LineSearch(NamedTuple):
    """The state of a line search: `trials` holds every point tried, not-a-number past the last."""

    x: Any
    f: Any
    grad: Any
    t: Any
    trials: Any
    tried: Any


class Bracket(NamedTuple):
    """The state of golden section: the bracket `[lo, hi]` and its inner points `left < right`."""

    x: Any
    f: Any
    grad: Any
    t: Any
    lo: Any
    left: Any
    right: Any
    hi: Any
    f_left: Any
    f_right: Any


def elementwise(state: Any) -> Callable[[Callable[..., Any]], Callable[..., Method]]:
    """Turn an update rule `(x, g, t, *slots, **knobs) -> (x, *slots)` into a method factory.

    The slots are the fields of `state` after `x, f, grad, t`; they start at zero.
    """

    def decorate(rule: Callable[..., Any]) -> Callable[..., Method]:
        def make(problem: Any, **given: Any) -> Method:
            hyper = tuple(bind(rule, given).values())

            def init(x: Any) -> Any:
                slots = (x * 0.0 for _ in state._fields[4:])
                return state(x, problem.f(x), problem.grad(x), 0, *slots)

            def step(s: Any) -> Any:
                t = s.t + 1
                x, *slots = rule(s.x, s.grad, t, *s[4:], *hyper)
                return state(x, problem.f(x), problem.grad(x), t, *slots)

            return Method(init, step)

        update_wrapper(make, rule).state = state  # type: ignore[attr-defined]
        return make

    return decorate


@elementwise(Descent)
def gd(x: Any, g: Any, t: Any, lr: Rate = 0.1) -> Any:
    """Gradient descent: x ← x − η ∇f (Cauchy 1847)."""
    return (x - lr * g,)


@elementwise(Velocity)
def heavy_ball(x: Any, g: Any, t: Any, v: Any, lr: Rate = 0.1, momentum: Momentum = 0.9) -> Any:
    """Heavy ball: v ← βv + ∇f, x ← x − ηv (Polyak 1964, eq. 9; PyTorch's `SGD(momentum)`)."""
    v = momentum * v + g
    return x - lr * v, v


@elementwise(Velocity)
def nesterov(x: Any, g: Any, t: Any, v: Any, lr: Rate = 0.1, momentum: Momentum = 0.9) -> Any:
    """Nesterov's momentum: v ← βv + ∇f, x ← x − η(∇f + βv).

    Sutskever et al. 2013, eq. 3-4, in the shifted variable that PyTorch's `SGD(nesterov=True)`
    keeps, so that the gradient is taken where the path is drawn.
    """
    v = momentum * v + g
    return x - lr * (g + momentum * v), v


@elementwise(Moments)
def adam(
    x: Any,
    g: Any,
    t: Any,
    m: Any,
    v: Any,
    lr: Rate = 0.1,
    beta1: Beta1 = 0.9,
    beta2: Beta2 = 0.999,
    eps: Epsilon = 1e-8,
) -> Any:
    """Adam: x ← x − η m̂ / (√v̂ + ε), m̂ and v̂ corrected for their start at zero.

    Kingma & Ba 2015 (arXiv 1412.6980), Algorithm 1; ε stands outside the root, as in PyTorch.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return x - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def newton_plain(problem: Any, lr: Rate = 1.0) -> Method:
    """Newton's method as it stands: x ← x − η H⁻¹∇f.

    It solves ∇f = 0, so it climbs to a maximum as gladly as it descends to a minimum.
    """

    def init(x: Any) -> Descent:
        return Descent(x, problem.f(x), problem.grad(x), 0)

    def step(s: Descent) -> Descent:
        x = s.x - lr * linalg.solve(problem.hess(s.x), s.grad)
        return Descent(x, problem.f(x), problem.grad(x), s.t + 1)

    return Method(init, step)


def newton(problem: Any, lr: Rate = 1.0, c1: Armijo = 1e-4, shrink: Shrink = 0.5) -> Method:
    """Newton's method, safeguarded: a descent direction always, and a step that must pay.

    The Hessian is replaced by |H| (Nocedal & Wright 2006, section 3.4, eigenvalue modification),
    and the step along p = −|H|⁻¹∇f is shortened until Armijo's condition (their eq. 3.4) holds.
    """

    def direction(s: LineSearch) -> Any:
        return -linalg.solve(linalg.absolute(problem.hess(s.x)), s.grad)

    return _line_search(problem, direction, lr, c1, shrink)


def backtracking(problem: Any, lr: Rate = 1.0, c1: Armijo = 1e-4, shrink: Shrink = 0.5) -> Method:
    """Gradient descent with Armijo's backtracking; every trial point is kept.

    The first trial is η; it shrinks until f(x + αp) ≤ f(x) + c₁ α ∇fᵀp, p = −∇f
    (Armijo 1966; Nocedal & Wright 2006, Algorithm 3.1).
    """
    return _line_search(problem, lambda s: -s.grad, lr, c1, shrink)


def _line_search(
    problem: Any, direction: Callable[[Any], Any], lr: float, c1: float, shrink: float
) -> Method:
    rates = lr * shrink ** np.arange(MAX_TRIALS)

    def init(x: Any) -> LineSearch:
        f = problem.f(x)
        none = np.multiply.outer(rates, x) * np.nan
        return LineSearch(
            x, f, problem.grad(x), 0, linalg.trials_last(none), np.zeros(np.shape(f), int)
        )

    def step(s: LineSearch) -> LineSearch:
        p = direction(s)
        slope = linalg.inner(s.grad, p)
        # All trials are evaluated at once: forty values of f cost one call, not forty.
        points = s.x + np.multiply.outer(rates, p)
        enough = problem.f(points) <= s.f + c1 * np.multiply.outer(rates, slope)
        found, first = enough.any(axis=0), enough.argmax(axis=0)
        tried = np.where(found, first + 1, MAX_TRIALS)
        x = linalg.where(found, s.x + linalg.scale(rates[first], p), s.x)
        order = np.arange(MAX_TRIALS).reshape(-1, *(1 for _ in np.shape(tried)))
        seen = linalg.where(order < tried, points, np.nan)
        return LineSearch(
            x, problem.f(x), problem.grad(x), s.t + 1, linalg.trials_last(seen), tried
        )

    return Method(init, step)


def golden_section(problem: Any, width: Width = 2.0) -> Method:
    """Golden section: keep the third of the bracket that cannot be left out (Kiefer 1953).

    No derivative is used. The bracket [x₀ − w, x₀ + w] shrinks by 0.618 a step, one new value of f
    each; `x` is its middle. It finds a minimum if f has just one in the bracket.
    Raises `ValueError` for a problem of more than one variable.
    """
    if problem.d != 1:
        raise ValueError(f"golden section needs one variable, this problem has {problem.d}.")

    def state(
        t: int, lo: Any, left: Any, right: Any, hi: Any, f_left: Any, f_right: Any
    ) -> Bracket:
        x = (lo + hi) / 2
        return Bracket(x, problem.f(x), problem.grad(x), t, lo, left, right, hi, f_left, f_right)

    def init(x: Any) -> Bracket:
        lo, hi = x - width, x + width
        left, right = hi - GOLDEN * (hi - lo), lo + GOLDEN * (hi - lo)
        first = state(0, lo, left, right, hi, problem.f(left), problem.f(right))
        return first._replace(x=x, f=problem.f(x), grad=problem.grad(x))

    def step(s: Bracket) -> Bracket:
        below = s.f_left <= s.f_right
        lo = linalg.where(below, s.lo, s.left)
        hi = linalg.where(below, s.right, s.hi)
        new = linalg.where(below, hi - GOLDEN * (hi - lo), lo + GOLDEN * (hi - lo))
        f_new = problem.f(new)
        return state(
            s.t + 1,
            lo,
            linalg.where(below, new, s.right),
            linalg.where(below, s.left, new),
            hi,
            np.where(below, f_new, s.f_right),
            np.where(below, s.f_left, f_new),
        )

    return Method(init, step)


METHODS: dict[str, Callable[..., Method]] = {
    "gd": gd,
    "heavy_ball": heavy_ball,
    "nesterov": nesterov,
    "adam": adam,
    "newton": newton,
    "newton_plain": newton_plain,
    "backtracking": backtracking,
    "golden_section": golden_section,
}

LABELS = {
    "gd": "Gradient descent",
    "heavy_ball": "Heavy ball",
    "nesterov": "Nesterov",
    "adam": "Adam",
    "newton": "Newton, safeguarded",
    "newton_plain": "Newton, plain",
    "backtracking": "Backtracking",
    "golden_section": "Golden section",
}
