"""Sweeps: a page run over many settings, here, in several processes, or on a Dask cluster.

    from gdviz.sweep import plan, rows
    from gdviz.topics.race import Race

    over = {"methods": ["gd", "adam"], "lr": [1e-3, 1e-2]}
    sweep = plan(Race(surface="rosenbrock", noise=0.1), over, seeds=3)
    for row in rows(sweep):
        print(row["methods"], row["lr"], row["seed"], row["f"], row["verdict"])

Whoever runs the cells, the numbers are the same to the last bit. `backend=process_pool(4)` runs
them in four processes; a script then wants `if __name__ == "__main__":`. A Dask scheduler's workers
run them with `backend=dask_cluster(address)`. `file=` keeps the rows: a later call goes on from
them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gdviz.sweep.executors import Backend, dask_cluster, in_process, process_pool
from gdviz.sweep.plan import MOST_CELLS, Axis, SweepError, SweepPlan, axis, plan, values_of
from gdviz.sweep.run_cell import CellOutcome
from gdviz.sweep.scheduler import outcomes
from gdviz.sweep.store import Store, csv_of, parquet_of

__all__ = [
    "MOST_CELLS",
    "Axis",
    "Backend",
    "CellOutcome",
    "Store",
    "SweepPlan",
    "SweepError",
    "axis",
    "dask_cluster",
    "csv_of",
    "in_process",
    "outcomes",
    "parquet_of",
    "plan",
    "process_pool",
    "rows",
    "steps",
    "values_of",
]


def rows(
    sweep: SweepPlan, backend: Backend | None = None, file: str | Path | None = None
) -> list[Any]:
    """Return all rows of a sweep, a mapping each, in the order of the cells.

    With a `file` (Parquet) they are in it, too, as they arrive; rows that it has are not run again.
    """
    store = Store(sweep, None if file is None else Path(file))
    for _ in steps(store, backend or in_process()):
        pass
    return store.rows().to_pylist()


def steps(
    store: Store,
    backend: Backend,
    seconds: float | None = None,
    here_first: float = 0.0,
) -> Iterator[int]:
    """Run what is missing in a store, and yield how many cells are there after each.

    The first `here_first` seconds are run in this process: what is short needs no backend. What has
    arrived is written to the store's file, whatever happens.
    """
    count = len(done := store.done)
    yield count
    try:
        if here_first:
            for outcome in outcomes(store.sweep, in_process(), done, here_first):
                store.add(outcome)
                yield (count := count + 1)
            done = store.done
        for outcome in outcomes(store.sweep, backend, done, seconds):
            store.add(outcome)
            yield (count := count + 1)
    finally:
        store.write()
