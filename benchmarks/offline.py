"""An exported race that is dragged without a server: pictures per second, and what it weighs."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from plotly.offline import get_plotlyjs

from benchmarks.field import CHROMIUM_FLAGS, PROBE, find_chromium
from benchmarks.interaction import TWELVE
from benchmarks.playback import BARE, HANDLE, SECONDS, rate, to_and_fro
from benchmarks.report import Goal, Row
from gdviz import export

TIMES = 200
ONE = """(times) => {
  const S = document.querySelector('#stage').gdStage;
  const handle = S.scene.handles[0];
  const took = Array.from({ length: times }, (_, i) => {
    const before = performance.now();
    S.held = { handle, id: handle.id, point: { x: handle.x + 0.001 * i, y: handle.y } };
    S.follow(S.held, true);
    return performance.now() - before;
  });
  return took.sort((a, b) => a - b)[times >> 1];
}"""


def measure() -> list[Row]:
    """Drag the start of twelve methods with 300 steps each, and weigh the file."""
    made = export.to_bytes(TWELVE, "html")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "race.html"
        file.write_bytes(made)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(PROBE)
        page.goto(file.as_uri())
        page.locator(".gd-explore").wait_for()
        bare = rate(page.evaluate(BARE, SECONDS / 2))
        times, _, _ = to_and_fro(page, *page.evaluate(HANDLE), SECONDS)
        ms = page.evaluate(ONE, TIMES)
        browser.close()
    weight = (len(made) - len(get_plotlyjs().encode())) / 1e6
    return [
        Row(
            "the exported race, 12 methods × 300 steps: drag of the start", "pictures/s",
            rate(times), bare, "empty requestAnimationFrame", Goal("≥", 58, of_ratio=False),
        ),
        Row("one of its pictures, walked and drawn", "ms", ms, goal=Goal("≤", 1000 / 60, False)),
        Row("the file beside Plotly", "MB", weight, goal=Goal("≤", 1.2, False)),
    ]  # fmt: skip
