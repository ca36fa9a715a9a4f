"""How factors are learnt: each solver is `init` and `step`, and a step is one epoch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from gdviz.core import Method
from gdviz.knobs import KnobError
from gdviz.learn.ratings import Ratings, RatingsError

LARGE = 1_000_000  # ratings above which the order of the visits is made for the cache
MOST_FACTORS, MOST_EPOCHS = 512, 10_000


class Groups(NamedTuple):
    """A rate η, or a penalty λ, for each group of parameters."""

    user_bias: float
    item_bias: float
    user_factors: float
    item_factors: float


class Parameters(NamedTuple):
    """What is learnt: biases `(n + 1,)` and factors `(n + 1, width)`, padded for the kernels.

    The last row of each belongs to nobody and is zero: it stands for whoever is not known.
    """

    user_bias: np.ndarray
    item_bias: np.ndarray
    user_factors: np.ndarray
    item_factors: np.ndarray


class Epoch(NamedTuple):
    """The state: the parameters after `t` epochs, and the memory that the solver keeps of them."""

    parameters: Parameters
    t: int
    memory: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What a training can be asked, checked; `lr` and `reg` are one number or `Groups`."""

    factors: int = 20
    epochs: int = 20
    lr: float | Groups = 0.005
    reg: float | Groups = 0.02
    biases: bool = True
    solver: str = "sgd"
    seed: int = 0
    dtype: str = "float32"
    decay: float = 0.0
    spread: float = 0.1
    validation: float = 0.0
    patience: int = 3
    threads: int = 1

    def __post_init__(self) -> None:
        """Raise `KnobError` for a setting that makes no sense."""
        _whole("factors", self.factors, 0, MOST_FACTORS)
        _whole("epochs", self.epochs, 0, MOST_EPOCHS)
        _whole("seed", self.seed, 0, 2**63)
        _whole("patience", self.patience, 1, MOST_EPOCHS)
        _whole("threads", self.threads, 1, 64)
        for name in ("lr", "reg"):
            for value in groups(getattr(self, name)):
                _number(name, value, 0.0, np.inf)
        _number("decay", self.decay, 0.0, np.inf)
        _number("spread", self.spread, 0.0, np.inf)
        _number("validation", self.validation, 0.0, 0.9)
        if self.solver not in SOLVERS:
            raise KnobError(f"There is no solver “{self.solver}”; there is {', '.join(SOLVERS)}.")
        if self.dtype not in ("float32", "float64"):
            raise KnobError("dtype is float32 or float64.")


def name_of(dtype: Any) -> str:
    """Return the name of a NumPy type, or what was given if it is none."""
    try:
        return str(np.dtype(dtype))
    except TypeError:
        return str(dtype)


def groups(value: float | Groups) -> Groups:
    """Return a number as the same for each group, or the groups as they are."""
    if isinstance(value, tuple | list):
        if len(value) != 4:
            raise KnobError("A value per group needs four: user and item biases, then factors.")
        return Groups(*value)
    return Groups(value, value, value, value)


def _whole(name: str, value: Any, low: int, high: int) -> None:
    fine = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not (fine and low <= value <= high):
        raise KnobError(f"`{name}` is a whole number from {low} to {high:,}.")


def _number(name: str, value: Any, low: float, high: float) -> None:
    fine = isinstance(value, int | float | np.number) and np.isfinite(value)
    if not (fine and low <= value <= high):
        raise KnobError(f"`{name}` = {str(value)[:20]} is not a number that makes sense here.")


class Problem(NamedTuple):
    """Ratings in the order in which they are visited, with their mean, as the kernels take them."""

    users: np.ndarray
    items: np.ndarray
    values: np.ndarray
    edges: tuple[int, ...]
    shape: tuple[int, int]
    mean: Any
    settings: Settings


def problem(train: Ratings, settings: Settings) -> Problem:
    """Return the training ratings as the solver of the settings wants to visit them."""
    if not len(train):
        raise RatingsError("There is not a single rating to learn from.")
    order, edges = visiting_order(train, settings)
    dtype = np.dtype(settings.dtype)
    centred = settings.biases and settings.solver != "nmf"
    mean = dtype.type(train.values.mean() if centred else 0.0)
    return Problem(
        train.users[order],
        train.items[order],
        train.values[order].astype(dtype),
        edges,
        (train.n_users, train.n_items),
        mean,
        settings,
    )


def visiting_order(train: Ratings, settings: Settings) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return the places of the ratings in the order of their visit, the same in every epoch.

    With t threads it comes in t² blocks, whose ends are the second value: the blocks of one round
    share no user and no item. SVD++ and ALS want the ratings of a user together.
    """
    if settings.solver in ("svdpp", "als", "nmf"):
        return np.argsort(train.users, kind="stable"), (0, len(train))
    rng, threads = np.random.default_rng(settings.seed), settings.threads
    if threads == 1 and len(train) < LARGE:
        return rng.permutation(len(train)), (0, len(train))
    from gdviz.kernels import visits

    section = np.zeros(len(train), np.int32)
    if threads > 1:
        parts = _parts(train.users, threads)[train.users], _parts(train.items, threads)[train.items]
        section = (parts[1] - parts[0]) % threads * threads + parts[0]
    number = -(-train.n_users // visits.GROUP)
    shuffled = rng.permutation(number).astype(np.int32)
    of_user = shuffled[np.arange(train.n_users) // visits.GROUP]
    order = np.empty(len(train), np.int32)
    seed = settings.seed % 2**31
    visits.in_cells(train.users, train.items, section, of_user, visits.BLOCK, seed, order)
    sizes = np.bincount(section, minlength=threads**2)
    return order, tuple(map(int, np.concatenate([[0], np.cumsum(sizes)])))


def _parts(places: np.ndarray, count: int) -> np.ndarray:
    """Return a part for each row, so that all parts have about as many ratings."""
    ranks = np.argsort(-np.bincount(places), kind="stable")
    turns = np.arange(len(ranks)) % (2 * count)
    parts = np.empty(len(ranks), np.int32)
    parts[ranks] = np.minimum(turns, 2 * count - 1 - turns)
    return parts


# --- solvers --------------------------------------------------------------------------------------


def first_parameters(of: Problem, factors: tuple[Any, Any] | None = None) -> Parameters:
    """Return zero biases with given factors, or with random ones from the seed of the settings."""
    from gdviz.kernels.rows import padded

    said, dtype = of.settings, np.dtype(of.settings.dtype)
    if factors is None:
        rng = np.random.default_rng(said.seed + 1)
        draw = rng.random if said.solver == "nmf" else rng.standard_normal
        scale = 1.0 if said.solver == "nmf" else said.spread
        factors = tuple(scale * draw((n, said.factors)) for n in of.shape)  # type: ignore[assignment]
    assert factors is not None
    biases = (np.zeros(n + 1, dtype) for n in of.shape)
    return Parameters(*biases, *(padded(f, dtype) for f in factors))


def _first(of: Problem, start: tuple[Any, Any] | None = None) -> Epoch:
    return Epoch(first_parameters(of, start), 0)


def _copied(state: Epoch) -> tuple[Parameters, tuple[np.ndarray, ...]]:
    # `padded` aligns the rows that the kernels load; a plain copy would not.
    from gdviz.kernels.rows import aligned_copy

    bu, bi, P, Q = state.parameters
    fresh = Parameters(bu.copy(), bi.copy(), aligned_copy(P), aligned_copy(Q))
    return fresh, tuple(array.copy() for array in state.memory)


def _rates(of: Problem, t: int) -> tuple[Any, Any]:
    """Return η and λ of the four groups in epoch t + 1, as numbers of the kernel's type."""
    said, number = of.settings, np.dtype(of.settings.dtype).type
    rates = np.array(groups(said.lr)) / (1 + said.decay * t)
    if not said.biases:
        rates[:2] = 0.0
    return tuple(map(number, rates)), tuple(map(number, groups(said.reg)))


def _keeps(rates: Any, penalties: Any) -> Any:
    one = type(rates[0])(1)
    return tuple(one - rate * penalty for rate, penalty in zip(rates, penalties, strict=True))


def _lanes(of: Problem) -> tuple[int, ...]:
    from gdviz.kernels.rows import lanes_of

    return lanes_of(of.settings.factors, of.settings.dtype)


def sgd(of: Problem) -> Method:
    """Return stochastic gradient descent, a rating at a time (Funk 2006; Koren 2009, eq. 5)."""
    from gdviz.kernels import factors

    def step(state: Epoch) -> Epoch:
        fresh, _ = _copied(state)
        rates, penalties = _rates(of, state.t)
        before = (of.users, of.items, of.values, of.mean, *fresh, rates, _keeps(rates, penalties))
        factors.in_blocks(factors.sgd, before, (_lanes(of),), of.edges)
        return Epoch(fresh, state.t + 1)

    return Method(partial(_first, of), step)


def adagrad(of: Problem) -> Method:
    """Return SGD with a rate for each row that falls as its squared gradients add up."""
    from gdviz.kernels import factors

    dtype = np.dtype(of.settings.dtype)

    def init(start: Any = None) -> Epoch:
        ones = tuple(np.ones(n + 1, dtype) for n in (*of.shape, *of.shape))
        return Epoch(first_parameters(of, start), 0, ones)

    def step(state: Epoch) -> Epoch:
        fresh, squares = _copied(state)
        rates, penalties = _rates(of, state.t)
        share = dtype.type(1 / max(1, of.settings.factors))
        before = (of.users, of.items, of.values, of.mean, *fresh, squares, rates, penalties, share)
        factors.in_blocks(factors.adagrad, before, (_lanes(of),), of.edges)
        return Epoch(fresh, state.t + 1, squares)

    return Method(init, step)


def svdpp(of: Problem) -> Method:
    """Return SVD++: whom a user has rated at all speaks too (Koren 2008, eq. 15).

    The state's user factors are p + |N|^−½ Σ y, what predictions need; p itself is in the memory.
    """
    from gdviz.kernels import factors

    starts = _starts(of.users, of.shape[0])

    def effective(P: np.ndarray, Y: np.ndarray) -> np.ndarray:
        from gdviz.kernels.rows import aligned_copy

        whole = aligned_copy(P)
        np.add.at(whole, of.users, Y[of.items])
        counts = np.maximum(np.append(np.diff(starts), 1), 1).astype(P.dtype)
        whole[:-1] = P[:-1] + (whole[:-1] - P[:-1]) / np.sqrt(counts[:-1, None])
        return whole

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
        return Epoch(first._replace(user_factors=effective(P, Y)), 0, (P, Y))

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
        factors.svdpp(starts, of.items, of.values, of.mean, bu, bi, P, Q, Y, rates, keeps)
        return Epoch(Parameters(bu, bi, effective(P, Y), Q), state.t + 1, (P, Y))

    return Method(init, step)


def _starts(rows: np.ndarray, count: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))])


def als(of: Problem) -> Method:
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


def _solve(of: Problem, half: Any, own: Any, other: Any, penalties: np.ndarray) -> None:
    """Set bias and factors of each row of one side to the ridge solution given the other side."""
    from gdviz.kernels.factors import normal_equations

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


def nmf(of: Problem) -> Method:
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


SOLVERS: dict[str, Callable[[Problem], Method]] = {
    "sgd": sgd,
    "adagrad": adagrad,
    "als": als,
    "svdpp": svdpp,
    "nmf": nmf,
}
SOLVER_LABELS = {
    "sgd": "SGD",
    "adagrad": "SGD, adagrad per row",
    "als": "ALS",
    "svdpp": "SVD++",
    "nmf": "non-negative",
}
