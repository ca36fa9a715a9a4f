"""The presets of the loss landscape, and why each is worth seeing."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.backprop.landscape.settings import Landscape, LandscapeRun
from gdviz.topics.backprop.landscape.verdict import FLAT

_preset = partial(preset, Landscape)


def _nearly_inside(spec: Landscape, done: LandscapeRun) -> bool:
    """Less than two hundredths are outside, and at the start the plane has another loss."""
    other = done.flat_losses[0] < 0.7 * done.losses[0]
    return bool(spec.plane == "path" and done.seen.outside < 0.02 and other)


def _leaves_at_once(spec: Landscape, done: LandscapeRun) -> bool:
    first = done.losses[0] > 5 * done.flat_losses[0]
    return bool(spec.plane == "random" and done.seen.outside > 0.95 and first)


def _heights(done: LandscapeRun) -> tuple[float, float]:
    """Return the barriers before and after the matching; none where there is one network."""
    if done.twin is None:
        return 0.0, 0.0
    before, after = done.twin.barriers
    return before.height, after.height


def _only_names(spec: Landscape, done: LandscapeRun) -> bool:
    before, after = _heights(done)
    return bool(before > done.losses[0] and after < FLAT * done.losses[0])


def _stays(spec: Landscape, done: LandscapeRun) -> bool:
    before, after = _heights(done)
    return bool(before > 0.5 * done.losses[0] and 0.9 < after / before < 1)


def _worse(spec: Landscape, done: LandscapeRun) -> bool:
    before, after = _heights(done)
    return bool(before > 0.1 and after > 4 / 3 * before)


PRESETS = (
    _preset(
        "Nearly all inside",
        True,
        "Less than 2 % of the path's squared distances lies outside its own plane. Even so, at the "
        "start the loss in the plane is a third lower than on the path.",
        _nearly_inside,
    ),
    _preset(
        "A random plane",
        False,
        "More than 95 % lies outside: these are the surroundings of the end, not the way there. "
        "At the start the path's loss is more than five times that of the plane.",
        _leaves_at_once,
        plane="random",
    ),
    _preset(
        "Only names",
        True,
        "Between two trainings the loss climbs higher than before any training. With B's hidden "
        "units in the places of those of A that they are like, there is no barrier.",
        _only_names,
        plane="pair",
        cloud="circle",
        wide=32,
    ),
    _preset(
        "A real barrier",
        False,
        "Four units a network, and no order of B's is like A's: matched, more than nine "
        "tenths of the barrier stay.",
        _stays,
        plane="pair",
        wide=4,
    ),
    _preset(
        "Nearer, and worse",
        False,
        "The nearest weights are not those with the lowest line: matching raises the barrier by "
        "more than a third.",
        _worse,
        plane="pair",
        cloud="circle",
        wide=4,
    ),
)
