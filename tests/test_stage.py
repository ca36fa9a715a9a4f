"""The stage without a browser: its message says what the still shows; forged hands are refused."""

import json
import math
import struct
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from cases import NO_WARNINGS, each

from gdviz.figures.ghosts import pinned_run, with_ghosts
from gdviz.figures.hand import from_text
from gdviz.figures.marks import with_marks
from gdviz.figures.scene import (
    ARRAYS,
    Cells,
    Cursor,
    Edges,
    Handle,
    Image,
    Labels,
    Line,
    Points,
    Polygon,
    Reading,
    Scene,
    Segments,
    Track,
)
from gdviz.figures.static import static_figure
from gdviz.figures.style import DIVERGING
from gdviz.figures.wire_format import pack
from gdviz.optimize import FUNCTIONS, descend, latex
from gdviz.topics.descent.figure import curve, descent_scene
from gdviz.ui.stage import Hand, background_message, parse_hand, parse_step

NAN = math.nan
LAYERS = [
    Track("path", [0.0, 1.0, 2.0, 1.5], [5.0, 4.0, 1.0, 0.5], symbol="triangle", dash="dot"),
    Track("slope", [0.0, 1.0], [-1.0, 3.0], panel=1, labels=("x", "f′")),
    Track("kept", [3.0, 2.0, 1.0], [1.0, 1.0, 2.0], kind="ghost"),
    Segments("tangent", [[0.0], [1.0]], [[1.0], [2.0]], [[2.0], [3.0]], [[4.0], [5.0]]),
    Segments("two", [[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8, 9], [1, 2]], [[3, 4], [5, 6]]),
    Points("trials", [[1.0, NAN], [2.0, 3.0]], [[1.0, NAN], [4.0, 9.0]], panel=1),
    Polygon("triangle", [[0, 1, 1], [1, 2, 2]], [[0, 0, 1], [3, 3, 4]]),
    Cursor("x", [0.0, 1.0, 2.0, 1.5]),
    Reading("f", [5.0, 4.0, 1.0, 0.5]),
    Points("sized", [[1.0, 2.0]], [[0.0, 1.0]], sizes=[[3.0, 5.0]], tips=("one", "other")),
    Line("curve", [[0.0, 1.0, NAN, 2.0]], [[1.0, 2.0, NAN, 0.0], [2.0, 1.0, NAN, 5.0]], width=3),
    Labels("words", [[0.0, 1.0]], [[1.0, 1.0]], (("a", "b"), ("c", "d"), ("e", "f"), ("g", ""))),
]
CORNERS = ([[0.0, 1.0]], [[0.0, 0.0]], [[1.0, 2.0]], [[1.0, 1.0]])
HANDLE = Handle("start", "start </script> “x”", 1.25, -2.0, "x", 1, curve=0, live=False)


def decode(message: bytes) -> dict[str, Any]:
    """Read a message as its description in stage.js says, with nothing of scene.py."""
    (length,) = struct.unpack_from("<I", message)
    head = json.loads(message[4 : 4 + length].decode("utf-8"))
    body = message[4 + length :]
    assert (4 + length) % 4 == 0
    numbers = struct.unpack_from(f"<{head['floats']}f", body)
    pixels = body[4 * head["floats"] :]
    for layer in head["layers"]:
        for name, place in layer.items():
            if isinstance(place, dict) and "bytes" in place:
                start, rows, columns = place["bytes"]
                layer[name] = np.frombuffer(pixels, "u1", rows * columns, start).reshape(
                    rows, columns
                )
            if isinstance(place, list):
                start, rows, columns = place
                layer[name] = np.array(numbers[start : start + rows * columns]).reshape(
                    rows, columns
                )
    return head


def row(table: np.ndarray, k: int) -> np.ndarray:
    return table[min(k, len(table) - 1)]


def drawn(layer: dict[str, Any], k: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The points that a layer of a message shows at step k, as one list with gaps."""
    if layer["kind"] == "track":
        return layer["x"][: k + 1, 0], layer["y"][: k + 1, 0]
    if layer["kind"] == "ghost":
        return layer["x"][:, 0], layer["y"][:, 0]
    if layer["kind"] == "segments":
        ends = [row(layer[name], k) for name in ("x0", "x1", "y0", "y1")]
        gap = np.full_like(ends[0], NAN)
        return (
            np.column_stack([ends[0], ends[1], gap]).ravel(),
            np.column_stack([ends[2], ends[3], gap]).ravel(),
        )
    if layer["kind"] in ("points", "polygon", "line", "labels"):
        return row(layer["x"], k), row(layer["y"], k)
    return None


def assert_same(message: bytes, figure: go.Figure, skip: int, k: int) -> None:
    """The traces that `still` adds after the background's show the numbers of the message."""
    shown = [(layer, drawn(layer, k)) for layer in decode(message)["layers"]]
    expected = [(layer, points) for layer, points in shown if points is not None]
    traces = figure.data[skip:]
    assert len(traces) == len(expected)
    for trace, (layer, (x, y)) in zip(traces, expected, strict=True):
        assert trace.name == layer["name"]
        suffix = "" if layer["panel"] == 0 else str(layer["panel"] + 1)
        assert (trace.xaxis, trace.yaxis) == (None, f"y{suffix}")
        np.testing.assert_allclose(np.asarray(trace.x, float), x, rtol=1e-6)
        np.testing.assert_allclose(np.asarray(trace.y, float), y, rtol=1e-6)


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_the_message_shows_what_the_still_shows(k: int):
    scene = Scene(LAYERS)
    message = pack(with_marks(scene, go.Figure()))
    assert_same(message, static_figure(go.Figure(), scene, k), 0, k)


@pytest.mark.parametrize("method", latex.RULES)
def test_the_page_of_each_method_is_sent_as_it_is_drawn(method: str):
    problem = FUNCTIONS["double_well"]
    run = descend(problem, [1.7], method, steps=12)
    pinned = pinned_run(descent_scene({"gd": descend(problem, [-1.0], "gd", steps=5)}))
    scene = with_ghosts(descent_scene({method: run}), [("kept", pinned)])
    background = curve(problem, -2.2, 2.2, [1.1309])
    for k in range(scene.steps + 1):
        still = static_figure(background, scene, k)
        assert_same(pack(with_marks(scene, background)), still, len(background.data), k)


def test_a_still_without_a_step_is_the_last_one():
    scene = Scene(LAYERS)
    assert static_figure(go.Figure(), scene) == static_figure(go.Figure(), scene, scene.steps)


def test_a_still_leaves_its_background_as_it_was():
    background = go.Figure(go.Scatter(x=[1], y=[2]))
    before = background.to_json()
    static_figure(background, Scene(LAYERS))
    assert background.to_json() == before


def test_a_still_draws_the_cursor_at_its_step():
    figure = static_figure(go.Figure(), Scene(LAYERS), 2)
    assert [(s.x0, s.x1) for s in figure.layout.shapes] == [(2.0, 2.0)]


def test_the_header_says_all_that_is_not_an_array():
    scene = Scene(LAYERS, (HANDLE,), "alt “text”")
    head = decode(pack(scene, background="abc", step=None, large=True))
    assert head["steps"] == scene.steps == 3
    assert (head["alt"], head["background"], head["step"], head["large"]) == (
        "alt “text”",
        "abc",
        None,
        True,
    )
    assert head["handles"] == [{**HANDLE._asdict(), "knobs": []}]
    for layer, entry in zip(LAYERS, head["layers"], strict=True):
        for name, value in layer._asdict().items():
            if name == "labels":
                assert entry[name] == {"0": value[0], "1": value[1]}
            elif isinstance(value, tuple):
                assert [tuple(v) if isinstance(v, list) else v for v in entry[name].values()] == [
                    *value
                ]
            elif name in ARRAYS and value is not None:
                given = np.asarray(value, np.float32).reshape(len(value), -1)
                np.testing.assert_array_equal(entry[name], given)
            else:
                assert entry[name] == value


# --- layers that are coloured by value ----------------------------------------


def test_a_picture_is_sent_as_bytes_between_its_ends():
    pixels = np.array([[[-1.0, 0.0, 1.0], [NAN, -5.0, 5.0]], [[0.5, 0.25, 0.0], [0.0, 0.0, 0.0]]])
    scene = Scene([LAYERS[0], Image("map", 0, 3, 0, 2, pixels), LAYERS[1]])
    layer = decode(pack(scene))["layers"][1]
    assert (layer["columns"], scene.steps) == (3, 3)
    np.testing.assert_array_equal(layer["pixels"][0], [0, 127, 254, 255, 0, 254])
    shown = -1 + layer["pixels"][1] / 127
    np.testing.assert_allclose(shown, pixels[1].ravel(), atol=0.5 / 127)


def test_the_still_of_a_picture_has_a_pixel_s_middle_where_the_pixel_is():
    trace = static_figure(
        go.Figure(), Scene([Image("map", 0, 4, 10, 20, np.zeros((1, 5, 2)))])
    ).data[0]
    assert list(trace.x) == [1, 3] and list(trace.y) == [11, 13, 15, 17, 19]
    assert (trace.zmin, trace.zmax) == (-1, 1) and trace.colorscale[0][1] == DIVERGING[0]


def test_the_still_of_cells_has_a_rectangle_a_value_and_none_where_there_is_none():
    cells = Cells("weights", *CORNERS, [[-1.0, NAN], [1.0, 1.0]])
    first, second = (static_figure(go.Figure(), Scene([cells]), k).data for k in (0, 1))
    assert len(first) == len(second) == 1
    np.testing.assert_array_equal(first[0].x, [0, 1, 1, 0, NAN])
    np.testing.assert_array_equal(second[0].x, [0, 1, 1, 0, NAN, 1, 2, 2, 1, NAN])
    colors = [sum(int(c) << s for c, s in zip(_rgb(t.fillcolor), (16, 8, 0), strict=True))
              for t in (first[0], second[0])]  # fmt: skip
    assert [f"#{c:06X}" for c in colors] == [DIVERGING[0], DIVERGING[-1]]


def _rgb(color: str) -> list[str]:
    return color.removeprefix("rgb(").removesuffix(")").split(",")


def test_the_still_of_edges_says_sign_by_colour_and_size_by_width():
    edges = Edges("net", *CORNERS, [[-0.5, 2.0]], most=2.0)
    drawn = static_figure(go.Figure(), Scene([edges])).data
    assert [t.line.color for t in drawn] == [DIVERGING[0], DIVERGING[-1]]
    assert drawn[0].line.width < drawn[1].line.width == 5.5
    assert list(drawn[1].y[:2]) == [0.0, 1.0]


def test_a_shaded_line_goes_down_to_its_base_and_is_broken_where_it_is_broken():
    line = Line("density", [[0.0, 1.0, NAN, 2.0, 3.0]], [[1.0, 2.0, NAN, 4.0, 5.0]], fill=-1.0)
    shade, curve = static_figure(go.Figure(), Scene([line])).data
    np.testing.assert_array_equal(shade.x, [0, 0, 1, 1, NAN, 2, 2, 3, 3, NAN])
    np.testing.assert_array_equal(shade.y, [-1, 1, 2, -1, NAN, -1, 4, 5, -1, NAN])
    assert (shade.fill, curve.mode) == ("toself", "lines")


def test_panels_stand_above_each_other_or_beside():
    above = go.Figure(layout={"yaxis2": {}})
    beside = go.Figure(layout={"xaxis2": {"anchor": "y2"}, "yaxis2": {}})
    scene = Scene([Line("curve", [[0.0]], [[0.0]], panel=1)])
    assert [static_figure(f, scene).data[0].xaxis for f in (above, beside)] == [None, "x2"]


@NO_WARNINGS
def test_huge_and_missing_numbers_pass_through():
    track = Track("far", np.array([1e300, -1e300, NAN]), np.array([0.0, 1.0, 2.0]))
    layer = decode(pack(Scene([track])))["layers"][0]
    np.testing.assert_array_equal(layer["x"][:, 0], [math.inf, -math.inf, NAN])


def test_a_header_that_is_no_json_is_refused():
    with pytest.raises(ValueError):
        pack(Scene([]), step=NAN)


def test_the_steps_of_a_scene_are_those_of_its_longest_layer():
    assert Scene([]).steps == 0
    assert Scene([Track("point", [1.0], [1.0])]).steps == 0
    assert Scene(LAYERS[1:2]).steps == 1
    assert Scene(LAYERS).steps == 3


# --- the background ----------------------------------------


def test_equal_backgrounds_have_equal_ids():
    problem = FUNCTIONS["wavy"]
    tags = [background_message(curve(problem, -6, 6, [1.0]))[0] for _ in range(2)]
    assert tags[0] == tags[1]
    others = [
        background_message(figure)[0]
        for figure in (
            curve(problem, -6, 6, [1.5]),
            curve(problem, -6, 5, [1.0]),
            curve(problem, -6, 6, [1.0], large=True),
            curve(FUNCTIONS["parabola"], -6, 6, [1.0]),
        )
    ]
    assert len({tags[0], *others}) == 5


def test_a_background_message_is_json_with_its_id():
    figure = curve(FUNCTIONS["parabola"], -3, 3, [0.0])
    tag, message = background_message(figure)
    told = json.loads(message)
    assert message[:1] == b"{" and told["id"] == tag
    assert [trace["name"] for trace in told["figure"]["data"]] == ["f", "f′", "minimum"]


def test_no_scene_can_be_taken_for_a_background():
    """The component tells them apart by the first byte, the low byte of the header's length."""
    for filler in range(64):
        message = pack(Scene(LAYERS, (), "x" * filler))
        assert message[:1] != b"{"


# --- what the browser says ----------------------------------------

SOUND = {"id": "start", "x": 1.5, "y": -2, "down": True, "n": 7}


def test_a_sound_hand_is_read():
    assert parse_hand({"hand": SOUND}) == Hand("start", 1.5, -2.0, True, 7)
    assert parse_hand({"hand": SOUND | {"down": 1}}) == Hand("start", 1.5, -2.0, False, 7)
    assert parse_hand({"hand": SOUND, "step": "nonsense"}) is not None
    assert parse_hand({"hand": SOUND | {"shift": True}}).shift
    assert not parse_hand({"hand": SOUND | {"shift": 1}}).shift


NO_HANDS = ["", "a", "a,1", "a,1,b", "a,nan,1", "a,1,1e301", "x" * 41 + ",1,1"]


@pytest.mark.parametrize("text", NO_HANDS)
def test_a_hand_in_a_query_that_is_none_is_none(text: str):
    assert from_text(text) is None


HOSTILE = [NAN, math.inf, -math.inf, 1e300, -1e308, 10**400, True, None, "1", [1], {"x": 1}, b"1"]


@each("value", HOSTILE)
@each("part", ["x", "y"])
def test_a_hand_off_the_map_is_refused(part: str, value: object):
    assert parse_hand({"hand": SOUND | {part: value}}) is None


@pytest.mark.parametrize("value", [*HOSTILE, -1, 2**53, 1.0, 0.5], ids=lambda v: repr(v)[:20])
def test_a_count_that_is_none_is_refused(value: object):
    assert parse_hand({"hand": SOUND | {"n": value}}) is None


@pytest.mark.parametrize("value", [None, 1, True, ["start"], "x" * 41], ids=lambda v: repr(v)[:20])
def test_a_name_that_is_none_is_refused(value: object):
    assert parse_hand({"hand": SOUND | {"id": value}}) is None


@pytest.mark.parametrize("part", ["id", "x", "y", "n"])
def test_a_hand_with_a_part_missing_is_refused(part: str):
    assert parse_hand({"hand": {k: v for k, v in SOUND.items() if k != part}}) is None


@pytest.mark.parametrize("state", [None, {}, 1, "hand", [], {"hand": None}, {"hand": [1, 2]}])
def test_a_state_without_a_hand_is_no_hand(state: object):
    assert parse_hand(state) is None


@pytest.mark.parametrize(
    ("k", "of", "shown"),
    [
        (0, 10, 0),
        (3, 10, 3),
        (10, 10, 25),  # the end stays the end when the run gets longer
        (11, 10, 25),
        (0, 0, 25),
        (40, 60, 25),  # a run that has become shorter is shown to its own end
        (2**53 - 1, 2**53 - 1, 25),
    ],
)
def test_the_step_shown(k: int, of: int, shown: int):
    assert parse_step({"step": {"k": k, "of": of}}, 25) == shown


@each("value", [*HOSTILE, -1, 2**53, 3.0])
@each("part", ["k", "of"])
def test_a_forged_step_is_the_last_one(part: str, value: object):
    assert parse_step({"step": {"k": 3, "of": 10} | {part: value}}, 25) == 25


@pytest.mark.parametrize("state", [None, {}, "step", {"step": None}, {"step": {"k": 3}}])
def test_no_step_is_the_last_one(state: object):
    assert parse_step(state, 25) == 25
