"""A family of distributions: its density, score, samples, Fisher metric and divergence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from gdviz.geometry.spaces import Chart, Space

Bounds = tuple[float, float]


class GeometryError(ValueError):
    """A point outside a family, or a question that has no answer; the message is fit for a page."""


class OutOfReach(GeometryError):
    """A geodesic that cannot be followed beyond the time `reached`."""

    def __init__(self, words: str, reached: float) -> None:
        super().__init__(words)
        self.reached = reached


class Duals(NamedTuple):
    """The flat coordinates of an exponential family.

    `natural(theta)` and `expectation(theta)`; `from_natural` inverts the first in closed form,
    `from_expectation` the second where there is a closed form, else None. `slope(theta)` is the
    Jacobian of the natural parameters, `[..., a, i]` = ∂ηᵃ/∂θⁱ.
    """

    natural: Callable[[Any], Any]
    from_natural: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    expectation: Callable[[Any], Any]
    from_expectation: Callable[[Any], Any] | None = None


class Logs(NamedTuple):
    """A law by the logarithms y of its outcomes: log x, or those of all shares `(..., m)`.

    `density(y, theta)` is the log-density by log x (on the unit interval by log-odds), which has
    one hump; `score(y, theta)` the score; `place(theta)` where the hump is and how wide.
    """

    density: Callable[..., Any]
    score: Callable[..., Any]
    place: Callable[[Any], tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Family:
    """A family of distributions with parameters θ `(..., d)`; every function checks its θ.

    `log_density(x, theta)` and `score(x, theta)` take data x whose shape broadcasts with the
    leading axes of θ (with one axis more where an outcome is a vector, `event`);
    `sample(theta, n, rng)` is `(..., n)`; `metric(theta)` is `(..., d, d)` and
    `metric_slope(theta)[..., i, j, k]` = ∂g_ij/∂θᵏ; `kl(a, b)` is KL(p_a ‖ p_b) in closed form;
    `start(x)` is an estimate from data `(..., n)` by moments, the most likely if `exact_start`.

    `bounds` are open intervals; where `closed`, distance and geodesics take their ends too; on a
    `simplex`, all probabilities may be given instead of all but the last. What follows is None
    where it is not known: `space` holds closed forms of the geometry, `duals` the flat coordinates
    of an exponential family; `bhattacharyya(a, b)` is −log ∫ √(p_a p_b), `wasserstein(a, b)` the
    2-Wasserstein distance, `quantile(u, theta, above)` the inverse distribution function (`above`
    is 1 − u, if it is known better), `logs` the law by its logarithms, `square(theta, v)` is
    g(v, v), `force(theta, v)` is Γᵏᵢⱼ vⁱvʲ, both without cancellation; `gaussian(theta)` is the
    curvature. `base` and `chart` say of what a family is another form; `unchecked` holds the
    functions before their checks, for inner loops.
    """

    name: str
    label: str
    parameters: tuple[str, ...]
    bounds: tuple[Bounds, ...]
    support: str
    log_density: Callable[..., Any]
    score: Callable[..., Any]
    sample: Callable[..., Any]
    metric: Callable[..., Any]
    metric_slope: Callable[..., Any]
    kl: Callable[..., Any]
    start: Callable[..., Any]
    space: Space | None = None
    duals: Duals | None = None
    bhattacharyya: Callable[..., Any] | None = None
    wasserstein: Callable[..., Any] | None = None
    quantile: Callable[..., Any] | None = None
    logs: Logs | None = None
    square: Callable[..., Any] | None = None
    force: Callable[..., Any] | None = None
    gaussian: Callable[[Any], Any] | None = None
    exact_start: bool = False
    inside: Callable[..., Any] | None = None
    outside_words: str = ""
    closed: bool = False
    simplex: bool = False
    event: int = 0
    base: "Family | None" = None
    chart: Chart | None = None
    unchecked: dict[str, Callable[..., Any]] = field(default_factory=dict)

    @property
    def d(self) -> int:
        """The number of parameters."""
        return len(self.parameters)

    def read(self, theta: Any, boundary: bool = False) -> np.ndarray:
        """Return θ as an array of floats `(..., d)`, or raise `GeometryError` saying what is wrong.

        With `boundary` the ends of the bounds are taken too, where the family is `closed`.
        """
        values = numbers(theta, f"The parameters of “{self.label}”")
        if self.simplex and values.ndim and values.shape[-1] == self.d + 1:
            values = self._without_the_last(values)
        if values.ndim == 0 or values.shape[-1] != self.d:
            names = ", ".join(self.parameters)
            shape = values.shape[-1] if values.ndim else "a single number"
            raise GeometryError(f"“{self.label}” has {self.d} parameter(s) ({names}), not {shape}.")
        ends = boundary and self.closed
        for i, (lo, hi) in enumerate(self.bounds):
            if lo == -np.inf and hi == np.inf:
                continue
            x = values[..., i]
            if x.size and lo < x.min() and (hi == np.inf or x.max() < hi):
                continue
            bad = (x < lo) | (x > hi) if ends else (x <= lo) | (x >= hi)
            if np.any(bad):
                raise GeometryError(
                    f"“{self.label}”: {self.parameters[i]} = {x[bad].flat[0]:.6g} {_rule(lo, hi)}."
                )
        if self.inside is not None and not np.all(self.inside(values, ends)):
            raise GeometryError(f"“{self.label}”: {self.outside_words}.")
        return values

    def _without_the_last(self, chances: np.ndarray) -> np.ndarray:
        """Return probabilities without the last, which the others tell."""
        if np.any(np.abs(chances.sum(-1) - 1) > 1e-9) or np.any(chances[..., -1] < 0):
            raise GeometryError(f"“{self.label}”: {self.outside_words}.")
        return chances[..., :-1]


def numbers(values: Any, what: str) -> np.ndarray:
    """Return an array of finite floats, or raise `GeometryError`."""
    try:
        array = np.asarray(values)
        if array.dtype.kind == "c":
            raise TypeError
        array = np.asarray(array, float)
    except (TypeError, ValueError, OverflowError):
        raise GeometryError(f"{what} are not numbers.") from None
    if not _all_finite(array):
        raise GeometryError(f"{what} are not all finite.")
    return array


def _all_finite(values: Any) -> bool:
    """Tell whether all numbers are finite; their sum answers at once, unless it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(np.sum(values)) or np.isfinite(values).all())


def finite(values: Any, what: str) -> Any:
    """Return `values`, a number if it is one, or raise `GeometryError`: never a silent nan."""
    if not _all_finite(values):
        raise GeometryError(f"{what} leaves the range of floating-point numbers there.")
    return np.asarray(values)[()]


def _rule(lo: float, hi: float) -> str:
    if np.isfinite(lo) and np.isfinite(hi):
        return f"must lie between {lo:g} and {hi:g}"
    if lo == 0:
        return "must be positive"
    return "must be negative" if hi == 0 else f"must lie above {lo:g}"


def family(name: str, label: str, **parts: Any) -> Family:
    """Return a family whose functions check their θ and their answers before they give them."""
    made = Family(name, label, **parts)
    raw = {key: getattr(made, key) for key in _GUARDED}

    def of_theta(key: str, what: str) -> Callable[..., Any]:
        def call(theta: Any) -> Any:
            with np.errstate(all="ignore"):
                return finite(raw[key](made.read(theta)), what)

        return call

    def of_data(key: str, what: str) -> Callable[..., Any]:
        def call(x: Any, theta: Any) -> Any:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                value = raw[key](numbers(x, "The data"), made.read(theta))
            if np.any(np.isnan(value)):
                raise GeometryError(f"{what} is not defined at these data.")
            return value

        return call

    def sample(theta: Any, n: int, rng: np.random.Generator) -> Any:
        return raw["sample"](made.read(theta), n, rng)

    def kl(a: Any, b: Any) -> Any:
        with np.errstate(all="ignore"):
            return finite(raw["kl"](made.read(a), made.read(b)), "The divergence")

    for key, function in {
        "metric": of_theta("metric", "The metric"),
        "metric_slope": of_theta("metric_slope", "The derivative of the metric"),
        "log_density": of_data("log_density", "The density"),
        "score": of_data("score", "The score"),
        "sample": sample,
        "kl": kl,
    }.items():
        object.__setattr__(made, key, function)
    made.unchecked.update(raw)
    return made


_GUARDED = ("metric", "metric_slope", "log_density", "score", "sample", "kl")
