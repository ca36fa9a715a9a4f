"""Race and descent show what decides a step: its rate, its direction, its damping, its slope."""

import base64
import re
from typing import Any

import numpy as np
import pytest
from cases import NO_WARNINGS

from gdviz.figures.scene import Reading, Segments
from gdviz.optimize import FUNCTIONS, SURFACES, descend, function, race
from gdviz.optimize.surfaces import quadratic
from gdviz.topics.descent import charts
from gdviz.topics.descent.damping import damping_of, damping_words
from gdviz.topics.race import charts as race_charts
from gdviz.topics.race.figure import REACH, race_scene
from gdviz.topics.race.settings import Race
from tests.cases import each

pytestmark = NO_WARNINGS


def decoded(array: Any) -> np.ndarray:
    return np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"])


def test_rates_are_those_that_the_schedule_sets_and_those_that_are_taken():
    entries = {"gd": {"lr": 0.02}, "backtracking": {"lr": 1.0}, "bfgs": {}, "adam": {"lr": 0.3}}
    steps = 12
    runs = race(
        SURFACES["himmelblau"], (-1.0, 2.0), entries, steps=steps, stop=None, schedule="cosine"
    )
    data = race_charts.rates(runs)["data"]
    lines = {name: data[2 * i : 2 * i + 2] for i, name in enumerate(runs)}
    given, taken = (decoded(line["y"]) for line in lines["gd"])
    cosine = [0.02 * (1 + np.cos(np.pi * k / steps)) / 2 for k in range(steps)]
    np.testing.assert_allclose(given, cosine, rtol=1e-6)
    np.testing.assert_allclose(taken, cosine, rtol=1e-5)  # gradient descent takes what is set
    given, taken = (decoded(line["y"]) for line in lines["backtracking"])
    assert np.allclose(given, 1.0), "no schedule moves a search"
    np.testing.assert_allclose(np.log2(taken), np.round(np.log2(taken)), atol=1e-5)  # halved
    tried = runs["backtracking"].tried[1:]
    np.testing.assert_allclose(taken, 0.5 ** (tried - 1.0), rtol=1e-5)
    assert np.isnan(decoded(lines["bfgs"][0]["y"])).all(), "BFGS has no rate"
    assert len({len(decoded(line["y"])) for line in data}) == 1


def test_conjugate_directions_are_drawn_and_conjugate_on_a_bowl():
    bowl = quadratic(20.0, 30.0)
    run = race(bowl, (-2.5, 0.5), {"conjugate_gradient": {"c2": 0.01}}, steps=6)[
        "conjugate_gradient"
    ]
    scene = race_scene({"conjugate_gradient": run}, Race(overlays=()))
    (cosine,) = (x.values for x in scene.layers if isinstance(x, Reading) and "p₋" in x.name)
    one, before = run.direction[1], run.direction[0]
    hessian = bowl.hess(np.zeros(2))
    size = np.sqrt((one @ hessian @ one) * (before @ hessian @ before))
    assert cosine[1] == pytest.approx(one @ hessian @ before / size, abs=1e-12)
    assert np.isnan(cosine[0]) and abs(cosine[1]) < 0.05 < abs(np.cos(np.pi / 4))
    arrows = {x.name: x for x in scene.layers if isinstance(x, Segments)}
    now, last = arrows["direction p"], arrows["direction before, p₋"]
    assert np.isnan(last.x1[0]).all() and np.isfinite(last.x1[1]).all()
    for k, arrow, direction in ((1, now, one), (1, last, before)):
        drawn = np.array([arrow.x1[k, 0] - run.x[k, 0], arrow.y1[k, 0] - run.x[k, 1]])
        assert drawn @ direction == pytest.approx(np.hypot(*drawn) * np.hypot(*direction))
        assert 0 < np.hypot(*(drawn / np.ptp(bowl.box, axis=1))) <= REACH + 1e-9


@each(
    "a, beta, word",
    [
        (0.1, 0.9, "underdamped"),
        (0.1, 0.2, "overdamped"),
        (0.25, 0.25, "critically damped"),
        (1.8, 0.05, "overdamped"),
        (3.9, 0.9, "not damped"),
        (1.5, 0.6, "underdamped"),
    ],
)
def test_the_damping_in_words_is_that_of_the_run(a: float, beta: float, word: str):
    """The truth is the run on x²/2 itself: how often it crosses 0, how its error shrinks."""
    run = descend(function("x**2/2"), [1.0], "heavy_ball", lr=a, momentum=beta, steps=60, stop=None)
    said, x = damping_words(a, beta, 1.0), run.x[:, 0]
    assert f"**{word}**" in said and said in damping_of(run)
    crossings = int((np.sign(x[1:]) != np.sign(x[:-1])).sum())
    if word == "not damped":
        assert abs(x[-1]) > 10
        return
    factor = float(re.search(r"factor (\S+) a step", said)[1])  # type: ignore[index]
    shrink = (np.abs(x[-9:]).max() / np.abs(x[21:30]).max()) ** (1 / 31)
    assert shrink == pytest.approx(factor, rel=0.05)
    if word == "underdamped":
        period = float(re.search(r"once in (\S+) steps", said)[1])  # type: ignore[index]
        assert crossings == pytest.approx(2 * 60 / period, abs=2)
    else:
        alternating = "side to side" in said
        assert crossings == (60 if alternating else crossings) and (alternating or crossings <= 1)


def test_no_minimum_or_a_flat_one_has_no_damping():
    run = descend(function("x**4"), [1.0], "heavy_ball", lr=0.01, steps=5)
    assert "no damping" in damping_of(run)
    assert damping_of(descend(function("x"), [1.0], "heavy_ball", lr=0.01, steps=5)) == ""


def test_the_cobweb_says_its_slope_at_every_minimum():
    well, lr, h = FUNCTIONS["double_well"], 0.1, 1e-6
    box = well.box[0]
    slopes = charts.map_slopes(well, lr, box)
    assert len(slopes) == 2

    def T(x: float) -> float:
        return x - lr * float(well.grad([x])[0])

    for x, slope in slopes.items():
        assert slope == pytest.approx((T(x + h) - T(x - h)) / (2 * h), abs=1e-5)
    tangents, told = charts.cobweb(well, lr, np.array([0.5]), box).data[-2:]
    assert list(told.text) == [f"{s:.3g}" for s in slopes.values()]
    assert list(told.x) == list(told.y) == list(slopes)
    x, y = np.array(tangents.x[:3], float), np.array(tangents.y[:3], float)
    np.testing.assert_allclose(np.diff(y) / np.diff(x), list(slopes.values())[0])
    assert y[1] == pytest.approx(T(x[1])), "it touches the map where it meets the diagonal"
    assert charts.map_slopes(function("x"), lr, (-1.0, 1.0)) == {}
