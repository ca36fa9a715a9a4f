"""The command line: options from knobs, links in their place, files, tables, exit codes."""

import csv
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import ROOT
from click.testing import CliRunner, Result

from gdviz.catalogue import lookup
from gdviz.catalogue.lookup import picture_of
from gdviz.cli import main
from gdviz.cli.links import from_link
from gdviz.cli.options import option, options, settings_of
from gdviz.cli.pages import names, titles
from gdviz.export import csv_of, link
from gdviz.knob_texts import format_value, parse_text
from gdviz.knobs import KnobError, Range, Switch, knobs
from gdviz.optimize import METHODS
from gdviz.topics.descent.settings import Descent
from gdviz.topics.race.settings import Race

PAGES = list(titles())


def call(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), prog_name="gdviz")


def rows_of(file: Path) -> bytes:
    """Return a CSV without the line that says how it was made."""
    origin, _, rows = file.read_bytes().partition(b"\r\n")
    assert origin.startswith(b"# {")
    return rows


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# --- options --------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_knob_is_an_option_of_its_name(page: str) -> None:
    declared = knobs(lookup.settings(page))
    found = {o.name: o for o in options(page)}
    for name, knob in declared.items():
        assert f"--{name.replace('_', '-')}" in found[name].opts
        assert knob.kind.label in found[name].help  # type: ignore[attr-defined]
        if not isinstance(knob.kind, Switch):
            assert parse_text(knob, format_value(knob.default)) == knob.default


@pytest.mark.parametrize("page", PAGES)
def test_nothing_asked_is_the_default(page: str) -> None:
    assert settings_of(page, None, None, {}) == lookup.settings(page)()


@pytest.mark.parametrize("page", PAGES)
def test_a_number_beyond_its_bounds_is_refused_in_words(page: str, tmp_path: Path) -> None:
    numbers = {n: k for n, k in knobs(lookup.settings(page)).items()}
    name, knob = next((n, k) for n, k in numbers.items() if isinstance(k.kind, Range))
    flag, file = f"--{name.replace('_', '-')}", tmp_path / "x.csv"
    for text, said in (("1e300", "outside"), ("nan", "outside"), ("abc", "not a number")):
        done = call("export", page, f"{flag}={text}", "-o", str(file))
        assert done.exit_code == 2 and said in done.output and not file.exists()


def test_a_switch_can_be_turned_both_ways() -> None:
    knob = knobs(Race)["hidden"]
    assert option(knob, "hidden").opts == ["--hidden"]
    assert option(knob, "hidden").secondary_opts == ["--no-hidden"]


def test_a_knob_of_a_method_goes_to_each_that_has_it() -> None:
    given = {"methods": ("gd", "adam", "newton"), "lr": 0.01, "adam_lr": 0.2, "beta1": None}
    spec = settings_of("race", None, None, given)
    assert spec == Race(
        methods=("gd", "adam", "newton"),
        hyper=(("gd", (("lr", 0.01),)), ("adam", (("lr", 0.2),)), *_newton(0.01)),
    )


def _newton(lr: float) -> tuple[Any, ...]:
    return (("newton", (("lr", lr),)),) if "lr" in knobs(METHODS["newton"]) else ()


def test_options_change_a_preset_and_a_link() -> None:
    spec = settings_of("race", None, "the BANANA", {"gd_lr": 0.002})
    assert (spec.surface, dict(spec.hyper)["gd"]) == ("rosenbrock", (("lr", 0.002),))
    own = dict(lookup.preset("race", "The banana").hyper)["heavy_ball"]
    assert dict(spec.hyper)["heavy_ball"] == own, "the preset's own stays"
    with pytest.raises(KnobError, match="is not a preset of race; it has The banana"):
        settings_of("race", None, "no such", {})


@pytest.mark.parametrize(
    ("page", "given", "why"),
    [
        ("backprop", {"layer_rates": "1, 0.5, 2, 3"}, "--layer-rates: 4 are given.*3 layers"),
        ("backprop", {"layer_rates": "1, 1", "hidden": "0"}, "the network has 1 layer"),
        ("backprop", {"activations": "tanh, relu, tanh"}, "2 hidden layers"),
        ("mcmc", {"starts": "1,2;3,4"}, "--starts: these settings take 4 starts of 2 numbers"),
        ("backprop_chain", {"values": "w=1, q=3"}, "“q=3” is no value of an input"),
        ("regression", {"points": "1,2;3,4"}, "2 points are given; 3 to 60"),
        (
            "geometry",
            {"room": "transport", "way": "loop", "loop": " ".join(["1,1"] * 12)},
            "12 corners are given, at most 11",
        ),
    ],
)
def test_a_list_that_is_not_all_read_is_refused(page: str, given: dict, why: str) -> None:
    with pytest.raises(KnobError, match=why):
        settings_of(page, None, None, given)


def test_a_list_as_long_as_the_network_is_read() -> None:
    given = {"layer_rates": "1, 0.5, 2", "activations": "tanh, relu"}
    assert settings_of("backprop", None, None, given).layer_rates == "1, 0.5, 2"


# --- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["http://127.0.0.1:8501", "https://x.org/gdviz", ""])
def test_a_link_is_read_back(base: str) -> None:
    spec = Race(methods=("gd", "adam"), x0=0.1 + 0.2, hyper=(("adam", (("lr", 0.3),)),))
    asked = from_link(link(f"{base}/race", "race", spec, {"race_step": 7, "lecture": 1}))
    assert asked == ("race", spec, 7, base)


@pytest.mark.parametrize(
    "text",
    ["/home", "/nope?x=1", "http://[", "?race_x0=1", "/race/..", "/", "//", "/race_pitfalls"],
)
def test_a_link_to_something_else_is_refused(text: str) -> None:
    with pytest.raises(KnobError):
        from_link(text)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("descent_x0=nan", "descent_x0"),
        ("descent_lr=abc", "descent_lr"),
        ("descent_lr=", "descent_lr"),
        ("descent_lr=0.1)", "descent_lr"),
        ("descent_lr=0.1>", "descent_lr"),
        ("descent_lr=0.1&descent_lr=0.2", "descent_lr"),
        ("descent_x0=1&amp;descent_lr=0.1", "amp;descent_lr"),
        ("descent_lr=99", "descent_lr"),
        ("descent_methods=gd&descent_methods=nope", "descent_methods"),
        ("descent_nope=1", "descent_nope"),
        ("descent_step=9e9", "descent_step"),
        ("descent_step=-1", "descent_step"),
        ("descent_step=5&descent_step=6", "descent_step"),
        ("descent_lr=0_1", "descent_lr"),
        ("descent_room=many", "descent_room"),
        ("lr=0.1", "lr"),
        ("race_x0=1", "race_x0"),
        ("x=%ff", "x"),
        ("descent_tol=1e-3&descent_lr=x", "descent_lr"),
        ("descent_beta1=0.5", "descent_methods adam"),
    ],
)
def test_a_damaged_link_is_refused_and_its_field_named(query: str, field: str) -> None:
    with pytest.raises(KnobError, match=re.escape(field)):
        from_link(f"https://example.org/descent?{query}")


@pytest.mark.parametrize(
    ("link", "field"),
    [
        ("/regression?regression_data=own&regression_points=1,2;3,4;5", "regression_points"),
        ("/mcmc?mcmc_starts=1,2;3", "mcmc_starts"),
        (
            "/geometry?geometry_room=transport&geometry_way=loop&geometry_loop=1,1 2",
            "geometry_loop",
        ),
        ("/backprop?backprop_data=own&backprop_points=1,2,0;1.5,2,1;3,1", "backprop_points"),
        ("/backprop?backprop_past=20,adam,0.03,0,0", "backprop_past"),
        ("/race?race_adam_lr=x", "race_adam_lr"),
        ("/race?race_methods=gd&race_adam_lr=0.2", "race_adam_lr"),
        ("/race?race_lr=0.2", "race_lr"),
        (
            "/integration?integration_quantity=probability&integration_cauchy_scale=2",
            "cauchy_scale",
        ),
        ("/regression?regression_room=nope", "regression_room"),
    ],
)
def test_a_list_that_is_cut_short_is_refused(link: str, field: str) -> None:
    with pytest.raises(KnobError, match=field):
        from_link(link)


def test_a_link_may_be_written_in_other_ways_that_mean_the_same() -> None:
    for query in ("descent%5Flr=0.2", "descent_lr=%30.2", "descent_lr=0.2&lecture=1&hide=tabs"):
        assert from_link(f"/descent?{query}").spec == Descent(lr=0.2)
    more = "descent_pin=lr%3D0.1&descent_tab=Maths&descent_step=3&descent_lr=0.2"
    assert from_link(f"/descent?{more}")[1:3] == (Descent(lr=0.2), 3)


def test_a_formula_in_a_link_is_drawn_unless_the_link_says_otherwise() -> None:
    """What the app writes names the choice that leaves a formula idle; a hand forgets it."""
    assert from_link("/descent?descent_formula=x^2").spec == Descent(
        function="typed", formula="x^2"
    )
    spec = Descent(formula="x^2", tol=1e-3, stop="none")
    assert from_link(link("/descent", "descent", spec)).spec == spec


# --- the commands ---------------------------------------------------------------------------------


def test_export_writes_the_numbers_of_the_library(tmp_path: Path) -> None:
    file = tmp_path / "race.csv"
    done = call(
        "export", "race", "--methods", "adam,gd", "--lr", "0.01", "-o", str(file), "--about"
    )
    assert done.exit_code == 0 and done.output.splitlines()[0] == str(file)
    hyper = tuple((name, (("lr", 0.01),)) for name in ("adam", "gd"))
    assert rows_of(file) == csv_of(lookup.numbers(Race(methods=("adam", "gd"), hyper=hyper)))
    assert "methods = adam, gd" in done.output and "@misc{gdviz-race," in done.output


ROOMS = {
    "race_compare": ["--starts", "3", "--trials", "2"],
    "regression_many": ["--table", "plane", "--updates", "30"],
    "regression_houses": ["--homes", "unscaled"],
    "regression_double_descent": ["--p", "40"],
    "backprop_chain": [],
    "backprop_layer": [],
    "backprop_edge": ["--length", "20"],
    "backprop_landscape": ["--passes", "9"],
    "backprop_matrices": ["--span", "20"],
}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_exported_like_a_page(room: str, tmp_path: Path) -> None:
    assert set(names()) - set(titles()) == set(ROOMS)
    page, _, own = room.partition("_")
    file = tmp_path / "room.csv"
    assert call("export", room, *ROOMS[room], "-o", str(file)).exit_code == 0
    given = dict(zip(ROOMS[room][::2], ROOMS[room][1::2], strict=True))
    spec = lookup.with_values(
        room, lookup.settings(room)(), {k[2:]: read_as(room, k[2:], v) for k, v in given.items()}
    )
    assert rows_of(file) == csv_of(lookup.numbers(spec)) != b""
    query = "&".join([f"{page}_room={own}", *(f"{page}_{k[2:]}={v}" for k, v in given.items())])
    assert from_link(f"http://here/{page}?{query}").spec == spec
    scene = picture_of(spec).scene
    assert scene.layers and scene.alt


def read_as(room: str, name: str, text: str) -> Any:
    return parse_text(knobs(lookup.settings(room))[name], text)


def test_a_file_of_a_visitors_own_is_in_no_link(tmp_path: Path) -> None:
    for words in (["regression_many", "--table"], ["regression_houses", "--homes"]):
        said = call("export", *words, "upload", "-o", str(tmp_path / "x.csv"))
        assert said.exit_code == 2 and "choose a data set that has a name" in said.output


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["export", "nope", "-o", "x.csv"], 2, "No such command"),
        (["export", "race"], 2, "Missing option"),
        (["export", "race", "-o", "x.docx"], 2, "“docx” is not a format"),
        (["export", "race", "-o", "x"], 2, "is not a format"),
        (["export", "/nope?a=1", "-o", "x.csv"], 2, "is not a page"),
        (
            ["export", "descent", "--function=typed", "--formula=x+", "-o=x.csv"],
            2,
            "stops after",
        ),
        (["export", "race", "-o", "/no/such/folder/x.csv"], 1, "Error: No such file"),
        (["sweep", "descent", "--over", "nope=1"], 2, "knob of descent"),
        (["sweep", "descent", "--over", "lr"], 2, "knob=values"),
        (["sweep", "descent", "--over", "lr=0:1:3:log"], 2, "from:to:count"),
        (["sweep", "descent", "--over", "lr=1:2:1e3"], 2, "from:to:count"),
        (["sweep", "descent", "--over", "lr=0.1,99"], 2, "outside"),
        (["sweep", "descent", "--over", "x0=0:1:400", "--over", "lr=0.1:1:400"], 2, "more than"),
        (["list", "nope"], 2, "not a page"),
        ([], 2, "Usage"),
    ],
    ids=lambda v: " ".join(v)[:60] if isinstance(v, list) else None,
)
def test_what_makes_no_sense_ends_with_two_and_what_fails_with_one(
    words: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call(*words)
    assert (done.exit_code, said in done.output) == (code, True), done.output
    assert list(tmp_path.iterdir()) == []


def test_no_browser_ends_with_one_and_says_what_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdviz.export.renderer.browser_path", lambda: None)
    done = call("export", "descent", "-o", str(tmp_path / "x.png"))
    assert done.exit_code == 1 and "HTML, CSV and Parquet work without" in done.output


def test_a_sweep_is_a_row_a_run() -> None:
    done = call("sweep", "descent", "--over", "lr=0.01:0.04:3:log", "--over", "x0=1,2", "--steps=9")
    rows = table(done.output)
    assert [(float(r["lr"]), float(r["x0"])) for r in rows] == [
        (lr, x0) for lr in np.geomspace(0.01, 0.04, 3).tolist() for x0 in (1.0, 2.0)
    ]
    for row in rows:
        run = lookup.run(Descent(lr=float(row["lr"]), x0=float(row["x0"]), steps=9))["gd"]
        assert (float(row["x"]), float(row["f"])) == (run.x[-1, 0], run.f[-1])
        assert row["verdict"] == run.verdict and int(row["k"]) == len(run.f) - 1


def test_a_sweep_over_methods_and_their_knobs(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    words = ["--over", "methods=gd,adam", "--over", "lr=0.02,0.05", "--steps", "3"]
    assert call("sweep", "race", *words, "-o", str(file)).exit_code == 0
    rows = table(file.read_text())
    assert [r["method"] for r in rows] == ["gd", "gd", "adam", "adam"]
    assert rows[0]["m0"] == "" and float(rows[2]["m0"]) != 0 and rows[0]["x0"] != rows[1]["x0"]


def test_list_names_pages_knobs_and_presets() -> None:
    assert [line.split()[0] for line in call("list").output.splitlines()] == list(names())
    for page in PAGES:
        said = call("list", page).output
        assert all(name in said for name in knobs(lookup.settings(page)))
        assert all(preset.label in said for preset in lookup.presets(page))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete(shell: str) -> None:
    assert "_GDVIZ_COMPLETE" in call("completion", shell).output


def test_names_of_methods_are_completed() -> None:
    env = {"_GDVIZ_COMPLETE": "bash_complete", "COMP_CWORD": "4"}
    env["COMP_WORDS"] = "gdviz export race --methods gd,ada"
    done = CliRunner().invoke(main, [], env=env, prog_name="gdviz")
    assert "plain,gd,adam\n" in done.output and "plain,gd,newton" not in done.output


def test_the_module_is_the_program() -> None:
    words = [sys.executable, "-W", "error", "-m", "gdviz", "list", "descent"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "learning rate η" in done.stdout and done.stderr == ""
