"""Parquet of a visitor, read by a process of its own that is held to its limits."""

import io
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gdviz.learn.column_types import TableError
from gdviz.learn.parquet_worker import DAMAGED, TOO_LARGE

if TYPE_CHECKING:
    import pandas as pd

MEMORY = 3 * 2**30  # RLIMIT_AS in bytes; the libraries alone take a third of it
SECONDS = 20  # of the processor, and twice as many by the clock
A_CELL = 16  # bytes that the cells of a table may take, each on an average
WORKER = Path(__file__).with_name("parquet_worker.py")


def read_parquet(data: bytes, cells: int, columns: int) -> "pd.DataFrame":
    """Return the table in the bytes of a Parquet file, raise `TableError` for what is none.

    Nested columns are refused: a cell of a table is a number, a time or a text.
    """
    limits = map(str, (MEMORY, SECONDS, cells, columns, A_CELL * cells))
    # -I: neither the folder it is started in nor the environment chooses what it imports.
    command = [sys.executable, "-I", str(WORKER), *limits]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=2 * SECONDS)
    except subprocess.TimeoutExpired:
        raise _too_large(cells) from None
    if done.returncode == TOO_LARGE:
        said = done.stderr.decode(errors="replace").split()
        if len(said) == 2 and all(part.isdigit() for part in said):
            raise TableError(
                f"{int(said[0]):,} rows of {int(said[1]):,} columns are too many, "
                f"at most {cells:,} cells in {columns:,} columns."
            )
        raise _too_large(cells)
    if done.returncode == DAMAGED:
        raise TableError("This Parquet file is damaged, or no flat table: it cannot be read.")
    if done.returncode == 2:  # Python itself could not begin
        raise RuntimeError(done.stderr.decode(errors="replace")[-300:])
    if done.returncode:  # ended by the system
        raise _too_large(cells)
    import pyarrow as pa

    try:
        return pa.ipc.open_stream(io.BytesIO(done.stdout)).read_all().to_pandas()
    except (pa.ArrowException, OSError, ValueError, TypeError, OverflowError):
        raise TableError("This Parquet file is damaged: it cannot be read.") from None


def _too_large(cells: int) -> TableError:
    return TableError(
        f"This Parquet file unpacks to more than {A_CELL * cells // 10**6} MB, or takes too long "
        "to read: give a part of its rows."
    )
