"""The first meaningful paint of the home page, against a page of Streamlit with a title and a text.

The first heading is the first meaningful paint; for the gallery also the first of its pictures.
Both stand in the first HTML, and what is measured can be read and followed.
Every visitor comes for the first time: the browser's cache is empty.
"""

from statistics import median

from benchmarks.field import Field, field, poll
from benchmarks.report import Goal, Row

ROUNDS = 9
WATCH = """
window.first = {};
const marks = {
  heading: ['h1, h2, h3, h4', (heading) => heading.textContent.trim()],
  picture: ['img[src*="card/"]', (image) => image.complete && image.naturalWidth],
};
const look = () => {
  for (const [name, [selector, shown]] of Object.entries(marks)) {
    if (name in first || ![...document.querySelectorAll(selector)].some(shown)) continue;
    first[name] = 0;
    requestAnimationFrame(() => requestAnimationFrame(() => { first[name] = performance.now(); }));
  }
  if (Object.keys(first).length < 2) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def measure() -> list[Row]:
    """Open both pages in turn, each time in a browser that has seen nothing."""
    with field("gdviz", "echo") as at:
        _first(at, "gdviz", "picture")  # the first visit imports modules: not measured
        found = [
            (_first(at, "echo"), _first(at, "gdviz"), _first(at, "gdviz", "picture"))
            for _ in range(ROUNDS)
        ]
    plain, heading, picture = (median(times) for times in zip(*found, strict=True))
    goals = Goal("≤", 1.2), Goal("≤", 1.4)
    return [
        Row("home: its heading is painted", "ms", heading, plain, "a title and a text", goals[0]),
        Row(
            "home: a picture of the gallery is painted", "ms", picture, plain, "the same", goals[1]
        ),
    ]


def _first(at: Field, app: str, mark: str = "heading") -> float:
    """Return the milliseconds from the request to the first paint of the marked elements."""
    page = at.browser.new_page(viewport={"width": 1280, "height": 720})
    page.add_init_script(WATCH)
    page.goto(at.servers[app].url, wait_until="commit")
    shown = poll(lambda: page.evaluate("window.first?.[" + repr(mark) + "]"), bool, page)
    page.context.close()
    return shown
