"""One headless browser for all pictures and films: started when first asked, kept, and bounded.

Jobs are done one at a time, each within a time limit. When the queue is full, a new job is refused
with a sentence. A browser that failed or ran out of time is closed, and the
next job gets a new one. After some minutes without a job it is closed, too.
"""

import asyncio
import atexit
import contextlib
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import TimeoutError as TookTooLong
from functools import cache
from time import perf_counter
from typing import Any

from gdviz.env import env_number, is_off
from gdviz.export.rates import BROWSER, rates

SECONDS = env_number("GDVIZ_EXPORT_SECONDS", 90, least=1)  # what a job may take
MOST_WAITING = 6
IDLE = 300.0  # seconds

Job = Callable[[Any], Awaitable[Any]]
_PARENTS: list[dict[str, Any]] = []  # what a forked child has of its parent's studio


class ExportError(RuntimeError):
    """A picture or a film could not be made; the message is fit for a page."""


class NoBrowser(ExportError):
    """There is no Chromium or Chrome on this machine."""


@cache
def browser_path() -> str | None:
    """Return the Chromium or Chrome of this machine, None if there is none or Kaleido is missing.

    `BROWSER_PATH` names one that is not found by itself; GDVIZ_EXPORT=off turns pictures and films
    off.
    """
    if is_off("GDVIZ_EXPORT"):
        return None
    try:
        from choreographer.browsers.chromium import Chromium
    except ImportError:
        return None
    return os.environ.get("BROWSER_PATH") or Chromium.find_browser(skip_local=False)


class HeadlessRenderer:
    """The browser, and the line before it."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.door = threading.Lock()
        self.waiting = 0
        self.browser: Any = None
        self.turn: asyncio.Lock | None = None
        self.closing: asyncio.TimerHandle | None = None

    def ask(self, job: Job, seconds: float = SECONDS) -> Any:
        """Return what `job(browser)` comes to, when it is its turn; raise `ExportError` if not."""
        return self.ask_timed(job, seconds)[0]

    def ask_timed(self, job: Job, seconds: float = SECONDS) -> tuple[Any, float]:
        """Return what a job comes to, and the seconds it took once it was its turn; see `ask`."""
        if browser_path() is None:
            raise NoBrowser(
                "Pictures and films need Chromium or Chrome, and there is none on this machine; "
                "HTML, CSV and Parquet work without."
            )
        with self.door:
            if self.waiting >= MOST_WAITING:
                raise ExportError("Too many pictures are being made; try again in a minute.")
            self.waiting += 1
            self._start()
        assert self.loop
        done = asyncio.run_coroutine_threadsafe(self._do(job, seconds), self.loop)
        try:
            return done.result(seconds * (MOST_WAITING + 1))
        except TookTooLong:
            done.cancel()
            raise ExportError("The line before the browser did not move; try again.") from None
        finally:
            with self.door:
                self.waiting -= 1

    def _start(self) -> None:
        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            threading.Thread(target=self.loop.run_forever, name="studio", daemon=True).start()
            atexit.register(self.close)

    def forget(self) -> None:
        """Begin anew in a forked child: the thread, the lock and the browser are its parent's."""
        _PARENTS.append(vars(self).copy())  # never collected, or the child would close them
        self.__init__()  # type: ignore[misc]

    async def _do(self, job: Job, seconds: float) -> tuple[Any, float]:
        self.turn = self.turn or asyncio.Lock()
        async with self.turn:
            if self.closing:
                self.closing.cancel()
            try:
                return await asyncio.wait_for(self._done(job), seconds)
            except ExportError:
                raise
            except Exception as error:
                await self._drop()
                raise ExportError(_reason(error, seconds)) from error
            finally:
                self.closing = asyncio.get_running_loop().call_later(IDLE, self._leave)

    async def _done(self, job: Job) -> tuple[Any, float]:
        if self.browser is None:
            from gdviz.export.chromium import open_browser

            start = perf_counter()
            self.browser = await open_browser(browser_path())
            rates.note(BROWSER, 1, perf_counter() - start, 0)
        start = perf_counter()
        return await job(self.browser), perf_counter() - start

    async def _drop(self) -> None:
        browser, self.browser = self.browser, None
        if browser is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(browser.close(), 10)

    def _leave(self) -> None:
        if self.turn and not self.turn.locked() and self.loop:
            self.loop.create_task(self._drop())

    def close(self) -> None:
        """Close the browser; a later job gets a new one."""
        if self.loop and self.browser is not None:
            with contextlib.suppress(Exception):
                asyncio.run_coroutine_threadsafe(self._drop(), self.loop).result(15)


def _reason(error: Exception, seconds: float) -> str:
    """Return why a job was given up, in a sentence that names the cause."""
    if isinstance(error, TimeoutError):
        return f"It took longer than {seconds:.0f} s, and was given up."
    cause = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return f"The browser failed, and was given up ({cause})."


renderer = HeadlessRenderer()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=renderer.forget)
