"""What lies between the last octave of an integrand and the end of its range."""

from typing import Any, NamedTuple

import numpy as np

from gdviz.numerals import number
from gdviz.probability.user_functions import SignedLog
from gdviz.probability.validation import CannotBeTold, DoesNotExist, OnlyWaves

NEGLIGIBLE = 60.0
EXACT = 1e-9  # how well a slope is known that was read off a hundred octaves
STEEPENS = 1e-6
BORDER = 0.96  # 1/p of a tail x⁻¹ log⁻ᵖ x that may as well have no integral
FAR_OUT = 20.0  # how much more a creeping slope may change beyond the floats than before
STRETCH = 8  # octaves over which a slope is taken that creeps
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

    def creep(self) -> tuple[float, float, float]:
        """Return the slope at the very end, how fast 1/|1 + slope| grows there, and its change.

        It grows by 1/p with each unit of log x where |h| is x⁻¹ log⁻ᵖ x.
        """
        last = len(self.far) - 1
        stretch = STRETCH if last > 4 * STRETCH else 1
        if not self.steady or last < 3 or np.any(np.diff(self.far) == 0):
            return self.whole, 0.0, 0.0
        start = np.array([0, last // 2, last - stretch])
        rise, run = (side[start] - side[start + stretch] for side in (self.logs, self.far))
        place = np.abs(self.far[start] + self.far[start + stretch]) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            room = 1 / np.abs(1 + rise / run)
            late, early = np.diff(room) / np.diff(place)
        if not np.isfinite([late, early]).all() or abs(late) < EXACT * room[0] ** 2:
            return self.whole, 0.0, 0.0  # less is rounding
        end = room[0] + late * (abs(self.far[0]) - place[0])
        side = np.sign(1 + self.whole)
        return float(side / end - 1), float(late), float(abs(late - early))


def tail_beyond(log_h: SignedLog, probed: Probed, last: int, end: float, side: int) -> Tail:
    """Judge what lies between the last octave on one side and the end of the range.

    The integrand goes as distance^slope there. A slope of −1 is the border: towards infinity it
    must be below it, towards a finite end above. Raises `DoesNotExist` where it is not, or
    `CannotBeTold` where floats end before that shows.
    """
    mass, best, finite = probed.mass, probed.best, np.isfinite(end)
    if last not in (0, len(mass) - 1):
        return _overflow(probed, last, end, side)
    if not mass[last] >= best - NEGLIGIBLE:
        return _small_end(probed, last) if finite else Tail(0.0, 0.0)
    near = finite and end != 0  # where floats are coarse, the last octaves are not far from the end
    slope = _slope_at(log_h, probed, last, end, side)
    sureness = 1e-6 if near else EXACT if finite or slope.steady else 0.05
    if (slope.whole <= -1 + sureness) if finite else (slope.whole >= -1 - sureness):
        _diverges(slope, end)
    last_slope, creep, change = slope.creep()
    off = abs(1 + last_slope)
    rest = float(np.exp(slope.logs[0] - best + slope.far[0]) / off)
    if np.isnan(rest):  # zeros, and the last octave alone is none
        return Tail(0.0, float(np.exp(mass[last] - best)))
    if not slope.steady:
        return Tail(0.0, rest)
    if creep > BORDER:
        raise CannotBeTold(
            f"It cannot be told: |g|·p falls so slowly towards {number(end)} that floats end "
            "before."
        )
    doubt = FAR_OUT * change / (1 - creep) + 1e-3 * creep if creep > 0 else -creep
    value = rest / (1 - max(creep, -1.0)) * float(probed.signs[last, 0])
    return Tail(value, abs(value) * (1e-7 + 1e-14 / off + min(doubt, 1.0)))


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
        raise CannotBeTold(
            f"It cannot be told: |g|·p falls ever faster towards {number(end)}, but floats end "
            "before."
        )
    kind = DoesNotExist if slope.steady else OnlyWaves
    raise kind(
        f"It does not exist: the integral of |g|·p grows without bound towards {number(end)}."
    )


def _small_end(probed: Probed, last: int) -> Tail:
    """Return a bound for the octave that touches an end and was found negligible."""
    return Tail(0.0, float(np.exp(np.minimum(probed.mass[last] - probed.best, 0.0))))


def _overflow(probed: Probed, last: int, end: float, side: int) -> Tail:
    """Judge a tail whose values overflowed before it had died away: only a steepening one ends.

    Towards a finite end |h| may be of any slope above −1: there x/(eˣ − 1) divides by a rounded 0.
    """
    edges, height, _, mass, best = probed
    near, before = (int(np.clip(last - side * k, 0, len(mass) - 1)) for k in (1, 2))
    late, early = height[last] - height[near], height[near] - height[before]
    beyond = height[last + 1 :] if side > 0 else height[:last]
    if np.isfinite(end) and np.all(beyond == np.inf):
        if mass[last] < best and late < np.log(2) / 2:
            distance = abs(edges[last + (side > 0)] - end)
            return Tail(0.0, float(4 * np.exp(height[last] - best) * distance))
    if mass[last] < best - NEGLIGIBLE and late < 0:
        return Tail(0.0, 0.0)
    if not late < 0 or late >= -np.log(2) * (1 + EXACT) or late > 1.5 * early:
        raise DoesNotExist(
            "It does not exist, as far as floats can tell: |g|·p still grows where g overflows."
        )
    width = abs(edges[last + 1] - edges[last])
    return Tail(0.0, float(np.exp(height[last] + late - best) * width / -late))
