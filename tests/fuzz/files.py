"""Bad files, made by code from a seed: bombs, lies, junk, and tables that nearly are some."""

import bz2
import gzip
import io
import json
import lzma
import random
import zipfile
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

SIZE = 19_000_000  # bytes, just under what a visitor may give
INJECTIONS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    '=HYPERLINK("http://x.example")',
    "\t=1",
]
MARKUP = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](http://x.example/y)"]


def parquet(table: pa.Table, **how: object) -> bytes:
    """Return a table as Parquet."""
    out = io.BytesIO()
    pq.write_table(table, out, **how)
    return out.getvalue()


def zipped(**members: bytes) -> bytes:
    """Return a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def wide(columns: int, rows: int = 2) -> bytes:
    """Return a CSV of many columns."""
    head = ",".join(f"c{i}" for i in range(columns))
    return "\n".join([head, *[",".join(["1"] * columns)] * rows]).encode()


def repeated(text: str, count: int) -> pa.Table:
    """Return a table whose one text stands once in the file, and a million times in memory."""
    places = pa.array(np.zeros(count, np.int32))
    return pa.table({"a": pa.DictionaryArray.from_arrays(places, pa.array([text]))})


def lies() -> Iterator[tuple[str, bytes]]:
    """Yield Parquet whose header or footer does not say what is in it."""
    whole = parquet(pa.table({"a": list(range(1000)), "b": ["x"] * 1000}))
    yield "parquet, footer longer than the file", whole[:-8] + b"\xff\xff\xff\x7fPAR1"
    yield "parquet, footer of no length", whole[:-8] + b"\0\0\0\0PAR1"
    yield "parquet, no end", whole[:-4]
    yield "parquet, only magic", b"PAR1PAR1"
    yield "parquet, encrypted footer", whole[:-4] + b"PARE"
    yield "parquet, middle gone", whole[:200] + whole[-400:]
    at = whole.rindex(b"PAR1")
    for k in range(24):
        rng = random.Random(k)
        spoiled = bytearray(whole)
        where = (4, at // 2) if k % 2 else (at - 700, at)
        for _ in range(1 + k // 4):
            spoiled[rng.randrange(max(where[0], 4), where[1])] = rng.randrange(256)
        yield f"parquet, bytes turned {k}", bytes(spoiled)


def bombs() -> Iterator[tuple[str, bytes]]:
    """Yield files that are small, and large when they are unpacked."""
    zeros = bytes(50_000_000)
    yield "zip bomb", zipped(table=zeros)
    yield "nested zip", zipped(a=zipped(b=zipped(c=zeros[:1_000_000])))
    yield "gzip bomb", gzip.compress(zeros)
    yield "bzip2 bomb", bz2.compress(zeros)
    yield "xz bomb", lzma.compress(zeros[:10_000_000])
    sheet = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    yield "xlsx with entities", zipped(xl__worksheets__sheet1=sheet, xl__workbook=b"<workbook/>")
    yield "zip slip", zipped(**{"..__..__etc__passwd": b"a,b\n1,2\n"})
    yield "parquet, a text 300,000 times", parquet(repeated("z" * 1_000_000, 300_000))
    yield (
        "parquet, one huge text",
        parquet(pa.table({"a": ["z" * 200_000_000]}), compression="zstd"),
    )
    ones = pa.table({f"c{i}": np.zeros(4_000_000) for i in range(3)})
    yield "parquet, zeros", parquet(ones)
    yield "parquet, many columns", parquet(pa.table({f"c{i}": [1] for i in range(3000)}))
    yield "parquet, lists", parquet(pa.table({"a": [[1] * 10] * 10}))
    yield "parquet, binary", parquet(pa.table({"a": [b"\0\xff"] * 10}))
    yield "parquet, an extension", parquet(pa.table({"a": pa.array([b"x" * 16], pa.uuid())}))
    yield "one line", b"a" * SIZE
    yield "one line of commas", b"," * SIZE
    yield "one line in quotes", b'a,b\n"' + b"x" * SIZE
    yield "a CSV of one line of 50 MB", b"1," * 25_000_000
    yield "a million columns", wide(1_000_000)
    yield "as many columns as there may be", wide(2000, 2000)
    yield "a long cell far below", b"a,b\n" + b"1,2\n" * 400 + b"1," + b"9" * (SIZE - 4000) + b"\n"
    yield "a number of a million digits", b"a,b\n1," + b"9" * 900_000 + b"\n2,3\n"
    yield "blank lines", b"\n" * SIZE
    yield "carriage returns", b"\r" * SIZE
    yield "quotes", b'"' * SIZE
    yield "different words", b"a,b\n" + b"".join(b"w%d,v%d\n" % (i, i) for i in range(1_200_000))
    yield "many rows", b"a,b\n" + b"1,2\n" * (SIZE // 4)
    yield "thousands", b"a;b\n" + b"1.234,5;x\n" * 300_000
    yield "deep JSON", b"[" * 1_000_000
    yield "entities", sheet


def nearly() -> Iterator[tuple[str, bytes]]:
    """Yield tables with something wrong, or something hostile in a cell or a name."""
    for k, text in enumerate([*INJECTIONS, *MARKUP, "../../etc/passwd", "\u202eabc", "x" * 5000]):
        quoted = '"' + text.replace('"', '""') + '"'
        yield f"name {k}", f"{quoted},b\n1,2\n3,4\n5,7\n".encode()
        yield f"cell {k}", f"a,b\n{quoted},2\n{quoted},4\nz,7\n".encode()
    for k, cell in enumerate(
        "1e999 -1e999 nan inf 1e-999 0x10 1_0 ٣ ½ 9e9e9 --1 +-1 1,2 1;2".split()
    ):
        yield f"number {k}", f'a,b\n"{cell}",2\n"{cell}",3\n4,5\n'.encode()
    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-7", "cp500", "shift_jis", "cp1252"):
        yield encoding, "größe,b\n1,2\n3,4\n".encode(encoding, "replace")
    yield "half of a UTF-16", "a,b\n1,2\n".encode("utf-16")[:-1]
    yield "two marks", b"\xef\xbb\xbf\xef\xbb\xbfa,b\n1,2\n"
    for k, data in enumerate([b"\0", b"a,b\n1\0,2\n", b"\0" * 10_000, b"a,b\n" + b"\0" * 1000]):
        yield f"NUL {k}", data
    for k, magic in enumerate(
        [b"GIF89a", b"%PDF-1.7", b"MZ", b"\x7fELF", b"\x80\x04\x95", b"\x93NUMPY"]
    ):
        yield f"polyglot {k}", magic + b"\na,b\n1,2\n3,4\n"
    yield "pickle", b"\x80\x04cos\nsystem\n(S'touch canary'\ntR."
    yield "shebang", b"#!/bin/sh\ntouch canary\n"
    yield (
        "XML",
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
    )
    yield "JSON", json.dumps([{"a": 1}] * 100).encode()
    yield "the same name", b",".join([b"a"] * 500) + b"\n" + b",".join([b"1"] * 500)
    yield "ratings of nobody", b"user,item,rating\n" + b"".join(b",%d,3\n" % i for i in range(99))
    yield "infinite ratings", b"user,item,rating\n1,2,inf\n1,3,nan\n2,2,1e308\n"
    yield "mixed ids", b"user,item,rating\n1,a,3\nx,2,4\n2.5,,5\n" * 50


def ragged(rng: random.Random) -> bytes:
    """Return rows of random cells, separators and lengths."""
    cells = ["1", "2.5", "a", "", '"', '""', '"a,b"', "1,5", "NA", "-", "é", "9" * 25, "=1+1", "\t"]
    ends = ["\n", "\r\n", "\r", "\n\n", "\x0b", "\x85"]
    separator = rng.choice([",", ";", "\t", "|", " ", "::", ",;"])
    rows = [
        separator.join(rng.choice(cells) for _ in range(rng.choice([1, 2, 3, 3, 3, 7, 60])))
        for _ in range(rng.choice([1, 2, 9, 60]))
    ]
    return rng.choice(ends).join(rows).encode()


def mutated_file(rng: random.Random) -> bytes:
    """Return a sound table with some bytes turned, doubled or gone."""
    table = pd.DataFrame({"user": range(40), "item": list("abcd") * 10, "rating": [3.5, 1] * 20})
    data = bytearray(table.to_csv(index=False).encode())
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(data))
        action: Callable[[], None] = rng.choice(
            [
                lambda at=at: data.__setitem__(at, rng.randrange(256)),
                lambda at=at: data.__delitem__(slice(at, at + rng.randint(1, 9))),
                lambda at=at: data.insert(at, rng.choice(b'",;\n\r\0\xff')),
            ]
        )
        action()
    return bytes(data)


def small(seed: int, amount: int) -> Iterator[tuple[str, bytes]]:
    """Yield bad files that are cheap to make."""
    yield from nearly()
    rng = random.Random(seed)
    for k in range(amount):
        yield f"ragged {k}", ragged(rng)
        yield f"mutated {k}", mutated_file(rng)
        yield f"random {k}", rng.randbytes(rng.choice([1, 7, 300, 20_000]))
