"""Make sure that Chromium and nginx are there for the tests: `python tests/browser_setup.py`."""

import sys
from pathlib import Path

from browser import find_chromium
from playwright.sync_api import sync_playwright
from tools import ensure, install_by_apt, run_visibly  # in scripts, where `browser` has led

HELP = (
    "The browser tests need Chromium, and it could not be installed from here. Install it "
    "(Debian/Ubuntu: apt-get install chromium; macOS: brew install --cask google-chrome) "
    "and run `make test` again."
)


def playwrights_own() -> bool:
    """Tell whether Playwright has downloaded a browser of its own."""
    with sync_playwright() as p:
        return Path(p.chromium.executable_path).exists()


def debians() -> bool:
    """Install Debian's Chromium; Ubuntu's package of that name needs snap and may not start."""
    return install_by_apt("chromium") and find_chromium() is not None


def main() -> None:
    if not ensure("nginx"):
        print("nginx could not be installed from here: the tests of several replicas are skipped.")
    if find_chromium() or playwrights_own() or debians():
        return
    if not run_visibly(sys.executable, "-m", "playwright", "install", "chromium"):
        sys.exit(HELP)


if __name__ == "__main__":
    main()
