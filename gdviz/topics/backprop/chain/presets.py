"""The presets of the chain rule."""

from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.topics.backprop.chain.settings import Chain

_preset = partial(preset, Chain)


PRESETS = (
    _preset(
        "One neuron", True, "A weight, a bias, an activation and a squared error: all there is."
    ),
    _preset(
        "Used twice",
        True,
        "x goes two ways, so two gradients come back and are added: the step most forgotten.",
        expression="x*x + sin(x)",
        values="x=1.3",
    ),
    _preset(
        "Logistic loss",
        True,
        "Cross-entropy of a logit: at the end the gradient by z = w·x + b is σ(z) − y, whatever z.",
        expression="softplus(w*x + b) - y*(w*x + b)",
        values="w=0.7, x=2, b=-0.5, y=1",
    ),
    _preset(
        "Two layers",
        True,
        "Two neurons deep: the gradient of the first weight is a product of all slopes on its way.",
        expression="(v*tanh(w*x + b) + c - y)^2",
        values="v=1.5, w=0.6, x=1, b=0.2, c=-0.3, y=0.5",
    ),
    _preset(
        "Saturated",
        False,
        "Far out the sigmoid is flat: its local slope is almost 0, and nothing passes through.",
        expression="(sigmoid(w*x) - y)^2",
        values="w=4, x=3, y=0",
    ),
)
