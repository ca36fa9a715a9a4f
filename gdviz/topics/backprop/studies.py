"""What the tabs of the playground look at: health of the layers, hidden spaces, slices, maps."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from gdviz.kernels.block_kernels import other_knobs, rule_kernel
from gdviz.knobs import bind_defaults
from gdviz.learn.network import flat, init_params, loss_and_grads, unflat
from gdviz.learn.network_objective import flat_batch
from gdviz.learn.network_training import shares_of
from gdviz.learn.toy_datasets import with_all_columns
from gdviz.learn.weight_planes import losses_at, principal_plane, project
from gdviz.numerals import number
from gdviz.optimize.methods import METHODS
from gdviz.topics.backprop import settings as topic
from gdviz.topics.backprop.outputs import activity, slice_of, targets_of
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
            params, X, y, topic.hidden_activations(spec), result.loss, l1=spec.l1, l2=spec.l2
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
    names = topic.hidden_activations(spec)
    for size, name in zip(result.sizes[1:-1], names, strict=True):
        part = seen[:, at : at + size]
        layers.append(part.reshape(len(part), -1))
        still.append(_still(name, part).sum(axis=1))
        at += size
    table = np.array(still, int).reshape(len(still), len(seen)).T
    words = dict.fromkeys(STILL[name] for name in names if name in STILL)
    return Health(np.array(norms).T, layers, table, " or ".join(words))


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
        words.append(
            f"vanishing: the first layer hears {number(ratio, 1)} of what the last one does"
        )
    if ratio > 1e2 and norms[0] > 1e-6:
        words.append(
            f"exploding: the first layer's gradient is {number(ratio, 2)} times the last one's"
        )
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
    inside = slice_of(spec, np.nan_to_num(plane))
    seen = activity(spec, result, np.concatenate([inside, with_all_columns(result.data.x)]))
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
    plane = principal_plane(result.path)
    seen = project(plane, result.path)
    ranges = []
    for values in seen.places.T:
        lo, hi = values.min(), values.max()
        room = max(0.25 * (hi - lo), 0.1 * float(np.ptp(seen.places)), 1e-3)
        ranges.append(np.linspace(lo - room, hi + room, size))
    a, b = ranges
    points = plane.at(*np.meshgrid(a, b)).reshape(size * size, -1)
    loss = losses_over(spec, result, points).reshape(size, size)
    return LossSlice(a, b, loss, seen.places, 1 - seen.outside)


def losses_over(spec: Playground, result: Result, thetas: np.ndarray) -> np.ndarray:
    """Return the training loss at parameters `(m, p)`, shape `(m,)`."""
    X = topic.table_of(spec, result.data.x)
    y = targets_of(result.data.y, result.sizes[-1])
    kinds = topic.hidden_activations(spec)
    return losses_at(thetas, result.sizes, kinds, result.loss, X, y)


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
    (low, high), (least, most) = window(spec, zoom)
    rates, scales = np.geomspace(low, high, size), np.geomspace(least, most, size)
    found, pixel = np.full((size, size), np.nan), _trainer(spec)
    with ThreadPoolExecutor(2) as pool:
        for i, scale in enumerate(scales):
            found[i] = list(pool.map(lambda rate, s=scale: pixel(s, rate), rates))
            yield (i + 1) / size, found


def _trainer(spec: Playground) -> Callable[[float, float], float]:
    """Return what trains a pixel of the map, of a scale of the first weights and a rate."""
    from gdviz.kernels import network_training

    data, sizes, loss = topic.data_of(spec), topic.sizes_of(spec), topic.loss_of(spec)
    keep = np.unique(np.linspace(0, len(data.x) - 1, MAP_SAMPLES).astype(int))
    X = np.ascontiguousarray(topic.table_of(spec, data.x[keep]).T)
    Y = np.ascontiguousarray(targets_of(data.y[keep], sizes[-1]).T)
    task = network_training.Network(sizes, topic.hidden_activations(spec), loss, X, Y)
    factory: Any = METHODS[map_method(spec)]
    slots = len(factory.state._fields) - 4
    rule = rule_kernel(factory.__wrapped__, slots)
    hyper = bind_defaults(factory, {})
    knobs = np.array([hyper[k] for k in other_knobs(factory.__wrapped__, slots)], float)
    base = flat(init_params(sizes, spec.scheme, spec.seed, 1.0))
    memory, none = np.zeros((slots, 1, len(base))), np.zeros(0, np.int64)
    shares = shares_of(sizes, topic.layer_rates(spec))

    def pixel(scale: float, rate: float) -> float:
        first, rates = scale * base, np.full(MAP_EPOCHS, rate)
        plan = (rates, knobs, None, 1, none)
        return _trained_share(
            network_training.train_steps(task, rule, first, memory, *plan, shares=shares)
        )

    return pixel
