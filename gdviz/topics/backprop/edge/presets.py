"""The presets of the edge of stability, and why each is worth seeing."""

from dataclasses import replace
from functools import partial

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.topics.backprop.edge.settings import EdgeOfStability, EdgeRun, run
from gdviz.topics.backprop.edge.verdict import largest_rise, stay_of

_preset = partial(preset, EdgeOfStability)


def _climbs_and_hovers(spec: EdgeOfStability, done: EdgeRun) -> bool:
    """From under half of the limit past it; after a jump of the loss, near it for a third."""
    stay, share = stay_of(done), done.sharp / done.limit
    climbs = share[0] < 0.5 and stay.reached > 20 and share.max() > 1.2
    jumps = (done.losses[1:] / done.losses[:-1]).max() > 1.5
    return bool(climbs and jumps and stay.hovers and done.losses[-1] < done.losses[0] / 10)


def _swings(spec: EdgeOfStability, done: EdgeRun) -> bool:
    stay = stay_of(done)
    return bool(stay.hovers and stay.rises > 50 and done.losses[-1] < done.losses[0] / 10)


def _stays_below(spec: EdgeOfStability, done: EdgeRun) -> bool:
    stay = stay_of(done)
    return bool(stay.reached < 0 and stay.rises == 0 and stay.high < 0.7)


def _follows(spec: EdgeOfStability, done: EdgeRun) -> bool:
    """η changes, and the sharpness goes where its new limit is, within a tenth."""
    before = np.median(done.sharp[spec.turn - 50 : spec.turn])
    after = np.median(done.sharp[-50:])
    near = abs(after / done.limit[-1] - 1) < 0.1 and abs(before / done.limit[0] - 1) < 0.2
    return bool(spec.factor >= 1.3 and near and after < 0.85 * before)


def _is_lost(spec: EdgeOfStability, done: EdgeRun) -> bool:
    grows = bool((np.diff(done.losses) > 0).all())
    return bool(done.lost and grows and done.sharp[0] > 3 * done.limit[0])


def _same_but_sharper(spec: EdgeOfStability, done: EdgeRun) -> bool:
    plain = run(replace(spec, rescale=1.0))
    same = abs(done.losses[0] - plain.losses[0]) < 1e-12
    return bool(spec.rescale > 1 and same and done.sharp[0] > 4 * plain.sharp[0])


def _divided(spec: EdgeOfStability, done: EdgeRun) -> bool:
    """The sharpness of P⁻¹H starts far above its limit, and ends within 5 % of it."""
    return bool(
        spec.rule == "rmsprop" and done.sharp[0] > 10 * done.limit[0] and stay_of(done).hovers
    )


def _smooth_middle(spec: EdgeOfStability, done: EdgeRun) -> bool:
    """The loss more than doubles in a step of the path; at the mean it never rises by a tenth."""
    if not len(done.middle):
        return False
    return largest_rise(done.losses) > 1 and largest_rise(done.middle) < 0.1


PRESETS = (
    _preset(
        "Climbs to the edge",
        True,
        "From less than half of 2/η the sharpness climbs past it, until the loss jumps and throws "
        "it back. Then it stays within 5 % of the edge. Drag the handle on the dashed line.",
        _climbs_and_hovers,
    ),
    _preset(
        "Below it",
        True,
        "A third of the rate: the limit is three times as high, and the sharpness never gets "
        "there. The loss falls in every step.",
        _stays_below,
        eta=0.1,
    ),
    _preset(
        "Swinging",
        True,
        "Another network, at the edge from early on: the loss rises in more than fifty steps, and "
        "ends at less than a tenth.",
        _swings,
        task="circle",
        gain=0.7,
        eta=0.4,
        start=3,
    ),
    _preset(
        "The middle of the swings",
        True,
        "The loss more than doubles in a step. At the mean of the weights over 20 steps before and "
        "after it rises by less than a tenth: the path swings about a curve that hardly rises.",
        _smooth_middle,
        task="circle",
        gain=0.7,
        eta=0.4,
        start=3,
        middle=20,
    ),
    _preset(
        "η raised",
        True,
        "From step 300 on η is larger by 40 %: the limit falls, and the sharpness after it.",
        _follows,
        turn=300,
        factor=1.4,
        length=500,
    ),
    _preset(
        "Far beyond",
        False,
        "A limit that is less than a third of the sharpness at the start: the loss grows in every "
        "step, until it is lost.",
        _is_lost,
        eta=4.0,
    ),
    _preset(
        "Sharp, and the same",
        False,
        "The first layer times 5, the next one over 5: the same outputs and the same loss, and "
        "more than four times as sharp. Sharpness alone says nothing of a function.",
        _same_but_sharper,
        unit_kind="relu",
        gain=1.0,
        rescale=5.0,
        eta=0.05,
    ),
    _preset(
        "RMSProp's edge",
        True,
        "It divides the gradient, so what counts is P⁻¹H: it begins more than ten times too sharp, "
        "and ends at 2/η.",
        _divided,
        rule="rmsprop",
        eta=0.005,
    ),
)
