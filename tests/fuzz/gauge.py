"""What a hostile input may cost; the amounts: a slice in `make test`, all in `make fuzz`."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

SECONDS = 1.0  # of the processor for one input; of all threads of the process
MEGABYTE = 2 ** (20 if sys.platform == "darwin" else 10)  # in the units of ru_maxrss


def amounts(some: int, whole: int) -> pytest.MarkDecorator:
    """Run a test with `some` inputs always, and with the `whole` of them in `make fuzz`."""
    return pytest.mark.parametrize(
        "amount",
        [
            pytest.param(some, id="slice"),
            pytest.param(whole, id="whole", marks=pytest.mark.fuzz),
        ],
    )


def peak() -> float:
    """Return the largest memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


class Gauge:
    """The dearest inputs, and the memory of all; only the whole is asked to keep the time."""

    def __init__(self, whole: bool, seconds: float = SECONDS, megabytes: float = 1024) -> None:
        self.whole, self.seconds, self.megabytes = whole, seconds, megabytes
        self.before, self.count, self.spent = peak(), 0, 0.0
        self.dearest: list[tuple[float, str]] = []

    @contextmanager
    def one(self, what: object) -> Iterator[None]:
        """Watch what is done with one input."""
        start = time.process_time()
        try:
            yield
        finally:  # a refusal costs time too
            took = time.process_time() - start
            self.count, self.spent = self.count + 1, self.spent + took
            if took > self.seconds / 4:
                self.dearest = sorted([*self.dearest, (took, str(what)[:400])], reverse=True)[:12]

    def report(self, name: str) -> None:
        """Say what it cost, and fail if one input cost too much time, or all too much memory."""
        grown = peak() - self.before
        if self.whole:
            mean = 1000 * self.spent / max(self.count, 1)
            print(f"\n{name}: {self.count:,} inputs, {mean:.2f} ms each, +{grown:.0f} MB at most")
            for took, what in self.dearest[:3]:
                print(f"  {took:.2f} s  {what}")
            slow = [row for row in self.dearest if row[0] > self.seconds]
            assert not slow, f"{name}: over {self.seconds} s: {slow}"
        assert grown < self.megabytes, f"{name}: {grown:.0f} MB more than before"
