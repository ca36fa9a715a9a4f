"""The compiled sweeps of coordinate descent are the plain ones, to the bit."""

import numpy as np
import pytest

from gdviz.kernels import coordinate_descent


@pytest.mark.parametrize("d", [1, 2, 7])
def test_compiled_is_plain(d: int):
    rng = np.random.default_rng(d)
    A = rng.standard_normal((30, d))
    gram = np.ascontiguousarray(A.T @ A / 30)
    gram[-1] = gram[:, -1] = 0.0  # a column of nothing: it stays where it is
    args = gram, rng.standard_normal(d), np.full(d, 0.1), np.diag(gram) + 0.0
    paths = [np.full((20, d), 0.3) for _ in range(2)]
    coordinate_descent.descend_coordinates(*args, paths[0])
    coordinate_descent._compiled().py_func(*args, paths[1])
    np.testing.assert_array_equal(paths[0], paths[1])
    assert (paths[0][:, -1] == 0.3).all()
