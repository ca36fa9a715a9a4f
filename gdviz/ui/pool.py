"""The line before the heavy work of all visitors: a bounded pool, and nobody jumps the queue.

At most `workers` jobs are done at once; the others wait in the order in which they came. A visitor
has one job in the shared line, at most: a second waits until the first is done, and joins at the
end, so that a visitor's tenth map never stands before another's first. No Streamlit here: work is
done in threads of the pool, which know no page.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from time import monotonic
from typing import Any

MOST_OF_ONE = 20  # jobs of one visitor, those that wait included

Tell = Callable[[float, Any], None]
Task = Callable[[Tell], Any]


class Refused(RuntimeError):
    """Work is not done, or not to its end; the message is fit for a page."""


class Stopped(Refused):
    """The visitor has cancelled, or left."""


class Job:
    """Work that was asked for: the `share` done, what is `found` so far, and its `result`."""

    def __init__(self, visitor: str, task: Task, seconds: float) -> None:
        self.visitor, self.task, self.seconds = visitor, task, seconds
        self.share, self.found = 0.0, None
        self.result: Future[Any] = Future()
        self.begun: float | None = None
        self.stop = threading.Event()

    def tell(self, share: float, found: Any = None) -> None:
        """Say how far the work is; raise `Refused` if it is to end here. Called by the work."""
        if self.stop.is_set():
            raise Stopped("It was stopped.")
        self.share, self.found = share, found
        self.check_time()

    def check_time(self) -> None:
        """Raise `Refused` if the work has taken longer than it may."""
        if self.begun is not None and monotonic() - self.begun > self.seconds:
            raise Refused(f"It took longer than {self.seconds:.0f} s, and was given up.")


class Line:
    """A pool of `workers` threads, each job limited to `seconds`, and the line before it."""

    def __init__(self, workers: int, seconds: float) -> None:
        self.seconds = seconds
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="gdviz-work")
        self._door = threading.Lock()
        self._waiting: list[Job] = []  # the shared line
        self._working: list[Job] = []
        self._own: dict[str, deque[Job]] = {}  # by visitor; the first is in the shared line

    def ask(self, visitor: str, task: Task) -> Job:
        """Join the line with `task(tell)`; raise `Refused` if the visitor has too many there."""
        job = Job(visitor, task, self.seconds)
        with self._door:
            own = self._own.setdefault(visitor, deque())
            if len(own) >= MOST_OF_ONE:
                raise Refused("You have asked for much already; wait until some of it is done.")
            own.append(job)
            if len(own) == 1:
                self._enter(job)
        return job

    def place(self, job: Job) -> int:
        """Return how many jobs are to be done before this one; 0 once it is under way."""
        with self._door:
            if job.begun is not None or job.result.done():
                return 0
            before = len(self._working) + len(self._waiting)
            if job in self._waiting:
                return len(self._working) + self._waiting.index(job)
            return before + list(self._own[job.visitor]).index(job) - 1

    def leave(self, job: Job) -> None:
        """Give the place back: work not begun is forgotten, work under way ends when it tells."""
        job.stop.set()
        with self._door:
            if job.begun is None and not job.result.done():
                job.result.cancel()
                self._forget(job)

    def close(self) -> None:
        """Stop everything: the process is to end, and Python would wait for its threads."""
        with self._door:
            jobs = [job for own in self._own.values() for job in own]
        for job in reversed(jobs):
            self.leave(job)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __len__(self) -> int:
        """Return how many jobs wait or are under way."""
        with self._door:
            return sum(map(len, self._own.values()))

    def _enter(self, job: Job) -> None:
        self._waiting.append(job)
        self._pool.submit(self._do, job)

    def _do(self, job: Job) -> None:
        with self._door:
            if not job.result.set_running_or_notify_cancel():
                return
            self._waiting.remove(job)
            self._working.append(job)
            job.begun = monotonic()
        try:
            outcome: Any = job.task(job.tell)
        except BaseException as error:
            self._left(job)
            job.result.set_exception(error)
        else:
            self._left(job)
            job.result.set_result(outcome)

    def _left(self, job: Job) -> None:
        with self._door:
            self._working.remove(job)
            self._forget(job)

    def _forget(self, job: Job) -> None:
        """Take a job out of all lists; the visitor's next one joins the shared line."""
        if job in self._waiting:
            self._waiting.remove(job)
        own = self._own[job.visitor]
        first = own[0] is job
        own.remove(job)
        if not own:
            del self._own[job.visitor]
        elif first:
            self._enter(own[0])


def drained(work: Callable[[], Iterator[tuple[float, Any]]]) -> Task:
    """Return work that yields `(share done, what is found so far)` as a task; the last is found."""

    def task(tell: Tell) -> Any:
        found = None
        with closing(_steps(work)) as steps:
            for share, found in steps:
                tell(share, found)
        return found

    return task


def _steps(work: Callable[[], Iterator[tuple[float, Any]]]) -> Any:
    """Make any iterator a generator, which can be closed; it closes what it came from."""
    yield from work()
