"""Settings of the page *mcmc* that are worth seeing, known good or known bad, and why."""

from typing import Any

from gdviz.catalogue.preset import Preset, every_knob
from gdviz.topics.mcmc.settings import OWN, Mcmc
from gdviz.topics.mcmc.step_sizes import good_step_sizes


def _preset(label: str, good: bool, reason: str, **values: Any) -> Preset:
    own = OWN[values.get("sampler", "rwm")]
    steps = {k: v for k, v in good_step_sizes(values["target"]).items() if k in own}
    return Preset(label, good, reason, every_knob(Mcmc, steps | values))


PRESETS = (
    _preset(
        "Just right",
        True,
        "A third of the proposals is accepted, about the best in two dimensions: the walk is "
        "neither timid nor reckless.",
        target="standard",
        sigma=1.7,
    ),
    _preset(
        "Too small",
        False,
        "Nearly everything is accepted, and nothing is learnt: the chains crawl.",
        target="standard",
        sigma=0.06,
    ),
    _preset(
        "Too large",
        False,
        "Nearly everything is rejected: the traces are staircases.",
        target="standard",
        sigma=14.0,
    ),
    _preset(
        "Two modes",
        False,
        "Each chain stays on its own island and looks settled. Together they disagree, and R̂ "
        "says so.",
        target="far_modes",
        sigma=0.6,
    ),
    _preset(
        "One chain is not enough",
        False,
        "The tutorial's trap: by its own account one chain is worth hundreds of draws, and its "
        "mean is wrong by 4. Only a second chain could tell.",
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
        target="far_modes",
        sampler="tempering",
        sigma=1.2,
        draws=4000,
    ),
    _preset(
        "Funnel",
        False,
        "The step suits the mouth; in the neck the leapfrog diverges, and the neck stays empty.",
        target="funnel",
        sampler="nuts",
    ),
    _preset(
        "Long leaps",
        True,
        "Hamiltonian paths follow the banana: nearly all are accepted, and about three draws are "
        "worth one independent draw.",
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
        target="normal",
        sigma=1.5,
        starts="62;-58;66;-62",
        burn=300,
    ),
)
