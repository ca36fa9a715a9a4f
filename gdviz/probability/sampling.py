"""`sample`: chains from a target by a sampler, and in words whether to trust them at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from gdviz.knobs import bind_defaults
from gdviz.probability.density_check import check_density
from gdviz.probability.kernel import Kernel
from gdviz.probability.samplers import SAMPLERS
from gdviz.probability.target import SamplerError, Target
from gdviz.probability.targets import TARGETS, target

TRIES = 200  # how often a start is drawn anew where there is no density


@dataclass(frozen=True, eq=False)
class Trace:
    """The draws of several chains after the warm-up, and how they ended.

    `states` and `warm` are states of the sampler with a leading axis of draws, `start (chains, d)`
    is where they began. `status` is `ok`, or what is wrong: `unbounded`, `flat`, `improper`,
    `stuck`, `divergent` or `nan`; `reason` says it in a sentence.
    """

    target: Target
    sampler: str
    knobs: dict[str, Any]
    seed: int
    start: np.ndarray
    warm: Any
    states: Any
    status: str
    reason: str

    @property
    def x(self) -> np.ndarray:
        """The draws, `(draws, chains, d)`."""
        return self.states.x

    @property
    def log_density(self) -> np.ndarray:
        """The log-density at each draw, `(draws, chains)`."""
        return self.states.log_density

    @property
    def accepted(self) -> np.ndarray:
        """Whether the proposal of each draw was accepted, `(draws, chains)`."""
        return self.states.accepted

    @property
    def chains(self) -> np.ndarray:
        """The draws as the diagnostics take them, one array `(chains, draws)` a coordinate."""
        return np.ascontiguousarray(self.x.transpose(2, 1, 0))


def sample(
    target: Target | str,
    sampler: str = "rwm",
    *,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 500,
    seed: int = 0,
    start: Any = None,
    pictures: int | range = 0,
    **knobs: Any,
) -> Trace:
    """Return `draws` of each of `chains` chains after `warmup` draws that are set apart.

    A target is one of `TARGETS`, its key, or the text of a log-density. Chain c draws from the
    stream (seed, c) whatever the number of chains; without a `start (d,)` or `(chains, d)` it
    begins at random in the window, where the density is positive. The first `pictures` draws
    of the warm-up and after it keep paths and trees, or a range of draws counted from the start.
    Raises `SamplerError`, `KnobError` or `FormulaError` in a sentence.

    >>> trace = sample("normal", "slice", draws=2000)
    >>> trace.x.shape, abs(float(trace.x.mean()) - 2) < 0.2
    ((2000, 4, 1), True)
    """
    aim = as_target(target)
    _check_counts(chains, draws, warmup, seed)
    if sampler not in SAMPLERS:
        raise SamplerError(f"there is no sampler `{str(sampler)[:40]}`; there is {_names()}.")
    values = bind_defaults(SAMPLERS[sampler], knobs)
    kernel = SAMPLERS[sampler](aim, **values)
    begin = starts(aim, kernel, chains, seed, start)
    rngs = [_stream(seed, c) for c in range(chains)]
    state = kernel.init(begin, chains)
    early = pictures if isinstance(pictures, range) else range(pictures)
    late = range(early.start - warmup, early.stop - warmup) if early is pictures else early
    warm, state = _draws(kernel, state, rngs, warmup, True, early) if warmup else (None, state)
    states, _ = _draws(kernel, state, rngs, draws, False, late)
    status, reason = _end(aim, sampler, states)
    return Trace(aim, sampler, values, seed, begin[:chains], warm, states, status, reason)


def _draws(kernel: Kernel, state: Any, rngs: Any, n: int, warm: bool, seen: range) -> Any:
    """Return n draws and the last of them; those of `seen` keep their paths and trees."""
    cuts = sorted({0, n} | {min(max(cut, 0), n) for cut in (seen.start, seen.stop)})
    parts = []
    for a, b in pairwise(cuts):
        states, state = kernel.run(state, rngs, b - a, warm, b - a if a in seen else 0)
        parts.append(states)
    return join_draws(parts), state


def join_draws(parts: Sequence[Any]) -> Any:
    """Return states of draws that follow each other as one, with the memory of the last."""
    if len(parts) == 1:
        return parts[0]
    fields = [np.concatenate(tables) for tables in zip(*(p[:-1] for p in parts), strict=True)]
    return type(parts[-1])(*fields, parts[-1].memory)


def as_target(given: Target | str) -> Target:
    """Return a target, one of `TARGETS` by its key, or the one that a text says."""
    if isinstance(given, Target):
        return given
    if not isinstance(given, str):
        raise SamplerError("a target is one of TARGETS, its key, or the text of a log-density.")
    return TARGETS.get(given) or target(given)


def _names() -> str:
    return ", ".join(SAMPLERS)


def _check_counts(chains: int, draws: int, warmup: int, seed: int) -> None:
    for name, value, least in (
        ("chains", chains, 1),
        ("draws", draws, 1),
        ("warmup", warmup, 0),
        ("seed", seed, 0),
    ):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise SamplerError(f"`{name}` = {str(value)[:40]} must be a whole number from {least}.")


def _stream(seed: int, chain: int, purpose: int = 0) -> np.random.Generator:
    """Return the Generator of one chain: of its draws (0) or of its start (1)."""
    key = np.random.SeedSequence(seed, spawn_key=(chain, purpose))
    return np.random.Generator(np.random.PCG64(key))


def starts(aim: Target, kernel: Kernel, chains: int, seed: int, given: Any = None) -> np.ndarray:
    """Return where the points of a kernel begin, `(points, d)`: as given, the others at random."""
    count = kernel.points(chains)
    if given is None:
        return np.array([_random_start(aim, seed, c) for c in range(count)])
    points = np.array(given, dtype=float)
    points = points[None] if points.ndim < 2 else points
    if points.shape not in ((1, aim.d), (chains, aim.d)):
        raise SamplerError(f"`start` must be {aim.d} numbers, or {chains} rows of them.")
    points = np.broadcast_to(points, (chains, aim.d))
    for c, point in enumerate(points):
        _check_start(aim, c, point)
    others = [_random_start(aim, seed, c) for c in range(chains, count)]
    return np.concatenate([points, np.array(others).reshape(-1, aim.d)])


def _check_start(aim: Target, c: int, point: np.ndarray) -> None:
    place = ", ".join(f"{value:.4g}" for value in point)
    found = float(aim.log_density(point))
    if np.isnan(found):
        what = "is not a number"
    elif found == -np.inf:
        what = "is −∞: there is no probability there"
    elif found == np.inf:
        what = "is +∞: that is no density"
    else:
        return
    raise SamplerError(
        f"chain {c + 1} starts at ({place}), where the log-density {what}. Choose another start."
    )


def _random_start(aim: Target, seed: int, c: int) -> np.ndarray:
    """Return a point of the window with a positive density, drawn anew until there is one."""
    lo, hi = np.array(aim.box).T
    found = lo + (hi - lo) * _stream(seed, c, 1).random((TRIES, aim.d))
    fine = np.isfinite(aim.log_density(found))
    if not fine.any():
        raise SamplerError(
            "no point of the window has a log-density that is finite: there is nothing to sample. "
            "Look at the formula, or at the window."
        )
    return found[int(np.argmax(fine))]


def _end(aim: Target, sampler: str, states: Any) -> tuple[str, str]:
    """Return what is wrong with a run, the worst first, and the sentence."""
    judged = check_density(aim)
    if judged.status != "ok":
        return judged
    asked = getattr(states, "log_density_proposal", states.log_density)
    top = float(np.max(asked))  # not a number if one of them is not
    if np.isposinf(top) or (np.isnan(top) and np.isposinf(asked).any()):
        return "unbounded", (
            "At a proposal the log-density was +∞: the density is unbounded there, and the "
            "proposal was refused."
        )
    still = [c for c in range(states.x.shape[1]) if _still(states.x[:, c])]
    if len(states.x) > 1 and still:
        who = ", ".join(str(c + 1) for c in still)
        return "stuck", (
            f"Chain {who} never moved in {len(states.x)} draws: no proposal was accepted. "
            "Its mean is its start, and no diagnostic of it means anything."
        )
    lost = int(np.sum(getattr(states, "divergent", 0)))
    if lost:
        return "divergent", (
            f"{lost} of {states.accepted.size} transitions diverged: the leapfrog lost the energy "
            "where the density is narrow, and the chains shun that place."
        )
    if np.isnan(top):
        return "nan", (
            f"At {int(np.isnan(asked).sum())} of {asked.size} proposals the log-density was not a "
            "number; they were refused as impossible."
        )
    return "ok", ""


def _still(x: np.ndarray) -> bool:
    """Tell whether a chain `(draws, d)` is at one point all the time; the ends tell most."""
    return bool((x[-1] == x[0]).all() and (x == x[0]).all())
