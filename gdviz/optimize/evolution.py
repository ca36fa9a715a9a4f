"""CMA-ES: a normal law over the plane that moves, stretches and turns towards what is low."""

from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.core import Method
from gdviz.knobs import Range
from gdviz.optimize import linalg
from gdviz.optimize.states import PopulationState

Spread = Annotated[float, Range(1e-3, 10.0, "first σ", "Spread of the first draws.", log=True)]
Draws = Annotated[int, Range(0, 9999, "seed of the draws", "Which normal numbers are drawn.")]


class Strategy(NamedTuple):
    """The constants of a dimension d: how many are drawn, and how fast all is learnt.

    `weights (chosen,)` of the best, `mass` 1/Σw²; the decays of the two paths, the shares of the
    two updates of C, the damping of σ, and how many generations one decomposition of C serves.
    """

    drawn: int
    weights: np.ndarray
    mass: float
    decay_c: float
    decay_s: float
    rank_one: float
    rank_mu: float
    damping: float
    serves: int


@lru_cache(maxsize=64)
def strategy(d: int) -> Strategy:
    """Return the default constants (Hansen 2016, Table 1, without negative weights)."""
    drawn = 4 + int(3 * np.log(d))
    chosen = drawn // 2
    raw = np.log(chosen + 0.5) - np.log(np.arange(1, chosen + 1))
    weights = raw / raw.sum()
    mass = float(1 / (weights**2).sum())
    decay_s = (mass + 2) / (d + mass + 5)
    rank_one = 2 / ((d + 1.3) ** 2 + mass)
    rank_mu = min(1 - rank_one, 2 * (mass - 2 + 1 / mass) / ((d + 2) ** 2 + mass))
    return Strategy(
        drawn,
        weights,
        mass,
        (4 + mass / d) / (d + 4 + 2 * mass / d),
        decay_s,
        rank_one,
        rank_mu,
        2 * mass / drawn + 0.3 + decay_s,
        int(0.5 / d / (rank_one + rank_mu)) + 1,
    )


def cma_es(problem: Any, sigma: Spread = 0.5, draws: Draws = 0) -> Method:
    """CMA-ES: draw points from a normal law, and fit the law to the better half of them.

    Hansen 2016 (arXiv 1604.00772) with the constants of `purecma`, the short form of the author's
    package: no derivative is used, only the order of the values. x is the mean of the law. The
    candidates are x + σ√C·n with normal n, √C symmetric, so that they do not depend on how the
    eigenvectors of C are signed; the n of a generation are the same for every start.
    """

    def init(x: np.ndarray) -> PopulationState:
        f, d = problem.f(x), x.shape[-1]
        drawn = np.full((*x.shape[:-1], strategy(d).drawn, d), np.nan)
        identity = np.broadcast_to(np.eye(d), (*x.shape, d)).copy()
        size = np.full(np.shape(f), float(sigma))
        nothing, none = np.zeros(x.shape), np.zeros(np.shape(f), int)
        return PopulationState(
            x, f, problem.grad(x), 0, drawn, none, size, identity, identity, nothing, nothing
        )

    def step(s: PopulationState) -> PopulationState:
        d = s.x.shape[-1]
        own = strategy(d)
        seen = s.C if s.t % own.serves == 0 else s.seen
        root, inverse = _roots(seen)
        normal = np.random.default_rng([draws, s.t]).standard_normal((own.drawn, d))
        drawn = s.x[..., None, :] + s.sigma[..., None, None] * (normal @ root)
        order = np.argsort(problem.f(drawn), axis=-1, kind="stable")
        best = np.take_along_axis(drawn, order[..., None], axis=-2)
        return _learnt(problem, s._replace(seen=seen, population=drawn), best, inverse, own)

    return Method(init, step)


def _roots(C: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the symmetric √C and its inverse; a C that is not finite gives what is not either."""
    sound = np.isfinite(C).all(axis=(-1, -2))[..., None, None]
    values, vectors = np.linalg.eigh(np.where(sound, C, 1.0))
    roots = np.sqrt(np.maximum(values, 1e-300))[..., None, :]
    both = ((vectors * r) @ linalg.transpose(vectors) for r in (roots, 1 / roots))
    root, inverse = (np.where(sound, part, np.nan) for part in both)
    return root, inverse


def _learnt(
    problem: Any, s: PopulationState, best: np.ndarray, inverse: np.ndarray, own: Strategy
) -> PopulationState:
    """Return the law fitted to the `best` points, lowest first (Hansen 2016, eq. 41-47)."""
    d, chosen = s.x.shape[-1], best[..., : len(own.weights), :]
    x = (own.weights[:, None] * chosen).sum(axis=-2)
    move = linalg.scale(1 / s.sigma, x - s.x)
    keep_s, keep_c = 1 - own.decay_s, 1 - own.decay_c
    gain_s = np.sqrt(own.decay_s * (2 - own.decay_s) * own.mass)
    path_s = keep_s * s.path_s + gain_s * linalg.times(inverse, move)
    square = linalg.inner(path_s, path_s) / d
    calm = square / (1 - keep_s ** (2 * (s.t + 1))) < 2 + 4 / (d + 1)
    gain_c = np.where(calm, np.sqrt(own.decay_c * (2 - own.decay_c) * own.mass), 0.0)
    path_c = keep_c * s.path_c + linalg.scale(gain_c, move)
    lost = own.rank_one * np.where(calm, 0.0, own.decay_c * (2 - own.decay_c))
    steps = (chosen - s.x[..., None, :]) / s.sigma[..., None, None]
    spread = (own.weights[:, None, None] * linalg.outer(steps, steps)).sum(axis=-3)
    kept = (1 - own.rank_one + lost - own.rank_mu)[..., None, None]
    C = kept * s.C + own.rank_one * linalg.outer(path_c, path_c) + own.rank_mu * spread
    sigma = s.sigma * np.exp(np.minimum(1.0, own.decay_s / own.damping * (square - 1) / 2))
    tried = np.full(np.shape(s.f), own.drawn)
    return PopulationState(
        x, problem.f(x), problem.grad(x), s.t + 1, s.population, tried, sigma, C, s.seen,
        path_c, path_s,
    )  # fmt: skip
