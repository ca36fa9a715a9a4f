"""Pin and compare: on every page with a run, what was pinned stays beside what runs next."""

from typing import Any

import pytest
from test_pages import with_open_menus
from visit import Visit

from gdviz.catalogue import lookup
from gdviz.figures.ghosts import pinned_run, with_ghosts
from gdviz.figures.scene import Line, Reading, Scene, Track
from gdviz.numerals import number

# By page: what a link asks for, what is changed then, and whether the first run leaves a path.
RUNS: dict[str, tuple[dict[str, str], str, Any, bool]] = {
    "descent": ({}, "lr", 0.02, True),
    "regression": ({}, "lr", 0.01, True),
    "regression_many": ({"room": "many", "updates": "20"}, "l2", 2.0, True),
    "regression_houses": ({"room": "houses", "homes": "baltimore"}, "ridge", 5.0, False),
    "backprop": ({"epochs": "5", "n": "40"}, "lr", 0.1, True),
    "backprop_edge": ({"room": "edge", "length": "20", "units": "3"}, "eta", 0.1, True),
    "backprop_landscape": ({"room": "landscape", "passes": "9"}, "at_a", 0.5, True),
    "backprop_matrices": ({"room": "matrices", "span": "10"}, "eta_gd", 0.1, True),
    "regression_double_descent": ({"room": "double_descent"}, "p", 40, False),
    "race_compare": ({"room": "compare", "starts": "2", "trials": "1"}, "budget", 50, True),
    "race": ({"surface": "bowl", "steps": "10"}, "x0", -1.5, True),
    "integration": ({"rule": "monte_carlo"}, "n", 50, True),
    "importance": ({"n": "200"}, "nu", 2.5, True),
    "mcmc": ({"draws": "150", "burn": "10"}, "sigma", 0.4, False),
    "natural_gradient": ({"steps": "5"}, "lr", 0.3, True),
    "geometry": ({"room": "shoot"}, "time", 2.0, True),
    "recommender": ({"epochs": "3"}, "reg", 0.1, True),
}


def shown(visit: Visit) -> dict[str, list[str]]:
    """Return the table of the page that compares runs."""
    found = [table.value for table in visit.at.dataframe if "run" in table.value.columns]
    return found[0].to_dict("list") if found else {}


@pytest.mark.parametrize("topic", RUNS)
def test_a_pinned_run_stays_beside_the_next(topic: str) -> None:
    asked, knob, value, leaves_a_path = RUNS[topic]
    page = lookup.packages()[topic].split(".")[2]
    visit = Visit(page, {f"{page}_{name}": text for name, text in asked.items()}, menus=False)
    before = pinned_run(lookup.picture_of(visit.spec()).scene)
    assert shown(visit) == {}
    visit.press("Pin this run")
    first = visit.query()
    with_open_menus(visit.at)
    visit.set(knob, value)
    table = shown(visit)
    assert table["run"][0] == "as set now" and table["run"][1].startswith(f"pinned: {knob}=")
    now = pinned_run(lookup.picture_of(visit.spec()).scene)
    for name, words in before.told.items():
        assert table[name] == [now.told.get(name), words], (topic, name)
    assert now.told != before.told, "the change is seen in no number"
    ghosts = [part for part in visit.stages()[0]["layers"] if part["kind"] == "ghost"]
    assert len(ghosts) == len(before.ghosts) and bool(ghosts) == leaves_a_path
    again = Visit(page, first | {f"{page}_{knob}": str(value)}, menus=False)
    assert shown(again) == table, "a link tells the same"
    visit.press("Clear 1")
    assert shown(visit) == {} and f"{page}_pin" not in visit.query()


def test_a_ghost_is_a_path_or_what_grew_and_takes_no_step() -> None:
    grew = [[1.0, float("nan")], [1.0, 2.0]]
    layers = [
        Track("path", [0.0, 1.0, 4.0], [1.0, 2.0, 3.0]),
        Track("walk", [0.0, 1.0, 0.5], [1.0, 2.0, 3.0], tail=2),
        Line("mean so far", grew, grew, panel=1),
        Line("rim", [[0.0, 1.0, 0.0]] * 2, [[0.0, 1.0, 2.0]] * 2),
        Line("curve", [[0.0, 1.0]], [[0.0, 1.0]]),
        Reading("f", [3.0, 0.25]),
    ]
    kept = pinned_run(Scene(layers))
    assert kept.told == {"f": number(0.25)}
    assert [(g.name, g.kind, g.panel) for g in kept.ghosts] == [
        ("path", "ghost", 0),
        ("mean so far", "ghost", 1),
    ]
    short = with_ghosts(Scene(layers[2:3]), [("old", kept), ("older", kept)])
    assert short.steps == 1
    assert [layer.name for layer in short.layers][:3] == [
        "old: path",
        "old: mean so far",
        "older: path",
    ]
    assert [ghost.name for ghost in pinned_run(short).ghosts] == ["mean so far"]


def test_pins_of_a_room_are_not_those_of_another_and_what_cannot_run_is_left_out() -> None:
    pin = ["room=many&updates=20&l2=3.0", "lr=0.01", "data=own&points=x"]
    line = Visit("regression", {"regression_pin": pin}, menus=False)
    assert [words.partition(" ")[0] for words in shown(line)["run"]] == ["as", "pinned:", "pinned:"]
    assert "lr=0.01" in shown(line)["run"][1]
    many = Visit("regression", {"regression_pin": pin, "regression_room": "many"}, menus=False)
    assert "l2=3" in shown(many)["run"][1] and len(shown(many)["run"]) == 2
    bad = ["surface=typed&left=1&right=1", "surface=bowl&steps=9", "surface=beale&steps=9"]
    race = Visit("race", {"race_pin": bad, "race_surface": "bowl"}, menus=False)
    assert len(shown(race)["run"]) == 3
    names = [p["name"] for p in race.stages()[0]["layers"] if p["kind"] == "ghost"]
    assert names and all("beale" not in name for name in names)
