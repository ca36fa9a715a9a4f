"""From a key press to the new picture: our stage, a bare slider, the picture by plotly_chart."""

from statistics import median

from playwright.sync_api import Page

from benchmarks.field import field, rest
from benchmarks.report import Goal, Row
from benchmarks.timing import TIMES
from gdviz.knobs import to_query
from gdviz.topics.descent import NO_STOP, Descent

WARM = 3
RACE = Descent(methods=("gd", "heavy_ball", "nesterov", "adam"), steps=300, stop=NO_STOP)
SETTINGS = {"default page": Descent(), "4 methods × 300 steps": RACE}
DIAL = ".st-key-descent_lr_dial [role=slider]"
SLIDER = "[data-testid=stSlider] input"
KINDS = {"stage": DIAL, "echo": SLIDER, "chart": SLIDER}


def press(page: Page, kind: str, key: str) -> tuple[float, float]:
    """Press a key on a slider; return the ms until the new picture and until it is painted."""
    page.bring_to_front()
    page.locator(KINDS[kind]).focus()
    page.evaluate("kind => bench.arm(kind)", kind)
    page.keyboard.press(key)
    shown, painted = page.evaluate("() => bench.answer")
    rest(page)
    return shown, painted


def measure() -> list[Row]:
    """Compare the stage with the bare echo and with the ordinary chart, for each of `SETTINGS`."""
    rows = []
    with field("gdviz", "echo", "chart") as at:
        for words, spec in SETTINGS.items():
            pages = {
                "stage": at.visit("gdviz", "/descent?" + to_query(spec, "descent_")),
                "echo": at.visit("echo"),
                "chart": at.visit("chart", "/?" + to_query(spec)),
            }
            rows += _rows(words, _rounds(pages))
            for page in pages.values():
                page.close()
    return rows


def _rounds(pages: dict[str, Page]) -> dict[str, tuple[float, float]]:
    """Return the medians of the two times of each page, the pages taking turns."""
    found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in pages}
    for i in range(WARM + TIMES):
        for kind, page in pages.items():
            found[kind].append(press(page, kind, ("ArrowRight", "ArrowLeft")[i % 2]))
    kept = {kind: list(zip(*times[WARM:], strict=True)) for kind, times in found.items()}
    return {kind: (median(shown), median(painted)) for kind, (shown, painted) in kept.items()}


def _rows(words: str, ms: dict[str, tuple[float, float]]) -> list[Row]:
    ours, echo, chart = ms["stage"], ms["echo"], ms["chart"]
    first, second = f"{words}: key → new picture", f"{words}: key → two frames later"
    return [
        Row(first, "ms", ours[0], echo[0], "bare slider and text", Goal("≤", 1.6)),
        Row(first, "ms", ours[0], chart[0], "st.plotly_chart", Goal("≤", 0.3)),
        Row(second, "ms", ours[1], echo[1], "bare slider and text"),
        Row(second, "ms", ours[1], chart[1], "st.plotly_chart"),
    ]
