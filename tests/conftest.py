"""Fixtures: the real app on a free port, and a page of a real browser."""

import gc
import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

# Two processes on two cores: threads of their linear algebra would wait for each other.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import pytest
import streamlit.components.v2.manifest_scanner as components
from browser import CHROMIUM_FLAGS, Server, Traffic, find_chromium, record, serve
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from xdist.scheduler import LoadScopeScheduling

# Real data that lies beside the repository is used, unless the environment names another place.
_BESIDE = Path(__file__).parents[2] / "shared" / "data"
if _BESIDE.is_dir():
    os.environ.setdefault("GDVIZ_DATA", str(_BESIDE))

# Each new AppTest would read what every installed package says of itself.
components.scan_component_manifests = cache(components.scan_component_manifests)

# What exports take is kept between processes: that of tests, which draw small ones, is no measure.
os.environ.setdefault("XDG_STATE_HOME", str(Path(tempfile.gettempdir()) / "gdviz-test-state"))

MOST_RETRIES = 10
FAILED = pytest.StashKey[bool]()
# The files that drive a browser are one group, which one process runs with a Chromium and a server
# while the other computes: two browsers wait for each other on two cores. Every other file is a
# group. What takes longest comes first, so that no process ends alone with it.
FIRST = (
    "browser test_siege test_pages test_replicas test_install test_sweep_crews "
    "test_visits test_links_kept test_mcmc_samplers test_export_files test_patterns test_house"
).split()


def group_of(file: str) -> str:
    """Return the group of a test file, which one process runs from its first test to its last."""
    return "browser" if file.startswith("test_browser_") else file


class Groups(LoadScopeScheduling):
    """Hand the groups out one after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(Path(nodeid.partition("::")[0]).stem)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups | None:
    """Take the groups for `--dist loadscope`, which is what `make test` says."""
    return Groups(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and put the longest groups first."""
    for item in items:
        if "visitor" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    order = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(group_of(item.path.stem), len(FIRST)))
    _check_retries(items)


def pytest_collection_finish() -> None:
    """Take what is imported out of the garbage collector's sight, as the server does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _check_retries(items: list[pytest.Item]) -> None:
    """A retry is an exception: for a few tests in which a hand races a clock, each with a reason.

    `-rR`, which is set, names every test that needed one.
    """
    marks = [mark for item in items for mark in item.iter_markers("flaky")]
    if len(marks) > MOST_RETRIES or not all(mark.kwargs.get("reason") for mark in marks):
        raise pytest.UsageError(
            f"{len(marks)} tests may be run again; at most {MOST_RETRIES} may, and each says why: "
            '@pytest.mark.flaky(reruns=1, reason="...")'
        )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app by uvicorn, one per test process."""
    with serve(tmp_path_factory.mktemp("server") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A headless Chromium with a profile of its own, one per test process.

    A visitor who comes back: what the browser has loaded once, and compiled, the next test has. A
    page of a new profile costs half as much again, most of it reading JavaScript.
    """
    with sync_playwright() as p:
        context = p.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=find_chromium(),
            args=CHROMIUM_FLAGS,
            viewport={"width": 1280, "height": 720},
        )
        context.set_default_timeout(30_000)
        yield context
        context.close()


@pytest.fixture(scope="session")
def browser(visitor: BrowserContext) -> Browser:
    """The visitor's browser, for contexts of another kind."""
    assert visitor.browser
    return visitor.browser


@pytest.fixture(scope="session")
def anchor(visitor: BrowserContext, server: Server) -> None:
    """Keep a page of the server open, and with it the process that has compiled its scripts."""
    visitor.new_page().goto(f"{server.url}/readyz")


@pytest.fixture
def page(visitor: BrowserContext, anchor: None) -> Iterator[Page]:
    """A 1280x720 page that is new to the server; the browser has kept files and cookies."""
    page = visitor.new_page()
    yield page
    page.close()


@pytest.fixture(scope="session")
def tabs() -> list[tuple[Page, Traffic]]:
    """The tab that a test has left to the next, if there is one."""
    return []


@pytest.fixture
def tab(
    request: pytest.FixtureRequest, visitor: BrowserContext, tabs: list[tuple[Page, Traffic]]
) -> Iterator[Page]:
    """A 1280x720 page like `page` with `traffic`, but in the tab that the test before has left.

    `Desk.open` goes on by a link there, which costs a third of loading the app anew, and decides
    all. A test that failed leaves no tab. One that needs a history, a theme, routes or a storage of
    its own takes `page`.
    """
    if not tabs:
        page = visitor.new_page()
        tabs.append((page, record(page)))
    page, seen = tabs[0]
    seen.requests.clear()
    yield page
    page.set_viewport_size({"width": 1280, "height": 720})
    if request.node.stash.get(FAILED, True) or seen.outside() or seen.complaints:
        tabs.clear()
        page.close()
    assert (seen.outside(), seen.complaints) == ([], [])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures of a test whether it failed."""
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def traffic(page: Page) -> Iterator[Traffic]:
    """What `page` asked for; a request outside or an error on the console fails the test."""
    seen = record(page)
    yield seen
    assert seen.outside() == []
    assert seen.complaints == []


@pytest.fixture(scope="session")
def california() -> Path:
    """The file of California's houses, where GDVIZ_DATA or the folder beside this one has it."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    file = Path(os.environ.get("GDVIZ_DATA") or beside) / "california-housing" / "housing.csv"
    if not file.is_file():
        pytest.skip("no California housing here: set GDVIZ_DATA to a folder that has it")
    return file


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Put `__main__` back, where a page run by Streamlit leaves its script.

    A process that is started anew would run that script.
    """
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
