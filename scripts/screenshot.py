"""Take screenshots of the app: those of the documents, or of every page for a review.

`.venv/bin/python scripts/screenshot.py` writes `docs/*.png`; with `--all FOLDER` it writes every
page, or those named after the folder, light, dark, as a lecture and on a phone. It starts the app
on a free port, opens pages in a headless Chromium, and stops if one of them complains.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import (  # noqa: E402
    CHROMIUM_FLAGS,
    Traffic,
    find_chromium,
    open_page,
    record,
    serve,
    settle,
)

from gdviz.knobs import to_query  # noqa: E402
from gdviz.topics import descent  # noqa: E402
from gdviz.topics.preset import Preset  # noqa: E402
from gdviz.ui.pages import PAGES  # noqa: E402

SIZE: Any = {"width": 1280, "height": 720}
# The file, the page, its settings, the preset to show, the step at which the stage stands.
SHOTS: list[tuple[Any, ...]] = [
    ("descent.png", "descent", descent.Descent, descent.PRESETS, "Four at once", 24)
]

# How every page is seen in a review: the name, the window, the colours, the query.
VIEWS: list[tuple[str, Any, str, str]] = [
    ("light", SIZE, "light", ""),
    ("dark", SIZE, "dark", ""),
    ("lecture", SIZE, "light", "?lecture=1"),
    ("phone", {"width": 390, "height": 844}, "light", ""),
]


def address(page: str, spec_type: type, presets: tuple[Preset, ...], label: str, step: int) -> str:
    """Return the link, from the root of the app, that opens a page at a step of a preset."""
    values = next(preset.values for preset in presets if preset.label == label)
    return f"/{page}?{to_query(spec_type(**values), f'{page}_', {f'{page}_step': step})}"


def shoot(page: Page, url: str, seen: Traffic, file: Path) -> None:
    """Save what a link shows once its stage and charts are drawn."""
    open_page(page, url)
    page.locator(".gd-plot .main-svg").first.wait_for()
    page.locator(".gd-bar output", has_text="step").wait_for()
    page.locator(".gd-chart .main-svg").first.wait_for()
    settle(page)
    page.wait_for_timeout(1000)  # fonts and the last frame
    if seen.complaints:
        sys.exit(f"{url} complains: {seen.complaints}")
    page.screenshot(path=file)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1000:.0f} kB")


def review(chromium: Any, url: str, folder: Path, names: list[str]) -> None:
    """Save every page, or those named, in every view, each in a fresh browser context."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in PAGES:
        for view, size, colors, query in VIEWS if not names or entry.stem in names else []:
            context = chromium.new_context(viewport=size, color_scheme=colors)
            page = context.new_page()
            seen = record(page)
            open_page(page, f"{url}/{'' if entry == PAGES[0] else entry.stem}{query}", 180)
            page.wait_for_timeout(2500)  # the stage, the miniatures, fonts
            wide = page.get_by_test_id("stMain").evaluate("(node) => node.scrollWidth")
            if seen.complaints or wide > size["width"]:
                sys.exit(f"{entry.stem}, {view}: {wide} pixels wide, {seen.complaints}")
            page.screenshot(path=folder / f"{entry.stem}-{view}.png")
            context.close()
        print(entry.stem)


def main() -> None:
    """Take every picture of `SHOTS`, or every page for a review."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page, into this folder")
    parser.add_argument("pages", nargs="*", help="only these pages")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder) / "log") as server:
        with sync_playwright() as p:
            chromium = p.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
            if asked.all:
                review(chromium, server.url, asked.all, asked.pages)
            else:
                page = chromium.new_page(viewport=SIZE, color_scheme="light")
                seen = record(page)
                for file, *shot in SHOTS:
                    shoot(page, server.url + address(*shot), seen, ROOT / "docs" / file)
            chromium.close()


if __name__ == "__main__":
    main()
