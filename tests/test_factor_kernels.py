"""The kernels of the recommender: compiled against plain, orders of the visits, two threads."""

import numpy as np
import pytest

from gdviz.kernels import matrix_factorization as kernels
from gdviz.kernels.neighbours import item_knn
from gdviz.kernels.simd_rows import VECTOR, aligned_copy, lanes_of, pad_rows
from gdviz.kernels.visiting_order import in_cells
from gdviz.learn.recommender.data import Settings, visiting_order

DTYPES = ["float32", "float64"]
TOLERANCE = {"float32": 3e-6, "float64": 1e-13}


def table(dtype: str, factors: int, count: int = 200, seed: int = 0):
    """Return ratings and parameters as the kernels take them."""
    rng = np.random.default_rng(seed)
    users, items = (rng.integers(0, n, count).astype(np.int32) for n in (13, 9))
    values = rng.uniform(1, 5, count).astype(dtype)
    P, Q = (pad_rows(0.3 * rng.standard_normal((n, factors)), dtype) for n in (13, 9))
    bu, bi = (0.1 * rng.standard_normal(n + 1).astype(dtype) for n in (13, 9))
    return [users, items, values, np.dtype(dtype).type(3.0), bu, bi, P, Q]


def twice(arguments):
    """Return two copies, so that each call has arrays of its own."""
    copy = [aligned_copy(a) if np.ndim(a) == 2 else np.copy(a)[()] for a in arguments]
    return arguments, copy


def close(ours, theirs, dtype: str) -> None:
    for a, b in zip(ours, theirs, strict=True):
        assert np.abs(a - b).max() <= TOLERANCE[dtype] * max(1.0, np.abs(b).max())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("factors", [1, 16, 20, 37])
def test_compiled_sgd_is_the_plain_loop(dtype: str, factors: int):
    number = np.dtype(dtype).type
    rates, keeps = tuple(map(number, (0.01, 0.02, 0.03, 0.04))), tuple(map(number, (0.9,) * 4))
    after = rates, keeps, 3, 190, lanes_of(factors, dtype)
    fast, slow = twice(table(dtype, factors))
    before = fast[6].copy()
    kernels.sgd(*fast, *after)
    kernels.sgd.py_func(*slow, *after)
    close(fast[4:], slow[4:], dtype)
    assert np.abs(fast[6] - before).max() > 0.1
    assert not fast[6][:, factors:].any() and not fast[6][-1].any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_compiled_adagrad_is_the_plain_loop(dtype: str):
    number = np.dtype(dtype).type
    rates, penalties = (number(0.1),) * 4, (number(0.05),) * 4
    fast, slow = twice(table(dtype, 20))
    squares = [tuple(np.ones(n, dtype) for n in (14, 10, 14, 10)) for _ in range(2)]
    after = rates, penalties, number(1 / 20), 0, 200, lanes_of(20, dtype)
    kernels.adagrad(*fast, squares[0], *after)
    kernels.adagrad.py_func(*slow, squares[1], *after)
    close([*fast[4:], *squares[0]], [*slow[4:], *squares[1]], dtype)
    assert all(s[:-1].max() > 1.1 for s in squares[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_compiled_predictions_and_errors_are_the_plain_ones(dtype: str):
    found = table(dtype, 5)
    out = [np.empty(200, dtype) for _ in range(2)]
    users, items, values, *learnt = found
    for kernel, target in ((kernels.predictions, out[0]), (kernels.predictions.py_func, out[1])):
        kernel(users, items, *learnt, lanes_of(5, dtype), target)
    close([out[0]], [out[1]], dtype)
    after = *learnt, 2.0, 4.0, lanes_of(5, dtype)
    fast = kernels.squared_errors(users, items, values, *after)
    slow = kernels.squared_errors.py_func(users, items, values, *after)
    assert fast == pytest.approx(slow, rel=1e-4 if dtype == "float32" else 1e-12)
    gaps = [out[0], np.clip(out[0], 2, 4)]
    exact = [np.sum((g.astype(float) - values.astype(float)) ** 2) for g in gaps]
    assert fast == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_compiled_svdpp_is_the_plain_loop(dtype: str):
    found = table(dtype, 3, 60)
    users = np.sort(found[0])
    starts = np.concatenate([[0], np.cumsum(np.bincount(users, minlength=13))])
    number = np.dtype(dtype).type
    rates, keeps = (number(0.05),) * 5, (number(0.95),) * 5
    Y = pad_rows(np.random.default_rng(1).standard_normal((9, 3)), dtype)
    fast, slow = twice([*found[1:], Y])
    kernels.svdpp(starts, *fast, rates, keeps)
    kernels.svdpp.py_func(starts, *slow, rates, keeps)
    close(fast[3:], slow[3:], dtype)


def test_compiled_normal_equations_are_the_plain_ones():
    users, items, values, *_ = table("float64", 3)
    order = np.argsort(users, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(users, minlength=13))])
    features = np.random.default_rng(2).standard_normal((9, 4))
    both = [(np.zeros((5, 4, 4)), np.zeros((5, 4))) for _ in range(2)]
    around = starts, items[order], values[order], features, 2
    kernels.normal_equations(*around, *both[0])
    kernels.normal_equations.py_func(*around, *both[1])
    x = features[items[users == 4]]
    np.testing.assert_allclose(both[0][0][2], x.T @ x, rtol=1e-12)
    np.testing.assert_allclose(both[0][1][2], x.T @ values[users == 4], rtol=1e-12)
    for ours, theirs in zip(*both, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_compiled_neighbours_are_the_plain_ones():
    rng = np.random.default_rng(3)
    pairs = np.argwhere(rng.random((12, 8)) < 0.6)
    left = rng.standard_normal(len(pairs))
    sides = []
    for side, count in ((0, 12), (1, 8)):
        order = np.argsort(pairs[:, side], kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(pairs[:, side], minlength=count))])
        sides.append((starts, pairs[order, 1 - side], left[order]))
    items, users = np.divmod(np.arange(96), 12)
    out = np.zeros(96), np.zeros(96)
    item_knn(users, items, *sides, 3, 2.0, out[0])
    item_knn.py_func(users, items, *sides, 3, 2.0, out[1])
    np.testing.assert_allclose(out[0], out[1], rtol=1e-12)
    assert np.count_nonzero(out[0]) > 40


def test_rows_start_where_a_vector_may():
    for dtype in DTYPES:
        for factors in (0, 1, 17, 100):
            rows = aligned_copy(pad_rows(np.ones((5, factors)), dtype))
            assert rows.ctypes.data % VECTOR == 0 and rows.strides[0] % VECTOR == 0
            assert rows[:5, :factors].all() and not rows[5].any()


def test_cells_keep_their_order_and_users_take_turns():
    rng = np.random.default_rng(0)
    users = rng.integers(0, 70, 1500).astype(np.int32)
    items = rng.integers(0, 40, 1500).astype(np.int32)
    section, groups = (users % 2).astype(np.int32), (users[:0], np.arange(70) // 8)[1]
    groups = groups.astype(np.int32)
    orders = [np.empty(1500, np.int32) for _ in range(2)]
    in_cells(users, items, section, groups, 16, 5, orders[0])
    with np.errstate(over="ignore"):
        in_cells.py_func(users, items, section, groups, 16, 5, orders[1])
    assert np.array_equal(*orders)
    assert np.array_equal(np.sort(orders[0]), np.arange(1500))
    u, i = users[orders[0]], items[orders[0]]
    cell = (u % 2) * 1000 + i // 16 * 100 + groups[u]
    assert (np.diff(cell) >= 0).all()
    for c in np.unique(cell):
        mine = u[cell == c]
        turns = [np.count_nonzero(mine[:n] == who) for n, who in enumerate(mine)]
        assert turns == sorted(turns)


@pytest.mark.parametrize("threads", [2, 3])
def test_blocks_of_a_round_share_no_user_and_no_item(threads: int):
    from gdviz.learn.recommender.synthetic import low_rank_ratings

    train = low_rank_ratings(users=50, items=30).ratings
    order, edges = visiting_order(train, Settings(threads=threads))
    assert np.array_equal(np.sort(order), np.arange(len(train)))
    assert len(edges) == threads**2 + 1 and edges[-1] == len(train)
    blocks = [order[lo:hi] for lo, hi in zip(edges[:-1], edges[1:], strict=True)]
    for first in range(0, len(blocks), threads):
        for side in (train.users, train.items):
            rows = [set(side[b]) for b in blocks[first : first + threads]]
            assert sum(map(len, rows)) == len(set().union(*rows)) > 0
    assert min(map(len, blocks)) > 0.5 * len(train) / threads**2
