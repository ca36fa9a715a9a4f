"""The playground checks each gradient by differences, and has the tutorial's network and data."""

from urllib.parse import parse_qsl

import numpy as np
from cases import NO_WARNINGS
from test_pages import assert_clean, open_page
from visit import Visit

from gdviz.learn.toy_datasets import KINDS, samples
from gdviz.queries import to_query
from gdviz.topics.backprop.figure import scene_of
from gdviz.topics.backprop.gradient_check import gradient_check
from gdviz.topics.backprop.presets import PRESETS
from gdviz.topics.backprop.settings import Playground, inputs_offered, replace
from gdviz.topics.backprop.studies import slopes, spaces
from gdviz.topics.backprop.training import run
from tests.cases import each

pytestmark = NO_WARNINGS
TUTORIAL = next(p for p in PRESETS if "[3, 4, 1]" in p.label)


@each(
    "changes",
    [
        {},
        {"loss": "mse", "l2": 0.1},
        {"loss": "cross_entropy", "activation": "gelu", "batch": 7},
        {"data": "bumps", "hidden": "0"},
        {"data": "sum", "features": ("x1", "x2", "x3"), "activation": "sigmoid"},
    ],
)
def test_the_gradient_of_every_weight_is_its_finite_difference(changes):
    spec = Playground(**{"n": 40, "epochs": 20, "hidden": "3, 2", **changes})
    result = run(spec)
    for row in (0, len(result.path) - 1):
        found = gradient_check(spec, row)
        np.testing.assert_array_equal(found.gradient, slopes(spec, result)[row])
        assert found.gap < 1e-7, "central differences see what backpropagation says"
        assert len(found.source) == len(found.weight) == result.path.shape[1]
        biases = sum(word == "bias" for word in found.source)
        assert biases == sum(result.sizes[1:]) and found.layer[-1] == len(result.sizes) - 1
    assert not np.array_equal(found.difference, found.gradient), "they are two computations"


def test_the_tutorials_data_are_three_columns_whose_sum_decides():
    x, y = samples("sum", 400, seed=2)
    assert x.shape == (400, KINDS["sum"].columns) == (400, 3)
    np.testing.assert_array_equal(y, x[:, 0] + x[:, 1] + x[:, 2] > 0)
    assert 2.6 < x.std() < 3.0 and np.abs(x).max() == 6.0


def test_the_third_input_is_offered_where_there_is_one_and_its_slice_is_drawn():
    assert "x3" not in inputs_offered(Playground())
    spec = Playground(**TUTORIAL.values)
    assert inputs_offered(spec)[-1] == "x3"
    spec = replace(spec, epochs=3)
    result = run(spec)
    scene = scene_of(spec, result)
    assert {"f_x1", "f_x3"} <= {handle.id for handle in scene.handles}
    assert "f_x3" not in {
        h.id for h in scene_of(Playground(epochs=1), run(Playground(epochs=1))).handles
    }
    found = spaces(spec, result)
    assert found.grid[0].shape[-1] == found.samples[0].shape[-1] == 2


def test_the_page_opens_with_three_inputs_and_the_check():
    query = dict(parse_qsl(to_query(Playground(**TUTORIAL.values), "backprop_")))
    at = open_page("backprop", query | {"backprop_tab": "Numbers"})
    assert_clean(at, "the tutorial's network")
    assert any("finite difference" in frame.value.columns for frame in at.dataframe)


def test_starting_again_forgets_the_history_and_nothing_else() -> None:
    points = "1,2,1;-1,-2,0;2,1,1;-2,-1,0"
    visit = Visit("backprop", {"backprop_data": "own", "backprop_points": points,
                               "backprop_past": "3,gd,0.1,0,0.0,0.0,0.0,0.0"})  # fmt: skip
    assert "goes on from epoch 3" in visit.words()
    visit.press("Start again")
    assert "goes on" not in visit.words() and "backprop_past" not in visit.query()
    assert len(visit.spec().points) == 4
