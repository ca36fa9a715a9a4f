"""The presets of the page *natural_gradient*: settings worth seeing, good and bad."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.natural_gradient.settings import NaturalGradient, start_of

_preset = partial(preset, NaturalGradient)

PRESETS = (
    _preset(
        "One natural path",
        True,
        "In three parametrisations the natural paths all but coincide; the plain ones do not.",
    ),
    _preset(
        "Small steps",
        True,
        "The smaller the rate, the closer the natural paths: they follow one curve.",
        lr=0.02,
        steps=150,
        coordinates=("own", "logs", "natural", "expectation"),
        shown="natural",
    ),
    _preset(
        "One step",
        True,
        "In expectation parameters a natural step of rate 1 is the maximum likelihood itself.",
        lr=1.0,
        coordinates=("expectation", "own"),
        shown="natural",
        steps=10,
    ),
    _preset(
        "A gamma",
        True,
        "Shape and scale are correlated: the plain gradient creeps along the valley.",
        family="gamma",
        **start_of("gamma"),
    ),
    _preset(
        "It is IRLS",
        True,
        "The natural step of logistic regression is a step of reweighted least squares.",
        room="logistic",
    ),
    _preset(
        "Empirical misleads",
        False,
        "With the labels that were seen in place of the model's, the steps never settle.",
        room="logistic",
        fisher="empirical",
        n=20,
        seed=7,
    ),
    _preset(
        "Too sure",
        False,
        "From confident wrong weights the Fisher matrix is small, and a full step flies away.",
        room="logistic",
        w0=3.0,
        w1=4.0,
    ),
    _preset(
        "Separable",
        False,
        "No finite weights are best: each step makes them longer, and the Fisher matrix vanishes.",
        room="logistic",
        data="separable",
    ),
    _preset(
        "A network",
        True,
        "A few natural steps do what the plain gradient does not do in sixty.",
        room="network",
        steps=60,
    ),
    _preset(
        "Singular",
        True,
        "One feature given twice: a direction is not seen, and the step is the shortest there is.",
        room="logistic",
        data="doubled",
        w0=2.0,
        w1=-2.0,
    ),
)
