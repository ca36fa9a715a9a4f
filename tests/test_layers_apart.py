"""Each layer may have its activation and its rate: in the library, the compiled loop, the page."""

from typing import Any

import numpy as np
import pytest
from test_topics_backprop import printed

from gdviz.learn import init_params, loss_and_grads, train
from gdviz.learn.autograd import Value, activate, exp, gradients, log
from gdviz.learn.network import unflat
from gdviz.learn.toy_datasets import DataError
from gdviz.queries import from_query, to_query
from gdviz.topics.backprop import Playground, as_python
from gdviz.topics.backprop.gradient_check import gradient_check
from gdviz.topics.backprop.settings import hidden_activations, layer_rates
from gdviz.topics.backprop.studies import health
from gdviz.topics.backprop.training import run
from tests.cases import each

NAMES = ("relu", "softplus", "sigmoid")
RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(30, 2)), (RNG.random(30) > 0.5).astype(float)
PARAMS = init_params([2, 5, 4, 3, 1], "he", 1)


def test_gradients_of_mixed_layers_are_those_of_the_tape() -> None:
    value, grads = loss_and_grads(PARAMS, X, Y, NAMES)
    leaves = [(Value(W), Value(b)) for W, b in PARAMS]
    a = Value(X)
    for (W, b), name in zip(leaves[:-1], NAMES, strict=True):
        a = activate(name, a @ W + b)
    z = a @ leaves[-1][0] + leaves[-1][1]
    total = (log(1 + exp(z)) - Y[:, None] * z).mean()
    found = gradients(total)
    assert value == pytest.approx(float(total.data), abs=1e-12)
    for (dW, db), (W, b) in zip(grads, leaves, strict=True):
        np.testing.assert_allclose(dW, found[W], atol=1e-12)
        np.testing.assert_allclose(db, found[b], atol=1e-12)


@each("rates", [(1.0, 0.5, 0.0, 2.0), (0.0, 0.0, 0.0, 1.0)])
def test_a_layer_moves_at_its_own_rate_and_a_frozen_one_rests(rates: Any) -> None:
    given: dict[str, Any] = {"activation": NAMES, "lr": 0.1, "epochs": 25}
    done = train(PARAMS, X, Y, layer_rates=rates, **given)
    params = PARAMS
    for _ in range(25):
        _, grads = loss_and_grads(params, X, Y, NAMES)
        params = [
            (W - 0.1 * r * dW, b - 0.1 * r * db)
            for (W, b), (dW, db), r in zip(params, grads, rates, strict=True)
        ]
    for (W, b), (W_, b_), r, (W0, _) in zip(params, done.params, rates, PARAMS, strict=True):
        np.testing.assert_allclose(W_, W, atol=1e-12)
        np.testing.assert_allclose(b_, b, atol=1e-12)
        assert (r == 0) == np.array_equal(W_, W0)
    plain, ones = (train(PARAMS, X, Y, layer_rates=r, **given) for r in (None, (1, 1, 1, 1)))
    np.testing.assert_array_equal(plain.path, ones.path)


@each(
    "more, words",
    [
        ({"activation": ("tanh",)}, "1 activations for 3"),
        ({"activation": ("tanh", "relu", "step")}, "unknown activation"),
        ({"layer_rates": (1.0, 2.0)}, "4 finite numbers"),
        ({"layer_rates": (1.0, 2.0, -1.0, 1.0)}, "4 finite numbers"),
        ({"layer_rates": (1.0, 1.0, 1.0, 1.0), "method": "newton"}, "one step for all"),
    ],
)
def test_what_does_not_fit_is_a_sentence(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        train(PARAMS, X, Y, **{"epochs": 1, **more})


def test_the_page_takes_both_and_tells_the_same_everywhere() -> None:
    spec = Playground(
        hidden="4, 3, 3", activations="relu, tanh", layer_rates="1, 0.25, 0", epochs=30, n=60
    )
    assert hidden_activations(spec) == ("relu", "tanh", "tanh")
    assert layer_rates(spec) == (1.0, 0.25, 0.0, 0.0)
    result = run(spec)
    first, last = (unflat(result.path[k], result.sizes) for k in (0, -1))
    moved = [not np.array_equal(a[0], b[0]) for a, b in zip(first, last, strict=True)]
    assert moved == [True, True, False, False]
    assert gradient_check(spec, len(result.path) - 1).gap < 1e-6
    assert health(spec, result).word == "dead or saturated"
    assert from_query(Playground, to_query(spec)) == spec
    program = as_python(spec)
    assert "('relu', 'tanh', 'tanh')" in program and "layer_rates=(1.0, 0.25, 0.0, 0.0)" in program
    assert printed(program)[0] == pytest.approx(result.train_loss[-1], rel=1e-9)
    plain = Playground(hidden="4, 3, 3", epochs=30, n=60)
    assert "layer_rates" not in as_python(plain) and "activation='tanh'" in as_python(plain)


@each(
    "text", [{"activations": "tanh, __import__"}, {"layer_rates": "1, -2"}, {"layer_rates": "e9"}]
)
def test_a_text_that_says_nothing_is_refused_with_a_sentence(text: dict[str, str]) -> None:
    with pytest.raises(DataError):
        run(Playground(epochs=1, n=20, **text))
