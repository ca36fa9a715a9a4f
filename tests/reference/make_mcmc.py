"""Ask ArviZ for the diagnostics of the chain sets, and SciPy for integrals; write mcmc.json.

Run by a Python with arviz 0.23.4, scipy and mpmath: `python tests/reference/make_mcmc.py`.
ArviZ's `mcse(method="sd")` fails under NumPy 2.4 where numba is installed: it is asked with its
numba switched off, which changes no formula.
"""

import json
import math
import platform
import sys
import warnings
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path

import arviz as az
import numpy as np
from chain_sets import RECIPES, chain_set
from scipy import integrate, special, stats

HERE = Path(__file__).parent


def plain(value):
    """Return numbers and arrays as JSON has them, what is not finite as text."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(part) for part in value]
    number = float(value)
    return number if math.isfinite(number) else str(number)


def diagnostics(x):
    """Return everything that ArviZ says about a chain set."""
    return {
        "sum": np.sum(x),
        "rhat": az.rhat(x),
        "rhat_split": az.rhat(x, method="split"),
        "ess_bulk": az.ess(x, method="bulk"),
        "ess_tail": az.ess(x, method="tail"),
        "ess_mean": az.ess(x, method="mean"),
        "ess_quantile_0.25": az.ess(x, method="quantile", prob=0.25),
        "mcse_mean": az.mcse(x, method="mean"),
        "mcse_sd": az.mcse(x, method="sd"),
        "mcse_quantile_0.1": az.mcse(x, method="quantile", prob=0.1),
        "mcse_quantile_0.5": az.mcse(x, method="quantile", prob=0.5),
        "autocorrelation": az.autocorr(x)[:, :20],
        "bfmi": az.bfmi(x) if x.shape[1] > 1 else [],
    }


def bioassay():
    """Return the moments of the bioassay posterior by adaptive quadrature in two dimensions."""
    doses, deaths = [-0.86, -0.30, -0.05, 0.73], [0, 1, 3, 5]

    def density(b, a):
        logs = 0.0
        for dose, dead in zip(doses, deaths, strict=True):
            eta = a + b * dose
            logs += dead * eta - 5 * np.logaddexp(0, eta)
        return math.exp(logs + 6.0)

    def integral(f):
        def inner(a):
            slice_of = partial(lambda a, b: f(a, b) * density(b, a), a)
            return integrate.quad(slice_of, -30, 300, points=[0, 5, 15, 40], limit=400)[0]

        return integrate.quad(inner, -15, 40, points=[-2, 0, 2, 5], limit=400, epsrel=1e-9)[0]

    total = integral(lambda a, b: 1.0)
    mean = [integral(lambda a, b: a) / total, integral(lambda a, b: b) / total]
    cov = [
        integral(lambda a, b: (a - mean[0]) ** 2) / total,
        integral(lambda a, b: (a - mean[0]) * (b - mean[1])) / total,
        integral(lambda a, b: (b - mean[1]) ** 2) / total,
    ]
    return {"mean": mean, "cov": cov}


def densities():
    """Return log-densities and marginals by SciPy's own distributions, at a few points."""
    points = np.random.default_rng(1).uniform(-3, 3, (6, 2))
    modes = [([1.5, 1.5], 0.8), ([-1.5, -1.5], 0.8), ([-2, 2], 0.5)]
    three = [stats.multivariate_normal(mean, s * np.eye(2)).pdf(points) for mean, s in modes]
    line = stats.linregress(
        [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5],
        [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68],
    )
    t = stats.multivariate_t([0, 0], np.eye(2), df=5)
    return {
        "points": points,
        "normal": stats.norm(2, 1.5).logpdf(points[:, 0]),
        "standard": stats.multivariate_normal([0, 0], np.eye(2)).logpdf(points),
        "correlated": stats.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]]).logpdf(points),
        "student": t.logpdf(points),
        "student marginal": stats.t(5).pdf(points[:, 0]),
        "three_modes": np.log(np.mean(three, axis=0)),
        "banana": stats.multivariate_normal([0, 4], [[1, 0.5], [0.5, 1]]).logpdf(
            np.stack([points[:, 0] / 2, 2 * points[:, 1] + 0.4 * (points[:, 0] ** 2 + 4)], -1)
        ),
        "funnel": stats.norm(0, 3).logpdf(points[:, 1])
        + stats.norm(0, np.exp(points[:, 1] / 2)).logpdf(points[:, 0]),
        "squiggle": stats.multivariate_normal([0, 0], [[2, 0.25], [0.25, 0.5]]).logpdf(
            np.stack([points[:, 0], points[:, 1] + np.sin(5 * points[:, 0])], -1)
        ),
        "line": [line.intercept, line.slope],
        "funnel E|x|": math.sqrt(2 / math.pi) * math.exp(9 / 8),
        "funnel P(|x|<1)": integrate.quad(
            lambda v: stats.norm(0, 3).pdf(v) * special.erf(math.exp(-v / 2) / math.sqrt(2)),
            -40,
            40,
            points=[-5, 0, 5],
            limit=400,
        )[0],
    }


def main():
    """Write the answers."""
    warnings.simplefilter("ignore")
    az.utils.Numba.disable_numba()
    names = ("arviz", "numpy", "scipy")
    answers = {
        "script": "tests/reference/make_mcmc.py",
        "date": date.today().isoformat(),
        "versions": {name: version(name) for name in names} | {"python": platform.python_version()},
        "diagnostics": {name: plain(diagnostics(chain_set(name))) for name in RECIPES},
        "bioassay": plain(bioassay()),
        "densities": plain(densities()),
    }
    (HERE / "mcmc.json").write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
