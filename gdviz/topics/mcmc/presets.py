"""Settings of the page *mcmc* that are worth seeing, known good or known bad, and why."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdviz.catalogue.preset import Preset, every_knob
from gdviz.topics.mcmc.settings import OWN, Mcmc, McmcResult, start_points
from gdviz.topics.mcmc.step_sizes import good_step_sizes


def _rhats(found: McmcResult) -> list[float]:
    return [s.rhat for s in found.summaries]


def _third_accepted(spec: Mcmc, found: McmcResult) -> bool:
    return 0.3 < found.trace.accepted.mean() < 0.4 and max(_rhats(found)) < 1.01


def _timid(spec: Mcmc, found: McmcResult) -> bool:
    return found.trace.accepted.mean() > 0.9 and min(s.ess_bulk for s in found.summaries) < 50


def _staircases(spec: Mcmc, found: McmcResult) -> bool:
    return bool(found.trace.accepted.mean() < 0.05)


def _islands(spec: Mcmc, found: McmcResult) -> bool:
    """No chain crosses the line between the islands; the chains disagree."""
    side = np.sign(found.trace.x.sum(axis=-1))
    return bool(
        (side == side[0]).all() and abs(side[0].sum()) < side.shape[1] and min(_rhats(found)) > 1.1
    )


def _alone(spec: Mcmc, found: McmcResult) -> bool:
    return (
        spec.chains == 1
        and found.summaries[0].ess_bulk > 400
        and abs(found.summaries[0].mean + 4) < 0.1
    )


def _crosses(spec: Mcmc, found: McmcResult) -> bool:
    """Every chain has been on both islands."""
    total = found.trace.x.sum(axis=-1)
    return bool((total.min(axis=0) < -3).all() and (total.max(axis=0) > 3).all())


def _shuns_the_neck(spec: Mcmc, found: McmcResult) -> bool:
    """It diverges, and no draw is in the narrowest fortieth of the neck, y < −6."""
    return found.trace.status == "divergent" and bool(found.trace.x[..., 1].min() > -6)


def _leaps(spec: Mcmc, found: McmcResult) -> bool:
    share = min(s.ess_bulk for s in found.summaries) / found.trace.x[..., 0].size
    return bool(found.trace.accepted.mean() > 0.9 and 0.25 < share < 0.45)


def _underflows(spec: Mcmc, found: McmcResult) -> bool:
    points = start_points(spec)
    if points is None:
        return False
    logs = found.trace.target.log_density(points)
    away = np.abs(points - 2) / 1.5
    return bool((np.exp(logs) == 0).all() and (away >= 40).all() and max(_rhats(found)) < 1.01)


def _preset(
    label: str, good: bool, reason: str, claim: Callable[[Mcmc, McmcResult], bool], **values: Any
) -> Preset:
    own = OWN[values.get("sampler", "rwm")]
    steps = {k: v for k, v in good_step_sizes(values["target"]).items() if k in own}
    return Preset(label, good, reason, every_knob(Mcmc, steps | values), claim)


PRESETS = (
    _preset(
        "Just right",
        True,
        "A third of the proposals is accepted, about the best in two dimensions: the walk is "
        "neither timid nor reckless.",
        _third_accepted,
        target="standard",
        sigma=1.7,
    ),
    _preset(
        "Too small",
        False,
        "Nearly everything is accepted, and nothing is learnt: the chains crawl.",
        _timid,
        target="standard",
        sigma=0.06,
    ),
    _preset(
        "Too large",
        False,
        "Nearly everything is rejected: the traces are staircases.",
        _staircases,
        target="standard",
        sigma=14.0,
    ),
    _preset(
        "Two modes",
        False,
        "Each chain stays on the island where it began, and knows nothing of the other. Together "
        "they disagree, and R̂ says so.",
        _islands,
        target="far_modes",
        sigma=0.6,
    ),
    _preset(
        "One chain is not enough",
        False,
        "The tutorial's trap: by its own account one chain is worth hundreds of draws, and its "
        "mean is wrong by 4. Only a second chain could tell.",
        _alone,
        target="bimodal",
        chains=1,
        sigma=0.7,
        draws=8000,
        seed=0,
        starts="-4",
    ),
    _preset(
        "Tempering",
        True,
        "The same two modes: hot walks cross over, and the cold one is handed the news.",
        _crosses,
        target="far_modes",
        sampler="tempering",
        sigma=1.2,
        draws=4000,
    ),
    _preset(
        "Funnel",
        False,
        "The step suits the mouth; in the neck the leapfrog diverges, and the neck stays empty.",
        _shuns_the_neck,
        target="funnel",
        sampler="nuts",
    ),
    _preset(
        "Long leaps",
        True,
        "Hamiltonian paths follow the banana: nearly all are accepted, and about three draws are "
        "worth one independent draw.",
        _leaps,
        target="banana",
        sampler="hmc",
        leap=0.25,
        leaps=12,
    ),
    _preset(
        "Far start",
        True,
        "From forty standard deviations away the density underflows to 0. Its logarithm still "
        "tells the way.",
        _underflows,
        target="normal",
        sigma=1.5,
        starts="62;-58;66;-62",
        burn=300,
    ),
)
