"""Make sure that a Chromium is there for the browser tests: `python tests/browser_setup.py`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from browser import find_chromium
from playwright.sync_api import sync_playwright

HELP = (
    "The browser tests need Chromium, and it could not be installed from here. Install it "
    "(Debian/Ubuntu: apt-get install chromium; macOS: brew install --cask google-chrome) "
    "and run `make test` again."
)


def playwrights_own() -> bool:
    """Tell whether Playwright has downloaded a browser of its own."""
    with sync_playwright() as p:
        return Path(p.chromium.executable_path).exists()


def ran(*command: str) -> bool:
    print("$", *command, flush=True)
    return subprocess.run(command, check=False).returncode == 0


def by_apt() -> bool:
    """Install Debian's Chromium; Ubuntu's package of that name needs snap and may not start."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    install = "apt-get install -y --no-install-recommends chromium".split()
    return ran("apt-get", "update") and ran(*install) and find_chromium() is not None


def main() -> None:
    if find_chromium() or playwrights_own() or by_apt():
        return
    if not ran(sys.executable, "-m", "playwright", "install", "chromium"):
        sys.exit(HELP)


if __name__ == "__main__":
    main()
