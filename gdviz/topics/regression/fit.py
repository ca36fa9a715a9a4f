"""The fit of a line: what the optimizer did, step by step."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.learn.fit_result import Fit
from gdviz.learn.linear import fit_linear
from gdviz.learn.linear_training import batches
from gdviz.learn.metrics import Scores, scores
from gdviz.learn.objective import Objective, objective
from gdviz.learn.spectrum import Spectrum, spectrum
from gdviz.topics.regression.best_line import best_line
from gdviz.topics.regression.points import cloud, split_rows, standard
from gdviz.topics.regression.settings import LineSettings


class LineFit(NamedTuple):
    """What the room has run: points, the descents by kind, the best line, the curvature.

    `x, y` are the points to learn from, `x_test, y_test` those held out.
    θ = (w, b) belongs to z = (x − `middle`)/`width`, which is x itself unless it is standardised.
    """

    x: np.ndarray
    y: np.ndarray
    middle: float
    width: float
    goal: Objective
    start: np.ndarray
    fits: dict[str, Fit]
    best: np.ndarray
    eigen: Spectrum
    x_test: np.ndarray
    y_test: np.ndarray

    def raw(self, theta: Any) -> Any:
        """Return slope and intercept in x of points θ `(..., 2)`."""
        w = theta[..., 0] / self.width
        return np.stack([w, theta[..., 1] - w * self.middle], axis=-1)

    def scores_of(self, theta: Any) -> Scores:
        """Return the scores of one θ."""
        w, b = self.raw(np.asarray(theta))
        return scores(self.y, w * self.x + b)

    def test_mse_of(self, theta: Any) -> float:
        """Return the mean squared error of one θ at the points held out."""
        w, b = self.raw(np.asarray(theta))
        return float(np.mean((w * self.x_test + b - self.y_test) ** 2))


@cached
def run(spec: LineSettings) -> LineFit:
    """Return the descents of a spec; they are shared between visitors: do not change them."""
    x, y = cloud(spec)
    train, test = split_rows(spec)
    x, y, held = x[train], y[train], (x[test], y[test])
    middle, width = standard(x) if spec.scale else (0.0, 1.0)
    z = (x - middle) / width
    goal = objective(z[:, None], y, spec.loss, delta=spec.delta)
    start = np.array([spec.w0 * width, spec.b0 + spec.w0 * middle])
    fits = {
        kind: fit_linear(
            z[:, None],
            y,
            loss=spec.loss,
            delta=spec.delta,
            method=spec.method,
            lr=spec.lr,
            steps=spec.steps,
            batch_size=size_of(spec, kind, len(x)),
            seed=spec.seed,
            schedule=spec.schedule,
            start=start,
            stop=(spec.stop, spec.level),
        )
        for kind in spec.kinds
    }
    return LineFit(x, y, middle, width, goal, start, fits, best_line(goal), spectrum(goal), *held)


def size_of(spec: LineSettings, kind: str, n: int) -> int | None:
    """Return the batch size of a kind of descent, None for all rows."""
    return {"batch": None, "mini": min(spec.size, n), "sgd": 1}[kind]


def rows_seen(spec: LineSettings, kind: str, n: int, steps: int) -> list[np.ndarray]:
    """Return the rows that each of the first `steps` steps sees."""
    size = size_of(spec, kind, n)
    if size is None or size >= n:
        return [np.arange(n)] * steps
    stream = batches(n, size, spec.seed)
    return [next(stream) for _ in range(steps)]
