"""How long exports take on this machine: each is timed, and the next is forecast from that."""

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from math import isfinite
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Any, NamedTuple

from gdviz.numerals import number

KEPT = 8  # measurements of each kind
LARGEST = 65_536  # bytes of the file that keeps them
BROWSER = "browser"  # the kind of its start
ALIKE = 1.25  # the most by the least of measurements that are told as one

Span = tuple[float, float]  # the least and the most


class Forecast(NamedTuple):
    """How many pictures are drawn, and the seconds and bytes it takes, from least to most.

    They are None where nothing of the kind was measured on this machine yet.
    """

    pictures: int
    seconds: Span | None
    size: Span | None

    def __str__(self) -> str:
        many = f"{self.pictures} pictures" if self.pictures > 1 else "One picture"
        drawn = f"{many} to draw" if self.pictures else "No picture to draw"
        if self.seconds is None or self.size is None:
            return f"{drawn}; time and size are not known before the first on this machine."
        time, size = _shown(self.seconds, "s"), _shown(self.size, "B")
        return f"{drawn}: {time}, {size}, as measured on this machine."

    def __add__(self, other: Any) -> "Forecast":
        return Forecast(
            self.pictures + other.pictures,
            _sum(self.seconds, other.seconds),
            _sum(self.size, other.size),
        )


NO_WORK = Forecast(0, (0.0, 0.0), (0.0, 0.0))


def _sum(a: Span | None, b: Span | None) -> Span | None:
    return None if a is None or b is None else (a[0] + b[0], a[1] + b[1])


def _shown(span: Span, unit: str) -> str:
    """Return a span in words.

    >>> _shown((0.5, 0.52), "s"), _shown((2e6, 31e5), "B")
    ('about 0.52 s', '2 to 3.1 MB')
    """
    low, high = span
    if unit == "B":
        by, unit = (1e6, "MB") if high >= 1e6 else (1e3, "kB")
        low, high = low / by, high / by
    most = _digits(high)
    return f"about {most} {unit}" if high <= ALIKE * low else f"{_digits(low)} to {most} {unit}"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else number(value, 2)


class Measurement(NamedTuple):
    """What one export took for each unit of its work."""

    seconds: float
    size: float


class Rates:
    """The last measurements of each kind of export, in a file that outlives the process.

    The file holds numbers only. Where it can be neither read nor written, they last as long as the
    process.
    """

    def __init__(self, file: Callable[[], Path]) -> None:
        self._file, self._door = file, Lock()
        self._known: dict[str, list[Measurement]] | None = None

    def note(self, kind: str, units: float, seconds: float, size: float) -> None:
        """Keep what `units` of a kind of work have taken."""
        with self._door:
            rows = self._rows().setdefault(kind, [])
            rows.append(Measurement(seconds / units, size / units))
            del rows[:-KEPT]
            with suppress(OSError, RuntimeError):  # no home, no room, no leave
                _write(self._file(), json.dumps(self._known))

    def of(self, kind: str, units: float = 1.0) -> tuple[Span, Span] | None:
        """Return the seconds and the bytes that `units` of a kind take, None if it is not known."""
        with self._door:
            rows = list(self._rows().get(kind, ()))
        if not rows:
            return None
        spans = [(min(column) * units, max(column) * units) for column in zip(*rows, strict=True)]
        return spans[0], spans[1]

    def _rows(self) -> dict[str, list[Measurement]]:
        if self._known is None:
            self._known = {}
            with suppress(OSError, RuntimeError, ValueError, TypeError, AttributeError):
                with self._file().open("rb") as file:
                    self._known = _parsed(json.loads(file.read(LARGEST)))
        return self._known


def _parsed(said: Any) -> dict[str, list[Measurement]]:
    found = {}
    for kind, rows in said.items():
        known = [Measurement(float(a), float(b)) for a, b in rows[-KEPT:]]
        found[str(kind)] = [row for row in known if all(isfinite(v) and v >= 0 for v in row)]
    return found


def _write(path: Path, text: str) -> None:
    """Write a file at once: another process reads the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    os.replace(file.name, path)


def rates_file() -> Path:
    """Return the file of the user's that keeps the measurements."""
    if not Path.home().is_dir():  # it is not ours to make
        raise FileNotFoundError("no home")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "gdviz" / "export-rates.json"


rates = Rates(rates_file)


def make_and_note(kind: str, make: Callable[[], bytes], units: float = 1.0) -> bytes:
    """Return what `make()` makes, and keep the time and the size of it."""
    start = perf_counter()
    made = make()
    rates.note(kind, units, perf_counter() - start, len(made))
    return made
