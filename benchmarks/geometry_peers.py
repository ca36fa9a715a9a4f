"""Time geomstats on Fisher geometry. Run it with a Python that has geomstats; prints JSON, seconds.

Measured with geomstats 2.8.0; it needs a name that NumPy 2.4 removed, which is put back here.
"""

import json
import statistics
import sys
from time import perf_counter

PAIRS, PATHS, POINTS, TIMES = 10_000, 100, 100, 7


def median(function):
    """Return the median time of a call, after one that warms up."""
    function()
    taken = []
    for _ in range(TIMES):
        start = perf_counter()
        function()
        taken.append(perf_counter() - start)
    return statistics.median(taken)


def geomstats_figures():
    """Distances in one batch, geodesics in one batch."""
    import numpy as np

    np.trapz = np.trapezoid
    from geomstats.information_geometry.normal import UnivariateNormalDistributions

    metric = UnivariateNormalDistributions().metric

    def points(count):
        rng = np.random.default_rng(0)
        return np.stack([rng.uniform(-3, 3, count), rng.uniform(0.2, 3, count)], -1)

    far, near, t = points(2 * PAIRS), points(2 * PATHS), np.linspace(0, 1, POINTS)

    def geodesics():
        metric.geodesic(initial_point=near[:PATHS], end_point=near[PATHS:])(t)

    return {
        "distances": median(lambda: metric.dist(far[:PAIRS], far[PAIRS:])),
        "geodesics": median(geodesics),
    }


if __name__ == "__main__":
    figures = {}
    try:
        figures = geomstats_figures()
    except ImportError as missing:
        print(f"without {missing.name}", file=sys.stderr)
    print(json.dumps(figures))
