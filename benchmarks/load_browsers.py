"""A few real browsers in a load test: from a key on the dial to the new picture."""

from time import monotonic

from playwright.sync_api import Page, sync_playwright

from benchmarks.field import CHROMIUM_FLAGS, PROBE, find_chromium, open_page, rest
from benchmarks.interaction import RACE_DIAL, press


def presses(link: str, number: int, seconds: float) -> list[float]:
    """Open a link in several browsers and press keys on the dial; return the ms of each press."""
    times: list[float] = []
    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        pages: list[Page] = []
        for _ in range(number):
            page = chromium.new_context(viewport={"width": 1280, "height": 720}).new_page()
            page.set_default_timeout(60_000)
            page.add_init_script(PROBE)
            open_page(page, link)
            page.locator(".gd-bar output").first.wait_for()
            rest(page, 1000)
            pages.append(page)
        end, i = monotonic() + seconds, 0
        while monotonic() < end:
            key = ("ArrowRight", "ArrowLeft")[i // number % 2]
            times.append(press(pages[i % number], "stage", key, RACE_DIAL)[0])
            i += 1
        chromium.close()
    return times
