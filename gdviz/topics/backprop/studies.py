"""What the tabs of the playground look at: health of the layers, hidden spaces, slices, maps."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from gdviz.kernels.block_kernels import other_knobs, rule_kernel
from gdviz.knobs import bind_defaults
from gdviz.learn.network import flat, init_params, loss_and_grads, unflat
from gdviz.learn.network_losses import LOSSES
from gdviz.learn.network_objective import flat_batch
from gdviz.optimize.methods import METHODS
from gdviz.topics.backprop import settings as topic
from gdviz.topics.backprop.outputs import activity, targets_of
from gdviz.topics.backprop.settings import SEARCHES, Playground, Result

STILL = {"relu": "dead", "tanh": "saturated", "sigmoid": "saturated"}
GRADIENT_RANGE = 1e-12


def slopes(spec: Playground, result: Result) -> np.ndarray:
    """Return the gradient of the training loss at each frame, `(f, p)`."""
    X = topic.table_of(spec, result.data.x)
    y = targets_of(result.data.y, result.sizes[-1])
    params = unflat(result.path, result.sizes)
    with np.errstate(all="ignore"):
        _, grads = loss_and_grads(
            params, X, y, spec.activation, result.loss, l1=spec.l1, l2=spec.l2
        )
    return flat_batch(grads)


class Health(NamedTuple):
    """How each layer fares, frame by frame.

    `gradients (f, layers)` are the norms of the gradient by the weights of each layer;
    `activations`, one `(f, units·n)` per hidden layer; `still (f, hidden layers)` counts the units
    that are dead (a ReLU that is zero for every sample) or saturated (within 0.01 of the end of
    their range for every sample); `word` says which.
    """

    gradients: np.ndarray
    activations: list[np.ndarray]
    still: np.ndarray
    word: str


def health(spec: Playground, result: Result) -> Health:
    """Return how each layer fares at each frame of a run."""
    grads = unflat(slopes(spec, result), result.sizes)
    norms = [np.sqrt((W**2).sum(axis=(1, 2))) for W, _ in grads]
    seen = activity(spec, result, result.data.x)
    layers, still, at = [], [], 0
    for size in result.sizes[1:-1]:
        part = seen[:, at : at + size]
        layers.append(part.reshape(len(part), -1))
        still.append(_still(spec.activation, part).sum(axis=1))
        at += size
    table = np.array(still, int).reshape(len(still), len(seen)).T
    return Health(np.array(norms).T, layers, table, STILL.get(spec.activation, ""))


def _still(activation: str, a: np.ndarray) -> np.ndarray:
    """Tell of each unit `(f, units, n)` whether no sample moves it."""
    if activation == "relu":
        return np.all(a <= 0, axis=2)
    if activation == "tanh":
        return np.all(np.abs(a) > 0.99, axis=2)
    if activation == "sigmoid":
        return np.all((a < 0.01) | (a > 0.99), axis=2)
    return np.zeros(a.shape[:2], bool)


def diagnosis(spec: Playground, result: Result, found: Health, row: int) -> str:
    """Return what the numbers of a frame mean, in a sentence."""
    norms = np.maximum(found.gradients[row], 1e-300)
    if len(norms) < 2:
        return "One layer: its gradient arrives undiminished."
    ratio, words = norms[0] / norms[-1], []
    if norms[-1] > GRADIENT_RANGE and ratio < 1e-2:
        words.append(f"vanishing: the first layer hears {ratio:.1g} of what the last one does")
    if ratio > 1e2 and norms[0] > 1e-6:
        words.append(f"exploding: the first layer's gradient is {ratio:.2g} times the last one's")
    count, total = int(found.still[row].sum()), sum(result.sizes[1:-1])
    if count:
        words.append(f"{count} of {total} hidden units are {found.word} for every sample")
    if not words:
        return "The gradient reaches every layer, and no unit stands still."
    return ("; ".join(words)).capitalize() + "."


class Spaces(NamedTuple):
    """The plane and the samples as each hidden layer sees them, in two coordinates.

    `grid`, `samples`: one `(f, points, 2)` per layer; `share` of the spread that they hold.
    """

    grid: list[np.ndarray]
    samples: list[np.ndarray]
    share: list[float]


def mesh(lines: int = 13, points: int = 41) -> np.ndarray:
    """Return the lines of a square grid of the window, each followed by a gap, `(m, 2)`."""
    along, gap = np.linspace(-6, 6, points), np.full((1, 2), np.nan)
    parts = []
    for at in np.linspace(-6, 6, lines):
        across = np.full(points, at)
        parts += [np.stack([along, across], 1), gap, np.stack([across, along], 1), gap]
    return np.concatenate(parts)


def spaces(spec: Playground, result: Result) -> Spaces:
    """Return what each hidden layer makes of the plane; above two units, their principal plane.

    The plane is that of the samples at the last frame, kept for all frames.
    """
    plane = mesh()
    inside = np.nan_to_num(plane)
    seen = activity(spec, result, np.concatenate([inside, result.data.x]))
    found = Spaces([], [], [])
    at, cut = 0, len(plane)
    for size in result.sizes[1:-1]:
        part = np.moveaxis(seen[:, at : at + size].astype(float), 1, 2)
        flat_part, share = _projected(part, cut)
        flat_part[:, :cut][:, np.isnan(plane[:, 0])] = np.nan
        found.grid.append(flat_part[:, :cut])
        found.samples.append(flat_part[:, cut:])
        found.share.append(share)
        at += size
    return found


def _projected(a: np.ndarray, cut: int) -> tuple[np.ndarray, float]:
    """Return points `(f, m, units)` in two coordinates, and the share of the spread in them."""
    units = a.shape[2]
    if units == 1:
        return np.concatenate([a, np.zeros_like(a)], axis=2), 1.0
    if units == 2:
        return a.copy(), 1.0
    last = a[-1, cut:] - a[-1, cut:].mean(axis=0)
    _, sizes, axes = np.linalg.svd(last, full_matrices=False)
    squares = sizes**2
    share = float(squares[:2].sum() / max(squares.sum(), 1e-300))
    return (a - a[-1, cut:].mean(axis=0)) @ axes[:2].T, share


class LossSlice(NamedTuple):
    """The loss in the plane of a path's principal directions: `loss (m, m)` over `a`, `b (m,)`.

    `path (f, 2)` are the coordinates of the frames, `share` how much of the way lies in the plane.
    """

    a: np.ndarray
    b: np.ndarray
    loss: np.ndarray
    path: np.ndarray
    share: float


def loss_slice(spec: Playground, result: Result, size: int = 45) -> LossSlice:
    """Return the training loss around the path, through its end (Li et al. 2018, section 7)."""
    end = result.path[-1]
    moves = result.path - end
    _, sizes, axes = np.linalg.svd(moves, full_matrices=False)
    axes = axes[:2] if len(axes) > 1 else np.vstack([axes, np.eye(len(end))[:1]])
    path = moves @ axes.T
    share = float((sizes[:2] ** 2).sum() / max((sizes**2).sum(), 1e-300))
    ranges = []
    for values in path.T:
        lo, hi = values.min(), values.max()
        room = max(0.25 * (hi - lo), 0.1 * float(np.ptp(path)), 1e-3)
        ranges.append(np.linspace(lo - room, hi + room, size))
    a, b = ranges
    points = end + a[None, :, None] * axes[0] + b[:, None, None] * axes[1]
    return LossSlice(
        a, b, losses_at(spec, result, points.reshape(-1, len(end))).reshape(size, size), path, share
    )


def losses_at(spec: Playground, result: Result, thetas: np.ndarray) -> np.ndarray:
    """Return the training loss at parameters `(m, p)`, shape `(m,)`."""
    from gdviz.kernels import network_training

    first = sum(result.sizes[:-1])
    X = topic.table_of(spec, result.data.x).T
    z = network_training.scan(result.sizes, spec.activation, thetas, X, first)
    y = targets_of(result.data.y, result.sizes[-1])
    with np.errstate(all="ignore"):
        each = LOSSES[result.loss].value(np.moveaxis(z.astype(float), 1, 2), y)
    return each.mean(axis=(-1, -2))


MAP_EPOCHS, MAP_SAMPLES = 100, 80
WIDE_RATES, WIDE_SCALES = (1e-3, 10.0), (0.05, 20.0)


def window(spec: Playground, zoom: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ends of η and of the initial scale on a map, `zoom` times closer on log axes."""
    found = []
    for (lo, hi), at in ((WIDE_RATES, spec.lr), (WIDE_SCALES, spec.scale)):
        half = (np.log(hi) - np.log(lo)) / 2 / zoom
        middle = (np.log(hi) + np.log(lo)) / 2 if zoom == 1 else np.log(at)
        found.append((float(np.exp(middle - half)), float(np.exp(middle + half))))
    return found[0], found[1]


def map_method(spec: Playground) -> str:
    """Return the method of a map: the page's own, gradient descent where that searches."""
    return "gd" if spec.method in SEARCHES else spec.method


def _trained_share(done: Any) -> float:
    """Return the colour of a training on the map: how far its loss fell, or rose."""
    first, last = done.losses[0], done.losses[-1]
    if done.lost >= 0 or not np.isfinite(last):
        return -1.0
    share = last / first
    return float(1 - share if share <= 1 else max(-1.0, -np.log10(share) / 3 - 0.02))


def trainability(spec: Playground, zoom: float, size: int) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the share done and the map so far, `(size, size)`: rows are scales, columns rates.

    A pixel is a training of 100 epochs from the same weights times its scale at its own rate. It is
    1 − L/L₀ where the loss fell from L₀ to L, and −log₁₀(L/L₀)/3, at least −1, where it rose
    (Sohl-Dickstein 2024, arXiv 2402.06184, looks at such maps).
    """
    from gdviz.kernels import network_training

    small = replace(spec, unit=(), past=(), test=False)
    data, sizes, loss = topic.data_of(small), topic.sizes_of(small), topic.loss_of(small)
    keep = np.unique(np.linspace(0, len(data.x) - 1, MAP_SAMPLES).astype(int))
    X = np.ascontiguousarray(topic.table_of(small, data.x[keep]).T)
    Y = np.ascontiguousarray(targets_of(data.y[keep], sizes[-1]).T)
    task = network_training.Network(sizes, spec.activation, loss, X, Y)
    factory: Any = METHODS[map_method(spec)]
    slots = len(factory.state._fields) - 4
    rule = rule_kernel(factory.__wrapped__, slots)
    hyper = bind_defaults(factory, {})
    knobs = np.array([hyper[k] for k in other_knobs(factory.__wrapped__, slots)], float)
    base = flat(init_params(sizes, spec.scheme, spec.seed, 1.0))
    memory, none = np.zeros((slots, 1, len(base))), np.zeros(0, np.int64)
    (low, high), (least, most) = window(spec, zoom)
    rates, scales = np.geomspace(low, high, size), np.geomspace(least, most, size)
    found = np.full((size, size), np.nan)

    def pixel(scale: float, rate: float) -> float:
        return _trained_share(
            network_training.train_steps(
                task, rule, scale * base, memory, np.full(MAP_EPOCHS, rate), knobs, None, 1, none
            )
        )

    with ThreadPoolExecutor(2) as pool:
        for i, scale in enumerate(scales):
            found[i] = list(pool.map(lambda rate, s=scale: pixel(s, rate), rates))
            yield (i + 1) / size, found
