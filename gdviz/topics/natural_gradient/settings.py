"""The natural gradient: what the page can be asked and what it runs."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.figures.hand import Hand
from gdviz.geometry import FAMILIES, Coordinates, Fit, coordinates_of, fit, logistic, mle
from gdviz.geometry.likelihoods import Likelihood, sigmoid
from gdviz.geometry.natural import FISHERS
from gdviz.geometry.planes import LABELS, clamp_to_plane
from gdviz.knobs import Choice, Choices, Range, needs

ROOMS = {
    "families": "Fit a family",
    "logistic": "Logistic regression",
    "network": "A small network",
}
TRUTHS = {
    "normal": (1.0, 0.8),
    "gamma": (3.0, 1.0),
    "beta": (4.0, 2.0),
    "weibull": (2.5, 1.5),
    "categorical": (0.5, 0.3),
}
STARTS = {
    "normal": (-2.0, 2.0),
    "gamma": (1.2, 2.4),
    "beta": (1.0, 3.0),
    "weibull": (1.0, 3.0),
    "categorical": (0.1, 0.2),
}
COORDINATES = {
    "own": "the family's own",
    "logs": "logarithms",
    "natural": "natural",
    "expectation": "expectation",
}
SHOWN = {"both": "natural and plain", "natural": "natural only", "plain": "plain only"}
DATA = {
    "overlap": "two classes that overlap",
    "separable": "separable",
    "doubled": "one feature, twice",
}
KINDS = {"true": "true Fisher", "empirical": "empirical", "gauss_newton": "Gauss–Newton"}
assert tuple(KINDS) == FISHERS
SHAPES = {"xor": "four squares", "circle": "a disc in a ring", "moons": "two moons"}
WEIGHTS = ((-3.0, 4.0), (-2.0, 6.0))


@dataclass(frozen=True)
class NaturalGradient:
    """Everything that the page *natural_gradient* can be asked."""

    room: Annotated[str, Choice(ROOMS, "room")] = "families"
    family: Annotated[
        str, Choice({k: LABELS[k] for k in TRUTHS}, "family"), needs("room", "families")
    ] = "normal"
    coordinates: Annotated[
        tuple[str, ...],
        Choices(COORDINATES, "steps taken in", "The same start, the same rate."),
        needs("room", "families"),
    ] = ("own", "logs", "natural")
    shown: Annotated[str, Choice(SHOWN, "paths")] = "both"
    lr: Annotated[
        float,
        Range(0.005, 1.5, "natural rate η", log=True),
        needs("shown", "both", "natural"),
        needs("room", "families"),
    ] = 0.15
    plain_lr: Annotated[
        float, Range(0.001, 5.0, "plain rate η", log=True), needs("shown", "both", "plain")
    ] = 0.1
    x0: Annotated[
        float,
        Range(-20, 20, "start, first parameter", "Drag it on the stage."),
        needs("room", "families"),
    ] = -2.0
    y0: Annotated[float, Range(-20, 20, "start, second parameter"), needs("room", "families")] = 2.0
    steps: Annotated[int, Range(1, 150, "steps")] = 40
    n: Annotated[int, Range(5, 400, "size of the sample n")] = 50
    seed: Annotated[int, Range(0, 9999, "seed of the data")] = 0
    fisher: Annotated[
        str,
        Choice(KINDS, "Fisher matrix", "Over the model's outcomes, or those that were seen."),
        needs("shown", "both", "natural"),
        needs("room", "families", "logistic"),
    ] = "true"
    damping: Annotated[
        float,
        Range(0.0, 5.0, "damping δ", "Added to the Fisher's diagonal."),
        needs("shown", "both", "natural"),
        needs("room", "families", "logistic"),
    ] = 0.0
    data: Annotated[str, Choice(DATA, "data"), needs("room", "logistic")] = "overlap"
    newton: Annotated[
        float,
        Range(0.05, 1.5, "rate of the natural step"),
        needs("shown", "both", "natural"),
        needs("room", "logistic"),
    ] = 1.0
    w0: Annotated[
        float,
        Range(-3, 4, "start, first weight", "Drag it on the stage."),
        needs("room", "logistic"),
    ] = 0.0
    w1: Annotated[float, Range(-2, 6, "start, second weight"), needs("room", "logistic")] = 0.0
    shape: Annotated[str, Choice(SHAPES, "classes"), needs("room", "network")] = "xor"
    hidden: Annotated[int, Range(2, 12, "hidden units"), needs("room", "network")] = 8
    net_lr: Annotated[
        float,
        Range(0.05, 2.0, "natural rate η", log=True),
        needs("shown", "both", "natural"),
        needs("room", "network"),
    ] = 0.5
    net_damping: Annotated[
        float,
        Range(1e-4, 10.0, "damping δ", log=True),
        needs("shown", "both", "natural"),
        needs("room", "network"),
    ] = 0.01


def alike(a: NaturalGradient, b: NaturalGradient) -> bool:
    """Tell whether one picture can hold the runs of two specs."""
    return all(getattr(a, k) == getattr(b, k) for k in "room family n seed data shape".split())


def move_start(spec: NaturalGradient, hand: Hand) -> dict[str, float]:
    """Return the knobs that a hand on the start has changed."""
    if hand.id != "start":
        return {}
    if spec.room == "families":
        x, y = clamp_to_plane(spec.family, hand.x, hand.y)
        return {"x0": x, "y0": y}
    (left, right), (low, high) = WEIGHTS
    return {"w0": float(np.clip(hand.x, left, right)), "w1": float(np.clip(hand.y, low, high))}


def apply_hand(spec: NaturalGradient, hand: Hand) -> NaturalGradient:
    """Return the settings after a hand has moved."""
    return replace(spec, **move_start(spec, hand))  # type: ignore[arg-type]


def start_of(family: str) -> dict[str, float]:
    """Return the start that suits a family newly chosen."""
    return dict(zip(("x0", "y0"), STARTS[family], strict=True))


# --- families -------------------------------------------------------------------------------------


class Fits(NamedTuple):
    """The paths by (coordinates, natural?), the likelihood, its minimum, and the names."""

    paths: dict[tuple[str, bool], Fit]
    problem: Likelihood
    best: Any
    least: float
    labels: dict[str, str]


def start(spec: NaturalGradient) -> Any:
    """Return the start `(2,)`, within the window of the family whatever was typed."""
    return np.array(clamp_to_plane(spec.family, spec.x0, spec.y0))


@cached
def sample(family: str, n: int, seed: int) -> Any:
    """Return the data. They are shared between visitors: do not change them."""
    return FAMILIES[family].sample(np.array(TRUTHS[family]), n, np.random.default_rng(seed))


@cached
def best(family: str, n: int, seed: int) -> tuple[Any, float]:
    """Return the most likely θ and its loss."""
    from gdviz.geometry.estimates import estimates

    theta = estimates(FAMILIES[family], sample(family, n, seed))
    return theta, mle(family, sample(family, n, seed)).loss(theta)


def chosen(spec: NaturalGradient) -> dict[str, Coordinates]:
    """Return the chosen coordinates that the family has, its own if none."""
    there = coordinates_of(spec.family)
    found = {key: there[key] for key in spec.coordinates if key in there}
    return found or {"own": there["own"]}


@cached
def fits(spec: NaturalGradient) -> Fits:
    """Return the fit of the family by natural and plain gradient, in all chosen coordinates."""
    problem = mle(spec.family, sample(spec.family, spec.n, spec.seed))
    theta, least = best(spec.family, spec.n, spec.seed)
    kinds = {"both": (True, False), "natural": (True,), "plain": (False,)}[spec.shown]
    paths = {}
    for natural in kinds:
        for key, coordinates in chosen(spec).items():
            rate = spec.lr if natural else spec.plain_lr
            paths[key, natural] = fit(
                problem,
                start(spec),
                spec.steps,
                rate,
                natural,
                spec.damping,
                spec.fisher,
                coordinates=None if key == "own" else coordinates,
            )
    labels = {key: c.label for key, c in chosen(spec).items()}
    return Fits(paths, problem, theta, least, labels)


# --- logistic regression --------------------------------------------------------------------------


class Weights(NamedTuple):
    """The paths by name, the data, IRLS `(k, 2)`, and how far the natural path is from it."""

    paths: dict[str, Fit]
    X: Any
    y: Any
    irls: Any
    apart: float
    separable: bool


@cached
def labelled_points(data: str, n: int, seed: int) -> tuple[Any, Any]:
    """Return features `(n, 2)` and labels of two classes on a line."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-2, 2, n))
    y = (rng.random(n) < sigmoid(0.4 + 2 * x)).astype(float)
    if data == "separable":
        y = (x > 0.3).astype(float)
    first = x if data == "doubled" else np.ones(n)
    return np.column_stack([first, x]), y


def irls(X: Any, y: Any, w: Any, steps: int) -> Any:
    """Return iteratively reweighted least squares from w, `(k + 1, 2)`, as statistics teaches it.

    Each step is a regression of the working response z = Xw + (y − p)/(p(1 − p)) with weights
    p(1 − p); it ends where a weight vanishes. Nothing here knows of a Fisher matrix.
    """
    path = [np.asarray(w, float)]
    for _ in range(steps):
        p = sigmoid(X @ path[-1])
        weight = p * (1 - p)
        if weight.min() < 1e-12:
            break
        root = np.sqrt(weight)[:, None]
        z = X @ path[-1] + (y - p) / weight
        path.append(np.linalg.lstsq(X * root, z * root[:, 0], rcond=1e-10)[0])
    return np.stack(path)


@cached
def weights(spec: NaturalGradient) -> Weights:
    """Return logistic regression by plain and natural gradient, and by IRLS."""
    X, y = labelled_points(spec.data, spec.n, spec.seed)
    problem, w = logistic(X, y), [spec.w0, spec.w1]
    steps = min(spec.steps, 60)
    runs: dict[str, Fit] = {}
    if spec.shown != "plain":
        runs["natural"] = fit(problem, w, steps, spec.newton, True, spec.damping, spec.fisher)
    if spec.shown != "natural":
        runs["plain"] = fit(problem, w, steps, 10 * spec.plain_lr, False)
    usual = irls(X, y, w, 12)
    same = spec.newton == 1 and spec.damping == 0 and spec.fisher != "empirical"
    apart = float("nan")
    if same and "natural" in runs:
        k = min(len(usual), len(runs["natural"].theta))
        # by what they predict: a direction that the data do not see is anybody's
        ours, theirs = (w @ X.T for w in (runs["natural"].theta[:k], usual[:k]))
        apart = float(np.max(np.abs(ours - theirs) / (1 + np.abs(theirs))))
    return Weights(runs, X, y, usual if same else usual[:1], apart, separable(X, y))


def separable(X: Any, y: Any) -> bool:
    """Tell whether some weights of `X (n, 2)`, which has a 1 or x beside x, divide the classes.

    With a 1 the cut may lie anywhere; with x twice it lies at 0.
    """
    x, first = X[:, 1], y == 0
    if np.array_equal(X[:, 0], x):
        side = np.where(first, -x, x)
        return bool((side > 0).all() or (side < 0).all())
    low, high = x[first], x[~first]
    ends = (low.max(initial=-np.inf), high.min(initial=np.inf))
    return bool(ends[0] < ends[1] or high.max(initial=-np.inf) < low.min(initial=np.inf))


# --- a small network ------------------------------------------------------------------------------


# --- code and tables ------------------------------------------------------------------------------
