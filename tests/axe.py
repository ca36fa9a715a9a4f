"""What axe-core says of a page: `python tests/axe.py [PAGES]` asks of every room in every mode.

axe-core comes with axe-playwright-python, and nothing is fetched.
"""

import argparse
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from browser import CHROMIUM_FLAGS, find_chromium, open_page, serve
from places import MODES, PLACES, TABS, link_with, stem_of
from playwright.sync_api import Page, sync_playwright

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
GRAVE = {"serious", "critical"}


def faults(page: Page) -> list[str]:
    """Return what axe finds serious or critical on a page: the rule, the element, why."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # A drawing is hidden from who listens, and has thousands of elements; the menu is Streamlit's.
    left_out = ["svg.main-svg", "[data-testid=stSidebarNavItems]"]
    asked = "(exclude) => axe.run({ exclude }, { resultTypes: ['violations'] })"
    found = page.evaluate(asked, left_out)
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        for node in rule["nodes"]
        if rule["impact"] in GRAVE
    ]


def main() -> None:
    """Ask of every room in every mode, and of every tab in the first; end with 1 if one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="only these pages")
    asked, wrong = parser.parse_args().pages, 0
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder) / "log") as server:
        with sync_playwright() as p:
            chromium = p.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
            for mode, (size, colors, more) in MODES.items():
                for place in PLACES:
                    stem = stem_of(place)
                    if asked and stem not in asked:
                        continue
                    shown = TABS if mode == "light" and stem else ()
                    for link in (place, *(link_with(place, f"{stem}_tab={tab}") for tab in shown)):
                        page = chromium.new_page(viewport=size, color_scheme=colors)
                        open_page(page, server.url + link_with(link, more), 180)
                        page.wait_for_timeout(1500)
                        wide = page.get_by_test_id("stMain").evaluate("(node) => node.scrollWidth")
                        found = faults(page) + (wide > size["width"]) * [f"{wide} px wide"]
                        wrong += len(found)
                        print(mode, link, *(found or ["fine"]), sep="\n  " if found else " ")
                        page.close()
            chromium.close()
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
