"""The presets of the room *matrices*, and why each is worth seeing."""

from dataclasses import replace
from functools import partial

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.topics.backprop.matrices.iteration import rounds_at
from gdviz.topics.backprop.matrices.settings import Matrices, MatricesRun, run
from gdviz.topics.backprop.matrices.verdict import directions, steps_to_learn

_preset = partial(preset, Matrices)


def _in_turn(spec: Matrices, done: MatricesRun) -> bool:
    """Gradient descent from the largest on, Muon and Shampoo from the least on."""
    found = {name: steps_to_learn(one, done.target) for name, one in done.runs.items()}
    all_there = all((steps >= 0).all() for steps in found.values())
    down = (np.diff(found["gd"]) > 0).all()
    up = all((np.diff(found[name]) < 0).all() for name in ("muon", "shampoo"))
    many = directions(done.runs["muon"]) > 2 * directions(done.runs["gd"])
    return bool(all_there and down and up and many)


def _swings(spec: Matrices, done: MatricesRun) -> bool:
    """The end of Muon's loss is far above the falling η's, and does not fall any more."""
    muon = done.runs["muon"].losses
    falling = run(replace(spec, fade="linear")).runs["muon"].losses
    flat = np.median(muon[-20:]) > 0.3 * np.median(muon[len(muon) // 2 :][:20])
    return bool(flat and muon[-20:].min() > 100 * falling[-1])


def _settles(spec: Matrices, done: MatricesRun) -> bool:
    muon = done.runs["muon"]
    return bool(muon.losses[-1] < 1e-4 and (steps_to_learn(muon, done.target) >= 0).all())


def _left_behind(spec: Matrices, done: MatricesRun) -> bool:
    """Five rounds of the converging pattern leave the least σ under a third of the largest."""
    muon = done.runs["muon"]
    last = rounds_at(spec, muon, 0).values[-1]
    steep = rounds_at(replace(spec, pattern="steep"), muon, 0).values[-1]
    learnt = (steps_to_learn(muon, done.target) >= 0).all()
    return bool(last[-1] < last[0] / 3 and steep[-1] > 2 * last[-1] and learnt)


def _lowest_in_its_basis(spec: Matrices, done: MatricesRun) -> bool:
    ends = {name: one.losses[-1] for name, one in done.runs.items()}
    return bool(ends["soap"] < min(ends.values()) * 1.001 and ends["soap"] < ends["adam"] / 3)


def _narrow(spec: Matrices, done: MatricesRun) -> bool:
    kept = [np.sum(one.values[-1] > 1e-9) for one in done.runs.values()]
    floor = 0.5 * np.sum(done.target[spec.between :] ** 2)
    above = all(one.losses.min() >= 0.999 * floor for one in done.runs.values())
    return bool(max(kept) == spec.between < len(done.target) and above)


def _far_from_white(spec: Matrices, done: MatricesRun) -> bool:
    gd, shampoo = (done.runs[name].losses for name in ("gd", "shampoo"))
    return bool(shampoo[-1] < gd[-1] / 10)


def _lost(spec: Matrices, done: MatricesRun) -> bool:
    muon = done.runs["muon"]
    swings = muon.losses[-1] > muon.losses.min() and (steps_to_learn(muon, done.target) < 0).all()
    return bool(done.runs["gd"].lost and not muon.lost and swings)


PRESETS = (
    _preset(
        "One after another",
        True,
        "Gradient descent learns the singular values of the target in turn, the largest first. "
        "Muon and Shampoo go about as fast in all directions, so the least is learned first.",
        _in_turn,
    ),
    _preset(
        "η falls",
        True,
        "With an η that falls to 0 Muon's swings die out: its loss ends below 0.0001, with all "
        "singular values learned.",
        _settles,
        fade="linear",
    ),
    _preset(
        "Muon swings",
        False,
        "All steps of Muon are about equally long. With a constant, large η the loss stops "
        "falling, more than a hundred times above where a falling η ends.",
        _swings,
        racers=("gd", "muon"),
        eta_muon=0.1,
    ),
    _preset(
        "The other a, b, c",
        True,
        "Those that converge to 1 raise small singular values slowly: at the first update five "
        "rounds leave the least under a third of the largest. All are learned none the less. See "
        "Newton–Schulz, round by round.",
        _left_behind,
        racers=("muon",),
        pattern="exact",
        fade="linear",
    ),
    _preset(
        "Inputs far from white",
        True,
        "One matrix, inputs of condition 100: the loss of Shampoo ends at less than a tenth of "
        "that of gradient descent.",
        _far_from_white,
        net="one",
        condition=100.0,
        lowest=0.5,
    ),
    _preset(
        "Adam in another basis",
        True,
        "The same inputs: SOAP is Adam in the eigenbasis of Shampoo. At these η it ends lowest of "
        "the four, at less than a third of Adam's loss.",
        _lowest_in_its_basis,
        racers=("gd", "adam", "shampoo", "soap"),
        net="one",
        condition=100.0,
        lowest=0.5,
    ),
    _preset(
        "Two units between",
        False,
        "W₂W₁ has rank 2, the target 4: no method gets below what the two lost singular values "
        "cost, half the sum of their squares.",
        _narrow,
        between=2,
        lowest=0.3,
        fade="linear",
    ),
    _preset(
        "Too fast for descent",
        False,
        "At the same η of 3 gradient descent diverges. Muon only swings: the length of its step "
        "does not grow with the gradient.",
        _lost,
        racers=("gd", "muon"),
        net="one",
        eta_gd=3.0,
        eta_muon=3.0,
    ),
)
