"""What the process remembers: bounded, and nothing of a visitor's upload among it."""

import ast
import gc
import importlib
import inspect
import pkgutil
import weakref
from collections import deque
from functools import _lru_cache_wrapper
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from cachetools import LRUCache
from streamlit.testing.v1 import AppTest

import gdviz
from gdviz import cache as kept
from gdviz.catalogue.pages import PAGES
from gdviz.learn.recommender.ratings import Ratings
from gdviz.topics.recommender import rooms
from gdviz.topics.recommender import studies as recommender_studies
from gdviz.topics.recommender.course import TrainingCourse, data_key, run
from gdviz.topics.recommender.ratings_source import data_of
from gdviz.topics.recommender.settings import UPLOAD, Recommender
from gdviz.topics.recommender.upload_cache import MOST, cached_unless_upload

ROOT = Path(__file__).parents[1]
SCRIPTS = ("gdviz.__main__", "gdviz.ui.shell")
NAMES = [m.name for m in pkgutil.walk_packages(gdviz.__path__, "gdviz.") if m.name not in SCRIPTS]
SOURCES = sorted(ROOT.glob("gdviz/**/*.py")) + sorted(ROOT.glob("pages/*.py"))
BOUNDS = {"max_entries", "max_size"}


@pytest.fixture(scope="module")
def modules() -> list[ModuleType]:
    return [importlib.import_module(name) for name in NAMES]


def wrappers() -> list[Any]:
    """Return every cache of functools that our code has made, those in closures included."""
    gc.unfreeze()  # what the start of the tests has put out of sight is looked at, too
    found: list[Any] = [o for o in gc.get_objects() if type(o) is _lru_cache_wrapper]
    gc.freeze()
    return [o for o in found if (getattr(o, "__module__", "") or "").startswith("gdviz")]


def test_every_cache_of_a_function_has_a_bound(modules):
    found = wrappers()
    assert len(found) > 20, "the walk finds them"
    for cache in found:
        takes = inspect.signature(cache.__wrapped__).parameters
        most = cache.cache_parameters()["maxsize"]
        name = f"{cache.__module__}.{cache.__qualname__}"
        assert most is not None and most <= 512 or not takes, f"{name} has no bound"


def test_results_are_kept_by_their_bytes_the_latest_of_them(monkeypatch):
    monkeypatch.setattr(kept, "_results", LRUCache(250_000, getsizeof=lambda kept: kept[1]))
    monkeypatch.setattr(kept, "_large", {})
    monkeypatch.setattr(kept, "MOST_BYTES", 250_000)
    made: list[int] = []

    @kept.cached
    def zeros(n: int) -> np.ndarray:
        made.append(n)
        return np.zeros(n, np.int8)

    first = zeros(100_000)
    zeros(100_001)
    assert zeros(100_000) is first and made == [100_000, 100_001]
    zeros(100_002)  # there is room for two: the one that was asked for longest ago has gone
    assert kept._results.currsize <= 250_000
    assert zeros(100_000) is first and zeros(100_001).size and made[-1] == 100_001
    huge = zeros(300_000)
    assert zeros(300_000) is huge, "larger than the memory: kept until the next such one"
    zeros(300_001)
    assert zeros(300_000) is not huge and len(kept._large) == 1
    kept.clear()
    assert not kept._results and not kept._large


def test_a_result_counts_the_arrays_it_keeps_alive_once():
    rows = np.zeros((1000, 10))
    alone = kept.size_of(rows)
    assert 80_000 <= alone < 81_000
    assert kept.size_of(rows[:1]) > 80_000, "a view keeps all of it"
    assert kept.size_of([rows, rows[3], {"same": rows.T}]) < alone + 2000
    figure = go.Figure(go.Scatter(x=np.zeros(5000), y=np.zeros(5000)))
    assert 80_000 < kept.size_of(figure) < 200_000


@pytest.mark.parametrize("name", ["cache_data", "cache_resource"])
def test_every_cache_of_streamlit_has_a_bound(name: str):
    for file in SOURCES:
        if name not in (text := file.read_text("utf-8")):
            continue
        nodes = list(ast.walk(ast.parse(text)))
        calls = [n for n in nodes if isinstance(n, ast.Call) and _named(n.func, name)]
        assert len(calls) == sum(_named(n, name) for n in nodes), f"{file}: @st.{name} without ()"
        for call in calls:
            assert BOUNDS & {word.arg for word in call.keywords}, f"{file}: {ast.unparse(call)}"


def _named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


def sizes(modules: list[ModuleType]) -> dict[str, int]:
    """Return how much lies in every container of a module, and in those of its own objects."""
    kinds = (dict, list, set, deque)
    return {
        f"{module.__name__}.{name}": len(value)
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, kinds) and not name.startswith("__")
    }


def test_no_container_of_a_module_grows_while_pages_are_visited(modules):
    pages = [page.stem for page in PAGES if page.stem in ("home", "race", "regression")]
    for turn in range(2):
        before = sizes(modules)
        for stem in pages:
            at = AppTest.from_file(str(ROOT / "gdviz" / "ui" / "shell.py"), default_timeout=60)
            at.switch_page(str(ROOT / "pages" / f"{stem}.py")).run()
            assert not at.exception
        if turn:
            assert sizes(modules) == before


def ratings() -> Ratings:
    """Return ratings as an upload makes them: equal in content each time, never the same."""
    chance = np.random.default_rng(3)
    users, items = np.divmod(chance.permutation(600)[:400], 20)
    users, items = (
        np.unique(users, return_inverse=True)[1],
        np.unique(items, return_inverse=True)[1],
    )
    values = chance.integers(1, 6, 400).astype(float)
    ids = [np.array([str(i) for i in range(places.max() + 1)]) for places in (users, items)]
    return Ratings(users, items, values, *ids, (1.0, 5.0))


def use(upload: Ratings) -> TrainingCourse:
    """Do with an upload what the page does, and return its training."""
    spec = Recommender(data=UPLOAD, epochs=3, factors=2)
    course = run(spec, upload)
    assert run(spec, upload) is course, "it is remembered while the visitor is there"
    rooms.walk(spec, course.data)
    recommender_studies.rankings(course)
    return course


def test_an_upload_is_forgotten_when_its_visitor_leaves():
    upload = ratings()
    use(upload)
    kept = [weakref.ref(upload), weakref.ref(upload.values)]
    del upload
    gc.collect()
    assert [reference() for reference in kept] == [None, None]


def test_two_visitors_with_the_same_file_share_nothing():
    first, second = ratings(), ratings()
    before = list(kept._results)
    one, two = use(first), use(second)
    assert one is not two and one.data.ratings is first and two.data.ratings is second
    assert list(kept._results) == before, "the memory of the process has none of it"


def test_the_results_that_are_kept_with_an_upload_are_few():
    upload = ratings()
    for seed in range(MOST + 4):
        run(Recommender(data=UPLOAD, epochs=1, factors=2, seed=seed), upload)
        assert len(vars(upload)["_kept"]) <= MOST


def test_data_that_has_a_name_is_shared():
    spec = Recommender(epochs=2, factors=2)
    assert run(spec) is run(spec)

    @cached_unless_upload
    def name_of(key: Any, number: int) -> str:
        return f"{len(key.data.ratings)} {number}"

    key = data_key(data_of(spec))
    assert name_of(key, 1) is name_of(key, 1)
