"""What lies between the last octave of an integrand and the end of its range."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.probability.user_functions import SignedLog
from gdviz.probability.validation import DoesNotExist, ProbabilityError

NEGLIGIBLE = 60.0
EXACT = 1e-9  # how well a slope is known that was read off a hundred octaves
STEEPENS = 1e-6
BACK, BACK_NEAR = 100, 4  # octaves that a slope is read off, and where floats are coarse


class Probed(NamedTuple):
    """Octaves between `edges`: the envelope of log|h|, its signs, the log of ∫|h|, the heaviest."""

    edges: Any
    height: Any
    signs: Any
    mass: Any
    best: float


class Tail(NamedTuple):
    """What lies beyond the last octave: its integral and how far that is to be trusted."""

    value: float
    error: float


class Slope(NamedTuple):
    """log|h| at `logs` against the logarithm of the distance, `far`, the last octave first."""

    logs: Any
    far: Any
    steady: bool

    @property
    def whole(self) -> float:
        """The slope over all of it."""
        return float((self.logs[0] - self.logs[-1]) / (self.far[0] - self.far[-1]))

    def halves(self) -> tuple[float, float]:
        """Return the slopes of the farther and of the nearer half."""
        k = len(self.far) // 2
        outer = (self.logs[0] - self.logs[k]) / (self.far[0] - self.far[k])
        return float(outer), float((self.logs[k] - self.logs[-1]) / (self.far[k] - self.far[-1]))

    def bend(self) -> float:
        """Return how fast the slope changes with the logarithm of the distance: log x, say."""
        k = len(self.far) // 2
        if not self.steady or not self.far[0] != self.far[k] != self.far[-1]:
            return 0.0
        bend = (self.whole - self.halves()[1]) / ((self.far[0] - self.far[k]) / 2)
        return 0.0 if abs(bend) < EXACT else float(bend)  # less is rounding


def tail_beyond(log_h: SignedLog, probed: Probed, last: int, end: float, side: int) -> Tail:
    """Judge what lies between the last octave on one side and the end of the range.

    The integrand goes as distance^slope there. A slope of −1 is the border: towards infinity it
    must be below it, towards a finite end above. Raises `DoesNotExist` where it is not, or
    `ProbabilityError` where it would come to be beyond all floats.
    """
    mass, best, finite = probed.mass, probed.best, np.isfinite(end)
    if last not in (0, len(mass) - 1):
        return _overflow(probed, last, side)
    if not mass[last] >= best - NEGLIGIBLE:
        return _small_end(probed, last) if finite else Tail(0.0, 0.0)
    near = finite and end != 0  # where floats are coarse, the last octaves are not far from the end
    slope = _slope_at(log_h, probed, last, end, side)
    sureness = 1e-6 if near else EXACT if finite or slope.steady else 0.05
    if (slope.whole <= -1 + sureness) if finite else (slope.whole >= -1 - sureness):
        _diverges(slope, end)
    off = abs(1 + slope.whole)
    rest = float(np.exp(slope.logs[0] - best + slope.far[0]) / off)
    with np.errstate(over="ignore"):
        more = float(np.clip(slope.bend() / off**2, -0.5, 0.5))
    value = rest * (1 + more) * float(probed.signs[last, 0]) if slope.steady else 0.0
    return Tail(value, rest * (1e-7 + 1e-14 / off + abs(more) if slope.steady else 1.0))


def _slope_at(log_h: SignedLog, probed: Probed, last: int, end: float, side: int) -> Slope:
    """Return log|h| over the last octaves; of waves only their envelope has a slope."""
    edges, height, signs = probed.edges, probed.height, probed.signs
    finite, most = np.isfinite(end), len(height) - 1
    edge = last + (side > 0) - (side if finite else 0)
    back = edge - side * np.arange(BACK_NEAR if finite and end != 0 else BACK)
    points = edges[np.clip(back, 0, most + 1)]
    distances = np.abs(points - end) if finite else np.abs(points)
    steady = np.unique(signs[np.clip(back[:20], 0, most)]).size == 1
    envelope = height[np.clip(back - (side > 0), 0, most)]
    logs = envelope if not (finite or steady) else log_h(points)[1]
    if not np.all(np.isfinite(logs)):  # zeros at whole numbers, say
        logs = envelope
    return Slope(logs, np.log(distances), steady)


def _diverges(slope: Slope, end: float) -> None:
    """Raise `DoesNotExist`, or that it cannot be told where the slope still steepens."""
    outer, inner = slope.halves()
    if np.isinf(end) and slope.steady and outer < inner - STEEPENS:
        raise ProbabilityError(
            f"It cannot be told: |g|·p falls ever faster towards {end:g}, but floats end before."
        )
    raise DoesNotExist(
        f"It does not exist: the integral of |g|·p grows without bound towards {end:g}."
    )


def _small_end(probed: Probed, last: int) -> Tail:
    """Return a bound for the octave that touches an end and was found negligible."""
    return Tail(0.0, float(np.exp(np.minimum(probed.mass[last] - probed.best, 0.0))))


def _overflow(probed: Probed, last: int, side: int) -> Tail:
    """Judge a tail whose values overflowed before it had died away: only a steepening one ends."""
    edges, height, _, mass, best = probed
    near, before = (int(np.clip(last - side * k, 0, len(mass) - 1)) for k in (1, 2))
    late, early = height[last] - height[near], height[near] - height[before]
    if mass[last] < best - NEGLIGIBLE and late < 0:
        return Tail(0.0, 0.0)
    if not late < 0 or late >= -np.log(2) * (1 + EXACT) or late > 1.5 * early:
        raise DoesNotExist(
            "It does not exist, as far as floats can tell: |g|·p still grows where g overflows."
        )
    width = abs(edges[last + 1] - edges[last])
    return Tail(0.0, float(np.exp(height[last] + late - best) * width / -late))
