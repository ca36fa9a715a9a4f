"""Integration and importance sampling: all rules at once, a dragged end, a million samples."""

import numpy as np

from benchmarks.report import Goal, Row
from benchmarks.timing import medians, seconds
from gdviz.figures.wire_format import pack
from gdviz.probability import DISTRIBUTIONS, RULES, expectation, importance_estimate
from gdviz.probability.convergence import error_curve
from gdviz.topics.integration.figure import integration_scene
from gdviz.topics.integration.settings import Integration

SIZES = np.unique(np.geomspace(2, 1024, 12).astype(int))
SAMPLES = 1_000_000


def measure() -> list[Row]:
    """Time ours, and the NumPy operations that sampling cannot do without."""
    all_rules(), importance(), bare_numpy()
    rules_s, ours_s, bare_s = medians(
        lambda: seconds(all_rules), lambda: seconds(importance), lambda: seconds(bare_numpy)
    )
    quad_s, own_s = medians(lambda: seconds(expect_scipy), lambda: seconds(expect_ours))
    return [
        Row(
            f"{len(RULES)} rules × {len(SIZES)} sizes",
            "ms",
            1e3 * rules_s,
            goal=Goal("≤", 60, False),
        ),
        Row(
            "the scene of a dragged end", "ms", 1e3 * time_drag(), goal=Goal("≤", 1000 / 15, False)
        ),
        Row(
            "10⁶ importance samples, with ESS and k̂",
            "ms",
            1e3 * ours_s,
            1e3 * bare_s,
            "bare NumPy: draw, weigh, mean, error, ESS",
            Goal("≤", 1.5),
        ),
        Row("E[exp(x)] of a normal", "ms", 1e3 * own_s, 1e3 * quad_s, "scipy.stats expect"),
    ]


def all_rules() -> None:
    """The log-log plot of errors of every rule."""
    for rule in RULES:
        error_curve("exp(-x**2)*cos(3*x)", -1.0, 2.0, rule, SIZES, 0.5)


def time_drag(times: int = 30) -> float:
    """Return the median time of a packed scene, for an end that no cache knows."""
    scenes = [Integration(b=3 + 0.01 * i, rule="simpson", n=64) for i in range(times)]
    taken = [seconds(lambda spec=spec: pack(integration_scene(spec))) for spec in scenes]
    return float(np.median(taken))


def importance() -> None:
    """A million samples by the public function."""
    normal = DISTRIBUTIONS["normal"]
    importance_estimate(lambda x: x, normal(2.0, 1.5), normal(0.0, 2.0), SAMPLES)


def bare_numpy() -> tuple[float, ...]:
    """The same estimate for two normals, without k̂ and without checks."""
    x = 2 * np.random.default_rng(0).standard_normal(SAMPLES)
    log_p = -0.5 * ((x - 2) / 1.5) ** 2 - 0.5 * np.log(2 * np.pi) - np.log(1.5)
    log_q = -0.5 * (x / 2) ** 2 - 0.5 * np.log(2 * np.pi) - np.log(2)
    log_w = log_p - log_q
    w = np.exp(log_w - log_w.max())
    terms = w * x
    ratio = terms.sum() / w.sum()
    error = np.sqrt(((w * (x - ratio)) ** 2).sum()) / w.sum()
    return terms.mean(), terms.std(), ratio, error, w.sum() ** 2 / (w**2).sum()


def expect_ours() -> None:
    """An expectation in logs, over the whole line."""
    expectation("exp(x)", "normal")


def expect_scipy() -> None:
    """What scipy.stats offers for it."""
    from scipy import stats

    stats.norm.expect(np.exp, lb=-30, ub=30)
