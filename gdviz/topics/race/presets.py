"""The presets of the optimizer race: settings worth seeing, each with its reason."""

from collections.abc import Mapping
from typing import Any

from gdviz.catalogue.preset import Preset, every_knob
from gdviz.topics.race.settings import NO_STOP, Race, changed_knobs


def _preset(label: str, good: bool, reason: str, hyper: Mapping[str, Any], **values: Any) -> Preset:
    """A preset sets every knob, those it does not name to their defaults."""
    every = every_knob(Race, values)
    own = changed_knobs(
        every["methods"], [(name, tuple(pairs.items())) for name, pairs in hyper.items()]
    )
    return Preset(label, good, reason, every | {"hyper": own})


PRESETS = (
    _preset(
        "The banana",
        True,
        "Rosenbrock's valley: finding it is easy, following it is not. Newton bends with it.",
        {"gd": {"lr": 0.001}, "heavy_ball": {"lr": 0.0005}, "adam": {"lr": 0.1}},
        surface="rosenbrock",
        x0=-1.5,
        y0=2.0,
        methods=("gd", "heavy_ball", "adam", "bfgs", "newton"),
        steps=300,
    ),
    _preset(
        "Four valleys",
        True,
        "One start, one surface, and not all methods end in the same minimum.",
        {
            "gd": {"lr": 0.01},
            "heavy_ball": {"lr": 0.005},
            "adam": {"lr": 0.4},
            "rprop": {"lr": 0.1},
        },
        surface="himmelblau",
        x0=-0.3,
        y0=0.6,
        methods=("gd", "heavy_ball", "adam", "rprop", "newton"),
        steps=150,
    ),
    _preset(
        "Ill-conditioned",
        True,
        "A narrow, tilted bowl: gradient descent zigzags, momentum averages it out, "
        "Adam's axes do not fit the tilt.",
        {"gd": {"lr": 0.018}, "heavy_ball": {"lr": 0.03, "momentum": 0.7}, "adam": {"lr": 0.2}},
        surface="rotated_bowl",
        x0=-3.0,
        y0=1.5,
        methods=("gd", "heavy_ball", "adam", "conjugate_gradient"),
        steps=200,
    ),
    _preset(
        "Saddle",
        False,
        "Started on the ridge, gradient descent runs into the saddle; it leaves only by rounding.",
        {"gd": {"lr": 0.1}, "newton_plain": {}},
        surface="saddle",
        x0=1.5,
        y0=0.0,
        methods=("gd", "newton_plain"),
        steps=100,
    ),
    _preset(
        "Too fast",
        False,
        "The same η for all, beyond 2/λmax of the wall: those that feel the slope are lost.",
        {"gd": {"lr": 0.003}, "heavy_ball": {"lr": 0.003}, "adam": {"lr": 0.003}},
        surface="rosenbrock",
        x0=-1.5,
        y0=2.0,
        methods=("gd", "heavy_ball", "adam"),
        steps=100,
    ),
    _preset(
        "AdamW is not Adam + L2",
        True,
        "The same decay, once on the weights and once in the gradient, where Adam divides it away.",
        {
            "adam": {"lr": 0.05, "weight_decay": 0.1},
            "adamw": {"lr": 0.05, "weight_decay": 0.1},
        },
        surface="rosenbrock",
        x0=-1.5,
        y0=2.0,
        methods=("adam", "adamw"),
        steps=400,
        stop=NO_STOP,
    ),
    _preset(
        "Noise",
        True,
        "Stochastic gradients: a constant rate never settles, a decaying one does.",
        {"gd": {"lr": 0.05}, "adam": {"lr": 0.15}},
        surface="bowl",
        x0=-3.0,
        y0=1.5,
        methods=("gd", "adam"),
        noise=3.0,
        schedule="cosine",
        steps=300,
        stop=NO_STOP,
    ),
    _preset(
        "No derivatives",
        True,
        "Nelder-Mead's simplex crawls like an amoeba; it asks for values only.",
        {},
        surface="himmelblau",
        x0=0.5,
        y0=-4.0,
        methods=("nelder_mead", "bfgs"),
        steps=80,
    ),
)
