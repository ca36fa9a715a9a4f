"""Helpers of the tests with several replicas: the whole set, as `make serve` starts it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from browser import ROOT, end, free_port, free_row, status


class Answer(NamedTuple):
    """An answer: its status, its headers (all of one name in a list), its body."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    @property
    def cookie(self) -> str:
        """The replica that the answer gives the visitor, "" if it gives none."""
        found = re.search(r"gd_replica=(\w+)", " ".join(self.headers.get("set-cookie", [])))
        return found[1] if found else ""


class Set(NamedTuple):
    """A running set: where it is, what it prints, where nginx logs, the ports of the replicas."""

    url: str
    process: subprocess.Popen
    log_file: Path
    access_file: Path
    ports: dict[str, int]

    def pid(self, name: str) -> int:
        """Return the process that a replica has now."""
        return int(re.findall(rf"^{name} has process (\d+)$", self.log_file.read_text(), re.M)[-1])

    def kill(self, name: str) -> None:
        """Do what no process survives."""
        os.kill(self.pid(name), signal.SIGKILL)

    def ready(self, name: str) -> bool:
        """Tell whether a replica says of itself that it is ready."""
        return status(f"http://127.0.0.1:{self.ports[name]}/readyz") == 200

    def wait_until_ready(self, seconds: float = 240) -> None:
        """Wait until every replica is ready, and nginx is there."""
        end = time.monotonic() + seconds
        while not (all(map(self.ready, self.ports)) and status(self.url + "/readyz") == 200):
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"the set said:\n{self.log_file.read_text()[-4000:]}")
            time.sleep(0.1)

    def get(self, path: str, cookie: str = "", **headers: str) -> Answer:
        """Ask nginx, with the cookie of a replica if one is named."""
        sent = {"Cookie": f"gd_replica={cookie}"} if cookie else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                code, said, body = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            code, said, body = error.code, error.headers, error.read()
        return Answer(code, {n.lower(): said.get_all(n) for n in said}, body)

    def served(self, path: str, answers: int) -> list[str]:
        """Return which replicas have answered a path at last, by nginx's own log.

        It writes a line when an answer has gone out, so they are waited for.
        """
        ports = {str(port): name for name, port in self.ports.items()}
        lines: list[list[str]] = []
        for _ in range(100):
            words = [line.split() for line in self.access_file.read_text().splitlines()]
            lines = [line for line in words if len(line) > 6 and line[2] == path]
            if len(lines) >= answers:
                break
            time.sleep(0.05)
        return [ports.get(line[-1].rpartition(":")[2], "") for line in lines]


@contextmanager
def several(folder: Path, replicas: int = 2) -> Iterator[Set]:
    """Run nginx and replicas until the block ends; they end in order, or the test fails."""
    port, first = free_port(), free_row(replicas)
    log, access = folder / "log", folder / "access"
    command = f"--port {port} --first-port {first} --replicas {replicas}".split()
    command += "--respite 1 --gentle 0.5 --access".split()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "replicas.py"), *command, f"{access} gdviz"],
            env={**os.environ, "XDG_STATE_HOME": str(folder)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    ports = {f"r{i + 1}": first + i for i in range(replicas)}
    running = Set(f"http://127.0.0.1:{port}", process, log, access, ports)
    try:
        running.wait_until_ready()
        yield running
    finally:
        in_order = end(process, 40)
    assert in_order, "it did not end by itself"
    left = [pid for pid in re.findall(r"has process (\d+)$", log.read_text(), re.M) if alive(pid)]
    assert left == [], "what it has started is still there"


def alive(pid: str) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


def nginx_is_here() -> bool:
    """Tell whether nginx is installed."""
    return shutil.which("nginx") is not None
