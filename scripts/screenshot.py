"""Take screenshots of every page for a review: `python scripts/screenshot.py FOLDER [PAGES]`.

It starts the app on a free port and opens each page and room in a headless Chromium: light, dark,
as a lecture, on a phone, hidden to be guessed, and at twice the size. All of a kind are put on one
contact sheet. It stops if a page complains.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import CHROMIUM_FLAGS, find_chromium, open_page, record, serve  # noqa: E402
from places import MODES, PLACES, link_with, stem_of  # noqa: E402

SMALL = (640, 480)  # pixels of a picture on a contact sheet, at most
ACROSS = 4


def review(chromium: Any, url: str, folder: Path, names: list[str]) -> None:
    """Save every page and room, or those named, in every view, each in a fresh browser context."""
    folder.mkdir(parents=True, exist_ok=True)
    places = [place for place in PLACES if not names or (stem_of(place) or "home") in names]
    for view, (size, colors, query) in MODES.items():
        files = []
        for place in places:
            context = chromium.new_context(viewport=size, color_scheme=colors)
            page = context.new_page()
            seen = record(page)
            open_page(page, url + link_with(place, query), 180)
            page.wait_for_timeout(2500)  # the stage, the cards, fonts
            wide = page.get_by_test_id("stMain").evaluate("(node) => node.scrollWidth")
            if seen.complaints or wide > size["width"]:
                sys.exit(f"{place}, {view}: {wide} pixels wide, {seen.complaints}")
            room = place.partition("_room=")[2]
            files.append(folder / f"{stem_of(place) or 'home'}{room and '-' + room}-{view}.png")
            page.screenshot(path=files[-1])
            context.close()
        contact_sheet(files, folder / f"all-{view}.png")
        print(view)


def contact_sheet(files: list[Path], to: Path) -> None:
    """Put pictures beside each other, small, in the order given."""
    small = [Image.open(file) for file in files]
    for picture in small:
        picture.thumbnail(SMALL)
    wide, tall = (max(picture.size[k] for picture in small) + 8 for k in (0, 1))
    sheet = Image.new(
        "RGB", (wide * min(ACROSS, len(small)), tall * -(-len(small) // ACROSS)), "gray"
    )
    for k, picture in enumerate(small):
        sheet.paste(picture, (wide * (k % ACROSS), tall * (k // ACROSS)))
    sheet.save(to)


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
