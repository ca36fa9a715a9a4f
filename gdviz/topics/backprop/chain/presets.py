"""The presets of the chain rule."""

import math
from functools import partial

from gdviz.catalogue.preset import preset
from gdviz.learn.graph import Tape
from gdviz.topics.backprop.chain.settings import Chain, inputs_of


def _all_there_is(spec: Chain, graph: Tape) -> bool:
    return {"w", "b"} <= set(graph.grad)


def _goes_two_ways(spec: Chain, graph: Tape) -> bool:
    x = inputs_of(spec)["x"]
    return math.isclose(graph.grad["x"], 2 * x + math.cos(x))


def _is_sigmoid_minus_y(spec: Chain, graph: Tape) -> bool:
    at = inputs_of(spec)
    z = at["w"] * at["x"] + at["b"]
    return math.isclose(graph.grad["b"], 1 / (1 + math.exp(-z)) - at["y"])


def _is_product(spec: Chain, graph: Tape) -> bool:
    at = inputs_of(spec)
    inner = math.tanh(at["w"] * at["x"] + at["b"])
    outer = 2 * (at["v"] * inner + at["c"] - at["y"])
    return math.isclose(graph.grad["w"], outer * at["v"] * (1 - inner**2) * at["x"])


def _is_flat(spec: Chain, graph: Tape) -> bool:
    return abs(graph.grad["w"]) < 1e-4


_preset = partial(preset, Chain)


PRESETS = (
    _preset(
        "One neuron",
        True,
        "A weight, a bias, an activation and a squared error: all there is.",
        _all_there_is,
    ),
    _preset(
        "Used twice",
        True,
        "x goes two ways, so two gradients come back and are added: easily forgotten.",
        _goes_two_ways,
        expression="x*x + sin(x)",
        values="x=1.3",
    ),
    _preset(
        "Logistic loss",
        True,
        "Cross-entropy of a logit: at the end the gradient by z = w·x + b is σ(z) − y, whatever z.",
        _is_sigmoid_minus_y,
        expression="softplus(w*x + b) - y*(w*x + b)",
        values="w=0.7, x=2, b=-0.5, y=1",
    ),
    _preset(
        "Two layers",
        True,
        "Two neurons deep: the gradient of the first weight is a product of all slopes on its way.",
        _is_product,
        expression="(v*tanh(w*x + b) + c - y)^2",
        values="v=1.5, w=0.6, x=1, b=0.2, c=-0.3, y=0.5",
    ),
    _preset(
        "Saturated",
        False,
        "Far out the sigmoid is flat: its local slope is almost 0, and nothing passes through.",
        _is_flat,
        expression="(sigmoid(w*x) - y)^2",
        values="w=4, x=3, y=0",
    ),
)
