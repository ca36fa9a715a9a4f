"""A file of gdviz opened again: its settings, and whether they still give the same numbers."""

import csv
import io
from codecs import BOM_UTF8 as BOM
from collections.abc import Container, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs

import numpy as np

from gdviz.catalogue import lookup
from gdviz.export import stamps
from gdviz.export.captions import link
from gdviz.export.stamps import Stamp
from gdviz.export.tables import SERIES
from gdviz.knobs import KnobError, knobs
from gdviz.learn.csv_dialect import MOST_COLUMNS
from gdviz.learn.parquet import read_parquet
from gdviz.learn.tables import VISITORS
from gdviz.queries import IN_TAB, MOST_FIELDS, OF_A_PAGE, from_query

if TYPE_CHECKING:
    import pandas as pd

LONGEST_HEADER = 200_000  # letters
SHOWN = 12  # differences that are told one by one


class Verified(NamedTuple):
    """What became of the numbers of a file: those it was made of, those of now, what differs.

    `changed` are columns of the file's own rows that are not those of its stamp, with the number of
    rows where it is another; it is None for a picture, of which only the stamp is compared.
    """

    then: Stamp
    now: Stamp
    differences: tuple[str, ...]
    changed: tuple[str, ...] | None
    unknown: tuple[str, ...]  # settings of the link that this version does not take as they are
    untold: tuple[str, ...] = ()  # of other parts: why nobody can tell whether they are the same

    @property
    def same(self) -> bool:
        """Tell whether the numbers are the same to the last bit, and the rows those written."""
        return not (self.differences or self.changed)

    def __str__(self) -> str:
        step = "" if self.then.step is None else f", step {self.then.step}"
        head = f"{self.then.page}{step}, by gdviz {self.then.version}"
        if self.then.version != self.now.version:
            head += f", computed anew by {self.now.version}"
        count = len(self.now.columns)
        rows = [f"{head}: " + ("the same numbers." if self.same else "other numbers.")]
        if self.same:
            rows[0] = rows[0][:-1] + f", {count} columns to the last bit."
        rows += [f"  {one}" for one in self.differences[:SHOWN]]
        if self.differences[SHOWN:]:
            rows.append(f"  and {len(self.differences) - SHOWN} more")
        changed = self.changed or ()
        rows += [f"  the file's own rows were changed: {name}" for name in changed[:SHOWN]]
        if changed[SHOWN:]:
            rows.append(f"  and {len(changed) - SHOWN} columns more")
        rows += [
            f"  a setting that this version does not know, or not with its value: {name}"
            for name in self.unknown
        ]
        rows += [f"  not known of a part: {why}" for why in self.untold]
        if self.changed is None:
            rows.append("  Compared is what the file says of its origin, not what it shows.")
        return "\n".join(rows)


def stamps_in(file: str | Path | bytes) -> list[Stamp]:
    """Return the stamps of a file, or of its bytes, one a part; raise `KnobError` without one."""
    data = file if isinstance(file, bytes) else _read(Path(file))
    if len(data) > stamps.LARGEST:
        raise KnobError(f"The file is larger than {stamps.LARGEST // 2**20} MB.")
    found = stamps.find(data) if stamps.is_wanted() else []
    if not found:
        raise KnobError(
            "The file does not say how it was made: gdviz did not write it, another program has "
            "saved it since, or its origin was left out."
        )
    return found


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise KnobError(f"There is no file “{path.name[:80]}”.")
    with path.open("rb") as file:
        return file.read(stamps.LARGEST + 1)


def settings_in(address: str) -> tuple[Any, tuple[str, ...]]:
    """Return the settings that a stamp's link says, and the fields that are not known, or not so.

    Raises `KnobError` for a page that there is not.
    """
    page, _, query = address.partition("?")
    try:
        fields = parse_qs(query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise KnobError("The link in the file has too many fields.") from None
    own = {n.removeprefix(f"{page}_"): texts for n, texts in fields.items()}
    place = f"{page}_{own.get('room', [''])[-1]}"
    place = place if lookup.has_topic(place) else page
    spec = from_query(lookup.settings(place), own)
    if lookup.page_of(spec) != page:
        raise KnobError(f"“{page[:40]}” is a room, not a page.")
    again = parse_qs(link(page, page, spec).partition("?")[2], keep_blank_values=True)
    beside = OF_A_PAGE - set(knobs(spec.__class__))
    unknown = [
        name
        for name, texts in fields.items()
        if again.get(name) != texts
        and name.removeprefix(f"{page}_") not in beside
        and not name.startswith(f"{page}_{IN_TAB}")
    ]
    return spec, tuple(unknown)


def address_in(stamp: Stamp, base: str) -> str:
    """Return the address that opens a stamp's page where the app is, at its step."""
    spec, _ = settings_in(stamp.link)  # there is such a page
    step = "" if stamp.step is None else f"{lookup.page_of(spec)}_step={stamp.step}"
    joint = ("&" if "?" in stamp.link else "?") if step else ""
    return f"{base.rstrip('/')}/{stamp.link}{joint}{step}"


def reopen(file: str | Path | bytes) -> Any:
    """Return the settings of the page that a file was made of, of the first of a grid; see `save`.

    Raises `KnobError` for a file that does not say, or of a page that there is not.
    """
    return settings_in(stamps_in(file)[0].link)[0]


def verify(file: str | Path | bytes) -> Verified:
    """Compute the numbers of a file anew and compare them with those that it was made of.

    `same` of the result tells whether they are equal to the last bit; as a string it says which are
    not, and by how much. Rows of a CSV or Parquet are compared with its stamp, too. Of a grid, or
    of slides, it is the first part that differs; it says of which parts it is not known. Raises
    `KnobError` where it is known of none: for a file that does not say how it was made, without
    numbers, or of data that are not in it.
    """
    data = file if isinstance(file, bytes) else _read(Path(file))
    found, untold = [], []
    for then in stamps_in(data):
        try:
            found.append(_verified(then, data))
        except KnobError as error:
            untold.append(str(error))
    if not found:
        raise KnobError(untold[0])
    shown = next((one for one in found if not one.same), found[0])
    return shown._replace(untold=tuple(untold))


def _verified(then: Stamp, data: bytes) -> Verified:
    if then.data:
        raise KnobError(f"Not known: it was made of a file, “{then.data}”, that is not inside.")
    if not then.digest:
        raise KnobError("No numbers belong to this picture: there is nothing to compare.")
    spec, unknown = settings_in(then.link)
    now = stamps.stamp_of(spec, then.step)
    other = tuple(differences(then, now))
    return Verified(then, now, other, changed_rows(data, then), unknown)


def differences(then: Stamp, now: Stamp) -> Iterator[str]:
    """Yield what is not the same in two stamps, each column in a sentence."""
    if then.digest == now.digest:
        return
    before, after = ({c.name: c for c in stamp.columns} for stamp in (then, now))
    none = True
    for name in dict.fromkeys([*before, *after]):
        words = _difference(before.get(name), after.get(name))
        none = none and not words
        if words:
            yield f"{name}: {words}"
    if none and len(before) < stamps.COLUMNS:
        yield "the digest of all of them, though each agrees: what the file says was changed"
    elif none:
        yield f"columns beyond the first {stamps.COLUMNS}, of which no value is kept"


def _difference(old: stamps.Column | None, new: stamps.Column | None) -> str:
    if old is None or new is None:
        return "there is no such column now" if new is None else "there was no such column"
    if old.length != new.length:
        return f"{old.length} values then, {new.length} now"
    if old.digest == new.digest:
        return ""
    a, b = (np.array(c.values[: stamps.KEPT]) for c in (old, new))
    if a.shape != b.shape or np.array_equal(a, b, equal_nan=True):
        return "in values that the file does not keep"
    with np.errstate(all="ignore"):
        by = np.abs(b - a)
        share = by / np.maximum(np.abs(a), np.abs(b))
    if not np.isfinite(by).all():
        return "where one of them is no number"
    kept = f"among {len(a)} of {old.length} values"
    return f"by up to {by.max():.3g}, or {np.nanmax(share):.2g} of the value ({kept})"


def changed_rows(data: bytes, stamp: Stamp) -> tuple[str, ...] | None:
    """Return the columns of a CSV or Parquet that are not those of its stamp, or are missing.

    Of a picture it returns None. A table of ours has a column that says which part a row is of.
    """
    table = _rows(data)
    if table is None:
        return None
    if SERIES not in table.columns:
        return (f"there is no column “{SERIES}”",)
    known = {column.name: column for column in stamp.columns}
    all_known = len(known) < stamps.COLUMNS
    seen: set[str] = set()
    changed: list[str] = []
    for series, rows in table.groupby(SERIES, sort=False):
        for name in table.columns.drop(SERIES):
            values, whole = _floats(rows[name]), _name_in_stamp(str(series), str(name), known)
            seen.add(whole)
            if whole in known:
                _, (found,) = stamps.digest_of({whole: {"": values}})
                changed += _change(known[whole], found)
            elif all_known and not rows[name].isna().all():
                changed.append(whole)
    return (*changed, *(name for name in known if name not in seen))


def _change(written: stamps.Column, found: stamps.Column) -> list[str]:
    """Return how a column of a file differs from what was written, if it does."""
    if written.length != found.length:
        return [f"{written.name}, {written.length} rows were written, {found.length} are there"]
    return [] if written.digest == found.digest else [written.name]


def _name_in_stamp(series: str, name: str, known: Container[str]) -> str:
    """Return how a stamp names a column: a CSV quotes what a spreadsheet takes for a formula."""
    whole = stamps.printable(f"{series}/{name}")
    return whole[1:] if whole not in known and whole[1:] in known else whole


def _rows(data: bytes) -> "pd.DataFrame | None":
    """Return the rows of a CSV or Parquet, Parquet by a process of its own; None for a picture."""
    import pandas as pd

    data = data.removeprefix(BOM)
    if data.startswith(b"PAR1"):
        return read_parquet(data, VISITORS.cells, MOST_COLUMNS)
    if not data.startswith(b"# " + stamps.BEGIN):
        return None
    rows = data.partition(b"\n")[2]
    how: Any = {"keep_default_na": False, "low_memory": False}
    try:
        _check_header(rows[:LONGEST_HEADER].decode("utf-8", errors="replace"))
        return pd.read_csv(io.BytesIO(rows), na_values=["", "NaN"], **how)
    except (ValueError, OverflowError, csv.Error):  # pandas has a dozen kinds of them
        raise KnobError("The rows of this CSV cannot be read.") from None


def _check_header(start: str) -> None:
    """Raise `ValueError` unless the first row of a CSV ends soon, and is none of too many columns.

    pandas would take a gigabyte for a header of as many commas as a file may have letters.
    """
    reader = csv.reader(io.StringIO(start, newline=""))
    wide = len(next(reader, []))
    if wide > MOST_COLUMNS or not (next(reader, None) or len(start) < LONGEST_HEADER):
        raise ValueError("columns")


def _floats(column: "pd.Series") -> np.ndarray:
    """Return a column as floats, truths as 0 and 1, what is no number as not-a-number."""
    import pandas as pd

    truths = column.replace({"True": True, "False": False})
    return pd.to_numeric(truths.astype(object), errors="coerce").to_numpy(float, na_value=np.nan)
