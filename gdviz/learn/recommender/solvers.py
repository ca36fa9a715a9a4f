"""How factors are learnt: each solver is `init` and `step`, and a step is one epoch."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gdviz.core import Method
from gdviz.learn.recommender.data import Epoch, FactorizationData, Parameters, groups
from gdviz.learn.recommender.ratings import RatingsError


def first_parameters(of: FactorizationData, factors: tuple[Any, Any] | None = None) -> Parameters:
    """Return zero biases with given factors, or with random ones from the seed of the settings."""
    from gdviz.kernels.simd_rows import pad_rows

    said, dtype = of.settings, np.dtype(of.settings.dtype)
    if factors is None:
        rng = np.random.default_rng(said.seed + 1)
        draw = rng.random if said.solver == "nmf" else rng.standard_normal
        scale = 1.0 if said.solver == "nmf" else said.spread
        factors = tuple(scale * draw((n, said.factors)) for n in of.shape)  # type: ignore[assignment]
    assert factors is not None
    biases = (np.zeros(n + 1, dtype) for n in of.shape)
    return Parameters(*biases, *(pad_rows(f, dtype) for f in factors))


def _first(of: FactorizationData, start: tuple[Any, Any] | None = None) -> Epoch:
    return Epoch(first_parameters(of, start), 0)


def _copied(state: Epoch) -> tuple[Parameters, tuple[np.ndarray, ...]]:
    # `padded` aligns the rows that the kernels load; a plain copy would not.
    from gdviz.kernels.simd_rows import aligned_copy

    bu, bi, P, Q = state.parameters
    fresh = Parameters(bu.copy(), bi.copy(), aligned_copy(P), aligned_copy(Q))
    return fresh, tuple(array.copy() for array in state.memory)


def _rates(of: FactorizationData, t: int) -> tuple[Any, Any]:
    """Return η and λ of the four groups in epoch t + 1, as numbers of the kernel's type."""
    said, number = of.settings, np.dtype(of.settings.dtype).type
    rates = np.array(groups(said.lr)) / (1 + said.decay * t)
    if not said.biases:
        rates[:2] = 0.0
    return tuple(map(number, rates)), tuple(map(number, groups(said.reg)))


def _keeps(rates: Any, penalties: Any) -> Any:
    one = type(rates[0])(1)
    return tuple(one - rate * penalty for rate, penalty in zip(rates, penalties, strict=True))


def _lanes(of: FactorizationData) -> tuple[int, ...]:
    from gdviz.kernels.simd_rows import lanes_of

    return lanes_of(of.settings.factors, of.settings.dtype)


def sgd(of: FactorizationData) -> Method:
    """Return stochastic gradient descent, a rating at a time (Funk 2006; Koren 2009, eq. 5)."""
    from gdviz.kernels import matrix_factorization

    def step(state: Epoch) -> Epoch:
        fresh, _ = _copied(state)
        rates, penalties = _rates(of, state.t)
        before = (of.users, of.items, of.values, of.mean, *fresh, rates, _keeps(rates, penalties))
        matrix_factorization.in_blocks(matrix_factorization.sgd, before, (_lanes(of),), of.edges)
        return Epoch(fresh, state.t + 1)

    return Method(partial(_first, of), step)


def adagrad(of: FactorizationData) -> Method:
    """Return SGD with a rate for each row that falls as its squared gradients add up."""
    from gdviz.kernels import matrix_factorization

    dtype = np.dtype(of.settings.dtype)

    def init(start: Any = None) -> Epoch:
        ones = tuple(np.ones(n + 1, dtype) for n in (*of.shape, *of.shape))
        return Epoch(first_parameters(of, start), 0, ones)

    def step(state: Epoch) -> Epoch:
        fresh, squares = _copied(state)
        rates, penalties = _rates(of, state.t)
        share = dtype.type(1 / max(1, of.settings.factors))
        before = (of.users, of.items, of.values, of.mean, *fresh, squares, rates, penalties, share)
        matrix_factorization.in_blocks(
            matrix_factorization.adagrad, before, (_lanes(of),), of.edges
        )
        return Epoch(fresh, state.t + 1, squares)

    return Method(init, step)


def svdpp(of: FactorizationData) -> Method:
    """Return SVD++: whom a user has rated at all speaks too (Koren 2008, eq. 15).

    The state's user factors are p + |N|^−½ Σ y, what predictions need; p itself is in the memory.
    """
    from gdviz.kernels import matrix_factorization

    starts = _starts(of.users, of.shape[0])

    def init(start: Any = None) -> Epoch:
        first = first_parameters(of, None if start is None else start[:2])
        P, Q = first.user_factors, first.item_factors
        Y = np.zeros_like(Q)
        if start is not None:
            Y[:-1, : of.settings.factors] = start[2]
        elif of.settings.factors:
            rng = np.random.default_rng(of.settings.seed + 2)
            shape = (of.shape[1], of.settings.factors)
            Y[:-1, : of.settings.factors] = of.settings.spread * rng.standard_normal(shape)
        return Epoch(first._replace(user_factors=_effective(of, starts, P, Y)), 0, (P, Y))

    def step(state: Epoch) -> Epoch:
        fresh, (P, Y) = _copied(state)
        rates, penalties = _rates(of, state.t)
        # The implicit factors y take the rate and the penalty of the item factors.
        rates, penalties = (*rates, rates[3]), (*penalties, penalties[3])
        keeps, bu, bi, Q = (
            _keeps(rates, penalties),
            fresh.user_bias,
            fresh.item_bias,
            fresh.item_factors,
        )
        matrix_factorization.svdpp(
            starts, of.items, of.values, of.mean, bu, bi, P, Q, Y, rates, keeps
        )
        return Epoch(Parameters(bu, bi, _effective(of, starts, P, Y), Q), state.t + 1, (P, Y))

    return Method(init, step)


def _effective(
    of: FactorizationData, starts: np.ndarray, P: np.ndarray, Y: np.ndarray
) -> np.ndarray:
    from gdviz.kernels.simd_rows import aligned_copy

    whole = aligned_copy(P)
    np.add.at(whole, of.users, Y[of.items])
    counts = np.maximum(np.append(np.diff(starts), 1), 1).astype(P.dtype)
    whole[:-1] = P[:-1] + (whole[:-1] - P[:-1]) / np.sqrt(counts[:-1, None])
    return whole


def _starts(rows: np.ndarray, count: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))])


def als(of: FactorizationData) -> Method:
    """Return alternating least squares: all users exactly, then all items (Zhou et al. 2008).

    A step lowers Σ e² + Σ λ(b_u² + b_i² + |p|² + |q|²), the sum that SGD descends, in two halves.
    """
    by_item = np.argsort(of.items, kind="stable")
    halves = (
        (of.users, of.items, of.values, _starts(of.users, of.shape[0])),
        (of.items[by_item], of.users[by_item], of.values[by_item], _starts(of.items, of.shape[1])),
    )
    penalties = np.array(groups(of.settings.reg), float)

    def step(state: Epoch) -> Epoch:
        (bu, bi, P, Q), _ = _copied(state)
        _solve(of, halves[0], (bu, P), (bi, Q), penalties[[0, 2]])
        _solve(of, halves[1], (bi, Q), (bu, P), penalties[[1, 3]])
        return Epoch(Parameters(bu, bi, P, Q), state.t + 1)

    return Method(partial(_first, of), step)


def _solve(of: FactorizationData, half: Any, own: Any, other: Any, penalties: np.ndarray) -> None:
    """Set bias and factors of each row of one side to the ridge solution given the other side."""
    from gdviz.kernels.matrix_factorization import normal_equations

    rows, columns, values, starts = half
    k, with_bias = of.settings.factors, of.settings.biases
    ones = np.ones((len(other[1]), int(with_bias)))
    features = np.hstack([ones, other[1][:, :k].astype(float)])
    targets = values.astype(float) - float(of.mean) - other[0][columns]
    ridge = np.repeat(penalties, [int(with_bias), k])
    size, counts = features.shape[1], np.diff(starts)
    for first in range(0, len(counts), 512):
        many = min(512, len(counts) - first)
        gram, right = np.zeros((many, size, size)), np.zeros((many, size))
        normal_equations(starts, columns, targets, features, first, gram, right)
        weight = counts[first : first + many, None] * ridge
        gram[:, np.arange(size), np.arange(size)] += np.maximum(weight, 1e-10)
        found = np.linalg.solve(gram, right[:, :, None])[:, :, 0]
        if with_bias:
            own[0][first : first + many] = found[:, 0]
        own[1][first : first + many, :k] = found[:, int(with_bias) :]


def nmf(of: FactorizationData) -> Method:
    """Return non-negative factorisation by multiplicative updates (Luo et al. 2014, eq. 9).

    The prediction is p·q with p, q ≥ 0: no mean, no biases; the ratings must not be negative.
    """
    from scipy.sparse import csr_matrix

    if of.values.min() < 0:
        raise RatingsError("Non-negative factors need ratings that are not negative.")
    k, penalties = of.settings.factors, groups(of.settings.reg)
    R = csr_matrix((of.values.astype(float), (of.users, of.items)), shape=of.shape)
    users, items = R.nonzero()
    counts = [
        np.bincount(side, minlength=n)[:, None]
        for side, n in zip((users, items), of.shape, strict=True)
    ]

    def step(state: Epoch) -> Epoch:
        (bu, bi, P, Q), _ = _copied(state)
        p, q = P[:-1, :k].astype(float), Q[:-1, :k].astype(float)
        E = csr_matrix((np.einsum("nk,nk->n", p[users], q[items]), (users, items)), of.shape)
        P[:-1, :k] = p * (R @ q) / np.maximum(E @ q + counts[0] * penalties[2] * p, 1e-12)
        Q[:-1, :k] = q * (R.T @ p) / np.maximum(E.T @ p + counts[1] * penalties[3] * q, 1e-12)
        return Epoch(Parameters(bu, bi, P, Q), state.t + 1)

    return Method(partial(_first, of), step)


SOLVERS: dict[str, Callable[[FactorizationData], Method]] = {
    "sgd": sgd,
    "adagrad": adagrad,
    "als": als,
    "svdpp": svdpp,
    "nmf": nmf,
}
