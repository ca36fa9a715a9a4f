"""The Chromium that draws: with a folder and a page of its own, and without a network.

What is drawn may hold a visitor's text. So the page loads nothing (a content policy), no name is
resolved, no file is read, and the sandbox is on wherever the machine allows it.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from choreographer.browsers.chromium import Chromium
from kaleido import Kaleido
from kaleido._page_generator import KJS_PATH
from plotly.offline import get_plotlyjs

from gdviz.browser.bundle import bundle
from gdviz.export.fonts import faces

# Plotly compiles shaders by `Function`; pictures come and go as data and blobs.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; connect-src data: blob:; worker-src blob:"
)
# Flags of choreographer that open the files of the machine, and the web, to a page.
OPENING = ("--allow-file-access-from-files", "--disable-web-security", "--disable-popup-blocking")
CLOSING = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-features=DnsOverHttps,AsyncDns,OptimizationHints,MediaRouter,Translate",
    "--no-pings",
)


def may_sandbox() -> bool:
    """Tell whether Chromium can have a sandbox: on Linux it refuses one to root."""
    return not (sys.platform.startswith("linux") and os.geteuid() == 0)


def flags(usual: Iterable[str]) -> list[str]:
    """Return the command line of a browser without what opens it, and with what closes it."""
    return [word for word in usual if word not in OPENING] + list(CLOSING)


def index() -> str:
    """Return the page where figures are drawn: Plotly, Kaleido's script, our fonts and film."""
    film = f"{bundle('film')}\nObject.assign(window, {{ openFilm, frameOf }});"
    lettered = Path(__file__).with_name("lettered.js").read_text("utf-8")
    return f"""<!doctype html>
<html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>gdviz</title><style id="head-style"></style><style id="faces">{faces()}</style>
<script>{get_plotlyjs()}</script>
<script>{KJS_PATH.read_text("utf-8")}</script>
<script>{{ {lettered} }}</script>
<script type="module">{film}</script>
</head><body style="margin: 0; padding: 0;"><img id="kaleido-image" /></body></html>
"""


class Folder:
    """A temporary folder that goes when it is told to, and only by the process that made it.

    A folder of `tempfile` goes when the interpreter ends, while the browser still writes into it,
    and a forked child takes it from its parent.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=".gdviz-" if home else "gdviz-", dir=home))
        self.owner = os.getpid()

    def clean(self) -> None:
        """Remove the folder; a process of the browser may write for a moment longer."""
        for _ in range(20):
            if os.getpid() != self.owner or not self.path.exists():
                return
            shutil.rmtree(self.path, ignore_errors=True)
            time.sleep(0.05 if self.path.exists() else 0)


class Closed(Chromium):
    """A Chromium that loads nothing."""

    def pre_open(self) -> None:
        """Make the folder of the browser; a snap does not see /tmp."""
        self.tmp_dir: Any = Folder(Path.home() if self.is_isolated() else None)

    def get_cli(self) -> list[str]:
        """Return the command line."""
        return flags(super().get_cli())


class Sandboxed(Closed):
    """A Chromium that loads nothing, in a sandbox."""

    def get_cli(self) -> list[str]:
        """Return the command line."""
        return [word for word in super().get_cli() if word != "--no-sandbox"]


class Browser(Kaleido):
    """A browser that is ready to draw once it is opened."""

    def __init__(self, path: str | None, sandbox: bool) -> None:
        self.folder = Folder(Path.home() if "snap" in str(path) else None)
        page = self.folder.path / "index.html"
        page.write_text(index(), "utf-8")
        kind = Sandboxed if sandbox else Closed
        super().__init__(n=1, timeout=None, page_generator=str(page), path=path, browser_cls=kind)

    async def close(self) -> None:
        """Close the browser, and remove its folder."""
        await super().close()
        self.folder.clean()


async def open_browser(path: str | None) -> Browser:
    """Return an open browser, in a sandbox if the machine allows one."""
    for sandbox in (True, False) if may_sandbox() else (False,):
        browser = Browser(path, sandbox)
        try:
            await browser.open()
            return browser
        except Exception:  # no user namespaces: many containers, some distributions
            await browser.close()
            if not sandbox:
                raise
    raise AssertionError("the last try returns or raises")
