"""The rate of the playground: η over the steps as it was trained with, and the range test."""

import numpy as np
import pytest
from cases import each
from visit import Visit

from gdviz.learn import train
from gdviz.learn.network import flat, forward
from gdviz.optimize.range_test import RangeTest
from gdviz.topics.backprop.brought import first_params
from gdviz.topics.backprop.rates import STEPS, WINDOW, is_rated, range_test_of, rates_of
from gdviz.topics.backprop.settings import Playground, data_of, table_of
from gdviz.topics.backprop.training import run

SMALL = Playground(hidden="3", n=40, method="gd", epochs=12, activation="tanh")


def test_the_range_test_is_a_training_step_by_step() -> None:
    """Each loss is that after one more epoch of gradient descent by hand, with the next rate."""
    data, params = data_of(SMALL), first_params(SMALL)
    found = range_test_of(SMALL)
    assert len(found.rates) == STEPS and tuple(found.rates[[0, -1]]) == pytest.approx(WINDOW)
    np.testing.assert_allclose(np.diff(np.log(found.rates)), np.log(1e6) / (STEPS - 1))
    x = table_of(SMALL, data.x)
    for k in range(100):
        done = train(params, x, data.y, lr=float(found.rates[k]), epochs=1)
        params = done.params
        z = forward(params, x, "tanh")[:, 0]
        assert found.f[k] == pytest.approx(np.mean(np.logaddexp(0, z) - data.y * z), rel=1e-9)
    assert found.f.min() < 0.9 * found.f[0] and found.lowest > 0.01


@each("more", [{"batch": 7}, {"method": "adam", "schedule": "cosine"}, {"loss": "cross_entropy"}])
def test_the_range_test_of_other_settings(more) -> None:
    spec = Playground(**{**vars(SMALL), **more})
    found = range_test_of(spec)
    assert STEPS <= len(found.rates) == len(found.f) < STEPS + 10
    assert np.isfinite(found.f[:50]).all() and found.f.min() < found.f[0]
    assert "lost" in RangeTest(found.rates, np.full(len(found.rates), np.inf)).in_words()


@each("schedule", ["warmup_cosine", "one_cycle", "cosine", "constant"])
def test_the_rates_drawn_are_those_that_it_was_trained_with(schedule) -> None:
    """Gradient descent by hand at each rate that is drawn ends where the page ended."""
    spec = Playground(**{**vars(SMALL), "schedule": schedule})
    params, data = first_params(spec), data_of(spec)
    for rate in filter(None, rates_of(spec)):  # a warm-up begins with a step of no length
        params = train(params, table_of(spec, data.x), data.y, lr=float(rate), epochs=1).params
    np.testing.assert_allclose(flat(params), run(spec).path[-1], rtol=0, atol=1e-12)


def test_the_views_say_what_they_show() -> None:
    link = "backprop_method=gd&backprop_n=40&backprop_epochs=12&backprop_schedule=one_cycle"
    steps = Visit("backprop", f"{link}&backprop_view=rate")
    assert "12 steps, 1 an epoch: one cycle" in steps.words()
    test = Visit("backprop", f"{link}&backprop_view=range")
    assert "150 steps whose η grows" in test.words() and "Without the schedule" in test.words()
    assert not is_rated(Playground(method="newton")) and is_rated(Playground(method="rprop"))
