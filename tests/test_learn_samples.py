"""The playground's data: shapes, bounds, seeds, splits, features, and files of visitors."""

import numpy as np
import pytest

from gdviz.expressions import FormulaError
from gdviz.learn.point_tables import read_csv
from gdviz.learn.toy_datasets import (
    FEATURES,
    KINDS,
    DataError,
    above,
    features,
    samples,
    split,
)


@pytest.mark.parametrize("kind", KINDS)
def test_samples_are_finite_and_come_again(kind: str):
    for n in (20, 301):
        x, y = samples(kind, n, 0.2, seed=3)
        assert (
            x.shape == (n, KINDS[kind].columns)
            and y.shape == (n,)
            and np.isfinite(x).all()
            and np.isfinite(y).all()
        )
    again = samples(kind, 301, 0.2, seed=3)
    np.testing.assert_array_equal(x, again[0])
    assert (samples(kind, 301, 0.2, seed=4)[0] != x).any()
    if not KINDS[kind].regression:
        assert set(np.unique(y)) == {0.0, 1.0} and 0.35 < y.mean() < 0.65
    plain = samples(kind, 300)[0]
    assert np.abs(plain).max() <= 6.0


def test_shapes_are_what_they_are_called():
    x, y = samples("circle", 400)
    r = np.hypot(*x.T)
    assert ((r < 2.5) == (y == 1)).all() and not ((r > 2.5) & (r < 3.5)).any()
    x, y = samples("xor", 400)
    assert ((x[:, 0] * x[:, 1] > 0) == (y == 1)).all() and np.abs(x).min() >= 0.3
    x, y = samples("plane", 100)
    np.testing.assert_allclose(y, x.sum(axis=1) / 10)
    x, y = samples("bumps", 500)
    at_top = np.hypot(x[:, 0] - 4, x[:, 1] - 2.5) < 0.3
    assert (y[at_top] > 0.8).all() and np.abs(y).max() <= 1
    x, y = above("3*sin(x)", 200)
    assert ((x[:, 1] > 3 * np.sin(x[:, 0])) == (y == 1)).all()
    assert set(above("2", 100)[1]) == {0.0, 1.0}
    assert above("sqrt(x)", 100)[1].sum() > 0  # no value on one half: nothing lies above it


def test_noise_moves_labels_or_points():
    assert (
        samples("circle", 300, 0.5)[1] != (np.hypot(*samples("circle", 300, 0.5)[0].T) < 2.5)
    ).any()
    wide, narrow = samples("gauss", 500, 0.5)[0], samples("gauss", 500, 0.0)[0]
    assert (np.abs(wide) - 2).std() > 1.5 * (np.abs(narrow) - 2).std()


@pytest.mark.parametrize(
    "n, noise", [(1, 0.0), (501, 0.0), (2.5, 0.0), (True, 0.0), (20, 0.6), (20, np.nan)]
)
def test_numbers_out_of_bounds_are_refused(n: int, noise: float):
    with pytest.raises(DataError):
        samples("circle", n, noise)


def test_unknown_data_and_curves_without_values_are_refused():
    with pytest.raises(DataError, match="unknown"):
        samples("no")
    with pytest.raises(FormulaError):
        above("log(-1 - x**2)")


@pytest.mark.parametrize("share, count", [(0.5, 15), (0.0, 1), (1.0, 30), (0.33, 10)])
def test_a_split_loses_and_doubles_nobody(share: float, count: int):
    x, y = samples("moons", 30)
    parts = split(x, y, share, seed=1)
    assert len(parts.x) == count and len(parts.x) + len(parts.x_test) == 30
    both = np.concatenate(
        [np.column_stack([parts.x, parts.y]), np.column_stack([parts.x_test, parts.y_test])]
    )
    np.testing.assert_array_equal(np.sort(both, axis=0), np.sort(np.column_stack([x, y]), axis=0))


def test_features_are_what_they_say():
    for more in ([], [7.0], [7.0, 8.0, 9.0, 3.0]):
        table = features(np.array([[2.0, -1.0, *more]]), tuple(FEATURES))[0]
        others = [*more, 0, 0, 0, 0][:4]
        np.testing.assert_allclose(table, [2, -1, 4, 1, -2, np.sin(2), np.sin(-1), *others])
    x = np.array([[2.0, -1.0]])
    for names in ((), ("x1", "no")):
        with pytest.raises(DataError):
            features(x, names)


def test_a_file_is_read_scaled_and_told():
    text = "id;a;b;kind\n1;0;10;red\n2;5;20;blue\n3;10;30;red\n\n"
    table = read_csv(text.encode("utf-8-sig"))
    np.testing.assert_allclose(table.x[:, :2], [[-5, -5], [0, 0], [5, 5]])
    np.testing.assert_allclose(table.x[:, 2], [-5, 0, 5])
    assert table.names == ("a", "b", "id") and table.ends.tolist() == [[0, 10], [10, 30], [1, 3]]
    assert table.y.tolist() == [1.0, 0.0, 1.0]
    assert "red" in table.told and "3 rows, 3 features" in table.told
    table = read_csv(b"1,7,0\n2,7,1\n")  # no heading; a column that does not vary
    np.testing.assert_allclose(table.x, [[-5, 0], [5, 0]])
    assert table.names == ("x1", "x2")
    for columns, kept in ((1, 100), (2, 75), (5, 42), (30, 42)):
        many = "\n".join(f"{f'{i},' * columns}{i},{i % 2}" for i in range(2000)).encode()
        table = read_csv(many, 100)
        assert len(table.x) == len(table.y) == kept and f"2000 rows, {kept} of" in table.told
        assert table.x.shape[1] == min(columns + 1, 6) and set(table.y) == {0.0, 1.0}
    table = read_csv(b"a;b;kind\n1,5;-,5;0\n2,5;1e0;1\n")
    assert table.ends.tolist() == [[1.5, 2.5], [-0.5, 1]] and "Commas in numbers are" in table.told
    assert np.isfinite(read_csv(b"-1e308,0,a\n1e308,1,b\n").x).all()


def test_columns_of_words_are_left_out_and_names_are_made_fit():
    text = "city,h*e|<b>ight,=w,color,kind\nBonn,1,2,red,0\nUlm,3,5,red,1\nBonn,2,3,red,1\n"
    table = read_csv(text.encode())
    assert table.names == ("hebight", "w") and "Left out: city, color." in table.told
    np.testing.assert_allclose(table.x[1], [5, 5])


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "empty"),
        (b"a,b,c\n", "two rows"),
        (b"1,2,0\n", "two rows"),
        (b"a,b,c\n1,2\n3,4,1\n", "row 2 has 2 cells"),
        (b"a,b,c\n1,2,0\nx,4,1\n", "row 3"),
        (b"1,2,0\n3,inf,1\n1,2,0\n", "row 2"),
        (b"1,2,0\n3,4,5,0\n", "row 2 has 4 cells; the first has 3"),
        (b"a,b,c\nx,1,0\ny,2,1\n", "fewer than two columns"),
        (b"a,b,c,d\n1,2,3,0\n4,nan,3,0\n", "row 3: a feature"),
        (b"1,2,0\n3,4,0\n", "1 different"),
        (b"1,2,0\n3,4,1\n5,6,2\n", "3 different"),
        (b"x" * 1_000_001, "larger"),
        (b"\x00\xff\xfe" * 10, "two rows"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(data: bytes, words: str):
    with pytest.raises(DataError, match=words):
        read_csv(data)
