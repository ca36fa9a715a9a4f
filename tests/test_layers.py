"""The arrows between the rooms of the house point one way, and nothing imports in a circle."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from gdviz.browser.bundle import bundle

ROOT = Path(__file__).parents[1]
# A room may import those before it, and itself; no two share a rank.
ROOMS = (
    *("gdviz", "app_folder", "env", "core", "close_up", "knobs", "knob_texts", "numerals"),
    *("queries", "cache", "one_thread"),
    *("expressions", "kernels"),
    *("optimize", "learn", "probability", "geometry"),
    *("figures", "browser", "catalogue", "export", "sweep", "ui", "server"),
    *("topics", "cli", "__main__", "app", "pages"),
)
# What a file of a topic may be, by the beginning of its name: what may be asked and what runs;
# pictures of it; what a visitor touches. All other names are of the first layer.
PICTURES, SCREENS = ("figure", "charts"), ("controls", "tabs", "screen")
HOMES = {
    "streamlit": {"ui", "server", "screens", "pages", "app"},
    "plotly": {"figures", "export", "ui", "server", "pictures", "screens"},
    "numba": {"kernels"},
}
SHOW_ALL = {"pitfalls", "home"}  # pages about all others; they ask the catalogue for them
FORMER = {"gdviz.learn.planted", "gdviz.learn.movielens", "gdviz.topics.geometry_rooms"}


def names_of(files: list[Path]) -> dict[str, Path]:
    """Return the dotted name of each file: `gdviz.ui.frame`, `pages.race`, `app`."""
    dotted = {".".join(f.relative_to(ROOT).with_suffix("").parts): f for f in files}
    return {name.removesuffix(".__init__"): file for name, file in dotted.items()}


FILES = names_of([ROOT / "app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("gdviz/**/*.py")])


def imported(text: str) -> Iterator[str]:
    """Give the dotted names that a text imports, with `from a import b` as `a.b`."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_of(name: str) -> str:
    """Return the module of ours that an import names: itself, or where the name stands."""
    return name if name in FILES else name.rpartition(".")[0]


@cache
def graph_of_files() -> dict[str, set[str]]:
    """Return what each file imports."""
    texts = {name: file.read_text("utf-8") for name, file in FILES.items()}
    return {name: {module_of(n) for n in imported(text)} for name, text in texts.items()}


def private_imports(text: str) -> list[str]:
    """Return the names of ours that a text imports though they are private to another file."""
    return [
        name
        for name in imported(text)
        if name.startswith("gdviz.") and re.search(r"\._(?!_)", name)
    ]


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if parts[0] == "gdviz" and parts[1:] else parts[0]


def topic_of(name: str) -> str:
    parts = name.split(".")
    return parts[2] if parts[:2] == ["gdviz", "topics"] and parts[2:] else ""


def layer_of(name: str) -> str:
    """Return the layer of a file: that of the vocabulary in a topic, else its room."""
    if not topic_of(name):
        return room_of(name)
    file = name.rpartition(".")[2]
    if file.startswith(SCREENS):
        return "screens"
    return "pictures" if file.startswith(PICTURES) else "settings"


def faults_of(name: str, imports: set[str]) -> Iterator[str]:
    """Give what is wrong with the imports of a file, in words."""
    for other in imports:
        top = other.split(".")[0]
        if top in HOMES and layer_of(name) not in HOMES[top]:
            yield f"{name} must not import {top}"
        if other not in FILES:
            continue
        if ROOMS.index(room_of(other)) > ROOMS.index(room_of(name)):
            yield f"{name} must not import {other}, which stands above it"
        if topic_of(name) and topic_of(other):
            yield from _within_topics(name, other)


def _within_topics(name: str, other: str) -> Iterator[str]:
    if topic_of(name) != topic_of(other):
        yield f"{name} must not import another topic ({other}): ask the catalogue"
    order = ("settings", "pictures", "screens")
    if order.index(layer_of(other)) > order.index(layer_of(name)):
        yield f"{name} must not import {other}: settings know no pictures, pictures no screens"


def circles_of(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the circles of a graph: its strongly connected parts of two or more (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other in graph and other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            part = stack[stack.index(node) :]
            del stack[-len(part) :]
            if len(part) > 1:
                found.append(part)

    for node in graph:
        if node not in index:
            visit(node)
    return found


def between_folders(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the imports between rooms: what any file of one imports of another."""
    rooms: dict[str, set[str]] = {}
    for name, imports in graph.items():
        others = {room_of(other) for other in imports if other in FILES}
        rooms.setdefault(room_of(name), set()).update(others - {room_of(name)})
    return rooms


def test_what_another_file_imports_is_not_private():
    """A name that begins with _ is of its own file."""
    assert private_imports("from gdviz.knobs import Knob, _short") == ["gdviz.knobs._short"]
    found = {name: private_imports(file.read_text("utf-8")) for name, file in FILES.items()}
    assert {name: names for name, names in found.items() if names} == {}


def test_a_file_imports_only_what_stands_below_it():
    graph = {name: imports for name, imports in graph_of_files().items() if name not in FORMER}
    assert len(graph) > 400
    assert {room_of(name) for name in graph} <= set(ROOMS), "give the room a place in ROOMS"
    assert [fault for name, imports in graph.items() for fault in faults_of(name, imports)] == []


def test_nothing_imports_in_a_circle():
    assert circles_of(graph_of_files()) == []
    assert (
        circles_of({k: v - {"gdviz"} for k, v in between_folders(graph_of_files()).items()}) == []
    )


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("gdviz.ui.frame", "gdviz.topics.race.settings"),
        ("gdviz.export.files", "gdviz.ui.frame"),
        ("gdviz.topics.race.settings", "gdviz.topics.race.figure"),
        ("gdviz.topics.race.figure", "gdviz.topics.race.tabs"),
        ("gdviz.topics.race.settings", "streamlit"),
        ("gdviz.topics.race.settings", "plotly"),
        ("gdviz.topics.race.figure", "gdviz.topics.descent.figure"),
        ("gdviz.optimize.rules", "numba"),
        ("gdviz.learn.linear", "gdviz.probability.rules"),
    ],
)
def test_a_planted_fault_is_found(name: str, other: str):
    assert len(list(faults_of(name, {other}))) == 1


def test_a_planted_circle_is_found():
    graph = graph_of_files() | {"gdviz.core": {"gdviz.learn.linear"}}
    assert any("gdviz.core" in circle for circle in circles_of(graph))
    folders = between_folders(graph)
    assert circles_of(folders) != []


def scripts() -> dict[str, set[str]]:
    """Return what each browser module imports."""
    pattern = re.compile(r"^import [^;]*? from '\./(.+?)';", re.MULTILINE)
    files = (ROOT / "gdviz" / "browser").glob("*.js")
    return {f.name: set(pattern.findall(f.read_text("utf-8"))) for f in files}


def test_browser_modules_import_in_no_circle():
    graph = scripts()
    assert sum(map(len, graph.values())) > 10
    assert all(other in graph for others in graph.values() for other in others)
    assert circles_of(graph) == []
    assert circles_of(graph | {"messages.js": {"stage.js"}}) != []


TOOLKITS = ("ui", "figures", "browser", "server", "catalogue")


def test_no_file_of_a_toolkit_bears_the_name_of_a_page():
    pages = {file.stem for file in ROOT.glob("pages/*.py")} - {"home"}
    files = [f for kit in TOOLKITS for f in (ROOT / "gdviz" / kit).rglob("*") if f.is_file()]
    assert len(files) > 40
    assert [
        f for f in files if f.stem in pages or f.stem.startswith(tuple(f"{p}_" for p in pages))
    ] == []


def test_pages_are_short_compositions():
    long = {f.name for f in ROOT.glob("pages/*.py") if len(f.read_text().splitlines()) > 60}
    assert long == set()


def test_modules_that_are_joined_in_one_file_share_no_name() -> None:
    """An exported page or film is one text, in which a second declaration is an error."""
    declared = re.compile(r"^(?:export )?(?:async )?(?:const|let|function\*?|class) (\w+)", re.M)
    files = [("standalone", "explore"), ("deck",), ("film",), ("hall",), ("hall_page",)]
    for parts in files:
        names = Counter(declared.findall(bundle(*parts)))
        assert len(names) > 40 and [n for n, count in names.items() if count > 1] == []
