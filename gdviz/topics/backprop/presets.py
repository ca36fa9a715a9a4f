"""Presets of the playground: settings that learn, settings that do not, and why."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.backprop.settings import Playground

_preset = partial(preset, Playground)

PRESETS = (
    _preset(
        "Circle",
        True,
        "Straight cuts, bent by tanh, close into a ring: watch the units of the first layer become "
        "its sides.",
    ),
    _preset(
        "XOR",
        True,
        "No straight line separates it: two hidden units could. Four find the way from nearly "
        "every start.",
        data="xor",
        hidden="4",
        lr=0.05,
        epochs=300,
    ),
    _preset(
        "Spiral, He + ReLU",
        True,
        "Weights of variance 2/fan-in keep the signal through ReLU layers that halve it.",
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
        data="xor",
        hidden="4",
        activation="sigmoid",
        scheme="normal",
        method="gd",
        lr=0.3,
        epochs=500,
    ),
    _preset(
        "Too deep for sigmoids",
        False,
        "Each sigmoid shrinks the gradient at least four times: after six layers the first one "
        "hears nothing. See “Health of the layers”.",
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
        "One large step pushes units below zero for every sample: their gradient is zero, so they "
        "never come back.",
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
