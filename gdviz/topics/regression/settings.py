"""Fitting a line: the knobs of the first room of *regression*, what it runs, and that as Python."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.figures.hand import Hand
from gdviz.knobs import Choice, Choices, Range, Switch, Text, clamp
from gdviz.learn.datasets import CLOUDS
from gdviz.learn.fit_result import Fit
from gdviz.learn.linear import fit_linear
from gdviz.learn.linear_training import BY_GRADIENTS, batches
from gdviz.learn.metrics import Scores, scores
from gdviz.learn.objective import Objective, objective
from gdviz.learn.regression_losses import LOSSES
from gdviz.learn.spectrum import Spectrum, spectrum
from gdviz.optimize.methods import LABELS
from gdviz.optimize.rules import Rate
from gdviz.optimize.schedules import SCHEDULE_LABELS

OWN = "own"
FEWEST, MOST = 3, 60
KINDS = {"batch": "all rows", "mini": "mini-batches", "sgd": "single rows (SGD)"}
STATISTICS = {
    "mse": "MSE",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "gradients": "gradients",
    "none": "nothing",
}


@dataclass(frozen=True)
class LineSettings:
    """Everything that the room *a line* can be asked; `points` are the visitor's own."""

    data: Annotated[
        str,
        Choice({k: c.label for k, c in CLOUDS.items()} | {OWN: "my own points"}, "points"),
    ] = "line"
    points: Annotated[str, Text("own points", "x,y;x,y;…", most=1500)] = ""
    n: Annotated[int, Range(FEWEST, MOST, "how many points")] = 24
    noise: Annotated[float, Range(0.0, 10.0, "noise σ")] = 1.2
    seed: Annotated[int, Range(0, 9999, "seed", "Of the points and of the batches.")] = 0
    w0: Annotated[float, Range(-1e3, 1e3, "slope w₀", "Of your line, where descent starts.")] = -0.4
    b0: Annotated[float, Range(-1e4, 1e4, "intercept b₀", "Of your line.")] = 8.0
    loss: Annotated[
        str, Choice({k: v.label for k, v in LOSSES.items() if k != "logistic"}, "loss")
    ] = "squared"
    delta: Annotated[float, Range(0.01, 100.0, "Huber's δ", "Beyond it a residual is linear.")] = (
        1.0
    )
    scale: Annotated[
        bool, Switch("standardise x", "Mean 0, standard deviation 1: the bowl becomes round.")
    ] = False
    kinds: Annotated[
        tuple[str, ...], Choices(KINDS, "a step sees", "The same seed for all.", most=3)
    ] = ("batch",)
    method: Annotated[str, Choice({m: LABELS[m] for m in BY_GRADIENTS}, "optimizer")] = "gd"
    lr: Rate = 0.05
    size: Annotated[int, Range(2, MOST, "batch size")] = 6
    schedule: Annotated[str, Choice(SCHEDULE_LABELS, "schedule of η")] = "constant"
    steps: Annotated[int, Range(1, 300, "steps")] = 150
    statistic: Annotated[str, Choice(STATISTICS, "drawn at the points")] = "mse"


class LineFit(NamedTuple):
    """What the room has run: points, the descents by kind, the best line, the curvature.

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

    def raw(self, theta: Any) -> Any:
        """Return slope and intercept in x of points θ `(..., 2)`."""
        w = theta[..., 0] / self.width
        return np.stack([w, theta[..., 1] - w * self.middle], axis=-1)

    def scores_of(self, theta: Any) -> Scores:
        """Return the scores of one θ."""
        w, b = self.raw(np.asarray(theta))
        return scores(self.y, w * self.x + b)


# --- points --------------------------------------------------------------------------------------


def cloud(spec: LineSettings) -> tuple[np.ndarray, np.ndarray]:
    """Return the points x, y `(n,)` of a spec; own points that are none give way to a line."""
    if spec.data == OWN:
        own = parse_points(spec.points)
        if own is not None:
            return own
    name = spec.data if spec.data in CLOUDS else "line"
    return CLOUDS[name].make(spec.n, spec.noise, spec.seed)


def parse_points(text: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Read `x,y;x,y;…` of a link; None unless there are 3 to 60 sound points."""
    try:
        pairs = np.array([[float(v) for v in pair.split(",")] for pair in text.split(";")])
    except ValueError:
        return None
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not FEWEST <= len(pairs) <= MOST:
        return None
    if not np.isfinite(pairs).all() or np.abs(pairs).max() > 1e3:
        return None
    return pairs[:, 0], pairs[:, 1]


def points_text(x: Any, y: Any) -> str:
    """Return points as the text of a link, four digits each."""
    return ";".join(f"{a:.4g},{b:.4g}" for a, b in zip(x, y, strict=True))


def apply_hand(spec: LineSettings, hand: Hand) -> LineSettings:
    """Return the spec after a hand has moved a point or an end of the line, or has clicked."""
    if hand.id == "start":
        return _with_start(spec, np.array([hand.x, hand.y]))
    if hand.id in ("left", "right"):
        return _with_end(spec, hand)
    x, y = cloud(spec)
    at_x, at_y = float(np.clip(hand.x, -1e3, 1e3)), float(np.clip(hand.y, -1e3, 1e3))
    index = _index(hand.id, len(x))
    if hand.id == "add" and not hand.shift:
        x, y = np.append(x, at_x), np.append(y, at_y)
    elif hand.shift and (index is not None or hand.id == "add"):
        gone = index if index is not None else _nearest(x, y, at_x, at_y)
        x, y = np.delete(x, gone), np.delete(y, gone)
    elif index is not None:
        x, y = x.copy(), y.copy()
        x[index], y[index] = at_x, at_y
    if not FEWEST <= len(x) <= MOST:
        return spec
    return replace(spec, data=OWN, points=points_text(x, y))


def _index(name: str, n: int) -> int | None:
    """Return the number of the point that a handle `p12` is, if there is one."""
    digits = name[1:]
    if not name.startswith("p") or not digits.isascii() or not digits.isdigit() or len(digits) > 3:
        return None
    return int(digits) if int(digits) < n else None


def _nearest(x: np.ndarray, y: np.ndarray, at_x: float, at_y: float) -> int:
    wide, tall = np.ptp(x) or 1.0, np.ptp(y) or 1.0
    return int(np.argmin(((x - at_x) / wide) ** 2 + ((y - at_y) / tall) ** 2))


def ends(spec: LineSettings) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return where the handles of the visitor's line stand: at the outermost points, within reach.

    Where the line leaves the heights of the points before, they stand at its exit.
    """
    x, y = cloud(spec)
    (lo, hi), (low, high) = (_span(values) for values in (x, y))

    def end(at: float) -> tuple[float, float]:
        height = spec.w0 * at + spec.b0
        inside = float(np.clip(height, low, high))
        if inside == height:
            return at, height
        exit_at = (inside - spec.b0) / spec.w0 if spec.w0 else at
        return (exit_at, inside) if lo <= exit_at <= hi else (at, inside)

    return end(lo), end(hi)


def _span(values: np.ndarray) -> tuple[float, float]:
    lo, hi = float(values.min()), float(values.max())
    return (lo, hi) if hi > lo else (lo - 1.0, lo + 1.0)


def _with_end(spec: LineSettings, hand: Hand) -> LineSettings:
    """Return the line through the hand and through its other end."""
    left, right = ends(spec)
    at, up = right if hand.id == "left" else left
    across = hand.x - at
    lo, hi = _span(cloud(spec)[0])
    if abs(across) < 1e-3 * (hi - lo):  # all but one above the other: no slope to be had
        return spec
    w = (hand.y - up) / across
    return _line_of(spec, w, up - w * at)


def _with_start(spec: LineSettings, theta: np.ndarray) -> LineSettings:
    x, _ = cloud(spec)
    middle, width = standard(x) if spec.scale else (0.0, 1.0)
    w = theta[0] / width
    return _line_of(spec, w, theta[1] - w * middle)


def _line_of(spec: LineSettings, w: float, b: float) -> LineSettings:
    return replace(
        spec,
        w0=float(f"{clamp(LineSettings, 'w0', w):.4g}"),
        b0=float(f"{clamp(LineSettings, 'b0', b):.4g}"),
    )


# --- runs ----------------------------------------------------------------------------------------


def standard(x: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation of x; 1 for the latter where all x are the same."""
    width = float(x.std())
    return float(x.mean()), width if width > 1e-9 * max(1.0, float(np.abs(x).max())) else 1.0


@cached
def run(spec: LineSettings) -> LineFit:
    """Return the descents of a spec; they are shared between visitors: do not change them."""
    x, y = cloud(spec)
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
        )
        for kind in spec.kinds
    }
    return LineFit(x, y, middle, width, goal, start, fits, best_line(goal), spectrum(goal))


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


def best_line(goal: Objective) -> np.ndarray:
    """Return the θ of the least loss, exactly: the closed form, or what takes its place."""
    squared = np.linalg.lstsq(goal.A, goal.y, rcond=None)[0]
    if goal.loss is LOSSES["absolute"]:
        return _least_absolute(goal, squared)
    if goal.loss is LOSSES["huber"]:
        return _least_huber(goal, squared)
    return squared


def _least_absolute(goal: Objective, otherwise: np.ndarray) -> np.ndarray:
    """Some line of the least absolute error goes through two of the points: try all."""
    z, y = goal.A[:, 0], goal.y
    i, j = np.triu_indices(len(z), 1)
    apart = z[i] != z[j]
    i, j = i[apart], j[apart]
    if not len(i):
        return otherwise
    w = (y[j] - y[i]) / (z[j] - z[i])
    lines = np.stack([w, y[i] - w * z[i]], axis=1)
    return lines[np.argmin(goal.f(lines))]


def _least_huber(goal: Objective, theta: np.ndarray) -> np.ndarray:
    """Newton's method on a convex loss of pieces, each quadratic: on the last, one step is exact.

    A step that would climb is halved; where no residual is within δ a little curvature is lent.
    """
    lent = 1e-9 * np.trace(goal.gram) * np.eye(goal.d)
    value = goal.f(theta)
    for _ in range(100):
        near = goal.A[np.abs(goal.A @ theta - goal.y) < goal.delta]
        step = np.linalg.solve(near.T @ near / len(goal.y) + lent, goal.grad(theta))
        for _ in range(60):
            if goal.f(theta - step) < value:
                break
            step = step / 2
        else:
            break  # no way down: this is the bottom, to the last digit
        theta = theta - step
        value = goal.f(theta)
    return theta


def rate_marks(eigen: Spectrum) -> list[tuple[float, str]]:
    """Return 1/L, the safe rate, and 2/L, the edge."""
    return [(eigen.edge / 2, "1/L"), (eigen.edge, "2/L")] if np.isfinite(eigen.edge) else []


def rate_window(eigen: Spectrum) -> tuple[float, float] | None:
    """Return the rates worth dialling: from a hundredth of the edge to three of it."""
    if not 1e-4 < eigen.edge < 3.0:
        return None
    return eigen.edge / 100, eigen.edge * 3


# --- code -----------------------------------------------------------------------------------------


def as_python(spec: LineSettings) -> str:
    """Return a short program on the public API that prints the numbers of the room."""
    x, y = cloud(spec)
    if spec.data == OWN:
        points = [f"x = np.array({x.tolist()!r})", f"y = np.array({y.tolist()!r})"]
    else:
        points = [f"x, y = CLOUDS[{spec.data!r}].make({spec.n}, {spec.noise!r}, {spec.seed})"]
    done = run(spec)
    lines = [
        "import numpy as np",
        "",
        "from gdviz.learn import fit_linear",
        "from gdviz.learn.datasets import CLOUDS",
        "",
        *points,
        f"z = ((x - {done.middle!r}) / {done.width!r})[:, None]",
        f"common = dict(loss={spec.loss!r}, delta={spec.delta!r}, method={spec.method!r},",
        f"              lr={spec.lr!r}, steps={spec.steps}, seed={spec.seed},",
        f"              schedule={spec.schedule!r}, start={done.start.tolist()!r})",
    ]
    for kind in spec.kinds:
        size = size_of(spec, kind, len(x))
        lines += [
            f"fit = fit_linear(z, y, batch_size={size}, **common)",
            f'print("{kind}:", f"{{fit.weights[-1, 0]:.10g}} {{fit.bias[-1]:.10g}}", fit.status)',
        ]
    return "\n".join(lines)
