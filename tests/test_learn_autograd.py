"""The tape against sympy, differences and closed forms; long chains; bad input."""

import math
from typing import Any

import numpy as np
import pytest
import sympy
from cases import each

from gdviz.expressions import FormulaError, formula
from gdviz.expressions.parse import ARITY
from gdviz.learn import Value, gradients, tape
from gdviz.learn import autograd as ag
from gdviz.learn.graph import evaluate
from gdviz.topics.backprop.chain.presets import PRESETS
from gdviz.topics.backprop.chain.settings import (
    Chain,
    differences,
    moments,
    names_in,
    run,
    values_in,
)

EXPRESSIONS = [
    ("(tanh(w*x + b) - y)**2", {"w": 1.2, "x": 0.8, "b": -0.4, "y": 1.0}),
    ("x*x + sin(x)/x - exp(-x)", {"x": 1.3}),
    ("x**y + y**x", {"x": 1.7, "y": 2.3}),
    ("softplus(w*x) - y*w*x", {"w": 0.7, "x": 2.0, "y": 1.0}),
    ("max(x, y, x*y) + min(x, 2)", {"x": 1.5, "y": 3.0}),
    ("-x^2 + 2/(1 + e^(-x)) + pi", {"x": 0.4}),
    ("atan2(y, x)*sqrt(x^2 + y^2)", {"x": -1.0, "y": 2.0}),
]


@pytest.mark.parametrize("text, inputs", EXPRESSIONS)
def test_gradients_are_those_of_the_formulas(text: str, inputs: dict[str, float]):
    """The same text by another road: symbolic derivatives instead of a walk backward."""
    graph = tape(text, **inputs)
    exact = formula(text, tuple(inputs))
    assert graph.value == pytest.approx(float(exact.value(*inputs.values())), rel=1e-14)
    assert list(graph.grad.values()) == pytest.approx(exact.gradient(*inputs.values()), rel=1e-12)
    assert differences(graph) == pytest.approx([node.grad for node in graph], rel=1e-6, abs=1e-8)


@each("name", [n for n, (least, _) in ARITY.items() if least == 1])
def test_every_function_of_one_argument_has_its_slope(name: str):
    x = 1.3 if name == "acosh" else 0.37
    node = tape(f"{name}(x)", x=x).output
    assert node.local[0] == pytest.approx(
        formula(f"{name}(x)").gradient(x)[0], rel=1e-12, abs=1e-15
    )
    assert node.value == pytest.approx(float(formula(f"{name}(x)").value(x)), rel=1e-14)


def test_a_node_knows_value_local_slopes_and_gradient():
    graph = tape("(a + b)*a", a=2.0, b=3.0)
    assert [n.name for n in graph] == ["a", "b", "v1", "v2"]
    assert (graph["v1"].value, graph["v1"].local, graph["v1"].grad) == (5.0, (1.0, 1.0), 2.0)
    assert graph["v2"].local == (2.0, 5.0) and graph.output is graph[-1]
    assert graph["a"].children == (2, 3) and graph["a"].grad == 2.0 + 5.0  # summed over children
    assert graph.grad == {"a": 7.0, "b": 2.0}
    for node in graph:
        if node.children:
            sent = sum(
                graph[c].grad * local
                for c in node.children
                for p, local in zip(graph[c].parents, graph[c].local, strict=True)
                if graph[p] is node
            )
            assert node.grad == pytest.approx(sent)


def test_a_value_used_twice_in_one_operation_counts_twice():
    assert tape("x*x", x=3.0).grad == {"x": 6.0}
    assert tape("x - x", x=3.0).grad == {"x": 0.0}
    x = Value(2.0)
    assert gradients(x * x * x)[x] == 12.0


def test_an_unused_input_has_no_gradient():
    assert tape("x", x=1.0, y=2.0).grad == {"x": 1.0, "y": 0.0}
    assert tape("3", x=1.0).grad == {"x": 0.0}


def test_a_long_chain_is_no_deeper_than_a_short_one():
    x = Value(1.0)
    total = x
    for _ in range(20_000):
        total = total + x
    assert gradients(total)[x] == 20_001.0
    assert tape("x" + "+x" * 1500, x=2.0).grad == {"x": 1501.0}
    assert tape(lambda x: sum([x] * 3000, Value(0.0)), x=1.0).grad == {"x": 3000.0}


def test_arrays_broadcast_and_their_gradients_are_summed_back():
    graph = tape("w*x + b", w=2.0, x=np.array([1.0, 2.0, 4.0]), b=0.5)
    assert graph.grad["w"] == 7.0 and graph.grad["b"] == 3.0
    np.testing.assert_array_equal(graph.grad["x"], [2.0, 2.0, 2.0])
    rng = np.random.default_rng(0)
    A, b = Value(rng.standard_normal((4, 3))), Value(rng.standard_normal((1, 2)))
    W = Value(rng.standard_normal((3, 2)))
    found = gradients(ag.tanh(A @ W + b).mean())
    slope = (1 - np.tanh(A.data @ W.data + b.data) ** 2) / 8
    np.testing.assert_allclose(found[W], A.data.T @ slope, atol=1e-15)
    np.testing.assert_allclose(found[b], slope.sum(axis=0, keepdims=True), atol=1e-15)
    np.testing.assert_allclose(
        gradients((A.sum(axis=0) ** 2).sum())[A], np.tile(2 * A.data.sum(axis=0), (4, 1))
    )
    np.testing.assert_allclose(gradients((np.ones((4, 3)) * A - 2).sum())[A], 1.0)


@pytest.mark.parametrize("left", [2.0, np.array([1.0, 2.0])])
def test_numbers_on_the_left(left: Any):
    x = Value(3.0)
    for value, slope in ((left + x, 1), (left - x, -1), (left * x, left), (left / x, -left / 9)):
        assert gradients(value)[x] == pytest.approx(np.sum(np.broadcast_to(slope, np.shape(left))))
    assert gradients(2.0**x)[x] == pytest.approx(8 * math.log(2))


def test_a_stranger_has_no_gradient():
    with pytest.raises(KeyError):
        gradients(Value(1.0) * 2)[Value(1.0)]
    with pytest.raises(KeyError):
        tape("x", x=1.0)["y"]


@pytest.mark.parametrize(
    "text", ["", "x +", "y", "__import__('os')", "x.real", "lambda: x", "x if x else 1"]
)
def test_what_is_no_formula_is_refused(text: str):
    with pytest.raises(FormulaError):
        tape(text, x=1.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, "one", None])
def test_inputs_are_finite_numbers(value: Any):
    with pytest.raises(ValueError, match="the input x"):
        tape("x + 1", x=value)


# --- the room of the chain rule -------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.label)
def test_the_walk_ends_with_every_value_and_gradient(preset: Any):
    graph = run(Chain(**preset.values))
    walk = moments(graph)
    inner = sum(bool(node.parents) for node in graph)
    assert len(walk) == 2 * inner + 2
    assert walk[0].values == tuple(None if n.parents else n.value for n in graph)
    assert walk[inner].values == tuple(n.value for n in graph) and walk[inner].forward
    assert walk[-1].grads == pytest.approx([n.grad for n in graph])
    for node in graph:  # what is evaluated again is the same
        if node.parents:
            parts = [graph[p].value for p in node.parents]
            assert float(evaluate(node.op, *parts)) == node.value
    assert differences(graph) == pytest.approx([n.grad for n in graph], rel=1e-5, abs=1e-8)


def test_a_shared_input_is_said_to_add_up():
    walk = moments(run(Chain("x*x + sin(x)", "x=1.3")))
    assert "is used more than once" in walk[-1].sentence
    assert r"\mathrel{+}=" in walk[-1].formula


def test_the_logit_gradient_of_the_cross_entropy_is_sigma_minus_y():
    graph = run(Chain("softplus(z) - y*z", "z=0.9, y=1"))
    z = sympy.Float(0.9)
    assert graph.grad["z"] == pytest.approx(float(1 / (1 + sympy.exp(-z)) - 1))


def test_names_and_values_of_a_visitor():
    assert names_in("sin(x1) + 2e3*ab - pi*e") == ("x1", "ab")
    assert values_in("x=1.5, y = −2, z=abc, =3, w=1e99") == {"x": 1.5, "y": -2.0}


@pytest.mark.parametrize(
    "spec, words",
    [
        (Chain("1 + 2", ""), "no input"),
        (Chain("a+b+c+d+f+g+h+k+m", ""), "at most 8"),
        (Chain("abc + 1", ""), "letters"),
        (Chain("1/x", "x=0"), "no finite"),
        (Chain("+".join(["x*x"] * 20), "x=1"), "at most 26"),
    ],
)
def test_a_graph_that_cannot_be_drawn_is_refused_in_words(spec: Chain, words: str):
    with pytest.raises(FormulaError, match=words):
        run(spec)
