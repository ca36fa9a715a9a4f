"""The presets of the page importance, each with what its sentence claims of the run."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.topics.importance.settings import (
    WIDEST,
    ImportanceResult,
    Weighing,
    exact_error,
    proposal_of,
    target_of,
)

_preset = partial(preset, Weighing)


def _log_ratio(spec: Weighing, x: Any) -> Any:
    """Return log p/q at points."""
    return target_of(spec).logpdf(x) - proposal_of(spec).logpdf(x)


def _grows_outside(spec: Weighing) -> bool:
    """Whether p/q rises without an end in sight on both sides."""
    far = np.array([200.0, 400.0, 800.0, 1600.0])
    return bool(all((np.diff(_log_ratio(spec, side * far)) > 1).all() for side in (-1, 1)))


def _is_bounded(spec: Weighing) -> bool:
    """Whether no weight p/q is above ten, on a fine and far grid."""
    return bool(_log_ratio(spec, np.linspace(-400, 400, 200_001)).max() < np.log(10))


def _sizes(found: ImportanceResult) -> Any:
    """Return the weights over their sum, the largest first."""
    logs = found.found.log_weights
    return np.sort(np.exp(logs - np.logaddexp.reduce(logs)))[::-1]


def _bounded_and_honest(spec: Weighing, found: ImportanceResult) -> bool:
    true = exact_error(spec)
    honest = true is not None and abs(found.found.std_error / true - 1) < 0.15
    return spec.tau > spec.sigma and _is_bounded(spec) and honest


def _runs_away(spec: Weighing, found: ImportanceResult) -> bool:
    return found.second is None and _grows_outside(spec)


def _handful(spec: Weighing, found: ImportanceResult) -> bool:
    return bool(_sizes(found)[:10].sum() > 0.9 and found.found.n == 1000)


def _no_weight_runs_away(spec: Weighing, found: ImportanceResult) -> bool:
    tails = spec.proposal == "student_t" and spec.target == "normal"
    return tails and found.second is not None and _is_bounded(spec)


def _half_are_beyond(spec: Weighing, found: ImportanceResult) -> bool:
    """Half of the samples count, 7 % is the error, and of as many samples of p none counts."""
    got, p = found.found, target_of(spec)
    beyond, true = float(np.mean(got.samples > 4)), exact_error(spec)
    none = (1 - float(p.sf(4.0))) ** spec.n
    told = true is not None and found.truth is not None and 0.06 < true / found.truth.value < 0.08
    return 0.4 < beyond < 0.6 and told and none > 0.95


def _hump_is_not_there(spec: Weighing, found: ImportanceResult) -> bool:
    got, humps = found.found, target_of(spec).centers
    seen = [center for center, _ in humps if got.samples.min() < center < got.samples.max()]
    far = found.truth is not None and abs(got.self_normalised - found.truth.value) > 4
    return len(humps) == 2 and len(seen) == 1 and got.ess > 0.75 * got.n and far


def _at_no_width(spec: Weighing, found: ImportanceResult) -> bool:
    return found.second is None and _grows_outside(replace(spec, tau=WIDEST))


PRESETS = (
    _preset(
        "A fair proposal",
        True,
        "q is wider than p and reaches all of it: the weights are bounded, the error is honest.",
        _bounded_and_honest,
    ),
    _preset(
        "Too light tails",
        False,
        "N(0, 0.5) for N(0, 1.5): far out p/q grows without bound, and the variance is infinite.",
        _runs_away,
        mu=0.0,
        nu=0.0,
        tau=0.5,
        h="x**2",
    ),
    _preset(
        "Elsewhere",
        False,
        "The proposal lies beside the target: ten samples of a thousand carry nine tenths of the "
        "weight.",
        _handful,
        mu=5.0,
        sigma=1.0,
        nu=0.0,
        tau=1.0,
    ),
    _preset(
        "Heavy tails are safe",
        True,
        "A t proposal has heavier tails than any normal target: no weight can run away.",
        _no_weight_runs_away,
        target="normal",
        mu=0.0,
        sigma=1.0,
        proposal="student_t",
        nu=0.0,
        tau=1.2,
        h="x**2",
    ),
    _preset(
        "A far tail",
        True,
        "P(X > 4) from samples around 4: half of them lie beyond, and the error is 7 %. Of a "
        "thousand samples of p itself, as a rule, none does.",
        _half_are_beyond,
        mu=0.0,
        sigma=1.0,
        nu=4.0,
        tau=1.0,
        h="heaviside(x - 4)",
    ),
    _preset(
        "One hump missed",
        False,
        "Every sample sits on one hump: the ESS looks splendid, and the other hump is not there.",
        _hump_is_not_there,
        target="two_humps",
        mu=0.0,
        sigma=4.0,
        nu=6.0,
        tau=1.8,
        n=200,
    ),
    _preset(
        "Cauchy from normal",
        False,
        "No normal has tails heavy enough for a Cauchy: the variance is infinite at any width.",
        _at_no_width,
        target="cauchy",
        mu=0.0,
        sigma=1.0,
        nu=0.0,
        tau=3.0,
        h="1/(1 + x**2)",
    ),
)
