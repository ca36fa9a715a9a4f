"""Fixtures: the real app on a free port, and a page of a real browser."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM_FLAGS, Server, Traffic, find_chromium, record, serve
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

# Real data that lies beside the repository is used, unless the environment names another place.
_BESIDE = Path(__file__).parents[2] / "shared" / "data"
if _BESIDE.is_dir():
    os.environ.setdefault("GDVIZ_DATA", str(_BESIDE))


MOST_RETRIES = 10
# What takes longest comes first, so that no process ends alone with it.
FIRST = ("browser", "test_replicas", "test_install", "test_sweep_crews", "test_pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, those that drive a browser before all; see the Makefile."""
    groups = {item: _group_of(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
        if "visitor" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    order = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(groups[item], len(FIRST)))
    _check_retries(items)


def _group_of(item: pytest.Item) -> str:
    shared = {"visitor", "server"} & set(getattr(item, "fixturenames", ()))
    return "browser" if shared and item.path.stem != "test_replicas" else item.path.stem


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


@pytest.fixture
def color_scheme() -> str:
    """Override (`@pytest.mark.parametrize("color_scheme", ["dark"])`) for a dark browser."""
    return "light"


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
def page(visitor: BrowserContext, anchor: None, color_scheme: Any) -> Iterator[Page]:
    """A 1280x720 page that is new to the server; only the files are those the browser has kept."""
    page = visitor.new_page()
    page.emulate_media(color_scheme=color_scheme)
    yield page
    page.close()
    visitor.clear_cookies()


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
