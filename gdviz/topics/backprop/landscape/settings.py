"""The loss landscape, a room of *backprop*: its knobs, a path, a plane, and what it leaves out."""

from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

import numpy as np

from gdviz.cache import cached
from gdviz.knobs import Choice, Range, needs
from gdviz.learn import init_params, train
from gdviz.learn.activations import ACTIVATIONS
from gdviz.learn.network import flat
from gdviz.learn.network_losses import LOSSES
from gdviz.learn.network_training import Training, pass_cost
from gdviz.learn.toy_datasets import KINDS, loss_for, narrow_samples
from gdviz.learn.unit_matching import Barrier, barrier_of, match_units, permute_units
from gdviz.learn.weight_planes import (
    Projection,
    WeightPlane,
    filter_normalised_plane,
    losses_at,
    plane_along,
    principal_directions,
    principal_plane,
    project,
)
from gdviz.optimize.methods import LABELS

PLANES = {
    "path": "main directions of the path",
    "random": "random, as long as the filters",
    "pair": "two trained networks",
}
WALKERS = {name: LABELS[name] for name in ("gd", "heavy_ball", "adam")}
FRAMES = 60  # steps of the scene
LEAST_MESH, MOST_MESH = 21, 45  # points of the plane each way at which the loss is computed
T = np.linspace(0, 1, 51)  # of the way from one network to another
NANOSECONDS = 6e8  # of computing, each for a training and for the plane
FAR = 1e3  # the largest coordinate of a hand


@dataclass(frozen=True)
class Landscape:
    """Everything that the room *landscape* can be asked."""

    cloud: Annotated[
        str, Choice({k: v.label for k, v in KINDS.items() if v.columns == 2}, "data")
    ] = "moons"
    dots: Annotated[int, Range(20, 300, "samples", "All of them at every step.")] = 100
    wide: Annotated[int, Range(1, 32, "units of a layer")] = 8
    deep: Annotated[int, Range(1, 3, "hidden layers")] = 1
    squash: Annotated[str, Choice({k: a.label for k, a in ACTIVATIONS.items()}, "activation")] = (
        "tanh"
    )
    aim: Annotated[
        str,
        Choice({k: LOSSES[k].label for k in ("bce", "mse")}, "loss", "A value is learnt by mse."),
    ] = "bce"
    walker: Annotated[str, Choice(WALKERS, "optimizer")] = "adam"
    pace: Annotated[float, Range(1e-4, 10.0, "learning rate η", log=True)] = 0.03
    passes: Annotated[int, Range(2, 1000, "steps")] = 200
    first_seed: Annotated[int, Range(0, 9999, "seed of the weights")] = 0
    plane: Annotated[str, Choice(PLANES, "plane")] = "path"
    plane_seed: Annotated[
        int, Range(0, 9999, "seed of the directions"), needs("plane", "random")
    ] = 0
    second_seed: Annotated[
        int, Range(0, 9999, "seed of network B", "Trained alike."), needs("plane", "pair")
    ] = 1
    reach: Annotated[float, Range(0.1, 10.0, "window times", "How far one sees.", log=True)] = 1.0
    at_a: Annotated[float, Range(-FAR, FAR, "a of the hand", "Drag it on the stage.")] = 0.0
    at_b: Annotated[float, Range(-FAR, FAR, "b of the hand")] = 0.0


class Twin(NamedTuple):
    """Network B, trained from another seed, and the lines from the first network to it.

    `theta (p,)` are its weights at the end, `matched (p,)` those of the same function with its
    units in the places that `match_units` finds for the first network; `moved` units of `units`
    left theirs. `path` is its training against the plane, `places (2, 2)` those of both. The
    losses `before` and `after` the matching are at the shares T of the lines.
    """

    theta: np.ndarray
    matched: np.ndarray
    moved: int
    units: int
    path: Projection
    places: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @property
    def barriers(self) -> tuple[Barrier, Barrier]:
        """The barriers on both lines."""
        return barrier_of(T, self.before), barrier_of(T, self.after)


class LandscapeRun(NamedTuple):
    """A training against a plane: one row a frame, `(f,)` each, `path (f, p)`.

    `losses` are those of the path, `flat_losses` those of the nearest points of the plane, `seen`
    where these are. `loss (m, m)` is that of the plane over `a (m,)` and `b (m,)`, rows by b;
    `shares` are those of the path in its main directions. `short` is how many steps were taken
    where that is less than was asked for, else 0.
    """

    sizes: tuple[int, ...]
    path: np.ndarray
    epochs: np.ndarray
    losses: np.ndarray
    plane: WeightPlane
    seen: Projection
    flat_losses: np.ndarray
    a: np.ndarray
    b: np.ndarray
    loss: np.ndarray
    shares: np.ndarray
    twin: Twin | None
    lost: bool
    reason: str
    short: int


def aim_of(spec: Landscape) -> str:
    """Return the loss that is trained: a value is learnt by the squared error."""
    return loss_for(spec.cloud, spec.aim)


def task_of(spec: Landscape) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs `(n, 2)`, a third of the coordinates, and the targets `(n, 1)`."""
    return narrow_samples(spec.cloud, spec.dots)


def sizes_of(spec: Landscape) -> tuple[int, ...]:
    """Return the sizes of the layers, inputs first."""
    return (2, *[spec.wide] * spec.deep, 1)


def _cost(spec: Landscape) -> float:
    """Return about how many nanoseconds a pass over the samples takes."""
    return pass_cost(sizes_of(spec), spec.dots, (spec.squash,))


def passes_of(spec: Landscape) -> int:
    """Return how many steps of the settings fit into one run's time."""
    return int(max(2, min(spec.passes, NANOSECONDS / _cost(spec))))


def mesh_of(spec: Landscape) -> int:
    """Return at how many points each way the loss of the plane is computed."""
    return int(np.clip(np.sqrt(NANOSECONDS / _cost(spec)), LEAST_MESH, MOST_MESH))


@cached
def _train(spec: Landscape, seed: int) -> Training:
    X, y = task_of(spec)
    last = passes_of(spec)
    frames = np.unique(np.rint(last * (np.arange(FRAMES + 1) / FRAMES) ** 1.5).astype(int))
    return train(
        init_params(sizes_of(spec), "xavier", seed), X, y, activation=spec.squash,
        loss=aim_of(spec), method=spec.walker, lr=spec.pace, epochs=last, keep=frames,
    )  # fmt: skip


def training_of(spec: Landscape, seed: int | None = None) -> Training:
    """Return the training of a spec, or that of the same network from another seed."""
    plain = Landscape()
    names = ("first_seed", "plane", "plane_seed", "second_seed", "reach", "at_a", "at_b")
    own = replace(spec, **{name: getattr(plain, name) for name in names})
    return _train(own, spec.first_seed if seed is None else seed)


def losses_of(spec: Landscape, thetas: np.ndarray) -> np.ndarray:
    """Return the training loss at weights `(m, p)`, `(m,)`."""
    kinds = (spec.squash,) * spec.deep
    return losses_at(thetas, sizes_of(spec), kinds, aim_of(spec), *task_of(spec))


def matched_of(spec: Landscape) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return network B with its hidden units matched to the first network, and their orders."""
    one, other = training_of(spec), training_of(spec, spec.second_seed)
    orders = match_units(one.params, other.params)
    return flat(permute_units(other.params, orders)), orders


def plane_of(spec: Landscape) -> WeightPlane:
    """Return the plane of a spec, through the end of the training.

    The one of two networks goes through both, and through the second after its units were matched.
    """
    path = training_of(spec).path
    if spec.plane == "random":
        return filter_normalised_plane(path[-1], sizes_of(spec), spec.plane_seed)
    if spec.plane == "pair":
        other = training_of(spec, spec.second_seed).path[-1]
        moves = [end - path[-1] for end in (other, matched_of(spec)[0], path[0])]
        return plane_along(path[-1], moves)
    return principal_plane(path)


def twin_of(spec: Landscape, plane: WeightPlane) -> Twin:
    """Return network B, its matched self, and the losses on the lines to both."""
    end, other = training_of(spec).path[-1], training_of(spec, spec.second_seed)
    theta, (matched, orders) = other.path[-1], matched_of(spec)
    lines = [losses_of(spec, end + T[:, None] * (to - end)) for to in (theta, matched)]
    moved = sum(int((order != np.arange(len(order))).sum()) for order in orders)
    places = project(plane, np.array([theta, matched])).places
    return Twin(theta, matched, moved, sum(map(len, orders)), project(plane, other.path), places,
                *lines)  # fmt: skip


def run(spec: Landscape) -> LandscapeRun:
    """Return the training against its plane."""
    return _run(replace(spec, at_a=0.0, at_b=0.0))


@cached
def _run(spec: Landscape) -> LandscapeRun:
    done, plane, mesh = training_of(spec), plane_of(spec), mesh_of(spec)
    seen = project(plane, done.path)
    twin = twin_of(spec, plane) if spec.plane == "pair" else None
    a, b = (np.linspace(*ends, mesh) for ends in _window(spec, seen, twin))
    grid = plane.at(*np.meshgrid(a, b)).reshape(mesh * mesh, -1)
    flat_losses = losses_of(spec, plane.at(*seen.places.T))
    _, shares = principal_directions(done.path)
    last = passes_of(spec)
    return LandscapeRun(
        sizes_of(spec), done.path, done.steps, losses_of(spec, done.path), plane, seen, flat_losses,
        a, b, losses_of(spec, grid).reshape(mesh, mesh), shares, twin, done.lost >= 0, done.reason,
        last if last < spec.passes else 0,
    )  # fmt: skip


def _window(spec: Landscape, seen: Projection, twin: Twin | None) -> list[tuple[float, float]]:
    """Return the ends of a and b: all that is to be seen, and room around it."""
    shown = [seen.places, np.zeros((1, 2))]
    if twin is not None:
        shown += [twin.path.places, twin.places]
    if spec.plane == "random":
        shown.append(np.array([[-1.0, -1.0], [1.0, 1.0]]))
    points = np.concatenate(shown)
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.maximum(0.2 * (high - low), max(0.1 * float(np.ptp(points, axis=0).max()), 1e-3))
    middle, half = (low + high) / 2, spec.reach * ((high - low) / 2 + room)
    return [(float(m - h), float(m + h)) for m, h in zip(middle, half, strict=True)]


def alike(one: Landscape, other: Landscape) -> bool:
    """Tell whether the paths of two settings lie in the same plane: all but hand and window alike.

    The coordinates of another plane mean other weights.
    """
    plain = {name: getattr(Landscape(), name) for name in ("reach", "at_a", "at_b")}
    return replace(one, **plain) == replace(other, **plain)


def place_here(spec: Landscape, done: LandscapeRun) -> tuple[float, float]:
    """Return where the hand is: inside the window."""
    a, b = np.clip(spec.at_a, done.a[0], done.a[-1]), np.clip(spec.at_b, done.b[0], done.b[-1])
    return float(a), float(b)


def params_here(spec: Landscape, done: LandscapeRun) -> np.ndarray:
    """Return the weights of the network under the hand, `(1, p)`."""
    return done.plane.at(*place_here(spec, done))[None]


def numbers(done: LandscapeRun) -> dict[str, dict[str, np.ndarray]]:
    """Return the path against the plane as a table; of two networks, the lines between them."""
    seen = done.seen
    path = {
        "step": done.epochs,
        "loss": done.losses,
        "a": seen.places[:, 0],
        "b": seen.places[:, 1],
        "distance": seen.distances,
        "loss_in_plane": done.flat_losses,
    }
    if done.twin is None:
        return {"path": path}
    line = {"t": T, "loss": done.twin.before, "loss_matched": done.twin.after}
    return {"path": path, "line": line}
