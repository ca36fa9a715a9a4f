"""A cell of a sweep: settings in, rows out; the same in this process, in another, on a cluster."""

from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import Any, NamedTuple

from gdviz import __version__
from gdviz.catalogue import lookup
from gdviz.knob_texts import format_value
from gdviz.one_thread import one_thread

Row = dict[str, Any]
CELL, ERROR, METHOD, VERDICT = "cell", "error", "method", "verdict"


class CellOutcome(NamedTuple):
    """The rows of a cell: one for each method or part of its run, or one that says its error."""

    cell: int
    rows: tuple[Row, ...]


class Batch(NamedTuple):
    """Cells that are run one after the other: the settings, and `(number, changes)` of each."""

    spec: Any
    cells: tuple[tuple[int, Row], ...]
    version: str = __version__


class Progress(NamedTuple):
    """What a batch comes back with."""

    outcomes: tuple[CellOutcome, ...]
    seconds: float


def run_batch(batch: Batch) -> Progress:
    """Run the cells of a batch; raise `ImportError` where the gdviz of a worker is another one."""
    if batch.version != __version__:
        raise ImportError(f"a worker has gdviz {__version__}, the sweep is of {batch.version}")
    start = perf_counter()
    # The sums of a matrix product depend on the number of threads in their last digits, and
    # workers of Dask and of a page have different ones.
    with one_thread():
        found = tuple(outcome_of(batch.spec, *cell) for cell in batch.cells)
    return Progress(found, perf_counter() - start)


def outcome_of(spec: Any, cell: int, at: Mapping[str, Any]) -> CellOutcome:
    """Return the rows of one cell; an error is a row, for the other cells are none the worse."""
    where = place_of(cell, at)
    try:
        settings = lookup.with_values(lookup.topic_of(spec), spec, at)
        rows = tuple(where | _apart(end, where) for end in last_rows(settings))
    except Exception as error:
        return failed_outcome(cell, at, _sentence(error))
    return CellOutcome(cell, rows)


def failed_outcome(cell: int, at: Mapping[str, Any], why: str) -> CellOutcome:
    """Return the one row of a cell that has no numbers."""
    return CellOutcome(cell, (place_of(cell, at) | {ERROR: why[:300]},))


def place_of(cell: int, at: Mapping[str, Any]) -> Row:
    """Return what every row of a cell begins with: its number, and the values of the axes."""
    return {CELL: cell} | {name: _plain(value) for name, value in at.items()}


def _plain(value: Any) -> Any:
    """Return a value as a table holds it: numbers and truths as they are, the rest as text."""
    return value if isinstance(value, bool | int | float) else format_value(value)


def _apart(end: Row, where: Row) -> Row:
    """Return the end of a run, renamed where it would hide the axis that has its name."""
    return {f"end_{name}" if name in where else name: value for name, value in end.items()}


def _sentence(error: Exception) -> str:
    said = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
    return said


def last_rows(spec: Any) -> Iterator[Row]:
    """Yield the end of each table of a run: its name, its verdict if it has one, its last row."""
    from gdviz.export.tables import tables

    result = lookup.summary(spec)
    for name, columns in tables(result).items():
        part = result.get(name) if isinstance(result, Mapping) else None
        verdict = part.get(VERDICT) if isinstance(part, Mapping) else getattr(part, VERDICT, None)
        told = {} if verdict is None else {VERDICT: verdict}
        yield {METHOD: name} | told | {key: values[-1].item() for key, values in columns.items()}
