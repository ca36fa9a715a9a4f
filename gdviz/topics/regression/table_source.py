"""What the rooms *many features* and *house prices* of *regression* share: tables with a target."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from gdviz.learn.datasets import DATASETS, california
from gdviz.learn.objective import FitError
from gdviz.learn.tables import TableError
from gdviz.numerals import number

if TYPE_CHECKING:
    import pandas as pd

BALTIMORE, CALIFORNIA, UPLOAD = "baltimore", "california", "upload"
OTHER_TABLES = {CALIFORNIA: "California's houses", UPLOAD: "a file of my own …"}
MOST_SEARCHES = 500  # updates of a line search, each of which may look at all rows many times
MOST_CELLS = 1_500_000_000  # that all updates of a training look at: two seconds


class Source(NamedTuple):
    """A table with its target, its features (None: all that can be) and the unit of the target.

    `stamp` tells it from every other table, for whoever keeps what was made of it.
    """

    table: "pd.DataFrame"
    target: str
    features: tuple[str, ...] | None
    unit: str = ""
    stamp: Hashable = None


def check_work(source: Source, updates: int, batch: int = 0) -> None:
    """Raise `FitError` if updates on so many rows (`batch` each, or all) would take too long."""
    columns = source.table.shape[1] - 1 if source.features is None else len(source.features)
    rows = min(batch or len(source.table), len(source.table))
    most = MOST_CELLS // max(rows * columns, 1)
    if updates > most:
        raise FitError(
            f"{updates:,} updates on {rows:,} rows of {columns:,} features would take too long: "
            f"ask for {most:,} at most, or give a part of the rows."
        )


@lru_cache(maxsize=8)
def source_named(name: str) -> Source:
    """Return a data set by name; raise `TableError` if it is not on this computer."""
    if name == UPLOAD:
        raise TableError("A file of your own is in no link: choose a data set that has a name.")
    if name == CALIFORNIA:
        return Source(california(), "median_house_value", None, "$", name)
    entry = DATASETS[name]
    return Source(entry.load(), entry.target, None, entry.unit, name)


def money(value: float, unit: str) -> str:
    """Return an amount in its unit, `$68,700`; four digits without one."""
    if not unit:
        return number(value)
    return f"{unit}{float(f'{value:.4g}'):,.0f}" if abs(value) >= 1000 else f"{unit}{number(value)}"


# --- code -----------------------------------------------------------------------------------------


def names_as_python(features: Sequence[str] | None) -> str:
    """Return the names of features as Python."""
    return repr(list(features)) if features is not None else "None"


def load_as_python(name: str) -> list[str]:
    """Return the lines of Python that load a table."""
    if name == UPLOAD:
        return ["from gdviz.learn import read_table", "", 'table = read_table("my file.csv")']
    if name == CALIFORNIA:
        return ["from gdviz.learn.datasets import california", "", "table = california()"]
    return ["from gdviz.learn.datasets import DATASETS", "", f"table = DATASETS[{name!r}].load()"]
