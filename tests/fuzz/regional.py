"""Tables as people of twelve regions write them, by a generator that knows what each cell means."""

import csv
import io
import math
import random
from collections.abc import Iterator
from typing import Any, NamedTuple


class Region(NamedTuple):
    """How a region writes a table: the separator, the signs of numbers, money, percents, dates."""

    separator: str
    decimal: str
    groups: str
    money: str
    minus: str = "-{}"
    percent: str = "{}%"
    date: str = "{0:04d}-{1:02d}-{2:02d}"
    indian: bool = False


REGIONS = {
    "United States": Region(",", ".", ",", "${}", date="{1:02d}/{2:02d}/{0:04d}"),
    "Germany": Region(";", ",", ".", "{} €", percent="{} %", date="{2:02d}.{1:02d}.{0:04d}"),
    "France": Region(";", ",", "\u202f", "{}\u00a0€", percent="{}\u202f%"),
    "Switzerland": Region(";", ".", "’", "CHF {}", date="{2}.{1}.{0}"),
    "India": Region(",", ".", ",", "₹{}", date="{2:02d}-{1:02d}-{0:04d}", indian=True),
    "an accountant": Region("\t", ".", ",", "${}", "({})"),
    "Norway": Region(";", ",", "\u00a0", "{} kr", "\u2212{}", "{} %"),
    "Spain": Region("\t", ",", ".", "{}€"),
    "a program": Region(",", ".", "", "{}"),
    "SAP": Region("|", ",", ".", "{} EUR", "{}-"),
    "Britain": Region("\t", ".", ",", "£{}", date="{2:02d}/{1:02d}/{0:04d}"),
    "MovieLens": Region("::", ".", "", "{}"),
}
MISSING = ["", "NA", "n/a", "NaN", "null", "-", "–", "—", "?", "#N/A", "N/A"]
NAMES = ["price", "Fläche", "Größe (m²)", "rooms", "Umsatz", "prix", "année", "total", "lat", "x y"]
KINDS = ["red", "green", "blue", "Iris-setosa", "Oslo, N", "a;b", "Zürich", "x|y"]
PLAIN = ["red", "green", "blue", "Iris-setosa", "Oslo", "Madrid"]


class Written(NamedTuple):
    """A table in bytes, the columns that it means, and the reading that it asks for."""

    name: str
    data: bytes
    columns: list[list[Any]]
    reading: dict[str, Any]


def grouped(digits: str, sign: str, indian: bool) -> str:
    """Return whole digits in groups."""
    head, tail = digits[:-3], digits[-3:]
    size, parts = 2 if indian else 3, [tail]
    while head:
        parts.insert(0, head[-size:])
        head = head[:-size]
    return sign.join(parts)


def number(value: float, places: int, region: Region, group: bool) -> str:
    """Return a number without its sign, rounded to some places."""
    whole, _, part = f"{abs(value):.{places}f}".partition(".")
    if group and region.groups:
        whole = grouped(whole, region.groups, region.indian)
    return whole + (region.decimal + part if part else "")


def cells_of(rng: random.Random, region: Region, rows: int) -> tuple[list[str], list[Any]]:
    """Return the cells of a column and what they mean."""
    kind = rng.choice(["whole", "decimal", "decimal", "money", "percent", "share", "word", "date"])
    if kind == "word":
        words = [rng.choice(PLAIN if region.separator in "|::" else KINDS) for _ in range(rows)]
        return words, words
    if kind == "date":
        dates = [
            region.date.format(rng.randint(1970, 2030), rng.randint(1, 12), rng.randint(1, 28))
            for _ in range(rows)
        ]
        return dates, dates
    places = 0 if kind == "whole" else rng.choice([1, 2, 2, 3, 4])
    size = 1.0 if kind == "share" else 10.0 ** rng.randint(1, 7)
    group, signed = rng.random() < 0.6, rng.random() < 0.4
    cells, meant = [], []
    for _ in range(rows):
        value = round(rng.uniform(0, size), places)
        text = number(value, places, region, group)
        if kind in ("money", "percent"):
            text = (region.money if kind == "money" else region.percent).format(text)
        if signed and value and rng.random() < 0.5:
            value, text = -value, region.minus.format(text)
        cells.append(text)
        meant.append(value)
    return cells, meant


def table(rng: random.Random) -> Written:
    """Return one table of a region drawn at random."""
    place = rng.choice(list(REGIONS))
    region = REGIONS[place]
    rows, width = rng.randint(3, 12), rng.randint(2, 6)
    made = [cells_of(rng, region, rows) for _ in range(width)]
    if rng.random() < 0.3:
        mark = rng.choice(MISSING)
        for cells, meant in made:
            for i in range(rows):
                if isinstance(meant[i], float) and rng.random() < 0.15:
                    cells[i], meant[i] = mark, None
    has_header = rng.random() < 0.7
    lines = [list(row) for row in zip(*(cells for cells, _ in made), strict=True)]
    if has_header:
        lines.insert(0, rng.sample(NAMES, width))
    data, how = written(rng, lines, region)
    reading = {"separator": region.separator, "decimal": region.decimal, "header": has_header}
    return Written(f"{place}, {how}", data, [meant for _, meant in made], reading)


def written(rng: random.Random, lines: list[list[str]], region: Region) -> tuple[bytes, str]:
    """Return lines of cells as bytes, and how they were written."""
    end = rng.choice(["\n", "\n", "\r\n"])
    if len(region.separator) > 1:
        text = "".join(region.separator.join(line) + end for line in lines)
    else:
        out = io.StringIO()
        quoting = csv.QUOTE_ALL if rng.random() < 0.2 else csv.QUOTE_MINIMAL
        csv.writer(out, delimiter=region.separator, lineterminator=end, quoting=quoting).writerows(
            lines
        )
        text = out.getvalue()
    how = rng.choice(["plain", "plain", "plain", "sep=", "comments"])
    if how == "sep=" and len(region.separator) == 1:
        text = f"sep={region.separator}{end}{text}"
    elif how == "comments":
        text = f"# from a machine{end}# 2020-01-01, 5{end}{text}"
    encoding = rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
    try:
        return text.encode(encoding), f"{how}, {encoding}"
    except UnicodeEncodeError:
        return text.encode(), f"{how}, utf-8"


def tables(seed: int, amount: int) -> Iterator[Written]:
    """Yield tables; the seed and the number of each make it again."""
    for k in range(amount):
        yield table(random.Random(f"{seed} {k}"))


def differs(frame: Any, columns: list[list[Any]]) -> str:
    """Return where a table that was read differs from what it means, nothing where it does not."""
    meant = [column for column in columns if any(value is not None for value in column)]
    if frame.shape != (len(columns[0]), len(meant)):
        return f"{frame.shape} is not {(len(columns[0]), len(meant))}"
    for name, column in zip(frame.columns, meant, strict=True):
        for found, value in zip(frame[name].tolist(), column, strict=True):
            if not _same(found, value):
                return f"{name}: {value!r} was read as {found!r}"
    return ""


def _same(found: Any, value: Any) -> bool:
    if value is None:
        return found is None or found != found
    if isinstance(value, str) or isinstance(found, str) or found is None:
        return bool(found == value)
    return math.isclose(found, value, rel_tol=1e-12, abs_tol=1e-300)
