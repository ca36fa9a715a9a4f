"""Points of a line held out, and a polynomial that over-fits: against NumPy's least squares."""

import io
import json
from contextlib import redirect_stdout

import numpy as np
import pytest
from cases import each

from gdviz.learn.datasets import CLOUDS
from gdviz.topics.regression import as_python, run
from gdviz.topics.regression.figure import picture
from gdviz.topics.regression.points import split_rows
from gdviz.topics.regression.polynomial import fit_polynomial, fits_by_degree, verdict_on
from gdviz.topics.regression.settings import LineSettings


@each("n, held", [(3, 0.8), (3, 0.0), (24, 0.4), (60, 0.8), (11, 0.5)])
def test_a_split_loses_no_point_and_leaves_two(n: int, held: float) -> None:
    for seed in range(5):
        spec = LineSettings(n=n, held=held, seed=seed)
        train, test = split_rows(spec)
        assert sorted([*train, *test]) == list(range(n))
        assert len(train) >= 2 and len(test) == min(round(n * held), n - 2)


def test_nothing_learns_from_the_points_held_out() -> None:
    spec = LineSettings(data="outliers", held=0.4, kinds=("batch", "sgd"), degree=3)
    x, y = CLOUDS["outliers"].make(24, 1.2, 0)
    train, test = split_rows(spec)
    done = run(spec)
    np.testing.assert_array_equal(done.x, x[train])
    np.testing.assert_array_equal(done.y_test, y[test])
    line = np.polyfit(x[train], y[train], 1)
    assert done.raw(done.best) == pytest.approx(line)
    assert done.test_mse_of(done.best) == pytest.approx(
        np.mean((np.polyval(line, x[test]) - y[test]) ** 2)
    )


def test_the_polynomial_is_that_of_least_squares_and_its_errors_are_told() -> None:
    for data in CLOUDS:
        spec = LineSettings(data=data, held=0.3, degree=3)
        done = run(spec)
        found = fit_polynomial(done, 3)
        if len(np.unique(done.x)) < 4:  # Anscombe IV
            assert found.degree == len(np.unique(done.x)) - 1
            continue
        powers = np.polyfit(done.x, done.y, 3)
        assert found.curve(done.x) == pytest.approx(np.polyval(powers, done.x), rel=1e-6)
        assert found.test == pytest.approx(
            np.mean((np.polyval(powers, done.x_test) - done.y_test) ** 2), rel=1e-5
        )
        chips = {chip.name: chip for chip in picture(spec).scene.chips}
        assert f"test {found.test:.4g}" in chips["degree 3"].verdict
        errors = [fit.train for fit in fits_by_degree(done)]
        assert all(b <= a * (1 + 1e-9) for a, b in zip(errors, errors[1:], strict=False))


def test_over_fitting_is_told_and_only_where_it_is() -> None:
    done = run(LineSettings(data="curve", held=0.4))
    every = fits_by_degree(done)
    best = int(np.argmin([fit.test for fit in every]))
    assert "over-fits" in verdict_on(every[11], every)
    assert "under-fits" in verdict_on(every[0], every)
    assert "No degree" in verdict_on(every[best], every)
    alone = fits_by_degree(run(LineSettings(data="curve")))
    assert "Hold out" in verdict_on(alone[3], alone)


def test_the_program_prints_the_line_and_the_polynomial_of_the_page() -> None:
    spec = LineSettings(data="curve", held=0.4, degree=4, kinds=("mini",), steps=40)
    told = io.StringIO()
    with redirect_stdout(told):
        exec(compile(as_python(spec), "page", "exec"), {})
    out = told.getvalue()
    done = run(spec)
    assert f"{done.fits['mini'].weights[-1, 0]:.10g}" in out
    printed = np.array(json.loads(out.split("polynomial:")[1]))
    found = fit_polynomial(done, 4).curve.convert().coef
    np.testing.assert_allclose(printed, found, rtol=1e-12)
