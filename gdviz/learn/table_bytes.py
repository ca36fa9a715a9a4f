"""The bytes of a file, held to a limit, and what they are if they are no table."""

import os
from typing import Any

from gdviz.learn.column_types import TableError, quote

MEGABYTE = 10**6

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


def bytes_of(file: Any, most: int) -> bytes:
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
        raise TableError(f"{quote(os.fspath(path))} cannot be read: {reason}.") from None
    except ValueError:  # a path with a NUL in it
        raise TableError("This is not the name of a file.") from None
