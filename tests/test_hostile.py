"""No text of a visitor is run, opened, unpickled or shown as markup, and no knob is endless."""

import ast
import csv
import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from browser import ROOT, UVICORN

from gdviz.catalogue import lookup
from gdviz.catalogue.pages import PAGES
from gdviz.export.html import html_of
from gdviz.export.tables import cell, csv_of
from gdviz.figures.scene import Scene
from gdviz.knobs import Choices, Range, Text, knobs
from gdviz.learn import datasets
from gdviz.learn.recommender import movielens
from gdviz.server import request_bodies
from gdviz.topics.race import settings as race
from gdviz.topics.regression.many import settings as regression_many
from gdviz.ui.controls import escape_markdown
from gdviz.ui.share import file_name

SOURCES = sorted([*ROOT.glob("gdviz/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])
# Who compiles text of ours: made from syntax trees, or a file of ours, never from a visitor's
# characters.
COMPILERS = {
    "catalogue/pitfall.py",
    "expressions/__init__.py",
    "kernels/mcmc.py",
    "kernels/block_kernels.py",
    "kernels/from_source.py",
    "optimize/walkthrough.py",
}
# Who draws markup: of styles, of pictures of ours, of text that went through `html.escape`.
DRAWERS = {
    "pitfall_tab.py",
    "tour.py",
    "screen.py",
    "frame.py",
    "hall_link.py",
    "reopen_file.py",
    "table_reading.py",
    "qr.py",
}
UNSAFE = ("np.load", "numpy.load", "pd.read_pickle", "os.system", "os.popen")
FORBIDDEN = {"pickle", "cPickle", "joblib", "dill", "marshal", "shelve", "yaml", "cloudpickle"}


def calls(file: Path) -> list[tuple[str, ast.Call]]:
    tree = ast.parse(file.read_text("utf-8"))
    return [(ast.unparse(n.func), n) for n in ast.walk(tree) if isinstance(n, ast.Call)]


def test_nothing_is_unpickled_run_or_drawn_as_markup() -> None:
    assert len(SOURCES) > 300
    for file in SOURCES:
        text = file.read_text("utf-8")
        imported = set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.M))
        assert not imported & FORBIDDEN, file
        for name, call in calls(file):
            options = {k.arg: ast.unparse(k.value) for k in call.keywords}
            where = f"{name} in {file}"
            assert name not in UNSAFE, where
            assert options.get("allow_pickle", "False") == "False", where
            assert options.get("shell", "False") == "False", where
            assert "unsafe_allow_html" not in options, where
            if name in ("eval", "exec"):
                assert any(str(file).endswith(f"gdviz/{home}") for home in COMPILERS), where
            if name == "st.html":
                assert file.name in DRAWERS, where


def test_only_the_programs_of_the_files_of_pitfalls_are_run() -> None:
    runs = [f.name for f in SOURCES for name, _ in calls(f) if name.endswith("output_of")]
    assert runs == ["pitfall_tab.py"]
    told = (ROOT / "gdviz/ui/pitfall_tab.py").read_text("utf-8")
    assert "query_params" not in told and "input(" not in told and "text_area" not in told


MODULES = sorted(ROOT.glob("gdviz/**/*.js"))


def test_there_are_browser_modules() -> None:
    assert {"stage.js", "dial.js"} <= {file.name for file in MODULES}


@pytest.mark.parametrize("file", MODULES, ids=lambda f: f.name)
def test_a_browser_module_writes_markup_of_ours_only(file: Path) -> None:
    text = file.read_text("utf-8")
    assert not re.search(
        r"\beval\(|new Function|document\.write|insertAdjacentHTML|outerHTML\s*=", text
    )
    for value in re.findall(r"innerHTML\s*\+?=\s*(.+?);?\n", text):
        assert re.fullmatch(r"'[^'$]*'|BAR|icon\(.*\);?", value), value


def test_only_the_pinned_addresses_are_asked_and_checked() -> None:
    entries = [(e.url, e.checksum) for e in movielens.EDITIONS.values()]
    hosts = {"files.grouplens.org", "raw.githubusercontent.com"}
    source = "".join(p.read_text("utf-8") for p in (ROOT / "gdviz" / "learn").rglob("*.py"))
    assert set(re.findall(r"https?://([\w.-]+)/", source)) <= hosts | {"doi.org", "grouplens.org"}
    for url, checksum in entries:
        assert url.startswith("https://") and re.fullmatch(
            r"(sha256|md5):[0-9a-f]{32,64}", checksum
        )
    assert 'f"sha256:{sha256}"' in Path(datasets.__file__).read_text("utf-8")


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|'/C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "|calc", "＝1"]
)
def test_no_spreadsheet_takes_a_cell_for_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    one = np.array([1.0])
    columns = {text: one, 'a"b': one, "c,d\ne": one}
    head, row = csv.reader(io.StringIO(csv_of({"table": columns}).decode()))
    assert head == ["series", f"'{text}", 'a"b', "c,d\ne"]
    assert row == ["table", *["1.0"] * 3]
    fit = SimpleNamespace(theta=np.ones((1, 2)))
    done: Any = SimpleNamespace(
        pipe=SimpleNamespace(names=(text,)), steps=np.array([0]), train=one, test=one, fit=fit
    )
    (table,) = regression_many.numbers(done).values()
    assert list(table) == ["update", "train_mse", "test_mse", f"w[{text}]", "w[bias]"]


@pytest.mark.parametrize(
    "value", ["-1.5", "+2", "-1e9", "", "Heat", "a=b", -3, 1.5, np.float64(-2)]
)
def test_numbers_and_words_stay_what_they_are(value: object) -> None:
    assert cell(value) == value


def test_text_of_a_visitor_is_text() -> None:
    hostile = "</script><script>alert(1)</script>*[x](javascript:1)* $a$ :red[b] `c` <img src=x>"
    shown = escape_markdown(hostile)
    assert re.sub(r"\\(.)", r"\1", shown) == hostile
    assert not re.search(r"(?<!\\)[*_`<>\[\]$:]", shown)
    figure = go.Figure(layout={"title": {"text": hostile}})
    page = html_of(figure, Scene((), alt=hostile), hostile, hostile).decode()
    body = page.split("<script>")[0]
    assert "<img src=x" not in body and "alert(1)</script>" not in body
    assert page.count("<script>alert") == 0 or "&lt;script&gt;alert" in page
    assert "</script><script>alert(1)" not in page
    name = file_name("race", race.Race(surface="typed", formula="../../\0;rm -rf /|x*y"))
    assert re.fullmatch(r"gdviz_[A-Za-z0-9.=+_-]{1,75}", name) and "/" not in name


# --- every knob has a ceiling ---------------------------------------------------------------------


def specs() -> list[type]:
    from gdviz.topics.backprop.chain.settings import Chain
    from gdviz.topics.backprop.layer.settings import OneLayer
    from gdviz.topics.regression.houses.settings import Houses
    from gdviz.topics.regression.many.settings import Many

    pages = [e.stem for e in PAGES if lookup.has_topic(e.stem)]
    return [*map(lookup.settings, pages), Chain, OneLayer, Many, Houses]


@pytest.mark.parametrize("owner", specs(), ids=lambda o: o.__name__)
def test_every_knob_has_a_ceiling(owner: type) -> None:
    declared = knobs(owner)
    for knob in declared.values():
        kind = knob.kind
        if isinstance(kind, Range):
            most = 20_000 if knob.type is int else 1e6  # a float is no amount of work
            assert np.isfinite([kind.lo, kind.hi]).all() and abs(kind.hi) <= most
        if isinstance(kind, Text):
            assert kind.most <= 2000
        if isinstance(kind, Choices):
            assert kind.most <= 12


def test_the_product_of_the_knobs_of_a_race_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: what all methods that are not compiled ask of the dearest surface."""
    from gdviz.optimize import problems, racing

    asked = 0
    plain_f = problems.Problem.f

    def counted(self, x):  # type: ignore[no-untyped-def]
        nonlocal asked
        asked += 1
        return plain_f(self, x)

    monkeypatch.setattr(problems.Problem, "f", counted)
    monkeypatch.setattr(racing, "PATIENCE", 800)  # a fifth, to be quick about it
    slow = ("bfgs", "lbfgs", "conjugate_gradient", "newton", "newton_plain", "gauss_newton")
    spec = race.Race(
        surface="abs_banana",
        methods=(*slow, "nelder_mead", "backtracking"),
        steps=2000,
        stop="none",
    )
    runs = race.run(spec)
    assert asked < 6 * racing.PATIENCE, "without patience it is sixty times as many"
    assert all(len(run.f) <= 2001 for run in runs.values())
    monkeypatch.undo()
    short = race.run(race.Race(methods=slow[:3], steps=150))
    assert all(run.status != "moving" or len(run.f) == 151 for run in short.values())


def test_the_dearest_forest_and_flight_are_bounded() -> None:
    from gdviz.topics.geometry import results as geometry_rooms
    from gdviz.topics.mcmc import settings as mcmc

    for chains in (1, 4, 8):
        for depth in (1, 8):
            spec = mcmc.Mcmc(sampler="nuts", chains=chains, depth=depth, draws=20_000)
            draws = mcmc.draws_of(spec)
            assert 100 <= draws <= 20_000
            assert chains * draws * 2**depth <= mcmc.MOST_GRADIENTS
    assert mcmc.draws_of(mcmc.Mcmc(sampler="nuts")) == 5000, "the defaults are whole"
    asked = 0
    plain_shoot = geometry_rooms.shoot

    def counted(*args, **options):  # type: ignore[no-untyped-def]
        nonlocal asked
        asked += options["most"]
        return plain_shoot(*args, **options)

    geometry_rooms.shoot = counted  # type: ignore[assignment]
    try:
        spec = lookup.settings("geometry")(room="shoot", family="gamma", time=12.0)
        found = geometry_rooms.shooting_result(spec)
    finally:
        geometry_rooms.shoot = plain_shoot  # type: ignore[assignment]
    assert asked <= 4 * geometry_rooms.FLOWS and np.isfinite(found.path).all()
    assert found.border or found.t[-1] == 12.0, "it ends at a border, or where it was asked to"


def test_the_server_is_started_with_its_limits() -> None:
    command = " ".join(UVICORN)
    assert "--ws-max-size 1048576" in command and "--no-server-header" in command
    config = (ROOT / ".streamlit" / "config.toml").read_text("utf-8")
    for line in ("maxUploadSize = 20", "maxWidgetStateSize = 1", "enableXsrfProtection = true"):
        assert line in config
    assert "enableAgentApi = false" in config and 'showErrorDetails = "none"' in config
    assert "--http gdviz.server.connections:Connection" in command
    assert "--ws gdviz.server.websocket_frames:BoundedFrames" in command
    assert request_bodies.OF_ONE <= request_bodies.OF_ADDRESS <= request_bodies.OF_ALL / 2 <= 2**28
