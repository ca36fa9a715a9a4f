"""Pictures per second, in playback and under a dragging hand."""

from collections.abc import Callable
from math import sin
from statistics import median
from time import perf_counter

from playwright.sync_api import Page

from benchmarks.field import field, rest
from benchmarks.interaction import CASES, DIAL, RACE, Case
from benchmarks.report import Goal, Row
from gdviz.queries import to_query

SLICES = 15
SECONDS = 6.0
LINK = "/descent?" + to_query(RACE, "descent_")
BARE = """seconds => new Promise((resolve) => {
  const times = [];
  const frame = (now) => {
    times.push(now);
    if (now - times[0] < 1000 * seconds) requestAnimationFrame(frame); else resolve(times);
  };
  requestAnimationFrame(frame);
})"""
HANDLE = """() => {
  const { gd, scene } = document.querySelector('.gd-stage').parentElement.gdStage;
  const { x, y } = scene.handles[0];
  const { xaxis, yaxis } = gd._fullLayout;
  const box = gd.getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.l2p(x), box.top + yaxis._offset + yaxis.l2p(y)];
}"""


def measure() -> list[Row]:
    """Count the frames of playback, and the scenes under a dragged start and a dragged dial."""
    with field("gdviz") as at:
        page = at.visit("gdviz", LINK)
        bare = rate(page.evaluate(BARE, SECONDS / 2))
        page.evaluate("() => { bench.frames.length = 0; }")
        page.locator("[data-do=play]").first.click()
        page.locator('[data-do=play][aria-label="Play"]').wait_for()
        played = rate(page.evaluate("() => bench.frames"))
        rest(page)
        rows = [
            Row(
                "playback, 4 methods × 300 steps", "frames/s", played, bare,
                "empty requestAnimationFrame", Goal("≥", 55, of_ratio=False),
            )
        ]  # fmt: skip
        rows += drags(page, CASES[1])
        page.close()
        rows += drags(at.visit("gdviz", CASES[2].link), CASES[2])
    return rows


def drags(page: Page, case: Case) -> list[Row]:
    """Drag the start and the dial of a page; count the answers and the redrawn scenes."""
    rows = []
    goal = Goal("≥", 20, of_ratio=False)
    for words, (x, y) in grips(page, case.dial).items():
        times, moves, _ = drag(page, x, y)
        what = f"{case.words}: drag of {words}, answered and redrawn"
        rows.append(Row(what, "per s", rate(times), moves, "mouse moves sent", goal))
    return rows


def rate(times: list[float]) -> float:
    """Return the median of the rates in `SLICES` slices of time stamps in ms."""
    width = max(1, (len(times) - 1) // SLICES)
    cuts = times[::width]
    return median(1000 * width / (b - a) for a, b in zip(cuts, cuts[1:], strict=False))


def grips(page: Page, dial: str = DIAL) -> dict[str, tuple[float, float]]:
    """Return the places of the start handle and of the dial of η."""
    x, y = page.evaluate(HANDLE)
    box = page.locator(f"{dial} .knob").bounding_box()
    assert box is not None
    knob = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return {"the start on the stage": (x, y), "the dial of η": knob}


def drag(
    page: Page,
    x: float,
    y: float,
    seconds: float = SECONDS,
    clock: Callable[[], float] = perf_counter,
) -> tuple[list[float], float, float]:
    """Drag to and fro as `to_and_fro` does, and wait until the page is at rest."""
    found = to_and_fro(page, x, y, seconds, clock)
    rest(page)
    return found


def to_and_fro(
    page: Page, x: float, y: float, seconds: float, clock: Callable[[], float] = perf_counter
) -> tuple[list[float], float, float]:
    """Drag to and fro; return the times of new scenes, the mouse moves per second, and the end.

    `clock` gives the end; it is read before the release, after which the whole page runs.
    """
    page.mouse.move(x, y)
    page.evaluate("() => { bench.drawn.length = 0; }")
    spent = -clock()
    page.mouse.down()
    moves, start = 0, perf_counter()
    while (now := perf_counter() - start) < seconds:
        page.mouse.move(x - 40 * (1 - sin(3 * now + 1.57)), y)
        moves += 1
    times = page.evaluate("() => bench.drawn")
    spent += clock()
    page.mouse.up()
    return times, moves / seconds, spent
