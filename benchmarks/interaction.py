"""From a key press to the new picture: our stage, a bare slider, the picture by plotly_chart."""

from statistics import median
from typing import Any, NamedTuple

from playwright.sync_api import Page

from benchmarks.field import field, rest
from benchmarks.report import Goal, Row
from benchmarks.timing import TIMES
from gdviz.queries import to_query
from gdviz.topics.descent.settings import NO_STOP, Descent
from gdviz.topics.race.settings import Race

WARM = 3
RACE = Descent(methods=("gd", "heavy_ball", "nesterov", "adam"), steps=300, stop=NO_STOP)
TWELVE = Race(
    methods=(
        "gd", "heavy_ball", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam", "adamax",
        "rprop", "lion", "yogi",
    ),
    steps=300,
    stop=NO_STOP,
)  # fmt: skip
DIAL = ".st-key-descent_lr_dial [role=slider]"
RACE_DIAL = ".st-key-race_gd_lr_dial [role=slider]"
SLIDER = "[data-testid=stSlider] input"


class Case(NamedTuple):
    """A page at its settings, with the dial that is turned."""

    words: str
    page: str
    spec: Any
    dial: str

    @property
    def link(self) -> str:
        """The link to the page at these settings."""
        return f"/{self.page}?{to_query(self.spec, f'{self.page}_')}"


CASES = (
    Case("default page", "descent", Descent(), DIAL),
    Case("4 methods × 300 steps", "descent", RACE, DIAL),
    Case("the race, 12 methods × 300 steps", "race", TWELVE, RACE_DIAL),
)


def press(page: Page, kind: str, key: str, dial: str = DIAL) -> tuple[float, float]:
    """Press a key on a slider; return the ms until the new picture, and until its paint."""
    page.bring_to_front()
    page.locator(dial if kind == "stage" else SLIDER).focus()
    page.evaluate("kind => bench.arm(kind)", kind)
    page.keyboard.press(key)
    shown, painted = page.evaluate("() => bench.answer")
    rest(page)
    return shown, painted


def measure() -> list[Row]:
    """Compare the stage with the bare echo and with the ordinary chart, for each of `CASES`."""
    rows = []
    with field("gdviz", "echo", "chart") as at:
        for case in CASES:
            pages = {
                "stage": at.visit("gdviz", case.link),
                "echo": at.visit("echo"),
                "chart": at.visit("chart", f"/?{to_query(case.spec, '', {'page': case.page})}"),
            }
            rows += _rows(case.words, _rounds(pages, case.dial))
            for page in pages.values():
                page.close()
    return rows


def _rounds(pages: dict[str, Page], dial: str) -> dict[str, tuple[float, float]]:
    """Return the medians of both times for each page; the pages take turns."""
    found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in pages}
    for i in range(WARM + TIMES):
        for kind, page in pages.items():
            found[kind].append(press(page, kind, ("ArrowRight", "ArrowLeft")[i % 2], dial))
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
