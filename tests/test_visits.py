"""What pages do with presets, links, typed formulas and buttons: settings, numbers and sentences.

By AppTest; what a hand, a canvas or a script of the browser does is in test_browser_*.py.
"""

import contextlib
import re

import pytest
from cases import each, sampled
from visit import Visit

from gdviz.catalogue import lookup
from gdviz.cli.pages import names
from gdviz.expressions import FormulaError, formula
from gdviz.learn import TableError
from gdviz.learn.recommender.ratings import RatingsError
from gdviz.optimize import LABELS, SURFACES
from gdviz.topics.descent.settings import Descent
from gdviz.topics.geometry import results as rooms
from gdviz.topics.geometry.settings import point
from gdviz.topics.integration.question import answer
from gdviz.topics.integration.settings import Integration
from gdviz.topics.race.rates import good_rate
from gdviz.topics.race.settings import Race, changed_knobs, run
from gdviz.topics.recommender import ratings_source
from gdviz.topics.recommender.settings import Recommender
from gdviz.topics.regression import table_source

ROOMS = {name: name.split("_", 1) for name in names() if lookup.page_of(
    lookup.settings(name)()) != name}  # fmt: skip


def visit(name: str) -> Visit:
    """Open a page or a room."""
    page, room = ROOMS.get(name, (name, ""))
    return Visit(page, {f"{page}_room": room} if room else {})


@pytest.mark.parametrize("name", names())
def test_a_preset_sets_every_knob_and_says_why(name: str) -> None:
    """Press some: sentence, link and program are those of the preset, until a knob is moved."""
    there = visit(name)
    row = [b.proto.shortcut for b in there.at.button if "_preset_" in (b.key or "")]
    keys = [*"1234567890"] + [""] * 10  # the first ten have one
    assert row == keys[: len(lookup.presets(name))]
    for preset in sampled(lookup.presets(name), 4, at=len(name)):
        spec = lookup.preset(name, preset.label)
        with contextlib.suppress(RatingsError, TableError):  # data that is not on this computer
            lookup.run(spec)
            there.press(preset.label)
            assert f"{preset.reason} **Now try** " in there.words()
            assert there.spec() == spec
            assert lookup.as_python(spec) in there.programs(), preset.label
    there.at.run()
    state = there.at.session_state
    unheard = "_unheard" in state and state["_unheard"]
    assert not unheard, "a browser that sends the link back has heard"


def test_what_a_preset_says_goes_when_a_knob_moves() -> None:
    there = Visit("descent", "descent_tol=0.01&descent_steps=9").press("2-cycle")
    assert "**Now try**" in there.words()
    after = there.set("lr", 0.0123).words()
    assert "Now try" not in after and "a key from 1 to 9." in after


def test_an_infinite_whole_number_in_a_link_is_forgotten() -> None:
    there = Visit("descent", "descent_steps=inf&descent_x0=1.25")
    assert there.query() == {"descent_x0": "1.25"} and there.spec() == Descent(x0=1.25)


def test_a_pitfall_opens_at_its_very_setting() -> None:
    found = [link.proto for link in Visit("pitfalls").at.get("page_link")]
    links = [p for p in found if p.label == "Open this setting" and p.page == "descent"]
    there = Visit("descent", links[1].query_string)  # 1b: x² from 2, η = 1
    assert (there.value("lr"), there.value("formula")) == (1.0, "x**2")
    assert "2-cycle" in there.chips()


# --- formulas and runs that go wrong --------------------------------------------------------------

COMPLAINTS = {
    "x**4 - y": "column 8",
    "x**4 -": "the formula stops after “-” at column 6",
    "sin[x]": "“\\[” at column 4 is not part of a formula\\: use round brackets ( )",
    "x*`y`": "at column 3 is not part of a formula",
    "<img src=x onerror=alert(1)>": "“\\<” at column 1 is not part of a formula",
}


def test_a_typed_formula_is_checked_and_the_last_good_one_stays() -> None:
    there = Visit("descent", "descent_function=typed&descent_x0=1").set("formula", "x**4 - x")
    good = Descent(function="typed", formula="x**4 - x", x0=1.0)
    program, background = lookup.as_python(good), there.stages()[0]["background"]
    for text, complaint in COMPLAINTS.items():
        there.set("formula", text)
        assert complaint in "\n".join(c.value for c in there.at.caption)
        assert program in there.programs()
        assert there.stages()[0]["background"] == background
    there.set("formula", "log(x)")
    assert "f is not finite on 50% of this window" in there.words()
    there.set("formula", "x**2")
    assert not re.search("column|not finite", there.words())
    assert there.spec() == Descent(function="typed", formula="x**2", x0=1.0)


def test_a_run_that_diverges_says_at_which_step() -> None:
    query = "descent_function=parabola&descent_lr=1.1&descent_steps=200&descent_tab=Numbers"
    there = Visit("descent", query)
    done = lookup.run(Descent(function="parabola", lr=1.1, steps=200))["gd"]
    step = int(re.fullmatch(r"diverged at step (\d+)", done.verdict)[1])
    assert f"✕ diverged at step {step}" in there.chips()
    assert f"Diverged at step {step}: " in there.words() and "Last finite point" in there.words()
    assert "nan" not in there.words().lower()


def test_a_typed_density_is_sampled_and_nonsense_gets_a_sentence() -> None:
    there = Visit("mcmc", "mcmc_target=typed&mcmc_draws=600")
    before = there.stages()[0]["handles"]
    there.set("formula", "-(x**2 + 3*y**2")
    assert "never closed" in there.words() and there.stages()[0]["handles"] == before
    there.set("formula", "-abs(x)")
    assert len(there.stages()[0]["handles"]) == 5
    assert lookup.run(there.spec()).x.shape[2] == 1
    assert "grows without bound" in there.set("formula", "x**2").words()


@pytest.mark.parametrize(
    ("label", "said"), [("Two modes", "spent its time in the"), ("Funnel", "diverged")]
)
def test_a_chain_that_cannot_be_trusted_is_said_to_be_so(label: str, said: str) -> None:
    there = Visit("mcmc").press(label)
    rhats = ", ".join(f"{s.rhat:.3f}" for s in lookup.run(there.spec()).summaries)
    assert f"R̂ {rhats}" in there.chips() and said in there.words()


# --- the race -------------------------------------------------------------------------------------


def test_own_knobs_stand_in_the_link_and_come_back() -> None:
    there = Visit("race", "race_methods=gd&race_methods=adam&race_methods=rmsprop")
    there.set("gd_lr", 0.03).set("adam_lr", 0.2).set("adam_beta1", 0.5)
    there.set("rmsprop_centered", True)
    own = {"gd": {"lr": 0.03}, "adam": {"lr": 0.2, "beta1": 0.5}, "rmsprop": {"centered": True}}
    methods = ("gd", "adam", "rmsprop")
    spec = Race(
        methods=methods, hyper=changed_knobs(methods, [(k, v.items()) for k, v in own.items()])
    )
    assert there.spec() == spec and there.query()["race_adam_beta1"] == "0.5"
    again = Visit("race", there.query())
    assert again.spec() == spec and again.chips() == there.chips() == chips_of(spec)


def chips_of(spec: Race) -> str:
    """Return what stands beside the stage after a race that is run here."""
    marks = {"converged": "✓", "diverged": "✕"}
    ends = {name: (marks.get(done.status, "…"), done.verdict) for name, done in run(spec).items()}
    return "\n".join(f"{LABELS[name]}: {' '.join(end)}" for name, end in ends.items())


def test_a_surface_brings_its_start_and_rates() -> None:
    booth = SURFACES["booth"]
    there = Visit("race", "race_surface=three_hump_camel").set("surface", "booth")
    methods = Race().methods
    rates = {name: good_rate(booth, name) for name in methods if name != "newton"}
    own = changed_knobs(methods, [(name, (("lr", rate),)) for name, rate in rates.items()])
    x0, y0 = booth.start
    assert there.spec() == Race(surface="booth", x0=x0, y0=y0, hyper=own)


def test_the_knobs_of_a_surface_bend_it_and_stand_in_the_link() -> None:
    query = "race_surface=rosenbrock&race_x0=-1.5&race_y0=2&race_methods=bfgs&race_methods=adam"
    there = Visit("race", query).set("b", 4.0).set("a", -0.5)
    spec = there.spec()
    assert (spec.a, spec.b) == (-0.5, 4.0) and there.chips() == chips_of(spec)
    assert run(spec)["bfgs"].x[-1] == pytest.approx([-0.5, 0.25], abs=1e-5)


def test_tuning_finds_rates_and_races_again() -> None:
    there = Visit(
        "race", "race_view=board&race_surface=bowl&race_x0=-3&race_y0=1.5&race_gd_lr=0.01"
    )
    there.press(next(b.label for b in there.at.button if b.label.startswith("Tune each")))
    own = {name: dict(pairs) for name, pairs in there.spec().hyper}
    assert own["gd"]["lr"] == pytest.approx(2 / 11, rel=0.3)  # 2/(μ + L)
    assert "newton" not in own and there.chips() == chips_of(there.spec())
    assert run(there.spec())["gd"].status == "converged"


def test_one_step_is_walked_through_with_buttons() -> None:
    query = "race_tab=Maths&race_methods=adam&race_methods=gd&race_step=3"
    there = Visit("race", query, menus=False)
    assert "from step 3 to step 4" in there.words()
    shown = [len(there.at.get("latex"))]  # seven moments, each with its numbers
    last = there.at.get("latex")[-1].value
    for label in ("Next", "Next", "Back", "Back"):  # before the first one, all of it
        shown.append(len(there.press(label).at.get("latex")))
    assert shown == [14, 2, 4, 2, 14]
    ended = run(Race(methods=("adam", "gd")))["adam"]
    assert f"{abs(ended.x[4, 0]):.4g}" in last


# --- integrals and geometry -----------------------------------------------------------------------


def test_a_preset_a_rule_and_a_view_of_integration() -> None:
    there = Visit("integration", "integration_view=romberg")
    assert "The first column is the trapezoid rule" in there.words()
    there.press("E[X²] cut short")
    assert there.spec().hyper == (("normal", (("sigma", 3.0),)),)
    assert "on the whole line: 9" in there.chips() and "Now try" in there.words()
    assert "Left: off by" in there.set("rule", "left").chips()
    there = Visit("integration", there.query() | {"integration_tab": "Pitfalls"})
    assert "7f · Tails that underflow" in there.words()
    assert "-804.608442013754" not in there.words()
    assert "-804.608442013754" in there.press("Run all 6").words()


def test_what_cannot_be_done_is_said_and_a_bad_formula_keeps_the_last() -> None:
    query = "integration_function=endpoint&integration_b=1&integration_rule=simpson"
    there = Visit("integration", query)
    assert "Simpson: cannot" in there.chips()
    there.set("function", "typed")
    assert "Simpson: off by" in there.chips()
    truth = f"{answer(Integration(function='typed', b=1.0)).truth.value:.10g}"
    assert truth in there.chips()
    with pytest.raises(FormulaError) as refused:
        formula("x**")
    there.set("formula", "x**")
    assert str(refused.value).split("`")[0] in there.words().replace("\\", "")
    assert truth in there.chips()


def test_a_family_of_geometry_brings_its_points_and_a_room_its_steps() -> None:
    there = Visit("geometry").press("What bends it")
    assert "straight on" in there.chips() and "**Now try**" in there.words()
    there.set("family", "beta")
    spec = there.spec()
    assert (spec.room, spec.family) == ("shoot", "beta")
    assert point(spec, "a") == pytest.approx([1.5, 5.0])
    assert f"speed {rooms.shooting_result(spec).speed:.3g}" in there.chips()
    there.set("room", "bound")
    assert there.stages()[0]["steps"] == 5
    for tab, said in {"Maths": "The eight Christoffel symbols", "Pitfalls": "13f"}.items():
        assert said in Visit("geometry", {"geometry_room": "bound", "geometry_tab": tab}).words()


# --- texts and links that are wrong ---------------------------------------------------------------

TYPED_FIELDS = [
    ("descent", "descent_function=typed", "formula"),
    ("race", "race_surface=typed", "formula"),
    ("integration", "integration_function=typed", "formula"),
    ("integration", "integration_quantity=expectation", "g"),
    ("importance", "", "h"),
]


@each("page, query, field", TYPED_FIELDS)
def test_what_is_wrong_in_a_text_stands_under_it_and_the_picture_is_called_old(
    page: str, query: str, field: str
):
    there = Visit(page, query)

    def is_old() -> bool:
        return any("last text that was valid" in part.proto.body for part in there.at.get("html"))

    before = there.stages()[0]["layers"]
    assert not is_old()
    good = there.value(field)
    there.set(field, "2*(")
    assert is_old() and there.stages()[0]["layers"] == before
    order = [part for part in there.at.main if hasattr(part, "key") or hasattr(part, "value")]
    at = next(i for i, part in enumerate(order) if getattr(part, "key", "") == f"{page}_{field}")
    assert order[at + 1].value.startswith(":red[")
    there.set(field, good)
    assert not is_old()


def test_bad_values_of_a_link_are_said_once():
    there = Visit("race", "race_steps=many&race_gd_lr=nan&race_surface=nowhere", menus=False)
    said = [toast.value for toast in there.at.toast]
    assert len(said) == 1 and "steps" in said[0] and "surface" in said[0]
    there.at.run()
    assert not there.at.toast
    assert not Visit("race", "race_steps=20", menus=False).at.toast


def test_no_other_data_are_shown_under_a_real_name(monkeypatch: pytest.MonkeyPatch):
    def houses(name: str) -> table_source.Source:
        if name == table_source.CALIFORNIA:
            raise TableError("They are not on this machine.")
        return table_source.source_named(name)

    def films(spec: Recommender, upload: object = None) -> ratings_source.Data:
        if spec.data == "movielens":
            raise RatingsError("They are not on this machine.")
        return ratings_source.data_of(spec)

    def over(there: Visit) -> str:
        return " ".join(part.proto.body for part in there.at.get("html"))

    monkeypatch.setattr("gdviz.topics.regression.controls_upload.source_named", houses)
    monkeypatch.setattr("gdviz.topics.recommender.screen.data_of", films)
    assert "Houses of Baltimore" in over(Visit("regression", "regression_room=houses"))
    assert "Made-up" not in over(
        Visit("regression", "regression_room=houses&regression_homes=unscaled")
    )
    assert "Made-up ratings" in over(Visit("recommender", "recommender_data=movielens"))
    assert "Made-up" not in over(Visit("recommender"))
