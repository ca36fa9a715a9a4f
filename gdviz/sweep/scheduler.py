"""Runs a sweep: sends batches out, takes outcomes as they arrive, and tries again what died."""

from collections import deque
from collections.abc import Collection, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from itertools import islice
from time import monotonic

from gdviz.sweep.executors import Backend, in_process, is_gone, worker_died
from gdviz.sweep.plan import SweepError, SweepPlan
from gdviz.sweep.run_cell import Batch, CellOutcome, Progress, failed_outcome, run_batch

WORTH = 0.2  # seconds of work that are worth a message to a worker and back
MOST_IN_BATCH = 64
DEATHS = 2  # of the process that runs one cell alone, after which the cell is to blame
LOOK = 1.0  # seconds between two looks at whether anybody is there

Cells = tuple[int, ...]


def outcomes(
    sweep: SweepPlan,
    backend: Backend | None = None,
    done: Collection[int] = (),
    seconds: float | None = None,
) -> Iterator[CellOutcome]:
    """Yield the rows of each cell that is not `done`, as they arrive.

    A process that dies has its cells run again. Ends early, without a word, when `seconds` are
    over. Raises `SweepError` in a sentence when there is nobody who could run what is left.
    """
    backend = backend or in_process()
    work = _Work(sweep, frozenset(done), None if seconds is None else monotonic() + seconds)
    while work.left():
        with backend.open() as executor:
            try:
                yield from _drained(work, backend, executor)
            except BrokenExecutor:
                continue  # a new pool; what was under way is told in `work`


class _Work:
    """What is left of a sweep, how long a cell takes, and which cells a process died of."""

    def __init__(self, sweep: SweepPlan, done: frozenset[int], end: float | None) -> None:
        self.sweep, self.end = sweep, end
        self.missing = (cell for cell in range(len(sweep)) if cell not in done)
        self.ahead: deque[int] = deque(islice(self.missing, 1))
        self.suspects: deque[int] = deque()
        self.deaths: dict[int, int] = {}
        self.run = self.took = 0.0

    def left(self) -> bool:
        """Tell whether there is something to begin, and time for it."""
        in_time = self.end is None or monotonic() < self.end
        return in_time and bool(self.ahead or self.suspects)

    def next(self) -> Cells:
        """Return the next cells to run; one of which a process may have died goes alone."""
        if self.suspects:
            return (self.suspects.popleft(),)
        size = int(min(max(WORTH * self.run / self.took, 1), MOST_IN_BATCH)) if self.took else 1
        self.ahead.extend(islice(self.missing, size))  # one more, so that `left` knows of it
        return tuple(self.ahead.popleft() for _ in range(min(size, len(self.ahead))))

    def wary(self, pending: dict[Future, Cells]) -> bool:
        """Tell whether a suspect is under way, or about to be: then nothing else is."""
        return bool(self.suspects) or any(c[0] in self.deaths for c in pending.values())

    def batch(self, cells: Cells) -> Batch:
        """Return cells with what a worker needs to know of them."""
        return Batch(self.sweep.spec, tuple((cell, self.sweep.at(cell)) for cell in cells))

    def heard(self, told: Progress) -> None:
        """Learn how long a cell takes."""
        self.run += len(told.outcomes)
        self.took += max(told.seconds, 1e-6)

    def again(self, cells: Cells, died: bool) -> Iterator[CellOutcome]:
        """Have cells run again one by one; one that has died alone too often is an error."""
        for cell in cells:
            # The first time it had company, which may be to blame; from then on it runs alone.
            self.deaths[cell] = self.deaths[cell] + died if cell in self.deaths else 0
            if self.deaths[cell] < DEATHS:
                self.suspects.append(cell)
            else:
                why = "The process that ran it died again and again: was it out of memory?"
                yield failed_outcome(cell, self.sweep.at(cell), why)


def _drained(work: _Work, backend: Backend, executor: Executor) -> Iterator[CellOutcome]:
    """Yield outcomes until nothing is left; raise `BrokenExecutor` for a new pool."""
    pending: dict[Future, Cells] = {}
    while work.left() or pending:
        while work.left() and len(pending) < (1 if work.wary(pending) else backend.at_once):
            cells = work.next()
            try:
                pending[executor.submit(run_batch, work.batch(cells))] = cells
            except BrokenExecutor:
                yield from work.again(cells, died=False)
                break
        ready, _ = wait(pending, LOOK, FIRST_COMPLETED)
        if not ready and (why := backend.trouble(executor)):
            raise SweepError(f"{why}: {backend.name} cannot go on.")
        broken = False
        for future in ready:
            broken |= yield from _received(work, backend, future, pending.pop(future))
        if broken:
            wait(pending)
            for future, cells in pending.items():
                yield from _received(work, backend, future, cells)
            raise BrokenExecutor


def _received(
    work: _Work, backend: Backend, future: Future, cells: Cells
) -> Generator[CellOutcome, None, bool]:
    """Yield what a batch has found, or have it run again; return whether its pool is broken."""
    error = None if future.cancelled() else future.exception()
    if future.cancelled() or is_gone(error):
        raise SweepError(f"The scheduler is gone: {backend.name} cannot go on.")
    if worker_died(error):
        yield from work.again(cells, died=True)
        return isinstance(error, BrokenExecutor)
    if error is not None:
        why = f"{type(error).__name__}: {str(error)[:200]}"
        raise SweepError(f"A worker of {backend.name} cannot run a cell ({why}).") from error
    told = future.result()
    work.heard(told)
    yield from told.outcomes
    return False
