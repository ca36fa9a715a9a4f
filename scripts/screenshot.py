"""Take screenshots of every page for a review: `python scripts/screenshot.py FOLDER [PAGES]`.

It starts the app on a free port and opens each page in a headless Chromium: light, dark, as a
lecture and on a phone. It stops if a page complains.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import CHROMIUM_FLAGS, find_chromium, open_page, record, serve  # noqa: E402

from gdviz.catalogue.pages import PAGES  # noqa: E402

SIZE: Any = {"width": 1280, "height": 720}
# How every page is seen in a review: the name, the window, the colours, the query.
VIEWS: list[tuple[str, Any, str, str]] = [
    ("light", SIZE, "light", ""),
    ("dark", SIZE, "dark", ""),
    ("lecture", SIZE, "light", "?lecture=1"),
    ("phone", {"width": 390, "height": 844}, "light", ""),
]


def review(chromium: Any, url: str, folder: Path, names: list[str]) -> None:
    """Save every page, or those named, in every view, each in a fresh browser context."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in PAGES:
        for view, size, colors, query in VIEWS if not names or entry.stem in names else []:
            context = chromium.new_context(viewport=size, color_scheme=colors)
            page = context.new_page()
            seen = record(page)
            open_page(page, f"{url}/{'' if entry == PAGES[0] else entry.stem}{query}", 180)
            page.wait_for_timeout(2500)  # the stage, the cards, fonts
            wide = page.get_by_test_id("stMain").evaluate("(node) => node.scrollWidth")
            if seen.complaints or wide > size["width"]:
                sys.exit(f"{entry.stem}, {view}: {wide} pixels wide, {seen.complaints}")
            page.screenshot(path=folder / f"{entry.stem}-{view}.png")
            context.close()
        print(entry.stem)


def main() -> None:
    """Start the app and a browser, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("pages", nargs="*", help="only these pages")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder) / "log") as server:
        with sync_playwright() as p:
            chromium = p.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
            review(chromium, server.url, asked.folder, asked.pages)
            chromium.close()


if __name__ == "__main__":
    main()
