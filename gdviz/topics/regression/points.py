"""The points of a line: read, written, and moved by hand."""

from dataclasses import replace
from typing import Any

import numpy as np

from gdviz.figures.hand import Hand
from gdviz.knobs import clamp
from gdviz.learn.datasets import CLOUDS
from gdviz.topics.regression.settings import FEWEST, MOST, OWN, LineSettings


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


def standard(x: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation of x; 1 for the latter where all x are the same."""
    width = float(x.std())
    return float(x.mean()), width if width > 1e-9 * max(1.0, float(np.abs(x).max())) else 1.0


def split_rows(spec: LineSettings) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the points to learn from, at least two, and of those held out."""
    n = len(cloud(spec)[0])
    held = min(round(spec.held * n), n - 2)
    drawn = np.random.default_rng([spec.seed, 1]).permutation(n)
    return np.sort(drawn[held:]), np.sort(drawn[:held])


def cloud(spec: LineSettings) -> tuple[np.ndarray, np.ndarray]:
    """Return the points x, y `(n,)` of a spec; own points that are none give way to a line."""
    if spec.data == OWN:
        own = parse_points(spec.points)
        if own is not None:
            return own
    name = spec.data if spec.data in CLOUDS else "line"
    return CLOUDS[name].make(spec.n, spec.noise, spec.seed)
