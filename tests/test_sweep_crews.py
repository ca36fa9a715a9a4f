"""Sweeps with real processes: a pool and a Dask cluster on loopback, and what is killed in them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from browser import ROOT, free_port
from test_cli import call

from gdviz.sweep import (
    Store,
    SweepError,
    SweepPlan,
    dask_cluster,
    executors,
    outcomes,
    plan,
    process_pool,
    rows,
    steps,
)
from gdviz.sweep import scheduler as sweep_running
from gdviz.topics.descent.settings import Descent
from gdviz.topics.race.settings import Race

SWEEP = plan(Race(steps=40, noise=0.3), {"methods": ["gd", "adam"], "lr": [0.01, 0.02]}, seeds=30)
# What a worker of the tests runs before anything else: it waits a little with each batch, so that
# a sweep of a moment has a middle.
PRELOAD = """
import os, time
from gdviz.sweep import run_cell as cells
def slowly(batch, run=cells.run_batch):
    time.sleep(float(os.environ["PAUSE"]))
    return run(batch)
if cells.run_batch.__name__ != "slowly":  # Dask reads a preload twice
    cells.run_batch = slowly
"""


@pytest.fixture(scope="module")
def truth() -> list[Any]:
    """The rows as one process finds them, one cell after the other."""
    return rows(SWEEP)


@pytest.fixture(autouse=True)
def many_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_running, "MOST_IN_BATCH", 4)
    monkeypatch.setattr(executors, "CONNECT", 15.0)


def collected(
    crew: Any, at: int = -1, act: Callable[[], None] = lambda: None, sweep: SweepPlan = SWEEP
) -> list[Any]:
    """Run the sweep and return its rows in order; `act` once `at` cells have arrived."""
    store = Store(sweep)
    for count, outcome in enumerate(outcomes(sweep, crew)):
        if count == at:
            act()
        store.add(outcome)
    return store.rows().to_pylist()


def known(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a row says; a column that only other cells have is empty in it."""
    return {name: value for name, value in row.items() if value is not None}


def test_a_pool_finds_the_same_numbers_though_its_process_is_killed() -> None:
    cheap = plan(Descent(steps=5), {"lr": [0.01, 0.02, 0.05], "x0": [1.0, 1.5, 2.0, 2.5, 3.0]})
    killed = []

    def kill_one() -> None:
        worker = multiprocessing.active_children()[0]
        worker.kill()
        killed.append(worker)

    assert collected(process_pool(1), 5, kill_one, cheap) == rows(cheap) and len(killed) == 1


class Cluster(NamedTuple):
    """A Dask scheduler and its workers, processes of their own."""

    address: str
    scheduler: subprocess.Popen
    workers: list[subprocess.Popen]


def start(*words: str, pause: float = 0.0) -> subprocess.Popen:
    env = {**os.environ, "PAUSE": str(pause), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", *words, "--no-dashboard"]
    return subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers with one thread each, the second of which is slow."""
    folder = tmp_path_factory.mktemp("dask")
    (folder / "preload.py").write_text(PRELOAD)
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    scheduler = start("distributed.cli.dask_scheduler", "--host=127.0.0.1", f"--port={port}")
    words = ("distributed.cli.dask_worker", address, "--no-nanny", "--nthreads=1")
    words = (*words, "--host=127.0.0.1", f"--local-directory={folder}", "--memory-limit=0")
    words = (*words, "--preload", str(folder / "preload.py"))
    workers = [start(*words, pause=pause) for pause in (0.01, 0.06)]
    yield Cluster(address, scheduler, workers)
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def test_dask_finds_the_same_numbers_though_one_is_slow_and_the_other_is_killed(
    truth: list[Any], dask: Cluster
) -> None:
    assert collected(dask_cluster(dask.address), 9, dask.workers[0].kill) == truth
    assert dask.workers[0].wait(5) == -signal.SIGKILL


def test_without_a_scheduler_the_file_is_whole_and_gone_on_with(
    truth: list[Any], dask: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "x.parquet"
    running = steps(Store(SWEEP, file), dask_cluster(dask.address))
    start_of = time.monotonic()
    with pytest.raises(SweepError, match=r"The scheduler is gone: the cluster at tcp://127\.0\.0"):
        for count in running:
            if count == 30:
                dask.scheduler.kill()
    there = pq.read_table(file).to_pylist()
    assert 30 <= len(there) < len(truth) and time.monotonic() - start_of < 30
    assert all(known(row) == known(truth[row["cell"]]) for row in there)
    words = ["sweep", "race", "--steps=40", "--noise=0.3", "--over=methods=gd,adam", "--seeds=30"]
    words += ["--over=lr=0.01,0.02", "-o", str(file), "--workers=0"]
    done = call(*words)
    assert done.exit_code == 0 and f"{len(there)} of 120 cells are in" in done.output
    assert pq.read_table(file).to_pylist() == truth
