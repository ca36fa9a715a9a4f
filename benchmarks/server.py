"""What the server costs: CPU per rerun, and the time until it answers."""

import os
import tempfile
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter, sleep

from playwright.sync_api import Page

from benchmarks.field import HEALTH, Running, field, start, stop
from benchmarks.interaction import RACE, press
from benchmarks.playback import LINK, drag, grips
from benchmarks.report import Goal, Row
from benchmarks.timing import medians
from gdviz.queries import to_query

BLOCKS = 3
PRESSES = 10
DRAG_SECONDS = 3.0
STAT = "/proc/{}/stat"


def measure_cpu() -> list[Row]:
    """Measure the CPU per rerun: per step of a drag for ours, per key press for the others."""
    if not os.path.exists(STAT.format("self")):
        print("There is no /proc here: the CPU time of a server is unknown.\n")
        return []
    with field("gdviz", "echo", "chart") as at:
        usual, race = at.visit("gdviz", "/descent"), at.visit("gdviz", LINK)
        echo, chart = at.visit("echo"), at.visit("chart", "/?" + to_query(RACE))
        ours, peer, other = (at.servers[name] for name in ("gdviz", "echo", "chart"))
        usual_ms, race_ms, press_ms, echo_ms, chart_ms = _means(
            lambda: _dragged(ours, usual),
            lambda: _dragged(ours, race),
            lambda: _cost(ours, lambda: _pressed(usual, "stage")),
            lambda: _cost(peer, lambda: _pressed(echo, "echo")),
            lambda: _cost(other, lambda: _pressed(chart, "chart")),
        )
    goal = Goal("≤", 25, of_ratio=False)
    text = "bare slider and text"
    return [
        Row("a step of a drag, default page", "ms", usual_ms, echo_ms, text, goal),
        Row(
            "a step of a drag, 4 methods × 300 steps", "ms", race_ms, chart_ms, "plotly_chart", goal
        ),
        Row("a key press until all of the default page is at rest", "ms", press_ms, echo_ms, text),
    ]


def measure_start() -> list[Row]:
    """Time from the start of the process to the first healthy answer."""
    ours, empty = medians(lambda: until_healthy("gdviz"), lambda: until_healthy("empty"))
    goal = Goal("≤", 1.3)
    return [Row("uvicorn to /_stcore/health 200", "s", ours, empty, "empty st.App", goal)]


def until_healthy(app: str) -> float:
    """Start a server, wait for its first healthy answer, stop it; return the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        begin = perf_counter()
        server = start(app, Path(folder) / "log")
        try:
            while perf_counter() - begin < 60:
                with suppress(OSError), urllib.request.urlopen(server.url + HEALTH) as answer:
                    if answer.status == 200:
                        return perf_counter() - begin
                sleep(0.005)
        finally:
            stop(server)
    raise RuntimeError(f"{app} did not answer within a minute")


def _means(*costs: Callable[[], tuple[float, int]]) -> list[float]:
    """Return the mean ms of each over all its blocks; /proc is too coarse for a single one."""
    rounds = [[cost() for cost in costs] for _ in range(BLOCKS)]
    columns = zip(*rounds, strict=True)
    return [1000 * sum(s for s, _ in column) / sum(n for _, n in column) for column in columns]


def _cost(server: Running, act: Callable[[], int]) -> tuple[float, int]:
    """Return the CPU seconds of the server while `act` causes reruns, and how many it caused."""
    before = cpu_seconds(server)
    reruns = act()
    return cpu_seconds(server) - before, reruns


def cpu_seconds(server: Running) -> float:
    """Return the CPU time that a server process has used, all its threads together."""
    fields = Path(STAT.format(server.process.pid)).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _dragged(server: Running, page: Page) -> tuple[float, int]:
    """Return the CPU seconds of the server in a drag of the dial, and the steps it answered."""
    page.bring_to_front()
    x, y = grips(page)["the dial of η"]
    times, _, spent = drag(page, x, y, DRAG_SECONDS, lambda: cpu_seconds(server))
    return spent, len(times)


def _pressed(page: Page, kind: str) -> int:
    for i in range(PRESSES):
        press(page, kind, ("ArrowRight", "ArrowLeft")[i % 2])
    return PRESSES
