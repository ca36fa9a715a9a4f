"""The rows of a sweep in a Parquet file: written atomically, so that a sweep can resume."""

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from gdviz.queries import to_query
from gdviz.sweep.plan import SweepError, SweepPlan, describe
from gdviz.sweep.run_cell import CELL, ERROR, CellOutcome

MARK = b"gdviz.sweep"
PAUSE, SHARE = 1.0, 0.05  # seconds between two writings, and the share of the time they may take


class Store:
    """The outcomes of a sweep so far, and the file that has them, where there is one.

    The file is written anew beside itself and then put in its own place, so that a process may be
    killed at any moment: what is there can be read, and is a moment old. `rows` are those that
    another store of the same sweep has.
    """

    def __init__(
        self, sweep: SweepPlan, file: Path | None = None, fresh: bool = False, rows: Any = None
    ) -> None:
        self.sweep, self.file = sweep, file
        self.table = _kept(sweep, file) if file is not None and not fresh else rows
        self.new: list[dict[str, Any]] = []
        self.due = monotonic() + PAUSE
        if file is not None and fresh:
            _replace(file, parquet_of(self.rows()))
        elif file is not None:
            self._claim(file)

    def _claim(self, file: Path) -> None:
        """Take a file that is not there yet, so that another sweep finds it taken."""
        if self.table is None and not _create(file, parquet_of(self.rows())):
            self.table = _kept(self.sweep, file)

    @property
    def done(self) -> frozenset[int]:
        """The cells that have rows."""
        old = set() if self.table is None else set(self.table[CELL].to_pylist())
        return frozenset(old | {row[CELL] for row in self.new})

    def add(self, outcome: CellOutcome) -> None:
        """Take the rows of a cell, and write the file if it is time to."""
        self.new += outcome.rows
        if self.file is not None and monotonic() >= self.due:
            self.write()

    def write(self) -> None:
        """Write all rows to the file, in the order of the cells."""
        if self.file is None:
            return
        start = monotonic()
        _is_ours(self.sweep, self.file)  # raises if another sweep has taken it meanwhile
        _replace(self.file, parquet_of(self.rows()))
        self.due = monotonic() + max(PAUSE, (monotonic() - start) / SHARE)

    def rows(self) -> Any:
        """Return all rows as a table of pyarrow, in the order of the cells."""
        import pyarrow as pa

        tables = [] if self.table is None else [self.table]
        tables += [_table(self.new)] if self.new else []
        if not tables:
            tables = [pa.table({CELL: pa.array([], pa.int64())})]
        self.table, self.new = _ordered(_joined(tables)), []
        self.table = self.table.replace_schema_metadata({MARK: _mark(self.sweep)})
        return self.table


def _table(rows: list[dict[str, Any]]) -> Any:
    """Return rows as a table, with every column that one of them has."""
    import pyarrow as pa

    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def _joined(tables: list[Any]) -> Any:
    """Return tables as one; a column that one of them does not have is empty there."""
    import pyarrow as pa

    whole = pa.concat_tables(tables, promote_options="permissive")
    names = [name for name in whole.column_names if name != ERROR]
    return whole.select(names + [ERROR] * (ERROR in whole.column_names))


def _ordered(table: Any) -> Any:
    import numpy as np

    cells = table[CELL].to_numpy()
    if (cells[1:] >= cells[:-1]).all():
        return table
    return table.take(np.argsort(cells, kind="stable"))


def _mark(sweep: SweepPlan) -> bytes:
    """Return what a file says of the sweep whose rows it has."""
    about = {
        "fingerprint": sweep.fingerprint(),
        "page": sweep.page,
        "settings": to_query(sweep.spec),
        "axes": describe(sweep.axes),
        "cells": len(sweep),
    }
    return json.dumps(about).encode()


def mark_of(schema: Any) -> dict[str, Any] | None:
    """Return what the schema of a table says of the sweep it belongs to, None if it is not ours."""
    try:
        found = json.loads((schema.metadata or {})[MARK])
    except (KeyError, ValueError):
        return None
    return found if isinstance(found, dict) and CELL in schema.names else None


def _kept(sweep: SweepPlan, file: Path) -> Any:
    """Return the rows that a file has of the very same sweep; None where there is no file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(file) if _is_ours(sweep, file) else None
    except pa.ArrowException:
        raise SweepError(f"{file} is damaged: name another, or say --fresh.") from None


def _is_ours(sweep: SweepPlan, file: Path) -> bool:
    """Tell whether a file is there; raise `SweepError` if it holds anything but this sweep."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not file.exists():
        return False
    try:
        mark = mark_of(pq.read_schema(file))
    except (pa.ArrowException, OSError):
        mark = None
    if mark is None:
        raise SweepError(f"{file} is there, and holds no sweep: name another, or say --fresh.")
    if mark.get("fingerprint") != sweep.fingerprint():
        raise SweepError(
            f"{file} holds another sweep ({' '.join(mark.get('axes', []))}): "
            "name another file, or say --fresh."
        )
    return True


def parquet_of(table: Any) -> bytes:
    """Return a table as a Parquet file."""
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def csv_of(table: Any) -> bytes:
    """Return a table as CSV, every number in full precision; what is missing is empty."""
    from gdviz.export.tables import csv_bytes

    batches = table.to_batches(10_000)
    columns = ([column.to_pylist() for column in batch.columns] for batch in batches)
    return csv_bytes(
        table.column_names, (row for part in columns for row in zip(*part, strict=True))
    )


def _replace(file: Path, data: bytes) -> None:
    """Put a file in the place of another at once: who reads it sees the one or the other."""
    with _beside(file, data) as new:
        os.replace(new, file)


def _create(file: Path, data: bytes) -> bool:
    """Make a file that is whole from the first moment; return whether there was none."""
    with _beside(file, data) as new:
        try:
            os.link(new, file)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            return not file.exists() and bool(file.write_bytes(data))
    return True


@contextmanager
def _beside(file: Path, data: bytes) -> Iterator[Path]:
    """Write data beside a file, for as long as it takes to put them in its place."""
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with new.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        yield new
    finally:
        new.unlink(missing_ok=True)


def write_csv(file: Path, table: Any) -> None:
    """Write a table as CSV, at once."""
    _replace(file, csv_of(table))
