"""`gdviz sweep`: a page run over many settings, as a table."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from gdviz.cli.commands import bar_of, command
from gdviz.cli.options import PageOptions, names, settings_of
from gdviz.knobs import KnobError
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
from gdviz.sweep.run_cell import ERROR
from gdviz.sweep.store import csv_of, write_csv

MOMENT = 3.0  # seconds that a sweep runs in this process before others are started for it

OWN = [
    click.Option(
        ["--over"],
        multiple=True,
        required=True,
        help="A knob and its values: lr=0.1,0.2 or lr=0.001:1:20 (20 values, evenly spaced) or "
        "lr=0.001:1:20:log (by equal factors). Given twice, every pair is run.",
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
        help="Stop after so long, with what there is.",
    ),
    click.Option(["--fresh"], is_flag=True, help="Begin anew: forget what is in the file."),
]


def sweep_command(asked: PageOptions) -> click.Command:
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
        spec = settings_of(asked.page, asked.spec, preset, knobs_)
        sweep = plan(spec, dict(axis(asked.page, text) for text in over), seeds)
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
    """Run a sweep into a file; whatever ends it early, say where what there is lies."""
    file = _partial(output)
    store, count = Store(sweep, file, fresh), 0
    if store.done:
        click.echo(f"{len(store.done)} of {len(sweep)} cells are in {file} already.", err=True)
    try:
        with bar_of(len(sweep), "running") as bar:
            for now in steps(store, backend, seconds, first):
                bar.update(now - count)
                count = now
    except SweepError as error:
        raise SweepError(f"{error} {_so_far(store)}") from None
    except KeyboardInterrupt:
        click.echo(f"Stopped. {_so_far(store)}", err=True)
        raise
    if count < len(sweep):
        raise SweepError(f"The time is over. {_so_far(store)}")
    _finish(store, output, file)


def _partial(output: str | None) -> Path | None:
    """Return the Parquet file that grows: the output, or one beside a CSV file."""
    if output is None:
        return None
    file = Path(output)
    if file.suffix.lower() not in (".csv", ".parquet"):
        raise KnobError(f"“{file.suffix or file.name}” is not a format of a sweep: csv, parquet.")
    if not file.parent.is_dir():
        raise OSError(f"No such file or directory: {file.parent}")
    return file if file.suffix.lower() == ".parquet" else file.with_name(f"{file.name}.parquet")


def _so_far(store: Store) -> str:
    there = f"{len(store.done)} of {len(store.sweep)} cells"
    if store.file is None:
        return f"{there} were run; with -o they would have been kept."
    return f"{there} are in {store.file}; the same command goes on from there."


def _finish(store: Store, output: str | None, file: Path | None) -> None:
    """Leave the table in its place, and say how many cells failed."""
    table = store.rows()
    if output is None:
        sys.stdout.write(csv_of(table).decode())
    elif file is not None and file != Path(output):
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
