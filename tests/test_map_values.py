"""Maps hand their values to the browser: what is read there is what was computed."""

import base64
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gdviz.figures.map_values import MapAxis, MapPart, steps_parts, with_values
from gdviz.optimize import SURFACES
from gdviz.topics.descent import charts as descent_charts
from gdviz.topics.race import charts as race_charts


def values_of(figure: go.Figure, part: int, shape: tuple[int, ...]) -> np.ndarray:
    said = figure.layout.meta["map"]["parts"][part]
    kind = "<i2" if said["whole"] else "<f4"
    return np.frombuffer(base64.b64decode(said["data"]), kind).reshape(shape)


def test_values_are_kept_whole_or_as_small_floats():
    x, y = MapAxis("η", np.geomspace(0.1, 10, 3), log=True), MapAxis("x", np.linspace(-1, 1, 2))
    whole, part = np.array([[1, -2, 30_000], [4, 5, 6]]), np.array([[0.5, np.nan, np.inf]] * 2)
    parts = [MapPart(whole, "", " steps", {-2: "diverges"}), MapPart(part, "L = ")]
    figure = with_values(go.Figure(), x, y, parts)
    said = figure.layout.meta["map"]
    assert (said["x"]["n"], said["x"]["log"], said["y"]["first"]) == (3, True, -1.0)
    assert said["parts"][0]["words"] == {"-2": "diverges"}
    np.testing.assert_array_equal(values_of(figure, 0, (2, 3)), whole)
    np.testing.assert_array_equal(values_of(figure, 1, (2, 3)), part.astype("f4"))
    assert with_values(go.Figure(), x, None, parts).layout.meta["map"]["y"] is None
    large = with_values(go.Figure(), x, y, [MapPart(np.full((2, 3), 40_000))])
    np.testing.assert_array_equal(values_of(large, 0, (2, 3)), np.full((2, 3), 40_000))


def test_the_maps_say_steps_ends_and_visits():
    steps, code = np.array([[3, -1, -1]]), np.array([[1, 0, -1]])
    (part,) = steps_parts(steps, code)
    assert part.values.tolist() == [[3, -1, -2]] and part.words[-2] == "diverges"
    problem = SURFACES["himmelblau"]
    minimum, taken = np.array([[0, 1], [-1, -2]]), np.array([[5, 7], [-1, 2]])
    figure: Any = race_charts.basin_image(problem, minimum, taken, problem.minima)
    np.testing.assert_array_equal(values_of(figure, 0, (2, 2)), minimum)
    words = figure.layout.meta["map"]["parts"][0]["words"]
    assert words["0"] == "to (3, 2)" and words["-2"] == "diverges"
    x = np.array([[0.5, 0.5, np.nan], [0.2, -0.9, 0.2]])
    visits = descent_charts.bifurcation(np.array([0.1, 0.2]), x, (-1.0, 1.0), bins=4)
    np.testing.assert_array_equal(values_of(visits, 0, (4, 2)), [[0, 1], [0, 0], [0, 2], [2, 0]])
    assert visits.layout.meta["map"]["parts"][0]["after"] == " of 3 visits"
