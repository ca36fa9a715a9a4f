"""Tables of a visitor: read as they were meant, with what was guessed in words, or refused.

pandas reads many broken files without a word: a file with decimal commas becomes one column, rows
longer than the header move the first column into the index, a second `price` is renamed. Here the
separator, the decimal sign and the header are looked at first, every guess is a note, and what
cannot be read rightly is refused with a sentence that says what to do.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from gdviz.learn.column_types import Guess, TableError, column_notes, quote, unique_names
from gdviz.learn.column_values import numbers_in
from gdviz.learn.csv_dialect import (
    INNER,
    MOST_COLUMNS,
    SAMPLE_CELLS,
    SEPARATORS,
    SPACES,
    Layout,
    TableReading,
    check_reading,
    layout_of,
    lines_named,
    note_gaps,
    note_padded,
    sample_of,
    wrong_rows,
)
from gdviz.learn.decoding import decode_text, without_preamble
from gdviz.learn.numerals import votes_of
from gdviz.learn.parquet import read_parquet
from gdviz.learn.table_bytes import MEGABYTE, bytes_of
from gdviz.numerals import count_of

if TYPE_CHECKING:
    import pandas as pd

LARGE = 20 * MEGABYTE  # bytes from which on a note says so
PIECE = 50_000  # rows that are read at once


class Limits(NamedTuple):
    """What a file may hold: bytes, cells (rows times columns), and different texts in all."""

    bytes: int = 100 * MEGABYTE
    cells: int = 40_000_000
    texts: int | None = None


VISITORS = Limits(20 * MEGABYTE, 5_000_000, 250_000)  # a text costs ten microseconds to understand
LARGEST, MOST_CELLS = Limits().bytes, Limits().cells
Progress = Callable[[float], Any]


def read_table(
    file: Any,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    thousands: str | None = None,
    words: Callable[[list[str]], Iterable[str]] | None = None,
    progress: Progress | None = None,
    limits: Limits = Limits(),  # noqa: B008
) -> "pd.DataFrame":
    """Return the table in a CSV, TSV or Parquet file, a path or a binary file, as a DataFrame.

    Separator (one of `csv_dialect.SEPARATORS`), decimal sign, header and sign of thousands are
    guessed where they are None. What was guessed or mended stands in `.attrs["notes"]`, sentences
    that name columns and lines; a `Guess` among them is one that changes numbers. Missing and
    infinite numbers come as nan. `.attrs["reading"]` has the notes without those on what a model
    would stumble over. `words(names)` names the columns to leave as they are written.
    `progress` is called with the share done, 0 to 1; a page holds its visitors to `VISITORS`.
    Raises `TableError`, whose message is fit for a page.
    """
    reading = TableReading(separator, decimal, header, thousands)
    check_reading(reading)
    data = bytes_of(file, limits.bytes)
    tell, texts = progress or (lambda share: None), _Texts(limits.texts)
    tell(0.0)
    notes = _note_of_size(len(data))
    if data[:4] == b"PAR1":
        frame, layout = _parquet(data, limits.cells)
        texts.add(frame)
    else:
        frame, layout = _text_table(data, notes, texts, tell, reading, words)
    _check_shape(frame, limits)
    kept = set() if words is None else set(words(list(frame.columns)))
    frame = _without_empty(_mended(frame, layout.decimal, reading, kept, notes, tell), notes)
    frame.attrs |= {"notes": [*notes, *column_notes(frame)], "reading": notes}
    frame.attrs["header"] = layout.has_header
    tell(1.0)
    return frame


def _check_shape(frame: "pd.DataFrame", limits: Limits) -> None:
    if frame.size > limits.cells:
        raise TableError(f"{frame.size:,} cells are too many, at most {limits.cells:,}.")
    if not len(frame):
        raise TableError("The table has a header, but no rows below it: there is nothing to read.")


def _note_of_size(size: int) -> list[str]:
    words = f"The file is large ({size / MEGABYTE:.0f} MB); all that follows takes longer."
    return [words] if size > LARGE else []


def _mended(
    frame: "pd.DataFrame",
    decimal: str,
    reading: TableReading,
    kept: set[str],
    notes: list[str],
    tell: Progress,
) -> "pd.DataFrame":
    """Return the table with each column as what its cells mean, but for those to be kept."""
    import pandas as pd

    columns = {}
    for i, name in enumerate(frame.columns):
        column = frame[name]
        columns[name] = column if name in kept else numbers_in(column, decimal, notes, reading)
        tell(0.6 + 0.4 * (i + 1) / len(frame.columns))
    return pd.DataFrame(columns)


class _Texts:
    """The different texts of a table that is read in pieces; too many are refused on the way."""

    def __init__(self, most: int | None) -> None:
        self.most = most
        self.seen: dict[str, set[Any]] = {}

    def add(self, piece: "pd.DataFrame") -> None:
        """Count the texts of a piece; each has to be understood, once."""
        if self.most is None:
            return
        for name in piece.columns:
            if piece[name].dtype.kind not in "iufbM":
                self.seen.setdefault(name, set()).update(piece[name].unique())
                if sum(map(len, self.seen.values())) > self.most:
                    raise TableError(
                        f"The table has more than {self.most:,} different texts: give a part of "
                        "its rows, or leave out the columns that name them."
                    )


# --- text tables ---------------------------------------------------------------------------------


def _text_table(
    data: bytes,
    notes: list[str],
    texts: _Texts,
    tell: Progress,
    reading: TableReading,
    words: Callable[[list[str]], Iterable[str]] | None,
) -> tuple["pd.DataFrame", Layout]:
    text, named_separator = without_preamble(decode_text(data, notes), notes)
    if reading.separator is None and named_separator in SEPARATORS:
        reading = reading._replace(separator=named_separator)
    layout = layout_of(sample := sample_of(text), notes, reading)
    note_gaps(text, layout, notes)
    if len(layout.separator) > 1 and layout.separator != SPACES:
        text = text.replace(layout.separator, INNER)
        layout = layout._replace(separator=INNER)
    kept = [] if words is None else list(words(layout.names))
    note_padded(sample, layout, kept, notes)
    frame = _parsed(text, layout, kept, texts, tell)
    decimal = _late_decimal(frame) if layout.is_open else None
    if decimal not in (None, layout.decimal):
        notes.append(Guess(f"Far below, numbers have “{decimal}” for a decimal sign; so have all."))
        layout = layout._replace(decimal=decimal)
        frame = _parsed(text, layout, kept, texts, tell)
    _note_short_rows(text, layout, frame, notes)
    return frame, layout


def _late_decimal(frame: "pd.DataFrame") -> str | None:
    """Return the decimal sign that the texts of a whole table ask for, None where none asks."""
    texts = [frame[name].dropna().unique() for name in frame if frame[name].dtype.kind in "OT"]
    some = [str(text) for found in texts for text in found[: SAMPLE_CELLS // len(texts)]]
    return votes_of([text for text in some if "," in text or "." in text]).decimal


class _Watched(io.BytesIO):
    """Bytes that say how far they have been read."""

    def __init__(self, data: bytes, tell: Progress) -> None:
        super().__init__(data)
        self.size, self.tell_share = max(len(data), 1), tell

    def read(self, size: int | None = -1) -> bytes:
        """Read, and say how far."""
        chunk = super().read(max(size, 2**20) if size and size > 0 else -1)
        self.tell_share(0.6 * self.tell() / self.size)
        return chunk


def _parsed(
    text: str, layout: Layout, kept: list[str], texts: _Texts, tell: Progress
) -> "pd.DataFrame":
    import pandas as pd

    data = text.encode()

    def reader(rows: int | None) -> Any:
        return pd.read_csv(
            _Watched(data, tell),
            sep=layout.separator,
            decimal=layout.decimal,
            names=layout.names,
            dtype=dict.fromkeys(kept, str),
            header=0 if layout.has_header else None,
            keep_default_na=False,
            na_values=[""],
            skipinitialspace=layout.has_gaps,
            low_memory=False,
            chunksize=rows,
        )

    try:
        with reader(PIECE) as pieces:
            frame = pd.concat(list(_counted(pieces, texts)), ignore_index=True)
        if any(_may_be_mixed(frame[name]) for name in frame.columns):
            frame = reader(None)
            texts.add(frame)  # numbers of one piece are texts beside the words of another
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _explained(text, layout, str(error)) from None
    return frame


def _counted(pieces: Iterable["pd.DataFrame"], texts: _Texts) -> Iterator["pd.DataFrame"]:
    for piece in pieces:
        texts.add(piece)
        yield piece


def _may_be_mixed(column: "pd.Series") -> bool:
    """Tell whether numbers of one piece may have been made text by words of the next.

    Their spelling would be lost, "007" would be "7".
    """
    import pandas as pd

    if column.dtype.kind in "iufbM":
        return False
    return bool(pd.to_numeric(pd.Series(column.unique()), errors="coerce").notna().any())


def _explained(text: str, layout: Layout, error: str) -> TableError:
    """Return a refusal that names the lines which pandas stumbled over."""
    width = len(layout.names)
    if "EOF inside string" in error:
        return TableError("A quotation mark is opened and never closed: close it, or remove it.")
    wrong = list(wrong_rows(text, layout, lambda n: n > width))
    if not wrong:
        return TableError("The file cannot be taken apart into rows and columns: save it as CSV.")
    line, cells = wrong[0]
    return TableError(
        f"{lines_named([n for n, _ in wrong])}: {cells} values in line {line}, but there "
        f"{'is' if width == 1 else 'are'} {count_of(width, 'column')}. Quote text that holds the "
        "separator, or remove the rest."
    )


def _note_short_rows(text: str, layout: Layout, frame: "pd.DataFrame", notes: list[str]) -> None:
    """Note the rows with fewer cells than columns, which pandas fills up without a word."""
    width, separator = len(layout.names), layout.separator
    if separator == SPACES or not frame.iloc[:, -1].isna().any():
        return
    lines = len(frame) + layout.has_header
    if '"' not in text and text.count(separator) >= (width - 1) * lines:
        return
    rows = [line for line, _ in wrong_rows(text, layout, lambda n: n < width)]
    if layout.has_header and rows and rows[0] == 1:
        rows = rows[1:]
    if rows:
        notes.append(f"{lines_named(rows)}: fewer values than columns; the rest was left missing.")


# --- Parquet -------------------------------------------------------------------------------------


def _parquet(data: bytes, cells: int) -> tuple["pd.DataFrame", Layout]:
    frame = read_parquet(data, cells, MOST_COLUMNS).reset_index(drop=True)
    names = unique_names([str(name) for name in frame.columns], [])
    return frame.set_axis(names, axis=1), Layout("", ".", names, True, False)


def _without_empty(frame: "pd.DataFrame", notes: list[str]) -> "pd.DataFrame":
    """Drop the columns without a single value, and say so."""
    empty = [name for name in frame.columns if frame[name].isna().all()]
    if len(empty) == len(frame.columns):
        raise TableError("No cell of the table holds a value: there is nothing to read.")
    if empty:
        notes.append(f"Without a single value, and left out: {', '.join(map(quote, empty))}.")
    return frame.drop(columns=empty)
