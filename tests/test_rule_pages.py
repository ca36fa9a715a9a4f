"""A typed rule on the pages race and descent: links, knobs, code, maps, and what is wrong in it."""

import contextlib
import io
from dataclasses import replace

import numpy as np
import pytest
from browser import ROOT
from cases import each
from streamlit.testing.v1 import AppTest
from test_pages import assert_clean, open_page

from gdviz.catalogue import lookup
from gdviz.export import csv_of, figure
from gdviz.expressions import FormulaError
from gdviz.optimize import SURFACES, descend, race
from gdviz.optimize.typed_rules import RULE, RULE_EXAMPLES, RULE_TEXT, rule_name
from gdviz.queries import from_query, to_query
from gdviz.topics.descent import Descent
from gdviz.topics.descent.settings import hyper
from gdviz.topics.descent.settings import run as run_descent
from gdviz.topics.race import Race, as_python, run, with_more
from gdviz.topics.race import studies as race_maps
from gdviz.topics.race.figure import live_scene, picture
from gdviz.topics.race.settings import entries, hyper_of

ADAM = RULE_EXAMPLES["Adam"]
OWN = "k = 0.5  # a knob\nv = k*v + g\nx = x - lr*v"
SPEC = Race(methods=(RULE, "gd"), rule=OWN, hyper=((RULE, (("lr", 0.02), ("k", 0.25))),))


def test_a_typed_rule_stands_in_the_link_with_its_knobs():
    query = to_query(SPEC)
    assert "rule_lr=0.02&rule_k=0.25" in query and from_query(Race, query) == SPEC
    assert hyper_of(SPEC, rule_name(OWN)) == {"lr": 0.02, "k": 0.25}
    assert hyper_of(replace(SPEC, rule="x = x - lr*g"), RULE) == {"lr": 0.02}, "k is no knob there"
    spoiled = from_query(Race, query.replace("rule_k=0.25", "rule_k=99&rule_v=3&rule_x=1"))
    assert dict(spoiled.hyper)[RULE] == (("lr", 0.02),)
    wrong = from_query(Race, to_query(replace(SPEC, rule="x = x - ")))
    assert wrong.hyper == () and wrong.rule == "x = x - "
    with pytest.raises(FormulaError, match="line 1, column 1"):
        run(replace(wrong, rule=""))


def test_an_error_tells_the_line_as_it_was_typed():
    with pytest.raises(FormulaError, match="line 3, column 12: unknown name `w`"):
        run(replace(SPEC, rule=OWN.replace("lr*v", "lr*w")))


def test_the_run_the_table_and_the_copied_program_have_the_same_numbers():
    runs = run(SPEC)
    mine = runs[rule_name(OWN)]
    entry = {rule_name(OWN): {"lr": 0.02, "k": 0.25}}
    own = race(SURFACES[SPEC.surface], [SPEC.x0, SPEC.y0], entry, steps=SPEC.steps)
    assert np.array_equal(mine.x, own[rule_name(OWN)].x) and list(runs)[1] == "gd"
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(as_python(SPEC), {"__name__": "copied"})
    assert f"{mine.x[-1, 0]:.10g} {mine.x[-1, 1]:.10g} {mine.verdict}" in out.getvalue()
    assert repr(float(mine.v[3, 1])) in csv_of(runs).decode()
    assert entries(with_more(SPEC, {"lr": 0.07, "rule_lr": 0.3})) == {
        rule_name(OWN): {"lr": 0.3, "k": 0.25},
        "gd": {"lr": 0.07},
    }


def test_typed_adam_draws_what_adam_draws():
    both = []
    for name, text in (("adam", RULE_TEXT), (RULE, ADAM)):
        spec = Race(methods=(name,), rule=text, overlays=("momentum", "spread", "step"))
        both.append(picture(spec).scene.layers)
    assert [layer.name for layer in both[0]][1:] == [layer.name for layer in both[1]][1:]
    for ours, typed in zip(*both, strict=True):
        for part in ("x", "y", "x0", "y0", "x1", "y1"):
            one, two = (getattr(layer, part, 0.0) for layer in (ours, typed))
            assert np.array_equal(np.asarray(one), np.asarray(two), equal_nan=True), ours.name


def test_a_drag_moves_the_path_of_a_typed_rule():
    scenes = [live_scene(to_query(replace(SPEC, x0=x0))) for x0 in (-1.0, 1.0)]
    ends = [float(scene.layers[0].x[0]) for scene in scenes]  # type: ignore[union-attr]
    assert ends == [-1.0, 1.0] and scenes[0].layers[0].name == "Your rule"


def test_maps_figures_and_summaries_take_a_typed_rule():
    name = rule_name(OWN)
    assert race_maps.usual_axes(name) == ("lr", "k")
    found = [part for _, part in race_maps.knob_rows(SPEC, name, "lr", "k") if part is not None]
    table = found[-1]
    j, i = 40, 50
    alone = descend(
        SURFACES[SPEC.surface], [SPEC.x0, SPEC.y0], name, steps=race_maps.STEPS,
        lr=table.across[i], k=table.up[j],
    )  # fmt: skip
    done = int(alone.last) if alone.status == "converged" else -1
    assert table.steps[j, i] == done
    assert "Your rule" in figure(SPEC).to_json()
    shown = lookup.summary(SPEC)
    assert name in shown


def test_descent_hands_its_knobs_to_a_rule_that_does_not_set_them():
    spec = Descent(methods=(RULE, "adam"), rule=ADAM, lr=0.3, beta1=0.5)
    assert from_query(Descent, to_query(spec)) == spec
    typed, ours = run_descent(spec).values()
    assert typed.x.tobytes() == ours.x.tobytes() and typed.verdict == ours.verdict
    assert hyper(spec, "lr = 1; x = x - lr*beta1*g") == {"beta1": 0.5}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(lookup.as_python(spec), {"__name__": "copied"})
    assert out.getvalue().count(f"{ours.x[-1, 0]:.10g}") == 2


# --- on the page ----------------------------------------------------------------------------------


def texts(at: AppTest) -> str:
    return "\n".join(e.value for e in [*at.markdown, *at.caption, *at.latex, *at.code])


@each("page, tab", [(p, t) for p in ("race", "descent") for t in ("Maths", "Code", "Numbers")])
def test_the_tabs_of_a_page_show_a_typed_rule(page: str, tab: str):
    at = open_page(page, {f"{page}_methods": [RULE, "gd"], f"{page}_tab": tab})
    assert_clean(at, page)
    said = texts(at)
    assert tab == "Code" or "Your rule" in said
    if tab == "Maths":
        assert r"\beta \cdot v + \left(1 - \beta\right) \cdot g" in said
    if tab == "Code":
        assert "def rule(x, g, t, v, lr, beta)" in said


@each("page", ["race", "descent"])
def test_what_is_wrong_stands_under_the_text_and_the_last_good_rule_runs(page: str):
    at = open_page(page, {f"{page}_methods": [RULE]})
    assert_clean(at, page)
    at.text_area(key=f"{page}_rule").set_value("x = x - lr*g\nx = x - <b>q</b>").run()
    assert_clean(at, page)
    said = [c.value for c in at.caption if c.value.startswith(":red[")]
    assert len(said) == 1 and "line 2, column 9" in said[0], said
    assert at.session_state[f"{page}_outdated"]
    at.button(key=f"{page}_start_Adam").click().run()
    assert_clean(at, page)
    assert at.text_area(key=f"{page}_rule").value == ADAM
    assert not at.session_state[f"{page}_outdated"]
    assert not [c.value for c in at.caption if c.value.startswith(":red[")]


def test_the_knobs_of_a_rule_are_on_the_page_and_follow_its_text():
    at = open_page("race", {"race_methods": [RULE], "race_rule": OWN, "race_rule_k": "0.25"})
    assert_clean(at, "own knobs")
    assert at.number_input(key="race_rule_k").value == 0.25
    at.text_area(key="race_rule").set_value(OWN.replace("0.5", "0.75")).run()
    assert at.number_input(key="race_rule_k").value == 0.75
    at.number_input(key="race_rule_k").set_value(3.0).run()
    assert at.query_params["race_rule_k"] in ("3.0", ["3.0"])
    at.text_area(key="race_rule").set_value("x = x - lr*g").run()
    assert_clean(at, "without k")
    assert "race_rule_k" not in at.query_params


def test_a_forged_pin_with_a_wrong_rule_is_left_out():
    for page in ("race", "descent"):
        at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
        at.query_params[f"{page}_pin"] = ["methods=rule&rule=x", "methods=rule&rule=x=x-lr*g"]
        at.run()
        assert not at.exception
