"""One hostile address, and a quiet neighbour who measures: `python -m benchmarks.siege`.

Each attack is played against a fresh server. The neighbour moves a knob of the race, asks for the
scene of a drag, and for something small, four times a second each, first without the attack and
then with it. It fails if the neighbour waits longer than is promised, or the server grows.
"""

import argparse
import asyncio
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from benchmarks import siege_attacks, siege_hall, siege_lines
from benchmarks.load_servers import Servers, end_in_order, serve_app, serve_replicas, usage
from benchmarks.report import load, machine
from benchmarks.siege_attacks import Target
from benchmarks.siege_bytes import cookies, frames
from benchmarks.siege_neighbour import Met, Neighbour, shares

ATTACKS = siege_attacks.ATTACKS | {"frames": frames, "cookies": cookies}
ATTACKS |= siege_lines.ATTACKS | siege_hall.ATTACKS
P95, WORST = 250.0, 1000.0  # ms that a neighbour waits, whatever one address does
MEGABYTES = 900.0  # of a server process
LOG = 400.0  # bytes that the log grows by for one hostile message
HEAD = (
    "attack",
    "answers",
    "p50 ms",
    "p95 ms",
    "worst ms",
    "errors",
    "memory MB",
    "log kB",
    "kept",
)


class Outcome(NamedTuple):
    """What an attack did: to the neighbour, to the memory and the log; what it met itself."""

    name: str
    met: Met
    rss: float
    log: float
    own: Counter[str]

    def kept(self) -> bool:
        """Tell whether the promises were kept."""
        _, p95, worst = shares(self.met.times)
        bounded = self.rss <= MEGABYTES and self.log <= LOG * max(100, self.own.total())
        return p95 <= P95 and worst <= WORST and bounded and not self.met.errors


def cells(row: Outcome) -> tuple[str, ...]:
    """Return a row of the table."""
    times = [f"{value:.0f}" for value in shares(row.met.times)]
    sizes = [f"{row.rss:.0f}", f"{row.log / 1000:.1f}"]
    counts = str(len(row.met.times)), *times, str(len(row.met.errors)), *sizes
    return row.name, *counts, "yes" if row.kept() else "**no**"


def told(row: Outcome) -> str:
    """Return what stands behind a row: each kind of act, the load, what the attacker met."""
    acts = [
        f"{name} {' '.join(f'{time:.0f}' for time in shares(times))}"
        for name, times in row.met.by_act.items()
    ]
    return f" {', '.join(acts)}; load {load()}; attacker: {dict(row.own)}"


def line(words: tuple[str, ...]) -> str:
    return f"| {' | '.join(words)} |"


class Attacker:
    """A process that attacks when it is told to, so that several attacks import everything once."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_attacks, args=(theirs,), daemon=True)
        self.process.start()
        self.pipe.recv()  # it has imported everything

    def run(self, name: str, servers: Servers, seconds: float) -> tuple[Counter[str], float]:
        """Run an attack to its end; return what it met, and the most memory of one server."""
        self.pipe.send((name, servers.url, seconds))
        most, end = 0.0, time.monotonic() + seconds + 60
        while not self.pipe.poll(0.2) and self.process.is_alive() and time.monotonic() < end:
            most = max([most, *(usage([pid]).rss for pid in servers.pids())])
        if self.pipe.poll():
            return self.pipe.recv(), most
        self.leave()  # what it says later is of no other attack
        return Counter(failed=1), most

    def leave(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()


def _attacks(pipe: Connection) -> None:
    pipe.send("ready")
    while True:
        name, url, seconds = pipe.recv()
        target = Target(url, seconds)
        if name in ATTACKS:
            asyncio.run(ATTACKS[name](target))
        else:
            time.sleep(seconds)
        pipe.send(target.met)


class Siege:
    """Servers with a neighbour and an attacker; `play` is one attack, while the neighbour measures.

    What is started anew for each attack costs more than a short one.
    """

    def __init__(self, servers: Servers, logs: Path) -> None:
        self.servers, self.logs = servers, logs
        self.neighbour, self.attacker = Neighbour(servers.url), Attacker()

    def __enter__(self) -> "Siege":
        return self

    def __exit__(self, *about: object) -> None:
        self.neighbour.leave()
        self.attacker.leave()

    def play(self, name: str, seconds: float) -> Outcome:
        """Play an attack, "nothing" for none."""
        written = size(self.logs)
        self.neighbour.begin()
        own, rss = self.attacker.run(name, self.servers, seconds)
        met = self.neighbour.end()
        return Outcome(name, met, rss, size(self.logs) - written, own)


def size(folder: Path) -> float:
    """Return the bytes of all files in a folder: there lie the logs."""
    return float(sum(file.stat().st_size for file in folder.iterdir()))


def main() -> None:
    """Play the attacks, print a row for each, and fail if a promise was not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.siege", description=__doc__)
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=", ".join(ATTACKS))
    parser.add_argument("--seconds", type=float, default=10, help="of each attack, 120 at most")
    parser.add_argument("--replicas", type=int, default=0, help="nginx and so many; else uvicorn")
    at = parser.parse_args()
    chosen = at.attacks or ["nothing", *ATTACKS]
    if not 0 < at.seconds <= 120 or not {*chosen} <= {"nothing", *ATTACKS}:
        parser.error("at most 120 seconds, and attacks that there are")
    end_in_order()
    print(f"{machine()}; promised: p95 {P95:g} ms, worst {WORST:g} ms, {MEGABYTES:g} MB\n")
    print(f"{line(HEAD)}\n{line(('---',) * len(HEAD))}", flush=True)
    broken = []
    for name in chosen:
        with tempfile.TemporaryDirectory() as folder:
            logs = Path(folder)
            with (
                serve_replicas(at.replicas, logs)
                if at.replicas
                else serve_app("gdviz", logs) as servers,
                Siege(servers, logs) as siege,
            ):
                row = siege.play(name, at.seconds)
        print(line(cells(row)), told(row), flush=True)
        for error in row.met.errors[:3]:
            print("error:", error)
        broken += [] if row.kept() else [name]
    if broken:
        sys.exit(f"promises were broken under: {', '.join(broken)}")


if __name__ == "__main__":
    main()
