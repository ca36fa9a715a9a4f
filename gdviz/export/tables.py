"""The numbers of a result as tables, and the tables as CSV and Parquet."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from gdviz.knobs import KnobError

Tables = dict[str, dict[str, np.ndarray]]
SERIES = "series"  # the column that says which table a row is of
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "\uff1d")


def tables(result: Any, name: str = "result") -> Tables:
    """Return the numbers of what a page computes: a table a method, or a table a part.

    A table is a mapping of columns of one length; a row is a step (a draw, a sample ...). A vector
    is several columns, `x0, x1, ...`. Scalars of a part stand in one row.
    """
    found: Tables = {}
    _walk(result, name, found)
    return found


def _walk(part: Any, name: str, found: Tables) -> None:
    if hasattr(part, "trace") and hasattr(part, "t"):
        found[name] = _columns(part)
        return
    single: dict[str, Any] = {}
    columns: dict[int, dict[str, Any]] = {}
    for key, value in _parts(part):
        array = _numbers(value)
        if array is None:
            _walk(value, key if isinstance(part, Mapping) else f"{name}.{key}", found)
        elif array.size == 0:
            continue
        elif array.ndim == 0:
            single[key] = array[None]
        else:
            columns.setdefault(len(array), {}).update(_flat(key, array))
    for length, table in columns.items():
        found[name if len(columns) == 1 else f"{name}[{length}]"] = table
    if single and not columns:
        found[name] = single


def _parts(part: Any) -> list[tuple[str, Any]]:
    if isinstance(part, Mapping):
        return [(str(key), value) for key, value in part.items()]
    if hasattr(part, "_asdict"):
        return list(part._asdict().items())
    if is_dataclass(part):
        return [(field.name, getattr(part, field.name)) for field in fields(part)]
    if isinstance(part, list | tuple):
        return [(str(i), value) for i, value in enumerate(part)]
    return []


def _numbers(value: Any) -> np.ndarray | None:
    """Return a value as an array of numbers or truths, None if it is something else."""
    if isinstance(value, str | bytes | Mapping) or hasattr(value, "_fields"):
        return None
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biuf" else None


def _flat(name: str, array: np.ndarray) -> dict[str, np.ndarray]:
    """Return an array `(rows, ...)` as columns."""
    table = array.reshape(len(array), -1)
    if table.shape[1] == 1:
        return {name: table[:, 0]}
    return {f"{name}{i}": table[:, i] for i in range(table.shape[1])}


def _columns(run: Any) -> dict[str, np.ndarray]:
    """Return the numbers of an optimizer's run, its step number `k` first."""
    found = {"k": np.asarray(run.t)}
    for name in run.trace._fields:
        if name not in ("t", "trials"):
            found |= _flat(name, getattr(run.trace, name))
    return found


def cell(value: Any) -> Any:
    """Return a value that a spreadsheet does not take for a formula: a visitor's text may be one.

    >>> cell("=1+1"), cell(-1.5), cell("-1.5"), cell("Heat")
    ("'=1+1", -1.5, '-1.5', 'Heat')
    """
    value = value.item() if isinstance(value, np.generic) else value
    if not isinstance(value, str) or value.lstrip(" ")[:1] not in FORMULA_STARTS:
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def csv_of(result: Any) -> bytes:
    """Return a result as one CSV table, every number in full precision.

    The column `series` names the part a row is of: a method, a table of the result. What a part
    does not have is empty. The table is that of `parquet_of`, and any tool reads it in one go.
    """
    found = tables(result)
    names = list(dict.fromkeys(name for columns in found.values() for name in columns))
    rows = (row for name, columns in found.items() for row in _rows(name, columns, names))
    return csv_bytes([SERIES, *names], rows)


def csv_bytes(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Return rows as CSV; None is empty, and no text is a formula to a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(map(cell, header))
    writer.writerows(map(_text, row) for row in rows)
    return out.getvalue().encode()


def _rows(series: str, columns: Mapping[str, Any], names: list[str]) -> Iterator[list[Any]]:
    """Return the rows of a table with the values of all `names`, None for those it has not."""
    count = len(next(iter(columns.values())))
    empty = [None] * count
    values = (np.asarray(columns[name]).tolist() if name in columns else empty for name in names)
    return ([series, *row] for row in zip(*values, strict=True))


def _text(value: Any) -> Any:
    """Return a value as CSV holds it; R knows NaN and Inf by no other spelling."""
    value = cell(value)
    if isinstance(value, float) and not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Inf" if value > 0 else "-Inf"
    return repr(value) if isinstance(value, float) else value


def parquet_of(result: Any, line: str = "") -> bytes:
    """Return a result as one Parquet table; a column that a part does not have is empty there.

    The metadata of its schema carry a `line`, under `gdviz`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = tables(result)
    if not found:
        raise KnobError("There is no table of numbers in this picture.")
    parts = [
        pa.table({SERIES: [name] * len(next(iter(columns.values()))), **columns})
        for name, columns in found.items()
    ]
    out = io.BytesIO()
    table = pa.concat_tables(parts, promote_options="permissive")
    pq.write_table(table.replace_schema_metadata({"gdviz": line} if line else None), out)
    return out.getvalue()
