"""Helpers of the tests that need the real server or a real browser."""

import contextlib
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT), str(ROOT / "scripts")]  # for those that are no tests, and run alone

from gdviz.cli.run import UVICORN  # noqa: E402

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # what one page of the app has compiled, the next one has
]
# On a link such as /descent, Streamlit looks for its server under /descent/ first: a harmless 404.
SEARCH = re.compile(r"/\w+/_stcore/(health|host-config)$")
NO_WARNING = re.compile(r"warn|error|traceback|deprecat", re.IGNORECASE)
HEADING = "[data-testid=stMain] :is(h1, h2, h3, h4)"
SETTLED = (
    '[data-testid="stApp"]'
    '[data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
)
# Several looks in a row: right after an action its run has not begun, and what a run has left stale
# is dimmed, and comes back, by a transition. A part whose script is on its way is a skeleton.
AT_REST = """([shown, seconds]) => new Promise((done, fail) => {
  const end = performance.now() + 1000 * seconds;
  const moves = (one) => one instanceof CSSTransition && one.playState === 'running';
  let looks = 0;
  const look = () => {
    const rests = shown.every((one) => document.querySelector(one))
      && !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')
      && !document.getAnimations().some(moves);
    looks = rests ? looks + 1 : 0;
    if (looks > 2) done();
    else if (performance.now() > end) fail(new Error(`not at rest in ${seconds} s`));
    else setTimeout(look, 17);
  };
  look();
})"""


class Server(NamedTuple):
    """A running server: its address, the file that holds what it printed, its process."""

    url: str
    log_file: Path
    pid: int = 0

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")


class Traffic(NamedTuple):
    """What one browser page asked for and complained about."""

    requests: list[str]
    complaints: list[str]

    def outside(self, host: str = "127.0.0.1") -> list[str]:
        """Return the requests that left the host."""
        local = ("data", "blob", "about")
        urls = [(u, urlsplit(u)) for u in self.requests]
        return [u for u, parts in urls if parts.scheme not in local and parts.hostname != host]


def find_chromium() -> str | None:
    """Return the Chromium on this machine, or None (then Playwright's own may be there)."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return found or (str(MAC_CHROME) if MAC_CHROME.exists() else None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_row(count: int) -> int:
    """Return the first of `count` ports in a row, where no connection gets its own by chance."""
    for first in random.sample(range(20_000, 32_000), 1000):
        with contextlib.suppress(OSError), contextlib.ExitStack() as probes:
            for port in range(first, first + count):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise RuntimeError(f"no {count} free ports in a row")


def status(url: str) -> int:
    """Return the HTTP status of url, 0 if nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_until_up(process: subprocess.Popen, url: str, log_file: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if status(url) == 200:
            return
        if "warm-up failed" in log_file.read_text(errors="replace"):
            break
        time.sleep(0.1)
    tail = log_file.read_text(errors="replace")[-4000:]
    raise RuntimeError(f"no answer from {url}; the server said:\n{tail}")


def end(process: subprocess.Popen, seconds: float) -> bool:
    """End a process, by force if it takes longer; tell whether it ended by itself."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


@contextmanager
def serve(
    log_file: Path,
    *,
    folder: Path = ROOT,
    probe: str = "/readyz",
    env: dict[str, str] | None = None,
    command: tuple[str, ...] = (),
    python: Path | str = sys.executable,
    seconds: float = 300,  # the first start of all compiles every kernel
) -> Iterator[Server]:
    """Run `app:app` of a folder by uvicorn on a free port until the block ends."""
    port = free_port()
    words = command or (
        *UVICORN,
        *("--host", "127.0.0.1", "--port", "{port}"),
    )
    with log_file.open("wb") as out:
        process = subprocess.Popen(
            [python, *(w.format(port=port) for w in words)],
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", log_file, process.pid)
    try:
        wait_until_up(process, server.url + probe, log_file, seconds)
        yield server
    finally:
        end(process, 10)


def complains(message: ConsoleMessage) -> bool:
    """Tell whether a console message is an error of ours."""
    return message.type == "error" and not SEARCH.search(message.location["url"])


def said(message: ConsoleMessage) -> str:
    return f"console: {message.text} ({message.location['url']})"


def record(page: Page) -> Traffic:
    """Start to record the requests, console errors and page errors of a browser page."""
    traffic = Traffic([], [])
    page.on("request", lambda r: traffic.requests.append(r.url))
    page.on("pageerror", lambda e: traffic.complaints.append(f"page error: {e}"))
    page.on("console", lambda m: traffic.complaints.append(said(m)) if complains(m) else None)
    return traffic


def settle(page: Page, seconds: float = 60, shown: tuple[str, ...] = (SETTLED,)) -> None:
    """Wait until Streamlit's script run is finished, and what it changed has come to rest.

    The page looks itself: Playwright's own looks come to be half a second apart.
    """
    page.evaluate(AT_REST, [shown, seconds])


def open_page(page: Page, url: str, seconds: float = 60) -> None:
    """Go to url and wait until its script run is finished."""
    page.goto(url)
    settle(page, seconds, (SETTLED, HEADING))


def go_on(page: Page, path: str) -> None:
    """Follow a link inside the app, in the same session, without loading everything anew."""
    page.evaluate("(path) => history.pushState({}, '', path)", path)
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
