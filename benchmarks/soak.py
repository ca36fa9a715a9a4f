"""Hours of visitors in a few minutes: does anything grow? `python -m benchmarks.soak --minutes 5`.

Visitors come to every page, move knobs to new values, ask the live route, have maps computed, and
leave. A real browser has a picture exported. After each round the servers' memory, open files,
threads and browsers are counted. The warm-up is the first third, at least two and a half minutes.
After it no count may grow, and memory by 5 % at most.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from benchmarks.load import race_visit
from benchmarks.load_crowd import Crowd, run_phase
from benchmarks.load_servers import Servers, end_in_order, family, serve_app, serve_replicas, usage
from benchmarks.load_visitor import Visit
from gdviz.catalogue.pages import PAGES

GROWTH = 1.05  # of the memory, from after the warm-up to the end
WARM = 2.5  # minutes: Streamlit keeps a left session for two
SLACK = 8  # files and threads that may come and go
HEAD = "| min | memory MB | files | threads | browsers | sessions | errors |"


class Count(NamedTuple):
    """The counts after a round."""

    minutes: float
    rss: float
    files: int
    threads: int
    browsers: int
    sessions: int
    errors: int


def visits(url: str, chance: random.Random) -> list[Visit]:
    """Return visits to every page, to maps, and to races at rates that are new each time."""
    rates = tuple(round(chance.uniform(0.001, 0.2), 7) for _ in range(500))
    race = race_visit(url)._replace(values=rates)
    maps = [f"race_view={view}&race_x0={chance.uniform(-2, 2):.5f}" for view in ("basins", "knobs")]
    pages = [Visit(url, page.stem) for page in PAGES]
    return [race, race, race, *(Visit(url, "race", query) for query in maps), *pages]


def round_of(servers: Servers, sessions: int, chance: random.Random) -> int:
    """Let a crowd come, act and leave; return how many errors it met."""
    crowd = Crowd(visits(servers.url, chance), chance.randrange(10**6))
    try:
        tallies = [run_phase([crowd], "open", sessions, 2), run_phase([crowd], "move", 12, 3)]
        tallies.append(run_phase([crowd], "leave"))
        asking = Crowd(race_visit(servers.url)._replace(values=(chance.random() / 5,)), 1)
        try:
            tallies += [run_phase([asking], "open", 2, 2), run_phase([asking], "ask", 3, 0.1)]
        finally:
            asking.stop()
    finally:
        crowd.stop()
    for error in sorted({error for tally in tallies for error in tally.errors})[:3]:
        print("error:", error, flush=True)
    return sum(len(tally.errors) for tally in tallies)


def export_a_picture(url: str) -> None:
    """Let the server draw a picture with its Chromium, at the request of a real browser."""
    from playwright.sync_api import sync_playwright

    from benchmarks.field import CHROMIUM_FLAGS, find_chromium, open_page, settle

    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(60_000)
        open_page(page, f"{url}/descent")
        page.get_by_role("button", name="Share").click()
        page.get_by_role("button", name="PDF, film").click()
        page.get_by_role("button", name="Make the").click()
        page.get_by_role("button", name="Save it").wait_for()
        settle(page)
        chromium.close()


def count(servers: Servers, minutes: float, sessions: int, errors: int) -> Count:
    """Return the counts now."""
    pids = servers.pids()
    now = usage(pids)
    browsers = sum(is_browser(pid) for server in pids for pid in family(server))
    return Count(minutes, now.rss, now.files, now.threads, browsers, sessions, errors)


def is_browser(pid: int) -> bool:
    """Tell whether a process is a Chromium itself, and not one of its helpers."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return (
        b"chrom" in words[0]
        and not any(w.startswith(b"--type=") for w in words)
        and b"crashpad" not in words[0]
    )


def verdict(counts: list[Count]) -> list[str]:
    """Return in words what has grown since the warm-up."""
    warm = [c for c in counts if c.minutes > max(WARM, counts[-1].minutes / 3)]
    half = len(warm) // 2
    if not half:
        return ["it was too short to tell: give it five minutes at least"]
    early, late = warm[:half], warm[half:]
    said = []
    growth = mean(c.rss for c in late) / mean(c.rss for c in early)
    print(f"\nmemory after the warm-up → at the end: × {growth:.3f} (at most {GROWTH:g})")
    if growth > GROWTH:
        said.append(f"memory grew by {100 * (growth - 1):.1f} %")
    for name in ("files", "threads", "browsers"):
        first = max(getattr(c, name) for c in early)
        last = min(getattr(c, name) for c in late)
        if last > first + (SLACK if name != "browsers" else 0):
            said.append(f"{name} grew from {first} to {last}")
    if errors := sum(c.errors for c in counts):
        said.append(f"there were {errors} errors")
    return said


def soak(servers: Servers, minutes: float, sessions: int, exports: bool) -> list[Count]:
    """Run rounds until the time is over, and return the counts after each."""
    chance, counts, begin = random.Random(0), list[Count](), time.monotonic()
    print(f"{HEAD}\n|{6 * ' --- |'} --- |", flush=True)
    while time.monotonic() < begin + 60 * minutes:
        errors = round_of(servers, sessions, chance)
        if exports:
            export_a_picture(servers.url)
        now = count(servers, (time.monotonic() - begin) / 60, sessions, errors)
        counts.append(now)
        print(
            f"| {now.minutes:.1f} | {now.rss:.0f} | {now.files} | {now.threads} | {now.browsers} "
            f"| {(len(counts)) * sessions} | {errors} |",
            flush=True,
        )
    return counts


def main() -> None:
    """Start the servers, run the rounds, and report what has grown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20, help="30 at most")
    parser.add_argument("--sessions", type=int, default=24, help="visitors of a round")
    parser.add_argument("--replicas", type=int, default=0, help="nginx and so many; else uvicorn")
    parser.add_argument("--no-exports", action="store_true", help="no pictures by Chromium")
    at = parser.parse_args()
    if not 0 < at.minutes <= 30:
        parser.error("at most 30 minutes")
    end_in_order()
    with tempfile.TemporaryDirectory() as name:
        where = (
            serve_replicas(at.replicas, Path(name))
            if at.replicas
            else serve_app("gdviz", Path(name))
        )
        with where as servers:
            counts = soak(servers, at.minutes, at.sessions, not at.no_exports)
    if grown := verdict(counts):
        sys.exit("; ".join(grown))
    print("nothing grows")


if __name__ == "__main__":
    main()
