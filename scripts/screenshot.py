"""Make the pictures of the documents: `.venv/bin/python scripts/screenshot.py`.

It starts the app on a free port, opens pages in a headless Chromium and writes `docs/*.png`.
"""

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

SIZE: Any = {"width": 1280, "height": 720}
# The file, the page, its settings, the preset to show, the step at which the stage stands.
SHOTS: list[tuple[Any, ...]] = [
    ("descent.png", "descent", descent.Descent, descent.PRESETS, "Four at once", 24)
]


def address(page: str, spec_type: type, presets: tuple[Preset, ...], label: str, step: int) -> str:
    """Return the link, from the root of the app, that opens a page at a step of a preset."""
    values = next(preset.values for preset in presets if preset.label == label)
    return f"/{page}?{to_query(spec_type(**values), f'{page}_', {f'{page}_step': step})}"


def shoot(page: Page, url: str, seen: Traffic, file: Path) -> None:
    """Save what a link shows once the stage and the charts under it are drawn."""
    open_page(page, url)
    page.locator(".gd-plot .main-svg").first.wait_for()
    page.locator(".gd-bar output", has_text="step").wait_for()
    page.locator(".stPlotlyChart .main-svg").first.wait_for()
    settle(page)
    page.wait_for_timeout(1000)  # fonts and the last frame
    if seen.complaints:
        sys.exit(f"{url} complains: {seen.complaints}")
    page.screenshot(path=file)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Take every picture of `SHOTS`."""
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder) / "log") as server:
        with sync_playwright() as p:
            chromium = p.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
            page = chromium.new_page(viewport=SIZE, color_scheme="light")
            seen = record(page)
            for file, *shot in SHOTS:
                shoot(page, server.url + address(*shot), seen, ROOT / "docs" / file)
            chromium.close()


if __name__ == "__main__":
    main()
