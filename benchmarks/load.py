"""What the app holds: many visitors at once, on this machine only. `python -m benchmarks.load`."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from benchmarks.load_crowd import Crowd, Tally, together
from benchmarks.load_visitor import Visit, check_loopback
from gdviz.knobs import to_query
from gdviz.topics.race import Race

EIGHT = (
    "gd", "heavy_ball", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam",
)  # fmt: skip
RATES = tuple(round(0.02 * 1.03**i, 5) for i in range(40))
TICK = os.sysconf("SC_CLK_TCK")
HEAD = (
    "what",
    "n",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "errors",
    "missed",
    "CPU ms each",
    "kB each",
    "driver ms",
)


class Usage(NamedTuple):
    """What processes have used: seconds of CPU so far, and megabytes of memory now."""

    cpu: float
    rss: float


def usage(pids: Sequence[int]) -> Usage:
    """Return what some processes have used, all their threads together."""
    cpu = rss = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:  # it has gone
            continue
        cpu += (int(fields[11]) + int(fields[12])) / TICK
        rss += int(status.split("VmRSS:")[1].split()[0]) / 1024
    return Usage(cpu, rss)


class Row(NamedTuple):
    """One kind of visit: what was met, and what the servers spent on it beyond doing nothing."""

    what: str
    tally: Tally
    cpu: float


def cells(row: Row) -> list[str]:
    """Return a row of the table."""
    times, n = row.tally.times, max(1, len(row.tally.times))
    cuts = quantiles(times, n=100, method="inclusive") if len(times) > 1 else 99 * (times or [0.0])
    shown = [f"{cuts[k - 1]:.0f}" for k in (50, 95, 99)]
    each = [1000 * row.cpu / n, row.tally.bytes / n / 1000, 1000 * row.tally.cpu / n]
    failed = [str(len(row.tally.errors)), str(row.tally.missed)]
    return [row.what, str(len(times)), *shown, *failed, *(f"{x:.1f}" for x in each)]


def table(rows: Sequence[Row]) -> str:
    """Return rows as Markdown."""
    lines = [HEAD, ["---"] * len(HEAD), *map(cells, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def race_visit(url: str, page: str = "race", query: str = "") -> Visit:
    """Return a visit to the race of eight methods, whose first rate is moved."""
    spec = Race(methods=EIGHT)
    live = f"/live/race?{to_query(spec)}"
    return Visit(url, page, query or to_query(spec, "race_"), "race_gd_lr", RATES, live, "gd_lr")


class Plan(NamedTuple):
    """How many visitors come, how often each acts, for how long, and from how many processes."""

    sessions: int
    think: float
    seconds: float
    drivers: int
    at_once: int


def measure(name: str, visit: Visit, pids: Sequence[int], plan: Plan) -> list[Row]:
    """Have a crowd open a page, sit still, move and drag; print and return what it met."""
    with ExitStack() as stack:
        crowds = [Crowd(visit, seed) for seed in range(plan.drivers)]
        for crowd in crowds:
            stack.callback(crowd.stop)
        together(crowds, "open", 2, 1)  # what the first visitor imports is no visitor's
        together(crowds, "move", 4, 1)
        rows, base = [], usage(pids)
        each = max(1, plan.sessions // plan.drivers - 2)
        before = usage(pids)
        opened = together(crowds, "open", each, plan.at_once)
        after = usage(pids)
        rows.append(Row(f"{name}: open the page", opened, after.cpu - before.cpu))
        rest = _idle(pids, min(5.0, plan.seconds))
        for phase, words in (("move", "a knob moved"), ("ask", "a step of a drag"))[
            : 1 + bool(visit.live)
        ]:
            before, began = usage(pids), time.monotonic()
            tally = together(crowds, phase, plan.seconds, plan.think)
            spent = usage(pids).cpu - before.cpu
            rows.append(Row(f"{name}: {words}", tally, spent - rest * (time.monotonic() - began)))
        end, n = usage(pids), each * plan.drivers
        print(table(rows))
        print(
            f"{name}: {n} sessions more; memory {base.rss:.0f} MB → {after.rss:.0f} → {end.rss:.0f} MB, "
            f"{(after.rss - base.rss) / n:.2f} and {(end.rss - base.rss) / n:.2f} MB a session; "
            f"at rest {1000 * rest:.1f} ms of CPU a second.",
            flush=True,
        )
        for error in sorted({e for row in rows for e in row.tally.errors})[:5]:
            print("error:", error)
        return rows


def _idle(pids: Sequence[int], seconds: float) -> float:
    """Return what the servers use per second while nobody does anything."""
    before = usage(pids)
    time.sleep(seconds)
    return (usage(pids).cpu - before.cpu) / seconds


def main() -> None:
    """Start what is to be measured, measure it, and the empty app beside it."""
    from benchmarks.field import start, stop, wait_until_up

    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--think", type=float, default=2.0, help="seconds between two moves")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each kind is done")
    parser.add_argument("--drivers", type=int, default=1, help="processes of visitors")
    parser.add_argument("--at-once", type=int, default=4, help="visitors that come at once")
    parser.add_argument("--url", help="a server that runs; without, one is started")
    parser.add_argument("--pids", default="", help="its processes, with commas")
    at = parser.parse_args()
    plan = Plan(at.sessions, at.think, at.seconds, at.drivers, at.at_once)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if at.url:
            url, pids = (
                check_loopback(at.url.rstrip("/")),
                [int(p) for p in at.pids.split(",") if p],
            )
        else:
            server = start("gdviz", folder / "gdviz")
            stack.callback(stop, server)
            wait_until_up(server.process, f"{server.url}/readyz", folder / "gdviz", 300)
            url, pids = server.url, [server.process.pid]
        measure("the race", race_visit(url), pids, plan)
        empty = start("empty", folder / "empty")
        stack.callback(stop, empty)
        wait_until_up(empty.process, f"{empty.url}/_stcore/health", folder / "empty", 60)
        measure("an empty app", Visit(empty.url), [empty.process.pid], plan)


if __name__ == "__main__":
    sys.exit(main())
