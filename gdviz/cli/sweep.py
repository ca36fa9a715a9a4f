"""`gdviz sweep`: a page run over many settings, as a table."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from gdviz.catalogue import lookup
from gdviz.cli.commands import bar_of, command
from gdviz.cli.idle import option_of
from gdviz.cli.links import Asked
from gdviz.cli.options import settings_of
from gdviz.cli.pages import names
from gdviz.knobs import KnobError, refusal, unmet
from gdviz.knobs import values_of as knob_values
from gdviz.sweep import (
    Backend,
    Store,
    SweepError,
    SweepPlan,
    axis,
    dask_cluster,
    in_process,
    plan,
    process_pool,
    steps,
)
from gdviz.sweep.plan import SEED
from gdviz.sweep.run_cell import ERROR
from gdviz.sweep.store import csv_of, write_csv

MOMENT = 3.0  # seconds that a sweep runs in this process before others are started for it

OWN = [
    click.Option(
        ["--over"],
        multiple=True,
        required=True,
        help="A knob and its values: lr=0.1,0.2 or lr=0.001:1:20 (20 values, evenly spaced) or "
        "lr=0.001:1:20:log (by equal factors). With two knobs every pair is run; values of one "
        "knob may be given in several parts.",
    ),
    click.Option(
        ["--seeds"],
        type=click.IntRange(1, 1000),
        default=1,
        help="Run every setting with so many seeds.",
    ),
    click.Option(
        ["-o", "--output"],
        help="A Parquet file, which has at any moment what there is and is gone on with by the "
        "same command; or a CSV file. CSV on standard output if not given.",
    ),
    click.Option(
        ["--workers"],
        type=click.IntRange(0, 256),
        help="Processes; 0 is this one alone. [one for each core, once it takes a moment]",
    ),
    click.Option(
        ["--dask"],
        envvar="GDVIZ_DASK",
        metavar="ADDRESS",
        help="Run on a Dask cluster: the address of its scheduler, tcp://host:8786.",
    ),
    click.Option(
        ["--seconds"],
        type=click.FloatRange(1.0),
        help="Stop after so long; what there is is kept, or printed, and the exit code is 1.",
    ),
    click.Option(["--fresh"], is_flag=True, help="Begin anew: forget what is in the file."),
]


def sweep_command(asked: Asked) -> click.Command:
    """Return the command that runs a page over many values of some of its knobs."""

    def work(
        preset: str | None,
        output: str | None,
        over: tuple[str, ...],
        seeds: int,
        workers: int | None,
        dask: str | None,
        seconds: float | None,
        fresh: bool,
        **knobs_: Any,
    ) -> None:
        axes = _axes(asked.page, over)
        spec = settings_of(asked.page, asked.spec, preset, knobs_, axes)
        _check_seeds(spec, seeds, axes)
        sweep = plan(spec, axes, seeds)
        backend, first = _crew(workers, dask, len(sweep))
        try:
            _run(sweep, output, backend, first, seconds, fresh)
        except SweepError as error:
            raise click.ClickException(str(error)) from None

    about = (
        f"Run “{names()[asked.page]}” over many settings; a row for the end of each run. It ends "
        "with 0 when every cell has been run, 1 when it had to stop, 2 if what is asked makes no "
        "sense."
    )
    return command(asked, work, OWN, about)


def _axes(page: str, over: tuple[str, ...]) -> dict[str, tuple[Any, ...]]:
    """Return the values of each knob; those of a knob that is named twice are taken together."""
    found: dict[str, tuple[Any, ...]] = {}
    for name, values in (axis(page, text) for text in over):
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), *values)))
    return found


def _check_seeds(spec: Any, seeds: int, axes: dict[str, tuple[Any, ...]]) -> None:
    """Raise `KnobError` where chance plays no part: every run would be the same."""
    knob = lookup.all_knobs(lookup.topic_of(spec)).get(SEED)
    need = unmet(knob, partial(knob_values, spec, axes)) if knob and seeds > 1 else None
    if need:
        raise KnobError(refusal("seeds", need, option_of))


def _crew(workers: int | None, dask: str | None, cells: int) -> tuple[Backend, float]:
    """Return who runs the cells, and for how many seconds this process does so first."""
    if dask:
        return dask_cluster(dask), 0.0
    count = min(os.cpu_count() or 1, cells) if workers is None else workers
    return (process_pool(count) if count > 0 else in_process()), MOMENT if workers is None else 0.0


def _run(
    sweep: SweepPlan,
    output: str | None,
    backend: Backend,
    first: float,
    seconds: float | None,
    fresh: bool,
) -> None:
    """Run a sweep into a file; whatever ends it early, leave what there is, and say where."""
    file = _partial(output, fresh)
    store = Store(sweep, file, fresh)
    if store.done:
        click.echo(f"{len(store.done)} of {len(sweep)} cells are in {file} already.", err=True)
    why = ""
    try:
        with interrupted_by_sigterm(), bar_of(len(sweep), "running") as bar:
            why = "" if _runs(store, backend, seconds, first, bar) else "The time is over."
    except SweepError as error:
        why = str(error)
    except KeyboardInterrupt:
        click.echo(f"Stopped. {_so_far(store)}", err=True)
        _print(store)
        raise
    if why:
        _print(store)
        raise SweepError(f"{why} {_so_far(store)}")
    _finish(store, output, file)


def _runs(store: Store, crew: Backend, seconds: float | None, first: float, bar: Any) -> bool:
    """Run what is missing; return whether every cell was run."""
    count = 0
    for now in steps(store, crew, seconds, first):
        bar.update(now - count)
        count = now
    return count == len(store.sweep)


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Take the signal that ends a process as the one of Ctrl-C: what there is is kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _partial(output: str | None, fresh: bool) -> Path | None:
    """Return the Parquet file that grows: the output, or one beside a CSV file."""
    if output is None:
        return None
    file = Path(output)
    if file.suffix.lower() not in (".csv", ".parquet"):
        raise KnobError(f"“{file.suffix or file.name}” is not a format of a sweep: csv, parquet.")
    if not file.parent.is_dir():
        raise OSError(f"No such file or directory: {file.parent}")
    if file.suffix.lower() == ".parquet":
        return file
    if file.exists() and not fresh:
        raise SweepError(f"{file} is there already: name another file, or say --fresh.")
    return file.with_name(f"{file.name}.parquet")


def _so_far(store: Store) -> str:
    there = f"{len(store.done)} of {len(store.sweep)} cells"
    if store.file is None:
        return f"{there} were run and printed; with -o the same command would go on from there."
    return f"{there} are in {store.file}; the same command goes on from there."


def _print(store: Store) -> None:
    """Write the rows to standard output, unless they are in a file: as UTF-8, like a file."""
    if store.file is None:
        sys.stdout.buffer.write(csv_of(store.rows()))
        sys.stdout.buffer.flush()


def _finish(store: Store, output: str | None, file: Path | None) -> None:
    """Leave the table in its place, and say how many cells failed."""
    table = store.rows()
    _print(store)
    if output is not None and file is not None and file != Path(output):
        write_csv(Path(output), table)
        file.unlink(missing_ok=True)
    failed = table[ERROR].drop_null().to_pylist() if ERROR in table.column_names else []
    if failed:
        click.echo(
            f"{len(failed)} of {len(store.sweep)} cells failed; the column “{ERROR}” says why, "
            f"the first: {failed[0]}",
            err=True,
        )
    if len(failed) == len(store.sweep):
        raise SweepError("Not one cell could be run.")
