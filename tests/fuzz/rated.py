"""Tables of ratings as files write them, by a generator that knows who rated what how, and when."""

import random
from datetime import datetime, timedelta
from typing import Any, NamedTuple

HEADERS = [
    ("user", "item", "rating"),
    ("userId", "movieId", "rating"),
    ("User ID", "Item ID", "Rating"),
    ("User-ID", "ISBN", "Book-Rating"),
    ("user_id", "business_id", "stars"),
    ("reviewerID", "asin", "overall"),
    ("Customer Id", "Product Id", "Score"),
]
TIMES = ["timestamp", "Timestamp", "date", "unixReviewTime", "review_date", "Time"]
WAYS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y", "%d.%m.%Y", "%b %d, %Y", "%d %B %Y",
        "%Y/%m/%d", "%m/%d/%Y %H:%M", "%d/%m/%Y"]  # fmt: skip
ALIKE = [
    ["7", "07", "007", "7.0"],
    ["1.1", "1.10", "01.1"],
    ["1e5", "100000", "1E5", "100,000"],
    ["NA", "null", "nan", "None", "N/A"],
    ["True", "true", "TRUE"],
    ["12345678901234567890", "12345678901234567891"],
    ["café", "cafe", "CAFE", "Café"],
    ["-5", "5-", "+5"],
    ["2020-01-05", "2020-1-5", "5.1.2020"],
    ["inf", "Infinity", "1e999"],
    ["$5", "5€", "50%"],
]
NAMES = ["anna", "Bert", "Zoë", "李雷", "O'Hara", "x y", "a;b", 'the "best"', "d,e", "t|u"]


class Rated(NamedTuple):
    """A table in bytes: what is told of it, and the rating of each pair that counts.

    `guessed` tells that the order of day and month is not to be known from the file.
    """

    name: str
    data: bytes
    said: dict[str, Any]
    latest: dict[tuple[str, str], float]
    guessed: bool


def rated(rng: random.Random) -> Rated:
    """Return one table of ratings drawn at random."""
    separator = rng.choice([",", ";", "\t", "::", "|"])
    users, items = (_ids(rng, separator) for _ in "ui")
    way = rng.choice(["none", "number", "number", *WAYS])
    rows, latest = _rows(rng, users, items, way)
    header = None
    if rng.random() < 0.75:
        header = [*rng.choice(HEADERS), *([rng.choice(TIMES)] if way != "none" else [])]
        order = rng.sample(range(len(header)), len(header))
        header, rows = [header[i] for i in order], [[row[i] for i in order] for row in rows]
    lines = [separator.join(_quoted(c, separator) for c in row) for row in rows]
    lines = ([separator.join(header)] if header else []) + lines
    end = rng.choice(["\n", "\n", "\r\n"])
    encoding = rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"])
    said = {"separator": separator, "header": header is not None}
    name = f"{way}, {'names' if header else 'no names'}, {separator!r}, {encoding}"
    guessed = way.startswith(("%m/", "%d/"))
    return Rated(name, (end.join(lines) + end).encode(encoding), said, latest, guessed)


def _ids(rng: random.Random, separator: str) -> list[str]:
    """Return ids: numbers, or texts of which some look alike."""
    if rng.random() < 0.5:
        return [str(k) for k in rng.sample(range(1, 10 ** rng.randint(2, 9)), rng.randint(2, 8))]
    found = [*rng.choice(ALIKE), *rng.sample(NAMES, rng.randint(1, 4))]
    if separator == "::":  # a file with two signs between its cells has no quotation marks
        found = [name for name in found if '"' not in name]
    return rng.sample(found, len(found))


def _rows(
    rng: random.Random, users: list[str], items: list[str], way: str
) -> tuple[list[list[str]], dict[tuple[str, str], float]]:
    """Return rows of user, item, rating and time, and the rating of each pair that counts."""
    rows, times, latest = [], dict[tuple[str, str], datetime](), dict[tuple[str, str], float]()
    start = datetime(2001, 1, 1) + timedelta(days=rng.randint(0, 7000))
    for k in range(rng.randint(4, 25)):
        pair, value = (rng.choice(users), rng.choice(items)), rng.randint(1, 10) / 2
        when = start + timedelta(days=rng.randint(0, 900), minutes=k)
        when = when if "%M" in way or way == "number" else when.replace(hour=0, minute=0)
        if way == "none" or pair not in times or when >= times[pair]:
            times[pair], latest[pair] = when, value
        told = str(int(when.timestamp())) if way == "number" else when.strftime(way)
        shown = f"{value:g}" if rng.random() < 0.5 else f"{value:.1f}"
        rows.append([*pair, shown, *([told] if way != "none" else [])])
    return rows, latest


def _quoted(cell: str, separator: str) -> str:
    """Return a cell as CSV writes it."""
    special = separator in cell or '"' in cell
    return '"' + cell.replace('"', '""') + '"' if special and len(separator) == 1 else cell


def differs(found: Any, latest: dict[tuple[str, str], float]) -> str:
    """Return where ratings differ from what a table says, nothing where they do not."""
    users, items = found.user_ids[found.users], found.item_ids[found.items]
    read = {(str(u), str(i)): float(v) for u, i, v in zip(users, items, found.values, strict=True)}
    if len(read) != len(found):
        return "a pair stands twice"
    wrong = {pair for pair in read | latest if read.get(pair) != latest.get(pair)}
    return "".join(f"{p}: {latest.get(p)} was read as {read.get(p)}; " for p in sorted(wrong))
