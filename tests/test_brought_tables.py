"""A table of more than two features in the playground: two are the plane, the others are held."""

from dataclasses import replace

import numpy as np
import pytest
from cases import each
from visit import Visit

from gdviz.figures.hand import Hand
from gdviz.learn import forward
from gdviz.learn.network import unflat
from gdviz.learn.point_tables import read_csv
from gdviz.queries import from_query, to_query
from gdviz.server.live_scene import live
from gdviz.topics.backprop import settings as topic
from gdviz.topics.backprop.controls import with_table
from gdviz.topics.backprop.figure import picture
from gdviz.topics.backprop.hand import apply_hand, with_axis
from gdviz.topics.backprop.history import extend_history
from gdviz.topics.backprop.inputs import MORE, names_offered
from gdviz.topics.backprop.link import (
    FeatureRange,
    columns_in,
    columns_text,
    most_points,
    points_in,
)
from gdviz.topics.backprop.outputs import slice_told
from gdviz.topics.backprop.settings import OWN, Playground, data_of, inputs_offered
from gdviz.topics.backprop.training import run


def table(d: int = 4, n: int = 40) -> bytes:
    """Return a file whose class is that of x₃, the column that comes first."""
    rng = np.random.default_rng(d)
    rows = rng.uniform(0, 100, (n, d)).round(1)
    head = ",".join([*(f"f{k}" for k in range(d)), "kind"])
    lines = [",".join([*map(str, row), "ab"[int(row[0] > 50)]]) for row in rows.tolist()]
    return "\n".join([head, *lines]).encode()


def brought(d: int = 4) -> Playground:
    base = Playground(data=OWN, epochs=60, hidden="3", share=0.8)
    return with_table(base, read_csv(table(d)))


def test_all_features_of_a_table_are_learnt_from() -> None:
    spec = brought()
    assert spec.features == ("x1", "x2", "x3", "x4") and data_of(spec).x.shape[1] == 4
    assert [c.name for c in spec.columns] == ["f2", "f3", "f0", "f1"]
    done = run(spec)
    assert done.sizes == (4, 3, 1) and done.train_score[-1] > 0.95
    blind = run(replace(spec, features=("x1", "x2")))
    assert blind.train_score[-1] < 0.9, "the class is that of a column off the picture"
    assert inputs_offered(spec) == ("x1", "x2", "x3", "x4")
    kept = with_table(replace(spec, features=("x1", "product", "x4")), read_csv(table(2)))
    assert kept.features == ("x1", "product"), "of two features the inputs stay as they are"
    assert names_offered(3, ("x1",))[-1] == "x3" and "product" in names_offered(2, ("x1",))


@each("d", [2, 3, 6])
def test_a_link_says_the_table_again(d) -> None:
    spec = brought(d)
    again = from_query(Playground, to_query(spec))
    assert again == spec and len(again.points) == 40 and len(again.columns) == d
    np.testing.assert_array_equal(run(again).path, run(spec).path)


def test_the_picture_is_the_slice_at_what_is_held() -> None:
    spec = replace(brought(), held_x3=-2.5, held_x4=1.0)
    done = run(spec)
    (image,) = [one for one in picture(spec).scene.layers if one.kind == "image" and one.panel == 1]
    size = image.pixels.shape[1]
    for i, j in ((0, 0), (7, 61), (99, 50)):
        x = [(j + 0.5) * 12 / size - 6, (i + 0.5) * 12 / size - 6, -2.5, 1.0]
        z = forward(unflat(done.path[-1], done.sizes), np.array([x]) / 3, "tanh")[0, 0]
        assert image.pixels[-1, i, j] == pytest.approx(np.tanh(z / 2), abs=1e-5)
    assert run(replace(spec, held_x3=4.0)).path is done.path, "what is held trains nothing anew"
    left, right = (image_of(replace(spec, held_x3=v)).mean() for v in (-5.0, 5.0))
    assert left < -0.5 < 0.5 < right, "the class is that of f0"
    assert live("backprop", to_query(spec)).status_code == 200
    gone = replace(spec, past=())
    assert extend_history(replace(gone, held_x3=1.0), gone, 5, True).past == ()


def image_of(spec: Playground) -> np.ndarray:
    drawn = picture(spec).scene.layers
    return [one for one in drawn if one.kind == "image" and one.panel == 1][0].pixels[-1]


def test_what_is_held_is_told_in_the_values_of_the_table() -> None:
    spec = brought()
    low, high = spec.columns[2].low, spec.columns[2].high
    told = slice_told(replace(spec, held_x3=5.0))
    assert f"f0 = {high:g} (x₃ = 5)" in told and "most of them lie off the slice" in told
    assert FeatureRange("a", low, high).own(-5.0) == low
    assert slice_told(Playground()) == ""
    third = Playground(data="sum", features=("x1", "x2", "x3"), held_x3=2.0)
    assert "the slice where x₃ = 2." in slice_told(third)
    forged = replace(spec, columns=spec.columns[:2])
    assert "f0" not in slice_told(forged) and "x₃ = 0" in slice_told(forged)


def test_two_columns_change_places() -> None:
    spec = brought()
    moved = with_axis(spec, 0, 2)
    assert [c.name for c in moved.columns] == ["f0", "f3", "f2", "f1"]
    before, after = (np.array(one.points) for one in (spec, moved))
    np.testing.assert_array_equal(after, before[:, [2, 1, 0, 3, 4]])
    assert with_axis(moved, 0, 2) == spec
    both = with_axis(spec, 1, 0)
    assert [c.name for c in both.columns][:2] == ["f3", "f2"]


def test_a_click_adds_a_point_of_the_slice() -> None:
    spec = replace(brought(), held_x3=1.5)
    added = apply_hand(spec, Hand("point", 2.0, -3.0), 0.0)
    assert added.points[-1] == (2.0, -3.0, 1.5, 0.0, 0.0)
    x, y = spec.points[0][:2]
    assert len(apply_hand(spec, Hand("point", x, y, shift=True)).points) == 39


@each(
    "text",
    ["a,1", "a,1,2", "a,1,nan;b,1,2", "<b>,1,2;b,1,2", "a,1e999,2;b,1,2", "a,1,2;" * 90, ";", ""],
)
def test_columns_that_are_not_sound_are_none(text) -> None:
    assert columns_in(text) == ()


def test_points_of_a_link_are_alike_bounded_and_inside() -> None:
    mixed = "1,2,0;1,2,3,1;3,4,1;9,0,1;1,2,3,4,5,6,7,1"
    assert points_in(mixed) == ((1.0, 2.0, 0.0), (3.0, 4.0, 1.0))
    assert points_in("1,2,9,0;1,2,-9,1;1,2,3,1") == (), "held coordinates lie in the window, too"
    many = ";".join(["1,2,3,4,5,6,1"] * 299)
    assert len(points_in(many)) == most_points(6) == 128
    assert columns_text(columns_in("a b,0,1;c,2,3.5")) == "a b,0,1;c,2,3.5"
    assert set(topic.HELD) == {f"held_{name}" for name in MORE}


def test_a_file_on_the_page_gives_dials_and_a_choice_of_the_plane() -> None:
    spec = brought()
    visit = Visit("backprop", {f"backprop_{k}": v for k, v in asked(spec).items()}, menus=False)
    labels = [one.label for one in visit.at.number_input]
    assert "f0 (x₃) held at" in labels and "f1 (x₄) held at" in labels
    assert any("The picture is the slice where f0" in one.value for one in visit.at.text)
    (first,) = [one for one in visit.at.selectbox if one.label == "x₁ is"]
    first.set_value("f0").run()
    assert not visit.at.exception
    assert visit.query()["backprop_columns"].startswith("f0,")
    assert [one.value for one in visit.at.selectbox if one.label.endswith(" is")] == ["f0", "f3"]


def asked(spec: Playground) -> dict[str, list[str]]:
    from urllib.parse import parse_qs

    return parse_qs(to_query(spec))
