"""Open, play, drag and link every page in Firefox and in WebKitGTK: `make browsers`.

Both are driven by what they bring along: Firefox by its own protocol Marionette, WebKitGTK by its
WebKitWebDriver. One that is not installed is named and left out.
"""

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import end, free_port, serve  # noqa: E402

from gdviz.catalogue.pages import PAGES  # noqa: E402

FIREFOX = ("firefox-esr", "firefox")
PACKAGES = {"Firefox": "firefox-esr", "WebKitGTK": "webkit2gtk-driver xvfb"}
MINI = "usr/lib/*/webkit2gtk-4.*/MiniBrowser"
PREFERENCES = """user_pref("marionette.port", %d);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
"""
REST = 2.0  # seconds without a change
SECONDS = 60.0  # that a page may take, in a browser that has seen nothing

Send = Callable[[str, dict[str, Any]], Any]  # a command of the protocol, and its answer


class BrowserWindow:
    """A window of a browser, by what both protocols can do."""

    def __init__(self, name: str, send: Send, words: dict[str, str]) -> None:
        self.name, self.send, self.words = name, send, words

    def go(self, url: str) -> None:
        """Open an address."""
        self.send(self.words["go"], {"url": url})

    def ask(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        return self.send(self.words["ask"], {"script": f"return {script}", "args": []})

    def wait(self, script: str, what: str) -> Any:
        """Return the value of an expression as soon as it is true."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            if value := self.ask(script):
                return value
            time.sleep(0.2)
        raise AssertionError(f"{what}: {script} stays {value!r}")

    def rest(self, script: str) -> Any:
        """Return the value of an expression as soon as it has stayed the same for a while."""
        until, value, since = time.monotonic() + SECONDS, self.ask(script), time.monotonic()
        while time.monotonic() < min(until, since + REST):
            time.sleep(0.2)
            if (now := self.ask(script)) != value:
                value, since = now, time.monotonic()
        return value

    def act(self, source: dict[str, Any]) -> None:
        """Move a pointer, or press a key."""
        self.send(self.words["act"], {"actions": [source]})

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        steps = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.act({"type": "key", "id": "keys", "actions": steps})

    def drag(self, place: list[float], by: tuple[int, int]) -> None:
        """Drag with the mouse from a place in the window."""
        x, y = map(round, place)
        move = {"type": "pointerMove", "duration": 60}
        path = [{**move, "x": x + by[0] * k // 4, "y": y + by[1] * k // 4} for k in range(5)]
        down, up = ({"type": f"pointer{way}", "button": 0} for way in ("Down", "Up"))
        steps = [path[0], down, *path[1:], up]
        mouse = {"pointerType": "mouse"}
        self.act({"type": "pointer", "id": "mouse", "parameters": mouse, "actions": steps})


@contextmanager
def firefox(folder: Path) -> Iterator[BrowserWindow]:
    """Start Firefox without a window on the screen, and give its window."""
    port = free_port()
    (folder / "user.js").write_text(PREFERENCES % port)
    name = next(filter(shutil.which, FIREFOX))
    words = [name, "--headless", "--marionette", "--no-remote", "--profile", str(folder)]
    with _running(words, folder, {"MOZ_HEADLESS_WIDTH": "1280", "MOZ_HEADLESS_HEIGHT": "800"}):
        with _connected(port) as line:
            reader, numbers = line.makefile("rb"), count()

            def read() -> Any:
                size = b""
                while (digit := reader.read(1)) != b":":
                    size += digit
                return json.loads(reader.read(int(size)))

            def send(command: str, given: dict[str, Any]) -> Any:
                text = json.dumps([0, next(numbers), f"WebDriver:{command}", given]).encode()
                line.sendall(b"%d:%s" % (len(text), text))
                _, _, error, answer = read()
                if error:
                    raise RuntimeError(f"{command}: {error['message']}")
                return _value(answer)

            read()  # Firefox speaks first
            send("NewSession", {"capabilities": {}})
            words_ = {"go": "Navigate", "ask": "ExecuteScript", "act": "PerformActions"}
            yield BrowserWindow("Firefox", send, words_)


@contextmanager
def webkit(folder: Path) -> Iterator[BrowserWindow]:
    """Start WebKitGTK's small browser on a screen that nobody sees, and give its window."""
    port = free_port()
    words = ["xvfb-run", "-a", "WebKitWebDriver", f"--port={port}"]
    with _running(words, folder, {}):
        with _connected(port):
            pass

        def send(command: str, given: dict[str, Any]) -> Any:
            body = json.dumps(given).encode()
            url = f"http://127.0.0.1:{port}/session{command}"
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return _value(json.load(answer))

        mini = {"binary": str(next(Path("/").glob(MINI))), "args": ["--automation"]}
        asked = {"alwaysMatch": {"webkitgtk:browserOptions": mini}}
        key = f"/{send('', {'capabilities': asked})['sessionId']}"
        send(f"{key}/window/rect", {"width": 1280, "height": 800})
        words_ = {"go": f"{key}/url", "ask": f"{key}/execute/sync", "act": f"{key}/actions"}
        yield BrowserWindow("WebKitGTK", send, words_)


def _value(answer: Any) -> Any:
    return answer.get("value", answer) if isinstance(answer, dict) else answer


@contextmanager
def _running(words: list[str], folder: Path, env: dict[str, str]) -> Iterator[None]:
    own = {"HOME": str(folder), "PATH": "/usr/local/bin:/usr/bin:/bin", **env}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, env=own, stdout=log, stderr=log)
    try:
        yield
    finally:
        end(process, 10)


@contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    until = time.monotonic() + SECONDS
    while True:
        try:
            line = socket.create_connection(("127.0.0.1", port), SECONDS)
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
    with line:
        yield line


STEP = "parseInt((document.querySelector('.gd-bar output')?.textContent ?? '').slice(5))"
HANDLE = "document.querySelector('.gd-keys [data-kind=drawn]:not([hidden])')"
PLACE = f"""(() => {{ const box = {HANDLE}?.getBoundingClientRect();
  return box && [box.left + box.width / 2, box.top + box.height / 2]; }})()"""
DRAWN = "document.querySelector('canvas.gd-over[style]') !== null"
DONE = """document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]')
  !== null"""
TOLD = f"{DONE} && document.querySelector('.gd-stage').parentElement.gdStage.line.idle"
SHOWN_BARS = """[...document.querySelectorAll('.gd-stage .modebar')]
  .filter((bar) => getComputedStyle(bar).opacity !== '0' && bar.clientWidth
    && !bar.closest('.gd-plot').matches(':hover')).length"""


def visit(window: BrowserWindow, url: str, stem: str, has_stage: bool) -> None:
    """Open a page; play, drag and link its stage."""
    window.go(f"{url}/{stem}")
    window.wait("document.querySelector('[data-testid=stMain] h1') !== null", "no title")
    if not has_stage:
        return
    window.wait(DRAWN, "no picture")
    window.wait(DONE, "the script does not end")
    if window.ask("document.querySelector('.gd-bar input').max") != "0":
        window.press("\ue011")  # Home
        window.wait(f"{STEP} === 0", "Home does not lead to the start")
        window.press(" ")
        window.wait(f"{STEP} > 0", "it does not play")
        window.press("\ue010")  # End
    assert window.ask(SHOWN_BARS) == 0, "a tool bar lies on a picture that no pointer is over"
    place = window.ask(PLACE)
    if place is None:
        return
    said = window.ask(f"{HANDLE}.ariaValueText")
    window.drag(place, (40, -25))
    window.wait(f"{HANDLE}.ariaValueText !== {said!r}", "the handle does not follow")
    window.wait(TOLD, "Python is not told")
    link, moved = window.rest(f"[location.href, {HANDLE}.ariaValueText]")
    window.go(link)
    window.wait(f"{HANDLE}?.ariaValueText === {moved!r}", "the link leads elsewhere")


def installed() -> dict[str, Callable[[Path], Any]]:
    """Return the browsers of this machine."""
    found: dict[str, Callable[[Path], Any]] = {}
    if any(map(shutil.which, FIREFOX)):
        found["Firefox"] = firefox
    if shutil.which("WebKitWebDriver") and shutil.which("xvfb-run"):
        found["WebKitGTK"] = webkit
    return found


def main() -> None:
    """Visit every page, or those named, in every browser that is here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="only these pages")
    asked, here, wrong = parser.parse_args().pages, installed(), 0
    for name in PACKAGES.keys() - here.keys():
        print(f"{name} is not here. Debian, Ubuntu: apt-get install {PACKAGES[name]}")
    with tempfile.TemporaryDirectory() as log, serve(Path(log) / "log") as server:
        for start in here.values():
            with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as window:
                for entry in PAGES:
                    if asked and entry.stem not in asked:
                        continue
                    stem = "" if entry == PAGES[0] else entry.stem
                    try:
                        visit(window, server.url, stem, entry.has_settings)
                        print(f"{window.name}, {entry.stem}: opened, played, dragged, linked")
                    except (AssertionError, RuntimeError, OSError) as error:
                        wrong += 1
                        print(f"{window.name}, {entry.stem}: {error}")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
