"""Files of strangers that say, or seem to say, how they were made: read or refused, no harm."""

import io
import json
import random
import tracemalloc
import zipfile
from collections.abc import Iterator
from typing import Any

from gauge import Gauge, amounts

from gdviz.export import origins, stamps
from gdviz.export.office_properties import PART, ZIP
from gdviz.knobs import KnobError
from gdviz.topics.descent.settings import Descent

LINE = stamps.text_of(stamps.stamp_of(Descent(steps=4), 2)).encode()
JUNK: list[Any] = [
    None, True, -1, 10**400, 1e999, "", "x" * 300, "9" * 5000, [], [[]], [1], "\u0000", "\ud800",
    float("nan"), "race?race_steps=999999999", "race?race_formula=" + "x**" * 99 + "2",
    "descent?descent_x0=nan&descent_methods=none", [["a", -5, "d", *range(50)]],
]  # fmt: skip


def spoiled(rng: random.Random) -> bytes:
    """Return a stamp with bytes turned, cut out, doubled, or put in."""
    data = bytearray(LINE)
    for _ in range(rng.randrange(1, 6)):
        at, to = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        what = rng.randrange(4)
        if what == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif what == 1:
            del data[at : min(to, at + 40)]
        elif what == 2:
            data[at:at] = data[at : min(to, at + 400)]
        else:
            data[at:at] = rng.choice([stamps.BEGIN, b"}", b"[" * 50, b'"', b"1e999", b"&" * 300])
    return bytes(data)


def packed(rng: random.Random) -> bytes:
    """Return slides with a spoiled stamp, or with bytes turned."""
    if rng.random() < 0.5:
        return slides(spoiled(rng))
    data = bytearray(slides(LINE))
    for _ in range(rng.randrange(1, 4)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def forged(rng: random.Random) -> bytes:
    """Return a stamp some of whose values are of another kind."""
    said = json.loads(LINE)
    for name in rng.sample(sorted(said), rng.randrange(1, 4)):
        said[name] = rng.choice([*JUNK, *said.values()])
    return json.dumps(said, separators=(",", ":")).encode("utf-8", "surrogatepass")


def slides(xml: bytes, name: str = PART) -> bytes:
    """Return a ZIP like that of slides, with such properties."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, xml)
    return out.getvalue()


def hostile_slides() -> Iterator[bytes]:
    """Yield slides of which a reader of ZIP or XML would not come back."""
    whole = slides(LINE)
    yield slides(b" " * 40_000_000)
    yield slides(LINE + b" " * 40_000_000)
    yield slides(b'<!DOCTYPE a [<!ENTITY b "&c;&c;"><!ENTITY c "&b;">]><a>&b;' + LINE + b"</a>")
    yield slides(b"&amp;" * 1_000_000)
    yield slides(LINE, f"../../{PART}")
    yield ZIP + PART.encode() * 200_000
    yield ZIP + b"\xff" * 26 + PART.encode() + LINE
    yield whole[:14] + b"\xff" * 12 + whole[26:]  # sizes that lie
    yield whole[:28] + b"\xff\xff" + whole[30:]
    yield whole[:60] + bytes(5_000_000)
    yield whole[: len(whole) // 2]


def bombs() -> Iterator[bytes]:
    """Yield files of which a careless search would not come back."""
    size = 5_000_000
    yield stamps.BEGIN * (size // len(stamps.BEGIN))
    yield (stamps.BEGIN + b"x" * 60_000) * 80
    yield stamps.BEGIN + b"[" * size
    yield stamps.BEGIN + b"[" * 60_000 + b"}"
    yield b'{"gdviz":"1","link":"race","step":' + b"9" * 60_000 + b"}"
    yield b'{"gdviz":"1","numbers":[' + b"[]," * 20_000 + b"[]]}"
    yield b'<!DOCTYPE a [<!ENTITY b "&c;&c;"><!ENTITY c "&b;">]><svg>&b;' + LINE + b"</svg>"
    yield b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXtgdviz\0" + LINE
    yield b"PAR1" + LINE + b"\xff\xff\xff\x7fPAR1"
    yield b"# " + LINE + b"\n" + b"series,k\n" + b"a" * size
    yield from hostile_slides()


@amounts(300, 100_000)
def test_a_spoiled_stamp_is_read_or_refused(amount: int) -> None:
    gauge, rng, read = Gauge(amount > 1000, megabytes=200), random.Random(amount), 0
    for k in range(amount):
        data = (spoiled, forged, packed)[k % 3](rng)
        with gauge.one(data[:200]):
            try:
                stamp = origins.stamps_in(data)[0]
                spec, unknown = origins.settings_in(stamp.link)
            except KnobError as error:
                assert 0 < len(str(error)) < 300
                continue
        read += 1
        assert type(spec).__module__.startswith("gdviz.topics.")
        assert all(
            len(c.values) <= stamps.KEPT and len(c.name) <= stamps.LONGEST_NAME
            for c in stamp.columns
        )
        assert stamp.data.isprintable() and len(stamps.text_of(stamp)) <= stamps.LONGEST
        assert isinstance(list(origins.differences(stamp, stamp._replace(digest="?"))), list)
    assert 0.02 < read / amount < 0.98
    gauge.report("stamps")


def test_a_bomb_costs_no_more_than_its_bytes() -> None:
    tracemalloc.start()
    for data in bombs():
        tracemalloc.reset_peak()
        stamps.find(data)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
