"""A polynomial beside the line: fitted in closed form, judged by points that it has not seen."""

from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial

from gdviz.topics.regression.fit import LineFit

MOST_DEGREE = 12
CLOSE = 1.25  # test errors that differ by less are not told apart: the points are few


class PolynomialFit(NamedTuple):
    """Least squares of one degree; `test` is not-a-number where no point is held out."""

    curve: Polynomial
    train: float
    test: float

    @property
    def degree(self) -> int:
        """The degree that was fitted."""
        return self.curve.degree()


def fit_polynomial(done: LineFit, degree: int) -> PolynomialFit:
    """Return the polynomial of a degree through the points to learn from, and its mean squares.

    No more than one less than the different x can be learned.
    """
    curve = Polynomial.fit(done.x, done.y, min(degree, len(np.unique(done.x)) - 1))
    train = float(np.mean((curve(done.x) - done.y) ** 2))
    test = float(np.mean((curve(done.x_test) - done.y_test) ** 2)) if len(done.x_test) else np.nan
    return PolynomialFit(curve, train, test)


def fits_by_degree(done: LineFit) -> list[PolynomialFit]:
    """Return the polynomials of degree 0, 1, ... as far as the points allow."""
    most = min(MOST_DEGREE, len(np.unique(done.x)) - 1)
    return [fit_polynomial(done, degree) for degree in range(most + 1)]


def verdict_on(found: PolynomialFit, others: list[PolynomialFit]) -> str:
    """Return in a sentence whether a polynomial over-fits, by the points held out."""
    if np.isnan(found.test):
        return "Hold out a share of the points: without them nobody knows whether this over-fits."
    best = min(others, key=lambda other: other.test)
    told = f"Train MSE {found.train:.4g}, test MSE {found.test:.4g}."
    if found.degree == best.degree:
        return f"{told} No degree has a smaller test error."
    if found.test < CLOSE * best.test:
        return f"{told} As good, but for chance, as degree {best.degree}: {best.test:.4g}."
    word = "over-fits" if found.degree > best.degree else "under-fits"
    return f"{told} Degree {found.degree} {word}: at degree {best.degree} it is {best.test:.4g}."
