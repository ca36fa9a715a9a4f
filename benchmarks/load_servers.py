"""The servers of a load test, and how much of the machine they use."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.field import HEALTH, ROOT, free_row, start, stop, wait_until_up

TICK = os.sysconf("SC_CLK_TCK")


class Usage(NamedTuple):
    """What processes have used: seconds of CPU so far; and memory in MB, files, threads now."""

    cpu: float
    rss: float
    files: int
    threads: int


def usage(pids: list[int]) -> Usage:
    """Return what some processes have used, with all their threads; dead ones count nothing."""
    cpu = rss = 0.0
    files = threads = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{pid}/status").read_text()
            files += len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue
        cpu += (int(fields[11]) + int(fields[12])) / TICK
        rss += int((re.findall(r"VmRSS:\s+(\d+)", status) or ["0"])[0]) / 1024
        threads += int(fields[17])
    return Usage(cpu, rss, files, threads)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            found += family(child)
    return found


class Servers(NamedTuple):
    """What is measured: its address, its Python processes, and the others (nginx)."""

    url: str
    pids: Callable[[], list[int]]
    others: Callable[[], list[int]]


def end_in_order() -> None:
    """Let SIGTERM end this program as Ctrl-C does, so that its children end too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def nobody() -> list[int]:
    return []


@contextmanager
def serve_app(app: str, folder: Path) -> Iterator[Servers]:
    """Run an app of `APPS` by one uvicorn until the block ends."""
    server = start(app, folder / app)
    probe = "/readyz" if app == "gdviz" else HEALTH
    try:
        wait_until_up(server.process, server.url + probe, folder / app, 300)
        yield Servers(server.url, lambda: [server.process.pid], nobody)
    finally:
        stop(server)


@contextmanager
def serve_replicas(replicas: int, folder: Path) -> Iterator[Servers]:
    """Run nginx and replicas, as `make serve` does, until the block ends."""
    first, log = free_row(replicas + 1), folder / "replicas"
    port = first + replicas
    ports = f"--port {port} --first-port {first} --replicas {replicas}"
    command = [str(ROOT / "scripts" / "replicas.py"), *ports.split()]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"

    def pids(pattern: str) -> list[int]:
        now = dict(re.findall(r"^(\w+) has process (\d+)$", log.read_text(), re.M))
        return [int(pid) for name, pid in now.items() if re.fullmatch(pattern, name)]

    try:
        for i in range(replicas):
            wait_until_up(process, f"http://127.0.0.1:{first + i}/readyz", log, 300)
        wait_until_up(process, f"{url}/readyz", log, 60)
        yield Servers(
            url, lambda: pids(r"r\d+"), lambda: [p for n in pids("nginx") for p in family(n)]
        )
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def use_running(url: str, pids: list[int]) -> Iterator[Servers]:
    """Use servers that are already running."""
    yield Servers(url, lambda: pids, nobody)


def idle_load(servers: Servers, seconds: float) -> float:
    """Return the CPU seconds that the servers use per second while nobody does anything."""
    before = usage(servers.pids()).cpu
    time.sleep(seconds)
    return (usage(servers.pids()).cpu - before) / seconds
