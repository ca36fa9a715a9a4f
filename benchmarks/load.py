"""How many visitors the app serves, on this machine only: `python -m benchmarks.load`.

Every visitor opens a race of eight methods by its link. Then each moves a knob from time to time,
and then asks the live route as a dragging hand does. An empty Streamlit app gets the same visitors.
"""

import argparse
import os
import signal
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from benchmarks.load_crowd import Crowd, Tally, run_phase
from benchmarks.load_servers import (
    Servers,
    end_in_order,
    idle_load,
    serve_app,
    serve_replicas,
    usage,
    use_running,
)
from benchmarks.load_visitor import Visit, check_loopback
from benchmarks.report import load, machine
from gdviz.queries import to_query
from gdviz.topics.race.settings import Race

EIGHT = (
    "gd", "heavy_ball", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam",
)  # fmt: skip
RATES = tuple(round(0.02 * 1.03**i, 5) for i in range(40))
HEAD = (
    "what", "n", "p50 ms", "p95 ms", "p99 ms", "errors", "missed", "CPU ms each", "kB each",
    "driver's CPU ms each",
)  # fmt: skip
AT_ONCE = 4  # visitors of one driver that open the page at the same time


class Plan(NamedTuple):
    """How many visitors come, how often each acts, for how long, and from how many processes."""

    sessions: int
    think: float
    seconds: float
    drivers: int
    browsers: int
    kill: bool


class Row(NamedTuple):
    """One kind of visit: what visitors met, and what the servers used beyond their idle load."""

    what: str
    tally: Tally
    cpu: float


def cells(row: Row) -> list[str]:
    """Return a row of the table."""
    times, n = row.tally.times, max(1, len(row.tally.times))
    cuts = quantiles(times, n=100, method="inclusive") if len(times) > 1 else 99 * (times or [0.0])
    shown = [f"{cuts[k - 1]:.0f}" for k in (50, 95, 99)]
    failed = [str(len(row.tally.errors)), str(row.tally.missed)]
    each = [1000 * row.cpu / n, row.tally.bytes / n / 1000, 1000 * row.tally.cpu / n]
    return [row.what, str(len(times)), *shown, *failed, *(f"{x:.1f}" for x in each)]


def table(rows: Sequence[Row]) -> str:
    """Return rows as Markdown."""
    lines = [HEAD, ["---"] * len(HEAD), *map(cells, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def race_visit(url: str) -> Visit:
    """Return a visit to the race of eight methods that moves the first learning rate."""
    spec = Race(methods=EIGHT)
    live = f"/live/race?{to_query(spec)}"
    return Visit(url, "race", to_query(spec, "race_"), "race_gd_lr", RATES, live, "gd_lr")


def measure(name: str, visit: Visit, servers: Servers, plan: Plan) -> list[Row]:
    """Let a crowd open a page, wait, move and drag; print and return what it met."""
    with ExitStack() as stack:
        crowds = [Crowd(visit, seed) for seed in range(plan.drivers)]
        for crowd in crowds:
            stack.callback(crowd.stop)
        run_phase(crowds, "open", 2, 1)  # the first visit imports modules: not measured
        run_phase(crowds, "move", 4, 1)
        each = max(1, plan.sessions // plan.drivers - 2)
        base = usage(servers.pids())
        opened = run_phase(crowds, "open", each, AT_ONCE)
        after = usage(servers.pids())
        rows = [Row(f"{name}: open the page", opened, after.cpu - base.cpu)]
        rest = idle_load(servers, min(5.0, plan.seconds))
        rows.append(_phase(f"{name}: a knob moved", "move", crowds, servers, plan, rest))
        if visit.live:
            rows.append(_phase(f"{name}: a step of a drag", "ask", crowds, servers, plan, rest))
        if plan.browsers and visit.live:
            rows.append(_browsers(visit, crowds, servers, plan))
        end, n = usage(servers.pids()), each * plan.drivers
        print(table(rows))
        print(
            f"\n{name}: {n} sessions more; memory {base.rss:.0f} MB, then {after.rss:.0f} with all "
            f"pages open ({(after.rss - base.rss) / n:.2f} MB a session), {end.rss:.0f} at the end "
            f"({(end.rss - base.rss) / n:.2f}); at rest {1000 * rest:.1f} ms of CPU a second.",
        )
        if plan.kill and visit.live and len(servers.pids()) > 1:
            print(_killed(name, crowds, servers, plan))
        for error in sorted({e for row in rows for e in row.tally.errors})[:5]:
            print("error:", error)
        print(flush=True)
        return rows


def _phase(
    what: str, phase: str, crowds: list[Crowd], servers: Servers, plan: Plan, rest: float
) -> Row:
    """Let all visitors do one thing for as long as the plan says."""
    before, began = usage(servers.pids()).cpu, time.monotonic()
    front = usage(servers.others()).cpu
    tally = run_phase(crowds, phase, plan.seconds, plan.think)
    seconds = time.monotonic() - began
    spent = usage(servers.pids()).cpu - before
    if servers.others():
        front = 1000 * (usage(servers.others()).cpu - front) / max(1, len(tally.times))
        what += f" (nginx {front:.1f} ms)"
    print(
        f"{what}: {len(tally.times) / seconds:.1f} a second, {len(servers.pids())} servers at "
        f"{100 * spent / seconds:.0f} % of a core run_phase, load {load()}"
    )
    return Row(what, tally, spent - rest * seconds)


def _browsers(visit: Visit, crowds: list[Crowd], servers: Servers, plan: Plan) -> Row:
    """Let some real browsers move the dial while the crowd moves its knobs."""
    from benchmarks.load_browsers import presses

    for crowd in crowds:
        crowd.tell("move", plan.seconds, plan.think)
    times = presses(f"{visit.url}/{visit.page}?{visit.query}", plan.browsers, plan.seconds)
    for crowd in crowds:
        crowd.hear()
    return Row("a real browser: from the key to the new picture", Tally(times), 0.0)


def _killed(name: str, crowds: list[Crowd], servers: Servers, plan: Plan) -> str:
    """Kill one server under load, and report what its visitors met."""
    dead = servers.pids()[0]
    seconds = max(plan.seconds, 2 * plan.think)
    timer = threading.Timer(min(3.0, plan.think), os.kill, (dead, signal.SIGKILL))
    timer.start()
    tally = run_phase(crowds, "move", seconds, plan.think)
    timer.join()
    absent, back = tally.absent or [0.0], tally.back or [0.0]
    times = sorted([*tally.times, *back])
    return (
        f"{name}: killed one of {len(servers.pids())} under load; {len(tally.absent)} visitors "
        f"were connected again after {median(absent):.2f} s (median), {max(absent):.2f} s (last); "
        f"the first moves of {len(tally.back)} took {median(back):.0f} ms (median), "
        f"{max(back):.0f} ms (longest); all moves of that time {median(times):.0f} and "
        f"{times[-1]:.0f} ms; {len(tally.errors)} errors, {tally.missed} missed."
    )


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    add = parser.add_argument
    add("--sessions", type=int, default=50, help="visitors, 50 by default; 2000 at most")
    add("--think", type=float, default=2.0, help="seconds between two moves of one, 2 by default")
    add("--seconds", type=float, default=20.0, help="how long each kind is done, 600 at most")
    add("--replicas", type=int, default=0, help="nginx and so many replicas; one uvicorn without")
    add("--drivers", type=int, default=1, help="processes that play the visitors")
    add("--browsers", type=int, default=0, help="real browsers besides")
    add("--kill", action="store_true", help="kill one of the replicas at the end")
    add("--url", help="a server that runs on this machine; without, one is started")
    add("--pids", default="", help="its processes, with commas between, for CPU and memory")
    at = parser.parse_args()
    if not (0 < at.sessions <= 2000 and 0 < at.seconds <= 600 and at.think > 0):
        parser.error("at most 2000 sessions and 600 seconds")
    if at.url:
        try:
            check_loopback(at.url)
        except ValueError as error:
            parser.error(str(error))
    return at


def main() -> None:
    """Measure the app, then an empty app for comparison."""
    at = arguments()
    end_in_order()
    plan = Plan(at.sessions, at.think, at.seconds, at.drivers, at.browsers, at.kill)
    print(f"{machine()}.\n{at.sessions} sessions, one act each {at.think:g} s.\n", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if at.url:
            ours = use_running(at.url.rstrip("/"), [int(pid) for pid in at.pids.split(",") if pid])
        else:
            ours = (
                serve_replicas(at.replicas, folder) if at.replicas else serve_app("gdviz", folder)
            )
        with ours as servers:
            measure("the race", race_visit(servers.url), servers, plan)
        with serve_app("empty", folder) as servers:
            measure("an empty app", Visit(servers.url), servers, plan)


if __name__ == "__main__":
    main()
