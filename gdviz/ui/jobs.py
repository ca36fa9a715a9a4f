"""Work that takes longer than a moment: queued for all visitors, under a bar, and results are kept.

The work is done by the threads of a queue (see job_queue.py), never by the script of a page, which
only looks at how far it is. A script that Streamlit stops, because the visitor moves a knob
or leaves, gives its place in the queue back.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import wait
from functools import partial
from typing import Any, Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from gdviz.env import env_number
from gdviz.ui.clients import client_of_script
from gdviz.ui.fair_lock import release_lock
from gdviz.ui.job_queue import Job, JobQueue, Refused, Task, as_task
from gdviz.ui.session_results import keep_result, kept_result

KEPT = 6  # results a page keeps in a visitor's session
LOOK, GLANCE = 0.15, 0.5  # seconds between two looks at work under way, and at the queue
SECONDS = env_number("GDVIZ_WORK_SECONDS", 180, least=1)  # what a job may take

# A replica has one core, and its Chromium draws one picture at a time. A file is read within a
# second or two, and its owner can do nothing before: it does not wait behind trainings.
heavy = JobQueue(int(env_number("GDVIZ_WORKERS", 1, least=1)), SECONDS)
readings = JobQueue(1, SECONDS)
exports = JobQueue(1, SECONDS, slice_=SECONDS)


def close() -> None:
    """Stop all work: the server is to end."""
    for queue in (heavy, readings, exports):
        queue.close()


Scope = Literal["app", "fragment"]  # what runs again when the visitor does something
Work = Callable[[], Iterator[tuple[float, Any]]]
ProgressText = Callable[[float, Any], str]


def percent(share: float, found: Any) -> str:
    """Say how far the work is."""
    return f"{share:.0%}"


def yield_to_rerun(scope: Scope = "app") -> None:
    """Run the page again if the visitor has moved something; of a dialog the fragment alone.

    Streamlit does not interrupt a fragment, so work in one asks. A private field of Streamlit says
    whether a run is wanted.
    """
    context = get_script_run_ctx()
    requests = context.script_requests if context else None
    if requests and requests._state == ScriptRequestType.RERUN:
        st.rerun(scope=scope)


def await_job(
    bar: Any,
    task: Task,
    says: ProgressText = percent,
    queue: JobQueue = heavy,
    scope: Scope = "app",
) -> Any:
    """Have a task done in the queue and show on a bar how far it is; return its result.

    `says` puts the share and what is found so far into words, in the script of the page. A dialog
    stays open if its `scope` is the fragment. Raises what the task raises, and `Refused` if it
    takes too long.
    """
    job = queue.ask(client_of_script(), task)
    said = None
    try:
        with release_lock():
            while not wait([job.result], LOOK if job.begun else GLANCE).done:
                yield_to_rerun(scope)
                job.check()
                words = min(job.share, 1.0), _words(queue, job, says)
                if words != said or is_stopped():
                    bar.progress(*words)
                said = words
        return job.result.result()
    finally:
        queue.leave(job)


def is_stopped() -> bool:
    """Tell whether Streamlit wants this script to end, which it does where it says something."""
    context = get_script_run_ctx()
    requests = context.script_requests if context else None
    return bool(requests and requests._state == ScriptRequestType.STOP)


def _words(queue: JobQueue, job: Job, says: ProgressText) -> str:
    before = queue.place(job)
    if before:
        return f"Waiting: {before} before you …"
    return says(job.share, job.found) if job.found is not None or job.share else "Computing …"


def run_once(
    store: str,
    key: Any,
    task: Task,
    says: ProgressText = percent,
    most: int = KEPT,
    queue: JobQueue = heavy,
) -> Any:
    """Return the result of a task that the session keeps, or have it done in the queue under a bar.

    The session keeps the last `most` of each `store`. Raises what the task raises, and `Refused` if
    it takes too long.
    """

    def done() -> Any:
        bar = st.progress(0.0, "Computing …")
        try:
            return await_job(bar, task, says, queue)
        finally:
            bar.empty()

    return keep_result(store, key, done, most)


def read_upload(
    page: str, file: Any, read: Callable[[Any, Callable[[float], Any]], Any], how: Any = ()
) -> Any:
    """Return what `read(file, tell)` makes of a visitor's file, read once a session under a bar.

    `how` tells one way of reading it from another. Raises what it raises, again and again without
    reading again, and `Refused` if it takes too long. The last file of a page is kept.
    """
    read_it = partial(_read, read, file)
    found = run_once(_brought(page), (file.file_id, how), read_it, _reading, 1, readings)
    if isinstance(found, ValueError):
        raise found.with_traceback(None)
    return found


def kept_upload(page: str, file_id: str, how: Any = ()) -> Any | None:
    """Return what `read_upload` has made of a file, None if the session keeps it no more."""
    found = kept_result(_brought(page), (file_id, how))
    return None if isinstance(found, ValueError) else found


def _brought(page: str) -> str:
    return f"{page}_brought"


def _read(read: Any, file: Any, tell: Any) -> Any:
    """Read a file; what is wrong with it is found, too."""
    try:
        return read(file, tell)
    except ValueError as error:
        return error


def _reading(share: float, found: Any) -> str:
    return f"Reading … {share:.0%}"


def kept_job(page: str, key: tuple[Any, ...]) -> Any | None:
    """Return the result of `run_job` that the session keeps, None if there is none."""
    return kept_result(_worked(page), key)


def _worked(page: str) -> str:
    return f"{page}_worked"


def run_job(page: str, key: tuple[Any, ...], work: Work) -> Any | None:
    """Return the result of long work: the kept one, or a new one made under a bar.

    `key` says all that the result depends on, its first part names the work. `work()` yields
    `(share done, what is found so far)`; the last is the result. It is run outside the script, so
    it must not touch the page. Returns None if it was cancelled or took too long.
    """
    if (kept := kept_job(page, key)) is not None:
        return kept
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, "Computing …")
        cancelled = st.button("Cancel", key=f"{page}_cancel_{key[0]}")
    if cancelled:
        place.caption("Cancelled. Change a knob, or choose the view again, to compute it.")
        return None
    try:
        found = keep_result(_worked(page), key, lambda: await_job(bar, as_task(work)), KEPT)
    except Refused as error:
        place.caption(f"{error} Change a knob, or choose the view again, to try once more.")
        return None
    place.empty()
    return found
