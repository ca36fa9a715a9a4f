"""Tables of a visitor: read as they were meant, with what was guessed in words, or refused.

pandas reads many broken files without a word: a file with decimal commas becomes one column, rows
longer than the header move the first column into the index, a second `price` is renamed. Here the
separator, the decimal sign and the header are looked at first, every guess is a note, and what
cannot be read rightly is refused with a sentence that says what to do.
"""

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from gdviz.learn.columns import TableError, column_notes, mended, named, quoted
from gdviz.learn.layouts import (
    MOST_COLUMNS,
    SPACES,
    Layout,
    count_of,
    layout_of,
    lines_named,
    sample_of,
    wrong_rows,
)
from gdviz.learn.parquet import read_parquet

if TYPE_CHECKING:
    import pandas as pd

MEGABYTE = 10**6
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

_MARKUP = re.compile(r"\s*<(!doctype|html|head|body|\?xml|table|svg)\b", re.IGNORECASE)
_JSON = re.compile(r"\s*(\{\s*[\"}]|\[\s*[\[{\"\]\d-])")

# What a file starts with, and what to do about it.
_MAGIC = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook: unpack it, or save the sheet as CSV"),
    (b"PK\x05\x06", "an empty zip archive: pack out a CSV file and give that"),
    (b"\x1f\x8b", "compressed by gzip: unpack it first"),
    (b"BZh", "compressed by bzip2: unpack it first"),
    (b"\xfd7zXZ", "compressed by xz: unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV"),
    (b"%PDF", "a PDF: export the table as CSV"),
    (b"\x89PNG", "a picture, not a table"),
    (b"\xff\xd8\xff", "a picture, not a table"),
    (b"SQLite format 3", "a database: export the table as CSV"),
)


def read_table(
    file: Any,
    *,
    progress: Progress | None = None,
    limits: Limits = Limits(),  # noqa: B008
) -> "pd.DataFrame":
    """Return the table in a CSV, TSV or Parquet file, a path or a binary file, as a DataFrame.

    What was guessed or mended stands in `.attrs["notes"]`, a list of sentences that name columns
    and lines. Numbers come as numbers, missing and infinite ones as not-a-number, anything else as
    text. `progress` is called with the share done, 0 to 1; a page holds its visitors to `VISITORS`.
    Raises `TableError`, a `ValueError` whose message is fit for a page, for what is no table.
    """
    data = _bytes_of(file, limits.bytes)
    tell, texts = progress or (lambda share: None), _Texts(limits.texts)
    tell(0.0)
    notes = [f"The file is large ({len(data) / MEGABYTE:.0f} MB); all that follows takes longer."]
    notes = notes if len(data) > LARGE else []
    if data[:4] == b"PAR1":
        frame, decimal = _parquet(data, limits.cells), "."
        texts.add(frame)
    else:
        frame, decimal = _text_table(data, notes, texts, tell)
    if frame.size > limits.cells:
        raise TableError(f"{frame.size:,} cells are too many, at most {limits.cells:,}.")
    if not len(frame):
        raise TableError("The table has a header, but no rows below it: there is nothing to read.")
    for i, name in enumerate(frame.columns):
        frame[name] = mended(frame[name], decimal, notes)
        tell(0.6 + 0.4 * (i + 1) / len(frame.columns))
    frame = _without_empty(frame, notes)
    notes += column_notes(frame)
    frame.attrs["notes"] = notes
    tell(1.0)
    return frame


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


# --- bytes and text ------------------------------------------------------------------------------


def _bytes_of(file: Any, most: int) -> bytes:
    if isinstance(file, bytes | bytearray | memoryview):
        data = bytes(file)
    elif isinstance(file, str | os.PathLike):
        data = _bytes_at(file, most)
    elif hasattr(file, "read"):
        data = _bytes_in(file, most)
    else:
        raise TableError(f"a table is read from a path or a binary file, not {type(file).__name__}")
    if isinstance(data, str):
        data = data.encode()
    if len(data) > most:
        raise TableError(f"The file is larger than {most // MEGABYTE} MB: give a part of its rows.")
    if not data.strip():
        raise TableError("The file is empty: there is nothing to read.")
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise TableError(f"This is no CSV file but {what}.")
    return data


def _bytes_in(file: Any, most: int) -> bytes:
    try:
        if hasattr(file, "seekable") and file.seekable():
            file.seek(0)  # a file that was uploaded may have been read before
        return file.read(most + 1)
    except (OSError, ValueError) as error:  # a closed file is a ValueError
        raise TableError(f"The file cannot be read: {error}.") from None


def _bytes_at(path: Any, most: int) -> bytes:
    try:
        with open(path, "rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise TableError(f"{quoted(os.fspath(path))} cannot be read: {reason}.") from None
    except ValueError:  # a path with a NUL in it
        raise TableError("This is not the name of a file.") from None


def _decoded(data: bytes, notes: list[str]) -> str:
    """Return the text of a file, or refuse what is not text."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                notes.append("The text is UTF-16, as Excel writes it; it was read as that.")
                return data.decode(encoding)
            except UnicodeDecodeError:
                raise _binary() from None
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise TableError(
            f"There is a NUL byte in line {line}: this is a binary file, or a damaged one. "
            "Export the table as CSV."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise _binary() from None
    if sum(1 for c in text[:4096] if c < " " and c not in "\t\r\n") > 2:
        raise _binary()
    notes.append(
        f"The text is not UTF-8 (line {line}): it was read as Windows-1252; look at its accents."
    )
    return text


def _binary() -> TableError:
    return TableError("This is a binary file, not a table of text: export the table as CSV.")


# --- text tables ---------------------------------------------------------------------------------


def _text_table(
    data: bytes, notes: list[str], texts: _Texts, tell: Progress
) -> tuple["pd.DataFrame", str]:
    text = _decoded(data, notes)
    if not text.strip():
        raise TableError("The file is empty: there is nothing to read.")
    if _MARKUP.match(text) or _JSON.match(text):
        kind = "a web page or XML" if _MARKUP.match(text) else "JSON"
        raise TableError(f"This is {kind}, not a table: save it as CSV.")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    layout = layout_of(sample_of(text), notes)
    frame = _parsed(text, layout, texts, tell)
    _note_short_rows(text, layout, frame, notes)
    return frame, layout.decimal


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


def _parsed(text: str, layout: Layout, texts: _Texts, tell: Progress) -> "pd.DataFrame":
    import pandas as pd

    data = text.encode()

    def reader(rows: int | None) -> Any:
        return pd.read_csv(
            _Watched(data, tell),
            sep=layout.separator,
            decimal=layout.decimal,
            names=layout.names,
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
        f"{lines_named([n for n, _ in wrong])}: {cells} values in line {line}, but there are "
        f"{count_of(width, 'column')}. Quote text that holds the separator, or remove the rest."
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


def _parquet(data: bytes, cells: int) -> "pd.DataFrame":
    frame = read_parquet(data, cells, MOST_COLUMNS).reset_index(drop=True)
    frame.columns = named([str(name) for name in frame.columns], [])
    return frame


def _without_empty(frame: "pd.DataFrame", notes: list[str]) -> "pd.DataFrame":
    """Drop the columns without a single value, and say so."""
    empty = [name for name in frame.columns if frame[name].isna().all()]
    if len(empty) == len(frame.columns):
        raise TableError("No cell of the table holds a value: there is nothing to read.")
    if empty:
        notes.append(f"Without a single value, and left out: {', '.join(map(quoted, empty))}.")
    return frame.drop(columns=empty)
