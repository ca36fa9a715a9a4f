"""A problem is text: f, ∇f, the Hessian and the LaTeX all come from one formula."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np

from gdviz.expressions import Formula, formula
from gdviz.optimize.linalg import norm

Box = tuple[tuple[float, float], ...]
LOOKS = 9  # along each axis of a window, for the steepness of a problem


@dataclass(frozen=True)
class Problem:
    """A scalar function of `d` variables to be minimised, on arrays of points `(..., d)`.

    `box` is the window worth looking at, `((x_min, x_max), ...)`; `minima` are its local minima
    in that window where they are known; `teaches` says in a sentence what it is good for. A sum of
    squares f = Σ r_i² has the texts of its r_i in `residuals`, a likelihood those of its Fisher
    information in `information`: the upper triangle, row by row.
    """

    text: str
    variables: tuple[str, ...] = ("x",)
    name: str = ""
    box: Box = ((-5.0, 5.0),)
    start: tuple[float, ...] = (2.0,)
    minima: tuple[tuple[float, ...], ...] = ()
    teaches: str = ""
    residuals: tuple[str, ...] = ()
    information: tuple[str, ...] = ()
    is_shared: ClassVar[bool] = True  # many results hold the same one: no cache counts it

    @property
    def d(self) -> int:
        """The number of variables."""
        return len(self.variables)

    @property
    def ready(self) -> bool:
        """Whether it is one of our own, which teach something: no visitor has typed it."""
        return bool(self.teaches)

    @cached_property
    def steepness(self) -> float:
        """The largest |∇f| on a coarse grid of the box, but at most 1."""
        sides = (self.box * self.d)[: self.d]
        axes = np.meshgrid(*(np.linspace(lo, hi, LOOKS) for lo, hi in sides))
        size = norm(self.grad(np.stack(axes, axis=-1)))
        return float(min(1.0, size[np.isfinite(size)].max(initial=0.0)))

    @property
    def formula(self) -> Formula:
        """The checked formula with its derivatives."""
        return formula(self.text, self.variables)

    @property
    def latex(self) -> str:
        """The formula as LaTeX, without the dollars."""
        return self.formula.latex

    def f(self, x: Any) -> Any:
        """Return f at points `(..., d)`, shape `(...)`; nan or inf where f has no value."""
        with np.errstate(all="ignore"):
            return self.formula.value(*self._coordinates(x))

    def grad(self, x: Any) -> Any:
        """Return ∇f at points `(..., d)`, shape `(..., d)`."""
        with np.errstate(all="ignore"):
            partials = self.formula.gradient(*self._coordinates(x))
        grad = np.empty((*np.shape(partials[0]), self.d))  # a third of the time of np.stack
        for i, partial in enumerate(partials):
            grad[..., i] = partial
        return grad

    def hess(self, x: Any) -> Any:
        """Return the Hessian at points `(..., d)`, shape `(..., d, d)`."""
        with np.errstate(all="ignore"):
            rows = self.formula.hessian(*self._coordinates(x))
        found = np.empty((*np.shape(rows[0][0]), self.d, self.d))  # quicker than np.stack, too
        for i, row in enumerate(rows):
            for j, entry in enumerate(row):
                found[..., i, j] = entry
        return found

    def residual(self, x: Any) -> Any:
        """Return the m residuals at points `(..., d)`, shape `(..., m)`."""
        at = self._coordinates(x)
        with np.errstate(all="ignore"):
            return np.stack([part.value(*at) for part in self._residual_formulas()], axis=-1)

    def jacobian(self, x: Any) -> Any:
        """Return the derivatives ∂r_i/∂x_j at points `(..., d)`, shape `(..., m, d)`."""
        at = self._coordinates(x)
        with np.errstate(all="ignore"):
            rows = [np.stack(part.gradient(*at), -1) for part in self._residual_formulas()]
        return np.stack(rows, axis=-2)

    def fisher(self, x: Any) -> Any:
        """Return the Fisher information at points `(..., d)`, shape `(..., d, d)`."""
        if not self.information:
            raise ValueError("this problem is no likelihood: it has no Fisher information.")
        at = self._coordinates(x)
        found = np.empty((*np.shape(at[0]), self.d, self.d))
        with np.errstate(all="ignore"):
            pairs = zip(*np.triu_indices(self.d), strict=True)
            for (i, j), text in zip(pairs, self.information, strict=True):
                found[..., i, j] = found[..., j, i] = formula(text, self.variables).value(*at)
        return found

    def _residual_formulas(self) -> list[Formula]:
        if not self.residuals:
            raise ValueError(
                "this problem is not written as a sum of squares: it has no residuals."
            )
        return [formula(text, self.variables) for text in self.residuals]

    def _coordinates(self, x: Any) -> tuple[Any, ...]:
        points = as_points(x, self)
        if points.ndim == 1:
            return tuple(points)  # float64, whose arithmetic is quicker than that of 0-d arrays
        return tuple(points[..., i] for i in range(self.d))


class ScalarProblem(NamedTuple):
    """A problem of one variable seen elementwise: plain floats in, plain floats out.

    The very same functions as in `Problem`, without the last axis. A single path of a thousand
    steps takes a few milliseconds this way, and has the same bits as the path in a batch.
    """

    f: Any
    grad: Any
    hess: Any
    d: int = 1


def elementwise_view(problem: Problem) -> ScalarProblem:
    """Return the one-dimensional `problem` as functions of floats."""
    compiled = problem.formula
    return ScalarProblem(
        compiled.value,
        lambda x: compiled.gradient(x)[0],
        lambda x: compiled.hessian(x)[0][0],
    )


def as_points(x: Any, problem: Problem) -> np.ndarray:
    """Return `x` as float64 points `(..., d)`; raise `ValueError` when the last axis is not d."""
    if np.iscomplexobj(x):  # NumPy would drop what is imaginary
        raise ValueError("complex points given; f is a function of real numbers.")
    points = np.asarray(x, dtype=float)
    if points.ndim == 0 and problem.d == 1:
        points = points[None]
    if points.ndim == 0 or points.shape[-1] != problem.d:
        names = ", ".join(problem.variables)
        raise ValueError(
            f"points of shape {points.shape} given; the last axis must be {problem.d} ({names})."
        )
    return points


def function(text: str, **about: Any) -> Problem:
    """Return the problem f(x) that `text` says; raise `FormulaError` when it says none.

    >>> function("x**2 - 2*x").grad([[3.0]])
    array([[4.]])
    """
    return _checked(Problem(text, ("x",), **about))


def surface(text: str, **about: Any) -> Problem:
    """Return the problem f(x, y) that `text` says; raise `FormulaError` when it says none.

    >>> float(surface("(1-x)**2 + 100*(y-x**2)**2").f([0.0, 0.0]))
    1.0
    """
    settings: dict[str, Any] = {"box": ((-2.0, 2.0), (-2.0, 2.0)), "start": (-1.5, 1.5)}
    return _checked(Problem(text, ("x", "y"), **{**settings, **about}))


def _checked(problem: Problem) -> Problem:
    for text in (problem.text, *problem.residuals, *problem.information):
        formula(text, problem.variables)
    return problem
