"""What leaves the app: full-precision CSV, an HTML file that plays offline, a faithful link."""

import csv
import io
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from gdviz.export.captions import link
from gdviz.export.html import html_of
from gdviz.export.tables import csv_of
from gdviz.figures.ghosts import pinned_run, with_ghosts
from gdviz.optimize import FUNCTIONS, SURFACES, descend, function, latex
from gdviz.queries import from_query
from gdviz.topics.descent.figure import curve, descent_scene
from gdviz.topics.descent.settings import Descent, run

EVIL = "</script><script>document.title='broken'</script><img src=x onerror=alert(1)> & \"'"


def tables(data: bytes) -> dict[str, dict[str, list[str]]]:
    """Read the CSV of several runs: method to its columns, without those that it does not have."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in csv.DictReader(io.StringIO(data.decode("utf-8"))):
        columns = found.setdefault(row.pop("series"), {name: [] for name in row})
        for name, text in row.items():
            columns[name].append(text)
    return {
        method: {name: texts for name, texts in columns.items() if any(texts)}
        for method, columns in found.items()
    }


@pytest.mark.parametrize("method", latex.RULES)
def test_the_csv_holds_every_number_to_the_last_bit(method: str):
    done = descend(FUNCTIONS["double_well"], [1.7], method, steps=25)
    table = tables(csv_of({method: done}))[method]
    expected = {name for name in done.trace._fields if name not in ("t", "trials")} | {"k"}
    assert set(table) == expected
    np.testing.assert_array_equal([int(k) for k in table["k"]], np.arange(len(done.f)))
    for name in expected - {"k"}:
        truth = np.asarray(getattr(done.trace, name), float).reshape(len(done.f))
        read = np.array([float(text) for text in table[name]])
        np.testing.assert_array_equal(read, truth)  # equal, not close


def test_the_csv_holds_all_methods_of_the_page():
    runs = run(Descent(methods=("gd", "adam", "golden_section", "newton"), steps=30))
    found = tables(csv_of(runs))
    assert list(found) == list(runs)
    for name, done in runs.items():
        assert [float(x) for x in found[name]["x"]] == done.x[:, 0].tolist()


def test_a_link_is_short_and_comes_back():
    assert link("http://h/descent", "descent", Descent(), {}) == "http://h/descent"
    spec = Descent(methods=("adam", "gd"), x0=-1.25, lr=0.1 + 0.2, formula="x + 1 & 2", steps=7)
    pins = ["lr=0.1&x0=2.0", "methods=gd&methods=adam"]
    address = link("http://h/descent", "descent", spec, {"descent_pin": pins, "descent_step": 3})
    query = urlsplit(address).query
    own = "&".join(part.removeprefix("descent_") for part in query.split("&"))
    assert from_query(Descent, own) == spec
    assert query.count("descent_pin=") == 2 and "descent_step=3" in query


# --- the page that plays ----------------------------------------


class Reader(HTMLParser):
    """Tags in their order, what they load, and whether each was closed."""

    VOID = {"meta", "img", "br", "link", "input"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.loads += [value for name, value in attrs if name in ("src", "href", "srcset", "data")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] and self.open[-1] in ("p", "h1", "title"):
            self.words += data


def page_of(caption: str = "defaults", name: str = "double_well", text: str = "") -> bytes:
    problem = function(text) if text else FUNCTIONS[name]
    done = descend(problem, [1.7], "gd", steps=12, lr=0.05)
    scene = descent_scene({"gd": done})
    scene = with_ghosts(scene, [(caption, pinned_run(scene))])._replace(alt=caption)
    return html_of(curve(problem, -2.2, 2.2), scene, "Descent in one dimension", caption)


@pytest.mark.parametrize("caption", ["defaults", EVIL])
def test_the_html_file_is_well_formed_and_loads_nothing(caption: str):
    reader = Reader()
    reader.feed(page_of(caption).decode("utf-8"))
    reader.close()
    assert reader.open == []
    assert reader.loads == []
    tags = ["html", "head", "meta", "title", "meta", "style", "body", "h1", "p", "div"]
    assert reader.tags == [*tags, "script", "script"]
    assert caption in reader.words


def test_a_name_in_the_figure_cannot_close_the_script():
    done = descend(FUNCTIONS["parabola"], [1.0], steps=3)
    background = curve(FUNCTIONS["parabola"], -3, 3)
    background.update_layout(title=EVIL, uirevision=EVIL)
    page = html_of(background, descent_scene({"gd": done})._replace(alt=EVIL), EVIL, EVIL).decode()
    assert "broken'</script>" not in page and "<img src=x" not in page
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.tags.count("script") == 2 and reader.open == []


def test_the_csv_of_two_variables_has_a_column_for_each() -> None:
    run = descend(SURFACES["himmelblau"], [1.0, 2.0], "adam", steps=7, stop=None)
    rows = list(csv.reader(io.StringIO(csv_of({"adam": run}).decode())))
    assert rows[0] == "series k x0 x1 f grad0 grad1 m0 m1 v0 v1".split()
    table = np.array([[float(cell) for cell in row[1:]] for row in rows[1:]])
    assert np.array_equal(table[:, 1:3], run.x) and np.array_equal(table[:, 3], run.f)
    assert np.array_equal(table[:, 8:10], run.v)
