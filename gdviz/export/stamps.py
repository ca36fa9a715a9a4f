"""What a file says of its origin: written into the metadata of each format, and found again.

A stamp is one line of ASCII, a JSON object whose texts are percent-encoded, so that it holds no
backslash, no bracket of markup and no brace but its own two. It lies in every format as it is, but
for slides, whose properties are inflated. So one search finds it, and nothing of a stranger's file
is parsed, decoded or followed.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import numpy as np

from gdviz import __version__
from gdviz.catalogue.lookup import numbers, page_of
from gdviz.env import is_off
from gdviz.export.captions import link
from gdviz.export.office_properties import ZIP, properties_in
from gdviz.export.tables import Tables, tables
from gdviz.knobs import knobs

LARGEST = 64 * 2**20  # bytes of a file that is looked at
LONGEST = 65_536  # bytes of a stamp
LONGEST_LINK = 16_000  # characters; the app answers no longer one
LONGEST_NAME = 1000  # letters of a column; a typed rule, by whose text it is called, has 600
COLUMNS, KEPT = 100, 5  # columns of which a stamp keeps values, and how many of each
MOST_PARTS = 16  # of a grid, and places of a file that begin like a stamp
UPLOAD = "upload"  # what a knob says when the data are a visitor's own file
BEGIN = b'{"gdviz":"'
NOT_OURS = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
_LINK = re.compile(r"[a-z_]{1,40}(\?[\w.~%&=+-]*)?", re.ASCII)


class Column(NamedTuple):
    """A column of numbers: its name, its length, the digest of its bits, and some of its values."""

    name: str
    length: int
    digest: str
    values: tuple[float, ...]


class Stamp(NamedTuple):
    """The version that wrote a file, the link that opens it, the step, and what its numbers are.

    A `step` of None is the last. `data` is the name of a visitor's own file, which is not inside.
    """

    version: str
    link: str
    step: int | None
    data: str
    digest: str
    columns: tuple[Column, ...]

    @property
    def page(self) -> str:
        """The page that the link opens."""
        return self.link.partition("?")[0]


def is_wanted() -> bool:
    """Tell whether files say how they were made, and are opened by it: GDVIZ_STAMP=off says no."""
    return not is_off("GDVIZ_STAMP")


def stamp_of(
    spec: Any,
    step: int | None = None,
    found: Callable[[], Any] | None = None,
    beside: Mapping[str, Any] | None = None,
    data: str = "",
) -> Stamp:
    """Return the stamp of a page at its settings.

    `found()` are the numbers of its run, which is made without it; `beside` is what the link says
    beside the settings. Of a visitor's own file it holds nothing but the name, `data`.
    """
    page = page_of(spec)
    address = link(page, page, spec, beside)
    if UPLOAD in (getattr(spec, name) for name in knobs(spec.__class__)):
        return Stamp(__version__, address, step, data[:80] or UPLOAD, "", ())
    try:
        digest, columns = digest_of(tables(found() if found else numbers(spec)))
    except ValueError:  # a picture without numbers, of a rule that has no answer
        digest, columns = "", ()
    return Stamp(__version__, address, step, "", digest, columns)


def digest_of(found: Tables) -> tuple[str, tuple[Column, ...]]:
    """Return the digest of all numbers, and their columns, those after `COLUMNS` without values."""
    columns = [
        _column(f"{series}/{name}", values, KEPT if i < COLUMNS else 0)
        for i, (series, name, values) in enumerate(
            (series, name, values)
            for series, part in found.items()
            for name, values in part.items()
        )
    ]
    whole = "\n".join(f"{c.name} {c.length} {c.digest}" for c in columns)
    return _hash(whole.encode()) if columns else "", tuple(columns[:COLUMNS])


def _column(name: str, values: Any, kept: int) -> Column:
    """Return a column; every not-a-number is the same one, and truths are 0 and 1."""
    numbers_ = np.asarray(values).astype("<f8") + 0.0 if len(values) else np.zeros(0)
    numbers_ = np.where(np.isnan(numbers_), np.nan, numbers_)
    some = numbers_[np.linspace(0, len(numbers_) - 1, min(kept, len(numbers_))).round().astype(int)]
    return Column(name, len(numbers_), _hash(numbers_.tobytes()), tuple(some.tolist()))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


# --- the line -------------------------------------------------------------------------------------


def text_of(stamp: Stamp) -> str:
    """Return a stamp as a line of ASCII, "" for one that no link can hold."""
    columns = [
        [quote(c.name, safe="/"), c.length, c.digest, *map(repr, c.values)] for c in stamp.columns
    ]
    said: dict[str, Any] = {"gdviz": stamp.version, "link": stamp.link, "step": stamp.step}
    said |= {"data": quote(stamp.data, safe="")} if stamp.data else {}
    said |= {"digest": stamp.digest, "numbers": columns}
    line = json.dumps(said, separators=(",", ":"))
    fits = len(line) <= LONGEST and len(stamp.link) <= LONGEST_LINK
    return line if fits and _LINK.fullmatch(stamp.link) else ""


def find(data: bytes) -> list[Stamp]:
    """Return the stamps in the bytes of a file: one, or one a part of a grid; none of a stranger's.

    A stamp that is not whole is left out.
    """
    if data.startswith(ZIP):
        data = properties_in(data, MOST_PARTS * LONGEST)
    at, found = -1, []
    for _ in range(MOST_PARTS):
        at = data.find(BEGIN, at + 1)
        if at < 0:
            break
        end = data.find(b"}", at, at + LONGEST)
        with suppress(*NOT_OURS):
            found.append(_parsed(json.loads(data[at : end + 1].decode("ascii"))))
    return found


def _parsed(said: Any) -> Stamp:
    """Return a stamp as it was read; raise `ValueError` or its like unless it is one of ours."""
    version, address, step = str(said["gdviz"]), str(said["link"]), said["step"]
    whole = step is None or (type(step) is int and 0 <= step < 10**7)
    if not (whole and re.fullmatch(r"[\w.+-]{1,40}", version, re.ASCII)):
        raise ValueError("step or version")
    if len(address) > LONGEST_LINK or not _LINK.fullmatch(address):
        raise ValueError("link")
    columns = tuple(
        Column(
            _plain(name)[:LONGEST_NAME],
            int(count),
            str(digest)[:16],
            tuple(map(float, values[:KEPT])),
        )
        for name, count, digest, *values in said["numbers"][:COLUMNS]
    )
    name = _plain(said.get("data", ""))[:80]
    return Stamp(version, address, step, name, str(said["digest"])[:16], columns)


def _plain(text: str) -> str:
    return printable(unquote(text))


def printable(text: str) -> str:
    """Return a text of a stranger's in printable letters."""
    return "".join(c if c.isprintable() else "?" for c in text)


# --- the formats ----------------------------------------------------------------------------------


def with_stamp(made: bytes, format: str, line: str) -> bytes:
    """Return a file that carries a line; films and Parquet are made with it."""
    write = WRITERS.get(format)
    return write(made, line.encode("ascii")) if write and line else made


def _in_png(data: bytes, line: bytes) -> bytes:
    """Return a PNG with a chunk of text after its header."""
    chunk = b"tEXtgdviz\0" + line
    length, check = (n.to_bytes(4, "big") for n in (len(chunk) - 4, zlib.crc32(chunk)))
    return data[:33] + length + chunk + check + data[33:]


def _in_svg(data: bytes, line: bytes) -> bytes:
    tag = re.search(rb"<svg\b[^>]*>", data)
    assert tag
    note = b"<metadata><![CDATA[" + line + b"]]></metadata>"
    return data[: tag.end()] + note + data[tag.end() :]


def _in_html(data: bytes, line: bytes) -> bytes:
    note = b'<script type="application/json" id="gdviz">' + line + b"</script>\n"
    return data.replace(b"</head>", note + b"</head>", 1)


def _in_csv(data: bytes, line: bytes) -> bytes:
    return b"# " + line + b"\r\n" + data


def _in_tex(data: bytes, line: bytes) -> bytes:
    return b"% " + line + b"\n" + data


def _in_gif(data: bytes, line: bytes) -> bytes:
    """Return a GIF with XMP at its end, whose trailer ends the blocks wherever a reader has got to.

    Source: Adobe, XMP Specification Part 3 (2020), 1.1.2.
    """
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        b'"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc='
        b'"http://purl.org/dc/elements/1.1/"><dc:source><![CDATA['
        + line
        + b"]]></dc:source></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    magic = bytes([1, *range(255, -1, -1), 0])
    return data[:-1] + b"\x21\xff\x0bXMP DataXMP" + packet + magic + data[-1:]


def _in_pdf(data: bytes, line: bytes) -> bytes:
    """Return a PDF whose document information has one more entry, added at the end of the file.

    Source: ISO 32000-1:2008, 7.5.6 (incremental updates) and 14.3.3 (document information).
    """
    tail = data[data.rindex(b"trailer") :]
    marks = (rb"/Size (\d+)", rb"/Root (\d+)", rb"/Info (\d+)", rb"startxref\s+(\d+)")
    size, root, info, before = (int(mark[1]) for m in marks if (mark := re.search(m, tail)))
    old = re.search(rb"(?s)\n%d 0 obj\s*<<(.*?)>>\s*endobj" % info, data)
    assert old
    there = len(data) + 1
    entry = b"\n%d 0 obj\n<<%s\n/gdviz (%s)>>\nendobj\n" % (info, old[1], line)
    place = b"xref\n%d 1\n%010d 00000 n \ntrailer\n" % (info, there)
    trailer = b"<</Size %d /Root %d 0 R /Info %d 0 R /Prev %d>>" % (size, root, info, before)
    end = b"\nstartxref\n%d\n%%%%EOF\n" % (len(data) + len(entry))
    return data + entry + place + trailer + end


WRITERS: Mapping[str, Callable[[bytes, bytes], bytes]] = {
    "png": _in_png,
    "svg": _in_svg,
    "pdf": _in_pdf,
    "gif": _in_gif,
    "html": _in_html,
    "csv": _in_csv,
    "tex": _in_tex,
}
