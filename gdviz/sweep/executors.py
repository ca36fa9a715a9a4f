"""Who runs the cells: this process, a pool of processes, or a Dask cluster, by one interface."""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from concurrent.futures.process import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from time import monotonic
from typing import Any, NamedTuple

from gdviz.sweep.plan import SweepError

CONNECT, WITHOUT_WORKERS = 10.0, 20.0  # seconds for a scheduler to answer, and with no worker left
MOST_WORKERS = 256


class Backend(NamedTuple):
    """A way to have cells run: an executor to open, and how many batches it is given at a time.

    `trouble(executor)` says in a sentence why nothing can come any more, or nothing.
    """

    name: str
    open: Callable[[], AbstractContextManager[Executor]]
    at_once: int
    trouble: Callable[[Executor], str] = lambda executor: ""


class _Here(Executor):
    """An executor that does at once what it is given."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future:
        done: Future = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


def in_process() -> Backend:
    """Return this process."""
    return Backend("this process", _Here, 1)


class _Worker(SpawnProcess):
    """A process that knows nothing of Ctrl-C, neither later nor while it starts.

    The terminal sends the signal to the whole group; it is for the parent to say what ends.
    """

    def start(self) -> None:
        with _interrupts_later():
            super().start()


class _Spawn(SpawnContext):
    Process = _Worker


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Hold Ctrl-C back until the end; a process that is started meanwhile never sees one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    main = threading.current_thread() is threading.main_thread()
    seen: list[Any] = []
    before = signal.signal(signal.SIGINT, lambda *about: seen.append(about)) if main else None
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        if main:
            signal.signal(signal.SIGINT, before)
        if seen and callable(before):
            before(*seen[0])


def end_with_parent() -> None:
    """End this process when the one that started it does: who is killed can tell nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), name="parent", daemon=True).start()


def _end_after(parent: Any) -> None:
    parent.join()
    os._exit(1)


def process_pool(count: int) -> Backend:
    """Return a pool of processes on this machine.

    They are started anew, not forked: a fork of a process with threads may wait for ever. They end
    with this one, however it ends.
    """
    count = max(1, min(count, MOST_WORKERS))

    @contextmanager
    def opened() -> Iterator[Executor]:
        pool = ProcessPoolExecutor(count, mp_context=_Spawn(), initializer=end_with_parent)
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    return Backend(f"{count} processes", opened, 2 * count)


def dask_cluster(address: str) -> Backend:
    """Return the workers of a Dask cluster, by the address of its scheduler: tcp://host:8786."""
    # A cluster grows and shrinks on its way, so that many batches wait at its scheduler.
    return Backend(f"the cluster at {address}", lambda: _connected(address), 64, _trouble)


@contextmanager
def _connected(address: str) -> Iterator[Executor]:
    """Connect to a scheduler, and leave it without what it has not done yet."""
    from distributed import Client

    with _quiet("distributed.client", "distributed.core", "distributed.comm"):
        try:
            client = Client(address, timeout=CONNECT, set_as_default=False, name="gdviz-sweep")
        except (OSError, ValueError, TypeError) as error:
            raise SweepError(
                f"There is no Dask scheduler at {address[:80]} ({type(error).__name__})."
            ) from None
        try:
            try:
                client.wait_for_workers(1, timeout=WITHOUT_WORKERS)
            except TimeoutError:
                raise SweepError(f"The cluster at {address[:80]} has no workers.") from None
            yield client.get_executor(pure=False)
        finally:
            client.close(timeout=2)


@contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """Leave what goes wrong to one sentence of ours instead of many of a library's log."""
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _trouble(executor: Executor) -> str:
    """Say whether the scheduler, or for longer than a moment every worker, is gone."""
    client = executor._client  # type: ignore[attr-defined]
    if client.status != "running":
        return "The scheduler is gone"
    # An error that cannot be unpickled here never reaches the future that waits for it.
    unread = any(future.status == "error" for future in list(executor._futures))  # type: ignore[attr-defined]
    if client.scheduler_info(n_workers=1)["workers"] and not unread:
        executor._since = None  # type: ignore[attr-defined]
        return ""
    since = getattr(executor, "_since", None) or monotonic()
    executor._since = since  # type: ignore[attr-defined]
    if monotonic() - since < WITHOUT_WORKERS:
        return ""
    return "A worker says what cannot be read" if unread else "The last worker is gone"


def worker_died(error: BaseException | None) -> bool:
    """Tell whether a batch failed because the process that ran it ended."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"


def is_gone(error: BaseException | None) -> bool:
    """Tell whether a batch will never come because whoever manages the workers is gone."""
    names = ("FutureCancelledError", "CommClosedError")
    return isinstance(error, CancelledError) or type(error).__name__ in names
