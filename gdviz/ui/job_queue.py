"""The queue before the heavy work of all visitors: bounded, fair, and long work gives way.

At most `BEGUN` jobs are under way, and of these `workers` are computed at a time: a job that has
been computed for a slice while another is under way pauses where it tells how far it is, so that a
short one passes a long one. The others wait in a queue that is fair to addresses and sessions; a
session has one job under way. While others wait, a job has `CROWDED` seconds. No Streamlit here:
work is done in threads of the pool, which know no page.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from time import monotonic
from typing import Any

from gdviz.ui.fair_lock import FairLock, Turn
from gdviz.ui.fair_queue import Client, FairQueue, Full

BEGUN = 4  # jobs under way, whose memory is kept while they pause
BEGUN_OF_ADDRESS = 3
WAITING = (2000, 600, 20)  # jobs of all, of one address, of one session
SLICE = 1.0  # seconds that a job is computed before it pauses for another
CROWDED = 30.0  # seconds that a job may take while others wait to begin

Tell = Callable[[float, Any], None]
Task = Callable[[Tell], Any]


class Refused(RuntimeError):
    """Work is not done, or not to its end; the message is fit for a page."""


class Stopped(Refused):
    """The visitor has cancelled, or left."""


class Job:
    """Work that was asked for: the `share` done, what is `found` so far, and its `result`."""

    def __init__(self, client: Client, task: Task, queue: "JobQueue") -> None:
        self.client, self.task, self.queue = client, task, queue
        self.share, self.found = 0.0, None
        self.result: Future[Any] = Future()
        self.begun = False
        self.stop = threading.Event()
        self._turn: Turn | None = None
        self._spent = 0.0  # seconds in earlier turns

    def tell(self, share: float, found: Any = None) -> None:
        """Say how far the work is; pause if it is to give way. Called by the work.

        Raises `Refused` if the work is to end here.
        """
        if self.stop.is_set():
            raise Stopped("It was stopped.")
        self.share, self.found = share, found
        self.check()
        if self._turn and self._turn.late:
            self.pause()
            self.resume()
            self.check()

    def check(self) -> None:
        """Raise `Refused` if the work was stopped, or has taken longer than it may."""
        if self.stop.is_set():
            raise Stopped("It was stopped.")
        most = self.queue.seconds_now()
        if self.begun and self.spent() > most:
            raise Refused(f"It took longer than {most:.0f} s, and was given up.")

    def spent(self) -> float:
        """Return the seconds for which it was computed."""
        turn = self._turn
        return self._spent + (monotonic() - turn.since if turn else 0.0)

    def resume(self) -> None:
        """Wait for a turn to be computed."""
        self._turn = self.queue.turns.take(self.client)

    def pause(self) -> None:
        """Give the turn back."""
        turn, self._spent, self._turn = self._turn, self.spent(), None
        if turn:
            self.queue.turns.give_back(turn)


class JobQueue:
    """Threads for `workers` jobs at a time, each limited to `seconds`, and the queue before."""

    def __init__(self, workers: int, seconds: float, slice_: float = SLICE) -> None:
        self.seconds = seconds
        self.turns = FairLock(workers, slice_, late_of_address=1)
        self._begun_at_most = BEGUN + workers - 1
        self._pool = ThreadPoolExecutor(self._begun_at_most, thread_name_prefix="gdviz-work")
        self._door = threading.Lock()
        self._waiting: FairQueue[Job] = FairQueue(*WAITING)
        self._begun: list[Job] = []

    def ask(self, client: Client, task: Task) -> Job:
        """Join the queue with `task(tell)`; raise `Refused` if there are too many in it."""
        job = Job(client, task, self)
        with self._door:
            try:
                self._waiting.push(client, job)
            except Full:
                words = "There is much to do already; wait until some of it is done."
                raise Refused(words) from None
            self._begin_next()
        return job

    def place(self, job: Job) -> int:
        """Return how many jobs are before this one; 0 once it is under way."""
        with self._door:
            if job.begun or job.result.done():
                return 0
            return len(self._begun) + self._waiting.place(job.client, job)

    def seconds_now(self) -> float:
        """Return what a job may take: less while others wait to begin."""
        return min(self.seconds, CROWDED) if self._waiting else self.seconds

    def leave(self, job: Job) -> None:
        """Give the place back: work not begun is forgotten, work under way ends when it tells."""
        job.stop.set()
        with self._door:
            if self._waiting.remove(job.client, job):
                job.result.cancel()

    def close(self) -> None:
        """Stop everything: the process is to end, and Python would wait for its threads."""
        with self._door:
            while job := self._waiting.pop():
                job.result.cancel()
            for job in self._begun:
                job.stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __len__(self) -> int:
        """Return how many jobs wait or are under way."""
        with self._door:
            return len(self._waiting) + len(self._begun)

    def _begin_next(self) -> None:
        while len(self._begun) < self._begun_at_most:
            job = self._waiting.pop(self._allowed)
            if job is None:
                return
            job.begun = True
            job.result.set_running_or_notify_cancel()
            self._begun.append(job)
            self._pool.submit(self._do, job)

    def _allowed(self, client: Client) -> bool:
        sessions = [job.client for job in self._begun]
        addresses = Counter(one.address for one in sessions)
        most = max(BEGUN_OF_ADDRESS, self._begun_at_most - 1)
        return client not in sessions and addresses[client.address] < most

    def _do(self, job: Job) -> None:
        try:
            job.resume()
            if job.stop.is_set():
                raise Stopped("It was stopped.")
            outcome: Any = job.task(job.tell)
        except BaseException as error:
            self._left(job)
            job.result.set_exception(error)
        else:
            self._left(job)
            job.result.set_result(outcome)

    def _left(self, job: Job) -> None:
        job.pause()
        with self._door:
            self._begun.remove(job)
            self._begin_next()


def as_task(work: Callable[[], Iterator[tuple[float, Any]]]) -> Task:
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
