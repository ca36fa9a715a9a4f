"""The presets of the room *compare*, and why each is worth seeing."""

from dataclasses import replace
from functools import partial

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.topics.race.compare.settings import Compare, Compared, run
from gdviz.topics.race.compare.verdict import lead_of

TRIALS, STARTS = Compare().trials, Compare().starts


def _order(done: Compared) -> list[str]:
    """Return the methods, the best first."""
    return [done.methods[i] for i in np.argsort(-done.scores.mean(axis=1))]


def _every_lead_survives(spec: Compare, done: Compared) -> bool:
    lead = lead_of(done)
    return lead.first == "bfgs" and len(lead.beaten) == len(lead.ahead) == 5


def _last_becomes_first(spec: Compare, done: Compared) -> bool:
    """RMSProp is the last with its default, and the first after BFGS with a search of η."""
    tuned = _order(run(replace(spec, trials=TRIALS)))
    return spec.trials == 1 and _order(done)[-1] == "rmsprop" and tuned[:2] == ["bfgs", "rmsprop"]


def _two_of_five_survive(spec: Compare, done: Compared) -> bool:
    more = lead_of(run(replace(spec, starts=STARTS)))
    few = lead_of(done)
    survive = len(few.beaten), len(few.ahead), len(more.beaten)
    return spec.starts == 3 and few.first == more.first == "bfgs" and survive == (2, 5, 5)


def _noise_hides_the_difference(spec: Compare, done: Compared) -> bool:
    """RMSProp leads, surely over the two without a scale, and not surely over Adam."""
    lead = lead_of(done)
    return bool(spec.noise) and set(lead.beaten) == {"gd", "heavy_ball"} and lead.first == "rmsprop"


def _newton_pays(spec: Compare, done: Compared) -> bool:
    lead = lead_of(done)
    second = _order(done)[1]
    return lead.first == "newton" and len(lead.beaten) == 5 and second == "trust_region"


_preset = partial(preset, Compare)

PRESETS = (
    _preset(
        "Six, tuned alike",
        True,
        "Each rule has twelve trials of η. BFGS, which needs none, leads, and each of its five "
        "leads survives the bands.",
        _every_lead_survives,
    ),
    _preset(
        "η as it comes",
        False,
        "One trial each, the default: RMSProp is last of six. With twelve trials it is the first "
        "after BFGS. Much of a ranking is tuning.",
        _last_becomes_first,
        trials=1,
    ),
    _preset(
        "Three starts",
        False,
        "The same with three starts for twelve: two of the five leads survive. The others may be "
        "luck.",
        _two_of_five_survive,
        starts=3,
    ),
    _preset(
        "Noisy gradients",
        True,
        "RMSProp leads surely over gradient descent and the heavy ball; its lead over Adam does "
        "not survive.",
        _noise_hides_the_difference,
        compared=("gd", "heavy_ball", "rmsprop", "adam"),
        noise=1.0,
        repeats=2,
    ),
    _preset(
        "Is curvature worth it?",
        True,
        "A Hessian counts as one evaluation: at that price Newton leads, before the trust region, "
        "and all its leads survive. In many dimensions the price is another.",
        _newton_pays,
        compared=("newton", "bfgs", "trust_region", "lbfgs", "nelder_mead", "adam"),
    ),
)
