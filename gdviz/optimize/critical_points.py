"""What a picture of a surface marks: its isolated stationary points and kinks, and their kinds."""

from itertools import product
from math import pi

import numpy as np
from scipy.spatial import cKDTree

from gdviz.optimize import linalg
from gdviz.optimize.problems import Problem
from gdviz.optimize.stationary import stationary_kind

KINDS = ("maximum", "saddle", "minimum")  # by the number of positive curvatures

NEWTON_STEPS = 48  # at a degenerate point Newton gains a third a step: (2/3)^48 is 4e-9

SETTLED = 1e-6  # of a cell of the grid: a last step, or a distance, that counts as none

CONTINUUM = 64  # more degenerate points than this are a line of them, with no points to mark


def stationary_points(problem: Problem, n: int = 41) -> list[tuple[tuple[float, ...], str]]:
    """Return the isolated stationary points in the box of a surface, each with its kind.

    The kind is "minimum", "maximum" or "saddle". Newton's method starts from a grid of n×n points;
    a dip of the grid in which it finds nothing has a kink at its bottom (|x|), and is searched
    without derivatives.
    """
    lo, hi = np.array(problem.box).T
    axes = [np.linspace(a, b, n) for a, b in zip(lo, hi, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    cell = float(linalg.norm(hi - lo)) / (n - 1)
    with np.errstate(all="ignore"):
        found = _distinct(_newton(problem, grid.reshape(-1, 2), cell, lo, hi), cell)
        kinds = _kinds(problem, found, cell)
        bottoms = found[(kinds == "minimum") | (kinds == "line")]
        dips = _far_from(bottoms, _dips(grid, problem.f(grid)), 2 * cell)
        kinks = _far_from(found, _kinked(problem, _compass(problem, dips, cell), cell), 1e-3 * cell)
    kinks = _distinct(kinks[((kinks >= lo) & (kinks <= hi)).all(axis=-1)], cell)
    points = [(float(x), float(y)) for x, y in (*found, *kinks)]
    marked = zip(points, [*kinds, *("minimum" for _ in kinks)], strict=True)
    return [(point, kind) for point, kind in marked if kind in KINDS]


def _newton(
    problem: Problem, x: np.ndarray, cell: float, lo: np.ndarray, hi: np.ndarray
) -> np.ndarray:
    """Return where Newton's method from `x (m, 2)` comes to rest in the box, best settled first."""
    for _ in range(NEWTON_STEPS):
        grad = problem.grad(x)
        move = -linalg.solve(problem.hess(x), grad)
        move = linalg.where((grad == 0).all(axis=-1), 0.0, move)
        length = linalg.norm(move)
        # No longer than a cell, so that each start looks for what is near it.
        x = x + linalg.scale(np.minimum(1.0, cell / np.maximum(length, 1e-300)), move)
        near = ((x >= lo - 2 * cell) & (x <= hi + 2 * cell)).all(axis=-1)
        x, length = x[near], length[near]
        if not len(x):
            return x
    edge = SETTLED * cell
    rest = (length <= edge) & ((x >= lo - edge) & (x <= hi + edge)).all(axis=-1)
    return np.clip(x[rest][np.argsort(length[rest], kind="stable")], lo, hi)


def _distinct(x: np.ndarray, cell: float) -> np.ndarray:
    """Return the points `(m, 2)` without those that lie next to an earlier one."""
    _, first = np.unique(np.round(x / (SETTLED * cell)), axis=0, return_index=True)
    x = x[np.sort(first)]
    pairs = cKDTree(x).query_pairs(1e-3 * cell, output_type="ndarray")
    return np.delete(x, pairs.max(axis=1, initial=0) if len(pairs) else [], axis=0)


def _kinds(problem: Problem, x: np.ndarray, cell: float) -> np.ndarray:
    """Return the kind of each stationary point by its curvatures, or by looking around it.

    One looks around where a curvature is 0, or where f does not rise or fall as curvatures say: at
    a kink. Too many such points make a "line".
    """
    if not len(x):
        return np.array([], object)
    curvature, directions = np.linalg.eigh(np.nan_to_num(problem.hess(x)))
    size = np.abs(curvature)
    moves = 1e-2 * cell * linalg.transpose(directions)
    rises = np.stack([problem.f(x[:, None] + side * moves) for side in (1, -1)])
    doubtful = size.min(axis=-1) <= 1e-6 * size.max(axis=-1)
    doubtful |= (np.sign(rises - problem.f(x)[:, None]) != np.sign(curvature)).any(axis=(0, -1))
    kinds = np.array(KINDS, object)[(curvature > 0).sum(axis=-1)]
    if doubtful.sum() > CONTINUUM:
        kinds[doubtful] = "line"
        return kinds
    for i in np.flatnonzero(doubtful):
        kinds[i] = stationary_kind(problem, x[i])
    return kinds


def _dips(grid: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Return the inner points of the grid that are lower than their eight neighbours, `(m, 2)`."""
    n = len(f)
    around = [
        f[1 + i : n - 1 + i, 1 + j : n - 1 + j] for i, j in product((-1, 0, 1), repeat=2) if i or j
    ]
    low = (f[1:-1, 1:-1] < np.stack(around)).all(axis=0)
    return grid[1:-1, 1:-1][low]


def _far_from(points: np.ndarray, x: np.ndarray, least: float) -> np.ndarray:
    """Return those of `x (m, 2)` that are at least so far from all `points (k, 2)`."""
    return x[(linalg.norm(x[:, None] - points) >= least).all(axis=1)]


def _compass(problem: Problem, x: np.ndarray, reach: float) -> np.ndarray:
    """Return where a search along 16 directions from `x (m, 2)` ends, if it does."""
    if not len(x):
        return x
    angles = np.arange(16) * (pi / 8)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    radius, f = np.full(len(x), reach), problem.f(x)
    for _ in range(100):
        tried = x[:, None] + radius[:, None, None] * directions
        f_tried = np.nan_to_num(problem.f(tried), nan=np.inf)
        best = f_tried.argmin(axis=1)
        f_best = f_tried[np.arange(len(x)), best]
        better = f_best < f
        x = np.where(better[:, None], tried[np.arange(len(x)), best], x)
        f, radius = np.where(better, f_best, f), np.where(better, radius, radius / 2)
    return x[radius < SETTLED * reach]


def _kinked(problem: Problem, x: np.ndarray, cell: float) -> np.ndarray:
    """Return those of `x (m, 2)` beside which the gradient is as large as a cell away."""
    if not len(x):
        return x
    aside = cell * np.array([0.8, 0.6])
    near, far = (linalg.norm(problem.grad(x + share * aside)) for share in (SETTLED, 1.0))
    return x[~(near < 1e-3 * far)]
