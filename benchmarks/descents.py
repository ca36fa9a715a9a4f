"""Thousands of descents: the start × rate map of the page, and Adam against plain NumPy."""

import numpy as np

from benchmarks.report import Goal, Row
from benchmarks.timing import medians, seconds
from gdviz.optimize import FUNCTIONS, SURFACES, maps
from gdviz.optimize.map_ends import ends

SIDE, MAP_STEPS = 400, 300
POINTS, STEPS = 10_000, 500
RATE, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8


def measure() -> list[Row]:
    """Time both, compiled and loaded."""
    starts = np.random.default_rng(0).uniform(-2, 2, (POINTS, 2))
    ours, theirs = adam(starts), adam_numpy(starts)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)
    rate_map()
    map_s, ours_s, theirs_s = medians(
        lambda: seconds(rate_map),
        lambda: seconds(lambda: adam(starts)),
        lambda: seconds(lambda: adam_numpy(starts)),
    )
    each = 1e9 / (POINTS * STEPS)
    map_ns = map_s * 1e9 / (SIDE**2 * MAP_STEPS)
    rival = "NumPy in place, one array a coordinate"
    return [
        Row(
            f"start × rate map {SIDE} × {SIDE}, up to {MAP_STEPS} steps",
            "ms",
            1e3 * map_s,
            goal=Goal("≤", 150, of_ratio=False),
        ),
        Row("the same per point and possible step", "ns", map_ns),
        Row(
            f"Adam on Rosenbrock, {POINTS} starts × {STEPS} steps, per point and step",
            "ns",
            each * ours_s,
            each * theirs_s,
            rival,
        ),
    ]


def rate_map() -> None:
    """The map that the page *descent* shows at first."""
    problem = FUNCTIONS["double_well"]
    starts, rates = np.linspace(*problem.box[0], SIDE), np.geomspace(1e-3, 10, SIDE)
    maps.rate_map(problem, starts, rates, "gd", steps=MAP_STEPS)


def adam(starts: np.ndarray) -> np.ndarray:
    """Run our descents; with a tolerance of zero every run takes all its steps."""
    found = ends(SURFACES["rosenbrock"], starts, "adam", steps=STEPS, tol=0.0, lr=RATE)
    return found.x


def adam_numpy(starts: np.ndarray) -> np.ndarray:
    """Run the same in plain NumPy, written with care: no needless temporary arrays."""
    x, y = starts.T.copy()
    memory = np.zeros((4, len(x)))
    for t in range(1, STEPS + 1):
        bend = y - x * x
        gradient = -2 * (1 - x) - 400 * x * bend, 200 * bend
        for point, slope, m, v in zip((x, y), gradient, memory[:2], memory[2:], strict=True):
            m *= BETA1
            m += (1 - BETA1) * slope
            v *= BETA2
            slope *= slope
            slope *= 1 - BETA2
            v += slope
            change = v / (1 - BETA2**t)
            np.sqrt(change, out=change)
            change += EPS
            np.divide(m, change, out=change)
            change *= RATE / (1 - BETA1**t)
            point -= change
    return np.stack([x, y], axis=1)
