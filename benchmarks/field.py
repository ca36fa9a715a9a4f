"""What measurements share: servers, a browser, and a probe in its pages that times pictures."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))

from browser import (  # noqa: E402
    CHROMIUM_FLAGS,
    UVICORN,
    find_chromium,
    free_port,
    open_page,
    settle,
    wait_until_up,
)
from browser import free_row as free_row  # noqa: E402
from desk import poll as poll  # noqa: E402

FLAGS = "-m uvicorn --ws-per-message-deflate false --log-level warning".split()
APPS = {
    "gdviz": UVICORN,  # as it is served
    "echo": [*FLAGS, "--factory", "benchmarks.apps.asgi:echo"],
    "chart": [*FLAGS, "--factory", "benchmarks.apps.asgi:chart"],
    "empty": [*FLAGS, "--factory", "benchmarks.apps.asgi:empty"],
}
HEALTH = "/_stcore/health"

# `bench.arm(kind)` is a promise of two times after the next key press: until the page shows
# something new, and until the second frame after that. `bench.drawn` holds the times at which a
# stage drew a new scene, `bench.frames` those at which it drew anything. `bench.rest(ms)` resolves
# once page and server have been silent for that long.
PROBE = """
window.bench = { drawn: [], frames: [], heard: 0 };
{
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...words) {
      super(...words);
      this.addEventListener('message', () => { bench.heard = performance.now(); });
    }
    send(data) {
      bench.heard = performance.now();
      super.send(data);
    }
  };
  bench.rest = async (ms) => {
    while (performance.now() - bench.heard < ms) await new Promise((done) => setTimeout(done, 20));
  };
  let pressed, scene;
  addEventListener('keydown', () => { pressed ??= performance.now(); }, true);
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    clear.apply(this, box);
    const stage = this.canvas.closest('.gd-stage')?.parentElement.gdStage;
    if (!stage) return;
    bench.frames.push(performance.now());
    if (stage.scene === scene) return;
    scene = stage.scene;
    bench.drawn.push(performance.now());
  };
  const seen = {
    stage: () => bench.drawn.length,
    chart: () => document.querySelector('.js-plotly-plot .gtitle')?.textContent,
    echo: () => document.querySelector('[data-testid="stText"]')?.textContent,
  };
  bench.arm = (kind) => {
    const before = seen[kind]();
    pressed = undefined;
    bench.answer = new Promise((resolve) => {
      const watch = new MutationObserver(() => {
        const value = seen[kind]();
        if (!value || value === before || pressed === undefined) return;
        watch.disconnect();
        const shown = performance.now() - pressed;
        const painted = () => resolve([shown, performance.now() - pressed]);
        requestAnimationFrame(() => requestAnimationFrame(painted));
      });
      watch.observe(document, { subtree: true, childList: true, characterData: true });
    });
  };
}
"""


class Running(NamedTuple):
    """A server: its address and its process."""

    url: str
    process: subprocess.Popen


class Field(NamedTuple):
    """Running servers by name, and the browser that visits them."""

    servers: dict[str, Running]
    browser: Browser

    def visit(self, app: str, link: str = "/") -> Page:
        """Open a page that has the probe, and wait until it is at rest."""
        page = self.browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(30_000)
        page.add_init_script(PROBE)
        open_page(page, self.servers[app].url + link)
        shown = {"gdviz": ".gd-bar output", "chart": ".js-plotly-plot .gtitle"}
        page.locator(shown.get(app, "[data-testid=stText]")).first.wait_for()
        rest(page, 1000)
        return page


def rest(page: Page, ms: int = 350) -> None:
    """Wait until a page and its server have been silent for a while."""
    page.wait_for_timeout(ms)
    page.evaluate("ms => bench.rest(ms)", ms)
    settle(page)


def start(app: str, log: Path) -> Running:
    """Start a server without waiting for it."""
    port = free_port()
    command = [sys.executable, *APPS[app], "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    return Running(f"http://127.0.0.1:{port}", process)


def stop(server: Running) -> None:
    """End a server that `start` has started."""
    server.process.terminate()
    try:
        server.process.wait(10)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


@contextmanager
def field(*apps: str) -> Iterator[Field]:
    """Run the servers and a headless Chromium until the block ends."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = {}
        for app in apps:
            servers[app] = start(app, folder / app)
            stack.callback(stop, servers[app])
        for app, server in servers.items():
            probe = "/readyz" if app == "gdviz" else HEALTH
            wait_until_up(server.process, server.url + probe, folder / app, 120)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        stack.callback(browser.close)
        yield Field(servers, browser)
