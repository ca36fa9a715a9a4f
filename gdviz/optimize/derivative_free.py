"""The methods that use no derivative: golden section and Nelder-Mead."""

from typing import Annotated, Any

import numpy as np

from gdviz.core import Method
from gdviz.knobs import Range
from gdviz.optimize import linalg
from gdviz.optimize.states import BracketState, SimplexState

GOLDEN = (5**0.5 - 1) / 2

Width = Annotated[float, Range(0.01, 100.0, "half-width", "Bracket around the start.", log=True)]
Edge = Annotated[float, Range(0.001, 10.0, "edge", "Edge of the first simplex.", log=True)]
Expansion = Annotated[float, Range(1.1, 5.0, "expansion", "How far a good reflection goes on.")]
Contraction = Annotated[float, Range(0.1, 0.9, "contraction", "How far a bad one comes back.")]


def golden_section(problem: Any, width: Width = 2.0) -> Method:
    """Golden section: drop the 38 % of the bracket that hold no minimum (Kiefer 1953).

    No derivative is used. The bracket [x₀ − w, x₀ + w] shrinks by 0.618 a step, one new value of f
    each; `x` is its middle. It finds a minimum if f has just one in the bracket.
    Raises `ValueError` for a problem of more than one variable.
    """
    if problem.d != 1:
        raise ValueError(f"golden section needs one variable, this problem has {problem.d}.")

    def state(t: int, lo: Any, left: Any, right: Any, hi: Any, *values: Any) -> BracketState:
        x = (lo + hi) / 2
        return BracketState(x, problem.f(x), problem.grad(x), t, lo, left, right, hi, *values)

    def init(x: Any) -> BracketState:
        lo, hi = x - width, x + width
        left, right = hi - GOLDEN * (hi - lo), lo + GOLDEN * (hi - lo)
        first = state(0, lo, left, right, hi, problem.f(left), problem.f(right))
        return first._replace(x=x, f=problem.f(x), grad=problem.grad(x))

    def step(s: BracketState) -> BracketState:
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


def nelder_mead(
    problem: Any,
    edge: Edge = 0.5,
    expansion: Expansion = 2.0,
    contraction: Contraction = 0.5,
) -> Method:
    """Nelder-Mead: a simplex that reflects its worst corner, and stretches or shrinks as it pays.

    Nelder & Mead 1965, with the tests of Lagarias et al. 1998 (SciPy's); x is the best corner.
    A step tries one value of f for a reflection that is taken at once, a second for an expansion or
    a contraction, and d more for a shrink.
    """

    def state(t: int, corners: np.ndarray, f: np.ndarray, tried: np.ndarray) -> SimplexState:
        order = np.argsort(f, axis=-1, kind="stable")
        corners = np.take_along_axis(corners, order[..., None], axis=-2)
        f = np.take_along_axis(f, order, axis=-1)
        x = corners[..., 0, :]
        return SimplexState(x, f[..., 0], problem.grad(x), t, corners, f, tried)

    def init(x: np.ndarray) -> SimplexState:
        d = x.shape[-1]
        corners = x[..., None, :] + edge * np.concatenate([np.zeros((1, d)), np.eye(d)])
        first = state(0, corners, problem.f(corners), np.zeros(x.shape[:-1], int))
        return first._replace(x=x, f=problem.f(x), grad=problem.grad(x))

    def step(s: SimplexState) -> SimplexState:
        reach = (1.0, expansion, contraction, -contraction)
        return state(s.t + 1, *_moved_simplex(problem, s.simplex, s.f_simplex, reach))

    return Method(init, step)


def _moved_simplex(
    problem: Any, corners: np.ndarray, f: np.ndarray, reach: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the corners after a step, the values there, and how many values a step has cost.

    Every candidate is evaluated for every simplex of the batch; each takes the one it needs.
    """
    worst, middle = corners[..., -1, :], corners[..., :-1, :].mean(axis=-2)
    offers = np.stack([middle + r * (middle - worst) for r in reach], axis=-2)
    f_offers = problem.f(offers)
    choice, good = _choose(f, f_offers)
    taken = np.take_along_axis(offers, choice[..., None, None], axis=-2)
    f_taken = np.take_along_axis(f_offers, choice[..., None], axis=-1)
    at_once = (f[..., 0] <= f_offers[..., 0]) & (f_offers[..., 0] < f[..., -2])
    tried = np.where(at_once, 1, 2) + np.where(good, 0, corners.shape[-1])
    shrunk = (corners + corners[..., :1, :]) / 2
    replaced = np.concatenate([corners[..., :-1, :], taken], axis=-2)
    f_replaced = np.concatenate([f[..., :-1], f_taken], axis=-1)
    corners = np.where(good[..., None, None], replaced, shrunk)
    return corners, np.where(good[..., None], f_replaced, problem.f(shrunk)), tried


def _choose(f: np.ndarray, tried: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which of reflection, expansion and the two contractions is taken, and if one is."""
    best, second, worst = f[..., 0], f[..., -2], f[..., -1]
    reflected, expanded, outer, inner = (tried[..., i] for i in range(4))
    stretch = reflected < best
    accept = ~stretch & (reflected < second)
    outside = ~stretch & ~accept & (reflected < worst)
    choice = np.where(stretch & (expanded < reflected), 1, 0)
    choice = np.where(outside, 2, np.where(~stretch & ~accept & ~outside, 3, choice))
    good = stretch | accept | np.where(outside, outer <= reflected, inner < worst)
    return choice, good
