"""Presets of the playground: settings that learn, settings that do not, and why."""

from dataclasses import replace
from functools import partial

import numpy as np

from gdviz.catalogue.preset import preset
from gdviz.topics.backprop.settings import Playground, Result
from gdviz.topics.backprop.studies import health
from gdviz.topics.backprop.training import run


def _learns(spec: Playground, found: Result) -> bool:
    return bool(found.train_score[-1] > 0.95)


def _nearly_every_start(spec: Playground, found: Result) -> bool:
    """Of ten starts at least nine find the way."""
    scores = [run(replace(spec, seed=seed)).train_score[-1] for seed in range(10)]
    return sum(score > 0.9 for score in scores) >= 9


def _one_cut(spec: Playground, found: Result) -> bool:
    return found.sizes == (1, 1) and _learns(spec, found)


def _stuck(spec: Playground, found: Result) -> bool:
    return bool(abs(found.train_loss[-1] - np.log(2)) < 0.01)


def _hears_nothing(spec: Playground, found: Result) -> bool:
    return bool(
        found.train_score[-1] < 0.7 and abs(found.train_loss[-1] - found.train_loss[1]) < 0.1
    )


def _still_ln_2(spec: Playground, found: Result) -> bool:
    """At ln 2 to the end, as good as guessing; Xavier's weights at the same η are better."""
    xavier = run(replace(spec, scheme="xavier"))
    better = xavier.train_loss[-1] < 0.65 and xavier.train_score[-1] > 0.75
    guesses = found.train_score[-1] < 0.6
    return found.sizes == (3, 4, 1) and _stuck(spec, found) and bool(better and guesses)


def _dies(spec: Playground, found: Result) -> bool:
    """At the end more than half of the units are zero for every sample: most that ever were."""
    still = health(spec, found).still.sum(axis=1)
    return bool(still[-1] > sum(found.sizes[1:-1]) / 2 and still[-1] > 0.8 * still.max())


def _by_heart(spec: Playground, found: Result) -> bool:
    return bool(found.train_loss[-1] < 0.05 and found.test_loss[-1] > 1.5 * found.test_loss.min())


_preset = partial(preset, Playground)

PRESETS = (
    _preset(
        "Circle",
        True,
        "Straight cuts, bent by tanh, close into a ring: watch the units of the first layer become "
        "its sides.",
        _learns,
    ),
    _preset(
        "XOR",
        True,
        "No straight line separates it: two hidden units could. Four find the way from nearly "
        "every start.",
        _nearly_every_start,
        data="xor",
        hidden="4",
        lr=0.05,
        epochs=300,
    ),
    _preset(
        "Spiral, He + ReLU",
        True,
        "Weights of variance 2/fan-in keep the signal through ReLU layers that halve it.",
        _learns,
        data="spiral",
        hidden="8, 8, 6",
        activation="relu",
        scheme="he",
        lr=0.01,
        epochs=800,
        share=0.8,
    ),
    _preset(
        "The product is enough",
        True,
        "With x₁x₂ as an input, XOR is one straight cut: the right feature spares hidden units.",
        _one_cut,
        data="xor",
        features=("product",),
        hidden="0",
        lr=0.1,
        epochs=200,
    ),
    _preset(
        "Stuck at ln 2",
        False,
        "Weights of 0.01 under a sigmoid: all units say the same, the output stays at 1/2, and the "
        "loss at ln 2 = 0.693.",
        _stuck,
        data="xor",
        hidden="4",
        activation="sigmoid",
        scheme="normal",
        method="gd",
        lr=0.3,
        epochs=500,
    ),
    _preset(
        "The tutorial's own [3, 4, 1]",
        False,
        "On its data Σx > 0, with its weights of 0.01 and η = 0.01: after 1000 epochs the loss is "
        "still ln 2, while Xavier's weights have begun to learn. The picture is the slice x₃ = 0.",
        _still_ln_2,
        data="sum",
        features=("x1", "x2", "x3"),
        n=110,
        share=0.9,
        hidden="4",
        activation="sigmoid",
        scheme="normal",
        method="gd",
        lr=0.01,
        epochs=1000,
    ),
    _preset(
        "Too deep for sigmoids",
        False,
        "Each sigmoid shrinks the gradient at least four times: after six layers the first one "
        "hears nothing. See “Health of the layers”.",
        _hears_nothing,
        data="circle",
        hidden="8, 8, 8, 8, 8, 8",
        activation="sigmoid",
        method="gd",
        lr=0.5,
        epochs=500,
    ),
    _preset(
        "Dead ReLUs",
        False,
        "Large steps push units below zero for every sample: their gradient is zero, so that "
        "hardly one comes back.",
        _dies,
        data="circle",
        hidden="8, 8",
        activation="relu",
        scheme="he",
        lr=1.0,
        epochs=200,
    ),
    _preset(
        "Learning by heart",
        False,
        "Few noisy samples and many units: the training loss falls, the test loss rises.",
        _by_heart,
        data="moons",
        n=60,
        noise=0.3,
        share=0.5,
        hidden="8, 8",
        lr=0.05,
        epochs=800,
        test=True,
    ),
)
