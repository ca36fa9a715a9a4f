"""What each sampler has to show of one draw: proposals, paths, trees, slices, ladders, clouds."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.figures.scene import Labels, Layer, Line, Points, Polygon, Reading, Segments
from gdviz.figures.style import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION
from gdviz.numerals import number
from gdviz.probability.states import HMCState, NUTSState, RandomWalkState, TemperingState
from gdviz.topics.mcmc.figure_density import heights
from gdviz.topics.mcmc.settings import McmcResult

Place = Callable[[Any], tuple[np.ndarray, np.ndarray]]
LEAVES = 63  # of a tree, that are drawn
DIVERGENCES = 300  # of the whole run, that are drawn
PATH_POINTS = 120  # of all paths of a step, that are drawn


def moves(seen: McmcResult, at: np.ndarray, place: Place, c: int) -> list[Layer]:
    """Return the layers of the sampler at the draws `at`, the first of which is the start.

    What would be too much for all chains is drawn of the chain c.
    """
    states = seen.states
    layers: list[Layer] = []
    if isinstance(states, RandomWalkState):
        layers += _ellipses(seen, at, place, c)
    if isinstance(states, HMCState):
        layers += _paths(seen, at, place, c)
    if isinstance(states, NUTSState):
        layers += _tree(seen, at, place, c)
    if isinstance(states, TemperingState):
        layers += _rungs(seen, at, place, c)
    if "divergent" in states._fields:
        layers += _divergences(seen, place)
    if "corners" in states._fields:
        layers += _corners(seen, at, place)
    if "particles" in states._fields:
        layers += _particles(seen, at, place)
    if "partner" in states._fields:
        layers += _partners(seen, at, place)
    if "proposal" in states._fields:
        layers += _arrows(seen, at, place)
    return layers


def before(seen: McmcResult) -> np.ndarray:
    """Return where each draw began, `(draws, chains, d)`."""
    return np.concatenate([seen.trace.start[None], seen.x[:-1]])


def _rows(values: Any, at: np.ndarray) -> np.ndarray:
    """Return the values of the draws at each step, not-a-number at the start."""
    table = np.asarray(values, float)
    found = table[np.maximum(at - 1, 0)]
    found[at == 0] = np.nan
    return found


def _arrows(seen: McmcResult, at: np.ndarray, place: Place) -> list[Layer]:
    """Return the proposals as arrows, green where they were accepted, else red."""
    accepted = _rows(seen.states.accepted, at)
    ends = [*place(_rows(before(seen), at)), *place(_rows(seen.states.proposal, at))]
    found: list[Layer] = []
    for name, color, value in (("accepted", GREEN, 1.0), ("rejected", VERMILLION, 0.0)):
        x0, y0, x1, y1 = (np.where(accepted == value, e, np.nan) for e in ends)
        found.append(Segments(name, x0, y0, x1, y1, color, arrow=True))
    return found


def _ellipses(seen: McmcResult, at: np.ndarray, place: Place, c: int) -> list[Layer]:
    """Return one and two standard deviations of a chain's proposals around where it was."""
    if seen.trace.target.d == 1:
        return []
    centre = _rows(before(seen)[:, c], at)
    factor = _rows(seen.states.factor[:, c], at)
    angle = np.linspace(0, 2 * np.pi, 28)
    ring = np.stack([np.cos(angle), np.sin(angle)])
    found: list[Layer] = []
    for size, opacity in ((2.0, 0.10), (1.0, 0.16)):
        points = centre[:, :, None] + size * np.einsum("kij,ja->kia", factor, ring)
        found.append(Polygon("proposals", points[:, 0], points[:, 1], BLUE, opacity=opacity))
    return found


def _pictures(table: np.ndarray, at: np.ndarray, first: int) -> np.ndarray:
    """Return the pictures of the draws at each step; only those after draw `first` have one."""
    found = np.full((len(at), *table.shape[1:]), np.nan)
    held = (at > first) & (at <= first + len(table))
    found[held] = table[at[held] - 1 - first]
    return found


def _paths(seen: McmcResult, at: np.ndarray, place: Place, c: int) -> list[Layer]:
    """Return the leapfrog paths of as many chains as are easily drawn, and their first kick."""
    table = seen.states.path
    many = max(1, min(table.shape[1], PATH_POINTS // table.shape[2]))
    paths = _pictures(table, at, seen.first)[:, :many]
    X, Y = place(np.moveaxis(paths, 1, 2))  # (steps, points, chains)
    gap = np.full((len(at), 1, many), np.nan)
    X, Y = (np.concatenate([a, gap], axis=1) for a in (X, Y))
    x, y = (np.moveaxis(a, 1, 2).reshape(len(at), -1) for a in (X, Y))
    found: list[Layer] = [Line("leapfrogs", x, y, None, width=2.2)]
    if seen.trace.target.d == 2:
        start = _rows(before(seen)[:, c : c + 1], at)
        box = np.ptp(np.array(seen.trace.target.box), axis=1).min()
        tip = start + 0.06 * box * _rows(seen.states.momentum[:, c : c + 1], at)
        found.append(Segments("momentum", *place(start), *place(tip), PURPLE, arrow=True))
    return found


def _tree(seen: McmcResult, at: np.ndarray, place: Place, c: int) -> list[Layer]:
    """Return the leaves of a chain's tree, those forward and those backward in time."""
    leaves = _pictures(seen.states.tree[:, c : c + 1, :LEAVES], at, seen.first)
    d = seen.trace.target.d
    X, Y = place(np.moveaxis(leaves[..., :d], 1, 2))
    found: list[Layer] = []
    for name, color, sign in (("forward", ORANGE, 1), ("backward", BLUE, -1)):
        here = leaves[:, 0, :, d] * sign > 0
        x, y = np.where(here, X[..., 0], np.nan), np.where(here, Y[..., 0], np.nan)
        sizes = np.where(here, 3.0, 0.0)
        found.append(Points(name, x, y, color, "circle", sizes=sizes))
    lost = _rows(seen.states.divergent, at) > 0
    ends = place(_rows(seen.states.leaf, at))
    x, y = (np.where(lost, a, np.nan) for a in ends)
    found.append(Points("diverged", x, y, VERMILLION, "cross"))
    return found


def _divergences(seen: McmcResult, place: Place) -> list[Layer]:
    """Return where transitions of the kept draws have diverged: where the chains cannot go."""
    t, c = np.nonzero(seen.trace.states.divergent)
    if not len(t):
        return []
    where = seen.trace.x.copy()
    where[seen.trace.states.divergent == 0] = np.nan
    X, Y = place(where)
    chosen = slice(None, None, -(-len(t) // DIVERGENCES))
    x, y = X[t, c][None, chosen], Y[t, c][None, chosen]
    sizes = np.full(x.shape, 3.0)
    return [Points("divergences", x, y, VERMILLION, "cross", sizes=sizes)]


def _corners(seen: McmcResult, at: np.ndarray, place: Place) -> list[Layer]:
    """Return the walk along one coordinate after the other, and the slices it was drawn from."""
    corners = _rows(seen.states.corners, at)  # (steps, chains, coordinate, after)
    points = [_rows(before(seen), at), *np.moveaxis(corners, -1, 0)]
    found: list[Layer] = []
    if "left" in seen.states._fields:
        for j in range(seen.trace.target.d):
            lo, hi = points[j].copy(), points[j].copy()
            lo[..., j] = _rows(seen.states.left, at)[..., j]
            hi[..., j] = _rows(seen.states.right, at)[..., j]
            found.append(Segments("slice", *place(lo), *place(hi), ORANGE))
    for a, b in zip(points[:-1], points[1:], strict=True):
        found.append(Segments("move", *place(a), *place(b), GREEN, arrow=True))
    return found


def _partners(seen: McmcResult, at: np.ndarray, place: Place) -> list[Layer]:
    """Return the lines from the partners through the walkers."""
    ends = place(_rows(seen.states.partner, at)), place(_rows(before(seen), at))
    return [Segments("partner", *ends[0], *ends[1], GREY, "dot")]


def _rungs(seen: McmcResult, at: np.ndarray, place: Place, c: int) -> list[Layer]:
    """Return where the hotter walks of a chain are, larger the hotter."""
    rungs = _pictures(seen.states.rungs[:, c], at, seen.first)[:, 1:]
    sizes = np.linspace(4, 8, rungs.shape[1])[None]
    tips = tuple(f"rung {r + 2}, hotter" for r in range(rungs.shape[1]))
    X, Y = place(rungs[:, :, None])
    return [Points("hot walks", X[..., 0], Y[..., 0], VERMILLION, "open", sizes=sizes, tips=tips)]


def _particles(seen: McmcResult, at: np.ndarray, place: Place) -> list[Layer]:
    """Return the cloud."""
    cloud = _pictures(seen.states.particles[:, 0], at, seen.first)
    X, Y = place(cloud[:, :, None])
    sizes = np.full((1, X.shape[1]), 3.5)
    return [Points("particles", X[..., 0], Y[..., 0], BLUE, "circle", sizes=sizes)]


# --- the arithmetic of the test -------------------------------------------------------------------


def arithmetic(seen: McmcResult, at: np.ndarray, c: int) -> list[Layer]:
    """Return the numbers of a test of the chain c: a sentence on the stage, readings below it."""
    states = seen.states
    if "log_alpha" not in states._fields:
        return _told(seen, at, c)
    logs = np.concatenate([[[0.0]], states.log_density[:-1, c : c + 1]])[:, 0]
    logs[0] = seen.trace.target.log_density(seen.trace.start[c])
    with np.errstate(over="ignore"):
        alpha = np.minimum(1.0, np.exp(np.nan_to_num(states.log_alpha[:, c], nan=-np.inf)))
    u = np.exp(states.log_u[:, c])
    readings = (("log p", logs), ("log p′", states.log_density_proposal[:, c]))
    layers: list[Layer] = [Reading(name, _rows(v, at)) for name, v in readings]
    layers += [Reading("α", _rows(alpha, at)), Reading("u", _rows(u, at))]
    said: dict[bool, list[tuple[str, ...]]] = {True: [], False: []}
    for t in at:
        taken = bool(states.accepted[t - 1, c]) if t else None
        sign = ">" if taken else "≤"
        words = f"chain {c + 1}: α = {number(alpha[t - 1], 3)} {sign} u = {number(u[t - 1], 3)}"
        for value, word in ((True, "accepted"), (False, "rejected")):
            said[value].append((f"{words}: {word}" if taken is value else "",))
    spot = _corner(seen)
    layers.append(Labels("test", *spot, tuple(said[True]), GREEN, size=14))
    layers.append(Labels("test", *spot, tuple(said[False]), VERMILLION, size=14))
    return layers


def _corner(seen: McmcResult) -> tuple[list[list[float]], list[list[float]]]:
    """Return where the sentence stands: at the top of the main panel."""
    target = seen.trace.target
    (x0, x1), two = target.box[0], target.d == 2
    if two:
        y0, y1 = target.box[1]
        return [[x0 + 0.5 * (x1 - x0)]], [[y0 + 0.95 * (y1 - y0)]]
    return [[x0 + 0.5 * (x1 - x0)]], [[1.4 * heights(target)[0]]]


def _told(seen: McmcResult, at: np.ndarray, c: int) -> list[Layer]:
    """Return what samplers without a test of one proposal have to say."""
    states = seen.states
    if isinstance(states, NUTSState):
        depth, leaps, mean = (
            a[:, c] for a in (states.depth, states.evaluations, states.acceptance)
        )
        texts = [
            (f"depth {depth[t - 1]:.0f}, {leaps[t - 1]:.0f} leapfrogs, α {mean[t - 1]:.2f}",)
            if t
            else ("",)
            for t in at
        ]
        spot = _corner(seen)
        return [
            Labels("tree", *spot, tuple(texts), GREY, size=14),
            Reading("leapfrogs", _rows(leaps, at)),
            Reading("mean α", _rows(mean, at)),
            Reading("energy", _rows(states.energy[:, c], at)),
        ]
    return [Reading("log p", _rows(states.log_density[:, c], at))]
